//! Tags of official images that differ in nothing but the Windows release.

use std::cmp::Reverse;

use super::{identity::Identity, official, reference::Parts, retired_variant, tags};
use crate::{
    text::Text,
    windows::{Build, release::Releases},
};

/// The tags under which the same version of the same product was published on a Windows release, with its build, newest
/// first; the tag itself is one of them, if it names a release. Variants that are no longer made are left out, unless no
/// other is there.
pub fn published_variants(text: &Text, identity: &Identity, releases: &Releases) -> Vec<(Build, String)> {
    let masked = text.masked();
    let parts = Parts { value: &masked, reference: identity.reference.clone() };
    let found = || {
        let repository = official::repository(&parts)?;
        let (head, suffix) = tags::split(official::whole_tag(&parts)?);
        let (family, release) = match suffix.split_once('-') {
            Some((family, release)) => (family, Some(release)),
            None if suffix.is_empty() => (family_of(repository)?, None),
            None => (suffix, None),
        };
        if release.is_some_and(|it| releases.by_name(it).is_none()) {
            return None;
        }
        let head = if suffix.is_empty() && head == "latest" { latest(repository)? } else { head };
        let mut variants = Vec::new();
        for row in tags::rows(repository) {
            let release = row.suffix.strip_prefix(family).and_then(|rest| rest.strip_prefix('-'));
            let Some(release) = release.and_then(|it| releases.by_name(it)) else { continue };
            let Some(group) = row.group(head) else { continue };
            let retired = retired_variant::since(repository, head, row.suffix).is_some();
            variants.push((retired, group.until(), release.build, tags::join(head, row.suffix)));
        }
        // Of two names of one release the one that was made last.
        variants
            .sort_by_key(|(retired, until, build, _)| (*retired, Reverse(*build), until.is_some(), Reverse(*until)));
        variants.dedup_by_key(|(_, _, build, _)| *build);
        let made = variants.iter().any(|(retired, ..)| !retired);
        variants.retain(|(retired, ..)| !(made && *retired));
        Some(variants.into_iter().map(|(_, _, build, tag)| (build, tag)).collect())
    };
    found().unwrap_or_default()
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

    fn tags(image: &str) -> Vec<String> {
        let text = Text::literal(image, Span::new(SourceId(0), 0..image.len()));
        let releases = Releases::default();
        let variants = published_variants(&text, &identify(&text, &[], &releases), &releases);
        variants.into_iter().map(|(_, tag)| tag).collect()
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
            ("mongo:8.2-nanoserver", &["8.2-nanoserver-ltsc2022"]),
            (
                "python:3.14-windowsservercore-ltsc2022",
                &["3.14-windowsservercore-ltsc2025", "3.14-windowsservercore-ltsc2022"],
            ),
            ("docker:29-windowsservercore", &["29-windowsservercore-ltsc2025", "29-windowsservercore-ltsc2022"]),
        ];
        for (image, expected) in table {
            assert_eq!(tags(image), expected, "{image}");
        }
    }

    #[test]
    fn tags_of_old_versions_are_those_that_were_published_of_them() {
        let table: [(&str, &[&str]); 5] = [
            (
                "golang:1.22-windowsservercore-1809",
                &["1.22-windowsservercore-ltsc2025", "1.22-windowsservercore-ltsc2022"],
            ),
            ("golang:1.22.3-windowsservercore-1809", &["1.22.3-windowsservercore-ltsc2022"]),
            // Where none is made any more, all there were.
            (
                "golang:1.12-windowsservercore-1809",
                &[
                    "1.12-windowsservercore-1809",
                    "1.12-windowsservercore-1803",
                    "1.12-windowsservercore-1709",
                    "1.12-windowsservercore-ltsc2016",
                ],
            ),
            (
                "mcr.microsoft.com/dotnet/sdk:8.0.404-nanoserver-1809",
                &["8.0.404-nanoserver-ltsc2022", "8.0.404-nanoserver-1809"],
            ),
            (
                "traefik:3.6-windowsservercore-ltsc2022",
                &["3.6-windowsservercore-ltsc2025", "3.6-windowsservercore-ltsc2022"],
            ),
        ];
        for (image, expected) in table {
            assert_eq!(tags(image), expected, "{image}");
        }
    }

    #[test]
    fn where_the_tags_are_not_known_whole_there_are_none() {
        let table = [
            "golang:1.27-alpine",
            "golang:1.27-windowsservercore-10.0.20348.1",
            "contoso/app:1.0-windowsservercore-ltsc2019",
            "mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-1809-amd64",
            "mcr.microsoft.com/dotnet/core/sdk:8.0-nanoserver-1809",
            "golang:1.99-windowsservercore-ltsc2022",
            "traefik:3.6",
            "mcr.microsoft.com/windows/servercore:ltsc2022",
        ];
        for image in table {
            assert_eq!(tags(image), [""; 0], "{image}");
        }
    }
}
