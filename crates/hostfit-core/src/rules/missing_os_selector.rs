use super::{
    eks_selector_in_affinity,
    fixes::{self, Fix},
    rule, wording,
};
use crate::{
    finding::{Message, Severity},
    judge::Judgement,
    model::{EvidenceKind, Placement, Workload},
    placement::kubernetes::{self, PodPlacement},
    rule::Cx,
    windows::Os,
};

rule! {
    /// ## What it checks
    /// Whether a Windows pod can be scheduled on Linux nodes. A nodeSelector, a required node affinity and a RuntimeClass with
    /// `scheduling` keep it off them. `spec.os.name` does not, because the scheduler ignores it.
    ///
    /// ## Why it matters
    /// On a Linux node the pull fails with `no match for platform in manifest: not found`. With `spec.os.name: windows` the
    /// kubelet rejects the pod: `Failed to admit pod as the OS field doesn't match node OS`.
    ///
    /// ## Example
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
    /// ## Fix
    /// Add `kubernetes.io/os: windows` to the nodeSelector.
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
    /// Nothing is reported when the declared fleet has no Linux node. A label of your own may select Windows nodes: unless
    /// the fleet shows that it does not, the finding is an info.
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
    let hosts = cx.hosts(linux.iter().filter(|place| place.is_allowed()).map(|place| place.class));
    let is_proven = workload.is_proven_windows();
    let perhaps = !is_proven || hosts.is_empty() && has_own_label(pod);
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_part(workload, cx));
    let fix = fix(workload, pod, judgement, perhaps, cx).filter(|_| is_proven);
    let on = if hosts.is_empty() { "a Linux node".to_owned() } else { wording::host_list(cx, &hosts) };
    let message = Message::new(if sent_to_linux {
        "the placement sends this Windows pod to Linux nodes"
    } else if !is_proven {
        "nothing keeps this pod off Linux nodes, and it looks like a Windows pod"
    } else if perhaps {
        "nothing but a label of your own may keep this Windows pod off Linux nodes"
    } else {
        "nothing keeps this Windows pod off Linux nodes"
    })
    .label(match pod.anchor() {
        Some(_) if sent_to_linux => "selects Linux nodes",
        Some(_) if !perhaps => "does not select Windows nodes",
        _ => "",
    })
    .note(if os_name {
        format!(
            "the scheduler ignores `spec.os.name`, and on {on} the kubelet rejects the pod with `Failed to admit pod as the OS \
             field doesn't match node OS`"
        )
    } else {
        format!("on {on} the pull fails with `no match for platform in manifest: not found`")
    })
    .help_unless(
        fix.is_some(),
        if sent_to_linux {
            "select Windows nodes with `kubernetes.io/os: windows`"
        } else {
            "add `kubernetes.io/os: windows` to the nodeSelector"
        },
    );
    let finding = cx.report(span, message).absence();
    finding.image = image;
    finding.workload(name).hosts(hosts);
    if let Some(fix) = fix {
        fix.give(finding);
    }
    if perhaps {
        finding.severity(Severity::Info);
    }
}

/// The label, where none of that name asks for something else.
fn fix(workload: &Workload, pod: &PodPlacement, judgement: &Judgement, perhaps: bool, cx: &Cx) -> Option<Fix> {
    if pod.labels().any(|label| kubernetes::ends_as_os(&label.key.value)) {
        return None;
    }
    let mut windows = judgement.classes().filter(|place| place.host.windows().is_some()).peekable();
    let nowhere = windows.peek().is_some() && windows.all(|place| place.is_excluded());
    let doubt = match (perhaps, nowhere) {
        _ if workload.evidence.iter().any(|it| it.os == Os::Linux && it.kind.is_proof()) => {
            Some("check that the pod is for Windows, since a part of it is for Linux")
        }
        (true, _) => Some("check that no label of your own selects Windows nodes already"),
        (false, true) => Some("check the rest of the placement, which excludes every declared Windows node"),
        (false, false) => None,
    };
    let fix = fixes::add_label(cx, pod, kubernetes::OS, "windows")?;
    Some(fix.with_caveat(doubt.map(str::to_owned)))
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
