//! The folders above a folder: which of them is a repository, and which may decide about what lies in them.

use std::{
    env, fs,
    path::{Component, Path, PathBuf},
};

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
