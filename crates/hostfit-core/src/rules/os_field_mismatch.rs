use super::{fixes::Fix, rule, wording};
use crate::{
    finding::Message,
    judge::Judgement,
    model::{EvidenceKind, OsEvidence, Placement, Workload},
    rule::Cx,
    windows::Os,
};

rule! {
    /// ## What it checks
    /// Whether `spec.os.name` agrees with the nodes that the pod selects and with its images.
    ///
    /// ## Why it matters
    /// The scheduler ignores the field, but the kubelet compares it with its node and rejects the pod: `PodOSNotSupported`,
    /// `Failed to admit pod as the OS field doesn't match node OS`. If only the image is for the other operating system, the
    /// pull fails.
    ///
    /// ## Example
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
    /// ## Fix
    /// Write the operating system of the image and the nodes. `hostfit fix` does so where both agree.
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
            Message::new(format!("`spec.os.name` is `{}`, but the pod selects {} nodes", name(field.os), title(other)))
                .note("the kubelet rejects the pod with `Failed to admit pod as the OS field doesn't match node OS`"),
        ),
        (None, Some(image)) => (
            image,
            Message::new(format!("`spec.os.name` is `{}`, but the pod has a {} image", name(field.os), title(other)))
                .note("the pod cannot run on any node"),
        ),
        (None, None) => return,
    };
    let (span, because) = (field.span, mismatch.span);
    let subject = wording::first_windows_part(workload, cx);
    let label = match mismatch.kind {
        EvidenceKind::Image => format!("a {} image", title(other)),
        _ => format!("selects {} nodes", title(other)),
    };
    let caveat = match mismatch.kind {
        EvidenceKind::Image => Some("check that the image is the right one".to_owned()),
        // An image of the system that the field names would not run there.
        _ if states(&[EvidenceKind::Image], field.os).is_some() => Some("check that the selector is right".to_owned()),
        _ if !says_so => Some(format!("check that the image is for {}", title(other))),
        _ => None,
    };
    let fix = fix(workload, name(other), cx).map(|fix| fix.with_caveat(caveat));
    let finding = cx.report(span, message.help_unless(fix.is_some(), format!("write `{}`", name(other))));
    finding.workload(subject).related(because, label);
    if let Some(fix) = fix {
        fix.give(finding);
    }
}

/// The other system in the field.
fn fix(workload: &Workload, right: &str, cx: &Cx) -> Option<Fix> {
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
