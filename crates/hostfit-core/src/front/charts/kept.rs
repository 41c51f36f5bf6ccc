//! What charts yielded: their texts among the files of a run, so that of an edited tree only what is concerned is rendered
//! again.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Chart, Charts, File, Folders, Member, Output, comments, convert, is_configuration};
use crate::{
    front::{Content, Unit, kubernetes},
    source::{Source, SourceId, Span, rendered::Rendered},
    syntax::SyntaxError,
};

/// What charts yielded.
#[derive(Debug, Default)]
pub struct Kept {
    charts: Vec<Entry>,
    /// Of the files that are not rendered, by [`Source::path`].
    ids: BTreeMap<String, SourceId>,
    /// Whether a file is not used any more.
    releases: bool,
}

/// What one chart yielded.
#[derive(Debug)]
struct Entry {
    chart: Chart,
    /// The files that take part, in the tree.
    files: BTreeSet<String>,
    /// Those of them that are not judged by themselves.
    used: BTreeSet<SourceId>,
    /// The sources of its texts; of those that are not needed at the moment, too.
    texts: Vec<SourceId>,
    errors: Vec<SyntaxError>,
    /// Whether it was rendered with a set of values that hostfit made up.
    is_switched_on: bool,
}

impl Chart {
    /// Whether it is the same, however it is deployed.
    fn is(&self, other: &Self) -> bool {
        self.folder == other.folder && self.by == other.by
    }
}

impl Entry {
    /// Whether one of some files takes part.
    fn takes(&self, files: &BTreeSet<String>) -> bool {
        files.iter().any(|path| self.files.contains(path))
    }
}

/// What a file decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// Nothing of any chart.
    Nothing,
    /// What charts yield.
    Texts,
    /// Which charts there are, or with which values.
    Charts,
}

impl Kept {
    /// Whether nothing was rendered.
    pub fn is_empty(&self) -> bool {
        self.charts.is_empty()
    }

    /// The charts that a file of the tree takes part in.
    pub fn of_file(&self, path: &str) -> impl Iterator<Item = &Chart> {
        self.charts.iter().filter(move |entry| entry.files.contains(path)).map(|entry| &entry.chart)
    }

    /// Whether a chart was judged with what it has for Windows switched on.
    pub fn is_switched_on(&self, chart: &Chart) -> bool {
        self.charts.iter().any(|entry| entry.chart.is(chart) && entry.is_switched_on)
    }

    /// The file that is called so, if it takes part or was there when something was rendered.
    pub fn id(&self, path: &str) -> Option<SourceId> {
        self.ids.get(path).copied()
    }

    /// What a file of the tree with this text decides.
    pub fn concern(&self, path: &str, text: &str) -> Concern {
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_of_chart = Folders::is_marked_by(name) || name == "requirements.yaml";
        let deploys = |entry: &Entry| entry.chart.deployments.iter().any(|it| it.path == path);
        if is_of_chart || kubernetes::deploys(text) || self.charts.iter().any(deploys) {
            Concern::Charts
        } else if self.charts.iter().any(|entry| entry.files.contains(path)) {
            Concern::Texts
        } else {
            Concern::Nothing
        }
    }

    /// Renders the charts that files of the tree take part in, which have other texts by now.
    pub fn again(&self, charts: &Charts<'_>, changed: &BTreeSet<String>) -> Vec<(Chart, Output)> {
        let concerned = self.charts.iter().filter(|entry| entry.takes(changed));
        concerned.map(|entry| (entry.chart.clone(), charts.render(&entry.chart))).collect()
    }

