//! The life of a server, from `initialize` to `exit`. This thread does nothing that lasts: it takes messages in, keeps
//! account of requests, and hands the rest to the thread that works.

use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Sender, unbounded};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId};
use lsp_types::{
    CancelNotification, CancelParams, ExitNotification, Id, InitializeParams, InitializeRequest, InitializeResult,
    Notification as _, Request as _, ServerInfo, SetTraceNotification, SetTraceParams, ShutdownRequest,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    End,
    abilities::Abilities,
    capabilities::capabilities,
    client::{Answer, Client, error},
    disk::Disk,
    log::Log,
    position::Encoding,
    server::{self, Job, Server},
    transport::Incoming,
};

/// Serves until the client says `exit` or goes away. `send` sends a message in JSON.
pub(crate) fn serve(
    incoming: impl Iterator<Item = Incoming>,
    mut send: impl FnMut(&str) -> io::Result<()> + Send,
    disk: Arc<dyn Disk>,
    log: Log,
) -> End {
    let (sender, outgoing) = unbounded::<Option<String>>();
    let client = Client::new(sender, Arc::new(log));
    thread::scope(|scope| {
        // A client that does not read while it writes must not stop the server.
        scope.spawn(move || {
            for message in outgoing.into_iter().map_while(|it| it) {
                if send(&message).is_err() {
                    break;
                }
            }
        });
        let end = live(incoming, &client, disk);
        client.log.line(&format!("the end: {end:?}"));
        client.close();
        end
    })
}

fn live(incoming: impl Iterator<Item = Incoming>, client: &Client, disk: Arc<dyn Disk>) -> End {
    let mut session = Session { client: client.clone(), disk, state: State::New };
    for message in incoming {
        if session.take(message) {
            break;
        }
    }
    let (State::Running { jobs, .. } | State::ShutDown { jobs }) = &session.state else { return End::Abrupt };
    // The thread that works holds the other end itself, for those that read folders.
    let _ = jobs.send(Job::End);
    // Without its `shutdown` a client that went away did so by accident.
    if matches!(session.state, State::ShutDown { .. }) { End::Orderly } else { End::Abrupt }
}

struct Session {
    client: Client,
    disk: Arc<dyn Disk>,
    state: State,
}

enum State {
    /// Nothing was said yet.
    New,
    /// At work.
    Running { jobs: Sender<Job>, _worker: JoinHandle<()> },
    /// All that may come is the end.
    ShutDown { jobs: Sender<Job> },
}

impl Session {
    /// Takes one message, and says whether it was the last.
    fn take(&mut self, message: Incoming) -> bool {
        match message {
            Incoming::Message(Message::Request(request)) => self.request(request),
            Incoming::Message(Message::Notification(it)) if it.method == ExitNotification::METHOD.as_str() => {
                return true;
            }
            Incoming::Message(Message::Notification(notification)) => self.notification(notification),
            Incoming::Message(Message::Response(response)) => match response.response_result {
                Ok(answer) => {
                    if let State::Running { jobs, .. } = &self.state {
                        let _ = jobs.send(Job::Answer(response.id, answer));
                    }
                }
                Err(error) => self.client.log.line(&format!("the client cannot: {}", error.message)),
            },
            Incoming::Malformed(id, code, why) => self.client.refuse(id.as_ref(), &error(code, why)),
        }
        false
    }

    fn request(&mut self, request: Request) {
        let id = request.id.clone();
        self.client.expect(id.clone());
        let refused = |code, why: &str| Err(error(code, why));
        match &self.state {
            State::New if request.method == InitializeRequest::METHOD.as_str() => {
                let answer = self.initialize(request.params);
                self.client.answer(&id, answer);
            }
            State::New => {
                self.client.answer(&id, refused(ErrorCode::ServerNotInitialized, "`initialize` comes first"));
            }
            State::Running { jobs, .. } if request.method == ShutdownRequest::METHOD.as_str() => {
                self.state = State::ShutDown { jobs: jobs.clone() };
                self.client.answer(&id, Ok("null".to_owned()));
            }
            State::Running { .. } if request.method == InitializeRequest::METHOD.as_str() => {
                self.client.answer(&id, refused(ErrorCode::InvalidRequest, "this server is initialized"));
            }
            State::Running { jobs, .. } => {
                if jobs.send(Job::Request(request)).is_err() {
                    self.client.answer(&id, refused(ErrorCode::InternalError, "the server is at its end"));
                }
            }
            State::ShutDown { .. } => {
                self.client.answer(&id, refused(ErrorCode::InvalidRequest, "this server was shut down"));
            }
        }
    }

    fn notification(&mut self, notification: Notification) {
        let is = |method: lsp_types::LspNotificationMethod| notification.method == method.as_str();
        if is(CancelNotification::METHOD) {
            let params: Option<CancelParams> = parse(notification.params);
            if let Some(id) = params.map(|params| request_id(params.id)) {
                self.client.cancel(&id);
            }
        } else if is(SetTraceNotification::METHOD) {
            let params: Option<SetTraceParams> = parse(notification.params);
            if let Some(params) = params {
                self.client.log.set_trace(&params.value);
            }
        } else if let State::Running { jobs, .. } = &self.state {
            let _ = jobs.send(Job::Notification(notification));
        }
    }

    fn initialize(&mut self, params: Value) -> Answer {
        let params: InitializeParams =
            serde_json::from_value(params).map_err(|it| error(ErrorCode::InvalidParams, it.to_string()))?;
        if let Some(trace) = &params.trace {
            self.client.log.set_trace(trace);
        }
        let general = params.capabilities.general.as_ref();
        let offered = general.and_then(|it| it.position_encodings.as_deref()).unwrap_or_default();
        let encoding = Encoding::negotiate(offered);
        let result = InitializeResult {
            capabilities: capabilities(encoding, Abilities::of(&params.capabilities)),
            server_info: Some(ServerInfo {
                name: "hostfit".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        };
        let result = serde_json::to_string(&result).map_err(|it| error(ErrorCode::InternalError, it.to_string()))?;
        let (jobs, queue) = unbounded();
        let server = Server::new(&params, encoding, Arc::clone(&self.disk), self.client.clone(), jobs.clone());
        let worker = thread::Builder::new().name("hostfit".to_owned()).spawn(move || server::run(server, &queue));
        let worker = worker.map_err(|it| error(ErrorCode::InternalError, it.to_string()))?;
        self.state = State::Running { jobs, _worker: worker };
        Ok(result)
    }
}

fn parse<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

fn request_id(id: Id) -> RequestId {
    match id {
        Id::Int(number) => RequestId::from(number),
        Id::String(text) => RequestId::from(text),
    }
}
