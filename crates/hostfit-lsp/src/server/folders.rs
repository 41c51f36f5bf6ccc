//! Folders: which there are, when they are read, and when they are judged.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread,
};

use lsp_types::{DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, FileChangeType, FileEvent, Uri};

use super::{Job, Server};
use crate::{
    disk::{Open, Scope, Tree},
    folder::Folder,
    uri, watch,
};

impl Server {
    pub(super) fn add_folder(&mut self, uri: &Uri) {
        let Some(path) = uri::to_path(uri) else { return };
        if !self.workspace.folders.iter().any(|it| it.scope == Scope::Whole && it.path == path) {
            let workspace = self.workspace.folders.iter().filter(|it| it.scope == Scope::Whole).count();
            self.workspace.folders.insert(workspace, Folder::new(path, Scope::Whole));
        }
    }

    pub(super) fn files_changed(&mut self, params: DidChangeWatchedFilesParams) {
        for FileEvent { uri, kind } in params.changes {
            let Some(path) = uri::to_path(&uri) else { continue };
            // What is open is as the editor has it.
            if self.workspace.documents.contains_key(&path) {
                continue;
            }
            for folder in &mut self.workspace.folders {
                let Some(files) = &mut folder.files else { continue };
                match files.id(&path) {
                    Some(id) if kind != FileChangeType::Deleted => files.touch(id),
                    Some(_) => folder.outdated = true,
                    None => folder.outdated |= files.concerns(&path, kind),
                }
            }
        }
    }

    pub(super) fn folders_changed(&mut self, params: DidChangeWorkspaceFoldersParams) {
        self.moved = true;
        for folder in params.event.removed {
            let path = uri::to_path(&folder.uri);
            self.workspace.folders.retain(|it| it.scope == Scope::Open || Some(&it.path) != path.as_ref());
        }
        params.event.added.iter().for_each(|folder| self.add_folder(&folder.uri));
        // What is open belongs to other folders now.
        self.workspace.folders.retain(|it| it.scope == Scope::Whole);
        let homeless: Vec<_> =
            self.workspace.documents.keys().filter(|path| self.workspace.innermost(path).is_none()).cloned().collect();
        for parent in homeless.iter().filter_map(|path| path.parent()) {
            if !self.workspace.folders.iter().any(|it| it.scope == Scope::Open && it.path == parent) {
                self.workspace.folders.push(Folder::new(parent.to_owned(), Scope::Open));
            }
        }
        self.workspace.folders.iter_mut().for_each(|it| it.outdated = true);
        self.show();
    }

    pub(super) fn loaded(&mut self, path: &Path, tree: Option<Box<Tree>>) {
        let Some(folder) = self.workspace.folders.iter_mut().find(|it| it.loading && it.path == path) else { return };
        self.moved = true;
        folder.loading = false;
        let known = folder.files.take().map(|files| files.notices).unwrap_or_default();
        folder.take(tree.map(|it| *it).unwrap_or_default());
        if let Some(files) = &mut folder.files {
            // Each once, until the file is another.
            files.notices.iter().filter(|notice| !known.contains(notice)).for_each(|notice| self.client.warn(notice));
            // What was typed since the reading began.
            for (path, document) in &self.workspace.documents {
                if let Some(id) = files.id(path)
                    && files.sources.get(id).is_none_or(|source| *source.text != document.text)
                {
                    files.touch(id);
                }
            }
        }
        self.watch_above();
        if self.workspace.folders.iter().all(|it| it.files.is_some()) {
            self.progress.end(&self.client);
        }
        for request in std::mem::take(&mut self.waiting) {
            self.request(request);
        }
    }

    /// Has the client watch the configurations that hold in folders of the workspace and lie above them.
    fn watch_above(&mut self) {
        if !self.workspace.abilities.watches || !self.workspace.abilities.watches_elsewhere {
            return;
        }
        let above = self
            .workspace
            .folders
            .iter()
            .filter_map(|folder| folder.files.as_ref()?.config_above().map(Path::to_owned));
        let above: Vec<_> = above.filter(|path| self.workspace.innermost(path).is_none()).collect();
        for path in above {
            if self.watched.insert(path.clone()) {
                watch::register_one(&self.client, &path);
            }
        }
    }

    pub(super) fn load(&mut self, place: usize) {
        let Some(folder) = self.workspace.folders.get_mut(place).filter(|it| it.outdated && !it.loading) else {
            return;
        };
        (folder.loading, folder.outdated) = (true, false);
        let (path, scope) = (folder.path.clone(), folder.scope);
        let last = folder.files.as_ref().map(|files| files.config.clone());
        if folder.files.is_none() && scope == Scope::Whole && self.workspace.abilities.progress {
            self.progress.begin(&self.client);
        }
        let texts =
            self.workspace.documents.iter().map(|(path, document)| (path.clone(), Arc::from(document.text.as_str())));
        let open: Open = texts.collect();
        let (disk, jobs) = (Arc::clone(&self.disk), self.jobs.clone());
        let work = move || {
            let tree = catch_unwind(AssertUnwindSafe(|| Box::new(disk.load(&path, scope, &open, last)))).ok();
            // Nobody takes it where the server has ended meanwhile.
            let _ = jobs.send(Job::Loaded(path, tree));
        };
        if thread::Builder::new().name("hostfit-files".to_owned()).spawn(work).is_err() {
            folder.loading = false;
            folder.take(Tree::default());
        }
    }

    pub(super) fn judge(&mut self, place: usize) {
        let Some(folder) = self.workspace.folders.get_mut(place).filter(|it| it.is_dirty()) else { return };
        let Some(files) = &mut folder.files else { return };
        let documents = &self.workspace.documents;
        let text = |path: &Path| documents.get(path).map(|document| document.text.as_str());
        if files.refresh(&*self.disk, text) {
            files.judge(&*self.disk, |path| documents.get(path));
        } else {
            folder.outdated = true;
        }
    }
}
