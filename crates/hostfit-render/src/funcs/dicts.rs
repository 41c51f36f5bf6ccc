//! Sprig's functions of mappings.

use std::rc::Rc;

use super::{Holes, MANY, Row, defaults};
use crate::{
    fault::{Fault, Run, fail},
    print,
    template::{Args, Machine},
    text::Origin,
    value::{MAX_DEPTH, Map, MapId, Slot, Value},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("dict", dict, 0, MANY, Holes::Keep),
    ("get", get, 2, 2, Holes::Keep),
    ("set", set, 3, 3, Holes::Keep),
    ("unset", unset, 2, 2, Holes::Keep),
    ("hasKey", has_key, 2, 2, Holes::Spread),
    ("pluck", pluck, 1, MANY, Holes::Spread),
    ("keys", keys, 0, MANY, Holes::Spread),
    ("pick", pick, 1, MANY, Holes::Spread),
    ("omit", omit, 1, MANY, Holes::Spread),
    ("values", values, 1, 1, Holes::Spread),
    ("merge", merge, 1, MANY, Holes::Spread),
    ("mustMerge", merge, 1, MANY, Holes::Spread),
    ("mergeOverwrite", merge_overwrite, 1, MANY, Holes::Spread),
    ("mustMergeOverwrite", merge_overwrite, 1, MANY, Holes::Spread),
    ("deepCopy", deep_copy, 1, 1, Holes::Keep),
    ("mustDeepCopy", deep_copy, 1, 1, Holes::Keep),
    ("dig", dig, 3, MANY, Holes::Keep),
];

fn dict(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut map = Map::default();
    for pair in args.values.chunks(2) {
        let key = super::known_string(machine, pair.first().unwrap_or(&Value::Nil))?;
        let value = pair.get(1).cloned().unwrap_or_else(|| Value::given(""));
        map.put_slot(Rc::from(key.as_str()), Slot { key: key.origin(), value });
    }
    Ok(machine.heap.new_map(map))
}

fn get(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (map, key) = (args.map(&mut machine.heap, 0)?, args.text(1)?);
    let map = machine.heap.map(map);
    Ok(match (map.get(key.as_str()), key.hole().or(map.gap)) {
        (_, Some(hole)) if key.hole().is_some() => Value::Hole(hole),
        (Some(value), _) => value.clone(),
        (None, Some(gap)) => Value::Hole(gap),
        (None, None) => Value::given(""),
    })
}

fn set(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (map, key) = (args.map(&mut machine.heap, 0)?, args.text(1)?);
    if machine.forgets(map) {
        return Ok(Value::Map(map));
    }
    if let Some(hole) = key.hole() {
        machine.heap.map_mut(map).gap = Some(hole);
    } else {
        let slot = Slot { key: key.origin(), value: args.get(2).clone() };
        machine.heap.map_mut(map).put_slot(Rc::from(key.as_str()), slot);
    }
    Ok(Value::Map(map))
}

fn unset(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (map, key) = (args.map(&mut machine.heap, 0)?, args.text(1)?);
    if machine.forgets(map) {
        return Ok(Value::Map(map));
    }
    machine.heap.map_mut(map).slots.remove(key.as_str());
    Ok(Value::Map(map))
}

fn has_key(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (map, key) = (args.map(&mut machine.heap, 0)?, args.text(1)?);
    let map = machine.heap.map(map);
    match (map.get(key.as_str()).is_some(), map.gap) {
        (false, Some(gap)) => Ok(Value::Hole(gap)),
        (has, _) => Ok(Value::bool(has)),
    }
}

fn pluck(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let key = args.text(0)?;
    let mut found = Vec::new();
    for at in 1..args.len() {
        let map = args.map(&mut machine.heap, at)?;
        found.extend(machine.heap.map(map).get(key.as_str()).cloned());
    }
    Ok(machine.heap.new_list(found))
}

/// The mapping, which must be known as a whole.
fn whole(machine: &mut Machine<'_>, args: &Args, at: usize) -> Run<MapId> {
    let map = args.map(&mut machine.heap, at)?;
    match machine.heap.map(map).gap {
        Some(gap) => Err(Fault::unknown(gap).into()),
        None => Ok(map),
    }
}

fn keys(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut keys = Vec::new();
    for at in 0..args.len() {
        let map = whole(machine, args, at)?;
        keys.extend(machine.heap.map(map).keys());
    }
    Ok(machine.heap.new_strings(keys))
}

fn pick(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    chosen(machine, args, true)
}

fn omit(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    chosen(machine, args, false)
}

