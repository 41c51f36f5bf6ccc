//! Image references, and what their names and tags tell of the Windows inside.

use std::ops::Range;

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

/// How much the name proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A repository whose tags are known: Microsoft's base images and what is built on them officially.
    Known,
    /// The user says so, in `[images]`, at the span.
    Declared(Span),
    /// A release in the tag or the repository name of somebody's image.
    ThirdPartyName,
}

/// What is wrong with a reference by itself; of several the first of this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No registry serves the name. With the right one, if it is plain which.
    InvalidRepository {
        /// The wrong bytes of the value.
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
        /// Since when, or which announcement.
        since: &'static str,
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
    },
}

/// A multi-platform tag: what is pulled depends on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The Windows builds in it; empty when it has no Windows image.
    pub builds: &'static [Build],
    /// Whether it has Linux images.
    pub linux: bool,
}

/// What an image's name and tag, and the `[images]` table, tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its parts.
    pub reference: Reference,
    /// Its operating system, if that is known.
    pub os: Option<Os>,
    /// The version of the Windows inside, and the bytes of the value that decide it.
    pub version: Option<(OsVersion, Range<usize>)>,
    /// The base image family, if it is one of these itself, or its name says that it is built on one.
    pub family: Option<Family>,
    /// Whether it *is* a base image: its repository is one of §1.2.
    pub is_base: bool,
    /// How much all that proves.
    pub proof: Proof,
    /// What is wrong with the reference by itself.
    pub fault: Option<Fault>,
    /// Set if it is a multi-platform tag.
    pub shared: Option<Shared>,
}

/// A line of the `[images]` table.
#[derive(Clone, Debug)]
pub struct ImageRule {
    /// `*` matches any characters.
    pub pattern: String,
    /// What such images are.
    pub os: Os,
    /// Their version, for Windows.
    pub version: Option<OsVersion>,
    /// The bytes of the value in the configuration.
    pub span: Span,
}

/// Works out what `text` tells. `rules` are asked first; the first match wins.
pub fn identify(_text: &Text, _rules: &[ImageRule], _releases: &Releases) -> Identity {
    Identity {
        reference: Reference::default(),
        os: None,
        version: None,
        family: None,
        is_base: false,
        proof: Proof::ThirdPartyName,
        fault: None,
        shared: None,
    }
}
