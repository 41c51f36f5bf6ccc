//! What the server knows: what is open, the folders, and what was found in their files. Requests are answered from it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use lsp_types::Uri;

use crate::{
    abilities::Abilities, diagnostics::Written, disk::Scope, document::Document, folder::Folder, position::Encoding,
    settings::Settings, uri,
};

/// What requests are answered from.
pub(crate) struct Workspace {
    /// What the client counts characters in.
    pub(crate) encoding: Encoding,
    /// What the client can do.
    pub(crate) abilities: Abilities,
    /// What is set.
    pub(crate) settings: Settings,
    /// Whether the client has the command that shows which workload runs where.
    pub(crate) shows_matrix: bool,
    /// What is open, by path.
    pub(crate) documents: BTreeMap<PathBuf, Document>,
    /// Those of the workspace first.
    pub(crate) folders: Vec<Folder>,
    /// By path.
    pub(crate) shown: BTreeMap<PathBuf, Shown>,
}

/// What the client was sent, or would be, for one file.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Of the diagnostics that were different, which these are.
    pub(crate) number: u64,
    /// All of the file.
    pub(crate) diagnostics: Written,
}

impl Workspace {
    /// The path of a document or file; none of those that are not looked at.
    pub(crate) fn path(&self, uri: &Uri) -> Option<PathBuf> {
        uri::to_path(uri).or_else(|| {
            let open = self.documents.iter().find(|(_, document)| document.uri == *uri);
            open.map(|(path, _)| path.clone())
        })
    }

    /// What the editor calls a file.
    pub(crate) fn uri(&self, path: &Path) -> Uri {
        self.documents.get(path).map_or_else(|| uri::of_path(path), |document| document.uri.clone())
    }

    /// The folder that says what is found in a file: the innermost of the workspace that holds it; for files outside of
    /// these the one that was made for them, else the first that refers to them.
    pub(crate) fn owner(&self, path: &Path) -> Option<&Folder> {
        self.innermost(path)
            .or_else(|| self.folders.iter().find(|it| it.scope == Scope::Open && path.parent() == Some(&it.path)))
            .or_else(|| self.folders.iter().find(|it| it.files.as_ref().is_some_and(|it| it.id(path).is_some())))
    }

    /// The innermost folder of the workspace that holds a file.
    pub(crate) fn innermost(&self, path: &Path) -> Option<&Folder> {
        let holding = self.folders.iter().filter(|it| it.scope == Scope::Whole && path.starts_with(&it.path));
        holding.max_by_key(|it| it.path.components().count())
    }
}
