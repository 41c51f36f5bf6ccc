//! `.env` files, as Compose reads them (compose-go, `dotenv`): `KEY=value`, `KEY: value`, `export`, comments, quotes,
//! values over several lines in quotes, variables set further up.
//!
//! Compose refuses a whole file for one bad line; here that line is passed over.

use std::{borrow::Cow, ops::Range};

use rustc_hash::FxHashMap;

use super::compose::interpolate;
use crate::{
    source::{Source, Span},
    syntax::SyntaxError,
    text::Text,
};

/// The variables of a `.env` file.
#[derive(Debug, Default)]
pub struct File {
    /// Name and value, each name once, in the order of their first lines; the last line of a name counts.
    pub variables: Vec<(String, Text)>,
    /// Why Compose refuses the file.
    pub refused: Option<SyntaxError>,
    /// All that is set, variables not filled in; nothing where no value has any.
    statements: Vec<Statement>,
}

/// How many pieces all values of a file may have together; beyond it, variables set further up are unknown. Values that
/// hold each other could fill the memory otherwise.
const MAX_PIECES: usize = 200_000;

impl File {
    /// Reads a file.
    pub fn read(source: &Source) -> Self {
        let mut reader = Reader { source, text: &source.text, at: 0, refused: None };
        reader.at = source.text.len() - source.text.trim_start_matches('\u{feff}').len();
        let mut statements = Vec::new();
        while reader.finds_statement() {
            statements.extend(reader.statement());
        }
        let mut refused = reader.refused;
        let variables = evaluate(&statements, &|_| None, &mut refused);
        let uses_variables = |it: &Statement| it.expands && it.value.value.contains('$');
        if !statements.iter().any(uses_variables) {
            statements.clear();
        }
        Self { variables, refused, statements }
    }

    /// The values of its variables, in the same order.
    pub fn values(&self) -> Vec<Cow<'_, Text>> {
        self.variables.iter().map(|(_, value)| Cow::Borrowed(value)).collect()
    }

    /// The same where others are set around it, which win over its own.
    pub fn values_within<'o>(&self, outer: &dyn Fn(&str) -> Option<&'o Text>) -> Vec<Cow<'_, Text>> {
        if self.statements.is_empty() {
            return self.values();
        }
        let variables = evaluate(&self.statements, outer, &mut None);
        variables.into_iter().map(|(_, value)| Cow::Owned(value)).collect()
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&Text> {
        self.variables.iter().find(|(it, _)| it == name).map(|(_, value)| value)
    }
}

/// Fills variables in that stand around the file, or further up in it.
fn evaluate<'o>(
    statements: &[Statement],
    outer: &dyn Fn(&str) -> Option<&'o Text>,
    refused: &mut Option<SyntaxError>,
) -> Vec<(String, Text)> {
    let mut variables: Vec<(String, Text)> = Vec::new();
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    let mut pieces = MAX_PIECES;
    for Statement { name, value, expands } in statements {
        let fits = pieces > 0;
        let own = |name: &str| places.get(name).and_then(|&place| Some(&variables.get(place)?.1));
        let lookup = |name: &str| outer(name).or_else(|| own(name)).filter(|_| fits);
        let value = if *expands && value.value.contains('$') {
            let (value, fault) = interpolate::interpolate_or_refuse(value, &lookup);
            if fault.as_ref().is_some_and(|it| refused.as_ref().is_none_or(|first| it.span.start < first.span.start)) {
                *refused = fault;
            }
            value
        } else {
            value.clone()
        };
        pieces = pieces.saturating_sub(value.pieces.len());
        match places.get(name.as_str()).and_then(|&place| variables.get_mut(place)) {
            Some(earlier) => earlier.1 = value,
            None if name.is_empty() => {}
            None => {
                places.insert(name, variables.len());
                variables.push((name.clone(), value));
            }
        }
    }
    variables
}

struct Reader<'s> {
    source: &'s Source,
    text: &'s str,
    at: usize,
    refused: Option<SyntaxError>,
}

/// One line that sets a variable.
#[derive(Debug)]
struct Statement {
    name: String,
    /// As it is written, quotes and escapes taken out.
    value: Text,
    /// Whether variables in it are filled in.
    expands: bool,
}

impl<'s> Reader<'s> {
    /// Goes on to the next statement, if there is one.
    fn finds_statement(&mut self) -> bool {
        self.skip(char::is_whitespace);
        while self.rest().starts_with('#') {
            self.at = self.line_end();
            self.skip(char::is_whitespace);
        }
        !self.rest().is_empty()
    }

    /// The statement here; none if it sets nothing.
    fn statement(&mut self) -> Option<Statement> {
        let Some(name) = self.name() else {
            self.at = self.line_end();
            return None;
        };
        self.skip(is_blank);
        let (value, expands) = match self.rest().bytes().next() {
            Some(quote @ (b'"' | b'\'')) => (self.quoted(quote), quote == b'"'),
            _ => (Some(self.unquoted()), true),
        };
        value.map(|value| Statement { name, value, expands })
    }

