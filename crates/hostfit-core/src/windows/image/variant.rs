//! What an image can be moved to: the same of other Windows releases, as far as it was published.

use std::cmp::Reverse;

use super::{
    identity::Identity,
    official,
    reference::Parts,
    retired_variant,
    tags::{self, Row},
};
use crate::{
    text::Text,
    windows::{Build, Date, family::Family, release::Releases},
};

/// How well an [`Alternative`] takes the place of an image, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VariantStatus {
    /// The same product and version, made today; of base images those of the Long-Term Servicing Channel.
    Current,
    /// Another version of the product, made today.
    OtherVersion,
    /// The same product and version, no longer made; of base images those of the other channels.
    Former,
    /// Other versions of the product, made today: tags of which only the end is known.
    OtherVersions,
    /// Other versions of the product, none of them made any more: tags of which only the end is known.
    FormerVersions,
}

/// A published image of one Windows release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// How well it takes the image's place.
    pub status: VariantStatus,
    /// Its Windows.
    pub build: Build,
    /// Its repository, where that is another one: `windows/server` took the place of `windows`.
    pub repository: Option<&'static str>,
    /// Its tag, or how tags end: `windowsservercore-ltsc2022`.
    pub tag: String,
}

impl Alternative {
    /// Whether nothing but Windows differs.
    pub fn is_same_version(&self) -> bool {
        matches!(self.status, VariantStatus::Current | VariantStatus::Former)
    }

    /// Whether its tag is known whole.
    pub fn is_one_tag(&self) -> bool {
        !matches!(self.status, VariantStatus::OtherVersions | VariantStatus::FormerVersions)
    }

    /// Whether it is made today, as far as that is known; of base images, whether it is of the Long-Term Servicing Channel.
    pub fn is_made(&self) -> bool {
        !matches!(self.status, VariantStatus::Former | VariantStatus::FormerVersions)
    }
}

/// What an image can be moved to, the best and newest first, at most one of each status and release; the image itself is
/// among it, if its tag names a release. None where no table has the image.
pub fn alternatives(text: &Text, identity: &Identity, releases: &Releases) -> Option<Vec<Alternative>> {
    let mut found = match identity.family.filter(|_| identity.is_base) {
        Some(family) => of_base(family, releases),
        None => of_official(text, identity, releases)?,
    };
    found.sort_by_key(|it| (it.status, Reverse(it.build)));
    found.dedup_by_key(|it| (it.status, it.build));
    Some(found)
}

fn of_base(family: Family, releases: &Releases) -> Vec<Alternative> {
    let families = match family {
        // Windows Server took the place of the full Windows image with 20348.
        Family::Windows => [Some(Family::Windows), Some(Family::Server)],
        Family::Server => [Some(Family::Server), Some(Family::Windows)],
        Family::ServerCore | Family::NanoServer => [Some(family), None],
    };
    let of = |own: Family| {
        let published =
            releases.iter().filter_map(move |release| Some((release, release.images_of(own)?.tags.first()?)));
        published.map(move |(release, tag)| Alternative {
            status: if release.ltsc { VariantStatus::Current } else { VariantStatus::Former },
            build: release.build,
            repository: (own != family).then(|| own.repository()),
            tag: tag.clone().into_owned(),
        })
    };
    families.into_iter().flatten().flat_map(of).collect()
}

fn of_official(text: &Text, identity: &Identity, releases: &Releases) -> Option<Vec<Alternative>> {
    let masked = text.masked();
    let parts = Parts { value: &masked, reference: identity.reference.clone() };
    let repository = official::repository(&parts)?;
    let tag = official::whole_tag(&parts).or(parts.tag())?;
    let (head, suffix) = tags::split(tag);
    let (family, release) = match suffix.split_once('-') {
        Some((family, release)) => (family, Some(release)),
        None if suffix.is_empty() => (family_of(repository).filter(|_| !tag.contains('\0'))?, None),
        None => (suffix, None),
    };
    let release_of = |name: &str| releases.by_name(name).map(|release| release.build);
    if release.is_some_and(|it| release_of(it).is_none()) {
        return None;
    }
    let head = if suffix.is_empty() && head == "latest" { latest(repository)? } else { head };
    let is_known = head.contains('\0') || tags::rows(repository).any(|row| row.group(head).is_some());
    let rows: Vec<_> = tags::rows(repository)
        .filter_map(|row| Some((release_of(row.suffix.strip_prefix(family)?.strip_prefix('-')?)?, row)))
        .collect();
    // Of a version that is newer than the table nobody knows what there is of it.
    is_known.then(|| {
        let mut same: Vec<_> = rows.iter().filter_map(|(build, row)| same_version(head, *build, row)).collect();
        // Of two names of one release the one that was made last.
        same.sort_by_key(|(until, _)| Reverse(*until));
        // What is written for .NET Framework 3.5 does not run on 4, which has it as a feature that is not installed.
        let has_others = !(retired_variant::is_framework(repository) && head.starts_with("3.5"));
        let others = rows.iter().filter(|_| has_others).map(|(build, row)| other_version(repository, *build, row));
        same.into_iter().map(|(_, it)| it).chain(others).collect()
    })
}

