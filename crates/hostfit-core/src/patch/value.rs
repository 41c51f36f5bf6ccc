//! What is written into a file, in the style of what stands around it.

use crate::syntax::yaml;

/// A value to write.
pub enum Value {
    /// A text.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// Entries whose keys need no quotes.
    Mapping(Vec<(&'static str, Value)>),
    /// `key: value`, where the key is a label's.
    Label(String, String),
    /// Items.
    List(Vec<Value>),
}

/// How far what stands below a key is indented.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// The entries of a mapping.
    pub(super) step: usize,
    /// The hyphens of a list.
    pub(super) list_step: usize,
}

impl Value {
    /// In one line.
    pub(super) fn flow(&self, is_json: bool) -> String {
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
    pub(super) fn entries(&self, is_json: bool) -> String {
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
    pub(super) fn field_lines(&self, key: &str, style: Style) -> Vec<String> {
        let below = |indent: usize, lines: Vec<String>| {
            let lines = lines.into_iter().map(move |line| format!("{}{line}", " ".repeat(indent)));
            std::iter::once(format!("{key}:")).chain(lines).collect()
        };
        match self {
            Self::Mapping(_) | Self::Label(..) => below(style.step, self.lines(style)),
            Self::List(items) if items.iter().any(|item| matches!(item, Self::Mapping(_) | Self::Label(..))) => {
                below(style.list_step, items.iter().flat_map(|item| item.item_lines(style)).collect())
            }
            Self::Text(_) | Self::Bool(_) | Self::List(_) => vec![format!("{key}: {}", self.flow(false))],
        }
    }

    /// The entries of a mapping, each on lines of its own.
    fn lines(&self, style: Style) -> Vec<String> {
        match self {
            Self::Mapping(entries) => entries.iter().flat_map(|(key, value)| value.field_lines(key, style)).collect(),
            _ => vec![self.entries(false)],
        }
    }

    /// As an item of a list.
    pub(super) fn item_lines(&self, style: Style) -> Vec<String> {
        let indent = |number: usize| if number == 0 { "- " } else { "  " };
        self.lines(style).iter().enumerate().map(|(number, line)| format!("{}{line}", indent(number))).collect()
    }
}

/// Whether a scalar is text without quotes, for every reader. Versions get quotes, as the help of findings writes them.
fn is_plain(text: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    let begins_well = !text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    text.bytes().all(harmless) && begins_well && yaml::is_text_when_plain(text)
}
