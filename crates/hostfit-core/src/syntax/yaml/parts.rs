//! A text of several documents, of which only those are parsed again that changed since it was parsed last. What comes
//! out is what parsing the whole gives, node for node; where that is not certain, the whole is parsed.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::{
    arena::{Kind, Raw, Style},
    build::{self, MAX_NODES, Pass, probe},
    lenient, recover,
    stop::{Fault, Stop},
};
use crate::source::saturating_u32;

/// What was parsed of a text, to be given along when it is parsed again.
#[derive(Debug, Default)]
pub struct Memory {
    /// By text, what came of parts without errors, and in which round they were met last.
    known: FxHashMap<Box<str>, (Pass, u32)>,
    round: u32,
}

impl Memory {
    /// What parsing `text` gives, and the lines of it that had to be left out; none where the whole has to be parsed.
    pub(super) fn parse(&mut self, text: &str) -> Option<(Pass, Vec<Fault>)> {
        parts(text).filter(|parts| parts.len() > 1)?;
        self.round = self.round.wrapping_add(1);
        let result = self.parse_parts(text);
        let round = self.round;
        self.known.retain(|_, (_, met)| *met == round);
        result
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
            if !self.knows(part) {
                // What is open at its end may go on in the next one: the rest of the text decides.
                let stop = probe(text.get(start..)?);
                return stop.map(|stop| Stop { at: start + stop.at, after: start + stop.after, ..stop });
            }
            start += part.len();
        }
        None
    }

    /// Whether a part has no errors, and can't go on behind its end; it is parsed where that is not known.
    fn knows(&mut self, part: &str) -> bool {
        let round = self.round;
        if let Some((_, met)) = self.known.get_mut(part) {
            *met = round;
            return true;
        }
        let pass = build::build(part, part);
        let is_whole = pass.is_whole();
        if is_whole {
            self.known.insert(part.into(), (pass, round));
        }
        is_whole
    }

    /// [`build::build`] of the parts, joined.
    fn build(&mut self, text: &str, original: &str) -> Option<Pass> {
        let mut whole = Pass::default();
        let mut start = 0;
        for part in parts(text)? {
            let end = start + part.len();
            let written = original.get(start..end)?;
            if written == part {
                if !self.knows(part) {
                    return None;
                }
                whole.append(&self.known.get(part)?.0, saturating_u32(start));
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
    let mut parts = Vec::new();
    let mut start = 0;
    let line_starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1));
    for at in line_starts {
        let line = bytes.get(at..).unwrap_or_default();
        if line.starts_with(b"%") || line.starts_with(b"...") {
            return None;
        }
        let is_mark = line.starts_with(b"---") && matches!(line.get(3), None | Some(b' ' | b'\t' | b'\r' | b'\n'));
        if is_mark && at > start {
            parts.push(text.get(start..at)?);
            start = at;
        }
    }
    let lone = memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'));
    parts.push(text.get(start..)?);
    (!lone).then_some(parts)
}
