//! Where the configuration and the fleet come from.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

pub(crate) use hostfit_core::config::write::NAME;
use hostfit_core::{
    config::{
        BuildArg, Config, ConfigError, Named, Problems,
        lock::{self, Lock},
    },
    rules,
    source::{MAX_BYTES, NotText, Source, SourceId},
    windows::image::Declared,
};

use crate::{
    ancestors,
    args::{Inputs, ReportFormat},
    discover::{self, Nearest, find, nearest},
    error::Error,
    files::{Folder, Patterns, Skipped},
    terminal::Style,
    tree::{
        Refused, Trees,
        name::{self, System},
    },
};

/// All that is known before the first file is read.
#[derive(Debug)]
pub(crate) struct Settings {
    /// What the configuration, the fleet file and the command line say.
    pub(crate) config: Config,
    /// The configuration and fleet files: the first sources of the run.
    pub(crate) sources: Vec<Source>,
    /// The folder that exclude patterns are relative to.
    pub(crate) root: PathBuf,
    /// The root of what the working folder belongs to, if anything marks one.
    pub(crate) home: Option<PathBuf>,
    /// Where the lock file is, or would be.
    pub(crate) lock: PathBuf,
    /// The configuration, where it was found in another folder than the working one.
    pub(crate) found: Option<PathBuf>,
    /// The baseline that the configuration names.
    pub(crate) baseline: Option<PathBuf>,
    /// The files that it has findings written to.
    pub(crate) outputs: Vec<(ReportFormat, PathBuf)>,
    /// A configuration and a lock file that are there and not opened.
    pub(crate) skipped: Vec<Skipped>,
}

impl Settings {
    /// What holds for the files that the command line means.
    pub(crate) fn load(inputs: &Inputs, folder: &Folder) -> Result<Self, Error> {
        let (settings, errors) = Self::load_or_lock_errors(inputs, folder)?;
        if inputs.lock.is_some() && settings.config.lock.is_none() && errors.is_empty() {
            let lock = folder.show(&settings.lock);
            return Err(Error::message(format!("there is no lock file {lock}; `hostfit images --online` writes one")));
        }
        if errors.is_empty() { Ok(settings) } else { Err(settings.refused(errors, inputs)) }
    }

    /// The error of a configuration, fleet or lock file that cannot be taken.
    pub(crate) fn refused(self, errors: Vec<ConfigError>, inputs: &Inputs) -> Error {
        Error::config(self.sources, errors, Style::stderr(inputs.color))
    }

    /// The same without a lock file if that cannot be taken, and why.
    pub(crate) fn load_or_lock_errors(inputs: &Inputs, folder: &Folder) -> Result<(Self, Vec<ConfigError>), Error> {
        let style = Style::stderr(inputs.color);
        let mut settings =
            if inputs.isolated { Self::none(folder) } else { Self::read(inputs.config.as_deref(), folder, style)? };
        let errors = match &inputs.fleet {
            Some(path) => {
                let source = settings.open(path, folder)?;
                let replaced = settings.config.replace_fleet(&source, &rules::ids());
                settings.sources.push(source);
                replaced.err().unwrap_or_default()
            }
            None => settings.read_targets(folder),
        };
        let errors = if errors.is_empty() { settings.place_files() } else { errors };
        if !errors.is_empty() {
            return Err(Error::config(settings.sources, errors, style));
        }
        // The first of a name counts; on the command line, as for Docker, the last.
        let given = inputs.build_args.iter().rev().map(|(name, value)| BuildArg {
            name: name.clone(),
            value: value.clone(),
            span: None,
        });
        settings.config.build_args.splice(0..0, given);
        let errors = match (inputs.isolated, &inputs.lock) {
            (true, None) => Vec::new(),
            (_, lock) => settings.read_lock(lock.as_deref(), folder)?,
        };
        Ok((settings, errors))
    }

