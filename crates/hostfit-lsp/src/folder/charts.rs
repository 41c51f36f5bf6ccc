//! What the charts and kustomizations of a folder yield, kept up with its files.

use std::{collections::BTreeSet, path::Path};

use hostfit_core::{
    config::Config,
    front::{
        Unit,
        charts::{Chart, Concern, Kept, Output, lower, manifests},
    },
    source::{SourceId, Sources},
};
use lsp_types::FileChangeType;

use crate::{
    answer::charts::{Charts as View, text_of},
    disk::Rendered,
};

/// The charts and kustomizations of a folder, and what they yielded.
#[derive(Debug, Default)]
pub(super) struct Charts {
    files: Option<Box<dyn Rendered>>,
    kept: Kept,
    /// Files that have another text than when they were rendered.
    changed: BTreeSet<SourceId>,
    /// Whether the configuration says something else of them.
    is_outdated: bool,
    /// What is open, which may be empty.
    open: BTreeSet<SourceId>,
}

impl Charts {
    pub(super) fn new(files: Option<Box<dyn Rendered>>, kept: Kept) -> Self {
        Self { files, kept, ..Self::default() }
    }

    /// Notes that a file has another text.
    pub(super) fn touch(&mut self, id: SourceId, is_open: bool) {
        if self.files.is_none() {
            return;
        }
        self.changed.insert(id);
        if is_open {
            self.open.insert(id);
        } else {
            self.open.remove(&id);
        }
    }

    /// Notes that the configuration is another.
    pub(super) fn configure(&mut self, old: &Config, new: &Config) {
        self.is_outdated |= self.files.is_some() && old.charts != new.charts;
    }

    /// Whether other files take part where this one, which is not known, came, went or changed.
    pub(super) fn concerns(&self, path: &Path, kind: FileChangeType) -> bool {
        let is_read_whole = || {
            let is_archive = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("tgz"));
            is_archive || path.file_name().is_some_and(|it| it == ".helmignore")
        };
        let holds = || self.files.as_ref().is_some_and(|files| files.holds(path));
        (kind != FileChangeType::Changed || is_read_whole()) && holds()
    }

    /// Renders again what the changes concern.
    pub(super) fn render(&mut self, sources: &Sources, units: &[Unit], config: &Config) -> Vec<(Chart, Output)> {
        let (changed, is_outdated) = (std::mem::take(&mut self.changed), std::mem::take(&mut self.is_outdated));
        let mut outputs = Vec::new();
        let Some(files) = self.files.as_deref().filter(|_| is_outdated || !changed.is_empty()) else {
            return outputs;
        };
        files.with(config, &|path| text_of(path, &self.kept, &self.open, sources), &mut |all, folders| {
            let changed = changed.iter().filter_map(|id| sources.get(*id));
            let paths = changed.map(|source| ((all.in_tree)(&source.path), source));
            let mut concern = if is_outdated { Concern::Charts } else { Concern::Nothing };
            let mut concerned = BTreeSet::new();
            for (path, source) in paths {
                let own = self.kept.concern(&path, &source.text);
                concern = concern.max(own);
                concerned.extend((own != Concern::Nothing).then_some(path));
            }
            outputs = match concern {
                Concern::Nothing => Vec::new(),
                Concern::Texts => self.kept.again(all, &concerned),
                Concern::Charts => {
                    let changed = (!is_outdated).then_some(&concerned);
                    self.kept.find_again(all, folders, manifests(sources.files(), units), changed)
                }
            };
        });
        outputs
    }

    /// Puts what was rendered in the place of what was there. Returns the texts that are others by now.
    pub(super) fn put(
        &mut self,
        mut outputs: Vec<(Chart, Output)>,
        sources: Sources,
        units: &mut Vec<Unit>,
        config: &Config,
    ) -> (Sources, Vec<SourceId>) {
        let Some(files) = self.files.as_deref() else { return (sources, Vec::new()) };
        let kept = &mut self.kept;
        let (sources, added) = sources.renewed(|mut sources| {
            let mut added = Vec::new();
            files.with(config, &|_| None, &mut |all, _| {
                added = kept.add(std::mem::take(&mut outputs), all, &mut sources, units);
            });
            (sources, added)
        });
        units.extend(added.iter().filter_map(|id| sources.get(*id)).map(lower));
        units.sort_by_key(|unit| unit.source);
        (sources, added)
    }

    /// Whether files are judged by themselves from now on that were not before, and have to be read again.
    pub(super) fn takes_release(&mut self) -> bool {
        self.kept.takes_release()
    }

    /// What answers are made of.
    pub(super) fn view<'v>(&'v self, sources: &'v Sources, config: &'v Config) -> Option<View<'v>> {
        let files = self.files.as_deref()?;
        Some(View { files, kept: &self.kept, open: &self.open, sources, config })
    }
}
