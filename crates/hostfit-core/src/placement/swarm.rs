//! Swarm's constraint filter.

use super::Allowed;
use crate::{fleet::Host, source::Span, text::Text};

/// Everything in a service of a stack that decides on which nodes it may run.
#[derive(Clone, Debug, Default)]
pub struct SwarmPlacement {
    /// `deploy.placement.constraints`. All have to match.
    pub constraints: Vec<Constraint>,
    /// The `constraints` key, where there is one.
    pub constraints_key: Option<Span>,
}

/// One constraint.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// As written.
    pub text: Text,
    /// What Swarm makes of it.
    pub parsed: Result<Expression, ConstraintError>,
}

/// `key == value` or `key != value`, spaces trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// `node.labels.os`.
    pub key: String,
    /// `==`, not `!=`.
    pub equal: bool,
    /// What it is compared with.
    pub value: String,
    /// The key's bytes in the value of [`Constraint::text`].
    pub key_at: std::ops::Range<usize>,
    /// The value's bytes there.
    pub value_at: std::ops::Range<usize>,
}

/// Why Swarm refuses a constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintError {
    /// Neither `==` nor `!=`. Holds the offset of a single `=`, if there is one.
    Operator(Option<usize>),
    /// The key is not a key.
    Key(String),
    /// The value is not a value.
    Value(String),
    /// It holds a variable that is not known.
    Unresolved(String),
}

/// Whether a service may be placed on `host`.
pub fn allows(_service: &SwarmPlacement, _host: &Host) -> Allowed {
    Allowed::Yes
}
