//! A repository that nobody trusts: what it brings along is not followed, not opened and not waited for.
//! SECURITY.md names these tests.
#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about"
)]

mod common;
#[path = "untrusted/found.rs"]
mod found;
#[path = "untrusted/imported.rs"]
mod imported;
#[path = "untrusted/named.rs"]
mod named;
#[cfg(feature = "registry")]
#[path = "untrusted/network.rs"]
mod network;
#[cfg(feature = "registry")]
#[path = "../../hostfit-registry/tests/common/server.rs"]
mod server;
#[path = "untrusted/written.rs"]
mod written;

use std::{
    fs,
    os::unix::fs::symlink,
    process::{Command, Output, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use common::{Tree, text};
use serde_json::Value;

const FINDING: &str = "FROM mcr.microsoft.com/windows/nanoserver\nRUN dir\n";

/// The same with a safe fix.
const FIXABLE: &str = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCOPY . C:\\site\n";

/// Runs a command that must end by itself.
fn ends(command: &mut Command) -> Output {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let (id, (sender, output)) = (child.id(), mpsc::channel());
    thread::spawn(move || sender.send(child.wait_with_output()));
    let Ok(output) = output.recv_timeout(Duration::from_secs(20)) else {
        let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        panic!("it does not end: {command:?}");
    };
    output.expect("run")
}

fn run(tree: &Tree, args: &[&str]) -> Output {
    ends(&mut tree.command(args))
}

fn fifo(tree: &Tree, path: &str) {
    let path = tree.0.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("created");
    assert!(Command::new("mkfifo").arg(path).status().expect("run").success());
}

fn link(tree: &Tree, target: impl AsRef<std::path::Path>, path: &str) {
    symlink(target, tree.0.join(path)).expect("linked");
}

/// The JSON report of `check`.
fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)))
}

/// What a report passed over: path and reason.
fn skipped(report: &Value) -> Vec<(String, String)> {
    let word = |it: &Value| it.as_str().expect("text").to_owned();
    let all = report["summary"]["skipped"].as_array().expect("a list").iter();
    all.map(|it| (word(&it["path"]), word(&it["reason"]))).collect()
}

#[test]
fn security_md_names_tests_that_are_there_and_all_of_these() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("SECURITY.md")).expect("read");
    let named: Vec<_> = text.split('`').skip(1).step_by(2).filter(|it| it.contains("::")).collect();
    let mut tests = std::collections::BTreeSet::new();
    let mut folders = vec![root.join("crates")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).expect("read").map(|it| it.expect("read").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let source = fs::read_to_string(path).expect("read");
                let own = source.split("#[test]").skip(1).filter_map(|it| it.split("fn ").nth(1)?.split('(').next());
                tests.extend(own.map(str::to_owned));
            }
        }
    }
    for name in &named {
        assert!(tests.contains(name.rsplit("::").next().unwrap()), "there is no test `{name}`");
    }
    for module in ["found", "imported", "named", "network", "written"] {
        let path = root.join("crates/hostfit/tests/untrusted").join(module).with_extension("rs");
        let source = fs::read_to_string(path).expect("read");
        for name in source.split("#[test]\nfn ").skip(1).filter_map(|it| it.split('(').next()) {
            assert!(named.contains(&&*format!("untrusted::{module}::{name}")), "SECURITY.md does not name {name}");
        }
    }
}
