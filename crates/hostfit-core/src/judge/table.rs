//! The outcomes of one fleet: for every workload a row, for every class of hosts that its orchestrator uses a cell.

use rustc_hash::FxHashMap;

use super::{
    case::{Case, On},
    classes::{ClassId, Classes, HostClasses},
    outcome::{Doubt, Outcome},
    stages::Built,
    subject::{Subject, named_host, subjects},
};
use crate::{
    fleet::{Fleet, Host, HostId},
    model::{BuildId, Orchestrator, Project, Workload, WorkloadId},
    placement::Allowed,
    source::Span,
    windows::{Build, Isolation, OsVersion, compat::HostFacts},
};

/// All that was decided for one fleet.
#[derive(Debug, Default)]
pub struct Table {
    /// The hosts, grouped by their differences.
    pub(super) classes: Classes,
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
    /// Whether its placement leaves the hosts, class by class of its orchestrator; none: it is not judged against hosts.
    pub(super) places: Vec<Allowed>,
    /// What comes of its containers, class by class.
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
    /// What comes of it, class by class.
    pub(super) outcomes: Vec<Outcome>,
    /// The same on Windows hosts, where its Windows is known.
    pub(super) cases: Vec<Case>,
    /// What comes of the stages that it is built from.
    pub(super) built: Built,
}

/// One host of the workload's orchestrator, or all of one class.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its id; that of the first of a class.
    pub id: HostId,
    /// The host; the first of a class.
    pub host: &'a Host,
    /// The class of hosts that it is of.
    pub class: ClassId,
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
    pub(super) classes: &'a Classes,
    pub(super) row: &'a Row,
}

impl<'a> Judgement<'a> {
    /// The hosts of its orchestrator; none: it is not judged against hosts.
    pub fn places(&self) -> impl Iterator<Item = Place<'a>> + Clone + use<'a> {
        let judgement = *self;
        let hosts = self.classes.view(self.workload.orchestrator).hosts();
        hosts.filter_map(move |(id, class)| judgement.place(class, id, judgement.fleet.host(id)?))
    }

    /// The same with one place for all hosts of a class, which are alike in everything but their names and in labels that no
    /// placement asks for; in the order of their first hosts.
    pub fn classes(&self) -> impl Iterator<Item = Place<'a>> + Clone + use<'a> {
        let judgement = *self;
        self.classes.view(self.workload.orchestrator).classes().filter_map(move |class| {
            let (id, host) = judgement.classes.first(class, judgement.fleet)?;
            judgement.place(class, id, host)
        })
    }

    fn place(&self, class: ClassId, id: HostId, host: &'a Host) -> Option<Place<'a>> {
        let (row, count) = (self.row, self.workload.containers.len());
        let number = self.classes.view(self.workload.orchestrator).place(class)?;
        let outcomes = row.outcomes.get(number * count..(number + 1) * count)?;
        Some(Place { id, host, class, allowed: row.places.get(number)?, outcomes })
    }

    /// The hosts of a class, in the order of the fleet.
    pub fn hosts(&self, class: ClassId) -> &'a [HostId] {
        self.classes.hosts(class)
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

    /// What may fail, on other hosts too than those where the cause has it fail, and what a runtime refuses.
    pub fn risks(&self) -> &'a [Case] {
        &self.row.risks
    }

    /// Whether surely none of its hosts is left. A pod for Linux, or one that asks for a node by a name, may be meant for a node
    /// that nobody declared.
    pub fn is_placed_nowhere(&self) -> bool {
        let is_meant = self.workload.orchestrator == Orchestrator::Docker || !matches!(self.cause(), Cause::None);
        self.has_hosts() && is_meant && self.classes().all(|place| place.is_excluded())
    }

