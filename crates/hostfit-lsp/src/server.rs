//! The thread that works: documents, folders, and what is found in them.
//!
//! It takes all that is waiting before it judges, so that of many edits the last one counts. Folders are read by threads
//! of their own.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
};

use crossbeam_channel::{Receiver, Sender};
use lsp_server::{ErrorCode, Notification, Request};
use lsp_types::{
    Diagnostic, DiagnosticRefreshRequest, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    FileChangeType, FileEvent, InitializeParams, LanguageKind, PublishDiagnosticsNotification,
    PublishDiagnosticsParams, Uri, WorkspaceFolders,
};
use serde_json::Value;

use crate::{
    client::{Abilities, Answer, Client, error},
    diagnostics,
    disk::{Disk, Open, Origin, Scope, Tree},
    document::Document,
    folder::Folder,
    position::Encoding,
    progress::Progress,
    requests, uri, watch,
};

/// What there is to do.
pub(crate) enum Job {
    /// The client asks.
    Request(Request),
    /// The client tells.
    Notification(Notification),
    /// A folder was read; nothing if that failed.
    Loaded(PathBuf, Option<Box<Tree>>),
}

/// What the client was told, or would be, of one file.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Of the diagnostics that were different, which these are.
    pub(crate) number: u64,
    /// All of the file.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// All that the server knows.
pub(crate) struct Server {
    pub(crate) encoding: Encoding,
    pub(crate) abilities: Abilities,
    pub(crate) client: Client,
    pub(crate) disk: Arc<dyn Disk>,
    /// What is open, by path.
    pub(crate) documents: BTreeMap<PathBuf, Document>,
    /// Those of the workspace first.
    pub(crate) folders: Vec<Folder>,
    /// By path.
    pub(crate) shown: BTreeMap<PathBuf, Shown>,
    last_number: u64,
    /// What has to wait until folders are read.
    waiting: Vec<Request>,
    /// What was edited since diagnostics were told last: its editor asks for them anyhow.
    edited: BTreeSet<PathBuf>,
    progress: Progress,
    /// Whether the client said anything after it was answered.
    started: bool,
    jobs: Sender<Job>,
}

/// Does what comes, until nothing can come any more.
pub(crate) fn run(mut server: Server, jobs: &Receiver<Job>) {
    loop {
        let job = if server.has_work() {
            match jobs.try_recv() {
                Ok(job) => Some(job),
                Err(crossbeam_channel::TryRecvError::Empty) => None,
                Err(crossbeam_channel::TryRecvError::Disconnected) => return,
            }
        } else {
            match jobs.recv() {
                Ok(job) => Some(job),
                Err(crossbeam_channel::RecvError) => return,
            }
        };
        match job {
            Some(job) => server.take(job),
            None => server.settle(),
        }
    }
}

impl Server {
    pub(crate) fn new(
        params: &InitializeParams,
        encoding: Encoding,
        disk: Arc<dyn Disk>,
        client: Client,
        jobs: Sender<Job>,
    ) -> Self {
        let mut server = Self {
            encoding,
            abilities: Abilities::of(&params.capabilities),
            client,
            disk,
            documents: BTreeMap::new(),
            folders: Vec::new(),
            shown: BTreeMap::new(),
            last_number: 0,
            waiting: Vec::new(),
            edited: BTreeSet::new(),
            progress: Progress::default(),
            started: false,
            jobs,
        };
        match &params.workspace_folders_initialize_params.workspace_folders {
            Some(WorkspaceFolders::WorkspaceFolderList(folders)) => {
                for folder in folders {
                    server.add_folder(&folder.uri);
                }
            }
            // Older clients know but one folder.
            #[expect(deprecated, reason = "they say it here")]
            _ => params.root_uri.iter().for_each(|uri| server.add_folder(uri)),
        }
        server
    }

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

    fn innermost(&self, path: &Path) -> Option<&Folder> {
        let holding = self.folders.iter().filter(|it| it.scope == Scope::Whole && path.starts_with(&it.path));
        holding.max_by_key(|it| it.path.components().count())
    }

