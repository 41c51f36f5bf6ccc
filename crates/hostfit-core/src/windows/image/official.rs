//! What is built on Microsoft's base images officially: Microsoft's own product images and Docker's official images.
//!
//! What their tags hold is in [`tags`]. Other sources: the README of each repository of dotnet/dotnet-docker (3ed00b6),
//! microsoft/dotnet-framework-docker (ebb6885) and PowerShell/PowerShell-Docker (c074f94), all of July and August 2026.

use super::{
    identity::{Identity, Proof, Variants, unknown},
    reference::{Parts, is_tag},
    release_in_name,
    tags::{self, Row},
};
use crate::windows::{Os, family::Family, release::Releases};

/// What is known of an image by its name, if it is one of the repositories here.
pub(super) fn identify(parts: &Parts<'_>, releases: &Releases) -> Option<Identity> {
    let repository = parts.repository();
    if parts.on_mcr() {
        return on_mcr(repository, parts, releases);
    }
    let name = parts.on_docker_hub()?;
    if tags::is_linux_only(name) {
        return Some(Identity { os: Some(Os::Linux), proof: Proof::Known, ..unknown(parts) });
    }
    if !tags::has(name) || name.contains('/') {
        return None;
    }
    let mut identity = known(parts, releases);
    if identity.os.is_none() || identity.version.is_none() {
        variant(&mut identity, name, parts);
    }
    Some(identity)
}

/// The name of the repository in the table of tags, if it is there.
pub(super) fn repository<'a>(parts: &'a Parts<'_>) -> Option<&'a str> {
    let name =
        if parts.on_mcr() { parts.repository() } else { parts.on_docker_hub().filter(|name| !name.contains('/'))? };
    tags::has(name).then_some(name)
}

/// A known repository with what its tag names: a Windows release or family, or a Linux distribution.
fn known(parts: &Parts<'_>, releases: &Releases) -> Identity {
    let mut identity = Identity { proof: Proof::Known, ..release_in_name::third_party(parts, releases) };
    identity.proof = Proof::Known;
    if identity.os.is_none() && has_distribution(parts) {
        identity.os = Some(Os::Linux);
    }
    identity
}

fn has_distribution(parts: &Parts<'_>) -> bool {
    parts.tag().unwrap_or_default().split(['-', '_']).any(tags::is_distribution)
}

/// What a tag of a Docker official image without a release holds.
fn variant(identity: &mut Identity, name: &str, parts: &Parts<'_>) {
    if identity.os == Some(Os::Linux) {
        return;
    }
    let Some(tag) = whole_tag(parts) else { return };
    if let Some(row) = tags::find(name, tag).or_else(|| newest(name, tag)) {
        identity.variants = Some(Variants { windows: row.windows().into(), linux: row.has_linux() });
    } else if identity.family.is_none() && tags::rows_of(name, "").next().is_none() {
        // No tag without a family ever had a Windows variant.
        identity.os = Some(Os::Linux);
        identity.variants = Some(Variants { windows: (&[]).into(), linux: true });
    }
}

/// The tags of the newest version, for one that is newer than the table: they had the same platforms for years.
fn newest(name: &str, tag: &str) -> Option<Row> {
    let (head, suffix) = tags::split(tag);
    let asked = version_of(head).filter(|_| is_plain(head))?;
    let of = |row: &Row| row.groups().filter(|group| group.until().is_none()).filter_map(|it| exact(it.line)).max();
    let (version, row) =
        tags::rows_of(name, suffix).filter_map(|row| Some((of(&row)?, row))).max_by_key(|(it, _)| *it)?;
    (asked > version && asked.1 != u32::MAX).then_some(row)
}

/// `1.27`, but not `1` and `latest`.
pub(super) fn exact(line: &str) -> Option<(u32, u32)> {
    version_of(line).filter(|(_, minor)| *minor != u32::MAX)
}

/// `1.27`, `25-jre`.
fn is_plain(head: &str) -> bool {
    let mut words = head.split('-');
    version_of(words.next().unwrap_or_default()).is_some() && words.all(|word| matches!(word, "jdk" | "jre"))
}