    /// The Windows hosts that the placement surely leaves, class by class.
    pub fn allowed_windows(&self) -> impl Iterator<Item = (Place<'a>, OsVersion)> + Clone + use<'a> {
        let allowed = self.classes().filter(Place::is_allowed);
        allowed.filter_map(|place| Some((place, place.host.windows()?)))
    }

    /// What the Windows hosts are that the placement leaves, surely or perhaps, and how many are so; where no declared one is
    /// left, those that it names.
    pub fn possible_windows(&self) -> Vec<(HostFacts, usize)> {
        let orchestrator = self.workload.orchestrator;
        let left = self.classes().filter(|place| !place.is_excluded());
        let counted =
            |place: Place<'_>| Some((HostFacts::of(place.host, orchestrator)?, self.classes.hosts(place.class).len()));
        let facts: Vec<_> = left.filter_map(counted).collect();
        if !facts.is_empty() {
            return facts;
        }
        self.row.named.iter().map(|&(version, _)| (named_host(version, orchestrator), 1)).collect()
    }

    /// Whether the fleet says of some host that it carries this label, which the placement asks for.
    pub fn some_host_carries(&self, label: &str) -> bool {
        carries(self.classes(), label)
    }

    /// Whether what places this workload has a Linux host.
    pub fn has_linux_host(&self) -> bool {
        self.classes().any(|place| place.host.windows().is_none())
    }

    /// Whether every container of which the Windows is known starts on a node of this build, whichever that is.
    pub fn runs_on_build(&self, build: Build, project: &Project) -> bool {
        let facts = named_host(OsVersion { build, revision: None }, self.workload.orchestrator);
        let subjects = subjects(self.workload, project, &self.classes.builders);
        !subjects.iter().any(|subject| subject.if_published(&facts).is_blocked())
    }

    /// A container on every class of Windows hosts that the placement leaves, surely or perhaps, as if `isolation` were asked for
    /// it; none of it where its Windows is not known.
    pub fn cases_under(&self, isolation: Isolation, container: usize, project: &Project) -> Vec<Case> {
        let orchestrator = self.workload.orchestrator;
        let Some(own) = self.workload.containers.get(container) else { return Vec::new() };
        let subject = Subject::of_container(own, self.workload, project, &self.classes.builders).under(isolation);
        let left = self.classes().filter(|place| !place.is_excluded());
        let case = |place: Place<'_>| {
            let facts = HostFacts::of(place.host, orchestrator)?;
            Case::new(&subject, container, On::Hosts(place.class), &facts, subject.on_windows(&facts))
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
            Some(Judgement { workload, fleet, classes: &self.classes, row })
        })
    }

    /// The row of one workload; none where it is not judged against this fleet.
    pub fn judgement<'a>(&'a self, id: WorkloadId, project: &'a Project, fleet: &'a Fleet) -> Option<Judgement<'a>> {
        let place = self.rows.binary_search_by_key(&id, |row| row.workload).ok()?;
        Some(Judgement { workload: project.workload(id)?, fleet, classes: &self.classes, row: self.rows.get(place)? })
    }

    /// What comes of the final stage of a build, class by class of hosts; none where something in the tree uses it.
    pub fn undeployed(&self, build: BuildId) -> impl Iterator<Item = (ClassId, Outcome)> + Clone {
        let own = self.undeployed_of(build);
        own.into_iter().flat_map(|own| self.classes.images.classes().zip(own.outcomes.iter().copied()))
    }

    /// The same for who builds it on those hosts too: where a stage that it needs fails, it may.
    pub fn built_and_run(&self, build: BuildId) -> impl Iterator<Item = (ClassId, Outcome)> {
        let stages = self.undeployed_of(build).map_or(&[][..], |own| &own.built.failing);
        let failing: FxHashMap<_, _> = stages.iter().map(|case| (case.on.class(), case.outcome)).collect();
        let of_stage = move |class| failing.get(&Some(class)).map(|it| it.unless_built_elsewhere());
        self.undeployed(build).map(move |(class, outcome)| (class, of_stage(class).unwrap_or(outcome)))
    }

    fn undeployed_of(&self, build: BuildId) -> Option<&Undeployed> {
        let place = self.undeployed.binary_search_by_key(&build, |it| it.build).ok()?;
        self.undeployed.get(place)
    }

    /// The hosts of a class, in the order of the fleet.
    pub fn hosts(&self, class: ClassId) -> &[HostId] {
        self.classes.hosts(class)
    }

    /// Every host with its classes.
    pub fn classes_by_host(&self) -> FxHashMap<HostId, HostClasses> {
        self.classes.by_host()
    }

    /// The hosts of each class that is different to images by themselves, which nothing places.
    pub fn classes_for_images(&self) -> impl Iterator<Item = &[HostId]> {
        self.classes.images.classes().map(|class| self.classes.hosts(class))
    }
}

pub(super) fn carries<'a>(mut places: impl Iterator<Item = Place<'a>>, label: &str) -> bool {
    places.any(|place| place.host.labels.iter().any(|(own, _)| own == label))
}
