use super::{mend::Fix, rule, wording};
use crate::{
    judge::Judgement,
    model::{EvidenceKind, OsEvidence, Placement, Workload},
    rule::Cx,
    windows::Os,
};

rule! {
    /// `spec.os.name` says one operating system, the nodes that the pod selects or its image are of the other. The field
    /// schedules nothing: the kubelet of the node on which the pod lands compares it and refuses the pod.
    ///
    /// At run time: `PodOSNotSupported`, `Failed to admit pod as the OS field doesn't match node OS`; where only the image
    /// is of the other system, the pull fails.
    ///
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   os:
    ///     name: linux
    /// #         ^^^^^
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    /// ```
    ///
    /// ```yaml good
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
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    /// ```
    ///
    /// ## How to fix it
    /// Write the operating system that image and nodes have. `hostfit fix` does where both say the same.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/workloads/pods/#pod-os>
    /// - <https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/lifecycle/predicate.go>
    id: "os-field-mismatch",
    summary: "`spec.os.name` contradicts the image or the selector",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    if !matches!(workload.placement, Placement::Kubernetes(_)) || workload.is_host_process() {
        return;
    }
    let Some(field) = workload.evidence.iter().find(|it| it.kind == EvidenceKind::OsName) else { return };
    let states = |kinds: &[EvidenceKind], os: Os| -> Option<&OsEvidence> {
        workload.evidence.iter().find(|it| it.os == os && kinds.contains(&it.kind))
    };
    let other = if field.os == Os::Windows { Os::Linux } else { Os::Windows };
    let nodes = [EvidenceKind::Selector, EvidenceKind::RuntimeClass];
    let by_nodes = states(&nodes, other).filter(|_| states(&nodes, field.os).is_none());
    // Where all else is for Windows, the image is wrong, and `no-windows-variant` says so.
    let elsewhere = [EvidenceKind::Selector, EvidenceKind::RuntimeClass, EvidenceKind::Image];
    let by_image = || {
        let image_is_wrong = field.os == Os::Windows && states(&elsewhere, Os::Windows).is_some();
        states(&[EvidenceKind::Image], other).filter(|_| !image_is_wrong)
    };
    let by_image = by_image();
    let says_so = by_image.is_some();
    let (mismatch, message) = match (by_nodes, by_image) {
        (Some(nodes), _) => (
            nodes,
            format!(
                "`os.name` is {}, but the pod is placed on {} nodes: the kubelet refuses it with `Failed to admit pod as the \
                 OS field doesn't match node OS`; write `{}`",
                name(field.os),
                title(other),
                name(other),
            ),
        ),
        (None, Some(image)) => (
            image,
            format!(
                "`os.name` is {}, but an image of the pod is for {}: it runs on no node; write the system that image and nodes \
                 have",
                name(field.os),
                title(other),
            ),
        ),
        (None, None) => return,
    };
    let (span, because) = (field.span, mismatch.span);
    let subject = wording::first_windows_part(workload, cx);
    let doubt = match mismatch.kind {
        EvidenceKind::Image => Some("the image may be what is wrong"),
        // An image of the system that the field names would not run there.
        _ if states(&[EvidenceKind::Image], field.os).is_some() => Some("the selector may be what is wrong"),
        _ if !says_so => Some("nothing tells what the image is for"),
        _ => None,
    };
    let mend = mend(workload, name(other), cx).map(|mend| mend.unless_doubtful(doubt.map(str::to_owned)));
    let finding = cx.report(span, message);
    finding.workload(subject).related(because, format!("this is for {}", title(other)));
    if let Some(mend) = mend {
        mend.give(finding);
    }
}

/// The other system in the field.
fn mend(workload: &Workload, right: &str, cx: &Cx) -> Option<Fix> {
    let Placement::Kubernetes(pod) = &workload.placement else { return None };
    let field = pod.os_name.as_ref()?;
    Fix::new(format!("write `{right}`")).write(cx, field, 0..field.value.len(), right)
}

fn name(os: Os) -> &'static str {
    match os {
        Os::Windows => "windows",
        Os::Linux => "linux",
    }
}

fn title(os: Os) -> &'static str {
    match os {
        Os::Windows => "Windows",
        Os::Linux => "Linux",
    }
}
