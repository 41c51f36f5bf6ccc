//! Windows releases inside the tags and names of images that are built on a base image:
//! `4.8-20250408-windowsservercore-ltsc2022`, `nanoserver-1809`, `servercore21H2`, `windowsservercore-10.0.14393.693`.

use std::ops::Range;

use super::{
    identity::{Fault, Identity, unknown},
    reference::Parts,
};
use crate::windows::{Build, Os, OsVersion, family::Family, release::Releases, version};

/// What a name says about the image.
#[derive(Clone)]
struct Found {
    /// The family it is built on, if the name has it.
    family: Option<Family>,
    /// The version, and the bytes of the value that tell it.
    version: Option<(OsVersion, Range<usize>)>,
    /// The word `insider`, where it stands before a build.
    insider: Option<Range<usize>>,
}

/// What the name of a third party's image says.
pub(super) fn third_party(parts: &Parts<'_>, releases: &Releases) -> Identity {
    let mut identity = unknown(parts);
    let Some(found) = find(parts, releases) else { return identity };
    identity.os = Some(Os::Windows);
    identity.family = found.family;
    identity.version = found.version;
    identity.fault = found.insider.map(|at| Box::new(Fault::Insider { at }));
    identity
}

/// Looks in the tag, then in each component of the repository, the last one first.
fn find(parts: &Parts<'_>, releases: &Releases) -> Option<Found> {
    let tag = parts.reference.tag.clone();
    let in_tag = tag.as_ref().and_then(|at| scan(parts.part(at), at.start, None, releases));
    if let Some(found) = in_tag.as_ref().filter(|found| found.version.is_some()) {
        let named = || parts.repository().rsplit('/').find_map(family_of);
        return Some(Found { family: found.family.or_else(named), ..found.clone() });
    }
    let mut end = parts.reference.repository.end;
    let mut in_name = None;
    for component in parts.repository().rsplit('/') {
        let start = end - component.len();
        // `acme/nanoserver:1809`: the name says what the number is.
        let named = family_of(component);
        if let (Some(family), Some(at), None) = (named, &tag, &in_name) {
            let leading = scan(parts.part(at), at.start, Some(family), releases);
            if leading.as_ref().is_some_and(|found| found.version.is_some()) {
                return leading;
            }
        }
        in_name = in_name.or_else(|| scan(component, start, None, releases));
        end = start.saturating_sub(1);
    }
    match (in_tag, in_name) {
        (Some(tag), Some(name)) => Some(Found { family: tag.family.or(name.family), ..name }),
        // `windows-servercore-cache:1.0-linux-amd64`: the name tells what it is for, the tag what it is.
        (None, Some(name)) if name.version.is_none() && has_word(tag.as_ref().map(|at| parts.part(at)), "linux") => {
            None
        }
        (tag, name) => tag.or(name),
    }
}

fn has_word(tag: Option<&str>, word: &str) -> bool {
    tag.unwrap_or_default().split(SEPARATORS).any(|part| part.eq_ignore_ascii_case(word))
}

/// Where the last word of a tag ends that a release may follow: behind `4.8-windowsservercore-`.
pub fn behind_family(tag: &str) -> Option<usize> {
    let mut end = 0;
    let ends = tag.split(SEPARATORS).filter_map(|word| {
        let start = end;
        end += word.len() + 1;
        let (_, glued) = family_prefix(word)?;
        Some(start + word.len() - glued.len())
    });
    ends.last()
}

/// The build that a tag names, wherever it does.
pub(super) fn in_tag(tag: &str, releases: &Releases) -> Option<Build> {
    scan(tag, 0, None, releases)?.version.map(|(version, _)| version.build)
}

/// What ends one word and begins the next.
const SEPARATORS: [char; 3] = ['-', '_', '.'];

