//! The whole pipeline.

mod merge;
mod narrow;
mod readers;
pub(crate) mod rendered;

use std::{cmp::Ordering, sync::Arc};

pub use narrow::Asked;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    baseline::Baseline,
    config::{Config, DeclaredFleet},
    finding::{Finding, Severity},
    fleet::{Host, Orchestrator},
    front::{Content, Unit, link},
    identity::{self, Evidence, Identity},
    judge::{Answers, Failing, Table},
    model::{BuildId, ImageUse, Project},
    rule::{Check, Cx, Shared},
    rules::{self, RULES},
    shard::Shard,
    source::{SourceId, Sources},
    suppress::{self, By, Suppressed},
    windows::{Date, image::KnownReferences},
    workers::{self, Workers, one_by_one},
};

/// What a run found.
#[derive(Debug)]
pub struct Report {
    /// Sorted by path, offset and rule.
    pub findings: Vec<Finding>,
    /// What was taken away from them, in the same order.
    pub suppressed: Vec<Suppressed>,
    /// What the baseline lists and nothing was found of.
    pub gone: Baseline,
    /// What was judged.
    pub project: Project,
    /// What was decided of it, for each fleet of the configuration.
    pub tables: Vec<Table>,
    /// The configuration with the Node objects of the files as hosts, where these count.
    with_nodes: Option<Box<Config>>,
}

/// Judges the files of a run.
pub fn check(sources: &Sources, units: &[Unit], given: &Config, today: Date) -> Report {
    check_again(sources, units, given, today, &KnownReferences::default())
}

/// The same with what earlier runs by this configuration found out of references.
pub fn check_again(
    sources: &Sources,
    units: &[Unit],
    given: &Config,
    today: Date,
    references: &KnownReferences,
) -> Report {
    let with_nodes = with_nodes(units, given).map(Box::new);
    let config = with_nodes.as_deref().unwrap_or(given);
    let project = link::link_by(sources, units, config, references, &one_by_one);
    Linked { project, with_nodes }.judge(sources, units, given, today, references, &one_by_one)
}

/// The same where nothing else is asked of what the files were lowered to: it is dropped as soon as it was joined.
/// `workers` may do several parts of the work at a time.
pub fn check_once(sources: &Sources, units: &mut [Unit], given: &Config, today: Date, workers: Workers<'_>) -> Report {
    let references = KnownReferences::default();
    let with_nodes = with_nodes(units, given).map(Box::new);
    let config = with_nodes.as_deref().unwrap_or(given);
    let joiner = link::Joiner::new(sources, config, &references, workers);
    let pods = joiner.pods(units);
    // Before more is made of the others.
    workers::change(workers, units, |unit| {
        if unit.is_kubernetes() {
            unit.forget();
        }
    });
    let project = joiner.with_pods(pods, units);
    workers::change(workers, units, Unit::forget);
    Linked { project, with_nodes }.judge(sources, units, given, today, &references, workers)
}

/// The files of a run, joined.
struct Linked {
    project: Project,
    with_nodes: Option<Box<Config>>,
}

