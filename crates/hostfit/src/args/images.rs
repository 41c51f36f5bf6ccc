//! `hostfit images`.

use clap::Args as ClapArgs;

use super::{Format, INPUT, Inputs, OUTPUT};

#[derive(Debug, ClapArgs)]
pub(crate) struct Images {
    /// List only Windows images whose version is unknown
    #[arg(long, help_heading = INPUT)]
    pub(crate) unknown: bool,
    /// Ask the registries and write their answers to hostfit.lock
    #[arg(long, help_heading = INPUT)]
    pub(crate) online: bool,
    /// Report what has changed in the registries since, and write nothing
    #[arg(long, requires = "online", conflicts_with = "unknown", help_heading = INPUT)]
    pub(crate) check: bool,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Format::Human, help_heading = OUTPUT)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) inputs: Inputs,
}
