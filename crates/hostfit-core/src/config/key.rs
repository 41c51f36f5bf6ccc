//! The keys that the readers of `hostfit.toml` know, each with the JSON Schema of its value. It imports no section: each
//! section describes its own keys.

use serde_json::{Map, Value, json};

/// A key that a reader knows.
pub(super) struct Key {
    pub(super) name: &'static str,
    /// What it says, for the editor. Markdown.
    pub(super) about: &'static str,
    /// Which values it takes, as a JSON Schema.
    pub(super) value: fn() -> Value,
}

/// A table with these keys and no others.
pub(super) fn table(keys: &[Key], required: &[&str]) -> Value {
    let properties = keys.iter().map(|key| (key.name.to_owned(), described((key.value)(), key.about)));
    let table = json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties.collect::<Map<_, _>>(),
    });
    if required.is_empty() { table } else { with(table, "required", json!(required)) }
}

/// An array of such tables: `[[name]]`.
pub(super) fn tables(keys: &[Key], required: &[&str]) -> Value {
    json!({ "type": "array", "items": table(keys, required) })
}

/// In draft 7, what stands beside a `$ref` does not count.
pub(super) fn described(value: Value, about: &str) -> Value {
    let value = if value.get("$ref").is_some() { json!({ "allOf": [value] }) } else { value };
    with(value, "description", json!(about))
}

pub(super) fn with(mut value: Value, key: &str, of: Value) -> Value {
    if let Value::Object(map) = &mut value {
        map.insert(key.to_owned(), of);
    }
    value
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// A text that is not blank.
pub(super) fn name() -> Value {
    json!({ "type": "string", "pattern": r"\S" })
}

pub(super) fn texts() -> Value {
    json!({ "type": "array", "items": text() })
}

/// A table of texts under names of the user's own.
pub(super) fn pairs() -> Value {
    json!({ "type": "object", "additionalProperties": text() })
}

pub(super) fn boolean() -> Value {
    json!({ "type": "boolean" })
}

pub(super) fn words<T>(words: &[(&str, T)]) -> Value {
    let words: Vec<_> = words.iter().map(|(word, _)| word).collect();
    json!({ "type": "string", "enum": words })
}

pub(super) fn rules() -> Value {
    json!({ "type": "array", "items": { "$ref": "#/definitions/rule" } })
}

pub(super) fn severities() -> Value {
    json!({ "$ref": "#/definitions/severities" })
}

pub(super) fn os() -> Value {
    json!({ "$ref": "#/definitions/os" })
}
