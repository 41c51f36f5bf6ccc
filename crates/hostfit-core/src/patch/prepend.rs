//! Entries written before the first one of a mapping or a list.

use super::{
    Place,
    value::{Style, Value},
};
use crate::source::{Source, Sources, Span};

impl Place {
    /// Where the entry `key: value` goes into this mapping, quoted as the one beside it, and the text to insert there.
    pub fn insert_label(self, sources: &Sources, key: &str, value: &str) -> Option<(Span, String)> {
        let source = sources.get(self.key.source)?;
        let text = if self.is_json(source) {
            Value::Label(key.to_owned(), value.to_owned()).entries(true)
        } else {
            label(key, value, self.first.map(|first| Quotes::of(source, first)).unwrap_or_default())
        };
        self.insert(source, &text, |_| vec![text.clone()])
    }

    /// Where `items` go into this list, and the text to insert there.
    pub fn insert_items(self, sources: &Sources, items: &[Value]) -> Option<(Span, String)> {
        let source = sources.get(self.key.source)?;
        let is_json = self.is_json(source);
        let flow: Vec<_> = items.iter().map(|item| item.flow(is_json)).collect();
        let in_flow = self.first.is_some_and(|first| source.slice(first).starts_with('{'));
        self.insert(source, &flow.join(", "), |style| {
            if in_flow {
                return flow.iter().map(|item| format!("- {item}")).collect();
            }
            items.iter().flat_map(|item| item.item_lines(style)).collect()
        })
    }

    /// Where `key` goes into this mapping, which lacks it, and the text to insert there; lists are indented as `like` is.
    pub fn insert_field(
        self,
        sources: &Sources,
        key: &'static str,
        value: &Value,
        like: Option<Self>,
    ) -> Option<(Span, String)> {
        let source = sources.get(self.key.source)?;
        let is_json = self.is_json(source);
        let name = if is_json { format!("\"{key}\"") } else { key.to_owned() };
        let list_step = like.and_then(|list| list.list_step(source)).unwrap_or(0);
        self.insert(source, &format!("{name}: {}", value.flow(is_json)), |step| {
            value.field_lines(key, Style { step: step.step, list_step })
        })
    }

    /// Inserts before the first entry: `flow` between brackets, else the lines that `block` gives.
    fn insert(self, source: &Source, flow: &str, block: impl FnOnce(Style) -> Vec<String>) -> Option<(Span, String)> {
        if source.slice(self.value).starts_with(['{', '[']) {
            self.insert_in_flow(source, flow)
        } else {
            self.insert_in_block(source, block)
        }
    }

    /// Behind the line of the key, before the line of the first entry and the comments above it.
    fn insert_in_block(self, source: &Source, lines: impl FnOnce(Style) -> Vec<String>) -> Option<(Span, String)> {
        let line = source.line_span(self.key.start);
        let behind_key = source.text.get(self.key.end as usize..line.end as usize)?;
        if !only_opens_a_collection(behind_key) {
            return None;
        }
        let column = source.text.get(line.start as usize..self.key.start as usize)?.chars().count();
        let column = column - usize::from(self.is_quoted(source));
        let indent = match self.first {
            Some(first) => indent_of_entries(source, line, first)?.to_owned(),
            // Null, which must not stand there in words.
            None if source.slice(self.value).is_empty() => " ".repeat(column + 2),
            None => return None,
        };
        let step = indent.len().checked_sub(column).filter(|step| (1..=8).contains(step)).unwrap_or(2);
        let end = source.line_end(line.end);
        let lines = lines(Style { step, list_step: 0 });
        let text = lines.iter().flat_map(|line| [end, indent.as_str(), line.as_str()]).collect();
        Some((Span::at(source.id, line.end as usize), text))
    }

