use super::{fixes::Fix, rule, wording};
use crate::{
    finding::Message,
    judge::Judgement,
    model::{Placement, Workload},
    placement::kubernetes::stable_name,
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// Whether a pod is placed by `beta.kubernetes.io/os` or `beta.kubernetes.io/arch`, in a nodeSelector, a node affinity or a
    /// RuntimeClass. Both labels have been deprecated since Kubernetes 1.14.
    ///
    /// ## Why it matters
    /// Kubelets still set them beside the stable labels. Once they stop, no node matches and the pod stays Pending with
    /// `node(s) didn't match Pod's node affinity/selector`.
    ///
    /// ## Example
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
    /// ## Fix
    /// Remove `beta.` from the label's name.
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
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#beta-kubernetes-io-os>
    id: "deprecated-node-label",
    summary: "a pod is placed by `beta.kubernetes.io/os` or `…/arch`, which are deprecated",
    severity: Warning,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    for label in pod.labels() {
        let Some(key) = label.key.known() else { continue };
        let Some(stable) = stable_name(key) else { continue };
        let name = wording::first_windows_part(workload, cx);
        // Both in one mapping would be a key that stands twice.
        let others = pod.selector.iter().filter(|other| other.from_runtime_class == label.from_runtime_class);
        let stands_there = !label.is_affinity() && others.clone().any(|other| other.key.value == stable);
        let fix = Fix::new(format!("write `{stable}`")).write(cx, label.key, 0..key.len(), stable);
        let fix = fix.filter(|_| !stands_there);
        let message = Message::new(format!("`{key}` has been deprecated since Kubernetes 1.14"))
            .note("once kubelets stop setting it, no node matches and the pod stays Pending")
            .help_unless(
                fix.is_some(),
                if stands_there { format!("keep `{stable}` only") } else { format!("write `{stable}`") },
            );
        let finding = cx.report(label.key.place(), message);
        finding.workload(name);
        if let Some(fix) = fix {
            fix.give(finding);
        }
    }
}
