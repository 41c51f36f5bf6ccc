//! The examples of Microsoft's page on version compatibility, and the demo of the README, give the findings written
//! down beside them (fixtures/seeds/README.md).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

mod common;

use std::{fmt::Write as _, fs, path::Path};

#[test]
fn every_example_gives_the_findings_written_beside_it() {
    let folder = common::fixtures("seeds");
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.is_dir());
    names.sort();
    let mut wrong = String::new();
    for example in &names {
        compare(example, "seeds", &mut wrong);
    }
    assert!(wrong.is_empty(), "- expected and not found, + found and not expected\n\n{wrong}");
    assert!(names.len() > 40, "{} examples", names.len());
}

#[test]
fn the_demo_gives_the_findings_written_beside_it() {
    let mut wrong = String::new();
    compare(&common::fixtures("demo"), "demo", &mut wrong);
    assert!(wrong.is_empty(), "- expected and not found, + found and not expected\n\n{wrong}");
}

/// Compares a folder with its `expected.txt` and, if they agree, its messages with their snapshot.
fn compare(folder: &Path, set: &str, wrong: &mut String) {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let files = common::files(folder);
    let expected = files.iter().find(|(path, _)| path == "expected.txt").map(|(_, bytes)| bytes.clone());
    let expected = String::from_utf8(expected.unwrap_or_else(|| panic!("{name} has no expected.txt"))).unwrap();
    let expected: Vec<_> = expected.lines().map(str::to_owned).collect();
    let run = common::run(files);
    assert!(run.passed_over.is_empty(), "{name}: {:?}", run.passed_over);
    let found = run.lines();
    if expected != found {
        writeln!(wrong, "{name}\n{}\n{}", common::difference(&expected, &found), run.show()).unwrap();
        return;
    }
    insta::with_settings!({
        snapshot_path => format!("snapshots/{set}"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, run.show());
    });
}
