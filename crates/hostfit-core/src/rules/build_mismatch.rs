use super::{advice, isolation, rule, wording};
use crate::{
    finding::Message,
    judge::{Failing, Fault},
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// Whether each image runs process-isolated on every host where it may land. Such a container shares its host's kernel,
    /// so image and host need the same Windows build. Windows Server 2022 and later, and Windows 11, also run images of
    /// `ltsc2022` and later, up to their own build.
    ///
    /// ## Why it matters
    /// The container does not start: `The operating system of the container does not match the operating system of the
    /// host. (0xc0370101)`. In Kubernetes the pod goes to `CrashLoopBackOff`, or the pull fails with `no match for
    /// platform in manifest: not found`. In Swarm the service stays at 0/1.
    ///
    /// ## Example
    /// ```toml fleet
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "docker"
    /// ```
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2019
    /// #                                               ^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Build on the release that the hosts run, write `isolation: hyperv` (Docker and Swarm only), or place the workload on a
    /// host that fits. The help names a published tag where the tags are known, or the fewest tags where no release runs on
    /// every host. `hostfit fix --unsafe` writes a tag that runs wherever the image may land.
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "build-mismatch",
    summary: "an image that does not run process-isolated on a host's Windows build",
    severity: Error,
    check: Failing(check),
}

fn check(failing: &Failing, cx: &mut Cx) {
    let cases = &failing.cases;
    let Some(first) = cases.first().filter(|_| failing.fault == Fault::Build) else { return };
    let orchestrator = failing.workload.map(|workload| workload.orchestrator);
    let is_isolation = isolation::is_to_blame(failing);
    let fix = if is_isolation { isolation::left_to_engines(failing, cx) } else { advice::fitting(cx, failing) };
    let names = wording::host_names(cx, cases);
    let message =
        Message::new(format!("`{}` does not run process-isolated on {names}", wording::reference(cx, first.image)));
    let message = wording::symptoms(cx, orchestrator, cases).into_iter().fold(message, Message::note);
    let finding = if is_isolation {
        isolation::report(cx, failing, cases, message.help_unless(fix.is_some(), isolation::LEAVE_TO_ENGINE))
    } else {
        let message = advice::use_instead(cx, failing).complete(message, fix.is_some());
        wording::report_failing(cx, failing, cases, message)
    };
    if let (Some(fix), Some(finding)) = (fix, finding) {
        fix.give(finding);
    }
}
