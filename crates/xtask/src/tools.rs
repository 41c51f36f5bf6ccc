//! The programs of others that tests need: where they come from, and how they are started.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// The root of the repository.
///
/// # Errors
/// When it is no longer where this program was built.
pub(crate) fn root() -> io::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()
}

/// Where cargo builds to.
///
/// # Errors
/// When the folder can't be made.
pub(crate) fn target(root: &Path) -> io::Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    fs::create_dir_all(&target)?;
    target.canonicalize()
}

/// Builds hostfit as `cargo test` does, and gives the program.
///
/// # Errors
/// When it does not build.
pub(crate) fn hostfit(root: &Path) -> io::Result<PathBuf> {
    run(Command::new(cargo()).args(["build", "--locked", "--package", "hostfit"]), root)?;
    Ok(target(root)?.join("debug").join(format!("hostfit{}", env::consts::EXE_SUFFIX)))
}

/// The cargo that started this program.
pub(crate) fn cargo() -> std::ffi::OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// A Python that has what `tests/tools/requirements.txt` lists, in `target/tools`.
///
/// # Errors
/// When there is no Python, or a tool can't be installed.
pub(crate) fn python(root: &Path) -> io::Result<PathBuf> {
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

/// Copies `files` of `from` to `home` and installs there what the lock file among them says, unless that is there.
///
/// # Errors
/// When there is no Node.js, or a package can't be installed.
pub(crate) fn npm(from: &Path, home: &Path, files: &[&str]) -> io::Result<()> {
    fs::create_dir_all(home)?;
    for name in files.iter().chain(&["package.json", "package-lock.json"]) {
        fs::copy(from.join(name), home.join(name))?;
    }
    let lock = fs::read(home.join("package-lock.json"))?;
    let installed = home.join("installed-lock.json");
    if fs::read(&installed).is_ok_and(|it| it == lock) {
        return Ok(());
    }
    // Windows starts `npm.cmd` by its full name only.
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]), home)?;
    fs::write(installed, lock)
}

/// Sees to it that `program` is there: on Debian and its kin, installs `package`, as root or by `sudo`.
///
/// # Errors
/// When it is not there and can't be installed: says what to install.
pub(crate) fn debian(program: &str, package: &str, root: &Path) -> io::Result<()> {
    debian_unless(|| is_there(program), program, package, root)
}

/// The same for what is not a program: `is_there` says whether it is there.
///
/// # Errors
/// When it is not there and can't be installed: says what to install.
pub(crate) fn debian_unless(is_there: impl Fn() -> bool, what: &str, package: &str, root: &Path) -> io::Result<()> {
    if is_there() {
        return Ok(());
    }
    let apt = |arguments: &[&str]| {
        let mut command = if is_root() { Command::new("apt-get") } else { Command::new("sudo") };
        if !is_root() {
            command.args(["-n", "apt-get"]);
        }
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        run(&mut command, root)
    };
    let install = ["install", "-y", "-q", "--no-install-recommends", package];
    // A machine's lists may be old, or not there.
    let installed = apt(&install).or_else(|_| apt(&["update", "-q"]).and_then(|()| apt(&install)));
    match installed {
        Ok(()) if is_there() => Ok(()),
        Ok(()) => Err(io::Error::other(format!("Debian's {package} has no `{what}`"))),
        Err(error) => Err(io::Error::other(format!("`{what}` is needed, Debian's package {package}: {error}"))),
    }
}

fn is_there(program: &str) -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Shows a command, runs it in `folder`, and fails when it does.
///
/// # Errors
/// When it can't be started or fails.
pub(crate) fn run(command: &mut Command, folder: &Path) -> io::Result<()> {
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
    let words = words.join(" ");
    println!("$ {words}");
    // What cargo tells this program of itself is not meant for the builds that it starts.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    let status = command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder)
        .status()
        .map_err(|error| io::Error::other(format!("`{words}` cannot be run: {error}")))?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("not ready: `{words}` failed"))) }
}
