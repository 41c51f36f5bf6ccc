//! The files of one folder, and what is found in them. Only what was changed is read again.

mod charts;
mod found;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
    path::{Component, Path, PathBuf},
};

use hostfit_core::{
    check::Report,
    config::{Config, ConfigError, lock, write::NAME},
    finding::Finding,
    front::{
        Content, Memory, Unit,
        detect::{NameHint, may_be_ours},
        wanted,
    },
    rules,
    source::{self, Source, SourceId, Sources, Span},
    windows::Date,
};

use lsp_types::FileChangeType;

use self::{
    charts::Charts,
    found::{Found, Judged},
};
use crate::{
    answer::View,
    disk::{Disk, File, Origin, Scope, Tree},
    document::Document,
    position::{Encoding, Lines},
};

/// The files of one folder, and what is found in them.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// Which of its files are looked at.
    pub(crate) scope: Scope,
    /// What was read of it; nothing before that.
    pub(crate) files: Option<Files>,
    /// Whether it is being read.
    pub(crate) loading: bool,
    /// Whether it has to be read, again.
    pub(crate) outdated: bool,
}

/// What was read of a folder.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) sources: Sources,
    entries: Vec<File>,
    pub(crate) units: Vec<Unit>,
    /// As its file has it.
    pub(crate) config: Config,
    pub(crate) errors: Vec<ConfigError>,
    /// What people are shown of files that are not read.
    pub(crate) notices: Vec<String>,
    folder: PathBuf,
    root: PathBuf,
    ids: HashMap<PathBuf, SourceId>,
    /// Files whose text is another by now.
    stale: BTreeSet<SourceId>,
    found: Found,
    /// The day on which that was worked out.
    today: Date,
    /// Whether files are missing to which others refer by now.
    incomplete: bool,
    lines: BTreeMap<SourceId, Lines>,
    /// Of what is open.
    memories: BTreeMap<SourceId, Memory>,
    charts: Charts,
}

impl Folder {
    pub(crate) fn new(path: PathBuf, scope: Scope) -> Self {
        Self { path, scope, files: None, loading: false, outdated: true }
    }

    /// Whether its findings are those of the present texts, or will be as soon as they are asked for.
    pub(crate) fn is_ready(&self) -> bool {
        self.files.is_some() && !self.loading && !self.outdated
    }

    /// Whether it can be judged and was not since something changed.
    pub(crate) fn is_dirty(&self) -> bool {
        self.files.as_ref().is_some_and(Files::is_dirty)
    }

    /// Takes what was read.
    pub(crate) fn take(&mut self, tree: Tree) {
        self.files = Some(Files::new(tree));
    }
}

impl Files {
    fn new(tree: Tree) -> Self {
        // The configuration comes first, and may be met again among the files.
        let files = tree.files.iter().zip(&tree.sources).rev();
        let ids = files.map(|(file, source)| (file.path.clone(), source.id)).collect();
        Self {
            sources: Sources::new(tree.sources).in_folder(&tree.folder.to_string_lossy()),
            entries: tree.files,
            units: tree.units,
            config: tree.config,
            errors: tree.errors,
            notices: tree.notices,
            folder: tree.folder,
            root: tree.root,
            ids,
            stale: BTreeSet::new(),
            found: Found::default(),
            today: Date { year: 1970, month: 1, day: 1 },
            incomplete: false,
            lines: BTreeMap::new(),
            memories: BTreeMap::new(),
            charts: Charts::new(tree.rendered, tree.kept),
        }
    }

    pub(crate) fn id(&self, path: &Path) -> Option<SourceId> {
        self.ids.get(path).copied()
    }

    pub(crate) fn file(&self, id: SourceId) -> Option<&File> {
        self.entries.get(id.0 as usize)
    }

    /// The bytes of a range.
    pub(crate) fn bytes(&self, id: SourceId, range: lsp_types::Range, encoding: Encoding) -> Option<Range<usize>> {
        let source = self.sources.get(id)?;
        Some(self.lines_of(source).bytes(&source.text, range, encoding))
    }

    /// The byte at a position.
    pub(crate) fn offset(&self, id: SourceId, at: lsp_types::Position, encoding: Encoding) -> Option<u32> {
        let source = self.sources.get(id)?;
        u32::try_from(self.lines_of(source).offset(&source.text, at, encoding)).ok()
    }