/// The same version in this row, and when it was removed there.
fn same_version(head: &str, build: Build, row: &Row) -> Option<(Option<Date>, Alternative)> {
    let until = row.group(head)?.until();
    let status = if until.is_some() { VariantStatus::Former } else { VariantStatus::Current };
    Some((until, Alternative { status, build, repository: None, tag: tags::join(head, row.suffix) }))
}

/// What there is of other versions in this row.
fn other_version(repository: &str, build: Build, row: &Row) -> Alternative {
    let made = || row.groups().filter(|group| group.until().is_none());
    // .NET Framework takes the place of its older versions.
    let moving = made().filter(|_| retired_variant::is_framework(repository));
    let moving = moving.flat_map(|group| group.heads().collect::<Vec<_>>()).filter(|head| !head.contains('-'));
    let (status, tag) = match moving.max() {
        Some(newest) => (VariantStatus::OtherVersion, tags::join(&newest, row.suffix)),
        None if made().next().is_some() => (VariantStatus::OtherVersions, row.suffix.to_owned()),
        None => (VariantStatus::FormerVersions, row.suffix.to_owned()),
    };
    Alternative { status, build, repository: None, tag }
}

/// What tags without a family hold on Windows.
fn family_of(repository: &str) -> Option<&'static str> {
    match repository {
        "golang" | "python" | "pypy" | "julia" | "haxe" | "hylang" | "mongo" | "caddy" | "eclipse-temurin"
        | "openjdk" => Some("windowsservercore"),
        "nats" | "hello-world" => Some("nanoserver"),
        _ if repository.starts_with("dotnet/framework/") || repository == "windows/servercore/iis" => {
            Some("windowsservercore")
        }
        _ if repository.starts_with("dotnet/") => Some("nanoserver"),
        _ => None,
    }
}

