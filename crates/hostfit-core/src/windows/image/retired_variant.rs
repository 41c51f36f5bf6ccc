//! Windows variants that are no longer made: their tags still pull what was pushed last.

use super::{
    identity::Identity,
    official,
    reference::Parts,
    tags::{self, Group, Row},
};
use crate::{text::Text, windows::Date};

/// The day since which the image is such a variant, if it is one. A digest pins one image anyway, and no update is expected of it.
pub fn retired_since(text: &Text, identity: &Identity) -> Option<Date> {
    if identity.reference.digest.is_some() || identity.version.is_none() {
        return None;
    }
    let masked = text.masked();
    let parts = Parts { value: &masked, reference: identity.reference.clone() };
    let (head, suffix) = tags::split(parts.tag()?);
    since(official::repository(&parts)?, head, suffix)
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
        // A version that ended before was not made until then.
        let day = own.as_ref().and_then(Group::until).unwrap_or(day);
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

pub(super) fn is_framework(repository: &str) -> bool {
    repository.starts_with("dotnet/framework/")
}

/// Whether the tag is pushed again and again, as far as it is made: none with a date in it is.
pub(super) fn is_moving(head: &str) -> bool {
    !head.split('-').any(|word| word.len() >= 8 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        source::{SourceId, Span},
        windows::{image::identify, release::Releases},
    };

    fn retired(image: &str) -> Option<String> {
        let text = Text::literal(image, Span::new(SourceId(0), 0..image.len()));
        retired_since(&text, &identify(&text, &[], &Releases::default())).map(|day| day.to_string())
    }

    /// Days of the commits of docker-library/official-images and of microsoft/dotnet-framework-docker 7e6e683b.
    #[test]
    fn a_variant_is_retired_since_the_day_on_which_its_source_dropped_it() {
        for (image, since) in [
            ("golang:1.24-nanoserver-1809", "2025-05-30"),
            // Go 1.20 and Python 3.8 for Windows had ended before.
            ("golang:1.20-nanoserver-1809", "2024-02-06"),
            ("python:3.13-windowsservercore-1809", "2025-05-30"),
            ("python:3.8-windowsservercore-ltsc2016", "2021-06-29"),
            ("python:3.9-windowsservercore-ltsc2016", "2022-01-12"),
            ("hello-world:nanoserver-1809", "2025-05-30"),
            ("traefik:v2.11-windowsservercore-1809", "2025-06-02"),
            ("mcr.microsoft.com/dotnet/framework/aspnet:4.8-windowsservercore-ltsc2022", "2025-10-14"),
            ("mcr.microsoft.com/dotnet/framework/runtime:4.7.2-windowsservercore-ltsc2019", "2025-10-14"),
            ("mcr.microsoft.com/dotnet/framework/sdk:3.5-windowsservercore-ltsc2019", "2025-10-14"),
            ("mcr.microsoft.com/dotnet/framework/wcf:4.6.2-windowsservercore-ltsc2016", "2025-10-14"),
        ] {
            assert_eq!(retired(image).as_deref(), Some(since), "{image}");
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
