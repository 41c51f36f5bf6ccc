//! What keeps a workload on the hosts of one build, and is not there. Both schedulers' rules report it; their placements
//! differ in what pins, and in where that is written.

use super::{mend::Fix, wording};
use crate::{
    finding::Severity,
    judge::{Case, Judgement, Place},
    model::{Orchestrator, Workload},
    rule::Cx,
};

/// What would tell the builds apart.
pub(super) struct Missing {
    /// The label, ready for a message.
    pub(super) label: &'static str,
    /// The key that it is written under.
    pub(super) key: &'static str,
    /// How to set it, where no host carries it.
    pub(super) how_to: String,
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
pub(super) fn error(workload: &Workload, cases: &[Case], missing: &Missing, mend: Option<Fix>, cx: &mut Cx) {
    let (Some(span), Some(&first)) = (wording::absence(workload, cx), cases.first()) else { return };
    let Missing { label, key, how_to } = missing;
    let hosts = wording::hosts(cx, cases);
    let seen = wording::seen(cx, Some(workload.orchestrator), cases);
    let message = if cases.iter().any(|case| case.version.build != case.facts.version.build) {
        format!(
            "{}, and nothing keeps this off {hosts}, where it cannot run: {seen}; pin it with {label} in its {key}{how_to}",
            wording::what(cx, &first),
        )
    } else {
        format!(
            "`{}` is {}, and nothing keeps this off {hosts}, where only images of the host's own revision run: {seen}; \
             update the hosts to one revision, or pin it in its {key} with a label of your own that holds the revision",
            wording::reference(cx, first.image),
            first.version,
        )
    };
    let names = wording::host_ids(cx, cases);
    let (image, name) = (wording::reference(cx, first.image), workload.part(first.container));
    let locked = wording::decided_by_registry(cx, first.image);
    let finding = cx.report(span, message).absence();
    finding.severity(Severity::Error).workload(name).image(image).hosts(names);
    if let Some(mend) = mend {
        mend.give(finding);
    }
    if !span.holds(first.span) {
        finding.related(first.span, "this decides the image's Windows");
    }
    if let Some((at, said)) = locked {
        finding.related(at, said);
    }
    wording::unless_proven(workload, finding);
}

/// Notes that a placement does not tell builds apart, where no hosts are declared that it could be judged by.
pub(super) fn note(workload: &Workload, missing: &Missing, cx: &mut Cx) {
    let Some(span) = wording::absence(workload, cx) else { return };
    let Missing { label, key, .. } = missing;
    // Hosts may be declared, of other orchestrators.
    let hosts = match workload.orchestrator {
        _ if cx.fleet.hosts.is_empty() => "hosts",
        Orchestrator::Kubernetes => "Kubernetes nodes",
        Orchestrator::Swarm => "Swarm nodes",
        Orchestrator::Docker => "Docker hosts",
    };
    let message = format!(
        "the placement does not tell Windows builds apart: on a host of another build the container does not start \
         (0xc0370101); pin it with {label} in its {key}, or declare your {hosts} in hostfit.toml"
    );
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
        let message = format!(
            "nothing says whether this {what} is for Linux or for Windows, and `{}` has no variant for {}: there {seen}; \
             {advice}",
            image.text.value,
            wording::host_list(cx, &hosts),
        );
        let span = workload.placement.anchor().unwrap_or(image.text.span);
        let finding = cx.report(span, message).absence();
        finding.severity(Severity::Info).workload(workload.part(number)).image(image.text.value.clone()).hosts(hosts);
        is_any = true;
    }
    is_any
}
