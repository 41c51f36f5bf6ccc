use super::{rule, wording};
use crate::{
    judge::{Cause, Judgement},
    model::Workload,
    rule::Cx,
};

rule! {
    /// The placement names Windows builds, and none of them can run the image: wherever this lands, it does not start.
    ///
    /// At run time: `CrashLoopBackOff` (Swarm: 0/1) with `The operating system of the container does not match the operating
    /// system of the host. (0xc0370101)`, or a pull that finds `no matching manifest`.
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
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.17763
    /// #                                     ^^^^^^^^^^
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
    ///     node.kubernetes.io/windows-build: 10.0.26100
    /// ```
    ///
    /// ## How to fix it
    /// Name the build of the image, or build on the release that the placement names.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    /// - <https://kubernetes.io/docs/concepts/windows/user-guide/>
    id: "placement-image-mismatch",
    summary: "the placement pins a Windows build that can't run the image",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Cause::Placement(pairs) = &judgement.cause else { return };
    let (Some(first), Some(&(_, span))) = (pairs.first(), judgement.named.first()) else { return };
    let (image, hosts) = (wording::reference(cx, first.subject.image), wording::host_names(cx, pairs));
    let own: Vec<_> = pairs.iter().filter(|pair| pair.subject == first.subject).cloned().collect();
    let message = format!(
        "this places `{image}`, which is {}, on {}, where it can't run: {}; name {} instead, or change the image",
        wording::release(cx, first.subject.version.build),
        wording::hosts(&own),
        wording::seen(Some(workload.orchestrator), first),
        first.subject.version.build,
    );
    let decides = first.subject.span;
    let finding = cx.report(span, message);
    finding.workload(wording::container_name(workload, first.subject.container)).image(image).hosts(hosts);
    finding.related(decides, "this decides the image's Windows");
    wording::unless_proven(workload, finding);
}
