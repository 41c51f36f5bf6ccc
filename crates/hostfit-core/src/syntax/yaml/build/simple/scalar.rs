//! Scalars: those that stand on one line, and block scalars.

use std::borrow::Cow;

use memchr::memchr2;

use super::super::super::arena::Kind;
use super::Reader;
use crate::source::saturating_u32;

/// A scalar on one line.
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    /// Its bytes, quotes included.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: Cow<'s, str>,
    /// The colon behind it that makes it a key.
    pub(super) colon: Option<usize>,
}

/// Whether a byte may end a scalar without quotes; blanks alone do not.
fn means_something(byte: u8) -> bool {
    matches!(byte, b':' | b'#' | b'\t' | b',' | b'[' | b']' | b'{' | b'}')
}

impl<'s> Reader<'s> {
    /// The scalar that begins at `at`.
    pub(super) fn token(&self, at: usize, in_flow: bool) -> Option<Token<'s>> {
        let first = self.on_line(at)?;
        let (kind, end, value) = match first {
            b'"' => self.double_quoted(at)?,
            b'\'' => self.single_quoted(at)?,
            b'-' if matches!(self.on_line(at + 1), Some(b'-' | b'/' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z')) => {
                return self.plain(at, in_flow);
            }
            b'!' | b'&' | b'*' | b'?' | b':' | b'-' | b'|' | b'>' | b'@' | b'`' | b'%' | b'#' | b',' | b'[' | b']'
            | b'{' | b'}' | b'\t' => return None,
            _ => return self.plain(at, in_flow),
        };
        let colon = match self.on_line(end) {
            Some(b':') if matches!(self.on_line(end + 1), None | Some(b' ')) => Some(end),
            None | Some(b' ') => None,
            Some(b',' | b']' | b'}') if in_flow => None,
            Some(_) => return None,
        };
        // A colon behind blanks makes a key too.
        let next = self.on_line(self.behind_spaces(end));
        (colon.is_some() || next != Some(b':')).then_some(Token { kind, start: at, end, value, colon })
    }

    fn plain(&self, start: usize, in_flow: bool) -> Option<Token<'s>> {
        let line = self.bytes.get(start..self.line.end)?;
        let mut colon = None;
        let (mut at, mut last) = (0, line.len());
        while let Some(next) = line.get(at..).and_then(|rest| rest.iter().position(|&byte| means_something(byte))) {
            at += next;
            let ends = match line.get(at..)? {
                [b':'] | [b':', b' ', ..] => {
                    colon = Some(start + at);
                    true
                }
                [b':', b'\t', ..] | [b'\t', ..] => return None,
                [b':', b',' | b'[' | b']' | b'{' | b'}', ..] if in_flow => return None,
                [b'#', ..] => at > 0 && line.get(at - 1) == Some(&b' '),
                [b',' | b'[' | b']' | b'{' | b'}', ..] => in_flow,
                _ => false,
            };
            if ends {
                last = at;
                break;
            }
            at += 1;
        }
        let written = line.get(..last)?;
        let end = start + written.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
        let value = Cow::Borrowed(self.text.get(start..end).filter(|value| !value.is_empty())?);
        Some(Token { kind: Kind::Plain, start, end, value, colon })
    }

    fn double_quoted(&self, start: usize) -> Option<(Kind, usize, Cow<'s, str>)> {
        let mut at = start + 1;
        let mut value = Cow::Borrowed("");
        loop {
            let rest = self.text.get(at..self.line.end)?;
            let found = memchr2(b'"', b'\\', rest.as_bytes())?;
            let (part, behind) = rest.split_at_checked(found)?;
            value += part;
            at += found;
            if behind.starts_with('"') {
                return Some((Kind::DoubleQuoted, at + 1, value));
            }
            value += match behind.as_bytes().get(1)? {
                b'"' => "\"",
                b'\\' => "\\",
                b'n' => "\n",
                b't' => "\t",
                b'r' => "\r",
                _ => return None,
            };
            at += 2;
        }
    }

    fn single_quoted(&self, start: usize) -> Option<(Kind, usize, Cow<'s, str>)> {
        let mut at = start + 1;
        let mut value = Cow::Borrowed("");
        loop {
            let rest = self.text.get(at..self.line.end)?;
            let (part, behind) = rest.split_once('\'')?;
            value += part;
            at += part.len() + 1;
            if !behind.starts_with('\'') {
                return Some((Kind::SingleQuoted, at, value));
            }
            value += "'";
            at += 1;
        }
    }

    /// Reads a block scalar whose header begins at `at`.
    pub(super) fn block_scalar(&mut self, at: usize, parent: usize, anchor: usize, kind: Kind) -> Option<()> {
        let chomping = self.on_line(at + 1).filter(|byte| matches!(byte, b'-' | b'+'));
        let header = at + 1 + usize::from(chomping.is_some());
        if self.behind_spaces(header) < self.line.end || self.after >= self.bytes.len() {
            return None;
        }
        let first = self.behind_spaces(self.after);
        let indent = first - self.after;
        if indent <= parent || matches!(self.byte(first), None | Some(b'\r' | b'\n' | b'\t')) {
            return None;
        }
        let mut value = String::new();
        let (mut breaks, mut was_blank, mut is_first) = (0, false, true);
        let end = loop {
            let start = self.after;
            let (end, after) = self.ends_of_line(start);
            let at = self.behind_spaces(start).min(start + indent);
            if at >= end {
                if after > end {
                    // An empty line.
                    breaks += 1;
                    self.after = after;
                    continue;
                }
                if at > start {
                    return None;
                }
                break at;
            }
            if at - start < indent {
                // A tab may indent for the parser; a blank line with one is not worth the trouble.
                if self.byte(at) == Some(b'\t') {
                    return None;
                }
                break at;
            }
            let content = self.text.get(at..end)?;
            let is_blank = content.starts_with([' ', '\t']);
            if !is_first {
                if kind == Kind::Folded && !was_blank && !is_blank {
                    if breaks == 0 {
                        value.push(' ');
                    }
                } else {
                    value.push('\n');
                }
            }
            value.extend(std::iter::repeat_n('\n', breaks));
            value.push_str(content);
            (breaks, was_blank, is_first) = (0, is_blank, false);
            self.after = after;
        };
        if chomping != Some(b'-') {
            value.push('\n');
        }
        if chomping == Some(b'+') {
            value.extend(std::iter::repeat_n('\n', breaks));
        }
        self.builder.scalar(&value, kind, anchor, (saturating_u32(first), saturating_u32(end)), None);
        self.next_line()?;
        self.line.column.is_none_or(|column| column <= parent).then_some(())
    }
}
