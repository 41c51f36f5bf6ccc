//! What is known of an image, and what is wrong with its reference.

use std::{borrow::Cow, fmt, ops::Range};

use super::{
    reference::{Parts, Reference},
    tags,
};
use crate::{
    source::Span,
    text::Text,
    windows::{Build, Os, OsVersion, family::Family},
};

/// How much the name proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A repository whose tags are known: Microsoft's base images and what is built on them officially.
    Known,
    /// The user says so, in `[images]`, at the span.
    Declared(Span),
    /// A registry said so; the lock file has it at the span.
    Locked(Span),
    /// A release in the tag or the repository name of somebody's image, or a repository whose project builds for Linux alone.
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
        /// written and a base image succeeds, one has to be chosen (`Releases::newest_for`).
        retag: Option<String>,
        /// Why the tag to use there may be wrong. Without a doubt it is known to be published and to hold the same.
        doubt: Option<Doubt>,
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

/// Why a successor may be the wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The tag is not known whole.
    UnknownTag,
    /// The table of the repository's tags does not have it.
    NotPublished,
    /// Nobody listed the tags of the repository.
    NoList,
    /// The tag is that of a later version of the product.
    LaterVersion,
    /// The old tag named a revision or a day, and the new one moves.
    NoRevision,
    /// The tag is that of another release of Windows.
    OtherRelease,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownTag => "check that the tag exists",
            Self::NotPublished => "check that this tag is published there",
            Self::NoList => "check that the tag exists there",
            Self::LaterVersion => "check that a later version of the product fits",
            Self::NoRevision => "check that a tag that gets updates will do",
            Self::OtherRelease => "check that every host runs this release of Windows",
        })
    }
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
    pub fault: Option<Box<Fault>>,
    /// What it holds, if it is a multi-platform image.
    pub variants: Option<Variants>,
    /// Whether it carries no OS version and runs on every build: the base of `HostProcess` images.
    pub fits_every_build: bool,
}

impl Identity {
    /// The bytes of the value that name a Linux distribution: `alpine` of `1.27-alpine`. Whose image it is, is not asked, so
    /// that it proves little.
    pub fn distribution(&self, text: &Text) -> Option<Range<usize>> {
        let tag = self.reference.tag.clone()?;
        let masked = text.masked();
        let mut start = tag.start;
        masked.get(tag)?.split(['-', '_']).find_map(|word| {
            let at = start..start + word.len();
            start = at.end + 1;
            tags::is_distribution(word).then_some(at)
        })
    }

    /// Whether it is Windows, by more than a third party's name.
    pub fn is_proven_windows(&self) -> bool {
        self.os == Some(Os::Windows) && self.proof != Proof::ThirdPartyName
    }

    /// Whether anything is there to be pulled under this reference. A digest names an image that was pulled, and that hosts
    /// may still hold. Of what cannot be pulled nothing else needs a finding.
    pub fn can_be_pulled(&self) -> bool {
        matches!(self.fault.as_deref(), None | Some(Fault::Insider { .. })) || self.reference.digest.is_some()
    }
}

/// What is known before anything is read.
pub(super) fn unknown(parts: &Parts<'_>) -> Identity {
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
