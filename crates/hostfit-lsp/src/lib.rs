//! The hostfit language server: one synchronous loop over messages, one thread that works, and a thread for each folder
//! that is being read.
//!
//! Types of the protocol, and what they count in, stay inside of this crate. What it needs of the disk it is given, as
//! [`Disk`].

mod abilities;
mod actions;
pub mod answer;
mod capabilities;
mod client;
mod declare;
mod diagnostics;
mod disk;
mod document;
mod edit;
mod folder;
mod ignore;
mod log;
mod position;
mod progress;
mod pull;
mod reply;
mod requests;
mod server;
mod session;
mod settings;
mod transport;
mod uri;
mod watch;
mod workspace;

use std::{io, path::Path, sync::Arc};

pub use disk::{Disk, File, Open, Origin, Scope, Tree};

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As it should: `shutdown`, then `exit`.
    Orderly,
    /// Without `shutdown`, or the client went away.
    Abrupt,
}

/// Serves an editor on stdin and stdout until it asks to stop. What is done is written into `log`, if that is given.
///
/// # Errors
/// When the log can't be written, or there is no stdout.
pub fn run(disk: Arc<dyn Disk>, log: Option<&Path>) -> io::Result<End> {
    let log = log::Log::new(log)?;
    let stdin = io::BufReader::with_capacity(PIPE, io::stdin());
    let mut stdout = transport::stdout()?;
    Ok(session::serve(transport::incoming(stdin), |body| transport::write(&mut stdout, body), disk, log))
}

/// What a pipe holds on Linux.
const PIPE: usize = 64 * 1024;

#[cfg(test)]
mod tests;
