//! Text that was rendered from files: a source of its own, which knows the file and the bytes that each of its bytes
//! comes from.

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use rustc_hash::FxHashSet;

pub use super::rendering::{Renderer, Rendering};
use super::{Source, SourceId, Sources, Span};

/// Where each byte of a rendered text comes from.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The renderings that yield it; none of a template that lies in no chart.
    pub renderings: Vec<Arc<Rendering>>,
    /// Its pieces, in order, together as long as the text.
    pub pieces: Vec<Piece>,
    /// Which bytes of the template put which part of it there; nothing where no template did.
    pub uses: Vec<Use>,
    /// The file that the object of a kustomization was read from: the base of what changes it.
    pub base: Option<SourceId>,
    /// The documents in it of which too much is unknown to be judged.
    pub left_out: Vec<Range<u32>>,
    /// Where what a pod's placement says is not known.
    pub unknown_placements: Vec<u32>,
    /// The expressions that could not be evaluated.
    pub holes: Vec<Arc<str>>,
    /// The parts of pods that are there only under conditions that are not known.
    pub guessed: Vec<Guessed>,
}

/// A part of a pod that is there only under a condition that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guessed {
    /// Its bytes.
    pub range: Range<u32>,
    /// Whether other images are there under other conditions, so that none of them is known.
    pub hides_images: bool,
}

/// A run of bytes of a rendered text with one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// One past its last byte; it starts where the piece before it ends.
    pub end: u32,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a run of bytes comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written at a place. Where that is as long as the run, the run is its bytes.
    Written(Span),
    /// Made from all of these.
    Made(Arc<Vec<Span>>),
    /// Written by the renderer.
    Given,
    /// Not known: a number of [`Rendered::holes`].
    Hole(u32),
}

/// A part of a rendered text, and the bytes of the template that wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// One past its last byte; it starts where the use before it ends.
    pub end: u32,
    /// A literal of the template, or a whole `{{ … }}`.
    pub at: Span,
}

/// Whether Helm renders a file.
fn is_template(id: SourceId, sources: &Sources) -> bool {
    sources.get(id).is_some_and(|source| source.is_template)
}

/// Whether bytes are those of a template and in none of its actions, as a string of one may be.
fn is_text_of_template(span: Span, sources: &Sources) -> bool {
    let source = sources.get(span.source).filter(|source| source.is_template);
    let before = source.and_then(|source| source.text.get(..span.start as usize));
    before.is_some_and(|before| before.rfind("{{").is_none_or(|open| before.rfind("}}").is_some_and(|end| open < end)))
}

/// Where the action ends that starts behind `at`, blanks aside, if one does.
fn action_end(source: &Source, at: u32) -> Option<u32> {
    let rest = source.text.get(at as usize..)?;
    let action = rest.trim_start().strip_prefix("{{")?;
    let end = rest.len() - action.len() + action.find("}}")? + 2;
    Some(at + u32::try_from(end).ok()?)
}

/// A text up to the first line end that is in none of its actions, without the blanks before that.
fn first_line(text: &str) -> &str {
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let line = rest.find('\n').unwrap_or(rest.len());
        let action = rest.find("{{").filter(|open| *open < line);
        let Some(close) = action.and_then(|open| Some(open + rest.get(open..)?.find("}}")? + 2)) else {
            return text.get(..end + line).unwrap_or(text).trim_end();
        };
        end += close;
    }
}

/// The key whose value starts at `at`, where both stand on one line.
fn key_of(text: &str, at: u32) -> Option<Range<u32>> {
    let line = text.get(..at as usize)?.rsplit('\n').next()?;
    let key = line.trim_end_matches([' ', '"', '\'']).strip_suffix(':')?.trim_end_matches(['"', '\'']);
    let name = key.rsplit([' ', '"', '\'']).next()?;
    let end = at - u32::try_from(line.len() - key.len()).ok()?;
    Some(end - u32::try_from(name.len()).ok()?..end)
}

