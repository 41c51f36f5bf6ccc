//! YAML (and so JSON) as a tree of nodes with exact spans, comments kept, errors recovered from.
//!
//! Everything that knows `granit-parser` is in this module.

mod arena;
mod build;
mod continued;
mod lenient;
mod message;
mod parts;
mod pieces;
mod recover;
mod scalar;
mod stop;
mod tabs;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod upstream;

use std::borrow::Cow;

use rustc_hash::FxHashMap;

pub use self::parts::Memory;
use self::{
    arena::{Arena, Kind, Raw, Style},
    build::Pass,
    stop::Fault,
};
use super::SyntaxError;
use crate::source::{Source, SourceId, Span, saturating_u32};

/// All documents of one file.
#[derive(Debug)]
pub struct Tree {
    /// Comments, from `#` to the end of the line, in order.
    pub comments: Vec<Span>,
    /// What a YAML reader would refuse. The tree holds the rest of the file nevertheless.
    pub errors: Vec<SyntaxError>,
    origin: Origin,
    text: Box<str>,
    arena: Arena,
    roots: Vec<u32>,
}

/// Whose rules type plain scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `sigs.k8s.io/yaml`: YAML 1.1 booleans.
    Kubernetes,
    /// go-yaml v4: `on` stays text.
    Compose,
}

/// What a scalar is for the program that reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'t> {
    /// `null`, `~`, nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// Any number; its value does not matter here, its text is [`Node::text`].
    Number,
    /// Text.
    Str(&'t str),
}

/// One node of a [`Tree`]. Aliases are followed: an alias is the node it names; only [`Node::written_at`] differs.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: u32,
}

/// How many errors of one file are reported; nobody reads more.
const MAX_ERRORS: usize = 100;

const BOM: &str = "\u{feff}";

/// Where a tree's text begins in its file: behind the byte order mark, which is not a part of the first document.
#[derive(Clone, Copy, Debug)]
struct Origin {
    source: SourceId,
    base: u32,
}

impl Origin {
    fn span(self, start: u32, end: u32) -> Span {
        Span { source: self.source, start: self.base + start, end: self.base + end }
    }
}

impl Tree {
    /// Parses a file. Never fails; see [`Tree::errors`].
    pub fn parse(source: &Source) -> Self {
        let (origin, text) = Self::text_of(source);
        let read = lenient::with_line_feeds(text);
        let mut pass = build::build(&read, text);
        let mut faults = Vec::new();
        if (pass.is_misread || pass.stops.iter().any(|stop| !stop.is_limit))
            && let Some((blanked, lines)) = recover::blank_broken_lines(&read, &mut build::probe)
        {
            pass = build::build(&blanked, text);
            faults = lines;
        }
        faults.extend(pass.stops.iter().take(MAX_ERRORS).map(|stop| recover::fault_at(&read, stop)));
        if !faults.is_empty()
            && text.trim_start().starts_with(['{', '['])
            && let Some(first) = recover::first_stop(&read, &mut build::probe).filter(|stop| !stop.is_limit)
        {
            // JSON, where one bracket or quote too few makes nonsense of all that follows: more would be guesses.
            faults = vec![recover::fault_at(&read, &first)];
        }
        Self::new(origin, text, pass, faults)
    }

    /// The same, faster: with what is remembered of the text that the file had before. That of this one is then.
    pub fn parse_again<D>(source: &Source, memory: &mut Memory<D>) -> Self {
        let (origin, text) = Self::text_of(source);
        match memory.parse(text) {
            Some((pass, faults)) => Self::new(origin, text, pass, faults),
            None => Self::parse(source),
        }
    }

    /// The text of a file without its byte order mark, and where it begins.
    fn text_of(source: &Source) -> (Origin, &str) {
        let base = if source.text.starts_with(BOM) { BOM.len() } else { 0 };
        let text = source.text.get(base..).unwrap_or_default();
        (Origin { source: source.id, base: saturating_u32(base) }, text)
    }

