use super::{rule, wording};
use crate::{
    finding::Message,
    fleet::{Host, HostId},
    fleet_check,
    rule::Cx,
    windows::engine::OLDEST_FOR_DOCKER_23,
};

rule! {
    /// ## What it checks
    /// The `runtime` that the fleet declares for a host: since version 23.0 Docker needs build 17763 (Windows Server 2019,
    /// Windows 10 1809) or newer.
    ///
    /// ## Why it matters
    /// The engine does not start: `this version of Windows does not support the docker daemon (Windows build 17763 or higher is
    /// required)`.
    ///
    /// ## Example
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
    /// ## Fix
    /// Stay on Docker 20.10 there, or move the host to a later release of Windows. If the version in the fleet file is wrong,
    /// correct it.
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
    /// ## Sources
    /// - <https://github.com/moby/moby/blob/master/daemon/daemon_windows.go>, `checkSystem`
    id: "engine-refuses-host",
    summary: "a declared host whose release is too old for its Docker version",
    severity: Warning,
    check: Host(check),
}

fn check(id: HostId, host: &Host, cx: &mut Cx) {
    let (Some(version), Some(runtime)) = (host.windows(), &host.runtime) else { return };
    let Some((major, minor, patch)) = fleet_check::engine_that_does_not_start(host) else { return };
    let docker = format!("Docker {major}.{minor}.{patch}");
    let message = Message::new(format!(
        "{docker} does not start on `{}`, which runs {}",
        host.name,
        wording::release(cx, version.build)
    ))
    .note(format!(
        "since 23.0 it fails with `this version of Windows does not support the docker daemon (Windows build {} or higher is \
         required)`",
        OLDEST_FOR_DOCKER_23.0
    ))
    .help("keep Docker 20.10 there, or move the host to Windows Server 2019 or later");
    cx.report(runtime.span, message).hosts([id]);
}
