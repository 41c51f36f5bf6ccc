//! Image references, and what their names and tags tell of the Windows inside.

mod base;
mod canonical;
mod declared;
mod glob;
mod invalid;
mod locked;
mod official;
mod reference;
mod release_in_name;
mod retired;
mod retired_variant;
mod variant;

use std::{borrow::Cow, ops::Range};

pub use canonical::{Canonical, is_digest};
pub use declared::{Declared, DeclaredBuild, ImageRule};
pub use locked::{Contents, Learned};
pub use retired_variant::{RetiredVariant, retired_variant};
pub use variant::published_variants;

use super::{Build, Os, OsVersion, release::Releases};
use crate::{source::Span, text::Text};

/// A family of Windows base images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `windows/servercore`.
    ServerCore,
    /// `windows/nanoserver`.
    NanoServer,
    /// `windows`.
    Windows,
    /// `windows/server`.
    Server,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ServerCore, Self::NanoServer, Self::Windows, Self::Server];

    /// `servercore`, `nanoserver`, `windows`, `server`: the last part of its repository.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerCore => "servercore",
            Self::NanoServer => "nanoserver",
            Self::Windows => "windows",
            Self::Server => "server",
        }
    }

    /// The family with this [`name`](Self::name).
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    /// `mcr.microsoft.com/windows/servercore`.
    pub fn repository(self) -> &'static str {
        match self {
            Self::ServerCore => "mcr.microsoft.com/windows/servercore",
            Self::NanoServer => "mcr.microsoft.com/windows/nanoserver",
            Self::Windows => "mcr.microsoft.com/windows",
            Self::Server => "mcr.microsoft.com/windows/server",
        }
    }
}

/// The parts of an image reference, as ranges of [`Text::value`].
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reference {
    /// `mcr.microsoft.com`, `localhost:5000`; none for Docker Hub's short names.
    pub registry: Option<Range<usize>>,
    /// `windows/servercore`.
    pub repository: Range<usize>,
    /// Without the colon.
    pub tag: Option<Range<usize>>,
    /// `sha256:…`, without the at sign.
    pub digest: Option<Range<usize>>,
}

impl Reference {
    /// Registry and repository: what a name's replacement replaces.
    pub fn name(&self) -> Range<usize> {
        self.registry.as_ref().map_or(self.repository.start, |registry| registry.start)..self.repository.end
    }
}

/// How much the name proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A repository whose tags are known: Microsoft's base images and what is built on them officially.
    Known,
    /// The user says so, in `[images]`, at the span.
    Declared(Span),
    /// A registry said so; the lock file has it at the span.
    Locked(Span),
    /// A release in the tag or the repository name of somebody's image.
    ThirdPartyName,
}

/// What is wrong with a reference by itself; of several the first of this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No registry serves the name. With the right one, if it is plain which.
    InvalidRepository {
        /// The wrong bytes of the value: registry and repository.
        at: Range<usize>,
        /// `mcr.microsoft.com/windows/servercore`.
        instead: Option<String>,
    },
    /// A dead Docker Hub name.
    RetiredRepository {
        /// The bytes of registry and repository.
        at: Range<usize>,
        /// Its successor, if there is one.
        instead: Option<String>,
        /// The tag to use there, where the one written is not published there; none: as written. Where no tag is
        /// written and a base image succeeds, one has to be chosen ([`Releases::newest_for`]).
        retag: Option<String>,
        /// What the old image had and the successor has not.
        lacks: Option<&'static str>,
        /// What became of it, in words.
        fate: &'static str,
    },
    /// A preview repository or build.
    Insider {
        /// The bytes that say so.
        at: Range<usize>,
    },
    /// `latest` or no tag, where neither is published.
    UnpublishedLatest {
        /// The tag, or the place where one is missing (empty, at the end of the repository).
        at: Range<usize>,
    },
    /// A tag that was never published for this family.
    UnknownTag {
        /// The tag.
        at: Range<usize>,
        /// The nearest tag that was.
        instead: Option<String>,
        /// The repository in which `instead` is published, where that is another one: there is no `windows:ltsc2022`,
        /// but `windows/server:ltsc2022`, which took its place.
        repository: Option<&'static str>,
    },
}

/// What a multi-platform image holds: each host gets the variant that its runtime picks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variants {
    /// Its Windows images, newest first; empty when it has none.
    pub windows: Cow<'static, [OsVersion]>,
    /// Whether it has Linux images.
    pub linux: bool,
}

impl Variants {
    /// The builds of its Windows images.
    pub fn builds(&self) -> Vec<Build> {
        let mut builds: Vec<_> = self.windows.iter().map(|version| version.build).collect();
        builds.dedup();
        builds
    }
}

