//! Where a finding stands, in the user's bytes.

use hostfit_core::source::{Position, Source, Sources, Span};

/// A span as reports show it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Of the file; empty for what no file states.
    pub(crate) path: &'a str,
    pub(crate) start: Position,
    /// Exclusive.
    pub(crate) end: Position,
}

impl<'a> Place<'a> {
    pub(crate) fn new(span: Span, sources: &'a Sources) -> Self {
        let span = sources.written(span);
        let source = sources.get(span.source);
        let position = |offset| {
            source.map_or(Position { line: 1, column: 1, offset: 0 }, |source: &Source| source.position(offset))
        };
        Self { path: source.map_or("", |source| &source.path), start: position(span.start), end: position(span.end) }
    }

    /// The last line that has a byte of it.
    pub(crate) fn last_line(&self) -> u32 {
        if self.end.column == 1 && self.end.line > self.start.line { self.end.line - 1 } else { self.end.line }
    }

    /// Whether it lies within one line.
    pub(crate) fn is_in_one_line(&self) -> bool {
        self.start.line == self.end.line
    }
}
