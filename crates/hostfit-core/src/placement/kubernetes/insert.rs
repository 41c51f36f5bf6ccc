//! Where a label can be written into a pod that lacks it, in the text as it stands.
//!
//! The answer is a place and the text that comes there; where the place is not certain there is none. Nothing is ever
//! printed anew.

use super::PodPlacement;
use crate::source::{Source, Sources, Span};

/// A mapping as it is written, and the key that it is the value of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MappingPlace {
    /// The key, without quotes.
    pub key: Span,
    /// From the first to the last entry, braces included.
    pub mapping: Span,
    /// Its first key, without quotes; none where it is empty.
    pub first: Option<Span>,
}

impl PodPlacement {
    /// Where `key: value` goes into the pod's nodeSelector, and the text to insert there: with the `nodeSelector` itself
    /// where there is none.
    pub fn insertion(&self, sources: &Sources, key: &str, value: &str) -> Option<(Span, String)> {
        let (place, is_selector) = match (self.selector_key, self.selector_place, self.spec_place) {
            (Some(_), Some(place), _) => (place, true),
            (None, _, Some(place)) => (place, false),
            _ => return None,
        };
        let source = sources.get(place.key.source)?;
        if source.slice(place.mapping).starts_with('{') {
            place.into_flow(source, key, value, is_selector)
        } else {
            place.into_block(source, key, value, is_selector)
        }
    }
}

impl MappingPlace {
    /// Behind the line of the key, before the line of the first entry and the comments above it.
    fn into_block(self, source: &Source, key: &str, value: &str, is_selector: bool) -> Option<(Span, String)> {
        let first = self.first?;
        let line = source.line_span(self.key.start);
        let behind_key = source.text.get(self.key.end as usize..line.end as usize)?;
        if first.start <= line.end || !only_opens_a_mapping(behind_key) {
            return None;
        }
        let first_line = source.line_span(first.start);
        let between = source.text.get(line.end as usize..first_line.start as usize)?;
        let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        let before = source.text.get(first_line.start as usize..first.start as usize)?;
        let indent = before.strip_suffix(['"', '\'']).unwrap_or(before);
        if !between.lines().all(is_blank) || !indent.bytes().all(|byte| byte == b' ') {
            return None;
        }
        let end = source.line_end(line.end);
        let text = if is_selector {
            format!("{end}{indent}{key}: {value}")
        } else {
            let column = source.text.get(line.start as usize..self.key.start as usize)?.chars().count();
            let step = indent.len().checked_sub(column).filter(|step| (1..=8).contains(step)).unwrap_or(2);
            format!("{end}{indent}nodeSelector:{end}{indent}{}{key}: {value}", " ".repeat(step))
        };
        Some((Span::at(source.id, line.end as usize), text))
    }

    /// Behind the opening brace, before the first key.
    fn into_flow(self, source: &Source, key: &str, value: &str, is_selector: bool) -> Option<(Span, String)> {
        let open = self.mapping.start as usize + 1;
        let quoted = |at: Span| source.text.get(..at.start as usize).is_some_and(|before| before.ends_with('"'));
        let is_json = quoted(self.first.unwrap_or(self.key));
        let label = if is_json { format!("\"{key}\": \"{value}\"") } else { format!("{key}: {value}") };
        let entry = match (is_selector, is_json) {
            (true, _) => label,
            (false, true) => format!("\"nodeSelector\": {{{label}}}"),
            (false, false) => format!("nodeSelector: {{{label}}}"),
        };
        let Some(first) = self.first else {
            let inner = source.text.get(open..(self.mapping.end as usize).checked_sub(1)?)?;
            return inner.trim().is_empty().then(|| (Span::at(source.id, open), entry));
        };
        let start = first.start as usize - usize::from(is_json);
        if !source.text.get(open..start)?.trim().is_empty() {
            return None;
        }
        let line = source.line_span(first.start);
        let indent = source.text.get(line.start as usize..start)?;
        let text = if indent.trim().is_empty() {
            format!("{entry},{}{indent}", source.line_end(line.start))
        } else {
            format!("{entry}, ")
        };
        Some((Span::at(source.id, start), text))
    }
}

/// Whether a line goes on after a key with the colon and a comment at most. An anchor would make what is inserted part
/// of other places too.
fn only_opens_a_mapping(rest: &str) -> bool {
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let Some(rest) = rest.trim_start_matches(' ').strip_prefix(':') else { return false };
    rest.trim().is_empty() || rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#')
}
