use super::{invalid_constraint, invalid_selector_value, rule, unset_constraint_label, unset_node_label, wording};
use crate::{
    judge::{Cause, Judgement},
    model::{Orchestrator, Placement, Workload},
    placement::Allowed,
    rule::Cx,
};

rule! {
    /// No host of the fleet satisfies the placement. The message names what excludes each.
    ///
    /// At run time: a pod that stays Pending with `node(s) didn't match Pod's node affinity/selector`; a service with
    /// `no suitable node`.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "kubernetes"
    /// ```
    ///
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    /// # ^^^^^^^^^^^^
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.26100
    /// ```
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    /// ```
    ///
    /// ## How to fix it
    /// Fix the placement, or declare the hosts it means in `hostfit.toml`.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>
    /// - <https://docs.docker.com/reference/cli/docker/service/create/#constraint>
    id: "unschedulable",
    summary: "no host of the fleet satisfies the placement",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    if !matches!(judgement.cause(), Cause::Unschedulable) || is_reported(workload, judgement) {
        return;
    }
    let Some(span) = wording::absence(workload, cx) else { return };
    let why = judgement.places().filter_map(|place| match place.allowed {
        Allowed::No(why) => Some(format!("{} by {}", place.host.name, why.why)),
        Allowed::Yes | Allowed::Unknown(_) => None,
    });
    let seen = match workload.orchestrator {
        Orchestrator::Kubernetes => "the pod stays Pending with `node(s) didn't match Pod's node affinity/selector`",
        Orchestrator::Swarm | Orchestrator::Docker => "the service stays pending with `no suitable node`",
    };
    // Each is excluded, or there would be another cause.
    let hosts = cx.hosts(judgement.classes().map(|place| place.class));
    let message = format!(
        "no declared host satisfies this placement, so that {seen}; excluded are {}",
        wording::list_of(hosts.len(), why)
    );
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_part(workload, cx));
    let finding = cx.report(span, message).absence();
    finding.image = image;
    finding.workload(name).hosts(hosts);
    wording::unless_proven(workload, finding);
    for place in judgement.classes() {
        if let Allowed::No(why) = place.allowed
            && let Some(at) = why.span.filter(|at| *at != span)
            && !finding.related.iter().any(|it| it.span == at)
        {
            finding.related(at, format!("excludes {}", place.host.name));
        }
    }
}

/// Whether what excludes the hosts is reported by itself: a label that nothing sets, a value that can't match.
fn is_reported(workload: &Workload, judgement: &Judgement) -> bool {
    match &workload.placement {
        Placement::Kubernetes(pod) => {
            invalid_selector_value::faults(pod).next().is_some()
                || unset_node_label::unset(pod, judgement).next().is_some()
        }
        Placement::Swarm(service) => {
            invalid_constraint::faults(service).next().is_some()
                || unset_constraint_label::faults(service, judgement).next().is_some()
        }
        Placement::Anywhere => false,
    }
}
