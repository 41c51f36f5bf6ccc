//! HCL to trees, with the bytes that each node stands on.
//!
//! `hcl_edit` stops at the first error. Of a file that it refuses each part is read by itself: what begins with a name at the
//! start of a line, up to the next of the kind.

use hcl_edit::structure::Body;

use super::SyntaxError;
use crate::source::{Source, Span};

/// A file, whole or in parts.
#[derive(Debug, Default)]
pub struct Tree {
    /// What could be read, and the byte of the file that its spans count from.
    pub parts: Vec<(usize, Body)>,
    /// What HCL refuses, one error for all broken parts that follow each other.
    pub errors: Vec<SyntaxError>,
}

/// In one part so many keys may be there twice.
const MAX_REPEATED: usize = 16;

/// A part that may have more keys is not read: `hcl_edit` compares each key of an object with all before it.
const MAX_KEYS: usize = 1000;

/// Longer files are not read. Real ones are not a tenth as long.
const MAX_BYTES: usize = 1024 * 1024;

impl Tree {
    /// Reads a file. Never fails.
    pub fn parse(source: &Source) -> Self {
        let text = source.text.trim_start_matches('\u{feff}');
        let first = source.text.len() - text.len();
        let mut tree = Self::default();
        if text.len() > MAX_BYTES {
            let message = "the file is longer than 1 MiB, so hostfit does not read it";
            tree.errors.push(SyntaxError::new(Span::at(source.id, first), message));
            return tree;
        }
        let whole = match parse(text) {
            Ok(body) => {
                tree.parts.push((first, body));
                return tree;
            }
            Err(Refused::Unread) => None,
            Err(Refused::Broken(at, message)) => Some(error(source, first + at, &message)),
        };
        let mut was_broken = false;
        for range in parts(text) {
            let start = first + range.start;
            let read = parse(text.get(range).unwrap_or_default());
            let is_broken = read.is_err();
            match read {
                Ok(body) => tree.parts.push((start, body)),
                // What is no fault of the whole may be one of where it was cut.
                Err(Refused::Broken(at, message)) if !was_broken && whole.is_some() => {
                    tree.errors.push(error(source, start + at, &message));
                }
                Err(_) => {}
            }
            was_broken = is_broken;
        }
        if tree.errors.is_empty() {
            tree.errors.extend(whole);
        }
        tree
    }
}

/// Why a text could not be read.
enum Refused {
    /// HCL refuses it: the byte, and what was expected.
    Broken(usize, String),
    /// HCL takes it, and `hcl_edit` does not.
    Unread,
}

fn parse(text: &str) -> Result<Body, Refused> {
    let keys = text.bytes().filter(|it| b"=:".contains(it)).count();
    if keys > MAX_KEYS {
        return Err(Refused::Unread);
    }
    let mut text = std::borrow::Cow::Borrowed(text);
    for attempt in 0..=MAX_REPEATED.min(MAX_KEYS / keys.max(1)) {
        let error = match text.parse::<Body>() {
            Ok(body) => return Ok(body),
            Err(error) => error,
        };
        let (at, message) = (error.location().offset(), error.message());
        if message.contains("at most") {
            return Err(Refused::Unread);
        }
        if !message.contains("redefined object key") {
            // What an entry was hidden for may be all that is wrong.
            return Err(if attempt == 0 { Refused::Broken(at, message.to_owned()) } else { Refused::Unread });
        }
        let Some(earlier) = earlier_entry(&text, at) else { break };
        text.to_mut().replace_range(earlier..=earlier, "#");
    }
    Err(Refused::Unread)
}

/// Where the entry stands that the one at `at` repeats, if it has a line of its own. HCL takes the later of two entries, so
/// that the earlier may as well be a comment.
fn earlier_entry(text: &str, at: usize) -> Option<usize> {
    let is_key = |it: char| it.is_alphanumeric() || "_-.\"".contains(it);
    let key_of = |line: &str| line.find(|it| !is_key(it)).map_or(line.len(), |end| end);
    let rest = text.get(at..)?;
    let key = rest.get(..key_of(rest)).filter(|key| !key.is_empty())?;
    let mut end = at;
    loop {
        let line_end = text.get(..end)?.rfind('\n')?;
        let line_start = text.get(..line_end)?.rfind('\n').map_or(0, |before| before + 1);
        let line = text.get(line_start..line_end)?;
        let entry = line.trim_start();
        if entry.get(..key_of(entry)) == Some(key) && key.is_ascii() {
            return Some(line_start + line.len() - entry.len());
        }
        end = line_end;
    }
}

