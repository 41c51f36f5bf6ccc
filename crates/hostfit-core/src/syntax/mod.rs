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
    /// What is wrong, in lower case, without a full stop.
    pub message: String,
}
