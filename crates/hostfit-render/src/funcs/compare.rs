//! Go's own functions: comparisons, `index`, `len`, `slice`.

#![allow(clippy::unnecessary_wraps, reason = "functions of templates have one type")]

use super::{Holes, MANY, Row};
use crate::{
    fault::{Fault, Run, fail},
    template::{Args, Machine},
    text::Origin,
    value::{Kind, Num, Value},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("eq", eq, 2, MANY, Holes::Spread),
    ("ne", ne, 2, 2, Holes::Spread),
    ("lt", lt, 2, 2, Holes::Spread),
    ("le", le, 2, 2, Holes::Spread),
    ("gt", gt, 2, 2, Holes::Spread),
    ("ge", ge, 2, 2, Holes::Spread),
    ("not", not, 1, 1, Holes::Keep),
    ("len", len, 1, 1, Holes::Spread),
    ("index", index, 1, MANY, Holes::Keep),
    ("slice", slice, 1, 4, Holes::Spread),
    ("mustSlice", slice, 1, 4, Holes::Spread),
];

fn equal(machine: &Machine<'_>, a: &Value, b: &Value) -> Run<bool> {
    match (a, b) {
        (Value::Nil, Value::Nil) => Ok(true),
        (Value::Nil, _) | (_, Value::Nil) => Ok(false),
        (Value::Bool(a, _), Value::Bool(b, _)) => Ok(a == b),
        (Value::Str(a), Value::Str(b)) => Ok(a.as_str() == b.as_str()),
        (Value::Num(Num::Float(a), _), Value::Num(Num::Float(b), _)) => {
            // As in Go, the numbers as they are.
            #[allow(clippy::float_cmp, reason = "Go compares floats so")]
            Ok(a == b)
        }
        (Value::Num(a, _), Value::Num(b, _)) => match (a.integer(), b.integer()) {
            (Some(a), Some(b)) => Ok(a == b),
            _ => incompatible(machine, &Value::Num(*a, Origin::Given), &Value::Num(*b, Origin::Given)),
        },
        (Value::Map(_) | Value::List(_), _) | (_, Value::Map(_) | Value::List(_)) => {
            fail(format!("non-comparable types {} and {}", a.type_name(&machine.heap), b.type_name(&machine.heap)))
        }
        _ => incompatible(machine, a, b),
    }
}

fn incompatible<T>(machine: &Machine<'_>, a: &Value, b: &Value) -> Run<T> {
    let (a, b) = (a.type_name(&machine.heap), b.type_name(&machine.heap));
    fail(format!("incompatible types for comparison: {a} and {b}"))
}

fn less(machine: &Machine<'_>, a: &Value, b: &Value) -> Run<bool> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Ok(a.as_str() < b.as_str()),
        (Value::Num(Num::Float(a), _), Value::Num(Num::Float(b), _)) => Ok(a < b),
        (Value::Num(x, _), Value::Num(y, _)) => match (x.integer(), y.integer()) {
            (Some(x), Some(y)) => Ok(x < y),
            _ => incompatible(machine, a, b),
        },
        (Value::Str(_) | Value::Num(..), Value::Str(_) | Value::Num(..)) => incompatible(machine, a, b),
        _ => fail("invalid type for comparison"),
    }
}

fn eq(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    for other in args.from(1) {
        if equal(machine, args.get(0), other)? {
            return Ok(Value::bool(true));
        }
    }
    Ok(Value::bool(false))
}

fn ne(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    equal(machine, args.get(0), args.get(1)).map(|is| Value::bool(!is))
}

fn lt(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    less(machine, args.get(0), args.get(1)).map(Value::bool)
}

fn is_le(machine: &Machine<'_>, args: &Args) -> Run<bool> {
    Ok(less(machine, args.get(0), args.get(1))? || equal(machine, args.get(0), args.get(1))?)
}

fn le(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    is_le(machine, args).map(Value::bool)
}

