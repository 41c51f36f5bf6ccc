//! The other end: what it can do, what it waits for, what it is told.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
};

use crossbeam_channel::Sender;
use lsp_server::{ErrorCode, Message, RequestId, Response, ResponseError};
use lsp_types::{ClientCapabilities, LogTraceNotification, LogTraceParams, Notification, Request};
use serde_json::Value;

use crate::log::Log;

/// What a request comes to.
pub(crate) type Answer = Result<Value, ResponseError>;

/// The other end. Sending never waits for it.
#[derive(Clone)]
pub(crate) struct Client {
    sender: Sender<Option<Message>>,
    waits_for: Arc<Mutex<HashSet<RequestId>>>,
    last: Arc<AtomicI32>,
    pub(crate) log: Arc<Log>,
}

impl Client {
    /// `sender` takes messages, and nothing for the end.
    pub(crate) fn new(sender: Sender<Option<Message>>, log: Arc<Log>) -> Self {
        Self { sender, waits_for: Arc::default(), last: Arc::default(), log }
    }

    /// Notes that an answer is due.
    pub(crate) fn expect(&self, id: RequestId) {
        self.pending().insert(id);
    }

    /// Whether it still waits for the answer.
    pub(crate) fn waits_for(&self, id: &RequestId) -> bool {
        self.pending().contains(id)
    }

    /// Answers, unless the request was cancelled.
    pub(crate) fn answer(&self, id: RequestId, answer: Answer) {
        if self.pending().remove(&id) {
            if let Err(error) = &answer {
                self.log.line(&format!("request {id}: {}", error.message));
            }
            self.send(Message::Response(Response { id, response_result: answer }));
        }
    }

    /// Takes back a request.
    pub(crate) fn cancel(&self, id: RequestId) {
        self.answer(id, Err(error(ErrorCode::RequestCanceled, "cancelled")));
    }

    /// Tells something.
    pub(crate) fn notify<N: Notification>(&self, params: N::Params) {
        if let Ok(params) = serde_json::to_value(params) {
            let method = N::METHOD.to_string();
            self.send(Message::Notification(lsp_server::Notification { method, params }));
        }
    }

    /// Asks for something whose answer changes nothing.
    pub(crate) fn ask<R: Request>(&self, params: R::Params) {
        if let Ok(params) = serde_json::to_value(params) {
            let (id, method) = (self.last.fetch_add(1, Ordering::Relaxed).into(), R::METHOD.to_string());
            self.send(Message::Request(lsp_server::Request { id, method, params }));
        }
    }

    /// Writes a line of the log; the client gets it if it asked for that.
    pub(crate) fn trace(&self, message: &str, detail: impl Fn() -> String) {
        self.log.line(message);
        if let Some(verbose) = self.log.traces() {
            let verbose = verbose.then(detail);
            self.notify::<LogTraceNotification>(LogTraceParams { message: message.to_owned(), verbose });
        }
    }

    /// Ends the sending.
    pub(crate) fn close(&self) {
        let _ = self.sender.send(None);
    }

    fn send(&self, message: Message) {
        // Where nobody listens any more, the main loop learns it too.
        let _ = self.sender.send(Some(message));
    }

    fn pending(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.waits_for.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error to answer with.
pub(crate) fn error(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}

/// What of the protocol the client can do.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "that is what the protocol negotiates")]
pub(crate) struct Abilities {
    /// It asks for diagnostics. It would show them twice if they were sent too.
    pub(crate) pulls: bool,
    /// It asks again when it is told to.
    pub(crate) refreshes: bool,
    /// It watches files for the server.
    pub(crate) watches: bool,
    /// It shows progress.
    pub(crate) progress: bool,
    /// It takes edits of a certain version of a document.
    pub(crate) versioned_edits: bool,
}

impl Abilities {
    pub(crate) fn of(client: &ClientCapabilities) -> Self {
        let workspace = client.workspace.as_ref();
        let watching = workspace.and_then(|it| it.did_change_watched_files.as_ref());
        let diagnostics = workspace.and_then(|it| it.diagnostics.as_ref());
        let edits = workspace.and_then(|it| it.workspace_edit.as_ref());
        Self {
            pulls: client.text_document.as_ref().is_some_and(|it| it.diagnostic.is_some()),
            refreshes: diagnostics.and_then(|it| it.refresh_support) == Some(true),
            watches: watching.and_then(|it| it.dynamic_registration) == Some(true),
            progress: client.window.as_ref().and_then(|it| it.work_done_progress) == Some(true),
            versioned_edits: edits.and_then(|it| it.document_changes) == Some(true),
        }
    }
}
