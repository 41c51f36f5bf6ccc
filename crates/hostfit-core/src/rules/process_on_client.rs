use super::{isolation, rule, wording};
use crate::{
    finding::Severity,
    judge::{Case, Failing, Fault},
    model::Orchestrator,
    rule::Cx,
};

rule! {
    /// Windows 10 runs containers process-isolated for development only, and only where the builds are equal. Everything
    /// else on Windows 10 needs Hyper-V isolation, which is the default there.
    ///
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
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2019
    /// ```
    ///
    /// ## How to fix it
    /// Leave the isolation to the engine (`isolation: default`), or write `isolation: hyperv`.
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
    let advice = match orchestrator {
        Some(Orchestrator::Kubernetes) => "place the pod on servers",
        _ => "leave the isolation to the engine, which takes Hyper-V there",
    };
    if let Some(first) = differing.first() {
        let message = format!(
            "{}, which does not run process-isolated on Windows 10, as on {}: {}; {advice}",
            wording::what(cx, first),
            wording::hosts(cx, &differing),
            wording::seen(cx, orchestrator, &differing),
        );
        let mend = isolation::left_to_engines(failing, cx);
        let finding = isolation::report(cx, failing, &differing, message);
        let Some(finding) = finding else { return };
        if finding.severity > Severity::Info {
            finding.severity(Severity::Error);
        }
        if let Some(mend) = mend {
            mend.give(finding);
        }
    } else if !equal.is_empty() {
        let message = format!(
            "process isolation on Windows 10, as on {}, is for development only, and fails with 0xc0370101 as soon as the \
             builds differ; {advice}",
            wording::hosts(cx, &equal)
        );
        let mend = isolation::left_to_engines(failing, cx);
        let finding = isolation::report(cx, failing, &equal, message);
        if let (Some(finding), Some(mend)) = (finding, mend) {
            mend.give(finding);
        }
    }
}
