//! Text that knows where each byte of it was written.

use std::{ops::Range, sync::Arc};

/// A file that takes part in a rendering: its place in [`crate::FileTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open range of bytes of one file's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Place {
    /// The place of `range` in `file`.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        Self { file, start: saturating_u32(range.start), end: saturating_u32(range.end) }
    }

    /// How many bytes it covers.
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether it covers no byte.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The bytes as indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Returns an offset or a count as 32 bits, at most `u32::MAX`.
pub(crate) fn saturating_u32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// What could not be evaluated: its place in [`crate::Rendering::holes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoleId(pub u32);

/// Where a run of bytes comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written in a file: a literal of a template, a scalar of a values file. Where the place is as long as the run,
    /// the run is its bytes; else only the whole place can be shown.
    Written(Place),
    /// Set outside of any file: the option of this number.
    Setting(u32),
    /// Written by the program that renders: a release's name, an indentation, a quote.
    Given,
    /// Made by a function from all of these.
    Made(Arc<Vec<Origin>>),
    /// Not known. The run is [`UNKNOWN`], or empty where whole lines are missing.
    Hole(HoleId),
}

/// What stands for a value that is not known.
pub const UNKNOWN: &str = "‹unknown›";

/// How many origins one computed value keeps.
const MAX_ORIGINS: usize = 64;

impl Origin {
    /// What is made by a function from all of `origins`.
    pub fn made<'o>(origins: impl IntoIterator<Item = &'o Self>) -> Self {
        let mut all: Vec<Self> = Vec::new();
        for origin in origins {
            origin.add_to(&mut all);
        }
        if all.is_empty() { Self::Given } else { Self::Made(Arc::new(all)) }
    }

    fn add_to(&self, all: &mut Vec<Self>) {
        match self {
            Self::Given => {}
            Self::Made(parts) => parts.iter().for_each(|part| part.add_to(all)),
            other if all.len() < MAX_ORIGINS && !all.contains(other) => all.push(other.clone()),
            _ => {}
        }
    }

    /// The origin of a part of a run that is `len` bytes long.
    fn part(&self, len: usize, part: Range<usize>) -> Self {
        match self {
            Self::Written(place) if place.len() == len => {
                let at = |offset: usize| place.start.saturating_add(saturating_u32(offset)).min(place.end);
                Self::Written(Place { file: place.file, start: at(part.start), end: at(part.end) })
            }
            other => other.clone(),
        }
    }

    /// The files' bytes that it names, each once.
    pub fn places(&self) -> Vec<Place> {
        match self {
            Self::Written(place) => vec![*place],
            Self::Made(parts) => parts.iter().flat_map(Self::places).collect(),
            Self::Setting(_) | Self::Given | Self::Hole(_) => Vec::new(),
        }
    }
}

/// A run of bytes of a [`Text`] with one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// One past its last byte in the text; it starts where the piece before it ends.
    pub end: u32,
    /// Where it comes from.
    pub origin: Origin,
}

/// How a [`Text`] was at one time.
#[derive(Debug)]
pub(crate) struct Mark {
    len: usize,
    pieces: usize,
    last: Option<Piece>,
}

/// Text put together from pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    value: String,
    pieces: Vec<Piece>,
}

impl Text {
    /// Text with one origin.
    pub fn new(value: impl Into<String>, origin: Origin) -> Self {
        let value = value.into();
        let end = saturating_u32(value.len());
        let is_nothing = value.is_empty() && !matches!(origin, Origin::Hole(_));
        Self { value, pieces: if is_nothing { Vec::new() } else { vec![Piece { end, origin }] } }
    }

    /// Text of the program that renders.
    pub fn given(value: impl Into<String>) -> Self {
        Self::new(value, Origin::Given)
    }

