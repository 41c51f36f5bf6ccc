//! What is built on Microsoft's base images officially: Microsoft's own product images and Docker's official images.
//!
//! Sources: the README of each repository of dotnet/dotnet-docker (3ed00b6), microsoft/dotnet-framework-docker
//! (ebb6885), microsoft/iis-docker (58dfbf7) and PowerShell/PowerShell-Docker (c074f94), and `library/*` of
//! docker-library/official-images (37079fb), all of July and August 2026.

use super::{Family, Identity, Parts, Proof, Variants, reference::is_tag, unknown};
use crate::windows::{Build, Os, OsVersion, release::Releases};

const B2016: OsVersion = of_build(14393);
const B2019: OsVersion = of_build(17763);
const B20H2: OsVersion = of_build(19042);
const B2022: OsVersion = of_build(20348);
const B2025: OsVersion = of_build(26100);
/// What Docker's official images have had since 1809 was dropped on 2025-05-30.
const BOTH: &[OsVersion] = &[B2025, B2022];

const fn of_build(build: u16) -> OsVersion {
    OsVersion { build: Build(build), revision: None }
}

/// A Docker official image that has Windows variants.
pub(super) struct Official {
    pub(super) name: &'static str,
    /// The first `major.minor` of which every tag was pushed after 2025-05-30, so that the builds below hold.
    pub(super) since: (u32, u32),
    /// The Windows builds in tags without a variant; empty: Linux only.
    plain: &'static [OsVersion],
    /// Those in `…-windowsservercore`; empty: no such tag.
    pub(super) servercore: &'static [OsVersion],
    /// Those in `…-nanoserver`; empty: no such tag.
    pub(super) nanoserver: &'static [OsVersion],
}

#[rustfmt::skip]
const OFFICIAL: [Official; 15] = [
    Official { name: "golang", since: (1, 25), plain: BOTH, servercore: BOTH, nanoserver: BOTH },
    Official { name: "python", since: (3, 14), plain: BOTH, servercore: BOTH, nanoserver: &[] },
    Official { name: "pypy", since: (3, 12), plain: BOTH, servercore: BOTH, nanoserver: &[] },
    Official { name: "julia", since: (1, 12), plain: BOTH, servercore: BOTH, nanoserver: &[] },
    Official { name: "haxe", since: (5, 0), plain: BOTH, servercore: BOTH, nanoserver: &[] },
    Official { name: "hylang", since: (1, 2), plain: BOTH, servercore: BOTH, nanoserver: &[] },
    Official { name: "caddy", since: (2, 11), plain: BOTH, servercore: BOTH, nanoserver: BOTH },
    Official { name: "eclipse-temurin", since: (25, 0), plain: BOTH, servercore: BOTH, nanoserver: BOTH },
    Official { name: "mongo", since: (8, 2), plain: BOTH, servercore: BOTH, nanoserver: &[B2022] },
    Official { name: "nats", since: (2, 12), plain: &[B2022], servercore: &[B2022], nanoserver: &[B2022] },
    Official { name: "hello-world", since: (0, 0), plain: BOTH, servercore: &[], nanoserver: BOTH },
    Official { name: "swift", since: (6, 2), plain: &[], servercore: &[B2022], nanoserver: &[] },
    Official { name: "docker", since: (29, 0), plain: &[], servercore: BOTH, nanoserver: &[] },
    Official { name: "traefik", since: (0, 0), plain: &[], servercore: &[], nanoserver: &[] },
    Official { name: "redis", since: (0, 0), plain: &[], servercore: &[], nanoserver: &[] },
];

/// Docker official images without any Windows variant.
const LINUX_ONLY: [&str; 26] = [
    "almalinux",
    "alpine",
    "amazonlinux",
    "archlinux",
    "buildpack-deps",
    "busybox",
    "centos",
    "debian",
    "fedora",
    "gcc",
    "haproxy",
    "httpd",
    "mariadb",
    "memcached",
    "mysql",
    "nginx",
    "node",
    "oraclelinux",
    "perl",
    "php",
    "postgres",
    "rabbitmq",
    "rockylinux",
    "ruby",
    "rust",
    "ubuntu",
];

/// Words of tags of the repositories here that only Linux images have: distributions, and Debian's `slim`.
const DISTRIBUTIONS: [&str; 20] = [
    "alpine",
    "azurelinux",
    "bionic",
    "bookworm",
    "bullseye",
    "buster",
    "cbl",
    "debian",
    "focal",
    "jammy",
    "jessie",
    "mariner",
    "noble",
    "slim",
    "resolute",
    "stretch",
    "trixie",
    "ubi",
    "ubuntu",
    "xenial",
];

/// What is known of an image by its name, if it is one of the repositories here.
pub(super) fn identify(parts: &Parts<'_>, releases: &Releases) -> Option<Identity> {
    let repository = parts.repository();
    if parts.on_mcr() {
        return on_mcr(repository, parts, releases);
    }
    let name = parts.on_docker_hub()?;
    if LINUX_ONLY.contains(&name) {
        return Some(Identity { os: Some(Os::Linux), proof: Proof::Known, ..unknown(parts) });
    }
    // Its plain tags were left behind in 2022; all that is pushed now has a suffix.
    if name == "openjdk" {
        return Some(known(parts, releases));
    }
    let row = row(name)?;
    let mut identity = known(parts, releases);
    if identity.os.is_none() || identity.version.is_none() {
        variant(&mut identity, row, parts);
    }
    Some(identity)
}

