//! Source lines for a page: the bytes that say something, and a line on either side.

use std::borrow::Cow;

use hostfit_core::{
    printable,
    source::{Source, Sources, Span},
};
use serde::Serialize;

use crate::report::json;

/// Lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Excerpt {
    path: String,
    /// The line where it stands.
    line: u32,
    /// The number of the first line that is shown.
    first: u32,
    lines: Vec<Line>,
}

/// A line, or the three parts of one in which something is marked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
enum Line {
    Plain(String),
    Marked([String; 3]),
}

/// More lines than this are cut.
const MOST_MARKED: usize = 4;
/// More bytes of one line than this are not shown on either side of what is marked.
const LONGEST: usize = 160;

impl Excerpt {
    /// None for what no file states.
    pub(super) fn of(span: Span, sources: &Sources) -> Option<Self> {
        let span = sources.written(span);
        let source = sources.get(span.source)?;
        let at = source.position(span.start);
        let mut lines = Vec::new();
        let mut line = source.line_span(span.start);
        let above = line.start.checked_sub(1).map(|end| source.line_span(end));
        if let Some(above) = above {
            lines.push(Line::Plain(text(source, above)));
        }
        let mut marked = 0;
        loop {
            if marked == MOST_MARKED {
                break;
            }
            lines.push(mark(source, line, span));
            marked += 1;
            let Some(below) = below(source, line) else { break };
            line = below;
            if line.start >= span.end {
                lines.push(Line::Plain(text(source, line)));
                break;
            }
        }
        let path = printable::line(json::path(span, sources)).into_owned();
        Some(Self { path, line: at.line, first: at.line - u32::from(above.is_some()), lines })
    }
}

fn below(source: &Source, line: Span) -> Option<Span> {
    let rest = source.text.get(line.end as usize..)?;
    let next = line.end + u32::try_from(rest.find('\n')?).ok()? + 1;
    (next as usize <= source.text.len().saturating_sub(1)).then(|| source.line_span(next))
}

fn mark(source: &Source, line: Span, span: Span) -> Line {
    let start = span.start.clamp(line.start, line.end);
    let end = span.end.clamp(start, line.end);
    let part = |start, end| Span { start, end, ..line };
    let marked = printable::lines(&cut_end(source.slice(part(start, end)))).into_owned();
    if marked.trim().is_empty() {
        return Line::Plain(text(source, line));
    }
    let before = source.slice(part(line.start, start));
    let before = printable::lines(before.trim_start_matches('\u{feff}')).into_owned();
    Line::Marked([
        cut_start(&before),
        marked,
        printable::lines(&cut_end(source.slice(part(end, line.end)))).into_owned(),
    ])
}

fn text(source: &Source, line: Span) -> String {
    printable::lines(&cut_end(source.slice(line).trim_start_matches('\u{feff}'))).into_owned()
}

fn cut_end(text: &str) -> Cow<'_, str> {
    match text.get(..text.floor_char_boundary(LONGEST)) {
        Some(start) if start.len() < text.len() => format!("{start}…").into(),
        _ => text.into(),
    }
}

/// Of a long line only the part before what is marked.
fn cut_start(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let from = text.ceil_char_boundary(text.len() - LONGEST);
    format!("…{}", text.get(from..).unwrap_or_default())
}
