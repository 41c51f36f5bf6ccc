//! What the `[images]` table of the configuration says of images.

use super::identity::{Identity, Proof, Variants};
use crate::{
    source::Span,
    text::Text,
    windows::{Os, OsVersion},
};

/// A line of the `[images]` table.
#[derive(Clone, Debug)]
pub struct ImageRule {
    /// `*` matches any characters.
    pub pattern: String,
    /// What such images are.
    pub declared: Declared,
    /// The bytes of the value in the configuration, a string's without its quotes.
    pub span: Span,
}

/// What a line of the `[images]` table says.
#[derive(Clone, Debug)]
pub enum Declared {
    /// A Linux image.
    Linux,
    /// A Windows image of this version.
    Windows(OsVersion),
    /// A multi-platform image; it has at least two variants, one of them Windows.
    MultiPlatform(Variants),
    /// An image that something outside the repository, as CI, builds from a Dockerfile in it.
    Built(DeclaredBuild),
}

/// How an image is built that the `[images]` table names.
#[derive(Clone, Debug)]
pub struct DeclaredBuild {
    /// The Dockerfile, with `/`. The reader gives it relative to `hostfit.toml`; whoever knows that folder makes it a path
    /// as [`Source::path`](crate::source::Source::path) is.
    pub dockerfile: String,
    /// The bytes that name it.
    pub span: Span,
    /// The stage that is built; none: the last.
    pub target: Option<Text>,
    /// The build args, in the order of the file.
    pub build_args: Vec<(String, Text)>,
}

impl ImageRule {
    /// The version that it declares, if it declares one.
    pub fn version(&self) -> Option<OsVersion> {
        match self.declared {
            Declared::Windows(version) => Some(version),
            _ => None,
        }
    }

    /// Replaces what name and tag say.
    pub(super) fn apply(&self, identity: &mut Identity) {
        let (os, version, variants) = match &self.declared {
            Declared::Linux => (Some(Os::Linux), None, None),
            Declared::Windows(version) => (Some(Os::Windows), Some((*version, 0..0)), None),
            Declared::MultiPlatform(variants) => {
                ((!variants.linux).then_some(Os::Windows), None, Some(variants.clone()))
            }
            // The Dockerfile decides.
            Declared::Built(_) => (None, None, None),
        };
        (identity.os, identity.version, identity.variants) = (os, version, variants);
        identity.proof = Proof::Declared(self.span);
    }
}

impl Identity {
    /// The line of `[images]` that names the Dockerfile which decides what this image is. If the project then has no build
    /// for it, that Dockerfile is not among the files of the run.
    pub fn declared_build(&self) -> Option<Span> {
        match self.proof {
            Proof::Declared(span) if self.os.is_none() && self.variants.is_none() => Some(span),
            _ => None,
        }
    }
}
