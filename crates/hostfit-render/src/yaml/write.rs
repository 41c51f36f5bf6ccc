//! `toYaml` and `toJson`: what `sigs.k8s.io/yaml` and `encoding/json` write, with the origins of the scalars.

use std::cmp::Ordering;

use super::scalar::{Plain, plain};
use crate::{
    fault::{Fault, Run},
    number,
    object::Object,
    text::{Origin, Text, UNKNOWN},
    value::{Heap, MAX_DEPTH, Num, Value},
};

/// The value as YAML, without the last line end.
pub(crate) fn yaml(heap: &Heap, value: &Value) -> Run<Text> {
    let mut writer = Writer { heap, out: Text::default() };
    match value {
        Value::Map(map) if !heap.map(*map).slots.is_empty() || heap.map(*map).gap.is_some() => {
            writer.map(*map, 0, 0, true)?;
        }
        Value::List(list) if !heap.list(*list).is_empty() => writer.list(*list, 0, 0, true)?,
        other => writer.scalar(other, 0),
    }
    Ok(writer.out)
}

struct Writer<'h> {
    heap: &'h Heap,
    out: Text,
}

impl Writer<'_> {
    fn line(&mut self, indent: usize, is_first: bool) {
        if !is_first {
            self.out.push_given("\n");
            self.out.push_given(&" ".repeat(indent));
        }
    }

    fn map(&mut self, map: crate::value::MapId, indent: usize, depth: usize, mut is_first: bool) -> Run<()> {
        let map = self.heap.map(map);
        if let Some(gap) = map.gap {
            self.line(indent, is_first);
            self.out.push("", Origin::Hole(gap));
            is_first = false;
        }
        let mut slots: Vec<_> = map.slots.iter().collect();
        slots.sort_by(|(a, _), (b, _)| natural(a, b));
        for (key, slot) in slots {
            self.line(indent, is_first);
            is_first = false;
            self.string(&Text::new(&**key, slot.key.clone()), indent);
            self.out.push_given(":");
            self.value(&slot.value, indent, depth + 1, false)?;
        }
        Ok(())
    }

    fn list(&mut self, list: crate::value::ListId, indent: usize, depth: usize, mut is_first: bool) -> Run<()> {
        for item in self.heap.list(list) {
            self.line(indent, is_first);
            is_first = false;
            self.out.push_given("-");
            self.value(item, indent, depth + 1, true)?;
        }
        Ok(())
    }

    /// A value behind `key:` or `-`.
    fn value(&mut self, value: &Value, indent: usize, depth: usize, in_list: bool) -> Run<()> {
        self.heap.visit_to_write(value, &self.out)?;
        if depth > MAX_DEPTH {
            return Err(Fault::too_deep().into());
        }
        match value {
            Value::Map(map) if !self.heap.map(*map).slots.is_empty() || self.heap.map(*map).gap.is_some() => {
                if in_list {
                    self.out.push_given(" ");
                }
                self.map(*map, indent + 2, depth, in_list)
            }
            Value::List(list) if !self.heap.list(*list).is_empty() => {
                if in_list {
                    self.out.push_given(" ");
                    self.list(*list, indent + 2, depth, true)
                } else {
                    self.list(*list, indent, depth, false)
                }
            }
            other => {
                self.out.push_given(" ");
                self.scalar(other, indent);
                Ok(())
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Nil => self.out.push_given("null"),
            Value::Bool(is, origin) => self.out.push(if *is { "true" } else { "false" }, origin.clone()),
            Value::Num(num, origin) => self.out.push(&yaml_number(*num), origin.clone()),
            Value::Str(text) => self.string(text, indent),
            Value::List(_) => self.out.push_given("[]"),
            Value::Map(_) => self.out.push_given("{}"),
            Value::Object(object) => self.string(&Text::given(object.printed()), indent),
            Value::Hole(hole) => self.out.push(UNKNOWN, Origin::Hole(*hole)),
        }
    }

    fn string(&mut self, text: &Text, indent: usize) {
        let value = text.as_str();
        if value.is_empty() || plain(value) != Plain::String || is_date(value) {
            self.out.push_given("\"");
            self.out.push_text(text);
            self.out.push_given("\"");
        } else if value.contains(|it: char| (it.is_control() && it != '\n') || it == '\u{feff}') {
            json_string_to(text, Escapes::Yaml, &mut self.out);
        } else if value.contains('\n') {
            self.block(text, indent);
        } else if is_plain(value) {
            self.out.push_text(text);
        } else {
            self.out.push_given("'");
            let mut from = 0;
            for (at, _) in value.match_indices('\'') {
                self.out.push_part(text, from..at);
                self.out.push("''", Origin::made([&text.origin_of(at..at + 1)]));
                from = at + 1;
            }
            self.out.push_part(text, from..value.len());
            self.out.push_given("'");
        }
    }

    fn block(&mut self, text: &Text, indent: usize) {
        let value = text.as_str();
        self.out.push_given("|");
        if value.starts_with([' ', '\n']) {
            self.out.push_given("2");
        }
        if !value.ends_with('\n') {
            self.out.push_given("-");
        } else if value.ends_with("\n\n") || value == "\n" {
            self.out.push_given("+");
        }
        let pad = " ".repeat(indent + 2);
        let mut at = 0;
        for line in value.split_inclusive('\n') {
            let content = line.trim_end_matches('\n');
            self.out.push_given("\n");
            if !content.is_empty() {
                self.out.push_given(&pad);
                self.out.push_part(text, at..at + content.len());
            }
            at += line.len();
        }
    }
}

