use super::{advice, rule, wording};
use crate::{
    finding::Message,
    judge::{Failing, Fault},
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// Whether the Windows build of an image is above that of a host where it may land. No isolation mode runs such an image:
    /// the kernel that Hyper-V isolation starts comes with the host.
    ///
    /// ## Why it matters
    /// The pull fails with `no matching manifest for windows/amd64 10.0.17763 in the manifest list entries`, or with `a
    /// Windows version 10.0.20348-based image is incompatible with a 10.0.17763 host`.
    ///
    /// ## Example
    /// ```toml fleet
    /// [[host]]
    /// name = "win2019"
    /// os = "ltsc2019"
    /// orchestrator = "docker"
    /// ```
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// #                                               ^^^^^^^^
    ///     isolation: hyperv
    /// ```
    ///
    /// ## Fix
    /// Build on the release of the oldest host, which `hostfit fix --unsafe` writes, or upgrade the host.
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2019
    ///     isolation: hyperv
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    /// - <https://github.com/microsoft/Windows-Containers/issues/258>
    id: "image-newer-than-host",
    summary: "an image that is newer than its host, which no isolation mode runs",
    severity: Error,
    check: Failing(check),
}

fn check(failing: &Failing, cx: &mut Cx) {
    let cases = &failing.cases;
    let Some(first) = cases.first().filter(|_| failing.fault == Fault::NewerThanHost) else { return };
    let orchestrator = failing.workload.map(|workload| workload.orchestrator);
    let fix = advice::fitting(cx, failing);
    let message = Message::new(format!(
        "`{}` is newer than {}, which cannot run it in any isolation mode",
        wording::reference(cx, first.image),
        wording::host_names(cx, cases),
    ));
    let message = wording::symptoms(cx, orchestrator, cases).into_iter().fold(message, Message::note);
    let message = advice::use_instead(cx, failing).complete(message, fix.is_some());
    let finding = wording::report_failing(cx, failing, cases, message);
    if let (Some(fix), Some(finding)) = (fix, finding) {
        fix.give(finding);
    }
}
