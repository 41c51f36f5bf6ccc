use super::{
    mend,
    pin::{self, Missing},
    rule, wording,
};
use crate::{
    judge::{Cause, Judgement},
    model::{Placement, Workload},
    placement::kubernetes::{PodPlacement, WINDOWS_BUILD},
    rule::Cx,
    windows::Os,
};

rule! {
    /// The placement of this Windows pod does not tell Windows builds apart, so that it may land on a node of another
    /// build than its image's.
    ///
    /// An error where some of the declared nodes can run the image and some can't: the pod works until the scheduler
    /// picks the wrong one, and then goes to `CrashLoopBackOff` with 0xc0370101. A note without a fleet. Of an image whose
    /// Windows is not known, `undeclared-image-os` speaks instead.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2019"
    /// os = "ltsc2019"
    /// orchestrator = "kubernetes"
    ///
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "kubernetes"
    /// ```
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
    /// # ^^^^^^^^^^^^
    ///     kubernetes.io/os: windows
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
    /// Add `node.kubernetes.io/windows-build` with the build of the image to the nodeSelector, or an affinity with all
    /// builds that can run it. Builds that can't run it have to go out of an affinity that names them. HostProcess pods run on
    /// every build and need none.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>
    /// - <https://kubernetes.io/docs/concepts/windows/user-guide/>
    id: "missing-build-selector",
    summary: "the placement of a Windows pod doesn't tell Windows builds apart",
    severity: Info,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    // One that goes to Linux nodes has another fault.
    if !workload.is_windows() || workload.is_host_process() || pod.pins_os(Os::Linux) {
        return;
    }
    let names_builds = pod.labels().any(|label| label.may_tell_builds_apart());
    let label = match wording::first_windows_build(workload, cx) {
        Some(build) => mend::entry(WINDOWS_BUILD, &build.to_string()),
        None => WINDOWS_BUILD.to_owned(),
    };
    let missing = Missing { names_builds, help: format!("add `{label}` to the nodeSelector") };
    match judgement.cause() {
        Cause::MissingPin(cases) => {
            let fix = mend::pin(workload, judgement, cases, cx);
            pin::error(workload, cases, missing, fix, cx);
        }
        _ if !judgement.has_hosts() && !may_pin(pod, &workload.placement) => pin::note(workload, missing, cx),
        _ => {}
    }
}

/// Whether something in the placement may tell builds apart: anything but the labels that surely do not.
fn may_pin(pod: &PodPlacement, placement: &Placement) -> bool {
    let elsewhere = placement.is_elsewhere() || pod.unreadable.is_some() || pod.node_name.is_some();
    elsewhere || pod.labels().any(|label| label.may_tell_builds_apart())
}
