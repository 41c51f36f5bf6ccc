use super::{rule, wording};
use crate::{
    finding::Severity,
    judge::Judgement,
    model::{Placement, Workload},
    placement::{Allowed, kubernetes::PodPlacement},
    rule::Cx,
    windows::Os,
};

rule! {
    /// Nothing keeps this Windows pod off Linux nodes. `spec.os.name` does not: the scheduler does not look at it, and
    /// the kubelet of a Linux node then refuses the pod.
    ///
    /// At run time: ErrImagePull with `no match for platform in manifest: not found`, or
    /// `Failed to admit pod as the OS field doesn't match node OS`.
    ///
    /// A label of your own may mean Windows nodes; without a fleet that can't be known, and the finding is a note.
    ///
    /// ```yaml bad also=missing-build-selector
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   os:
    ///     name: windows
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// #          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
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
    /// Add `nodeSelector: {kubernetes.io/os: windows}`. A required node affinity or a RuntimeClass with `scheduling` does
    /// it too.
    ///
    /// ## Configuration
    /// Silent when the declared fleet has no Linux node.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/windows/user-guide/>
    /// - <https://kubernetes.io/docs/concepts/workloads/pods/#pod-os>
    id: "missing-os-selector",
    summary: "nothing keeps a Windows pod off Linux nodes",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    if !workload.is_windows() || pod.pins_os(Os::Windows) || pod.pins_os(Os::Linux) || is_unknown(pod) {
        return;
    }
    let linux: Vec<_> = judgement.landings.iter().filter(|landing| landing.host.windows().is_none()).collect();
    if !judgement.landings.is_empty() && !linux.iter().any(|landing| !matches!(landing.allowed, Allowed::No(_))) {
        return;
    }
    let Some(span) = wording::absence(workload, cx) else { return };
    let os_name = pod.os_name.as_ref().is_some_and(|name| name.known() == Some("windows"));
    let message = format!(
        "nothing keeps this Windows pod off Linux nodes{}: there the pull fails with `no match for platform in manifest: \
         not found`; add `kubernetes.io/os: windows` to its nodeSelector",
        if os_name { " (`spec.os.name` does not schedule)" } else { "" },
    );
    let hosts = linux.iter().filter(|landing| landing.is_allowed()).map(|landing| landing.host.name.clone());
    let hosts: Vec<_> = hosts.collect();
    let perhaps = !workload.is_proven_windows() || hosts.is_empty() && has_own_label(pod);
    let finding = cx.report(span, message);
    finding.workload(wording::first_windows_name(workload)).hosts(hosts);
    if perhaps {
        finding.severity(Severity::Info);
    }
}

/// Placed by something that is not in these files.
fn is_unknown(pod: &PodPlacement) -> bool {
    let class = pod.runtime_class.as_ref().is_some_and(|(_, found)| !found);
    class || pod.node_name.is_some() || pod.unreadable.is_some()
}

/// Whether it asks for a label that may mean anything; those of Kubernetes itself that say nothing of the OS do not.
fn has_own_label(pod: &PodPlacement) -> bool {
    const SAYS_NOTHING: [&str; 4] =
        ["kubernetes.io/os", "beta.kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/arch"];
    pod.labels().any(|label| {
        let key = label.key.value.as_str();
        !SAYS_NOTHING.contains(&key) && !key.starts_with("topology.kubernetes.io/")
    })
}
