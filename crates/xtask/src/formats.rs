//! Has hostfit's formats read back by the programs that they are for. Those come from npm, as `tests/tools` pins them.

use std::{fs, io, process::Command};

use crate::tools;

/// Builds hostfit, installs the readers into `target/format-readers` and runs them.
///
/// # Errors
/// When there is no Node.js, a reader can't be installed, or one finds fault.
pub(crate) fn run() -> io::Result<()> {
    let root = tools::root()?;
    let program = tools::hostfit(&root)?;
    let home = tools::target(&root)?.join("format-readers");
    tools::npm(&root.join("tests/tools"), &home, &["readers.mjs"])?;
    let work = home.join("work");
    fs::create_dir_all(&work)?;
    tools::run(Command::new("node").arg("readers.mjs").arg(program).arg(root.join("fixtures")).arg(work), &home)
}
