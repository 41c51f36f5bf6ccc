//! Options of every command that reads files.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{CONFIGURATION, INPUT, OUTPUT};

/// Which files to read, and what is known besides them.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option by itself")]
pub(crate) struct Inputs {
    /// Files or folders to look at, or `-` for stdin
    #[arg(value_name = "PATH", default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read only PATH, the configuration and the fleet
    ///
    /// By default hostfit reads the whole repository, because an image, a placement and a RuntimeClass often
    /// stand in different files, and reports on PATH.
    #[arg(long, help_heading = INPUT)]
    pub(crate) no_context: bool,
    /// File name to assume for stdin
    #[arg(long, value_name = "NAME", help_heading = INPUT)]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// Leave out these files too (as in .gitignore)
    #[arg(long, value_name = "GLOB", help_heading = INPUT)]
    pub(crate) exclude: Vec<String>,
    /// Leave out excluded files even if PATH names them
    #[arg(long, help_heading = INPUT)]
    pub(crate) force_exclude: bool,
    /// Number of threads [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = INPUT)]
    pub(crate) jobs: Option<u16>,
    /// When to use colors
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, help_heading = OUTPUT)]
    pub(crate) color: Color,
    /// Print only the result
    #[arg(short, long, conflicts_with = "verbose", help_heading = OUTPUT)]
    pub(crate) quiet: bool,
    /// Also print the configuration used and skipped files
    #[arg(short, long, help_heading = OUTPUT)]
    pub(crate) verbose: bool,
    /// Use this configuration instead of the nearest hostfit.toml
    #[arg(long, value_name = "FILE", help_heading = CONFIGURATION)]
    pub(crate) config: Option<PathBuf>,
    /// Do not read hostfit.toml and hostfit.lock
    #[arg(long, conflicts_with = "config", help_heading = CONFIGURATION)]
    pub(crate) isolated: bool,
    /// Use the hosts of this file instead of the configuration's
    #[arg(long, value_name = "FILE", help_heading = CONFIGURATION)]
    pub(crate) fleet: Option<PathBuf>,
    /// Use this lock file instead of hostfit.lock
    #[arg(long, value_name = "FILE", help_heading = CONFIGURATION)]
    pub(crate) lock: Option<PathBuf>,
    /// Set a build arg, as `docker build` does
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = build_arg, help_heading = CONFIGURATION)]
    pub(crate) build_args: Vec<(String, String)>,
}

impl Inputs {
    /// Everything in the working folder.
    pub(crate) fn working_folder(quiet: bool) -> Self {
        Self {
            paths: vec![".".into()],
            no_context: false,
            stdin_filename: None,
            exclude: Vec::new(),
            force_exclude: false,
            jobs: None,
            color: Color::Auto,
            quiet,
            verbose: false,
            config: None,
            isolated: false,
            fleet: None,
            lock: None,
            build_args: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn build_arg(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".to_owned()),
    }
}
