//! Variables, quotes and escapes of a word.
//!
//! As BuildKit's `shell/lex.go` processes words, with one difference: a variable that has no value is not empty, it is
//! a hole in the [`Text`].

use std::ops::Range;

use super::{
    Written,
    output::{Out, Words},
    pattern::{Greed, Pattern},
};
use crate::{
    source::{SourceId, Span},
    text::{Origin, Text},
};

/// What a variable is.
#[derive(Clone, Copy, Debug)]
pub enum Value<'e> {
    /// It has this value, which may be empty or hold holes.
    Set(&'e Text),
    /// Nothing gives it a value.
    Unset,
    /// Something gives it a value that the files do not tell.
    Unknown,
}

/// The variables that a word may use.
pub trait Environment {
    /// What the variable of that name is.
    fn value(&self, name: &str) -> Value<'_>;

    /// Takes `steps` off what expansions may still cost; false when there are not as many left. It keeps variables
    /// that hold each other twice from growing without end.
    fn spend(&self, steps: usize) -> bool;
}

/// Why a word cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpandError {
    /// The word.
    pub span: Span,
    /// What is wrong, in lower case.
    pub message: String,
}

/// How deep `${a:-${b:-…}}` may go.
const MAX_DEPTH: usize = 128;

/// The longest value that is put together.
const MAX_VALUE: usize = 64 * 1024;

/// Fills in variables, takes quotes and escape characters away.
///
/// # Errors
/// When BuildKit refuses the word, or it grows too large.
pub fn expand(word: &Written, escape: char, environment: &dyn Environment) -> Result<Text, ExpandError> {
    let mut lexer = Lexer {
        written: word,
        text: word.as_str(),
        at: 0,
        escape,
        quotes: Quotes::Removed,
        raw_escapes: false,
        environment: Some(environment),
        words: None,
        taken: Vec::new(),
        depth: 0,
    };
    lexer.until(None, false).map(|text| Text { span: word.span(unquoted(word.as_str())), ..text }).map_err(|message| {
        ExpandError { span: word.whole(), message: format!("failed to process \"{}\": {message}", shortened(word)) }
    })
}

/// What a word is without its quotes and escapes, variables left as they are written, and where in it the escape
/// characters stand that are taken away.
///
/// # Errors
/// When BuildKit refuses the word.
pub fn unescape(word: &str, escape: char) -> Result<(String, Vec<usize>), String> {
    let written = Written::new(SourceId(0), word, 0);
    let mut lexer = Lexer {
        written: &written,
        text: word,
        at: 0,
        escape,
        quotes: Quotes::Removed,
        raw_escapes: false,
        environment: None,
        words: None,
        taken: Vec::new(),
        depth: 0,
    };
    let text = lexer.until(None, false)?;
    Ok((text.value, lexer.taken))
}

/// The part of a word between the quotes that hold all of it.
fn unquoted(word: &str) -> Range<usize> {
    let inner = ['"', '\''].into_iter().find_map(|quote| {
        let inner = word.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then_some(())
    });
    if inner.is_some() { 1..word.len() - 1 } else { 0..word.len() }
}

fn shortened(word: &Written) -> String {
    word.as_str().chars().take(100).collect()
}

/// What becomes of quotes, and of escapes outside of them, when looking for heredocs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    Removed,
    Kept,
    KeptWithEscapes,
}

/// The words of a line, variables left as they are. As everywhere in BuildKit's search for heredocs, the escape
/// character is a backslash, whatever the directive says.
pub(super) fn heredoc_words(line: &str, quotes: Quotes) -> Result<Vec<String>, String> {
    let written = Written::new(SourceId(0), line, 0);
    let raw_escapes = quotes == Quotes::KeptWithEscapes;
    let mut lexer = Lexer {
        written: &written,
        text: line,
        at: 0,
        escape: '\\',
        quotes,
        raw_escapes,
        environment: None,
        words: Some(Words::default()),
        taken: Vec::new(),
        depth: 0,
    };
    lexer.until(None, raw_escapes)?;
    Ok(lexer.words.map(Words::end).unwrap_or_default())
}

struct Lexer<'w> {
    written: &'w Written<'w>,
    text: &'w str,
    at: usize,
    escape: char,
    quotes: Quotes,
    raw_escapes: bool,
    /// None: variables stay as they are written.
    environment: Option<&'w dyn Environment>,
    words: Option<Words>,
    /// Where escape characters stand that do not come out again.
    taken: Vec<usize>,
    depth: usize,
}

