//! From the parser's events to [`Node`]s.

use std::{borrow::Cow, ops::Range};

use granit_parser::{Event, Parser, ScalarStyle};
use rustc_hash::FxHashMap;

use super::{
    gaps,
    scalar::{self, Plain},
};
use crate::{
    node::{Data, Entry, Node},
    number,
    text::{Origin, Text},
};

/// How deep collections may nest.
const MAX_DEPTH: usize = 128;
/// How many nodes a text may have once its aliases are followed.
const MAX_NODES: usize = 1_000_000;

const TOO_DEEP: &str = "nested over 128 levels";
const TOO_MANY: &str = "aliases that expand past 1,000,000 nodes";

/// What was read.
#[derive(Debug, Default)]
pub struct Documents {
    /// The root of each document that has one.
    pub roots: Vec<Node>,
    /// Where reading stopped, if it did not reach the end.
    pub error: Option<ReadError>,
}

/// Why a text is not YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// In the words of the parser.
    pub message: String,
    /// Offset in the text.
    pub at: usize,
}

/// Reads all documents of a text, up to the first error.
pub fn read(text: &Text) -> Documents {
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let source = with_line_feeds(text.as_str());
    let base = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut parser = Parser::new_from_str_with_options(source.get(base..).unwrap_or_default(), options);
    let mut builder =
        Builder { text, base, roots: Vec::new(), open: Vec::new(), anchors: FxHashMap::default(), nodes: 0 };
    let mut after = base;
    let mut error = None;
    while let Some(next) = parser.next_event() {
        match next {
            Ok((event, span)) => {
                let range = span.byte_range().map_or(after..after, |it| it.start + base..it.end + base);
                let tag = span.tag_span().and_then(|tag| tag.byte_range()).map(|it| it.start + base..it.end + base);
                if event.is_node() {
                    after = range.end;
                }
                if let Err(message) = builder.event(event, range.clone(), tag) {
                    error = Some(ReadError { message: message.into(), at: range.start });
                    break;
                }
            }
            Err(stop) => {
                let at = stop.marker().byte_offset().map_or(after, |at| at + base).min(text.len());
                error = Some(ReadError { message: stop.to_string(), at });
                break;
            }
        }
    }
    let mut roots = builder.roots;
    gaps::place(text, &mut roots);
    Documents { roots, error }
}

/// The text with a line feed for each other line end, as long as before.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) || has_lone_return(text) {
        let mut out = String::with_capacity(text.len());
        let mut chars = text.chars().peekable();
        while let Some(next) = chars.next() {
            match next {
                '\r' if chars.peek() != Some(&'\n') => out.push('\n'),
                '\u{85}' => out.push_str(" \n"),
                '\u{2028}' | '\u{2029}' => out.push_str("  \n"),
                other => out.push(other),
            }
        }
        return Cow::Owned(out);
    }
    Cow::Borrowed(text)
}

fn has_lone_return(text: &str) -> bool {
    memchr::memchr_iter(b'\r', text.as_bytes()).any(|at| text.as_bytes().get(at + 1) != Some(&b'\n'))
}

/// A collection whose end was not seen yet.
struct Open {
    anchor: usize,
    start: usize,
    end: usize,
    is_map: bool,
    /// Items, or keys and values in turn.
    nodes: Vec<(Node, bool)>,
}

