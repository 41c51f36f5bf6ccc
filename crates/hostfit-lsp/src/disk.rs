//! What the server needs of the disk. The program has it already, for its other commands: which files a folder has, which
//! of them are excluded, where the configuration is.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use hostfit_core::{
    config::{Config, ConfigError},
    front::{
        Memory, Unit,
        charts::{Charts, Folders, Kept, Texts},
    },
    source::{Source, SourceId},
    windows::Date,
};

/// The texts that are open in the editor, by absolute path. They stand for those of the disk.
pub type Open = BTreeMap<PathBuf, Arc<str>>;

/// Files, and the day.
pub trait Disk: Send + Sync {
    /// The day that support dates are compared with.
    fn today(&self) -> Date;

    /// Reads the configuration that holds in `folder`, the fleets of its targets, and the files that `scope` means, with all that these refer to.
    /// Where the configuration cannot be taken, `last` holds: the one that could be taken last.
    fn load(&self, folder: &Path, scope: Scope, open: &Open, last: Option<Config>) -> Tree;

    /// Reads one file again, to which findings are to belong as `id`. Its text is `text`, or else what is on the disk.
    /// `memory` is what is remembered of it.
    fn read(
        &self,
        folder: &Path,
        path: &Path,
        id: SourceId,
        text: Option<&str>,
        memory: &mut Memory,
    ) -> (Source, Option<Unit>);

    /// Reads the configuration again, in the same way; without a text where it cannot be read.
    fn read_config(&self, folder: &Path, path: &Path, id: SourceId, text: Option<&str>) -> Source;

    /// Works out again which of the files, with their sources, the overrides and targets of a configuration mean, which lies
    /// in `root`.
    fn match_overrides(&self, folder: &Path, root: &Path, config: &mut Config, files: (&[File], &[Source]));

    /// Whether there is such a file that [`Disk::load`] would read for `folder`.
    fn is_file(&self, folder: &Path, path: &Path) -> bool;
}

/// The files of a folder that are not judged as they stand, but as they are rendered: charts and kustomizations.
pub trait Rendered: fmt::Debug + Send + Sync {
    /// Does something with them and the names of their folders; `texts` are those that stand for the disk's.
    fn with(&self, config: &Config, texts: Texts<'_>, work: &mut dyn FnMut(&Charts<'_>, &Folders));

    /// Whether a path lies in a chart.
    fn holds(&self, path: &Path) -> bool;
}

/// Which files of a folder are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that `hostfit check` looks at, and those that are open.
    Whole,
    /// Those that are open in it.
    Open,
}

/// The files of a folder, read.
#[derive(Debug, Default)]
pub struct Tree {
    /// What the paths of the sources are relative to.
    pub folder: PathBuf,
    /// The configuration that holds.
    pub config: Config,
    /// The folder of the configuration.
    pub root: PathBuf,
    /// What of the configuration and of the lock file cannot be taken. These are the first of the sources then.
    pub errors: Vec<ConfigError>,
    /// Configurations and lock files that are there and not read: a sentence for each, which says what holds instead.
    pub notices: Vec<String>,
    /// By id; files that hostfit does not read have no text.
    pub sources: Vec<Source>,
    /// The files of the sources.
    pub files: Vec<File>,
    /// What those hold that are ours, in the order of their ids.
    pub units: Vec<Unit>,
    /// The charts and kustomizations in it, if there are any.
    pub rendered: Option<Box<dyn Rendered>>,
    /// What these yielded.
    pub kept: Kept,
}

/// A file of a [`Tree`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Absolute.
    pub path: PathBuf,
    /// Why it was read.
    pub origin: Origin,
}

/// Why a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is the configuration, or the lock file.
    Config,
    /// It is the fleet of a target.
    Fleet,
    /// It lies in the folder.
    Folder,
    /// It is open.
    Open,
    /// Another refers to it.
    Reference,
    /// It was rendered, or lies in an archive: no editor opens it.
    Rendered,
    /// It lies elsewhere in the repository of the folder: what is in the folder is judged with it.
    Context,
}
