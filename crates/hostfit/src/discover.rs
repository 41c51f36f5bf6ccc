//! Which configuration a folder belongs to, and which other files are judged with its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hostfit_core::config::write::NAME;

use crate::{
    ancestors::{deciding, is_repository, repository},
    tree::{Refused, Trees},
};

/// The file that decides about a folder, by its name.
#[derive(Debug)]
pub(crate) enum Nearest {
    /// No such file.
    None,
    /// This one.
    File(PathBuf),
    /// This one is nearest, and is not opened.
    Refused(PathBuf, Refused),
}

impl Nearest {
    /// The file, if it may be opened.
    pub(crate) fn file(self) -> Option<PathBuf> {
        match self {
            Self::File(path) => Some(path),
            Self::None | Self::Refused(..) => None,
        }
    }
}

/// The configuration of the folder or its nearest ancestor, up to the repository's root.
pub(crate) fn find(folder: &Path) -> Nearest {
    nearest(folder, NAME)
}

/// The file of this name in the folder or its nearest ancestor, up to the repository's root.
pub(crate) fn nearest(folder: &Path, name: &str) -> Nearest {
    for ancestor in deciding(folder) {
        let candidate = ancestor.join(name);
        if fs::symlink_metadata(&candidate).is_ok_and(|metadata| !metadata.is_dir()) {
            return match Trees::around(ancestor).resolve(&candidate) {
                Ok(_) => Nearest::File(candidate),
                Err(refused) => Nearest::Refused(candidate, refused),
            };
        }
        if is_repository(ancestor) {
            break;
        }
    }
    Nearest::None
}

/// The folder whose files are judged together with those of `folder`: that of the configuration, if `folder` lies in it, or
/// the root of the repository, whichever is nearer. Never the root of the file system.
pub(crate) fn root_of(folder: &Path, config: Option<&Path>) -> Option<PathBuf> {
    let config = config.and_then(Path::parent).filter(|it| folder.starts_with(it));
    let marked = [config, repository(folder)].into_iter().flatten().filter(|it| it.parent().is_some());
    marked.max_by_key(|it| it.components().count()).map(Path::to_owned)
}
