//! JSON and YAML, several documents one after the other.

use hostfit_core::{
    source::{MAX_BYTES, Source, SourceId},
    syntax::yaml::{Node, Tree},
};
use serde_json::Value;

/// The documents of JSON text; none where it is not JSON.
pub(super) fn json(text: &str) -> Option<Result<Vec<Value>, String>> {
    text.trim_start().starts_with(['{', '[']).then(|| {
        // `docker info` of several machines, one behind the other, is no single document.
        let documents = serde_json::Deserializer::from_str(text).into_iter().collect::<Result<Vec<_>, _>>();
        documents.map_err(|error| format!("is not valid JSON: {error}; is the end missing?"))
    })
}

/// Whether it begins with a table of TOML, `[[host]]` or `[check]`, which is not the start of a JSON array.
pub(super) fn is_toml(text: &str) -> bool {
    let mut lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let first = lines.find(|line| !line.is_empty()).unwrap_or_default();
    let name = first.trim_start_matches('[').trim_end_matches(']');
    let is_key = |char: char| char.is_ascii_alphanumeric() || "-_.\"".contains(char);
    let is_table = first.starts_with('[') && first.ends_with(']') && !name.is_empty() && name.chars().all(is_key);
    is_table && serde_json::from_str::<Value>(first).is_err()
}

/// Whether it is YAML of Kubernetes.
pub(super) fn is_yaml(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.strip_prefix("- ").unwrap_or(line);
        line.starts_with("apiVersion:") || line.starts_with("kind:")
    })
}

/// As many values as no listing has: aliases can make much of little.
const MOST: usize = 4_000_000;

/// The documents of YAML text, scalars as text: nothing that is looked for is anything else.
pub(super) fn yaml(text: &str) -> Result<Vec<Value>, String> {
    if text.len() > MAX_BYTES {
        return Err("is YAML longer than 8 MiB; as JSON (`-o json`) it may be longer".to_owned());
    }
    let source = Source::from_text(SourceId(0), "", parted(text));
    let tree = Tree::parse(&source);
    let twice = tree.duplicate_keys();
    if let Some(error) = tree.errors.first().or(twice.first()) {
        let line = source.position(error.span.start).line;
        return Err(format!("is not valid YAML: {} on line {line}; is the end missing?", error.message));
    }
    let mut left = MOST;
    let values = tree.documents().map(|document| value(document, &mut left)).collect();
    if left == 0 { Err("is YAML whose aliases expand to too many values".to_owned()) } else { Ok(values) }
}

/// Objects that were printed one behind the other, as `>>` does and some commands of kubectl too, become documents: a
/// second `apiVersion` begins one.
fn parted(text: &str) -> String {
    let mut parted = String::with_capacity(text.len());
    let mut begun = false;
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") {
            begun = false;
        } else if line.starts_with("apiVersion:") && std::mem::replace(&mut begun, true) {
            parted.push_str("---\n");
        }
        parted.push_str(line);
    }
    parted
}

fn value(node: Node<'_>, left: &mut usize) -> Value {
    *left = left.saturating_sub(1);
    if *left == 0 || node.is_null() {
        Value::Null
    } else if node.is_mapping() {
        let entries = node.entries();
        let pair = |(key, of): (Node<'_>, Node<'_>)| Some((key.text()?.to_owned(), value(of, left)));
        Value::Object(entries.filter_map(pair).collect())
    } else if node.is_sequence() {
        Value::Array(node.items().map(|item| value(item, left)).collect())
    } else {
        Value::String(node.text().unwrap_or_default().to_owned())
    }
}
