//! What is asked of charts: values and helpers of templates, and what templates and values become.

use std::{borrow::Cow, collections::BTreeSet, ops::Range};

use hostfit_core::{
    config::Config,
    front::charts::{self, Kept, Place},
    source::{Source, SourceId, Sources, Span},
};

use super::View;
use crate::disk;

/// The charts and kustomizations of a folder.
#[derive(Clone, Copy, Debug)]
pub struct Charts<'v> {
    /// Their files.
    pub files: &'v dyn disk::Rendered,
    /// What they yielded.
    pub kept: &'v Kept,
    /// What is open, which may be empty.
    pub open: &'v BTreeSet<SourceId>,
    /// The texts.
    pub sources: &'v Sources,
    /// The configuration that they are rendered by.
    pub config: &'v Config,
}

/// Of a file that more charts share, the first are asked.
const MAX_CHARTS: usize = 20;

impl Charts<'_> {
    /// Asks the charts that a file takes part in; it is given as the tree has it.
    pub(super) fn ask<T>(
        &self,
        source: &Source,
        one: impl Fn(&charts::Charts<'_>, &charts::Chart, &str) -> Vec<T>,
    ) -> Vec<T> {
        let text = |path: &str| text_of(path, self.kept, self.open, self.sources);
        let mut found = Vec::new();
        self.files.with(self.config, &text, &mut |all, _| {
            let path = (all.in_tree)(&source.path);
            found = self.kept.of_file(&path).take(MAX_CHARTS).flat_map(|chart| one(all, chart, &path)).collect();
        });
        found
    }

    /// Where a place is among the texts.
    pub(super) fn span(&self, (path, range): Place) -> Option<Span> {
        Some(Span::new(self.kept.id(&path)?, range))
    }

    /// `shop/values.yaml:7`.
    pub(super) fn line(&self, (path, range): Place) -> Option<String> {
        let source = self.sources.get(self.kept.id(&path)?)?;
        let text = self.text(source);
        let before = text.as_bytes().get(..range.start)?;
        Some(format!("{path}:{}", memchr::memchr_iter(b'\n', before).count() + 1))
    }

    /// The text of a file that takes part, which its source need not have.
    pub(crate) fn text<'s>(&self, source: &'s Source) -> Cow<'s, str> {
        let mut text = Cow::Borrowed(source.text.as_str());
        let is_known = !source.text.is_empty() || self.open.contains(&source.id);
        if !is_known && self.kept.id(&source.path).is_some() {
            self.files.with(self.config, &|_| None, &mut |all, _| {
                let bytes = all.tree.read(&(all.in_tree)(&source.path)).unwrap_or_default();
                text = Cow::Owned(String::from_utf8_lossy(&bytes).into_owned());
            });
        }
        text
    }
}

/// The text of a file that takes part, as far as it is known without the disk.
pub(crate) fn text_of<'s>(path: &str, kept: &Kept, open: &BTreeSet<SourceId>, sources: &'s Sources) -> Option<&'s str> {
    let source = sources.get(kept.id(path)?)?;
    (!source.text.is_empty() || open.contains(&source.id)).then_some(&source.text)
}

/// Keys of `.Values` in an action of a template: `.Values.web.image`.
#[derive(Debug, PartialEq)]
pub(super) struct Values<'t> {
    /// The keys up to the one that the cursor is in, that one included.
    pub(super) keys: Vec<&'t str>,
    /// The bytes of that one.
    pub(super) last: Range<usize>,
    /// The bytes from `.Values` to its end.
    pub(super) whole: Range<usize>,
}

/// What is written of `.Values` around a byte of a template. It need not parse: it may be what is being typed.
pub(super) fn values_at(text: &str, offset: usize) -> Option<Values<'_>> {
    let is_key = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let before = text.get(..offset)?;
    in_action(before)?;
    let start = before.trim_end_matches(|char: char| is_key(char) || char == '.').len();
    let rest = text.get(offset..)?;
    let end = offset + rest.find(|char: char| !is_key(char)).unwrap_or(rest.len());
    let path = text.get(start..end)?;
    let keys = path.strip_prefix(".Values.")?;
    let at = end - keys.rsplit('.').next()?.len();
    let keys: Vec<_> = keys.split('.').collect();
    Some(Values { keys, last: at..end, whole: start..end })
}

