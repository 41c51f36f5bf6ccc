//! Moves findings in rendered texts to the bytes of the files that these come from.

mod insert;

use std::{cell::OnceCell, sync::Arc};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    finding::{Edit, Finding, Fix},
    model::Project,
    rules::list,
    source::{
        Source, SourceId, Sources, Span,
        rendered::{Rendered, Rendering},
    },
};

/// Moves all of them.
pub(super) fn place(findings: &mut [Finding], sources: &Sources) {
    for finding in findings {
        for related in &mut finding.related {
            let part = start_of_path(related.span, sources).unwrap_or(related.span);
            related.span = moved(part, sources, false).unwrap_or(related.span);
        }
        let from = finding.span;
        let part = changed(finding, sources);
        // What builds an image may stand in a Dockerfile, and what runs it in a chart.
        let advice = finding.fixes.first().map(|fix| fix.advice().to_owned());
        finding.fixes.retain_mut(|fix| move_fix(fix, sources));
        if finding.fixes.is_empty() && finding.message.help.is_none() {
            // What cannot be edited in one place is advice nevertheless.
            finding.message.help = advice;
        }
        let Some(rendered) = sources.rendered(finding.span.source) else { continue };
        finding.rendered.clone_from(&rendered.renderings);
        finding.span = match part {
            Some(Changed::Part(part)) => moved(part, sources, false),
            Some(Changed::Nothing) => rendered.expression(from.start..from.end, sources),
            None => moved(from, sources, finding.is_absence),
        }
        .unwrap_or(from);
        if !finding.is_absence {
            let from = from.start..from.end;
            // What an overlay states is used beside what its base has.
            let part = if rendered.base.is_some() { from } else { rendered.stated_by(finding.span, from) };
            let used = rendered.used(part, sources).filter(|used| used.source != finding.span.source);
            if let Some(used) = used {
                finding.related(used, "used here");
            }
        }
        let mut seen = FxHashSet::default();
        let own = finding.span;
        finding.related.retain(|related| related.span != own && seen.insert(related.span));
    }
}

/// Doubts the fixes that edit what other workloads, or the same one with other values, read too.
pub(super) fn doubt_fixes(findings: &mut [Finding], sources: &Sources, project: &Project) {
    let readers = OnceCell::new();
    for finding in findings.iter_mut().filter(|finding| !finding.rendered.is_empty()) {
        let Finding { fixes, rendered, .. } = finding;
        for fix in fixes.iter_mut().filter(|fix| fix.is_safe()) {
            let readers: &Readers<'_> = readers.get_or_init(|| Readers::of(sources, project));
            let doubt = fix.edits.iter().find_map(|edit| readers.doubt(edit.span, rendered, sources));
            if let Some(why) = doubt.or_else(|| sets_it_too(fix, sources)) {
                fix.doubt(&why);
            }
        }
    }
}

/// Why a fix that adds a field may add it twice: the template has it too, in a branch that is not rendered or in another
/// pod.
fn sets_it_too(fix: &Fix, sources: &Sources) -> Option<String> {
    fix.edits.iter().filter(|edit| edit.span.is_empty()).find_map(|edit| {
        let (field, value) = edit.text.trim_start_matches([',', '{', ' ', '\r', '\n']).split_once(':')?;
        // A label's value is no collection.
        if !value.trim_start_matches(' ').starts_with(['\r', '\n', '{', '[']) {
            return None;
        }
        let field = field.trim_end().trim_matches('"');
        let source = sources.get(edit.span.source)?;
        let has_it = [format!("{field}:"), format!("\"{field}\":")].iter().any(|key| source.text.contains(key));
        let what = if source.is_template { "template" } else { "file" };
        has_it.then(|| format!("check the other `{field}` in the {what}"))
    })
}

/// Where bytes of a rendered text are written; none of a file's own.
fn moved(span: Span, sources: &Sources, is_absence: bool) -> Option<Span> {
    let rendered = sources.rendered(span.source)?;
    if is_absence { rendered.absence(span, sources) } else { rendered.place(span.start..span.end, sources) }
}

/// What the fix of a finding changes of the bytes that it stands on.
enum Changed {
    /// A part of them, written in one place.
    Part(Span),
    /// None of them: something is added to them.
    Nothing,
}

