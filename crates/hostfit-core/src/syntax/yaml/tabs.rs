//! Tabs where a token may begin: libyaml's scanner and its ports to Go refuse them, also on a line that is blank or has
//! only a comment. This parser refuses some of them.

use memchr::memchr;

use super::{
    arena::{Arena, Raw, Style},
    message,
    stop::Fault,
};
use crate::source::saturating_u32;

/// The bytes of a node.
struct Place {
    node: u32,
    start: usize,
    end: usize,
}

/// Where the nodes stand, in order.
struct Places {
    /// Scalars, aliases and collections in brackets, outermost ones only: in most of them a tab is right.
    outer: Vec<Place>,
    /// Scalars without quotes, those between brackets too.
    plain: Vec<Place>,
    /// The collection of each node; its own number where it has none.
    parents: Vec<u32>,
}

/// The first line of each document that begins with such a tab. `original` is what was written; a line that `text` has
/// blanks in place of is wrong.
pub(super) fn refused(original: &str, text: &str, arena: &Arena) -> Vec<Fault> {
    let mut faults = Vec::new();
    if memchr(b'\t', original.as_bytes()).is_none() || original.trim_start().starts_with(['{', '[']) {
        return faults;
    }
    let mut places = None;
    let mut start = 0;
    let mut written_until = 0;
    let mut is_known = false;
    for line in original.split_inclusive('\n') {
        is_known &= !line.starts_with("---");
        if !is_known
            && let Some(tab) = leading_tab(line)
            && (is_blanked(line, text.get(start..start + line.len()).unwrap_or_default())
                || places.get_or_insert_with(|| Places::of(arena)).is_refused(
                    original,
                    arena,
                    written_until,
                    start,
                    tab,
                ))
        {
            is_known = true;
            let blank = line.len() - line.trim_start().len();
            let shown = if blank < line.trim_end_matches(['\r', '\n']).len() {
                blank..line.trim_end().len()
            } else {
                tab..tab + 1
            };
            faults.push(Fault {
                start: saturating_u32(start + shown.start),
                end: saturating_u32(start + shown.end),
                message: message::TAB.to_owned(),
            });
        }
        let written = line.trim_end().len();
        if written > 0 {
            written_until = start + written;
        }
        start += line.len();
    }
    faults
}

/// The first tab before the text of a line, `- ` counted as indentation.
fn leading_tab(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\t' => return Some(at),
            b' ' => {}
            b'-' | b'?' | b':' if matches!(bytes.get(at + 1), Some(b' ' | b'\t')) => {}
            _ => return None,
        }
    }
    None
}

fn is_blanked(original: &str, text: &str) -> bool {
    text.trim().is_empty() && !original.trim().is_empty()
}

impl Places {
    fn of(arena: &Arena) -> Self {
        let (mut outer, mut plain, mut parents) = (Vec::new(), Vec::new(), Vec::with_capacity(arena.nodes.len()));
        for (node, raw) in (0..).zip(&arena.nodes) {
            parents.push(node);
            let (start, end) = (raw.start as usize, raw.end as usize);
            let (start, end) = match raw.kind.style() {
                Some(Style::SingleQuoted | Style::DoubleQuoted) => (start.saturating_sub(1), end + 1),
                _ => (start, end),
            };
            if start < end && !is_block_collection(*raw) {
                outer.push(Place { node, start, end });
            }
            if start < end && raw.kind.style() == Some(Style::Plain) {
                plain.push(Place { node, start, end });
            }
        }
        outer.sort_by_key(|place| place.start);
        plain.sort_by_key(|place| place.start);
        let mut reached = 0;
        outer.retain(|place| {
            let is_outer = place.start >= reached;
            reached = reached.max(place.end);
            is_outer
        });
        let is_alias = |id: u32| arena.followed(id) != id;
        for id in (0..saturating_u32(parents.len())).filter(|id| !is_alias(*id)) {
            for &child in arena.children(id) {
                if let Some(parent) = parents.get_mut(child as usize) {
                    *parent = id;
                }
            }
        }
        Self { outer, plain, parents }
    }

    /// Whether the tab in this column of the line is refused; `written_until` is where the text above ends.
    fn is_refused(&self, text: &str, arena: &Arena, written_until: usize, line: usize, column: usize) -> bool {
        let tab = line + column;
        let Some(outer) = last_until(&self.outer, tab) else { return true };
        let Some(raw) = arena.raw(outer.node) else { return true };
        let is_blank = text.get(line..tab).is_some_and(|dashes| dashes.trim().is_empty());
        let is_next_to = |place: &Place| tab < place.end || is_blank && written_until <= place.end;
        match raw.kind.style() {
            _ if !is_next_to(outer) => true,
            Some(Style::Plain) => self.is_shallow(text, arena, outer.node, column),
            Some(Style::Block) if tab >= outer.end => stands_at(text, raw.start as usize, column + 1),
            // Where nothing else says how deep the lines of a block stand, its first one does.
            Some(Style::Block) => tab == outer.start && !has_indentation(text.get(..tab).unwrap_or_default()),
            _ if tab >= outer.end => true,
            Some(_) => false,
            None => last_until(&self.plain, tab)
                .is_some_and(|plain| is_next_to(plain) && self.is_shallow(text, arena, plain.node, column)),
        }
    }

    /// Whether a line with a tab in this column stands no deeper than the keys above. Behind a value without quotes the
    /// scanner looks for more of it on the lines below, and wants them deeper.
    fn is_shallow(&self, text: &str, arena: &Arena, node: u32, column: usize) -> bool {
        let mut node = node;
        while let Some(&parent) = self.parents.get(node as usize).filter(|parent| **parent != node) {
            match arena.raw(parent) {
                Some(raw) if is_block_collection(raw) => return stands_at(text, start_of_block(text, raw), column),
                _ => node = parent,
            }
        }
        false
    }
}

fn is_block_collection(raw: Raw) -> bool {
    (raw.kind.is_mapping() || raw.kind.is_sequence()) && !raw.kind.is_flow()
}

/// The last of the places that begins at `offset` or before.
fn last_until(places: &[Place], offset: usize) -> Option<&Place> {
    let before = places.partition_point(|place| place.start <= offset);
    before.checked_sub(1).and_then(|at| places.get(at))
}

/// Where a collection begins: of a list in line with its key the parser gives the place behind the first dash.
fn start_of_block(text: &str, raw: Raw) -> usize {
    let start = raw.start as usize;
    let before = text.get(..start).unwrap_or_default();
    let is_at_dash = !raw.kind.is_sequence() || text.as_bytes().get(start) == Some(&b'-');
    if is_at_dash { start } else { before.rfind('-').unwrap_or(start) }
}

/// Whether what begins at `start` stands in this column or further right.
fn stands_at(text: &str, start: usize, column: usize) -> bool {
    let before = start.checked_sub(column).and_then(|from| text.as_bytes().get(from..start));
    before.is_some_and(|before| memchr(b'\n', before).is_none())
}

/// Whether the header of a block scalar, with which the text ends, says how deep its lines stand.
fn has_indentation(text: &str) -> bool {
    let header = text.trim_end().rsplit([' ', '\n']).next().unwrap_or_default();
    header.bytes().any(|byte| byte.is_ascii_digit())
}
