//! An entry written behind the last one of a mapping or a list.

use super::Place;
use crate::source::{Source, Sources, Span};

/// Keys within each other, and a list of one text in the innermost.
#[derive(Clone, Copy, Debug)]
pub struct Nested<'e> {
    /// From the outside in; none where the text is written into a list.
    pub keys: &'e [&'e str],
    /// The text: nothing that quotes would have to escape.
    pub item: &'e str,
}

impl Place {
    /// Where `entry` goes behind the last one, and the text to insert there.
    pub fn append(self, sources: &Sources, entry: Nested) -> Option<(Span, String)> {
        let source = sources.get(self.value.source).filter(|_| !self.ends_open)?;
        let text = source.slice(self.value);
        if text.starts_with(['{', '[']) {
            self.append_in_flow(source, entry)
        } else {
            self.append_in_block(source, entry)
        }
    }

    /// Whether nothing but the colon, blanks and comments stand between the key and its value: an anchor would make
    /// what is inserted part of other places too.
    pub fn is_plain(self, sources: &Sources) -> bool {
        let between = sources.get(self.key.source).and_then(|source| {
            let between = source.text.get(self.key.end as usize..self.start(source) as usize)?;
            between.strip_prefix(['"', '\'']).unwrap_or(between).trim_start().strip_prefix(':')
        });
        let is_blank = |line: &str| {
            let line = line.trim_start();
            line.is_empty() || line.starts_with('#')
        };
        between.is_some_and(|between| between.lines().all(is_blank))
    }

    /// Where the value starts: a block list at its first dash, which is not where YAML has it if the list stands no
    /// deeper than its key.
    fn start(self, source: &Source) -> u32 {
        let dash = self.last_item.zip(self.first).and_then(|(_, first)| {
            let line = source.line_span(first.start);
            let before = source.text.get(line.start as usize..first.start as usize)?;
            let blanks = before.len() - before.trim_start_matches(' ').len();
            before.get(blanks..)?.starts_with('-').then(|| line.part(blanks..blanks).start)
        });
        dash.unwrap_or(self.value.start)
    }

    /// Behind the line on which the last entry ends, with the indent of the first.
    fn append_in_block(self, source: &Source, entry: Nested) -> Option<(Span, String)> {
        let first = self.first?;
        let line = source.line_span(self.value.end);
        let behind = source.text.get(self.value.end as usize..line.end as usize)?;
        if !(behind.trim().is_empty() || behind.starts_with([' ', '\t']) && behind.trim_start().starts_with('#')) {
            return None;
        }
        let start = self.start(source);
        let indent = indent(source, start)?;
        let end = source.line_end(line.end);
        let text = if entry.keys.is_empty() {
            let dash = source.text.get(start as usize..first.start as usize)?;
            let dash = dash.strip_suffix(['"', '\'']).unwrap_or(dash);
            let blanks = dash.strip_prefix('-').filter(|it| !it.is_empty() && it.bytes().all(|byte| byte == b' '))?;
            format!("{end}{indent}-{blanks}{}", self.quoted(source, entry.item)?)
        } else {
            let column = self::indent(source, self.key.start).map(str::len)?;
            let step = indent.len().checked_sub(column).filter(|step| (1..=8).contains(step)).unwrap_or(2);
            let step = " ".repeat(step);
            let mut text = String::new();
            let mut indent = indent.to_owned();
            for key in entry.keys {
                text.extend([end, &indent, key, ":"]);
                indent.push_str(&step);
            }
            if !lists_are_indented(source) {
                indent.truncate(indent.len().saturating_sub(step.len()));
            }
            format!("{text}{end}{indent}- {}", plain_or_quoted(entry.item))
        };
        Some((Span::at(source.id, line.end as usize), text))
    }

    /// Behind the last entry, before the closing bracket.
    fn append_in_flow(self, source: &Source, entry: Nested) -> Option<(Span, String)> {
        let open = self.value.start as usize + 1;
        let close = (self.value.end as usize).checked_sub(1)?;
        let inner = source.text.get(open..close)?;
        let is_json = before(source, self.first.unwrap_or(self.key).start) == Some('"');
        let mut text = if is_json {
            format!("\"{}\"", entry.item)
        } else if entry.keys.is_empty() {
            self.quoted(source, entry.item)?
        } else {
            plain_or_quoted(entry.item)
        };
        for (at, key) in entry.keys.iter().enumerate().rev() {
            let value = if at + 1 == entry.keys.len() { format!("[{text}]") } else { format!("{{{text}}}") };
            text = if is_json { format!("\"{key}\": {value}") } else { format!("{key}: {value}") };
        }
        let Some(first) = self.first else {
            return inner.trim().is_empty().then(|| (Span::at(source.id, open), text));
        };
        let written = inner.trim_end();
        let last = written.lines().next_back().unwrap_or_default();
        if last.contains('#') || entry.item.contains('\\') && is_json {
            return None;
        }
        let has_comma = written.ends_with(',');
        let comma = if has_comma { "" } else { "," };
        let line = source.line_span(first.start);
        let indent = source.text.get(line.start as usize..first.start as usize)?;
        let indent = indent.strip_suffix(['"', '\'']).unwrap_or(indent);
        let blank = if indent.trim().is_empty() && line.start as usize > open {
            format!("{}{indent}", source.line_end(line.start))
        } else {
            " ".to_owned()
        };
        let after = if has_comma { "," } else { "" };
        Some((Span::at(source.id, open + written.len()), format!("{comma}{blank}{text}{after}")))
    }

    /// The text in the quotes that the last item has.
    fn quoted(self, source: &Source, item: &str) -> Option<String> {
        match self.last_item.and_then(|last| before(source, last.start)) {
            Some('"') if item.contains('\\') => None,
            Some('"') => Some(format!("\"{item}\"")),
            Some('\'') => Some(format!("'{item}'")),
            _ => Some(plain_or_quoted(item)),
        }
    }
}

/// The text as it is, or in quotes where YAML would read something else.
fn plain_or_quoted(item: &str) -> String {
    let is_plain = item.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" =!._-/".contains(&byte))
        && item.starts_with(|first: char| first.is_ascii_alphabetic());
    if is_plain { item.to_owned() } else { format!("'{item}'") }
}

fn before(source: &Source, at: u32) -> Option<char> {
    source.text.get(..at as usize)?.chars().next_back()
}

/// The blanks before `at`, if nothing else stands before it on its line but a quote.
fn indent(source: &Source, at: u32) -> Option<&str> {
    let line = source.line_span(at);
    let before = source.text.get(line.start as usize..at as usize)?;
    let before = before.trim_start_matches('\u{feff}');
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    before.bytes().all(|byte| byte == b' ').then_some(before)
}

/// Whether the file's lists stand deeper than their keys. Both ways are common.
fn lists_are_indented(source: &Source) -> bool {
    let is_blank = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let lines: Vec<&str> = source.text.lines().filter(|line| !is_blank(line)).collect();
    let depth = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let lists = lines.array_windows().filter_map(|[key, item]| {
        let opens = key.trim_end().ends_with(':') && !key.trim_start().starts_with("- ");
        (opens && item.trim_start().starts_with("- ")).then(|| depth(item) > depth(key))
    });
    { lists }.next().unwrap_or(true)
}
