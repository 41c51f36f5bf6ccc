//! Whether findings, the matrix, hovers and the compatibility rule say the same of every container on every host.

use hostfit_core::{
    check::Report,
    config::Config,
    finding::Finding,
    judge::{Outcome, Reason},
    knowledge::hosts::{self, OnHost},
    matrix::{Column, Matrix, Row},
    model::{ImageId, ImageUse, Role, WorkloadPart},
    source::Sources,
    windows::compat::{HostFacts, Verdict},
};

/// Findings that name hosts where the placement keeps the workload off, and engines that do not start.
const OF_PLACEMENT: [&str; 3] = ["unschedulable", "missing-toleration", "engine-refuses-host"];

/// Each place where two of the views say something else.
pub(crate) fn disagreements(report: &Report, findings: &[Finding], given: &Config, sources: &Sources) -> Vec<String> {
    let answers = report.answers(given);
    let matrix = Matrix::new(answers, sources, findings);
    let mut wrong = Vec::new();
    for row in matrix.rows() {
        let cells = matrix.cells(row);
        let shown: Vec<OnHost> = match row.image {
            Some(image) if row.part().is_some() => hosts::of_image(answers, image),
            _ => Vec::new(),
        };
        for (column, cell) in matrix.columns().iter().zip(&cells) {
            let at = || format!("{} on {}", row.workload, column.name);
            let is_named = |finding: &&Finding| is_about(finding, row, column);
            if cell.verdict.is_some_and(|it| matches!(it, Verdict::Runs | Verdict::Preview))
                && let Some(finding) = findings.iter().filter(|it| !OF_PLACEMENT.contains(&it.rule)).find(is_named)
            {
                wrong.push(format!("{}: runs, and {} names it", at(), finding.rule));
            }
            if cell.verdict == Some(Verdict::Blocked) && cell.findings.is_empty() {
                wrong.push(format!("{}: blocked, and nothing reports it", at()));
            }
            let Some(outcome) = cell.outcome else { continue };
            if let Some(on) = shown.iter().find(|on| std::ptr::eq(on.host, column.host))
                && on.outcome != outcome
            {
                wrong.push(format!(
                    "{}: {:?} in the matrix, {:?} in a hover",
                    at(),
                    outcome.verdict,
                    on.outcome.verdict
                ));
            }
            if let Some(said) = by_rule(
                &outcome,
                cell.facts,
                answers.project.image(row.image.unwrap_or(ImageId(0))).is_none_or(ImageUse::is_pulled),
            ) && said.verdict != outcome.verdict
            {
                wrong.push(format!("{}: {:?} in the matrix, {:?} by the rule", at(), outcome.verdict, said.verdict));
            }
        }
    }
    wrong
}

/// Whether a finding says of the row's container that it fails on the column's host.
fn is_about(finding: &Finding, row: &Row, column: &Column) -> bool {
    let own = |part: &WorkloadPart| {
        row.part().is_some_and(|it| {
            it.workload == part.workload && (part.container.is_none() || part.container == it.container)
        })
    };
    finding.fleet == column.fleet.id && finding.hosts.contains(&column.id) && finding.parts.iter().any(own)
}

/// What `hostfit compat` says of the image on a host of which the same is known; none where more than the version decides.
fn by_rule(outcome: &Outcome, facts: Option<HostFacts>, is_pulled: bool) -> Option<Outcome> {
    let (version, facts) = (outcome.image?, facts?);
    let decided_elsewhere = outcome.is_variant || matches!(outcome.reason, Reason::Unknown(_));
    (!decided_elsewhere).then(|| Outcome::of(&facts, version, Some(outcome.isolation), is_pulled || facts.kubernetes))
}

/// Containers, for a sense of how much was compared.
pub(crate) fn containers(report: &Report) -> usize {
    report.project.images.iter().filter(|image| matches!(image.role, Role::Container { .. })).count()
}