    fn add_folder(&mut self, uri: &Uri) {
        let Some(path) = uri::to_path(uri) else { return };
        if !self.folders.iter().any(|it| it.scope == Scope::Whole && it.path == path) {
            let workspace = self.folders.iter().filter(|it| it.scope == Scope::Whole).count();
            self.folders.insert(workspace, Folder::new(path, Scope::Whole));
        }
    }

    /// Does one thing. Whatever goes wrong with it, the server goes on.
    fn take(&mut self, job: Job) {
        self.started = true;
        match job {
            Job::Request(request) => self.request(request),
            Job::Notification(notification) => {
                let method = notification.method.clone();
                if let Err(panic) = self.safely(|server| server.notification(notification)) {
                    self.client.trace(&format!("{method} failed: {panic}"), String::new);
                }
            }
            Job::Loaded(path, tree) => self.loaded(&path, tree),
        }
    }

    fn safely<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Result<T, String> {
        catch_unwind(AssertUnwindSafe(|| work(self))).map_err(|panic| words(&*panic))
    }

    fn request(&mut self, request: Request) {
        if !self.client.waits_for(&request.id) {
            return;
        }
        if self.has_work() {
            self.settle();
        }
        if !self.folders.iter().all(Folder::is_ready) {
            self.waiting.push(request);
            return;
        }
        let (id, method) = (request.id.clone(), request.method.clone());
        let detail = self.client.log.traces() == Some(true);
        let detail = if detail { request.params.to_string() } else { String::new() };
        let answer = self.safely(|server| requests::answer(request, server)).unwrap_or_else(|panic| -> Answer {
            Err(error(ErrorCode::InternalError, format!("{method} failed: {panic}")))
        });
        self.client.trace(&method, || detail.clone());
        self.client.answer(id, answer);
    }

    fn notification(&mut self, notification: Notification) {
        self.client.trace(&notification.method, || notification.params.to_string());
        match notification.method.as_str() {
            "initialized" => self.initialized(),
            "textDocument/didOpen" => self.parsed(notification.params, Self::did_open),
            "textDocument/didChange" => self.parsed(notification.params, Self::did_change),
            "textDocument/didClose" => self.parsed(notification.params, Self::did_close),
            "textDocument/didSave" => self.parsed(notification.params, Self::did_save),
            "workspace/didChangeWatchedFiles" => self.parsed(notification.params, Self::files_changed),
            "workspace/didChangeWorkspaceFolders" => self.parsed(notification.params, Self::folders_changed),
            _ => {}
        }
    }

    fn parsed<P: serde::de::DeserializeOwned>(&mut self, params: Value, work: impl FnOnce(&mut Self, P)) {
        match serde_json::from_value(params) {
            Ok(params) => work(self, params),
            Err(error) => self.client.log.line(&format!("no such params: {error}")),
        }
    }

    fn initialized(&mut self) {
        if self.abilities.watches {
            watch::register(&self.client);
        }
    }