impl<'w> Lexer<'w> {
    /// Processes up to `stop`, which must come if it is given.
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<Text, String> {
        let mut out = Out::new(self.written);
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        // BuildKit's nested calls share one buffer with the outer word, which so loses what it had.
        if let Some(words) = &mut self.words {
            words.buffer.clear();
        }
        loop {
            let (start, kept) = (self.at, out.len());
            let Some(char) = self.next() else { break };
            if stop == Some(char) {
                self.raw_escapes = outer;
                return Ok(out.end());
            }
            match char {
                '$' => {
                    self.dollar(start, &mut out)?;
                    if self.words.is_some() {
                        let value = out.since(kept);
                        self.add(|words| value.chars().for_each(|it| words.char(it)));
                    }
                    continue;
                }
                '\'' => self.single_quoted(start, &mut out)?,
                '"' => self.double_quoted(start, &mut out)?,
                '<' => self.possible_heredoc(start, &mut out),
                _ if char == self.escape => {
                    if self.raw_escapes {
                        out.literal(start..self.at);
                    } else {
                        self.taken.push(start);
                    }
                    let from = self.at;
                    if self.next().is_none() {
                        break;
                    }
                    out.literal(from..self.at);
                }
                _ => {
                    if self.words.is_none() {
                        self.skip_to(|it| matches!(it, '$' | '\'' | '"' | '<') || stop == Some(it));
                    }
                    out.literal(start..self.at);
                    self.add(|words| words.char(char));
                    continue;
                }
            }
            if self.words.is_some() {
                let value = out.since(kept);
                self.add(|words| words.buffer.push_str(value));
            }
        }
        match stop {
            None => Ok(out.end()),
            Some(stop) => Err(format!("unexpected end of statement while looking for matching {stop}")),
        }
    }

    fn add(&mut self, add: impl FnOnce(&mut Words)) {
        if let (0, Some(words)) = (self.depth, &mut self.words) {
            add(words);
        }
    }

    fn single_quoted(&mut self, start: usize, out: &mut Out) -> Result<(), String> {
        let from = self.at;
        let length =
            self.rest().find('\'').ok_or("unexpected end of statement while looking for matching single-quote")?;
        self.at = from + length + 1;
        out.literal(if self.quotes == Quotes::Removed { from..from + length } else { start..self.at });
        Ok(())
    }

    fn double_quoted(&mut self, start: usize, out: &mut Out) -> Result<(), String> {
        if self.quotes != Quotes::Removed {
            out.literal(start..self.at);
        }
        loop {
            let from = self.at;
            let char = self.next().ok_or("unexpected end of statement while looking for matching double-quote")?;
            match char {
                '"' => {
                    if self.quotes != Quotes::Removed {
                        out.literal(from..self.at);
                    }
                    return Ok(());
                }
                '$' => self.dollar(from, out)?,
                _ if char == self.escape => {
                    if self.raw_escapes {
                        out.literal(from..self.at);
                    }
                    match self.peek() {
                        None => {}
                        Some(it) if it == '"' || it == '$' || it == self.escape => {
                            if !self.raw_escapes {
                                self.taken.push(from);
                            }
                            let from = self.at;
                            self.next();
                            out.literal(from..self.at);
                        }
                        // With raw escapes BuildKit writes it a second time; only heredoc names could show it.
                        Some(_) => out.literal(from..self.at),
                    }
                }
                _ => {
                    self.skip_to(|it| matches!(it, '"' | '$'));
                    out.literal(from..self.at);
                }
            }
        }
    }

    /// Goes on to the next such character, the next escape character, or the end.
    fn skip_to(&mut self, is_meant: impl Fn(char) -> bool) {
        let escape = self.escape;
        let rest = self.rest();
        self.at += rest.find(|it| it == escape || is_meant(it)).unwrap_or(rest.len());
    }

    /// `<<` and the blanks after it belong to the word.
    fn possible_heredoc(&mut self, start: usize, out: &mut Out) {
        if self.peek() == Some('<') {
            self.next();
            self.at = self.text.len() - self.rest().trim_start_matches(['\t', '\r', ' ']).len();
        }
        out.literal(start..self.at);
    }

