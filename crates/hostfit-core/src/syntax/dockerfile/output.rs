//! What the expansion of a word puts together.

use std::ops::Range;

use super::Written;
use crate::{
    source::Span,
    text::{Origin, Text},
};

/// A text in the making. Literal bytes that stand side by side become one piece.
pub(super) struct Out<'w> {
    written: &'w Written<'w>,
    text: Text,
    pending: Range<usize>,
}

impl<'w> Out<'w> {
    pub(super) fn new(written: &'w Written<'w>) -> Self {
        Self { written, text: Text::empty(written.whole()), pending: 0..0 }
    }

    pub(super) fn literal(&mut self, range: Range<usize>) {
        if self.pending.is_empty() {
            self.pending = range;
        } else if self.pending.end == range.start {
            self.pending.end = range.end;
        } else {
            self.flush();
            self.pending = range;
        }
    }

    pub(super) fn push(&mut self, value: &str, at: Span, used_at: Span, origin: Origin) {
        self.flush();
        self.text.push(value, at, used_at, origin);
    }

    pub(super) fn len(&self) -> usize {
        self.text.value.len() + self.pending.len()
    }

    /// What was appended since it was `length` long.
    pub(super) fn since(&mut self, length: usize) -> &str {
        self.flush();
        self.text.value.get(length..).unwrap_or_default()
    }

    pub(super) fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            for (value, span) in self.written.pieces(pending) {
                self.text.push_literal(value, span);
            }
        }
    }

    pub(super) fn end(mut self) -> Text {
        self.flush();
        self.text
    }
}

/// Words in the making.
#[derive(Default)]
pub(super) struct Words {
    done: Vec<String>,
    pub(super) buffer: String,
}

impl Words {
    pub(super) fn char(&mut self, char: char) {
        if !char.is_whitespace() {
            self.buffer.push(char);
        } else if !self.buffer.is_empty() {
            self.done.push(std::mem::take(&mut self.buffer));
        }
    }

    pub(super) fn end(mut self) -> Vec<String> {
        self.char(' ');
        self.done
    }
}
