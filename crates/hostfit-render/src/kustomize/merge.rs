//! Strategic merge patches, as kustomize applies them: `$setElementOrder` and `$retainKeys` mean nothing to it and stay
//! in the result.

use super::{resource::scalar, schema::Schema};
use crate::node::{Data, Entry, Node};

const DIRECTIVE: &str = "$patch";

/// What a patch leaves of a node.
///
/// # Errors
/// When a mapping, a list and a scalar meet, or `$patch` has an unknown value.
pub(super) fn merge(dest: Node, patch: &Node, schema: Option<Schema>) -> Result<Option<Node>, String> {
    match (&dest.data, &patch.data) {
        (_, Data::Null) => Ok(None),
        (Data::Null, _) => added(patch.clone(), schema),
        (Data::Hole(hole), _) => {
            let hole = *hole;
            let mut merged = added(patch.clone(), schema)?;
            // What else is there is not known.
            if let Some(node) = merged.as_mut().filter(|node| matches!(node.data, Data::Map(_) | Data::List(_))) {
                node.gaps.push(hole);
            }
            Ok(merged)
        }
        (Data::Map(_), Data::Map(_)) => merge_maps(dest, patch, schema),
        (Data::List(_), Data::List(_)) => match schema {
            Some(schema @ Schema::List(keys, _)) => merge_lists(dest, patch, keys, schema.items()).map(Some),
            _ => Ok(Some(patch.clone())),
        },
        (Data::Map(_) | Data::List(_), _) | (_, Data::Map(_) | Data::List(_)) => {
            Err("wrong node kind: a mapping, a list and a scalar cannot be merged".to_owned())
        }
        _ => Ok(Some(patch.clone())),
    }
}

enum Directive {
    Delete,
    Replace,
    Merge,
}

fn directive(value: Option<&Node>) -> Result<Directive, String> {
    match value.and_then(Node::str) {
        None | Some("merge") => Ok(Directive::Merge),
        Some("delete") => Ok(Directive::Delete),
        Some("replace") => Ok(Directive::Replace),
        Some(other) => Err(format!("unknown patch strategy '{other}'")),
    }
}

/// Takes `$patch` out of a mapping.
fn without_directive(mut node: Node) -> Node {
    if let Data::Map(entries) = &mut node.data {
        entries.retain(|entry| entry.key.as_str() != DIRECTIVE);
    }
    node
}

/// What a part of a patch adds where nothing was: without nulls and directives.
fn added(node: Node, schema: Option<Schema>) -> Result<Option<Node>, String> {
    match &node.data {
        Data::Null => Ok(None),
        Data::Map(_) => {
            if matches!(directive(node.get(DIRECTIVE))?, Directive::Delete) {
                return Ok(None);
            }
            let schema = schema.or_else(|| schema_of(&node));
            let mut node = without_directive(node);
            if let Data::Map(entries) = &mut node.data {
                let all = std::mem::take(entries);
                for Entry { key, key_range, value } in all {
                    let field = schema.and_then(|schema| schema.field(key.as_str()));
                    if let Some(value) = added(value, field)? {
                        entries.push(Entry { key, key_range, value });
                    }
                }
            }
            Ok(Some(node))
        }
        Data::List(_) => match schema {
            Some(schema @ Schema::List(keys, _)) => {
                let nothing = Node { data: Data::List(Vec::new()), ..Node::default() };
                merge_lists(nothing, &node, keys, schema.items()).map(Some)
            }
            _ => Ok(Some(node)),
        },
        _ => Ok(Some(node)),
    }
}

fn schema_of(node: &Node) -> Option<Schema> {
    Schema::of(node.get("apiVersion")?.str()?, node.get("kind")?.str()?)
}

fn merge_maps(mut dest: Node, patch: &Node, schema: Option<Schema>) -> Result<Option<Node>, String> {
    match directive(patch.get(DIRECTIVE))? {
        Directive::Delete => return Ok(None),
        Directive::Replace => return added(patch.clone(), schema),
        Directive::Merge => {}
    }
    let schema = schema.or_else(|| schema_of(&dest)).or_else(|| schema_of(patch));
    for entry in patch.entries().iter().filter(|entry| entry.key.as_str() != DIRECTIVE) {
        let field = schema.and_then(|schema| schema.field(entry.key.as_str()));
        let Data::Map(entries) = &mut dest.data else { break };
        match entries.iter().position(|own| own.key.as_str() == entry.key.as_str()) {
            Some(at) => {
                let Some(own) = entries.get_mut(at) else { continue };
                match merge(std::mem::take(&mut own.value), &entry.value, field)? {
                    Some(value) => own.value = value,
                    None => {
                        entries.remove(at);
                    }
                }
            }
            None => {
                if let Some(value) = added(entry.value.clone(), field)? {
                    entries.push(Entry { value, ..entry.clone() });
                }
            }
        }
    }
    Ok(Some(dest))
}

/// The values of the keys of an item.
fn key_of(item: &Node, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| item.get(key).map(scalar).unwrap_or_default()).collect()
}

/// Whether two items are one: a key that one of them does not have may be anything, but not the first.
fn is_one(a: &[String], b: &[String]) -> bool {
    let first = a.first().zip(b.first()).is_some_and(|(a, b)| a == b && !a.is_empty());
    first && a.iter().zip(b).all(|(a, b)| a == b || a.is_empty() || b.is_empty())
}

/// Merges the items of two lists: first those of the patch, then what else was there.
fn merge_lists(mut dest: Node, patch: &Node, keys: &[&str], schema: Option<Schema>) -> Result<Node, String> {
    let whole = patch.items().iter().find_map(|item| {
        let value = item.get(DIRECTIVE)?;
        (item.entries().len() == 1).then_some(value)
    });
    let is_kept = match directive(whole)? {
        Directive::Delete => return Ok(Node { data: Data::List(Vec::new()), ..dest }),
        Directive::Replace => false,
        Directive::Merge => true,
    };
    let mut old: Vec<Option<Node>> = match std::mem::take(&mut dest.data) {
        Data::List(items) if is_kept => items.into_iter().map(Some).collect(),
        _ => Vec::new(),
    };
    let mut merged: Vec<Node> = Vec::new();
    if keys.is_empty() {
        let others = old.into_iter().flatten();
        for item in patch.items().iter().cloned().chain(others) {
            if !merged.iter().any(|own| scalar(own) == scalar(&item)) {
                merged.push(item);
            }
        }
        dest.data = Data::List(merged);
        return Ok(dest);
    }
    let old_keys: Vec<_> =
        old.iter().map(|item| item.as_ref().map(|item| key_of(item, keys)).unwrap_or_default()).collect();
    let mut seen: Vec<Vec<String>> = Vec::new();
    for item in patch.items() {
        if whole.is_some() && item.entries().len() == 1 && item.get(DIRECTIVE).is_some() {
            continue;
        }
        let key = key_of(item, keys);
        if seen.iter().any(|seen| is_one(seen, &key)) {
            continue;
        }
        let own = old_keys.iter().zip(&mut old).find(|(own, _)| is_one(own, &key)).and_then(|(_, own)| own.take());
        let value = match own {
            Some(own) => merge(own, item, schema)?,
            None => added(item.clone(), schema)?,
        };
        seen.push(key);
        merged.extend(value.filter(|value| !matches!(&value.data, Data::Map(entries) if entries.is_empty())));
    }
    merged.extend(old.into_iter().flatten());
    dest.data = Data::List(merged);
    Ok(dest)
}
