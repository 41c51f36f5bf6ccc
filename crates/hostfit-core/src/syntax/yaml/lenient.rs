//! Rewrites what this parser alone refuses into what it reads; offsets stay. Values are taken from the original.

use std::borrow::Cow;

use super::{
    continued,
    stop::{Form, Stop},
};

/// Rewrites the form at which the parser stopped. False where other readers refuse it too.
pub(super) fn accept(text: &mut String, stop: &Stop) -> bool {
    let edits = match &stop.form {
        Some(Form::QuotedIndent) => continued::line_breaks(text, stop).map(|breaks| with(breaks, b' ')),
        Some(Form::QuotedTab) => Some(indenting_tabs(text, stop.at)),
        Some(Form::Tab) => is_between_brackets(text, stop).then(|| indenting_tabs(text, stop.at)),
        Some(Form::Comment) => separated_comment(text, stop.at),
        Some(Form::Bom) => text.get(stop.at..).filter(|rest| rest.starts_with('\u{feff}')).map(|_| letters(stop.at, 3)),
        Some(Form::Escape) => {
            text.get(stop.at..).filter(|rest| rest.starts_with('"')).map(|_| apostrophes(text, stop.at))
        }
        Some(Form::Dash) => Some(letters(stop.at, 1)),
        Some(Form::Colons(places)) => Some(with(places.iter().copied(), b'x')),
        None => None,
    };
    let edits = edits.unwrap_or_default();
    write(text, &edits);
    !edits.is_empty()
}

/// The text with its unusual line breaks (U+0085, U+2028, U+2029) as line feeds, and without a byte order mark at the
/// start of a further document, where files were joined.
pub(super) fn with_line_feeds(text: &str) -> Cow<'_, str> {
    // All of them are more than ASCII.
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut read: Option<Vec<u8>> = None;
    let mut put = |at: usize, written: &[u8]| {
        let read = read.get_or_insert_with(|| bytes.to_vec());
        for (slot, byte) in read.iter_mut().skip(at).zip(written) {
            *slot = *byte;
        }
    };
    for at in memchr::memchr3_iter(0xc2, 0xe2, 0xef, bytes) {
        match bytes.get(at..).unwrap_or_default() {
            [0xc2, 0x85, ..] => put(at, b" \n"),
            [0xe2, 0x80, 0xa8 | 0xa9, ..] => put(at, b"  \n"),
            // The line feed before it moves behind it.
            [0xef, 0xbb, 0xbf, ..] if begins_document(text.get(..at).unwrap_or_default()) => put(at - 1, b"   \n"),
            _ => {}
        }
    }
    read.and_then(|read| String::from_utf8(read).ok()).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Whether the text ends with the line of a document start.
fn begins_document(text: &str) -> bool {
    let line = text.strip_suffix('\n').map(|text| text.rsplit('\n').next().unwrap_or_default());
    line.and_then(|line| line.strip_prefix("---")).is_some_and(|rest| {
        let rest = rest.trim();
        rest.is_empty() || rest.starts_with('#')
    })
}

/// The value of a scalar without quotes over several lines: a line feed between two lines is a space, other line breaks stay.
pub(super) fn folded(written: &str) -> String {
    const BREAKS: [char; 4] = ['\n', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut value = String::with_capacity(written.len());
    let mut breaks = String::new();
    for line in written.split_inclusive(BREAKS) {
        let content = line.trim_end_matches(BREAKS).trim_matches([' ', '\t', '\r']);
        if !content.is_empty() {
            match breaks.strip_prefix('\n') {
                Some("") => value.push(' '),
                rest => value.push_str(rest.unwrap_or(&breaks)),
            }
            breaks.clear();
            value.push_str(content);
        }
        match line.chars().next_back() {
            Some('\u{85}') => breaks.push('\n'),
            last => breaks.extend(last.filter(|last| BREAKS.contains(last))),
        }
    }
    value
}

/// A quoted scalar as this parser reads it on its own.
pub(super) fn quoted(written: &str) -> Cow<'_, str> {
    if !written.starts_with('"') || !written.contains("\\'") {
        return Cow::Borrowed(written);
    }
    let mut read = String::with_capacity(written.len() + 16);
    let mut chars = written.chars();
    while let Some(next) = chars.next() {
        let escaped = if next == '\\' { chars.next() } else { None };
        match escaped {
            Some('\'') => read.push_str("\\x27"),
            escaped => read.extend(std::iter::once(next).chain(escaped)),
        }
    }
    Cow::Owned(read)
}

/// How many tabs are rewritten at once; the parser stops at the next one.
const MAX_TABS: usize = 65_536;

type Edits = Vec<(usize, u8)>;

fn with(places: impl IntoIterator<Item = usize>, byte: u8) -> Edits {
    places.into_iter().map(|at| (at, byte)).collect()
}

/// Bytes that stand for text of which nothing ends a value without quotes.
fn letters(at: usize, count: usize) -> Edits {
    with(at..at + count, b'x')
}

/// Writes ASCII over what has the same length, edits in a row at once: they may be parts of one character.
fn write(text: &mut String, edits: &[(usize, u8)]) {
    for run in edits.chunk_by(|(at, _), (next, _)| at + 1 == *next) {
        let Some(&(start, _)) = run.first() else { continue };
        let range = start..start + run.len();
        let written: String = run.iter().map(|&(_, byte)| char::from(byte)).collect();
        if text.get(range.clone()).is_some() {
            text.replace_range(range, &written);
        }
    }
}

/// A blank in place of `#`, and that in place of the character behind it.
fn separated_comment(text: &str, at: usize) -> Option<Edits> {
    let behind = text.get(at..)?.strip_prefix('#')?;
    let mut edits = vec![(at, b' ')];
    if let Some(next) = behind.chars().next().filter(|next| !matches!(next, '\r' | '\n')) {
        edits.push((at + 1, b'#'));
        edits.extend(with(at + 2..at + 1 + next.len_utf8(), b' '));
    }
    Some(edits)
}

/// The tabs before the text of the line at `at`, or of the next, and of the lines below that begin with a tab too.
fn indenting_tabs(text: &str, at: usize) -> Edits {
    let mut edits = Vec::new();
    let mut start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |feed| feed + 1);
    for (number, line) in text.get(start..).unwrap_or_default().split_inclusive('\n').enumerate() {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let tabs = line.bytes().take(blanks).enumerate().filter(|(_, byte)| *byte == b'\t').map(|(tab, _)| start + tab);
        let before = edits.len();
        edits.extend(with(tabs, b' '));
        if number > 0 && edits.len() == before || edits.len() > MAX_TABS {
            break;
        }
        start += line.len();
    }
    edits
}

/// Whether the line at which the parser stopped goes on between brackets.
fn is_between_brackets(text: &str, stop: &Stop) -> bool {
    let line = text.get(..stop.at).and_then(|before| before.rfind('\n')).unwrap_or(0);
    stop.in_flow || text.get(..line).is_some_and(|before| before.trim_end().ends_with(['[', '{', ',']))
}

/// `''` in place of each `\'` in the value between double quotes that begins at `at`.
fn apostrophes(text: &str, at: usize) -> Edits {
    let mut edits = Vec::new();
    let mut at = at + 1;
    while let Some(found) = text.as_bytes().get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        match text.as_bytes().get(at..at + 2) {
            Some(b"\\'") => edits.push((at, b'\'')),
            Some([b'\\', _]) => {}
            _ => break,
        }
        at += 2;
    }
    edits
}
