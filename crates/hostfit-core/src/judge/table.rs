//! The outcomes of one fleet: for every workload a row, for every host that its orchestrator uses a cell.

use super::{
    answers::Answers,
    case::{Case, On},
    cause::{self, ByHost, Cause},
    failing::{self, Failing},
    named::named_builds,
    outcome::{Doubt, Outcome, Reason},
    subject::Subject,
};
use crate::{
    config::{Config, DeclaredFleet},
    fleet::{Fleet, Host, HostId},
    model::{BuildId, ImageId, Orchestrator, Project, Workload, WorkloadId},
    placement::{self, Allowed, Exclusion},
    source::Span,
    windows::{Build, HostKind, Isolation, OsVersion, compat::HostFacts},
};

/// All that was decided for one fleet.
#[derive(Debug, Default)]
pub struct Table {
    /// The workloads that are judged against it, in the order of the project.
    rows: Vec<Row>,
    /// The Dockerfiles that nothing in the tree uses, in the order of the project.
    undeployed: Vec<Undeployed>,
}

/// What was decided of one workload.
#[derive(Debug)]
pub struct Row {
    /// The workload.
    pub workload: WorkloadId,
    /// The hosts of its orchestrator, and whether its placement leaves them; none: it is not judged against hosts.
    places: Vec<(HostId, Allowed)>,
    /// What comes of its containers, host by host.
    outcomes: Vec<Outcome>,
    /// Builds that the placement names, each with its bytes.
    named: Vec<(OsVersion, Span)>,
    cause: Cause,
    risks: Vec<Case>,
}

/// A final stage that nothing in the tree uses, on every host.
#[derive(Debug)]
pub struct Undeployed {
    /// The build that it is of.
    pub build: BuildId,
    /// What comes of it, in the order of the fleet.
    pub outcomes: Vec<Outcome>,
    /// The same on Windows hosts, where its Windows is known.
    pub(super) cases: Vec<Case>,
}

/// One host of the workload's orchestrator.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its id.
    pub id: HostId,
    /// The host.
    pub host: &'a Host,
    /// Whether the placement leaves it.
    pub allowed: &'a Allowed,
    /// What comes of each container there.
    pub outcomes: &'a [Outcome],
}

impl Place<'_> {
    /// Whether the workload may land there: surely, not perhaps.
    pub fn is_allowed(&self) -> bool {
        *self.allowed == Allowed::Yes
    }

    /// Whether the workload never lands there.
    pub fn is_excluded(&self) -> bool {
        matches!(self.allowed, Allowed::No(_))
    }

    /// What comes of the container that fares worst.
    pub fn worst(&self) -> Outcome {
        let worst = |worst: Outcome, next: Outcome| if next.rank() > worst.rank() { next } else { worst };
        self.outcomes.iter().copied().reduce(worst).unwrap_or(Outcome::unknown(Doubt::NoImage))
    }

    /// Whether all containers start there whose Windows is known, and there are any.
    pub fn runs_known(&self) -> bool {
        let mut known = self.outcomes.iter().filter(|outcome| outcome.image.is_some()).peekable();
        known.peek().is_some() && known.all(|outcome| outcome.verdict.starts())
    }

    /// Whether some container is known not to run there.
    pub fn fails(&self) -> bool {
        self.outcomes.iter().any(|outcome| outcome.image.is_some() && outcome.is_blocked())
    }
}

/// A row with what it is about.
#[derive(Clone, Copy, Debug)]
pub struct Judgement<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// The fleet that it was judged against.
    pub fleet: &'a Fleet,
    row: &'a Row,
}

impl<'a> Judgement<'a> {
    /// The hosts of its orchestrator; none: it is not judged against hosts.
    pub fn places(&self) -> impl Iterator<Item = Place<'a>> + Clone + use<'a> {
        let (fleet, row, count) = (self.fleet, self.row, self.workload.containers.len());
        row.places.iter().enumerate().filter_map(move |(number, (id, allowed))| {
            let outcomes = row.outcomes.get(number * count..(number + 1) * count)?;
            Some(Place { id: *id, host: fleet.host(*id)?, allowed, outcomes })
        })
    }

    /// Whether it is judged against hosts.
    pub fn has_hosts(&self) -> bool {
        !self.row.places.is_empty()
    }

