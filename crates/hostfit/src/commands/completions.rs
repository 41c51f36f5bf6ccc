//! `hostfit completions`.

mod lists;

use std::io::{Write, stdout};

use crate::{Exit, args::Completions, error::Error};

pub(crate) fn run(args: &Completions) -> Result<Exit, Error> {
    // Writing them to a pipe that is closed would panic.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut crate::command(), "hostfit", &mut script);
    let script = lists::with(args.shell, &String::from_utf8_lossy(&script));
    let mut out = stdout().lock();
    out.write_all(script.as_bytes())?;
    out.flush()?;
    Ok(Exit::Clean)
}
