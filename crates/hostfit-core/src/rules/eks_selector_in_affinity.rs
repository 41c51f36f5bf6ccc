use super::{mend, rule, wording};
use crate::{
    judge::Judgement,
    model::{Placement, SettingKey, Workload},
    placement::kubernetes::{OS, PodPlacement, is_of_eks, is_os},
    rule::Cx,
    windows::Os,
};

rule! {
    /// On Amazon EKS a Windows pod gets its address from a webhook of the VPC resource controller, and that looks at
    /// `nodeSelector` only. A pod that asks for Windows by node affinity alone lands on the right node and gets no address.
    ///
    /// At run time: the pod hangs in ContainerCreating, without `vpc.amazonaws.com/PrivateIPv4Address` among its limits.
    ///
    /// Speaks where the fleet or the file has labels of EKS.
    ///
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
    /// ## How to fix it
    /// Add `kubernetes.io/os: windows` to the pod's nodeSelector. The affinity may stay.
    ///
    /// ## Sources
    /// - <https://docs.aws.amazon.com/eks/latest/userguide/windows-support.html>
    /// - <https://github.com/aws/amazon-vpc-resource-controller-k8s>, `hasWindowsNodeSelector`
    /// - <https://github.com/OctopusDeploy/Issues/issues/9583>
    id: "eks-selector-in-affinity",
    summary: "on EKS a Windows pod needs the OS in its nodeSelector, not only in its affinity",
    severity: Warning,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    let Some(span) = pod.affinity_key.filter(|_| !is_unknown(pod)) else { return };
    // On the network of its node a pod needs no address.
    let host_network =
        workload.settings.as_ref().is_none_or(|it| it.iter().any(|setting| setting.key == SettingKey::HostNetwork));
    let by_affinity = PodPlacement { selector: Vec::new(), ..(**pod).clone() }.pins_os(Os::Windows);
    let by_selector = pod.selector.iter().any(|label| label.key.known().is_none_or(is_os));
    if host_network || !by_affinity || by_selector || !is_on_eks(workload, judgement, cx) {
        return;
    }
    let message = "on EKS a Windows pod gets an address only where its nodeSelector says `kubernetes.io/os: windows`: the webhook \
                   does not look at affinity, and the pod hangs in ContainerCreating; add it to the nodeSelector";
    let name = wording::first_windows_part(workload, cx);
    // The affinity asks for nothing else: the nodes stay the same.
    let mend = mend::add_label(cx, pod, OS, "windows");
    let finding = cx.report(span, message);
    finding.workload(name);
    if let Some(mend) = mend {
        mend.give(finding);
    }
}

/// Whether something else than these files may add to the nodeSelector.
fn is_unknown(pod: &PodPlacement) -> bool {
    pod.unreadable.is_some() || pod.runtime_class.as_ref().is_some_and(|(_, found)| !found)
}

/// How many pods of a file are asked for labels, so that a file of very many ends in time.
const ENOUGH: usize = 200;

fn is_on_eks(workload: &Workload, judgement: &Judgement, cx: &Cx) -> bool {
    let of_hosts = judgement.classes().flat_map(|place| &place.host.labels).any(|(key, _)| is_of_eks(key));
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
