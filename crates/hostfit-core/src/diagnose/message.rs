//! One message, or a text of many, as it is searched: in one line, quotes unescaped, without what colours a terminal.

use std::ops::Range;

use crate::source::Span;

/// A message in two forms of the same length.
#[derive(Debug)]
pub(super) struct Message {
    /// As written, but for white space, escapes and quotes.
    plain: String,
    /// The same in lower case.
    lower: String,
    /// That without blanks: a console breaks lines within words.
    tight: String,
    /// For each byte of it the byte of `lower`.
    loose: Vec<u32>,
    /// For each byte of them the byte of the text.
    at: Vec<u32>,
    /// Where lines end, in order.
    breaks: Vec<usize>,
}

impl Message {
    /// `base` is where the text begins in its file.
    pub(super) fn new(text: &str, base: usize) -> Self {
        let mut plain = String::with_capacity(text.len());
        let mut at = Vec::with_capacity(text.len());
        let mut breaks = Vec::new();
        let mut chars = text.char_indices().peekable();
        let mut prefix_end = log_prefix(text);
        while let Some((offset, char)) = chars.next() {
            if offset < prefix_end {
                continue;
            }
            let char = match char {
                // ESC [ … letter: a colour.
                '\u{1b}' if chars.peek().is_some_and(|(_, next)| *next == '[') => {
                    chars.next();
                    while chars.next_if(|(_, it)| it.is_ascii_digit() || matches!(it, ';' | '?')).is_some() {}
                    chars.next_if(|(_, it)| it.is_ascii_alphabetic());
                    continue;
                }
                '\\' if is_escaped_quote(text, offset) => continue,
                '\u{2019}' => '\'',
                it if it.is_whitespace() => {
                    if it == '\n' {
                        breaks.push(plain.len());
                        prefix_end = offset + 1 + text.get(offset + 1..).map_or(0, log_prefix);
                    }
                    if plain.ends_with(' ') {
                        continue;
                    }
                    ' '
                }
                it => it,
            };
            plain.push(char);
            at.resize(plain.len(), u32::try_from(base + offset).unwrap_or(u32::MAX));
        }
        let lower = plain.to_ascii_lowercase();
        let (mut tight, mut loose) = (String::with_capacity(lower.len()), Vec::with_capacity(lower.len()));
        for (offset, char) in lower.char_indices().filter(|(_, char)| *char != ' ') {
            tight.push(char);
            loose.resize(tight.len(), u32::try_from(offset).unwrap_or(u32::MAX));
        }
        Self { plain, lower, tight, loose, at, breaks }
    }

    pub(super) fn plain(&self) -> &str {
        &self.plain
    }

    pub(super) fn lower(&self) -> &str {
        &self.lower
    }

    pub(super) fn tight(&self) -> &str {
        &self.tight
    }

    /// The range of `lower` that a range of `tight` is.
    pub(super) fn loosened(&self, tight: Range<usize>) -> Option<Range<usize>> {
        let at = |place: usize| self.loose.get(place).map(|it| *it as usize);
        let last = at(tight.end.checked_sub(1)?)?;
        let char = self.lower.get(last..)?.chars().next()?;
        Some(at(tight.start)?..last + char.len_utf8())
    }

    /// Where a range of it stands in the text.
    pub(super) fn span(&self, whole: Span, start: usize, end: usize) -> Span {
        let first = self.at.get(start).copied().unwrap_or(whole.start);
        let last = end.checked_sub(1).and_then(|last| self.at.get(last)).map_or(whole.end, |last| last + 1);
        Span { start: first, end: last.max(first), ..whole }
    }

    /// What is said there, from the start of the sentence to the details.
    pub(super) fn excerpt(&self, start: usize, end: usize) -> String {
        let first = floor(&self.plain, start.saturating_sub(LONGEST));
        let before = self.plain.get(first..start).unwrap_or_default();
        let parted = [": ", "\"", "$ ", "> "].iter().filter_map(|it| Some(first + before.rfind(it)? + it.len()));
        let from = parted.chain([self.line_of(start).0]).max().filter(|from| *from >= first).unwrap_or(start);
        let last = floor(&self.plain, (end + LONGEST).min(self.plain.len()));
        let after = self.plain.get(end..last).unwrap_or_default();
        let stops = ["\"", " extra info", " (extra info", " [Event", " Warning ", " Normal ", " Error "];
        let length = stops.iter().filter_map(|it| after.find(it)).min().unwrap_or(after.len());
        let length = length.min(self.line_of(end).1.saturating_sub(end));
        let length = (0..=length).rev().find(|it| after.is_char_boundary(*it)).unwrap_or(0);
        let text = self.plain.get(from..end + length).unwrap_or_default().trim();
        text.trim_end_matches(['}', ',', ';']).to_owned()
    }

