//! Sprig's functions of numbers.

#![allow(clippy::unnecessary_wraps, reason = "functions of templates have one type")]

use super::{Holes, MANY, Row};
use crate::{
    fault::{Run, fail},
    print,
    template::{Args, Machine},
    text::Origin,
    value::{Num, Value},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("int", int, 1, 1, Holes::Spread),
    ("int64", int64, 1, 1, Holes::Spread),
    ("float64", float64, 1, 1, Holes::Spread),
    ("atoi", atoi, 1, 1, Holes::Spread),
    ("toDecimal", to_decimal, 1, 1, Holes::Spread),
    ("add", add, 0, MANY, Holes::Spread),
    ("add1", add1, 1, 1, Holes::Spread),
    ("sub", sub, 2, 2, Holes::Spread),
    ("div", div, 2, 2, Holes::Spread),
    ("mod", modulo, 2, 2, Holes::Spread),
    ("mul", mul, 1, MANY, Holes::Spread),
    ("max", max, 1, MANY, Holes::Spread),
    ("biggest", max, 1, MANY, Holes::Spread),
    ("min", min, 1, MANY, Holes::Spread),
    ("maxf", maxf, 1, MANY, Holes::Spread),
    ("minf", minf, 1, MANY, Holes::Spread),
    ("addf", addf, 0, MANY, Holes::Spread),
    ("add1f", add1f, 1, 1, Holes::Spread),
    ("subf", subf, 1, MANY, Holes::Spread),
    ("divf", divf, 1, MANY, Holes::Spread),
    ("mulf", mulf, 1, MANY, Holes::Spread),
    ("ceil", ceil, 1, 1, Holes::Spread),
    ("floor", floor, 1, 1, Holes::Spread),
    ("round", round, 2, 3, Holes::Spread),
];

/// What `cast.ToInt64` makes of a value.
pub(super) fn to_integer(value: &Value) -> i64 {
    match value {
        Value::Num(Num::Int(it) | Num::Int64(it), _) => *it,
        Value::Num(Num::Float(it), _) => truncated(*it),
        Value::Bool(is, _) => i64::from(*is),
        Value::Str(text) => integer(without_zeros(text.as_str())),
        _ => 0,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "as Go's conversion, of what fits")]
fn truncated(float: f64) -> i64 {
    float as i64
}

/// `1.00` as `1`.
fn without_zeros(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|it| it == b'0') => whole,
        _ => text,
    }
}

/// Go's integer literals; zero for everything else.
fn integer(text: &str) -> i64 {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = unsigned.replace('_', "");
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)),
        [b'0', _, ..] => (8, digits.get(1..)),
        _ => (10, Some(&*digits)),
    };
    let digits = digits.filter(|digits| digits.bytes().all(|it| it.is_ascii_alphanumeric()));
    let size = digits.and_then(|digits| i64::from_str_radix(digits, radix).ok()).unwrap_or(0);
    if negative { -size } else { size }
}

/// What `cast.ToFloat64` makes of a value.
fn to_float(value: &Value) -> f64 {
    match value {
        Value::Num(num, _) => num.float(),
        Value::Bool(is, _) => f64::from(u8::from(*is)),
        Value::Str(text) => text.as_str().parse().ok().filter(|_| !text.as_str().contains('_')).unwrap_or(0.0),
        _ => 0.0,
    }
}

/// A number with the origin of what it is made of: that of the one value that it is, or of all.
fn made<'v>(num: Num, of: impl IntoIterator<Item = &'v Value>) -> Run<Value> {
    let mut origins = Vec::new();
    let mut is_same = true;
    for value in of {
        match value {
            Value::Num(old, origin) => {
                is_same &= old.printed() == num.printed();
                origins.push(origin.clone());
            }
            Value::Str(text) => {
                is_same &= text.as_str() == num.printed();
                origins.push(text.origin());
            }
            Value::Bool(_, origin) => {
                is_same = false;
                origins.push(origin.clone());
            }
            _ => {}
        }
    }
    let origin = match origins.as_slice() {
        [one] if is_same => one.clone(),
        all => Origin::made(all),
    };
    Ok(Value::Num(num, origin))
}

