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

/// The root of the repository that `path` lies in.
pub(crate) fn repository(path: &Path) -> Option<&Path> {
    path.ancestors().find(|ancestor| is_repository(ancestor))
}

/// `.git` is a folder, or a file in worktrees and submodules.
fn is_repository(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(".git")).is_ok()
}
