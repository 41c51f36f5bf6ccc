//! Workloads down, hosts across: the tables of outcomes for people who want to see all of them at once, each pair with the
//! chain of its reasons.

mod placed;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

pub use placed::{Lands, Placed};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    config::{Config, DeclaredFleet},
    finding::Finding,
    fleet::{FleetId, Host, HostId},
    judge::{Answers, ClassId, HostClasses, Outcome, Reason},
    model::{BuildId, ImageId, Project, Workload, WorkloadId, WorkloadPart},
    placement::Allowed,
    source::{SourceId, Sources, Span, rendered::Rendering},
    windows::{
        compat::{HostFacts, Verdict},
        release::Releases,
    },
};

/// Whether a workload is placed on hosts at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It is, or nobody can say.
    Placed,
    /// No host of its fleet satisfies its placement.
    Unschedulable,
    /// Nothing in the tree deploys it: a Dockerfile.
    Undeployed,
}

impl State {
    /// As JSON has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Unschedulable => "unschedulable",
            Self::Undeployed => "undeployed",
        }
    }
}

/// One workload.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// What findings call it: `Deployment/web: container web`, `service web`; `final stage` of a Dockerfile.
    pub workload: String,
    /// The file that declares it.
    pub source: SourceId,
    /// Its bytes there: a container's name, the `FROM` of a final stage.
    pub span: Span,
    /// The namespace that its manifest states.
    pub namespace: Option<&'a str>,
    /// What it runs; none where the file gives no image.
    pub image: Option<ImageId>,
    /// Whether it is placed.
    pub state: State,
    /// The charts with their values, and the overlays, that yield it; none for files that are judged as they stand.
    pub rendered: Vec<Arc<Rendering>>,
    /// The files whose fleets it is judged against.
    files: &'a [SourceId],
    what: What<'a>,
}

impl Row<'_> {
    /// The container; none for the final stage of a Dockerfile.
    pub fn part(&self) -> Option<WorkloadPart> {
        match self.what {
            What::Container(workload, number) => Some(workload.part(number)),
            What::FinalStage(_) => None,
        }
    }

    /// Its name without that of its container where the workload has one only.
    pub fn short_name(&self) -> String {
        match self.what {
            What::Container(workload, _) if workload.containers.len() == 1 => workload.name.clone(),
            What::Container(workload, number) => match workload.containers.get(number) {
                Some(container) => format!("{}: {}", workload.name, container.name),
                None => workload.name.clone(),
            },
            What::FinalStage(_) => self.workload.clone(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    Container(&'a Workload, usize),
    FinalStage(BuildId),
}

/// One workload on one host.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// What comes of it; none where it is never placed there.
    pub verdict: Option<Verdict>,
    /// Whether it is placed there, and why.
    pub placed: Placed,
    /// What comes of its image there, wherever it is placed; none on hosts of another orchestrator.
    pub outcome: Option<Outcome>,
    /// The findings that report it, the worst first.
    pub findings: Vec<&'a Finding>,
    /// What the host is; none for Linux.
    pub facts: Option<HostFacts>,
}

/// A verdict as JSON has it.
pub fn id(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("excluded", Verdict::id)
}

/// A verdict for people.
pub fn words(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Runs) => "runs",
        Some(Verdict::Preview) => "preview",
        Some(Verdict::Risk) => "may fail",
        Some(Verdict::Blocked) => "cannot",
        Some(Verdict::Unknown) => "unknown",
        None => "never placed here",
    }
}

impl Cell<'_> {
    /// Why, in one sentence without a full stop.
    pub fn why(&self, releases: &Releases) -> String {
        match &self.outcome {
            Some(outcome) if self.placed.lands == Lands::Maybe => outcome.why(self.facts.as_ref(), releases),
            _ => self.placed.why.clone().into_owned(),
        }
    }

    /// The rule that reports it: of the worst finding, else the one that reports such a thing. Not everything that may fail is
    /// reported: of an image with a revision on a host without one nobody has to change anything.
    pub fn rule(&self) -> Option<&'static str> {
        if let Some(finding) = self.findings.first() {
            return Some(finding.rule);
        }
        let is_fault = matches!(self.verdict, Some(Verdict::Blocked | Verdict::Unknown));
        self.outcome.filter(|_| is_fault && self.placed.lands == Lands::Maybe)?.rule()
    }
}

/// A host of one of the fleets.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    /// What it is called here: its name, with that of its fleet, or a number, where several hosts bear one.
    pub name: String,
    /// The host.
    pub host: &'a Host,
    /// Its id in its fleet.
    pub id: HostId,
    /// What declares it.
    pub fleet: DeclaredFleet<'a>,
}

