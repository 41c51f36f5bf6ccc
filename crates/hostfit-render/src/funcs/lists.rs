//! Sprig's functions of lists.

#![allow(clippy::unnecessary_wraps, reason = "functions of templates have one type")]

use super::{Holes, MANY, Row, defaults};
use crate::{
    fault::{Fault, Run, Stop, fail},
    template::{Args, Machine},
    value::{Kind, Value},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("list", list, 0, MANY, Holes::Keep),
    ("tuple", list, 0, MANY, Holes::Keep),
    ("first", first, 1, 1, Holes::Spread),
    ("mustFirst", first, 1, 1, Holes::Spread),
    ("last", last, 1, 1, Holes::Spread),
    ("mustLast", last, 1, 1, Holes::Spread),
    ("rest", rest, 1, 1, Holes::Spread),
    ("mustRest", rest, 1, 1, Holes::Spread),
    ("initial", initial, 1, 1, Holes::Spread),
    ("mustInitial", initial, 1, 1, Holes::Spread),
    ("append", append, 2, 2, Holes::Keep),
    ("mustAppend", append, 2, 2, Holes::Keep),
    ("push", append, 2, 2, Holes::Keep),
    ("mustPush", append, 2, 2, Holes::Keep),
    ("prepend", prepend, 2, 2, Holes::Keep),
    ("mustPrepend", prepend, 2, 2, Holes::Keep),
    ("concat", concat, 0, MANY, Holes::Spread),
    ("reverse", reverse, 1, 1, Holes::Spread),
    ("mustReverse", reverse, 1, 1, Holes::Spread),
    ("uniq", uniq, 1, 1, Holes::Spread),
    ("mustUniq", uniq, 1, 1, Holes::Spread),
    ("without", without, 1, MANY, Holes::Spread),
    ("mustWithout", without, 1, MANY, Holes::Spread),
    ("has", has, 2, 2, Holes::Spread),
    ("mustHas", has, 2, 2, Holes::Spread),
    ("compact", compact, 1, 1, Holes::Spread),
    ("mustCompact", compact, 1, 1, Holes::Spread),
    ("chunk", chunk, 2, 2, Holes::Spread),
    ("mustChunk", chunk, 2, 2, Holes::Spread),
    ("until", until, 1, 1, Holes::Spread),
    ("untilStep", until_step, 3, 3, Holes::Spread),
    ("seq", seq, 0, 3, Holes::Spread),
];

fn list(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(machine.heap.new_list(args.values.clone()))
}

/// The items of the list at `at`, copied: Sprig never changes a list.
fn items(machine: &mut Machine<'_>, args: &Args, at: usize, name: &str) -> Run<Vec<Value>> {
    let list = args.list(at, name)?;
    let items = machine.heap.list(list).to_vec();
    machine.budget.step(items.len() as u64 / 16)?;
    machine.budget.take(items.len().saturating_mul(size_of::<Value>()))?;
    Ok(items)
}

fn first(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let list = args.list(0, "find first")?;
    Ok(machine.heap.list(list).first().cloned().unwrap_or(Value::Nil))
}

fn last(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let list = args.list(0, "find last")?;
    Ok(machine.heap.list(list).last().cloned().unwrap_or(Value::Nil))
}

fn rest(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut items = items(machine, args, 0, "find rest")?;
    if !items.is_empty() {
        items.remove(0);
    }
    Ok(machine.heap.new_list(items))
}

fn initial(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut items = items(machine, args, 0, "find initial")?;
    items.pop();
    Ok(machine.heap.new_list(items))
}

fn append(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut items = items(machine, args, 0, "push")?;
    items.push(args.get(1).clone());
    Ok(machine.heap.new_list(items))
}

fn prepend(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut items = items(machine, args, 0, "prepend")?;
    items.insert(0, args.get(1).clone());
    Ok(machine.heap.new_list(items))
}

fn concat(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut all = Vec::new();
    for at in 0..args.len() {
        all.append(&mut items(machine, args, at, "concat")?);
    }
    Ok(machine.heap.new_list(all))
}