/// Whether go-yaml takes a plain scalar for a date, with or without a time.
fn is_date(value: &str) -> bool {
    let (date, time) = match value.find(['T', 't', ' ']) {
        Some(at) => (value.get(..at).unwrap_or_default(), value.get(at + 1..).unwrap_or_default()),
        None => (value, "0:0:0"),
    };
    let mut parts = date.split('-');
    let mut number = |digits: std::ops::RangeInclusive<usize>| {
        let part = parts.next().filter(|part| digits.contains(&part.len()))?;
        part.bytes().all(|it| it.is_ascii_digit()).then(|| part.parse::<u16>().ok()).flatten()
    };
    let is_date = number(4..=4).is_some()
        && number(1..=2).is_some_and(|it| (1..=12).contains(&it))
        && number(1..=2).is_some_and(|it| (1..=31).contains(&it))
        && parts.next().is_none();
    is_date && time.starts_with(|it: char| it.is_ascii_digit()) && time.matches(':').count() >= 2
}

/// Whether a string may stand without quotes.
fn is_plain(value: &str) -> bool {
    let mut chars = value.chars();
    let first = chars.next().unwrap_or(' ');
    let second_is_blank = chars.next().is_none_or(|it| it == ' ' || it == '\t');
    let starts_well = match first {
        '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' | ' ' => false,
        '-' | '?' | ':' => !second_is_blank,
        _ => true,
    };
    starts_well
        && !value.starts_with("---")
        && !value.starts_with("...")
        && !value.ends_with([' ', ':'])
        && !value.contains(": ")
        && !value.contains(" #")
        && value != "<<"
}

/// How go-yaml sorts keys: runs of digits by their value, letters behind other characters.
fn natural(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(x, y)| x != y) else { return a.len().cmp(&b.len()) };
    let (Some(&x), Some(&y)) = (a.get(at), b.get(at)) else { return Ordering::Equal };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let before = a.get(..at).unwrap_or_default().iter().rev().take_while(|it| it.is_ascii_digit());
    let is_in_number = (x == '0' || y == '0') && before.into_iter().any(|&it| it != '0');
    let run = |chars: &[char]| {
        let digits = chars.iter().skip(at).map_while(|it| it.to_digit(10));
        digits.fold((u64::from(is_in_number), 0_usize), |(value, len), digit| {
            (value.saturating_mul(10).saturating_add(u64::from(digit)), len + 1)
        })
    };
    run(&a).cmp(&run(&b)).then(x.cmp(&y))
}

/// A number as it comes out of JSON that is read as YAML.
fn yaml_number(num: Num) -> String {
    match num {
        Num::Int(it) | Num::Int64(it) => it.to_string(),
        // What fits Go's integers is one.
        Num::Float(it) if it.fract() == 0.0 && (-9.3e18..1.84e19).contains(&it) => it.to_string(),
        Num::Float(it) => number::printed(it),
    }
}

