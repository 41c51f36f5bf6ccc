//! `hostfit fleet …`.

mod import;

use crate::{
    Exit,
    args::fleet::{Fleet, FleetCommand},
    error::Error,
};

pub(crate) fn run(args: &Fleet) -> Result<Exit, Error> {
    match &args.command {
        FleetCommand::Import(args) => import::run(args),
    }
}
