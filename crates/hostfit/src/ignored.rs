//! What Git ignores: `.gitignore` in each folder, `info/exclude` of the repository and the user's own file. They are opened
//! as every file that a repository brings: Git does not follow links there either, and a pipe would keep a run waiting.

use std::{io::Read, path::Path, sync::Arc};

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

/// What Git ignores in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Ignored {
    /// The user's own patterns.
    user: Arc<Gitignore>,
    level: Arc<Level>,
}

impl Ignored {
    /// Reads what an absolute path and the folders above it say, up to the root of its repository; outside of one, all that
    /// may decide about it.
    pub(crate) fn above(root: &Path) -> Self {
        let end = ancestors::repository(root);
        let is_in_it = |folder: &&Path| end.is_none_or(|end| folder.starts_with(end));
        let folders: Vec<_> = ancestors::deciding(root).take_while(is_in_it).collect();
        let below = |parent, folder: &&Path| Some(Level::of(folder, parent, |_| true));
        let level = folders.iter().rev().fold(None, below).unwrap_or_default();
        Self { user: Arc::new(GitignoreBuilder::new(root).build_global().0), level }
    }

    /// The same of a folder in this one. `may_have` says whether it may have an entry of a name.
    pub(crate) fn within(&self, folder: &Path, may_have: impl Fn(&str) -> bool) -> Self {
        let level = Level::of(folder, Some(Arc::clone(&self.level)), may_have);
        Self { user: Arc::clone(&self.user), level }
    }

    /// Whether a file or folder in the folder is ignored. Those above it are not.
    pub(crate) fn matches(&self, path: &Path, is_folder: bool) -> bool {
        let (mut own, mut exclude) = (Match::None, Match::None);
        let mut at = Some(&self.level);
        while let Some(level) = at {
            own = own.or(matched(level.own.as_ref(), path, is_folder));
            exclude = exclude.or(matched(level.exclude.as_ref(), path, is_folder));
            at = level.parent.as_ref().filter(|_| !level.is_repository);
        }
        own.or(exclude).or(self.user.matched(path, is_folder)).is_ignore()
    }
}

fn matched<'m>(patterns: Option<&'m Gitignore>, path: &Path, is_folder: bool) -> Match<&'m Glob> {
    patterns.map_or(Match::None, |patterns| patterns.matched(path, is_folder))
}

impl Level {
    /// The level of a folder; that of the one above where it has nothing to add.
    fn of(folder: &Path, parent: Option<Arc<Self>>, may_have: impl Fn(&str) -> bool) -> Arc<Self> {
        let open = || tree::open_plain(&folder.join(".gitignore")).ok();
        let own = if may_have(".gitignore") { open().and_then(|file| patterns(folder, file)) } else { None };
        let is_repository = may_have(".git") && ancestors::is_repository(folder);
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
