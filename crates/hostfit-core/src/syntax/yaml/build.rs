//! From the parser's events to the arena. The only file that sees `granit_parser`.

mod simple;

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle};
use rustc_hash::{FxHashMap, FxHashSet};

use super::arena::{Arena, Kind, Raw, is_blank_scalar};
use super::{
    lenient, message,
    stop::{Fault, Form, Stop},
    tabs,
};
use crate::source::saturating_u32;

/// How deep collections may nest, aliases followed.
const MAX_DEPTH: usize = 128;

/// How many nodes a file may have once its aliases are followed.
pub(super) const MAX_NODES: u64 = 1_000_000;

/// After how many documents that could not be parsed to their end the rest of the file is left alone.
const MAX_STOPS: usize = 1_000;

/// What one pass over a text gave.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// The nodes.
    pub(super) arena: Arena,
    /// The root of each document that has one.
    pub(super) roots: Vec<u32>,
    /// Byte ranges of comments.
    pub(super) comments: Vec<(u32, u32)>,
    /// What is wrong without stopping the parser.
    pub(super) faults: Vec<Fault>,
    /// Tabs that indent.
    pub(super) tabs: Vec<Fault>,
    /// Where the parser could not go on, one for each document that was cut short.
    pub(super) stops: Vec<Stop>,
    /// Whether the parser ended a value at a colon that belongs to it: [`Form::Colons`].
    pub(super) is_misread: bool,
    /// How many nodes there are, aliases followed.
    pub(super) expanded: u64,
}

fn parser(text: &str) -> Parser<'_, granit_parser::StrInput<'_>> {
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    Parser::new_from_str_with_options(text, options)
}

fn stop(error: &ScanError, text: &str, after: usize) -> Stop {
    let at = error.marker().byte_offset().unwrap_or(after).min(text.len());
    let is_limit = message::is_limit(error.kind());
    let form = message::form(error.kind());
    Stop { at, after, message: message::of(error.kind()), is_limit, form, in_flow: false }
}

/// Whether the parser ends a value without quotes at a colon before a bracket or a comma, which is text for the others.
fn is_cut_at_colon(text: &str, style: ScalarStyle, start: usize, end: usize) -> bool {
    let behind = text.as_bytes().get(end..end + 2);
    style == ScalarStyle::Plain && start < end && matches!(behind, Some([b':', b',' | b']' | b'}']))
}

/// Where the parser stops first, if it does: a pass that builds nothing.
pub(super) fn probe(text: &str) -> Option<Stop> {
    let mut parser = parser(text);
    let mut after = 0;
    let mut in_flow = 0_usize;
    let mut colons = Vec::new();
    let mut failure = None;
    while let Some(next) = parser.next_event() {
        match next {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(after..after);
                if event.is_node() {
                    after = range.end;
                }
                match event {
                    Event::SequenceStart(style, ..) | Event::MappingStart(style, ..) => {
                        in_flow += usize::from(in_flow > 0 || style == StructureStyle::Flow);
                    }
                    Event::SequenceEnd | Event::MappingEnd => in_flow = in_flow.saturating_sub(1),
                    Event::Scalar(_, style, ..) if is_cut_at_colon(text, style, range.start, range.end) => {
                        colons.push(range.end);
                    }
                    _ => {}
                }
            }
            Err(error) => {
                failure = Some(stop(&error, text, after));
                break;
            }
        }
    }
    let Some(&first) = colons.first() else { return failure.map(|stop| Stop { in_flow: in_flow > 0, ..stop }) };
    let stop = failure.unwrap_or(Stop {
        at: first,
        after,
        message: Cow::Borrowed(""),
        is_limit: false,
        form: None,
        in_flow: true,
    });
    Some(Stop { form: Some(Form::Colons(colons)), ..stop })
}

/// The value of a quoted scalar that was rewritten for the parser: what the scalar is as a document of its own, where
/// nothing asks how deep its lines stand.
fn value_of_quoted(written: &str) -> Option<String> {
    let quoted = lenient::quoted(written);
    let mut parser = parser(&quoted);
    while let Some(Ok((event, _))) = parser.next_event() {
        if let Event::Scalar(value, ..) = event {
            return Some(value.into_owned());
        }
    }
    None
}

/// Builds all documents of `text`. A document that can't be parsed to its end is kept as far as it goes.
///
/// `original` is as long as `text` and differs from it only where parts were blanked out or rewritten.
pub(super) fn build(text: &str, original: &str) -> Pass {
    let is_rewritten = !std::ptr::eq(text, original);
    let simple = if is_rewritten { None } else { simple::build(text) };
    let mut pass = simple.unwrap_or_else(|| parse(text, original));
    pass.tabs = tabs::refused(original, text, &pass.arena);
    pass
}

