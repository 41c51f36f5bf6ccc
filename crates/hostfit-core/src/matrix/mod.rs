//! Workloads down, hosts across: what comes of each pair, and by which chain of reasons. For people who want to see all of
//! it at once; rules ask [`judge`](crate::judge).

mod landing;
mod spoken;
#[cfg(test)]
mod tests;

pub use landing::{Landing, Lands};
use rustc_hash::{FxHashMap, FxHashSet};
use spoken::Spoken;

use crate::{
    config::{Config, DeclaredFleet},
    finding::Finding,
    fleet::Host,
    knowledge::hosts::{self, Outcome},
    model::{BuildId, ImageId, Project, Workload},
    source::{SourceId, Sources, Span},
    windows::{compat, release::Releases},
};

/// What comes of a workload on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It runs.
    Runs,
    /// It runs, as a preview or for development only.
    Preview,
    /// It may fail.
    Risk,
    /// It may land there, and does not run.
    Blocked,
    /// It is never placed there.
    Excluded,
    /// Nobody can say.
    Unknown,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Runs, Self::Preview, Self::Risk, Self::Blocked, Self::Excluded, Self::Unknown];

    /// As JSON has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Preview => "preview",
            Self::Risk => "risk",
            Self::Blocked => "blocked",
            Self::Excluded => "excluded",
            Self::Unknown => "unknown",
        }
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Preview => "preview",
            Self::Risk => "may fail",
            Self::Blocked => "cannot",
            Self::Excluded => "never placed here",
            Self::Unknown => "unknown",
        }
    }

    fn of(lands: Lands, outcome: Option<&Outcome>) -> Self {
        let Some(outcome) = outcome else { return Self::Excluded };
        match (lands, outcome.verdict()) {
            (Lands::Never | Lands::Elsewhere, _) => Self::Excluded,
            (Lands::Unknown, _) | (_, compat::Verdict::Unknown) => Self::Unknown,
            (_, compat::Verdict::Runs) => Self::Runs,
            (_, compat::Verdict::Preview) => Self::Preview,
            (_, compat::Verdict::Risk) => Self::Risk,
            (_, compat::Verdict::Blocked) => Self::Blocked,
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
    /// The files whose fleets it is judged against.
    files: &'a [SourceId],
    what: What<'a>,
}

impl Row<'_> {
    /// Its name without that of its container where the workload has one only.
    pub fn short_name(&self) -> String {
        match self.what {
            What::Container(workload, _) if workload.containers.len() == 1 => workload.name.clone(),
            What::Container(workload, number) => match workload.containers.get(number) {
                Some(container) => format!("{}: {}", workload.name, container.name),
                None => workload.name.clone(),
            },
            What::FinalStage => self.workload.clone(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    Container(&'a Workload, usize),
    FinalStage,
}

/// One workload on one host.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// What comes of it.
    pub verdict: Verdict,
    /// Whether it is placed there, and why.
    pub landing: Landing,
    /// What comes of its image there, wherever it is placed; none on hosts of another orchestrator.
    pub outcome: Option<Outcome>,
    /// The findings that speak of it, the worst first.
    pub findings: Vec<&'a Finding>,
}

impl Cell<'_> {
    /// Why, in one sentence without a full stop.
    pub fn why(&self, releases: &Releases) -> String {
        match &self.outcome {
            Some(outcome) if self.landing.lands == Lands::Maybe => outcome.why(releases),
            _ => self.landing.why.clone().into_owned(),
        }
    }

    /// The rule that speaks of it: of the worst finding, else the one that reports such a thing.
    pub fn rule(&self) -> Option<&'static str> {
        if let Some(finding) = self.findings.first() {
            return Some(finding.rule);
        }
        let is_fault = matches!(self.verdict, Verdict::Risk | Verdict::Blocked | Verdict::Unknown);
        match self.outcome.as_ref().filter(|_| is_fault && self.landing.lands == Lands::Maybe)? {
            Outcome::Judged { judged, .. } => judged.step.rule(),
            Outcome::Refused => Some("runtime-refuses-image"),
            Outcome::NoVariant => Some("no-windows-variant"),
            _ => None,
        }
    }
}

/// A host of one of the fleets.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    /// What it is called here: its name, with that of its fleet, or a number, where several hosts bear one.
    pub name: String,
    /// The host.
    pub host: &'a Host,
    /// What declares it.
    pub fleet: DeclaredFleet<'a>,
}

