//! Engines that are too old for their host, or for their project.
//!
//! Sources: moby/moby `daemon/daemon_windows.go`, `checkSystem` (1b3fef5333, first in v23.0.0); moby/moby
//! `project/BRANCHES-AND-TAGS.md` (b985e231, 2026-08-23); containerd/containerd `RELEASES.md` (301026e58, 2026-08-22);
//! <https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/> and KEP-1981, which want containerd
//! 1.6 for HostProcess containers.

use super::{Kind, Problem};
use crate::{
    finding::Severity,
    fleet::{Engine, Host, Orchestrator, Runtime},
    windows::{Build, Date},
};

/// The oldest build on which Docker 23.0 and later start.
pub const OLDEST_FOR_DOCKER_23: Build = Build(17763);

/// A release of containerd, and the last day of its support; where only a month is named, the last of that.
const CONTAINERD: &[((u32, u32), Date)] = &[
    ((1, 0), day(2018, 12, 5)),
    ((1, 1), day(2019, 10, 23)),
    ((1, 2), day(2020, 10, 15)),
    ((1, 3), day(2021, 3, 4)),
    ((1, 4), day(2022, 3, 3)),
    ((1, 5), day(2023, 2, 28)),
    ((1, 6), day(2025, 8, 23)),
    ((1, 7), day(2026, 9, 30)),
    ((2, 0), day(2027, 3, 31)),
    ((2, 1), day(2026, 7, 3)),
    ((2, 2), day(2026, 11, 6)),
    ((2, 3), day(2028, 4, 30)),
];

/// When moby's list of maintained branches was read, and which these were.
const DOCKER_READ: Date = day(2026, 8, 23);
const DOCKER_MAINTAINED: &str = "29 and 25.0";

/// The oldest containerd that runs HostProcess containers.
const HOST_PROCESS: (u32, u32, u32) = (1, 6, 0);

const fn day(year: u16, month: u8, day: u8) -> Date {
    Date { year, month, day }
}

/// The version of the host's Docker, if that is known not to start on the host's release.
pub fn engine_that_does_not_start(host: &Host) -> Option<(u32, u32, u32)> {
    let runtime = host.runtime.as_ref().filter(|it| is_docker(it))?;
    let needs_more = host.windows()?.build < OLDEST_FOR_DOCKER_23;
    runtime.version.filter(|version| needs_more && *version >= (23, 0, 0))
}

fn is_docker(runtime: &Runtime) -> bool {
    matches!(runtime.engine, Engine::Docker | Engine::DockerContainerd)
}

pub(super) fn check(host: &Host, today: Date) -> Vec<Problem> {
    let Some(runtime) = host.runtime.as_ref().filter(|_| host.windows().is_some()) else { return Vec::new() };
    let Some(version) = runtime.version else { return Vec::new() };
    let problem = |kind, severity, message| Problem { kind, severity, span: runtime.span, message };
    let mut found = Vec::new();
    if let Some((major, minor, patch)) = engine_that_does_not_start(host) {
        let message = format!(
            "Docker {major}.{minor}.{patch} does not start here: since 23.0 it needs build {} or newer",
            OLDEST_FOR_DOCKER_23.0
        );
        found.push(problem(Kind::EngineTooOld, Severity::Warning, message));
    }
    if runtime.engine == Engine::Containerd && version < HOST_PROCESS && host.serves(Orchestrator::Kubernetes) {
        let message = "HostProcess containers need containerd 1.6 or newer".to_owned();
        found.push(problem(Kind::EngineTooOld, Severity::Warning, message));
    }
    found.extend(ended(runtime, version, today).map(|message| problem(Kind::EngineEnded, Severity::Info, message)));
    found
}

/// That the project behind the engine makes no fixes for this version any more. Those who sell clusters may.
fn ended(runtime: &Runtime, (major, minor, _): (u32, u32, u32), today: Date) -> Option<String> {
    if is_docker(runtime) {
        let is_maintained = major >= 29 || (major, minor) == (25, 0);
        return (!is_maintained && today >= DOCKER_READ).then(|| {
            format!("the Moby project maintains Docker {DOCKER_MAINTAINED} (as of {DOCKER_READ}), and {major}.{minor} no more")
        });
    }
    let (_, end) = CONTAINERD.iter().find(|(release, _)| *release == (major, minor))?;
    (*end < today).then(|| format!("the support of containerd {major}.{minor} by its project ended on {end}"))
}
