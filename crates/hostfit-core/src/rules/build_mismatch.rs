use super::{advice, isolation, rule, wording};
use crate::{
    finding::Message,
    judge::{Failing, Fault},
    rule::Cx,
};

rule! {
    /// A process-isolated container shares its host's kernel, so that image and host have to be of the same Windows
    /// build. Windows Server 2022 and later, and Windows 11, also take images of `ltsc2022` and later, up to their own
    /// build.
    ///
    /// At run time: `The operating system of the container does not match the operating system of the host.
    /// (0xc0370101)`; in Kubernetes a pod in `CrashLoopBackOff`, in Swarm a service at 0/1.
    ///
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
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## How to fix it
    /// Build on the release that the hosts run, ask for `isolation: hyperv` (Docker and Swarm only), or place the
    /// workload on a host that fits. The message names a published tag where the tags are known, and where no release runs on
    /// every host, the fewest that do. `hostfit fix --unsafe` writes the one that runs wherever this may land.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "build-mismatch",
    summary: "may land, process-isolated, on a host whose Windows build can't run the image",
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
