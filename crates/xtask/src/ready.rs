//! All that CI does. `.ci/run` calls this, so that there is one list.

use std::{io, process::Command};

use crate::formats;

const STEPS: [&[&str]; 4] = [
    &["fmt", "--all", "--check"],
    &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
    &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"],
    // The README's test command, last, so that what the tests say is what is seen.
    &["test", "--workspace", "--locked"],
];

/// Runs the steps until one fails; the formats are read back before the tests.
pub(crate) fn run() -> io::Result<()> {
    for step in STEPS {
        if step.first() == Some(&"test") {
            formats::run()?;
        }
        println!("$ cargo {}", step.join(" "));
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(step);
        if step.first() == Some(&"doc") {
            cargo.env("RUSTDOCFLAGS", "-D warnings");
        }
        if !cargo.status()?.success() {
            return Err(io::Error::other(format!("not ready: cargo {} failed", step.join(" "))));
        }
    }
    println!("ready");
    Ok(())
}
