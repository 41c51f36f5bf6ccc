//! What lies below folders, but for what Git ignores.

use std::{
    ffi::OsStr,
    fs::{self, FileType},
    io,
    path::{Path, PathBuf},
};

use crate::{ignored::Ignored, parallel};

/// What a walk meets.
pub(crate) enum Met {
    /// What is not a folder: a file, a link, a pipe.
    File(PathBuf, FileType),
    /// A folder that cannot be read, or only a part of it.
    Unreadable(PathBuf, io::Error),
}

/// Looks through folders, given by absolute path, and through all below them that `enters` names, and returns what `make`
/// makes of what it meets, in any order. No link is followed below the given folders, and what Git keeps or ignores is left
/// out.
pub(crate) fn walk<T: Send>(
    folders: &[impl AsRef<Path>],
    jobs: Option<u16>,
    enters: impl Fn(&Path) -> bool + Sync,
    make: impl Fn(Met) -> Option<T> + Sync,
) -> Vec<T> {
    let mut all = Vec::new();
    let mut todo: Vec<_> = folders.iter().map(|path| Todo { path: path.as_ref().to_owned(), above: None }).collect();
    while !todo.is_empty() {
        let look = |folder: &Todo| {
            let (mut results, mut below) = (Vec::new(), Vec::new());
            folder.look(&enters, &mut |met| results.extend(make(met)), &mut below);
            (results, below)
        };
        let looked: Vec<_> = if todo.len() < FEW {
            todo.iter().map(look).collect()
        } else {
            parallel::map(jobs, &todo, |(_, folder)| look(folder))
        };
        todo.clear();
        for (results, below) in looked {
            all.extend(results);
            todo.extend(below);
        }
    }
    all
}

/// The regular files in a folder and below that `is_wanted` names, by path.
pub(crate) fn files(
    folder: &Path,
    enters: impl Fn(&Path) -> bool + Sync,
    is_wanted: impl Fn(&Path) -> bool + Sync,
) -> Vec<PathBuf> {
    let wanted = |met| match met {
        Met::File(path, kind) if kind.is_file() && is_wanted(&path) => Some(path),
        _ => None,
    };
    let mut files = walk(&[folder], None, enters, wanted);
    files.sort();
    files
}

/// To start threads for fewer folders takes longer than to look through them.
const FEW: usize = 8;

/// A folder to look through.
struct Todo {
    path: PathBuf,
    /// What Git ignores in the folder above it; nothing for one that was given, of which more are above.
    above: Option<Ignored>,
}

impl Todo {
    fn look(&self, enters: &impl Fn(&Path) -> bool, meet: &mut impl FnMut(Met), below: &mut Vec<Todo>) {
        let unreadable = |error| Met::Unreadable(self.path.clone(), error);
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(error) => return meet(unreadable(error)),
        };
        let mut known = Vec::new();
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
                Ok(entry) => known.push(entry),
                Err(error) => meet(unreadable(error)),
            }
        }
        let has = |wanted: &str| {
            known.iter().filter_map(|(path, _)| path.file_name()).any(|name| name.eq_ignore_ascii_case(wanted))
        };
        let ignored =
            self.above.as_ref().map_or_else(|| Ignored::above(&self.path), |above| above.within(&self.path, has));
        for (path, kind) in known {
            if path.file_name() == Some(OsStr::new(".git")) || ignored.matches(&path, kind.is_dir()) {
                continue;
            }
            if !kind.is_dir() {
                meet(Met::File(path, kind));
            } else if enters(&path) {
                below.push(Todo { path, above: Some(ignored.clone()) });
            }
        }
    }
}