/// What begins with a name at the start of a line, each up to the next, and what stands before the first.
fn parts(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && line.starts_with(|it: char| it.is_alphabetic() || it == '_') {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain(std::iter::once(text.len()));
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// An error on the character at `at`, or at the end of what comes before it where that is blank.
fn error(source: &Source, at: usize, message: &str) -> SyntaxError {
    let text = source.text.as_str();
    let start = (0..=at.min(text.len())).rev().find(|&it| text.is_char_boundary(it)).unwrap_or_default();
    let next = text.get(start..).and_then(|rest| rest.chars().next()).filter(|it| !it.is_whitespace());
    let span = match next {
        Some(next) => Span::new(source.id, start..start + next.len_utf8()),
        None => Span::at(source.id, text.get(..start).unwrap_or_default().trim_end().len()),
    };
    SyntaxError::new(span, format!("not valid HCL: {message}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn parse(text: &str) -> Tree {
        Tree::parse(&Source::from_text(SourceId(0), "a.hcl", text))
    }

    fn read(text: &str) -> (Vec<String>, Vec<(String, String)>) {
        let tree = parse(text);
        let names = tree.parts.iter().flat_map(|(_, body)| body.iter()).filter_map(|structure| {
            let block = structure.as_block()?;
            Some(block.labels.first()?.as_str().to_owned())
        });
        let errors =
            tree.errors.iter().map(|it| (text.get(it.span.range()).unwrap_or_default().to_owned(), it.message.clone()));
        (names.collect(), errors.collect())
    }

    #[test]
    fn a_broken_part_loses_no_more_than_itself() {
        let (names, errors) = read("target \"a\" {\n  x = [1 +]\n}\n\ntarget \"b\" {\n  x = 1\n}\n");
        assert_eq!(names, ["b"]);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].0, "]");
        let (names, errors) = read("target \"a\" {\n  x = {\n    y = 1\n}\n\ntarget \"b\" {\n  x = 1\n}\n");
        assert_eq!(names, ["b"], "{errors:?}");
        assert_eq!(errors.len(), 1);
        let (names, errors) = read("\"x\" = 1\ntarget \"b\" {\n  x = 1\n}\n");
        assert_eq!((names, errors.len()), (vec!["b".to_owned()], 1));
    }

    #[test]
    fn of_two_entries_with_one_key_the_later_is_read() {
        let text = "target \"a\" {\n  args = {\n    V = \"1\"\n    W = 1\n    V = \"2\"\n  }\n}\n";
        let (names, errors) = read(text);
        assert_eq!((names, errors), (vec!["a".to_owned()], Vec::new()));
        let tree = parse(text);
        let args = tree.parts[0].1.blocks().next().unwrap().body.get_attribute("args").unwrap();
        let values: Vec<_> = args.value.as_object().unwrap().iter().map(|(_, value)| value.expr().as_str()).collect();
        assert_eq!(values, [None, Some("2")]);
    }

    #[test]
    fn a_file_of_many_blocks_is_read_one_by_one() {
        let many = "target \"a\" {\n  x = 1\n}\n".repeat(2000);
        let (names, errors) = read(&format!("{many}target \"b\" {{\n  x = <<A\nword\nA\n}}\n"));
        assert_eq!((names.len(), errors), (2000, Vec::new()));
        let keys = (0..100_000).fold(String::new(), |keys, number| keys + &format!("k{number}=1\n"));
        let (names, errors) = read(&format!("target \"b\" {{\nx = {{\n{keys}}}\n}}\ntarget \"a\" {{\n}}\n"));
        assert_eq!((names, errors), (vec!["a".to_owned()], Vec::new()));
    }

    #[test]
    fn hostile_input_ends() {
        for text in ["target \"a", "}}}", "target {{{{", "a = \"${", "a = <<X\n"] {
            parse(text);
        }
        for part in [
            "target \"a\" {\n x = [",
            "{",
            "[",
            "${",
            "a={",
            "\"${",
            "x\n",
            "a = 1 + (",
            "target \"a\" { tags = [\"${\n",
        ] {
            parse(&part.repeat(20_000));
        }
    }
}
