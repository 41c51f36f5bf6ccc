//! What the builder makes of the text of an instruction, where that is not what it looks like.
//!
//! Sources: BuildKit's `instructions/commands.go` (which instructions expand which words), `shell/lex.go` (what
//! becomes of an escape character), `parser/line_parsers.go` (what is JSON), `dockerfile2llb/convert_copy.go` and
//! `convert.go` (sources of COPY start at the root of where they come from, whatever slash they begin with).

use std::{borrow::Cow, ops::Range};

use super::array;
use crate::{
    model::{LostBackslashes, NotJson, ShellKind},
    source::Span,
    syntax::dockerfile::{Element, Form, Instruction, Keyword, unescape},
};

/// A word of which the builder takes escape characters away.
pub(super) struct Word<'i> {
    pub(super) text: Cow<'i, str>,
    pub(super) place: Place,
    /// Its bytes in the file.
    pub(super) span: Span,
    /// Where it stands in the arguments; an element of a JSON array does not stand there as it is.
    range: Option<Range<usize>>,
}

/// The words of an instruction that are unescaped. The text of RUN, CMD, ENTRYPOINT, SHELL and HEALTHCHECK is left
/// alone; what ONBUILD holds is read by other builds.
pub(super) fn words<'i>(instruction: &'i Instruction, escape: char) -> Vec<Word<'i>> {
    let arguments = instruction.arguments.as_str();
    let word = |range: Range<usize>, place: Place| Word {
        text: Cow::Borrowed(arguments.get(range.clone()).unwrap_or_default()),
        place,
        span: instruction.arguments.span(range.clone()),
        range: Some(range),
    };
    let others = |ranges: Vec<Range<usize>>| ranges.into_iter().map(|range| word(range, Place::Other)).collect();
    let Some(keyword) = instruction.keyword else { return Vec::new() };
    match keyword {
        Keyword::Workdir | Keyword::User | Keyword::StopSignal => vec![word(0..arguments.len(), Place::Other)],
        Keyword::Env | Keyword::Label => others(instruction.settings(escape)),
        Keyword::Arg => others(instruction.assignments(escape).into_iter().filter_map(|it| it.value).collect()),
        Keyword::Expose | Keyword::From => others(instruction.words()),
        Keyword::Add | Keyword::Copy | Keyword::Volume => match &instruction.form {
            Form::Shell => {
                let words = instruction.words();
                let count = words.len();
                let numbered = words.into_iter().enumerate();
                numbered.map(|(number, range)| word(range, Place::of(keyword, number, count))).collect()
            }
            Form::Exec(elements) => {
                let word = |(number, element): (usize, &'i Element)| Word {
                    text: Cow::Borrowed(&*element.value),
                    place: Place::of(keyword, number, elements.len()),
                    span: element.span,
                    range: None,
                };
                elements.iter().enumerate().map(word).collect()
            }
            Form::NotStrings => Vec::new(),
        },
        Keyword::Run
        | Keyword::Cmd
        | Keyword::Entrypoint
        | Keyword::Healthcheck
        | Keyword::Maintainer
        | Keyword::Onbuild
        | Keyword::Shell => Vec::new(),
    }
}

/// What is lost in an instruction of a file whose escape character is the backslash.
pub(super) fn lost_backslashes(instruction: &Instruction, found: &mut Vec<LostBackslashes>) {
    let has_escapes = memchr::memchr(ESCAPE as u8, instruction.arguments.as_str().as_bytes()).is_some();
    let Some(keyword) = instruction.keyword.filter(|_| has_escapes && found.len() < MAX_NOTED) else { return };
    for word in words(instruction, ESCAPE) {
        let Some(lost) = lost(&word.text, word.place) else { continue };
        if found.len() == MAX_NOTED {
            return;
        }
        let at = |range: &Range<usize>| -> Vec<Span> {
            lost.at.iter().map(|at| instruction.arguments.span(range.start + at..range.start + at + 1)).collect()
        };
        found.push(LostBackslashes {
            instruction: keyword.name(),
            span: word.span,
            at: word.range.as_ref().map(at).unwrap_or_default(),
            read: lost.read,
            is_drive_path: lost.is_drive_path,
        });
    }
}

/// Records an array that is not JSON.
pub(super) fn not_json(instruction: &Instruction, escape: char, shell: ShellKind, found: &mut Vec<NotJson>) {
    let it = instruction.trigger.as_deref().unwrap_or(instruction);
    let Some(keyword) = it.keyword.filter(|_| it.form == Form::Shell) else { return };
    let arguments = it.arguments.as_str();
    let from = match keyword {
        Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell | Keyword::Copy | Keyword::Add | Keyword::Volume => 0,
        Keyword::Healthcheck => match after_cmd(arguments) {
            Some(from) => from,
            None => return,
        },
        _ => return,
    };
    let array = arguments.get(from..).unwrap_or_default();
    if found.len() < MAX_NOTED && is_meant_as_array(array) {
        let span = |range: Range<usize>| it.arguments.span(from + range.start..from + range.end);
        // JSON takes one of each two backslashes, and then, of what it unescapes, the builder again.
        let is_unescaped = matches!(keyword, Keyword::Copy | Keyword::Add | Keyword::Volume) && escape == ESCAPE;
        let fixed = array::fix(array, if is_unescaped { 4 } else { 2 });
        let doubt = fixed.as_ref().and_then(|it| it.doubt);
        let edits = fixed.into_iter().flat_map(|it| it.edits);
        found.push(NotJson {
            instruction: keyword.name(),
            span: span(0..array.len()),
            shell,
            is_refused: keyword == Keyword::Shell && instruction.trigger.is_none(),
            has_backslash: array.replace(r"\\", "").contains(ESCAPE),
            edits: edits.map(|(range, text)| (span(range), text)).collect(),
            doubt,
        });
    }
}

