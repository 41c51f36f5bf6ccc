//! Windows variants that are no longer made: their tags still pull what was pushed last.

use super::{
    identity::Identity,
    official,
    reference::Parts,
    tags::{self, Group, Row},
};
use crate::{text::Text, windows::Date};

/// A variant that gets no updates any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetiredVariant {
    /// The day on which it was taken out of its source.
    pub since: Date,
    /// What takes its place, if that is known.
    pub instead: Option<Replacement>,
}

/// What takes the place of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// A published tag.
    Tag(String),
    /// The end of tags that are published of later versions: `windowsservercore-ltsc2022`.
    Variant(String),
}

/// Whether the image is such a variant. A digest pins one image anyway, and no update is expected of it.
pub fn retired_variant(text: &Text, identity: &Identity) -> Option<RetiredVariant> {
    if identity.reference.digest.is_some() || identity.version.is_none() {
        return None;
    }
    let masked = text.masked();
    let parts = Parts { value: &masked, reference: identity.reference.clone() };
    let repository = official::repository(&parts)?;
    let (head, suffix) = tags::split(parts.tag()?);
    let since = since(repository, head, suffix)?;
    Some(RetiredVariant { since, instead: replacement(repository, head, suffix) })
}

/// The day since which the variant is no longer made of the version that `head` names. The end of a version itself is not
/// meant: it is the product's.
pub(super) fn since(repository: &str, head: &str, suffix: &str) -> Option<Date> {
    let rows: Vec<_> = tags::rows_of(repository, suffix).collect();
    // No release in the tag: it holds what is made.
    let groups: Vec<_> = rows.iter().flat_map(Row::groups).collect();
    if suffix.is_empty() && !is_framework(repository) || groups.is_empty() {
        return None;
    }
    let unknown = head.contains('\0');
    let own = rows.iter().find_map(|row| row.group(head));
    if own.is_none() && !unknown {
        return None;
    }
    let last = |groups: &[Group]| groups.iter().map(Group::until).max().flatten().filter(|_| closed(groups));
    if let Some(day) = last(&groups) {
        return Some(day).filter(|_| !is_framework(repository) || is_moving(head));
    }
    let own = own.filter(|_| !unknown)?;
    if is_framework(repository) {
        // It gets its security fixes with Windows, so that no version of it ends by itself.
        return own.until().filter(|_| is_moving(head));
    }
    let line: Vec<_> = groups.iter().filter(|group| group.line == own.line).copied().collect();
    let others = tags::rows(repository).filter(|row| !row.windows().is_empty() && !row.suffix.is_empty());
    let lives = others.flat_map(|row| row.groups()).any(|group| group.line == own.line && group.until().is_none());
    last(&line).filter(|_| lives)
}

fn closed(groups: &[Group]) -> bool {
    groups.iter().all(|group| group.until().is_some())
}

fn is_framework(repository: &str) -> bool {
    repository.starts_with("dotnet/framework/")
}

