//! The files of one folder, and what is found in them. Only what was changed is read again.

mod charts;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
    path::{Component, Path, PathBuf},
};

use hostfit_core::{
    check::{self, Asked, Report},
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

use self::charts::Charts;
use crate::{
    answer::View,
    disk::{Disk, File, Origin, Scope, Tree},
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
    /// Files whose text became another since all were judged last.
    changed: BTreeSet<SourceId>,
    /// What is found in the texts; none where these have changed since.
    report: Option<Report>,
    /// What was found before these changes.
    last: Option<Report>,
    /// Dropped when idle: that takes time, and a request must not wait for it.
    spent: Option<Report>,
    /// The day of the report.
    today: Date,
    /// Files in which something else may be found than when this was taken last.
    news: BTreeSet<SourceId>,
    /// Whether judging the present texts failed.
    failed: bool,
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
            changed: BTreeSet::new(),
            report: None,
            last: None,
            spent: None,
            today: Date { year: 1970, month: 1, day: 1 },
            news: BTreeSet::new(),
            failed: false,
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
        !self.incomplete && (!self.stale.is_empty() || self.report.is_none() && !self.failed)
    }

    /// Whether it has to be read again before it can be judged.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// Whether it is known what is found in some texts, the last ones or those before.
    pub(crate) fn was_judged(&self) -> bool {
        self.report.is_some() || self.failed
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
        let new = self.sources.files().iter().skip(self.entries.len());
        let new = new.map(|source| {
            let path = absolute(&self.folder, &source.path);
            let is_file = source.rendered.is_none() && !source.path.contains("!/");
            (source.id, File { path, origin: if is_file { Origin::Reference } else { Origin::Rendered } })
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
            source.text == text && source.encoding == source::Encoding::Utf8 && source.invalid_utf8.is_none()
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
        self.note_change(id);
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

    fn note_change(&mut self, id: SourceId) {
        self.changed.insert(id);
        self.last = self.report.take().or(self.last.take());
        self.failed = false;
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
        self.note_change(source.id);
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

    /// What is found in the texts, if that is known.
    pub(crate) fn report(&self) -> Option<&Report> {
        self.report.as_ref()
    }

    /// The headline of a finding, and the fleet that it holds for where there are several.
    pub(crate) fn headline(&self, finding: &Finding) -> String {
        let headline = &finding.message.headline;
        match self.report.as_ref().and_then(|it| it.answers(&self.config).fleet_name(finding)) {
            Some(fleet) => format!("{headline} (judged against {fleet})"),
            None => headline.clone(),
        }
    }

    /// What answers are made of; none where it is not known what is found.
    pub(crate) fn view(&self) -> Option<View<'_>> {
        let report = self.report.as_ref()?;
        let answers = report.answers(&self.config);
        let charts = self.charts.view(&self.sources, &self.config);
        Some(View { sources: &self.sources, units: &self.units, answers, report, today: self.today, charts })
    }

    /// Works out what is found in the texts.
    pub(crate) fn judge(&mut self, disk: &dyn Disk, is_open: impl Fn(&Path) -> bool) {
        if self.report.is_some() || self.incomplete {
            return;
        }
        // Two models at a time are enough.
        self.tidy();
        let (last, changed) = (self.last.take(), std::mem::take(&mut self.changed));
        let mut known = by_file(last.as_ref());
        let news: Vec<_> = known.keys().chain(&changed).copied().collect();
        self.news.extend(news);
        // What makes the rules fail once would do so again.
        self.failed = true;
        self.today = disk.today();
        let mut report = check::check(&self.sources, &self.units, &self.config, self.today);
        report.identify(&self.sources, &self.units, &self.config);
        let entries = (0..).map(SourceId).zip(&self.entries);
        let given = entries.filter(|(_, file)| file.origin != Origin::Context).map(|(id, _)| id).collect();
        report.ask(Asked::Files(&given), &self.sources, &self.units, &self.config);
        self.failed = false;
        let old = &self.config.files;
        if self.errors.iter().any(|error| old.iter().any(|it| it.source == error.span.source)) {
            // They stand in the text of a configuration that is not there any more.
            report.findings.retain(|finding| old.iter().all(|it| it.source != finding.span.source));
        }
        let found = by_file(Some(&report));
        for (id, findings) in &found {
            let moved = |finding: &&&Finding| finding.related.iter().any(|it| changed.contains(&it.span.source));
            let is_same = known.remove(id).is_some_and(|it| {
                it.len() == findings.len() && it.iter().zip(findings).all(|(one, other)| one.is_same(other))
            });
            if is_same && !changed.contains(id) && findings.iter().find(moved).is_none() {
                self.news.remove(id);
            } else {
                self.news.insert(*id);
            }
        }
        let mut ids: BTreeSet<_> = found.keys().copied().collect();
        ids.extend(report.findings.iter().flat_map(|it| &it.related).map(|it| it.span.source));
        ids.extend(self.errors.iter().map(|it| it.span.source));
        for id in ids {
            if let (Some(source), Some(file)) = (self.sources.get(id), self.entries.get(id.0 as usize)) {
                let read = if is_open(&file.path) { Lines::new } else { Lines::of_file };
                self.lines.entry(id).or_insert_with(|| read(&source.text));
            }
        }
        self.report = Some(report);
        self.spent = last;
    }

    /// Drops what is not needed any more. For many files that takes longer than an answer.
    pub(crate) fn tidy(&mut self) {
        self.spent = None;
    }

    /// The files in which something else may be found than when this was asked last.
    pub(crate) fn take_news(&mut self) -> BTreeSet<SourceId> {
        std::mem::take(&mut self.news)
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

/// What is found in each file, in the order of the report.
fn by_file(report: Option<&Report>) -> BTreeMap<SourceId, Vec<&Finding>> {
    let mut found: BTreeMap<SourceId, Vec<&Finding>> = BTreeMap::new();
    for finding in report.iter().flat_map(|report| &report.findings) {
        found.entry(finding.span.source).or_default().push(finding);
    }
    found
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
