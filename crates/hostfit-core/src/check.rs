//! The whole pipeline.

use crate::{
    config::Config,
    finding::Finding,
    front::{Unit, link},
    model::Project,
    rule::{Check, Cx, Rule},
    rules::RULES,
    source::Sources,
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
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| enabled(rule, config)) {
        let mut cx = Cx::new(rule, &project, config, sources, today, &mut findings);
        match rule.check {
            Check::Unit(check) => units.iter().for_each(|unit| check(unit, &mut cx)),
            Check::Image(check) => project.images.iter().for_each(|image| check(image, &mut cx)),
            Check::Build(check) => project.builds.iter().for_each(|build| check(build, &mut cx)),
            Check::Workload(check) => project.workloads.iter().for_each(|workload| check(workload, &mut cx)),
            Check::Project(check) => check(&project, &mut cx),
        }
    }
    let mut findings = suppress::apply(sources, units, findings);
    for finding in &mut findings {
        if let Some((_, severity)) = config.severity.iter().find(|(id, _)| id == finding.rule.id) {
            finding.severity = *severity;
        }
    }
    let path = |finding: &Finding| sources.get(finding.span.source).map(|source| source.path.as_str());
    findings.sort_by(|a, b| {
        (path(a), a.span.start, a.rule.id, a.span.end, &a.message).cmp(&(
            path(b),
            b.span.start,
            b.rule.id,
            b.span.end,
            &b.message,
        ))
    });
    findings.dedup_by(|a, b| a.rule.id == b.rule.id && a.span == b.span && a.message == b.message);
    Report { findings, project }
}

fn enabled(rule: &Rule, config: &Config) -> bool {
    let names = |list: &[String]| list.iter().any(|id| id == rule.id);
    (config.select.is_empty() || names(&config.select)) && !names(&config.ignore)
}
