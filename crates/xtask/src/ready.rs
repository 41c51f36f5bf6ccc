//! All that CI does. `.ci/run` calls this, so that there is one list.

use std::{io, process::Command};

const STEPS: [&[&str]; 4] = [
    &["fmt", "--all", "--check"],
    &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
    &["test", "--workspace"],
    &["doc", "--workspace", "--no-deps", "--document-private-items"],
];

/// Runs the steps until one fails.
pub(crate) fn run() -> io::Result<()> {
    for step in STEPS {
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
