//! Microsoft's base images: their repositories and the grammar of their tags.

use super::{
    identity::{Fault, Identity, Proof, unknown},
    reference::{Parts, is_tag},
    release_in_name, tags,
};
use crate::windows::{Build, Os, OsVersion, family::Family, release::Releases, version};

/// What is known of an image by its name, if it is one of the Windows repositories of `mcr.microsoft.com`.
pub(super) fn identify(parts: &Parts<'_>, releases: &Releases) -> Option<Identity> {
    if !parts.on_mcr() {
        return None;
    }
    let repository = parts.repository();
    let mut identity = Identity { os: Some(Os::Windows), proof: Proof::Known, ..unknown(parts) };
    if let Some(family) = insider_of(repository) {
        identity.family = Some(family);
        identity.version = build_and_revision(parts);
        let end = parts.reference.repository.end;
        identity.fault = Some(Box::new(Fault::Insider { at: end - "insider".len()..end }));
        return Some(identity);
    }
    if let Some(family) = Family::ALL.into_iter().find(|family| repository == path(*family)) {
        identity.family = Some(family);
        identity.is_base = true;
        judge_tag(&mut identity, family, parts, releases);
        return Some(identity);
    }
    // `windows/servercore${SUFFIX}`: whatever that is, it is Windows.
    (repository.starts_with("windows/") && repository.contains('\0')).then_some(identity)
}

/// `windows/servercore`.
pub(super) fn path(family: Family) -> &'static str {
    family.repository().trim_start_matches("mcr.microsoft.com/")
}

fn insider_of(repository: &str) -> Option<Family> {
    // `windows/nanoserver-insider` is how Docker Hub's name was carried over.
    let parent = repository.strip_suffix("/insider").or_else(|| repository.strip_suffix("-insider"))?;
    Family::ALL.into_iter().find(|family| parent == path(*family))
}

fn build_and_revision(parts: &Parts<'_>) -> Option<(OsVersion, std::ops::Range<usize>)> {
    let at = parts.reference.tag.clone()?;
    match read(parts.part(&at))? {
        Tag::Version(version, len) => Some((version, at.start..at.start + len)),
        Tag::Named(_) => None,
    }
}

/// A tag of a base image without KB and architecture.
enum Tag<'a> {
    /// `ltsc2022`, `1809`, anything that may name a release.
    Named(&'a str),
    /// `10.0.17763.437`, with its length.
    Version(OsVersion, usize),
}

/// Fills in version and fault of an image of `family`.
fn judge_tag(identity: &mut Identity, family: Family, parts: &Parts<'_>, releases: &Releases) {
    let Some(at) = parts.reference.tag.clone() else {
        if parts.reference.digest.is_none() {
            let end = parts.reference.repository.end;
            identity.fault = Some(Box::new(Fault::UnpublishedLatest { at: end..end }));
        }
        return;
    };
    let tag = parts.part(&at);
    if tag == "latest" {
        // With a digest the tag says nothing: the image is there, whatever it is.
        identity.fault = parts.reference.digest.is_none().then(|| Box::new(Fault::UnpublishedLatest { at }));
        return;
    }
    match read(tag) {
        Some(Tag::Named(name)) => {
            // Of another family's tag the release is plain all the same.
            let published = releases.published_tags(family).find(|(tag, _)| tag.eq_ignore_ascii_case(name));
            let release = published.map(|(_, release)| release).or_else(|| of_any_family(name, releases));
            identity.version = release
                .map(|release| (OsVersion { build: release.build, revision: None }, at.start..at.start + name.len()));
        }
        Some(Tag::Version(version, len)) => identity.version = Some((version, at.start..at.start + len)),
        None => {}
    }
    if is_published(tag, family, releases) {
        return;
    }
    // Unknown parts and placeholders of templates are no tags yet; a digest needs none.
    if parts.reference.digest.is_none() && is_tag(tag) && !is_placeholder(tag) {
        let (instead, repository) = nearest(tag, family, releases);
        identity.fault = Some(Box::new(Fault::UnknownTag { at, instead, repository }));
    }
}

