//! What is wrong with what is rendered, or missing from it.

use crate::text::Place;

/// What is wrong with a chart or a kustomization, or missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// In words.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
}

/// What kind of [`Problem`] it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// A template or a `kustomization.yaml` that is not well-formed.
    Syntax,
    /// What is well-formed and is refused nevertheless: a patch without its target, an object that is there twice.
    Refused,
    /// Something that is named and is not in the tree: a dependency, a base.
    Missing,
    /// The same of the content of a `ConfigMap` or a `Secret`.
    MissingData,
    /// What is refused since something is missing that may be what it needs.
    Consequence,
    /// A part that cannot be read.
    Unreadable,
    /// A limit of a rendering.
    Limit,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, message: impl Into<String>, place: Option<Place>) -> Self {
        Self { kind, message: message.into(), place }
    }

    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Unreadable, message, None)
    }

    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Limit, message, None)
    }
}
