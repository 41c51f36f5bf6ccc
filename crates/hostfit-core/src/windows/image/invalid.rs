//! Names that no registry serves, but that are plainly meant for a Windows image.
//!
//! Microsoft's own page on version compatibility has had `windows/servercore:1709` and
//! `mcr.microsoft.com/microsoft-windows-nanoserver` since 2020-10-30 (MicrosoftDocs/Virtualization-Documentation
//! 00671ac3); the latter kind is the name of a Docker Hub *page*.

use super::{
    base,
    identity::{Fault, Identity},
    official,
    reference::{self, Parts, Reference},
    release_in_name,
};
use crate::windows::release::Releases;

/// The repositories under `mcr.microsoft.com/` that are meant, by every spelling without its hyphens.
const MEANT: [(&str, &[&str]); 5] = [
    (
        "windows/servercore",
        &["windows/servercore", "windowsservercore", "servercore", "windows/windowsservercore", "windows/core"],
    ),
    (
        "windows/nanoserver",
        &["windows/nanoserver", "windowsnanoserver", "nanoserver", "windows/windowsnanoserver", "windows/nano"],
    ),
    ("windows/server", &["windows/server", "windowsserver", "windows/windowsserver"]),
    (
        "windows/servercore/iis",
        &[
            "windows/servercore/iis",
            "windowsservercore/iis",
            "windowsservercoreiis",
            "windows/iis",
            "servercore/iis",
            "iis",
        ],
    ),
    ("windows", &["windows"]),
];

/// What is known of an image whose name is a misspelling.
pub(super) fn identify(parts: &Parts<'_>, releases: &Releases) -> Option<Identity> {
    let repository = parts.repository();
    if repository.contains('\0') {
        return None;
    }
    let right = if parts.on_mcr() {
        misspelt(repository.strip_prefix("microsoft/").unwrap_or(repository))
    } else {
        let name = parts.on_docker_hub()?;
        // Anybody may call a local image `servercore`; a name that begins with `windows/` is Microsoft's.
        if name.starts_with("windows/") || name.starts_with("microsoft-windows-") { misspelt(name) } else { None }
    }?;
    if parts.on_mcr() && right == repository {
        return None;
    }
    // The image that is meant tells the release.
    let value = format!("mcr.microsoft.com/{right}");
    let mut identity = meant(parts, right, releases);
    let fault = Fault::InvalidRepository { at: parts.reference.name(), instead: Some(value) };
    identity.fault = Some(Box::new(fault));
    Some(identity)
}

fn misspelt(name: &str) -> Option<&'static str> {
    let page = name.strip_prefix("microsoft-").map(|page| page.replacen("windows-", "windows/", 1));
    let plain: String = page.as_deref().unwrap_or(name).chars().filter(|c| !matches!(c, '-' | '_')).collect();
    let plain = plain.to_ascii_lowercase();
    MEANT.iter().find(|(_, spellings)| spellings.contains(&plain.as_str())).map(|(right, _)| *right)
}

/// What the right name with the same tag and digest identifies, with the ranges of the wrong one.
pub(super) fn meant(parts: &Parts<'_>, right: &str, releases: &Releases) -> Identity {
    const REGISTRY: &str = "mcr.microsoft.com";
    let tail = parts.value.get(parts.reference.repository.end..).unwrap_or_default();
    let value = format!("{REGISTRY}/{right}{tail}");
    let reference = reference::parse(&value);
    let shift = |at: std::ops::Range<usize>| {
        let (from, to) = (reference.repository.end, parts.reference.repository.end);
        (at.start + to).saturating_sub(from)..(at.end + to).saturating_sub(from)
    };
    let right = Parts { value: &value, reference: Reference { ..reference.clone() } };
    let mut identity = base::identify(&right, releases)
        .or_else(|| official::identify(&right, releases))
        .unwrap_or_else(|| release_in_name::third_party(&right, releases));
    identity.version = identity.version.map(|(version, at)| (version, shift(at)));
    identity.reference = parts.reference.clone();
    identity.fault = None;
    identity
}
