//! Which images a container runtime is willing to pull, by its own comparison of builds: narrower, in places, than what
//! Windows runs. Revisions are never compared.
//!
//! Sources: containerd/platforms `platform_windows_compat.go` (09756f5 and v1.0.0-rc.5), the `go.mod` of each release
//! of containerd and moby up to August 2026, and moby `daemon/internal/distribution/pull_v2_windows.go` (b985e231).

use super::{Build, OsVersion};

/// A way of comparing an image's build with the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matcher {
    /// Docker's own image store: everything up to the host's build, whatever the isolation is.
    Graphdriver,
    /// containerd, until August 2023: the host's build only.
    Exact,
    /// From 20348 on, everything from there up to the host's build.
    From2022,
    /// From the newest LTSC below the host's build on. Refuses Windows Server 2022 on Windows 11 25H2, which Windows
    /// would run (moby/moby#53397).
    FromLtscBelow,
    /// From the LTSC before the newest one that is not above the host.
    FromLtscBefore,
}

/// What a host pulls of a multi-platform tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pick {
    /// The image of this build.
    Build(Build),
    /// None: `no matching manifest`.
    Nothing,
    /// It depends on the order of the list.
    Unclear,
}

/// `1.7.34`, as numbers.
pub type Version = (u32, u32, u32);

impl Matcher {
    /// That of a release of containerd; none where it is not known (newer than the table).
    pub fn of_containerd(version: Version) -> Option<Self> {
        match version {
            (0, ..) | (1, 0..=5, _) | (1, 6, 0..=22) | (1, 7, 0..=5) => Some(Self::Exact),
            (1, 6 | 7, _) | (2, 0, _) | (2, 1, 0..=5) => Some(Self::From2022),
            (2, 1, 6..=9) | (2, 2, 0..=7) | (2, 3, 0..=4) => Some(Self::FromLtscBelow),
            _ => None,
        }
    }

    /// That of a release of Docker with containerd's image store; none where it is not known.
    pub fn of_docker_with_containerd(version: Version) -> Option<Self> {
        match version {
            (24, 0, 0..=9) => Some(Self::Exact),
            (25, 0, 17..) | (27, 1.., _) | (28, 0..=5, _) => Some(Self::From2022),
            (29, 0..=6, _) | (29, 7, 0..=2) => Some(Self::FromLtscBelow),
            _ => None,
        }
    }

    /// The first release of containerd, at or after this one, that no longer wants equal builds.
    pub fn containerd_after_exact(version: Version) -> Version {
        if version < (1, 6, 23) { (1, 6, 23) } else { (1, 7, 6) }
    }

    /// The first release of Docker with containerd's image store that no longer wants equal builds. 25.0.17 is one too, of a
    /// line that ended.
    pub const DOCKER_AFTER_EXACT: Version = (27, 1, 0);

    /// Whether a host of this build pulls an image of that build.
    pub fn pulls(self, host: Build, image: Build) -> bool {
        let floor = match self {
            Self::Graphdriver => return image <= host,
            Self::Exact => return image == host,
            _ if host < Build::WS2022 => return image == host,
            Self::FromLtscBelow if host > Build::WS2025 => Build::WS2025,
            // There are two LTSC builds with the stable interface; for both lists the older one is the floor.
            Self::From2022 | Self::FromLtscBelow | Self::FromLtscBefore => Build::WS2022,
        };
        (floor..=host).contains(&image)
    }

    /// Which of the images of a multi-platform tag a host of this build may end up with: one, none, or those of which the
    /// order of the index decides.
    pub fn may_pick(self, host: Build, images: &[OsVersion]) -> impl Iterator<Item = OsVersion> {
        let builds: Vec<_> = images.iter().map(|image| image.build).collect();
        let pick = self.picks(host, &builds);
        let may = move |image: &OsVersion| match pick {
            Pick::Build(build) => image.build == build,
            Pick::Nothing => false,
            Pick::Unclear => self.pulls(host, image.build),
        };
        images.iter().copied().filter(may)
    }

