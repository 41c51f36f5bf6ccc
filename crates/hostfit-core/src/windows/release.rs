//! The releases of Windows that are a host or an image of containers, with their support dates.
//!
//! Sources of the table: build numbers from microsoft/hcsshim `osversion/windowsbuilds.go` (22631, 26200 and 28000
//! from endoflife.date); image dates and tags from Microsoft's "base image servicing lifecycles" page; host dates
//! from endoflife.date `windows-server.md` and `windows.md`; first revisions from Microsoft's "Windows Server release
//! information". Where a row has another source, it says so.

use std::{borrow::Cow, sync::LazyLock};

use super::{
    Build, Date, HostKind, Isolation, OsVersion,
    compat::{HostFacts, Verdict, judge},
    image::Family,
};

/// The day on which the built-in table was compared with its sources.
pub const TABLE_DATE: Date = day(2026, 11, 21);

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
    pub aliases: Vec<Cow<'static, str>>,
    /// Server or client. A build that both have, has two rows, that of the server first.
    pub kind: HostKind,
    /// Whether it is a Long-Term Servicing Channel release of Windows Server.
    pub ltsc: bool,
    /// The revision it was first sold with, where known.
    pub first_revision: Option<u16>,
    /// The base images that were published of it.
    pub images: Vec<Images>,
    /// The last day of mainstream support of hosts, where there is extended support after it.
    pub host_mainstream_end: Option<Date>,
    /// The last day on which Microsoft patches hosts: extended support, or that of the Enterprise edition.
    pub host_end: Option<Date>,
}

