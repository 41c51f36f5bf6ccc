//! The hostfit language server.
//!
//! It is not there yet: this crate holds its place in the workspace, so that `hostfit lsp` can say so.

pub mod answer;

use std::{error, fmt};

/// The language server is not part of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotThere;

impl fmt::Display for NotThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the language server is not part of this version of hostfit yet")
    }
}

impl error::Error for NotThere {}

/// Serves an editor on stdin and stdout until it asks to stop.
///
/// # Errors
/// Always, in this version: there is no server yet.
pub fn run() -> Result<(), NotThere> {
    Err(NotThere)
}
