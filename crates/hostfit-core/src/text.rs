//! Text after variables were filled in, which still knows where every byte of it was written.

use std::ops::Range;

use crate::source::Span;

/// Where one piece of a [`Text`] comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written in place.
    Literal,
    /// The value of a variable, which is written at [`Piece::at`].
    Variable(String),
    /// A variable that has no value the files tell; the piece holds the variable as it is written, `${TAG}`.
    Hole(String),
}

/// A run of bytes of a [`Text`] with one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// One past its last byte in the value; it starts where the piece before it ends.
    pub end: u32,
    /// The bytes that state it: those in place, or those of the ARG default, build arg or `.env` line.
    pub at: Span,
    /// The bytes where it is used: `at` for literals, else those of `${TAG}`.
    pub used_at: Span,
    /// What wrote it.
    pub origin: Origin,
}

/// A value put together from literal parts and variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The value. Where a variable is not known it holds the variable as written.
    pub value: String,
    /// The bytes of the whole value at its place of use, without quotes around all of it.
    pub span: Span,
    /// Its pieces, in order, together as long as the value.
    pub pieces: Vec<Piece>,
}

impl Text {
    /// Text that stands in the file as it is. If `span` is not as long as `value` (escapes, folding), parts of it
    /// can only be shown as the whole.
    pub fn literal(value: impl Into<String>, span: Span) -> Self {
        let value = value.into();
        let end = u32::try_from(value.len()).unwrap_or(u32::MAX);
        let piece = Piece { end, at: span, used_at: span, origin: Origin::Literal };
        Self { value, span, pieces: vec![piece] }
    }

    /// An empty text to push pieces onto.
    pub fn empty(span: Span) -> Self {
        Self { value: String::new(), span, pieces: Vec::new() }
    }

    /// Appends `value`, which is written at `at`, and used at `used_at`.
    pub fn push(&mut self, value: &str, at: Span, used_at: Span, origin: Origin) {
        if value.is_empty() && !matches!(origin, Origin::Hole(_)) {
            return;
        }
        self.value.push_str(value);
        let end = u32::try_from(self.value.len()).unwrap_or(u32::MAX);
        if self.pieces.is_empty() {
            // Nearly all texts are one piece, and there are many texts.
            self.pieces.reserve_exact(1);
        }
        self.pieces.push(Piece { end, at, used_at, origin });
    }

    /// Appends a piece of literal text.
    pub fn push_literal(&mut self, value: &str, at: Span) {
        self.push(value, at, at, Origin::Literal);
    }

    /// Appends another text with all that it knows.
    pub fn append(&mut self, other: &Self) {
        for (range, piece) in other.ranges() {
            let value = other.value.get(range).unwrap_or_default();
            self.push(value, piece.at, piece.used_at, piece.origin.clone());
        }
    }

    /// Appends another text, used at `used_at` under `name`: the value of a variable whose own value has pieces.
    pub fn push_variable(&mut self, name: &str, value: &Self, used_at: Span) {
        for (range, piece) in value.ranges() {
            let origin = match &piece.origin {
                Origin::Literal => Origin::Variable(name.to_owned()),
                other => other.clone(),
            };
            self.push(value.value.get(range).unwrap_or_default(), piece.at, used_at, origin);
        }
    }

    /// The value, if every variable in it is known.
    pub fn known(&self) -> Option<&str> {
        self.hole().is_none().then_some(self.value.as_str())
    }

    /// The first variable that is not known.
    pub fn hole(&self) -> Option<&str> {
        let may_have = self.pieces.iter().any(|piece| matches!(piece.origin, Origin::Hole(_)));
        may_have.then(|| self.hole_in(0..self.value.len())).flatten()
    }

    /// The first unknown variable that touches `range` of the value.
    pub fn hole_in(&self, range: Range<usize>) -> Option<&str> {
        self.holes_in(range).next()
    }

    /// The unknown variables that touch `range` of the value, in order.
    pub fn holes_in(&self, range: Range<usize>) -> impl Iterator<Item = &str> {
        self.touched(range).filter_map(|(_, piece)| match &piece.origin {
            Origin::Hole(name) => Some(name.as_str()),
            Origin::Literal | Origin::Variable(_) => None,
        })
    }

    /// The value with every byte of an unknown variable as NUL: nothing can be read into it.
    pub fn masked(&self) -> String {
        let mut masked = String::with_capacity(self.value.len());
        for (range, piece) in self.ranges() {
            match &piece.origin {
                Origin::Hole(_) => masked.extend(std::iter::repeat_n('\0', range.len())),
                _ => masked.push_str(self.value.get(range).unwrap_or_default()),
            }
        }
        masked
    }