    /// The same where it may be other charts by now, or others that deploy them; all of them where none of the files is
    /// known to be as it was. `manifests` may deploy charts. What is not there any more is rendered to nothing.
    pub fn find_again<'s>(
        &self,
        charts: &Charts<'_>,
        folders: &Folders,
        manifests: impl Iterator<Item = &'s Source>,
        changed: Option<&BTreeSet<String>>,
    ) -> Vec<(Chart, Output)> {
        let (found, _) = charts.find(folders, manifests);
        let gone = self.charts.iter().filter(|entry| found.iter().all(|it| !it.is(&entry.chart)));
        let gone: Vec<_> = gone.map(|entry| (entry.chart.clone(), Output::default())).collect();
        let is_same = |chart: &Chart| {
            let mut same = self.charts.iter().filter(|entry| entry.chart == *chart);
            changed.is_some_and(|changed| same.any(|entry| !entry.takes(changed)))
        };
        let other = found.into_iter().filter(|chart| !is_same(chart));
        let rendered = other.map(|chart| {
            let output = charts.render(&chart);
            (chart, output)
        });
        rendered.chain(gone).collect()
    }

    /// Gives each file that takes part a source and a unit, and each text that has something to judge a source, in the place
    /// of what the same charts yielded before. Returns the sources that are to be [lowered](super::lower). Ids of sources are
    /// their places; units may have to be sorted again.
    pub fn add(
        &mut self,
        outputs: Vec<(Chart, Output)>,
        charts: &Charts<'_>,
        sources: &mut Vec<Source>,
        units: &mut Vec<Unit>,
    ) -> Vec<SourceId> {
        if outputs.iter().flat_map(|(_, output)| &output.files).any(|file| !self.ids.contains_key(&file.path)) {
            for source in sources.iter().filter(|source| source.rendered.is_none()) {
                self.ids.entry(source.path.clone()).or_insert(source.id);
            }
        }
        let mut members = Members::of(units);
        let mut lowered = Vec::new();
        let (mut old_errors, mut old_used) = (Vec::new(), Vec::new());
        for (chart, output) in outputs {
            let old = self.charts.iter().position(|entry| entry.chart.is(&chart));
            let old = old.map(|at| self.charts.remove(at));
            let moved = self.take_part(&output, charts, sources, &mut members);
            let used = output.files.iter().zip(&moved).filter(|(file, _)| file.is_used).map(|(_, id)| *id);
            let mut entry = Entry {
                files: output.files.iter().map(|file| file.in_tree.clone()).collect(),
                used: used.collect(),
                texts: old.as_ref().map(|old| old.texts.clone()).unwrap_or_default(),
                errors: Vec::new(),
                is_switched_on: output.is_switched_on(),
                chart,
            };
            if let Some(old) = old {
                old_errors.extend(old.errors);
                old_used.extend(old.used);
            }
            for (file, range, message) in output.errors {
                let Some(id) = moved.get(file).copied() else { continue };
                let at = sources.get(id.0 as usize).and_then(|source| source.text.get(range.start..));
                let one = at.and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                let range = range.start..range.end.max(range.start + one);
                entry.errors.push(SyntaxError::new(Span::new(id, range), message));
            }
            let to = |id: SourceId| moved.get(id.0 as usize).copied().unwrap_or(id);
            let count = output.texts.len();
            for (at, text) in output.texts.into_iter().enumerate() {
                let id = entry.texts.get(at).copied().unwrap_or_else(|| source_id(sources.len()));
                let path = output.files.get(text.template).map_or_else(String::new, |file| file.path.clone());
                let rendered = convert::moved(text.rendered, to);
                put(sources, Source::from_text(id, path, text.text).rendered_from(rendered));
                if at >= entry.texts.len() {
                    entry.texts.push(id);
                }
                lowered.push(id);
            }
            for id in entry.texts.iter().skip(count) {
                let path = sources.get(id.0 as usize).map(|source| source.path.clone()).unwrap_or_default();
                put(sources, Source::from_text(*id, path, "").rendered_from(Rendered::default()));
            }
            members.gone.extend(entry.texts.iter().copied());
            // What is not there any more is not kept.
            if !entry.files.is_empty() {
                self.charts.push(entry);
            }
        }
        self.releases |= old_used.iter().any(|id| self.charts.iter().all(|entry| !entry.used.contains(id)));
        let errors: Vec<_> = self.charts.iter().flat_map(|entry| &entry.errors).collect();
        members.finish(&old_errors, &errors);
        lowered
    }

    /// Lets go of what each of the charts yielded, for who renders none of them again.
    pub fn forget_charts(&mut self) {
        self.charts.clear();
    }

    /// Whether a file is judged by itself from now on, since what used it does so no more: then it has to be read again.
    pub fn takes_release(&mut self) -> bool {
        std::mem::take(&mut self.releases)
    }

    /// Gives the files of a chart sources and units; returns their ids.
    fn take_part(
        &mut self,
        output: &Output,
        charts: &Charts<'_>,
        sources: &mut Vec<Source>,
        members: &mut Members<'_>,
    ) -> Vec<SourceId> {
        let mut is_named = vec![false; output.files.len()];
        let mut mark = |id: usize| is_named.get_mut(id).into_iter().for_each(|it| *it = true);
        for text in &output.texts {
            text.rendered.files().iter().for_each(|id| mark(id.0 as usize));
        }
        output.errors.iter().for_each(|(file, ..)| mark(*file));
        let one = |(file, is_named): (&File, bool)| {
            let id = *self.ids.entry(file.path.clone()).or_insert_with(|| {
                let id = source_id(sources.len());
                sources.push(Source::from_text(id, &*file.path, ""));
                id
            });
            if is_named && sources.get(id.0 as usize).is_some_and(|source| source.text.is_empty()) {
                let bytes = match &file.archived {
                    Some(text) => Some(text.as_bytes().to_vec()),
                    None => charts.tree.read(&file.in_tree).map(Cow::into_owned),
                };
                let source = bytes.and_then(|bytes| Source::decode(id, &*file.path, bytes).ok());
                if let Some(source) = source {
                    put(sources, source.of_chart(file.is_template));
                }
            }
            if !is_configuration(&file.path) {
                members.add(id, file, sources.get(id.0 as usize).filter(|_| is_named));
            }
            id
        };
        output.files.iter().zip(is_named).map(one).collect()
    }
}

