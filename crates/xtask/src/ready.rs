//! All that CI does. `.ci/run` calls this, so that there is one list.

use std::{io, process::Command};

use crate::{browser, editors, formats, package, registry, tools, vscode};

const CHECKS: [&[&str]; 3] = [
    &["fmt", "--all", "--check"],
    &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
    &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"],
];

/// The README's test command, last, so that what the tests say is what is seen.
const TEST: &[&str] = &["test", "--workspace", "--locked"];

/// Runs the steps until one fails.
pub(crate) fn run() -> io::Result<()> {
    CHECKS.into_iter().try_for_each(cargo)?;
    // The test of the man pages asks it where it is there.
    tools::debian("groff", "groff-base", &tools::root()?)?;
    formats::run()?;
    browser::run(false)?;
    package::test()?;
    editors::test()?;
    vscode::test(false)?;
    registry::test()?;
    cargo(TEST)?;
    println!("ready");
    Ok(())
}

fn cargo(step: &[&str]) -> io::Result<()> {
    println!("$ cargo {}", step.join(" "));
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(step);
    if step.first() == Some(&"doc") {
        cargo.env("RUSTDOCFLAGS", "-D warnings");
    }
    if cargo.status()?.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("not ready: cargo {} failed", step.join(" "))))
}
