use super::{mend::Fix, rule, wording};
use crate::{
    judge::Judgement,
    model::{Placement, Workload},
    placement::kubernetes::stable_name,
    rule::Cx,
};

rule! {
    /// `beta.kubernetes.io/os` and `beta.kubernetes.io/arch` are deprecated since Kubernetes 1.14. Kubelets still set them
    /// next to the stable labels, until they do not: then no node matches and the pod stays Pending.
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
    ///     beta.kubernetes.io/os: windows
    /// #   ^^^^^^^^^^^^^^^^^^^^^
    ///     node.kubernetes.io/windows-build: 10.0.20348
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
    /// Leave `beta.` out.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#beta-kubernetes-io-os>
    id: "deprecated-node-label",
    summary: "`beta.kubernetes.io/os` or `…/arch` instead of the stable label",
    severity: Warning,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    for label in pod.labels() {
        let Some(key) = label.key.known() else { continue };
        let Some(stable) = stable_name(key) else { continue };
        let message = format!(
            "`{key}` is deprecated since Kubernetes 1.14: once kubelets stop setting it, no node matches and the pod stays \
             Pending; use `{stable}`"
        );
        let name = wording::first_windows_part(workload, cx);
        // Both in one mapping would be a key that stands twice.
        let others = pod.selector.iter().filter(|other| other.from_runtime_class == label.from_runtime_class);
        let stands_there = !label.is_affinity() && others.clone().any(|other| other.key.value == stable);
        let mend = Fix::new(format!("write `{stable}`")).write(cx, label.key, 0..key.len(), stable);
        let finding = cx.report(label.key.place(), message);
        finding.workload(name);
        if let Some(mend) = mend.filter(|_| !stands_there) {
            mend.give(finding);
        }
    }
}
