//! `hostfit images`.

use clap::Args as ClapArgs;

use super::{Format, Inputs};

#[derive(Debug, ClapArgs)]
pub(crate) struct Images {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// How references are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Ask the registries, and write what they say to hostfit.lock, which later runs read
    #[arg(long)]
    pub(crate) online: bool,
    /// Ask the registries what has moved since hostfit.lock was written, and write nothing
    #[arg(long, requires = "online")]
    pub(crate) check: bool,
}