/// What decides a finding where several places state its bytes together, as far as its fix says.
fn changed(finding: &Finding, sources: &Sources) -> Option<Changed> {
    let (at, source) = (finding.span, sources.get(finding.span.source)?);
    let rendered = source.rendered.as_deref().filter(|it| it.literal(at.start..at.end).is_none())?;
    if finding.is_absence {
        return None;
    }
    let is_of_it =
        |edit: &&Edit| edit.span.source == at.source && at.start <= edit.span.end && edit.span.start <= at.end;
    let edit = finding.fixes.iter().flat_map(|fix| &fix.edits).find(is_of_it)?;
    let (changed, new) = change(edit, source)?;
    if changed.is_empty() {
        // Lines that are added stand below them.
        let is_added = !new.is_empty() && !new.contains('\n') && rendered.base.is_none();
        return is_added.then_some(Changed::Nothing);
    }
    let own = changed.start.max(at.start)..changed.end.min(at.end);
    let literal = rendered.literal(own.clone()).filter(|_| own.start < own.end)?;
    let part = rendered.stated_by(literal, at.start..at.end);
    Some(Changed::Part(Span { start: part.start, end: part.end, ..at }))
}

/// The part of a path that says which system has it, where several places state the path together.
fn start_of_path(span: Span, sources: &Sources) -> Option<Span> {
    let source = sources.get(span.source)?;
    let rendered = source.rendered.as_deref().filter(|it| it.literal(span.start..span.end).is_none())?;
    let is_path = source.slice(span).starts_with('/');
    let first = rendered.literal(span.start..span.start + 1).filter(|_| is_path)?;
    let part = rendered.stated_by(first, span.start..span.end);
    Some(Span { start: part.start, end: part.end, ..span })
}

/// What an edit changes, and what it writes there: without what is the same before and after it.
fn change<'e>(edit: &'e Edit, source: &Source) -> Option<(Span, &'e str)> {
    let (old, new) = (source.slice(edit.span), edit.text.as_str());
    let before = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let before = old.floor_char_boundary(before);
    let rest = (old.len() - before).min(new.len() - before);
    let after = old.bytes().rev().zip(new.bytes().rev()).take(rest).take_while(|(a, b)| a == b).count();
    Some((edit.span.part(before..old.len() - after), new.get(before..new.len() - after)?))
}

/// Moves the edits of a fix; false where they cannot be made in the files.
fn move_fix(fix: &mut Fix, sources: &Sources) -> bool {
    fix.edits.iter_mut().filter(|edit| sources.rendered(edit.span.source).is_some()).all(|edit| {
        let moved = move_edit(edit, sources);
        moved.map(|moved| *edit = moved).is_some()
    })
}

/// The same edit where its bytes are written, if they are these: of a value what stands in one place, of lines that are
/// added the line before.
pub(crate) fn move_edit(edit: &Edit, sources: &Sources) -> Option<Edit> {
    let source = sources.get(edit.span.source)?;
    let rendered = source.rendered.as_deref()?;
    if edit.span.is_empty() && rendered.base.is_some() {
        return insert::moved(edit, source, rendered, sources);
    }
    if edit.span.is_empty() {
        let line = source.line_span(edit.span.start);
        // With the end of the line: a template may take that away, and what follows with it, but not what ends in text.
        let ends_in_text = edit.span.start == line.end && !edit.text.ends_with(char::is_whitespace);
        let whole = rendered.literal(line.start..line.end.saturating_add(1));
        let alone = || rendered.literal(line.start..line.end).filter(|_| ends_in_text);
        let at = whole.or_else(alone)?;
        let into = sources.get(at.source).filter(|into| is_editable(&into.path))?;
        if into.slice(at) != source.text.get(line.start as usize..line.start as usize + at.len())? {
            return None;
        }
        let start = at.start + (edit.span.start - line.start);
        // The end of the line may be there twice: once as it is written, once as Helm writes it.
        let text = edit.text.replace("\r\n", "\n").replace('\n', into.line_end(start));
        return Some(Edit { span: Span { source: at.source, start, end: start }, text });
    }
    let (mut span, mut new) = (edit.span, edit.text.as_str());
    if rendered.literal(span.start..span.end).is_none() {
        // Of a name and a tag one may be written here and one there.
        (span, new) = change(edit, source)?;
        if span.is_empty() {
            return None;
        }
    }
    let at = rendered.literal(span.start..span.end)?;
    let into = sources.get(at.source).filter(|into| is_editable(&into.path))?;
    if into.slice(at) != source.slice(span) {
        return None;
    }
    // A value is read and written again: what would be a quote here is not one there.
    let is_value = !into.is_template || rendered.base.is_some();
    let is_plain = |text: &str| !text.is_empty() && !text.contains(['"', '\'', '\n', '{', '}', '#', ':']);
    (!is_value || is_plain(new)).then(|| Edit { span: at, text: new.to_owned() })
}

/// Whether a file is one that may be written: no member of an archive, no configuration.
fn is_editable(path: &str) -> bool {
    let is_toml = path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("toml"));
    !path.contains("!/") && !is_toml
}

