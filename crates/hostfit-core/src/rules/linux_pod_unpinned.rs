use super::{
    fixes::{self, Fix},
    pin::{self, Either},
    rule, wording,
};
use crate::{
    finding::{Message, Severity},
    judge::{Doubt, Judgement, Place, Reason},
    model::{EvidenceKind, OsEvidence, Placement, Setting, SettingKey, Workload},
    placement::kubernetes::{self, PodPlacement},
    rule::Cx,
    windows::Os,
};

rule! {
    /// ## What it checks
    /// Whether a Linux pod can be scheduled on the Windows nodes of the fleet. Often it is a DaemonSet or a chart's
    /// hook that tolerates every taint. A pod counts as a Linux pod because of its image, or because of what only Linux
    /// has: fields such as `runAsUser` and `capabilities`, paths such as `/etc` and `/var/run`, commands such as
    /// `/bin/sh`, a distribution in a tag.
    ///
    /// hostfit knows well-known images that are built for Linux only, such as
    /// `registry.k8s.io/ingress-nginx/controller`. `hostfit images` names the source.
    ///
    /// ## Why it matters
    /// On a Windows node the pod stays in ImagePullBackOff with `no match for platform in manifest: not found`.
    ///
    /// ## Example
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
    /// ## Fix
    /// Add `kubernetes.io/os: linux` to the nodeSelector, or taint the Windows nodes with `os=windows:NoSchedule`.
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
    /// ## Configuration
    /// The rule needs a fleet with Windows nodes. The finding is an info if nothing says which operating system the pod is for:
    /// its image is unknown, or its multi-platform image has no variant for some of the Windows nodes.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/windows/user-guide/#ensuring-os-specific-workloads-land-on-the-appropriate-container-host>
    /// - <https://github.com/kubernetes/ingress-nginx/issues/7480>
    /// - <https://github.com/nginx/nginx-gateway-fabric/issues/3661>
    id: "linux-pod-unpinned",
    summary: "nothing keeps a Linux pod off the Windows nodes of the fleet",
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
    // What the file states of Linux counts for more than a name that a third party gave.
    let states_linux = says(Os::Linux).any(|it| it.kind == EvidenceKind::OsName);
    if says(Os::Windows).any(|it| !states_linux || it.kind.is_proof()) {
        return;
    }
    let is_proof = |it: &&OsEvidence| it.kind.is_of_image() || it.kind == EvidenceKind::OsName;
    let hint = says(Os::Linux).find(|it| it.kind == EvidenceKind::Hint);
    if says(Os::Linux).find(is_proof).or(hint).is_none() {
        if !pin::either(workload, judgement, &EITHER, cx) {
            nobody_knows(workload, judgement, cx);
        }
        return;
    }
    // A multi-platform image starts on Windows too, whatever its pod is for.
    let left = judgement.allowed_windows().filter(|(place, _)| hint.is_none() || !place.worst().verdict.starts());
    let hosts = cx.hosts(left.map(|(place, _)| place.class));
    let project = cx.project;
    let linux = |image| project.image_os(image).known().is_some_and(|(os, _)| os.os == Os::Linux);
    let images = || workload.containers.iter().enumerate().filter_map(|(number, it)| Some((number, it.image?)));
    let Some((number, image)) = images().find(|(_, image)| linux(*image)).or_else(|| images().next()) else { return };
    let Some(image) = project.image(image).filter(|_| !hosts.is_empty()) else { return };
    let is_chown = |it: &Setting| matches!(it.key, SettingKey::RunAsUser | SettingKey::FsGroup);
    let seen = if states_linux {
        "the kubelet rejects the pod with `Failed to admit pod as the OS field doesn't match node OS`".to_owned()
    } else if workload.known_settings().iter().any(is_chown) {
        format!("the pod stays in ContainerCreating with {}, or in ImagePullBackOff", wording::CHOWN)
    } else {
        "the pod stays in ImagePullBackOff with `no match for platform in manifest: not found`".to_owned()
    };
    let span = workload.placement.anchor().unwrap_or(image.text.span);
    let name = workload.part(number);
    let is_by_name = says(Os::Linux).all(|it| it.kind == EvidenceKind::ThirdPartyName);
    let caveat = (hint.is_some() || is_by_name).then(|| "check that the pod is for Linux".to_owned());
    let fix = fix(pod, judgement, cx).map(|fix| fix.with_caveat(caveat));
    let on = wording::host_list(cx, &hosts);
    let message = Message::new(format!("nothing keeps this Linux pod off the Windows nodes of {on}"))
        .label(pod.anchor().map_or("", |_| "does not exclude Windows nodes"))
        .note(format!("on these nodes {seen}"))
        .help_unless(fix.is_some(), "add `kubernetes.io/os: linux` to the nodeSelector");
    let finding = cx.report(span, message).absence();
    finding.workload(name).image(image.text.value.clone()).hosts(hosts);
    if let Some(hint) = hint.filter(|it| it.span != span) {
        finding.related(hint.span, "only Linux has this");
    }
    if let Some(fix) = fix {
        fix.give(finding);
    }
}

/// Notes that nothing places a pod of which nobody knows what it is for, in a cluster of Linux and Windows nodes.
fn nobody_knows(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let is_left_on_linux = |place: Place<'_>| place.is_allowed() && place.host.windows().is_none();
    if !judgement.classes().any(is_left_on_linux) {
        return;
    }
    let is_unknown = |place: &Place, number: usize| {
        place.outcomes.get(number).is_some_and(|it| it.reason == Reason::Unknown(Doubt::Os))
    };
    let left = || judgement.allowed_windows().map(|(place, _)| place);
    let images = || workload.containers.iter().enumerate().filter_map(|(number, it)| Some((number, it.image?)));
    let Some((number, image)) = images().find(|(number, _)| left().any(|place| is_unknown(&place, *number))) else {
        return;
    };
    let Some(image) = cx.project.image(image) else { return };
    let hosts = cx.hosts(left().filter(|place| is_unknown(place, number)).map(|place| place.class));
    let message = Message::new("nothing says whether this pod is for Linux or Windows, and it may land on both")
        .label(workload.placement.anchor().map_or("", |_| "selects no operating system"))
        .note(format!("unless `{}` is built for both, the pod does not start on one of them", image.text.value))
        .help("add `kubernetes.io/os: linux` or `kubernetes.io/os: windows` to the nodeSelector");
    let span = workload.placement.anchor().unwrap_or(image.text.span);
    let finding = cx.report(span, message).absence();
    finding.severity(Severity::Info).workload(workload.part(number)).image(image.text.value.clone()).hosts(hosts);
}

/// The label, where none of that name asks for something else.
fn fix(pod: &PodPlacement, judgement: &Judgement, cx: &Cx) -> Option<Fix> {
    if pod.labels().any(|label| kubernetes::ends_as_os(&label.key.value)) {
        return None;
    }
    let on_linux = |place: Place<'_>| place.host.windows().is_none() && !place.is_excluded();
    let caveat = (!judgement.classes().any(on_linux))
        .then(|| "check the rest of the placement, which excludes every declared Linux node".to_owned());
    Some(fixes::add_label(cx, pod, kubernetes::OS, "linux")?.with_caveat(caveat))
}
