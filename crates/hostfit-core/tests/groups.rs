//! Files are judged in their groups as they are among all others.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[allow(dead_code, reason = "other tests show more")]
mod common;
#[path = "common/trees.rs"]
#[allow(dead_code, reason = "another test asks for other fleets")]
mod trees;

use std::{collections::BTreeSet, path::Path};

use common::{Run, TODAY};
use hostfit_core::{
    check::check,
    finding::Finding,
    front::{Groups, Unit},
    source::SourceId,
};

#[test]
fn what_is_found_in_a_file_depends_on_its_group_alone() {
    let charts = ["chart", "charts", "overlays"].map(|name| (name.to_owned(), common::files(&common::fixtures(name))));
    let (files, _) = compare_all(trees::fixtures().into_iter().chain(charts));
    assert!(files > 1000, "{files} files");
}

/// All fixtures as one tree.
#[test]
fn trees_beside_each_other_are_groups() {
    let mut all = vec![("hostfit.toml".to_owned(), trees::TRIAL.as_bytes().to_vec())];
    for (number, (_, files)) in trees::fixtures().into_iter().enumerate() {
        let own = |path: &str| !is_toml(path) && !path.starts_with("hostfit.");
        let files = files.into_iter().filter(|(path, _)| own(path));
        all.extend(files.map(|(path, bytes)| (format!("tree{number:03}/{path}"), bytes)));
    }
    let (files, small) = compare_all([("all".to_owned(), all)].into_iter());
    assert_eq!(files, small);
}

#[test]
#[ignore = "reads a folder of repositories, HOSTFIT_CORPUS"]
fn groups_of_a_corpus_depend_on_nothing_else() {
    println!("{:?} files, those in groups", compare_all(trees::corpus()));
}

fn is_toml(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|it| it == "toml")
}

fn compare_all(trees: impl Iterator<Item = (String, trees::Files)>) -> (usize, usize) {
    let add = |(files, small): (usize, usize), (of_all, of_small)| (files + of_all, small + of_small);
    trees.map(|(name, tree)| compare(&name, common::run(tree))).fold((0, 0), add)
}

/// How many files there are, and how many of them are in a group that is not all.
fn compare(name: &str, run: Run) -> (usize, usize) {
    let Run { sources, units, report, config, findings, .. } = run;
    let mut groups = Groups::of(&sources, &units, &report.project);
    let all: BTreeSet<SourceId> = units.iter().map(|unit| unit.source).collect();
    let (mut small, mut seen, mut left) = (0, BTreeSet::new(), units);
    for file in &all {
        let group: BTreeSet<_> = groups.with(*file).iter().copied().collect();
        assert!(group.contains(file), "{name}");
        if !seen.insert(group.clone()) {
            continue;
        }
        let (of_group, others): (Vec<Unit>, Vec<Unit>) =
            left.into_iter().partition(|unit| group.contains(&unit.source));
        let alone = check(&sources, &of_group, &config, TODAY);
        let here = |finding: &&Finding| group.contains(&finding.span.source);
        let mut lines: Vec<_> = alone.findings.iter().filter(here).map(shown).collect();
        let mut expected: Vec<_> = findings.iter().filter(here).map(shown).collect();
        lines.sort();
        expected.sort();
        assert_eq!(lines, expected, "{name}: {:?}", sources.get(*file).unwrap().path);
        small += if others.is_empty() { 0 } else { group.len() };
        left = of_group.into_iter().chain(others).collect();
        left.sort_by_key(|unit| unit.source);
    }
    (all.len(), small)
}

/// All of a finding that does not depend on numbers of the run.
fn shown(finding: &Finding) -> String {
    let Finding { rule, severity, span, message, related, fixes, .. } = finding;
    format!("{span:?} {rule} {severity:?} {message:?} {related:?} {fixes:?}")
}
