//! The hostfit language server: one synchronous loop over messages, one thread that works, and a thread for each folder
//! that is being read.
//!
//! Types of the protocol, and what they count in, stay inside of this crate. What it needs of the disk it is given, as
//! [`Disk`].
//!
//! ```text
//! messages ─ session ─ jobs ─► server ─ refresh, judge, show ─► client
//!          (takes in, cancels)   │ ▲
//!                                ▼ │ Loaded
//!                           a thread that reads a folder
//! ```
//!
//! `session` lives from `initialize` to `exit` and does nothing that lasts. One thread works, `server`: it takes all jobs that are
//! waiting and only then judges, so that of many edits the last counts; a request is answered when all that came before it is
//! judged. Folders are read by threads of their own, at first and when files come or go; what was read before is asked and judged
//! meanwhile. A change of one file lowers that one alone, of a manifest only the documents that changed (`front::Memory`),
//! and `link` and `judge` run again over the units that have to do with it (`folder::found`, `front::Groups`), over all units once nobody
//! types; what references say is kept until the configuration changes (`KnownReferences`). Then only files whose findings changed
//! are published. A panic ends one job.
//!
//! - `Disk` is all that it needs of files. The program implements it with what `check` uses, in `commands/lsp.rs`, so that both
//!   look at the same files.
//! - A `Folder` is one of the workspace, or the folder of a document that lies in none: of that only what is open is reported on. The
//!   innermost folder that holds a file says what is found in it.
//! - `Lines` alone turns bytes into positions.
//! - A client that asks for diagnostics is not sent any, since editors would show both.
//! - `requests` is the list of what can be asked. Requests are answered from the `Workspace` alone (what is open, the folders,
//!   what was found in them), apart from the loop that changes it. `answer` knows the answers without the protocol's types, `reply` puts them into these.
//! - `transport` frames messages itself: what is not a message gets an error and ends nothing, and no threads stand between the pipes and
//!   the server but one that writes.

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

pub use disk::{Disk, File, Open, Origin, Rendered, Scope, Tree};

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
/// When the log cannot be written, or stdout is missing.
pub fn run(disk: Arc<dyn Disk>, log: Option<&Path>) -> io::Result<End> {
    let log = log::Log::new(log)?;
    let stdin = io::BufReader::with_capacity(PIPE, io::stdin());
    let mut stdout = transport::stdout()?;
    Ok(session::serve(transport::incoming(stdin), |body| transport::write(&mut stdout, body), disk, log))
}

/// Serves an editor that is not on the other side of stdin and stdout: the bytes that it sends, and what takes each
/// message of the server.
pub fn serve(incoming: impl io::BufRead, send: impl FnMut(&str) -> io::Result<()> + Send, disk: Arc<dyn Disk>) -> End {
    session::serve(transport::incoming(incoming), send, disk, log::Log::none())
}

/// What a pipe holds on Linux.
const PIPE: usize = 64 * 1024;

#[cfg(test)]
mod tests;
