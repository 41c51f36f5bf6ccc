//! Text put together from pieces of a file, with the way back to its bytes.

use std::{borrow::Cow, iter, ops::Range};

use crate::source::{SourceId, Span, saturating_u32};

/// Text as the parser reads it: bytes of the file in their order, from which continuations, and the quotes of flags,
/// were taken out. Ranges are bytes of [`Written::as_str`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<'a> {
    text: Cow<'a, str>,
    source: SourceId,
    first: u32,
    more: Vec<Run>,
}

/// From byte `at` of the text on, up to the next run, it stands in the file from `start` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    at: u32,
    start: u32,
}

impl<'a> Written<'a> {
    /// Text that stands in one piece, from `start` on.
    pub fn new(source: SourceId, text: &'a str, start: usize) -> Self {
        Self { text: Cow::Borrowed(text), source, first: saturating_u32(start), more: Vec::new() }
    }

    /// Appends what stands elsewhere, from `start` on.
    pub fn push(&mut self, text: &'a str, start: usize) {
        if self.text.is_empty() {
            self.text = Cow::Borrowed(text);
            self.first = saturating_u32(start);
            self.more.clear();
        } else if !text.is_empty() {
            self.more.push(Run { at: saturating_u32(self.text.len()), start: saturating_u32(start) });
            self.text.to_mut().push_str(text);
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The file.
    pub fn source(&self) -> SourceId {
        self.source
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The bytes of the file from the first to the last one of `range`.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.offset(range.start);
        let end = if range.end > range.start { self.offset(range.end - 1) + 1 } else { start };
        Span::new(self.source, start..end)
    }

    /// The bytes of all of it.
    pub fn whole(&self) -> Span {
        self.span(0..self.text.len())
    }

    /// `range` in pieces that stand undivided in the file: each with its text and its bytes.
    pub fn pieces(&self, range: Range<usize>) -> impl Iterator<Item = (&str, Span)> {
        let mut start = range.start;
        let runs = self.more.get(self.more.partition_point(|run| run.at as usize <= start)..).unwrap_or_default();
        let ends = runs.iter().map(|run| run.at as usize).take_while(move |&at| at < range.end);
        ends.chain(iter::once(range.end)).map(move |end| {
            let piece = start..end;
            start = end;
            (self.text.get(piece.clone()).unwrap_or_default(), self.span(piece))
        })
    }

    /// The part that `range` names; nothing if it does not fit.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let text = match &self.text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(range.clone()).unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.get(range.clone()).unwrap_or_default().to_owned()),
        };
        let later = |run: &&Run| range.start < run.at as usize && (run.at as usize) < range.end;
        let from = self.more.partition_point(|run| run.at as usize <= range.start);
        let runs = self.more.get(from..).unwrap_or_default().iter().take_while(later);
        let more = runs.map(|run| Run { at: run.at - saturating_u32(range.start), ..*run }).collect();
        Self { text, source: self.source, first: saturating_u32(self.offset(range.start)), more }
    }

    /// The parts that `ranges` name, one after the other.
    #[must_use]
    pub fn join(&self, ranges: &[Range<usize>]) -> Self {
        let mut ranges = ranges.iter();
        let Some(first) = ranges.next() else { return self.slice(0..0) };
        let mut joined = self.slice(first.clone());
        for range in ranges {
            let part = self.slice(range.clone());
            if joined.is_empty() {
                joined = part;
                continue;
            }
            let at = saturating_u32(joined.text.len());
            joined.more.push(Run { at, start: part.first });
            joined.more.extend(part.more.iter().map(|run| Run { at: run.at + at, ..*run }));
            joined.text.to_mut().push_str(&part.text);
        }
        joined
    }

    /// The same, without a tie to the file's text.
    pub fn into_owned(self) -> Written<'static> {
        Written { text: Cow::Owned(self.text.into_owned()), source: self.source, first: self.first, more: self.more }
    }

    fn offset(&self, at: usize) -> usize {
        let run = self.more.partition_point(|run| run.at as usize <= at).checked_sub(1);
        match run.and_then(|run| self.more.get(run)) {
            Some(run) => run.start as usize + (at - run.at as usize),
            None => self.first as usize + at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "FROM mcr.\\\n  microsoft.com";

    /// The line `FROM mcr.  microsoft.com` of the file above.
    fn sample() -> Written<'static> {
        let mut line = Written::new(SourceId(0), FILE.get(..9).expect("there"), 0);
        line.push(FILE.get(11..).expect("there"), 11);
        line
    }

    #[test]
    fn a_range_over_a_continuation_spans_it() {
        assert_eq!(sample().as_str(), "FROM mcr.  microsoft.com");
        assert_eq!(sample().span(5..12).range(), 5..14);
        assert_eq!(sample().span(11..14).range(), 13..16);
        assert_eq!(sample().span(24..24).range(), 26..26);
    }

    #[test]
    fn pieces_stand_undivided() {
        let line = sample();
        let pieces: Vec<_> = line.pieces(5..24).map(|(text, span)| (text, span.range())).collect();
        assert_eq!(pieces, [("mcr.", 5..9), ("  microsoft.com", 11..26)]);
        assert_eq!(line.pieces(9..11).map(|(text, _)| text).collect::<Vec<_>>(), ["  "]);
    }

    #[test]
    fn slices_and_joins_keep_the_way_back() {
        let part = sample().slice(5..20);
        assert_eq!((part.as_str(), part.span(4..9).range()), ("mcr.  microsoft", 11..16));
        let joined = sample().join(&[0..4, 7..12]);
        assert_eq!((joined.as_str(), joined.span(4..9).range()), ("FROMr.  m", 7..14));
    }
}
