//! What is added to a built manifest, added to the files that it was built from: kustomize writes every object itself, so that
//! lines of the result are not lines of a file, but the keys and scalars in them are bytes of files.

use crate::{
    finding::Edit,
    front::charts,
    source::{Source, Sources, Span, rendered::Rendered},
};

/// The same addition in the file that has what it is added to.
pub(super) fn moved(edit: &Edit, source: &Source, rendered: &Rendered, sources: &Sources) -> Option<Edit> {
    match edit.text.strip_prefix('\n') {
        Some(lines) => below(edit, lines, source, rendered, sources),
        None => behind(edit, source, rendered, sources),
    }
}

/// Text behind a scalar.
fn behind(edit: &Edit, source: &Source, rendered: &Rendered, sources: &Sources) -> Option<Edit> {
    let end = edit.span.start;
    let start = source.text.get(..end as usize)?.rfind([' ', '"', '\'', '\n'])? + 1;
    let scalar = rendered.literal(u32::try_from(start).ok()?..end)?;
    let into = sources.get(scalar.source).filter(|into| super::is_editable(&into.path))?;
    let is_plain = !edit.text.contains(['"', '\'', '\n', '{', '}', '#', ' ']);
    let is_same = into.slice(scalar) == source.text.get(start..end as usize)?;
    let span = Span { start: scalar.end, ..scalar };
    (is_plain && is_same && !charts::is_name_alone(into, scalar)).then(|| Edit { span, text: edit.text.clone() })
}

/// Lines below the line of a key: as entries of its value, or beside it where its value stands on the same line.
fn below(edit: &Edit, lines: &str, source: &Source, rendered: &Rendered, sources: &Sources) -> Option<Edit> {
    let line = source.line_span(edit.span.start);
    let text = source.slice(line);
    let dashes = text.len() - text.trim_start_matches([' ', '-']).len();
    let (name, value) = text.get(dashes..)?.split_once(':')?;
    let start = line.start + u32::try_from(dashes).ok()?;
    let key = rendered.literal(start..start + u32::try_from(name.len()).ok()?)?;
    let into = sources.get(key.source).filter(|into| super::is_editable(&into.path))?;
    let own = into.line_span(key.start);
    let before = into.text.get(own.start as usize..key.start as usize)?.trim_end_matches(['"', '\'']);
    if into.slice(key) != name || before.contains(|it: char| it != ' ' && it != '-') {
        return None;
    }
    let rest = into.text.get(key.end as usize..own.end as usize)?;
    let rest = rest.trim_start_matches(['"', '\'']).strip_prefix(':')?.trim();
    let is_open = rest.is_empty() || rest.starts_with('#');
    let indent = lines.len() - lines.trim_start_matches(' ').len();
    let column = before.chars().count();
    let column = match (value.trim().is_empty(), indent > dashes) {
        (true, true) if is_open => inner_column(into, own, column),
        (false, false) if !is_open && !rest.starts_with(['|', '>', '{', '[', '&']) => column,
        _ => return None,
    };
    let mut new = String::new();
    for line in lines.lines() {
        let line = line.get(indent..).filter(|_| line.bytes().take(indent).all(|byte| byte == b' '))?;
        new.push_str(into.line_end(own.end));
        new.push_str(&" ".repeat(column));
        new.push_str(line);
    }
    Some(Edit { span: Span { start: own.end, ..own }, text: new })
}

/// How far the entries below a key are moved in.
fn inner_column(into: &Source, line: Span, column: usize) -> usize {
    let below = into.text.get(line.end as usize..).unwrap_or_default().lines().skip(1);
    let is_content = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let first = below.into_iter().find(is_content).map(|line| line.len() - line.trim_start_matches(' ').len());
    first.filter(|first| *first > column).unwrap_or(column + 2)
}
