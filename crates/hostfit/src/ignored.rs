//! What Git ignores: `.gitignore` in each folder, `info/exclude` of the repository and the user's own file. They are opened
//! as every file that a repository brings: Git does not follow links there either, and a pipe would keep a run waiting.

use std::{
    collections::HashMap,
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use hostfit_core::source::MAX_BYTES;
use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder, Glob},
};

use crate::{ancestors, repository, tree};

/// What a folder and those above it ignore.
#[derive(Debug, Default)]
struct Level {
    /// `.gitignore`, if there is one.
    own: Option<Gitignore>,
    /// `info/exclude`, if it is the root of a repository that has one.
    exclude: Option<Gitignore>,
    /// What is above a repository says nothing of what is in it.
    is_repository: bool,
    parent: Option<Arc<Level>>,
}

/// What Git ignores below a folder.
#[derive(Debug)]
pub(crate) struct Ignored {
    user: Gitignore,
    levels: Mutex<HashMap<PathBuf, Arc<Level>>>,
}

impl Ignored {
    /// Reads what the folders above an absolute path say, up to the root of its repository; outside of one, all that may
    /// decide about it.
    pub(crate) fn above(root: &Path) -> Self {
        let end = ancestors::repository(root);
        let is_in_it = |folder: &&Path| end.is_none_or(|end| folder.starts_with(end));
        let folders: Vec<_> = ancestors::deciding(root).take_while(is_in_it).collect();
        let below = |parent, folder: &&Path| Some(Level::of(folder, parent));
        let top = folders.iter().rev().fold(None, below).unwrap_or_default();
        let user = GitignoreBuilder::new(root).build_global().0;
        Self { user, levels: Mutex::new(HashMap::from([(root.to_owned(), top)])) }
    }

    /// Whether a file or folder below the root is ignored. The folders above it were asked for first, and are not.
    pub(crate) fn matches(&self, path: &Path, is_folder: bool) -> bool {
        let Some(folder) = path.parent() else { return false };
        let level = self.level(folder);
        let (mut own, mut exclude) = (Match::None, Match::None);
        let mut at = Some(&level);
        while let Some(level) = at {
            own = own.or(matched(level.own.as_ref(), path, is_folder));
            exclude = exclude.or(matched(level.exclude.as_ref(), path, is_folder));
            at = level.parent.as_ref().filter(|_| !level.is_repository);
        }
        own.or(exclude).or(self.user.matched(path, is_folder)).is_ignore()
    }

    fn level(&self, folder: &Path) -> Arc<Level> {
        let levels = || self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |folder: &Path| levels().get(folder).map(Arc::clone);
        known(folder).unwrap_or_else(|| {
            // The walk goes down one folder after the other. Others go on while files are opened here.
            let level = Level::of(folder, folder.parent().and_then(known));
            levels().insert(folder.to_owned(), Arc::clone(&level));
            level
        })
    }
}

fn matched<'m>(patterns: Option<&'m Gitignore>, path: &Path, is_folder: bool) -> Match<&'m Glob> {
    patterns.map_or(Match::None, |patterns| patterns.matched(path, is_folder))
}

impl Level {
    /// The level of a folder; that of the one above where it has nothing to add.
    fn of(folder: &Path, parent: Option<Arc<Self>>) -> Arc<Self> {
        let own = tree::open_plain(&folder.join(".gitignore")).ok().and_then(|file| patterns(folder, file));
        let is_repository = ancestors::is_repository(folder);
        let exclude = is_repository.then(|| repository::exclude(folder)).flatten();
        match parent {
            Some(parent) if own.is_none() && !is_repository => parent,
            parent => {
                let exclude = exclude.and_then(|file| patterns(folder, file));
                Arc::new(Self { own, exclude, is_repository, parent })
            }
        }
    }
}

/// The bytes of all lines with wildcards of a file, of which the others are left out. What is made of them takes a thousand
/// times as many.
const MOST_WILD: usize = 64 << 10;

/// The patterns of a file; lines that are not patterns are left out, as Git does.
fn patterns(folder: &Path, file: impl Read) -> Option<Gitignore> {
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64).read_to_end(&mut bytes).ok()?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut builder = GitignoreBuilder::new(folder);
    let mut wild = 0;
    for line in bytes.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok()) {
        if line.contains(['*', '?', '[', '{']) {
            wild += line.len();
            if wild > MOST_WILD {
                continue;
            }
        }
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}
