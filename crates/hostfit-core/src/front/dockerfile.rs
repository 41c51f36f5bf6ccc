//! Dockerfiles: stages, ARG scope, what each stage starts from.

use crate::{
    model::{ImageId, Stage},
    source::Source,
    syntax::SyntaxError,
    text::Text,
};

/// A Dockerfile, ready to be evaluated with any build args.
#[derive(Debug, Default)]
pub struct File {}

/// What a build sets from outside. Later entries of a name win.
#[derive(Clone, Debug, Default)]
pub struct BuildArgs {
    /// Name and value. A value with a hole makes the ARG unknown, whatever its default.
    pub values: Vec<(String, Text)>,
}

/// An image reference found while evaluating.
#[derive(Debug)]
pub struct FoundImage {
    /// The reference, variables filled in.
    pub text: Text,
    /// The stage that names it.
    pub stage: u32,
    /// `FROM`, not `COPY --from` or `RUN --mount=from=`.
    pub is_base: bool,
}

/// The stages under some build args.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// In order.
    pub stages: Vec<Stage>,
    /// Number of the stage that makes the image.
    pub final_stage: Option<u32>,
}

impl File {
    /// Reads a Dockerfile; gives also what BuildKit would refuse, and the comments.
    pub fn read(_source: &Source) -> (Self, Vec<SyntaxError>, Vec<crate::source::Span>) {
        (Self::default(), Vec::new(), Vec::new())
    }

    /// Evaluates it. `add` is called once for each image named, and gives it a number.
    pub fn evaluate(
        &self,
        _args: &BuildArgs,
        _target: Option<&str>,
        _add: &mut dyn FnMut(FoundImage) -> ImageId,
    ) -> Evaluated {
        Evaluated::default()
    }
}

/// Whether text under a name that tells nothing is a Dockerfile.
pub fn sniff(_text: &str) -> bool {
    false
}