    /// What stands in quotes behind some words; of several the nearest before `end`, or else the first.
    pub(super) fn quoted(&self, words: &str, start: usize, end: usize) -> Option<String> {
        let from = floor(&self.lower, start.saturating_sub(BEFORE));
        let to = floor(&self.lower, (end + AFTER).min(self.lower.len()));
        let window = self.lower.get(from..to)?;
        let mut places: Vec<_> = window.match_indices(words).map(|(at, _)| from + at + words.len()).collect();
        places.sort_by_key(|at| (*at > end, at.abs_diff(start)));
        let rest = places.into_iter().find_map(|at| self.plain.get(at..)?.strip_prefix('"'))?;
        let rest = rest.get(..floor(rest, rest.len().min(LONGEST)))?;
        let (value, _) = rest.split_once('"')?;
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Whether two places are close together in a line.
    pub(super) fn is_one_line(&self, one: usize, other: usize) -> bool {
        other < one + LONGEST && self.line_of(one).1 >= other
    }

    /// The word behind some words, not far before `start`.
    pub(super) fn word_after(&self, words: &[&str], start: usize) -> Option<String> {
        let from = floor(&self.lower, start.saturating_sub(AFTER));
        let window = self.lower.get(from..start)?;
        let at = words.iter().filter_map(|it| Some(from + window.rfind(it)? + it.len())).max()?;
        let word = self.plain.get(at..)?.split(' ').next()?;
        Some(word.trim_end_matches(':').to_owned()).filter(|it| !it.is_empty())
    }

    /// The word of `services.web Additional property …`, if the place is where the other words begin.
    pub(super) fn word_before(&self, words: &str, start: usize) -> Option<String> {
        let from = start.checked_sub(1)?;
        self.lower.get(from..)?.starts_with(words).then_some(())?;
        let word = self.plain.get(..from)?.rsplit(' ').next()?;
        word.strip_prefix("services.").map(str::to_owned)
    }

    /// Where the line begins and ends in which a place is.
    pub(super) fn line_of(&self, place: usize) -> (usize, usize) {
        let next = self.breaks.partition_point(|it| *it < place);
        let start = next.checked_sub(1).and_then(|before| self.breaks.get(before)).copied().unwrap_or(0);
        (start, self.breaks.get(next).copied().unwrap_or(self.plain.len()))
    }
}

/// A message is hardly longer.
const LONGEST: usize = 300;

/// So far before an error its image is looked for, and so far behind it.
pub(super) const BEFORE: usize = 2000;
pub(super) const AFTER: usize = 400;

/// Whether the backslash is one of those that escape a quote: in JSON within JSON there are several.
fn is_escaped_quote(text: &str, offset: usize) -> bool {
    let rest = text.as_bytes().get(offset..).unwrap_or_default();
    rest.iter().take(16).find(|it| **it != b'\\') == Some(&b'"')
}

pub(super) fn floor(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// How many bytes of a line its log put there: the job and the time of GitHub and Azure, and how severe they take it to be.
pub(super) fn log_prefix(line: &str) -> usize {
    let head = line.get(..floor(line, line.len().min(PREFIX))).unwrap_or_default();
    let head = head.split('\n').next().unwrap_or_default();
    let job = head.rfind('\t').map_or(0, |at| at + 1);
    let time = |from: usize| Some(from + time(head.get(from..)?)?);
    let time = time(job).or_else(|| time(0)).unwrap_or(0);
    let mark = head.get(time..).and_then(|it| it.strip_prefix("##[")).and_then(|it| it.find(']'));
    time + mark.map_or(0, |at| at + "##[]".len())
}

/// A log's own words before a line are hardly longer.
const PREFIX: usize = 200;

/// How long `2026-11-21T14:40:17.4527115Z ` is.
fn time(text: &str) -> Option<usize> {
    let (time, _) = text.split_once("Z ")?;
    let is_time = (19..=30).contains(&time.len())
        && time.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'-' | b':' | b'.' | b'T'));
    is_time.then_some(time.len() + "Z ".len())
}