/// The units of a run, and those of files that take part among them.
struct Members<'u> {
    units: &'u mut Vec<Unit>,
    places: FxHashMap<SourceId, usize>,
    /// Texts whose units are out of date.
    gone: FxHashSet<SourceId>,
}

impl<'u> Members<'u> {
    fn of(units: &'u mut Vec<Unit>) -> Self {
        let places = units.iter().zip(0..).map(|(unit, at)| (unit.source, at)).collect();
        Self { units, places, gone: FxHashSet::default() }
    }

    /// Adds a file; with its text where something of it is rendered. What a kustomization uses is judged through it alone:
    /// its unit holds no manifests any more.
    fn add(&mut self, id: SourceId, file: &File, source: Option<&Source>) {
        let content = || Content::Chart(Member { is_template: file.is_template });
        let at = *self.places.entry(id).or_insert_with(|| {
            self.units.push(Unit { source: id, content: content(), errors: Vec::new(), comments: Vec::new() });
            self.units.len() - 1
        });
        let Some(unit) = self.units.get_mut(at) else { return };
        match unit.content {
            Content::Chart(_) if unit.comments.is_empty() => {
                unit.comments = source.map(comments).unwrap_or_default();
            }
            Content::Kubernetes(_) if file.is_used => unit.content = content(),
            _ => {}
        }
    }

    /// Puts errors in the place of those that were there before.
    fn finish(self, old: &[SyntaxError], errors: &[&SyntaxError]) {
        let touched: FxHashSet<_> = old.iter().chain(errors.iter().copied()).map(|error| error.span.source).collect();
        for unit in self.units.iter_mut().filter(|unit| touched.contains(&unit.source)) {
            unit.errors.retain(|error| !old.contains(error));
            for error in errors.iter().filter(|error| error.span.source == unit.source) {
                if !unit.errors.iter().any(|it| it.span == error.span) {
                    unit.errors.push((*error).clone());
                }
            }
        }
        self.units.retain(|unit| !self.gone.contains(&unit.source));
    }
}

/// Puts a source in its place, which may be the next one.
fn put(sources: &mut Vec<Source>, source: Source) {
    match sources.get_mut(source.id.0 as usize) {
        Some(place) => *place = source,
        None => sources.push(source),
    }
}

fn source_id(place: usize) -> SourceId {
    SourceId(u32::try_from(place).unwrap_or(u32::MAX))
}
