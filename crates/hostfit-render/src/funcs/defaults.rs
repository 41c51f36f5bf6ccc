//! Defaults, types, and what Helm adds for templates themselves.

#![allow(clippy::unnecessary_wraps, reason = "functions of templates have one type")]

use super::{Holes, MANY, Row};
use crate::{
    fault::{Fault, Run, fail},
    template::{Args, Machine},
    value::{Map, Value},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("default", default, 1, MANY, Holes::Keep),
    ("empty", empty, 1, 1, Holes::Keep),
    ("coalesce", coalesce, 0, MANY, Holes::Keep),
    ("all", all, 0, MANY, Holes::Keep),
    ("any", any, 0, MANY, Holes::Keep),
    ("ternary", ternary, 3, 3, Holes::Keep),
    ("required", required, 2, 2, Holes::Keep),
    ("fail", fail_with, 1, 1, Holes::Keep),
    ("include", include, 2, 2, Holes::Keep),
    ("tpl", tpl, 2, 2, Holes::Keep),
    ("lookup", lookup, 4, 4, Holes::Keep),
    ("typeOf", type_of, 1, 1, Holes::Spread),
    ("kindOf", kind_of, 1, 1, Holes::Spread),
    ("typeIs", type_is, 2, 2, Holes::Spread),
    ("typeIsLike", type_is_like, 2, 2, Holes::Spread),
    ("kindIs", kind_is, 2, 2, Holes::Spread),
    ("deepEqual", deep_equal, 2, 2, Holes::Spread),
    ("getHostByName", nothing, 1, 1, Holes::Keep),
    ("hello", hello, 0, 0, Holes::Keep),
];

/// Sprig's `empty`; not known where a hole decides.
pub(super) fn is_empty(machine: &Machine<'_>, value: &Value) -> Run<bool> {
    match value.hole() {
        Some(hole) if !value.is_certainly_true() => Err(Fault::unknown(hole).into()),
        _ => Ok(!machine.is_true(value)),
    }
}

fn default(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let given = args.get(1);
    if args.len() < 2 || is_empty(machine, given)? { Ok(args.get(0).clone()) } else { Ok(given.clone()) }
}

fn empty(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    is_empty(machine, args.get(0)).map(Value::bool)
}

fn coalesce(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    for value in &args.values {
        if !is_empty(machine, value)? {
            return Ok(value.clone());
        }
    }
    Ok(Value::Nil)
}

fn all(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    for value in &args.values {
        if is_empty(machine, value)? {
            return Ok(Value::bool(false));
        }
    }
    Ok(Value::bool(true))
}

fn any(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    for value in &args.values {
        if !is_empty(machine, value)? {
            return Ok(Value::bool(true));
        }
    }
    Ok(Value::bool(false))
}

fn ternary(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let is = args.bool(2)?;
    Ok(args.get(usize::from(!is)).clone())
}

fn required(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let value = args.get(1);
    let is_missing = match value {
        Value::Nil => true,
        Value::Str(text) => text.is_empty() && text.hole().is_none(),
        _ => false,
    };
    if is_missing { fail(args.text(0)?.as_str()) } else { Ok(value.clone()) }
}

fn fail_with(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    fail(args.text(0)?.as_str())
}

fn include(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let name = args.text(0)?;
    match name.hole() {
        Some(hole) => Err(Fault::unknown(hole).into()),
        None => machine.include(name.as_str(), args.get(1)),
    }
}

fn tpl(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    machine.tpl(&text, args.get(1))
}

fn lookup(machine: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(machine.heap.new_map(Map::default()))
}

fn type_of(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::given(args.get(0).type_name(&machine.heap)))
}

fn kind_of(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::given(args.get(0).kind_name()))
}

fn type_is(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::bool(args.text(0)?.as_str() == args.get(1).type_name(&machine.heap)))
}

fn type_is_like(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (asked, name) = (args.text(0)?, args.get(1).type_name(&machine.heap));
    Ok(Value::bool(asked.as_str() == name || name.strip_prefix('*') == Some(asked.as_str())))
}

fn kind_is(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::bool(args.text(0)?.as_str() == args.get(1).kind_name()))
}

fn deep_equal(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    machine.heap.deep_equal(args.get(0), args.get(1)).map(Value::bool)
}

fn nothing(_: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(Value::given(""))
}

fn hello(_: &mut Machine<'_>, _: &Args) -> Run<Value> {
    Ok(Value::given("Hello!"))
}