/// The base images of one family of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// The family.
    pub family: Family,
    /// The tags without revision, KB and architecture; the one to recommend first.
    pub tags: Vec<Cow<'static, str>>,
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
            aliases: Vec::new(),
            kind: HostKind::Server,
            ltsc: false,
            first_revision: None,
            images: Vec::new(),
            host_mainstream_end: None,
            host_end: None,
        }
    }

    /// The same row with images of `family` that are patched until `end`, under its id and aliases as tags.
    #[must_use]
    pub fn publishing(mut self, family: Family, end: Option<Date>) -> Self {
        let tags = std::iter::once(&self.id).chain(&self.aliases).cloned().collect();
        self.images.push(Images { family, tags, mainstream_end: None, end });
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

    /// The release of which images or servers have this build; a client release if there is no other.
    pub fn by_build(&self, build: Build) -> Option<&Release> {
        self.iter().find(|release| release.build == build)
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

    /// Whether a release of Windows Server with this build is of the Long-Term Servicing Channel.
    pub fn is_ltsc(&self, build: Build) -> bool {
        self.iter().any(|release| release.build == build && release.ltsc)
    }

    /// The newest build of which a server or a client was released.
    pub fn newest_build(&self) -> Option<Build> {
        self.iter().map(|release| release.build).max()
    }

    /// Every tag without revision, KB and architecture that was published for `family`, with its release.
    pub fn published_tags(&self, family: Family) -> impl Iterator<Item = (&str, &Release)> {
        self.iter().flat_map(move |release| {
            let tags = release.images_of(family).into_iter().flat_map(|images| &images.tags);
            tags.map(move |tag| (&**tag, release))
        })
    }

    /// The recommended tag of `family` for this build, if it was published.
    pub fn tag_of(&self, family: Family, build: Build) -> Option<&str> {
        self.published_tags(family).find(|(_, release)| release.build == build).map(|(tag, _)| tag)
    }

    /// The newest release, and its recommended tag, of which an image of `family` runs on every one of `hosts` under
    /// their default isolation; of all releases where there are no hosts.
    pub fn newest_for(&self, family: Family, hosts: &[HostFacts]) -> Option<(&Release, &str)> {
        let runs = |release: &Release| {
            let image = Some(OsVersion { build: release.build, revision: None });
            // Revisions are the host's business here: a floating tag follows the patches.
            hosts.iter().all(|host| {
                let host = HostFacts { version: OsVersion { revision: None, ..host.version }, ..*host };
                !matches!(judge(&host, image, Isolation::Default).verdict, Verdict::Blocked | Verdict::Unknown)
            })
        };
        self.published_tags(family)
            .filter(|(_, release)| runs(release))
            .map(|(tag, release)| (release, tag))
            .reduce(|best, next| if next.0.build > best.0.build { next } else { best })
    }
}

fn describe(release: Option<&Release>, version: OsVersion) -> String {
    match release {
        Some(release) => format!("{} ({version})", release.title),
        None => version.to_string(),
    }
}

const fn day(year: u16, month: u8, day: u8) -> Date {
    Date { year, month, day }
}

fn server(id: &'static str, build: u16, title: &'static str) -> Release {
    Release { title: title.into(), ..Release::custom("", Build(build)) }.named(id)
}

fn client(id: &'static str, build: u16, title: &'static str, end: Date) -> Release {
    Release { kind: HostKind::Client, host_end: Some(end), ..server(id, build, title) }
}

impl Release {
    fn named(self, id: &'static str) -> Self {
        Self { id: id.into(), ..self }
    }

    fn also(self, aliases: &[&'static str]) -> Self {
        Self { aliases: aliases.iter().map(|alias| Cow::Borrowed(*alias)).collect(), ..self }
    }

    fn first(self, revision: u16) -> Self {
        Self { first_revision: Some(revision), ..self }
    }

    fn ltsc(self, mainstream: Date, end: Date) -> Self {
        Self { ltsc: true, host_mainstream_end: Some(mainstream), ..self }.hosts(end)
    }

    fn hosts(self, end: Date) -> Self {
        Self { host_end: Some(end), ..self }
    }

    fn image(mut self, family: Family, tags: &[&'static str], mainstream: Option<Date>, end: Date) -> Self {
        let tags = tags.iter().map(|tag| Cow::Borrowed(*tag)).collect();
        self.images.push(Images { family, tags, mainstream_end: mainstream, end: Some(end) });
        self
    }

    /// Images of the three families of the Semi-Annual Channel, 1903 to 20H2.
    fn semi_annual(self, tags: &[&'static str], end: Date) -> Self {
        self.image(Family::ServerCore, tags, None, end)
            .image(Family::NanoServer, tags, None, end)
            .image(Family::Windows, tags, None, end)
            .hosts(end)
    }
}

static TABLE: LazyLock<Vec<Release>> = LazyLock::new(table);

#[rustfmt::skip] // One release is one paragraph, one fact is one line.
fn table() -> Vec<Release> {
    use Family::{NanoServer, Server, ServerCore, Windows};
    vec![
        // `sac2016` is the tag of its Nano Server, which nobody patches any more.
        server("ltsc2016", 14393, "Windows Server 2016")
            .also(&["1607", "sac2016", "rs1"]).first(0)
            .ltsc(day(2022, 1, 11), day(2027, 1, 12))
            .image(ServerCore, &["ltsc2016", "1607"], Some(day(2022, 1, 11)), day(2027, 1, 11))
            .image(NanoServer, &["sac2016"], None, day(2018, 10, 9)),
        server("1709", 16299, "Windows Server, version 1709")
            .also(&["rs3"]).hosts(day(2019, 4, 9))
            .image(ServerCore, &["1709"], None, day(2019, 4, 9))
            .image(NanoServer, &["1709"], None, day(2019, 4, 9)),
        server("1803", 17134, "Windows Server, version 1803")
            .also(&["rs4"]).first(1).hosts(day(2019, 11, 12))
            .image(ServerCore, &["1803"], None, day(2019, 11, 12))
            .image(NanoServer, &["1803"], None, day(2019, 11, 12)),
        // `nanoserver:ltsc2019` and `windows:ltsc2019` came later than `1809`; both are there.
        server("ltsc2019", 17763, "Windows Server 2019")
            .also(&["1809", "rs5"]).first(107)
            .ltsc(day(2024, 1, 9), day(2029, 1, 9))
            .image(ServerCore, &["ltsc2019", "1809"], Some(day(2024, 1, 9)), day(2029, 1, 9))
            .image(NanoServer, &["1809", "ltsc2019"], Some(day(2024, 1, 9)), day(2029, 1, 9))
            .image(Windows, &["1809", "ltsc2019"], Some(day(2024, 1, 9)), day(2029, 1, 9)),
        server("1903", 18362, "Windows Server, version 1903")
            .also(&["19H1"]).first(30)
            .semi_annual(&["1903"], day(2020, 12, 8)),
        server("1909", 18363, "Windows Server, version 1909")
            .also(&["19H2"]).first(418)
            .semi_annual(&["1909"], day(2021, 5, 11)),
        server("2004", 19041, "Windows Server, version 2004")
            .also(&["20H1"])
            .semi_annual(&["2004"], day(2021, 12, 14)),
        // dotnet/dotnet-docker#2439 renamed 2009 to 20H2; the base images have both.
        server("20H2", 19042, "Windows Server, version 20H2")
            .also(&["2009"])
            .semi_annual(&["20H2", "2009"], day(2022, 8, 9)),
        // Without the alias `21H2`: that is also Windows 10 (19044) and Windows 11 (22000).
        server("ltsc2022", 20348, "Windows Server 2022")
            .first(169)
            .ltsc(day(2026, 10, 13), day(2031, 10, 14))
            .image(ServerCore, &["ltsc2022"], Some(day(2026, 10, 13)), day(2031, 10, 14))
            .image(NanoServer, &["ltsc2022"], Some(day(2026, 10, 13)), day(2031, 10, 14))
            // The preview tag offered this build to Windows 10 21H1: microsoft/Windows-Containers#155.
            .image(Server, &["ltsc2022", "win10-21h1-preview"], Some(day(2026, 10, 13)), day(2031, 10, 14)),
        // The Annual Channel: hosts only, they run the images of Windows Server 2022.
        server("ws-23h2-ac", 25398, "Windows Server, version 23H2")
            .first(469).hosts(day(2026, 5, 12)),
        // Microsoft's image page says 2034-10-10, endoflife.date 2034-11-14 for the host.
        server("ltsc2025", 26100, "Windows Server 2025")
            .first(1742)
            .ltsc(day(2029, 11, 13), day(2034, 11, 14))
            .image(ServerCore, &["ltsc2025"], Some(day(2029, 10, 9)), day(2034, 10, 10))
            .image(NanoServer, &["ltsc2025"], Some(day(2029, 10, 9)), day(2034, 10, 10))
            .image(Server, &["ltsc2025"], Some(day(2029, 10, 9)), day(2034, 10, 10)),
        // Clients: the end is that of Enterprise where editions differ (endoflife.date `windows.md`).
        client("win10-1607", 14393, "Windows 10 1607", day(2026, 10, 13)),
        client("win10-1703", 15063, "Windows 10 1703", day(2019, 10, 8)).also(&["1703", "rs2"]),
        client("win10-1709", 16299, "Windows 10 1709", day(2020, 10, 13)),
        client("win10-1803", 17134, "Windows 10 1803", day(2021, 5, 11)),
        client("win10-1809", 17763, "Windows 10 1809", day(2029, 1, 9)),
        client("win10-1903", 18362, "Windows 10 1903", day(2020, 12, 8)),
        client("win10-1909", 18363, "Windows 10 1909", day(2022, 5, 10)),
        client("win10-2004", 19041, "Windows 10 2004", day(2021, 12, 14)),
        client("win10-20h2", 19042, "Windows 10 20H2", day(2023, 5, 9)),
        client("win10-21h1", 19043, "Windows 10 21H1", day(2022, 12, 13)),
        client("win10-21h2", 19044, "Windows 10 21H2", day(2024, 6, 11)),
        client("win10-22h2", 19045, "Windows 10 22H2", day(2025, 10, 14)),
        client("win11-21h2", 22000, "Windows 11 21H2", day(2024, 10, 8)),
        client("win11-22h2", 22621, "Windows 11 22H2", day(2025, 10, 14)),
        client("win11-23h2", 22631, "Windows 11 23H2", day(2026, 11, 10)),
        client("win11-24h2", 26100, "Windows 11 24H2", day(2027, 10, 12)),
        client("win11-25h2", 26200, "Windows 11 25H2", day(2028, 10, 10)).also(&["25H2"]),
        client("win11-26h1", 28000, "Windows 11 26H1", day(2029, 3, 13)).also(&["26H1"]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_belongs_to_one_build() {
        let releases = Releases::default();
        for release in releases.iter() {
            for name in std::iter::once(&release.id).chain(&release.aliases) {
                assert_eq!(releases.by_name(name).map(|found| found.build), Some(release.build), "{name}");
            }
        }
    }

    #[test]
    fn a_tag_is_published_for_the_families_that_have_it() {
        let releases = Releases::default();
        let tags = |family| releases.published_tags(family).map(|(tag, _)| tag).collect::<Vec<_>>();
        assert!(tags(Family::NanoServer).contains(&"sac2016"));
        assert!(!tags(Family::NanoServer).contains(&"ltsc2016"));
        assert_eq!(tags(Family::Server), ["ltsc2022", "win10-21h1-preview", "ltsc2025"]);
        assert_eq!(tags(Family::Windows), ["1809", "ltsc2019", "1903", "1909", "2004", "20H2", "2009"]);
    }

    #[test]
    fn support_ends_per_family() {
        let releases = Releases::default();
        let end = |name: &str, family| releases.by_name(name).and_then(|release| release.image_end(family));
        assert_eq!(end("sac2016", Some(Family::NanoServer)), Some(day(2018, 10, 9)));
        assert_eq!(end("ltsc2016", Some(Family::ServerCore)), Some(day(2027, 1, 11)));
        assert_eq!(end("2009", None), Some(day(2022, 8, 9)));
        assert_eq!(end("ltsc2022", Some(Family::Windows)), None);
    }

    #[test]
    fn a_build_of_both_kinds_is_called_by_the_server_unless_the_host_is_a_client() {
        let releases = Releases::default();
        let version = OsVersion { build: Build(26100), revision: Some(2894) };
        assert_eq!(releases.describe(version), "Windows Server 2025 (10.0.26100.2894)");
        assert_eq!(releases.describe_host(version, HostKind::Client), "Windows 11 24H2 (10.0.26100.2894)");
        assert_eq!(releases.describe(OsVersion { build: Build(12345), revision: None }), "10.0.12345");
    }

    #[test]
    fn a_release_of_the_user_goes_first() {
        let own = Release::custom("ltsc2028", Build(29000)).publishing(Family::NanoServer, Some(day(2033, 1, 1)));
        let releases = Releases::with(vec![own]);
        assert_eq!(releases.tag_of(Family::NanoServer, Build(29000)), Some("ltsc2028"));
        assert_eq!(releases.newest_for(Family::NanoServer, &[]).map(|(_, tag)| tag), Some("ltsc2028"));
        assert_eq!(releases.newest_for(Family::ServerCore, &[]).map(|(_, tag)| tag), Some("ltsc2025"));
    }

    #[test]
    fn the_newest_release_is_one_that_runs_on_all_hosts() {
        let releases = Releases::default();
        let host = |build| HostFacts {
            version: OsVersion { build: Build(build), revision: None },
            kind: HostKind::Server,
            default_isolation: Isolation::Default,
            kubernetes: true,
            hyperv: None,
            containerd: true,
        };
        let newest = |builds: &[u16]| {
            let hosts: Vec<_> = builds.iter().map(|build| host(*build)).collect();
            releases.newest_for(Family::ServerCore, &hosts).map(|(_, tag)| tag.to_owned())
        };
        assert_eq!(newest(&[26100]).as_deref(), Some("ltsc2025"));
        assert_eq!(newest(&[20348, 26100]).as_deref(), Some("ltsc2022"));
        assert_eq!(newest(&[17763]).as_deref(), Some("ltsc2019"));
        assert_eq!(newest(&[14393]).as_deref(), Some("ltsc2016"));
        assert_eq!(newest(&[17763, 20348]), None);
    }
}