/// The scalar behind a key of a file, without its quotes; the key where its line has no scalar.
fn value_behind(source: &Source, key: Span) -> Option<Span> {
    let line = source.line_span(key.start);
    let rest = source.text.get(key.end as usize..line.end as usize)?;
    let behind = rest.trim_start_matches(['"', '\'']).strip_prefix(':')?.trim_start();
    let start = rest.len() - behind.len();
    let is_flow = source.text.get(line.start as usize..key.start as usize)?.contains('{');
    let (start, len) = match behind.chars().next() {
        Some(quote @ ('"' | '\'')) => (start + 1, behind.get(1..)?.rfind(quote)?),
        Some(first) if first != '#' => {
            let end = behind.find(" #").unwrap_or(behind.len());
            let end = behind.find(['}', ',']).filter(|at| is_flow && *at < end).unwrap_or(end);
            (start, behind.get(..end)?.trim_end().len())
        }
        _ => return Some(key),
    };
    let start = key.end as usize + start;
    Some(Span::new(source.id, start..start + len))
}

/// The files, and the texts that are rendered with one of them: from a template, with values, with a helper.
pub fn with_rendered<'s>(
    files: &BTreeSet<SourceId>,
    sources: impl Iterator<Item = &'s Source> + Clone,
) -> BTreeSet<SourceId> {
    let mut all = files.clone();
    let own = sources.clone().filter(|source| source.rendered.is_none() && files.contains(&source.id));
    let paths: FxHashSet<&str> = own.map(|source| source.path.as_str()).collect();
    for source in sources {
        let Some(rendered) = source.rendered.as_deref() else { continue };
        let through = || {
            let mut values =
                rendered.renderings.iter().flat_map(|it| it.values.iter().chain(&it.source).chain(&it.parts));
            values.any(|path| paths.contains(path.as_str())) || rendered.files().iter().any(|id| files.contains(id))
        };
        if paths.contains(source.path.as_str()) || through() {
            all.insert(source.id);
        }
    }
    all
}

/// So many pieces beside a part are looked at for a literal of the template.
const MAX_BESIDE: usize = 4;

impl Rendered {
    /// Whether it is of a template that lies in no chart.
    pub fn is_alone(&self) -> bool {
        self.renderings.is_empty()
    }

    /// The files that its bytes come from, each once.
    pub fn files(&self) -> Vec<SourceId> {
        let mut files: Vec<_> = self.pieces.iter().flat_map(|piece| piece.origin.spans()).map(|it| it.source).collect();
        files.extend(self.uses.iter().map(|used| used.at.source));
        files.sort_unstable();
        files.dedup();
        files
    }

    /// The bytes that state `range`, and are these, if they stand in one place.
    pub fn literal(&self, range: Range<u32>) -> Option<Span> {
        let mut whole: Option<Span> = None;
        for (part, origin) in self.touched(range) {
            let Origin::Written(at) = origin else { return None };
            let len = (part.within.end - part.within.start) as usize;
            if at.len() != part.len {
                return None;
            }
            let start = part.within.start as usize;
            let at = at.part(start..start + len);
            whole = match whole {
                None => Some(at),
                Some(before) if before.source == at.source && before.end == at.start => Some(before.cover(at)),
                Some(_) => return None,
            };
        }
        whole
    }

    /// The bytes that decide `range`: its own, if they stand in one place; else those of the one value in it that does not
    /// stand in a template; else the part of the template that writes it.
    pub fn place(&self, range: Range<u32>, sources: &Sources) -> Option<Span> {
        if let Some(at) = self.literal(range.clone()) {
            return Some(at);
        }
        let spans = self.stating(range.clone());
        let is_value = |span: &&Span| Some(span.source) != self.base && !is_template(span.source, sources);
        let mut values = spans.iter().filter(is_value);
        match (spans.as_slice(), values.next(), values.next()) {
            ([one], ..) => Some(*one),
            (_, Some(value), None) => Some(*value),
            // Of a name and a tag in an overlay the tag is the later one.
            (_, Some(_), Some(last)) if self.base.is_some() => values.next_back().or(Some(last)).copied(),
            (_, first, _) => self.expression(range, sources).or(first.copied()).or(spans.first().copied()),
        }
    }

    /// Where something is missing at a span of the rendered text: what a template or a base writes there, else the part of the
    /// template that brings it.
    pub fn absence(&self, span: Span, sources: &Sources) -> Option<Span> {
        let range = span.start..span.end;
        let is_base = |at: &Span| match self.base {
            Some(base) => at.source == base || is_template(at.source, sources),
            None => self.uses.is_empty() || is_template(at.source, sources),
        };
        let written = self.literal(range.clone()).filter(is_base);
        let beside_key = || {
            let text = sources.get(span.source).filter(|_| self.base.is_some())?.text.as_str();
            let key = self.literal(key_of(text, span.start)?).filter(is_base)?;
            value_behind(sources.get(key.source)?, key)
        };
        written
            .or_else(beside_key)
            .or_else(|| self.expression(range.clone(), sources))
            .or_else(|| self.place(range, sources))
    }

