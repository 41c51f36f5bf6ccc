//! What may stand in `hostfit.toml`: the keys that its readers know, and the JSON Schema made of these, for editors.
//!
//! The schema refuses nothing that the reader takes. What only the reader can tell (a pattern that is none, an OS version
//! that nobody knows, two hosts of one name) it lets pass.

use serde_json::{Map, Value, json};

use super::{check, host, overrides, registry, release, target};
use crate::{fleet::EFFECTS, windows::release::Releases};

/// Where the schema is published: `#:schema URL` on the first line of a `hostfit.toml` tells editors of it.
pub const URL: &str = "https://raw.githubusercontent.com/hostfit/hostfit/main/docs/hostfit.schema.json";

/// A key that a reader knows.
pub(super) struct Key {
    pub(super) name: &'static str,
    /// What it says, for the editor. Markdown.
    pub(super) about: &'static str,
    /// Which values it takes, as a JSON Schema.
    pub(super) value: fn() -> Value,
}

/// A rule that `hostfit.toml` may name, as the schema tells of it.
#[derive(Clone, Debug)]
pub struct RuleName {
    /// Its id.
    pub id: &'static str,
    /// What it finds, in a line.
    pub summary: &'static str,
    /// Where its page is.
    pub url: String,
}

/// The JSON Schema of `hostfit.toml` (draft 7, which Taplo and with it "Even Better TOML" read). What stands under
/// `x-taplo` is shown by these and ignored by others.
pub fn json_schema(rules: &[RuleName]) -> Value {
    let mut schema = table(super::SECTIONS, &[]);
    let ids: Vec<_> = rules.iter().map(|rule| rule.id).collect();
    let summaries: Vec<_> = rules.iter().map(|rule| rule.summary).collect();
    let urls: Vec<_> = rules.iter().map(|rule| &rule.url).collect();
    let severity = |rule: &RuleName| {
        let value = described(words(check::SEVERITIES), rule.summary);
        (rule.id.to_owned(), with(value, "x-taplo", json!({ "links": { "key": rule.url } })))
    };
    let head = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": URL,
        "title": "hostfit.toml",
        "description": "The configuration of hostfit: which rules speak, what your images are, and the hosts they run on.",
        "definitions": {
            "rule": {
                "description": "The id of a rule; `hostfit rules` lists them.",
                "type": "string",
                "enum": ids,
                "x-taplo": { "docs": { "enumValues": summaries }, "links": { "enumValues": urls } },
            },
            "os": known_os(),
            "severities": {
                "type": "object",
                "additionalProperties": false,
                "properties": rules.iter().map(severity).collect::<Map<_, _>>(),
            },
        },
    });
    if let (Value::Object(schema), Value::Object(head)) = (&mut schema, head) {
        schema.extend(head);
    }
    schema
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
fn described(value: Value, about: &str) -> Value {
    let value = if value.get("$ref").is_some() { json!({ "allOf": [value] }) } else { value };
    with(value, "description", json!(about))
}

fn with(mut value: Value, key: &str, of: Value) -> Value {
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

/// Any text: OS versions have more spellings than a pattern tells, and a `[[release]]` adds names. The first list is what
/// editors offer.
fn known_os() -> Value {
    let releases = Releases::default();
    let mut known: Vec<_> = releases.iter().map(|release| &*release.id).collect();
    known.push("linux");
    json!({ "anyOf": [{ "enum": known }, name()] })
}

pub(super) fn images() -> Value {
    json!({
        "type": "object",
        "additionalProperties": os(),
        "examples": [{ "registry.contoso.com/web:*": "ltsc2022", "registry.contoso.com/tools/*": "linux" }],
    })
}

pub(super) fn runtime() -> Value {
    json!({
        "type": "string",
        // Letter case does not count, for which JSON Schema has no word.
        "pattern": r"^\s*([Dd][Oo][Cc][Kk][Ee][Rr]|[Cc][Oo][Nn][Tt][Aa][Ii][Nn][Ee][Rr][Dd])(\s|:|\(|$)",
        "examples": ["containerd 2.1.6", "docker 29.6.2", "docker 29.6.2 (containerd)"],
    })
}

pub(super) fn taints() -> Value {
    let pattern = format!(r"^\s*[^=\s]+(=\S*)?:({})\s*$", EFFECTS.join("|"));
    json!({ "type": "array", "items": { "type": "string", "pattern": pattern }, "examples": [["os=windows:NoSchedule"]] })
}

pub(super) fn count() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX, "default": 1 })
}

pub(super) fn build_number() -> Value {
    json!({
        "anyOf": [
            { "type": "integer", "minimum": 1, "maximum": u16::MAX },
            { "type": "string", "pattern": r"^(10\.0\.)?[0-9]{1,5}$" },
        ],
        "examples": [26100],
    })
}

/// A TOML date or a text; Taplo hands both over as texts.
pub(super) fn date() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$" })
}

pub(super) fn check_section() -> Value {
    table(check::KEYS, &[])
}

pub(super) fn overrides() -> Value {
    tables(overrides::KEYS, &["paths"])
}

pub(super) fn hosts() -> Value {
    tables(host::KEYS, &["name", "os"])
}

pub(super) fn targets() -> Value {
    tables(target::KEYS, &["paths", "fleet"])
}

pub(super) fn mirror() -> Value {
    json!({ "type": "string", "pattern": r"^(https://)?[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*(/[a-z0-9._/-]+)?/*$" })
}

pub(super) fn registries() -> Value {
    json!({
        "type": "object",
        "propertyNames": { "pattern": r"^[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*$" },
        "additionalProperties": table(registry::KEYS, &[]),
        "examples": [{ "registry.contoso.com": { "ca": "contoso.pem" }, "docker.io": { "mirror": "mirror.contoso.com/hub" } }],
    })
}

pub(super) fn releases() -> Value {
    tables(release::KEYS, &["id", "build"])
}
