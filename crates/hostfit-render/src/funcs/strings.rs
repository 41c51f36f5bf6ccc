//! Sprig's functions of strings that keep what they are given.

#![allow(clippy::unnecessary_wraps, reason = "functions of templates have one type")]

use std::ops::Range;

use super::{Holes, MANY, Row, dicts, known_string};
use crate::{
    fault::{Fault, Run, Stop, fail},
    print,
    template::{Args, Machine},
    text::{Origin, Piece, Text, UNKNOWN},
    value::{Kind, Map, Value},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("trim", trim, 1, 1, Holes::Keep),
    ("trimAll", trim_all, 2, 2, Holes::Keep),
    ("trimall", trim_all, 2, 2, Holes::Keep),
    ("trimSuffix", trim_suffix, 2, 2, Holes::Keep),
    ("trimPrefix", trim_prefix, 2, 2, Holes::Keep),
    ("trunc", trunc, 2, 2, Holes::Spread),
    ("substr", substr, 3, 3, Holes::Spread),
    ("repeat", repeat, 2, 2, Holes::Spread),
    ("quote", quote, 0, MANY, Holes::Keep),
    ("squote", squote, 0, MANY, Holes::Keep),
    ("cat", cat, 0, MANY, Holes::Keep),
    ("indent", indent, 2, 2, Holes::Keep),
    ("nindent", nindent, 2, 2, Holes::Keep),
    ("replace", replace, 3, 3, Holes::Keep),
    ("toString", to_string, 1, 1, Holes::Keep),
    ("contains", contains, 2, 2, Holes::Spread),
    ("hasPrefix", has_prefix, 2, 2, Holes::Spread),
    ("hasSuffix", has_suffix, 2, 2, Holes::Spread),
    ("join", join, 2, 2, Holes::Keep),
    ("splitList", split_list, 2, 2, Holes::Spread),
    ("split", split, 2, 2, Holes::Spread),
    ("splitn", splitn, 3, 3, Holes::Spread),
    ("toStrings", to_strings, 1, 1, Holes::Spread),
    ("sortAlpha", sort_alpha, 1, 1, Holes::Spread),
];

fn value(text: Text) -> Run<Value> {
    Ok(Value::text(text))
}

fn part(text: &Text, range: Range<usize>) -> Run<Value> {
    value(text.part(text.with_gaps(range)))
}

fn range_of(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - whole.as_ptr() as usize;
    start..start + part.len()
}

fn trim(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    part(&text, range_of(text.as_str(), text.as_str().trim()))
}

fn trim_all(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (cut, text) = (args.text(0)?, args.text(1)?);
    part(&text, range_of(text.as_str(), text.as_str().trim_matches(|it| cut.as_str().contains(it))))
}

/// Whether a hole stands at the end (or the start) of a text, so that what it ends with is not known.
fn ends_in_hole(text: &Text, is_start: bool) -> Option<Fault> {
    let at = if is_start { text.pieces().first() } else { text.pieces().last() };
    match at.map(|piece| &piece.origin) {
        Some(Origin::Hole(hole)) => Some(Fault::unknown(*hole)),
        _ => None,
    }
}

fn trim_suffix(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (suffix, text) = (args.text(0)?, args.text(1)?);
    if let Some(fault) = ends_in_hole(&text, false) {
        return Err(fault.into());
    }
    let rest = text.as_str().strip_suffix(suffix.as_str()).unwrap_or(text.as_str());
    part(&text, range_of(text.as_str(), rest))
}

fn trim_prefix(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (prefix, text) = (args.text(0)?, args.text(1)?);
    if let Some(fault) = ends_in_hole(&text, true) {
        return Err(fault.into());
    }
    let rest = text.as_str().strip_prefix(prefix.as_str()).unwrap_or(text.as_str());
    part(&text, range_of(text.as_str(), rest))
}