    /// The expression that writes `range`: what stands between the literals beside it, in a helper too; else what the
    /// template that is rendered has there. Of a kustomization what its base has there.
    pub fn expression(&self, range: Range<u32>, sources: &Sources) -> Option<Span> {
        if self.base.is_some() {
            return self.stating(range).into_iter().find(|span| Some(span.source) == self.base);
        }
        let (between, action) = (self.between(&range, sources), self.action(range));
        let Some(whole) = between else { return action };
        // What wrote nothing may stand on the lines above and below.
        let line = whole.part(0..first_line(sources.get(whole.source)?.slice(whole)).len());
        action.filter(|action| whole.holds(*action) && !line.holds(*action)).or(Some(line))
    }

    /// The part of such an expression that brings `range`: of several actions its own, where the template has them.
    pub fn used(&self, range: Range<u32>, sources: &Sources) -> Option<Span> {
        let expression = self.expression(range.clone(), sources);
        let action = self.action(range).filter(|action| expression.is_some_and(|whole| whole.holds(*action)));
        action.or(expression)
    }

    fn between(&self, range: &Range<u32>, sources: &Sources) -> Option<Span> {
        let literal = |at: usize| {
            let (piece, start) = (self.pieces.get(at)?, self.start_of(at));
            match piece.origin {
                Origin::Written(span)
                    if span.len() == (piece.end - start) as usize && is_text_of_template(span, sources) =>
                {
                    Some(span)
                }
                _ => None,
            }
        };
        let first = self.pieces.partition_point(|piece| piece.end <= range.start);
        let last = self.pieces.partition_point(|piece| piece.end < range.end);
        let inside = |at: usize, offset: u32| {
            let span = literal(at)?;
            let start = span.start + (offset - self.start_of(at));
            Some(Span { start, end: start, ..span })
        };
        let before = || (first.saturating_sub(MAX_BESIDE)..first).rev().find_map(literal);
        let from = inside(first, range.start).or_else(before)?;
        let behind = || (last + 1..self.pieces.len().min(last + 1 + MAX_BESIDE)).find_map(literal);
        let is_behind = |to: &Span| from.source == to.source && from.end < to.start;
        let to = inside(last, range.end).filter(is_behind).or_else(|| behind().filter(is_behind));
        let source = sources.get(from.source)?;
        let end = to.map(|to| to.start).or_else(|| action_end(source, from.end))?;
        let at = Span { start: from.end, end, ..from };
        // The template takes out what is blank.
        let text = source.slice(at);
        let (start, end) = (text.len() - text.trim_start().len(), text.trim_end().len());
        (start < end).then(|| at.part(start..end))
    }

    /// Where a piece starts in the text.
    fn start_of(&self, number: usize) -> u32 {
        number.checked_sub(1).and_then(|before| self.pieces.get(before)).map_or(0, |before| before.end)
    }

    fn action(&self, range: Range<u32>) -> Option<Span> {
        let first = self.uses.partition_point(|used| used.end <= range.start);
        let mut start = first.checked_sub(1).and_then(|it| self.uses.get(it)).map_or(0, |it| it.end);
        let mut whole: Option<Span> = None;
        for used in self.uses.get(first..).unwrap_or_default() {
            if start > range.start && start >= range.end {
                break;
            }
            let len = used.end.saturating_sub(start) as usize;
            let at = if used.at.len() == len {
                let from = range.start.saturating_sub(start) as usize;
                used.at.part(from..(range.end.min(used.end).saturating_sub(start)) as usize)
            } else {
                used.at
            };
            whole = Some(whole.map_or(at, |whole| whole.cover(at)));
            start = used.end;
        }
        whole
    }

