//! What a rendering reads: a tree of files that somebody else opens.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::{funcs, text::FileId};

/// The files that charts are loaded from. Paths are relative to the root of the tree and have `/`.
///
/// Nothing in this crate opens a file: who implements this decides what belongs to the tree, and follows no link out
/// of it. It is never asked for a path that has `..` in it or that is absolute.
pub trait Tree {
    /// The paths of all files below a folder; of the whole tree for `""`. In any order.
    fn list(&self, folder: &str) -> Vec<String>;

    /// The bytes of a file; none where it is not there or too large to be read.
    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>>;
}

/// The files that took part in renderings, by number.
#[derive(Clone, Debug, Default)]
pub struct FileTable {
    paths: Vec<String>,
    ids: FxHashMap<String, FileId>,
    archived: FxHashMap<FileId, String>,
}

impl FileTable {
    /// The number of a path. Members of an archive are `charts/x.tgz!/templates/a.yaml`.
    pub fn id(&mut self, path: &str) -> FileId {
        if let Some(&id) = self.ids.get(path) {
            return id;
        }
        let id = FileId(crate::text::saturating_u32(self.paths.len()));
        self.paths.push(path.to_owned());
        self.ids.insert(path.to_owned(), id);
        id
    }

    /// The files below a folder.
    pub(crate) fn below(&self, folder: &str) -> impl Iterator<Item = FileId> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.paths.iter().enumerate().filter(move |(_, path)| path.starts_with(&prefix));
        below.map(|(at, _)| FileId(crate::text::saturating_u32(at)))
    }

    /// The path of a file.
    pub fn path(&self, id: FileId) -> &str {
        self.paths.get(id.0 as usize).map_or("", String::as_str)
    }

    /// The text of a member of an archive, which the tree does not have.
    pub fn archived(&self, id: FileId) -> Option<&str> {
        self.archived.get(&id).map(String::as_str)
    }

    /// Keeps the text of a member of an archive.
    pub(crate) fn keep_archived(&mut self, id: FileId, text: &str) {
        self.archived.insert(id, text.to_owned());
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether no file took part.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }
}

/// How many bytes of files may take part in one rendering.
pub(crate) const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The longest file that is read.
pub(crate) const MAX_FILE: usize = 8 * 1024 * 1024;

/// The text of a file.
pub(crate) fn decoded(bytes: Cow<'_, [u8]>) -> String {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Cow::Owned(bytes) => {
            String::from_utf8(bytes).unwrap_or_else(|it| String::from_utf8_lossy(it.as_bytes()).into_owned())
        }
    }
}

/// A path beside a folder, if it is in the tree.
pub(crate) fn joined(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let joined = funcs::clean(&format!("{folder}/{path}"));
    let joined = joined.trim_start_matches('/');
    let outside = funcs::clean(&if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") });
    (!outside.starts_with("..") && !outside.starts_with('/'))
        .then(|| if joined == "." { String::new() } else { joined.to_owned() })
}
