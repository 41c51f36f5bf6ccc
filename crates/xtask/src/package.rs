//! Hooks, wheel, npm packages, image, workflows: built and installed as people do it, by the tests in `tests/packages`.

use std::{io, process::Command};

use crate::tools;

/// Installs the tools of `tests/tools/requirements.txt` into `target/tools` and runs the tests of the packages.
///
/// # Errors
/// When there is no Python, a tool can't be installed, or a test fails.
pub(crate) fn test() -> io::Result<()> {
    let root = tools::root()?;
    let python = tools::python(&root)?;
    let pytest = ["-m", "pytest", "-q", "--durations=5", "-p", "no:cacheprovider", "tests/packages"];
    tools::run(Command::new(python).args(pytest), &root)
}
