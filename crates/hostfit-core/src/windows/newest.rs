//! Which release to move an image to: the newest that every host runs.

use super::{
    compat::{HostFacts, runs_on_all},
    family::Family,
    release::{Release, Releases},
};

impl Releases {
    /// The newest release, and its recommended tag, of which an image of `family` runs on every one of `hosts` under
    /// their default isolation; of all releases where there are no hosts.
    pub fn newest_for(&self, family: Family, hosts: &[HostFacts]) -> Option<(&Release, &str)> {
        self.newest_of(family, hosts, |_| true)
    }

    /// The same among releases of the Long-Term Servicing Channel: others leave support soon.
    pub fn newest_long_term_for(&self, family: Family, hosts: &[HostFacts]) -> Option<(&Release, &str)> {
        self.newest_of(family, hosts, |release| release.ltsc)
    }

    fn newest_of(
        &self,
        family: Family,
        hosts: &[HostFacts],
        wanted: impl Fn(&Release) -> bool,
    ) -> Option<(&Release, &str)> {
        self.published_tags(family)
            .filter(|(_, release)| wanted(release) && runs_on_all(release.build, hosts))
            .map(|(tag, release)| (release, tag))
            .reduce(|best, next| if next.0.build > best.0.build { next } else { best })
    }
}
