//! A faster way to the same tree for texts in the form that nearly all files have: block collections, whose values stand
//! on one line or are block scalars. It gives up at all else, and the whole text is left to the parser.

mod scalar;

use memchr::memchr;
use rustc_hash::FxHashMap;

use self::scalar::Token;
use super::super::arena::Kind;
use super::{Builder, Pass};
use crate::source::saturating_u32;

/// How deep collections may nest here.
const MAX_DEPTH: usize = 32;

/// How long a key may be; the parser takes 1,024 characters.
const MAX_KEY: usize = 1_000;

/// What the parser would give for `text`; none where that is not certain.
pub(super) fn build(text: &str) -> Option<Pass> {
    let bytes = text.as_bytes();
    let is_lone = |at: usize| bytes.get(at + 1) != Some(&b'\n');
    let is_graphic = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    // Many bytes at a time.
    let is_graphic = bytes.chunks(64).all(|chunk| chunk.iter().fold(true, |all, byte| all & is_graphic(byte)));
    if !is_graphic && !text.chars().all(is_printable) || memchr::memchr_iter(b'\r', bytes).any(is_lone) {
        return None;
    }
    let mut builder =
        Builder { original: text, text, has_no_anchors: memchr(b'&', bytes).is_none(), ..Builder::default() };
    // Few texts have more nodes.
    builder.pass.arena.nodes.reserve(text.len() / 16);
    builder.pass.arena.children.reserve(text.len() / 16);
    let line = Line::default();
    let anchors = FxHashMap::default();
    let mut reader = Reader { text, bytes, builder, line, after: 0, anchors, last_anchor: 0 };
    reader.documents()?;
    Some(reader.builder.pass)
}

/// What YAML allows in a text, without the byte order mark.
fn is_printable(char: char) -> bool {
    !matches!(char, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A line that has more than a comment.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    start: usize,
    /// Where its text begins.
    at: usize,
    /// Where it ends, without the line break.
    end: usize,
    /// How far its text is indented; none at the end of a document.
    column: Option<usize>,
}

struct Reader<'s> {
    text: &'s str,
    bytes: &'s [u8],
    builder: Builder<'s>,
    line: Line,
    /// Where the next line starts.
    after: usize,
    anchors: FxHashMap<&'s str, usize>,
    last_anchor: usize,
}

