//! All that CI does. `.ci/run` calls this, so that there is one list.

use std::{io, process::Command};

use crate::{browser, deny, editors, formats, fuzz, package, registry, render, tools, trace, vscode, words};

const CHECKS: [&[&str]; 2] = [
    &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
    &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"],
];

/// The README's test command, last, so that what the tests say is what is seen.
const TEST: &[&str] = &["test", "--workspace", "--locked"];

/// How long each fuzz target is given random bytes.
const FUZZ_SECONDS: u64 = 20;

/// Runs the steps until one fails.
pub(crate) fn run() -> io::Result<()> {
    formatted()?;
    deny::check()?;
    words::check()?;
    CHECKS.into_iter().try_for_each(cargo)?;
    // The test of the man pages asks it where it is there.
    tools::debian("groff", "groff-base", &tools::root()?)?;
    formats::run()?;
    render::ready()?;
    browser::run(false)?;
    package::test()?;
    editors::test()?;
    vscode::test(false)?;
    registry::test()?;
    trace::test()?;
    fuzz::run(FUZZ_SECONDS, &[])?;
    cargo(TEST)?;
    println!("ready");
    Ok(())
}

/// Checks the format of every file. By itself `cargo fmt` follows `mod` lines only, and those of the rules are a macro's.
fn formatted() -> io::Result<()> {
    let listed = Command::new("git").args(["ls-files", "--", "*.rs"]).current_dir(tools::root()?).output()?;
    if !listed.status.success() {
        return Err(io::Error::other("not ready: git does not list the files"));
    }
    let files = String::from_utf8_lossy(&listed.stdout);
    let step: Vec<_> = ["fmt", "--all", "--check", "--"].into_iter().chain(files.lines()).collect();
    start(&step, "cargo fmt --all --check, with every file")
}

fn cargo(step: &[&str]) -> io::Result<()> {
    start(step, &format!("cargo {}", step.join(" ")))
}

fn start(step: &[&str], shown: &str) -> io::Result<()> {
    println!("$ {shown}");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(step);
    if step.first() == Some(&"doc") {
        cargo.env("RUSTDOCFLAGS", "-D warnings");
    }
    if cargo.status()?.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("not ready: {shown} failed")))
}
