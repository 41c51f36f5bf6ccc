//! `hostfit lsp`: the files of the disk, for the language server.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use hostfit_core::{
    config::Config,
    front::{
        Content, Memory, Unit,
        charts::{Charts, Folders, Texts},
    },
    printable::line,
    source::{Source, SourceId},
    windows::Date,
};
use hostfit_lsp::{Disk, End, File, Open, Origin, Rendered, Scope, Tree};

use crate::{
    Exit,
    args::{self, Inputs},
    baseline, charts, clock,
    error::Error,
    files::{self, Bounds, Candidate, Folder, Found},
    read, rendered,
    settings::{self, Settings},
    tree::Trees,
    write,
};

pub(crate) fn run(args: &args::Lsp) -> Result<Exit, Error> {
    if let Some(path) = &args.log {
        write::can_be(path).map_err(|why| Error::message(format!("`{}` {why}", path.display())))?;
    }
    let end = hostfit_lsp::run(Arc::new(Files), args.log.as_deref())
        .map_err(|error| Error::message(format!("the log cannot be written: {error}")))?;
    Ok(match end {
        End::Orderly => Exit::Clean,
        End::Abrupt => Exit::Abrupt,
    })
}

/// What holds where the configuration is not read.
const DEFAULTS: &str = "the defaults are used, and the fleet has no hosts";

/// What holds where the lock file is not read.
const NO_LOCK: &str = "what registries said of images is not used";

/// What holds where the baseline is not read.
const NO_BASELINE: &str = "the findings in it are shown";

/// The disk, as `hostfit check` sees it from a folder.
struct Files;

impl Disk for Files {
    fn today(&self) -> Date {
        clock::today()
    }

    fn load(&self, folder: &Path, scope: Scope, open: &Open, last: Option<Config>) -> Tree {
        let folder = Folder { path: folder.to_owned(), open: open.clone() };
        // Where something fails an editor has no exit status: it shows what is known nevertheless.
        let last_lock = last.as_ref().and_then(|last| last.lock.clone());
        let mut notices = Vec::new();
        let (mut settings, mut errors) = Settings::read_or_errors(None, &folder).unwrap_or_else(|error| {
            notices.extend(error.words().map(|why| format!("{why}; {DEFAULTS}")));
            (Settings::none(&folder), Vec::new())
        });
        notices.extend(settings.skipped.iter().map(|it| format!("{}; {DEFAULTS}", it.words())));
        if errors.is_empty() {
            errors = settings.read_targets(&folder);
            if let Some(last) = last.filter(|_| !errors.is_empty()) {
                keep_fleets(&mut settings.config, &last);
            }
        } else if let Some(last) = last {
            settings.config = last;
        }
        let last_lock = settings.config.lock.take().or(last_lock);
        let skipped = settings.skipped.len();
        let lock_errors = settings.read_lock(None, &folder).unwrap_or_else(|error| {
            notices.extend(error.words().map(|why| format!("{why}; {NO_LOCK}")));
            Vec::new()
        });
        notices.extend(settings.skipped.iter().skip(skipped).map(|it| format!("{}; {NO_LOCK}", it.words())));
        if !lock_errors.is_empty() {
            settings.config.lock = last_lock;
        }
        errors.extend(lock_errors);
        errors.extend(settings.place_files());
        if let Some(path) = &settings.baseline {
            match baseline::read(path, &folder) {
                Ok(known) => settings.config.baseline = Some(known),
                Err(error) => notices.extend(error.words().map(|why| format!("{why}; {NO_BASELINE}"))),
            }
        }
        let notices = notices.iter().map(|notice| line(notice).into_owned()).collect();
        let mut tree = Tree { folder: folder.path.clone(), errors, notices, ..Tree::default() };
        read_tree(&mut tree, settings, scope, &folder);
        tree
    }

    fn read(
        &self,
        folder: &Path,
        path: &Path,
        id: SourceId,
        text: Option<&str>,
        memory: &mut Memory,
    ) -> (Source, Option<Unit>) {
        let folder = with_text(folder, path, text);
        let candidate =
            Candidate { path: path.to_owned(), real: None, shown: folder.show(path), named: text.is_some() };
        read::again(id, &candidate, &folder, memory)
    }

    fn read_config(&self, folder: &Path, path: &Path, id: SourceId, text: Option<&str>) -> Source {
        let folder = with_text(folder, path, text);
        settings::open_inside(id, path, &folder, &Trees::around(&folder.path))
            .unwrap_or_else(|_| Source::from_text(id, folder.show(path), ""))
    }

    fn match_overrides(&self, folder: &Path, root: &Path, config: &mut Config, (files, sources): (&[File], &[Source])) {
        let files = (0..).map(SourceId).zip(files).filter(|(_, file)| file.origin != Origin::Rendered);
        let files: Vec<_> = files.map(|(id, file)| (id, file.path.clone())).collect();
        // A pattern that is none was refused when it was read.
        let _ = settings::match_files(config, root, &files);
        if !config.targets.is_empty() {
            let texts = charts::texts(sources, &Folder::at(folder.to_owned()));
            let _ = settings::match_rendered(config, root, &texts);
        }
    }

