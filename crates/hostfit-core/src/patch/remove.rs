//! What has to be deleted to take out an entry of a mapping, or items of a list.

use crate::source::{Source, Sources, Span};

/// An entry of a mapping as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key, without quotes.
    pub key: Span,
    /// The value, without quotes; of null, its place.
    pub value: Span,
    /// The value of the entry before.
    pub before: Option<Span>,
    /// The key of the entry behind.
    pub after: Option<Span>,
    /// The whole mapping.
    pub mapping: Span,
}

impl Entry {
    /// The bytes to delete. What is left of the mapping is as valid as before, if more than this entry is in it.
    pub fn removal(&self, sources: &Sources) -> Option<Span> {
        let source = sources.get(self.key.source)?;
        let (start, end) = (unquoted_start(source, self.key), quoted_end(source, self.value));
        let removed = if source.slice(self.mapping).starts_with('{') {
            self.out_of_flow(source, start, end)
        } else {
            self.out_of_block(source, start, end)
        };
        // An alias elsewhere would lose its anchor.
        removed.filter(|span| !source.slice(*span).contains('&'))
    }

    fn out_of_block(&self, source: &Source, start: usize, end: usize) -> Option<Span> {
        let line = source.line_span(at(start));
        let last = line_after(source, end)?;
        if source.text.get(line.start as usize..start)?.bytes().all(|byte| byte == b' ') {
            let lines = whole_lines(source, line.start as usize, last);
            // Of two neighbours one goes first, so that the other is known to be the last one left.
            return Some(if self.before.is_some() { with_line_end_before(source, lines) } else { lines });
        }
        // Behind the hyphen of a list the next entry takes its place.
        let next = unquoted_start(source, self.after?);
        let next_line = source.line_span(at(next));
        let indent = source.text.get(next_line.start as usize..next)?;
        let between = source.text.get(last..next_line.start as usize)?;
        let is_below = indent.bytes().all(|byte| byte == b' ') && indent.len() == start - line.start as usize;
        (is_below && between.trim().is_empty()).then(|| Span::new(source.id, start..next))
    }

    fn out_of_flow(&self, source: &Source, start: usize, end: usize) -> Option<Span> {
        let is_comma = |range: std::ops::Range<usize>| source.text.get(range).is_some_and(|text| text.trim() == ",");
        if let Some(after) = self.after {
            let next = unquoted_start(source, after);
            return is_comma(end..next).then(|| Span::new(source.id, start..next));
        }
        let Some(before) = self.before else { return Some(Span::new(source.id, start..end)) };
        let before = quoted_end(source, before);
        is_comma(before..start).then(|| Span::new(source.id, before..end))
    }
}

/// The bytes to delete, so that of the scalars `items` of a list those are left of which `is_kept` says so.
pub fn items_removal(sources: &Sources, items: &[Span], is_kept: impl Fn(usize) -> bool) -> Option<Vec<Span>> {
    let source = sources.get(items.first()?.source)?;
    let places: Vec<_> = items.iter().map(|item| (unquoted_start(source, *item), quoted_end(source, *item))).collect();
    let mut removed = Vec::new();
    let mut last_kept: Option<usize> = None;
    // Where the run of items to remove that is open began.
    let mut run: Option<usize> = None;
    for (number, &(start, end)) in places.iter().enumerate() {
        let line = source.line_span(at(start));
        if source.text.get(line.start as usize..start)?.trim_matches(' ') == "-" {
            if !is_kept(number) {
                removed.push(whole_lines(source, line.start as usize, line_after(source, end)?));
            }
            continue;
        }
        if let Some(before) = number.checked_sub(1).and_then(|before| places.get(before))
            && source.text.get(before.1..start)?.trim() != ","
        {
            return None;
        }
        match (is_kept(number), last_kept) {
            (true, _) => {
                if let (Some(from), None) = (run.take(), last_kept) {
                    removed.push(Span::new(source.id, from..start));
                }
                last_kept = Some(end);
            }
            (false, Some(kept)) => {
                removed.pop_if(|last| last.start == at(kept));
                removed.push(Span::new(source.id, kept..end));
            }
            (false, None) => run = run.or(Some(start)),
        }
    }
    // Nothing would be left.
    (run.is_none() && !removed.is_empty()).then_some(removed)
}

fn at(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// Where a scalar starts with its quotes.
fn unquoted_start(source: &Source, span: Span) -> usize {
    let start = span.start as usize;
    start - usize::from(quote(source, span).is_some())
}

/// Where a scalar ends with its quotes.
fn quoted_end(source: &Source, span: Span) -> usize {
    span.end as usize + usize::from(quote(source, span).is_some())
}

fn quote(source: &Source, span: Span) -> Option<char> {
    let before = source.text.get(..span.start as usize)?.chars().next_back()?;
    let behind = source.text.get(span.end as usize..)?.chars().next()?;
    (before == behind && matches!(before, '"' | '\'')).then_some(before)
}

/// Where the line behind the one of `end` starts, if nothing but a comment follows there.
fn line_after(source: &Source, end: usize) -> Option<usize> {
    let line = source.line_span(at(end));
    // Of a collection the last entry may have quotes.
    let rest = source.text.get(end..line.end as usize)?;
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let is_comment = rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#');
    if !rest.trim().is_empty() && !is_comment {
        return None;
    }
    let behind = source.text.get(line.end as usize..)?;
    let end_of_line = behind.find('\n').map_or(behind.len(), |at| at + 1);
    Some(line.end as usize + end_of_line)
}

/// Lines with their ends; at the end of a file that does not end with one, with the one before instead.
fn whole_lines(source: &Source, start: usize, end: usize) -> Span {
    let text = source.text.get(start..end).unwrap_or_default();
    let before = source.text.get(..start).unwrap_or_default();
    let start = if text.ends_with('\n') { start } else { before.trim_end_matches(['\r', '\n']).len() };
    Span::new(source.id, start..end)
}

/// The same lines with the line end before the first in place of that of the last.
fn with_line_end_before(source: &Source, lines: Span) -> Span {
    let length =
        |text: &str| text.len() - text.strip_suffix('\n').map_or(text, |it| it.strip_suffix('\r').unwrap_or(it)).len();
    let before = length(source.text.get(..lines.start as usize).unwrap_or_default());
    let own = length(source.slice(lines));
    Span::new(source.id, lines.start as usize - before..lines.end as usize - own)
}
