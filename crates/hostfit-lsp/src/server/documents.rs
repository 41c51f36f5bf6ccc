//! What is open in the editor.

use std::path::{Path, PathBuf};

use lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    LanguageKind, Uri,
};

use super::Server;
use crate::{
    disk::{Origin, Scope},
    document::Document,
    folder::Folder,
    uri,
};

impl Server {
    pub(super) fn did_open(&mut self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        let Some(path) = self.path_to_open(&item.uri, &item.language_id) else { return };
        self.moved = true;
        self.forget(&path, &self.workspace.uri(&path), &item.uri);
        self.workspace.documents.insert(path.clone(), Document::new(item.uri, item.version, item.text));
        if self.workspace.innermost(&path).is_none()
            && let Some(parent) = path.parent()
            && !self.workspace.folders.iter().any(|it| it.scope == Scope::Open && it.path == parent)
        {
            self.workspace.folders.push(Folder::new(parent.to_owned(), Scope::Open));
        }
        let (owner, scope) = match self.workspace.owner(&path) {
            Some(owner) => (owner.path.clone(), owner.scope),
            None => return,
        };
        for folder in &mut self.workspace.folders {
            let is_owner = folder.path == owner && folder.scope == scope;
            match folder.files.as_mut().map(|files| (files.id(&path), files)) {
                Some((Some(id), files)) => files.touch(id),
                _ => folder.outdated |= is_owner,
            }
        }
        self.look_again();
        self.edited.insert(path);
    }

    /// What a document goes by that is opened. One that has no file yet lies in the first folder of the workspace.
    fn path_to_open(&self, uri: &Uri, language: &LanguageKind) -> Option<PathBuf> {
        if let Some(path) = uri::to_path(uri) {
            return Some(path);
        }
        let name = uri.0.strip_prefix("untitled:")?;
        if name.starts_with('/') {
            return uri::to_path(&Uri(format!("file://{name}")));
        }
        let name: String = name.chars().map(|it| if it.is_alphanumeric() { it } else { '-' }).collect();
        let end = match language {
            LanguageKind::Dockerfile => ".Dockerfile",
            LanguageKind::YAML => ".yaml",
            LanguageKind::JSON => ".json",
            LanguageKind::Custom(id) if id == "dockercompose" => ".compose.yaml",
            _ => "",
        };
        let folder = self.workspace.folders.first().map_or(Path::new("/"), |folder| &folder.path);
        Some(folder.join(name + end))
    }

    pub(super) fn did_change(&mut self, params: DidChangeTextDocumentParams) {
        let Some(path) = self.workspace.path(&params.text_document.text_document_identifier.uri) else { return };
        let Some(document) = self.workspace.documents.get_mut(&path) else { return };
        document.version = params.text_document.version;
        document.change(params.content_changes, self.workspace.encoding);
        self.touch(&path);
        self.edited.insert(path);
    }

    pub(super) fn did_close(&mut self, DidCloseTextDocumentParams { text_document }: DidCloseTextDocumentParams) {
        let Some(path) = self.workspace.path(&text_document.uri) else { return };
        let Some(document) = self.workspace.documents.remove(&path) else { return };
        self.moved = true;
        for folder in &mut self.workspace.folders {
            let Some(files) = &mut folder.files else { continue };
            let Some(id) = files.id(&path) else { continue };
            match files.file(id).map(|file| file.origin) {
                Some(Origin::Open) => folder.outdated = true,
                _ => files.touch(id),
            }
        }
        let documents = &self.workspace.documents;
        self.workspace.folders.retain(|folder| {
            folder.scope == Scope::Whole || documents.keys().any(|path| path.parent() == Some(&folder.path))
        });
        self.forget(&path, &document.uri, &uri::of_path(&path));
        self.show();
    }

    pub(super) fn did_save(&mut self, DidSaveTextDocumentParams { text_document, .. }: DidSaveTextDocumentParams) {
        if let Some(path) = self.workspace.path(&text_document.uri) {
            self.touch(&path);
        }
        self.look_again();
    }

    /// Where nobody watches the files, they may have changed since they were read. Most clients watch nothing above the
    /// workspace.
    fn look_again(&mut self) {
        for folder in &mut self.workspace.folders {
            let Some(files) = &mut folder.files else { continue };
            let above = files.config_above().and_then(|path| files.id(path));
            match above.filter(|_| !self.workspace.abilities.watches_elsewhere) {
                _ if !self.workspace.abilities.watches || files.has_context() => folder.outdated = true,
                Some(id) => files.touch(id),
                None => {}
            }
        }
    }

    fn touch(&mut self, path: &Path) {
        for files in self.workspace.folders.iter_mut().filter_map(|it| it.files.as_mut()) {
            if let Some(id) = files.id(path) {
                files.touch(id);
            }
        }
    }
}
