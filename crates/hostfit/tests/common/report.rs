//! What `check` reports of a tree on two hosts.
#![allow(clippy::indexing_slicing, reason = "of JSON, where what is not there is null")]

use serde_json::Value;

use super::Tree;

/// Two Kubernetes hosts, of different releases.
pub(crate) const HOSTS: &str = "[[host]]\nname = \"win2019\"\nos = \"ltsc2019\"\norchestrator = \"kubernetes\"\n\
                     [[host]]\nname = \"win2022\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n";

/// The JSON report of a tree.
pub(crate) fn check(tree: &Tree, args: &[&str]) -> Value {
    let output = tree.run(&[&["check", "--format", "json", "--as-of", "2026-11-21"], args].concat());
    serde_json::from_slice(&output.stdout).expect("a report")
}

/// `path:offset rule` of each finding.
pub(crate) fn places(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings");
    let place = |it: &Value| {
        let (path, rule) = (it["path"].as_str().expect("a path"), it["rule"].as_str().expect("a rule"));
        format!("{path}:{} {rule}", it["range"]["start"]["offset"])
    };
    findings.iter().map(place).collect()
}
