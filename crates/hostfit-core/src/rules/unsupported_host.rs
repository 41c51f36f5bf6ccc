use super::rule;
use crate::{
    finding::Severity,
    fleet::{Host, HostId},
    fleet_check,
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// The release of each declared host against the end of its support: Microsoft's, extended support included, and
    /// that of the platform that `platform` names. The earlier one counts. An end within 180 days is an info. Support
    /// of a host may end on another day than support of images of its release: Windows 10 and 11 are supported for
    /// fewer years than the server images that they run.
    ///
    /// ## Why it matters
    /// All containers of a host share its kernel, and a patched image does not patch it. A platform that has retired a
    /// release publishes no new node images for it. Once it deletes the old ones, its node pools cannot be scaled.
    ///
    /// ## Example
    /// ```toml fleet
    /// [[host]]
    /// name = "win2019"
    /// os = "ltsc2019"
    /// #     ^^^^^^^^
    /// orchestrator = "kubernetes"
    /// platform = "aks"
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2019
    /// ```
    ///
    /// ## Fix
    /// Move the hosts to a supported release, and remove the old ones from the fleet file. Where extended security updates are
    /// bought for a host, write `# hostfit: ignore[unsupported-host]` above the line.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "kubernetes"
    /// platform = "aks"
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Configuration
    /// `platform = "aks"` of a `[[host]]` adds the dates of that platform. `--as-of YYYY-MM-DD` sets the day that dates are
    /// compared with. A `[[release]]` may state `host-support-end`.
    ///
    /// ## Sources
    /// - <https://endoflife.date/windows-server>, <https://endoflife.date/windows>
    /// - Windows Server 2019 on AKS: <https://github.com/Azure/AKS/issues/4091>, <https://github.com/Azure/AKS/issues/4268>
    /// - Windows Server Annual Channel on AKS: <https://github.com/Azure/AKS/issues/5608>
    /// - Windows Server 2022 on AKS: <https://github.com/Azure/AKS/issues/4168>, <https://github.com/Azure/AKS/issues/4447>
    id: "unsupported-host",
    summary: "a declared host whose Windows release is out of support or retired by its platform",
    severity: Warning,
    check: Host(check),
    security_severity: "6.5",
}

fn check(_: HostId, host: &Host, cx: &mut Cx) {
    // A Node object is a snapshot of a cluster: its release is decided elsewhere.
    if host.places.name.is_none() {
        return;
    }
    // Containers still run there, so the finding names no host where they fail.
    let Some(end) = fleet_check::end_of_support(host, &cx.config.releases, cx.today) else { return };
    let finding = cx.report(host.os_span, end.message(&host.name));
    if !end.has_passed {
        finding.severity(Severity::Info);
    }
}