/// Workloads and hosts; cells are worked out one row at a time, since there may be many.
#[derive(Debug)]
pub struct Matrix<'a> {
    columns: Vec<Column<'a>>,
    rows: Vec<Row<'a>>,
    project: &'a Project,
    config: &'a Config,
    spoken: Spoken<'a>,
}

impl<'a> Matrix<'a> {
    /// All workloads of a project and all hosts. Of Dockerfiles only those are workloads here that nothing in the tree
    /// uses: the others are what their users run.
    pub fn new(project: &'a Project, config: &'a Config, sources: &Sources, findings: &'a [Finding]) -> Self {
        let containers = project.workloads.iter().flat_map(|workload| {
            workload.containers.iter().enumerate().map(move |(number, container)| Row {
                workload: workload.container_name(number),
                source: workload.source,
                span: container.span,
                namespace: workload.namespace.as_deref(),
                image: container.image,
                files: std::slice::from_ref(&workload.source),
                what: What::Container(workload, number),
            })
        });
        let builds = (0..).map(BuildId).take(project.builds.len()).filter_map(|id| final_stage(project, id));
        let mut rows: Vec<_> = containers.chain(builds).collect();
        let path = |row: &Row| sources.get(row.source).map(|source| source.path.as_str());
        rows.sort_by(|a, b| (path(a), a.span.start).cmp(&(path(b), b.span.start)));
        let spoken = Spoken::new(findings, &rows);
        Self { columns: columns(config), rows, project, config, spoken }
    }

    /// The columns, in the order of the fleet.
    pub fn columns(&self) -> &[Column<'a>] {
        &self.columns
    }

    /// The rows, in the order of the files.
    pub fn rows(&self) -> &[Row<'a>] {
        &self.rows
    }

    /// The cells of a row, one for each host.
    pub fn cells(&self, row: &Row<'a>) -> Vec<Cell<'a>> {
        let about = self.spoken.about(row, self.project);
        let os = row.image.and_then(|image| self.project.image_os(image).known().map(|(os, _)| os.os));
        let cell = |column: &Column<'a>| {
            let host = column.host;
            let landing = if self.config.judges(&column.fleet, row.files) {
                Landing::of(row.what, os, host)
            } else {
                Landing::in_another_fleet()
            };
            let outcome = (landing.lands != Lands::Elsewhere).then(|| self.outcome(row, host));
            let verdict = Verdict::of(landing.lands, outcome.as_ref());
            let findings = about.on(column, verdict, outcome.as_ref());
            Cell { verdict, landing, outcome, findings }
        };
        self.columns.iter().map(cell).collect()
    }

    fn outcome(&self, row: &Row, host: &Host) -> Outcome {
        match row.what {
            What::Container(workload, number) => match workload.containers.get(number) {
                Some(container) => hosts::of_container(self.project, workload, container, host),
                None => Outcome::Unknown("it has no container"),
            },
            What::FinalStage => match row.image {
                Some(image) => hosts::by_itself(self.project, image, host),
                None => Outcome::Unknown("its final stage starts from no image"),
            },
        }
    }
}

/// Every host that some workload may be judged against, once.
fn columns(config: &Config) -> Vec<Column<'_>> {
    let hosts = || config.fleets().flat_map(|fleet| fleet.fleet.hosts.iter().map(move |host| (fleet, host)));
    let mut namesakes: FxHashMap<&str, usize> = FxHashMap::default();
    for (_, host) in hosts() {
        *namesakes.entry(&host.name).or_default() += 1;
    }
    let mut taken: FxHashSet<String> = FxHashSet::default();
    let column = |(fleet, host): (DeclaredFleet<'_>, &Host)| {
        let own = match fleet.name.filter(|_| namesakes.get(host.name.as_str()).is_some_and(|count| *count > 1)) {
            Some(fleet) => format!("{} ({fleet})", host.name),
            None => host.name.clone(),
        };
        let numbered = (2..).map(|number| format!("{own} ({number})"));
        std::iter::once(own.clone()).chain(numbered).find(|name| taken.insert(name.clone())).unwrap_or(own)
    };
    let names: Vec<_> = hosts().map(column).collect();
    hosts().zip(names).map(|((fleet, host), name)| Column { name, host, fleet }).collect()
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
        files: project.users_of(id),
        what: What::FinalStage,
    })
}
