//! Paths, addresses and versions.

use std::rc::Rc;

use super::{Holes, Row};
use crate::{
    fault::{Fault, Run, fail},
    object::Object,
    semver::{self, Version},
    template::{Args, Machine},
    text::{Origin, Text},
    value::{Map, Value},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("base", base, 1, 1, Holes::Spread),
    ("dir", dir, 1, 1, Holes::Spread),
    ("clean", cleaned, 1, 1, Holes::Spread),
    ("ext", ext, 1, 1, Holes::Spread),
    ("isAbs", is_abs, 1, 1, Holes::Spread),
    ("osBase", base, 1, 1, Holes::Spread),
    ("osDir", dir, 1, 1, Holes::Spread),
    ("osClean", cleaned, 1, 1, Holes::Spread),
    ("osExt", ext, 1, 1, Holes::Spread),
    ("osIsAbs", is_abs, 1, 1, Holes::Spread),
    ("urlParse", url_parse, 1, 1, Holes::Spread),
    ("urlJoin", url_join, 1, 1, Holes::Spread),
    ("urlquery", url_query, 1, 1, Holes::Spread),
    ("semver", version, 1, 1, Holes::Spread),
    ("semverCompare", semver_compare, 2, 2, Holes::Spread),
];

/// A part of a text where it is one, else a text made of it.
fn made(text: &Text, new: &str) -> Value {
    match text.as_str().find(new).filter(|_| !new.is_empty()) {
        Some(at) => Value::text(text.part(at..at + new.len())),
        None => Value::text(Text::new(new, Origin::made([&text.origin()]))),
    }
}

fn base(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let path = text.as_str().trim_end_matches('/');
    let base = match (text.as_str(), path) {
        ("", _) => ".",
        (_, "") => "/",
        (_, path) => path.rsplit('/').next().unwrap_or(path),
    };
    Ok(made(&text, base))
}

fn dir(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let folder = text.as_str().rfind('/').map_or("", |at| text.as_str().get(..=at).unwrap_or_default());
    Ok(made(&text, &clean(folder)))
}

fn cleaned(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    Ok(made(&text, &clean(text.as_str())))
}

/// Go's `path.Clean`.
pub(crate) fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|it| *it != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (is_rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn ext(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let base = text.as_str().rsplit('/').next().unwrap_or_default();
    Ok(made(&text, base.rfind('.').map_or("", |at| base.get(at..).unwrap_or_default())))
}

fn is_abs(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::bool(args.text(0)?.as_str().starts_with('/')))
}

fn url_parse(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let (rest, fragment) = text.as_str().split_once('#').unwrap_or((text.as_str(), ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let is_scheme = |it: &str| {
        it.starts_with(|first: char| first.is_ascii_alphabetic())
            && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"+-.".contains(&it))
    };
    let (scheme, rest) = rest.split_once(':').filter(|(scheme, _)| is_scheme(scheme)).unwrap_or(("", rest));
    let (mut user, mut host, mut path, mut opaque) = ("", "", rest, "");
    if let Some(behind) = rest.strip_prefix("//") {
        let end = behind.find('/').unwrap_or(behind.len());
        let authority = behind.get(..end).unwrap_or_default();
        path = behind.get(end..).unwrap_or_default();
        (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    } else if !scheme.is_empty() && !rest.starts_with('/') {
        (path, opaque) = ("", rest);
    }
    let hostname = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let scheme = scheme.to_lowercase();
    let mut map = Map::default();
    for (key, value) in [
        ("scheme", scheme.as_str()),
        ("host", host),
        ("hostname", hostname),
        ("path", path),
        ("query", query),
        ("opaque", opaque),
        ("fragment", fragment),
        ("userinfo", user),
    ] {
        map.put(key, if value.is_empty() { Value::given("") } else { made(&text, value) });
    }
    Ok(machine.heap.new_map(map))
}

fn url_join(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let map = args.map(&mut machine.heap, 0)?;
    let part = |key: &str| match machine.heap.map(map).get(key) {
        None => Ok(Text::default()),
        Some(Value::Str(text)) => match text.hole() {
            Some(hole) => Err(Fault::unknown(hole)),
            None => Ok((**text).clone()),
        },
        Some(Value::Hole(hole)) => Err(Fault::unknown(*hole)),
        Some(_) => Err(Fault::new(format!("unable to parse {key} key, must be of type string"))),
    };
    let (scheme, host, user, opaque) = (part("scheme")?, part("host")?, part("userinfo")?, part("opaque")?);
    let (path, query, fragment) = (part("path")?, part("query")?, part("fragment")?);
    let mut out = Text::default();
    let mut put = |before: &str, text: &Text, after: &str| {
        if !text.is_empty() {
            out.push_given(before);
            out.push_text(text);
            out.push_given(after);
        }
    };
    put("", &scheme, ":");
    if opaque.is_empty() {
        if !host.is_empty() || !user.is_empty() {
            put("//", &user, "@");
            put(if user.is_empty() { "//" } else { "" }, &host, "");
        }
        let between = if !host.is_empty() && !path.as_str().starts_with('/') { "/" } else { "" };
        put(between, &path, "");
    } else {
        put("", &opaque, "");
    }
    put("?", &query, "");
    put("#", &fragment, "");
    Ok(Value::text(out))
}

fn url_query(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let mut out = String::new();
    for byte in text.as_str().bytes() {
        match byte {
            b' ' => out.push('+'),
            it if it.is_ascii_alphanumeric() || b"-_.~".contains(&it) => out.push(char::from(it)),
            it => out.extend(["%".to_owned(), format!("{it:02X}")]),
        }
    }
    Ok(made(&text, &out))
}

fn version(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    match Version::parse(args.text(0)?.as_str()) {
        Some(version) => Ok(Value::Object(Rc::new(Object::Semver(version)))),
        None => fail("invalid semantic version"),
    }
}

fn semver_compare(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (constraint, version) = (args.text(0)?, args.text(1)?);
    let Some(version) = Version::parse(version.as_str()) else { return fail("invalid semantic version") };
    match semver::check(constraint.as_str(), &version) {
        Some(holds) => Ok(Value::bool(holds)),
        None => fail(format!("improper constraint: {}", constraint.as_str())),
    }
}
