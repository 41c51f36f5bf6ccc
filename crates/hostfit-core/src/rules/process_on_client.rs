use super::{isolation, rule, wording};
use crate::{
    finding::{Message, Severity},
    judge::{Case, Failing, Fault},
    model::Orchestrator,
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// Whether a container runs with process isolation on Windows 10. Windows 10 supports it for development only, and only
    /// where the builds of image and host are equal. Everything else needs Hyper-V isolation, which is the default there.
    ///
    /// ## Why it matters
    /// Where the builds differ, the container does not start: `The operating system of the container does not match the
    /// operating system of the host. (0xc0370101)`.
    ///
    /// ## Example
    /// ```toml fleet
    /// [[host]]
    /// name = "laptop"
    /// os = "10.0.19045"
    /// kind = "client"
    /// orchestrator = "docker"
    /// ```
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2019
    ///     isolation: process
    /// #              ^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Leave the isolation to the engine (`isolation: default`), or write `isolation: hyperv`.
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2019
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/hyperv-container>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "process-on-client",
    summary: "process isolation on Windows 10",
    severity: Warning,
    check: Failing(check),
}

fn check(failing: &Failing, cx: &mut Cx) {
    if failing.fault != Fault::ProcessOnClient {
        return;
    }
    let (differing, equal): (Vec<_>, Vec<_>) = failing.cases.iter().copied().partition(Case::fails);
    let orchestrator = failing.workload.map(|workload| workload.orchestrator);
    let fix = isolation::left_to_engines(failing, cx);
    let help = match orchestrator {
        Some(Orchestrator::Kubernetes) => "place the pod on servers",
        _ => isolation::LEAVE_TO_ENGINE,
    };
    let finding = if let Some(first) = differing.first() {
        let message = Message::new(format!(
            "`{}` does not run process-isolated on Windows 10 ({})",
            wording::reference(cx, first.image),
            wording::host_names(cx, &differing),
        ))
        .help_unless(fix.is_some(), help);
        let message = wording::symptoms(cx, orchestrator, &differing).into_iter().fold(message, Message::note);
        let Some(finding) = isolation::report(cx, failing, &differing, message) else { return };
        if finding.severity > Severity::Info {
            finding.severity(Severity::Error);
        }
        finding
    } else {
        let message = Message::new(format!(
            "process isolation on Windows 10 ({}) is for development only",
            wording::host_names(cx, &equal)
        ))
        .note("it fails with 0xc0370101 as soon as the builds of image and host differ")
        .help_unless(fix.is_some(), help);
        let Some(finding) = isolation::report(cx, failing, &equal, message) else { return };
        finding
    };
    if let Some(fix) = fix {
        fix.give(finding);
    }
}
