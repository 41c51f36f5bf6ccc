//! `hostfit fleet …`.

pub(crate) mod folder;
pub(crate) mod import;
mod show;

use crate::{
    Exit,
    args::fleet::{Fleet, FleetCommand},
    error::Error,
};

pub(crate) fn run(args: &Fleet) -> Result<Exit, Error> {
    match &args.command {
        FleetCommand::Import(args) => import::run(args),
        FleetCommand::Show(args) => show::run(args),
    }
}