/// [`build`] with the parser.
fn parse(text: &str, original: &str) -> Pass {
    let is_rewritten = !std::ptr::eq(text, original);
    let mut builder = Builder { original, text, is_rewritten, ..Builder::default() };
    let mut parser = parser(text);
    let mut after = 0;
    loop {
        let failure = match parser.next_event() {
            None => break,
            Some(Ok((event, span))) => {
                let range = span.byte_range().unwrap_or(after..after);
                let tag = span.tag_span().and_then(|tag| tag.byte_range());
                if event.is_node() {
                    after = range.end;
                }
                match builder.event(
                    event,
                    range.start,
                    range.end,
                    tag.map(|tag| (saturating_u32(tag.start), saturating_u32(tag.end))),
                ) {
                    Ok(()) => continue,
                    Err(TooDeep) => Stop {
                        at: range.start,
                        after,
                        message: Cow::Borrowed(message::TOO_DEEP),
                        is_limit: true,
                        form: None,
                        in_flow: false,
                    },
                }
            }
            Some(Err(error)) => stop(&error, text, after),
        };
        builder.pass.stops.push(failure);
        builder.close_all();
        if builder.pass.stops.len() >= MAX_STOPS || !matches!(parser.proceed_next_document(), Ok(true)) {
            break;
        }
    }
    builder.close_all();
    builder.pass
}

struct TooDeep;

/// How large a node is with its aliases followed.
#[derive(Clone, Copy)]
struct Size {
    weight: u64,
    height: u16,
}

impl Size {
    const LEAF: Self = Self { weight: 1, height: 0 };
}

/// A collection whose end was not seen yet.
struct Open {
    node: u32,
    anchor: usize,
    /// Where its children begin on the stack of nodes without a parent.
    first: usize,
}

#[derive(Default)]
struct Builder<'s> {
    original: &'s str,
    /// What the parser was given of it.
    text: &'s str,
    /// Whether the two differ.
    is_rewritten: bool,
    pass: Pass,
    open: Vec<Open>,
    /// Nodes whose parent is still open.
    pending: Vec<u32>,
    /// Anchored nodes that are complete.
    anchors: FxHashMap<usize, u32>,
    /// How many nodes each node is, aliases followed, and how deep it is, where the text may have anchors.
    sizes: Vec<Size>,
    /// Whether the text surely has no anchors.
    has_no_anchors: bool,
    /// Whether the limit on aliases was reported.
    overflown: bool,
}

impl<'s> Builder<'s> {
    fn event(&mut self, event: Event<'_>, start: usize, end: usize, tag: Option<(u32, u32)>) -> Result<(), TooDeep> {
        let (start, end) = (self.on_boundary(start), self.on_boundary(end));
        let (from, to) = (saturating_u32(start), saturating_u32(end));
        match event {
            Event::Comment(..) => self.pass.comments.push((self.start_of_comment(start), to)),
            Event::Scalar(value, style, anchor, _) => {
                self.pass.is_misread |= is_cut_at_colon(self.text, style, start, end);
                self.scalar(&value, Kind::scalar(style), anchor, (from, to), tag);
            }
            Event::Alias(anchor) => self.alias(anchor, from, to),
            Event::UnresolvedAlias(name) => {
                self.fault(from, to, format!("alias `*{name}` names no anchor"));
                self.leaf(Raw { start: from, end: to, a: to, b: to, kind: Kind::Broken }, None);
            }
            Event::SequenceStart(style, anchor, _) => {
                self.start(Kind::sequence(style == StructureStyle::Flow), anchor, from, tag)?;
            }
            Event::MappingStart(style, anchor, _) => {
                self.start(Kind::mapping(style == StructureStyle::Flow), anchor, from, tag)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(Some(to)),
            Event::DocumentEnd => self.close_all(),
            _ => {}
        }
        Ok(())
    }

    fn fault(&mut self, start: u32, end: u32, message: String) {
        self.pass.faults.push(Fault { start, end, message });
    }

    fn scalar(&mut self, value: &str, kind: Kind, anchor: usize, at: (u32, u32), tag: Option<(u32, u32)>) {
        let (mut start, mut end) = at;
        let mut value = Cow::Borrowed(value);
        match kind {
            Kind::SingleQuoted | Kind::DoubleQuoted if end >= start + 2 => {
                if let Some(written) = self.rewritten(start, end) {
                    value = value_of_quoted(written).map_or(value, Cow::Owned);
                }
                start += 1;
                end -= 1;
            }
            Kind::Literal | Kind::Folded => {
                let text = self.original.get(start as usize..end as usize).unwrap_or_default();
                end = start + saturating_u32(text.trim_end_matches(['\r', '\n']).len());
            }
            Kind::Plain if start == end => start = self.place_of_nothing(start),
            Kind::Plain => {
                if let Some(written) = self.rewritten(start, end) {
                    value = Cow::Owned(lenient::folded(written));
                }
            }
            _ => {}
        }
        end = end.max(start);
        let written = self.original.get(start as usize..end as usize).unwrap_or_default();
        let (a, b, owned) = if written == value || (kind == Kind::Plain && start == end) {
            (start, end, false)
        } else {
            let from = saturating_u32(self.pass.arena.owned.len());
            self.pass.arena.owned.push_str(&value);
            (from, saturating_u32(self.pass.arena.owned.len()), true)
        };
        let kind = if owned { kind.owned() } else { kind };
        let node = self.leaf(Raw { start, end, a, b, kind }, tag);
        self.anchored(anchor, node);
    }

    /// What was written here, if the parser was given something else.
    fn rewritten(&self, start: u32, end: u32) -> Option<&'s str> {
        if !self.is_rewritten {
            return None;
        }
        let range = start as usize..end as usize;
        let written = self.original.get(range.clone())?;
        (self.text.get(range) != Some(written)).then_some(written)
    }