    /// Builds that the placement names, each with its bytes.
    pub fn named(&self) -> &'a [(OsVersion, Span)] {
        &self.row.named
    }

    /// The one cause.
    pub fn cause(&self) -> &'a Cause {
        &self.row.cause
    }

    /// What may fail though nothing is wrong with image and placement for certain, and what a runtime refuses.
    pub fn risks(&self) -> &'a [Case] {
        &self.row.risks
    }

    /// The Windows hosts that the placement surely leaves.
    pub fn allowed_windows(&self) -> impl Iterator<Item = (Place<'a>, OsVersion)> + Clone + use<'a> {
        let allowed = self.places().filter(Place::is_allowed);
        allowed.filter_map(|place| Some((place, place.host.windows()?)))
    }

    /// What the Windows hosts are that the placement leaves, surely or perhaps; where no declared one is left, those that
    /// it names.
    pub fn possible_windows(&self) -> Vec<HostFacts> {
        let orchestrator = self.workload.orchestrator;
        let left = self.places().filter(|place| !place.is_excluded());
        let facts: Vec<_> = left.filter_map(|place| HostFacts::of(place.host, orchestrator)).collect();
        if !facts.is_empty() {
            return facts;
        }
        self.row.named.iter().map(|&(version, _)| named_host(version, orchestrator)).collect()
    }

    /// Whether the fleet says of some host that it carries this label.
    pub fn some_host_carries(&self, label: &str) -> bool {
        carries(self.places(), label)
    }

    /// Whether what places this workload has a Linux host.
    pub fn has_linux_host(&self) -> bool {
        self.places().any(|place| place.host.windows().is_none())
    }

    /// Whether every container of which the Windows is known starts on a node of this build, whichever that is.
    pub fn runs_on_build(&self, build: Build, project: &Project) -> bool {
        let facts = named_host(OsVersion { build, revision: None }, self.workload.orchestrator);
        let subjects = subjects(self.workload, project, self.fleet);
        !subjects.iter().any(|subject| subject.if_published(&facts).is_blocked())
    }

    /// A container on every Windows host that the placement leaves, surely or perhaps, as if `isolation` were asked for
    /// it; none of it where its Windows is not known.
    pub fn cases_under(&self, isolation: Isolation, container: usize, project: &Project) -> Vec<Case> {
        let orchestrator = self.workload.orchestrator;
        let Some(own) = self.workload.containers.get(container) else { return Vec::new() };
        let subject = Subject::of_container(own, orchestrator, project, self.fleet).under(isolation);
        let left = self.places().filter(|place| !place.is_excluded());
        let case = |place: Place<'_>| {
            let facts = HostFacts::of(place.host, orchestrator)?;
            Case::new(&subject, container, On::Host(place.id), &facts, subject.on_windows(&facts))
        };
        left.filter_map(case).collect()
    }
}

impl Table {
    /// Judges what is deployed to one of the fleets of the configuration.
    pub fn of(project: &Project, config: &Config, fleet: DeclaredFleet<'_>) -> Self {
        // Who runs what is worked out only where that matters.
        let is_one = config.targets.is_empty();
        let workloads = (0..).map(WorkloadId).zip(&project.workloads);
        let rows = workloads
            .filter(|(_, workload)| is_one || config.judges(&fleet, &[workload.source]))
            .map(|(id, workload)| Row::of(id, workload, project, config, fleet.fleet))
            .collect();
        let builds = (0..).map(BuildId).zip(&project.builds).filter(|(_, build)| !build.used);
        let undeployed = builds
            .filter(|(id, _)| is_one || config.judges(&fleet, project.users_of(*id)))
            .filter_map(|(id, build)| Some(Undeployed::of(id, build.base_image()?, project, fleet.fleet)))
            .collect();
        Self { rows, undeployed }
    }

    /// The rows with what they are about.
    pub fn judgements<'a>(
        &'a self,
        project: &'a Project,
        fleet: &'a Fleet,
    ) -> impl Iterator<Item = Judgement<'a>> + Clone {
        self.rows.iter().filter_map(|row| {
            let workload = project.workloads.get(row.workload.0 as usize)?;
            Some(Judgement { workload, fleet, row })
        })
    }

    /// The row of one workload; none where it is not judged against this fleet.
    pub fn judgement<'a>(&'a self, id: WorkloadId, project: &'a Project, fleet: &'a Fleet) -> Option<Judgement<'a>> {
        let place = self.rows.binary_search_by_key(&id, |row| row.workload).ok()?;
        Some(Judgement { workload: project.workloads.get(id.0 as usize)?, fleet, row: self.rows.get(place)? })
    }

    /// What comes of the final stage of a build; none where something in the tree uses it.
    pub fn undeployed(&self, build: BuildId) -> Option<&Undeployed> {
        let place = self.undeployed.binary_search_by_key(&build, |it| it.build).ok()?;
        self.undeployed.get(place)
    }

    /// Everything that fails because of its image, its isolation or the host's runtime.
    pub fn failing<'a>(&'a self, project: &'a Project, fleet: &'a Fleet) -> Vec<Failing<'a>> {
        failing::all(self.judgements(project, fleet), &self.undeployed, project)
    }
}