    /// The text of a whole file.
    pub fn file(file: FileId, value: impl Into<String>) -> Self {
        let value = value.into();
        let place = Place::new(file, 0..value.len());
        Self::new(value, Origin::Written(place))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether it has no byte.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// How much memory it takes, about.
    pub(crate) fn cost(&self) -> usize {
        self.value.len() + self.pieces.len() * size_of::<Piece>()
    }

    /// Its pieces, in order, together as long as the text.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Appends `value`. A piece that goes on where the last one ends becomes part of it.
    pub fn push(&mut self, value: &str, origin: Origin) {
        if value.is_empty() && !matches!(origin, Origin::Hole(_)) {
            return;
        }
        let start = self.start_of_last();
        self.value.push_str(value);
        let end = saturating_u32(self.value.len());
        if let Some(last) = self.pieces.last_mut() {
            let last_len = (last.end as usize).saturating_sub(start);
            match (&mut last.origin, &origin) {
                (Origin::Written(a), Origin::Written(b))
                    if a.file == b.file && a.end == b.start && a.len() == last_len && b.len() == value.len() =>
                {
                    a.end = b.end;
                    last.end = end;
                    return;
                }
                (Origin::Given, Origin::Given) => {
                    last.end = end;
                    return;
                }
                _ => {}
            }
        }
        self.pieces.push(Piece { end, origin });
    }

    fn start_of_last(&self) -> usize {
        self.pieces.len().checked_sub(2).and_then(|it| self.pieces.get(it)).map_or(0, |it| it.end as usize)
    }

    /// Appends text of the program that renders.
    pub fn push_given(&mut self, value: &str) {
        self.push(value, Origin::Given);
    }

    /// Appends another text.
    pub fn push_text(&mut self, other: &Self) {
        for (range, piece) in other.ranges() {
            self.push(other.value.get(range).unwrap_or_default(), piece.origin.clone());
        }
    }

    /// Appends a part of another text. Holes at its borders belong to it.
    pub fn push_part(&mut self, other: &Self, range: Range<usize>) {
        for (part, origin) in other.origins(range) {
            self.push(other.value.get(part).unwrap_or_default(), origin);
        }
    }

    /// A part of it; empty where `range` is not on boundaries of characters.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let mut part = Self::default();
        part.push_part(self, range);
        part
    }

    /// Each piece with its range.
    pub fn ranges(&self) -> impl Iterator<Item = (Range<usize>, &Piece)> {
        let mut start = 0;
        self.pieces.iter().map(move |piece| {
            let range = start..(piece.end as usize).max(start);
            start = range.end;
            (range, piece)
        })
    }

    /// `range` cut at the borders of pieces, each part with the origin that decides it. Empty pieces, which are holes,
    /// are part of every range that they touch.
    pub fn origins(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, Origin)> {
        let first = self.pieces.partition_point(|piece| (piece.end as usize) < range.start);
        let mut start = first.checked_sub(1).and_then(|it| self.pieces.get(it)).map_or(0, |it| it.end as usize);
        let pieces = self.pieces.get(first..).unwrap_or_default().iter();
        let until = range.end;
        pieces
            .map(move |piece| {
                let at = start..piece.end as usize;
                start = at.end;
                (at, piece)
            })
            .take_while(move |(at, _)| at.start < until || (at.is_empty() && at.start == until))
            .filter_map(move |(at, piece)| {
                let part = at.start.max(range.start)..at.end.min(range.end);
                let is_part = !part.is_empty() || at.is_empty();
                let within = part.start.saturating_sub(at.start)..part.end.saturating_sub(at.start);
                is_part.then(|| (part, piece.origin.part(at.len(), within)))
            })
    }

    /// One origin for all of it.
    pub fn origin(&self) -> Origin {
        self.origin_of(0..self.value.len())
    }

    /// One origin for a part of it: that of the one piece that is not of the program that renders, or all.
    pub fn origin_of(&self, range: Range<usize>) -> Origin {
        let all: Vec<_> = self.origins(range).map(|(_, origin)| origin).collect();
        match all.as_slice() {
            [one] => one.clone(),
            all => Origin::made(all),
        }
    }