    fn did_open(&mut self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        let Some(path) = self.path_to_open(&item.uri, &item.language_id) else { return };
        self.forget(&path, self.uri(&path), &item.uri);
        self.documents.insert(path.clone(), Document { uri: item.uri, version: item.version, text: item.text });
        if self.innermost(&path).is_none()
            && let Some(parent) = path.parent()
            && !self.folders.iter().any(|it| it.scope == Scope::Open && it.path == parent)
        {
            self.folders.push(Folder::new(parent.to_owned(), Scope::Open));
        }
        let (owner, scope) = match self.owner(&path) {
            Some(owner) => (owner.path.clone(), owner.scope),
            None => return,
        };
        for folder in &mut self.folders {
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
        let folder = self.folders.first().map_or(Path::new("/"), |folder| &folder.path);
        Some(folder.join(name + end))
    }

    fn did_change(&mut self, params: DidChangeTextDocumentParams) {
        let Some(path) = self.path(&params.text_document.text_document_identifier.uri) else { return };
        let Some(document) = self.documents.get_mut(&path) else { return };
        document.version = params.text_document.version;
        document.change(params.content_changes, self.encoding);
        self.touch(&path);
        self.edited.insert(path);
    }

    fn did_close(&mut self, DidCloseTextDocumentParams { text_document }: DidCloseTextDocumentParams) {
        let Some(path) = self.path(&text_document.uri) else { return };
        let Some(document) = self.documents.remove(&path) else { return };
        for folder in &mut self.folders {
            let Some(files) = &mut folder.files else { continue };
            let Some(id) = files.id(&path) else { continue };
            match files.file(id).map(|file| file.origin) {
                Some(Origin::Open) => folder.outdated = true,
                _ => files.touch(id),
            }
        }
        let documents = &self.documents;
        self.folders.retain(|folder| {
            folder.scope == Scope::Whole || documents.keys().any(|path| path.parent() == Some(&folder.path))
        });
        self.forget(&path, document.uri, &uri::of_path(&path));
        self.show();
    }

    /// Takes back what was told of a file under a name, if it goes by another from now on.
    fn forget(&mut self, path: &Path, old: Uri, new: &Uri) {
        if old != *new
            && let Some(shown) = self.shown.remove(path)
            && !shown.diagnostics.is_empty()
        {
            self.tell(old, None, Vec::new());
        }
    }

    fn did_save(&mut self, DidSaveTextDocumentParams { text_document, .. }: DidSaveTextDocumentParams) {
        if let Some(path) = self.path(&text_document.uri) {
            self.touch(&path);
        }
        self.look_again();
    }

    /// Where nobody watches the files, they may have changed since they were read.
    fn look_again(&mut self) {
        if !self.abilities.watches {
            self.folders.iter_mut().filter(|it| it.files.is_some()).for_each(|it| it.outdated = true);
        }
    }

    fn files_changed(&mut self, params: DidChangeWatchedFilesParams) {
        for FileEvent { uri, kind } in params.changes {
            let Some(path) = uri::to_path(&uri) else { continue };
            // What is open is as the editor has it.
            if self.documents.contains_key(&path) {
                continue;
            }
            for folder in &mut self.folders {
                let Some(files) = &mut folder.files else { continue };
                match files.id(&path) {
                    Some(id) if kind != FileChangeType::Deleted => files.touch(id),
                    Some(_) => folder.outdated = true,
                    None => folder.outdated |= files.concerns(&path, kind),
                }
            }
        }
    }

    fn folders_changed(&mut self, params: DidChangeWorkspaceFoldersParams) {
        for folder in params.event.removed {
            let path = uri::to_path(&folder.uri);
            self.folders.retain(|it| it.scope == Scope::Open || Some(&it.path) != path.as_ref());
        }
        params.event.added.iter().for_each(|folder| self.add_folder(&folder.uri));
        // What is open belongs to other folders now.
        self.folders.retain(|it| it.scope == Scope::Whole);
        let homeless: Vec<_> = self.documents.keys().filter(|path| self.innermost(path).is_none()).cloned().collect();
        for parent in homeless.iter().filter_map(|path| path.parent()) {
            if !self.folders.iter().any(|it| it.scope == Scope::Open && it.path == parent) {
                self.folders.push(Folder::new(parent.to_owned(), Scope::Open));
            }
        }
        self.folders.iter_mut().for_each(|it| it.outdated = true);
        self.show();
    }

    fn touch(&mut self, path: &Path) {
        for files in self.folders.iter_mut().filter_map(|it| it.files.as_mut()) {
            if let Some(id) = files.id(path) {
                files.touch(id);
            }
        }
    }

    fn loaded(&mut self, path: &Path, tree: Option<Box<Tree>>) {
        let Some(folder) = self.folders.iter_mut().find(|it| it.loading && it.path == path) else { return };
        folder.loading = false;
        folder.take(tree.map(|it| *it).unwrap_or_default());
        if let Some(files) = &mut folder.files {
            // What was typed since the reading began.
            for (path, document) in &self.documents {
                if let Some(id) = files.id(path)
                    && files.sources.get(id).is_none_or(|source| source.text != document.text)
                {
                    files.touch(id);
                }
            }
        }
        if self.folders.iter().all(|it| it.files.is_some()) {
            self.progress.end(&self.client);
        }
        if self.folders.iter().all(Folder::is_ready) {
            for request in std::mem::take(&mut self.waiting) {
                self.request(request);
            }
        }
    }

    /// Whether something is to be done that nobody asked for.
    fn has_work(&self) -> bool {
        self.started && self.folders.iter().any(|it| it.outdated && !it.loading || it.is_ready() && it.is_dirty())
    }

    /// Reads what has to be read, judges what changed, and tells what is found.
    fn settle(&mut self) {
        for place in 0..self.folders.len() {
            self.load(place);
            if let Err(panic) = self.safely(|server| server.judge(place)) {
                self.client.trace(&format!("judging failed: {panic}"), String::new);
            }
        }
        self.show();
    }

    fn load(&mut self, place: usize) {
        let Some(folder) = self.folders.get_mut(place).filter(|it| it.outdated && !it.loading) else { return };
        (folder.loading, folder.outdated) = (true, false);
        let (path, scope) = (folder.path.clone(), folder.scope);
        let last = folder.files.as_ref().map(|files| files.config.clone());
        if folder.files.is_none() && scope == Scope::Whole && self.abilities.progress {
            self.progress.begin(&self.client);
        }
        let texts = self.documents.iter().map(|(path, document)| (path.clone(), Arc::from(document.text.as_str())));
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

    fn judge(&mut self, place: usize) {
        let Some(folder) = self.folders.get_mut(place).filter(|it| it.is_ready()) else { return };
        let Some(files) = &mut folder.files else { return };
        let documents = &self.documents;
        let text = |path: &Path| documents.get(path).map(|document| document.text.as_str());
        if files.refresh(&*self.disk, text) {
            files.judge(&*self.disk, |path| documents.contains_key(path));
        } else {
            folder.outdated = true;
        }
    }

    /// Tells what is found in each file, where that is not what was told before.
    fn show(&mut self) {
        let uri = |path: &Path| self.uri(path);
        let mut present: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
        for folder in &self.folders {
            let Some(files) = &folder.files else { continue };
            let found = diagnostics::of_files(files, self.encoding, uri);
            let is_owner = |path: &Path| self.owner(path).is_some_and(|it| std::ptr::eq(it, folder));
            present.extend(found.into_iter().filter(|(path, _)| is_owner(path)));
        }
        // Of an edited text the editor is told at once, if only that nothing changed.
        let edited = std::mem::take(&mut self.edited);
        let is_settled = |path: &PathBuf| self.owner(path).is_none_or(|it| it.is_ready() && !it.is_dirty());
        let (answered, edited): (BTreeSet<_>, BTreeSet<_>) = edited.into_iter().partition(is_settled);
        self.edited = edited;
        for path in self.shown.keys().chain(&answered) {
            present.entry(path.clone()).or_default();
        }
        let mut elsewhere = false;
        for (path, diagnostics) in present {
            let shown = self.shown.get(&path);
            let is_known = shown.map_or(diagnostics.is_empty(), |it| it.diagnostics == diagnostics);
            let document = self.documents.get(&path);
            if !is_known || document.is_some() && answered.contains(&path) {
                self.tell(self.uri(&path), document.map(|it| it.version), diagnostics.clone());
            }
            if !is_known {
                elsewhere |= !answered.contains(&path);
                self.last_number += 1;
                self.shown.insert(path, Shown { number: self.last_number, diagnostics });
            }
        }
        if elsewhere && self.abilities.pulls && self.abilities.refreshes {
            self.client.ask::<DiagnosticRefreshRequest>(());
        }
    }

    fn tell(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        if !self.abilities.pulls {
            let params = PublishDiagnosticsParams { uri, version, diagnostics };
            self.client.notify::<PublishDiagnosticsNotification>(params);
        }
    }
}

/// What a panic says.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}
