//! `hostfit render`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{INPUT, Inputs, OUTPUT};

#[derive(Debug, Args)]
pub(crate) struct Render {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Values file on top of values.yaml (repeatable)
    #[arg(long, value_name = "FILE", conflicts_with = "all", help_heading = INPUT, display_order = 0)]
    pub(crate) values: Vec<PathBuf>,
    /// Single value on top of these, as in Helm (repeatable)
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting, conflicts_with = "all", help_heading = INPUT, display_order = 0)]
    pub(crate) set: Vec<(String, String)>,
    /// Show every set of values that is checked
    #[arg(long, help_heading = INPUT, display_order = 0)]
    pub(crate) all: bool,
    /// Start each line with the file and the line that it comes from
    #[arg(long, conflicts_with = "format", help_heading = OUTPUT, display_order = 0)]
    pub(crate) origins: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = RenderFormat::Yaml, help_heading = OUTPUT, display_order = 0)]
    pub(crate) format: RenderFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RenderFormat {
    /// Manifests
    Yaml,
    /// A list of the objects
    Json,
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write KEY=VALUE".to_owned()),
    }
}

/// The examples at the end of its help.
pub(super) const EXAMPLES: &str = "\
Examples:
  hostfit render charts/shop                           what `helm template` would print
  hostfit render --origins charts/shop                 with the file and line of each line
  hostfit render --values env/prod.yaml charts/shop    with other values
  hostfit render --all --format json charts/shop       every set of values that is checked
  hostfit render overlays/prod                         what `kubectl kustomize` would print

Exit status: 0 the charts and overlays were rendered, 2 the run itself failed.";
