//! Has hostfit's formats read back by the programs that they are for. Those come from npm, as `tests/tools` pins them.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// Builds hostfit, installs the readers into `target/format-readers` and runs them.
pub(crate) fn run() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    step(Command::new(cargo).args(["build", "--locked", "--package", "hostfit"]).current_dir(&root))?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let target = { fs::create_dir_all(&target) }.and_then(|()| target.canonicalize())?;
    let home = target.join("format-readers");
    let work = home.join("work");
    fs::create_dir_all(&work)?;
    install(&root.join("tests/tools"), &home)?;
    let program = target.join("debug").join(format!("hostfit{}", env::consts::EXE_SUFFIX));
    step(Command::new("node").arg("readers.mjs").arg(program).arg(root.join("fixtures")).arg(work).current_dir(&home))
}

/// Installs what the lock file says, unless that is there already.
fn install(tools: &Path, home: &Path) -> io::Result<()> {
    let lock = fs::read(tools.join("package-lock.json"))?;
    for name in ["package.json", "package-lock.json", "readers.mjs"] {
        fs::copy(tools.join(name), home.join(name))?;
    }
    let installed = home.join("installed-lock.json");
    if fs::read(&installed).is_ok_and(|it| it == lock) {
        return Ok(());
    }
    // Windows starts `npm.cmd` by its full name only.
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    step(Command::new(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(home))?;
    fs::write(installed, lock)
}

fn step(command: &mut Command) -> io::Result<()> {
    let shown = format!("{command:?}");
    println!("$ {shown}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(io::Error::other(format!("{shown} ended with {status}"))),
        Err(error) => {
            Err(io::Error::other(format!("{shown} can't be started ({error}): Node.js 20 or later is needed")))
        }
    }
}
