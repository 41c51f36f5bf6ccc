//! The releases of Windows that are a host or an image of containers, with their support dates.

mod table;

use std::borrow::Cow;

use super::{Build, Date, HostKind, OsVersion, family::Family};
use table::TABLE;

/// The day on which the built-in table was compared with its sources.
pub const TABLE_DATE: Date = table::CHECKED;

/// For how many months after [`TABLE_DATE`] the built-in table is taken for current.
pub const TABLE_MONTHS: u16 = 18;

/// Whether the built-in table is older than [`TABLE_MONTHS`] on that day.
pub fn is_outdated(today: Date) -> bool {
    today > TABLE_DATE.months_later(TABLE_MONTHS)
}

/// One named Windows release: a row of the release table, built in or from `[[release]]` of the configuration.
///
/// A `[[release]]` has these keys, of which the first two must be there:
///
/// | key | field |
/// | --- | --- |
/// | `id` | [`id`](Self::id), also the tag that is published for its families |
/// | `build` | [`build`](Self::build), as a number or as `10.0.BUILD` |
/// | `title` | [`title`](Self::title); the id if left out |
/// | `aliases` | [`aliases`](Self::aliases), published as tags too |
/// | `kind` | [`kind`](Self::kind): `server` (if left out) or `client` |
/// | `families` | the [`images`](Self::images): names that [`Family::by_name`] knows |
/// | `image-support-end` | their [`end`](Images::end), `YYYY-MM-DD` |
/// | `host-support-end` | [`host_end`](Self::host_end), `YYYY-MM-DD` |
///
/// Such a row is made by [`Release::custom`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// `ltsc2022`, `1809`, `20H2`, `win11-23h2`.
    pub id: Cow<'static, str>,
    /// Its build.
    pub build: Build,
    /// `Windows Server 2022`: the name that messages use.
    pub title: Cow<'static, str>,
    /// Other names: `1809` for `ltsc2019`, `2009` for `20H2`.
    pub aliases: Cow<'static, [Cow<'static, str>]>,
    /// Server or client. A build that both have, has two rows, that of the server first.
    pub kind: HostKind,
    /// Whether it is a Long-Term Servicing Channel release of Windows Server.
    pub ltsc: bool,
    /// The revision it was first sold with, where known.
    pub first_revision: Option<u16>,
    /// The base images that were published of it.
    pub images: Cow<'static, [Images]>,
    /// The last day of mainstream support of hosts, where there is extended support after it.
    pub host_mainstream_end: Option<Date>,
    /// The last day on which Microsoft patches hosts: extended support, or that of the Enterprise edition.
    pub host_end: Option<Date>,
    /// The addresses that the dates of hosts are from; none for a row of the configuration.
    pub host_sources: &'static [&'static str],
}

/// The base images of one family of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// The family.
    pub family: Family,
    /// The tags without revision, KB and architecture; the one to recommend first.
    pub tags: Cow<'static, [Cow<'static, str>]>,
    /// The last day of mainstream support, where there is extended support after it.
    pub mainstream_end: Option<Date>,
    /// The last day on which they are patched, extended support included.
    pub end: Option<Date>,
}

impl Release {
    /// A row from the configuration: no images and no dates yet; see [`Release`] for what to fill in.
    pub fn custom(id: impl Into<String>, build: Build) -> Self {
        let id: Cow<'static, str> = Cow::Owned(id.into());
        Self {
            title: id.clone(),
            id,
            build,
            aliases: Cow::Borrowed(&[]),
            kind: HostKind::Server,
            ltsc: false,
            first_revision: None,
            images: Cow::Borrowed(&[]),
            host_mainstream_end: None,
            host_end: None,
            host_sources: &[],
        }
    }

    /// The same row with images of `family` that are patched until `end`, under its id and aliases as tags.
    #[must_use]
    pub fn publishing(mut self, family: Family, end: Option<Date>) -> Self {
        let tags = std::iter::once(&self.id).chain(&*self.aliases).cloned().collect();
        self.images.to_mut().push(Images { family, tags, mainstream_end: None, end });
        self
    }

    /// The last day on which Microsoft patches images of `family` of this release, extended support included.
    /// Without a family, the latest day of all of them.
    pub fn image_end(&self, family: Option<Family>) -> Option<Date> {
        match family {
            Some(family) => self.images_of(family)?.end,
            None => self.images.iter().filter_map(|images| images.end).max(),
        }
    }

    /// The images of `family`, if there are any.
    pub fn images_of(&self, family: Family) -> Option<&Images> {
        self.images.iter().find(|images| images.family == family)
    }

    /// Whether this release is called `name` (id or alias), letter case ignored.
    pub fn is_called(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
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

    /// Every row, the user's own first, then servers before clients.
    pub fn iter(&self) -> impl Iterator<Item = &Release> {
        self.extra.iter().chain(TABLE.iter())
    }

    /// The user's own rows.
    pub fn declared(&self) -> impl Iterator<Item = &Release> {
        self.extra.iter()
    }

    /// The release of which images or servers have this build; a client release if there is no other.
    pub fn by_build(&self, build: Build) -> Option<&Release> {
        self.iter().find(|release| release.build == build)
    }

    /// The kind that most hosts of this build are: a client's only where no server has the build.
    pub fn usual_kind(&self, build: Build) -> HostKind {
        self.by_build(build).map_or(HostKind::Server, |release| release.kind)
    }

    /// The release of this build and kind of host.
    pub fn by_host(&self, build: Build, kind: HostKind) -> Option<&Release> {
        self.iter().find(|release| release.build == build && release.kind == kind)
    }

    /// The release called `name` (id, tag, alias, `2009`), letter case ignored.
    pub fn by_name(&self, name: &str) -> Option<&Release> {
        self.iter().find(|release| release.is_called(name))
    }

    /// How messages call a build: `Windows Server 2022`, or `10.0.12345` if there is no release of it.
    pub fn title(&self, build: Build) -> Cow<'_, str> {
        match self.by_build(build) {
            Some(release) => Cow::Borrowed(&*release.title),
            None => Cow::Owned(build.to_string()),
        }
    }

    /// `Windows Server 2022 (10.0.20348.2700)`, or `10.0.12345` if there is no release of it.
    pub fn describe(&self, version: OsVersion) -> String {
        describe(self.by_build(version.build), version)
    }

    /// The same for a host, of which the kind is known: `Windows 11 24H2 (10.0.26100)`.
    pub fn describe_host(&self, version: OsVersion, kind: HostKind) -> String {
        describe(self.by_host(version.build, kind).or_else(|| self.by_build(version.build)), version)
    }

    /// The newest build of which a server or a client was released.
    pub fn newest_build(&self) -> Option<Build> {
        self.iter().map(|release| release.build).max()
    }

    /// Every tag without revision, KB and architecture that was published for `family`, with its release.
    pub fn published_tags(&self, family: Family) -> impl Iterator<Item = (&str, &Release)> {
        self.iter().flat_map(move |release| {
            let tags = release.images_of(family).into_iter().flat_map(|images| &*images.tags);
            tags.map(move |tag| (&**tag, release))
        })
    }

    /// The recommended tag of `family` for this build, if it was published.
    pub fn tag_of(&self, family: Family, build: Build) -> Option<&str> {
        self.published_tags(family).find(|(_, release)| release.build == build).map(|(tag, _)| tag)
    }
}

fn describe(release: Option<&Release>, version: OsVersion) -> String {
    match release {
        Some(release) => format!("{} ({version})", release.title),
        None => version.to_string(),
    }
}

#[cfg(test)]
mod tests;