    fn new(origin: Origin, text: &str, mut pass: Pass, mut faults: Vec<Fault>) -> Self {
        faults.append(&mut pass.tabs);
        recover::keep_causes(text, &mut faults);
        faults.append(&mut pass.faults);
        faults.sort_by_key(|fault| (fault.start, fault.end));
        faults.truncate(MAX_ERRORS);
        let errors = faults
            .into_iter()
            .map(|Fault { start, end, message }| {
                let on_boundary = |at: u32| saturating_u32(text.floor_char_boundary(at as usize));
                message::error(origin.span(on_boundary(start), on_boundary(end)), message)
            })
            .collect();
        let comments = pass.comments.iter().map(|&(start, end)| origin.span(start, end)).collect();
        Self { comments, errors, origin, text: text.into(), arena: pass.arena, roots: pass.roots }
    }

    /// The root node of every document that has one.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|&id| Node { tree: self, id })
    }

    /// The scalars that are not keys, each once.
    pub fn values(&self) -> impl Iterator<Item = Node<'_>> {
        let ids = 0..saturating_u32(self.arena.nodes.len());
        ids.filter_map(|id| Some((id, self.arena.raw(id)?))).flat_map(|(id, raw)| {
            let children = if raw.kind == Kind::Alias { &[] } else { self.arena.children(id) };
            let (first, step) = if raw.kind.is_mapping() { (1, 2) } else { (0, 1) };
            let values = children.iter().skip(first).step_by(step).map(|&id| Node { tree: self, id });
            values.filter(|value| value.style().is_some() && !value.is_alias())
        })
    }

    /// Keys that stand twice in one mapping: go-yaml v3 and v4 (Compose) refuse them, `sigs.k8s.io/yaml` (kubectl)
    /// takes the last. Merge keys are left out: readers differ.
    pub fn duplicate_keys(&self) -> Vec<SyntaxError> {
        let mut errors = Vec::new();
        self.add_duplicates(&mut errors, |key| self.arena.text(&self.text, key).is_some_and(|text| text != "<<"));
        errors
    }

    /// What compose-go refuses of the keys: those that stand twice, `<<` too, and those that are not strings.
    pub fn keys_refused_by_compose(&self) -> Vec<SyntaxError> {
        let mut errors = Vec::new();
        self.add_duplicates(&mut errors, |_| true);
        let ids = 0..saturating_u32(self.arena.nodes.len());
        for id in ids.filter(|&id| self.arena.raw(id).is_some_and(|raw| raw.kind.is_mapping())) {
            for key in self.arena.children(id).iter().step_by(2).map(|&key| Node { tree: self, id: key }) {
                // A number, a boolean or a date.
                if key.printed().is_some() && errors.len() < MAX_ERRORS {
                    let text = key.text().unwrap_or_default();
                    let error = SyntaxError::new(key.written_at(), "a key must be a string");
                    errors.push(error.help(format!("write `\"{text}\"`")));
                }
            }
        }
        errors
    }

    fn add_duplicates(&self, errors: &mut Vec<SyntaxError>, is_meant: impl Fn(u32) -> bool) {
        let ids = 0..saturating_u32(self.arena.nodes.len());
        for id in ids.filter(|&id| self.arena.raw(id).is_some_and(|raw| raw.kind.is_resolved())) {
            let mut seen = FxHashMap::default();
            for pair in self.arena.children(id).chunks(2) {
                let Some(&key) = pair.first().filter(|&&key| is_meant(key)) else { continue };
                let Some(text) = self.arena.text(&self.text, key) else { continue };
                if seen.insert(text, key).is_some() && errors.len() < MAX_ERRORS {
                    let span = Node { tree: self, id: key }.written_at();
                    errors.push(SyntaxError::new(span, format!("`{text}` is set twice in this mapping")));
                }
            }
        }
    }
}

impl<'t> Node<'t> {
    fn with(self, id: u32) -> Self {
        Self { id, ..self }
    }

    fn raw(self) -> Option<Raw> {
        self.tree.arena.raw(self.tree.arena.followed(self.id))
    }

    fn kind(self) -> Option<Kind> {
        self.raw().map(|raw| raw.kind)
    }

    fn is_alias(self) -> bool {
        self.tree.arena.raw(self.id).is_some_and(|raw| raw.kind == Kind::Alias)
    }

    fn style(self) -> Option<Style> {
        self.kind().and_then(Kind::style)
    }

