//! Has `hostfit images --online` ask a real registry, on this machine, under the eyes of `strace`.

use std::{io, process::Command};

use crate::tools;

/// Installs Debian's `docker-registry` and runs the tests that need it.
///
/// # Errors
/// When a program is not there and can't be installed, or a test fails.
pub(crate) fn test() -> io::Result<()> {
    let root = tools::root()?;
    for (program, package) in [("docker-registry", "docker-registry"), ("strace", "strace"), ("openssl", "openssl")] {
        tools::debian(program, package, &root)?;
    }
    let test = ["test", "--locked", "--package", "hostfit", "--test", "registry", "--", "--ignored"];
    tools::run(Command::new(tools::cargo()).args(test), &root)
}
