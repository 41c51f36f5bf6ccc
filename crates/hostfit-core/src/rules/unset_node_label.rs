use super::{mend::Fix, rule, wording};
use crate::{
    finding::Severity,
    judge::Judgement,
    model::{Placement, Workload},
    placement::kubernetes::{LabelUse, Operator, PodPlacement, WINDOWS_BUILD, is_never_set},
    rule::Cx,
    windows::version,
};

rule! {
    /// A label in Kubernetes' own name space that nothing ever sets. `beta.kubernetes.io/osbuild` is from an early page of
    /// Microsoft's, where the administrator put it on the nodes by hand; Kubernetes itself sets
    /// `node.kubernetes.io/windows-build`.
    ///
    /// At run time the pod stays Pending: `node(s) didn't match Pod's node affinity/selector`.
    ///
    /// Silent where a declared host carries the label; an error where a fleet is declared and none does.
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
    ///     beta.kubernetes.io/osbuild: "20348"
    /// #   ^^^^^^^^^^^^^^^^^^^^^^^^^^
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
    /// Use `node.kubernetes.io/windows-build` with `10.0.BUILD`, or declare the label on the hosts that carry it.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "unset-node-label",
    summary: "a label in Kubernetes' own name space that nothing ever sets",
    severity: Warning,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    let declared = judgement.has_hosts();
    for label in unset(pod, judgement) {
        let key = label.key.value.as_str();
        let but = if declared { "and no declared host carries it:" } else { "so that, unless somebody did by hand," };
        let message = format!(
            "Kubernetes puts no label `{key}` on nodes, {but} the pod stays Pending with `node(s) didn't match \
             Pod's node affinity/selector`; use `node.kubernetes.io/windows-build` with `10.0.BUILD`"
        );
        let name = wording::first_windows_part(workload, cx);
        let mend = mend(&label, pod, cx);
        let finding = cx.report(label.key.place(), message);
        finding.workload(name);
        if declared {
            finding.severity(Severity::Error);
        }
        if let Some(mend) = mend {
            mend.give(finding);
        }
    }
}

/// The label that the kubelet sets, where the values tell which build they mean.
fn mend(label: &LabelUse<'_>, pod: &PodPlacement, cx: &Cx) -> Option<Fix> {
    let stands_there = pod.labels().any(|other| other.key.value == WINDOWS_BUILD);
    if stands_there || label.operator != Operator::In || label.values.is_empty() {
        return None;
    }
    let mut mend = Fix::new(format!("write `{WINDOWS_BUILD}`"))
        .unless_doubtful(Some("it no longer asks for the label that somebody may have set".to_owned()))
        .write(cx, label.key, 0..label.key.value.len(), WINDOWS_BUILD)?;
    for value in &label.values {
        let text = value.text.known()?;
        let build = version::parse(text, &cx.config.releases)?.build.to_string();
        mend = mend.write(cx, value.text, 0..text.len(), &build)?;
    }
    Some(mend)
}

/// What the pod asks for that no node carries.
pub(super) fn unset<'p>(pod: &'p PodPlacement, judgement: &Judgement) -> impl Iterator<Item = LabelUse<'p>> {
    // That it is not there, or not of some value, holds on every node.
    let asked = pod.labels().filter(|label| !matches!(label.operator, Operator::NotIn | Operator::DoesNotExist));
    asked.filter(|label| label.key.known().is_some_and(|key| is_never_set(key) && !judgement.some_host_carries(key)))
}
