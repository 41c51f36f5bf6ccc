//! `docs/rules` is what `cargo xtask docs` makes of the rules.
#![allow(clippy::disallowed_methods, reason = "the test reads the documentation of the repository")]

use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn the_pages_are_those_of_the_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    let pages = hostfit::rule_pages();
    let differ = |(name, text): &&(String, String)| {
        // A checkout on Windows may have other line ends.
        fs::read_to_string(folder.join(name)).map(|written| written.replace("\r\n", "\n")).ok().as_ref() != Some(text)
    };
    let wrong: Vec<_> = pages.iter().filter(differ).map(|(name, _)| name).collect();
    assert!(wrong.is_empty(), "run `cargo xtask docs`: {wrong:?} are not what the rules say");

    let names: BTreeSet<_> = pages.iter().map(|(name, _)| name.clone()).collect();
    let entries = fs::read_dir(&folder).expect("docs/rules").flatten();
    let stale: Vec<_> =
        entries.filter_map(|it| it.file_name().into_string().ok()).filter(|name| !names.contains(name)).collect();
    assert!(stale.is_empty(), "run `cargo xtask docs`: no rule has the pages {stale:?}");
}
