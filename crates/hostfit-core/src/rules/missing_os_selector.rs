use super::{
    eks_selector_in_affinity,
    mend::{self, Fix},
    rule, wording,
};
use crate::{
    finding::Severity,
    judge::Judgement,
    model::{EvidenceKind, Placement, Workload},
    placement::kubernetes::{self, PodPlacement},
    rule::Cx,
    windows::Os,
};

rule! {
    /// Nothing keeps this Windows pod off Linux nodes. `spec.os.name` does not: the scheduler does not look at it, and
    /// the kubelet of a Linux node then refuses the pod.
    ///
    /// At run time: `ErrImagePull` with `no match for platform in manifest: not found`, or
    /// `Failed to admit pod as the OS field doesn't match node OS`.
    ///
    /// A label of your own may mean Windows nodes; without a fleet that can't be known, and the finding is a note.
    ///
    /// ```yaml bad also:missing-build-selector
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
    if !workload.is_windows() || pod.pins_os(Os::Windows) || is_unknown(pod) {
        return;
    }
    let sent_to_linux = pod.pins_os(Os::Linux);
    if sent_to_linux && !workload.evidence.iter().any(|it| it.os == Os::Windows && it.kind == EvidenceKind::Image) {
        return;
    }
    let names_linux = workload.evidence.iter().any(|it| it.os == Os::Linux && it.kind == EvidenceKind::OsName);
    if names_linux && !workload.is_proven_windows() {
        return;
    }
    let linux: Vec<_> = judgement.classes().filter(|place| place.host.windows().is_none()).collect();
    if judgement.has_hosts() && !linux.iter().any(|place| !place.is_excluded()) {
        return;
    }
    // On EKS a label of one's own does not do, whatever it means.
    if !judgement.has_hosts() && eks_selector_in_affinity::is_without_address(workload, pod, judgement, cx) {
        return;
    }
    let Some(span) = wording::absence(workload, cx) else { return };
    let os_name = pod.os_name.as_ref().is_some_and(|name| name.known() == Some("windows"));
    let message = format!(
        "{}: there the pull fails with `no match for platform in manifest: \
         not found`; write `kubernetes.io/os: windows` in its nodeSelector",
        match (sent_to_linux, os_name) {
            (true, _) => "the placement sends this Windows pod to Linux nodes",
            (false, true) => "nothing keeps this Windows pod off Linux nodes (`spec.os.name` does not schedule)",
            (false, false) => "nothing keeps this Windows pod off Linux nodes",
        },
    );
    let hosts = cx.hosts(linux.iter().filter(|place| place.is_allowed()).map(|place| place.class));
    let perhaps = !workload.is_proven_windows() || hosts.is_empty() && has_own_label(pod);
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_part(workload, cx));
    let mend = mend(pod, judgement, perhaps, cx).filter(|_| workload.is_proven_windows());
    let finding = cx.report(span, message).absence();
    finding.image = image;
    finding.workload(name).hosts(hosts);
    if let Some(mend) = mend {
        mend.give(finding);
    }
    if perhaps {
        finding.severity(Severity::Info);
    }
}

/// The label, where none of that name asks for something else.
fn mend(pod: &PodPlacement, judgement: &Judgement, perhaps: bool, cx: &Cx) -> Option<Fix> {
    if pod.labels().any(|label| kubernetes::ends_as_os(&label.key.value)) {
        return None;
    }
    let mut windows = judgement.classes().filter(|place| place.host.windows().is_some()).peekable();
    let nowhere = windows.peek().is_some() && windows.all(|place| place.is_excluded());
    let doubt = match (perhaps, nowhere) {
        (true, _) => Some("a label of your own may do that already"),
        (false, true) => Some("the placement leaves it no declared Windows node as it is"),
        (false, false) => None,
    };
    let mend = mend::add_label(cx, pod, kubernetes::OS, "windows")?;
    Some(mend.unless_doubtful(doubt.map(str::to_owned)))
}

/// Placed by something that is not in these files.
fn is_unknown(pod: &PodPlacement) -> bool {
    let class = pod.runtime_class.as_ref().is_some_and(|(_, found)| !found);
    let os_is_variable = pod.labels().any(|label| {
        let names_os = label.key.known().is_some_and(kubernetes::ends_as_os);
        label.key.hole().is_some() || names_os && label.values.iter().any(|value| value.text.hole().is_some())
    });
    class || os_is_variable || pod.node_name.is_some() || pod.unreadable.is_some()
}

/// Whether it asks for a label that may mean anything; those of Kubernetes itself that say nothing of the OS do not.
fn has_own_label(pod: &PodPlacement) -> bool {
    pod.labels().any(|label| kubernetes::is_free(&label.key.value))
}
