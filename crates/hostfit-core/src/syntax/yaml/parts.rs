//! A text of several documents, of which only those are parsed again that changed since it was parsed last. What comes
//! out is what parsing the whole gives, node for node; where that is not certain, the whole is parsed.

use std::borrow::Cow;

use memchr::memmem;
use rustc_hash::FxHashMap;

use super::{
    Origin, Tree,
    arena::{Kind, Raw, Style},
    build::{self, MAX_NODES, Pass, probe},
    lenient, recover,
    stop::{Fault, Stop},
};
use crate::source::{Source, saturating_u32};

/// What was parsed of a text, to be given along when it is parsed again; with it what its reader remembers of each document.
#[derive(Debug)]
pub struct Memory<D> {
    /// By text, what came of parts without errors.
    known: FxHashMap<Box<str>, Known<D>>,
    round: u32,
}

/// What is known of a part.
#[derive(Debug)]
struct Known<D> {
    pass: Pass,
    /// In which round it was met last.
    met: u32,
    /// What its reader remembers of it.
    more: Option<D>,
}

impl<D> Default for Memory<D> {
    fn default() -> Self {
        Self { known: FxHashMap::default(), round: 0 }
    }
}

impl<D> Memory<D> {
    /// Goes over the documents of a file: `with` is given where each begins, its text, what is remembered of it, and its
    /// tree, which only those that are new need. False where that is not all that there is to read: there is one alone,
    /// or one has errors.
    pub fn each_document(
        &mut self,
        source: &Source,
        mut with: impl FnMut(u32, &str, &mut Option<D>, &dyn Fn() -> Tree),
    ) -> bool {
        let (origin, text) = Tree::text_of(source);
        let Some(parts) = parts(text).filter(|parts| parts.len() > 1) else { return false };
        self.round = self.round.wrapping_add(1);
        let mut start = 0;
        let mut expanded: u64 = 0;
        for part in parts {
            let Some(known) = self.known(part) else { return false };
            let Known { pass, more, .. } = known;
            expanded = expanded.saturating_add(pass.expanded);
            let at = origin.base + saturating_u32(start);
            with(at, part, more, &|| {
                let mut whole = Pass::default();
                whole.append(pass, 0);
                Tree::new(Origin { base: at, ..origin }, part, whole, Vec::new())
            });
            start += part.len();
        }
        self.forget_others();
        expanded <= MAX_NODES
    }

    /// What parsing `text` gives, and the lines of it that had to be left out; none where the whole has to be parsed.
    pub(super) fn parse(&mut self, text: &str) -> Option<(Pass, Vec<Fault>)> {
        let parts = parts(text).filter(|parts| parts.len() > 1)?;
        self.round = self.round.wrapping_add(1);
        let result = match self.join(&parts) {
            Some(pass) => Some((pass, Vec::new())),
            None => self.parse_parts(text),
        };
        self.forget_others();
        result
    }

    /// Forgets the parts that were not met in this round.
    fn forget_others(&mut self) {
        let round = self.round;
        self.known.retain(|_, known| known.met == round);
    }

    /// What is known of a part; it is parsed where that is nothing. None where it has errors, or can go on behind its end.
    fn known(&mut self, part: &str) -> Option<&mut Known<D>> {
        if !self.known.contains_key(part) {
            let pass = build::build(part, part);
            if !pass.is_whole() {
                return None;
            }
            self.known.insert(part.into(), Known { pass, met: 0, more: None });
        }
        let known = self.known.get_mut(part)?;
        known.met = self.round;
        Some(known)
    }

    /// [`build::build`] of parts without errors, joined. None where one of them has some.
    fn join(&mut self, parts: &[&str]) -> Option<Pass> {
        let mut whole = Pass::default();
        let mut start = 0;
        for part in parts {
            whole.append(&self.known(part)?.pass, saturating_u32(start));
            start += part.len();
        }
        (whole.expanded <= MAX_NODES).then_some(whole)
    }

    fn parse_parts(&mut self, text: &str) -> Option<(Pass, Vec<Fault>)> {
        let Some(stop) = self.probe(text) else { return Some((self.build(text, text)?, Vec::new())) };
        if stop.is_limit {
            return None;
        }
        let (blanked, lines) = recover::blank_broken_lines(text, &mut |text| self.probe(text))?;
        Some((self.build(&blanked, text)?, lines))
    }

