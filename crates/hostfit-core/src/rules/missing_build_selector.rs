use super::{
    fixes::{self, Builds},
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
    /// ## What it checks
    /// Whether the placement of a Windows pod keeps it on nodes whose build runs its image. HostProcess pods run on every
    /// build and are not checked. For an image of unknown Windows version see `undeclared-image-os`.
    ///
    /// ## Why it matters
    /// The pod works until the scheduler picks the wrong node. Then the pull fails with `no match for platform in manifest:
    /// not found`, or the pod goes to `CrashLoopBackOff` (0xc0370101).
    ///
    /// ## Example
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
    /// ## Fix
    /// Add `node.kubernetes.io/windows-build` with the build of the image to the nodeSelector. Where nodes of several builds
    /// run it, name them all in a required node affinity. Remove builds that cannot run it from an affinity.
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
    /// With a fleet it is an error where some of the nodes can run the image and some cannot. Without one it is an info.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>
    /// - <https://kubernetes.io/docs/concepts/windows/user-guide/>
    id: "missing-build-selector",
    summary: "a Windows pod that may land on a node of another Windows build",
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
    let own = || match wording::first_windows_build(workload, cx) {
        Some(build) => Builds::one(build).advice(pod),
        None => format!("add `{WINDOWS_BUILD}` to the nodeSelector"),
    };
    match judgement.cause() {
        Cause::MissingPin(cases) => {
            let fix = fixes::pin(workload, judgement, cases, cx);
            let help = fixes::builds_that_run(judgement, cases).map_or_else(own, |builds| builds.advice(pod));
            pin::error(workload, cases, Missing { names_builds, help }, fix, cx);
        }
        _ if !judgement.has_hosts() && !may_pin(pod, &workload.placement) => {
            pin::note(workload, &Missing { names_builds, help: own() }, cx);
        }
        _ => {}
    }
}

/// Whether something in the placement may tell builds apart: anything but the labels that surely do not.
fn may_pin(pod: &PodPlacement, placement: &Placement) -> bool {
    let elsewhere = placement.is_elsewhere() || pod.unreadable.is_some() || pod.node_name.is_some();
    elsewhere || pod.labels().any(|label| label.may_tell_builds_apart())
}
