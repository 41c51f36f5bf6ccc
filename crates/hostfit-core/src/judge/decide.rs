//! Decides: each container on each host of one fleet, and the cause of what fails.

use super::{
    case::{Case, On},
    cause::{self, ByClass},
    classes::{Builders, Classes},
    named::named_builds,
    outcome::{Outcome, Reason},
    stages::Built,
    subject::{Subject, named_host, subjects},
    table::{Cause, Judgement, Place, Row, Table, Undeployed},
};
use crate::{
    config::{Config, DeclaredFleet},
    fleet::{Fleet, Host},
    model::{BuildId, DockerfileBuild, ImageId, Orchestrator, Project, Workload},
    placement::{self, Allowed, Exclusion},
    source::Span,
    windows::{Isolation, OsVersion, compat::HostFacts},
    workers::{self, Workers},
};

impl Table {
    /// Judges what is deployed to one of the fleets of the configuration.
    pub fn of(project: &Project, config: &Config, fleet: DeclaredFleet<'_>, workers: Workers<'_>) -> Self {
        // Who runs what is worked out only where that matters.
        let is_one = config.targets.is_empty();
        let is_judged = |workload: &&Workload| is_one || config.judges(&fleet, &[workload.source]);
        let workloads = project.workloads.iter().filter(is_judged);
        let classes = Classes::of(fleet.fleet, &workloads, &config.releases);
        let workloads: Vec<_> = workloads.collect();
        let row = |workload: &&Workload| Row::of(workload, project, config, fleet.fleet, &classes);
        let mut rows = workers::map_small(workers, &workloads, row);
        rows.shrink_to_fit();
        let builds = (0..).map(BuildId).zip(&project.builds).filter(|(_, build)| !build.used);
        let undeployed = builds
            .filter(|(id, _)| is_one || config.judges(&fleet, project.users_of(*id)))
            .filter_map(|(id, build)| Undeployed::of(id, build, project, config, fleet.fleet, &classes))
            .collect();
        Self { classes, rows, undeployed }
    }
}

impl Row {
    fn of(workload: &Workload, project: &Project, config: &Config, fleet: &Fleet, classes: &Classes) -> Self {
        let serving = classes.view(workload.orchestrator).classes();
        let hosts = serving.filter_map(|class| classes.first(class, fleet)).map(|(_, host)| host);
        let mut places: Vec<_> = hosts.clone().map(|host| placement::allows(&workload.placement, host)).collect();
        let subjects = subjects(workload, project, &classes.builders);
        let outcomes: Vec<_> = hosts.flat_map(|host| subjects.iter().map(move |subject| subject.on(host))).collect();
        exclude_other_os(workload, &subjects, &mut places, &outcomes);
        let mut row =
            Self { workload: workload.id, places, outcomes, named: Vec::new(), cause: Cause::None, risks: Vec::new() };
        let judgement = Judgement { workload, fleet, classes, row: &row };
        let places: Vec<_> = judgement.classes().collect();
        let named = named_builds(workload, &places, &config.releases);
        let only_windows = judgement.has_hosts() && !judgement.has_linux_host();
        let decided = (workload.is_windows() || only_windows) && !workload.placement.is_elsewhere();
        let (cause, risks) = if decided {
            cause::of(&places, workload, on_hosts(&judgement, &subjects), on_named(workload, &subjects, &named))
        } else {
            Default::default()
        };
        (row.named, row.cause, row.risks) = (named, cause, risks);
        row
    }
}

impl Undeployed {
    fn of(
        id: BuildId,
        build: &DockerfileBuild,
        project: &Project,
        config: &Config,
        fleet: &Fleet,
        classes: &Classes,
    ) -> Option<Self> {
        let image = build.base_image()?;
        let mut cases = Vec::new();
        let serving = classes.images.classes().filter_map(|class| Some((class, classes.first(class, fleet)?.1)));
        let outcomes = serving.map(|(class, host)| {
            let orchestrator = host.orchestrator_or_docker();
            let subject = Subject::of_image(image, Some(Isolation::Default), orchestrator, project, &classes.builders);
            let outcome = subject.on(host);
            let facts = HostFacts::of(host, orchestrator);
            cases.extend(facts.and_then(|facts| Case::new(&subject, 0, On::Hosts(class), &facts, outcome)));
            outcome
        });
        let outcomes: Vec<_> = outcomes.collect();
        // Of what is built under a name, as a bake file does, nobody says where it is meant to run.
        let stages = if build.built_at.is_empty() {
            Built::of(build, &outcomes, project, fleet, classes, &config.releases)
        } else {
            Built::default()
        };
        Some(Self { build: id, outcomes, cases, built: stages })
    }
}

/// What comes of the image `id` on each host of a fleet, under the default isolation there, whoever runs it.
pub fn by_itself(project: &Project, id: ImageId, fleet: &Fleet) -> impl Fn(&Host) -> Outcome {
    let builders = Builders::of(fleet);
    move |host| {
        let orchestrator = host.orchestrator_or_docker();
        Subject::of_image(id, Some(Isolation::Default), orchestrator, project, &builders).on(host)
    }
}

fn on_hosts(judgement: &Judgement, subjects: &[Subject]) -> ByClass {
    let on = |(place, _): (Place<'_>, OsVersion)| {
        let facts = HostFacts::of(place.host, judgement.workload.orchestrator);
        facts.map(|facts| cases(subjects, On::Hosts(place.class), &facts)).unwrap_or_default()
    };
    judgement.allowed_windows().map(on).collect()
}

fn on_named(workload: &Workload, subjects: &[Subject], named: &[(OsVersion, Span)]) -> ByClass {
    let facts = |(version, _): &(OsVersion, Span)| named_host(*version, workload.orchestrator);
    named.iter().map(|named| cases(subjects, On::Build, &facts(named))).collect()
}

/// All containers on the hosts of one class.
fn cases(subjects: &[Subject], on: On, facts: &HostFacts) -> Vec<Case> {
    let case =
        |(number, subject): (usize, &Subject)| Case::new(subject, number, on, facts, subject.if_published(facts));
    subjects.iter().enumerate().filter_map(case).collect()
}

/// Swarm places services on nodes of the image's operating system only, and a plain Docker host of the other is never meant.
/// Kubernetes looks at labels alone.
fn exclude_other_os(workload: &Workload, subjects: &[Subject], places: &mut [Allowed], outcomes: &[Outcome]) {
    if workload.orchestrator == Orchestrator::Kubernetes || subjects.is_empty() {
        return;
    }
    for (allowed, outcomes) in places.iter_mut().zip(outcomes.chunks(subjects.len())) {
        let is_other = outcomes.iter().all(|outcome| outcome.reason == Reason::OtherOs);
        if let Some(subject) = subjects.first().filter(|_| is_other && !matches!(allowed, Allowed::No(_))) {
            let why = "the operating system of its image".to_owned();
            *allowed = Allowed::No(Exclusion { why, span: Some(subject.span), taint: false });
        }
    }
}