/// What an image's name and tag, and the `[images]` table, tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its parts.
    pub reference: Reference,
    /// Its operating system, if that is known.
    pub os: Option<Os>,
    /// The version of the Windows inside, and the bytes of the value that decide it. Empty at the start where the
    /// `[images]` table says it.
    pub version: Option<(OsVersion, Range<usize>)>,
    /// The base image family, if it is one of these itself, or its name says that it is built on one.
    pub family: Option<Family>,
    /// Whether it *is* a base image: its repository is that of a [`Family`].
    pub is_base: bool,
    /// How much all that proves.
    pub proof: Proof,
    /// What is wrong with the reference by itself.
    pub fault: Option<Fault>,
    /// What it holds, if it is a multi-platform image.
    pub variants: Option<Variants>,
    /// Whether it carries no OS version and runs on every build: the base of `HostProcess` images.
    pub fits_every_build: bool,
}

impl Identity {
    /// Whether it is Windows, by more than a third party's name.
    pub fn is_proven_windows(&self) -> bool {
        self.os == Some(Os::Windows) && self.proof != Proof::ThirdPartyName
    }

    /// Whether anything is there to be pulled under this reference. A digest names an image that was pulled, and that hosts
    /// may still hold. Of what cannot be pulled nothing else needs a finding.
    pub fn can_be_pulled(&self) -> bool {
        matches!(self.fault, None | Some(Fault::Insider { .. })) || self.reference.digest.is_some()
    }
}

/// A reference taken apart, with unknown bytes masked as NUL.
struct Parts<'a> {
    value: &'a str,
    reference: Reference,
}

impl Parts<'_> {
    fn part(&self, range: &Range<usize>) -> &str {
        self.value.get(range.clone()).unwrap_or_default()
    }

    fn repository(&self) -> &str {
        self.part(&self.reference.repository)
    }

    fn registry(&self) -> Option<&str> {
        self.reference.registry.as_ref().map(|range| self.part(range))
    }

    fn tag(&self) -> Option<&str> {
        self.reference.tag.as_ref().map(|range| self.part(range))
    }

    /// Whether it is served by Microsoft's registry.
    fn on_mcr(&self) -> bool {
        self.registry().is_some_and(|registry| registry.eq_ignore_ascii_case("mcr.microsoft.com"))
    }

    /// The repository on Docker Hub, or Amazon's mirror of its official images: `library/golang` is `golang`.
    fn on_docker_hub(&self) -> Option<&str> {
        const HUB: [&str; 4] = ["docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];
        if self.registry().is_some_and(|registry| registry.eq_ignore_ascii_case("public.ecr.aws")) {
            return self.repository().strip_prefix("docker/library/");
        }
        let here = self.registry().is_none_or(|registry| HUB.iter().any(|hub| registry.eq_ignore_ascii_case(hub)));
        let repository = self.repository();
        here.then(|| repository.strip_prefix("library/").unwrap_or(repository))
    }
}

/// No reference is longer: a registry takes 255 bytes of name and 128 of tag. What is longer is not read, so that
/// hostile input costs nothing.
const MAX_REFERENCE: usize = 4096;

/// Works out what `text` tells. `rules` are asked first; the first match wins.
///
/// Variables without a value are never read: neither a repository nor a version is known from bytes that touch one.
pub fn identify(text: &Text, rules: &[ImageRule], releases: &Releases) -> Identity {
    let masked = if text.value.len() > MAX_REFERENCE { String::new() } else { text.masked() };
    let parts = Parts { value: &masked, reference: reference::parse(&masked) };
    let mut identity = by_name(&parts, releases);
    if parts.reference.digest.is_some() {
        // A digest is one image or one list, which may be older than what the table knows of the tag.
        identity.variants = None;
    }
    // What is written without a tag is pulled by this one.
    let latest = (parts.reference.tag.is_none() && parts.reference.digest.is_none() && !masked.contains('\0'))
        .then(|| format!("{masked}:latest"));
    if let Some(rule) = glob::first_match(rules, &masked, latest.as_deref()) {
        rule.apply(&mut identity);
    }
    identity
}

/// The Windows release that a name states by itself, and the bytes of the value that state it.
pub fn release_in_name(text: &Text, releases: &Releases) -> Option<(OsVersion, Range<usize>)> {
    identify(text, &[], releases).version
}

fn by_name(parts: &Parts<'_>, releases: &Releases) -> Identity {
    retired::identify(parts, releases)
        .or_else(|| invalid::identify(parts, releases))
        .or_else(|| base::identify(parts, releases))
        .or_else(|| official::identify(parts, releases))
        .unwrap_or_else(|| third_party(parts, releases))
}

fn third_party(parts: &Parts<'_>, releases: &Releases) -> Identity {
    let mut identity = unknown(parts);
    let Some(found) = release_in_name::find(parts, releases) else { return identity };
    identity.os = Some(Os::Windows);
    identity.family = found.family;
    identity.version = found.version;
    identity.fault = found.insider.map(|at| Fault::Insider { at });
    identity
}

fn unknown(parts: &Parts<'_>) -> Identity {
    Identity {
        reference: parts.reference.clone(),
        os: None,
        version: None,
        family: None,
        is_base: false,
        proof: Proof::ThirdPartyName,
        fault: None,
        variants: None,
        fits_every_build: false,
    }
}

#[cfg(test)]
mod tests;
