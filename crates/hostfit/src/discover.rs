//! Which repository and which configuration a folder belongs to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hostfit_core::config::write::NAME;

/// The configuration of the folder or its nearest ancestor, up to the repository's root.
pub(crate) fn find(folder: &Path) -> Option<PathBuf> {
    nearest(folder, NAME)
}

/// The file of this name in the folder or its nearest ancestor, up to the repository's root.
pub(crate) fn nearest(folder: &Path, name: &str) -> Option<PathBuf> {
    for ancestor in folder.ancestors() {
        let candidate = ancestor.join(name);
        if candidate.is_file() {
            return Some(candidate);
        }
        if is_repository(ancestor) {
            break;
        }
    }
    None
}

/// The folder whose files are judged together with those of `folder`: that of the configuration, if `folder` lies in it, or
/// the root of the repository, whichever is nearer. Never the root of the file system.
pub(crate) fn root_of(folder: &Path, config: Option<&Path>) -> Option<PathBuf> {
    let config = config.and_then(Path::parent).filter(|it| folder.starts_with(it));
    let marked = [config, repository(folder)].into_iter().flatten().filter(|it| it.parent().is_some());
    marked.max_by_key(|it| it.components().count()).map(Path::to_owned)
}

/// The root of the repository that `path` lies in.
pub(crate) fn repository(path: &Path) -> Option<&Path> {
    path.ancestors().find(|ancestor| is_repository(ancestor))
}

/// `.git` is a folder, or a file in worktrees and submodules.
fn is_repository(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(".git")).is_ok()
}