/// Workloads and hosts; cells are put together one row at a time, since there may be many.
#[derive(Debug)]
pub struct Matrix<'a> {
    columns: Vec<Column<'a>>,
    kinds: Vec<usize>,
    /// The place of the first column of each kind, with its classes.
    first: Vec<(usize, HostClasses)>,
    rows: Vec<Row<'a>>,
    answers: Answers<'a>,
    findings: Findings<'a>,
}

/// All findings that may report a cell, the worst first.
#[derive(Debug, Default)]
struct Findings<'a> {
    workloads: FxHashMap<WorkloadId, Vec<&'a Finding>>,
    /// Of images by themselves: nothing is published under their name.
    names: FxHashMap<&'a str, Vec<&'a Finding>>,
    /// The same by the file they stand in: of several names that one variable decides, they name one.
    dead: FxHashMap<SourceId, Vec<&'a Finding>>,
    /// Of Dockerfiles that nothing deploys, by the file that decides what their final stage is.
    files: FxHashMap<SourceId, Vec<&'a Finding>>,
}

/// Rules about an image of the other operating system, which fails on every host of that system and so names none.
const OTHER_OS: [&str; 3] = ["no-windows-variant", "os-field-mismatch", "platform-mismatch"];

/// Faults of a name: what bears one is pulled nowhere.
const DEAD_NAMES: [&str; 5] =
    ["invalid-repository", "retired-repository", "insider-image", "unpublished-latest", "unknown-tag"];

impl<'a> Findings<'a> {
    fn new(findings: &'a [Finding]) -> Self {
        let mut found = Self::default();
        let mut worst_first: Vec<_> = findings.iter().collect();
        worst_first.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in worst_first {
            for part in &finding.parts {
                found.workloads.entry(part.workload).or_default().push(finding);
            }
            if DEAD_NAMES.contains(&finding.rule) {
                found.names.entry(finding.image.as_deref().unwrap_or_default()).or_default().push(finding);
                found.dead.entry(finding.span.source).or_default().push(finding);
            }
            if finding.parts.is_empty() && !finding.hosts.is_empty() {
                found.files.entry(finding.span.source).or_default().push(finding);
            }
        }
        found
    }

    /// Those that report a cell. What runs, and what nobody can say, has none.
    fn of(&self, row: &Row, column: &Column, cell: &Cell, project: &Project) -> Vec<&'a Finding> {
        if !matches!(cell.verdict, None | Some(Verdict::Risk | Verdict::Blocked)) {
            return Vec::new();
        }
        let decider = row.image.and_then(|image| project.deciding_image(image));
        let pieces = || decider.iter().flat_map(|image| &image.text.pieces).map(|piece| piece.at);
        // Those on the bytes of which the image's name is made, wherever they stand.
        let stating = |of: &FxHashMap<SourceId, Vec<&'a Finding>>| -> Vec<&'a Finding> {
            let sources: BTreeSet<_> = pieces().map(|piece| piece.source).collect();
            let found = sources.iter().filter_map(|source| of.get(source)).flatten();
            found.filter(|finding| pieces().any(|piece| piece.holds(finding.span))).copied().collect()
        };
        let names_host =
            |finding: &&&Finding| finding.fleet == column.fleet.id && finding.hosts.binary_search(&column.id).is_ok();
        let found: Vec<&Finding> = match row.what {
            What::Container(workload, number) => {
                let concerns = |finding: &&&Finding| {
                    let mut parts = finding.parts.iter().filter(|part| part.workload == workload.id);
                    parts.any(|part| part.container.is_none_or(|container| container as usize == number))
                };
                let all = || self.workloads.get(&workload.id).into_iter().flatten().filter(names_host);
                let own: Vec<_> = all().filter(concerns).copied().collect();
                // A placement is that of the whole pod.
                let found = if own.is_empty() { all().copied().collect() } else { own };
                if found.is_empty() && cell.verdict == Some(Verdict::Risk) {
                    // A base image that may fail is reported where it is written, without those that run what is built from it.
                    stating(&self.files).into_iter().filter(|finding| names_host(&finding)).collect()
                } else {
                    found
                }
            }
            What::FinalStage(_) => {
                let own = self.files.get(&row.source).into_iter().flatten().copied();
                let elsewhere = stating(&self.files).into_iter().filter(|finding| finding.span.source != row.source);
                own.chain(elsewhere).filter(|finding| names_host(&finding)).collect()
            }
        };
        if !found.is_empty() || cell.verdict != Some(Verdict::Blocked) {
            return found;
        }
        if let (What::Container(workload, _), Some(Reason::OtherOs)) = (row.what, cell.outcome.map(|it| it.reason)) {
            let all = self.workloads.get(&workload.id).into_iter().flatten();
            return all.filter(|finding| OTHER_OS.contains(&finding.rule)).copied().collect();
        }
        if let Some(named) = decider.and_then(|image| self.names.get(image.text.value.as_str())) {
            return named.clone();
        }
        stating(&self.dead)
    }
}

