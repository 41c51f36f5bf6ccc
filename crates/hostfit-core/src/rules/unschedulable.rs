use super::{rule, wording};
use crate::{
    judge::{Cause, Judgement},
    model::{Orchestrator, Workload},
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
    /// Mend the placement, or declare the hosts it means in `hostfit.toml`.
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
    if !matches!(judgement.cause, Cause::Unschedulable) || wording::placement_is_reported(workload, judgement, cx) {
        return;
    }
    let Some(span) = wording::absence(workload, cx) else { return };
    let why = judgement.landings.iter().filter_map(|landing| match &landing.allowed {
        Allowed::No(why) => Some(format!("{} by {}", landing.host.name, why.why)),
        Allowed::Yes | Allowed::Unknown(_) => None,
    });
    let seen = match workload.orchestrator {
        Orchestrator::Kubernetes => "the pod stays Pending with `node(s) didn't match Pod's node affinity/selector`",
        Orchestrator::Swarm | Orchestrator::Docker => "the service stays pending with `no suitable node`",
    };
    let why: Vec<_> = why.collect();
    let message = format!("no declared host satisfies this placement, so that {seen}; excluded are {}", wording::list(&why));
    let hosts = judgement.landings.iter().map(|landing| landing.host.name.clone());
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_name(workload, cx));
    let finding = cx.report(span, message);
    finding.image = image;
    finding.workload(name).hosts(hosts);
    wording::unless_proven(workload, finding);
    for landing in &judgement.landings {
        if let Allowed::No(why) = &landing.allowed
            && let Some(at) = why.span.filter(|at| *at != span)
            && !finding.related.iter().any(|it| it.span == at)
        {
            finding.related(at, format!("excludes {}", landing.host.name));
        }
    }
}
