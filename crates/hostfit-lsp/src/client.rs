//! The other end: what it waits for, what it is sent.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI32, Ordering},
    },
};

use crossbeam_channel::Sender;
use lsp_server::{ErrorCode, RequestId, ResponseError};
use lsp_types::{
    LogTraceNotification, LogTraceParams, LspNotificationMethod, MessageType, Notification, Request,
    ShowMessageNotification, ShowMessageParams,
};
use serde::Serialize;

use crate::log::Log;

/// What a request comes to, in JSON.
pub(crate) type Answer = Result<String, ResponseError>;

/// The other end. Sending never waits for it.
#[derive(Clone)]
pub(crate) struct Client {
    sender: Sender<Option<String>>,
    waits_for: Arc<Mutex<HashSet<RequestId>>>,
    last: Arc<AtomicI32>,
    pub(crate) log: Arc<Log>,
}

impl Client {
    /// `sender` takes messages in JSON, and nothing for the end.
    pub(crate) fn new(sender: Sender<Option<String>>, log: Arc<Log>) -> Self {
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
    pub(crate) fn answer(&self, id: &RequestId, answer: Answer) {
        if !self.pending().remove(id) {
            return;
        }
        match answer {
            Ok(result) => {
                let id = json(id);
                self.send(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#));
            }
            Err(error) => self.refuse(Some(id), &error),
        }
    }

    /// Says what is wrong with a message, also where nobody can tell which request it was.
    pub(crate) fn refuse(&self, id: Option<&RequestId>, error: &ResponseError) {
        let name = id.map_or_else(|| "of nobody".to_owned(), ToString::to_string);
        self.log.line(&format!("request {name}: {}", error.message));
        self.send(format!(r#"{{"jsonrpc":"2.0","id":{},"error":{}}}"#, json(&id), json(error)));
    }

    /// Takes back a request.
    pub(crate) fn cancel(&self, id: &RequestId) {
        self.answer(id, Err(error(ErrorCode::RequestCanceled, "cancelled")));
    }

    /// Sends a notification.
    pub(crate) fn notify<N: Notification>(&self, params: &N::Params) {
        self.notify_of(N::METHOD, params);
    }

    /// The same with something that is written as its params are.
    pub(crate) fn notify_of(&self, method: LspNotificationMethod, params: &impl Serialize) {
        let method = method.as_str();
        self.send(format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{}}}"#, json(params)));
    }

    /// Shows a warning to the person, and writes it into the log.
    pub(crate) fn warn(&self, text: &str) {
        self.log.line(text);
        self.notify::<ShowMessageNotification>(&ShowMessageParams::new(MessageType::Warning, text.to_owned()));
    }

    /// Asks for something, and gives the number of the request.
    pub(crate) fn ask<R: Request>(&self, params: &R::Params) -> RequestId {
        let id: RequestId = self.last.fetch_add(1, Ordering::Relaxed).into();
        let method = R::METHOD.as_str();
        let params = match json(params).as_str() {
            "null" => String::new(),
            params => format!(r#","params":{params}"#),
        };
        self.send(format!(r#"{{"jsonrpc":"2.0","id":{},"method":"{method}"{params}}}"#, json(&id)));
        id
    }

    /// Writes a line of the log; the client gets it if it asked for that.
    pub(crate) fn trace(&self, message: &str, detail: impl Fn() -> String) {
        self.log.line(message);
        if let Some(verbose) = self.log.traces() {
            let verbose = verbose.then(detail);
            self.notify::<LogTraceNotification>(&LogTraceParams { message: message.to_owned(), verbose });
        }
    }

    /// Ends the sending.
    pub(crate) fn close(&self) {
        let _ = self.sender.send(None);
    }

    fn send(&self, message: String) {
        // Where nobody listens any more, the main loop learns it too.
        let _ = self.sender.send(Some(message));
    }

    fn pending(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.waits_for.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The types of the protocol have nothing that JSON has not.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// An error to answer with.
pub(crate) fn error(code: ErrorCode, message: impl Into<String>) -> ResponseError {
    ResponseError { code: code as i32, message: message.into(), data: None }
}
