//! Where a service could be given constraints.

use crate::{patch::Place, placement::swarm::CONSTRAINTS, syntax::yaml::Node};

/// The service and the keys that lead to its constraints, as deep as they are there; nothing if an alias or a merge key
/// brings one of them from elsewhere.
pub(super) fn to_constraints(key: Node, service: Node) -> Vec<Place> {
    let mut places = Vec::with_capacity(CONSTRAINTS.len() + 1);
    let (mut key, mut node) = (key, service);
    for next in CONSTRAINTS {
        let Some(place) = Place::of(key, node).filter(|_| node.is_mapping()) else { return Vec::new() };
        places.push(place);
        match node.entry(next) {
            Some(entry) if node.span().holds(entry.0.written_at()) => (key, node) = entry,
            Some(_) => return Vec::new(),
            None => return places,
        }
    }
    let Some(place) = Place::of(key, node).filter(|_| node.is_sequence()) else { return Vec::new() };
    places.push(place);
    places
}
