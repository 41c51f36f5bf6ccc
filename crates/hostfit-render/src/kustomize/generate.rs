//! `configMapGenerator` and `secretGenerator`. Names stay without the hash that kustomize appends, and so do the
//! references to them, which nothing judges.

use super::resource::{Behavior, scalar};
use crate::{
    node::{Data, Entry, Node},
    object,
    text::{HoleId, Text},
};

/// What a generator makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ConfigMap,
    Secret,
}

/// The content of a file that a generator names, or why it is not known.
pub(super) type Content = Result<Text, HoleId>;

fn entry(key: &str, value: Node) -> Entry {
    Entry { key: Text::given(key), key_range: 0..0, value }
}

fn given(text: &str) -> Node {
    Node::new(Data::String(Text::given(text)))
}

/// How the object meets one that is there already.
pub(super) fn behavior(generator: &Node) -> Behavior {
    match &*generator.get("behavior").map(scalar).unwrap_or_default() {
        "merge" => Behavior::Merge,
        "replace" => Behavior::Replace,
        _ => Behavior::Create,
    }
}

/// The object that an entry makes. `load` gives the content of a file.
pub(super) fn object(
    generator: &Node,
    options: Option<&Node>,
    kind: Kind,
    load: &mut dyn FnMut(&Node) -> Content,
) -> Node {
    let field = |key: &str| generator.get(key).filter(|value| !scalar(value).is_empty()).cloned();
    let mut metadata = vec![entry("name", generator.get("name").cloned().unwrap_or_default())];
    metadata.extend(field("namespace").map(|namespace| entry("namespace", namespace)));
    let own = generator.get("options");
    for key in ["labels", "annotations"] {
        let mut all = own.and_then(|it| it.get(key)).cloned().unwrap_or_else(|| Node::new(Data::Map(Vec::new())));
        for pair in options.and_then(|it| it.get(key)).map_or(&[][..], Node::entries) {
            if all.get(pair.key.as_str()).is_none() {
                all.put(pair.key.clone(), pair.value.clone());
            }
        }
        if !all.entries().is_empty() {
            metadata.push(entry(key, all));
        }
    }
    let is_secret = kind == Kind::Secret;
    let mut entries = vec![
        entry("apiVersion", given("v1")),
        entry("kind", given(if is_secret { "Secret" } else { "ConfigMap" })),
        entry("metadata", Node::new(Data::Map(metadata))),
    ];
    if is_secret {
        entries.push(entry("type", field("type").unwrap_or_else(|| given("Opaque"))));
    }
    let mut data = data(generator, load);
    if is_secret && let Data::Map(entries) = &mut data.data {
        for entry in entries {
            if let Data::String(text) = &entry.value.data {
                entry.value.data = Data::String(object::base64(text));
            }
        }
    }
    if !data.entries().is_empty() || !data.gaps.is_empty() {
        entries.push(entry("data", data));
    }
    let immutable = [own, options].into_iter().flatten().filter_map(|it| it.get("immutable"));
    entries.extend(immutable.take(1).map(|is| entry("immutable", is.clone())));
    Node::new(Data::Map(entries))
}

fn data(generator: &Node, load: &mut dyn FnMut(&Node) -> Content) -> Node {
    let mut data = Node::new(Data::Map(Vec::new()));
    let items = |key: &str| generator.get(key).map_or(&[][..], Node::items);
    let single = generator.get("env").filter(|it| it.str().is_some_and(|it| !it.is_empty()));
    for source in items("envs").iter().chain(single) {
        match load(source) {
            Ok(text) => lines(&text, &mut data),
            Err(hole) => data.gaps.push(hole),
        }
    }
    for literal in items("literals") {
        let Some(text) = literal.text() else { continue };
        let Some(at) = text.as_str().find('=').filter(|at| *at > 0) else { continue };
        data.put(text.part(0..at), Node::new(Data::String(unquoted(&text.part(at + 1..text.len())))));
    }
    for source in items("files") {
        let Some(text) = source.text() else { continue };
        let (key, path) = if let Some((key, _)) = text.as_str().split_once('=') {
            (text.part(0..key.len()), text.part(key.len() + 1..text.len()))
        } else {
            let name = text.as_str().rsplit('/').next().unwrap_or_default();
            (text.part(text.len() - name.len()..text.len()), text.clone())
        };
        let value = match load(&Node { data: Data::String(path), range: source.range.clone(), gaps: Vec::new() }) {
            Ok(text) => Data::String(text),
            Err(hole) => Data::Hole(hole),
        };
        data.put(key, Node::new(value));
    }
    data
}

/// The text without the quotes around it.
fn unquoted(text: &Text) -> Text {
    let is_quoted = |quote: char| text.len() >= 2 && text.as_str().starts_with(quote) && text.as_str().ends_with(quote);
    if is_quoted('"') || is_quoted('\'') { text.part(1..text.len() - 1) } else { text.clone() }
}

/// The pairs of an environment file.
fn lines(text: &Text, data: &mut Node) {
    let mut at = 0;
    for (number, line) in text.as_str().split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let content = line.strip_suffix('\n').unwrap_or(line);
        let content = content.strip_suffix('\r').unwrap_or(content);
        let end = start + content.len();
        let content = if number == 0 { content.strip_prefix('\u{feff}').unwrap_or(content) } else { content };
        let content = content.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let start = end - content.len();
        let key = content.split('=').next().unwrap_or_default();
        let value = (start + key.len() + 1).min(end);
        data.put(text.part(start..start + key.len()), Node::new(Data::String(text.part(value..end))));
    }
}

/// Gives a generated object what the one keeps that it takes the place of: its names, labels and annotations under its
/// own, and the pairs of the fields in `kept`.
pub(super) fn onto(old: &Node, made: &mut Node, kept: &[&str]) {
    let metadata = |node: &Node| node.get("metadata").cloned().unwrap_or_else(|| Node::new(Data::Map(Vec::new())));
    let (theirs, mut own) = (metadata(old), metadata(made));
    for key in ["name", "namespace"] {
        if let Some(value) = theirs.get(key) {
            own.put(Text::given(key), value.clone());
        }
    }
    for key in ["labels", "annotations"] {
        under(theirs.get(key), &mut own, key);
    }
    made.put(Text::given("metadata"), own);
    for key in kept {
        under(old.get(key), made, key);
    }
}

/// Adds to the pairs under a key those that it does not have.
fn under(old: Option<&Node>, made: &mut Node, key: &str) {
    let Some(old) = old.filter(|old| !old.entries().is_empty()) else { return };
    let mut all = old.clone();
    for pair in made.get(key).map_or(&[][..], Node::entries) {
        all.put(pair.key.clone(), pair.value.clone());
    }
    made.put(Text::given(key), all);
}
