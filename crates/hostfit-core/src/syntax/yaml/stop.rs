//! Where the parser could not go on.

use std::borrow::Cow;

/// Where the parser could not go on, and why.
#[derive(Debug)]
pub(super) struct Stop {
    /// Where it noticed.
    pub(super) at: usize,
    /// Where the last thing it understood ends.
    pub(super) after: usize,
    /// What is wrong.
    pub(super) message: Cow<'static, str>,
    /// A limit was passed: nothing that could be mended.
    pub(super) is_limit: bool,
    /// A quoted value goes on at a line that stands no deeper than its key.
    pub(super) is_quoted_indent: bool,
}
