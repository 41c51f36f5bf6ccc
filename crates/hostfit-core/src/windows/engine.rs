//! Container engines on Windows: which builds they start on, and until when their projects maintain them.
//!
//! Sources: moby/moby `daemon/daemon_windows.go`, `checkSystem` (1b3fef5333, first in v23.0.0); moby/moby
//! `project/BRANCHES-AND-TAGS.md` (b985e231, 2026-08-23); containerd/containerd `RELEASES.md` (301026e58, 2026-08-22);
//! <https://kubernetes.io/docs/tasks/configure-pod-container/create-hostprocess-pod/> and KEP-1981, which want containerd
//! 1.6 for HostProcess containers.

use super::{Build, Date};

/// The oldest build on which Docker 23.0 and later start.
pub const OLDEST_FOR_DOCKER_23: Build = Build(17763);

/// The oldest containerd that runs HostProcess containers.
pub const CONTAINERD_FOR_HOST_PROCESS: (u32, u32, u32) = (1, 6, 0);

/// The day on which moby's list of maintained branches was read.
pub const DOCKER_READ: Date = day(2026, 8, 23);

/// The branches of Docker that were maintained on that day.
pub const DOCKER_MAINTAINED: &str = "29 and 25.0";

/// Releases of containerd, each with the last day of its support; where only a month is named, the last of that.
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

const fn day(year: u16, month: u8, day: u8) -> Date {
    Date { year, month, day }
}

/// Returns whether this version of Docker starts on a Windows build.
pub fn docker_starts(version: (u32, u32, u32), build: Build) -> bool {
    version < (23, 0, 0) || build >= OLDEST_FOR_DOCKER_23
}

/// Returns whether moby maintained this branch of Docker on [`DOCKER_READ`], or started it since.
pub fn is_docker_maintained(major: u32, minor: u32) -> bool {
    major >= 29 || (major, minor) == (25, 0)
}

/// Returns the last day on which containerd's project supports a release, or none if it is not in the list.
pub fn containerd_end(major: u32, minor: u32) -> Option<Date> {
    CONTAINERD.iter().find(|(release, _)| *release == (major, minor)).map(|(_, end)| *end)
}
