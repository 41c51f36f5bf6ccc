//! What a rule is: metadata, documentation and one function.

mod host_sets;

use std::sync::Arc;

use host_sets::HostSets;

use crate::{
    config::{Config, DeclaredFleet},
    finding::{Finding, Message, Severity},
    fleet::{Fleet, FleetId, Host, HostId},
    front::Unit,
    judge::{Answers, ClassId, Failing, Judgement, Table},
    model::{DockerfileBuild, ImageUse, Project, Workload, WorkloadId},
    source::{Sources, Span},
    windows::{
        Date,
        image::{Alternative, KnownReferences},
    },
};

/// The narrowest view a rule needs; the engine walks, the rule judges.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Every file that was read.
    Unit(fn(&Unit, &mut Cx)),
    /// Every image reference.
    Image(fn(&ImageUse, &mut Cx)),
    /// Every evaluation of a Dockerfile.
    Build(fn(&DockerfileBuild, &mut Cx)),
    /// Every pod template and service, with what the fleet says of it.
    Workload(fn(&Workload, &Judgement, &mut Cx)),
    /// The same, and every evaluation of a Dockerfile.
    WorkloadOrBuild(fn(&Workload, &Judgement, &mut Cx), fn(&DockerfileBuild, &mut Cx)),
    /// Every pod template and service, and every container that fails, or may.
    WorkloadOrFailing(fn(&Workload, &Judgement, &mut Cx), fn(&Failing, &mut Cx)),
    /// Every declared host.
    Host(fn(HostId, &Host, &mut Cx)),
    /// Every container that fails, or may, because of its image or its isolation.
    Failing(fn(&Failing, &mut Cx)),
    /// All of it at once, for a fault that Dockerfiles and workloads share.
    Project(fn(&Project, &mut Cx)),
}

impl Check {
    /// One word for what it looks at.
    pub fn subject(self) -> &'static str {
        match self {
            Self::Unit(_) => "file",
            Self::Image(_) => "image",
            Self::Build(_) => "dockerfile",
            Self::Workload(_) | Self::WorkloadOrBuild(..) | Self::WorkloadOrFailing(..) => "placement",
            Self::Host(_) => "host",
            Self::Failing(_) => "compatibility",
            Self::Project(_) => "project",
        }
    }
}

/// A rule is a value, not a type: nothing about it changes between runs.
#[derive(Debug)]
pub struct Rule {
    /// kebab-case, names the fault.
    pub id: &'static str,
    /// One line.
    pub summary: &'static str,
    /// How bad its findings are as a rule; single findings may differ.
    pub severity: Severity,
    /// The Markdown page: `explain`, docs, hover and tests read it.
    pub docs: &'static str,
    /// What it does.
    pub check: Check,
    /// Security severity (CVSS scale, 0.1 to 10.0); `None` where it is about running or not.
    pub security_severity: Option<&'static str>,
    /// Whether its findings, and not only their fixes, depend on the hosts of a fleet: such findings name the fleet.
    pub judges_hosts: bool,
}

impl Rule {
    /// Where its page is published.
    pub fn url(&self) -> String {
        url(self.id)
    }

