//! The file beside the one that is written, which takes its name when all is in it.

use std::{
    collections::{BTreeSet, hash_map::RandomState},
    fs::{self, File, OpenOptions, TryLockError},
    hash::{BuildHasher, Hasher},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// A name is `.hostfit-`, 16 digits, `.tmp`: it fits into every file system, however long the name is that it will take.
const START: &str = ".hostfit-";
const DIGITS: usize = 16;
const END: &str = ".tmp";

/// A new file, gone again unless it took the name of another. Who writes holds its lock, so that the next run sees which
/// ones a run left behind that was stopped.
pub(super) struct Beside {
    path: PathBuf,
    file: File,
    is_done: bool,
}

impl Beside {
    /// A file in the folder of `path` under a name that nothing has.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let folder = path.parent().unwrap_or(path);
        tidy(folder);
        loop {
            let number = RandomState::new().build_hasher().finish();
            let beside = folder.join(format!("{START}{number:0DIGITS$x}{END}"));
            let file = match OpenOptions::new().write(true).create_new(true).open(&beside) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            // Some file systems have no locks; nothing is tidied up there.
            let _ = file.lock();
            // Another run may have taken it for left behind before the lock was there.
            if fs::symlink_metadata(&beside).is_ok() {
                return Ok(Self { path: beside, file, is_done: false });
            }
        }
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Takes the name of the file at `path`, if that file is one that `may_go` says so of.
    pub(super) fn take_the_name_of(mut self, path: &Path, may_go: impl Fn(&Path) -> bool) -> io::Result<bool> {
        if swap(&self.path, path).is_ok() {
            // The other one has this one's name now: nobody finds it there, and what it holds is what it held last.
            // Another run may have taken it for left behind.
            let may_go = may_go(&self.path) || fs::symlink_metadata(&self.path).is_err();
            if !may_go {
                swap(&self.path, path)?;
            }
            return Ok(may_go);
        }
        if !may_go(path) {
            return Ok(false);
        }
        fs::rename(&self.path, path)?;
        self.is_done = true;
        Ok(true)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.is_done {
            // What is left of it is of no use to anybody, and nothing more can be done if it stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Has two files change their names at once. Not every file system can, nor is there always a second file.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn swap(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn swap(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Folders that this run has tidied up.
static TIDY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Removes what runs left behind that were stopped, once for each folder.
fn tidy(folder: &Path) {
    if !TIDY.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned()) {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_file = || entry.file_type().is_ok_and(|kind| kind.is_file());
        if name.to_str().is_some_and(is_ours) && is_file() && is_left_behind(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_ours(name: &str) -> bool {
    let digits = name.strip_prefix(START).and_then(|rest| rest.strip_suffix(END));
    digits.is_some_and(|it| it.len() == DIGITS && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_left_behind(path: &Path) -> bool {
    let Ok(file) = crate::tree::open_plain(path) else { return false };
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock | TryLockError::Error(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_kind_are_removed() {
        assert!(is_ours(".hostfit-0123456789abcdef.tmp"));
        for name in [".hostfit-.tmp", ".hostfit-0123456789abcdeg.tmp", "hostfit-0123456789abcdef.tmp", ".hostfit.tmp"] {
            assert!(!is_ours(name), "{name}");
        }
    }
}
