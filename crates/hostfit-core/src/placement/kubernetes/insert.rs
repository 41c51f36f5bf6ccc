//! Where something can be written into a pod that lacks it, in the text as it stands.
//!
//! The answer is a place and the text that comes there; where the place is not certain there is none. Nothing is ever
//! printed anew.

use super::PodPlacement;
use crate::{
    fleet::Taint,
    source::{Source, Sources, Span},
    syntax::yaml,
};

/// A mapping or a list as it is written, and the key that it is the value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CollectionPlace {
    /// The key, without quotes.
    pub key: Span,
    /// From the first to the last entry, brackets included; of null, its place.
    pub all: Span,
    /// Its first key, without quotes, or its first item; none where it is empty.
    pub first: Option<Span>,
}

/// Where the value of a pod's field stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldPlace {
    /// The pod has no such field.
    #[default]
    Missing,
    /// Here.
    Here(CollectionPlace),
    /// In another part of the file, by an alias or a merge key.
    Elsewhere,
}

/// What is written.
enum Value {
    Text(String),
    Bool(bool),
    Mapping(Vec<(&'static str, Value)>),
    /// `key: value`, where the key is a label's.
    Label(String, String),
    List(Vec<Value>),
}

impl PodPlacement {
    /// Where `key: value` goes into the pod's nodeSelector, and the text to insert there: with the `nodeSelector` itself
    /// where there is none.
    pub fn label_insertion(&self, sources: &Sources, key: &str, value: &str) -> Option<(Span, String)> {
        match self.selector_place {
            FieldPlace::Here(place) => {
                let source = sources.get(place.key.source)?;
                let text = if place.is_json(source) {
                    Value::Label(key.to_owned(), value.to_owned()).entries(true)
                } else {
                    label(key, value, place.first.map(|first| Quotes::of(source, first)).unwrap_or_default())
                };
                place.insert(source, &text, |_| vec![text.clone()])
            }
            FieldPlace::Missing => {
                self.field_insertion(sources, "nodeSelector", &Value::Label(key.to_owned(), value.to_owned()))
            }
            FieldPlace::Elsewhere => None,
        }
    }

    /// Where tolerations of `taints`, of nothing but them, go into the pod, and the text to insert there.
    pub fn toleration_insertion(&self, sources: &Sources, taints: &[&Taint]) -> Option<(Span, String)> {
        let text = |text: &str| Value::Text(text.to_owned());
        let toleration = |taint: &&Taint| {
            let mut entries = vec![("key", text(&taint.key))];
            if taint.value.is_empty() {
                entries.push(("operator", text("Exists")));
            } else {
                entries.extend([("operator", text("Equal")), ("value", text(&taint.value))]);
            }
            entries.push(("effect", text(&taint.effect)));
            Value::Mapping(entries)
        };
        let items: Vec<_> = taints.iter().map(toleration).collect();
        match self.tolerations_place {
            FieldPlace::Here(place) => {
                let source = sources.get(place.key.source)?;
                let is_json = place.is_json(source);
                let flow: Vec<_> = items.iter().map(|item| item.flow(is_json)).collect();
                let in_flow = place.first.is_some_and(|first| source.slice(first).starts_with('{'));
                place.insert(source, &flow.join(", "), |_| {
                    if in_flow {
                        return flow.iter().map(|item| format!("- {item}")).collect();
                    }
                    items.iter().flat_map(Value::item_lines).collect()
                })
            }
            FieldPlace::Missing => self.field_insertion(sources, "tolerations", &Value::List(items)),
            FieldPlace::Elsewhere => None,
        }
    }

    /// Where `key: true` goes into the pod's spec, which lacks it, and the text to insert there.
    pub fn flag_insertion(&self, sources: &Sources, key: &'static str) -> Option<(Span, String)> {
        self.field_insertion(sources, key, &Value::Bool(true))
    }

    fn field_insertion(&self, sources: &Sources, key: &'static str, value: &Value) -> Option<(Span, String)> {
        let place = self.spec_place?;
        let source = sources.get(place.key.source)?;
        let is_json = place.is_json(source);
        let name = if is_json { format!("\"{key}\"") } else { key.to_owned() };
        let list_step = self.containers_place.and_then(|list| list.list_step(source)).unwrap_or(0);
        place.insert(source, &format!("{name}: {}", value.flow(is_json)), |step| {
            value.field_lines(key, Style { step: step.step, list_step })
        })
    }
}

/// How far what stands below a key is indented.
#[derive(Clone, Copy)]
struct Style {
    /// The entries of a mapping.
    step: usize,
    /// The hyphens of a list.
    list_step: usize,
}

impl Value {
    /// In one line.
    fn flow(&self, is_json: bool) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Text(text) if !is_json && is_plain(text) => text.clone(),
            Self::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.flow(is_json)).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Mapping(_) | Self::Label(..) => format!("{{{}}}", self.entries(is_json)),
        }
    }

    /// The entries of a mapping in one line, without braces.
    fn entries(&self, is_json: bool) -> String {
        let entry = |key: &str, value: &Self| {
            let quote = if is_json { "\"" } else { "" };
            format!("{quote}{key}{quote}: {}", value.flow(is_json))
        };
        match self {
            Self::Mapping(entries) => {
                entries.iter().map(|(key, value)| entry(key, value)).collect::<Vec<_>>().join(", ")
            }
            Self::Label(key, value) => entry(key, &Self::Text(value.clone())),
            Self::Text(_) | Self::Bool(_) | Self::List(_) => self.flow(is_json),
        }
    }

    /// As the value of `key`, in lines that are indented against the key.
    fn field_lines(&self, key: &str, style: Style) -> Vec<String> {
        let below = |indent: usize, lines: Vec<String>| {
            let lines = lines.into_iter().map(move |line| format!("{}{line}", " ".repeat(indent)));
            std::iter::once(format!("{key}:")).chain(lines).collect()
        };
        match self {
            Self::Text(_) | Self::Bool(_) => vec![format!("{key}: {}", self.flow(false))],
            Self::Mapping(_) | Self::Label(..) => below(style.step, self.lines()),
            Self::List(items) => below(style.list_step, items.iter().flat_map(Self::item_lines).collect()),
        }
    }

    /// The entries of a mapping, a line each.
    fn lines(&self) -> Vec<String> {
        match self {
            Self::Mapping(entries) => {
                entries.iter().map(|(key, value)| format!("{key}: {}", value.flow(false))).collect()
            }
            _ => vec![self.entries(false)],
        }
    }

    /// As an item of a list.
    fn item_lines(&self) -> Vec<String> {
        let lead = |number: usize| if number == 0 { "- " } else { "  " };
        self.lines().iter().enumerate().map(|(number, line)| format!("{}{line}", lead(number))).collect()
    }
}