/// Where the command of a HEALTHCHECK starts.
pub(super) fn after_cmd(arguments: &str) -> Option<usize> {
    let word = arguments.get(..3)?;
    let rest = arguments.get(3..)?;
    let is_cmd = word.eq_ignore_ascii_case("cmd") && rest.starts_with(char::is_whitespace);
    is_cmd.then(|| arguments.len() - rest.trim_start().len())
}

/// An array of quoted words, or of bare ones in one pair of brackets; not `[Net.Dns]::GetHostName()`, `[abc]*.txt .`.
fn is_meant_as_array(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[') else { return false };
    let is_quoted = inner.trim_start().starts_with(['"', '\'', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}']);
    is_quoted || inner.split_once(']').is_some_and(|(words, after)| after.is_empty() && words.contains(','))
}

const ESCAPE: char = '\\';

/// As much of one stage is noted: more than people write. Hostile input has as many findings at most.
pub(super) const MAX_NOTED: usize = 1000;

/// What kind of word it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Of COPY or ADD: taken from the root of the build context, or of the stage.
    Source,
    /// Of COPY or ADD: a slash at its end makes it a folder.
    Destination,
    Other,
}

impl Place {
    fn of(keyword: Keyword, number: usize, count: usize) -> Self {
        match keyword {
            Keyword::Add | Keyword::Copy if number + 1 == count => Self::Destination,
            Keyword::Add | Keyword::Copy => Self::Source,
            _ => Self::Other,
        }
    }
}

/// What a word loses.
pub(super) struct Lost {
    read: String,
    /// Where in the word, in order.
    pub(super) at: Vec<usize>,
    is_drive_path: bool,
}

/// What a word loses, if that harms.
pub(super) fn lost(word: &str, place: Place) -> Option<Lost> {
    memchr::memchr(ESCAPE as u8, word.as_bytes())?;
    // A word that the builder refuses is a syntax error.
    let (mut read, taken) = unescape(word, ESCAPE).ok()?;
    let mut at = Vec::new();
    let mut is_drive_path = false;
    // Where the last escape stands that keeps a backslash.
    let mut pair = None;
    let mut drives = Drives { word, seen: 0, drive: false };
    if read == word {
        // They are all within `${name:-…}`, which stays as it is written.
        read = word.char_indices().filter(|(at, _)| taken.binary_search(at).is_err()).map(|(_, char)| char).collect();
    }
    for escape in taken {
        let on_drive = drives.holds(escape);
        let next = word.get(escape + 1..).and_then(|rest| rest.chars().next());
        let is_lost = match next {
            Some(ESCAPE) => {
                pair = Some(escape);
                false
            }
            // A backslash is left before this one.
            _ if escape >= 2 && pair == Some(escape - 2) => false,
            Some('"' | '\'') => false,
            Some(next) if next.is_whitespace() => false,
            // The folder itself is still found.
            None if place == Place::Source && on_drive => {
                at.push(escape);
                continue;
            }
            None => place == Place::Destination || on_drive,
            Some('$') => on_drive,
            Some(_) if place == Place::Source && escape == 0 => false,
            Some(next) => on_drive || next.is_alphanumeric() || "._-%*{}[]~+#!?".contains(next),
        };
        if is_lost {
            at.push(escape);
            is_drive_path |= on_drive;
        }
    }
    (!at.is_empty()).then_some(Lost { read, at, is_drive_path })
}

/// Finds out whether a place in a word is in a path that starts with a drive, in one pass for all places in order.
struct Drives<'w> {
    word: &'w str,
    /// Up to where it was looked.
    seen: usize,
    /// Whether the path that `seen` is in starts with a drive.
    drive: bool,
}

impl Drives<'_> {
    fn holds(&mut self, at: usize) -> bool {
        let bytes = self.word.as_bytes();
        for place in self.seen..=at {
            let byte = |back: usize| place.checked_sub(back).and_then(|it| bytes.get(it)).copied();
            match byte(0) {
                Some(b'\\' | b'/')
                    if byte(1) == Some(b':')
                        && byte(2).is_some_and(|it| it.is_ascii_alphabetic())
                        && !byte(3).is_some_and(|it| it.is_ascii_alphanumeric()) =>
                {
                    self.drive = true;
                }
                Some(b' ' | b'\t' | b'"' | b'\'' | b';' | b',' | b'=' | b'|' | b'<' | b'>' | b'&') => {
                    self.drive = false;
                }
                _ => {}
            }
        }
        self.seen = at + 1;
        self.drive
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_quoted_or_one_pair_of_brackets() {
        for (text, expected) in [("[", false), ("[]", false), ("[a,b]", true), ("[a,b", false), ("['a']", true)] {
            assert_eq!(is_meant_as_array(text), expected, "{text}");
        }
    }
}