/// What is known of the tags of a Docker official image that has Windows variants.
pub(super) fn row(name: &str) -> Option<&'static Official> {
    OFFICIAL.iter().find(|row| row.name == name)
}

/// A known repository with what its tag names: a Windows release or family, or a Linux distribution.
fn known(parts: &Parts<'_>, releases: &Releases) -> Identity {
    let mut identity = Identity { proof: Proof::Known, ..super::third_party(parts, releases) };
    identity.proof = Proof::Known;
    if identity.os.is_none() && has_distribution(parts) {
        identity.os = Some(Os::Linux);
    }
    identity
}

fn has_distribution(parts: &Parts<'_>) -> bool {
    parts.tag().unwrap_or_default().split(['-', '_']).any(|word| {
        // `alpine3.18`, `ubi9`, `alpine${VERSION}`
        let name = word.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '\0'));
        DISTRIBUTIONS.contains(&name)
    })
}

/// What a tag of a Docker official image without a release holds.
fn variant(identity: &mut Identity, row: &Official, parts: &Parts<'_>) {
    if identity.os == Some(Os::Linux) {
        return;
    }
    let Some(tag) = whole_tag(parts) else { return };
    let builds = match identity.family {
        Some(Family::NanoServer) => row.nanoserver,
        Some(_) => row.servercore,
        None => row.plain,
    };
    let linux = identity.family.is_none();
    // Of other suffixes it is not known which platforms they have.
    if linux && !row.plain.is_empty() && !is_plain(tag) {
        return;
    }
    if linux && row.plain.is_empty() {
        identity.os = Some(Os::Linux);
    }
    let holds = match version_of(tag) {
        Some(version) => version >= row.since,
        // `latest` and `windowsservercore` move on; that none of a Linux image is Windows holds for all.
        None => tag == "latest" || !linux || builds.is_empty(),
    };
    if holds && (linux || !builds.is_empty()) {
        identity.variants = Some(Variants { windows: builds.into(), linux });
    }
}

/// `latest`, `1.27`, `25-jre`.
fn is_plain(tag: &str) -> bool {
    let mut words = tag.split('-');
    let first = words.next().unwrap_or_default();
    (tag == "latest" || version_of(first).is_some()) && words.all(|word| matches!(word, "jdk" | "jre"))
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
        return Some(iis(known(parts, releases), parts));
    }
    if let Some(name) = repository.strip_prefix("dotnet/framework/") {
        return Some(framework(known(parts, releases), name, parts));
    }
    let dotnet = ["dotnet/core-nightly/", "dotnet/core/", "dotnet/nightly/", "dotnet/"];
    // The same images, under the names of .NET Core.
    if let Some(name) = dotnet.into_iter().find_map(|prefix| repository.strip_prefix(prefix)) {
        return Some(dotnet_core(known(parts, releases), name, parts));
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

/// `latest` is all four LTSC releases.
fn iis(mut identity: Identity, parts: &Parts<'_>) -> Identity {
    identity.os = Some(Os::Windows);
    identity.family = Some(Family::ServerCore);
    if whole_tag(parts) == Some("latest") {
        identity.variants = Some(Variants { windows: (&[B2025, B2022, B2019, B2016]).into(), linux: false });
    }
    identity
}

/// Since 2025-10-14 `latest` and `4.8` are Windows Server 2019 and 2016, `4.8.1` is 2025 and 2022, and no others are
/// pushed (microsoft/dotnet-framework-docker 7e6e683b); those are as they were in September 2025.
fn framework(mut identity: Identity, name: &str, parts: &Parts<'_>) -> Identity {
    identity.os = Some(Os::Windows);
    identity.family = Some(Family::ServerCore);
    if identity.version.is_none() && matches!(name, "sdk" | "runtime" | "aspnet" | "wcf") {
        let builds: &'static [OsVersion] = match whole_tag(parts) {
            Some("latest" | "4.8" | "4.7.2") => &[B2019, B2016],
            Some("4.8.1") => BOTH,
            Some("3.5") => &[B2022, B2019, B2016],
            Some("4.7.1" | "4.7" | "4.6.2") => {
                identity.version = parts.reference.tag.clone().map(|at| (B2016, at));
                return identity;
            }
            _ => return identity,
        };
        identity.variants = Some(Variants { windows: builds.into(), linux: false });
    }
    identity
}

/// From .NET 8 on multi-platform tags have no Windows image (dotnet/dotnet-docker#4492). Those before had Nano Server;
/// which, is read from the repository's README on the day before their last.
fn dotnet_core(mut identity: Identity, name: &str, parts: &Parts<'_>) -> Identity {
    if name == "runtime-deps" {
        identity.os = Some(Os::Linux);
        return identity;
    }
    if identity.os.is_some() || !matches!(name, "sdk" | "aspnet" | "runtime") {
        return identity;
    }
    let Some(tag) = whole_tag(parts) else { return identity };
    let major = if tag == "latest" { Some(u32::MAX) } else { version_of(tag).map(|(major, _)| major) };
    if let Some(8..) = major {
        identity.os = Some(Os::Linux);
        identity.variants = Some(Variants { windows: (&[]).into(), linux: true });
        return identity;
    }
    let builds: &[OsVersion] = match tag {
        "7.0" | "6.0" | "3.1" => &[B2022, B2019],
        "5.0" => &[B2022, B20H2, B2019],
        _ => return identity,
    };
    identity.variants = Some(Variants { windows: builds.into(), linux: true });
    identity
}
