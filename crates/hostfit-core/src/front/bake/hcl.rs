//! As much of HCL as bake files need, without recursion: a flat run over tokens.

use super::{Block, Value};
use crate::{
    source::{Source, Span},
    text::{Origin, Text},
};

/// All `target` and `variable` blocks at the top of the file.
pub(super) fn read(source: &Source) -> Vec<Block> {
    let mut reader = Reader { source, at: 0, line_ended: false };
    let mut blocks = Vec::new();
    while let Some(token) = reader.next() {
        match token.kind {
            Kind::Word => blocks.extend(reader.block(token)),
            Kind::Open => reader.skip_group(),
            _ => {}
        }
    }
    blocks
}

/// A quoted text with a hole for each `${…}`; `$${` is text.
pub(super) fn template(text: &Text) -> Text {
    if !text.value.contains("${") {
        return text.clone();
    }
    let mut out = Text::empty(text.span);
    let mut at = 0;
    while let Some(dollar) = text.value.get(at..).and_then(|rest| rest.find("${")).map(|found| at + found) {
        let is_escaped = text.value.get(..dollar).is_some_and(|before| before.ends_with('$'));
        if is_escaped {
            out.append(&text.part(at..dollar - 1));
            out.push_literal("${", text.used_at(dollar - 1..dollar + 2));
            at = dollar + 2;
            continue;
        }
        out.append(&text.part(at..dollar));
        let rest = text.value.get(dollar..).unwrap_or_default();
        let end = expression_end(rest).map_or(text.value.len(), |end| dollar + end);
        let written = text.value.get(dollar..end).unwrap_or_default();
        let name = written.trim_start_matches("${").trim_end_matches('}').trim();
        let used = text.used_at(dollar..end);
        out.push(written, used, used, Origin::Hole(name.to_owned()));
        at = end;
    }
    out.append(&text.part(at..text.value.len()));
    out
}

/// One past the `}` that closes the `${` at the start.
fn expression_end(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' if open <= 1 => return Some(at + 1),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A name or a number.
    Word,
    /// Quoted text, or a heredoc.
    Text,
    /// `{`, `[`, `(`.
    Open,
    /// `}`, `]`, `)`.
    Close,
    /// `=` or `:` alone.
    Equals,
    Comma,
    /// Any other operator.
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    start: usize,
    end: usize,
    /// Whether it is the first of its line.
    begins_line: bool,
}

struct Reader<'s> {
    source: &'s Source,
    at: usize,
    line_ended: bool,
}

impl<'s> Reader<'s> {
    /// `target "name" {`, after its first word.
    fn block(&mut self, kind: Token) -> Option<Block> {
        let mut name = None;
        loop {
            let token = self.peek()?;
            match token.kind {
                Kind::Text | Kind::Word => name = Some(self.next()?),
                Kind::Open if self.slice(token) == "{" => {
                    self.next();
                    break;
                }
                // An attribute at the top of the file.
                _ => return None,
            }
        }
        let kind = self.slice(kind);
        if !matches!(kind, "target" | "variable") || name.is_none() {
            self.skip_group();
            return None;
        }
        let name = self.text(name?);
        let mut attributes = Vec::new();
        while let Some(token) = self.next() {
            match token.kind {
                Kind::Close => break,
                Kind::Open => self.skip_group(),
                Kind::Word if self.peek().is_some_and(|next| next.kind == Kind::Equals) => {
                    self.next();
                    attributes.push((self.slice(token).to_owned(), self.value()));
                }
                _ => {}
            }
        }
        Some(Block { kind: kind.to_owned(), name, attributes })
    }

    fn value(&mut self) -> Value {
        match self.peek() {
            Some(open) if open.kind == Kind::Open && self.slice(open) == "[" => {
                self.next();
                let list = self.entries().into_iter().map(|(_, value)| value).collect();
                self.expression_rest();
                Value::List(list)
            }
            Some(open) if open.kind == Kind::Open && self.slice(open) == "{" => {
                self.next();
                let map = self.entries().into_iter().filter_map(|(key, value)| Some((key?, value))).collect();
                self.expression_rest();
                Value::Map(map)
            }
            _ => Value::Text(self.expression(false).1),
        }
    }

    /// The entries of a list or a mapping, up to its end.
    fn entries(&mut self) -> Vec<(Option<String>, Text)> {
        let mut entries = Vec::new();
        while let Some(token) = self.peek() {
            match token.kind {
                Kind::Close => {
                    self.next();
                    break;
                }
                Kind::Comma => _ = self.next(),
                _ => {
                    let before = self.at;
                    entries.push(self.expression(true));
                    if self.at == before {
                        self.next();
                    }
                }
            }
        }
        entries
    }

    /// One expression and, in a mapping, the key before it. Text alone and a variable alone are read; others are
    /// holes.
    fn expression(&mut self, in_entries: bool) -> (Option<String>, Text) {
        let mut key = None;
        let mut tokens: Option<(Token, Token, usize)> = None;
        while let Some(token) = self.peek() {
            let ends = match token.kind {
                Kind::Close | Kind::Comma => true,
                // Behind more than one token it is part of a condition.
                Kind::Equals if in_entries && key.is_none() && matches!(tokens, Some((.., 1))) => {
                    key = tokens.take().map(|(first, ..)| self.text(first).value);
                    self.next();
                    continue;
                }
                _ => token.begins_line && tokens.is_some(),
            };
            if ends {
                break;
            }
            self.next();
            if token.kind == Kind::Open {
                self.skip_group();
            }
            let last = Token { end: self.at, ..token };
            tokens = Some(match tokens {
                Some((first, _, count)) => (first, last, count + 1),
                None => (token, last, 1),
            });
        }
        let value = match tokens {
            Some((only, _, 1)) if only.kind != Kind::Open => self.scalar(only),
            Some((first, last, _)) => self.hole(first.start..last.end),
            None => self.hole(self.at..self.at),
        };
        (key, value)
    }

