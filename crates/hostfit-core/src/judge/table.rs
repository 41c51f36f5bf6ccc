//! The outcomes of one fleet: for every workload a row, for every host that its orchestrator uses a cell.

use super::{
    case::{Case, On},
    outcome::{Doubt, Outcome},
    subject::{Subject, named_host, subjects},
};
use crate::{
    fleet::{Fleet, Host, HostId},
    model::{BuildId, Project, Workload, WorkloadId},
    placement::Allowed,
    source::Span,
    windows::{Build, Isolation, OsVersion, compat::HostFacts},
};

/// All that was decided for one fleet.
#[derive(Debug, Default)]
pub struct Table {
    /// The workloads that are judged against it, in the order of the project.
    pub(super) rows: Vec<Row>,
    /// The Dockerfiles that nothing in the tree uses, in the order of the project.
    pub(super) undeployed: Vec<Undeployed>,
}

/// What was decided of one workload.
#[derive(Debug)]
pub struct Row {
    /// The workload.
    pub workload: WorkloadId,
    /// The hosts of its orchestrator, and whether its placement leaves them; none: it is not judged against hosts.
    pub(super) places: Vec<(HostId, Allowed)>,
    /// What comes of its containers, host by host.
    pub(super) outcomes: Vec<Outcome>,
    /// Builds that the placement names, each with its bytes.
    pub(super) named: Vec<(OsVersion, Span)>,
    pub(super) cause: Cause,
    pub(super) risks: Vec<Case>,
}

/// Why a workload does not run where it may land.
#[derive(Clone, Debug, Default)]
pub enum Cause {
    /// It does, or nobody can say.
    #[default]
    None,
    /// No host satisfies the placement.
    Unschedulable,
    /// Taints alone keep it off every host that its placement names.
    Untolerated,
    /// Some of the allowed hosts can run it and on these it fails: a pin is missing.
    MissingPin(Vec<Case>),
    /// None of the builds that the placement names can run it.
    Placement(Vec<Case>),
    /// No allowed host can run it, or nothing schedules: image or isolation are wrong.
    Image(Vec<Case>),
}

/// A final stage that nothing in the tree uses, on every host.
#[derive(Debug)]
pub struct Undeployed {
    /// The build that it is of.
    pub build: BuildId,
    /// What comes of it, in the order of the fleet.
    pub(super) outcomes: Vec<Outcome>,
    /// The same on Windows hosts, where its Windows is known.
    pub(super) cases: Vec<Case>,
}

impl Undeployed {
    /// What comes of it on each host of the fleet that it was judged against.
    pub fn on<'a>(&'a self, fleet: &'a Fleet) -> impl Iterator<Item = (HostId, &'a Host, Outcome)> {
        fleet.numbered().zip(&self.outcomes).map(|((id, host), outcome)| (id, host, *outcome))
    }
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
        Outcome::worst_of(self.outcomes.iter().copied()).unwrap_or(Outcome::unknown(Doubt::NoImage))
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
    pub(super) row: &'a Row,
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
        let subject = Subject::of_container(own, self.workload, project, self.fleet).under(isolation);
        let left = self.places().filter(|place| !place.is_excluded());
        let case = |place: Place<'_>| {
            let facts = HostFacts::of(place.host, orchestrator)?;
            Case::new(&subject, container, On::Host(place.id), &facts, subject.on_windows(&facts))
        };
        left.filter_map(case).collect()
    }
}

impl Table {
    /// The rows with what they are about.
    pub fn judgements<'a>(
        &'a self,
        project: &'a Project,
        fleet: &'a Fleet,
    ) -> impl Iterator<Item = Judgement<'a>> + Clone {
        self.rows.iter().filter_map(|row| {
            let workload = project.workload(row.workload)?;
            Some(Judgement { workload, fleet, row })
        })
    }

    /// The row of one workload; none where it is not judged against this fleet.
    pub fn judgement<'a>(&'a self, id: WorkloadId, project: &'a Project, fleet: &'a Fleet) -> Option<Judgement<'a>> {
        let place = self.rows.binary_search_by_key(&id, |row| row.workload).ok()?;
        Some(Judgement { workload: project.workload(id)?, fleet, row: self.rows.get(place)? })
    }

    /// What comes of the final stage of a build; none where something in the tree uses it.
    pub fn undeployed(&self, build: BuildId) -> Option<&Undeployed> {
        let place = self.undeployed.binary_search_by_key(&build, |it| it.build).ok()?;
        self.undeployed.get(place)
    }
}

pub(super) fn carries<'a>(mut places: impl Iterator<Item = Place<'a>>, label: &str) -> bool {
    places.any(|place| place.host.labels.iter().any(|(own, _)| own == label))
}
