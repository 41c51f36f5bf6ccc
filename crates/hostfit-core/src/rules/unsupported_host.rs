use super::rule;
use crate::{
    finding::Severity,
    fleet::{Host, HostId},
    fleet_check,
    rule::Cx,
};

rule! {
    /// The release of a declared host is out of support: Microsoft publishes no security fixes for it any more, or the
    /// platform that `platform` names has retired it. Extended support counts as support. Of both ends the earlier one
    /// counts; an end within 180 days is an info.
    ///
    /// ## Why it matters
    /// All containers of a host share its kernel, and an image that is patched does not patch it. A platform that has
    /// retired a release publishes no node images for it. Once it deletes the old ones, pools of it cannot be scaled.
    ///
    /// Hosts end on other days than the images of the same release: Windows Server, version 23H2 has no images of its own, and
    /// Windows 10 and 11 end years before the server images that they run.
    ///
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
    /// ## How to fix it
    /// Move the hosts to a release that is supported, and take the old ones out of the fleet file. Where extended security
    /// updates are bought for a host, silence the line with `# hostfit: ignore[unsupported-host]` above it.
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
    summary: "the Windows release of a declared host is out of support, or its platform retires it",
    severity: Warning,
    check: Host(check),
    security_severity: "6.5",
}

fn check(_: HostId, host: &Host, cx: &mut Cx) {
    // A Node object is a snapshot of a cluster, and no place where its release is decided.
    if host.places.name.is_none() {
        return;
    }
    // It does not fail there, so that the finding names no host where it fails.
    let Some(end) = fleet_check::end_of_support(host, &cx.config.releases, cx.today) else { return };
    let finding = cx.report(host.os_span, end.message(&host.name));
    if !end.has_passed {
        finding.severity(Severity::Info);
    }
}
