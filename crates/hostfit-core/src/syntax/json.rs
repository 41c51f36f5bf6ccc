//! What is wrong with JSON, for readers that are stricter than YAML.

use super::SyntaxError;
use crate::source::{Source, Span};

/// The first error of a JSON file; none if it is JSON.
pub fn error(source: &Source) -> Option<SyntaxError> {
    let text = source.text.trim_start_matches('\u{feff}');
    let error = serde_json::from_str::<serde_json::Value>(text).err()?;
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message);
    Some(SyntaxError::new(place(source, text, &error), format!("not valid JSON: {message}")))
}

/// The bytes that the JSON parser stumbled over.
fn place(source: &Source, text: &str, error: &serde_json::Error) -> Span {
    let base = source.text.len() - text.len();
    let line: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let at = (base + line + error.column().saturating_sub(1)).min(source.text.len());
    if error.is_eof() {
        return Span::at(source.id, source.text.trim_end().len());
    }
    let start = (0..=at).rev().find(|&it| source.text.is_char_boundary(it)).unwrap_or(at);
    let len = source.text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Span::new(source.id, start..start + len)
}
