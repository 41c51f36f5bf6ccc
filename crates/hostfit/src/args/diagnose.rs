//! The options of `hostfit diagnose`.

use std::path::PathBuf;

use clap::Args;

use super::{CONFIGURATION, Color, Format, INPUT, OUTPUT};

#[derive(Debug, Args)]
pub(crate) struct Diagnose {
    /// What kubectl or docker printed, or `-` for stdin
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) files: Vec<PathBuf>,
    /// Files or folders to look for the cause in (repeatable)
    #[arg(long = "path", value_name = "PATH", default_value = ".", help_heading = INPUT)]
    pub(crate) paths: Vec<PathBuf>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Human, help_heading = OUTPUT)]
    pub(crate) format: Format,
    /// When to use colors
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, help_heading = OUTPUT)]
    pub(crate) color: Color,
    /// Print only the answers
    #[arg(short, long, help_heading = OUTPUT)]
    pub(crate) quiet: bool,
    /// Use this configuration instead of the nearest hostfit.toml
    #[arg(long, value_name = "FILE", help_heading = CONFIGURATION)]
    pub(crate) config: Option<PathBuf>,
    /// Use the hosts of this file instead of the configuration's
    #[arg(long, value_name = "FILE", help_heading = CONFIGURATION)]
    pub(crate) fleet: Option<PathBuf>,
}

/// What stands at the end of its `--help`.
pub(super) const EXAMPLES: &str = "\
Examples:
  kubectl describe pod web-5d4f8c6b7-x2x4z | hostfit diagnose
  kubectl get events -o json | hostfit diagnose - --path deploy
  docker service ps --no-trunc shop_web | hostfit diagnose - --fleet prod.toml
  hostfit diagnose build.log pull.log      saved output of other Docker commands

Exit status: 0 an error was explained, 1 no known error was found, 2 the run itself failed.";
