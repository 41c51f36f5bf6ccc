//! `hostfit fleet …`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::{CONFIGURATION, FailOn, Format, INPUT, OUTPUT, SELECTION, examples};

#[derive(Debug, ClapArgs)]
pub(crate) struct Fleet {
    #[command(subcommand)]
    pub(crate) command: FleetCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FleetCommand {
    /// Write `[[host]]` entries from clusters, clouds, Terraform and CI pipelines
    #[command(after_help = examples::FLEET_IMPORT)]
    Import(Import),
    /// Show the fleet as hostfit understands it, and its problems
    #[command(after_help = examples::FLEET_SHOW)]
    Show(Show),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Import {
    /// Output of a command, a file that declares machines, a folder of such files, or `-` for stdin; all are one fleet
    #[arg(value_name = "FILE|FOLDER", default_value = "-")]
    pub(crate) files: Vec<PathBuf>,
    /// Keep this node label (repeatable; `*` is a wildcard)
    #[arg(long = "label", value_name = "KEY", help_heading = INPUT)]
    pub(crate) labels: Vec<String>,
    /// Write one host for each machine instead of each pool
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) names: bool,
    /// Update the hosts in this file instead of printing them
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pub(crate) merge: Option<PathBuf>,
    /// With --merge: remove hosts whose pool is no longer in the cluster
    #[arg(long, requires = "merge", help_heading = OUTPUT)]
    pub(crate) prune: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Show {
    /// Lowest severity of a problem that fails the run
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t = FailOn::Never, help_heading = SELECTION)]
    pub(crate) fail_on: FailOn,
    /// Day for support dates [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::clock::parse, help_heading = SELECTION)]
    pub(crate) as_of: Option<hostfit_core::windows::Date>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Human, help_heading = OUTPUT)]
    pub(crate) format: Format,
    /// Also print where the support dates are from
    #[arg(short, long, help_heading = OUTPUT)]
    pub(crate) verbose: bool,
    /// Use this configuration instead of the nearest hostfit.toml
    #[arg(long, value_name = "FILE", help_heading = CONFIGURATION)]
    pub(crate) config: Option<PathBuf>,
    /// Use the hosts of this file instead of the configuration's
    #[arg(long, value_name = "FILE", help_heading = CONFIGURATION)]
    pub(crate) fleet: Option<PathBuf>,
}
