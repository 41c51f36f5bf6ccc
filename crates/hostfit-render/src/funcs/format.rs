//! `printf`: Go's `fmt` with the origins of what it prints.

use super::{Holes, MANY, Row, strings};
use crate::{
    fault::{Run, fail},
    number, print,
    template::{Args, Machine},
    text::{Origin, Text, UNKNOWN},
    value::{Num, Value},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("printf", printf, 1, MANY, Holes::Keep),
    ("print", sprint, 0, MANY, Holes::Keep),
    ("println", println, 0, MANY, Holes::Keep),
];

/// The width and the precision that a format may ask for; Go takes more, but nobody needs it.
const MAX_WIDTH: usize = 4096;

/// What stands between `%` and the verb.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "they are Go's flags")]
struct Flags {
    minus: bool,
    plus: bool,
    sharp: bool,
    zero: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

fn printf(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let format = args.text(0)?;
    let text = format.as_str();
    let bytes = text.as_bytes();
    let mut out = Text::default();
    let (mut at, mut next) = (0, 1);
    while let Some(percent) = memchr::memchr(b'%', bytes.get(at..).unwrap_or_default()).map(|it| it + at) {
        out.push_part(&format, at..percent);
        let mut end = percent + 1;
        let flags = flags(bytes, &mut end, args, &mut next);
        let Some(verb) = text.get(end..).and_then(|rest| rest.chars().next()) else {
            out.push_given("%!(NOVERB)");
            at = bytes.len();
            break;
        };
        at = end + verb.len_utf8();
        if verb == '%' {
            out.push_part(&format, end..at);
            continue;
        }
        match args.values.get(next) {
            None => out.push_given(&format!("%!{verb}(MISSING)")),
            Some(value) => {
                let mut shown = Text::default();
                verb_of(machine, verb, &flags, value, &mut shown)?;
                padded(&shown, &flags, value, &mut out);
            }
        }
        next += 1;
        machine.budget.step(1)?;
    }
    out.push_part(&format, at..text.len());
    if next < args.len() {
        out.push_given("%!(EXTRA ");
        for (at, value) in args.from(next).iter().enumerate() {
            if at > 0 {
                out.push_given(", ");
            }
            out.push_given(value.type_name(&machine.heap));
            if !matches!(value, Value::Nil) {
                out.push_given("=");
                shown(machine, value, &mut out)?;
            }
        }
        out.push_given(")");
    }
    Ok(Value::text(out))
}

fn flags(bytes: &[u8], at: &mut usize, args: &Args, next: &mut usize) -> Flags {
    let mut flags = Flags::default();
    while let Some(flag) = bytes.get(*at) {
        match flag {
            b'-' => flags.minus = true,
            b'+' => flags.plus = true,
            b'#' => flags.sharp = true,
            b'0' => flags.zero = !flags.minus,
            b' ' => flags.space = true,
            _ => break,
        }
        *at += 1;
    }
    flags.width = number(bytes, at, args, next);
    if bytes.get(*at) == Some(&b'.') {
        *at += 1;
        flags.precision = Some(number(bytes, at, args, next).unwrap_or(0));
    }
    flags
}

fn number(bytes: &[u8], at: &mut usize, args: &Args, next: &mut usize) -> Option<usize> {
    if bytes.get(*at) == Some(&b'*') {
        *at += 1;
        let value = args.int(*next).ok();
        *next += 1;
        return value.and_then(|it| usize::try_from(it).ok()).map(|it| it.min(MAX_WIDTH));
    }
    let mut value = None;
    while let Some(digit) = bytes.get(*at).filter(|it| it.is_ascii_digit()) {
        value = Some((value.unwrap_or(0) * 10 + usize::from(digit - b'0')).min(MAX_WIDTH));
        *at += 1;
    }
    value
}

fn padded(shown: &Text, flags: &Flags, value: &Value, out: &mut Text) {
    let missing = flags.width.unwrap_or(0).saturating_sub(shown.as_str().chars().count());
    if missing == 0 {
        out.push_text(shown);
    } else if flags.minus {
        out.push_text(shown);
        out.push_given(&" ".repeat(missing));
    } else if flags.zero && matches!(value, Value::Num(..)) {
        let sign = usize::from(shown.as_str().starts_with(['-', '+']));
        out.push_part(shown, 0..sign);
        out.push_given(&"0".repeat(missing));
        out.push_part(shown, sign..shown.len());
    } else {
        out.push_given(&(if flags.zero { "0" } else { " " }).repeat(missing));
        out.push_text(shown);
    }
}

fn shown(machine: &Machine<'_>, value: &Value, out: &mut Text) -> Run<()> {
    print::display(&machine.heap, value, out, 0)
}

fn verb_of(machine: &Machine<'_>, verb: char, flags: &Flags, value: &Value, out: &mut Text) -> Run<()> {
    match (verb, value) {
        ('T', _) => out.push_given(value.type_name(&machine.heap)),
        (_, Value::Hole(hole)) => out.push(UNKNOWN, Origin::Hole(*hole)),
        ('v', Value::Str(text)) if flags.sharp => strings::quoted(text, out),
        ('s' | 'v', Value::Str(text)) => match flags.precision {
            Some(precision) => {
                let end = text.as_str().char_indices().nth(precision).map_or(text.len(), |(at, _)| at);
                out.push_part(text, 0..end);
            }
            None => out.push_text(text),
        },
        ('q', Value::Str(text)) => strings::quoted(text, out),
        ('x' | 'X', Value::Str(text)) => {
            let digit = |digit: u8| char::from_digit(u32::from(digit), 16).unwrap_or('0');
            let hex: String = text.as_str().bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
            let hex = if verb == 'X' { hex.to_uppercase() } else { hex };
            out.push(&hex, Origin::made([&text.origin()]));
        }
        ('d' | 'v', Value::Num(num @ (Num::Int(_) | Num::Int64(_)), origin)) => {
            let printed = num.printed();
            if flags.plus && !printed.starts_with('-') {
                out.push_given("+");
            } else if flags.space && !printed.starts_with('-') {
                out.push_given(" ");
            }
            out.push(&printed, origin.clone());
        }
        ('x' | 'X' | 'o' | 'b' | 'c' | 'q' | 'U', Value::Num(num, origin)) if num.integer().is_some() => {
            let it = num.integer().unwrap_or(0);
            let (sign, size) = (if it < 0 { "-" } else { "" }, it.unsigned_abs());
            let char = u32::try_from(it).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
            let printed = match verb {
                'x' => format!("{sign}{size:x}"),
                'X' => format!("{sign}{size:X}"),
                'o' => format!("{sign}{size:o}"),
                'b' => format!("{sign}{size:b}"),
                'c' => char.to_string(),
                'U' => format!("U+{it:04X}"),
                _ => format!("'{char}'"),
            };
            out.push(&printed, Origin::made([origin]));
        }
        ('f' | 'F' | 'e' | 'E' | 'g' | 'G' | 'v', Value::Num(Num::Float(float), origin)) => {
            out.push(&float_of(verb, flags.precision, *float), origin.clone());
        }
        ('t' | 'v', Value::Bool(is, origin)) => out.push(if *is { "true" } else { "false" }, origin.clone()),
        ('v', other) => shown(machine, other, out)?,
        (_, Value::Nil) => out.push_given(&format!("%!{verb}(<nil>)")),
        (_, Value::List(list)) => {
            out.push_given("[");
            for (at, item) in machine.heap.list(*list).iter().enumerate() {
                if at > 0 {
                    out.push_given(" ");
                }
                machine.heap.visit(1)?;
                match item {
                    Value::List(_) | Value::Map(_) => shown(machine, item, out)?,
                    item => verb_of(machine, verb, flags, item, out)?,
                }
            }
            out.push_given("]");
        }
        (_, Value::Map(map)) => {
            out.push_given("map[");
            for (at, (key, slot)) in machine.heap.map(*map).slots.iter().enumerate() {
                if at > 0 {
                    out.push_given(" ");
                }
                machine.heap.visit(key.len())?;
                let key = Value::text(Text::new(&**key, slot.key.clone()));
                verb_of(machine, verb, flags, &key, out)?;
                out.push_given(":");
                match &slot.value {
                    Value::List(_) | Value::Map(_) => shown(machine, &slot.value, out)?,
                    item => verb_of(machine, verb, flags, item, out)?,
                }
            }
            out.push_given("]");
        }
        ('s', Value::Object(object)) => out.push_given(&object.printed()),
        (_, other) => {
            out.push_given(&format!("%!{verb}({}=", other.type_name(&machine.heap)));
            shown(machine, other, out)?;
            out.push_given(")");
        }
    }
    Ok(())
}

/// A float as Go's verbs print it.
fn float_of(verb: char, precision: Option<usize>, float: f64) -> String {
    if !float.is_finite() {
        return number::printed(float);
    }
    match (verb, precision) {
        ('f' | 'F', precision) => format!("{float:.*}", precision.unwrap_or(6)),
        ('e' | 'E', precision) => {
            let scientific = format!("{float:.*e}", precision.unwrap_or(6));
            let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
            let printed = number::with_exponent(mantissa, exponent.parse().unwrap_or(0));
            if verb == 'E' { printed.to_uppercase() } else { printed }
        }
        (_, None) => number::printed(float),
        (_, Some(precision)) => {
            let scientific = format!("{float:.*e}", precision.max(1) - 1);
            let exponent: i32 = scientific.split_once('e').and_then(|(_, it)| it.parse().ok()).unwrap_or(0);
            let digits = i32::try_from(precision.max(1)).unwrap_or(i32::MAX);
            if exponent < -4 || exponent >= digits {
                let mantissa = scientific.split_once('e').map_or("", |(mantissa, _)| mantissa);
                let mantissa = if mantissa.contains('.') {
                    mantissa.trim_end_matches('0').trim_end_matches('.')
                } else {
                    mantissa
                };
                return number::with_exponent(mantissa, exponent);
            }
            let places = usize::try_from(digits - 1 - exponent).unwrap_or(0);
            let fixed = format!("{float:.places$}");
            if fixed.contains('.') { fixed.trim_end_matches('0').trim_end_matches('.').to_owned() } else { fixed }
        }
    }
}

fn sprint(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut out = Text::default();
    let mut was_string = true;
    for (at, value) in args.values.iter().enumerate() {
        let is_string = matches!(value, Value::Str(_) | Value::Hole(_));
        // Between two that are no strings.
        if at > 0 && !is_string && !was_string {
            out.push_given(" ");
        }
        was_string = is_string;
        shown(machine, value, &mut out)?;
    }
    Ok(Value::text(out))
}

fn println(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut out = Text::default();
    for (at, value) in args.values.iter().enumerate() {
        if at > 0 {
            out.push_given(" ");
        }
        shown(machine, value, &mut out)?;
    }
    out.push_given("\n");
    if out.len() > crate::fault::MAX_OUTPUT { fail("too long") } else { Ok(Value::text(out)) }
}