/// What is written of the action that a text ends in, if it does.
pub(super) fn in_action(before: &str) -> Option<&str> {
    /// More than that nobody writes in one.
    const MOST: usize = 10_000;
    let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(MOST))..)?;
    let (_, action) = near.rsplit_once("{{")?;
    let is_comment = action.trim_start_matches('-').trim_start().starts_with("/*");
    (!action.contains("}}") && !is_comment).then_some(action)
}

/// The name that `include` or `template` is given around a byte of a template, and its bytes, or what is typed of it.
pub(super) fn included_at(text: &str, offset: usize) -> Option<(&str, Range<usize>)> {
    let before = text.get(..offset)?;
    let action = in_action(before)?;
    let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..)?;
    let start = offset - line.len() + line.rfind('"')? + 1;
    let asked = text.get(..start - 1)?.trim_end();
    let is_asked = ["include", "template"].iter().any(|word| {
        let head = asked.strip_suffix(word);
        head.is_some_and(|head| !head.ends_with(|char: char| char.is_ascii_alphanumeric() || char == '_'))
    });
    if !is_asked || action.len() < offset - start {
        return None;
    }
    let rest = text.get(start..)?;
    let end = start + rest.find(['"', '\n', '}']).unwrap_or(rest.len());
    Some((text.get(start..end)?, start..end))
}

/// Where bytes of a text stand in a file: there themselves, or, of a rendered text, as they are written.
pub(super) fn literal(view: &View<'_>, span: Span, source: SourceId) -> Option<Span> {
    let at = match view.sources.rendered(span.source) {
        Some(rendered) => rendered.literal(span.start..span.end)?,
        None => span,
    };
    (at.source == source).then_some(at)
}

/// A byte of a rendered text that is one of a file.
pub(super) struct Rendered {
    /// The rendered text.
    pub(super) text: SourceId,
    /// The byte in it.
    pub(super) offset: u32,
    /// Where the run of bytes starts in it that stands in the file.
    start: u32,
    /// Where it stands there.
    at: Span,
}

impl Rendered {
    /// The part of some bytes of the text that stands in the file beside this byte.
    pub(super) fn back(&self, span: Span) -> Span {
        let inside = |offset: u32| (offset.max(self.start) - self.start) as usize;
        self.at.part(inside(span.start)..inside(span.end))
    }
}

/// Where a byte of a file stands in what charts yield.
pub(super) fn rendered_at<'v>(
    view: &View<'v>,
    source: SourceId,
    offset: u32,
) -> impl Iterator<Item = Rendered> + use<'v> {
    let sources = view.charts.map(|charts| charts.sources.iter());
    let texts = sources.into_iter().flatten().filter_map(|text| Some((text.id, text.rendered.as_deref()?)));
    texts.flat_map(move |(id, rendered)| {
        let pieces = rendered.literals().filter(move |(_, at)| super::touches(*at, source, offset));
        pieces.map(move |(start, at)| Rendered { text: id, offset: start + (offset - at.start), start, at })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<T>(text: &str, ask: impl Fn(&str, usize) -> T) -> T {
        let offset = text.find('‸').expect("a cursor");
        ask(&text.replace('‸', ""), offset)
    }

    #[test]
    fn values_are_found_in_actions_alone() {
        let keys = |text: &str| at(text, |text, offset| values_at(text, offset).map(|it| it.keys.join("/")));
        assert_eq!(keys("a: {{ .Values.web.im‸age.tag }}").as_deref(), Some("web/image"));
        assert_eq!(keys("a: {{ .Values.‸").as_deref(), Some(""));
        assert_eq!(keys("{{- with $.Values.we‸").as_deref(), Some("we"));
        assert_eq!(keys("{{ (index .Values.a 0).b‸ }}"), None);
        assert_eq!(keys("a: .Values.‸"), None);
        assert_eq!(keys("{{ .Values.a }} .Values.‸"), None);
        assert_eq!(keys("{{/* .Values.‸"), None);
        assert_eq!(keys("{{ .Valu‸"), None);
    }

    #[test]
    fn names_of_helpers_are_found_in_what_is_typed() {
        let name = |text: &str| {
            at(text, |text, offset| included_at(text, offset).map(|(name, range)| (name.to_owned(), range.start)))
        };
        assert_eq!(name("{{ include \"a.‸b\" . }}"), Some(("a.b".to_owned(), 12)));
        assert_eq!(name("{{- template \"‸"), Some((String::new(), 14)));
        assert_eq!(name("{{ include \"a\" . | quote \"‸\" }}"), None);
        assert_eq!(name("include \"‸a\""), None);
        assert_eq!(name("{{ myinclude \"‸a\" }}"), None);
    }
}