impl Linked {
    fn judge(
        self,
        sources: &Sources,
        units: &[Unit],
        given: &Config,
        today: Date,
        references: &KnownReferences,
        workers: Workers<'_>,
    ) -> Report {
        let Self { project, with_nodes } = self;
        let config = with_nodes.as_deref().unwrap_or(given);
        let tables: Vec<_> = config.fleets().map(|fleet| Table::of(&project, config, fleet, workers)).collect();
        let run = Run { sources, units, project: &project, config, tables: &tables, today, references };
        let findings = config.fleets().zip(&tables).flat_map(|(fleet, table)| run.on(fleet, table, workers)).collect();
        let mut findings = merge::same_places(findings, config);
        merge::doubt_fixes(&mut findings, &project, config);
        rendered::doubt_fixes(&mut findings, sources, &project);
        readers::name_in_fixes(&mut findings, &project);
        let (mut findings, mut suppressed) = suppress::apply(sources, units, findings, config, today);
        findings.sort_by(|a, b| by_place(sources, a, b));
        suppressed.sort_by(|a, b| by_place(sources, &a.finding, &b.finding));
        for finding in findings.iter_mut().chain(suppressed.iter_mut().map(|it| &mut it.finding)) {
            finding.severity = severity(finding, config);
            let title = finding.fixes.first().map(|fix| &fix.title);
            finding.message.help = finding.message.help.take().or_else(|| title.cloned());
        }
        let baseline = config.baseline.clone();
        let mut report = Report { findings, suppressed, gone: Baseline::default(), project, tables, with_nodes };
        if let Some(baseline) = &baseline {
            report.identify(sources, units, given);
            report.accept(baseline, sources);
        }
        report
    }
}

/// What does not change from fleet to fleet.
struct Run<'run> {
    sources: &'run Sources,
    units: &'run [Unit],
    project: &'run Project,
    config: &'run Config,
    tables: &'run [Table],
    today: Date,
    references: &'run KnownReferences,
}

impl Run<'_> {
    /// What all rules find in the files that are judged against a fleet.
    fn on(&self, fleet: DeclaredFleet<'_>, table: &Table, workers: Workers<'_>) -> Vec<Finding> {
        let Self { sources, project, config, tables, today, .. } = *self;
        let failing = table.failing(project, fleet.fleet);
        let shared = Shared::new(self.references);
        let rules: Vec<_> = RULES.iter().filter(|rule| config.is_enabled_somewhere(rule.id)).collect();
        let found = workers::map(workers, &rules, |rule| {
            let mut found = Vec::new();
            let mut cx = Cx::new(rule, project, config, tables, table, fleet, sources, today, &shared, &mut found);
            self.ask(rule.check, fleet, table, &failing, &mut cx);
            found
        });
        let mut findings: Vec<_> = found.into_iter().flatten().collect();
        // What a rendered text states is reported where that is written.
        rendered::place(&mut findings, sources);
        findings.retain(|finding| config.is_enabled(finding.rule, finding.span.source));
        findings
    }

    /// Has one rule look at all that it is about.
    fn ask(&self, check: Check, fleet: DeclaredFleet<'_>, table: &Table, failing: &[Failing], cx: &mut Cx<'_>) {
        let Self { units, project, config, .. } = *self;
        // Who runs what is worked out only where that matters.
        let is_one = config.targets.is_empty();
        let is_here = |file: SourceId| is_one || config.judges(&fleet, &[file]);
        let is_built_here = |(id, _): &(BuildId, _)| is_one || config.judges(&fleet, project.users_of(*id));
        let is_used_here = |image: &&ImageUse| is_one || config.judges(&fleet, project.users_of_image(image));
        let builds = || (0..).map(BuildId).zip(&project.builds).filter(is_built_here).map(|(_, build)| build);
        let judgements = || table.judgements(project, fleet.fleet);
        match check {
            Check::Unit(check) => {
                units.iter().filter(|unit| is_here(unit.source)).for_each(|unit| check(unit, cx));
            }
            Check::Image(check) => {
                project.images.iter().filter(is_used_here).for_each(|image| check(image, cx));
            }
            Check::Build(check) => builds().for_each(|build| check(build, cx)),
            Check::Workload(check) => {
                judgements().for_each(|judgement| check(judgement.workload, &judgement, cx));
            }
            Check::WorkloadOrBuild(of_workload, of_build) => {
                judgements().for_each(|judgement| of_workload(judgement.workload, &judgement, cx));
                builds().for_each(|build| of_build(build, cx));
            }
            Check::WorkloadOrFailing(of_workload, of_failing) => {
                judgements().for_each(|judgement| of_workload(judgement.workload, &judgement, cx));
                for it in failing {
                    of_failing(it, cx);
                }
            }
            Check::Host(check) => fleet.fleet.numbered().for_each(|(id, host)| check(id, host, cx)),
            Check::Failing(check) => failing.iter().for_each(|it| check(it, cx)),
            // It asks for no fleet.
            Check::Project(check) if fleet.target.is_none() => check(project, cx),
            Check::Project(_) => {}
        }
    }
}

