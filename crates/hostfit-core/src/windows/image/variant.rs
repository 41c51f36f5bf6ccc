//! Tags of official images that differ in nothing but the Windows release.
//!
//! Sources: the same as those of [`official`].

use super::{Family, Identity, Parts, official};
use crate::{
    text::Text,
    windows::{
        Build,
        release::{Release, Releases},
    },
};

/// What a tag of a product is made of: `8.0`, Nano Server, and the releases there are of it.
struct Product<'t> {
    /// What stands before the family; nothing for tags that move with every version.
    version: &'t str,
    family: Family,
    /// As the tags call them.
    releases: &'static [&'static str],
}

/// The tags under which the same version of the same product is published on a Windows release, with its build; the tag
/// itself is one of them, if it names a release. Empty where they are not known whole.
pub fn published_variants(text: &Text, identity: &Identity, releases: &Releases) -> Vec<(Build, String)> {
    let masked = text.masked();
    let parts = Parts { value: &masked, reference: identity.reference.clone() };
    let Some(product) = product(&parts) else { return Vec::new() };
    let family = if product.family == Family::NanoServer { "nanoserver" } else { "windowsservercore" };
    let hyphen = if product.version.is_empty() { "" } else { "-" };
    let tag = |name: &&str| {
        let build = releases.by_name(name).map(|release: &Release| release.build)?;
        Some((build, format!("{}{hyphen}{family}-{name}", product.version)))
    };
    product.releases.iter().filter_map(tag).collect()
}

fn product<'p>(parts: &'p Parts<'_>) -> Option<Product<'p>> {
    let tag = official::whole_tag(parts)?;
    let (version, variant) = split(tag)?;
    let repository = parts.repository();
    if !parts.on_mcr() {
        let row = official::row(parts.on_docker_hub()?)?;
        // Of tags without a family it is plain only for these what they hold on Windows.
        let family = match variant {
            Some(family) => family,
            None if matches!(row.name, "golang" | "python" | "pypy" | "julia") => Family::ServerCore,
            None => return None,
        };
        let builds = if family == Family::NanoServer { row.nanoserver } else { row.servercore };
        let version = if version == "latest" { "" } else { version };
        let known = version.is_empty() || official::version_of(version).is_some_and(|it| it >= row.since);
        let releases: &[&str] = match builds {
            [_, _] => &["ltsc2025", "ltsc2022"],
            [_] => &["ltsc2022"],
            _ => return None,
        };
        return known.then_some(Product { version, family, releases });
    }
    if repository == "windows/servercore/iis" {
        let moves = version == "latest" || version.is_empty() && variant.is_some();
        let releases = &["ltsc2025", "ltsc2022", "ltsc2019", "ltsc2016"];
        return moves.then_some(Product { version: "", family: Family::ServerCore, releases });
    }
    if let Some(name) = repository.strip_prefix("dotnet/framework/") {
        if !matches!(name, "sdk" | "runtime" | "aspnet" | "wcf") || variant == Some(Family::NanoServer) {
            return None;
        }
        let (version, releases): (_, &[&str]) = match version {
            "latest" | "4.8" => ("4.8", &["ltsc2019", "ltsc2016"]),
            "4.8.1" => ("4.8.1", &["ltsc2025", "ltsc2022"]),
            _ => return None,
        };
        return Some(Product { version, family: Family::ServerCore, releases });
    }
    let name = repository.strip_prefix("dotnet/")?;
    if !matches!(name, "sdk" | "aspnet" | "runtime") {
        return None;
    }
    let family = variant.unwrap_or(Family::NanoServer);
    let releases: &[&str] = match (version, family) {
        ("8.0" | "9.0", Family::NanoServer) => &["ltsc2025", "ltsc2022", "1809"],
        ("8.0" | "9.0", _) => &["ltsc2025", "ltsc2022", "ltsc2019"],
        ("10.0", _) => &["ltsc2025", "ltsc2022"],
        _ => return None,
    };
    Some(Product { version, family, releases })
}

/// `8.0-nanoserver-1809` as `8.0` and the family, if it says which. None where there is anything else.
fn split(tag: &str) -> Option<(&str, Option<Family>)> {
    const FAMILIES: [(&str, Family); 2] =
        [("windowsservercore", Family::ServerCore), ("nanoserver", Family::NanoServer)];
    for (name, family) in FAMILIES {
        let Some(at) = tag.find(name) else { continue };
        let (before, behind) = (tag.get(..at)?, tag.get(at + name.len()..)?);
        let version = if before.is_empty() { before } else { before.strip_suffix('-')? };
        let release = if behind.is_empty() { None } else { Some(behind.strip_prefix('-')?) };
        let is_release = release.is_none_or(|it| {
            it == "1809" || it.strip_prefix("ltsc").is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()))
        });
        return is_release.then_some((version, Some(family)));
    }
    (!tag.contains('-')).then_some((tag, None))
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
    fn where_the_tags_are_not_known_whole_there_are_none() {
        let table = [
            "golang:1.22-windowsservercore-1809",
            "golang:1.27-alpine",
            "golang:1.27-windowsservercore-10.0.20348.1",
            "contoso/app:1.0-windowsservercore-ltsc2019",
            "mcr.microsoft.com/dotnet/sdk:3.1-nanoserver-1809",
            "mcr.microsoft.com/dotnet/sdk:8.0.404-nanoserver-1809",
            "mcr.microsoft.com/dotnet/sdk:8.0-nanoserver-1809-amd64",
            "mcr.microsoft.com/dotnet/core/sdk:8.0-nanoserver-1809",
            "mcr.microsoft.com/dotnet/framework/aspnet:4.7.2-windowsservercore-ltsc2019",
            "mcr.microsoft.com/dotnet/framework/aspnet:4.8-20250408-windowsservercore-ltsc2019",
            "eclipse-temurin:25",
            "traefik:3.6-windowsservercore-ltsc2022",
            "mcr.microsoft.com/windows/servercore:ltsc2022",
        ];
        for image in table {
            assert_eq!(tags(image), [""; 0], "{image}");
        }
    }
}
