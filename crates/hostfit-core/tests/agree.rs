//! One answer: the findings, the matrix, hovers, lenses and `hostfit compat` say the same of every container on every host.
//!
//! Looks at all fixtures, each under its own fleet and under one that has hosts of every orchestrator. A folder of real
//! repositories is looked at by hand:
//! `HOSTFIT_CORPUS=FOLDER cargo test -p hostfit-core --test agree -- --ignored --nocapture`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test fails by panicking, and counts are printed"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[allow(dead_code, reason = "other tests show more")]
mod common;
#[path = "common/trees.rs"]
mod trees;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use common::Run;
use hostfit_core::{
    config::DeclaredFleet,
    finding::Finding,
    fleet::HostId,
    judge::{Answers, Judgement, Outcome, Reason},
    knowledge::hosts::{self, OnHosts},
    matrix::{Cell, Lands, Matrix, Row, State},
    model::{Container, DockerfileBuild, EvidenceKind, WorkloadId, WorkloadPart},
    placement::Allowed,
    source::Span,
    windows::{Isolation, Os, compat::Verdict},
};
use trees::{Files, corpus, fixtures, with_fleet};

/// Hosts of every orchestrator.
const EVERY_ORCHESTRATOR: &str = r#"
[[host]]
name = "win2016"
os = "10.0.14393.1715"
[[host]]
name = "k2019"
os = "ltsc2019"
orchestrator = "kubernetes"
[[host]]
name = "k2022"
os = "ltsc2022"
orchestrator = "kubernetes"
[[host]]
name = "k2025"
os = "ltsc2025"
orchestrator = "kubernetes"
runtime = "containerd 1.7.4"
[[host]]
name = "k-linux"
os = "linux"
orchestrator = "kubernetes"
[[host]]
name = "s2019"
os = "ltsc2019"
orchestrator = "swarm"
[[host]]
name = "s2022"
os = "ltsc2022"
orchestrator = "swarm"
hyperv = true
[[host]]
name = "s-linux"
os = "linux"
orchestrator = "swarm"
[[host]]
name = "d2022"
os = "ltsc2022"
orchestrator = "docker"
[[host]]
name = "desktop"
os = "10.0.19045.4529"
kind = "client"
orchestrator = "docker"
"#;

/// Rules that name the hosts which a placement excludes, whatever comes of the image there.
const NAMES_EXCLUDED_HOSTS: [&str; 2] = ["unschedulable", "missing-toleration"];

/// Rules that report what may fail wherever it may, also beside what fails elsewhere.
const REPORTED_RISKS: [&str; 2] = ["revision-mismatch", "process-on-client"];

#[test]
fn every_fixture_gets_one_answer() {
    let mut seen = Seen::default();
    for (name, files) in fixtures() {
        seen.look_at(&name, files.clone());
        let wide = with_fleet(files, EVERY_ORCHESTRATOR);
        seen.look_at(&format!("{name}, every orchestrator"), wide);
    }
    seen.assert();
    // All three claims were put to the test.
    assert!(seen.named > 1500, "{seen:?}");
    assert!(seen.blocked > 2000, "{seen:?}");
    assert!(seen.shown > 5000, "{seen:?}");
    assert!(seen.compared > 1500, "{seen:?}");
}

#[test]
#[ignore = "reads a folder of repositories, HOSTFIT_CORPUS"]
fn every_repository_of_a_corpus_gets_one_answer() {
    let mut seen = Seen::default();
    for (name, files) in corpus() {
        seen.look_at(&name, files);
    }
    println!(
        "{} pairs shown, {} blocked, {} named by findings, {} asked of compat",
        seen.shown, seen.blocked, seen.named, seen.compared
    );
    seen.assert();
}

/// What was looked at, and what disagrees.
#[derive(Debug, Default)]
struct Seen {
    /// Pairs of a container and a host that a finding says fails.
    named: usize,
    /// Cells that are blocked.
    blocked: usize,
    /// Pairs that the matrix and the other views show.
    shown: usize,
    /// Pairs that `hostfit compat` can be asked about.
    compared: usize,
    wrong: BTreeMap<String, Vec<String>>,
}