fn int(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    made(Num::Int(to_integer(args.get(0))), &args.values)
}

fn int64(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    made(Num::Int64(to_integer(args.get(0))), &args.values)
}

fn float64(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    made(Num::Float(to_float(args.get(0))), &args.values)
}

fn atoi(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    made(Num::Int(args.text(0)?.as_str().parse().unwrap_or(0)), &args.values)
}

fn to_decimal(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = print::string(&machine.heap, args.get(0))?;
    made(Num::Int64(i64::from_str_radix(text.as_str(), 8).unwrap_or(0)), &args.values)
}

/// The numbers put together from the left.
fn folded(args: &Args, start: i64, fold: impl Fn(i64, i64) -> i64) -> Run<Value> {
    made(Num::Int64(args.values.iter().map(to_integer).fold(start, fold)), &args.values)
}

/// The first number put together with the others.
fn from_first(args: &Args, fold: impl Fn(i64, i64) -> i64) -> Run<Value> {
    let first = to_integer(args.get(0));
    made(Num::Int64(args.from(1).iter().map(to_integer).fold(first, fold)), &args.values)
}

fn add(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    folded(args, 0, i64::wrapping_add)
}

fn add1(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    folded(args, 1, i64::wrapping_add)
}

fn sub(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    from_first(args, i64::wrapping_sub)
}

fn div(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    match to_integer(args.get(0)).checked_div(to_integer(args.get(1))) {
        Some(it) => made(Num::Int64(it), &args.values),
        None => fail("integer divide by zero"),
    }
}

fn modulo(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    match to_integer(args.get(0)).checked_rem(to_integer(args.get(1))) {
        Some(it) => made(Num::Int64(it), &args.values),
        None => fail("integer divide by zero"),
    }
}

fn mul(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    folded(args, 1, i64::wrapping_mul)
}

fn max(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    from_first(args, i64::max)
}

fn min(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    from_first(args, i64::min)
}

fn floats(args: &Args, fold: impl Fn(f64, f64) -> f64) -> Run<Value> {
    let first = to_float(args.get(0));
    made(Num::Float(args.from(1).iter().map(to_float).fold(first, fold)), &args.values)
}

fn maxf(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    floats(args, f64::max)
}

fn minf(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    floats(args, f64::min)
}

/// A decimal number of so many digits, which Sprig computes with: `0.1 + 0.2` is `0.3`.
fn decimal(float: f64) -> f64 {
    format!("{float:.15}").parse::<f64>().unwrap_or(float)
}

fn addf(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    floats(args, |a, b| decimal(a + b))
}

fn add1f(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    made(Num::Float(decimal(to_float(args.get(0)) + 1.0)), &args.values)
}

fn subf(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    floats(args, |a, b| decimal(a - b))
}

fn divf(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    if args.from(1).iter().any(|it| to_float(it) == 0.0) {
        return fail("decimal division by 0");
    }
    floats(args, |a, b| decimal(a / b))
}

fn mulf(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    floats(args, |a, b| decimal(a * b))
}

fn ceil(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    made(Num::Float(to_float(args.get(0)).ceil()), &args.values)
}

fn floor(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    made(Num::Float(to_float(args.get(0)).floor()), &args.values)
}

fn round(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let places = i32::try_from(args.int(1)?).unwrap_or(0);
    let on = if args.len() > 2 { to_float(args.get(2)) } else { 0.5 };
    let power = 10_f64.powi(places);
    let digit = power * to_float(args.get(0));
    let rounded = if digit.fract() >= on { digit.ceil() } else { digit.floor() };
    made(Num::Float(rounded / power), &args.values)
}