/// What `latest` is called before the name of a release.
fn latest(repository: &str) -> Option<&'static str> {
    match repository.strip_prefix("dotnet/framework/") {
        // It moves with `4.8` (microsoft/dotnet-framework-docker, README.md).
        Some(_) => Some("4.8"),
        None if repository.starts_with("dotnet/") => None,
        None => Some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        source::{SourceId, Span},
        windows::image::identify,
    };

    fn of(image: &str) -> Option<Vec<Alternative>> {
        let text = Text::literal(image, Span::new(SourceId(0), 0..image.len()));
        let releases = Releases::default();
        alternatives(&text, &identify(&text, &[], &releases), &releases)
    }

    fn tags(image: &str, status: VariantStatus) -> Vec<String> {
        let of = of(image).unwrap_or_default();
        of.into_iter().filter(|it| it.status == status).map(|it| it.tag).collect()
    }

    #[test]
    fn tags_that_differ_in_the_release_are_those_of_the_readmes() {
        let table: [(&str, &[&str]); 12] = [
            (
                "mcr.microsoft.com/dotnet/aspnet:8.0",
                &["8.0-nanoserver-ltsc2025", "8.0-nanoserver-ltsc2022", "8.0-nanoserver-1809"],
            ),
            (
                "mcr.microsoft.com/dotnet/sdk:9.0-windowsservercore-ltsc2019",
                &["9.0-windowsservercore-ltsc2025", "9.0-windowsservercore-ltsc2022", "9.0-windowsservercore-ltsc2019"],
            ),
            (
                "mcr.microsoft.com/dotnet/runtime:10.0-nanoserver-ltsc2022",
                &["10.0-nanoserver-ltsc2025", "10.0-nanoserver-ltsc2022"],
            ),
            (
                "mcr.microsoft.com/dotnet/framework/aspnet:4.8",
                &["4.8-windowsservercore-ltsc2019", "4.8-windowsservercore-ltsc2016"],
            ),
            (
                "mcr.microsoft.com/dotnet/framework/runtime:4.8.1-windowsservercore-ltsc2022",
                &["4.8.1-windowsservercore-ltsc2025", "4.8.1-windowsservercore-ltsc2022"],
            ),
            (
                "mcr.microsoft.com/windows/servercore/iis",
                &[
                    "windowsservercore-ltsc2025",
                    "windowsservercore-ltsc2022",
                    "windowsservercore-ltsc2019",
                    "windowsservercore-ltsc2016",
                ],
            ),
            ("golang:1.27", &["1.27-windowsservercore-ltsc2025", "1.27-windowsservercore-ltsc2022"]),
            ("golang:1.27-nanoserver", &["1.27-nanoserver-ltsc2025", "1.27-nanoserver-ltsc2022"]),
            ("golang", &["windowsservercore-ltsc2025", "windowsservercore-ltsc2022"]),
            ("mongo:8.3-nanoserver", &["8.3-nanoserver-ltsc2022"]),
            (
                "python:3.14-windowsservercore-ltsc2022",
                &["3.14-windowsservercore-ltsc2025", "3.14-windowsservercore-ltsc2022"],
            ),
            ("docker:29-windowsservercore", &["29-windowsservercore-ltsc2025", "29-windowsservercore-ltsc2022"]),
        ];
        for (image, expected) in table {
            assert_eq!(tags(image, VariantStatus::Current), expected, "{image}");
        }
    }

    #[test]
    fn tags_of_old_versions_are_those_that_were_published_of_them() {
        let table: [(&str, &[&str], &[&str]); 6] = [
            (
                "golang:1.22-windowsservercore-1809",
                &[],
                &["1.22-windowsservercore-ltsc2025", "1.22-windowsservercore-ltsc2022", "1.22-windowsservercore-1809"],
            ),
            (
                "golang:1.22.3-windowsservercore-1809",
                &[],
                &["1.22.3-windowsservercore-ltsc2022", "1.22.3-windowsservercore-1809"],
            ),
            (
                "golang:1.12-windowsservercore-1809",
                &[],
                &[
                    "1.12-windowsservercore-1809",
                    "1.12-windowsservercore-1803",
                    "1.12-windowsservercore-1709",
                    "1.12-windowsservercore-ltsc2016",
                ],
            ),
            (
                "mcr.microsoft.com/dotnet/sdk:8.0.404-nanoserver-1809",
                &[],
                &["8.0.404-nanoserver-ltsc2022", "8.0.404-nanoserver-1809"],
            ),
            (
                "traefik:3.6-windowsservercore-ltsc2022",
                &[],
                &["3.6-windowsservercore-ltsc2025", "3.6-windowsservercore-ltsc2022"],
            ),
            ("redis:nanoserver", &[], &[]),
        ];
        for (image, current, former) in table {
            assert_eq!(tags(image, VariantStatus::Current), current, "{image}");
            assert_eq!(tags(image, VariantStatus::Former), former, "{image}");
        }
        assert!(of("redis:nanoserver").is_some());
    }

    #[test]
    fn of_other_versions_the_tags_are_known_or_how_they_end() {
        let framework = "mcr.microsoft.com/dotnet/framework/aspnet:4.7.2-windowsservercore-ltsc2016";
        let other = tags(framework, VariantStatus::OtherVersion);
        assert_eq!(
            other,
            [
                "4.8.1-windowsservercore-ltsc2025",
                "4.8.1-windowsservercore-ltsc2022",
                "4.8-windowsservercore-ltsc2019",
                "4.8-windowsservercore-ltsc2016"
            ]
        );
        let mongo = "mongo:4.1.8-windowsservercore-1803";
        assert_eq!(
            tags(mongo, VariantStatus::OtherVersions),
            ["windowsservercore-ltsc2025", "windowsservercore-ltsc2022"]
        );
        assert!(tags(mongo, VariantStatus::FormerVersions).contains(&"windowsservercore-1809".to_owned()));
    }

    #[test]
    fn the_full_windows_image_goes_on_as_windows_server() {
        let of = of("mcr.microsoft.com/windows:1909").unwrap_or_default();
        let on = |build| of.iter().find(|it| it.build == Build(build)).map(|it| (it.repository, it.tag.as_str()));
        assert_eq!(on(17763), Some((None, "1809")));
        assert_eq!(on(20348), Some((Some("mcr.microsoft.com/windows/server"), "ltsc2022")));
    }

    #[test]
    fn of_what_no_table_has_nothing_is_known() {
        let table = [
            "golang:1.27-windowsservercore-10.0.20348.1",
            "contoso/app:1.0-windowsservercore-ltsc2019",
            "mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-1809-amd64",
            "mcr.microsoft.com/dotnet/core/sdk:8.0-nanoserver-1809",
            "golang:1.99-windowsservercore-ltsc2022",
            "traefik:3.6",
        ];
        for image in table {
            assert_eq!(of(image), None, "{image}");
        }
    }
}
