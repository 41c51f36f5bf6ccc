//! Which repository and which configuration a folder belongs to.

use std::{
    env, fs,
    path::{Component, Path, PathBuf},
};

use hostfit_core::config::write::NAME;

use crate::tree::{Refused, Trees};

/// The file that decides about a folder, by its name.
#[derive(Debug)]
pub(crate) enum Nearest {
    /// There is none.
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
        let is_folder = |metadata: fs::Metadata| metadata.is_dir();
        match fs::symlink_metadata(&candidate).map(is_folder) {
            Ok(false) => {
                return match Trees::around(ancestor).resolve(&candidate) {
                    Ok(_) => Nearest::File(candidate),
                    Err(refused) => Nearest::Refused(candidate, refused),
                };
            }
            Ok(true) | Err(_) if is_repository(ancestor) => break,
            Ok(true) | Err(_) => {}
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

/// The root of the repository that the folder lies in.
pub(crate) fn repository(folder: &Path) -> Option<&Path> {
    deciding(folder).find(|ancestor| is_repository(ancestor))
}

/// All repositories that a path lies in, whoever owns them: what is written there has to stay in them.
pub(crate) fn repositories(path: &Path) -> impl Iterator<Item = &Path> {
    path.ancestors().filter(|ancestor| is_repository(ancestor))
}

/// The folder and those above it that may decide about it: they belong to the same user, are not shared by all as `/tmp` is,
/// and lie below the home folder, which decides only about itself unless it is a repository.
pub(crate) fn deciding(folder: &Path) -> impl Iterator<Item = &Path> {
    let owner = owner(folder);
    let home = home();
    let may_decide = move |ancestor: &&Path| {
        *ancestor == folder || is_of(ancestor, owner) && (home.as_deref() != Some(*ancestor) || is_repository(ancestor))
    };
    folder.ancestors().take_while(may_decide)
}

/// An absolute path without `.` and `..`. Links are not followed.
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The user's own folder, as the environment has it.
pub(crate) fn home() -> Option<PathBuf> {
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// Whether a folder is the root of a repository: `.git` is a folder, or a file in worktrees and submodules.
pub(crate) fn is_repository(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(".git")).is_ok()
}

/// Whose folder it is; none where it is not there.
#[cfg(unix)]
fn owner(folder: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;

    fs::metadata(folder).ok().map(|metadata| metadata.uid())
}

/// Whether a folder is of this user, and nobody else may put files into it under names of their own.
#[cfg(unix)]
fn is_of(folder: &Path, owner: Option<u32>) -> bool {
    use std::os::unix::fs::MetadataExt;

    /// Everybody may write, and only what is their own may be removed: sticky, as `/tmp` is.
    const SHARED: u32 = 0o1002;
    fs::metadata(folder).is_ok_and(|it| owner.is_none_or(|owner| it.uid() == owner) && it.mode() & SHARED != SHARED)
}

#[cfg(not(unix))]
fn owner(_: &Path) -> Option<u32> {
    None
}

/// Everybody may make folders in the root of a drive of Windows.
#[cfg(not(unix))]
fn is_of(folder: &Path, _: Option<u32>) -> bool {
    folder.parent().is_some()
}