    fn is_file(&self, folder: &Path, path: &Path) -> bool {
        Trees::around(folder).resolve(path).is_ok()
    }
}

/// The charts of a folder.
#[derive(Debug)]
struct OfFolder {
    charts: charts::Charts,
    folder: Folder,
}

impl Rendered for OfFolder {
    fn with(&self, config: &Config, texts: Texts<'_>, work: &mut dyn FnMut(&Charts<'_>, &Folders)) {
        self.charts.with(config, &self.folder, Some(texts), work);
    }

    fn holds(&self, path: &Path) -> bool {
        self.charts.holds(path)
    }
}

/// A fleet that cannot be taken is the last one that could, as it is with the configuration.
fn keep_fleets(config: &mut Config, last: &Config) {
    for target in config.targets.iter_mut().filter(|target| target.fleet.hosts.is_empty()) {
        if let Some(same) = last.targets.iter().find(|it| it.file == target.file) {
            target.fleet = Arc::clone(&same.fleet);
        }
    }
}

/// The folder, in which one file may have another text than on the disk.
fn with_text(folder: &Path, path: &Path, text: Option<&str>) -> Folder {
    let open = text.into_iter().map(|text| (path.to_owned(), Arc::from(text))).collect();
    Folder { path: folder.to_owned(), open }
}

/// Reads the files that are meant, and those to which they refer.
fn read_tree(tree: &mut Tree, settings: Settings, scope: Scope, folder: &Folder) {
    let inputs = Inputs { paths: vec![folder.path.clone()], ..Inputs::working_folder(true) };
    let roots = super::roots(&inputs, folder, &settings);
    let Settings { config, sources, root, .. } = settings;
    let config_files = sources.len();
    if let Ok(bounds) = Bounds::new(&inputs, &config.exclude, &root, roots.clone(), folder) {
        // Of a folder that nothing marks as a part of something only what is open is looked at.
        let mut found = match scope {
            Scope::Open if roots.is_empty() => Found::default(),
            Scope::Whole | Scope::Open => files::find(&inputs, folder, &bounds).unwrap_or_default(),
        };
        let around: Vec<_> = found.files.values().map(|it| it.path.clone()).collect();
        for path in folder.open.keys().filter(|path| is_meant(path, scope, folder) && !bounds.excludes(path)) {
            let shown = folder.show(path);
            found.files.insert(shown.clone(), Candidate { path: path.clone(), real: None, shown, named: true });
        }
        // An editor has no place for what is not read; the images concerned say so.
        let _ = found.add_declared(&config, &root, folder, &bounds);
        let charts = charts::Charts::take(&mut found, folder, &bounds, &root);
        if let Ok(mut read) = read::read(&inputs, folder, &bounds, found, sources, read::Texts::Held) {
            rendered::join(charts, &mut read, &config, folder, &bounds, inputs.jobs);
            tree.kept = std::mem::take(&mut read.kept);
            tree.files = origins(&read, config_files, &around, scope, folder);
            (tree.sources, tree.units) = (read.sources, read.units);
            if !read.charts.is_empty() {
                // What is open by now the server says itself.
                tree.rendered =
                    Some(Box::new(OfFolder { charts: read.charts, folder: Folder::at(folder.path.clone()) }));
            }
        }
    }
    (tree.config, tree.root) = (config, root);
    Files.match_overrides(&tree.folder, &tree.root, &mut tree.config, (&tree.files, &tree.sources));
}

/// Whether what is open is to be looked at by itself.
fn is_meant(path: &Path, scope: Scope, folder: &Folder) -> bool {
    match scope {
        Scope::Whole => path.starts_with(&folder.path),
        Scope::Open => path.parent() == Some(&folder.path),
    }
}

/// Why each of the files was read.
fn origins(read: &read::Files, config_files: usize, around: &[PathBuf], scope: Scope, folder: &Folder) -> Vec<File> {
    let origin = |path: &Path| match scope {
        Scope::Whole if path.starts_with(&folder.path) => Origin::Folder,
        Scope::Open if folder.open.contains_key(path) && is_meant(path, scope, folder) => Origin::Open,
        Scope::Whole | Scope::Open => Origin::Context,
    };
    let places: BTreeMap<&Path, Origin> = around.iter().map(|path| (path.as_path(), origin(path))).collect();
    let is_of_chart = |unit: &&Unit| matches!(unit.content, Content::Chart(_));
    let is_of_chart: BTreeSet<_> = read.units.iter().filter(is_of_chart).map(|unit| unit.source).collect();
    let file = |(place, source): (usize, &Source)| {
        let path = folder.absolute(Path::new(&source.path));
        // No editor opens a member of an archive.
        let origin = match places.get(path.as_path()) {
            _ if !source.is_file() => Origin::Rendered,
            _ if place == 0 && config_files > 0 => Origin::Config,
            _ if place < config_files => Origin::Fleet,
            Some(origin) => *origin,
            None if is_of_chart.contains(&source.id) => origin(&path),
            None if read.meant.contains_key(&source.id) => Origin::Open,
            None => Origin::Reference,
        };
        File { path, origin }
    };
    read.sources.iter().enumerate().map(file).collect()
}
