//! Text to trees. Parsing never fails: it gives a tree and errors.

pub mod dockerfile;
pub mod hcl;
pub mod json;
pub mod yaml;

use crate::source::Span;

/// A place that the real reader would refuse, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes at fault; where the reader gives only a line, that line.
    pub span: Span,
    /// What is wrong, in lowercase, without a full stop.
    pub message: String,
    /// What to write, in the imperative.
    pub help: Option<String>,
}

impl SyntaxError {
    /// An error without advice.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    /// Sets the advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
