//! Code lenses: on how many hosts each workload of a file runs, and why on none.

use hostfit_core::{
    judge::Reason,
    knowledge::hosts::{self, OnHosts},
    placement::Allowed,
    printable::line,
    source::{SourceId, Span},
    windows::{Os, compat::Step},
};

use super::{View, charts, phrases};

/// A line above a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The bytes of the workload's name, or of the `FROM` that begins the final stage.
    pub span: Span,
    /// `runs on 3 of 4 hosts`, of those of its orchestrator; `, fails on 1` where it may be placed on one that
    /// cannot run it, `, not known of 1` where that is unknown; where it runs on none, the main cause.
    pub title: String,
    /// What happens to it on each of them: Markdown.
    pub hosts: String,
    /// Whether there is a host on which it may be placed and does not run.
    pub fails: bool,
}

/// The lenses of a file, in the order of the text. Workloads of which nothing is known have none, and those whose
/// orchestrator has no declared host.
///
/// A Dockerfile that makes a Windows image has one on the `FROM` of its final stage: of all hosts, under their default
/// isolation. It is placed nowhere, so that it fails nowhere.
pub fn lenses(view: &View<'_>, source: SourceId) -> Vec<Lens> {
    let of_workloads = view.project().workloads.iter().filter_map(|workload| {
        let name = charts::literal(view, workload.name_span, source)?;
        let on = hosts::of_workload(view.answers, workload.id);
        let fails = count(&on, OnHosts::fails);
        lens(view, name, &on, fails)
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
    // A Dockerfile that is built with several sets of build args makes images that may differ, as a chart with several sets
    // of values and the base of several overlays do: one line is enough where they don't.
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
    let cause = if runs == 0 { cause(on).map(|it| format!(": {it}")) } else { None }.unwrap_or_default();
    Some(Lens {
        span,
        title: format!("runs on {runs} of {all} {hosts}{failing}{doubt}{cause}"),
        hosts: phrases::hosts(on, &view.config().releases),
        fails: fails > 0,
    })
}

/// The cause that most of the hosts share, in a few words: of those that it may be placed on, or else of the others.
fn cause(on: &[OnHosts<'_>]) -> Option<String> {
    let mut causes: Vec<(String, usize)> = Vec::new();
    let is_placed = on.iter().any(|it| !matches!(it.allowed, Allowed::No(_)));
    for on in on {
        let why = match &on.allowed {
            Allowed::No(exclusion) if !is_placed => format!("excluded by {}", line(&exclusion.why)),
            Allowed::No(_) => continue,
            Allowed::Yes | Allowed::Unknown(_) => match failure(on.outcome.reason) {
                Some(words) => words.to_owned(),
                None => continue,
            },
        };
        match causes.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += on.count(),
            None => causes.push((why, on.count())),
        }
    }
    // Of equal ones the first.
    causes.into_iter().rev().max_by_key(|(_, count)| *count).map(|(why, _)| why)
}

/// Why a container does not run, in a few words; none of what is unknown, or runs.
fn failure(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::Unpublished => Some("no such image is published"),
        Reason::OtherOs => Some("image is for another operating system"),
        Reason::RuntimeRefuses | Reason::Step(Step::HypervContainerd) => Some("container runtime refuses the image"),
        Reason::Step(Step::NewerThanHost) => Some("image is newer than the host"),
        Reason::Step(Step::HypervKubernetes) => Some("Kubernetes has no Hyper-V isolation"),
        Reason::Step(Step::HypervRole) => Some("host lacks the Hyper-V role"),
        Reason::Step(Step::ProcessOnClient) => Some("Windows 10 does not run it with process isolation"),
        Reason::Step(Step::Build2016 | Step::BuildExact | Step::BuildBelowFloor | Step::NotLtsc) => {
            Some("image is older than the host")
        }
        Reason::Step(Step::Revision2016) => Some("image has another revision than the host"),
        Reason::Step(_) | Reason::Linux | Reason::HostProcess | Reason::Unknown(_) => None,
    }
}

/// How many hosts these are, of those that it holds for.
fn count<'o>(on: &[OnHosts<'o>], holds: impl Fn(&OnHosts<'o>) -> bool) -> usize {
    on.iter().filter(|it| holds(it)).map(OnHosts::count).sum()
}
