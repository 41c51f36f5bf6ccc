//! Hooks, wheel, npm packages, image, workflows: built and installed as people do it, by the tests in `tests/packages`.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
};

/// Installs the tools of `tests/tools/requirements.txt` into `target/tools` and runs the tests of the packages.
///
/// # Errors
/// When there is no Python, a tool can't be installed, or a test fails.
pub(crate) fn test() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let python = tools(&root)?;
    run(
        Command::new(python).args(["-m", "pytest", "-q", "--durations=5", "-p", "no:cacheprovider", "tests/packages"]),
        &root,
    )
}

/// The Python that has the tools.
fn tools(root: &Path) -> io::Result<PathBuf> {
    let folder = root.join("target").join("tools");
    let (system, own) = if cfg!(windows) { ("python", "Scripts/python.exe") } else { ("python3", "bin/python") };
    let python = folder.join(own);
    if !python.is_file() {
        run(Command::new(system).args(["-m", "venv"]).arg(&folder), root)?;
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "tests/tools/requirements.txt"];
    run(Command::new(&python).args(pip), root)?;
    Ok(python)
}

fn run(command: &mut Command, root: &Path) -> io::Result<()> {
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
    let words = words.join(" ");
    println!("$ {words}");
    // What cargo tells this program of itself is not meant for the builds that it starts.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    let status = command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(root)
        .status()
        .map_err(|error| io::Error::other(format!("`{words}` can't be run: {error}")))?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("not ready: `{words}` failed"))) }
}