impl<'s> Reader<'s> {
    fn documents(&mut self) -> Option<()> {
        loop {
            self.next_line()?;
            if self.line.column.is_some() {
                self.block(self.line.at, None, 0)?;
            }
            if self.line.column.is_some() {
                return None;
            }
            self.builder.close_all();
            self.anchors.clear();
            if self.line.start >= self.bytes.len() {
                return Some(());
            }
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The byte at a place of the line.
    fn on_line(&self, at: usize) -> Option<u8> {
        self.byte(at).filter(|_| at < self.line.end)
    }

    /// Where the line that starts at `start` ends without its line break, and where the next one starts.
    fn ends_of_line(&self, start: usize) -> (usize, usize) {
        match memchr(b'\n', self.bytes.get(start..).unwrap_or_default()) {
            Some(feed) => {
                let feed = start + feed;
                let has_return = feed > start && self.byte(feed - 1) == Some(b'\r');
                (feed - usize::from(has_return), feed + 1)
            }
            None => (self.bytes.len(), self.bytes.len()),
        }
    }

    fn behind_spaces(&self, mut at: usize) -> usize {
        while self.byte(at) == Some(b' ') {
            at += 1;
        }
        at
    }

    fn comment(&mut self, from: usize) {
        self.builder.pass.comments.push((saturating_u32(from), saturating_u32(self.line.end)));
    }

    /// Goes to the next line that has more than a comment.
    fn next_line(&mut self) -> Option<()> {
        loop {
            let start = self.after;
            if start >= self.bytes.len() {
                self.line = Line { start, at: start, end: start, column: None };
                return Some(());
            }
            let (end, after) = self.ends_of_line(start);
            let at = self.behind_spaces(start);
            self.after = after;
            self.line = Line { start, at, end, column: Some(at - start) };
            match self.on_line(at) {
                None => {}
                Some(b'#') => self.comment(at),
                Some(b'\t') => return None,
                Some(b'-' | b'.' | b'%') if at == start => {
                    let rest = self.bytes.get(start..end)?;
                    if !rest.starts_with(b"---") && !rest.starts_with(b"...") && !rest.starts_with(b"%") {
                        return Some(());
                    }
                    if !rest.starts_with(b"---") || !matches!(rest.get(3), None | Some(b' ')) {
                        return None;
                    }
                    self.line.column = None;
                    return self.end_of_line(start + 3);
                }
                Some(_) => return Some(()),
            }
        }
    }

    /// Sees to it that there is nothing but a comment from `at` on.
    fn end_of_line(&mut self, at: usize) -> Option<()> {
        let next = self.behind_spaces(at);
        match self.on_line(next) {
            None => Some(()),
            Some(b'#') if next > at => {
                self.comment(next);
                Some(())
            }
            Some(_) => None,
        }
    }

    fn is_dash(&self, at: usize) -> bool {
        self.on_line(at) == Some(b'-') && matches!(self.on_line(at + 1), None | Some(b' '))
    }

    /// Where the parser says that a dash ends: where a value stands, or behind a comment.
    fn behind_dash(&self, dash: usize) -> usize {
        let at = self.behind_spaces(dash + 1);
        if self.on_line(at) == Some(b'#') { self.line.end } else { at }
    }

    /// Reads what begins at `at` and is not the value of a key on the same line; `parent` is the column of what it is in.
    fn block(&mut self, at: usize, parent: Option<usize>, anchor: usize) -> Option<()> {
        if self.builder.open.len() > MAX_DEPTH {
            return None;
        }
        if self.is_dash(at) {
            return self.sequence(at, at, anchor);
        }
        if matches!(self.byte(at), Some(b'&' | b'*' | b'|' | b'>' | b'[' | b'{')) {
            return self.value(at, parent?, anchor);
        }
        let token = self.token(at, false)?;
        if token.colon.is_some() { self.mapping(token, anchor) } else { self.scalar(&token, parent?, anchor) }
    }

    fn mapping(&mut self, first: Token<'s>, anchor: usize) -> Option<()> {
        let column = first.start - self.line.start;
        self.builder.start(Kind::Mapping, anchor, saturating_u32(first.start), None).ok()?;
        let mut key = first;
        loop {
            let colon = key.colon.filter(|_| key.end - key.start < MAX_KEY)?;
            self.leaf(&key, 0);
            let at = self.behind_spaces(colon + 1);
            match self.on_line(at) {
                None | Some(b'#') => self.below(at, column, colon, 0, true)?,
                Some(b'&') => self.anchored(at, column, true)?,
                Some(_) => self.value(at, column, 0)?,
            }
            match self.line.column {
                Some(next) if next == column && !self.is_dash(self.line.at) => key = self.token(self.line.at, false)?,
                Some(next) if next >= column => return None,
                _ => break,
            }
        }
        self.builder.end(None);
        Some(())
    }

    /// Reads a list whose first dash is at `dash`; `start` is where it is said to begin.
    fn sequence(&mut self, dash: usize, start: usize, anchor: usize) -> Option<()> {
        let column = dash - self.line.start;
        let mut dash = dash;
        self.builder.start(Kind::Sequence, anchor, saturating_u32(start), None).ok()?;
        loop {
            let at = self.behind_spaces(dash + 1);
            match self.on_line(at) {
                None | Some(b'#') => self.below(at, column, self.behind_dash(dash), 0, false)?,
                Some(b'&') => self.anchored(at, column, false)?,
                Some(_) => self.block(at, Some(column), 0)?,
            }
            match self.line.column {
                Some(next) if next == column && self.is_dash(self.line.at) => dash = self.line.at,
                Some(next) if next > column => return None,
                _ => break,
            }
        }
        self.builder.end(None);
        Some(())
    }

    /// Reads what stands below a key or a dash; `place` is where nothing would stand.
    fn below(&mut self, at: usize, parent: usize, place: usize, anchor: usize, is_value: bool) -> Option<()> {
        if self.on_line(at).is_some() {
            self.comment(at);
        }
        self.next_line()?;
        match self.line.column {
            Some(column) if column > parent => self.block(self.line.at, Some(parent), anchor),
            Some(column) if column == parent && is_value && self.is_dash(self.line.at) => {
                self.sequence(self.line.at, self.behind_dash(self.line.at), anchor)
            }
            _ => {
                let place = saturating_u32(place);
                self.builder.scalar("", Kind::Plain, anchor, (place, place), None);
                Some(())
            }
        }
    }

    /// A name of an anchor, up to a space or the end of the line.
    fn name(&self, at: usize) -> Option<&'s str> {
        let rest = self.text.get(at..self.line.end)?;
        let name = rest.split_once(' ').map_or(rest, |(name, _)| name);
        let is_simple = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        (!name.is_empty() && name.bytes().all(is_simple)).then_some(name)
    }

    /// Reads an anchor and its value.
    fn anchored(&mut self, at: usize, parent: usize, is_value: bool) -> Option<()> {
        let name = self.name(at + 1)?;
        self.last_anchor += 1;
        let anchor = self.last_anchor;
        self.anchors.insert(name, anchor);
        let end = at + 1 + name.len();
        let next = self.behind_spaces(end);
        match self.on_line(next) {
            None => self.below(next, parent, end, anchor, is_value),
            Some(b'#' | b'&' | b'*') => None,
            Some(_) => self.value(next, parent, anchor),
        }
    }

    /// Reads a value that begins on the line of its key or dash.
    fn value(&mut self, at: usize, parent: usize, anchor: usize) -> Option<()> {
        match self.byte(at)? {
            b'*' if anchor == 0 => {
                let name = self.name(at + 1)?;
                let target = *self.anchors.get(name)?;
                let end = at + 1 + name.len();
                self.builder.alias(target, saturating_u32(at), saturating_u32(end));
                self.end_of_value(end, parent)
            }
            b'|' => self.block_scalar(at, parent, anchor, Kind::Literal),
            b'>' => self.block_scalar(at, parent, anchor, Kind::Folded),
            b'[' | b'{' => {
                let end = self.flow(at, anchor)?;
                self.end_of_value(end, parent)
            }
            _ => {
                let token = self.token(at, false).filter(|token| token.colon.is_none())?;
                self.scalar(&token, parent, anchor)
            }
        }
    }

    fn leaf(&mut self, token: &Token<'_>, anchor: usize) {
        self.builder.scalar(
            &token.value,
            token.kind,
            anchor,
            (saturating_u32(token.start), saturating_u32(token.end)),
            None,
        );
    }

    fn scalar(&mut self, token: &Token<'_>, parent: usize, anchor: usize) -> Option<()> {
        self.leaf(token, anchor);
        self.end_of_value(token.end, parent)
    }

    /// Goes to the next line, which must not belong to the value that ends at `end`.
    fn end_of_value(&mut self, end: usize, parent: usize) -> Option<()> {
        self.end_of_line(end)?;
        self.next_line()?;
        self.line.column.is_none_or(|column| column <= parent).then_some(())
    }

    /// Reads a collection in brackets and gives its end, which is on the same line.
    fn flow(&mut self, start: usize, anchor: usize) -> Option<usize> {
        if self.builder.open.len() > MAX_DEPTH {
            return None;
        }
        let (kind, close) = match self.byte(start)? {
            b'[' => (Kind::FlowSequence, b']'),
            b'{' => (Kind::FlowMapping, b'}'),
            _ => return None,
        };
        self.builder.start(kind, anchor, saturating_u32(start), None).ok()?;
        let mut at = self.behind_spaces(start + 1);
        while self.on_line(at)? != close {
            if kind == Kind::FlowMapping {
                let key = self.token(at, true)?;
                let colon = key.colon.filter(|_| key.end - key.start < MAX_KEY)?;
                self.leaf(&key, 0);
                at = self.behind_spaces(colon + 1);
            }
            let end = match self.on_line(at)? {
                b'[' | b'{' => self.flow(at, 0)?,
                _ => {
                    let token = self.token(at, true).filter(|token| token.colon.is_none())?;
                    self.leaf(&token, 0);
                    token.end
                }
            };
            at = self.behind_spaces(end);
            match self.on_line(at)? {
                b',' => at = self.behind_spaces(at + 1),
                byte if byte == close => {}
                _ => return None,
            }
        }
        self.builder.end(Some(saturating_u32(at + 1)));
        Some(at + 1)
    }
}
