//! Works out whether every container image in a set of files runs on every host these files allow it to land on.
//!
//! Texts, a configuration and a date in; findings out. No files, clock, environment, threads or colours in here.

#[cfg(test)]
extern crate self as hostfit_core;

pub mod baseline;
pub mod check;
pub mod config;
pub mod diagnose;
pub mod finding;
pub mod fix;
pub mod fleet;
pub mod fleet_check;
pub mod front;
pub mod identity;
pub mod judge;
#[cfg(test)]
mod judged;
pub mod knowledge;
pub mod matrix;
pub mod model;
pub mod nearest;
pub mod patch;
pub mod placement;
pub mod printable;
pub mod rule;
pub mod rules;
pub mod shard;
pub mod source;
pub mod suppress;
pub mod syntax;
pub mod text;
#[cfg(test)]
mod upstream;
pub mod windows;
