//! What `hostfit rules` says of each rule is what the rules do on all fixtures: which have fixes, and which need hosts.

#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[allow(dead_code, reason = "other tests show more")]
mod common;
#[path = "common/trees.rs"]
#[allow(dead_code, reason = "another test asks for other fleets")]
mod trees;

use std::collections::BTreeSet;

use hostfit_core::rules::RULES;
use trees::{Files, fixtures};

#[test]
fn every_rule_that_has_fixes_is_marked() {
    let mut with_fixes = BTreeSet::new();
    for (_, files) in fixtures() {
        with_fixes.extend(common::run(files).iter().filter(|it| !it.fixes.is_empty()).map(|it| it.rule));
    }
    let marked: BTreeSet<_> = RULES.iter().filter(|rule| rule.is_fixable()).map(|rule| rule.id).collect();
    assert_eq!(with_fixes, marked);
}

#[test]
fn every_rule_that_needs_hosts_is_marked() {
    let mut without_hosts = BTreeSet::new();
    for files in fixtures().into_iter().filter_map(|(_, files)| without_hosts_in(files)) {
        without_hosts.extend(common::run(files).iter().map(|it| it.rule));
    }
    let unmarked: BTreeSet<_> = RULES.iter().filter(|rule| !rule.needs_fleet()).map(|rule| rule.id).collect();
    assert_eq!(without_hosts, unmarked);
}

/// The files without `[[host]]` and `[[target]]`; none where Node objects are hosts.
fn without_hosts_in(mut files: Files) -> Option<Files> {
    for (path, bytes) in &mut files {
        let text = String::from_utf8_lossy(bytes);
        if text.lines().any(|line| line.trim().trim_start_matches("- ") == "kind: Node") {
            return None;
        }
        if path == "hostfit.toml" {
            let mut config = text.parse::<toml::Table>().unwrap();
            config.remove("host");
            config.remove("target");
            *bytes = toml::to_string(&config).unwrap().into_bytes();
        }
    }
    Some(files)
}
