use super::{fixes::Fix, rule, wording};
use crate::{
    finding::{Message, Severity},
    judge::Judgement,
    model::{Placement, Workload},
    placement::kubernetes::{LabelUse, Operator, PodPlacement, SelectorValue, WINDOWS_BUILD, is_never_set},
    rule::Cx,
    windows::version,
};

rule! {
    /// ## What it checks
    /// Whether a pod asks for a label that looks like one of Kubernetes' own, but that Kubernetes never sets.
    /// `beta.kubernetes.io/osbuild` comes from an early Microsoft page, which has administrators set it by hand.
    /// Kubernetes itself sets `node.kubernetes.io/windows-build`.
    ///
    /// ## Why it matters
    /// No node matches, and the pod stays Pending with `node(s) didn't match Pod's node affinity/selector`.
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
    ///     kubernetes.io/os: windows
    ///     beta.kubernetes.io/osbuild: "20348"
    /// #   ^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Use `node.kubernetes.io/windows-build` with a value of the form `10.0.BUILD`.
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
    /// ## Configuration
    /// Nothing is reported when a declared host has the label. When a fleet is declared and none of its hosts has it, the
    /// finding is an error.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "unset-node-label",
    summary: "a pod asks for a node label that Kubernetes never sets",
    severity: Warning,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    let declared = judgement.has_hosts();
    let mut renamed = None;
    for label in unset(pod, judgement) {
        let key = label.key.value.as_str();
        let (but, unless) =
            if declared { (", and no declared host has it", "") } else { ("", "unless someone set it by hand, ") };
        let name = wording::first_windows_part(workload, cx);
        // A mapping has each key once: of two labels of the nodeSelector only one is renamed.
        let of_selector = |label: &LabelUse| !label.is_affinity() && !label.from_runtime_class;
        let fix = fix(&label, pod, cx).filter(|_| label.is_affinity() || renamed.is_none());
        let builds = builds(&label, cx);
        let stands_there = pod.labels().any(|other| other.key.value == WINDOWS_BUILD && of_selector(&other));
        let is_needless = stands_there || renamed.is_some() && renamed == builds;
        let help = match (of_selector(&label), &renamed) {
            (true, _) if is_needless => format!("remove it: `{WINDOWS_BUILD}` takes its place"),
            (true, Some(_)) => format!("keep one of the labels, as `{WINDOWS_BUILD}: 10.0.BUILD`"),
            _ => format!("use `{WINDOWS_BUILD}` with a value of the form `10.0.BUILD`"),
        };
        if fix.is_some() && !label.is_affinity() {
            renamed = builds;
        }
        let message = Message::new(format!("Kubernetes does not set the label `{key}`{but}"))
            .note(format!("{unless}the pod stays Pending with `node(s) didn't match Pod's node affinity/selector`"))
            .help_unless(fix.is_some(), help);
        let finding = cx.report(label.key.place(), message);
        finding.workload(name);
        if declared {
            finding.severity(Severity::Error);
        }
        if let Some(fix) = fix {
            fix.give(finding);
        }
    }
}

/// The label that the kubelet sets, where the values tell which build they mean.
fn fix(label: &LabelUse<'_>, pod: &PodPlacement, cx: &Cx) -> Option<Fix> {
    let stands_there = pod.labels().any(|other| other.key.value == WINDOWS_BUILD);
    if stands_there || label.operator != Operator::In || label.values.is_empty() {
        return None;
    }
    let builds = builds(label, cx)?;
    let title = match builds.as_slice() {
        [build] => format!("write `{WINDOWS_BUILD}: {build}`"),
        builds => {
            let builds: Vec<_> = builds.iter().map(|build| format!("`{build}`")).collect();
            format!("write `{WINDOWS_BUILD}` with {}", wording::list(&builds))
        }
    };
    let fix = Fix::new(title).with_caveat(Some("check that nobody set the old label by hand".to_owned())).write(
        cx,
        label.key,
        0..label.key.value.len(),
        WINDOWS_BUILD,
    )?;
    label
        .values
        .iter()
        .zip(&builds)
        .try_fold(fix, |fix, (value, build)| fix.write(cx, &value.text, 0..value.text.value.len(), build))
}

/// The builds that the values mean.
fn builds(label: &LabelUse<'_>, cx: &Cx) -> Option<Vec<String>> {
    let build =
        |value: &SelectorValue| Some(version::parse(value.text.known()?, &cx.config.releases)?.build.to_string());
    label.values.iter().map(build).collect()
}

/// What the pod asks for that no node carries.
pub(super) fn unset<'p>(pod: &'p PodPlacement, judgement: &Judgement) -> impl Iterator<Item = LabelUse<'p>> {
    // That it is not there, or not of some value, holds on every node.
    let asked = pod.labels().filter(|label| !matches!(label.operator, Operator::NotIn | Operator::DoesNotExist));
    asked.filter(|label| label.key.known().is_some_and(|key| is_never_set(key) && !judgement.some_host_carries(key)))
}
