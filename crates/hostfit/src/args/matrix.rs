//! `hostfit matrix`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Inputs, OUTPUT};

#[derive(Debug, Args)]
pub(crate) struct Matrix {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// Day for support dates [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::clock::parse, help_heading = super::SELECTION, display_order = 0)]
    pub(crate) as_of: Option<hostfit_core::windows::Date>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = MatrixFormat::Human, help_heading = OUTPUT, display_order = 0)]
    pub(crate) format: MatrixFormat,
    /// Write the matrix to this file instead of stdout
    #[arg(short, long, value_name = "FILE", help_heading = OUTPUT, display_order = 0)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatrixFormat {
    /// A table for the terminal; -v adds the reason of each cell
    Human,
    /// JSON
    Json,
    /// One self-contained page for a browser
    Html,
}

/// The examples at the end of its help.
pub(super) const EXAMPLES: &str = "\
Examples:
  hostfit matrix                                      everything in this folder
  hostfit matrix -v deploy/web.yaml                   with the reason of each cell
  hostfit matrix --format html --output matrix.html   an interactive page

Exit status: 0 whatever the cells show (use `hostfit check` to fail a build), 2 the run itself
failed.";
