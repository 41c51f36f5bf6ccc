//! Has every command look at hostile repositories under the eyes of `strace`.

use std::{io, process::Command};

use crate::tools;

/// Installs Debian's `strace` and runs the tests that need it.
///
/// # Errors
/// When it is not there and can't be installed, or a test fails.
pub(crate) fn test() -> io::Result<()> {
    let root = tools::root()?;
    tools::debian("strace", "strace", &root)?;
    let test = ["test", "--locked", "--package", "hostfit", "--test", "traced", "--", "--ignored"];
    tools::run(Command::new(tools::cargo()).args(test), &root)
}