/// A number as `encoding/json` writes it.
fn json_number(num: Num) -> String {
    match num {
        Num::Int(it) | Num::Int64(it) => it.to_string(),
        Num::Float(it) if it != 0.0 && !(1e-6..1e21).contains(&it.abs()) => {
            let scientific = format!("{it:e}");
            match scientific.split_once('e') {
                Some((mantissa, exponent)) if exponent.starts_with('-') => format!("{mantissa}e{exponent}"),
                Some((mantissa, exponent)) => format!("{mantissa}e+{exponent}"),
                None => scientific,
            }
        }
        Num::Float(it) => it.to_string(),
    }
}

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Compact,
    /// As `toRawJson`: `<` and its like as they are.
    Raw,
    Pretty,
}

/// The value as JSON.
pub(crate) fn json(heap: &Heap, value: &Value, layout: Layout) -> Run<Text> {
    let mut out = Text::default();
    json_to(heap, value, layout, 0, &mut out)?;
    Ok(out)
}

fn json_to(heap: &Heap, value: &Value, layout: Layout, depth: usize, out: &mut Text) -> Run<()> {
    heap.visit_to_write(value, out)?;
    if depth > MAX_DEPTH {
        return Err(Fault::too_deep().into());
    }
    let line = |out: &mut Text, depth: usize| {
        if layout == Layout::Pretty {
            out.push_given("\n");
            out.push_given(&"  ".repeat(depth));
        }
    };
    match value {
        Value::Nil => out.push_given("null"),
        Value::Num(Num::Float(it), _) if !it.is_finite() => {
            return Err(Fault::new("json: unsupported value").into());
        }
        Value::Num(num, origin) => out.push(&json_number(*num), origin.clone()),
        Value::Bool(is, origin) => out.push(if *is { "true" } else { "false" }, origin.clone()),
        Value::Str(text) => json_string_to(text, layout.escapes(), out),
        Value::Object(object) => {
            if let Object::ApiVersions(capabilities) = &**object {
                let versions = capabilities.api_versions.iter().map(|it| format!("\"{it}\""));
                out.push_given(&format!("[{}]", versions.collect::<Vec<_>>().join(",")));
            } else {
                json_string_to(&Text::given(object.printed()), Escapes::Html, out);
            }
        }
        Value::Hole(hole) => {
            out.push_given("\"");
            out.push(UNKNOWN, Origin::Hole(*hole));
            out.push_given("\"");
        }
        Value::List(list) => {
            let items = heap.list(*list);
            out.push_given("[");
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_given(",");
                }
                line(out, depth + 1);
                json_to(heap, item, layout, depth + 1, out)?;
            }
            if !items.is_empty() {
                line(out, depth);
            }
            out.push_given("]");
        }
        Value::Map(map) => {
            let map = heap.map(*map);
            if let Some(gap) = map.gap {
                return Err(Fault::unknown(gap).into());
            }
            out.push_given("{");
            for (at, (key, slot)) in map.slots.iter().enumerate() {
                if at > 0 {
                    out.push_given(",");
                }
                line(out, depth + 1);
                json_string_to(&Text::new(&**key, slot.key.clone()), layout.escapes(), out);
                out.push_given(if layout == Layout::Pretty { ": " } else { ":" });
                json_to(heap, &slot.value, layout, depth + 1, out)?;
            }
            if !map.slots.is_empty() {
                line(out, depth);
            }
            out.push_given("}");
        }
    }
    Ok(())
}

impl Layout {
    fn escapes(self) -> Escapes {
        if self == Self::Raw { Escapes::Json } else { Escapes::Html }
    }
}

/// What is escaped in a string beside what JSON wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escapes {
    Json,
    /// `<`, `>` and `&`.
    Html,
    /// What YAML takes for no character.
    Yaml,
}

/// Appends a string as JSON has it.
fn json_string_to(text: &Text, escapes: Escapes, out: &mut Text) {
    let value = text.as_str();
    out.push_given("\"");
    let mut from = 0;
    for (at, it) in value.char_indices() {
        let instead = match it {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '<' | '>' | '&' if escapes == Escapes::Html => format!("\\u{:04x}", u32::from(it)),
            '\u{2028}' | '\u{2029}' | '\u{feff}' => format!("\\u{:04x}", u32::from(it)),
            it if it.is_ascii_control() || (escapes == Escapes::Yaml && it.is_control()) => {
                format!("\\u{:04x}", u32::from(it))
            }
            _ => continue,
        };
        out.push_part(text, from..at);
        out.push(&instead, Origin::made([&text.origin_of(at..at + it.len_utf8())]));
        from = at + it.len_utf8();
    }
    out.push_part(text, from..value.len());
    out.push_given("\"");
}
