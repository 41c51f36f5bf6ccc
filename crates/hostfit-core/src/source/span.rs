//! Places in a text, as bytes.

use std::ops::Range;

/// Which file of one run a [`Span`] belongs to: its place in [`Sources`](super::Sources).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A half-open range of bytes of one source's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The place of what no file states, such as an option's value.
    pub const NOWHERE: Self = Self { source: SourceId(u32::MAX), start: 0, end: 0 };

    /// Whether no file states it.
    pub fn is_nowhere(self) -> bool {
        self.source == Self::NOWHERE.source
    }

    /// The span of `range` in `source`. Sources are at most [`MAX_BYTES`](super::MAX_BYTES) long, so that every offset fits.
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        Self { source, start: saturating_u32(range.start), end: saturating_u32(range.end) }
    }

    /// An empty span: a place where something could be inserted.
    pub fn at(source: SourceId, offset: usize) -> Self {
        Self::new(source, offset..offset)
    }

    /// The bytes as indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// How many bytes it covers.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether it covers no byte.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Whether every byte of `other` is one of this span's.
    pub fn holds(self, other: Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both; `self` if they are of different files.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        if self.source != other.source {
            return self;
        }
        Self { start: self.start.min(other.start), end: self.end.max(other.end), ..self }
    }

    /// The part of this span that `range`, counted from its start, names; cut off at its end.
    #[must_use]
    pub fn part(self, range: Range<usize>) -> Self {
        let start = self.start.saturating_add(saturating_u32(range.start)).min(self.end);
        let end = self.start.saturating_add(saturating_u32(range.end)).clamp(start, self.end);
        Self { start, end, ..self }
    }
}

/// Returns an offset or a count as the 32 bits that a span has for it, at most `u32::MAX`. No file that is read is that long.
pub fn saturating_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
