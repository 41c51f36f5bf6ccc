use super::{fixes, rule, wording};
use crate::{
    finding::Message,
    judge::Judgement,
    model::{Placement, SettingKey, Workload},
    placement::kubernetes::{OS, PodPlacement, is_free, is_of_eks, is_os},
    rule::Cx,
    windows::{Os, platform::Platform},
};

rule! {
    /// ## What it checks
    /// Whether a pod on Amazon EKS selects Windows nodes only by node affinity or by your own labels. Windows pods get
    /// their IP address through a webhook of the VPC resource controller, which reads only `kubernetes.io/os` in the
    /// nodeSelector.
    ///
    /// ## Why it matters
    /// The pod is scheduled on the right node, gets no address and stays in ContainerCreating. Its limits lack
    /// `vpc.amazonaws.com/PrivateIPv4Address`.
    ///
    /// ## Example
    /// ```yaml bad also:missing-build-selector
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   affinity:
    /// # ^^^^^^^^
    ///     nodeAffinity:
    ///       requiredDuringSchedulingIgnoredDuringExecution:
    ///         nodeSelectorTerms:
    ///         - matchExpressions:
    ///           - {key: kubernetes.io/os, operator: In, values: [windows]}
    ///           - {key: eks.amazonaws.com/nodegroup, operator: In, values: [win]}
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Fix
    /// Add `kubernetes.io/os: windows` to the nodeSelector. The affinity may stay.
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    ///     eks.amazonaws.com/nodegroup: win
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// The webhook does not read your own labels:
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win"
    /// os = "ltsc2022"
    /// orchestrator = "kubernetes"
    /// platform = "eks"
    /// labels = { "node.example.com/os" = "windows" }
    ///
    /// [[host]]
    /// name = "linux"
    /// os = "linux"
    /// orchestrator = "kubernetes"
    /// platform = "eks"
    /// ```
    ///
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   nodeSelector:
    /// # ^^^^^^^^^^^^
    ///     node.example.com/os: windows
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Configuration
    /// The rule needs `platform = "eks"` on a host of the fleet, or an EKS label in the fleet or in the file. The
    /// finding is an info where only a third party's image name shows that the pod is for Windows.
    ///
    /// ## Sources
    /// - <https://docs.aws.amazon.com/eks/latest/userguide/windows-support.html>
    /// - <https://github.com/aws/amazon-vpc-resource-controller-k8s>, `hasWindowsNodeSelector`
    /// - <https://github.com/OctopusDeploy/Issues/issues/9583>
    /// - <https://github.com/aws/containers-roadmap/issues/463>
    id: "eks-selector-in-affinity",
    summary: "a Windows pod on EKS does not have its operating system in the nodeSelector",
    severity: Warning,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    if !is_without_address(workload, pod, judgement, cx) {
        return;
    }
    let by_affinity = pod.affinity_key.filter(|_| is_pinned_by_affinity(pod));
    let Some(span) = by_affinity.or_else(|| wording::absence(workload, cx)) else { return };
    let name = wording::first_windows_part(workload, cx);
    let caveat = (!workload.is_proven_windows()).then(|| "check that the pod is for Windows".to_owned());
    // It lands on Windows nodes alone as it is: the nodes stay the same.
    let fix = fixes::add_label(cx, pod, OS, "windows").map(|fix| fix.with_caveat(caveat));
    let (selects, label) = match by_affinity {
        Some(_) => ("only its affinity selects Windows", "the EKS webhook does not read affinity"),
        None => ("its nodeSelector lacks `kubernetes.io/os`", "the EKS webhook reads no other label"),
    };
    let message = Message::new(format!("on EKS this Windows pod gets no IP address, because {selects}"))
        .label(label)
        .note("the pod stays in ContainerCreating, without `vpc.amazonaws.com/PrivateIPv4Address` in its limits")
        .help_unless(fix.is_some(), "add `kubernetes.io/os: windows` to the nodeSelector");
    let finding = cx.report(span, message);
    finding.workload(name);
    if by_affinity.is_none() {
        finding.absence();
    }
    if let Some(fix) = fix {
        fix.give(finding);
    }
    wording::unless_proven(workload, finding);
}

/// Whether the pod runs on EKS, on Windows nodes alone as far as that is known, and its nodeSelector does not say so.
pub(super) fn is_without_address(workload: &Workload, pod: &PodPlacement, judgement: &Judgement, cx: &Cx) -> bool {
    // On the network of its node a pod needs no address.
    let host_network =
        workload.settings.as_ref().is_none_or(|it| it.iter().any(|setting| setting.key == SettingKey::HostNetwork));
    let by_selector = pod.selector.iter().any(|label| label.key.known().is_none_or(is_os));
    workload.is_windows()
        && !host_network
        && !by_selector
        && !is_unknown(pod)
        && is_on_windows(pod, judgement)
        && is_on_eks(workload, judgement, cx)
}

/// Whether the placement leaves Windows nodes alone. Without declared nodes a label of one's own may say so.
fn is_on_windows(pod: &PodPlacement, judgement: &Judgement) -> bool {
    if pod.pins_os(Os::Windows) {
        return true;
    }
    if pod.pins_os(Os::Linux) {
        return false;
    }
    if !judgement.has_hosts() {
        return pod.labels().any(|label| is_free(&label.key.value));
    }
    let mut left = judgement.classes().filter(|place| !place.is_excluded()).peekable();
    // Where no Linux node is declared, a pod without a label is not placed: the fleet may not be whole.
    pod.labels().next().is_some() && left.peek().is_some() && left.all(|place| place.host.windows().is_some())
}

fn is_pinned_by_affinity(pod: &PodPlacement) -> bool {
    PodPlacement { selector: Vec::new(), ..pod.clone() }.pins_os(Os::Windows)
}

/// Whether something else than these files may add to the nodeSelector.
fn is_unknown(pod: &PodPlacement) -> bool {
    pod.unreadable.is_some() || pod.runtime_class.as_ref().is_some_and(|(_, found)| !found)
}

/// How many pods of a file are asked for labels, so that a file of very many ends in time.
const ENOUGH: usize = 200;

fn is_on_eks(workload: &Workload, judgement: &Judgement, cx: &Cx) -> bool {
    let of_hosts = judgement.classes().any(|place| {
        place.host.platform == Some(Platform::Eks) || place.host.labels.iter().any(|(key, _)| is_of_eks(key))
    });
    let of_file = || {
        cx.project.workloads.iter().filter(|it| it.source == workload.source).take(ENOUGH).any(|it| {
            match &it.placement {
                Placement::Kubernetes(pod) => pod.labels().any(|label| label.key.known().is_some_and(is_of_eks)),
                _ => false,
            }
        })
    };
    of_hosts || of_file()
}