    /// Takes the lock file: this one, or else that which is there; and says why it cannot be taken, if so.
    pub(crate) fn read_lock(&mut self, given: Option<&Path>, folder: &Folder) -> Result<Vec<ConfigError>, Error> {
        let source = if let Some(path) = given {
            self.lock = folder.absolute(path);
            if !self.lock.is_file() {
                return Ok(Vec::new());
            }
            self.open(&self.lock, folder)?
        } else {
            let is_there = fs::symlink_metadata(&self.lock).is_ok_and(|metadata| !metadata.is_dir());
            if !is_there && !folder.open.contains_key(&self.lock) {
                return Ok(Vec::new());
            }
            match open_inside(self.next_id(), &self.lock, folder, &Trees::around(&self.root)) {
                Ok(source) => source,
                Err(Unopened::Refused(why)) => {
                    self.skip(&self.lock.clone(), why, folder);
                    return Ok(Vec::new());
                }
                Err(Unopened::Failed(why)) => return Err(Error::Message(why)),
            }
        };
        let parsed = Lock::parse(&source);
        self.sources.push(source);
        match parsed {
            Ok(lock) => {
                self.config.lock = Some(lock);
                Ok(Vec::new())
            }
            Err(errors) => Ok(errors),
        }
    }

    /// What holds where nothing is said.
    pub(crate) fn none(folder: &Folder) -> Self {
        let root = folder.absolute(Path::new("."));
        let lock = match nearest(&folder.path, lock::NAME) {
            Nearest::File(path) | Nearest::Refused(path, _) => path,
            Nearest::None => ancestors::repository(&folder.path).unwrap_or(&folder.path).join(lock::NAME),
        };
        let home = discover::root_of(&folder.path, discover::find(&folder.path).file().as_deref());
        Self {
            config: Config::default(),
            sources: Vec::new(),
            root,
            home,
            lock,
            found: None,
            baseline: None,
            outputs: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Notes that a file of a name of ours is there and not opened.
    fn skip(&mut self, path: &Path, why: String, folder: &Folder) {
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        let reason = if is_link { "symlink" } else { "not-a-file" };
        self.skipped.push(Skipped { path: folder.show(path), reason: reason.into(), line: None, advice: why });
    }

    /// The configuration by itself: this one, or else the nearest, or none.
    pub(crate) fn read(config: Option<&Path>, folder: &Folder, style: Style) -> Result<Self, Error> {
        let (settings, errors) = Self::read_or_errors(config, folder)?;
        if errors.is_empty() { Ok(settings) } else { Err(Error::config(settings.sources, errors, style)) }
    }

    /// The same; where it cannot be taken, its text, what holds without it, and why.
    pub(crate) fn read_or_errors(config: Option<&Path>, folder: &Folder) -> Result<(Self, Vec<ConfigError>), Error> {
        let mut settings = Self::none(folder);
        let path = match config.map_or_else(|| find(&folder.path), |path| Nearest::File(folder.absolute(path))) {
            Nearest::File(path) => path,
            Nearest::None => return Ok((settings, Vec::new())),
            Nearest::Refused(path, why) => {
                settings.skip(&path, why.to_string(), folder);
                return Ok((settings, Vec::new()));
            }
        };
        if let Some(parent) = path.parent() {
            parent.clone_into(&mut settings.root);
            settings.lock = parent.join(lock::NAME);
        }
        settings.home = discover::root_of(&folder.path, Some(&path));
        settings.found = Some(path.clone()).filter(|path| config.is_none() && path.parent() != Some(&folder.path));
        let source = if config.is_some() {
            settings.open(&path, folder)?
        } else {
            open_inside(settings.next_id(), &path, folder, &Trees::around(&settings.root))
                .map_err(|unopened| Error::Message(unopened.words(&folder.show(&path))))?
        };
        let parsed = Config::parse(&source, &rules::ids());
        settings.sources.push(source);
        let errors = match parsed {
            Ok(config) => {
                settings.config = config;
                settings.place_named(folder);
                Vec::new()
            }
            Err(errors) => errors,
        };
        Ok((settings, errors))
    }

    /// Names the Dockerfiles of `[images]` and the charts as findings name files. The configuration names them from its own
    /// folder.
    fn place_named(&mut self, folder: &Folder) {
        for chart in &mut self.config.charts {
            let values = chart.values.iter_mut().map(|file| &mut file.path);
            for path in std::iter::once(&mut chart.path).chain(values) {
                *path = folder.show(&self.root.join(&*path));
            }
        }
        for rule in &mut self.config.images {
            if let Declared::Built(build) = &mut rule.declared {
                build.dockerfile = folder.show(&self.root.join(&build.dockerfile));
            }
        }
    }

    /// Finds the files that `[check]` names, which have to lie in the repository; returns what is wrong with them.
    pub(crate) fn place_files(&mut self) -> Vec<ConfigError> {
        let trees = Trees::around(&self.root);
        let mut errors = Problems::default();
        let mut place = |file: &Named| {
            let path = inside(&file.path, &self.root).map(|path| ancestors::without_dots(&path));
            let placed = path.and_then(|path| match trees.resolve(&path) {
                Ok(_) | Err(Refused::Missing) => Ok(path),
                Err(refused) => Err(format!("`{}` cannot be used: {refused}", file.path)),
            });
            placed.map_err(|message| errors.add(ConfigError { span: file.span, message, help: None })).ok()
        };
        self.baseline = self.config.baseline_file.as_ref().and_then(&mut place);
        let outputs = self.config.outputs.iter();
        let outputs = outputs.filter_map(|(format, file)| Some((ReportFormat::named(format).ok()?, place(file)?)));
        self.outputs = outputs.collect();
        errors.into_errors()
    }

    /// Reads the fleets of the targets; what of them cannot be taken.
    pub(crate) fn read_targets(&mut self, folder: &Folder) -> Vec<ConfigError> {
        let (mut errors, mut own) = (Vec::new(), Problems::default());
        let mut seen = BTreeSet::new();
        let files: Vec<_> = self.config.targets.iter().map(|it| (it.file.clone(), it.span)).collect();
        let trees = Trees::around(&self.root);
        for (file, span) in files.into_iter().filter(|(file, _)| seen.insert(file.clone())) {
            match open_named(self.next_id(), &file, &self.root, folder, &trees) {
                Ok(source) => {
                    errors.extend(self.config.read_target(&file, &source, &rules::ids()).err().unwrap_or_default());
                    self.sources.push(source);
                }
                Err(why) => {
                    let help = "`fleet` names a file of this repository with [[host]] entries, from the folder of this file; \
                                `--fleet` takes any file";
                    own.add(ConfigError { span, message: why, help: Some(help.to_owned()) });
                }
            }
        }
        errors.extend(own.into_errors());
        errors
    }

    /// Reads a fleet file beside that of the configuration, and returns its number among the files of the run.
    pub(crate) fn add_fleet(&mut self, path: &Path, folder: &Folder) -> Result<SourceId, Error> {
        let source = self.open(path, folder)?;
        let id = source.id;
        self.sources.push(source);
        Ok(id)
    }

    fn open(&self, path: &Path, folder: &Folder) -> Result<Source, Error> {
        open(self.next_id(), path, folder).map_err(Error::Message)
    }

    fn next_id(&self) -> SourceId {
        SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX))
    }
}

