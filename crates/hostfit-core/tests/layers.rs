//! Keeps what ARCHITECTURE.md says of the layers, by reading the sources.
#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "a test, which reads the sources of the crate")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The modules of the core; each uses only those above it.
const LAYERS: &[&str] = &[
    "shard",
    "nearest",
    "source",
    "text",
    "syntax",
    "windows",
    "fleet",
    "placement",
    "model",
    "identity",
    "finding",
    "baseline",
    "config",
    "front",
    "judge",
    "fleet_check",
    "knowledge",
    "matrix",
    "rule",
    "rules",
    "suppress",
    "check",
    "fix",
    "diagnose",
];

#[test]
fn a_module_uses_only_those_above_it() {
    let mut wrong = Vec::new();
    for (place, module) in LAYERS.iter().enumerate() {
        let below = LAYERS.get(place + 1..).expect("in range");
        for (file, text) in sources(module) {
            for used in used(&text) {
                if below.contains(&used.as_str()) {
                    wrong.push(format!("{} uses crate::{used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_has_its_place() {
    let lib = fs::read_to_string(src().join("lib.rs")).expect("lib.rs");
    let modules: Vec<_> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let missing: Vec<_> = modules.iter().filter(|module| !LAYERS.contains(module)).collect();
    assert!(missing.is_empty(), "give a layer to {missing:?}");
}

#[test]
fn rules_never_touch_syntax() {
    for (file, text) in sources("rules") {
        assert!(!text.contains("crate::syntax") && !text.contains("syntax::"), "{} touches syntax", file.display());
        let fronts = text.lines().filter(|line| line.contains("front::") && !line.contains("front::Unit"));
        let allowed = ["front::{Content, Unit}", "front::{self, Outcome}"];
        let others: Vec<_> = fronts.filter(|line| !allowed.iter().any(|it| line.contains(it))).collect();
        let is_test = file.ends_with("tests.rs");
        assert!(is_test || others.is_empty(), "{} knows a front end: {others:?}", file.display());
    }
}

#[test]
fn yaml_events_are_known_in_one_module() {
    for module in LAYERS.iter().filter(|module| **module != "syntax") {
        for (file, text) in sources(module) {
            assert!(!text.contains("granit_parser"), "{} knows the YAML parser", file.display());
        }
    }
}

#[test]
fn the_core_has_no_dependency_of_the_edges() {
    let manifest = fs::read_to_string(src().join("../Cargo.toml")).expect("Cargo.toml");
    let (dependencies, _) = manifest.split_once("[dev-dependencies]").expect("dev-dependencies come last");
    for edge in ["clap", "miette", "rayon", "ignore", "anstream", "indicatif", "lsp", "tokio"] {
        let line = dependencies.lines().find(|line| line.starts_with(edge));
        assert_eq!(line, None, "the core depends on {edge}");
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files of a module, tests left out: these may look anywhere.
fn sources(module: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![src().join(module)];
    let single = src().join(format!("{module}.rs"));
    if single.exists() {
        files.push(single);
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.file_name().and_then(|name| name.to_str()) {
                Some("tests" | "tests.rs") => {}
                _ if path.is_dir() => folders.push(path),
                Some(_) if path.extension().is_some_and(|it| it == "rs") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("a source");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        (file, code)
    };
    files.into_iter().map(read).collect()
}

/// The modules named after `crate::`, in `use` lines, in groups and in paths.
fn used(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = text.get(at + "crate::".len()..).unwrap_or_default();
        let Some(group) = rest.strip_prefix('{') else {
            found.extend(first_word(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = true;
        for (at, character) in group.char_indices() {
            match character {
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                '{' => depth += 1,
                ',' if depth == 0 => start = true,
                _ if start && !character.is_whitespace() => {
                    found.extend(first_word(group.get(at..).unwrap_or_default()));
                    start = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.chars().take_while(|it| it.is_ascii_lowercase() || *it == '_').collect();
    (!word.is_empty()).then_some(word)
}