impl<'a> Matrix<'a> {
    /// All workloads of a project and all hosts. Of Dockerfiles only those are workloads here that nothing in the tree
    /// uses: the others are what their users run.
    pub fn new(answers: Answers<'a>, sources: &Sources, findings: &'a [Finding]) -> Self {
        let Answers { project, config, .. } = answers;
        let containers = project.workloads.iter().flat_map(|workload| {
            let state = state(answers, workload.id);
            workload.containers.iter().enumerate().map(move |(number, container)| Row {
                workload: workload.container_name(number),
                source: workload.source,
                span: container.span,
                namespace: workload.namespace.as_deref(),
                image: container.image,
                state,
                rendered: Vec::new(),
                files: std::slice::from_ref(&workload.source),
                what: What::Container(workload, number),
            })
        });
        let builds = (0..).map(BuildId).take(project.builds.len()).filter_map(|id| final_stage(project, id));
        let mut rows: Vec<_> = containers.chain(builds).collect();
        for row in &mut rows {
            let Some(rendered) = sources.rendered(row.source) else { continue };
            row.rendered.clone_from(&rendered.renderings);
            row.span = rendered.absence(row.span, sources).unwrap_or(row.span);
        }
        let path = |row: &Row| sources.get(row.source).map(|source| source.path.as_str());
        rows.sort_by(|a, b| (path(a), a.span.start).cmp(&(path(b), b.span.start)));
        let columns = columns(config);
        let (kinds, first) = kinds(answers, &columns);
        Self { columns, kinds, first, rows, answers, findings: Findings::new(findings) }
    }

