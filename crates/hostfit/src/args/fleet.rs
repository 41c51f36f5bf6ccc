//! `hostfit fleet …`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::examples;

#[derive(Debug, ClapArgs)]
pub(crate) struct Fleet {
    #[command(subcommand)]
    pub(crate) command: FleetCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FleetCommand {
    /// Write the hosts that kubectl or docker tell of as [[host]] entries
    #[command(after_help = examples::FLEET_IMPORT)]
    Import(Import),
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