/// A container with what the matrix shows of it.
struct Line<'r> {
    row: Row<'r>,
    cells: Vec<Cell<'r>>,
    /// None of a Dockerfile that nothing deploys.
    part: Option<(WorkloadId, usize)>,
}

impl Seen {
    fn look_at(&mut self, name: &str, files: Files) {
        let run = catch_unwind(AssertUnwindSafe(|| common::run(files)));
        let Ok(run) = run else { return self.wrong("panics", name.to_owned()) };
        // What a comment silences is reported all the same.
        let silenced = run.report.suppressed.iter().map(|it| it.finding.clone());
        let findings: Vec<Finding> = run.findings.iter().cloned().chain(silenced).collect();
        let answers = run.report.answers(&run.config);
        let matrix = Matrix::new(answers, &run.sources, &findings);
        let lines = lines(&matrix, &run);
        for finding in &findings {
            self.no_named_host_runs(name, finding, &lines, &matrix, answers);
        }
        for line in &lines {
            self.what_is_blocked_is_reported(name, line, &matrix, answers);
            self.views_agree(name, line, &matrix, answers);
            self.compat_agrees(name, line, &matrix, answers);
        }
    }

    /// A host that a finding names has no cell that runs.
    fn no_named_host_runs(&mut self, name: &str, finding: &Finding, lines: &[Line], matrix: &Matrix, answers: Answers) {
        if NAMES_EXCLUDED_HOSTS.contains(&finding.rule) {
            return;
        }
        let is_meant = |line: &&Line| match line.part {
            Some((workload, number)) => finding.parts.iter().any(|part: &WorkloadPart| {
                part.workload == workload && part.container.is_none_or(|it| it as usize == number)
            }),
            None => finding.parts.is_empty() && decides(finding.span, line, answers),
        };
        for line in lines.iter().filter(is_meant) {
            for (column, cell) in matrix.columns().iter().zip(&line.cells) {
                if column.fleet.id != finding.fleet || !finding.hosts.contains(&column.id) {
                    continue;
                }
                self.named += 1;
                if matches!(cell.verdict, Some(Verdict::Runs | Verdict::Preview)) {
                    let says = answers.message(finding).into_owned();
                    let at = format!("{name}: {} on {}: {says}", line.row.workload, column.name);
                    self.wrong(&format!("{} names a host that runs", finding.rule), at);
                }
            }
        }
    }

    /// Every cell that is blocked, where placement allows it, belongs to a finding; so does one that may fail for a reason
    /// that somebody has to act on.
    fn what_is_blocked_is_reported(&mut self, name: &str, line: &Line, matrix: &Matrix, answers: Answers) {
        // Of an image that a bake file builds and nothing in the tree runs, nobody can say where it is meant to land.
        let is_built = |build: &DockerfileBuild| !build.built_at.is_empty() && build.source == line.row.source;
        if line.part.is_none() && answers.project.builds.iter().any(is_built) {
            return;
        }
        for (column, cell) in matrix.columns().iter().zip(&line.cells) {
            let is_risk = |outcome: &Outcome| outcome.verdict == Verdict::Risk && outcome.of_stage.is_none();
            let rule = cell.outcome.filter(is_risk).and_then(|outcome| outcome.rule());
            if cell.findings.is_empty() && rule.is_some_and(|rule| REPORTED_RISKS.contains(&rule)) {
                let at = format!("{name}: {} on {}", line.row.workload, column.name);
                self.wrong(&format!("may fail without {}", rule.unwrap()), at);
            }
            if cell.verdict != Some(Verdict::Blocked) {
                continue;
            }
            self.blocked += 1;
            if cell.findings.is_empty() || cell.rule().is_none() {
                let why = cell.outcome.map(|it| format!("{:?}", it.reason)).unwrap_or_default();
                let at = format!("{name}: {} on {} ({why})", line.row.workload, column.name);
                self.wrong(&format!("blocked without a finding, {why}"), at);
            }
        }
    }

