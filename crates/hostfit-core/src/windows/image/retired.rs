//! Docker Hub's `microsoft/…` repositories, which were moved to `mcr.microsoft.com` or given up.
//!
//! Sources: techcommunity.microsoft.com ba-p/382430 (2018-11-13) and ba-p/393045 (2019-04-02: "MCR is the exclusive
//! download source for new tags", `latest` removed on 2019-04-16), dotnet/announcements#197 (.NET, deleted from Docker
//! Hub by 2021-08-21), microsoft/mssql-docker#709 and #799 (SQL Server on Windows, deleted).

use super::{
    base,
    identity::{Doubt, Fault, Identity, Proof},
    invalid,
    nearest::nearest,
    published::is_published,
    reference::Parts,
    release_in_name, tags,
};
use crate::windows::{Os, family::Family, release::Releases};

/// What became of a repository.
enum Successor {
    /// One repository, with the same tags but for what is retired there.
    Same(&'static str),
    /// The repository depends on a word of the tag, which the new tags lack: `2.1-sdk` of `microsoft/dotnet`.
    ByTag(&'static [(&'static str, &'static str)]),
    /// One repository, with the same tags, but without something that the old one had.
    Without(&'static str, &'static str),
    /// Nothing.
    None,
}

use Successor::{ByTag, Same, Without};

const BASE: &str = "moved to mcr.microsoft.com on 2019-04-16";
const DOTNET: &str = "deleted from Docker Hub by 2021-08-21";
const FRAMEWORK: &str = "moved to mcr.microsoft.com on 2018-11-13";
/// aspnet/Announcements#298
const NODE: &str = "Node.js";
/// microsoft/mssql-docker#799
const MSSQL: &str = "deleted, and nothing took its place";

/// microsoft/mssql-docker, README.md; Azure-Samples/azure-voting-app-redis, azure-vote-all-in-one-redis.yaml.
const MOVED: &str = "moved to mcr.microsoft.com";

/// The first word that is found decides; the empty one, if there is one, is for tags without any of them.
///
/// Tags of 1 to 3 went to `dotnet/core`, where they still are; without one, today's .NET is meant.
const DOTNET_CORE: &[(&str, &str)] = &[
    ("aspnetcore-runtime", "dotnet/core/aspnet"),
    ("runtime-deps", "dotnet/core/runtime-deps"),
    ("runtime", "dotnet/core/runtime"),
    ("sdk", "dotnet/core/sdk"),
    ("", "dotnet/sdk"),
];

const DOTNET_FRAMEWORK: &[(&str, &str)] =
    &[("sdk", "dotnet/framework/sdk"), ("runtime", "dotnet/framework/runtime"), ("", "dotnet/framework/runtime")];

/// Repository under `microsoft/`, what succeeded it under `mcr.microsoft.com/`, what became of it, and whether it had Windows
/// images only.
#[rustfmt::skip]
const TABLE: [(&str, Successor, &str, bool); 27] = [
    ("windowsservercore", Same("windows/servercore"), BASE, true),
    ("nanoserver", Same("windows/nanoserver"), BASE, true),
    ("windowsservercore-insider", Same("windows/servercore/insider"), BASE, true),
    ("nanoserver-insider", Same("windows/nanoserver/insider"), BASE, true),
    ("windows-insider", Same("windows/insider"), BASE, true),
    ("iis", Same("windows/servercore/iis"), BASE, true),
    ("dotnet-framework", ByTag(DOTNET_FRAMEWORK), FRAMEWORK, true),
    ("dotnet-framework-build", Same("dotnet/framework/sdk"), FRAMEWORK, true),
    ("dotnet-framework-samples", Same("dotnet/framework/samples"), FRAMEWORK, true),
    ("aspnet", Same("dotnet/framework/aspnet"), FRAMEWORK, true),
    ("wcf", Same("dotnet/framework/wcf"), FRAMEWORK, true),
    ("dotnet", ByTag(DOTNET_CORE), DOTNET, false),
    ("dotnet-nightly", ByTag(DOTNET_CORE), DOTNET, false),
    ("dotnet-samples", Same("dotnet/samples"), DOTNET, false),
    ("dotnet-buildtools-prereqs", Same("dotnet-buildtools/prereqs"), DOTNET, false),
    ("aspnetcore", Same("dotnet/core/aspnet"), DOTNET, false),
    ("aspnetcore-nightly", Same("dotnet/core/aspnet"), DOTNET, false),
    ("aspnetcore-build", Without("dotnet/core/sdk", NODE), DOTNET, false),
    ("aspnetcore-build-nightly", Without("dotnet/core/sdk", NODE), DOTNET, false),
    ("powershell", Same("powershell"), BASE, false),
    ("powershell-nightly", Same("powershell"), BASE, false),
    ("mssql-server-windows", Successor::None, MSSQL, true),
    ("mssql-server-windows-developer", Successor::None, MSSQL, true),
    ("mssql-server-windows-express", Successor::None, MSSQL, true),
    ("mssql-server-linux", Same("mssql/server"), MOVED, false),
    ("azure-vote-front", Same("azuredocs/azure-vote-front"), MOVED, false),
    ("sample-dotnet", Same("dotnet/samples"), DOTNET, true),
];

/// What is known of an image with a retired name.
pub(super) fn identify(parts: &Parts<'_>, releases: &Releases) -> Option<Identity> {
    let name = parts.on_docker_hub()?.strip_prefix("microsoft/")?;
    let (_, successor, fate, windows_only) = TABLE.iter().find(|(old, ..)| *old == name)?;
    let (repository, tag_without_word) = successor_of(successor, parts.tag());
    let mut identity = match repository {
        // `latest` and what is shared over there tell nothing of the old one.
        Some(right) => invalid::meant(parts, right, releases),
        None => release_in_name::third_party(parts, releases),
    };
    if *windows_only {
        identity.os = Some(Os::Windows);
    } else if identity.variants.is_some() {
        identity.os = None;
    }
    identity.variants = None;
    identity.proof = Proof::Known;
    let mut doubt = None;
    let retag = match repository {
        Some("windows/servercore") => base_tag(parts, Family::ServerCore, &identity, releases),
        Some("windows/nanoserver") => base_tag(parts, Family::NanoServer, &identity, releases),
        Some("windows/servercore/iis") => {
            let tag = product_tag("", &identity, releases);
            doubt = has_revision(&identity).then_some(Doubt::NoRevision);
            tag
        }
        // `windowsservercore-10.0.14393.1066` had no product's version; the newest for that Windows is 4.8.
        Some("dotnet/framework/aspnet") if parts.tag().is_some_and(|tag| tag.starts_with("windowsservercore")) => {
            doubt = Some(Doubt::LaterVersion);
            product_tag("4.8-", &identity, releases)
        }
        _ => tag_without_word,
    };
    let (retag, doubt) = published(parts, repository, retag, doubt, &identity, releases);
    identity.fault = Some(Box::new(Fault::RetiredRepository {
        at: parts.reference.name(),
        instead: repository.map(|repository| format!("mcr.microsoft.com/{repository}")),
        retag: retag.filter(|retag| parts.tag() != Some(retag)),
        doubt,
        lacks: match successor {
            Without(_, what) => Some(what),
            Same(_) | ByTag(_) | Successor::None => None,
        },
        fate,
    }));
    Some(Identity { reference: parts.reference.clone(), ..identity })
}

fn has_revision(identity: &Identity) -> bool {
    identity.version.as_ref().is_some_and(|(version, _)| version.revision.is_some())
}

/// The tag to use under the successor, and why it may be wrong: the one that is wished for, where it was published; or the one
/// that comes nearest.
fn published(
    parts: &Parts<'_>,
    repository: Option<&str>,
    wished: Option<String>,
    doubt: Option<Doubt>,
    identity: &Identity,
    releases: &Releases,
) -> (Option<String>, Option<Doubt>) {
    let Some(repository) = repository else { return (wished, doubt) };
    // Without a tag one has to be chosen.
    let Some(tag) = wished.as_deref().or(parts.tag()).filter(|tag| *tag != "latest") else { return (wished, doubt) };
    if tag.contains('\0') {
        return (wished, Some(Doubt::UnknownTag));
    }
    let name = format!("mcr.microsoft.com/{repository}");
    let base = Family::ALL.into_iter().find(|family| base::path(*family) == repository);
    if is_published(&name, tag, releases) {
        return (wished, doubt);
    }
    if let Some(family) = base {
        // An exact version or an update, of which no table knows whether it was carried over.
        let release = identity.version.as_ref().and_then(|(version, _)| releases.tag_of(family, version.build));
        return match release {
            Some(release) => (Some(release.to_owned()), Some(Doubt::NoRevision)),
            None => (wished, Some(Doubt::NotPublished)),
        };
    }
    if !tags::has(repository) {
        return (wished, Some(Doubt::NoList));
    }
    match nearest(repository, tag, releases) {
        Some((nearest, doubt)) => (Some(nearest), Some(doubt)),
        None => (wished, Some(Doubt::NotPublished)),
    }
}

/// The successor for a tag, and that tag without the word that moved into the repository.
fn successor_of(successor: &Successor, tag: Option<&str>) -> (Option<&'static str>, Option<String>) {
    match successor {
        Same(repository) | Without(repository, _) => (Some(repository), None),
        Successor::None => (None, None),
        ByTag(words) => {
            let tag = tag.unwrap_or_default();
            let Some((word, repository)) = words.iter().find(|(word, _)| has_word(tag, word)) else {
                return (None, None);
            };
            let rest = tag.replacen(word, "", 1).replace("--", "-");
            let rest = rest.trim_matches('-');
            let changed = !word.is_empty() && !rest.is_empty() && !tag.contains('\0');
            (Some(repository), changed.then(|| rest.to_owned()))
        }
    }
}

fn has_word(tag: &str, word: &str) -> bool {
    word.is_empty()
        || tag.split_once(word).is_some_and(|(before, after)| {
            (before.is_empty() || before.ends_with('-')) && (after.is_empty() || after.starts_with('-'))
        })
}

/// A tag that is published under the successor in place of one that is not there: `nanoserver:ltsc2016`.
fn base_tag(parts: &Parts<'_>, family: Family, identity: &Identity, releases: &Releases) -> Option<String> {
    let tag = parts.tag()?;
    if tag == "latest" {
        return None;
    }
    if base::is_published(tag, family, releases) {
        return None;
    }
    let (version, _) = identity.version.as_ref()?;
    releases.tag_of(family, version.build).map(str::to_owned)
}

/// The tags of images on Server Core that are there: one per release, none with a revision (microsoft/iis-docker,
/// microsoft/dotnet-framework-docker).
fn product_tag(product: &str, identity: &Identity, releases: &Releases) -> Option<String> {
    let (version, _) = identity.version.as_ref()?;
    releases.tag_of(Family::ServerCore, version.build).map(|tag| format!("{product}windowsservercore-{tag}"))
}
