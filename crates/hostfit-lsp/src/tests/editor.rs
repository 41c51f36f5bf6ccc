//! An editor of the tests' own, that speaks with the server through memory.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, unbounded};
use lsp_server::{Message, Notification, Request, Response};
use serde_json::{Value, json};

use super::disk::Texts;
use crate::{End, log::Log, session, transport::Incoming};

pub(super) struct Editor {
    sender: Sender<Incoming>,
    receiver: Receiver<String>,
    server: JoinHandle<End>,
    last: i32,
    /// By URI, what was published last.
    pub(super) published: BTreeMap<String, Value>,
    /// What it answers when it is asked for its settings.
    pub(super) configuration: Value,
    /// Notifications and requests of the server, diagnostics aside.
    pub(super) said: Vec<(String, Value)>,
}

impl Editor {
    /// One that said nothing yet.
    pub(super) fn silent(disk: &Texts) -> Self {
        let (sender, incoming) = unbounded();
        let (outgoing, receiver) = unbounded();
        let disk = Arc::new(disk.clone());
        let send = move |body: &str| outgoing.send(body.to_owned()).map_err(std::io::Error::other);
        let server = thread::spawn(move || session::serve(incoming.into_iter(), send, disk, Log::new(None).unwrap()));
        Self {
            sender,
            receiver,
            server,
            last: 0,
            published: BTreeMap::new(),
            configuration: Value::Null,
            said: Vec::new(),
        }
    }

    /// One with these folders, that can do that.
    pub(super) fn new(disk: &Texts, folders: &[&str], capabilities: &Value) -> Self {
        let mut editor = Self::silent(disk);
        let folders: Vec<_> = folders.iter().map(|it| json!({"uri": format!("file://{it}"), "name": it})).collect();
        let folders = json!({"processId": null, "capabilities": capabilities, "workspaceFolders": folders});
        editor.ask("initialize", folders).unwrap();
        editor.tell("initialized", json!({}));
        editor
    }

    fn say(&self, message: Message) {
        self.sender.send(Incoming::Message(message)).unwrap();
    }

    pub(super) fn tell(&self, method: &str, params: Value) {
        let message = Notification { method: method.to_owned(), params };
        self.say(message.into());
    }

    pub(super) fn send(&mut self, method: &str, params: Value) -> i32 {
        self.last += 1;
        let request = Request { id: self.last.into(), method: method.to_owned(), params };
        self.say(request.into());
        self.last
    }

    /// The answer to a request, or the code of the error.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Result<Value, i32> {
        let id = self.send(method, params);
        self.wait(id)
    }

    pub(super) fn wait(&mut self, id: i32) -> Result<Value, i32> {
        loop {
            match self.next() {
                Message::Response(Response { id: answered, response_result }) => {
                    assert_eq!(answered, id.into(), "{response_result:?}");
                    return response_result.map_err(|error| error.code);
                }
                message => self.take(message),
            }
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Notification(it) if it.method == "textDocument/publishDiagnostics" => {
                let uri = it.params["uri"].as_str().unwrap().to_owned();
                self.published.insert(uri, it.params);
            }
            Message::Notification(it) => self.said.push((it.method, it.params)),
            Message::Request(it) => {
                let method = it.method.clone();
                self.said.push((it.method, it.params));
                let answer =
                    if method == "workspace/configuration" { json!([self.configuration]) } else { Value::Null };
                self.say(Response::new_ok(it.id, answer).into());
            }
            Message::Response(it) => panic!("nobody asked: {it:?}"),
        }
    }

    fn next(&self) -> Message {
        let body = self.receiver.recv_timeout(Duration::from_mins(1)).expect("a message of the server");
        serde_json::from_str(&body).expect("a message")
    }

    pub(super) fn open(&self, uri: &str, text: &str) {
        let language = if uri.ends_with("yaml") { "yaml" } else { "dockerfile" };
        let document = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    pub(super) fn change(&self, uri: &str, version: i32, changes: &Value) {
        let params = json!({"textDocument": {"uri": uri, "version": version}, "contentChanges": changes});
        self.tell("textDocument/didChange", params);
    }

    pub(super) fn replace(&self, uri: &str, version: i32, text: &str) {
        self.change(uri, version, &json!([{"text": text}]));
    }

    pub(super) fn close(&self, uri: &str) {
        self.tell("textDocument/didClose", json!({"textDocument": {"uri": uri}}));
    }

    pub(super) fn changed(&self, uri: &str, kind: i32) {
        self.tell("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": uri, "type": kind}]}));
    }

    /// What is found in a file, as the server answers when asked.
    pub(super) fn pull(&mut self, uri: &str) -> Vec<Value> {
        let report = self.ask("textDocument/diagnostic", json!({"textDocument": {"uri": uri}})).unwrap();
        assert_eq!(report["kind"], "full");
        report["items"].as_array().unwrap().clone()
    }

    /// The rules that speak about a file, with the positions where they do.
    pub(super) fn rules(&mut self, uri: &str) -> Vec<String> {
        shown(&self.pull(uri))
    }

    /// What was published of a file, after all that was said before.
    pub(super) fn pushed(&mut self, uri: &str) -> Vec<String> {
        self.pull(uri);
        self.published.get(uri).map(|it| shown(it["diagnostics"].as_array().unwrap())).unwrap_or_default()
    }

    /// Ends the session.
    pub(super) fn quit(mut self) -> End {
        self.ask("shutdown", Value::Null).unwrap();
        self.exit()
    }

    pub(super) fn exit(self) -> End {
        self.tell("exit", Value::Null);
        self.server.join().unwrap()
    }

    /// Goes away.
    pub(super) fn vanish(self) -> End {
        drop(self.sender);
        self.server.join().unwrap()
    }
}

pub(super) fn shown(items: &[Value]) -> Vec<String> {
    let place = |it: &Value| format!("{}:{}", it["line"], it["character"]);
    let one = |it: &Value| {
        let rule = it["code"].as_str().unwrap_or("-");
        format!("{rule} {}-{}", place(&it["range"]["start"]), place(&it["range"]["end"]))
    };
    items.iter().map(one).collect()
}