    /// The table of outcomes, hovers and lenses show what the matrix shows.
    fn views_agree(&mut self, name: &str, line: &Line, matrix: &Matrix, answers: Answers) {
        let Some((id, number)) = line.part else { return };
        let judgements: Vec<_> = answers.judgements_of(id).collect();
        let by_image = line.row.image.map(|image| hosts::of_image(answers, image));
        let by_workload = hosts::of_workload(answers, id);
        for (column, cell) in matrix.columns().iter().zip(&line.cells) {
            self.shown += 1;
            let shown = Answer::of_cell(cell);
            let own = judgements.iter().find(|(fleet, _)| fleet.id == column.fleet.id);
            let place = own.and_then(|(_, judgement)| outcomes(judgement, column.id));
            let decided = place.as_ref().map_or(Answer::Never, |(allowed, all)| Answer::of(allowed, all[number]));
            let worst = own.and_then(|(_, judgement)| judgement.places().find(|place| place.id == column.id));
            let worst = worst.map_or(Answer::Never, |place| Answer::of(place.allowed, place.worst()));
            let mut is = |view: &str, answered: Answer, expected: Answer| {
                if answered != expected {
                    let at =
                        format!("{name}: {} on {}: {answered:?}, not {expected:?}", line.row.workload, column.name);
                    self.wrong(&format!("{view} differs"), at);
                }
            };
            is("the table", decided, shown);
            if let Some(views) = &by_image {
                is("the image's hover", Answer::of_view(views, &column.fleet, column.id), shown);
            }
            // What `hostfit diagnose` asks of nodes that the fleet need not have.
            if let (Some(facts), true) = (&cell.facts, decided != Answer::Never) {
                let answered = answers.container_on(id, number, facts).unwrap();
                let expected = cell.outcome.unwrap();
                is("diagnose", Answer::Is(answered.verdict), Answer::Is(expected.verdict));
            }
            is("the workload's lens", Answer::of_view(&by_workload, &column.fleet, column.id), worst);
        }
    }

    /// `hostfit compat` gives the verdict of the cell.
    fn compat_agrees(&mut self, name: &str, line: &Line, matrix: &Matrix, answers: Answers) {
        let Some((id, number)) = line.part else { return };
        let workload = answers.project.workload(id).unwrap();
        let container = &workload.containers[number];
        let Some(image) = line.row.image else { return };
        let mut evidence = workload.evidence.iter();
        let names_linux = evidence.any(|it| it.os == Os::Linux && it.kind == EvidenceKind::OsName);
        let version =
            answers.project.image_os(image).known().and_then(|(os, _)| os.version.filter(|_| os.os == Os::Windows));
        let (Some(version), Some(isolation)) = (version, isolation(container)) else { return };
        for (column, cell) in matrix.columns().iter().zip(&line.cells) {
            let (Some(facts), Some(outcome)) = (&cell.facts, cell.outcome) else { continue };
            // It is asked about one version that is pulled, and about nothing else that a file may state: a Docker host does
            // not pull what it builds, and `os.name` may keep a pod from every image of a host's system.
            let is_other_question = match outcome.reason {
                Reason::Unpublished | Reason::HostProcess => true,
                Reason::OtherOs => names_linux,
                _ => outcome.is_variant || outcome.built_on.is_some(),
            };
            if is_other_question {
                continue;
            }
            self.compared += 1;
            let answered = Outcome::of(facts, version, Some(isolation), true);
            let builds_itself =
                answered.reason == Reason::RuntimeRefuses && !answers.project.image(image).unwrap().is_pulled();
            if answered.verdict != outcome.verdict && !builds_itself {
                let at = format!("{name}: {} on {}: {answered:?}, not {outcome:?}", line.row.workload, column.name);
                self.wrong("compat differs", at);
            }
        }
    }