    /// Leaves only these rows.
    pub fn retain(&mut self, is_kept: impl FnMut(&Row<'a>) -> bool) {
        self.rows.retain(is_kept);
    }

    /// The columns, in the order of the fleet.
    pub fn columns(&self) -> &[Column<'a>] {
        &self.columns
    }

    /// The rows, in the order of the files.
    pub fn rows(&self) -> &[Row<'a>] {
        &self.rows
    }

    /// For each column the number of its kind: in columns of one kind the cells of every row are equal.
    pub fn kinds(&self) -> &[usize] {
        &self.kinds
    }

    /// The cells of a row, one for each host.
    pub fn cells(&self, row: &Row<'a>) -> Vec<Cell<'a>> {
        let cells = self.cells_of_kinds(row);
        self.kinds.iter().filter_map(|kind| cells.get(*kind).cloned()).collect()
    }

    /// The cells of a row, one for each kind of hosts.
    pub fn cells_of_kinds(&self, row: &Row<'a>) -> Vec<Cell<'a>> {
        let Answers { project, config, .. } = self.answers;
        let decided = self.decided(row);
        let own_fleets: Vec<_> = config.fleets_of(row.files).iter().map(|fleet| fleet.id).collect();
        let cell = |(column, classes): (&Column<'a>, HostClasses)| {
            let class = match row.what {
                What::Container(workload, _) => classes.of(workload.orchestrator),
                What::FinalStage(_) => classes.for_images,
            };
            let decided = class.and_then(|class| decided.get(&(column.fleet.id, class)));
            let placed = match (row.what, decided) {
                (What::Container(..), _) if !own_fleets.contains(&column.fleet.id) => Placed::in_another_fleet(),
                (What::FinalStage(_), _) if !own_fleets.contains(&column.fleet.id) => Placed::judged_in_another_fleet(),
                (What::Container(workload, _), Some((_, Some(allowed)))) => Placed::of_workload(workload, allowed),
                (What::Container(workload, _), _) => Placed::elsewhere(workload, column.host),
                (What::FinalStage(_), decided) => {
                    Placed::of_final_stage(decided.map(|(outcome, _)| *outcome), column.host)
                }
            };
            let outcome = decided.map(|(outcome, _)| *outcome).filter(|_| placed.lands != Lands::Elsewhere);
            let verdict = match (placed.lands, outcome) {
                (Lands::Never | Lands::Elsewhere, _) | (_, None) => None,
                (Lands::Unknown, _) => Some(Verdict::Unknown),
                (Lands::Maybe, Some(outcome)) => Some(outcome.verdict),
            };
            let orchestrator = match row.what {
                What::Container(workload, _) => workload.orchestrator,
                What::FinalStage(_) => column.host.orchestrator_or_docker(),
            };
            let facts = HostFacts::of(column.host, orchestrator);
            let cell = Cell { verdict, placed, outcome, findings: Vec::new(), facts };
            Cell { findings: self.findings.of(row, column, &cell, project), ..cell }
        };
        let first = self.first.iter().filter_map(|(place, classes)| Some((self.columns.get(*place)?, *classes)));
        first.map(cell).collect()
    }

    /// What was decided of a row, by class of hosts; of workloads also what the placement makes of them.
    fn decided(&self, row: &Row<'a>) -> FxHashMap<(FleetId, ClassId), (Outcome, Option<&'a Allowed>)> {
        let Answers { config, tables, .. } = self.answers;
        match row.what {
            What::Container(workload, number) => {
                let judgements = self.answers.judgements_of(workload.id);
                let of = judgements.flat_map(|(fleet, judgement)| {
                    judgement.classes().filter_map(move |place| {
                        Some(((fleet.id, place.class), (*place.outcomes.get(number)?, Some(place.allowed))))
                    })
                });
                of.collect()
            }
            What::FinalStage(build) => {
                let of = config.fleets().zip(tables).flat_map(|(fleet, table)| {
                    table.built_and_run(build).map(move |(class, outcome)| ((fleet.id, class), (outcome, None)))
                });
                of.collect()
            }
        }
    }
}

/// For each column the number of its kind, and of each kind the first column with its classes.
fn kinds(answers: Answers<'_>, columns: &[Column<'_>]) -> (Vec<usize>, Vec<(usize, HostClasses)>) {
    let Answers { config, tables, .. } = answers;
    let classes: FxHashMap<_, _> =
        config.fleets().zip(tables).map(|(fleet, table)| (fleet.id, table.classes_by_host())).collect();
    let mut known = FxHashMap::default();
    let mut first = Vec::new();
    let kind = |(place, column): (usize, &Column<'_>)| {
        let own = classes.get(&column.fleet.id).and_then(|of| of.get(&column.id)).copied().unwrap_or_default();
        *known.entry((column.fleet.id, own)).or_insert_with(|| {
            first.push((place, own));
            first.len() - 1
        })
    };
    (columns.iter().enumerate().map(kind).collect(), first)
}

/// A workload of several fleets is unschedulable where it is so on all of them.
fn state(answers: Answers<'_>, id: WorkloadId) -> State {
    let mut judgements = answers.judgements_of(id).peekable();
    let is_judged = judgements.peek().is_some();
    if is_judged && judgements.all(|(_, judgement)| judgement.is_placed_nowhere()) {
        State::Unschedulable
    } else {
        State::Placed
    }
}

/// Every host that some workload may be judged against, once.
fn columns(config: &Config) -> Vec<Column<'_>> {
    let hosts = || config.fleets().flat_map(|fleet| fleet.fleet.numbered().map(move |(id, host)| (fleet, id, host)));
    let mut namesakes: FxHashMap<&str, usize> = FxHashMap::default();
    for (.., host) in hosts() {
        *namesakes.entry(&host.name).or_default() += 1;
    }
    let mut taken: FxHashSet<String> = FxHashSet::default();
    let column = |(fleet, _, host): (DeclaredFleet<'_>, HostId, &Host)| {
        let own = match fleet.name.filter(|_| namesakes.get(host.name.as_str()).is_some_and(|count| *count > 1)) {
            Some(fleet) => format!("{} ({fleet})", host.name),
            None => host.name.clone(),
        };
        let numbered = (2..).map(|number| format!("{own} ({number})"));
        std::iter::once(own.clone()).chain(numbered).find(|name| taken.insert(name.clone())).unwrap_or(own)
    };
    let names: Vec<_> = hosts().map(column).collect();
    hosts().zip(names).map(|((fleet, id, host), name)| Column { name, host, id, fleet }).collect()
}

/// Of a Dockerfile that nothing in the tree uses.
fn final_stage(project: &Project, id: BuildId) -> Option<Row<'_>> {
    let build = project.builds.get(id.0 as usize).filter(|build| !build.used)?;
    let stage = build.stages.get(build.final_stage? as usize)?;
    let workload = match &stage.name {
        Some((name, _)) => format!("final stage {name}"),
        None => "final stage".to_owned(),
    };
    Some(Row {
        workload,
        source: build.source,
        span: stage.span,
        namespace: None,
        image: build.base_image(),
        state: State::Undeployed,
        rendered: Vec::new(),
        files: project.users_of(id),
        what: What::FinalStage(id),
    })
}
