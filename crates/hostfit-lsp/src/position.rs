//! Bytes of a text and positions of the protocol.

use std::ops::Range;

use hostfit_core::source::saturating_u32;
use lsp_types::{self as lsp, PositionEncodingKind};

/// What `character` of a position counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Bytes of UTF-8.
    Utf8,
    /// Code units of UTF-16, the protocol's default.
    Utf16,
    /// Code points.
    Utf32,
}

impl Encoding {
    /// Of those that the client offers the one that costs least, which clients that offer it can do as well.
    pub(crate) fn negotiate(offered: &[PositionEncodingKind]) -> Self {
        let known = [
            (PositionEncodingKind::UTF8, Self::Utf8),
            (PositionEncodingKind::UTF32, Self::Utf32),
            (PositionEncodingKind::UTF16, Self::Utf16),
        ];
        // A client names those it likes first.
        let named = offered.iter().find_map(|kind| known.iter().find(|(it, _)| it == kind));
        named.map_or(Self::Utf16, |(_, encoding)| *encoding)
    }

    /// Its name in the protocol.
    pub(crate) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn of(self, char: char) -> usize {
        match self {
            Self::Utf8 => char.len_utf8(),
            Self::Utf16 => char.len_utf16(),
            Self::Utf32 => 1,
        }
    }

    fn count(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            _ if text.is_ascii() => text.len(),
            _ => text.chars().map(|char| self.of(char)).sum(),
        }
    }
}

const BOM: &str = "\u{feff}";

/// Where the lines of a text begin. A line ends with LF, CRLF or CR, as the protocol wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    /// Offset of each line's first byte.
    starts: Vec<usize>,
    /// Bytes of a byte order mark that the editor does not show: it is not text of a file that was read from the disk.
    hidden: usize,
}

