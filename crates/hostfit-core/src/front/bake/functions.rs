//! Functions of bake's standard library. Each gives none where its result is not certain: what depends on the time or the
//! machine, what needs a regular expression, what HCL refuses.

use std::collections::BTreeMap;

use super::value::{Kind, Value};
use crate::{
    source::Span,
    text::{Origin, Text},
};

/// The names that a file can't give to functions of its own (docker/buildx, `bake/hclparser/stdlib.go`, v0.36.0).
const NAMES: &str = "absolute add and base64decode base64encode basename bcrypt byteslen bytesslice can ceil chomp chunklist \
    cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce coalescelist compact concat contains convert csvdecode dirname \
    distinct divide element equal flatten floor format formatdate formattimestamp formatlist greaterthan \
    greaterthanorequalto hasindex homedir indent index indexof int join jsondecode jsonencode keys length lessthan \
    lessthanorequalto log lookup lower max md5 merge min modulo multiply negate not notequal or parseint pow range \
    regex_replace regex regexall replace reverse reverselist rsadecrypt sanitize semvercmp sethaselement setintersection \
    setproduct setsubtract setsymmetricdifference setunion sha1 sha256 sha512 signum slice sort split strlen substr \
    subtract timeadd timestamp title trim trimprefix trimspace trimsuffix try unixtimestampparse upper urlencode uuidv4 \
    uuidv5 values zipmap";

/// A list or text that a function makes is no longer than this.
const MAX_MADE: usize = 64 * 1024;

/// Whether bake has a function of this name.
pub(super) fn is_builtin(name: &str) -> bool {
    NAMES.split_whitespace().any(|it| it == name)
}

/// What a function makes of its arguments.
pub(super) fn call(name: &str, args: &[Value], at: Span) -> Option<Value> {
    match (name, args) {
        ("equal", [left, right]) => Some(Value::bool(left.equals(right)?, at)),
        ("notequal", [left, right]) => Some(Value::bool(!left.equals(right)?, at)),
        ("not", [value]) => Some(Value::bool(!value.as_bool()?, at)),
        ("and", [left, right]) => Some(Value::bool(left.as_bool()? && right.as_bool()?, at)),
        ("or", [left, right]) => Some(Value::bool(left.as_bool()? || right.as_bool()?, at)),
        ("greaterthan", [left, right]) => Some(Value::bool(left.as_integer()? > right.as_integer()?, at)),
        ("greaterthanorequalto", [left, right]) => Some(Value::bool(left.as_integer()? >= right.as_integer()?, at)),
        ("lessthan", [left, right]) => Some(Value::bool(left.as_integer()? < right.as_integer()?, at)),
        ("lessthanorequalto", [left, right]) => Some(Value::bool(left.as_integer()? <= right.as_integer()?, at)),
        ("add", [left, right]) => integer(left.as_integer()?.checked_add(right.as_integer()?), at),
        ("subtract", [left, right]) => integer(left.as_integer()?.checked_sub(right.as_integer()?), at),
        ("multiply", [left, right]) => product(left, right, at),
        ("can" | "try", [first, ..]) if first.is_known() => {
            if name == "can" {
                Some(Value::bool(true, at))
            } else {
                Some(first.clone())
            }
        }
        ("length", [Value::List(items)]) => integer(i64::try_from(items.len()).ok(), at),
        ("strlen", [text]) => integer(i64::try_from(text.known().filter(|text| text.is_ascii())?.len()).ok(), at),
        _ => of_texts(name, args, at).or_else(|| of_collections(name, args, at)),
    }
}

/// A whole number.
pub(super) fn integer(value: Option<i64>, at: Span) -> Option<Value> {
    Some(Value::made(Kind::Number, &value?.to_string(), at))
}

/// A product; zero has a sign, which numbers here don't always keep.
pub(super) fn product(left: &Value, right: &Value, at: Span) -> Option<Value> {
    integer(left.as_integer()?.checked_mul(right.as_integer()?).filter(|it| *it != 0), at)
}

fn of_texts(name: &str, args: &[Value], at: Span) -> Option<Value> {
    let first = args.first()?;
    match (name, args) {
        ("format", [_, values @ ..]) => format(first.as_text()?, values, at),
        ("formatlist", [_, values @ ..]) => format_list(first.as_text()?, values, at),
        ("join", [_, lists @ ..]) => join(first.as_text()?, lists, at),
        ("split", [separator, text]) => {
            let (separator, text) = (separator.known()?, text.known()?);
            let parts = text.split(separator).map(|part| Value::made(Kind::String, part, at));
            (!separator.is_empty()).then(|| Value::List(parts.collect()))
        }
        _ => {
            let text = first.known()?;
            let rest: Vec<_> = args.get(1..)?.iter().map(Value::known).collect::<Option<_>>()?;
            let made = changed(name, text, &rest)?;
            // What it leaves as it is keeps the bytes that state it.
            Some(if made == text {
                Value::Scalar(Kind::String, first.as_text()?.clone())
            } else {
                Value::made(Kind::String, &made, at)
            })
        }
    }
}