    /// Where a comment begins, which has moved where there was no blank before it.
    fn start_of_comment(&self, start: usize) -> u32 {
        let is_moved = self.is_rewritten && start > 0 && self.original.as_bytes().get(start - 1) == Some(&b'#');
        let is_blank = self.text.as_bytes().get(start.saturating_sub(1)) == Some(&b' ');
        saturating_u32(if is_moved && is_blank { start - 1 } else { start })
    }

    /// Where the value of `key:` would stand: behind the colon, which the parser reports as after.
    fn place_of_nothing(&self, at: u32) -> u32 {
        let rest = self.original.get(at as usize..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        match rest.as_bytes().get(blank) {
            Some(b':') => at + saturating_u32(blank + 1),
            _ => at,
        }
    }

    /// A place between characters: where a line break of several bytes was rewritten, the parser may give one in it.
    fn on_boundary(&self, at: usize) -> usize {
        if self.is_rewritten { self.original.floor_char_boundary(at) } else { at }
    }

    fn alias(&mut self, anchor: usize, start: u32, end: u32) {
        let broken = Raw { start, end, a: end, b: end, kind: Kind::Broken };
        let Some(&target) = self.anchors.get(&anchor) else {
            self.fault(start, end, "the alias stands inside the value that it names".to_owned());
            self.leaf(broken, None);
            return;
        };
        let size = self.sizes.get(target as usize).copied().unwrap_or(Size::LEAF);
        let Size { weight, height } = size;
        let too_many = self.pass.expanded.saturating_add(weight) > MAX_NODES;
        let too_deep = self.open.len() + usize::from(height) > MAX_DEPTH;
        if too_many || too_deep {
            if !self.overflown {
                self.overflown = true;
                let message = if too_many { message::TOO_MANY } else { message::TOO_DEEP };
                self.fault(start, end, message.to_owned());
            }
            self.leaf(broken, None);
            return;
        }
        self.pass.expanded += weight;
        self.add(Raw { start, end, a: target, b: 0, kind: Kind::Alias }, size);
    }

    fn leaf(&mut self, raw: Raw, tag: Option<(u32, u32)>) -> u32 {
        self.pass.expanded += 1;
        let node = self.add(raw, Size::LEAF);
        self.tagged(node, tag);
        node
    }

    fn add(&mut self, raw: Raw, size: Size) -> u32 {
        let node = saturating_u32(self.pass.arena.nodes.len());
        self.pass.arena.nodes.push(raw);
        if !self.has_no_anchors {
            self.sizes.push(size);
        }
        self.pending.push(node);
        node
    }

    fn tagged(&mut self, node: u32, tag: Option<(u32, u32)>) {
        if let Some(tag) = tag {
            self.pass.arena.tags.insert(node, tag);
        }
    }

    fn anchored(&mut self, anchor: usize, node: u32) {
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
    }

    fn start(&mut self, kind: Kind, anchor: usize, start: u32, tag: Option<(u32, u32)>) -> Result<(), TooDeep> {
        if self.open.len() >= MAX_DEPTH {
            return Err(TooDeep);
        }
        let node = self.leaf(Raw { start, end: start, a: 0, b: 0, kind }, tag);
        self.open.push(Open { node, anchor, first: self.pending.len() });
        Ok(())
    }

    /// Ends the innermost open collection; `end` is the parser's idea of where that is.
    fn end(&mut self, end: Option<u32>) {
        let Some(Open { node, anchor, first }) = self.open.pop() else { return };
        let first = first.min(self.pending.len());
        let Some(mut raw) = self.pass.arena.nodes.get(node as usize).copied() else { return };
        let last = self.pending.get(first..).and_then(<[u32]>::last);
        let last = last.map_or(raw.start, |&child| self.pass.arena.outer_end(child));
        raw.end = match end {
            Some(end) if raw.kind.is_flow() => end,
            _ => last.max(raw.start),
        };
        if raw.kind.is_mapping() && (self.pending.len() - first) % 2 == 1 {
            self.leaf(Raw { start: last, end: last, a: last, b: last, kind: Kind::Plain }, None);
        }
        let children = self.pending.get(first..).unwrap_or_default();
        (raw.a, raw.b) = (saturating_u32(self.pass.arena.children.len()), saturating_u32(children.len()));
        self.pass.arena.children.extend_from_slice(children);
        if !self.has_no_anchors {
            let sizes = children.iter().filter_map(|&child| self.sizes.get(child as usize));
            let weight = sizes.clone().fold(1, |sum: u64, child| sum.saturating_add(child.weight));
            let height = sizes.map(|child| child.height).max().map_or(1, |it| it + 1);
            if let Some(slot) = self.sizes.get_mut(node as usize) {
                *slot = Size { weight, height };
            }
        }
        self.pending.truncate(first);
        if raw.kind.is_mapping() {
            let arena = &self.pass.arena;
            let has_others = arena.items(raw).iter().step_by(2).any(|&key| arena.may_be_no_name(self.original, key));
            let merges = has_others && self.check_keys(raw);
            if merges || self.has_equal_keys(raw) {
                raw.kind = raw.kind.resolved();
            }
        }
        if let Some(slot) = self.pass.arena.nodes.get_mut(node as usize) {
            *slot = raw;
        }
        self.anchored(anchor, node);
    }

    /// Reports null keys, and merge keys with a value that is nothing to merge. Returns whether there are merge keys.
    fn check_keys(&mut self, mapping: Raw) -> bool {
        let (mut at, mut merges) = (0, false);
        while let Some(&[key, value]) = self.pass.arena.items(mapping).get(at..at + 2) {
            at += 2;
            let arena = &self.pass.arena;
            let place = |node: u32| arena.raw(node).map_or((0, 0), |raw| (raw.start, raw.end));
            let message = if arena.is_null(self.original, key) {
                message::NO_NULL_KEY
            } else if arena.is_merge_key(self.original, key) {
                merges = true;
                if arena.can_be_merged(value) {
                    continue;
                }
                message::MERGED
            } else {
                continue;
            };
            let (start, end) = place(key);
            // A key that is not there stands behind its colon.
            let start = if start == end { start.saturating_sub(1) } else { start };
            self.fault(start, end, message.to_owned());
        }
        merges
    }

    /// Whether a mapping has a key twice, so that its entries are not simply its children; merge keys are another reason.
    fn has_equal_keys(&self, mapping: Raw) -> bool {
        let arena = &self.pass.arena;
        let mut texts = arena.items(mapping).iter().step_by(2).filter_map(|&key| arena.text(self.original, key));
        let mut few = [""; 8];
        if mapping.b as usize <= 2 * few.len() {
            return (0..).zip(texts).any(|(count, key)| {
                let is_known = few.get(..count).unwrap_or_default().contains(&key);
                if let Some(place) = few.get_mut(count) {
                    *place = key;
                }
                is_known
            });
        }
        let mut seen = FxHashSet::default();
        !texts.all(|key| seen.insert(key))
    }

    /// Ends the document.
    fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.end(None);
        }
        if self.pending.last().is_some_and(|&root| is_blank_scalar(&self.pass.arena, root)) {
            // A document without a node: its scalar was added last.
            self.pending.pop();
            self.pass.arena.nodes.pop();
            self.sizes.pop();
            self.pass.expanded -= 1;
        }
        self.pass.roots.append(&mut self.pending);
        self.anchors.clear();
    }
}

impl Kind {
    fn scalar(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::Plain => Self::Plain,
            ScalarStyle::SingleQuoted => Self::SingleQuoted,
            ScalarStyle::DoubleQuoted => Self::DoubleQuoted,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
        }
    }

    fn sequence(flow: bool) -> Self {
        if flow { Self::FlowSequence } else { Self::Sequence }
    }

    fn mapping(flow: bool) -> Self {
        if flow { Self::FlowMapping } else { Self::Mapping }
    }
}

#[cfg(test)]
mod tests;
