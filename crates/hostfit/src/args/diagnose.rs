//! The options of `hostfit diagnose`.

use std::path::PathBuf;

use clap::Args;

use super::{Color, Format};

#[derive(Debug, Args)]
pub(crate) struct Diagnose {
    /// What kubectl or docker printed, or `-` for stdin
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) files: Vec<PathBuf>,
    /// The files to look for the cause in: files or folders; may be given several times
    #[arg(long = "path", value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Take this configuration, not the nearest hostfit.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Take the hosts of this file, not those of the configuration
    #[arg(long, value_name = "FILE")]
    pub(crate) fleet: Option<PathBuf>,
    /// How answers are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Say nothing but the result
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// What stands at the end of its `--help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl describe pod web-5d4f8c6b7-x2x4z | hostfit diagnose
  kubectl get events -o json | hostfit diagnose - --path deploy
  docker service ps --no-trunc shop_web | hostfit diagnose - --fleet prod.toml
  hostfit diagnose build.log pull.log      what other Docker commands printed

Exit status: 0 an error was explained, 1 there is none that hostfit knows, 2 the run itself failed.";
