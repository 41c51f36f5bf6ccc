//! The extension for VS Code: built, packaged, installed into a real one, and used there as people do.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::tools;

/// What the extension is made of.
const SOURCES: &[&str] = &["src", "tests"];
const FILES: &[&str] = &["build.mjs", "tsconfig.json", ".vscodeignore", "CHANGELOG.md", "README.md", "icon.png"];

/// Writes `target/vscode/hostfit.vsix` and has `tests/vscode` try it. That draws the README's picture of the editor, and
/// with `picture` it takes the place of the one in `docs`.
///
/// # Errors
/// When something can't be built or installed, or the editor does not show what it should.
pub(crate) fn test(picture: bool) -> io::Result<()> {
    let root = tools::root()?;
    let program = tools::hostfit(&root)?;
    let home = tools::target(&root)?.join("vscode");
    let package = package(&root, &home.join("extension"))?;

    for (program, package) in [("chromium", "chromium"), ("g++", "g++"), ("make", "make"), ("rg", "ripgrep")] {
        tools::debian(program, package, &root)?;
    }
    let (tests, editor) = (root.join("tests/vscode"), home.join("editor"));
    copy(&tests.join("workspace"), &editor.join("workspace"))?;
    tools::npm(&tests, &editor, &["install.mjs", "editor.mjs", "test.mjs", "nodes.json"])?;
    tools::run(Command::new("node").arg("install.mjs"), &editor)?;
    let mut node = Command::new("node");
    node.arg("test.mjs").arg(program).arg(package).arg(home.join("work"));
    if picture {
        node.arg(root.join("docs/images/editor.png"));
    }
    tools::run(&mut node, &editor)
}

/// Checks the types, runs the small tests, and gives the package.
fn package(root: &Path, home: &Path) -> io::Result<PathBuf> {
    let from = root.join("editors/vscode");
    for folder in SOURCES {
        copy(&from.join(folder), &home.join(folder))?;
    }
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root.join(licence), home.join(licence))?;
    }
    tools::npm(&from, home, FILES)?;
    let own = |script: &str| {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let mut command = Command::new(npm);
        command.args(["run", "--silent", script]);
        command
    };
    tools::run(&mut own("test"), home)?;
    // Which checks the types first, as each release does.
    let package = home.with_file_name("hostfit.vsix");
    tools::run(own("package").args(["--", "--out"]).arg(&package), home)?;
    Ok(package)
}

/// Copies a folder in place of what was there.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