    fn dollar(&mut self, start: usize, out: &mut Out) -> Result<(), String> {
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                out.literal(start..self.at);
                return Ok(());
            }
            return self.plain(Use { name, start }, out);
        }
        self.next();
        match self.peek() {
            None => return Err("syntax error: missing '}'".to_owned()),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".to_owned()),
            Some(_) => {}
        }
        let it = Use { name: self.name(), start };
        match self.next() {
            None => Err("syntax error: missing '}'".to_owned()),
            Some('}') => self.plain(it, out),
            Some(':') => {
                let modifier = self.next();
                match modifier {
                    Some('#' | '%') | None => Err(unsupported(&format!(":{}", modifier.unwrap_or_default()))),
                    Some(modifier) => self.modified(it, modifier, true, out),
                }
            }
            Some(modifier @ ('+' | '-' | '?' | '#' | '%')) => self.modified(it, modifier, false, out),
            Some('/') => self.replaced(it, out),
            Some(other) => Err(unsupported(&other.to_string())),
        }
    }

    /// `$name`, `${name}`.
    fn plain(&mut self, it: Use<'w>, out: &mut Out) -> Result<(), String> {
        match self.environment.map(|environment| environment.value(it.name)) {
            None => out.literal(it.start..self.at),
            Some(Value::Set(value)) => self.push(it, value, 0..value.value.len(), out)?,
            Some(Value::Unset | Value::Unknown) => self.hole(it, out),
        }
        Ok(())
    }

    /// `${name:-word}` and the like, from after the modifier on.
    fn modified(&mut self, it: Use<'w>, modifier: char, null_is_unset: bool, out: &mut Out) -> Result<(), String> {
        let word = self.nested('}', matches!(modifier, '#' | '%'), "syntax error: missing '}'")?;
        let Some(environment) = self.environment else {
            out.literal(it.start..self.at);
            return Ok(());
        };
        let value = environment.value(it.name);
        let presence = Presence::of(value, null_is_unset);
        match (modifier, presence) {
            ('-' | '?', Presence::There(value)) => self.push(it, value, 0..value.value.len(), out)?,
            ('-', Presence::Missing) | ('+', Presence::There(_)) => self.push_text(&word, out)?,
            ('+', Presence::Missing) => {}
            ('-' | '+' | '?', _) => self.hole(it, out),
            ('#' | '%', _) => self.trimmed(it, modifier, &word, value, out)?,
            _ => {
                let colon = if null_is_unset { ":" } else { "" };
                return Err(unsupported(&format!("{colon}{modifier}")));
            }
        }
        Ok(())
    }

    fn trimmed(
        &mut self,
        it: Use<'w>,
        modifier: char,
        word: &Text,
        value: Value<'w>,
        out: &mut Out,
    ) -> Result<(), String> {
        let (pattern, greed) = match word.value.strip_prefix(modifier) {
            Some(pattern) => (pattern, Greed::Longest),
            None => (word.value.as_str(), Greed::Shortest),
        };
        let compiled = Pattern::new(pattern).ok_or_else(|| invalid_pattern(pattern))?;
        let (Value::Set(value), None) = (value, word.hole()) else {
            self.hole(it, out);
            return Ok(());
        };
        if value.hole().is_some() {
            self.hole(it, out);
            return Ok(());
        }
        self.spend(compiled.cost(&value.value))?;
        let kept = match modifier {
            '#' => compiled.without_prefix(&value.value, greed),
            _ => compiled.without_suffix(&value.value, greed),
        };
        self.push(it, value, kept, out)
    }

    /// `${name/pattern/new}`, from after the first slash on.
    fn replaced(&mut self, it: Use<'w>, out: &mut Out) -> Result<(), String> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let pattern = self.nested('/', true, "syntax error: missing '/' in ${}")?;
        let new = self.nested('}', true, "syntax error: missing '}'")?;
        let Some(environment) = self.environment else {
            out.literal(it.start..self.at);
            return Ok(());
        };
        let compiled = Pattern::new(&pattern.value).ok_or_else(|| invalid_pattern(&pattern.value))?;
        // Where all are replaced, BuildKit reads `$` in the new text as a reference into the match.
        let plain = pattern.hole().is_none() && new.hole().is_none() && !(all && new.value.contains('$'));
        let value = match environment.value(it.name) {
            Value::Set(value) if plain && value.hole().is_none() => value,
            _ => {
                self.hole(it, out);
                return Ok(());
            }
        };
        self.spend(compiled.cost(&value.value).saturating_add(value.value.len().saturating_mul(new.value.len())))?;
        let replaced = compiled.replace(&value.value, &new.value, all);
        if replaced == value.value {
            return self.push(it, value, 0..value.value.len(), out);
        }
        let used_at = self.written.span(it.start..self.at);
        let stated_at = value.place();
        self.room(replaced.len(), out)?;
        out.push(&replaced, stated_at, used_at, Origin::Variable(it.name.to_owned()));
        Ok(())
    }

    fn nested(&mut self, stop: char, raw_escapes: bool, missing: &str) -> Result<Text, String> {
        if self.depth >= MAX_DEPTH {
            return Err("nested too deeply".to_owned());
        }
        self.depth += 1;
        let word = self.until(Some(stop), raw_escapes);
        self.depth -= 1;
        word.map_err(|message| if self.rest().is_empty() { missing.to_owned() } else { message })
    }

    /// Appends a part of a variable's value.
    fn push(&mut self, it: Use<'w>, value: &Text, part: Range<usize>, out: &mut Out) -> Result<(), String> {
        self.room(part.len(), out)?;
        let used_at = self.written.span(it.start..self.at);
        for (range, piece) in value.ranges() {
            let kept = range.start.max(part.start)..range.end.min(part.end);
            if kept.is_empty() {
                continue;
            }
            let at = if piece.at.len() == range.len() {
                piece.at.part(kept.start - range.start..kept.end - range.start)
            } else {
                piece.at
            };
            let origin = match &piece.origin {
                Origin::Literal => Origin::Variable(it.name.to_owned()),
                other => other.clone(),
            };
            out.push(value.value.get(kept).unwrap_or_default(), at, used_at, origin);
        }
        Ok(())
    }

    /// Appends what is already expanded.
    fn push_text(&mut self, text: &Text, out: &mut Out) -> Result<(), String> {
        self.room(text.value.len(), out)?;
        for (range, piece) in text.ranges() {
            let value = text.value.get(range).unwrap_or_default();
            out.push(value, piece.at, piece.used_at, piece.origin.clone());
        }
        Ok(())
    }

    fn hole(&mut self, it: Use<'w>, out: &mut Out) {
        let span = self.written.span(it.start..self.at);
        let value = self.text.get(it.start..self.at).unwrap_or_default();
        out.push(value, span, span, Origin::Hole(it.name.to_owned()));
    }

    fn room(&self, length: usize, out: &Out) -> Result<(), String> {
        if out.len() + length > MAX_VALUE {
            return Err(format!("longer than {MAX_VALUE} bytes"));
        }
        self.spend(length)
    }

    fn spend(&self, steps: usize) -> Result<(), String> {
        match self.environment {
            Some(environment) if !environment.spend(steps) => Err("takes too long to expand".to_owned()),
            _ => Ok(()),
        }
    }

    /// A name: letters, digits and `_`; or only digits; or one special parameter.
    fn name(&mut self) -> &'w str {
        let rest = self.rest();
        let length = match rest.chars().next() {
            Some(first) if first.is_numeric() => rest.find(|it: char| !it.is_numeric()).unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len()),
        };
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn rest(&self) -> &'w str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }
}

/// A use of a variable: its name, and where `$` stands.
#[derive(Clone, Copy)]
struct Use<'w> {
    name: &'w str,
    start: usize,
}

enum Presence<'e> {
    There(&'e Text),
    Missing,
    /// It may be either.
    Doubtful,
}

impl<'e> Presence<'e> {
    fn of(value: Value<'e>, null_is_unset: bool) -> Self {
        match value {
            Value::Unset => Self::Missing,
            Value::Set(text) if text.value.is_empty() && null_is_unset => Self::Missing,
            Value::Set(text) if text.value.is_empty() => Self::There(text),
            Value::Set(text) if text.pieces.iter().all(|it| matches!(it.origin, Origin::Hole(_))) => Self::Doubtful,
            Value::Set(text) => Self::There(text),
            Value::Unknown => Self::Doubtful,
        }
    }
}

fn unsupported(modifier: &str) -> String {
    format!("unsupported modifier ({modifier}) in substitution")
}

fn invalid_pattern(pattern: &str) -> String {
    format!("invalid pattern ({pattern}) in substitution")
}