    /// Behind the opening bracket, before the first entry.
    fn insert_in_flow(self, source: &Source, entry: &str) -> Option<(Span, String)> {
        let open = self.value.start as usize + 1;
        let Some(first) = self.first else {
            let inner = source.text.get(open..(self.value.end as usize).checked_sub(1)?)?;
            return inner.trim().is_empty().then(|| (Span::at(source.id, open), entry.to_owned()));
        };
        let start = first.start as usize - usize::from(is_quoted(source, first));
        if !source.text.get(open..start)?.trim().is_empty() {
            return None;
        }
        let line = source.line_span(first.start);
        let indent = source.text.get(line.start as usize..start)?;
        let text = if indent.trim().is_empty() {
            format!("{entry},{}{indent}", source.line_end(line.start))
        } else {
            format!("{entry}, ")
        };
        Some((Span::at(source.id, start), text))
    }

    /// How far the hyphens of this list stand behind its key.
    fn list_step(self, source: &Source) -> Option<usize> {
        let line = source.line_span(self.key.start);
        let column = source.text.get(line.start as usize..self.key.start as usize)?.chars().count();
        indent_of_entries(source, line, self.first?)?.len().checked_sub(column).filter(|step| *step <= 8)
    }

    fn is_quoted(self, source: &Source) -> bool {
        is_quoted(source, self.key)
    }

    /// Whether what is inserted has to be JSON, or looks better so.
    fn is_json(self, source: &Source) -> bool {
        source.slice(self.value).starts_with(['{', '[']) && is_quoted(source, self.first_key_or_own(source))
    }

    fn first_key_or_own(self, source: &Source) -> Span {
        self.first.filter(|first| !source.slice(*first).starts_with(['{', '['])).unwrap_or(self.key)
    }
}

/// What stands before each entry, where the first is alone on its line: spaces.
fn indent_of_entries(source: &Source, key_line: Span, first: Span) -> Option<&str> {
    let first_line = source.line_span(first.start);
    if first.start <= key_line.end {
        return None;
    }
    let between = source.text.get(key_line.end as usize..first_line.start as usize)?;
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    let before = source.text.get(first_line.start as usize..first.start as usize)?;
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    // The item of a list stands behind its hyphen.
    let indent = before.trim_end_matches(' ').strip_suffix('-').unwrap_or(before);
    (between.lines().all(is_blank) && indent.bytes().all(|byte| byte == b' ')).then_some(indent)
}

fn is_quoted(source: &Source, at: Span) -> bool {
    source.text.get(..at.start as usize).is_some_and(|before| before.ends_with('"'))
}

/// How an entry of a mapping is quoted, which one beside it follows.
#[derive(Clone, Copy, Default)]
struct Quotes {
    key: Option<char>,
    value: Option<char>,
}

impl Quotes {
    /// Those of the entry with this key.
    fn of(source: &Source, key: Span) -> Self {
        let is_quote = |it: &char| matches!(it, '"' | '\'');
        let line = source.line_span(key.start);
        let before = source.text.get(line.start as usize..key.start as usize).unwrap_or_default();
        let rest = source.text.get(key.end as usize..line.end as usize).unwrap_or_default();
        let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest).trim_start().strip_prefix(':').unwrap_or_default();
        Self {
            key: before.chars().next_back().filter(is_quote),
            value: rest.trim_start().chars().next().filter(is_quote),
        }
    }
}

fn label(key: &str, value: &str, quotes: Quotes) -> String {
    let value = match quotes.value {
        Some(quote) => format!("{quote}{value}{quote}"),
        None => Value::Text(value.to_owned()).flow(false),
    };
    match quotes.key {
        Some(quote) => format!("{quote}{key}{quote}: {value}"),
        None => format!("{key}: {value}"),
    }
}

/// Whether a line goes on after a key with the colon and a comment at most. An anchor would make what is inserted part
/// of other places too.
fn only_opens_a_collection(rest: &str) -> bool {
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let Some(rest) = rest.trim_start_matches(' ').strip_prefix(':') else { return false };
    rest.trim().is_empty() || rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#')
}