struct Builder<'t> {
    text: &'t Text,
    base: usize,
    roots: Vec<Node>,
    open: Vec<Open>,
    /// Anchored nodes that are complete, each with how many nodes it is and how deep they nest.
    anchors: FxHashMap<usize, (Node, Size)>,
    nodes: usize,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>, tag: Option<Range<usize>>) -> Result<(), &'static str> {
        match event {
            Event::Scalar(value, style, anchor, _) => {
                let (node, is_merge) = self.scalar(&value, style, range, tag);
                self.add(node, anchor, 1, is_merge)
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some((_, size)) if self.nodes.saturating_add(size.nodes) > MAX_NODES => Err(TOO_MANY),
                Some((_, size)) if self.open.len() + size.depth > MAX_DEPTH => Err(TOO_DEEP),
                Some((node, size)) => self.add(node.clone(), 0, size.nodes, false),
                None => Err("the alias stands inside the value that it names"),
            },
            Event::UnresolvedAlias(_) => Err("the alias names no anchor"),
            Event::SequenceStart(_, anchor, _) => self.start(false, anchor, range.start),
            Event::MappingStart(_, anchor, _) => self.start(true, anchor, range.start),
            Event::SequenceEnd | Event::MappingEnd => self.end(range.end),
            _ => Ok(()),
        }
    }

    fn start(&mut self, is_map: bool, anchor: usize, start: usize) -> Result<(), &'static str> {
        if self.open.len() >= MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        self.open.push(Open { anchor, start, end: start, is_map, nodes: Vec::new() });
        Ok(())
    }

    fn end(&mut self, end: usize) -> Result<(), &'static str> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let range = open.start..open.end.max(open.start).min(end.max(open.start));
        let data = if open.is_map { Data::Map(entries(open.nodes)) } else { Data::List(items(open.nodes)) };
        self.add(Node { data, range, gaps: Vec::new() }, open.anchor, 1, false)
    }

    fn add(&mut self, node: Node, anchor: usize, weight: usize, is_merge: bool) -> Result<(), &'static str> {
        self.nodes = self.nodes.saturating_add(weight);
        if self.nodes > MAX_NODES {
            return Err(TOO_MANY);
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size(&node)));
        }
        match self.open.last_mut() {
            Some(open) => {
                open.end = open.end.max(node.range.end);
                open.nodes.push((node, is_merge));
            }
            None => self.roots.push(node),
        }
        Ok(())
    }

    fn scalar(
        &self,
        value: &str,
        style: ScalarStyle,
        mut range: Range<usize>,
        tag: Option<Range<usize>>,
    ) -> (Node, bool) {
        let written = self.text.as_str();
        match style {
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted if range.len() >= 2 => {
                range = range.start + 1..range.end - 1;
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let text = written.get(range.clone()).unwrap_or_default();
                range.end = range.start + text.trim_end_matches(['\r', '\n']).len();
            }
            ScalarStyle::Plain if range.is_empty() => range = self.place_of_nothing(range.start),
            _ => {}
        }
        let text = match style {
            ScalarStyle::Literal => self.lines(value, &range),
            _ => self.text_of(value, &range),
        };
        let tag = tag.and_then(|tag| written.get(tag)).unwrap_or_default();
        let is_string = style != ScalarStyle::Plain || matches!(tag, "!" | "!!str" | "!!binary");
        let data = match if is_string { Data::String(text) } else { plain_data(text) } {
            Data::Null => self.hole_at(&range).map_or(Data::Null, Data::Hole),
            data => data,
        };
        let is_merge = value == "<<" && style == ScalarStyle::Plain;
        (Node { data, range, gaps: Vec::new() }, is_merge)
    }

    fn hole_at(&self, range: &Range<usize>) -> Option<crate::text::HoleId> {
        self.text.part(range.clone()).hole()
    }

    /// Where the value of `key:` would stand: behind the colon.
    fn place_of_nothing(&self, at: usize) -> Range<usize> {
        let rest = self.text.as_str().get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let at = if rest.as_bytes().get(blank) == Some(&b':') { at + blank + 1 } else { at };
        at.max(self.base)..at.max(self.base)
    }

    /// The value with the origins of the bytes that write it.
    fn text_of(&self, value: &str, range: &Range<usize>) -> Text {
        if self.text.as_str().get(range.clone()) == Some(value) {
            return self.text.part(range.clone());
        }
        Text::new(value, not_verbatim(self.text.origin_of(range.clone()), value.len()))
    }

    /// A literal block: each of its lines is written as it is, behind the indentation.
    fn lines(&self, value: &str, range: &Range<usize>) -> Text {
        let written = self.text.as_str();
        let line_start = written.get(..range.start).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
        let indent = range.start - line_start;
        let mut out = Text::default();
        let mut at = line_start;
        for line in value.split_inclusive('\n') {
            let content = line.trim_end_matches('\n');
            let raw = written.get(at..).unwrap_or_default();
            let raw_len = memchr::memchr(b'\n', raw.as_bytes()).map_or(raw.len(), |at| at + 1);
            let from = at + indent.min(raw_len);
            if content.is_empty() {
                out.push(line, Origin::Given);
            } else if written.get(from..from + content.len()) == Some(content) {
                let end = from + content.len();
                let has_end = line.len() > content.len() && written.as_bytes().get(end) == Some(&b'\n');
                out.push_part(self.text, from..end + usize::from(has_end));
                if !has_end && line.len() > content.len() {
                    out.push_given("\n");
                }
            } else {
                return self.text_of(value, range);
            }
            at += raw_len;
        }
        out
    }
}

