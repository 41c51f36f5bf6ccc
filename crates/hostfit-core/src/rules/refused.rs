//! What the API server rejects, in the words of the rules about selectors and tolerations.

use crate::{finding::Message, placement::kubernetes::is_label_key};

/// What is wrong, with what the API server does about it.
pub(super) fn rejected(headline: impl Into<String>) -> Message {
    Message::new(headline).note("the API server rejects the object")
}

/// `key: value`, of which the value is a number or a Boolean.
pub(super) fn not_a_string(key: &str, value: &str) -> Message {
    let is_boolean =
        ["true", "false", "yes", "no", "on", "off", "y", "n"].iter().any(|it| it.eq_ignore_ascii_case(value));
    let (is, kind) = if is_boolean { ("a Boolean", "bool") } else { ("a number", "number") };
    Message::new(format!("`{key}: {value}` is {is}, not a string"))
        .note(format!("the API server rejects the object with `cannot unmarshal {kind} into Go struct field`"))
        .help(format!("write `\"{value}\"`"))
}

/// A key that no label can have; `meant` is the one that was.
pub(super) fn not_a_key(key: &str, meant: Option<&str>) -> Message {
    rejected(format!("`{key}` is not a label key")).help(match meant {
        Some(meant) => format!("write `{meant}`"),
        None => "write `NAME` or `DOMAIN/NAME`, of letters, digits, `-`, `_` and `.`".to_owned(),
    })
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
pub(super) fn not_a_value(key: &str, value: &str) -> Message {
    rejected(format!("`{key}: {value}` is not a label value"))
        .help("write at most 63 letters, digits, `-`, `_` and `.`, the first and the last a letter or a digit")
}

/// An operator or an effect that has to be one of these; `meant` is the one that was.
pub(super) fn not_one_of(word: &str, what: &str, meant: Option<&str>, known: &[&str]) -> Message {
    let each = || known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    let headline = if word.is_empty() { "there is no operator".to_owned() } else { format!("`{word}` is not {what}") };
    rejected(headline)
        .help(meant.map_or_else(|| format!("write one of {}", each()), |meant| format!("write `{meant}`")))
}

/// The word in the letter case in which it is known.
pub(super) fn in_right_case<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known.iter().copied().find(|known| known.eq_ignore_ascii_case(word))
}
