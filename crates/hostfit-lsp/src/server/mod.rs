//! The thread that works: documents, folders, and what is found in them.
//!
//! It takes all that is waiting before it judges, so that of many edits the last one counts. Folders are read by threads
//! of their own; what was read before is judged and asked meanwhile.

mod documents;
mod folders;
mod show;

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender};
use lsp_server::{ErrorCode, Notification, Request, RequestId};
use lsp_types::{InitializeParams, Uri, WorkspaceFolders};
use serde_json::Value;

use crate::{
    abilities::Abilities,
    client::{Answer, Client, error},
    disk::{Disk, Tree},
    folder::{Files, Folder},
    position::Encoding,
    progress::Progress,
    requests,
    settings::{self, Settings},
    watch,
    workspace::Workspace,
};

/// What there is to do.
pub(crate) enum Job {
    /// The client asks.
    Request(Request),
    /// The client reports a change.
    Notification(Notification),
    /// The client answers.
    Answer(RequestId, Value),
    /// A folder was read; nothing if that failed.
    Loaded(PathBuf, Option<Box<Tree>>),
    /// Nothing any more.
    End,
}

/// All that the loop works with.
pub(crate) struct Server {
    /// What requests are answered from.
    workspace: Workspace,
    client: Client,
    disk: Arc<dyn Disk>,
    /// What is set where the client's configuration says nothing.
    defaults: Settings,
    last_number: u64,
    /// Whether files may belong to other folders than when diagnostics were last sent.
    moved: bool,
    /// What has to wait until folders are read.
    waiting: Vec<Request>,
    /// The request for the client's settings that was made last.
    asked: Option<RequestId>,
    /// What was edited since diagnostics were last sent: its editor asks for them anyhow.
    edited: BTreeSet<PathBuf>,
    /// Configurations above the workspace that the client watches.
    watched: BTreeSet<PathBuf>,
    progress: Progress,
    /// Whether the client said anything after it was answered.
    started: bool,
    jobs: Sender<Job>,
}

/// Who has just typed may ask something next.
const IDLE: Duration = Duration::from_millis(100);

/// Who typed has stopped for now.
const REST: Duration = Duration::from_millis(400);

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
            let job = jobs.recv_timeout(IDLE).or_else(|_| {
                server.tidy();
                jobs.recv_timeout(REST)
            });
            let job = job.or_else(|_| {
                server.complete();
                jobs.recv()
            });
            match job {
                Ok(job) => Some(job),
                Err(crossbeam_channel::RecvError) => return,
            }
        };
        match job {
            Some(Job::End) => return,
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
        let options = params.initialization_options.as_ref().unwrap_or(&Value::Null);
        let settings = Settings::default().with(options);
        let mut server = Self {
            workspace: Workspace {
                encoding,
                abilities: Abilities::of(&params.capabilities),
                settings,
                shows_matrix: settings::has_command(options, settings::SHOW_MATRIX),
                documents: BTreeMap::new(),
                folders: Vec::new(),
                shown: BTreeMap::new(),
            },
            client,
            disk,
            defaults: settings,
            last_number: 0,
            moved: false,
            waiting: Vec::new(),
            asked: None,
            edited: BTreeSet::new(),
            watched: BTreeSet::new(),
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
            Job::Answer(id, answer) => self.answered(&id, &answer),
            Job::Loaded(path, tree) => self.loaded(&path, tree),
            Job::End => {}
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
        if self.has_to_wait(&request) {
            self.waiting.push(request);
            return;
        }
        let (id, method) = (request.id.clone(), request.method.clone());
        let detail = self.client.log.traces() == Some(true);
        let detail = if detail { request.params.to_string() } else { String::new() };
        let answer =
            self.safely(|server| requests::answer(request, &server.workspace)).unwrap_or_else(|panic| -> Answer {
                Err(error(ErrorCode::InternalError, format!("{method} failed: {panic}")))
            });
        self.client.trace(&method, || detail.clone());
        self.client.answer(&id, answer);
    }

    /// Whether folders that are being read have to be, before this can be answered. What people wait for while they type
    /// is answered from what was read last, if its file was.
    fn has_to_wait(&self, request: &Request) -> bool {
        if self.workspace.folders.iter().all(Folder::is_ready) {
            return false;
        }
        let can_wait = match request.method.as_str() {
            // Who cannot be told later that there is something else has to be told now.
            "textDocument/diagnostic" => !self.workspace.abilities.pulls,
            method => !requests::is_urgent(method),
        };
        let uri = request.params.pointer("/textDocument/uri").and_then(Value::as_str);
        let path = uri.and_then(|uri| self.workspace.path(&Uri(uri.to_owned())));
        let files = path.as_ref().and_then(|path| Some((path, self.workspace.owner(path)?.files.as_ref()?)));
        let is_known = files.is_some_and(|(path, files)| files.id(path).is_some() && !files.is_dirty());
        can_wait || !is_known
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
            "workspace/didChangeConfiguration" => self.configuration_changed(&notification.params),
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
        if self.workspace.abilities.watches {
            watch::register(&self.client);
        }
        if self.workspace.abilities.tells_configuration {
            settings::register(&self.client);
        }
        self.ask_for_settings();
    }

    fn ask_for_settings(&mut self) {
        if self.workspace.abilities.configuration {
            self.asked = Some(settings::ask(&self.client));
        }
    }

    /// Some send what is set, others only that it is to be asked for.
    fn configuration_changed(&mut self, params: &Value) {
        let sent = params.get("settings").filter(|it| it.get(settings::SECTION).is_some_and(Value::is_object));
        if let Some(sent) = sent {
            self.set(sent);
        }
        self.ask_for_settings();
    }

    fn answered(&mut self, id: &RequestId, answer: &Value) {
        if self.asked.as_ref() == Some(id) {
            self.asked = None;
            self.set(answer.get(0).unwrap_or(&Value::Null));
        }
    }

    fn set(&mut self, values: &Value) {
        let settings = self.defaults.with(values);
        if settings != self.workspace.settings {
            self.workspace.settings = settings;
            self.refresh_lines();
        }
    }

    /// Whether something is to be done that nobody asked for.
    fn has_work(&self) -> bool {
        self.started && self.workspace.folders.iter().any(|it| it.outdated && !it.loading || it.is_dirty())
    }

    /// Reads what has to be read, judges what changed, and publishes what is found.
    fn settle(&mut self) {
        for place in 0..self.workspace.folders.len() {
            self.load(place);
            if let Err(panic) = self.safely(|server| server.judge(place)) {
                self.client.trace(&format!("judging failed: {panic}"), String::new);
            }
        }
        self.show();
    }

    /// Judges again what no edit seemed to concern.
    fn complete(&mut self) {
        let done = self.safely(|server| {
            let documents = &server.workspace.documents;
            let files = server.workspace.folders.iter_mut().filter_map(|it| it.files.as_mut());
            files.fold(false, |any, files| files.complete(|path| documents.get(path)) | any)
        });
        match done {
            Ok(true) => self.show(),
            Ok(false) => {}
            Err(panic) => self.client.trace(&format!("judging failed: {panic}"), String::new),
        }
    }

    /// Does what can wait until nobody waits.
    fn tidy(&mut self) {
        self.workspace.folders.iter_mut().filter_map(|it| it.files.as_mut()).for_each(Files::tidy);
    }
}

/// What a panic says.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}
