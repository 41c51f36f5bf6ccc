//! Past broken lines: one line after another is blanked out until the rest parses, so that a half-typed line hides
//! nothing but itself. Blanks keep every offset.

use std::ops::Range;

use memchr::{memchr, memrchr};
use rustc_hash::FxHashSet;

use super::{
    lenient, message,
    stop::{Fault, Form, Stop},
};
use crate::source::saturating_u32;

/// How many lines are given up at most.
const MAX_LINES: usize = 24;

/// How many non-blank lines above the error may be the cause.
const LINES_ABOVE: usize = 3;

/// How many bytes may be parsed again, for each byte of the file, while looking for the broken lines; and how many
/// in any case.
const EFFORT_PER_BYTE: usize = 12;
const EFFORT: usize = 4 * 1024 * 1024;

/// As much of it is counted for each attempt at least.
const LEAST_EFFORT: usize = 4096;

/// Finds where the parser stops first.
pub(super) type Probe<'p> = &'p mut dyn FnMut(&str) -> Option<Stop>;

/// The text with its broken lines blanked out and what only this parser refuses rewritten, and the broken lines; none if
/// nothing is wrong.
pub(super) fn blank_broken_lines(original: &str, probe: Probe<'_>) -> Option<(String, Vec<Fault>)> {
    let stop = probe(original)?;
    let mut text = original.to_owned();
    let mut broken: Vec<Fault> = Vec::new();
    let mut effort = effort_for(original);
    let Some(mut stop) = accept(&mut text, stop, &mut effort, probe) else { return Some((text, broken)) };
    while broken.len() < MAX_LINES && !stop.is_limit {
        let Some((line, next)) = best_line(&mut text, &stop, &mut effort, probe) else { break };
        blank(&mut text, line.clone());
        broken.push(fault(original, line, &stop));
        match next.and_then(|next| accept(&mut text, next, &mut effort, probe)) {
            Some(next) => stop = next,
            None => return Some((text, broken)),
        }
    }
    // Whatever is still wrong cuts its document short, and says so itself.
    Some((text, broken))
}

fn effort_for(text: &str) -> usize {
    EFFORT.saturating_add(text.len().saturating_mul(EFFORT_PER_BYTE))
}

/// Rewrites the forms over which this parser alone stops; gives where it stops then.
fn accept(text: &mut String, mut stop: Stop, effort: &mut usize, probe: Probe<'_>) -> Option<Stop> {
    while let Some(left) = effort.checked_sub(stop.at + LEAST_EFFORT)
        && lenient::accept(text, &stop)
    {
        *effort = left;
        stop = probe(text)?;
    }
    // The parser went on, and only reads it differently.
    (!matches!(stop.form, Some(Form::Colons(_)))).then_some(stop)
}

/// Where the parser stops over something that other YAML readers refuse too.
pub(super) fn first_stop(text: &str, probe: Probe<'_>) -> Option<Stop> {
    let stop = probe(text)?;
    if stop.form.is_none() {
        return Some(stop);
    }
    accept(&mut text.to_owned(), stop, &mut effort_for(text), probe)
}

/// The line near `stop` without which the parser gets furthest, and where it stops then.
fn best_line(
    text: &mut String,
    stop: &Stop,
    effort: &mut usize,
    probe: Probe<'_>,
) -> Option<(Range<usize>, Option<Stop>)> {
    let mut best: Option<(usize, Range<usize>, Option<Stop>)> = None;
    for line in candidates(text, stop) {
        let Some(left) = effort.checked_sub(text.len().min(stop.at + LEAST_EFFORT)) else { break };
        *effort = left;
        let Some(saved) = text.get(line.clone()).map(str::to_owned) else { continue };
        blank(text, line.clone());
        let next = probe(text);
        let reach = next.as_ref().map_or(usize::MAX, |next| next.at);
        *effort = effort.saturating_sub(reach.min(text.len()).saturating_sub(stop.at));
        text.replace_range(line.clone(), &saved);
        if best.as_ref().is_none_or(|(furthest, ..)| reach > *furthest) {
            best = Some((reach, line, next));
        }
        if reach == usize::MAX {
            break;
        }
    }
    best.map(|(_, line, next)| (line, next))
}

/// The lines that may be at fault: the error's, some above it, that of the last thing understood.
fn candidates(text: &str, stop: &Stop) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut add = |line: Range<usize>| {
        let is_blank = text.get(line.clone()).unwrap_or_default().trim().is_empty();
        if !is_blank && !lines.contains(&line) {
            lines.push(line);
            return true;
        }
        false
    };
    let mut line = line_at(text, stop.at);
    // The parser notices a tab that indents on its line, or at the end of the text before, which is not at fault.
    let behind = text.get(line.end..).unwrap_or_default();
    let blank = behind.len() - behind.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let next = line_at(text, line.end + blank);
    let is_tabbed =
        |line: &Range<usize>| text.get(line.clone()).unwrap_or_default().trim_start_matches(' ').starts_with('\t');
    if let Some(tabbed) = [&line, &next].into_iter().find(|line| is_tabbed(line))
        && add(tabbed.clone())
        && stop.message == message::TAB
    {
        return lines;
    }
    add(line.clone());
    let mut above = 0;
    let mut looked_at = 0;
    while above < LINES_ABOVE && line.start > 0 && looked_at < 256 {
        line = line_at(text, line.start - 1);
        above += usize::from(add(line.clone()));
        looked_at += 1;
    }
    add(line_at(text, stop.after.saturating_sub(1)));
    lines
}

/// The line around `offset`, without its line feed.
fn line_at(text: &str, offset: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let offset = offset.min(bytes.len());
    let start = bytes.get(..offset).and_then(|before| memrchr(b'\n', before)).map_or(0, |at| at + 1);
    let end = bytes.get(offset..).and_then(|after| memchr(b'\n', after)).map_or(bytes.len(), |at| offset + at);
    start..end
}

fn blank(text: &mut String, line: Range<usize>) {
    let blanks = " ".repeat(line.len());
    if text.is_char_boundary(line.start) && text.is_char_boundary(line.end) {
        text.replace_range(line, &blanks);
    }
}

/// Leaves of the broken lines those that have a cause of their own: of those of one document that lack the same thing,
/// the first, and of lines in a row, the first.
pub(super) fn keep_causes(text: &str, faults: &mut Vec<Fault>) {
    if faults.len() < 2 {
        return;
    }
    faults.sort_by_key(|fault| (fault.start, fault.end));
    let mut seen = FxHashSet::default();
    let mut last_end = 0;
    faults.retain(|fault| {
        let between = text.get(last_end..fault.start as usize).unwrap_or_default();
        let begins_document = |line: &str| line.starts_with("---") && !line.starts_with("----");
        if between.split('\n').any(begins_document) {
            seen.clear();
        }
        let follows = !seen.is_empty() && between.trim().is_empty();
        last_end = fault.end as usize;
        seen.insert(fault.message.clone()) && !follows
    });
}

/// The error where the parser stops for good.
pub(super) fn fault_at(text: &str, stop: &Stop) -> Fault {
    fault(text, line_at(text, stop.at), stop)
}

/// The error on a line, without the line's indentation.
fn fault(text: &str, line: Range<usize>, stop: &Stop) -> Fault {
    let written = text.get(line.clone()).unwrap_or_default();
    let start = line.start + (written.len() - written.trim_start().len());
    let end = start + written.trim().len();
    Fault { start: saturating_u32(start), end: saturating_u32(end), message: message::on_line(&stop.message, written) }
}
