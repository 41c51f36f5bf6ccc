//! Opens the pages of `hostfit matrix` in Chromium. Playwright and axe come from npm, as `tests/browser` pins them.

use std::{io, process::Command};

use crate::tools;

/// Builds hostfit, installs the browser and what drives it, and runs `tests/browser`. With `picture` it also takes that of
/// the documentation.
///
/// # Errors
/// When there is no Node.js or no Chromium, and these can't be installed, or a page is not as it has to be.
pub(crate) fn run(picture: bool) -> io::Result<()> {
    let root = tools::root()?;
    // People who have it elsewhere name it.
    if std::env::var_os("CHROMIUM").is_none() {
        tools::debian("chromium", "chromium", &root)?;
    }
    let program = tools::hostfit(&root)?;
    let home = tools::target(&root)?.join("browser");
    tools::npm(&root.join("tests/browser"), &home, &["test.mjs", "trees.mjs"])?;
    let mut test = Command::new("node");
    test.arg("test.mjs").arg(program).arg(root.join("fixtures")).arg(home.join("work"));
    if picture {
        test.arg(root.join("docs/images/matrix.png"));
    }
    tools::run(&mut test, &home)
}