    /// Notes what Compose refuses, if it is the first of the file.
    fn refuse(&mut self, range: Range<usize>, why: &str, help: &str) {
        let span = self.span(range);
        let error = || SyntaxError::new(span, format!("Compose refuses this `.env` file: {why}")).help(help);
        self.refused.get_or_insert_with(error);
    }

    /// The name before `=` or `:`. None for a line that is not an assignment: a name alone is taken from the process.
    fn name(&mut self) -> Option<String> {
        if let Some(after) = self.rest().strip_prefix("export").filter(|after| after.starts_with(char::is_whitespace)) {
            self.at = self.text.len() - after.len();
            self.skip(is_blank);
        }
        let line = self.slice(self.at..self.line_end());
        let end = line.find(['=', ':']);
        let name = line.get(..end.unwrap_or(line.len()))?.trim();
        // A name alone at the end of the file is the value of no name.
        let is_value = end.is_none() && self.line_end() == self.text.len();
        let is_name =
            |it: char| it.is_alphanumeric() || "_.-[]".contains(it) || is_blank(it) && (it != ' ' || is_value);
        if !name.chars().all(is_name) {
            let start = self.at + line.len() - line.trim_start().len();
            let shown: String = name.chars().take(40).collect();
            let why = format!("`{shown}` is not a variable name");
            self.refuse(start..start + name.len(), &why, "use letters, digits, `_`, `.`, `-`, `[` and `]`");
            return None;
        }
        self.at += end? + 1;
        Some(name.to_owned())
    }

    fn unquoted(&mut self) -> Text {
        let end = self.line_end();
        let line = self.slice(self.at..end);
        let value = line.split(" #").next().unwrap_or_default().trim_end();
        let text = Text::literal(value, self.span(self.at..self.at + value.len()));
        self.at = end;
        text
    }

    /// A quoted value, escapes taken out; none if its quote is never closed.
    fn quoted(&mut self, quote: u8) -> Option<Text> {
        let start = self.at + 1;
        let Some(len) = closing(self.slice(start..self.text.len()).as_bytes(), quote) else {
            self.refuse(self.at..self.line_end(), "the quote is never closed", "close it");
            return None;
        };
        let end = start + len;
        let body = self.slice(start..end);
        let mut text = Text::empty(self.span(start..end));
        let mut at = 0;
        while let Some(backslash) = body.get(at..)?.find('\\').map(|found| at + found) {
            self.push(&mut text, start, body, at..backslash);
            let escape = escape(body.get(backslash..)?, quote);
            at = backslash + escape.len;
            text.push_literal(&escape.value, self.span(start + backslash..start + at));
        }
        self.push(&mut text, start, body, at..body.len());
        self.at = end + 1;
        Some(text)
    }

    fn push(&self, text: &mut Text, start: usize, body: &str, range: Range<usize>) {
        let at = self.span(start + range.start..start + range.end);
        text.push_literal(body.get(range).unwrap_or_default(), at);
    }

    fn skip(&mut self, blank: fn(char) -> bool) {
        self.at = self.text.len() - self.rest().trim_start_matches(blank).len();
    }

    fn rest(&self) -> &'s str {
        self.slice(self.at..self.text.len())
    }

    fn slice(&self, range: Range<usize>) -> &'s str {
        self.text.get(range).unwrap_or_default()
    }

    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', self.rest().as_bytes()).map_or(self.text.len(), |found| self.at + found)
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source.id, range)
    }
}

