//! Trees to the model. Only this module knows YAML keys and Dockerfile instructions; it never judges.
//!
//! Two steps. [`read`] takes one file by itself: it recognises, parses and lowers it to a [`Unit`], so that files can
//! be read in parallel and their trees dropped. [`link::link`] joins the units of a run to a [`Project`]: it evaluates
//! Dockerfiles with the args that Compose gives them, merges override files, follows image names to who builds them.
//!
//! [`Project`]: crate::model::Project

pub mod bake;
pub mod compose;
pub mod daemon;
pub mod detect;
pub mod dockerfile;
pub mod env;
pub mod kubernetes;
pub mod link;
pub mod wanted;

use crate::{
    source::{Source, SourceId, Span},
    syntax::SyntaxError,
};

/// One file, lowered by itself.
#[derive(Debug)]
pub struct Unit {
    /// The file.
    pub source: SourceId,
    /// What it holds.
    pub content: Content,
    /// What its real reader would refuse.
    pub errors: Vec<SyntaxError>,
    /// Its comments, for `# hostfit: ignore[…]`, from `#` on.
    pub comments: Vec<Span>,
}

/// The kinds of file that are read.
#[derive(Debug)]
pub enum Content {
    /// A Dockerfile.
    Dockerfile(dockerfile::File),
    /// A Compose file or Swarm stack.
    Compose(compose::File),
    /// Kubernetes manifests.
    Kubernetes(kubernetes::File),
    /// A `daemon.json`.
    Daemon,
    /// A `.env` file.
    Env(env::File),
    /// A `docker-bake.hcl` or `docker-bake.json`.
    Bake(bake::File),
}

/// What became of one file.
#[derive(Debug)]
pub enum Outcome {
    /// It is one of ours.
    Unit(Unit),
    /// It looks like one of ours and can't be looked at: the reason's id (`helm-template`) and what to do instead.
    Skipped(Skip),
    /// It is none of ours.
    NotOurs,
}

/// Why a file is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// `helm-template`, `template`, `binary`.
    pub reason: &'static str,
    /// What to do instead, for people.
    pub advice: &'static str,
}

/// Recognises, parses and lowers one file.
pub fn read(_source: &Source) -> Outcome {
    Outcome::NotOurs
}