    /// [`probe`], which passes over what is known to be without errors.
    fn probe(&mut self, text: &str) -> Option<Stop> {
        let Some(parts) = parts(text) else { return probe(text) };
        let mut start = 0;
        for part in parts {
            if self.known(part).is_none() {
                // What is open at its end may go on in the next one: the rest of the text decides.
                let stop = probe(text.get(start..)?);
                return stop.map(|stop| Stop { at: start + stop.at, after: start + stop.after, ..stop });
            }
            start += part.len();
        }
        None
    }

    /// [`build::build`] of the parts, joined.
    fn build(&mut self, text: &str, original: &str) -> Option<Pass> {
        let mut whole = Pass::default();
        let mut start = 0;
        for part in parts(text)? {
            let end = start + part.len();
            let written = original.get(start..end)?;
            if written == part {
                whole.append(&self.known(part)?.pass, saturating_u32(start));
            } else {
                let pass = build::build(part, written);
                if !pass.is_whole() {
                    return None;
                }
                whole.append(&pass, saturating_u32(start));
            }
            start = end;
        }
        (whole.expanded <= MAX_NODES).then_some(whole)
    }
}

impl Pass {
    /// Whether nothing in the part is wrong or depends on what follows: a scalar without a mapping around it may go on, and
    /// a block without text is said to stand where the next thing does.
    fn is_whole(&self) -> bool {
        let nodes = &self.arena.nodes;
        let is_collection =
            |root: &u32| nodes.get(*root as usize).is_some_and(|raw| raw.kind.is_mapping() || raw.kind.is_sequence());
        let is_empty_block = |raw: &Raw| raw.kind.style() == Some(Style::Block) && raw.a == raw.b;
        self.stops.is_empty()
            && self.faults.is_empty()
            && self.tabs.is_empty()
            && !self.is_misread
            && self.roots.iter().all(is_collection)
            && !nodes.iter().any(is_empty_block)
    }

    /// Puts what was built of a part behind what was built of those before it, which end at `by`.
    fn append(&mut self, part: &Self, by: u32) {
        let arena = &mut self.arena;
        let (nodes, children, owned) = (
            saturating_u32(arena.nodes.len()),
            saturating_u32(arena.children.len()),
            saturating_u32(arena.owned.len()),
        );
        let moved = |raw: &Raw| {
            let shift = match raw.kind {
                Kind::Alias => return Raw { start: raw.start + by, end: raw.end + by, a: raw.a + nodes, ..*raw },
                kind if kind.is_mapping() || kind.is_sequence() => {
                    return Raw { start: raw.start + by, end: raw.end + by, a: raw.a + children, ..*raw };
                }
                kind if kind.is_owned() => owned,
                _ => by,
            };
            Raw { start: raw.start + by, end: raw.end + by, a: raw.a + shift, b: raw.b + shift, kind: raw.kind }
        };
        arena.nodes.extend(part.arena.nodes.iter().map(moved));
        arena.children.extend(part.arena.children.iter().map(|child| child + nodes));
        arena.owned.push_str(&part.arena.owned);
        arena.tags.extend(part.arena.tags.iter().map(|(node, at)| (node + nodes, (at.0 + by, at.1 + by))));
        self.roots.extend(part.roots.iter().map(|root| root + nodes));
        self.comments.extend(part.comments.iter().map(|at| (at.0 + by, at.1 + by)));
        self.expanded = self.expanded.saturating_add(part.expanded);
    }
}

/// The text, cut before each line that begins a document. None where that is not all that decides where one begins.
fn parts(text: &str) -> Option<Vec<&str>> {
    let bytes = text.as_bytes();
    // Of JSON only the first error is reported, and line breaks are rewritten in the whole text.
    if text.trim_start().starts_with(['{', '[']) || matches!(lenient::with_line_feeds(text), Cow::Owned(_)) {
        return None;
    }
    let begins = |line: &str| text.starts_with(line) || memmem::find(bytes, format!("\n{line}").as_bytes()).is_some();
    if begins("%") || begins("...") {
        return None;
    }
    if memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n')) {
        return None;
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for at in memmem::find_iter(bytes, b"\n---").map(|at| at + 1) {
        if matches!(bytes.get(at + 3), None | Some(b' ' | b'\t' | b'\r' | b'\n')) {
            parts.push(text.get(start..at)?);
            start = at;
        }
    }
    parts.push(text.get(start..)?);
    Some(parts)
}
