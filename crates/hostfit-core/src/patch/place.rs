//! Where parts of a file stand, for what is written into it or taken out of it.

use super::Entry;
use crate::{source::Span, syntax::yaml::Node};

/// A mapping or a list as it is written, and the key that it is the value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key, without quotes.
    pub key: Span,
    /// From the first to the last entry, brackets included; of null, its place.
    pub value: Span,
    /// Its first key or item, without quotes; none where it is empty.
    pub first: Option<Span>,
    /// Its last item, without quotes, where it is a list of texts.
    pub last_item: Option<Span>,
    /// Whether its last entry is a block scalar, of which the blank lines below may be a part.
    pub ends_open: bool,
}

/// Where the value of a field stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// There is no such field.
    #[default]
    Missing,
    /// Here.
    Here(Place),
    /// In another part of the file, by an alias or a merge key.
    Elsewhere,
}

impl Place {
    /// Where the entries of a collection stand; none for what an alias or a merge key brings from elsewhere.
    pub fn of(key: Node<'_>, value: Node<'_>) -> Option<Self> {
        let own = |span: &Span| value.span().holds(*span);
        let first_key = value.entries().next().map(|(first, _)| first.written_at());
        let first = first_key.or_else(|| value.items().next().map(Node::written_at));
        let is_collection = !value.is_scalar() || value.is_null();
        let last = value.items().last().filter(|item| item.is_scalar());
        (is_collection && is_here(key) && is_here(value) && first.is_none_or(|first| own(&first))).then(|| Self {
            key: key.span(),
            value: value.span(),
            first,
            last_item: last.map(Node::written_at),
            ends_open: ends_in_block_scalar(value),
        })
    }
}

/// Where a field of `object` stands; one that is null stands there all the same.
pub fn field(object: Node<'_>, key: &str) -> Field {
    let Some((key, value)) = object.entry(key) else { return Field::Missing };
    let place = Place::of(key, value).filter(|place| object.span().holds(place.key));
    place.map_or(Field::Elsewhere, Field::Here)
}

/// Where the last field of `path` stands, or the one above it that holds nothing else; none for what an alias or a merge key
/// brings from elsewhere.
pub fn entry(object: Node<'_>, path: &[&str]) -> Option<Entry> {
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
        is_here(*key) && mapping.span().holds(key.span()) && mapping.span().holds(value.written_at())
    };
    let in_order = entries.is_sorted_by_key(|(key, _)| key.span().start);
    if !is_here(value) || !in_order || !entries.iter().all(own) {
        return None;
    }
    let at = entries.iter().position(|(other, _)| other.span() == key.span())?;
    let before = at.checked_sub(1).and_then(|before| entries.get(before));
    Some(Entry {
        key: key.span(),
        value: value.span(),
        before: before.map(|(_, value)| value.written_at()),
        after: entries.get(at + 1).map(|(key, _)| key.span()),
        mapping: mapping.span(),
    })
}

fn is_here(node: Node<'_>) -> bool {
    node.span() == node.written_at()
}

fn ends_in_block_scalar(node: Node<'_>) -> bool {
    let last = node.last().filter(|value| node.span().holds(value.written_at()));
    last.is_some_and(|last| last.is_block_scalar() || is_here(last) && ends_in_block_scalar(last))
}
