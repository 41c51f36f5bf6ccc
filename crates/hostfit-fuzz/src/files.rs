//! Files of a repository: read, judged, fixed and reported.

use std::collections::BTreeMap;

use hostfit_core::{
    check::check,
    config::Config,
    finding::Finding,
    fix::{self, Fixed, Which},
    front::{self, Outcome, Unit},
    rules,
    source::{Source, SourceId, Sources, Span},
};

use crate::common::{self, Run, TODAY};

/// Hosts of every orchestrator, so that every rule has something to judge.
const FLEET: &str = "[[host]]\nname = \"win2016\"\nos = \"10.0.14393.1715\"\norchestrator = \"swarm\"\n\
    [[host]]\nname = \"win2019\"\nos = \"ltsc2019\"\norchestrator = \"kubernetes\"\n\
    [[host]]\nname = \"win2022\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\nlabels = { osbuild = \"20348\" }\n\
    [[host]]\nname = \"linux\"\nos = \"linux\"\norchestrator = \"kubernetes\"\n\
    [[host]]\nname = \"swarm2022\"\nos = \"ltsc2022\"\norchestrator = \"swarm\"\n\
    [[host]]\nname = \"desk\"\nos = \"10.0.22631\"\norchestrator = \"docker\"\nhyperv = true\n\
    [[host]]\nname = \"build\"\nos = \"ltsc2022\"\norchestrator = \"docker\"\n";

pub(crate) fn dockerfile(bytes: &[u8]) {
    one("app/Dockerfile", bytes);
}

pub(crate) fn kubernetes(bytes: &[u8]) {
    one("deploy/web.yaml", bytes);
}

pub(crate) fn compose(bytes: &[u8]) {
    one("compose.yaml", bytes);
}

pub(crate) fn bake(bytes: &[u8]) {
    one("docker-bake.hcl", bytes);
}

pub(crate) fn daemon(bytes: &[u8]) {
    one("daemon.json", bytes);
}

pub(crate) fn env(bytes: &[u8]) {
    one(".env", bytes);
}

/// Files that name others have these beside them.
fn one(path: &str, bytes: &[u8]) {
    let neighbours = [
        ("compose.yaml", "services:\n  web:\n    build: { context: app, args: { V: $V } }\n    image: shop/web:$V\n"),
        ("app/Dockerfile", "ARG V=ltsc2022\nFROM mcr.microsoft.com/windows/servercore:$V\n"),
    ];
    let neighbours = neighbours.iter().filter(|(it, _)| *it != path);
    let mut files: Vec<_> = neighbours.map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    files.push((path.to_owned(), bytes.to_vec()));
    judged(files);
}

/// Several files, each behind a line `=== PATH`.
pub(crate) fn tree(bytes: &[u8]) {
    judged(parts(bytes));
}

/// The files that the bytes stand for.
fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut path = "deploy/web.yaml".to_owned();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(b"=== ") {
            Some(named) => String::from_utf8_lossy(named).trim().clone_into(&mut path),
            None => files.entry(path.clone()).or_default().extend(line),
        }
    }
    files.retain(|path, _| !path.is_empty() && !path.starts_with("hostfit."));
    files.into_iter().collect()
}

/// The bytes that stand for files.
pub(crate) fn joined(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (path, text) in files {
        bytes.extend_from_slice(format!("=== {path}\n").as_bytes());
        bytes.extend_from_slice(text);
        if !text.ends_with(b"\n") {
            bytes.push(b'\n');
        }
    }
    bytes
}

fn judged(mut files: Vec<(String, Vec<u8>)>) -> Run {
    files.insert(0, ("hostfit.toml".to_owned(), FLEET.as_bytes().to_vec()));
    let run = common::run(files);
    run.findings.iter().for_each(|finding| whole(finding, &run.sources));
    run
}

/// What is found in several files, in every format.
pub(crate) fn report(bytes: &[u8]) {
    let run = judged(parts(bytes));
    hostfit::fuzzing::report(&run.sources, &run.findings, run.report.answers(&run.config));
}

/// Panics unless all that a finding names lies in its file.
fn whole(finding: &Finding, sources: &Sources) {
    let inside = |span: Span| {
        let source = sources.get(span.source).unwrap_or_else(|| panic!("{}: no such file", finding.rule));
        assert!(source.text.get(span.range()).is_some(), "{}: {span:?} in {}", finding.rule, source.path);
    };
    inside(finding.span);
    finding.related.iter().for_each(|related| inside(related.span));
    finding.fixes.iter().flat_map(|fix| &fix.edits).for_each(|edit| inside(edit.span));
}

/// All fixes of a tree: nothing that could be read before is unreadable then, and safe fixes find nothing more to do.
pub(crate) fn fix(bytes: &[u8]) {
    let files = parts(bytes);
    for which in [Which::Safe, Which::All] {
        let (before, fixed) = fixed(&files, which);
        assert!(
            faults(&fixed.report.findings) <= before,
            "{which:?} fixes break the syntax: {:?}",
            fixed.changed.values().map(|it| String::from_utf8_lossy(&it.new).into_owned()).collect::<Vec<_>>()
        );
        if which == Which::Safe {
            let new = |(path, bytes): &(String, Vec<u8>)| {
                let change =
                    fixed.changed.iter().find(|(id, _)| fixed.sources.get(**id).is_some_and(|it| it.path == *path));
                (path.clone(), change.map_or_else(|| bytes.clone(), |(_, change)| change.new.clone()))
            };
            let again: Vec<_> = files.iter().map(new).collect();
            assert_eq!(self::fixed(&again, which).1.applied, 0, "safe fixes are not done: {again:?}");
        }
    }
}

/// How many errors of syntax there are, and what is left after the fixes.
fn fixed(files: &[(String, Vec<u8>)], which: Which) -> (usize, Fixed) {
    let config = Config::parse(&Source::from_text(SourceId(0), "hostfit.toml", FLEET), &rules::ids()).expect("a fleet");
    let (sources, units) = read(files);
    let before = check(&sources, &units, &config, TODAY);
    let bytes = |source: &Source| files.iter().find(|(path, _)| *path == source.path).map(|(_, bytes)| bytes.clone());
    let renew = |sources, units| (sources, units);
    let fixed = fix::until_stable(sources, units, &config, TODAY, which, |_, _, _| {}, bytes, renew);
    (faults(&before.findings), fixed)
}

fn read(files: &[(String, Vec<u8>)]) -> (Sources, Vec<Unit>) {
    let (mut sources, mut units) = (Vec::new(), Vec::new());
    for (path, bytes) in files {
        let id = SourceId(u32::try_from(sources.len()).expect("few files"));
        let Ok(source) = Source::decode(id, &**path, bytes.clone()) else { continue };
        if let Outcome::Unit(unit) = front::read(&source) {
            units.push(unit);
        }
        sources.push(source);
    }
    (Sources::new(sources), units)
}

fn faults(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.rule == "syntax-error").count()
}