fn gt(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    is_le(machine, args).map(|is| Value::bool(!is))
}

fn ge(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    less(machine, args.get(0), args.get(1)).map(|is| Value::bool(!is))
}

fn not(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let value = args.get(0);
    match value.hole() {
        Some(hole) if !value.is_certainly_true() => Ok(Value::Hole(hole)),
        _ => Ok(Value::bool(!machine.is_true(value))),
    }
}

fn len(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let len = match args.get(0) {
        Value::Str(text) => text.len(),
        Value::List(list) => machine.heap.list(*list).len(),
        Value::Map(map) => {
            let map = machine.heap.map(*map);
            match map.gap {
                Some(gap) => return Err(Fault::unknown(gap).into()),
                None => map.slots.len(),
            }
        }
        Value::Object(object) => match &**object {
            crate::object::Object::Files(files) => files.iter().count(),
            crate::object::Object::ApiVersions(it) => it.api_versions.len(),
            _ => return fail("len of this type"),
        },
        Value::Nil => return fail("len of nil pointer"),
        other => return fail(format!("len of type {}", other.type_name(&machine.heap))),
    };
    Ok(Value::int(i64::try_from(len).unwrap_or(i64::MAX)))
}

fn index(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut item = args.get(0).clone();
    if matches!(item, Value::Nil) {
        return fail("index of untyped nil");
    }
    for key in args.from(1) {
        if let Some(hole) = item.hole().or_else(|| key.hole()) {
            return Ok(Value::Hole(hole));
        }
        item = match (&item, key) {
            (Value::Map(map), Value::Str(key)) => {
                let map = machine.heap.map(*map);
                match (map.get(key.as_str()), map.gap, map.kind) {
                    (Some(value), ..) => value.clone(),
                    (None, Some(gap), _) => Value::Hole(gap),
                    (None, None, Kind::Strings) => Value::given(""),
                    (None, None, _) => Value::Nil,
                }
            }
            (Value::Map(_), other) => {
                return fail(format!("value has type {}; should be string", other.type_name(&machine.heap)));
            }
            (Value::List(list), Value::Num(at, _)) => {
                let at = at.integer().ok_or_else(|| Fault::new("cannot index slice/array with type float64"))?;
                let item = usize::try_from(at).ok().and_then(|at| machine.heap.list(*list).get(at));
                item.cloned().ok_or_else(|| Fault::new(format!("index out of range: {at}")))?
            }
            (Value::Str(text), Value::Num(at, _)) => {
                let byte = at.integer().and_then(|at| usize::try_from(at).ok());
                let byte = byte.and_then(|at| text.as_str().as_bytes().get(at));
                Value::int(i64::from(*byte.ok_or_else(|| Fault::new("index out of range"))?))
            }
            (Value::Object(object), Value::Str(key)) => match &**object {
                crate::object::Object::Files(files) => {
                    Value::text(files.get(key.as_str()).cloned().unwrap_or_default())
                }
                _ => return fail("cannot index item of this type"),
            },
            (Value::Nil, _) => return fail("index of nil pointer"),
            (other, _) => return fail(format!("cannot index item of type {}", other.type_name(&machine.heap))),
        };
    }
    Ok(item)
}

/// Sprig's `slice` of lists; it replaces Go's.
fn slice(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let list = args.list(0, "slice")?;
    let len = machine.heap.list(list).len();
    if len == 0 {
        return Ok(Value::Nil);
    }
    let index = |at: usize, default: usize| match args.values.get(at) {
        Some(value) => usize::try_from(super::numbers::to_integer(value)).ok(),
        None => Some(default),
    };
    let items = match (index(1, 0), index(2, len)) {
        (Some(start), Some(end)) => machine.heap.list(list).get(start..end).map(<[Value]>::to_vec),
        _ => None,
    };
    match items {
        Some(items) => Ok(machine.heap.new_list(items)),
        None => fail("slice bounds out of range"),
    }
}