impl CollectionPlace {
    /// Inserts before the first entry: `flow` between brackets, else the lines that `block` gives.
    fn insert(self, source: &Source, flow: &str, block: impl FnOnce(Style) -> Vec<String>) -> Option<(Span, String)> {
        if source.slice(self.all).starts_with(['{', '[']) {
            self.into_flow(source, flow)
        } else {
            self.into_block(source, block)
        }
    }

    /// Behind the line of the key, before the line of the first entry and the comments above it.
    fn into_block(self, source: &Source, lines: impl FnOnce(Style) -> Vec<String>) -> Option<(Span, String)> {
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
            None if source.slice(self.all).is_empty() => " ".repeat(column + 2),
            None => return None,
        };
        let step = indent.len().checked_sub(column).filter(|step| (1..=8).contains(step)).unwrap_or(2);
        let end = source.line_end(line.end);
        let lines = lines(Style { step, list_step: 0 });
        let text = lines.iter().flat_map(|line| [end, indent.as_str(), line.as_str()]).collect();
        Some((Span::at(source.id, line.end as usize), text))
    }

    /// Behind the opening bracket, before the first entry.
    fn into_flow(self, source: &Source, entry: &str) -> Option<(Span, String)> {
        let open = self.all.start as usize + 1;
        let Some(first) = self.first else {
            let inner = source.text.get(open..(self.all.end as usize).checked_sub(1)?)?;
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
        source.slice(self.all).starts_with(['{', '[']) && is_quoted(source, self.first_key_or_own(source))
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

/// Whether a scalar is text without quotes, for every reader.
fn is_plain(text: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    text.bytes().all(harmless) && !text.starts_with('-') && yaml::is_text_when_plain(text)
}

/// Whether a line goes on after a key with the colon and a comment at most. An anchor would make what is inserted part
/// of other places too.
fn only_opens_a_collection(rest: &str) -> bool {
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let Some(rest) = rest.trim_start_matches(' ').strip_prefix(':') else { return false };
    rest.trim().is_empty() || rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#')
}