/// A text that a function makes of a text.
fn changed(name: &str, text: &str, rest: &[&str]) -> Option<String> {
    let is_cut = |set: &str| {
        let set = set.to_owned();
        move |it: char| set.contains(it)
    };
    match (name, rest) {
        ("lower", []) if text.is_ascii() => Some(text.to_ascii_lowercase()),
        ("upper", []) if text.is_ascii() => Some(text.to_ascii_uppercase()),
        ("trimspace", []) => Some(text.trim().to_owned()),
        ("chomp", []) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
        ("trim", [set]) => Some(text.trim_matches(is_cut(set)).to_owned()),
        ("trimprefix", [prefix]) => Some(text.strip_prefix(prefix).unwrap_or(text).to_owned()),
        ("trimsuffix", [suffix]) => Some(text.strip_suffix(suffix).unwrap_or(text).to_owned()),
        ("reverse", []) if text.is_ascii() => Some(text.chars().rev().collect()),
        ("replace", [from, to]) if !from.is_empty() => {
            let count = text.matches(from).count();
            (text.len() + count * to.len() <= MAX_MADE).then(|| text.replace(from, to))
        }
        ("substr", [offset, length]) if text.is_ascii() => {
            let (offset, length): (i64, i64) = (offset.parse().ok()?, length.parse().ok()?);
            let len = i64::try_from(text.len()).ok()?;
            let start = if offset < 0 { offset + len } else { offset };
            let end = if length < 0 { len } else { start.checked_add(length)?.min(len) };
            text.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?).map(str::to_owned)
        }
        ("sanitize", []) => {
            let fits = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
            Some(text.chars().map(|it| if fits(it) { it } else { '_' }).collect())
        }
        _ => None,
    }
}

fn of_collections(name: &str, args: &[Value], at: Span) -> Option<Value> {
    let first = args.first()?;
    match (name, args) {
        ("concat", lists @ [_, ..]) => {
            let mut all = Vec::new();
            for list in lists {
                let Value::List(items) = list else { return None };
                all.extend(items.iter().cloned());
            }
            Some(Value::List(all))
        }
        ("flatten", [Value::List(items)]) => {
            let mut all = Vec::new();
            flatten(items, &mut all)?;
            Some(Value::List(all))
        }
        ("merge", maps) => {
            let mut all = BTreeMap::new();
            for map in maps {
                match map {
                    Value::Map(entries) => all.extend(entries.iter().map(|(key, value)| (key.clone(), value.clone()))),
                    Value::Null => {}
                    _ => return None,
                }
            }
            Some(Value::Map(all))
        }
        ("lookup", [Value::Map(entries), key, default]) => Some(entries.get(key.known()?).unwrap_or(default).clone()),
        ("index", [Value::List(items), at]) => items.get(usize::try_from(at.as_integer()?).ok()?).cloned(),
        ("element", [Value::List(items), at]) => {
            items.get(usize::try_from(at.as_integer()?).ok()?.checked_rem(items.len())?).cloned()
        }
        ("contains", [Value::List(items), wanted]) => {
            let mut found = false;
            for item in items {
                found |= item.equals(wanted)?;
            }
            Some(Value::bool(found, at))
        }
        ("keys", [Value::Map(entries)]) => {
            Some(Value::List(entries.keys().map(|key| Value::made(Kind::String, key, at)).collect()))
        }
        ("values", [Value::Map(entries)]) => Some(Value::List(entries.values().cloned().collect())),
        ("zipmap", [Value::List(keys), Value::List(values)]) if keys.len() == values.len() => {
            let entries = keys.iter().zip(values).map(|(key, value)| Some((key.known()?.to_owned(), value.clone())));
            entries.collect::<Option<_>>().map(Value::Map)
        }
        ("compact", [Value::List(items)]) => {
            let items = items.iter().map(|item| Some((item.known()?, item)));
            let items = items.collect::<Option<Vec<_>>>()?;
            let filled = items.into_iter().filter(|(text, _)| !text.is_empty()).map(|(_, item)| as_string(item));
            filled.collect::<Option<_>>().map(Value::List)
        }
        ("distinct", [Value::List(items)]) if are_alike(items) => {
            let mut all: Vec<Value> = Vec::new();
            for item in items.get(..items.len().min(1000)).filter(|it| it.len() == items.len())? {
                let mut is_new = true;
                for other in &all {
                    is_new &= !item.equals(other)?;
                }
                if is_new {
                    all.push(item.clone());
                }
            }
            Some(Value::List(all))
        }
        ("slice", [Value::List(items), start, end]) => {
            let (start, end) = (usize::try_from(start.as_integer()?).ok()?, usize::try_from(end.as_integer()?).ok()?);
            Some(Value::List(items.get(start..end)?.to_vec()))
        }
        ("reverselist", [Value::List(items)]) => Some(Value::List(items.iter().rev().cloned().collect())),
        ("sort", [Value::List(items)]) => {
            let items = items.iter().map(|item| Some((item.known()?.to_owned(), as_string(item)?)));
            let mut items = items.collect::<Option<Vec<_>>>()?;
            items.sort_by(|(a, _), (b, _)| a.cmp(b));
            Some(Value::List(items.into_iter().map(|(_, item)| item).collect()))
        }
        ("coalesce", values) if are_alike(values) => values.iter().find(|it| !matches!(it, Value::Null)).cloned(),
        ("coalescelist", lists) if matches!(first, Value::List(items) if !items.is_empty()) => lists.first().cloned(),
        _ => None,
    }
}

