use super::{fixes, rule, wording};
use crate::{
    finding::Message,
    judge::{Cause, Judgement},
    model::{Placement, Workload},
    placement::{self, Allowed},
    rule::Cx,
    windows::compat::Verdict,
};

rule! {
    /// ## What it checks
    /// Whether the placement of a pod selects one Windows build while the fleet has nodes of another build that can run
    /// the image. Hosts of Windows Server 2022 and later also run images of earlier releases, back to `ltsc2022`.
    ///
    /// ## Why it matters
    /// Nothing fails, but the pod may stay Pending while nodes are free.
    ///
    /// ## Example
    /// ```toml fleet
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "kubernetes"
    ///
    /// [[host]]
    /// name = "win2025"
    /// os = "ltsc2025"
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
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    /// #                                     ^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Select each build that fits, with a required node affinity and `operator: In`.
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
    ///   affinity:
    ///     nodeAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution:
    ///         nodeSelectorTerms:
    ///         - matchExpressions:
    ///           - key: node.kubernetes.io/windows-build
    ///             operator: In
    ///             values: [10.0.20348, 10.0.26100]
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>
    id: "overpinned-build",
    summary: "a placement that selects one Windows build while nodes of others can run the image too",
    severity: Info,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(_) = &workload.placement else { return };
    let Some(&(pinned, span)) = judgement.named().first() else { return };
    let one = judgement.named().iter().all(|(version, _)| version.build == pinned.build);
    if !one || !matches!(judgement.cause(), Cause::None) {
        return;
    }
    let spans: Vec<_> = judgement.named().iter().map(|(_, span)| *span).collect();
    let free = workload.placement.without(&spans);
    let could = judgement.classes().filter(|place| {
        let other = place.host.windows().is_some_and(|version| version.build != pinned.build);
        other
            && place.is_excluded()
            && placement::allows(&free, place.host) == Allowed::Yes
            && place.runs_known()
            && place.outcomes.iter().all(|outcome| outcome.image.is_none() || outcome.verdict == Verdict::Runs)
    });
    let hosts = cx.hosts(could.map(|place| place.class));
    if hosts.is_empty() {
        return;
    }
    let mut builds: Vec<_> = hosts.iter().filter_map(|id| cx.fleet.host(*id)?.windows()).map(|it| it.build).collect();
    builds.push(pinned.build);
    builds.sort_unstable();
    builds.dedup();
    let message = Message::new(format!(
        "this placement selects build {} only, although {} can run the image too",
        pinned.build,
        wording::host_list(cx, &hosts),
    ))
    .help(format!("replace it with {} in a required node affinity", fixes::requirement(&builds)));
    let name = wording::first_windows_part(workload, cx);
    let images = workload.containers.iter().filter_map(|container| container.image);
    let mut locked: Vec<_> = images.filter_map(|image| wording::decided_by_registry(cx, image)).collect();
    // Containers of one image have one line in the lock file.
    locked.sort_unstable();
    locked.dedup_by_key(|(at, _)| *at);
    let finding = cx.report(span, message).workload(name);
    for (at, label) in locked {
        finding.related(at, label);
    }
}