fn reverse(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut items = items(machine, args, 0, "find reverse")?;
    items.reverse();
    Ok(machine.heap.new_list(items))
}

/// Whether `item` is among `items`; not known where holes could be it.
fn is_in(machine: &mut Machine<'_>, items: &[Value], item: &Value) -> Run<bool> {
    machine.budget.step(items.len() as u64 / 8)?;
    let mut doubt = None;
    for other in items {
        match machine.heap.deep_equal(item, other) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(Stop::Fault(fault)) if fault.hole.is_some() => doubt = Some(Stop::Fault(fault)),
            Err(other) => return Err(other),
        }
    }
    doubt.map_or(Ok(false), Err)
}

fn uniq(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let items = items(machine, args, 0, "find uniq")?;
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        if !is_in(machine, &kept, &item)? {
            kept.push(item);
        }
    }
    Ok(machine.heap.new_list(kept))
}

fn without(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let items = items(machine, args, 0, "find without")?;
    let mut kept = Vec::new();
    for item in items {
        if !is_in(machine, args.from(1), &item)? {
            kept.push(item);
        }
    }
    Ok(machine.heap.new_list(kept))
}

fn has(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    if matches!(args.get(1), Value::Nil) {
        return Ok(Value::bool(false));
    }
    let items = items(machine, args, 1, "find has")?;
    is_in(machine, &items, args.get(0)).map(Value::bool)
}

fn compact(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let items = items(machine, args, 0, "compact")?;
    let mut kept = Vec::new();
    for item in items {
        if !defaults::is_empty(machine, &item)? {
            kept.push(item);
        }
    }
    Ok(machine.heap.new_list(kept))
}

fn chunk(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let size = usize::try_from(args.int(0)?).ok().filter(|&size| size > 0);
    let size = size.ok_or_else(|| Fault::new("chunks must have a size"))?;
    let items = items(machine, args, 1, "chunk")?;
    let chunks: Vec<_> = items.chunks(size).map(|chunk| machine.heap.new_list(chunk.to_vec())).collect();
    Ok(machine.heap.new_list(chunks))
}

fn until(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let count = args.int(0)?;
    let numbers = numbers(machine, 0, count, if count < 0 { -1 } else { 1 })?;
    Ok(machine.heap.new_list_of(numbers.into_iter().map(Value::int).collect(), Kind::Integers))
}

fn until_step(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let numbers = numbers(machine, args.int(0)?, args.int(1)?, args.int(2)?)?;
    Ok(machine.heap.new_list_of(numbers.into_iter().map(Value::int).collect(), Kind::Integers))
}

/// How many numbers one list may have: more than a `range` may walk over.
const MAX_NUMBERS: usize = 200_000;

fn numbers(machine: &mut Machine<'_>, start: i64, end: i64, step: i64) -> Run<Vec<i64>> {
    let mut numbers = Vec::new();
    let mut at = start;
    while (step > 0 && at < end) || (step < 0 && at > end) {
        if numbers.len() >= MAX_NUMBERS {
            return Err(Stop::Limit("a list of over 200,000 numbers"));
        }
        numbers.push(at);
        at = at.saturating_add(step);
    }
    machine.budget.step(numbers.len() as u64 / 16)?;
    machine.budget.take(numbers.len().saturating_mul(size_of::<Value>()))?;
    Ok(numbers)
}

fn seq(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let sign = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let (start, end, step) = match args.len() {
        0 => return Ok(Value::given("")),
        1 => (1, args.int(0)?, sign(1, args.int(0)?)),
        2 => (args.int(0)?, args.int(1)?, sign(args.int(0)?, args.int(1)?)),
        _ => {
            let (start, step, end) = (args.int(0)?, args.int(1)?, args.int(2)?);
            if end < start && step > 0 {
                return Ok(Value::given(""));
            }
            (start, end, step)
        }
    };
    let end = end.saturating_add(sign(start, end));
    let numbers = numbers(machine, start, end, step)?;
    if numbers.is_empty() && step == 0 {
        return fail("a step of zero");
    }
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    Ok(Value::given(numbers.join(" ")))
}
