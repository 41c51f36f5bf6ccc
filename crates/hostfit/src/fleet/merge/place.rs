//! Where in a file its hosts, their keys and values stand, and where new ones go.

use std::{collections::BTreeMap, ops::Range};

use hostfit_core::{
    config::write::{key as toml_key, quoted},
    finding::Edit,
    source::{Source, Span},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::fleet::{
    pool::Pool,
    write::{self, Value},
};

/// The hosts of a file.
pub(super) struct Document {
    /// In the order of the file.
    pub(super) hosts: Vec<HostPlace>,
    /// `host = […]`, where it is written so.
    array: Option<Span>,
}

/// One host.
pub(super) struct HostPlace {
    /// `[[host]]`, or the whole of `{ name = … }`.
    span: Span,
    is_inline: bool,
    keys: Vec<KeyPlace>,
}

/// One key of a host.
struct KeyPlace {
    name: String,
    /// Where it is first named.
    key: Span,
    value: Form,
}

/// How a value is written.
enum Form {
    /// In one piece: `os = "linux"`, `labels = { … }`.
    Whole(Span, Vec<Pair>),
    /// Key by key: `labels.disk = "ssd"`.
    Dotted(Vec<Pair>),
    /// In a table of its own: `[host.labels]`.
    Section(Vec<Pair>),
}

/// A key and its value within a table.
struct Pair {
    name: String,
    key: Span,
    value: Span,
}

const BOM: &str = "\u{feff}";

impl Document {
    /// Finds the hosts.
    pub(super) fn parse(source: &Source) -> Result<Self, String> {
        let text = source.text.strip_prefix(BOM).unwrap_or(&source.text);
        let at = |range: Range<usize>| {
            let moved = source.text.len() - text.len();
            Span::new(source.id, range.start + moved..range.end + moved)
        };
        let table = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
        let hosts = table.get_ref().iter().find(|(key, _)| key.get_ref() == "host").map(|(_, value)| value);
        let Some(hosts) = hosts else { return Ok(Self { hosts: Vec::new(), array: None }) };
        let DeValue::Array(array) = hosts.get_ref() else { return Ok(Self { hosts: Vec::new(), array: None }) };
        let places = array.iter().filter_map(|host| HostPlace::of(host, source, &at)).collect();
        let whole = at(hosts.span());
        // Of `[[host]]` the span is that of a header.
        let is_array = source.slice(whole).starts_with('[') && !source.slice(whole).starts_with("[[");
        Ok(Self { hosts: places, array: is_array.then_some(whole) })
    }

    /// What adds these hosts behind the others, of which some are removed.
    pub(super) fn append(&self, source: &Source, pools: &[Pool], removed: &[usize]) -> Option<Edit> {
        if pools.is_empty() {
            return None;
        }
        let last = self.hosts.iter().enumerate().rfind(|(place, _)| !removed.contains(place)).map(|(_, host)| host);
        if let Some(array) = self.array {
            let inline: Vec<_> = pools.iter().filter(|pool| pool.os.is_some()).map(write::inline).collect();
            let inline = (!inline.is_empty()).then(|| inline.join(",\n  "))?;
            if let Some(last) = last {
                return Some(Edit { span: behind(last.span), text: format!(",\n  {inline}") });
            }
            let end = array.range().end.saturating_sub(1);
            return Some(Edit { span: Span::at(source.id, end), text: format!("\n  {inline},\n") });
        }
        let hosts: Vec<_> = pools.iter().map(write::entry).collect();
        let hosts = hosts.join("\n");
        if let Some(last) = last {
            return Some(lines_behind(source, last.end(), &format!("\n{hosts}")));
        }
        let end = source.text.len();
        let gap = match source.text.trim_start_matches(BOM) {
            "" => "",
            text if text.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let text = in_lines(source, end, &format!("{gap}{hosts}"));
        Some(Edit { span: Span::at(source.id, end), text })
    }
}

impl Document {
    /// What removes these hosts: of a table its lines, the comments right above it and a blank line, of an element of a list
    /// the element.
    pub(super) fn remove(&self, source: &Source, places: &[usize]) -> Vec<Edit> {
        let span = |&place: &usize| {
            let host = self.hosts.get(place)?;
            Some(if host.is_inline { host.element(source) } else { host.lines(source) })
        };
        let spans = places.iter().filter_map(span);
        spans.map(|span| Edit { span, text: String::new() }).collect()
    }
}

impl HostPlace {
    /// Its lines.
    fn lines(&self, source: &Source) -> Span {
        let text = source.text.as_str();
        let start_of = |at: usize| text.get(..at).unwrap_or_default().rfind('\n').map_or(0, |end| end + 1);
        let mut start = start_of(self.span.start as usize);
        while let Some(before) = start.checked_sub(1) {
            let line = start_of(before);
            if !text.get(line..before).unwrap_or_default().trim_start().starts_with('#') {
                break;
            }
            start = line;
        }
        let next =
            |from: usize| text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| from + end + 1);
        let mut end = next(self.end().end as usize);
        let after = next(end);
        if text.get(end..after).unwrap_or_default().trim().is_empty() {
            end = after;
        }
        Span::new(source.id, start..end)
    }

    /// It, with the comma behind it and the blanks before it.
    fn element(&self, source: &Source) -> Span {
        let text = source.text.as_str();
        let before = text.get(..self.span.start as usize).unwrap_or_default();
        let start = before.trim_end_matches([' ', '\t']).len();
        let start =
            if before.get(..start).is_some_and(|it| it.ends_with('\n')) { before.trim_end().len() } else { start };
        let rest = text.get(self.span.end as usize..).unwrap_or_default();
        let comma = rest.len() - rest.trim_start().len();
        let comma = if rest.trim_start().starts_with(',') { comma + 1 } else { 0 };
        let end = self.span.end as usize + comma;
        Span::new(source.id, start..end)
    }

    /// What removes a label.
    pub(super) fn removed_pair(&self, source: &Source, key: &str, name: &str) -> Option<Span> {
        let form = &self.key(key)?.value;
        let mut pairs: Vec<_> = form.pairs().iter().collect();
        pairs.sort_by_key(|pair| pair.key.start);
        let place = pairs.iter().position(|pair| pair.name == name)?;
        let own = pairs.get(place)?;
        if !matches!(form, Form::Whole(..)) {
            let start = source.line_span(own.key.start).start as usize;
            let rest = source.text.get(own.value.end as usize..)?;
            let end = rest.find('\n').map_or(source.text.len(), |end| own.value.end as usize + end + 1);
            return Some(Span::new(source.id, start..end));
        }
        Some(match (pairs.get(place + 1), place.checked_sub(1).and_then(|before| pairs.get(before))) {
            (Some(next), _) => Span { end: next.key.start, ..own.key },
            (None, Some(before)) => Span { start: before.value.end, ..own.value },
            (None, None) => Span { end: own.value.end, ..own.key },
        })
    }

    fn of(host: &Spanned<DeValue<'_>>, source: &Source, at: &dyn Fn(Range<usize>) -> Span) -> Option<Self> {
        let DeValue::Table(table) = host.get_ref() else { return None };
        let span = at(host.span());
        let is_inline = source.slice(span).starts_with('{');
        let mut keys: Vec<_> = table
            .iter()
            .map(|(key, value)| KeyPlace {
                name: key.get_ref().to_string(),
                key: at(key.span()),
                value: Form::of(at(key.span()), value, source, at),
            })
            .collect();
        keys.sort_by_key(|it| it.key.start);
        Some(Self { span, is_inline, keys })
    }

    fn key(&self, name: &str) -> Option<&KeyPlace> {
        self.keys.iter().find(|it| it.name == name)
    }

    /// The bytes of a value, where it is written in one piece.
    pub(super) fn value(&self, name: &str) -> Option<Span> {
        match self.key(name)?.value {
            Form::Whole(span, _) => Some(span),
            Form::Dotted(_) | Form::Section(_) => None,
        }
    }

    /// The bytes of a label's value.
    pub(super) fn pair(&self, key: &str, name: &str) -> Option<Span> {
        self.key(key)?.value.pairs().iter().find(|pair| pair.name == name).map(|pair| pair.value)
    }

    /// What adds labels to those that are there; none where the host has no labels.
    pub(super) fn add_pairs(&self, source: &Source, key: &'static str, new: &BTreeMap<String, String>) -> Option<Edit> {
        let place = self.key(key)?;
        let pair = |(name, value): (&String, &String)| format!("{} = {}", toml_key(name), quoted(value));
        let last = place.value.pairs().iter().map(|pair| pair.value).max_by_key(|span| span.start);
        let prefix = match (&place.value, last) {
            (Form::Whole(..), Some(last)) => {
                let pairs: Vec<_> = new.iter().map(pair).collect();
                return Some(Edit { span: behind(last), text: format!(", {}", pairs.join(", ")) });
            }
            (Form::Whole(span, _), None) => {
                return Some(Edit { span: *span, text: Value::Pairs(new.clone()).inline() });
            }
            (Form::Dotted(_), _) => format!("{key}."),
            (Form::Section(_), _) => String::new(),
        };
        let lines = new.iter().map(|it| format!("{prefix}{}\n", pair(it))).collect::<Vec<_>>().concat();
        let last = last.unwrap_or(place.key);
        Some(lines_behind(source, last, &indented(source, last, &lines)))
    }

    /// What adds a key behind those that come before it in the order of keys.
    pub(super) fn add_key(&self, source: &Source, order: usize, key: &str, value: &Value) -> Edit {
        let place = |name: &str| write::ORDER.iter().position(|it| *it == name).unwrap_or(usize::MAX);
        let before = self.keys.iter().filter(|it| !matches!(it.value, Form::Section(_)));
        let before = before.filter(|it| place(&it.name) < order).max_by_key(|it| it.value.end(it.key).end);
        if self.is_inline {
            let last = before.map_or(self.span.part(0..1), |it| it.value.end(it.key));
            return Edit { span: behind(last), text: format!(", {key} = {}", value.inline()) };
        }
        let last = before.map_or(self.span, |it| it.value.end(it.key));
        lines_behind(source, last, &indented(source, last, &write::lines(key, value)))
    }

    /// The last bytes of it.
    fn end(&self) -> Span {
        let ends = self.keys.iter().map(|it| it.value.end(it.key));
        if self.is_inline { self.span } else { ends.max_by_key(|span| span.end).unwrap_or(self.span) }
    }
}

/// What adds lines behind the line in which `span` ends.
fn lines_behind(source: &Source, span: Span, lines: &str) -> Edit {
    let rest = source.text.get(span.end as usize..).unwrap_or_default();
    let (end, text) = match rest.find('\n') {
        Some(end) => (span.end as usize + end + 1, lines.to_owned()),
        // The last line of the file has no end.
        None => (source.text.len(), format!("\n{}", lines.trim_end_matches('\n'))),
    };
    Edit { span: Span::at(source.id, end), text: in_lines(source, end, &text) }
}

/// The lines, each indented as that one is in which `span` ends.
fn indented(source: &Source, span: Span, lines: &str) -> String {
    let beside = source.slice(source.line_span(span.end));
    let indent = beside.len() - beside.trim_start().len();
    let indent = beside.get(..indent).unwrap_or_default();
    lines.split_inclusive('\n').flat_map(|line| [indent, line]).collect()
}

impl Form {
    fn of(key: Span, value: &Spanned<DeValue<'_>>, source: &Source, at: &dyn Fn(Range<usize>) -> Span) -> Self {
        let span = at(value.span());
        let DeValue::Table(table) = value.get_ref() else { return Self::Whole(span, Vec::new()) };
        let pair = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &std::borrow::Cow<'_, str> = key.get_ref();
            Pair { name: name.to_string(), key: at(key.span()), value: at(value.span()) }
        };
        let pairs = table.iter().map(|(key, value)| pair((key, value))).collect();
        if source.slice(span).starts_with('{') {
            Self::Whole(span, pairs)
        } else if source.slice(source.line_span(key.start)).trim_start().starts_with('[') {
            Self::Section(pairs)
        } else {
            Self::Dotted(pairs)
        }
    }

    fn pairs(&self) -> &[Pair] {
        match self {
            Self::Whole(_, pairs) | Self::Dotted(pairs) | Self::Section(pairs) => pairs,
        }
    }

    /// The last bytes of it.
    fn end(&self, key: Span) -> Span {
        match self {
            Self::Whole(span, _) => *span,
            Self::Dotted(pairs) | Self::Section(pairs) => {
                pairs.iter().map(|pair| pair.value).max_by_key(|span| span.end).unwrap_or(key)
            }
        }
    }
}

fn behind(span: Span) -> Span {
    Span { start: span.end, ..span }
}

/// The text with the line ends of the file.
fn in_lines(source: &Source, at: usize, text: &str) -> String {
    let end = source.line_end(u32::try_from(at).unwrap_or(u32::MAX));
    if end == "\n" { text.to_owned() } else { text.replace('\n', end) }
}

/// The comment with this beginning that stands behind a value, with the blanks before it.
pub(super) fn comment(source: &Source, value: Span, beginning: &str) -> Option<Span> {
    let line = rest_of_line(source, value)?.trim_end();
    let comment = line.trim_start().strip_prefix('#')?.trim_start();
    let end = value.end as usize + line.len();
    comment.starts_with(beginning).then(|| Span::new(source.id, value.end as usize..end))
}

/// Where a comment can be added behind a value: it ends its line.
pub(super) fn end_of_line(source: &Source, value: Span) -> Option<Span> {
    rest_of_line(source, value)?.trim().is_empty().then(|| behind(value))
}

fn rest_of_line(source: &Source, value: Span) -> Option<&str> {
    source.text.get(value.end as usize..)?.split('\n').next()
}
