//! `docker-bake.hcl` and `docker-bake.json`: which image names the tree builds, and from which Dockerfile.

use crate::{source::Source, syntax::SyntaxError, text::Text};

/// The targets of a bake file.
#[derive(Debug, Default)]
pub struct File {
    /// In order.
    pub targets: Vec<Target>,
}

/// One target.
#[derive(Debug)]
pub struct Target {
    /// Its name.
    pub name: Text,
    /// Image names it builds.
    pub tags: Vec<Text>,
    /// The build context, relative to the bake file.
    pub context: Option<Text>,
    /// The Dockerfile, relative to the context.
    pub dockerfile: Option<Text>,
    /// The stage to build.
    pub target: Option<Text>,
    /// Build args.
    pub args: Vec<(String, Text)>,
}

impl File {
    /// Reads a bake file.
    pub fn read(_source: &Source) -> (Self, Vec<SyntaxError>) {
        (Self::default(), Vec::new())
    }
}
