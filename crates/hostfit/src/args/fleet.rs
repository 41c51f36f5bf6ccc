//! `hostfit fleet …`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{FailOn, Format, examples};

#[derive(Debug, ClapArgs)]
pub(crate) struct Fleet {
    #[command(subcommand)]
    pub(crate) command: FleetCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FleetCommand {
    /// Write the hosts that kubectl or docker tell of, as hostfit.toml declares them
    #[command(after_help = examples::FLEET_IMPORT)]
    Import(Import),
    /// Show the fleet as hostfit understands it, and what is wrong with it
    #[command(after_help = examples::FLEET_SHOW)]
    Show(Show),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Import {
    /// What kubectl or docker printed, in files or, as `-`, on stdin; all of them together are one fleet
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) files: Vec<PathBuf>,
    /// Bring the hosts of this file up to date, and write nothing to stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) merge: Option<PathBuf>,
    /// Write a host for each machine, under its own name, and not one for each pool of equal ones
    #[arg(long)]
    pub(crate) names: bool,
    /// Keep this label, which is left out otherwise; `*` stands for any letters; may be given several times
    #[arg(long = "label", value_name = "KEY")]
    pub(crate) labels: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Show {
    /// Take this configuration, not the nearest hostfit.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Take the hosts of this file, not those of the configuration and its targets
    #[arg(long, value_name = "FILE")]
    pub(crate) fleet: Option<PathBuf>,
    /// How hosts are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// The least severity of a problem that makes the exit status 1
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::Never)]
    pub(crate) fail_on: FailOn,
    /// The day that support dates are compared with [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::clock::parse)]
    pub(crate) as_of: Option<hostfit_core::windows::Date>,
}
