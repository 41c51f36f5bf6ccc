//! `hostfit matrix`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Inputs;

#[derive(Debug, Args)]
pub(crate) struct Matrix {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// How the matrix is written
    #[arg(long, value_enum, default_value_t = MatrixFormat::Human)]
    pub(crate) format: MatrixFormat,
    /// Write it to this file, not to stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatrixFormat {
    /// For people, in a terminal; with -v each cell's reason
    Human,
    /// For programs
    Json,
    /// One page that needs nothing else, for a browser
    Html,
}

/// What stands at the end of its help.
pub(super) const EXAMPLES: &str = "\
Examples:
  hostfit matrix                                      all that is in this folder
  hostfit matrix -v deploy/web.yaml                   with the reason of each cell
  hostfit matrix --format html --output matrix.html   a page to click through

Exit status: 0 whatever the cells say (`hostfit check` is what fails), 2 the run itself failed.";