/// Whether all are texts, so that no type in common has to be found.
fn are_alike(values: &[Value]) -> bool {
    values.iter().all(|it| matches!(it, Value::Null | Value::Scalar(Kind::String, _)))
}

fn as_string(value: &Value) -> Option<Value> {
    Some(Value::Scalar(Kind::String, value.as_text()?.clone()))
}

fn flatten(items: &[Value], all: &mut Vec<Value>) -> Option<()> {
    for item in items {
        match item {
            // It may be a list.
            Value::Unknown(_) => return None,
            Value::List(items) => flatten(items, all)?,
            item => all.push(item.clone()),
        }
    }
    Some(())
}

fn join(separator: &Text, lists: &[Value], at: Span) -> Option<Value> {
    let separator = separator.known()?;
    let mut joined = Text::empty(at);
    let mut is_first = true;
    for list in lists {
        let Value::List(items) = list else { return None };
        for item in items {
            if !std::mem::take(&mut is_first) {
                push_made(&mut joined, separator, at);
            }
            joined.append(item.as_text()?);
            if joined.value.len() > MAX_MADE {
                return None;
            }
        }
    }
    Some(Value::text(joined))
}

/// Of the verbs those that people write into tags, without flags.
fn format(pattern: &Text, values: &[Value], at: Span) -> Option<Value> {
    let mut made = Text::empty(at);
    let mut values = values.iter();
    let written = pattern.known()?;
    let mut start = 0;
    while let Some(percent) = written.get(start..)?.find('%').map(|found| start + found) {
        made.append(&pattern.part(start..percent));
        match written.get(percent + 1..)?.chars().next()? {
            '%' => push_made(&mut made, "%", at),
            's' => made.append(values.next()?.as_text()?),
            'd' => {
                let value = values.next()?;
                value.as_integer()?;
                made.append(value.as_text()?);
            }
            'v' => match values.next()? {
                Value::Scalar(Kind::String | Kind::Bool, text) => made.append(text),
                _ => return None,
            },
            _ => return None,
        }
        // All of these verbs are one byte.
        start = percent + 2;
    }
    made.append(&pattern.part(start..written.len()));
    values.next().is_none().then(|| Value::text(made))
}

fn format_list(pattern: &Text, values: &[Value], at: Span) -> Option<Value> {
    let mut lengths = values.iter().filter_map(|value| match value {
        Value::List(items) => Some(items.len()),
        _ => None,
    });
    let length = lengths.next()?;
    if lengths.any(|other| other != length) || values.iter().any(|it| matches!(it, Value::Map(_) | Value::Unknown(_))) {
        return None;
    }
    let row = |number: usize| {
        let of_row = values.iter().map(|value| match value {
            Value::List(items) => items.get(number).cloned(),
            value => Some(value.clone()),
        });
        format(pattern, &of_row.collect::<Option<Vec<_>>>()?, at)
    };
    (0..length).map(row).collect::<Option<_>>().map(Value::List)
}

fn push_made(text: &mut Text, made: &str, at: Span) {
    text.push(made, Span::NOWHERE, at, Origin::Variable(String::new()));
}
