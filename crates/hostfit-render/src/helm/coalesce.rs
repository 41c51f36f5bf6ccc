//! How values are put together: Helm's `coalesce`, whose odd cases charts depend on.

use std::rc::Rc;

use super::live::Live;
use crate::value::{Heap, Map, MapId, Slot, Value};

/// A chart's values under those that are given: what a rendering sees, subcharts under their names.
///
/// # Errors
/// When the values of a subchart are not a mapping, which Helm refuses.
pub(super) fn values(heap: &mut Heap, chart: &Live<'_>, given: MapId, merge: bool) -> Result<MapId, String> {
    let given = copied(heap, given)?;
    coalesce(heap, chart, given, merge)?;
    Ok(given)
}

pub(super) fn copied(heap: &mut Heap, map: MapId) -> Result<MapId, String> {
    match heap.deep_copy(&Value::Map(map)) {
        Ok(Value::Map(copy)) => Ok(copy),
        _ => Err("the values are nested too deep".to_owned()),
    }
}

fn coalesce(heap: &mut Heap, chart: &Live<'_>, into: MapId, merge: bool) -> Result<(), String> {
    own_values(heap, chart, into, merge)?;
    for subchart in &chart.subcharts {
        let name = subchart.name();
        let inner = match heap.map(into).get(name) {
            None => {
                let inner = heap.add_map(Map::default());
                heap.map_mut(into).put(name, Value::Map(inner));
                inner
            }
            Some(Value::Map(inner)) => *inner,
            Some(_) => return Err(format!("type mismatch on {name}")),
        };
        globals(heap, inner, into);
        coalesce(heap, subchart, inner, merge)?;
    }
    Ok(())
}

/// Hands `global` down to a subchart.
fn globals(heap: &mut Heap, into: MapId, from: MapId) {
    let own = match heap.map(into).get("global") {
        None => heap.add_map(Map::default()),
        Some(Value::Map(map)) => *map,
        Some(_) => return,
    };
    let theirs = match heap.map(from).get("global") {
        None => None,
        Some(Value::Map(map)) => Some(*map),
        Some(_) => return,
    };
    for (key, slot) in theirs.map(|map| slots(heap, map)).unwrap_or_default() {
        let old = heap.map(own).get(&key).cloned();
        match (&slot.value, old) {
            (Value::Map(value), None) => {
                let value = Value::Map(shallow(heap, *value));
                heap.map_mut(own).put_slot(key, Slot { key: slot.key, value });
            }
            (Value::Map(value), Some(Value::Map(old))) => {
                let value = shallow(heap, *value);
                tables(heap, value, old, true);
                heap.map_mut(own).put_slot(key, Slot { key: slot.key, value: Value::Map(value) });
            }
            (Value::Map(_), Some(_)) | (_, Some(Value::Map(_))) => {}
            _ => heap.map_mut(own).put_slot(key, slot),
        }
    }
    heap.map_mut(into).put("global", Value::Map(own));
}

fn shallow(heap: &mut Heap, map: MapId) -> MapId {
    let copy = heap.map(map).clone();
    heap.add_map(copy)
}

fn slots(heap: &Heap, map: MapId) -> Vec<(Rc<str>, Slot)> {
    heap.map(map).slots.iter().map(|(key, slot)| (Rc::clone(key), slot.clone())).collect()
}

/// The chart's own values under those that are there.
fn own_values(heap: &mut Heap, chart: &Live<'_>, into: MapId, merge: bool) -> Result<(), String> {
    let own = copied(heap, chart.values)?;
    for (key, slot) in slots(heap, own) {
        match (heap.map(into).get(&key).cloned(), &slot.value) {
            // A null deletes what the chart says.
            (Some(Value::Nil), _) if !merge => {
                heap.map_mut(into).slots.remove(&key);
            }
            (Some(Value::Map(into)), Value::Map(from)) => {
                let merge = merge || chart.subcharts.iter().any(|subchart| subchart.name() == &*key);
                if !merge {
                    clean_nulls(heap, *from, 0);
                }
                tables(heap, into, *from, merge);
            }
            (Some(_), _) => {}
            (None, Value::Nil) if !merge => {}
            (None, value) => {
                if let Value::Map(value) = value
                    && !merge
                {
                    clean_nulls(heap, *value, 0);
                }
                heap.map_mut(into).put_slot(key, slot);
            }
        }
    }
    Ok(())
}

fn clean_nulls(heap: &mut Heap, map: MapId, depth: usize) {
    if depth > crate::value::MAX_DEPTH {
        return;
    }
    heap.map_mut(map).slots.retain(|slot| !matches!(slot.value, Value::Nil));
    for (_, slot) in slots(heap, map) {
        if let Value::Map(inner) = slot.value {
            clean_nulls(heap, inner, depth + 1);
        }
    }
}

/// Puts `from` under `into`. As in Helm, nulls of `into` are written into `from` on the way.
pub(super) fn tables(heap: &mut Heap, into: MapId, from: MapId, merge: bool) {
    tables_at(heap, into, from, merge, 0);
}

fn tables_at(heap: &mut Heap, into: MapId, from: MapId, merge: bool, depth: usize) {
    if depth > crate::value::MAX_DEPTH || into == from {
        return;
    }
    let stated: Vec<Rc<str>> =
        slots(heap, from).into_iter().filter(|(_, it)| !matches!(it.value, Value::Nil)).map(|(key, _)| key).collect();
    for (key, slot) in slots(heap, into) {
        if matches!(slot.value, Value::Nil) {
            heap.map_mut(from).put_slot(key, slot);
        }
    }
    for (key, slot) in slots(heap, from) {
        match (heap.map(into).get(&key).cloned(), &slot.value) {
            (Some(Value::Nil), _) if !merge && stated.binary_search(&key).is_ok() => {
                heap.map_mut(into).slots.remove(&key);
            }
            (None, _) => heap.map_mut(into).put_slot(key, slot),
            (Some(Value::Map(into)), Value::Map(from)) => tables_at(heap, into, *from, merge, depth + 1),
            (Some(_), _) => {}
        }
    }
}