    /// The places that state a part of `range`, each once.
    fn stating(&self, range: Range<u32>) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for (part, origin) in self.touched(range) {
            for at in origin.spans() {
                let at = if at.len() == part.len {
                    at.part(part.within.start as usize..part.within.end as usize)
                } else {
                    *at
                };
                if spans.contains(&at) {
                    continue;
                }
                match spans.last_mut() {
                    Some(last) if last.source == at.source && last.end == at.start => *last = last.cover(at),
                    _ => spans.push(at),
                }
            }
        }
        spans
    }

    /// The part of `range` that these bytes state; all of it where none does.
    pub fn stated_by(&self, at: Span, range: Range<u32>) -> Range<u32> {
        let is_at = |span: &Span| span.source == at.source && span.start < at.end && at.start < span.end;
        let parts = self.touched(range.clone()).filter(|(_, origin)| origin.spans().iter().any(is_at));
        let parts = parts.map(|(part, _)| part.start + part.within.start..part.start + part.within.end);
        parts.reduce(|first, next| first.start..next.end).unwrap_or(range)
    }

    /// The expression of the hole that `at` is a byte of.
    pub fn hole_at(&self, at: u32) -> Option<&str> {
        let (_, origin) = self.touched(at..at + 1).next()?;
        let Origin::Hole(number) = origin else { return None };
        self.holes.get(*number as usize).map(|it| &**it)
    }

    /// The pieces that have a byte of `range`; for an empty one the piece that it stands in.
    fn touched(&self, range: Range<u32>) -> impl Iterator<Item = (Part, &Origin)> {
        let first = self.pieces.partition_point(|piece| piece.end <= range.start);
        let mut start = self.start_of(first);
        let pieces = self.pieces.get(first..).unwrap_or_default().iter();
        let until = range.end.max(range.start + u32::from(range.is_empty()));
        pieces
            .map(move |piece| {
                let at = start..piece.end;
                start = at.end;
                (at, &piece.origin)
            })
            .take_while(move |(at, _)| at.start < until)
            .map(move |(at, origin)| {
                let within = at.start.max(range.start) - at.start..at.end.min(range.end).max(at.start) - at.start;
                (Part { start: at.start, len: (at.end - at.start) as usize, within }, origin)
            })
    }

    /// The same of the text with these edits.
    #[must_use]
    pub fn with(&self, edits: &[(Range<u32>, usize)]) -> Self {
        let at = |offset: u32| {
            let before = edits.iter().filter(|(range, _)| range.end <= offset && range.start < offset);
            before.fold(offset, |offset, (range, new)| {
                let new = u32::try_from(*new).unwrap_or(u32::MAX);
                (offset + new).saturating_sub(range.end - range.start)
            })
        };
        let mut moved = self.clone();
        moved.pieces.iter_mut().for_each(|piece| piece.end = at(piece.end));
        moved.uses.iter_mut().for_each(|used| used.end = at(used.end));
        moved.left_out.iter_mut().for_each(|range| *range = at(range.start)..at(range.end));
        moved.guessed.iter_mut().for_each(|it| it.range = at(it.range.start)..at(it.range.end));
        moved.unknown_placements.iter_mut().for_each(|offset| *offset = at(*offset));
        moved
    }

    /// Each piece that is the bytes of a file as they stand there, with its start in the text.
    pub fn literals(&self) -> impl Iterator<Item = (u32, Span)> {
        let mut start = 0;
        self.pieces.iter().filter_map(move |piece| {
            let at = start..piece.end;
            start = piece.end;
            match piece.origin {
                Origin::Written(span) if span.len() == at.len() => Some((at.start, span)),
                _ => None,
            }
        })
    }

    /// Each piece that is written in a file, with its start in the text.
    pub fn written(&self) -> impl Iterator<Item = (u32, Span)> {
        let mut start = 0;
        self.pieces.iter().filter_map(move |piece| {
            let at = start;
            start = piece.end;
            match piece.origin {
                Origin::Written(span) => Some((at, span)),
                _ => None,
            }
        })
    }
}

/// A part of a piece.
struct Part {
    /// Where the piece starts.
    start: u32,
    /// How long the piece is.
    len: usize,
    /// The part.
    within: Range<u32>,
}

impl Origin {
    /// The places that it names.
    pub fn spans(&self) -> &[Span] {
        match self {
            Self::Written(span) => std::slice::from_ref(span),
            Self::Made(spans) => spans,
            Self::Given | Self::Hole(_) => &[],
        }
    }

    /// The same with the ids of other sources.
    #[must_use]
    pub fn moved(self, to: impl Fn(SourceId) -> SourceId) -> Self {
        let moved = |span: &Span| Span { source: to(span.source), ..*span };
        match self {
            Self::Written(span) => Self::Written(moved(&span)),
            Self::Made(spans) => Self::Made(Arc::new(spans.iter().map(moved).collect())),
            other => other,
        }
    }
}
