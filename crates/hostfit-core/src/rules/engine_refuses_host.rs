use super::{rule, wording};
use crate::{
    fleet::{Host, HostId},
    fleet_check,
    rule::Cx,
    windows::engine::OLDEST_FOR_DOCKER_23,
};

rule! {
    /// The engine that the fleet declares for a host does not start there: since version 23.0 Docker needs build 17763
    /// (Windows Server 2019, Windows 10 1809) or newer.
    ///
    /// At run time: `this version of Windows does not support the docker daemon (Windows build 17763 or higher is required)`.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "old"
    /// os = "ltsc2016"
    /// runtime = "docker 24.0.7"
    /// #          ^^^^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile bad also:unsupported-release also:floating-revision
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2016
    /// ```
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "new"
    /// os = "ltsc2019"
    /// runtime = "docker 24.0.7"
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2019
    /// ```
    ///
    /// ## How to fix it
    /// Stay on Docker 20.10 there, or move the host to a later release of Windows. If the version is a slip, mend it in
    /// the fleet file.
    ///
    /// ## Sources
    /// - <https://github.com/moby/moby/blob/master/daemon/daemon_windows.go>, `checkSystem`
    id: "engine-refuses-host",
    summary: "the host's release is too old for the engine that the fleet declares",
    severity: Warning,
    check: Host(check),
}

fn check(id: HostId, host: &Host, cx: &mut Cx) {
    let (Some(version), Some(runtime)) = (host.windows(), &host.runtime) else { return };
    let Some((major, minor, patch)) = fleet_check::engine_that_does_not_start(host) else { return };
    let message = format!(
        "Docker {major}.{minor}.{patch} does not start on {}: since 23.0 it needs build {} or newer; stay on 20.10 there, or \
         move {} to a later release",
        wording::release(cx, version.build),
        OLDEST_FOR_DOCKER_23.0,
        host.name,
    );
    cx.report(runtime.span, message).hosts([id]);
}