/// Whether the tag is pushed again and again, as far as it is made: none with a date in it is.
fn is_moving(head: &str) -> bool {
    !head.split('-').any(|word| word.len() >= 8 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The same version on the next release of which it is made; or a later version on this one; or what newer versions are
/// made of.
fn replacement(repository: &str, head: &str, suffix: &str) -> Option<Replacement> {
    let (family, _) = suffix.split_once('-').unwrap_or((suffix, ""));
    let build = |row: &Row| row.windows().first().map(|version| version.build);
    let here = tags::rows_of(repository, suffix).find_map(|row| build(&row));
    let newer = |row: &Row| build(row) > here && row.suffix.strip_prefix(family).is_some_and(|it| it.starts_with('-'));
    let rows: Vec<_> = tags::rows(repository).filter(newer).collect();
    let open = |row: &Row| row.groups().any(|group| group.until().is_none());
    let same = rows.iter().filter(|row| row.group(head).is_some_and(|group| group.until().is_none()));
    if let Some(row) = same.min_by_key(|row| build(row)) {
        return Some(Replacement::Tag(tags::join(head, row.suffix)));
    }
    if is_framework(repository) {
        let groups =
            tags::rows_of(repository, suffix).flat_map(|row| row.groups()).filter(|group| group.until().is_none());
        let later = groups
            .flat_map(|group| group.heads().collect::<Vec<_>>())
            .filter(|head| is_moving(head) && !head.contains('-'));
        return later.max().map(|later| Replacement::Tag(tags::join(&later, suffix)));
    }
    rows.iter()
        .filter(|row| open(row))
        .min_by_key(|row| build(row))
        .map(|row| Replacement::Variant(row.suffix.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        source::{SourceId, Span},
        windows::{image::identify, release::Releases},
    };

    fn retired(image: &str) -> Option<(String, Option<String>)> {
        let text = Text::literal(image, Span::new(SourceId(0), 0..image.len()));
        let retired = retired_variant(&text, &identify(&text, &[], &Releases::default()))?;
        let instead = retired.instead.map(|it| match it {
            Replacement::Tag(tag) => tag,
            Replacement::Variant(variant) => format!("…-{variant}"),
        });
        Some((retired.since.to_string(), instead))
    }

    /// Days of the commits of docker-library/official-images and of microsoft/dotnet-framework-docker 7e6e683b.
    #[test]
    fn a_variant_is_retired_since_the_day_on_which_its_source_dropped_it() {
        let framework = "mcr.microsoft.com/dotnet/framework";
        let table = [
            ("golang:1.20-nanoserver-1809".to_owned(), "2025-05-31", "…-nanoserver-ltsc2022"),
            ("python:3.13-windowsservercore-1809".to_owned(), "2025-05-30", "3.13-windowsservercore-ltsc2022"),
            ("python:3.8-windowsservercore-ltsc2016".to_owned(), "2022-01-12", "…-windowsservercore-ltsc2022"),
            ("hello-world:nanoserver-1809".to_owned(), "2025-05-30", "nanoserver-ltsc2022"),
            ("traefik:v2.11-windowsservercore-1809".to_owned(), "2025-06-02", "v2.11-windowsservercore-ltsc2022"),
            (
                format!("{framework}/aspnet:4.8-windowsservercore-ltsc2022"),
                "2025-10-14",
                "4.8.1-windowsservercore-ltsc2022",
            ),
            (
                format!("{framework}/runtime:4.7.2-windowsservercore-ltsc2019"),
                "2025-10-14",
                "4.8-windowsservercore-ltsc2019",
            ),
            (format!("{framework}/sdk:3.5-windowsservercore-ltsc2019"), "2025-10-14", "4.8-windowsservercore-ltsc2019"),
            (
                format!("{framework}/wcf:4.6.2-windowsservercore-ltsc2016"),
                "2025-10-14",
                "4.8-windowsservercore-ltsc2016",
            ),
        ];
        for (image, since, instead) in table {
            assert_eq!(retired(&image), Some((since.to_owned(), Some(instead.to_owned()))), "{image}");
        }
        for image in [
            "eclipse-temurin:17-jdk-windowsservercore-1809",
            "nats:2.10-nanoserver-1809",
            "caddy:2-windowsservercore-1809",
        ] {
            assert!(retired(image).is_some(), "{image}");
        }
    }

    #[test]
    fn what_is_made_or_ended_by_itself_or_was_never_there_is_not() {
        for image in [
            "golang:1.27-windowsservercore-ltsc2022",
            "golang:1.27.0-windowsservercore-ltsc2022",
            "golang:1.22-windowsservercore-ltsc2022",
            "golang:1.27-windowsservercore-1809",
            "mcr.microsoft.com/dotnet/framework/aspnet:4.8-windowsservercore-ltsc2019",
            "mcr.microsoft.com/dotnet/framework/aspnet:4.8-20250408-windowsservercore-ltsc2022",
            "mcr.microsoft.com/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022",
            "mcr.microsoft.com/dotnet/sdk:7.0-nanoserver-ltsc2022",
            "mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-1809",
            "mcr.microsoft.com/windows/servercore:1809",
            "contoso/golang:1.20-windowsservercore-1809",
        ] {
            assert_eq!(retired(image), None, "{image}");
        }
    }
}
