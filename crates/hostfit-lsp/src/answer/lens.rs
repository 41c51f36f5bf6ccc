//! Code lenses: on how many hosts each workload of a file runs.

use hostfit_core::{
    knowledge::hosts::{self, OnHost},
    source::{SourceId, Span},
    windows::compat::Verdict,
};

use super::{View, told};

/// A line above a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The bytes of the workload's name.
    pub span: Span,
    /// `runs on 3 of 4 hosts`, of those of its orchestrator; `, fails on 1` where it may land on one that can't run it.
    pub title: String,
    /// What comes of it on each of them: Markdown.
    pub hosts: String,
    /// Whether there is a host on which it may land and does not run.
    pub fails: bool,
}

/// The lenses of a file, in the order of the text. Workloads of which nothing is known have none, and those whose
/// orchestrator has no declared host.
pub fn lenses(view: &View<'_>, source: SourceId) -> Vec<Lens> {
    let mut lenses: Vec<_> = view
        .workloads_in(source)
        .filter_map(|workload| {
            let on = hosts::of_workload(view.project(), view.config, workload);
            let is_known = |it: &OnHost<'_>| it.outcome.verdict() != Verdict::Unknown;
            on.iter().any(is_known).then(|| lens(view, workload.name_span, &on))
        })
        .collect();
    lenses.sort_by_key(|lens| lens.span.start);
    lenses
}

fn lens(view: &View<'_>, span: Span, on: &[OnHost<'_>]) -> Lens {
    let runs = on.iter().filter(|it| it.runs()).count();
    let fails = on.iter().filter(|it| it.fails()).count();
    let hosts = if on.len() == 1 { "host" } else { "hosts" };
    let failing = if fails > 0 { format!(", fails on {fails}") } else { String::new() };
    Lens {
        span,
        title: format!("runs on {runs} of {} {hosts}{failing}", on.len()),
        hosts: told::hosts(on, &view.config.releases),
        fails: fails > 0,
    }
}
