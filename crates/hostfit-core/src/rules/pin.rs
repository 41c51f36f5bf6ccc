//! What keeps a workload on the hosts of one build, and is not there. Both schedulers' rules report it; their placements
//! differ in what pins, and in where that is written.

use super::{fixes::Fix, wording};
use crate::{
    finding::{Message, Severity},
    judge::{Case, Judgement, Place},
    model::{Orchestrator, Workload},
    rule::Cx,
};

/// What would tell the builds apart.
pub(super) struct Missing {
    /// Whether the placement names builds already, of hosts that run the image and of others.
    pub(super) names_builds: bool,
    /// What to add, without a fix that does.
    pub(super) help: String,
}

/// What is said of a workload that is for either operating system.
pub(super) struct Either {
    /// What it is.
    pub(super) what: &'static str,
    /// What users see on a host for which its image has no variant.
    pub(super) seen: &'static str,
    /// What to write.
    pub(super) advice: &'static str,
}

/// Reports that nothing keeps a workload off hosts that cannot run it, while others can.
pub(super) fn error(workload: &Workload, cases: &[Case], missing: Missing, fix: Option<Fix>, cx: &mut Cx) {
    let (Some(span), Some(&first)) = (wording::absence(workload, cx), cases.first()) else { return };
    let (what, hosts) = (what(workload), wording::host_names(cx, cases));
    let is_build = cases.iter().any(|case| case.version.build != case.facts.version.build);
    let decides = if is_build {
        wording::decides(cx, &first)
    } else {
        wording::version_of(cx, &first, &first.version.to_string())
    };
    let message = if is_build {
        Message::new(format!("nothing keeps this {what} off {hosts}, which cannot run its image"))
            .label(if missing.names_builds {
                "also selects hosts that cannot run it"
            } else {
                "selects no Windows build"
            })
            .help_unless(fix.is_some(), missing.help)
    } else {
        Message::new(format!("nothing keeps this {what} off {hosts}, whose revision cannot run its image"))
            .label("selects no revision")
            .help("update the hosts to one revision, or select a label of your own that holds the revision")
    };
    let notes = wording::symptoms(cx, Some(workload.orchestrator), cases);
    let message = notes.into_iter().fold(message, Message::note);
    let message = if is_build { message } else { message.note(wording::SAME_REVISION) };
    let is_decider = span.holds(first.span);
    let message = if is_decider { message.label(decides.clone()) } else { message };
    let names = wording::host_ids(cx, cases);
    let (image, name) = (wording::reference(cx, first.image), workload.part(first.container));
    let locked = wording::decided_by_registry(cx, first.image);
    let finding = cx.report(span, message).absence();
    finding.severity(Severity::Error).workload(name).image(image).hosts(names);
    if let Some(fix) = fix {
        fix.give(finding);
    }
    if !is_decider {
        finding.related(first.span, decides);
    }
    if let Some((at, label)) = locked {
        finding.related(at, label);
    }
    wording::unless_proven(workload, finding);
}

fn what(workload: &Workload) -> &'static str {
    match workload.orchestrator {
        Orchestrator::Kubernetes => "pod",
        Orchestrator::Swarm | Orchestrator::Docker => "service",
    }
}

/// Notes that a placement does not tell builds apart, where no hosts are declared that it could be judged by.
pub(super) fn note(workload: &Workload, missing: &Missing, cx: &mut Cx) {
    let Some(span) = wording::absence(workload, cx) else { return };
    // Hosts may be declared, of other orchestrators.
    let hosts = match workload.orchestrator {
        _ if cx.fleet.hosts.is_empty() => "hosts",
        Orchestrator::Kubernetes => "Kubernetes nodes",
        Orchestrator::Swarm => "Swarm nodes",
        Orchestrator::Docker => "Docker hosts",
    };
    let message = Message::new(format!("nothing keeps this {} on hosts of its image's Windows build", what(workload)))
        .note("on a host of another build the container does not start (0xc0370101)")
        .help(format!("{}, or declare your {hosts} in hostfit.toml", missing.help));
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_part(workload, cx));
    let finding = cx.report(span, message).absence();
    finding.workload(name);
    finding.image = image;
}

/// Notes that nothing places a workload of multi-platform images which has no variant for some Windows hosts: whether it is
/// for Linux or for the other hosts, it is not for these.
pub(super) fn either(workload: &Workload, judgement: &Judgement, either: &Either, cx: &mut Cx) -> bool {
    let Either { what, seen, advice } = either;
    let mut is_any = false;
    for (number, container) in workload.containers.iter().enumerate() {
        let fails = |place: &Place| place.outcomes.get(number).is_some_and(|it| it.is_variant && it.is_blocked());
        let failing: Vec<_> = judgement.allowed_windows().map(|(place, _)| place).filter(fails).collect();
        let Some(image) = container.image.and_then(|id| cx.project.image(id)).filter(|_| !failing.is_empty()) else {
            continue;
        };
        let hosts = cx.hosts(failing.iter().map(|place| place.class));
        let hosts_named = wording::host_list(cx, &hosts);
        let message = Message::new(format!(
            "nothing says whether this {what} is for Linux or Windows, and `{}` has no variant for {hosts_named}",
            image.text.value,
        ))
        .note(format!("on {hosts_named} {seen}"))
        .help(*advice);
        let span = workload.placement.anchor().unwrap_or(image.text.span);
        let finding = cx.report(span, message).absence();
        finding.severity(Severity::Info).workload(workload.part(number)).image(image.text.value.clone()).hosts(hosts);
        is_any = true;
    }
    is_any
}