fn trunc(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (count, text) = (args.int(0)?, args.text(1)?);
    let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let len = text.len();
    let range = match (count < 0, size < len) {
        (_, false) => 0..len,
        (true, true) => text.as_str().ceil_char_boundary(len - size)..len,
        (false, true) => 0..text.as_str().floor_char_boundary(size),
    };
    part(&text, range)
}

fn substr(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (start, end, text) = (args.int(0)?, args.int(1)?, args.text(2)?);
    let end = usize::try_from(end).ok().filter(|&end| end <= text.len() || start < 0).unwrap_or(text.len());
    let start = usize::try_from(start).unwrap_or(0);
    if text.as_str().get(start..end).is_none() {
        return fail("slice bounds out of range");
    }
    part(&text, start..end)
}

fn repeat(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (count, text) = (args.int(0)?, args.text(1)?);
    let Ok(count) = usize::try_from(count) else { return fail("strings: negative Repeat count") };
    machine.budget.take(text.cost().saturating_mul(count))?;
    let mut out = Text::default();
    if !text.is_empty() {
        (0..count).for_each(|_| out.push_text(&text));
    }
    value(out)
}

/// `%q`: in double quotes, with escapes.
pub(super) fn quoted(text: &Text, out: &mut Text) {
    let value = text.as_str();
    out.push_given("\"");
    let mut from = 0;
    for (at, it) in value.char_indices() {
        let escaped = match it {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\u{7}' => "\\a".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '\u{b}' => "\\v".to_owned(),
            it if it.is_ascii_control() => format!("\\x{:02x}", u32::from(it)),
            it if it.is_control() || it == '\u{feff}' => format!("\\u{:04x}", u32::from(it)),
            _ => continue,
        };
        out.push_part(text, from..at);
        out.push(&escaped, Origin::made([&text.origin_of(at..at + it.len_utf8())]));
        from = at + it.len_utf8();
    }
    out.push_part(text, from..value.len());
    out.push_given("\"");
}

/// The value as a string; a hole alone as what stands for it.
fn shown(machine: &Machine<'_>, value: &Value) -> Run<Text> {
    match value {
        Value::Hole(hole) => Ok(Text::new(UNKNOWN, Origin::Hole(*hole))),
        other => print::string(&machine.heap, other),
    }
}

fn quote(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut out = Text::default();
    for (at, item) in args.values.iter().filter(|it| !matches!(it, Value::Nil)).enumerate() {
        if at > 0 {
            out.push_given(" ");
        }
        quoted(&shown(machine, item)?, &mut out);
    }
    value(out)
}

fn squote(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut out = Text::default();
    for (at, item) in args.values.iter().filter(|it| !matches!(it, Value::Nil)).enumerate() {
        out.push_given(if at > 0 { " '" } else { "'" });
        out.push_text(&shown(machine, item)?);
        out.push_given("'");
    }
    value(out)
}

fn cat(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut out = Text::default();
    for (at, item) in args.values.iter().filter(|it| !matches!(it, Value::Nil)).enumerate() {
        if at > 0 {
            out.push_given(" ");
        }
        out.push_text(&shown(machine, item)?);
    }
    value(out)
}

/// How far text may be indented; more is a mistake.
const MAX_INDENT: i64 = 1024;

fn indented(machine: &mut Machine<'_>, args: &Args, out: &mut Text) -> Run<()> {
    let spaces = args.int(0)?;
    if !(0..=MAX_INDENT).contains(&spaces) {
        return fail("strings: negative Repeat count");
    }
    let pad = " ".repeat(usize::try_from(spaces).unwrap_or(0));
    if let Value::Hole(hole) = args.get(1) {
        out.push_given(&pad);
        out.push("", Origin::Hole(*hole));
        return Ok(());
    }
    let text = args.text(1)?;
    let lines = memchr::memchr_iter(b'\n', text.as_str().as_bytes()).count() + 1;
    machine.budget.take(text.len().saturating_add(lines.saturating_mul(pad.len())))?;
    out.push_given(&pad);
    let mut from = 0;
    for at in memchr::memchr_iter(b'\n', text.as_str().as_bytes()) {
        out.push_part(&text, from..at + 1);
        out.push_given(&pad);
        from = at + 1;
    }
    out.push_part(&text, from..text.len());
    Ok(())
}

