//! `hostfit schema`.

use std::io::{Write, stdout};

use hostfit_core::rules;

use crate::{Exit, error::Error};

pub(crate) fn run() -> Result<Exit, Error> {
    let mut out = stdout().lock();
    out.write_all(rules::config_schema().as_bytes())?;
    out.flush()?;
    Ok(Exit::Clean)
}