/// `XXX`, `OS_VERSION`: what a script fills in before anybody builds from it. No published tag looks like that.
fn is_placeholder(tag: &str) -> bool {
    tag.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// Whether `tag` was published for `family`, with KB, architecture and revision or without.
pub(super) fn is_published(tag: &str, family: Family, releases: &Releases) -> bool {
    match read(tag) {
        Some(Tag::Named(name)) => releases.published_tags(family).any(|(tag, _)| tag.eq_ignore_ascii_case(name)),
        Some(Tag::Version(version, _)) => {
            // A build newer than the table may well have images; whoever wrote it knows more than the table.
            let newer = releases.newest_build().is_none_or(|newest| version.build > newest);
            version.revision.is_some() && (newer || releases.tag_of(family, version.build).is_some())
        }
        None => false,
    }
}

/// Whether exactly this tag is known to have been published for `family`: somebody pulled it, with its architecture or
/// without, or the user declares the release.
pub(super) fn is_known(tag: &str, family: Family, releases: &Releases) -> bool {
    match read(tag) {
        Some(Tag::Named(name)) if name == without_arch(tag) => {
            let declared = releases.declared().filter_map(|release| release.images_of(family));
            tags::find(path(family), name).is_some() || declared.flat_map(|images| &*images.tags).any(|it| it == name)
        }
        Some(Tag::Version(_, len)) if len == tag.len() => tags::find(path(family), tag).is_some(),
        _ => false,
    }
}

fn of_any_family<'r>(name: &str, releases: &'r Releases) -> Option<&'r crate::windows::release::Release> {
    let published = |family| releases.published_tags(family).find(|(tag, _)| tag.eq_ignore_ascii_case(name));
    Family::ALL.into_iter().find_map(published).map(|(_, release)| release)
}

/// Reads a tag after Microsoft's grammar: `CHANNEL`, `CHANNEL-KBnnnnnnn` (until 2019-02-12 with an underscore) or
/// `10.0.BUILD.REVISION`, each with an architecture or without (techcommunity.microsoft.com ba-p/382435).
fn read(tag: &str) -> Option<Tag<'_>> {
    let plain = without_arch(tag);
    if plain.starts_with("10.0.") {
        let version = exact_version(plain)?;
        // An unknown revision takes no part: `10.0.17763.${REVISION}`.
        let len = plain.find(".\0").unwrap_or(plain.len());
        return Some(Tag::Version(version, len));
    }
    let name = without_kb(plain);
    (!name.is_empty() && is_tag(name)).then_some(Tag::Named(name))
}

fn exact_version(text: &str) -> Option<OsVersion> {
    let rest = text.strip_prefix("10.0.")?;
    let (build, revision) = match rest.split_once('.') {
        // `10.0.17763.${REVISION}`: the build is known.
        Some((build, revision)) if revision.contains('\0') => (build, None),
        Some((build, revision)) => (build, Some(version::revision(revision)?)),
        None => (rest, None),
    };
    Some(OsVersion { build: version::build(build)?, revision })
}

/// A tag without the architecture that it ends in, if it does.
pub(super) fn without_arch(tag: &str) -> &str {
    match tag.rfind(['-', '_']).and_then(|at| tag.split_at_checked(at)) {
        Some((rest, arch)) if is_arch(arch.trim_start_matches(['-', '_'])) => rest,
        _ => tag,
    }
}

/// An architecture, or a variable after a hyphen, which holds one as a rule.
fn is_arch(text: &str) -> bool {
    ["amd64", "arm64", "arm", "arm32v7", "arm64v8"].iter().any(|arch| text.eq_ignore_ascii_case(arch))
        || (!text.is_empty() && text.bytes().all(|byte| byte == 0))
}

fn without_kb(tag: &str) -> &str {
    let Some((rest, last)) = tag.rfind(['-', '_']).and_then(|at| tag.split_at_checked(at)) else { return tag };
    let is_kb = last.get(1..3).is_some_and(|kb| kb.eq_ignore_ascii_case("kb"))
        && last
            .get(3..)
            .is_some_and(|number| (6..=7).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()));
    if is_kb { rest } else { tag }
}

/// The published tag that was most likely meant, and the repository that has it, if that is another one.
fn nearest(tag: &str, family: Family, releases: &Releases) -> (Option<String>, Option<&'static str>) {
    let Some(build) = meant(tag, releases) else { return (None, None) };
    let others = match family {
        // Windows Server took the place of the full Windows image with 20348; the release decides what runs, so it
        // is kept and the repository changes.
        Family::Windows => [Family::Windows, Family::Server],
        Family::Server => [Family::Server, Family::Windows],
        Family::ServerCore | Family::NanoServer => [family, family],
    };
    others
        .into_iter()
        .find_map(|other| {
            let tag = releases.tag_of(other, build)?;
            Some((Some(tag.to_owned()), (other != family).then(|| other.repository())))
        })
        .unwrap_or_default()
}

fn meant(tag: &str, releases: &Releases) -> Option<Build> {
    let plain = without_kb(without_arch(tag));
    // The year alone, and what the server releases call themselves beside their names.
    let short = match plain {
        "2016" => "ltsc2016",
        "2019" => "ltsc2019",
        "2022" | "21H2" | "21h2" => "ltsc2022",
        "2025" | "24H2" | "24h2" => "ltsc2025",
        other => other,
    };
    releases
        .by_name(short)
        .map(|release| release.build)
        .or_else(|| exact_version(plain).map(|version| version.build))
        .or_else(|| release_in_name::in_tag(tag, releases))
}