/// A rendered text that a file's bytes are in, with the offset there.
struct Reader<'r> {
    at: Span,
    text: SourceId,
    offset: u32,
    rendered: &'r Rendered,
}

/// Who reads which bytes of the files that charts and overlays are rendered from.
pub(crate) struct Readers<'r> {
    by_file: FxHashMap<SourceId, Vec<Reader<'r>>>,
    workloads: FxHashMap<SourceId, Vec<Declared<'r>>>,
}

/// A workload of a rendered text.
struct Declared<'r> {
    text: SourceId,
    rendered: &'r Rendered,
    /// The bytes of its document.
    document: std::ops::Range<u32>,
    name: &'r str,
    /// Where a base names it: in each overlay it may be called otherwise.
    base: Option<Span>,
}

impl Declared<'_> {
    /// Whether both are one workload, as overlays and sets of values make it. What one of them yields twice is two.
    fn is_same(&self, other: &Self) -> bool {
        if self.text == other.text {
            return self.document == other.document;
        }
        let is_alike = self.name == other.name || self.base.is_some() && self.base == other.base;
        is_alike && !self.rendered.renderings.iter().any(|it| other.rendered.renderings.contains(it))
    }
}

impl<'r> Readers<'r> {
    /// Reads all texts that were rendered.
    pub(crate) fn of(sources: &'r Sources, project: &'r Project) -> Self {
        let mut workloads: FxHashMap<SourceId, Vec<Declared<'_>>> = FxHashMap::default();
        for workload in &project.workloads {
            let Some(source) = sources.get(workload.source) else { continue };
            let Some(rendered) = source.rendered.as_deref() else { continue };
            let document = document_at(&source.text, workload.name_span.start);
            let name_span = workload.name_span.start..workload.name_span.end;
            let base = rendered.base.and_then(|_| rendered.expression(name_span, sources));
            let own = Declared { text: source.id, rendered, document, name: &workload.name, base };
            workloads.entry(source.id).or_default().push(own);
        }
        let mut by_file: FxHashMap<SourceId, Vec<Reader<'_>>> = FxHashMap::default();
        for source in sources.iter() {
            let Some(rendered) = source.rendered.as_deref().filter(|_| workloads.contains_key(&source.id)) else {
                continue;
            };
            for (offset, at) in rendered.written() {
                by_file.entry(at.source).or_default().push(Reader { at, text: source.id, offset, rendered });
            }
        }
        Self { by_file, workloads }
    }

    /// Why an edit of these bytes changes more than what was found in some renderings.
    pub(crate) fn doubt(&self, at: Span, found: &[Arc<Rendering>], sources: &Sources) -> Option<String> {
        let mut declared: Vec<&Declared<'_>> = Vec::new();
        let mut other: Option<&Rendering> = None;
        // What is added to a line is read by who reads the line.
        let line = sources.get(at.source).filter(|_| at.is_empty()).map(|source| source.line_span(at.start));
        let is_on_line = |it: &Reader<'_>| {
            let line = line.filter(|_| it.rendered.base.is_some());
            line.is_some_and(|line| line.start <= it.at.start && it.at.start < line.end)
        };
        let readers = self.by_file.get(&at.source).into_iter().flatten();
        let reads = |it: &&Reader<'_>| it.at.start <= at.start && at.end <= it.at.end || is_on_line(it);
        for reader in readers.filter(reads) {
            let offset = reader.offset + at.start.saturating_sub(reader.at.start).min(reader.at.end - reader.at.start);
            let documents = self.workloads.get(&reader.text).into_iter().flatten();
            for it in documents.filter(|it| it.document.contains(&offset)) {
                if !declared.iter().any(|other| it.is_same(other)) {
                    declared.push(it);
                }
            }
            let others = reader.rendered.renderings.iter().filter(|it| !found.contains(it));
            other = other.or_else(|| others.map(|it| &**it).next());
        }
        let mut names: Vec<_> = declared.iter().map(|it| it.name).collect();
        names.dedup();
        match (names.as_slice(), other) {
            ([name], _) if declared.len() > 1 => Some(format!("{} workloads called {name} read it", declared.len())),
            ([_, _, ..], _) => Some(format!("{} read it", list(&names))),
            (_, Some(other)) => Some(format!("{} reads it too", other.words())),
            _ => None,
        }
    }
}

/// The document of a text that holds a byte.
fn document_at(text: &str, at: u32) -> std::ops::Range<u32> {
    let small = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let start = text.get(..at as usize).and_then(|before| before.rfind("\n---")).map_or(0, |it| it + 1);
    let end = text.get(at as usize..).and_then(|rest| rest.find("\n---")).map_or(text.len(), |it| at as usize + it + 1);
    small(start)..small(end)
}