impl Lines {
    /// Of the text of a document, as its editor has it.
    pub(crate) fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let bytes = text.as_bytes();
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes.get(at..at + 2) != Some(b"\r\n") {
                starts.push(at + 1);
            }
        }
        Self { starts, hidden: 0 }
    }

    /// Brings them up to date where `length` bytes took the place of `range`; `text` has them already.
    pub(crate) fn edit(&mut self, text: &str, range: Range<usize>, length: usize) {
        let bytes = text.as_bytes();
        let is_start = |at: usize| match at.checked_sub(1).and_then(|before| bytes.get(before)) {
            None | Some(b'\n') => true,
            Some(b'\r') => bytes.get(at) != Some(&b'\n'),
            Some(_) => false,
        };
        // What a line begins with decides too, as a line feed after CR.
        let first = self.starts.partition_point(|&start| start < range.start);
        let behind = self.starts.partition_point(|&start| start <= range.end);
        let end = range.start + length;
        for start in self.starts.iter_mut().skip(behind) {
            *start = *start - range.end + end;
        }
        self.starts.splice(first..behind, (range.start..=end).filter(|at| is_start(*at)));
    }

    /// Of the text of a file, whose byte order mark no editor counts.
    pub(crate) fn of_file(text: &str) -> Self {
        let hidden = if text.starts_with(BOM) { BOM.len() } else { 0 };
        Self { hidden, ..Self::new(text) }
    }

    /// The position of a byte; of the end for one behind it.
    pub(crate) fn position(&self, text: &str, offset: usize, encoding: Encoding) -> lsp::Position {
        let offset = text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|&start| start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0).max(self.hidden);
        let before = text.get(start..offset).unwrap_or_default();
        lsp::Position { line: saturating_u32(line), character: saturating_u32(encoding.count(before)) }
    }

    /// The positions of a range of bytes.
    pub(crate) fn range(&self, text: &str, range: Range<usize>, encoding: Encoding) -> lsp::Range {
        lsp::Range { start: self.position(text, range.start, encoding), end: self.position(text, range.end, encoding) }
    }

    /// The byte at a position: of the line's end where the line is shorter, of the text's where there is no such line;
    /// of the character's start inside of a character.
    pub(crate) fn offset(&self, text: &str, position: lsp::Position, encoding: Encoding) -> usize {
        let line = position.line as usize;
        let Some(&start) = self.starts.get(line) else { return text.len() };
        let start = start.max(self.hidden);
        let end = self.starts.get(line + 1).copied().unwrap_or(text.len());
        let content = text.get(start..end).unwrap_or_default().trim_end_matches(['\r', '\n']);
        let wanted = position.character as usize;
        if encoding == Encoding::Utf8 || content.is_ascii() {
            return start + content.floor_char_boundary(wanted);
        }
        let mut passed = 0;
        for (at, char) in content.char_indices() {
            passed += encoding.of(char);
            if passed > wanted {
                return start + at;
            }
        }
        start + content.len()
    }

    /// The bytes of a range, whose ends may be swapped.
    pub(crate) fn bytes(&self, text: &str, range: lsp::Range, encoding: Encoding) -> Range<usize> {
        let (a, b) = (self.offset(text, range.start, encoding), self.offset(text, range.end, encoding));
        a.min(b)..a.max(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> lsp::Position {
        lsp::Position { line, character }
    }

    #[test]
    fn each_encoding_counts_its_units() {
        let text = "a\r\né漢😀b\rc";
        let lines = Lines::new(text);
        let b = text.find('b').unwrap();
        for (encoding, character) in [(Encoding::Utf8, 9), (Encoding::Utf16, 4), (Encoding::Utf32, 3)] {
            assert_eq!(lines.position(text, b, encoding), at(1, character));
            assert_eq!(lines.offset(text, at(1, character), encoding), b);
            assert_eq!(lines.offset(text, at(2, 0), encoding), text.len() - 1);
        }
    }

    #[test]
    fn places_that_do_not_exist_are_the_nearest_that_do() {
        let text = "é😀\r\nx";
        let lines = Lines::new(text);
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            assert_eq!(lines.offset(text, at(0, 99), encoding), "é😀".len());
            assert_eq!(lines.offset(text, at(9, 0), encoding), text.len());
            assert_eq!(lines.offset(text, at(u32::MAX, u32::MAX), encoding), text.len());
            assert_eq!(lines.position(text, 999, encoding), at(1, 1));
            assert_eq!(lines.bytes(text, lsp::Range { start: at(1, 0), end: at(0, 0) }, encoding), 0..8);
        }
        // Inside of a character.
        assert_eq!(lines.offset(text, at(0, 2), Encoding::Utf16), 2);
        assert_eq!(lines.offset(text, at(0, 1), Encoding::Utf8), 0);
        assert_eq!(lines.position(text, 4, Encoding::Utf16), at(0, 1));
    }

    #[test]
    fn a_byte_order_mark_of_a_file_is_not_counted() {
        let text = "\u{feff}FROM x\nRUN y";
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            let lines = Lines::of_file(text);
            assert_eq!(lines.position(text, 8, encoding), at(0, 5));
            assert_eq!(lines.position(text, 0, encoding), at(0, 0));
            assert_eq!(lines.offset(text, at(0, 5), encoding), 8);
            assert_eq!(lines.position(text, 10, encoding), at(1, 0));
        }
        assert_eq!(Lines::new(text).position(text, 8, Encoding::Utf16), at(0, 6));
    }

    #[test]
    fn without_an_offer_positions_are_utf16() {
        use PositionEncodingKind as Kind;
        let cases: [(&[Kind], Encoding); 4] = [
            (&[], Encoding::Utf16),
            (&[Kind::UTF16, Kind::UTF8], Encoding::Utf16),
            (&[Kind::new("utf-7"), Kind::UTF32], Encoding::Utf32),
            (&[Kind::UTF8, Kind::UTF16], Encoding::Utf8),
        ];
        for (offered, expected) in cases {
            assert_eq!(Encoding::negotiate(offered), expected);
        }
    }
}