    /// Each piece with the range of the value that it is.
    pub fn ranges(&self) -> impl Iterator<Item = (Range<usize>, &Piece)> {
        let mut start = 0;
        self.pieces.iter().map(move |piece| {
            let range = start..(piece.end as usize).max(start);
            start = range.end;
            (range, piece)
        })
    }

    /// The pieces that have a byte of `range`, each with the range of the value that it is.
    pub fn touched(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, &Piece)> {
        let first = self.pieces.partition_point(|piece| piece.end as usize <= range.start);
        let mut start = first.checked_sub(1).and_then(|before| self.pieces.get(before)).map_or(0, |it| it.end as usize);
        let pieces = self.pieces.get(first..).unwrap_or_default().iter();
        pieces
            .map(move |piece| {
                let at = start..piece.end as usize;
                start = at.end;
                (at, piece)
            })
            .take_while(move |(at, _)| at.start < range.end)
    }

    /// `range` cut at the borders of pieces, each part with the bytes that state it.
    pub fn parts(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, Span)> {
        self.touched(range.clone()).map(move |(at, piece)| {
            let part = at.start.max(range.start)..at.end.min(range.end);
            let span = within(&(at, piece), &part);
            (part, span)
        })
    }

    /// A part of it, as a text that keeps where each byte comes from.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let mut part = Self::empty(self.used_at(range.clone()));
        for (at, piece) in self.touched(range.clone()) {
            let within_range = at.start.max(range.start)..at.end.min(range.end);
            let span = within(&(at, piece), &within_range);
            let used_at = if matches!(piece.origin, Origin::Literal) { span } else { piece.used_at };
            let value = self.value.get(within_range).unwrap_or_default();
            part.push(value, span, used_at, piece.origin.clone());
        }
        part
    }

    /// The bytes that decide `range` of the value, and must be edited to change it: within one piece its own; over
    /// several, that variable's which alone takes part; else, and where no file states it, the range at the place of
    /// use.
    pub fn locate(&self, range: Range<usize>) -> Span {
        let mut touched = self.touched(range.clone());
        let (first, second) = (touched.next(), touched.next());
        let one = if second.is_none() {
            first
        } else {
            let all = first.into_iter().chain(second).chain(touched);
            let mut variables = all.filter(|(_, piece)| !matches!(piece.origin, Origin::Literal));
            variables.next().filter(|_| variables.next().is_none())
        };
        let stated = one.map(|one| within(&one, &range));
        stated.filter(|span| !span.is_nowhere()).unwrap_or_else(|| self.used_at(range))
    }

    /// The bytes that decide all of it.
    pub fn place(&self) -> Span {
        self.locate(0..self.value.len())
    }

    /// The bytes of `range` at the place of use, whole variables included.
    pub fn used_at(&self, range: Range<usize>) -> Span {
        self.touched(range.clone())
            .map(|(at, piece)| match piece.origin {
                Origin::Literal => within(&(at, piece), &range),
                Origin::Variable(_) | Origin::Hole(_) => piece.used_at,
            })
            .reduce(Span::cover)
            .unwrap_or(self.span)
    }
}

fn within((at, piece): &(Range<usize>, &Piece), range: &Range<usize>) -> Span {
    if piece.at.len() != at.len() {
        return piece.at;
    }
    piece.at.part(range.start.saturating_sub(at.start)..range.end.min(at.end).saturating_sub(at.start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn span(range: Range<usize>) -> Span {
        Span::new(SourceId(0), range)
    }

    /// `servercore:ltsc${V}` at 100, with `ARG V=2022`, whose value stands at 6.
    fn sample() -> Text {
        let mut text = Text::empty(span(100..119));
        text.push_literal("servercore:ltsc", span(100..115));
        text.push("2022", span(6..10), span(115..119), Origin::Variable("V".into()));
        text
    }

    #[test]
    fn a_range_in_one_piece_is_that_piece() {
        assert_eq!(sample().locate(0..10), span(100..110));
        assert_eq!(sample().locate(15..19), span(6..10));
    }

    #[test]
    fn a_range_with_one_variable_stands_on_its_value() {
        assert_eq!(sample().locate(11..19), span(6..10));
        assert_eq!(sample().used_at(11..19), span(111..119));
    }

    #[test]
    fn a_value_that_no_file_states_stands_where_it_is_used() {
        let mut text = Text::empty(span(0..4));
        text.push("1803", Span::NOWHERE, span(0..4), Origin::Variable("TAG".into()));
        assert_eq!(text.locate(0..4), span(0..4));
    }

    #[test]
    fn unknown_variables_are_masked() {
        let mut text = sample();
        text.push("${X}", span(119..123), span(119..123), Origin::Hole("X".into()));
        assert_eq!(text.known(), None);
        assert_eq!(text.hole_in(0..19), None);
        assert_eq!(text.hole_in(12..20), Some("X"));
        assert_eq!(text.masked(), "servercore:ltsc2022\0\0\0\0");
    }
}