/// What a plain scalar is.
pub(crate) fn plain_data(text: Text) -> Data {
    match scalar::plain(text.as_str()) {
        Plain::Null => text.hole().map_or(Data::Null, Data::Hole),
        Plain::String => match text.pieces() {
            [one] => match one.origin {
                Origin::Hole(hole) => Data::Hole(hole),
                _ => Data::String(text),
            },
            _ => Data::String(text),
        },
        Plain::Bool(is) => Data::Bool(is, exact(&text, if is { "true" } else { "false" })),
        Plain::Number(it) => Data::Number(it, exact(&text, &number::printed(it))),
    }
}

/// The origin of a value that is not written as it is.
fn not_verbatim(origin: Origin, len: usize) -> Origin {
    match &origin {
        Origin::Written(place) if place.len() == len => Origin::made([&origin]),
        _ => origin,
    }
}

/// The origin of a scalar that is shown as `printed`.
fn exact(text: &Text, printed: &str) -> Origin {
    if text.as_str() == printed { text.origin() } else { not_verbatim(text.origin(), printed.len()) }
}

/// How large a node is with all that it holds.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    depth: usize,
}

fn size(node: &Node) -> Size {
    let entries = node.entries().iter().map(|entry| &entry.value);
    let inner = node
        .items()
        .iter()
        .chain(entries)
        .map(size)
        .fold(Size::default(), |all, it| Size { nodes: all.nodes + it.nodes, depth: all.depth.max(it.depth) });
    Size { nodes: inner.nodes + node.entries().len() + 1, depth: inner.depth + 1 }
}

fn items(nodes: Vec<(Node, bool)>) -> Vec<Node> {
    nodes.into_iter().map(|(node, _)| node).collect()
}

/// The entries of a mapping: of a key that stands twice the last one, own keys before merged ones, of several merged
/// mappings the first.
fn entries(nodes: Vec<(Node, bool)>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::with_capacity(nodes.len() / 2);
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut merged = Vec::new();
    let mut nodes = nodes.into_iter();
    while let (Some((key, is_merge)), Some((value, _))) = (nodes.next(), nodes.next()) {
        if is_merge {
            merged.push(value);
            continue;
        }
        let key_range = key.range.clone();
        let key = key_text(key);
        if let Some(entry) = places.get(key.as_str()).and_then(|&at| entries.get_mut(at)) {
            *entry = Entry { key, key_range, value };
        } else {
            places.insert(key.as_str().to_owned(), entries.len());
            entries.push(Entry { key, key_range, value });
        }
    }
    for node in merged {
        let from = match node.data {
            Data::Map(_) => vec![node],
            Data::List(items) => items,
            _ => Vec::new(),
        };
        for node in from {
            let Data::Map(others) = node.data else { continue };
            for entry in others {
                if !places.contains_key(entry.key.as_str()) {
                    places.insert(entry.key.as_str().to_owned(), entries.len());
                    entries.push(entry);
                }
            }
        }
    }
    entries
}

/// A key as JSON has it: a string.
fn key_text(key: Node) -> Text {
    match key.data {
        Data::String(text) => text,
        Data::Bool(is, origin) => Text::new(if is { "true" } else { "false" }, origin),
        Data::Number(it, origin) => Text::new(number::printed(it), origin),
        Data::Hole(hole) => Text::new(crate::text::UNKNOWN, Origin::Hole(hole)),
        Data::Null | Data::List(_) | Data::Map(_) => Text::given("null"),
    }
}