    /// Which of the images of a multi-platform tag a host of this build pulls: containerd the newest that it accepts,
    /// Docker's own store the host's own build, else the first of the list that is not newer.
    pub fn picks(self, host: Build, images: &[Build]) -> Pick {
        let accepted = || images.iter().copied().filter(|&image| self.pulls(host, image));
        match (accepted().max(), self) {
            (None, _) => Pick::Nothing,
            // The order of the list is not known.
            (Some(newest), Self::Graphdriver) if newest != host && accepted().nth(1).is_some() => Pick::Unclear,
            (Some(newest), _) => Pick::Build(newest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_matcher_is_as_its_source_says() {
        const VECTORS: &str = include_str!("../../tests/data/compat-vectors.csv");
        let matchers =
            [Matcher::Exact, Matcher::From2022, Matcher::FromLtscBelow, Matcher::FromLtscBefore, Matcher::Graphdriver];
        for line in VECTORS.lines().filter(|line| !line.starts_with('#')).skip(1) {
            let fields: Vec<_> = line.split(',').collect();
            let (host, image) = (Build(fields[1].parse().unwrap()), Build(fields[2].parse().unwrap()));
            for (matcher, expected) in matchers.iter().zip(&fields[5..]) {
                assert_eq!(matcher.pulls(host, image), *expected == "Y", "{matcher:?}: {line}");
            }
        }
    }

    #[test]
    fn of_a_list_each_store_takes_what_its_source_says() {
        let list = [Build(26100), Build(20348), Build(17763)];
        for (matcher, host, expected) in [
            (Matcher::Graphdriver, 20348, Pick::Build(Build(20348))),
            (Matcher::Graphdriver, 18362, Pick::Build(Build(17763))),
            // microsoft/Windows-Containers#326: the first listed, which may be the oldest.
            (Matcher::Graphdriver, 22631, Pick::Unclear),
            (Matcher::Graphdriver, 14393, Pick::Nothing),
            (Matcher::From2022, 22631, Pick::Build(Build(20348))),
            (Matcher::From2022, 26100, Pick::Build(Build(26100))),
            (Matcher::Exact, 22631, Pick::Nothing),
        ] {
            assert_eq!(matcher.picks(Build(host), &list), expected, "{matcher:?} {host}");
        }
    }

    #[test]
    fn releases_have_the_matcher_that_they_were_built_with() {
        for (version, expected) in [
            ((1, 6, 22), Some(Matcher::Exact)),
            ((1, 6, 23), Some(Matcher::From2022)),
            ((1, 7, 5), Some(Matcher::Exact)),
            ((1, 7, 34), Some(Matcher::From2022)),
            ((2, 0, 9), Some(Matcher::From2022)),
            ((2, 1, 5), Some(Matcher::From2022)),
            ((2, 1, 6), Some(Matcher::FromLtscBelow)),
            ((2, 1, 9), Some(Matcher::FromLtscBelow)),
            ((2, 1, 10), None),
            ((2, 2, 0), Some(Matcher::FromLtscBelow)),
            ((2, 3, 4), Some(Matcher::FromLtscBelow)),
            ((2, 3, 5), None),
            ((2, 5, 0), None),
        ] {
            assert_eq!(Matcher::of_containerd(version), expected, "{version:?}");
        }
        assert_eq!(Matcher::of_docker_with_containerd((24, 0, 9)), Some(Matcher::Exact));
        assert_eq!(Matcher::of_docker_with_containerd((25, 0, 16)), None);
        assert_eq!(Matcher::of_docker_with_containerd((29, 6, 2)), Some(Matcher::FromLtscBelow));
        assert_eq!(Matcher::of_docker_with_containerd((28, 5, 0)), Some(Matcher::From2022));
        assert_eq!(Matcher::of_docker_with_containerd((29, 8, 0)), None);
    }
}