    /// The holes in it, in order.
    pub fn holes(&self) -> impl Iterator<Item = HoleId> {
        self.pieces.iter().flat_map(|piece| holes(&piece.origin))
    }

    /// The first hole in it.
    pub fn hole(&self) -> Option<HoleId> {
        self.holes().next()
    }

    /// What it takes to cut off what is appended from now on.
    pub(crate) fn mark(&self) -> Mark {
        Mark { len: self.value.len(), pieces: self.pieces.len(), last: self.pieces.last().cloned() }
    }

    /// Cuts off what was appended since.
    pub(crate) fn reset(&mut self, mark: Mark) {
        self.value.truncate(mark.len);
        self.pieces.truncate(mark.pieces);
        if let (Some(last), Some(kept)) = (self.pieces.last_mut(), mark.last) {
            // What was appended may have become part of it.
            *last = kept;
        }
    }

    /// Whether a hole stands behind an offset.
    pub(crate) fn has_hole_since(&self, start: usize) -> bool {
        let since = self.pieces.iter().rev().take_while(|piece| piece.end as usize >= start);
        // The one that ends there may be a hole without bytes that was there before.
        since
            .filter(|piece| piece.end as usize > start || matches!(piece.origin, Origin::Hole(_)))
            .any(|piece| !holes(&piece.origin).is_empty())
    }

    /// The same with another name for a hole.
    pub(crate) fn renamed(&self, from: HoleId, to: HoleId) -> Self {
        let mut renamed = self.clone();
        let pieces = renamed.pieces.iter_mut().filter(|piece| piece.origin == Origin::Hole(from));
        pieces.for_each(|piece| piece.origin = Origin::Hole(to));
        renamed
    }

    /// Where whole lines are missing: the offsets of the holes without bytes.
    pub fn gaps(&self) -> impl Iterator<Item = (usize, HoleId)> {
        self.ranges().filter_map(|(range, piece)| match piece.origin {
            Origin::Hole(hole) if range.is_empty() => Some((range.start, hole)),
            _ => None,
        })
    }

    /// `range`, made longer until it holds every hole without bytes: cutting one off would forget that something is
    /// missing.
    pub(crate) fn with_gaps(&self, range: Range<usize>) -> Range<usize> {
        self.gaps().fold(range, |range, (at, _)| range.start.min(at)..range.end.max(at))
    }
}

/// The holes that an origin names.
fn holes(origin: &Origin) -> Vec<HoleId> {
    match origin {
        Origin::Hole(hole) => vec![*hole],
        Origin::Made(parts) => parts.iter().flat_map(holes).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(range: Range<usize>) -> Origin {
        Origin::Written(Place::new(FileId(0), range))
    }

    #[test]
    fn neighbours_in_the_file_become_one_piece() {
        let mut text = Text::new("ab", at(3..5));
        text.push("cd", at(5..7));
        text.push("x", at(20..21));
        assert_eq!(text.pieces().len(), 2);
        assert_eq!(text.origins(1..3).next(), Some((1..3, at(4..6))));
    }

    #[test]
    fn a_run_that_is_not_its_bytes_has_the_whole_place() {
        let text = Text::new("a\nb", at(3..7));
        assert_eq!(text.origin_of(0..1), at(3..7));
    }

    #[test]
    fn a_gap_belongs_to_the_ranges_that_touch_it() {
        let mut text = Text::new("ab", at(0..2));
        text.push("", Origin::Hole(HoleId(0)));
        text.push("cd", at(9..11));
        assert_eq!(text.part(0..2).hole(), Some(HoleId(0)));
        assert_eq!(text.part(2..4).hole(), Some(HoleId(0)));
        assert_eq!(text.part(0..1).hole(), None);
        assert_eq!(text.part(0..4), text);
    }
}
