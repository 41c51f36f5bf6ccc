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
        while let Some((offset, char)) = chars.next() {
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
        Self { plain, lower, at, breaks }
    }

    pub(super) fn lower(&self) -> &str {
        &self.lower
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

    /// The image that the words around a place name.
    pub(super) fn image_near(&self, start: usize, end: usize) -> Option<String> {
        let before_from = floor(&self.lower, start.saturating_sub(BEFORE));
        let after_to = floor(&self.lower, (end + AFTER).min(self.lower.len()));
        let mut best: Option<(usize, bool, String)> = None;
        for words in NAMED {
            let window = self.lower.get(before_from..after_to).unwrap_or_default();
            let places = window.match_indices(words.before).map(|(at, _)| before_from + at);
            for at in places {
                let Some(image) = words.image(self, at) else { continue };
                let distance = at.abs_diff(start);
                let is_near = at < start || words.is_sure;
                let better = match &best {
                    _ if !is_near => false,
                    None => true,
                    Some((_, _, other)) if is_part(other, &image) => true,
                    Some((_, _, other)) if is_part(&image, other) => false,
                    Some((known, ..)) => distance < *known,
                };
                if better {
                    best = Some((distance, words.is_sure, image));
                }
            }
        }
        best.map(|(_, _, image)| image)
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
    fn line_of(&self, place: usize) -> (usize, usize) {
        let next = self.breaks.partition_point(|it| *it < place);
        let start = next.checked_sub(1).and_then(|before| self.breaks.get(before)).copied().unwrap_or(0);
        (start, self.breaks.get(next).copied().unwrap_or(self.plain.len()))
    }

    /// The images that could not be pulled, each with the bytes that say so.
    pub(super) fn refused_images(&self) -> impl Iterator<Item = (String, Range<usize>)> {
        let image = |words: &Words, at: usize| {
            let image = words.image(self, at)?;
            let end = at + words.before.len() + image.len();
            Some((image, at..end))
        };
        let of = move |words: &'static Words| {
            self.lower.match_indices(words.before).filter_map(move |(at, _)| image(words, at))
        };
        REFUSED.iter().flat_map(of)
    }
}

/// A message is hardly longer.
const LONGEST: usize = 300;

/// So far before an error its image is looked for, and so far behind it.
const BEFORE: usize = 2000;
const AFTER: usize = 400;

/// Words before an image reference.
struct Words {
    before: &'static str,
    /// Whether they speak of what fails, wherever they stand; else only what stands before it is meant.
    is_sure: bool,
    /// What has to follow the reference.
    after: &'static str,
}

const fn words(before: &'static str, is_sure: bool, after: &'static str) -> Words {
    Words { before, is_sure, after }
}

const NAMED: &[Words] = &[
    words("pull image \"", true, "\""),
    words("pulling image \"", true, "\""),
    words("unpack image \"", true, "\""),
    words("resolve reference \"", true, "\""),
    words("unable to find image '", true, "'"),
    words("docker pull ", false, ""),
    words("nerdctl pull ", false, ""),
    words("crictl pull ", false, ""),
    words(" : from ", false, ""),
    words("] from ", false, ""),
    words("pulling image ", false, ""),
    words("pulling from ", false, ""),
    words("error pulling image ", true, ""),
];

const REFUSED: &[Words] = &[
    words("manifest for ", true, " not found"),
    words("pull access denied for ", true, ""),
    words("repository ", true, " not found"),
    words("failed to resolve reference \"", true, "\""),
    words("back-off pulling image \"", true, "\""),
];

impl Words {
    fn image(&self, message: &Message, at: usize) -> Option<String> {
        let rest = message.plain.get(at + self.before.len()..)?;
        let end = rest.find([' ', '"', '\'', ',', ';']).unwrap_or(rest.len());
        let (image, after) = rest.split_at_checked(end)?;
        let image = image.trim_end_matches([':', '.', ')']);
        let grammar = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_' | b'/' | b':' | b'@');
        if image.is_empty() || image.len() > 500 || !image.bytes().all(grammar) || !after.starts_with(self.after) {
            return None;
        }
        if self.before != "pulling from " {
            return Some(image.to_owned());
        }
        // `ltsc2022: Pulling from windows/nanoserver`
        let tag = message.plain.get(..at)?.strip_suffix(": ")?.rsplit(' ').next()?;
        let image = image.strip_prefix("library/").unwrap_or(image);
        Some(format!("{image}:{tag}"))
    }
}

/// Whether `part` is what `docker pull` shows of the reference `whole`.
fn is_part(part: &str, whole: &str) -> bool {
    whole.strip_suffix(part).is_some_and(|before| before.ends_with('/'))
}

/// Whether the backslash is one of those that escape a quote: in JSON within JSON there are several.
fn is_escaped_quote(text: &str, offset: usize) -> bool {
    let rest = text.as_bytes().get(offset..).unwrap_or_default();
    rest.iter().take(16).find(|it| **it != b'\\') == Some(&b'"')
}

fn floor(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