fn chosen(machine: &mut Machine<'_>, args: &Args, is_pick: bool) -> Run<Value> {
    let map = args.map(&mut machine.heap, 0)?;
    let mut names = Vec::new();
    for at in 1..args.len() {
        names.push(args.text(at)?);
    }
    let map = machine.heap.map(map);
    let is_named = |key: &str| names.iter().any(|name| name.as_str() == key);
    let slots = map.slots.iter().filter(|(key, _)| is_named(key) == is_pick);
    let mut chosen = Map::of(slots.map(|(key, slot)| (Rc::clone(key), slot.clone())));
    chosen.gap = map.gap;
    Ok(machine.heap.new_map(chosen))
}

fn values(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let map = whole(machine, args, 0)?;
    let values = machine.heap.map(map).slots.values().map(|slot| slot.value.clone()).collect();
    Ok(machine.heap.new_list(values))
}

fn merge(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    merged(machine, args, false)
}

fn merge_overwrite(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    merged(machine, args, true)
}

fn merged(machine: &mut Machine<'_>, args: &Args, overwrite: bool) -> Run<Value> {
    let into = args.map(&mut machine.heap, 0)?;
    if machine.forgets(into) {
        return Ok(Value::Map(into));
    }
    for at in 1..args.len() {
        let from = args.map(&mut machine.heap, at)?;
        merge_into(machine, into, from, overwrite, 0)?;
    }
    Ok(Value::Map(into))
}

/// What `mergo` does: what is empty counts as missing, lists are replaced as a whole.
fn merge_into(machine: &mut Machine<'_>, into: MapId, from: MapId, overwrite: bool, depth: usize) -> Run<()> {
    if depth > MAX_DEPTH {
        return Err(Fault::too_deep().into());
    }
    if into == from {
        return Ok(());
    }
    let gap = machine.heap.map(from).gap;
    if gap.is_some() {
        machine.heap.map_mut(into).gap = gap;
    }
    let slots: Vec<_> = machine.heap.map(from).slots.iter().map(|(key, slot)| (Rc::clone(key), slot.clone())).collect();
    machine.budget.step(1 + slots.len() as u64)?;
    for (key, slot) in slots {
        let old = machine.heap.map(into).get(&key).cloned();
        let put = |machine: &mut Machine<'_>, slot| machine.heap.map_mut(into).put_slot(Rc::clone(&key), slot);
        match (&slot.value, &old) {
            (Value::Nil, _) if overwrite => put(machine, slot),
            (Value::Nil, _) => {}
            (Value::Map(from), Some(Value::Map(into))) if !machine.heap.map(*into).slots.is_empty() => {
                merge_into(machine, *into, *from, overwrite, depth + 1)?;
            }
            (_, None) => put(machine, slot),
            (_, Some(_)) if overwrite => put(machine, slot),
            (_, Some(old)) => match defaults::is_empty(machine, old) {
                Ok(true) => put(machine, slot),
                Ok(false) => {}
                Err(_) => {
                    let hole = old.hole().map_or(Value::Nil, Value::Hole);
                    put(machine, Slot { key: Origin::Given, value: hole });
                }
            },
        }
    }
    Ok(())
}

fn deep_copy(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    machine.budget.step(16)?;
    machine.heap.deep_copy(args.get(0))
}

fn dig(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let last = args.len() - 1;
    let mut value = args.get(last).clone();
    for at in 0..last - 1 {
        let key = args.text(at)?;
        let map = match &value {
            Value::Map(map) => machine.heap.map(*map),
            Value::Hole(hole) => return Ok(Value::Hole(*hole)),
            other => {
                return fail(format!("interface conversion: interface {{}} is {}", other.type_name(&machine.heap)));
            }
        };
        value = match (map.get(key.as_str()), map.gap) {
            (Some(value), _) => value.clone(),
            (None, Some(gap)) => return Ok(Value::Hole(gap)),
            (None, None) => return Ok(args.get(last - 1).clone()),
        };
    }
    Ok(value)
}

/// The strings of a list, or the one string that it is.
pub(super) fn strings(machine: &Machine<'_>, value: &Value) -> Run<Vec<crate::text::Text>> {
    match value {
        Value::Nil => Ok(Vec::new()),
        Value::List(list) => {
            let items = machine.heap.list(*list).iter().filter(|item| !matches!(item, Value::Nil));
            items.map(|item| print::string(&machine.heap, item)).collect()
        }
        other => Ok(vec![print::string(&machine.heap, other)?]),
    }
}