    fn lines_of(&self, source: &Source) -> Cow<'_, Lines> {
        let known = self.lines.get(&source.id).map(Cow::Borrowed);
        known.unwrap_or_else(|| Cow::Owned(Lines::new(&source.text)))
    }

    /// Whether the files are others where this one, which is not known, came or went.
    pub(crate) fn concerns(&self, path: &Path, kind: FileChangeType) -> bool {
        let names = |name: &str| path.file_name().is_some_and(|it| it == name);
        let lies_here = path.starts_with(&self.folder);
        let holds_this = path.parent().is_some_and(|parent| self.folder.starts_with(parent));
        if self.names(path) {
            return true;
        }
        if (names(NAME) || names(lock::NAME)) && (lies_here || holds_this) || names(".gitignore") && lies_here {
            return true;
        }
        if kind == FileChangeType::Deleted {
            return self.entries.iter().any(|file| file.path.starts_with(path));
        }
        if self.charts.concerns(path, kind) {
            return true;
        }
        kind == FileChangeType::Created && lies_here && may_be_ours(&path.to_string_lossy()) != NameHint::Never
    }

    /// Whether the configuration names this file as a fleet or as the baseline.
    fn names(&self, path: &Path) -> bool {
        let targets = self.config.targets.iter().map(|target| &target.file);
        let mut named = targets.chain(self.config.baseline_file.iter().map(|it| &it.path));
        named.any(|file| absolute(&self.root, file) == path)
    }

    pub(crate) fn unit(&self, id: SourceId) -> Option<&Unit> {
        self.units.binary_search_by_key(&id, |unit| unit.source).ok().and_then(|at| self.units.get(at))
    }

    /// Notes that a file has another text.
    pub(crate) fn touch(&mut self, id: SourceId) {
        self.stale.insert(id);
    }

    /// Whether something changed since it was judged last, and can be judged.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.incomplete && (!self.stale.is_empty() || self.found.is_dirty())
    }

    /// Whether it has to be read again before it can be judged.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// Whether it is known what is found in some texts, the last ones or those before.
    pub(crate) fn was_judged(&self) -> bool {
        self.found.was_judged()
    }

    /// The text of the configuration, if there is one.
    pub(crate) fn config_source(&self) -> Option<&Source> {
        let place = self.entries.iter().position(|file| file.origin == Origin::Config)?;
        self.sources.get(SourceId(u32::try_from(place).ok()?))
    }

    /// Where a configuration of its own would lie.
    pub(crate) fn own_config(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// The configuration, if it lies above the folder.
    pub(crate) fn config_above(&self) -> Option<&Path> {
        let file = self.entries.iter().find(|file| file.origin == Origin::Config)?;
        (!file.path.starts_with(&self.folder)).then_some(&file.path)
    }

    /// Whether files around the folder are judged with it, which hardly any client watches.
    pub(crate) fn has_context(&self) -> bool {
        self.entries.iter().any(|file| file.origin == Origin::Context)
    }

    /// Reads the files again that were changed; `text` gives the text of those that are open. False if the folder has to
    /// be read as a whole, since other files belong to it now.
    pub(crate) fn refresh<'t>(&mut self, disk: &dyn Disk, text: impl Fn(&Path) -> Option<&'t str>) -> bool {
        while let Some(id) = self.stale.pop_first() {
            let Some(file) = self.file(id).cloned() else { continue };
            let text = text(&file.path);
            let is_complete = match file.origin {
                // What registries said concerns every image.
                Origin::Config if file.path.file_name().is_some_and(|it| it == lock::NAME) => false,
                Origin::Config => self.configure(disk.read_config(&self.folder, &file.path, id, text), disk),
                Origin::Fleet => false,
                _ if self.names(&file.path) => false,
                _ if text.is_some_and(|text| self.has(id, text)) => true,
                Origin::Folder | Origin::Open | Origin::Reference | Origin::Context => {
                    // Of what is not open nobody edits much.
                    let mut memory = self.memories.remove(&id).unwrap_or_default();
                    memory.keep_kind(self.unit(id));
                    let (source, unit) = disk.read(&self.folder, &file.path, id, text, &mut memory);
                    if text.is_some() {
                        self.memories.insert(id, memory);
                    }
                    self.charts.touch(id, text.is_some());
                    let source = match unit.as_ref().map(|unit| &unit.content) {
                        Some(Content::Chart(member)) => source.of_chart(member.is_template),
                        _ => source,
                    };
                    self.replace(whole(source, unit.is_some(), text), unit, disk)
                }
                Origin::Rendered => true,
            };
            self.incomplete |= !is_complete;
        }
        if !self.incomplete {
            self.render(disk);
        }
        !self.incomplete
    }

    /// Renders again what the changes concern.
    fn render(&mut self, disk: &dyn Disk) {
        let outputs = self.charts.render(&self.sources, &self.units, &self.config);
        if outputs.is_empty() {
            return;
        }
        let sources = std::mem::take(&mut self.sources);
        let (sources, rendered) = self.charts.put(outputs, sources, &mut self.units, &self.config);
        self.sources = sources;
        self.incomplete |= self.charts.takes_release();
        for id in rendered {
            self.lines.remove(&id);
        }
        self.found.widen();
        let new = self.sources.files().iter().skip(self.entries.len());
        let new = new.map(|source| {
            let path = absolute(&self.folder, &source.path);
            (source.id, File { path, origin: if source.is_file() { Origin::Reference } else { Origin::Rendered } })
        });
        let new: Vec<_> = new.collect();
        for (id, file) in new {
            self.ids.entry(file.path.clone()).or_insert(id);
            self.entries.push(file);
        }
        if !self.config.targets.is_empty() {
            let files = (self.entries.as_slice(), self.sources.files());
            disk.match_overrides(&self.folder, &self.root, &mut self.config, files);
        }
    }

    /// Whether this is the very text that was read already.
    fn has(&self, id: SourceId, text: &str) -> bool {
        self.sources.get(id).is_some_and(|source| {
            *source.text == text && source.encoding == source::Encoding::Utf8 && source.invalid_utf8.is_none()
        })
    }

    /// Puts the new text of a file in the place of the old one. False if it refers to other files than before, of which
    /// some are not known.
    fn replace(&mut self, source: Source, unit: Option<Unit>, disk: &dyn Disk) -> bool {
        let id = source.id;
        let place = self.units.binary_search_by_key(&id, |unit| unit.source);
        let before = self.wanted(id);
        self.lines.remove(&id);
        self.sources.replace(source);
        if unit.is_none() && place.is_err() {
            return true;
        }
        let is_known = place.is_ok() && unit.is_some();
        match (place, unit) {
            (Ok(at), Some(unit)) => {
                if let Some(old) = self.units.get_mut(at) {
                    *old = unit;
                }
            }
            (Ok(at), None) => drop(self.units.remove(at)),
            (Err(at), Some(unit)) => self.units.insert(at, unit),
            (Err(_), None) => {}
        }
        let after = self.wanted(id);
        self.found.touch(id, !is_known || before != after);
        let env_files = self.env_files(id);
        before.symmetric_difference(&after).all(|path| match self.id(path).and_then(|id| self.file(id).zip(Some(id))) {
            Some((file, id)) => {
                // A file that is now of another kind is read again.
                let is_read = !env_files.contains(path) || self.unit(id).is_some();
                is_read && matches!(file.origin, Origin::Folder | Origin::Context)
            }
            None => !disk.is_file(&self.folder, path),
        })
    }

    fn env_files(&self, id: SourceId) -> BTreeSet<PathBuf> {
        self.referred(id, wanted::env_files)
    }

    fn wanted(&self, id: SourceId) -> BTreeSet<PathBuf> {
        self.referred(id, wanted::wanted)
    }

    fn referred(&self, id: SourceId, how: fn(&Unit, &Source) -> Vec<String>) -> BTreeSet<PathBuf> {
        let (Some(unit), Some(source)) = (self.unit(id), self.sources.get(id)) else { return BTreeSet::new() };
        how(unit, source).into_iter().map(|path| absolute(&self.folder, &path)).collect()
    }

    /// Takes another text of the configuration. One that cannot be taken leaves the last one that could. False if other
    /// files are looked at from now on.
    fn configure(&mut self, source: Source, disk: &dyn Disk) -> bool {
        if self.has(source.id, &source.text) {
            return true;
        }
        self.found.touch(source.id, true);
        self.lines.remove(&source.id);
        let parsed = Config::parse(&source, &rules::ids());
        // Those of the lock file stay.
        self.errors.retain(|error| error.span.source != source.id);
        self.sources.replace(source);
        match parsed {
            Ok(config) => {
                // Fleets of targets stand in files of their own.
                let has_targets = !config.targets.is_empty() || !self.config.targets.is_empty();
                let named = |config: &Config| config.baseline_file.as_ref().map(|it| it.path.clone());
                let same_files =
                    config.exclude == self.config.exclude && named(&config) == named(&self.config) && !has_targets;
                self.charts.configure(&self.config, &config);
                let (lock, baseline) = (self.config.lock.take(), self.config.baseline.take());
                self.config = Config { lock, baseline, ..config };
                self.found.configure();
                let files = (self.entries.as_slice(), self.sources.files());
                disk.match_overrides(&self.folder, &self.root, &mut self.config, files);
                same_files
            }
            Err(errors) => {
                self.errors.extend(errors);
                true
            }
        }
    }

    /// All that is found in the texts, as far as that is known.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.found.findings()
    }

    /// What is found in a file, if that is known.
    pub(crate) fn report(&self, id: SourceId) -> Option<&Report> {
        self.found.report(id)
    }

    /// The headline of a finding, and the fleet that it holds for where there are several.
    pub(crate) fn headline(&self, finding: &Finding) -> String {
        let headline = &finding.message.headline;
        let report = self.found.report(finding.span.source);
        match report.and_then(|it| it.answers(&self.config).fleet_name(finding)) {
            Some(fleet) => format!("{headline} (judged against {fleet})"),
            None => headline.clone(),
        }
    }

    /// What answers about a file are made of; none where it is not known what is found.
    pub(crate) fn view(&self, id: SourceId) -> Option<View<'_>> {
        let report = self.found.report(id)?;
        let answers = report.answers(&self.config);
        let charts = self.charts.view(&self.sources, &self.config);
        Some(View { sources: &self.sources, units: &self.units, answers, report, today: self.today, charts })
    }

    /// Works out what is found in the texts. `open` gives what is open.
    pub(crate) fn judge<'d>(&mut self, disk: &dyn Disk, open: impl Fn(&Path) -> Option<&'d Document>) {
        if self.found.is_present() || self.incomplete {
            return;
        }
        self.today = disk.today();
        self.work_out(open, Found::judge);
    }

    /// Works out what is found where no edit seemed to concern it. False if all is known.
    pub(crate) fn complete<'d>(&mut self, open: impl Fn(&Path) -> Option<&'d Document>) -> bool {
        let is_partial = self.found.is_partial() && self.stale.is_empty() && !self.incomplete;
        if is_partial {
            self.work_out(open, Found::complete);
        }
        is_partial
    }

    fn work_out<'d>(
        &mut self,
        open: impl Fn(&Path) -> Option<&'d Document>,
        how: impl FnOnce(&mut Found, &mut Judged<'_>) -> BTreeSet<SourceId>,
    ) {
        let has_others = self.entries.iter().any(|file| file.origin == Origin::Context);
        let entries = (0..).map(SourceId).zip(&self.entries);
        let given = entries.filter(|(_, file)| file.origin != Origin::Context).map(|(id, _)| id);
        let given = has_others.then(|| given.collect());
        // Where this panics, units are missing.
        self.incomplete = true;
        let (sources, units, config) = (&self.sources, &mut self.units, &self.config);
        // Else its findings stand in the text of a configuration that is not there any more.
        let has_config = self.errors.iter().all(|error| config.files.iter().all(|it| it.source != error.span.source));
        let mut ids =
            how(&mut self.found, &mut Judged { sources, units, config, has_config, today: self.today, given });
        self.incomplete = false;
        ids.extend(self.errors.iter().map(|it| it.span.source));
        for id in ids {
            if let (Some(source), Some(file)) = (self.sources.get(id), self.entries.get(id.0 as usize)) {
                self.lines.entry(id).or_insert_with(|| match open(&file.path) {
                    Some(document) if source.text == document.text => document.lines.clone(),
                    Some(_) => Lines::new(&source.text),
                    None => Lines::of_file(&source.text),
                });
            }
        }
    }

    /// Does what can wait until nobody waits.
    pub(crate) fn tidy(&mut self) {
        self.found.tidy(&self.sources, &self.units);
    }

    /// The files in which something else may be found than when this was asked last.
    pub(crate) fn take_news(&mut self) -> BTreeSet<SourceId> {
        self.found.take_news()
    }

    /// The file and the positions of a span; none of what is rendered or lies in an archive.
    pub(crate) fn place(&self, span: Span, encoding: Encoding) -> Option<(&Path, lsp_types::Range)> {
        let (source, file) = (self.sources.get(span.source)?, self.file(span.source)?);
        if file.origin == Origin::Rendered {
            return None;
        }
        if let Some(lines) = self.lines.get(&span.source) {
            return Some((&file.path, lines.range(&source.text, span.range(), encoding)));
        }
        let charts = self.charts.view(&self.sources, &self.config);
        let text = charts.map_or(Cow::Borrowed(source.text.as_str()), |charts| charts.text(source));
        let range = Lines::of_file(&text).range(&text, span.range(), encoding);
        Some((&file.path, range))
    }
}

/// A file that hostfit does not read, or not yet, has no text; people may ask for something in it nevertheless if it is open.
fn whole(source: Source, is_ours: bool, text: Option<&str>) -> Source {
    match text {
        Some(text) if !is_ours && may_be_ours(&source.path) != NameHint::Never => {
            Source::from_text(source.id, source.path, text)
        }
        _ => source,
    }
}

/// A path as sources write it, below `folder`, without `..`.
fn absolute(folder: &Path, path: &str) -> PathBuf {
    let mut absolute = folder.to_owned();
    for component in Path::new(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => _ = absolute.pop(),
            other => absolute.push(other),
        }
    }
    absolute
}