    /// What follows a list or mapping before the value ends: operators, calls.
    fn expression_rest(&mut self) {
        while let Some(token) = self.peek() {
            if token.begins_line || matches!(token.kind, Kind::Close | Kind::Word | Kind::Text) {
                break;
            }
            self.next();
            if token.kind == Kind::Open {
                self.skip_group();
            }
        }
    }

    /// Text, a number, `true`; a variable is a hole with its name.
    fn scalar(&self, token: Token) -> Text {
        let word = self.slice(token);
        let is_name = word.starts_with(|it: char| it.is_alphabetic() || it == '_');
        match token.kind {
            Kind::Text => self.text(token),
            Kind::Word if is_name && !matches!(word, "true" | "false" | "null") => self.hole(token.start..token.end),
            _ => Text::literal(word, self.span(token.start, token.end)),
        }
    }

    fn hole(&self, range: std::ops::Range<usize>) -> Text {
        let at = self.span(range.start, range.end);
        let written = self.source.slice(at);
        let mut hole = Text::empty(at);
        hole.push(written, at, at, Origin::Hole(written.to_owned()));
        hole
    }

    /// Quoted text with its escapes; a word as it is.
    fn text(&self, token: Token) -> Text {
        let raw = self.slice(token);
        let Some(body) = raw.strip_prefix('"') else {
            return Text::literal(raw, self.span(token.start, token.end));
        };
        let body = body.strip_suffix('"').unwrap_or(body);
        let start = token.start + 1;
        let mut text = Text::empty(self.span(start, start + body.len()));
        let mut at = 0;
        while let Some(backslash) = body.get(at..).and_then(|rest| rest.find('\\')).map(|found| at + found) {
            text.push_literal(body.get(at..backslash).unwrap_or_default(), self.span(start + at, start + backslash));
            let escaped = body.get(backslash + 1..).and_then(|rest| rest.chars().next());
            let value = match escaped {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            };
            at = backslash + 1 + escaped.map_or(0, char::len_utf8);
            text.push_literal(value.encode_utf8(&mut [0; 4]), self.span(start + backslash, start + at));
        }
        text.push_literal(body.get(at..).unwrap_or_default(), self.span(start + at, start + body.len()));
        template(&text)
    }

    /// Goes behind the bracket that closes the one just read.
    fn skip_group(&mut self) {
        let mut open = 1_usize;
        while open > 0 {
            match self.next().map(|token| token.kind) {
                Some(Kind::Open) => open += 1,
                Some(Kind::Close) => open -= 1,
                Some(_) => {}
                None => return,
            }
        }
    }

    fn peek(&mut self) -> Option<Token> {
        let (at, line_ended) = (self.at, self.line_ended);
        let token = self.next();
        (self.at, self.line_ended) = (at, line_ended);
        token
    }

    fn next(&mut self) -> Option<Token> {
        self.skip_blanks();
        let start = self.at;
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (kind, len) = match first {
            '"' => (Kind::Text, quoted_len(rest)),
            '{' | '[' | '(' => (Kind::Open, 1),
            '}' | ']' | ')' => (Kind::Close, 1),
            ',' => (Kind::Comma, 1),
            '=' if !rest.starts_with("==") && !rest.starts_with("=>") => (Kind::Equals, 1),
            ':' => (Kind::Equals, 1),
            '=' => (Kind::Other, 2),
            '<' if rest.starts_with("<<") => (Kind::Other, heredoc_len(rest)),
            it if it.is_alphanumeric() || it == '_' => {
                (Kind::Word, rest.find(|it: char| !(it.is_alphanumeric() || "_-.".contains(it))).unwrap_or(rest.len()))
            }
            '!' | '>' | '<' if rest.get(1..2) == Some("=") => (Kind::Other, 2),
            other => (Kind::Other, other.len_utf8()),
        };
        self.at = start + len;
        let begins_line = std::mem::take(&mut self.line_ended);
        Some(Token { kind, start, end: self.at, begins_line })
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches(|it: char| it.is_whitespace() || it == '\u{feff}');
            let blank = rest.get(..rest.len() - trimmed.len()).unwrap_or_default();
            self.line_ended |= blank.contains('\n');
            self.at += blank.len();
            let comment = if trimmed.starts_with('#') || trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map_or(trimmed.len(), |end| end + 2)
            } else {
                return;
            };
            self.at += comment;
        }
    }

    fn rest(&self) -> &'s str {
        self.source.text.get(self.at..).unwrap_or_default()
    }

    fn slice(&self, token: Token) -> &'s str {
        self.source.text.get(token.start..token.end).unwrap_or_default()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source.id, start..end)
    }
}

/// Quoted text with its quotes. `${…}` in it may hold quotes itself; it ends with its line at the latest.
fn quoted_len(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut bytes = text.bytes().enumerate().skip(1).peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => _ = bytes.next(),
            b'$' | b'%' if bytes.peek().is_some_and(|(_, next)| *next == b'{') => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'"' if depth == 0 => return at + 1,
            b'\n' => return at,
            _ => {}
        }
    }
    text.len()
}

/// `<<NAME` up to the line that holds the name alone.
fn heredoc_len(text: &str) -> usize {
    let line = text.lines().next().unwrap_or_default();
    let name = line.trim_start_matches(['<', '-']).trim();
    let mut len = 0;
    for line in text.split_inclusive('\n') {
        let is_first = len == 0;
        len += line.len();
        if !is_first && line.trim() == name {
            break;
        }
    }
    len
}