fn indent(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut out = Text::default();
    indented(machine, args, &mut out)?;
    value(out)
}

fn nindent(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut out = Text::given("\n");
    indented(machine, args, &mut out)?;
    value(out)
}

fn replace(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (old, new, text) = (args.text(0)?, args.text(1)?, args.text(2)?);
    if let Some(hole) = old.hole().or_else(|| new.hole()) {
        return Err(Fault::unknown(hole).into());
    }
    let mut out = Text::default();
    let mut from = 0;
    for (at, found) in text.as_str().match_indices(old.as_str()) {
        out.push_part(&text, from..at);
        out.push_text(&new);
        machine.budget.take(new.cost() + size_of::<Piece>())?;
        from = at + found.len();
    }
    out.push_part(&text, from..text.len());
    value(out)
}

fn to_string(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    match args.get(0) {
        Value::Hole(hole) => Ok(Value::Hole(*hole)),
        other => value(print::string(&machine.heap, other)?),
    }
}

fn contains(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::bool(args.text(1)?.as_str().contains(args.text(0)?.as_str())))
}

fn has_prefix(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::bool(args.text(1)?.as_str().starts_with(args.text(0)?.as_str())))
}

fn has_suffix(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::bool(args.text(1)?.as_str().ends_with(args.text(0)?.as_str())))
}

fn join(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let between = args.text(0)?;
    let mut out = Text::default();
    for (at, item) in dicts::strings(machine, args.get(1))?.iter().enumerate() {
        if at > 0 {
            out.push_text(&between);
        }
        out.push_text(item);
        machine.budget.take(between.cost() + item.cost())?;
    }
    value(out)
}

/// The parts of a text between `separator`, at most `limit`.
fn parts(machine: &mut Machine<'_>, text: &Text, separator: &str, limit: Option<usize>) -> Run<Vec<Value>> {
    machine.budget.step(1 + text.len() as u64 / 16)?;
    let whole = text.as_str();
    let ranges: Vec<Range<usize>> = match (separator.is_empty(), limit) {
        (true, _) => whole.char_indices().map(|(at, it)| at..at + it.len_utf8()).collect(),
        (false, Some(limit)) => whole.splitn(limit, separator).map(|part| range_of(whole, part)).collect(),
        (false, None) => whole.split(separator).map(|part| range_of(whole, part)).collect(),
    };
    Ok(ranges.into_iter().map(|range| Value::text(text.part(range))).collect())
}

fn split_list(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let parts = parts(machine, &*args.text(1)?, args.text(0)?.as_str(), None)?;
    Ok(machine.heap.new_strings(parts))
}

fn numbered(machine: &mut Machine<'_>, parts: Vec<Value>) -> Value {
    let mut map = Map { kind: Kind::Strings, ..Map::default() };
    for (at, part) in parts.into_iter().enumerate() {
        map.put(&format!("_{at}"), part);
    }
    machine.heap.new_map(map)
}

fn split(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let parts = parts(machine, &*args.text(1)?, args.text(0)?.as_str(), None)?;
    Ok(numbered(machine, parts))
}

fn splitn(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let limit = usize::try_from(args.int(1)?).ok();
    let parts = parts(machine, &*args.text(2)?, args.text(0)?.as_str(), limit)?;
    Ok(numbered(machine, parts))
}

fn to_strings(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let items = dicts::strings(machine, args.get(0))?.into_iter().map(Value::text).collect();
    Ok(machine.heap.new_strings(items))
}

fn sort_alpha(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let mut items = match args.get(0) {
        Value::List(_) => dicts::strings(machine, args.get(0))?,
        other => vec![known_string(machine, other)?],
    };
    if let Some(hole) = items.iter().find_map(Text::hole) {
        return Err(Stop::from(Fault::unknown(hole)));
    }
    items.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    Ok(machine.heap.new_strings(items.into_iter().map(Value::text).collect()))
}
