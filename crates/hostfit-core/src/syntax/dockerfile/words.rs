//! How the arguments of instructions are taken apart: words, assignments, JSON.
//!
//! As BuildKit's `parser/line_parsers.go` does it.

use std::ops::Range;

use super::Written;
use crate::source::Span;

/// What BuildKit takes for a blank between keyword and arguments, and between the words of FROM and COPY.
pub(super) const BLANK: [char; 5] = ['\t', '\x0b', '\x0c', '\r', ' '];

/// How arguments are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// As text for a shell, or words between blanks. Also what looks like JSON and is none.
    Shell,
    /// As a JSON array of strings.
    Exec(Vec<Element>),
    /// As a JSON array that holds something else than strings, which BuildKit refuses.
    NotStrings,
}

/// One string of a JSON array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its value.
    pub value: String,
    /// The bytes between the quotes.
    pub span: Span,
}

/// `NAME=value` or `NAME` of ARG, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name.
    pub name: Range<usize>,
    /// What follows `=`; quotes and variables are still in it.
    pub value: Option<Range<usize>>,
}

/// The words between blanks.
pub(super) fn between_blanks(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, char) in text.char_indices() {
        match (start, BLANK.contains(&char)) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| from..text.len()));
    words
}

/// Where the second word starts.
pub(super) fn after_first(text: &str) -> usize {
    let rest = text.find(char::is_whitespace).and_then(|end| text.get(end..)).unwrap_or_default();
    text.len() - rest.trim_start().len()
}

/// The words between blanks that no quote holds together; the quotes stay. An escape character that ends the text is
/// left out.
pub(super) fn quoted(text: &str, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text.char_indices().peekable();
    let mut end = text.len();
    while let Some((at, char)) = chars.next() {
        let Some(from) = start else {
            if char.is_whitespace() {
                continue;
            }
            start = Some(at);
            quote = matches!(char, '\'' | '"').then_some(char);
            if char == escape && chars.next().is_none() {
                end = at;
            }
            continue;
        };
        match quote {
            None if char.is_whitespace() => {
                words.push(from..at);
                start = None;
                continue;
            }
            None if matches!(char, '\'' | '"') => quote = Some(char),
            Some(open) if open == char => quote = None,
            _ => {}
        }
        if char == escape && quote != Some('\'') && chars.next().is_none() {
            end = at;
        }
    }
    words.extend(start.map(|from| from..end).filter(|word| !word.is_empty()));
    words
}

/// The words of an ARG.
pub(super) fn assignments(text: &str, escape: char) -> Vec<Assignment> {
    quoted(text, escape)
        .into_iter()
        .map(|word| match text.get(word.clone()).and_then(|it| it.find('=')) {
            Some(equals) => {
                let at = word.start + equals;
                Assignment { name: word.start..at, value: Some(at + 1..word.end) }
            }
            None => Assignment { name: word, value: None },
        })
        .collect()
}

/// The names and values of an ENV or LABEL.
pub(super) fn settings(text: &str, escape: char) -> Vec<Range<usize>> {
    let words = quoted(text, escape);
    let written = |word: &Range<usize>| text.get(word.clone()).unwrap_or_default();
    if words.first().is_some_and(|first| !written(first).contains('=')) {
        let name_end = text.find(BLANK).unwrap_or(text.len());
        let rest = text.get(name_end..).unwrap_or_default();
        let value_start = text.len() - rest.trim_start_matches(BLANK).len();
        return vec![0..name_end, value_start..text.len()];
    }
    let halves = |word: Range<usize>| {
        let equals = written(&word).find('=').map(|at| word.start + at);
        let value = equals.map(|at| at + 1..word.end);
        std::iter::once(word.start..equals.unwrap_or(word.end)).chain(value)
    };
    words.into_iter().flat_map(halves).collect()
}

/// The form of the arguments from byte `from` on.
pub(super) fn form(arguments: &Written, from: usize) -> Form {
    let text = arguments.as_str().get(from..).unwrap_or_default();
    if !text.starts_with('[') {
        return Form::Shell;
    }
    match strings(text) {
        Some(strings) => Form::Exec(
            strings
                .into_iter()
                .map(|(value, range)| Element { value, span: arguments.span(from + range.start..from + range.end) })
                .collect(),
        ),
        None if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => Form::NotStrings,
        None => Form::Shell,
    }
}

/// The strings of a JSON array and where they stand between their quotes; none if it is anything else.
fn strings(text: &str) -> Option<Vec<(String, Range<usize>)>> {
    let mut strings = Vec::new();
    let mut scanner = Json { text, at: 1 };
    scanner.blanks();
    if scanner.take(']') {
        return scanner.ends().then_some(strings);
    }
    loop {
        scanner.blanks();
        strings.push(scanner.string()?);
        scanner.blanks();
        if scanner.take(']') {
            return scanner.ends().then_some(strings);
        }
        if !scanner.take(',') {
            return None;
        }
    }
}

struct Json<'a> {
    text: &'a str,
    at: usize,
}

impl Json<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn take(&mut self, char: char) -> bool {
        let there = self.rest().starts_with(char);
        self.at += if there { char.len_utf8() } else { 0 };
        there
    }

    fn ends(mut self) -> bool {
        self.blanks();
        self.rest().is_empty()
    }

    fn string(&mut self) -> Option<(String, Range<usize>)> {
        if !self.take('"') {
            return None;
        }
        let start = self.at;
        let mut value = String::new();
        let mut chars = self.rest().char_indices();
        loop {
            match chars.next()? {
                (at, '"') => {
                    self.at = start + at + 1;
                    return Some((value, start..start + at));
                }
                (_, '\\') => value.push(match chars.next()?.1 {
                    it @ ('"' | '\\' | '/') => it,
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => unicode(&mut chars)?,
                    _ => return None,
                }),
                (_, control) if control < ' ' => return None,
                (_, char) => value.push(char),
            }
        }
    }
}

/// The character of `XXXX` after `\u`, a second half included. Go takes U+FFFD for half a pair.
fn unicode(chars: &mut std::str::CharIndices) -> Option<char> {
    let first = hex(chars)?;
    if let Some(char) = char::from_u32(first) {
        return Some(char);
    }
    let mut ahead = chars.clone();
    let escapes = matches!((ahead.next(), ahead.next()), (Some((_, '\\')), Some((_, 'u'))));
    if let Some(second) = hex(&mut ahead).filter(|it| escapes && (0xdc00..0xe000).contains(it))
        && first < 0xdc00
    {
        *chars = ahead;
        return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00));
    }
    Some(char::REPLACEMENT_CHARACTER)
}

fn hex(chars: &mut std::str::CharIndices) -> Option<u32> {
    (0..4).try_fold(0, |value, _| Some(value * 16 + chars.next()?.1.to_digit(16)?))
}
