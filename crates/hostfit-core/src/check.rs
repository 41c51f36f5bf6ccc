//! The whole pipeline.

use rustc_hash::FxHashMap;

use crate::{
    config::Config,
    finding::Finding,
    front::{Unit, link},
    judge::{self, Judgement},
    model::Project,
    rule::{Check, Cx, Rule},
    rules::RULES,
    source::{Sources, Span},
    suppress,
    windows::Date,
};

/// What a run found.
#[derive(Debug)]
pub struct Report {
    /// Sorted by path, offset and rule.
    pub findings: Vec<Finding>,
    /// What was judged.
    pub project: Project,
}

/// Judges the files of a run.
pub fn check(sources: &Sources, units: &[Unit], config: &Config, today: Date) -> Report {
    let project = link::link(sources, units, config);
    let judgements: Vec<_> = project.workloads.iter().map(|it| Judgement::of(it, &project, config)).collect();
    let failing = judge::failing(&project, &judgements, config);
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| enabled(rule, config)) {
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
            Check::Failing(check) => failing.iter().for_each(|it| check(it, &mut cx)),
        }
    }
    let mut findings = suppress::apply(sources, units, merge(findings, config));
    for finding in &mut findings {
        if let Some((_, severity)) = config.severity.iter().find(|(id, _)| id == finding.rule) {
            finding.severity = *severity;
        }
    }
    let path = |finding: &Finding| sources.get(finding.span.source).map(|source| source.path.as_str());
    findings
        .sort_by(|a, b| (path(a), a.span.start, a.rule, a.span.end).cmp(&(path(b), b.span.start, b.rule, b.span.end)));
    Report { findings, project }
}

fn enabled(rule: &Rule, config: &Config) -> bool {
    let names = |list: &[String]| list.iter().any(|id| id == rule.id);
    (config.select.is_empty() || names(&config.select)) && !names(&config.ignore)
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
