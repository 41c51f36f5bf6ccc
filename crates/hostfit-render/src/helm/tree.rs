//! What a rendering reads: a tree of files that somebody else opens.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::text::FileId;

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

    /// The path of a file.
    pub fn path(&self, id: FileId) -> &str {
        self.paths.get(id.0 as usize).map_or("", String::as_str)
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
