//! Which bytes of the file each part of a scalar's value comes from.

use std::{borrow::Cow, ops::Range};

use super::arena::Style;

/// A part of a value and the bytes that write it, counted from the start of the scalar.
pub(super) type Piece<'t> = (Cow<'t, str>, Range<usize>);

/// The value as pieces that together are the value. A piece as long as its bytes *is* its bytes; others (an escape,
/// the fold between two lines) are written differently. If that can't be told, the value is one piece.
pub(super) fn of<'t>(value: &'t str, written: &'t str, style: Style) -> Vec<Piece<'t>> {
    if value == written {
        return vec![(Cow::Borrowed(value), 0..written.len())];
    }
    let mut pieces = Pieces { value, at: 0, found: Vec::new() };
    match pieces.lines(written, style) {
        Some(()) if pieces.at == value.len() => pieces.found,
        _ => vec![(Cow::Borrowed(value), 0..written.len())],
    }
}

struct Pieces<'t> {
    value: &'t str,
    /// How much of the value has its pieces.
    at: usize,
    found: Vec<Piece<'t>>,
}

impl<'t> Pieces<'t> {
    fn lines(&mut self, written: &'t str, style: Style) -> Option<()> {
        let mut offset = 0;
        let mut gap_from = 0;
        let mut after_escape = false;
        for (number, line) in written.split_inclusive(['\r', '\n']).enumerate() {
            let start = offset;
            offset += line.len();
            let mut content = line.trim_end_matches(['\r', '\n']);
            let is_last = offset == written.len() && !line.ends_with(['\r', '\n']);
            let is_quoted = matches!(style, Style::SingleQuoted | Style::DoubleQuoted);
            let mut content_start = start;
            // The first line of a block scalar may come after line ends that only the value shows.
            let has_gap = number > 0 || style == Style::Block;
            if has_gap {
                let trimmed = content.trim_start_matches([' ', '\t']);
                content_start += content.len() - trimmed.len();
                content = trimmed;
            }
            let escaped_break = style == Style::DoubleQuoted && !is_last && ends_in_escape(content);
            if escaped_break {
                content = content.strip_suffix('\\').unwrap_or(content);
            } else if !(is_quoted && is_last) {
                content = content.trim_end_matches([' ', '\t']);
            }
            if content.is_empty() && !(is_quoted && (number == 0 || is_last)) {
                continue;
            }
            if has_gap {
                let gap = written.get(gap_from..content_start).unwrap_or_default();
                self.gap(gap_from..content_start, gap, style, after_escape);
            }
            match style {
                Style::Plain | Style::Block => self.verbatim(content, content_start)?,
                Style::SingleQuoted => self.single_quoted(content, content_start)?,
                Style::DoubleQuoted => self.double_quoted(content, content_start)?,
            }
            gap_from = content_start + content.len();
            after_escape = escaped_break;
        }
        // Line ends that belong to a block value.
        let rest = self.value.get(self.at..)?;
        if !rest.is_empty() && rest.trim_matches(['\n', ' ', '\t']).is_empty() {
            self.push(rest, gap_from..written.len())?;
        }
        Some(())
    }

    /// What became of the line ends and the indentation between two lines. In a block scalar that is whatever white
    /// space the value has there; elsewhere one line end is a space, and of several each but the first is kept. After
    /// an escaped line end there is no space.
    fn gap(&mut self, range: Range<usize>, gap: &str, style: Style, escaped: bool) {
        let rest = self.value.get(self.at..).unwrap_or_default();
        let line_ends = gap.matches(['\r', '\n']).count() - gap.matches("\r\n").count();
        let fold = match style {
            Style::Block => rest.len() - rest.trim_start_matches(['\n', ' ', '\t']).len(),
            _ if line_ends == 1 => usize::from(!escaped),
            _ => line_ends.saturating_sub(1),
        };
        if let Some(fold) = rest.get(..fold).filter(|it| !it.is_empty()) {
            self.at += fold.len();
            self.found.push((Cow::Borrowed(fold), range));
        }
    }

    fn push(&mut self, expected: &str, range: Range<usize>) -> Option<()> {
        if expected.is_empty() {
            return Some(());
        }
        let piece = self.value.get(self.at..)?.get(..expected.len()).filter(|it| *it == expected)?;
        self.at += piece.len();
        self.found.push((Cow::Borrowed(piece), range));
        Some(())
    }

    fn verbatim(&mut self, content: &str, start: usize) -> Option<()> {
        self.push(content, start..start + content.len())
    }

    fn single_quoted(&mut self, content: &str, start: usize) -> Option<()> {
        let mut offset = start;
        for (number, part) in content.split("''").enumerate() {
            if number > 0 {
                self.push("'", offset..offset + 2)?;
                offset += 2;
            }
            self.verbatim(part, offset)?;
            offset += part.len();
        }
        Some(())
    }

    fn double_quoted(&mut self, content: &str, start: usize) -> Option<()> {
        let mut rest = content;
        let mut offset = start;
        while let Some(backslash) = memchr::memchr(b'\\', rest.as_bytes()) {
            let (plain, escape) = rest.split_at_checked(backslash)?;
            self.verbatim(plain, offset)?;
            offset += plain.len();
            let (decoded, len) = decode(escape)?;
            self.push(decoded.encode_utf8(&mut [0; 4]), offset..offset + len)?;
            offset += len;
            rest = escape.get(len..)?;
        }
        self.verbatim(rest, offset)
    }
}

/// Whether the line ends in a backslash that is not itself escaped.
fn ends_in_escape(line: &str) -> bool {
    line.bytes().rev().take_while(|&it| it == b'\\').count() % 2 == 1
}

/// The character that the escape at the start of `text` stands for, and the escape's length.
fn decode(text: &str) -> Option<(char, usize)> {
    let letter = text.chars().nth(1)?;
    let hex = |digits: usize| {
        let number = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
        Some((number, 2 + digits))
    };
    let simple = match letter {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        ' ' | '"' | '\'' | '/' | '\\' => letter,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return hex(2).and_then(|(number, len)| Some((char::from_u32(number)?, len))),
        'U' => return hex(8).and_then(|(number, len)| Some((char::from_u32(number)?, len))),
        'u' => return utf16_escape(text, hex(4)?.0),
        _ => return None,
    };
    Some((simple, 1 + letter.len_utf8()))
}

/// `\uXXXX`, or two of them that are one character outside the first plane, as JSON writes them.
fn utf16_escape(text: &str, first: u32) -> Option<(char, usize)> {
    if let Some(one) = char::from_u32(first) {
        return Some((one, 6));
    }
    let low = text.get(6..12)?.strip_prefix("\\u").and_then(|it| u32::from_str_radix(it, 16).ok())?;
    let units = [u16::try_from(first).ok()?, u16::try_from(low).ok()?];
    let both = char::decode_utf16(units).next()?.ok()?;
    Some((both, 12))
}
