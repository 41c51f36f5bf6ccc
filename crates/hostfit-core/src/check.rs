//! The whole pipeline.

use std::{borrow::Cow, cmp::Ordering};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    baseline::Baseline,
    config::Config,
    finding::{Finding, Severity},
    fleet::Orchestrator,
    front::{Content, Unit, link},
    identity::{self, Identity},
    judge::{self, Judgement},
    model::Project,
    rule::{Check, Cx},
    rules::{self, RULES},
    source::{SourceId, Sources, Span},
    suppress::{self, By, Suppressed},
    windows::Date,
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
}

/// Judges the files of a run.
pub fn check(sources: &Sources, units: &[Unit], config: &Config, today: Date) -> Report {
    let config = &*with_nodes(units, config);
    let project = link::link(sources, units, config);
    let judgements: Vec<_> = project.workloads.iter().map(|it| Judgement::of(it, &project, config)).collect();
    let failing = judge::failing(&project, &judgements, config);
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| config.may_speak(rule.id)) {
        let mut cx = Cx::new(rule, &project, config, sources, today, &mut findings);
        match rule.check {
            Check::Unit(check) => units.iter().for_each(|unit| check(unit, &mut cx)),
            Check::Image(check) => project.images.iter().for_each(|image| check(image, &mut cx)),
            Check::Build(check) => project.builds.iter().for_each(|build| check(build, &mut cx)),
            Check::Workload(check) => {
                project
                    .workloads
                    .iter()
                    .zip(&judgements)
                    .for_each(|(workload, judged)| check(workload, judged, &mut cx));
            }
            Check::Host(check) => config.fleet.hosts.iter().for_each(|host| check(host, &mut cx)),
            Check::Failing(check) => failing.iter().for_each(|it| check(it, &mut cx)),
            Check::Project(check) => check(&project, &mut cx),
        }
    }
    findings.retain(|finding| config.speaks(finding.rule, finding.span.source));
    let (mut findings, mut suppressed) = suppress::apply(sources, units, merge(findings, config), config, today);
    findings.sort_by(|a, b| by_place(sources, a, b));
    suppressed.sort_by(|a, b| by_place(sources, &a.finding, &b.finding));
    let mut all: Vec<_> = findings.iter_mut().chain(suppressed.iter_mut().map(|it| &mut it.finding)).collect();
    for finding in &mut all {
        finding.severity = severity(finding, config);
    }
    identify(all, sources, units);
    let mut report = Report { findings, suppressed, gone: Baseline::default(), project };
    if let Some(baseline) = &config.baseline {
        report.accept(baseline, sources);
    }
    report
}

impl Report {
    /// Takes away what a baseline lists: of equal findings the first ones.
    pub fn accept(&mut self, baseline: &Baseline, sources: &Sources) {
        let mut unmet = baseline.clone();
        let known = self.findings.extract_if(.., |finding| unmet.take(&finding.identity));
        self.suppressed.extend(known.map(|finding| Suppressed { finding, by: By::Baseline }));
        self.suppressed.sort_by(|a, b| by_place(sources, &a.finding, &b.finding));
        self.gone = unmet;
    }
}

/// The order of reports.
fn by_place(sources: &Sources, a: &Finding, b: &Finding) -> Ordering {
    let path = |finding: &Finding| sources.get(finding.span.source).map(|source| source.path.as_str());
    (path(a), a.span.start, a.rule, a.span.end).cmp(&(path(b), b.span.start, b.rule, b.span.end))
}

/// Gives every finding its identity. Silenced ones have their places among the equal ones, so that an ignore comment
/// makes no other finding a new one.
fn identify(mut findings: Vec<&mut Finding>, sources: &Sources, units: &[Unit]) {
    let declares = |unit: &&Unit| matches!(unit.content, Content::Compose(_) | Content::Kubernetes(_));
    let declaring: FxHashSet<SourceId> = units.iter().filter(declares).map(|unit| unit.source).collect();
    findings.sort_by(|a, b| by_place(sources, a, b));
    let mut seen: FxHashMap<Identity, u32> = FxHashMap::default();
    for finding in findings {
        let Finding { span, rule, workload, image, identity, .. } = &mut *finding;
        identity.path = sources.get(span.source).map(|source| source.path.clone()).unwrap_or_default();
        identity.rule = (*rule).to_owned();
        identity.workload = workload.clone().filter(|_| declaring.contains(&span.source));
        let evidence = &mut identity.evidence;
        evidence.image = evidence.image.take().or_else(|| image.clone());
        if evidence.text.is_empty() {
            evidence.text = identity::normalized(sources.slice(*span));
        }
        let count = seen.entry(identity.clone()).or_default();
        *count += 1;
        finding.ordinal = *count;
    }
}

/// The configuration that files are judged by: where it declares no host of a Kubernetes cluster, the Node objects among
/// the files are the hosts.
pub fn with_nodes<'run>(units: &[Unit], config: &'run Config) -> Cow<'run, Config> {
    if config.fleet.of(Orchestrator::Kubernetes).next().is_some() {
        return Cow::Borrowed(config);
    }
    let nodes = link::nodes(units, config);
    // Repositories hold examples of nodes; those of a cluster with Windows nodes tell which.
    if nodes.iter().all(|node| node.windows().is_none()) {
        return Cow::Borrowed(config);
    }
    let mut config = config.clone();
    config.fleet.hosts.extend(nodes);
    Cow::Owned(config)
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

/// One place is reported once by a rule, however many workloads come to it: the later ones become related places, and
/// their hosts join.
fn merge(findings: Vec<Finding>, config: &Config) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut places: FxHashMap<(&str, Span), usize> = FxHashMap::default();
    for finding in findings {
        let place = *places.entry((finding.rule, finding.span)).or_insert(merged.len());
        let Some(first) = merged.get_mut(place) else {
            merged.push(finding);
            continue;
        };
        first.severity = first.severity.max(finding.severity);
        // What is right for one of them may be wrong for another.
        first.fixes.retain(|fix| finding.fixes.contains(fix));
        let new: Vec<_> = finding.hosts.iter().filter(|host| !first.hosts.contains(host)).cloned().collect();
        if !new.is_empty() && !first.hosts.is_empty() {
            first.message = format!("{}; the same on {}", first.message, new.join(", "));
        }
        let both = [std::mem::take(&mut first.hosts), finding.hosts].concat();
        first.hosts =
            config.fleet.hosts.iter().map(|host| &host.name).filter(|it| both.contains(it)).cloned().collect();
        for related in finding.related {
            if !first.related.iter().any(|it| it.span == related.span) {
                first.related.push(related);
            }
        }
    }
    merged
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