/// The tag, `latest` where there is neither one nor a digest; none where it is not known whole.
pub(super) fn whole_tag<'a>(parts: &'a Parts<'_>) -> Option<&'a str> {
    if parts.value.contains('\0') {
        return None;
    }
    match parts.tag() {
        Some(tag) => is_tag(tag).then_some(tag),
        None => parts.reference.digest.is_none().then_some("latest"),
    }
}

/// `major.minor` at the start of a tag; a major alone moves with its newest minor.
pub(super) fn version_of(tag: &str) -> Option<(u32, u32)> {
    let word = tag.split('-').next()?;
    let mut numbers = word.split('.');
    let major = numbers.next()?.parse().ok()?;
    match numbers.next() {
        None => Some((major, u32::MAX)),
        Some(minor) => Some((major, minor.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok()?)),
    }
}

fn on_mcr(repository: &str, parts: &Parts<'_>, releases: &Releases) -> Option<Identity> {
    if repository == "windows/servercore/iis" {
        return Some(of_windows(known(parts, releases), repository, parts));
    }
    if repository.starts_with("dotnet/framework/") {
        return Some(of_windows(known(parts, releases), repository, parts));
    }
    let dotnet = ["dotnet/core-nightly/", "dotnet/core/", "dotnet/nightly/", "dotnet/"];
    // The same images, under the names of .NET Core.
    if let Some(name) = dotnet.into_iter().find_map(|prefix| repository.strip_prefix(prefix)) {
        return Some(dotnet_core(known(parts, releases), name, repository, parts));
    }
    match repository {
        "powershell" => {
            let mut identity = known(parts, releases);
            if identity.os.is_none() && whole_tag(parts).is_some() {
                identity.os = Some(Os::Linux);
                identity.variants = Some(Variants { windows: (&[]).into(), linux: true });
            }
            Some(identity)
        }
        // It carries no OS version and runs on every build (microsoft/windows-host-process-containers-base-image).
        "oss/kubernetes/windows-host-process-containers-base-image" => {
            Some(Identity { os: Some(Os::Windows), fits_every_build: true, ..known(parts, releases) })
        }
        "businesscentral" => Some(Identity { os: Some(Os::Windows), ..known(parts, releases) }),
        "mssql/server" | "azure-sql-edge" => {
            Some(Identity { os: Some(Os::Linux), proof: Proof::Known, ..unknown(parts) })
        }
        _ => None,
    }
}

/// Images on Server Core only: IIS and .NET Framework.
fn of_windows(mut identity: Identity, repository: &str, parts: &Parts<'_>) -> Identity {
    identity.os = Some(Os::Windows);
    identity.family = Some(Family::ServerCore);
    if identity.version.is_some() {
        return identity;
    }
    let Some(row) = whole_tag(parts).and_then(|tag| tags::find(repository, tag)) else { return identity };
    let windows = row.windows();
    match (windows.as_slice(), &parts.reference.tag) {
        // `4.7` has one image.
        ([only], Some(at)) => identity.version = Some((*only, at.clone())),
        _ => identity.variants = Some(Variants { windows: windows.into(), linux: false }),
    }
    identity
}

/// From .NET 8 on multi-platform tags have no Windows image (dotnet/dotnet-docker#4492). Those before had Nano Server.
fn dotnet_core(mut identity: Identity, name: &str, repository: &str, parts: &Parts<'_>) -> Identity {
    if name == "runtime-deps" {
        identity.os = Some(Os::Linux);
        return identity;
    }
    if identity.os.is_some() || !matches!(name, "sdk" | "aspnet" | "runtime") {
        return identity;
    }
    let Some(tag) = whole_tag(parts) else { return identity };
    if let Some(row) = tags::find(repository, tag).filter(|row| !row.windows().is_empty()) {
        identity.variants = Some(Variants { windows: row.windows().into(), linux: row.has_linux() });
        return identity;
    }
    // `latest` of .NET Core is that of 3.1, and in the table.
    let today = !repository.starts_with("dotnet/core");
    let major = if tag == "latest" { Some(u32::MAX) } else { version_of(tag).map(|(major, _)| major) };
    if today && major >= Some(8) {
        identity.os = Some(Os::Linux);
        identity.variants = Some(Variants { windows: (&[]).into(), linux: true });
    }
    identity
}
