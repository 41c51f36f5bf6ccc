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
    let dashes = column_of(text);
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
    let first = lines.lines().next()?;
    let is_item = first.trim_start().starts_with('-');
    if !is_item && is_beside(into, own, column, key_of(first)?)
        || column > before.chars().count() && is_replaced(source, rendered, line, into)
    {
        return None;
    }
    let mut new = String::new();
    for line in lines.lines() {
        let line = line.get(indent..).filter(|_| line.bytes().take(indent).all(|byte| byte == b' '))?;
        new.push_str(into.line_end(own.end));
        new.push_str(&" ".repeat(column));
        new.push_str(line);
    }
    Some(Edit { span: Span { start: own.end, ..own }, text: new })
}

/// How many blanks and dashes a line starts with.
fn column_of(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '-']).len()
}

/// Whether a line has more than a comment.
fn is_content(line: &&str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

/// The key of a line, without its quotes.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once(':')?;
    Some(key.trim_matches([' ', '-', '"', '\'']))
}

/// Whether the mapping that lines are added to, at this column behind this line, has the key already: what builds the
/// manifest removes it then, or writes another one.
fn is_beside(into: &Source, line: Span, column: usize, key: &str) -> bool {
    let Some((above, below)) = into.text.split_at_checked(line.end as usize) else { return false };
    let has_it = |lines: &mut dyn Iterator<Item = &str>| {
        let inside = lines.filter(is_content).take_while(|line| column_of(line) >= column);
        inside.filter(|line| column_of(line) == column).any(|line| key_of(line) == Some(key))
    };
    has_it(&mut above.lines().rev()) || has_it(&mut below.lines().skip(1))
}

/// Whether no entry below the key of a built line comes from the file that the key comes from.
fn is_replaced(source: &Source, rendered: &Rendered, line: Span, into: &Source) -> bool {
    let key = column_of(source.slice(line));
    let mut at = line.end + 1;
    let mut entries = source.text.get(at as usize..).unwrap_or_default().split_inclusive('\n').peekable();
    if entries.peek().is_none_or(|entry| column_of(entry) <= key) {
        return false;
    }
    let is_of_file = |entry: &str| {
        let (start, end) = (at, at + u32::try_from(entry.len()).unwrap_or_default());
        at = end;
        let start = start + u32::try_from(column_of(entry)).unwrap_or_default();
        rendered.literal(start..start + 1).is_some_and(|place| place.source == into.id)
    };
    !entries.take_while(|entry| column_of(entry) > key).any(is_of_file)
}

/// How far the entries below a key are moved in.
fn inner_column(into: &Source, line: Span, column: usize) -> usize {
    let below = into.text.get(line.end as usize..).unwrap_or_default().lines().skip(1);
    let first = below.into_iter().find(is_content).map(|line| line.len() - line.trim_start_matches(' ').len());
    first.filter(|first| *first > column).unwrap_or(column + 2)
}
