//! Go's `text/template`: templates are parsed by `gotmpl` and evaluated here, with origins.
//!
//! Everything that knows `gotmpl` is in this module.

mod alone;
mod args;
mod call;
mod exec;
mod field;
mod guess;
mod source;
mod tight;
mod unknown;

pub(crate) use self::{
    args::Args,
    exec::{Function, Holes, Machine},
    source::{Parsed, Program, SyntaxError, parse},
    unknown::without_no_value,
};
pub use self::{
    exec::{Hole, Use},
    guess::Guess,
};
