//! A client of a language server behind pipes: tests of the command line and benchmarks share this file.
#![allow(dead_code, clippy::indexing_slicing, reason = "each uses a part of it; what JSON lacks is null")]

use std::{
    collections::BTreeMap,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
};

use serde_json::{Value, json};

/// A server at work, and what it sent.
pub(crate) struct Client {
    server: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    last: u64,
    /// The diagnostics published last, by URI.
    pub(crate) published: BTreeMap<String, Value>,
    /// The messages that it showed.
    pub(crate) shown: Vec<String>,
}

impl Client {
    /// Starts a server.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdout = server.stdout.take().ok_or_else(|| io::Error::other("no pipe"))?;
        let (stdin, stdout) = (server.stdin.take(), BufReader::with_capacity(1 << 20, stdout));
        Ok(Self { server, stdin, stdout, last: 0, published: BTreeMap::new(), shown: Vec::new() })
    }

    /// Asks to begin a session with one folder; the answer.
    pub(crate) fn initialize(&mut self, root: &Path, capabilities: &Value) -> io::Result<Value> {
        let folders = json!([{"uri": uri(root), "name": "w"}]);
        self.ask("initialize", &json!({"processId": null, "capabilities": capabilities, "workspaceFolders": folders}))
    }

    /// Writes the body of a message, whatever it is, in one piece, as editors do.
    pub(crate) fn write_body(&mut self, body: &str) -> io::Result<()> {
        self.write(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stdin = self.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        stdin.write_all(bytes)?;
        stdin.flush()
    }

    pub(crate) fn notify(&mut self, method: &str, params: &Value) -> io::Result<()> {
        self.write_body(&json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string())
    }

    /// Asks something; the answer.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> io::Result<Value> {
        self.last += 1;
        let id = self.last;
        self.write_body(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string())?;
        loop {
            let message = self.receive()?;
            if message.get("method").is_none() && message["id"] == id {
                return match message.get("error") {
                    Some(error) => Err(io::Error::other(format!("{method}: {error}"))),
                    None => Ok(message["result"].clone()),
                };
            }
        }
    }

    /// The next message. Requests of the server are answered; what it publishes and shows is kept.
    pub(crate) fn receive(&mut self) -> io::Result<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line)? == 0 {
                return Err(io::Error::other("the server closed its output"));
            }
            match line.trim_end().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().map_err(io::Error::other)?,
                None if line.trim_end().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.stdout.read_exact(&mut body)?;
        let message: Value = serde_json::from_slice(&body)?;
        let params = &message["params"];
        if message["method"] == "textDocument/publishDiagnostics" {
            self.published.insert(params["uri"].as_str().unwrap_or_default().to_owned(), params.clone());
        } else if message["method"] == "window/showMessage" {
            self.shown.extend(params["message"].as_str().map(ToOwned::to_owned));
        } else if message.get("method").is_some() && message.get("id").is_some() {
            self.write_body(&json!({"jsonrpc": "2.0", "id": message["id"], "result": null}).to_string())?;
        }
        Ok(message)
    }

    /// The server's process.
    pub(crate) fn id(&self) -> u32 {
        self.server.id()
    }

    /// Ends the session, in order or with `exit` alone; the status that the server ends with.
    pub(crate) fn end(mut self, is_orderly: bool) -> io::Result<ExitStatus> {
        if is_orderly {
            self.ask("shutdown", &Value::Null)?;
        }
        self.notify("exit", &Value::Null)?;
        self.wait()
    }

    /// Closes the server's input, if it is still open, and waits for it to end.
    pub(crate) fn wait(mut self) -> io::Result<ExitStatus> {
        self.stdin = None;
        self.server.wait()
    }
}

/// The URI of a file or a folder.
pub(crate) fn uri(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    let path = path.trim_start_matches("//?/").trim_end_matches('/').replace(' ', "%20");
    // As Windows editors write a drive.
    let path = path.replace(':', "%3A");
    format!("file://{}{path}", if path.starts_with('/') { "" } else { "/" })
}
