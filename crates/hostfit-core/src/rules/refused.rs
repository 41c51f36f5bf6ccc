//! What the API server refuses, in the words of the rules about selectors and tolerations.

use crate::placement::kubernetes::is_label_key;

/// `key: value`, of which the value is a number or a Boolean.
pub(super) fn not_a_string(key: &str, value: &str) -> String {
    format!(
        "`{key}: {value}` is not a string for YAML, so the API server refuses the object; write it in quotes: `\"{value}\"`"
    )
}

/// A key that no label can have; `meant` is the one that was.
pub(super) fn not_a_key(key: &str, meant: Option<&str>) -> String {
    let write = match meant {
        Some(meant) => format!("write `{meant}`"),
        None => "write `NAME` or `DOMAIN/NAME`, of letters, digits, `-`, `_` and `.`".to_owned(),
    };
    format!("`{key}` is not a label key, so the API server refuses the object; {write}")
}

/// The same key without blanks around it, its domain in lowercase, which it is on every node.
pub(super) fn meant_key(key: &str) -> Option<String> {
    let key = key.trim();
    let meant = match key.split_once('/') {
        Some((domain, name)) => format!("{}/{name}", domain.to_ascii_lowercase()),
        None => key.to_owned(),
    };
    is_label_key(&meant).then_some(meant)
}

/// `key: value`, of which no label can have the value.
pub(super) fn not_a_value(key: &str, value: &str) -> String {
    format!(
        "`{key}: {value}` is not a label value, so the API server refuses the object; write at most 63 letters, digits, `-`, \
         `_` and `.`"
    )
}

/// An operator or an effect that has to be one of these; `meant` is the one that was.
pub(super) fn not_one_of(word: &str, what: &str, meant: Option<&str>, known: &[&str]) -> String {
    let each = || known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    let write = meant.map_or_else(|| format!("write one of {}", each()), |meant| format!("write `{meant}`"));
    let is_not = if word.is_empty() { "there is no operator".to_owned() } else { format!("`{word}` is not {what}") };
    format!("{is_not}, so the API server refuses the object; {write}")
}

/// The word in the letter case in which it is known.
pub(super) fn in_right_case<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known.iter().copied().find(|known| known.eq_ignore_ascii_case(word))
}