/// Works out which of the files, given by absolute path, the overrides and targets of a configuration mean, which lies in
/// `root`.
pub(crate) fn match_files(config: &mut Config, root: &Path, files: &[(SourceId, PathBuf)]) -> Result<(), Error> {
    let overrides = config.overrides.iter_mut().map(|it| (&it.paths, &mut it.files));
    for (paths, matched) in overrides.chain(config.targets.iter_mut().map(|it| (&it.paths, &mut it.files))) {
        let patterns = Patterns::new(paths, root)?;
        *matched = files.iter().filter(|(_, path)| patterns.match_file(path)).map(|(id, _)| *id).collect();
    }
    Ok(())
}

/// A text that was rendered, and the files by which it belongs to a target.
pub(crate) struct RenderedText {
    pub(crate) id: SourceId,
    /// The values files over the chart's own.
    pub(crate) values: Vec<PathBuf>,
    /// What stands for its chart or overlay.
    pub(crate) root: PathBuf,
}

/// Finds the targets of texts that were rendered: those that name one of the values files, else those that name the folder.
pub(crate) fn match_rendered(config: &mut Config, root: &Path, texts: &[RenderedText]) -> Result<(), Error> {
    let patterns = config.targets.iter().map(|it| Patterns::new(&it.paths, root)).collect::<Result<Vec<_>, _>>()?;
    for text in texts {
        let by_values = |it: &Patterns| text.values.iter().any(|path| it.match_file(path));
        let is_by_values = patterns.iter().any(by_values);
        for (target, patterns) in config.targets.iter_mut().zip(&patterns) {
            let is_of = if is_by_values { by_values(patterns) } else { patterns.match_file(&text.root) };
            if is_of {
                target.files.insert(text.id);
            }
        }
    }
    Ok(())
}

