//! Why an image could not be asked for.

/// Why an image could not be asked for: what happened, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {help}")]
pub struct Failure {
    /// What kind of failure it is.
    pub kind: Kind,
    /// What happened, and where.
    pub what: String,
    /// What to do.
    pub help: String,
}

/// Kinds of [`Failure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The registry has no such image.
    NotFound,
    /// The registry wants a login, or another one.
    Denied,
    /// Nobody answers, or not in time.
    Unreachable,
    /// The registry is too busy, or broken.
    Busy,
    /// What it answers makes no sense, or is not what was asked for.
    Invalid,
    /// It would not be safe to go on.
    Unsafe,
}

impl Failure {
    pub(crate) fn new(kind: Kind, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { kind, what: what.into(), help: help.into() }
    }

    /// An answer that makes no sense.
    pub(crate) fn invalid(host: &str, what: impl std::fmt::Display) -> Self {
        let help = "see whether it is a registry, and whether a proxy stands before it";
        Self::new(Kind::Invalid, format!("{host} answers what it should not: {what}"), help)
    }
}

/// Words of a stranger, cut so that a message stays one, on one line.
pub(crate) fn shown(words: &str) -> String {
    const LONGEST: usize = 160;
    let mut shown: String = words.chars().take(LONGEST).map(|it| if it.is_control() { ' ' } else { it }).collect();
    if words.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
