//! What the builder makes of the text of an instruction, where that is not what it looks like.
//!
//! Sources: BuildKit's `instructions/commands.go` (which instructions expand which words), `shell/lex.go` (what
//! becomes of an escape character), `parser/line_parsers.go` (what is JSON), `dockerfile2llb/convert_copy.go` and
//! `convert.go` (sources of COPY start at the root of where they come from, whatever slash they begin with).

use std::ops::Range;

use crate::{
    model::{LostBackslashes, NotJson},
    syntax::dockerfile::{Form, Instruction, Keyword, unescape},
};

/// What is lost in an instruction of a file whose escape character is the backslash. The text of RUN, CMD, ENTRYPOINT,
/// SHELL and HEALTHCHECK is left alone; what ONBUILD holds is read by other builds.
pub(super) fn lost_backslashes(instruction: &Instruction, found: &mut Vec<LostBackslashes>) {
    let arguments = instruction.arguments.as_str();
    if found.len() >= MAX_NOTED || memchr::memchr(ESCAPE as u8, arguments.as_bytes()).is_none() {
        return;
    }
    let Some(keyword) = instruction.keyword else { return };
    let mut word = |range: Range<usize>, place: Place| {
        let Some(word) = arguments.get(range.clone()) else { return };
        let Some(lost) = lost(word, place) else { return };
        found.push(LostBackslashes {
            instruction: keyword.name(),
            span: instruction.arguments.span(range.clone()),
            read: lost.read,
            at: lost.at.iter().map(|at| instruction.arguments.span(range.start + at..range.start + at + 1)).collect(),
            is_drive_path: lost.is_drive_path,
        });
    };
    match keyword {
        Keyword::Workdir | Keyword::User | Keyword::StopSignal => word(0..arguments.len(), Place::Other),
        Keyword::Env | Keyword::Label => {
            instruction.settings(ESCAPE).into_iter().for_each(|range| word(range, Place::Other));
        }
        Keyword::Arg => {
            let values = instruction.assignments(ESCAPE).into_iter().filter_map(|it| it.value);
            values.for_each(|range| word(range, Place::Other));
        }
        Keyword::Expose => instruction.words().into_iter().for_each(|range| word(range, Place::Other)),
        Keyword::Add | Keyword::Copy | Keyword::Volume => match &instruction.form {
            Form::Shell => {
                let words = instruction.words();
                for (number, range) in words.iter().enumerate() {
                    word(range.clone(), Place::of(keyword, number, words.len()));
                }
            }
            Form::Exec(elements) => {
                for (number, element) in elements.iter().enumerate() {
                    let Some(lost) = lost(&element.value, Place::of(keyword, number, elements.len())) else { continue };
                    found.push(LostBackslashes {
                        instruction: keyword.name(),
                        span: element.span,
                        read: lost.read,
                        at: Vec::new(),
                        is_drive_path: lost.is_drive_path,
                    });
                }
            }
            Form::NotStrings => {}
        },
        Keyword::Run
        | Keyword::From
        | Keyword::Cmd
        | Keyword::Entrypoint
        | Keyword::Healthcheck
        | Keyword::Maintainer
        | Keyword::Onbuild
        | Keyword::Shell => {}
    }
}

/// Takes note of an array that is no JSON.
pub(super) fn not_json(instruction: &Instruction, found: &mut Vec<NotJson>) {
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
        let span = it.arguments.span(from..arguments.len());
        let has_backslash = array.contains('\\');
        found.push(NotJson { instruction: keyword.name(), span, has_backslash });
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
    is_quoted || inner.find(']') == Some(inner.len() - 1) && inner.contains(',')
}

const ESCAPE: char = '\\';

/// As much of one stage is noted: more than people write. Hostile input has as many findings at most.
pub(super) const MAX_NOTED: usize = 1000;

/// What kind of word it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
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

struct Lost {
    read: String,
    at: Vec<usize>,
    is_drive_path: bool,
}

/// What a word loses, if that harms.
fn lost(word: &str, place: Place) -> Option<Lost> {
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
