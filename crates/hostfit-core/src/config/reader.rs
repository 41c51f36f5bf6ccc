//! Typed access to TOML that collects what is wrong instead of stopping at it.

use std::borrow::Cow;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use toml_parser::lexer::TokenKind;

use super::{ConfigError, Problems, key::Key};
use crate::{
    nearest::nearest,
    source::{Source, Span},
};

/// Reads one configuration file.
pub(super) struct Reader<'s> {
    source: &'s Source,
    /// The ids of rules that may be named.
    pub(super) rules: &'s [&'s str],
    /// The bytes of the patterns with wildcards that were read.
    pub(super) wild: usize,
    errors: Problems,
}

/// A key and its value.
pub(super) struct Entry<'t> {
    /// The key, quotes and escapes undone.
    pub(super) key: &'t str,
    /// The bytes of the key.
    pub(super) key_span: Span,
    /// The value.
    pub(super) value: &'t DeValue<'t>,
    /// The bytes of the value.
    pub(super) span: Span,
}

impl<'t> Entry<'t> {
    /// The value, if it is a string.
    pub(super) fn as_text(&self) -> Option<&'t str> {
        if let DeValue::String(text) = self.value { Some(text) } else { None }
    }
}

/// The keys and values of a table, with the bytes of the values.
pub(super) type Pairs = Vec<((String, String), Span)>;