impl Row {
    fn of(id: WorkloadId, workload: &Workload, project: &Project, config: &Config, fleet: &Fleet) -> Self {
        let serving = fleet.numbered().filter(|(_, host)| host.serves(workload.orchestrator));
        let mut places: Vec<_> = serving.map(|(id, host)| (id, placement::allows(&workload.placement, host))).collect();
        let subjects = subjects(workload, project, fleet);
        let hosts = places.iter().filter_map(|(id, _)| fleet.host(*id));
        let outcomes: Vec<_> = hosts.flat_map(|host| subjects.iter().map(move |subject| subject.on(host))).collect();
        exclude_other_os(workload, &subjects, &mut places, &outcomes);
        let mut row = Self { workload: id, places, outcomes, named: Vec::new(), cause: Cause::None, risks: Vec::new() };
        let judgement = Judgement { workload, fleet, row: &row };
        let places: Vec<_> = judgement.places().collect();
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
    fn of(build: BuildId, image: ImageId, project: &Project, fleet: &Fleet) -> Self {
        let mut cases = Vec::new();
        let outcomes = fleet.numbered().map(|(id, host)| {
            let orchestrator = own(host);
            let subject = Subject::of_image(image, Some(Isolation::Default), orchestrator, project, fleet);
            let outcome = subject.on(host);
            let facts = HostFacts::of(host, orchestrator);
            cases.extend(facts.and_then(|facts| Case::new(&subject, 0, On::Host(id), &facts, outcome)));
            outcome
        });
        let outcomes = outcomes.collect();
        Self { build, outcomes, cases }
    }
}

/// What comes of the image `id` on a host, under the default isolation there, whoever runs it.
pub fn by_itself(project: &Project, id: ImageId, host: &Host, fleet: &Fleet) -> Outcome {
    Subject::of_image(id, Some(Isolation::Default), own(host), project, fleet).on(host)
}

/// What comes of a container on a Windows host that is not one of the fleet; none where there is no such container.
pub fn container_on(answers: Answers<'_>, id: WorkloadId, container: usize, facts: &HostFacts) -> Option<Outcome> {
    let workload = answers.project.workloads.get(id.0 as usize)?;
    let fleet = answers.judgements_of(id).map(|(fleet, _)| fleet.fleet).next().unwrap_or(&answers.config.fleet);
    let own = workload.containers.get(container)?;
    Some(Subject::of_container(own, workload.orchestrator, answers.project, fleet).on_windows(facts))
}

/// What places containers on a host; one that stands for all is a Docker host to who asks of an image alone.
fn own(host: &Host) -> Orchestrator {
    host.orchestrator.unwrap_or(Orchestrator::Docker)
}

fn subjects<'p>(workload: &Workload, project: &'p Project, fleet: &Fleet) -> Vec<Subject<'p>> {
    let of = |container| Subject::of_container(container, workload.orchestrator, project, fleet);
    workload.containers.iter().map(of).collect()
}

fn on_hosts(judgement: &Judgement, subjects: &[Subject]) -> ByHost {
    let on = |(place, _): (Place<'_>, OsVersion)| {
        let Some(facts) = HostFacts::of(place.host, judgement.workload.orchestrator) else { return Vec::new() };
        let case = |(number, subject): (usize, &Subject)| {
            Case::new(subject, number, On::Host(place.id), &facts, subject.if_published(&facts))
        };
        subjects.iter().enumerate().filter_map(case).collect()
    };
    judgement.allowed_windows().map(on).collect()
}

fn on_named(workload: &Workload, subjects: &[Subject], named: &[(OsVersion, Span)]) -> ByHost {
    let on = |&(version, _): &(OsVersion, Span)| {
        let facts = named_host(version, workload.orchestrator);
        let case = |(number, subject): (usize, &Subject)| {
            Case::new(subject, number, On::Build, &facts, subject.if_published(&facts))
        };
        subjects.iter().enumerate().filter_map(case).collect()
    };
    named.iter().map(on).collect()
}

/// Swarm places services on nodes of the image's operating system only, and a plain Docker host of the other is never meant.
/// Kubernetes looks at labels alone.
fn exclude_other_os(workload: &Workload, subjects: &[Subject], places: &mut [(HostId, Allowed)], outcomes: &[Outcome]) {
    if workload.orchestrator == Orchestrator::Kubernetes || subjects.is_empty() {
        return;
    }
    for ((_, allowed), outcomes) in places.iter_mut().zip(outcomes.chunks(subjects.len())) {
        let is_other = outcomes.iter().all(|outcome| outcome.reason == Reason::OtherOs);
        if let Some(subject) = subjects.first().filter(|_| is_other && !matches!(allowed, Allowed::No(_))) {
            let why = "the operating system of its image".to_owned();
            *allowed = Allowed::No(Exclusion { why, span: Some(subject.span), taint: false });
        }
    }
}

/// A server of this version, of which nothing else is known.
fn named_host(version: OsVersion, orchestrator: Orchestrator) -> HostFacts {
    HostFacts::named(version, HostKind::Server, orchestrator == Orchestrator::Kubernetes)
}

pub(super) fn carries<'a>(mut places: impl Iterator<Item = Place<'a>>, label: &str) -> bool {
    places.any(|place| place.host.labels.iter().any(|(own, _)| own == label))
}
