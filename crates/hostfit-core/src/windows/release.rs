//! The releases of Windows that are a host or an image of containers, with their support dates.

use std::borrow::Cow;

use super::{Build, Date, image::Family};

/// One named Windows release: a row of the release table, built in or from `[[release]]` of the configuration.
#[derive(Clone, Debug)]
pub struct Release {
    /// `ltsc2022`, `1809`, `20H2`, `win11-23h2`.
    pub id: Cow<'static, str>,
    /// Its build.
    pub build: Build,
    /// `Windows Server 2022`: the name that messages use.
    pub title: Cow<'static, str>,
}

impl Release {
    /// The last day on which Microsoft patches images of `family` of this release, extended support included.
    pub fn image_end(&self, _family: Option<Family>) -> Option<Date> {
        None
    }
}

/// All releases known to this run.
#[derive(Clone, Debug, Default)]
pub struct Releases {
    extra: Vec<Release>,
}

impl Releases {
    /// The built-in table and, before it, the user's own rows.
    pub fn with(extra: Vec<Release>) -> Self {
        Self { extra }
    }

    /// The release of which images or servers have this build; a client release if there is no other.
    pub fn by_build(&self, build: Build) -> Option<&Release> {
        self.extra.iter().find(|release| release.build == build)
    }

    /// The release called `name` (id, tag, alias, `2009`), letter case ignored.
    pub fn by_name(&self, name: &str) -> Option<&Release> {
        self.extra.iter().find(|release| release.id.eq_ignore_ascii_case(name))
    }

    /// How messages call a build: `Windows Server 2022`, or `10.0.12345` if there is no release of it.
    pub fn title(&self, build: Build) -> Cow<'_, str> {
        match self.by_build(build) {
            Some(release) => Cow::Borrowed(&*release.title),
            None => Cow::Owned(build.to_string()),
        }
    }
}
