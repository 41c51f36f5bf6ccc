//! Where parts of a manifest stand, for what is written into it or taken out of it.

use crate::{
    placement::kubernetes::{CollectionPlace, EntryPlace, FieldPlace},
    syntax::yaml::Node,
};

/// Where a field of `object` stands; one that is null stands there all the same.
pub(super) fn field_place(object: Node<'_>, key: &str) -> FieldPlace {
    let Some((key, value)) = object.entry(key) else { return FieldPlace::Missing };
    place(object, key, value).map_or(FieldPlace::Elsewhere, FieldPlace::Here)
}

/// Where the entries of a collection stand, which `object` has under `key`; none for what an alias or a merge key brings
/// from elsewhere.
pub(super) fn place(object: Node<'_>, key: Node<'_>, value: Node<'_>) -> Option<CollectionPlace> {
    let first_key = value.entries().next().map(|(first, _)| first);
    let first = first_key.or_else(|| value.items().next());
    let inside = first.is_none_or(|first| here(first) && value.span().holds(first.span()));
    let is_collection = !value.is_scalar() || value.is_null();
    (is_collection && here(key) && here(value) && inside && object.span().holds(key.span())).then(|| CollectionPlace {
        key: key.span(),
        all: value.span(),
        first: first.map(Node::span),
    })
}

/// Where the last field of `path` stands, or the one above it that holds nothing else; none for what an alias or a merge key
/// brings from elsewhere.
pub(super) fn entry_place(object: Node<'_>, path: &[&str]) -> Option<EntryPlace> {
    let mut mapping = object;
    let mut found = None;
    for key in path {
        let (key, value) = mapping.entry(key)?;
        if found.is_none() || mapping.entries().nth(1).is_some() {
            found = Some((mapping, key, value));
        }
        mapping = value;
    }
    let (mapping, key, value) = found?;
    let entries: Vec<_> = mapping.entries().collect();
    let own = |(key, value): &(Node<'_>, Node<'_>)| {
        here(*key) && mapping.span().holds(key.span()) && mapping.span().holds(value.written_at())
    };
    let in_order = entries.is_sorted_by_key(|(key, _)| key.span().start);
    if !here(value) || !in_order || !entries.iter().all(own) {
        return None;
    }
    let at = entries.iter().position(|(other, _)| other.span() == key.span())?;
    let before = at.checked_sub(1).and_then(|before| entries.get(before));
    Some(EntryPlace {
        key: key.span(),
        value: value.span(),
        before: before.map(|(_, value)| value.written_at()),
        after: entries.get(at + 1).map(|(key, _)| key.span()),
        mapping: mapping.span(),
    })
}

fn here(node: Node<'_>) -> bool {
    node.span() == node.written_at()
}
