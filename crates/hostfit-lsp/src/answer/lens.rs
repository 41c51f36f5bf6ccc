//! Code lenses: on how many hosts each workload of a file runs.

use hostfit_core::{
    knowledge::hosts::{self, OnHosts},
    source::{SourceId, Span},
    windows::Os,
};

use super::{View, told};

/// A line above a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The bytes of the workload's name, or of the `FROM` that begins the final stage.
    pub span: Span,
    /// `runs on 3 of 4 hosts`, of those of its orchestrator; `, fails on 1` where it may land on one that
    /// can't run it, `, not known of 1` where nobody can say.
    pub title: String,
    /// What comes of it on each of them: Markdown.
    pub hosts: String,
    /// Whether there is a host on which it may land and does not run.
    pub fails: bool,
}

/// The lenses of a file, in the order of the text. Workloads of which nothing is known have none, and those whose
/// orchestrator has no declared host.
///
/// A Dockerfile that makes a Windows image has one on the `FROM` of its final stage: of all hosts, under their default
/// isolation. It is placed nowhere, so that it fails nowhere.
pub fn lenses(view: &View<'_>, source: SourceId) -> Vec<Lens> {
    let of_workloads = view.workloads_in(source).filter_map(|workload| {
        let on = hosts::of_workload(view.answers, workload.id);
        let fails = count(&on, OnHosts::fails);
        lens(view, workload.name_span, &on, fails)
    });
    let builds = view.project().builds.iter().filter(|build| build.source == source);
    let of_builds = builds.filter_map(|build| {
        let stage = build.stages.get(build.final_stage? as usize)?;
        let image = build.base_image()?;
        let known = view.project().image_os(image);
        let is_windows = known.known().is_some_and(|(os, _)| os.os == Os::Windows);
        let on = is_windows.then(|| hosts::of_image(view.answers, image))?;
        lens(view, stage.span, &on, 0)
    });
    let mut lenses: Vec<_> = of_workloads.chain(of_builds).collect();
    lenses.sort_by_key(|lens| lens.span.start);
    // A Dockerfile that is built with several sets of build args makes images that may differ: one line is enough where
    // they don't.
    lenses.dedup();
    lenses
}

fn lens(view: &View<'_>, span: Span, on: &[OnHosts<'_>], fails: usize) -> Option<Lens> {
    let (all, runs) = (count(on, |_| true), count(on, OnHosts::runs));
    let unknown = count(on, OnHosts::is_unknown);
    if all == 0 || (unknown > 0 && runs == 0 && fails == 0) {
        return None;
    }
    let hosts = if all == 1 { "host" } else { "hosts" };
    let failing = if fails > 0 { format!(", fails on {fails}") } else { String::new() };
    let doubt = if unknown > 0 { format!(", not known of {unknown}") } else { String::new() };
    Some(Lens {
        span,
        title: format!("runs on {runs} of {all} {hosts}{failing}{doubt}"),
        hosts: told::hosts(on, &view.config().releases),
        fails: fails > 0,
    })
}

/// How many hosts these are, of those that it holds for.
fn count<'o>(on: &[OnHosts<'o>], holds: impl Fn(&OnHosts<'o>) -> bool) -> usize {
    on.iter().filter(|it| holds(it)).map(OnHosts::count).sum()
}