/// A file that the command line names beside those to look at; its name and why it cannot be read, if so.
pub(crate) fn open(id: SourceId, path: &Path, folder: &Folder) -> Result<Source, String> {
    let shown = folder.show(path);
    let bytes = match text_of(path, folder) {
        Some(bytes) => Ok(bytes),
        None => File::open(folder.absolute(path)).and_then(read),
    };
    decode(id, &shown, bytes.map_err(|error| format!("{shown} cannot be read: {error}"))?)
}

/// Why a file is not read.
pub(crate) enum Unopened {
    /// It is not opened; why.
    Refused(String),
    /// It cannot be read; its name and why.
    Failed(String),
}

impl Unopened {
    /// In words, of the file that is called so.
    pub(crate) fn words(self, shown: &str) -> String {
        match self {
            Self::Refused(why) => format!("{shown} cannot be read: {why}"),
            Self::Failed(words) => words,
        }
    }
}

/// A file that was found in the tree, or that a file of the tree names.
pub(crate) fn open_inside(id: SourceId, path: &Path, folder: &Folder, trees: &Trees) -> Result<Source, Unopened> {
    let shown = folder.show(path);
    let bytes = if let Some(bytes) = text_of(path, folder) {
        bytes
    } else {
        let file = trees.open(&folder.absolute(path)).map_err(|refused| Unopened::Refused(refused.to_string()))?;
        read(file).map_err(|error| Unopened::Failed(format!("{shown} cannot be read: {error}")))?
    };
    decode(id, &shown, bytes).map_err(Unopened::Failed)
}

/// A file that the configuration names, as it is written there. `root` is the folder of the configuration.
fn open_named(id: SourceId, written: &str, root: &Path, folder: &Folder, trees: &Trees) -> Result<Source, String> {
    let path = inside(written, root)?;
    open_inside(id, &path, folder, trees).map_err(|unopened| unopened.words(&folder.show(&path)))
}

/// The path of a file that the configuration names, unless no file of the repository may be named so.
fn inside(written: &str, root: &Path) -> Result<PathBuf, String> {
    match name::refused(written, System::HERE) {
        Some(why) => Err(format!("`{written}` {why}: it has to be a file of this repository")),
        None => Ok(root.join(written)),
    }
}

/// Reads at most `longest` bytes of a file that the configuration names, as it is written there; else why not.
#[cfg(feature = "registry")]
pub(crate) fn bytes_named(written: &str, root: &Path, longest: u64) -> Result<Vec<u8>, String> {
    let path = ancestors::without_dots(&inside(written, root)?);
    let mut bytes = Vec::new();
    let file = Trees::around(root).open(&path).map_err(|refused| format!("`{written}` cannot be read: {refused}"))?;
    file.take(longest).read_to_end(&mut bytes).map_err(|error| format!("`{written}` cannot be read: {error}"))?;
    Ok(bytes)
}

/// What an editor has open in the place of a file.
fn text_of(path: &Path, folder: &Folder) -> Option<Vec<u8>> {
    folder.open.get(&folder.absolute(path)).map(|text| text.as_bytes().to_vec())
}

fn decode(id: SourceId, shown: &str, bytes: Vec<u8>) -> Result<Source, String> {
    Source::decode(id, shown, bytes).map_err(|error| match error {
        NotText::TooLarge => format!("{shown} is longer than 8 MiB"),
        NotText::Binary => format!("{shown} is not text"),
    })
}

/// One byte more than allowed, so that a longer file is seen to be one.
fn read(file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