    fn value(self) -> Option<&'t str> {
        self.tree.arena.text(&self.tree.text, self.id)
    }

    /// The bytes of the node: of a scalar without its quotes; of a block scalar from its first character to its
    /// last; of a collection from its first to its last entry, brackets included; of a value that is not there, the
    /// place behind the colon; of an alias the anchored node's, since that is where it is fixed.
    pub fn span(self) -> Span {
        let (start, end) = self.raw().map_or((0, 0), |raw| (raw.start, raw.end));
        self.tree.origin.span(start, end)
    }

    /// As [`Node::span`], but of an alias the alias itself.
    pub fn written_at(self) -> Span {
        let (start, end) = self.tree.arena.raw(self.id).map_or((0, 0), |raw| (raw.start, raw.end));
        self.tree.origin.span(start, end)
    }

    /// The entries of a mapping in order of the file, merge keys (`<<`) resolved where they stand. Of a key that
    /// stands twice, the last one counts, as for most readers. Empty for other nodes.
    pub fn entries(self) -> impl Iterator<Item = (Node<'t>, Node<'t>)> {
        let resolved = self.kind().is_some_and(Kind::is_resolved);
        let direct = if resolved || !self.is_mapping() { &[][..] } else { self.tree.arena.children(self.id) };
        let merged = if resolved { self.resolved() } else { Vec::new() };
        direct
            .chunks_exact(2)
            .filter_map(|pair| pair.first().copied().zip(pair.last().copied()))
            .chain(merged)
            .map(move |(key, value)| (self.with(key), self.with(value)))
    }

    /// The pairs of a mapping with merge keys or with a key twice: own keys win over merged ones, of several merged
    /// mappings the first.
    fn resolved(self) -> Vec<(u32, u32)> {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        let mut places: FxHashMap<&str, (usize, Rank)> = FxHashMap::default();
        let mut put = |key: u32, value: u32, rank: Rank| {
            let place = pairs.len();
            let Some(text) = self.with(key).value() else {
                pairs.push((key, value));
                return;
            };
            match places.get_mut(text) {
                None => {
                    places.insert(text, (place, rank));
                    pairs.push((key, value));
                }
                Some((place, old)) if rank == Rank::Own => {
                    *old = Rank::Own;
                    if let Some(slot) = pairs.get_mut(*place) {
                        *slot = (key, value);
                    }
                }
                Some(_) => {}
            }
        };
        for pair in self.tree.arena.children(self.id).chunks_exact(2) {
            let (Some(&key), Some(&value)) = (pair.first(), pair.last()) else { continue };
            if !self.tree.arena.is_merge_key(&self.tree.text, key) {
                put(key, value, Rank::Own);
                continue;
            }
            let value = self.with(value);
            let from = if value.is_mapping() { vec![value] } else { value.items().collect() };
            for mapping in from {
                // Nested at most as deep as the tree: aliases can't form circles.
                for (key, value) in mapping.entries_boxed() {
                    put(key.id, value.id, Rank::Merged);
                }
            }
        }
        pairs
    }

    /// [`Node::entries`] under a name whose type does not contain itself.
    fn entries_boxed(self) -> Box<dyn Iterator<Item = (Node<'t>, Node<'t>)> + 't> {
        Box::new(self.entries())
    }

    /// The value under `key` in a mapping, merge keys resolved.
    pub fn get(self, key: &str) -> Option<Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The entry under `key`: key node and value node.
    pub fn entry(self, key: &str) -> Option<(Self, Self)> {
        let raw = self.raw()?;
        if raw.kind.is_resolved() {
            return self.entries().find(|(name, _)| name.value() == Some(key));
        }
        let Tree { arena, text, .. } = self.tree;
        let pairs = if raw.kind.is_mapping() { arena.items(raw) } else { &[] };
        let (pairs, _) = pairs.as_chunks();
        let [key, value] = pairs.iter().find(|[name, _]| arena.has_text(text, *name, key))?;
        Some((self.with(*key), self.with(*value)))
    }

    /// `get` over several keys.
    pub fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The items of a sequence. Empty for other nodes.
    pub fn items(self) -> impl Iterator<Item = Node<'t>> {
        let items = if self.is_sequence() { self.tree.arena.children(self.id) } else { &[] };
        items.iter().map(move |&id| self.with(id))
    }

    /// The value or the item of a collection that is written last, whatever a key before it makes of it.
    pub fn last(self) -> Option<Self> {
        self.tree.arena.children(self.id).last().map(|&id| self.with(id))
    }

    /// Whether it is a mapping.
    pub fn is_mapping(self) -> bool {
        self.kind().is_some_and(Kind::is_mapping)
    }

    /// Whether it is a sequence.
    pub fn is_sequence(self) -> bool {
        self.kind().is_some_and(Kind::is_sequence)
    }

    /// Whether it is a scalar, null included.
    pub fn is_scalar(self) -> bool {
        !self.is_mapping() && !self.is_sequence()
    }

    /// Whether it is null: written so, or not there.
    pub fn is_null(self) -> bool {
        // The length tells it from nearly all others.
        let may_be = self.value().is_none_or(|text| text.len() <= "null".len());
        may_be && self.scalar(Dialect::Compose) == Some(Scalar::Null)
    }

    /// The tag as written: `!reset`, `!!str`.
    pub fn tag(self) -> Option<&'t str> {
        let &(start, end) = self.tree.arena.tags.get(&self.tree.arena.followed(self.id))?;
        self.tree.text.get(start as usize..end as usize)
    }

    /// The text of a scalar, whatever its type (`20348` is `"20348"`); none for collections and for null.
    pub fn text(self) -> Option<&'t str> {
        if self.is_null() { None } else { self.value() }
    }

    /// A scalar as `dialect` types it; none for collections.
    pub fn scalar(self, dialect: Dialect) -> Option<Scalar<'t>> {
        if !self.is_scalar() {
            return None;
        }
        let Some(text) = self.value() else { return Some(Scalar::Null) };
        let is_text = self.is_quoted() || matches!(self.tag(), Some("!" | "!!str" | "!!binary"));
        Some(if is_text { Scalar::Str(text) } else { scalar::plain(text, dialect) })
    }

    /// What a Go program prints of it, where that is not the text as written: of numbers, booleans and dates without quotes.
    pub fn printed(self) -> Option<String> {
        let is_plain = !self.is_quoted() && self.tag().is_none();
        self.value().filter(|_| is_plain && self.is_scalar()).and_then(scalar::printed)
    }

    /// What a boolean field makes of it: there the old spellings (`on`, `yes`) count in every dialect, quoted or not.
    pub fn bool_field(self) -> Option<bool> {
        self.value().and_then(scalar::bool_field)
    }

    /// Whether the scalar is quoted or a block, so that it is text in every dialect.
    pub fn is_quoted(self) -> bool {
        self.style().is_some_and(|style| style != Style::Plain)
    }

    /// Whether it is a block scalar, `|` or `>`.
    pub fn is_block_scalar(self) -> bool {
        self.style() == Some(Style::Block)
    }

    /// Whether the scalar's value is what stands at [`Node::span`], byte for byte.
    pub fn is_as_written(self) -> bool {
        let written = self.raw().and_then(|raw| self.tree.text.get(raw.start as usize..raw.end as usize));
        written.is_some() && written == self.value()
    }

    /// The scalar's value in pieces, which together are [`Node::text`]. A piece whose span is as long as itself stands
    /// in the file byte for byte: one for plain and simply quoted scalars. Escapes and the folds between lines are
    /// pieces of their own, whose span is longer or shorter than they are.
    pub fn pieces(self) -> Vec<(Cow<'t, str>, Span)> {
        let (Some(raw), Some(value), Some(style)) = (self.raw(), self.text(), self.style()) else { return Vec::new() };
        let written = self.tree.text.get(raw.start as usize..raw.end as usize).unwrap_or_default();
        let span = |range: std::ops::Range<usize>| {
            self.tree.origin.span(raw.start + saturating_u32(range.start), raw.start + saturating_u32(range.end))
        };
        pieces::of(value, written, style).into_iter().map(|(value, range)| (value, span(range))).collect()
    }
}

/// Whether a scalar without quotes is text for every reader, not a number, a boolean or null.
pub fn is_text_when_plain(text: &str) -> bool {
    matches!(scalar::plain(text, Dialect::Kubernetes), Scalar::Str(_))
}

/// Whose key it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Own,
    Merged,
}

/// The first thing that a YAML reader would refuse, without building a tree or looking for what else is wrong.
pub fn first_error(source: &Source) -> Option<SyntaxError> {
    let (origin, text) = Tree::text_of(source);
    let text = &*lenient::with_line_feeds(text);
    let stop = recover::first_stop(text, &mut build::probe)?;
    let fault = recover::fault_at(text, &stop);
    Some(message::error(origin.span(fault.start, fault.end), fault.message))
}
