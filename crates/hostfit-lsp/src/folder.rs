//! The files of one folder, and what is found in them. Only what was changed is read again.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
    path::{Component, Path, PathBuf},
};

use hostfit_core::{
    check::{self, Report},
    config::{Config, ConfigError, lock},
    front::{
        Unit,
        detect::{NameHint, may_be_ours},
        wanted,
    },
    rules,
    source::{Source, SourceId, Sources, Span},
};

use lsp_types::FileChangeType;

use crate::{
    disk::{Disk, File, Origin, Scope, Tree},
    position::{Encoding, Lines},
};

/// The name of the configuration.
const CONFIG: &str = "hostfit.toml";

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
    pub(crate) config: Config,
    pub(crate) errors: Vec<ConfigError>,
    folder: PathBuf,
    root: PathBuf,
    ids: HashMap<PathBuf, SourceId>,
    /// Files whose text is another by now.
    stale: BTreeSet<SourceId>,
    /// What is found in the texts; none where these have changed since.
    report: Option<Report>,
    /// Whether judging the present texts failed.
    failed: bool,
    lines: BTreeMap<SourceId, Lines>,
}

impl Folder {
    pub(crate) fn new(path: PathBuf, scope: Scope) -> Self {
        Self { path, scope, files: None, loading: false, outdated: true }
    }

    /// Whether its findings are those of the present texts, or will be as soon as they are asked for.
    pub(crate) fn is_ready(&self) -> bool {
        self.files.is_some() && !self.loading && !self.outdated
    }

    /// Whether it was not judged since something changed.
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
            sources: Sources::new(tree.sources),
            entries: tree.files,
            units: tree.units,
            config: tree.config,
            errors: tree.errors,
            folder: tree.folder,
            root: tree.root,
            ids,
            stale: BTreeSet::new(),
            report: None,
            failed: false,
            lines: BTreeMap::new(),
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
        let lines = self.lines.get(&id).cloned().unwrap_or_else(|| Lines::new(&source.text));
        Some(lines.bytes(&source.text, range, encoding))
    }

    /// Whether the files are others where this one, which is not known, came or went.
    pub(crate) fn concerns(&self, path: &Path, kind: FileChangeType) -> bool {
        let names = |name: &str| path.file_name().is_some_and(|it| it == name);
        let lies_here = path.starts_with(&self.folder);
        let holds_this = path.parent().is_some_and(|parent| self.folder.starts_with(parent));
        if (names(CONFIG) || names(lock::NAME)) && (lies_here || holds_this) || names(".gitignore") && lies_here {
            return true;
        }
        if kind == FileChangeType::Deleted {
            return self.entries.iter().any(|file| file.path.starts_with(path));
        }
        kind == FileChangeType::Created && lies_here && may_be_ours(&path.to_string_lossy()) != NameHint::Never
    }

    pub(crate) fn unit(&self, id: SourceId) -> Option<&Unit> {
        self.units.binary_search_by_key(&id, |unit| unit.source).ok().and_then(|at| self.units.get(at))
    }

    /// Notes that a file has another text.
    pub(crate) fn touch(&mut self, id: SourceId) {
        self.stale.insert(id);
    }

    /// Whether something changed since it was judged last.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.stale.is_empty() || self.report.is_none() && !self.failed
    }

    /// Reads the files again that were changed; `text` gives the text of those that are open. False if the folder has to
    /// be read as a whole, since other files belong to it now.
    pub(crate) fn refresh<'t>(&mut self, disk: &dyn Disk, text: impl Fn(&Path) -> Option<&'t str>) -> bool {
        let mut complete = true;
        while let Some(id) = self.stale.pop_first() {
            let Some(file) = self.file(id).cloned() else { continue };
            let text = text(&file.path);
            complete &= if file.origin == Origin::Config && file.path.file_name().is_some_and(|it| it == lock::NAME) {
                // What registries said concerns every image.
                false
            } else if file.origin == Origin::Config {
                self.configure(disk.read_config(&self.folder, &file.path, id, text), disk)
            } else {
                let (source, unit) = disk.read(&self.folder, &file.path, id, text);
                self.replace(source, unit, disk)
            };
        }
        complete
    }

    /// Puts the new text of a file in the place of the old one. False if it refers to other files than before, of which
    /// some are not known.
    fn replace(&mut self, source: Source, unit: Option<Unit>, disk: &dyn Disk) -> bool {
        let id = source.id;
        let place = self.units.binary_search_by_key(&id, |unit| unit.source);
        if unit.is_none() && place.is_err() {
            return true;
        }
        let before = self.wanted(id);
        self.changed();
        self.lines.remove(&id);
        self.sources.replace(source);
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
        before.symmetric_difference(&after).all(|path| match self.id(path).and_then(|id| self.file(id)) {
            Some(file) => file.origin == Origin::Folder,
            None => !disk.is_file(path),
        })
    }

    fn changed(&mut self) {
        self.report = None;
        self.failed = false;
    }

    fn wanted(&self, id: SourceId) -> BTreeSet<PathBuf> {
        let (Some(unit), Some(source)) = (self.unit(id), self.sources.get(id)) else { return BTreeSet::new() };
        wanted::wanted(unit, source).into_iter().map(|path| absolute(&self.folder, &path)).collect()
    }

    /// Takes another text of the configuration. One that can't be taken leaves the last one that could. False if other
    /// files are looked at from now on.
    fn configure(&mut self, source: Source, disk: &dyn Disk) -> bool {
        self.changed();
        self.lines.remove(&source.id);
        let parsed = Config::parse(&source, &rules::ids());
        // Those of the lock file stay.
        self.errors.retain(|error| error.span.source != source.id);
        self.sources.replace(source);
        match parsed {
            Ok(config) => {
                let same_files = config.exclude == self.config.exclude;
                self.config = Config { lock: self.config.lock.take(), ..config };
                disk.match_overrides(&self.root, &mut self.config, &self.entries);
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

    /// Works out what is found in the texts.
    pub(crate) fn judge(&mut self, disk: &dyn Disk, is_open: impl Fn(&Path) -> bool) {
        if self.report.is_some() {
            return;
        }
        // What makes the rules fail once would do so again.
        self.failed = true;
        let mut report = check::check(&self.sources, &self.units, &self.config, disk.today());
        self.failed = false;
        let old = &self.config.files;
        if self.errors.iter().any(|error| old.iter().any(|it| it.source == error.span.source)) {
            // They stand in the text of a configuration that is not there any more.
            report.findings.retain(|finding| old.iter().all(|it| it.source != finding.span.source));
        }
        let mut ids: BTreeSet<_> = report.findings.iter().map(|it| it.span.source).collect();
        ids.extend(report.findings.iter().flat_map(|it| &it.related).map(|it| it.span.source));
        ids.extend(self.errors.iter().map(|it| it.span.source));
        for id in ids {
            if let (Some(source), Some(file)) = (self.sources.get(id), self.entries.get(id.0 as usize)) {
                let read = if is_open(&file.path) { Lines::new } else { Lines::of_file };
                self.lines.entry(id).or_insert_with(|| read(&source.text));
            }
        }
        self.report = Some(report);
    }

    /// The file and the positions of a span.
    pub(crate) fn place(&self, span: Span, encoding: Encoding) -> Option<(&Path, lsp_types::Range)> {
        let (source, file) = (self.sources.get(span.source)?, self.file(span.source)?);
        let range = match self.lines.get(&span.source) {
            Some(lines) => lines.range(&source.text, span.range(), encoding),
            None => Lines::of_file(&source.text).range(&source.text, span.range(), encoding),
        };
        Some((&file.path, range))
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