/// Reads the words of `text`, which begins at `offset` of the value. `family` stands before the first word.
fn scan(text: &str, offset: usize, family: Option<Family>, releases: &Releases) -> Option<Found> {
    let mut found = Found { family: None, version: None, insider: None };
    // The word before, if it says that a release may follow: its family, or none for the bare word `windows`.
    let mut before: Option<Option<Family>> = family.map(Some);
    let mut insider = None;
    let mut start = 0;
    for word in text.split(SEPARATORS) {
        let at = offset + start..offset + start + word.len();
        let rest = text.get(start..).unwrap_or_default();
        start += word.len() + 1;
        if found.version.is_none() {
            if let Some((version, len)) = version_at(rest, before.is_some() || insider.is_some(), releases) {
                found.version = Some((version, at.start..at.start + len));
                found.family = found.family.or(before.flatten());
                found.insider.clone_from(&insider);
                continue;
            }
            // `ltsc-2019`
            let year = rest.get(word.len() + 1..).filter(|_| word.eq_ignore_ascii_case("ltsc"));
            let year = year.map(|year| year.split(SEPARATORS).next().unwrap_or_default());
            if let Some((year, build)) =
                year.and_then(|it| Some((it, release_word(&format!("ltsc{it}"), true, releases)?)))
            {
                found.version = Some((OsVersion { build, revision: None }, at.start..at.end + 1 + year.len()));
                found.family = found.family.or(before.flatten());
                continue;
            }
            if let Some(build) = release_word(word, before.is_some(), releases) {
                // Only Nano Server was ever tagged so.
                let only = || word.eq_ignore_ascii_case("sac2016").then_some(Family::NanoServer);
                found.version = Some((OsVersion { build, revision: None }, at));
                found.family = found.family.or(before.flatten()).or_else(only);
                continue;
            }
        }
        insider = word.eq_ignore_ascii_case("insider").then_some(at.clone());
        before = None;
        let Some((family, glued)) = family_prefix(word) else { continue };
        if glued.is_empty() {
            before = Some(family);
            found.family = found.family.or(family);
        } else if let Some(build) = release_word(glued, true, releases).filter(|_| found.version.is_none()) {
            found.version = Some((OsVersion { build, revision: None }, at.end - glued.len()..at.end));
            found.family = found.family.or(family);
        }
    }
    (found.version.is_some() || found.family.is_some()).then_some(found)
}

/// `10.0.14393.693` at the start of `text`, and its length. Four numbers are also a product's version: without a
/// word of Windows before it only a build counts that a release has.
fn version_at(text: &str, said_so: bool, releases: &Releases) -> Option<(OsVersion, usize)> {
    let rest = text.strip_prefix("10.0.")?;
    let end = rest.find(['-', '_']).unwrap_or(rest.len());
    let numbers = rest.get(..end)?;
    let (number, revision) = match numbers.split_once('.') {
        // `10.0.17763.${REVISION}`: the build is known.
        Some((number, revision)) if revision.contains('\0') => (number, None),
        Some((number, revision)) => (number, Some(version::revision(revision)?)),
        None => (numbers, None),
    };
    let build = version::build(number)?;
    let len = "10.0.".len() + revision.map_or(number.len(), |_| numbers.len());
    (said_so || releases.by_build(build).is_some()).then_some((OsVersion { build, revision }, len))
}

/// The build of a release that stands as a word of its own. Numbers such as `1809` are dates and versions as well:
/// they count only after a family.
fn release_word(word: &str, after_family: bool, releases: &Releases) -> Option<Build> {
    let lower = word.to_ascii_lowercase();
    if !(after_family || lower.starts_with("ltsc") || lower.starts_with("sac2")) {
        return None;
    }
    // Images of that name are built on Windows Server: the clients called 21H2 and 24H2 have none.
    let name = match lower.as_str() {
        "21h2" => "ltsc2022",
        "24h2" => "ltsc2025",
        other => other,
    };
    let release = releases.by_name(name)?;
    (!release.images.is_empty()).then_some(release.build)
}

/// The family that a word begins with, and what is glued to it: `servercore1809`. None for the bare `windows`,
/// after which a release may follow, but which names no family.
fn family_prefix(word: &str) -> Option<(Option<Family>, &str)> {
    const WORDS: [(&str, Option<Family>); 5] = [
        ("windowsservercore", Some(Family::ServerCore)),
        ("servercore", Some(Family::ServerCore)),
        ("nanoserver", Some(Family::NanoServer)),
        ("windowsserver", Some(Family::Server)),
        ("windows", None),
    ];
    WORDS.into_iter().find_map(|(name, family)| {
        let (start, rest) = word.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then_some((family, rest))
    })
}

/// The family that a repository is called after: `nanoserver`, `acme/windowsservercore`.
fn family_of(component: &str) -> Option<Family> {
    family_prefix(component).filter(|(_, glued)| glued.is_empty()).and_then(|(family, _)| family)
}