impl Report {
    /// What was decided. `given` is the configuration that the run was given.
    pub fn answers<'r>(&'r self, given: &'r Config) -> Answers<'r> {
        Answers { project: &self.project, config: self.config(given), tables: &self.tables }
    }

    /// Whether Node objects among the files are hosts.
    pub fn has_nodes(&self) -> bool {
        self.with_nodes.is_some()
    }

    /// The configuration that was judged by: the one given, or that with the hosts that Node objects among the files describe.
    pub fn config<'r>(&'r self, given: &'r Config) -> &'r Config {
        self.with_nodes.as_deref().unwrap_or(given)
    }

    /// Gives every finding its identity, which only fingerprints and baselines need: before any of them is left out, since
    /// equal ones are counted. Silenced ones have their places among the equal ones, so that an ignore comment makes no
    /// other finding a new one. `units` are the files that were judged by `given`.
    pub fn identify(&mut self, sources: &Sources, units: &[Unit], given: &Config) {
        let config = self.with_nodes.as_deref().unwrap_or(given);
        let answers = Answers { project: &self.project, config, tables: &self.tables };
        let declares = |unit: &&Unit| match &unit.content {
            Content::Compose(_) | Content::Kubernetes(_) => true,
            Content::Chart(member) => member.is_template,
            _ => false,
        };
        let declaring: FxHashSet<SourceId> = units.iter().filter(declares).map(|unit| unit.source).collect();
        let is_values = |unit: &&Unit| matches!(&unit.content, Content::Chart(member) if !member.is_template);
        let values: FxHashSet<SourceId> = units.iter().filter(is_values).map(|unit| unit.source).collect();
        let silenced = self.suppressed.iter_mut().map(|it| &mut it.finding);
        let mut findings: Vec<_> = self.findings.iter_mut().chain(silenced).collect();
        if findings.iter().all(|finding| finding.identity.is_some()) {
            return;
        }
        findings.sort_by(|a, b| by_place(sources, a, b));
        let mut seen: FxHashMap<Identity, u32> = FxHashMap::default();
        for finding in findings {
            let declares = declaring.contains(&finding.span.source);
            let mut identity = identity_of(finding, answers, sources, declares);
            if values.contains(&finding.span.source) {
                identity.workload =
                    sources.get(finding.span.source).map(|it| identity::key_path(&it.text, finding.span));
            }
            let count = seen.entry(identity.clone()).or_default();
            *count += 1;
            (finding.identity, finding.ordinal) = (Some(Box::new(identity)), *count);
        }
    }

    /// Removes the findings that a baseline lists, once they have their identities: of equal findings the first ones.
    pub fn accept(&mut self, baseline: &Baseline, sources: &Sources) {
        let mut unmet = baseline.clone();
        let known = self.findings.extract_if(.., |finding| finding.identity.as_ref().is_some_and(|it| unmet.take(it)));
        self.suppressed.extend(known.map(|finding| Suppressed { finding, by: By::Baseline }));
        self.suppressed.sort_by(|a, b| by_place(sources, &a.finding, &b.finding));
        self.gone = unmet;
    }

    /// Leaves only what stands in the files of a shard.
    pub fn narrow(&mut self, shard: Shard, sources: &Sources) {
        let holds =
            |finding: &Finding| shard.holds(sources.get(finding.span.source).map_or("", |source| source.path.as_str()));
        self.findings.retain(holds);
        self.suppressed.retain(|it| holds(&it.finding));
        self.gone = std::mem::take(&mut self.gone).filtered(|identity| shard.holds(&identity.path));
    }
}