    /// Its page as Markdown, with the examples marked as tests read them.
    pub fn page(&self) -> String {
        // Doc comments start each line with the blank that follows the slashes.
        let lines = self.docs.trim().lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Where the page of the rule called `id` is published.
pub fn url(id: &str) -> String {
    format!("https://github.com/hostfit/hostfit/blob/main/docs/rules/{id}.md")
}

/// Declares `RULE` in a rule's file. The doc comment becomes its page.
macro_rules! rule {
    (
        $(#[doc = $docs:expr])+
        id: $id:literal,
        summary: $summary:literal,
        severity: $severity:ident,
        check: $hook:ident($($check:path),+),
        $(security_severity: $score:literal,)?
        $(judges_hosts: $judges:literal,)?
    ) => {
        $(#[doc = $docs])+
        pub(super) static RULE: $crate::rule::Rule = $crate::rule::Rule {
            id: $id,
            summary: $summary,
            severity: $crate::finding::Severity::$severity,
            docs: concat!($($docs, "\n"),+),
            check: $crate::rule::Check::$hook($($check),+),
            security_severity: $crate::rule::rule!(@option $($score)?),
            judges_hosts: $crate::rule::rule!(@judges $hook $($judges)?),
        };
    };
    (@option) => { None };
    (@option $score:literal) => { Some($score) };
    (@judges $hook:ident $own:literal) => { $own };
    (@judges Failing) => { true };
    (@judges Workload) => { true };
    (@judges WorkloadOrBuild) => { true };
    (@judges WorkloadOrFailing) => { true };
    (@judges $hook:ident) => { false };
}
pub(crate) use rule;

/// What a rule may know besides the thing it looks at, and where it reports.
#[derive(Debug)]
pub struct Cx<'run> {
    /// Everything lowered and linked.
    pub project: &'run Project,
    /// Configuration and releases. Of its fleets, [`Cx::fleet`] is meant.
    pub config: &'run Config,
    /// What was decided, for each fleet of the configuration.
    tables: &'run [Table],
    /// What was decided for [`Cx::fleet`].
    pub table: &'run Table,
    /// The fleet that is judged against.
    pub fleet: &'run Fleet,
    /// The texts.
    pub sources: &'run Sources,
    /// The day that support dates are compared with.
    pub today: Date,
    fleet_id: FleetId,
    rule: &'static Rule,
    shared: &'run Shared<'run>,
    found: &'run mut Vec<Finding>,
}

/// What all rules of one fleet ask for, worked out once.
#[derive(Debug)]
pub(crate) struct Shared<'run> {
    host_sets: HostSets,
    references: &'run KnownReferences,
}

impl<'run> Shared<'run> {
    pub(crate) fn new(references: &'run KnownReferences) -> Self {
        Self { host_sets: HostSets::default(), references }
    }
}

impl<'run> Cx<'run> {
    #[expect(clippy::too_many_arguments, reason = "the pipeline alone calls it")]
    pub(crate) fn new(
        rule: &'static Rule,
        project: &'run Project,
        config: &'run Config,
        tables: &'run [Table],
        table: &'run Table,
        fleet: DeclaredFleet<'run>,
        sources: &'run Sources,
        today: Date,
        shared: &'run Shared<'run>,
        found: &'run mut Vec<Finding>,
    ) -> Self {
        let DeclaredFleet { id: fleet_id, fleet, .. } = fleet;
        Self { project, config, tables, table, fleet, sources, today, fleet_id, rule, shared, found }
    }

    /// What an image can be moved to.
    pub fn alternatives(&self, image: &ImageUse) -> Option<Arc<[Alternative]>> {
        self.shared.references.alternatives(&image.text, &image.identity, &self.config.releases)
    }

    /// The day since which its variant is no longer made.
    pub fn retired_since(&self, image: &ImageUse) -> Option<Date> {
        self.shared.references.retired_since(&image.text, &image.identity)
    }

    /// What each fleet that a workload is judged against says of it.
    pub fn judgements_of(&self, id: WorkloadId) -> impl Iterator<Item = Judgement<'run>> + use<'run> {
        let answers = Answers { project: self.project, config: self.config, tables: self.tables };
        answers.judgements_of(id).map(|(_, judgement)| judgement)
    }

    /// What [`Cx::fleet`] says of a workload.
    pub fn judgement(&self, id: WorkloadId) -> Option<Judgement<'run>> {
        self.table.judgement(id, self.project, self.fleet)
    }

    /// The hosts of these classes of [`Cx::table`], each once, in the order of the fleet.
    pub fn hosts(&self, classes: impl IntoIterator<Item = ClassId>) -> Arc<[HostId]> {
        self.shared.host_sets.ids(self.table, classes)
    }

    /// What messages call these hosts, by the one `wording` that there is.
    pub fn host_words(
        &self,
        classes: impl IntoIterator<Item = ClassId>,
        wording: impl FnOnce(&[HostId]) -> String,
    ) -> Arc<str> {
        self.shared.host_sets.words(self.table, classes, wording)
    }

    /// Reports at `span`, with the rule's own severity.
    pub fn report(&mut self, span: Span, message: impl Into<Message>) -> &mut Finding {
        let finding = Finding::new(self.rule.id, self.rule.severity, span, message);
        self.found.push_mut(Finding { fleet: self.fleet_id, is_of_fleet: self.rule.judges_hosts, ..finding })
    }
}
