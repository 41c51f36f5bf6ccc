use super::{
    mend::{self, Fix},
    pin::{self, Either},
    rule, wording,
};
use crate::{
    judge::{Judgement, Place},
    model::{EvidenceKind, Placement, Workload},
    placement::kubernetes::{self, PodPlacement},
    rule::Cx,
    windows::Os,
};

rule! {
    /// Nothing keeps this Linux pod off the Windows nodes of the fleet: no selector, and no taint that it does not
    /// tolerate. Most often it is a DaemonSet or a chart's hook that tolerates everything.
    ///
    /// At run time: the pod stays in ImagePullBackOff on Windows nodes, with `no match for platform in manifest: not found`.
    ///
    /// Needs a fleet with Windows nodes, and a pod that is surely Linux.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "kubernetes"
    ///
    /// [[host]]
    /// name = "linux"
    /// os = "linux"
    /// orchestrator = "kubernetes"
    /// ```
    ///
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: proxy
    /// spec:
    ///   containers:
    ///   - name: proxy
    ///     image: nginx:1.27
    /// #          ^^^^^^^^^^
    /// ```
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: proxy
    /// spec:
    ///   containers:
    ///   - name: proxy
    ///     image: nginx:1.27
    ///   nodeSelector:
    ///     kubernetes.io/os: linux
    /// ```
    ///
    /// An info where nothing says which operating system the pod is for, and its multi-platform image has no variant for some
    /// of the Windows nodes.
    ///
    /// ## How to fix it
    /// Add `nodeSelector: {kubernetes.io/os: linux}`, or taint the Windows nodes with `os=windows:NoSchedule`.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/windows/user-guide/#ensuring-os-specific-workloads-land-on-the-appropriate-container-host>
    /// - <https://github.com/kubernetes/ingress-nginx/issues/7480>
    id: "linux-pod-unpinned",
    summary: "nothing keeps a Linux pod off the fleet's Windows nodes",
    severity: Warning,
    check: Workload(check),
}

const EITHER: Either = Either {
    what: "pod",
    seen: "it stays in ImagePullBackOff with `no match for platform in manifest: not found`",
    advice: "add `kubernetes.io/os` to its nodeSelector",
};

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    let says = |os: Os| workload.evidence.iter().filter(move |it| it.os == os);
    let proof = says(Os::Linux).find(|it| matches!(it.kind, EvidenceKind::Image | EvidenceKind::OsName));
    // What the file states of Linux counts for more than a name that a third party gave.
    let states_linux = says(Os::Linux).any(|it| it.kind == EvidenceKind::OsName);
    if says(Os::Windows).any(|it| !states_linux || it.kind.is_proof()) {
        return;
    }
    if proof.is_none() {
        pin::either(workload, judgement, &EITHER, cx);
        return;
    }
    let hosts = cx.hosts(judgement.allowed_windows().map(|(place, _)| place.class));
    let project = cx.project;
    let linux = |image| project.image_os(image).known().is_some_and(|(os, _)| os.os == Os::Linux);
    let images = || workload.containers.iter().enumerate().filter_map(|(number, it)| Some((number, it.image?)));
    let Some((number, image)) = images().find(|(_, image)| linux(*image)).or_else(|| images().next()) else { return };
    let Some(image) = project.image(image).filter(|_| !hosts.is_empty()) else { return };
    let seen = if states_linux {
        "the kubelet refuses it with `Failed to admit pod as the OS field doesn't match node OS`"
    } else {
        EITHER.seen
    };
    let message = format!(
        "nothing keeps this Linux pod off the Windows nodes of {}: there {seen}; add `kubernetes.io/os: linux` to its \
         nodeSelector",
        wording::host_list(cx, &hosts),
    );
    let span = workload.placement.anchor().unwrap_or(image.text.span);
    let name = workload.part(number);
    let mend = mend(pod, judgement, cx);
    let finding = cx.report(span, message).absence();
    finding.workload(name).image(image.text.value.clone()).hosts(hosts);
    if let Some(mend) = mend {
        mend.give(finding);
    }
}

/// The label, where none of that name asks for something else.
fn mend(pod: &PodPlacement, judgement: &Judgement, cx: &Cx) -> Option<Fix> {
    if pod.labels().any(|label| kubernetes::ends_as_os(&label.key.value)) {
        return None;
    }
    let on_linux = |place: Place<'_>| place.host.windows().is_none() && !place.is_excluded();
    let doubt = (!judgement.classes().any(on_linux)).then_some("it may land on no declared Linux node as it is");
    let mend = mend::add_label(cx, pod, kubernetes::OS, "linux")?;
    Some(mend.unless_doubtful(doubt.map(str::to_owned)))
}