/// The order of reports.
fn by_place(sources: &Sources, a: &Finding, b: &Finding) -> Ordering {
    let path = |finding: &Finding| sources.get(finding.span.source).map(|source| source.path.as_str());
    (path(a), a.span.start, a.rule, a.span.end).cmp(&(path(b), b.span.start, b.rule, b.span.end))
}

/// `declares` says whether its file declares workloads.
fn identity_of(finding: &Finding, answers: Answers<'_>, sources: &Sources, declares: bool) -> Identity {
    let decider = finding.decider.and_then(|id| answers.project.image(id)).map(|image| image.text.value.clone());
    let text =
        if finding.is_absence { "(absent)".to_owned() } else { identity::normalized(sources.slice(finding.span)) };
    Identity {
        path: sources.get(finding.span.source).map(|source| source.path.clone()).unwrap_or_default(),
        rule: finding.rule.to_owned(),
        workload: answers.workload_name(finding).filter(|_| declares),
        fleet: answers.fleet_name(finding).map(str::to_owned),
        evidence: Evidence { image: decider.or_else(|| finding.image.clone()), text },
    }
}

/// The configuration that files are judged by: where a fleet declares no host of a Kubernetes cluster, the Node objects
/// among its files are the hosts. None where there are no such objects.
fn with_nodes(units: &[Unit], config: &Config) -> Option<Config> {
    let found: Vec<_> = config.fleets().map(|fleet| nodes_of(&fleet, units, config)).collect();
    if found.iter().all(Vec::is_empty) {
        return None;
    }
    let mut config = config.clone();
    let mut found = found.into_iter();
    config.fleet.hosts.extend(found.next().into_iter().flatten());
    for (target, nodes) in config.targets.iter_mut().zip(found).filter(|(_, nodes)| !nodes.is_empty()) {
        Arc::make_mut(&mut target.fleet).hosts.extend(nodes);
    }
    Some(config)
}

fn nodes_of(fleet: &DeclaredFleet<'_>, units: &[Unit], config: &Config) -> Vec<Host> {
    if fleet.serves(Orchestrator::Kubernetes) {
        return Vec::new();
    }
    let mut nodes = link::nodes(units, config, |file| config.judges(fleet, &[file]));
    // Repositories hold examples of nodes; those of a cluster with Windows nodes tell which.
    if nodes.iter().all(|node| node.windows().is_none()) {
        nodes.clear();
    }
    nodes
}

/// An override is another level for the rule. What the rule itself holds for less than that, such as a release that ends
/// soon or a third party's name, it makes no louder.
fn severity(finding: &Finding, config: &Config) -> Severity {
    let Some(severity) = config.severity_of(finding.rule, finding.span.source) else {
        return finding.severity;
    };
    let own = rules::find(finding.rule).map_or(finding.severity, |rule| rule.severity);
    if finding.severity >= own { severity } else { finding.severity.min(severity) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn overridden(rule: &'static str, own: Severity, asked: Severity) -> Severity {
        let finding = Finding::new(rule, own, Span::NOWHERE, "");
        severity(&finding, &Config { severity: vec![(rule.to_owned(), asked)], ..Config::default() })
    }

    #[test]
    fn an_override_makes_no_note_louder_than_the_rule_does() {
        use Severity::{Error, Info, Warning};
        let table = [
            ("unsupported-release", Warning, Error, Error),
            ("unsupported-release", Info, Error, Info),
            ("missing-build-selector", Error, Warning, Warning),
            ("missing-build-selector", Info, Warning, Warning),
            ("floating-revision", Warning, Error, Error),
            ("build-mismatch", Error, Info, Info),
        ];
        for (rule, own, asked, expected) in table {
            assert_eq!(overridden(rule, own, asked), expected, "{rule} {own:?} as {asked:?}");
        }
    }
}
