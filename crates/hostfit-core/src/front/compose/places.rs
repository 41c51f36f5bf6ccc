//! Where a service could be given constraints.

use crate::{
    placement::{Place, swarm::CONSTRAINTS},
    source::Span,
    syntax::yaml::Node,
};

/// The service and the keys that lead to its constraints, as deep as they are there; nothing if an alias or a merge key
/// brings one of them from elsewhere.
pub(super) fn to_constraints(key: Node, service: Node) -> Vec<Place> {
    let mut places = Vec::with_capacity(CONSTRAINTS.len() + 1);
    let (mut key, mut node) = (key, service);
    for next in CONSTRAINTS {
        let Some(place) = place(key, node).filter(|_| node.is_mapping()) else { return Vec::new() };
        places.push(place);
        match node.entry(next) {
            Some(entry) if node.span().holds(entry.0.written_at()) => (key, node) = entry,
            Some(_) => return Vec::new(),
            None => return places,
        }
    }
    let Some(place) = place(key, node).filter(|_| node.is_sequence()) else { return Vec::new() };
    places.push(place);
    places
}

/// Where a mapping or a list stands; none for what an alias or a merge key brings from elsewhere, and for what ends in a
/// block scalar, of which the blank lines below may be a part.
fn place(key: Node, node: Node) -> Option<Place> {
    let here = |node: Node| node.span() == node.written_at();
    let own = |span: &Span| node.span().holds(*span);
    let first_key = node.entries().map(|(key, _)| key.written_at()).filter(own).min();
    let items: Vec<_> = node.items().collect();
    let first = first_key.or_else(|| items.first().map(|item| item.written_at()));
    let place = Place {
        key: key.span(),
        value: node.span(),
        first,
        last_item: items.last().filter(|item| item.is_scalar()).map(|item| item.written_at()),
    };
    (here(key) && here(node) && !ends_in_block_scalar(node)).then_some(place)
}

fn ends_in_block_scalar(node: Node) -> bool {
    let values = node.entries().map(|(_, value)| value).chain(node.items());
    let last = values.filter(|value| node.span().holds(value.written_at())).max_by_key(|value| value.written_at().end);
    last.is_some_and(|last| last.is_block_scalar() || last.span() == last.written_at() && ends_in_block_scalar(last))
}