const BOM: &str = "\u{feff}";

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s Source, rules: &'s [&'s str]) -> Self {
        Self { source, rules, wild: 0, errors: Problems::default() }
    }

    /// The value, unless there were errors.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<ConfigError>> {
        if self.errors.is_empty() { Ok(value) } else { Err(self.errors.into_errors()) }
    }

    /// Fails with the errors so far.
    pub(super) fn check(&mut self) -> Result<(), Vec<ConfigError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(std::mem::take(&mut self.errors).into_errors()) }
    }

    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Parses the file. What TOML itself refuses is among the errors.
    pub(super) fn document(&mut self) -> DeTable<'s> {
        let text = self.body();
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut last = None;
        for error in errors {
            let span = self.span(error.span().unwrap_or(0..0));
            // Where a string is not closed, the parser stumbles over the rest of the line too.
            let line = self.source.position(span.start).line;
            if last.replace(line) != Some(line) {
                self.error(span, error.message().to_owned(), None);
            }
        }
        table.into_inner()
    }

    /// The comments of the file.
    pub(super) fn comments(&self) -> Vec<Span> {
        let tokens = toml_parser::Source::new(self.body()).lex();
        let comments = tokens.filter(|token| token.kind() == TokenKind::Comment);
        comments.map(|token| self.span(token.span().start()..token.span().end())).collect()
    }

    /// The text without its byte order mark. Offsets into it are moved back by [`Reader::span`].
    fn body(&self) -> &'s str {
        self.source.text.strip_prefix(BOM).unwrap_or(&self.source.text)
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        let moved = self.source.text.len() - self.body().len();
        Span::new(self.source.id, range.start + moved..range.end + moved)
    }

    pub(super) fn error(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.errors.add(ConfigError { span, message: message.into(), help });
    }

    /// The entries of a table in the order of the file.
    pub(super) fn entries<'t>(&self, table: &'t DeTable<'t>) -> Vec<Entry<'t>> {
        let mut entries: Vec<_> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref(),
                key_span: self.span(key.span()),
                value: value.get_ref(),
                span: self.span(value.span()),
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span.start);
        entries
    }

    /// The path of the file.
    pub(super) fn path(&self) -> &'s str {
        &self.source.path
    }

    /// The name of the file, without its folder.
    pub(super) fn file_name(&self) -> &'s str {
        self.source.path.rsplit('/').next().unwrap_or(&self.source.path)
    }

    /// Reports a key that `place` does not have.
    pub(super) fn unknown_key(&mut self, entry: &Entry, place: &str, known: &[Key]) {
        let line = self.source.position(entry.key_span.start).line;
        let message = format!("unknown key `{}` in {place}, on line {line}", shown(entry.key));
        let known: Vec<_> = known.iter().map(|key| key.name).collect();
        self.error(entry.key_span, message, Some(suggestion_of("keys", entry.key, &known)));
    }

    pub(super) fn wrong_type(&mut self, entry: &Entry, wanted: &str) {
        let message = format!("`{}` has to be {wanted}, not {}", shown(entry.key), kind(entry.value));
        let help = match entry.value {
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)
                if wanted.contains("string") =>
            {
                Some("put it in quotes".to_owned())
            }
            _ => None,
        };
        self.error(entry.span, message, help);
    }

    pub(super) fn not_an_os(&mut self, value: &str, span: Span) {
        let message = format!("`{}` is not an operating system that hostfit can read", shown(value));
        let help = "write a release (`ltsc2022`), a build (`20348`), a version (`10.0.20348.2700`), or `linux`, or add a newer \
                    release with `[[release]]`";
        self.error(span, message, Some(help.to_owned()));
    }

    pub(super) fn table<'t>(&mut self, entry: &Entry<'t>) -> Option<&'t DeTable<'t>> {
        if let DeValue::Table(table) = entry.value {
            return Some(table);
        }
        self.wrong_type(entry, "a table");
        None
    }

    /// The tables of an array, with the bytes of each.
    pub(super) fn tables<'t>(&mut self, entry: &Entry<'t>) -> Vec<(&'t DeTable<'t>, Span)> {
        if !matches!(entry.value, DeValue::Array(_)) {
            self.wrong_type(entry, &format!("a list of tables, as in `[[{}]]`", entry.key));
        }
        let mut tables = Vec::new();
        for entry in self.items(entry) {
            match entry.value {
                DeValue::Table(table) => tables.push((table, entry.span)),
                _ => self.wrong_type(&entry, "a table"),
            }
        }
        tables
    }

    /// Reports more than `most` of something: what is looked up for each file or image has to stay few.
    pub(super) fn at_most(&mut self, most: usize, count: usize, what: &str, span: Span) {
        if count > most {
            self.error(span, format!("there are {count} {what}, more than {most}"), None);
        }
    }

    /// The values of an array, each under the array's key; none of what is not an array.
    pub(super) fn items<'t>(&self, entry: &Entry<'t>) -> Vec<Entry<'t>> {
        let DeValue::Array(array) = entry.value else { return Vec::new() };
        let item = |item: &'t Spanned<DeValue<'t>>| Entry {
            key: entry.key,
            key_span: entry.key_span,
            value: item.get_ref(),
            span: self.span(item.span()),
        };
        array.iter().map(item).collect()
    }

    /// A string and its bytes without the quotes.
    pub(super) fn text<'t>(&mut self, entry: &Entry<'t>) -> Option<(&'t str, Span)> {
        if let DeValue::String(text) = entry.value {
            return Some((text, self.unquoted(entry.span)));
        }
        self.wrong_type(entry, "a string");
        None
    }

    /// The same, if it is not blank.
    pub(super) fn filled<'t>(&mut self, entry: &Entry<'t>) -> Option<(&'t str, Span)> {
        let (text, span) = self.text(entry)?;
        if text.trim().is_empty() {
            self.error(entry.span, format!("`{}` is empty", entry.key), None);
            return None;
        }
        Some((text, span))
    }

    /// A list of strings with the bytes of each.
    pub(super) fn texts<'t>(&mut self, entry: &Entry<'t>) -> Vec<(&'t str, Span)> {
        if !matches!(entry.value, DeValue::Array(_)) {
            self.wrong_type(entry, "a list of strings");
        }
        let items = self.items(entry);
        items.iter().filter_map(|item| self.text(item)).collect()
    }

    /// A table of strings, with the bytes of each.
    pub(super) fn pairs(&mut self, entry: &Entry) -> Pairs {
        let Some(table) = self.table(entry) else { return Vec::new() };
        let mut pairs = Vec::new();
        for entry in self.entries(table) {
            if let Some((value, span)) = self.text(&entry) {
                pairs.push(((entry.key.to_owned(), value.to_owned()), span));
            }
        }
        pairs
    }

    pub(super) fn boolean(&mut self, entry: &Entry) -> Option<bool> {
        if let DeValue::Boolean(value) = entry.value {
            return Some(*value);
        }
        self.wrong_type(entry, "true or false");
        None
    }

    pub(super) fn number(&mut self, entry: &Entry, least: u32) -> Option<u32> {
        let number = match entry.value {
            DeValue::Integer(number) => {
                let digits: Cow<str> = number.as_str().replace('_', "").into();
                u32::from_str_radix(&digits, number.radix()).ok().filter(|number| *number >= least)
            }
            _ => None,
        };
        if number.is_none() {
            let wanted = format!("a whole number of at least {least}");
            match entry.value {
                DeValue::Integer(_) => {
                    self.error(entry.span, format!("`{}` has to be {wanted}", shown(entry.key)), None);
                }
                _ => self.wrong_type(entry, &wanted),
            }
        }
        number
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, entry: &Entry, words: &[(&str, T)]) -> Option<T> {
        let (value, span) = self.text(entry)?;
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == value) {
            return Some(*meaning);
        }
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{}` is not a value of `{}`", shown(value), shown(entry.key));
        self.error(span, message, Some(suggestion_of("values", value, &known)));
        None
    }

    /// The bytes of `span` as written.
    pub(super) fn raw(&self, span: Span) -> &'s str {
        self.source.slice(span)
    }

    /// The bytes between the quotes of a string.
    fn unquoted(&self, span: Span) -> Span {
        let raw = self.source.slice(span);
        for quote in ["\"\"\"", "'''", "\"", "'"] {
            if raw.len() >= 2 * quote.len() && raw.starts_with(quote) && raw.ends_with(quote) {
                return span.part(quote.len()..raw.len() - quote.len());
            }
        }
        span
    }
}

/// `did you mean …`, or all that is known.
pub(super) fn suggestion_of(what: &str, word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known {what} here: {}", known.join(", ")),
    }
}

/// A user's word, cut so that a message stays one.
pub(super) fn shown(word: &str) -> Cow<'_, str> {
    const LONGEST: usize = 60;
    match word.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", word.get(..end).unwrap_or_default()).into(),
        None => word.into(),
    }
}

fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a Boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