    fn wrong(&mut self, what: &str, at: String) {
        self.wrong.entry(what.to_owned()).or_default().push(at);
    }

    fn assert(&self) {
        let kinds = self.wrong.iter().map(|(what, at)| format!("{what} ({}):\n  {}\n", at.len(), at.join("\n  ")));
        let shown = kinds.collect::<Vec<_>>().concat();
        assert!(self.wrong.is_empty(), "{shown}");
    }
}

/// The rows of the matrix, each with its container: those of workloads have the order of the files, as the matrix sorts them.
fn lines<'r>(matrix: &Matrix<'r>, run: &'r Run) -> Vec<Line<'r>> {
    let workloads = (0..).map(WorkloadId).zip(&run.report.project.workloads);
    let mut parts: Vec<_> = workloads
        .flat_map(|(id, workload)| {
            let path = run.sources.get(workload.source).unwrap().path.as_str();
            let containers = workload.containers.iter().enumerate();
            // Of what is rendered the place is that in the file.
            let written = |span| {
                let rendered = run.sources.rendered(workload.source);
                rendered.and_then(|rendered| rendered.absence(span, &run.sources)).unwrap_or(span)
            };
            containers.map(move |(number, container)| ((path, written(container.span).start), (id, number)))
        })
        .collect();
    parts.sort_by_key(|(place, _)| *place);
    let mut parts = parts.into_iter();
    let line = |row: &Row<'r>| {
        let part = (row.state != State::Undeployed).then(|| parts.next().unwrap().1);
        if let Some((id, number)) = part {
            assert_eq!(row.workload, run.report.project.workloads[id.0 as usize].container_name(number));
        }
        Line { row: row.clone(), cells: matrix.cells(row), part }
    };
    matrix.rows().iter().map(line).collect()
}

/// Whether the place of a finding is in the Dockerfile of a final stage, or states a value that it takes from elsewhere.
fn decides(place: Span, line: &Line, answers: Answers) -> bool {
    let project = answers.project;
    let decider = line.row.image.and_then(|image| project.decider(image)).and_then(|image| project.image(image));
    let mut pieces = decider.iter().flat_map(|image| &image.text.pieces);
    line.row.source == place.source || pieces.any(|piece| piece.at.holds(place))
}

/// What the files ask for, unless a variable decides that.
fn isolation(container: &Container) -> Option<Isolation> {
    container.isolation.as_ref().map_or(Some(Isolation::Default), |setting| setting.mode)
}

fn outcomes(judgement: &Judgement, host: HostId) -> Option<(Allowed, Vec<Outcome>)> {
    let place = judgement.places().find(|place| place.id == host)?;
    Some((place.allowed.clone(), place.outcomes.to_vec()))
}

/// What a view says of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// It is never placed there.
    Never,
    /// Whether it is placed there is not known.
    Unplaced,
    Is(Verdict),
}

impl Answer {
    fn of(allowed: &Allowed, outcome: Outcome) -> Self {
        match allowed {
            Allowed::No(_) => Self::Never,
            Allowed::Unknown(_) => Self::Unplaced,
            Allowed::Yes => Self::Is(outcome.verdict),
        }
    }

    fn of_cell(cell: &Cell) -> Self {
        match (cell.placed.lands, cell.verdict) {
            (Lands::Unknown, Some(Verdict::Unknown)) => Self::Unplaced,
            (_, None) => Self::Never,
            (_, Some(verdict)) => Self::Is(verdict),
        }
    }

    fn of_view(views: &[OnHosts], fleet: &DeclaredFleet, host: HostId) -> Self {
        let Some(host) = fleet.fleet.host(host) else { return Self::Never };
        let view = views.iter().find(|view| view.hosts().any(|it| std::ptr::eq(it, host)));
        view.map_or(Self::Never, |view| Self::of(&view.allowed, view.outcome))
    }
}