/// White space other than a line feed.
fn is_blank(it: char) -> bool {
    matches!(it, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// The offset of the quote that ends a value; a backslash takes its meaning away.
fn closing(body: &[u8], quote: u8) -> Option<usize> {
    let mut escaped = false;
    body.iter().position(|&byte| {
        let ends = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

struct Escape {
    value: String,
    len: usize,
}

/// An escape at the start of `text`. In single quotes there is one, `\'`.
fn escape(text: &str, quote: u8) -> Escape {
    let plain = |value: &str, len: usize| Escape { value: value.to_owned(), len };
    let next = text.chars().nth(1);
    if next == Some(char::from(quote)) {
        return plain(if quote == b'"' { "\"" } else { "'" }, 2);
    }
    if quote == b'\'' {
        return plain("\\", 1);
    }
    match next {
        Some('a') => plain("\u{7}", 2),
        Some('b') => plain("\u{8}", 2),
        Some('f') => plain("\u{c}", 2),
        Some('n') => plain("\n", 2),
        Some('r') => plain("\r", 2),
        Some('t') => plain("\t", 2),
        Some('v') => plain("\u{b}", 2),
        Some('\\') => plain("\\", 2),
        // A dollar sign that no variable follows: the step that fills them in halves it.
        Some('$') => plain("$$", 2),
        Some('0') => {
            let digits: String = text.chars().skip(2).take(3).take_while(char::is_ascii_digit).collect();
            let code = u8::from_str_radix(&digits, 8).ok().filter(|_| digits.len() == 3);
            // The zero is gone even where the rest does not make a character.
            let value = code.map_or_else(|| format!("\\{digits}"), |code| char::from(code).to_string());
            Escape { value, len: 2 + digits.len() }
        }
        _ => plain("\\", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{source::SourceId, upstream};

    fn read(text: &str) -> File {
        File::read(&Source::from_text(SourceId(0), ".env", text))
    }

    fn values(text: &str) -> Vec<(String, String)> {
        read(text).variables.into_iter().map(|(name, value)| (name, value.value)).collect()
    }

    #[test]
    fn lines_are_read_as_compose_reads_them() {
        for (line, name, value) in [
            ("FOO=bar", "FOO", "bar"),
            ("FOO =bar", "FOO", "bar"),
            ("FOO= bar", "FOO", "bar"),
            ("  FOO=bar  ", "FOO", "bar"),
            ("export FOO=bar", "FOO", "bar"),
            ("export\tFOO=bar", "FOO", "bar"),
            ("OPTION_A: 1", "OPTION_A", "1"),
            ("FOO=\"bar\"", "FOO", "bar"),
            ("FOO='bar'", "FOO", "bar"),
            ("FOO=\"escaped\\\"bar\"", "FOO", "escaped\"bar"),
            ("FOO='escaped\\'bar'", "FOO", "escaped'bar"),
            ("FOO='a\\nb $X'", "FOO", "a\\nb $X"),
            ("FOO=\"a\\nb\\tc\"", "FOO", "a\nb\tc"),
            ("FOO=\"a\nb\"", "FOO", "a\nb"),
            ("FOO=\"\\0123\"", "FOO", "S"),
            ("FOO=\"\\$bar\"", "FOO", "$bar"),
            ("FOO=$$bar", "FOO", "$bar"),
            ("FOO=bar # comment", "FOO", "bar"),
            ("FOO=bar#baz", "FOO", "bar#baz"),
            ("FOO=\"bar#baz\" # comment", "FOO", "bar#baz"),
            ("FOO=foobar=", "FOO", "foobar="),
            ("FOO.BAR=foobar", "FOO.BAR", "foobar"),
            ("FOO=", "FOO", ""),
            ("FOO=''", "FOO", ""),
            ("FOO=C:\\temp\\new", "FOO", "C:\\temp\\new"),
            ("FOO=\"C:\\Program Files\"", "FOO", "C:\\Program Files"),
            ("\u{feff}FOO=bar\r\n", "FOO", "bar"),
        ] {
            assert_eq!(values(line), [(name.to_owned(), value.to_owned())], "{line:?}");
        }
    }

    #[test]
    fn what_sets_nothing_is_passed_over() {
        let text = "# comment\n\nALONE\nexport ALSO_ALONE\nno equals here\n=x\nA B=c\nFOO=bar\n";
        assert_eq!(values(text), [("FOO".into(), "bar".into())]);
    }

    #[test]
    fn an_open_quote_costs_its_statement_alone() {
        assert_eq!(values("A=1\nB=\"open\nC=3\n").first(), Some(&("A".into(), "1".into())));
    }

    #[test]
    fn variables_set_further_up_are_filled_in() {
        let file = read("TAG=ltsc2022\nFULL=\"core:${TAG}\"\nRAW='${TAG}'\nNONE=${LATER}\nLATER=1\nDEF=${NO:-x}\n");
        assert_eq!(file.get("FULL").and_then(Text::known), Some("core:ltsc2022"));
        assert_eq!(file.get("RAW").and_then(Text::known), Some("${TAG}"));
        assert_eq!(file.get("NONE").and_then(Text::known), None);
        assert_eq!(file.get("DEF").and_then(Text::known), Some("x"));
    }

    #[test]
    fn values_know_their_bytes() {
        let source = Source::from_text(SourceId(0), ".env", "\u{feff}A=1\r\nTAG = \"ltsc\\t2022\" # c\r\n");
        let file = File::read(&source);
        let value = file.get("TAG").expect("set");
        assert_eq!(value.value, "ltsc\t2022");
        assert_eq!(source.slice(value.locate(5..9)), "2022");
        assert_eq!(source.slice(value.span), "ltsc\\t2022");
    }

    fn compare(table: &str) {
        let mut wrong = Vec::new();
        for row in upstream::rows(table) {
            let (case, kind) = (&row[0], &row[1]);
            let file = read(case);
            // A value without a name is of no use.
            let mut expected: Vec<_> = row[2..].iter().filter(|it| !it.starts_with('=')).cloned().collect();
            expected.sort();
            let shown = |(name, value): &(String, Text)| format!("{name}={}", upstream::where_unset(value));
            let mut ours: Vec<_> = file.variables.iter().map(shown).collect();
            ours.sort();
            let is_refused = file.refused.is_some();
            if is_refused != (kind == "refused") || !is_refused && ours != expected {
                wrong.push(format!(
                    "{case:?}: {kind} {expected:?}, not {ours:?} {:?}",
                    file.refused.map(|it| it.message)
                ));
            }
        }
        assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    }

    #[test]
    fn files_are_read_as_upstream_reads_them() {
        compare(include_str!("../../tests/data/upstream/env.tsv"));
    }

    #[test]
    #[ignore = "by hand, with upstream's answers to more cases"]
    fn files_are_read_as_a_longer_table_says() {
        compare(&upstream::asked("env.tsv"));
    }
}
