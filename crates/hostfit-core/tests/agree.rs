//! One answer: no view says another thing of a container on a host than the others do.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[path = "common/agreement.rs"]
mod agreement;
#[allow(dead_code, reason = "others show what this one compares")]
mod common;

use std::{fs, path::Path};

#[test]
fn the_examples_of_the_pages_and_the_demo_agree() {
    let mut folders: Vec<_> =
        fs::read_dir(common::fixtures("seeds")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.push(common::fixtures("demo"));
    folders.sort();
    let (mut wrong, mut containers) = (Vec::new(), 0);
    for folder in &folders {
        let run = common::run(common::files(folder));
        containers += agreement::containers(&run.report);
        let name = folder.file_name().unwrap().to_str().unwrap();
        let found = agreement::disagreements(&run.report, &run.findings, &run.config, &run.sources);
        wrong.extend(found.into_iter().map(|it| format!("{name}: {it}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(containers > 40, "{containers}");
}

/// Every folder below the one that the variable names, with the hosts of `hostfit.toml` beside it; by hand.
#[test]
#[ignore = "HOSTFIT_CORPUS names a folder of repositories, HOSTFIT_FLEET the hosts"]
fn real_repositories_agree() {
    let folder = std::env::var("HOSTFIT_CORPUS").expect("HOSTFIT_CORPUS");
    let fleet = fs::read(std::env::var("HOSTFIT_FLEET").expect("HOSTFIT_FLEET")).expect("the fleet");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(Path::new(&folder)).unwrap() {
        let path = entry.unwrap().path();
        let mut files = common::files(&path);
        files.retain(|(name, _)| name != "hostfit.toml");
        files.push(("hostfit.toml".to_owned(), fleet.clone()));
        let run = common::run(files);
        let found = agreement::disagreements(&run.report, &run.findings, &run.config, &run.sources);
        wrong.extend(found.into_iter().map(|it| format!("{}: {it}", path.display())));
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}
