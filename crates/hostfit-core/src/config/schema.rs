//! The JSON Schema of `hostfit.toml`, for editors, made of the keys that its readers know.
//!
//! The schema refuses nothing that the reader takes. What only the reader can check (a pattern that is invalid, an OS
//! version that nobody knows, two hosts of one name) it lets pass.

use serde_json::{Map, Value, json};

use super::{
    check,
    key::{described, name, table, with, words},
};
use crate::windows::release::Releases;

/// Where the schema is published: `#:schema URL` on the first line of a `hostfit.toml` points editors to it.
pub const URL: &str = "https://raw.githubusercontent.com/hostfit/hostfit/main/docs/hostfit.schema.json";

/// A rule that `hostfit.toml` may name, as the schema describes it.
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
        "description": "The configuration of hostfit: which rules are enabled, what your images are, and the hosts they run on.",
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

/// Any text: OS versions have more spellings than a pattern covers, and a `[[release]]` adds names. The first list is
/// what editors offer.
fn known_os() -> Value {
    let releases = Releases::default();
    let mut known: Vec<_> = releases.iter().map(|release| &*release.id).collect();
    known.push("linux");
    json!({ "anyOf": [{ "enum": known }, name()] })
}
