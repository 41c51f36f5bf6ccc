//! An editor, as small as one can be: it speaks with a built server through its pipes.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// A server at work, and what it said.
pub(super) struct Client {
    server: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    root: PathBuf,
    last: u64,
    /// The diagnostics published last, by URI.
    published: BTreeMap<String, Value>,
}

/// A text that is open in the editor: ASCII, with LF.
pub(super) struct Document {
    uri: String,
    version: u64,
    lines: Vec<String>,
}

/// A text in the place of some characters of one line.
pub(super) struct Edit {
    pub(super) line: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) text: String,
}

impl Client {
    /// Starts a server in `root`; gives how long it took until it had answered `initialize`.
    pub(super) fn start(program: &Path, root: &Path) -> io::Result<(Self, Duration)> {
        let start = Instant::now();
        let mut server = Command::new(program)
            .arg("lsp")
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (stdin, stdout) = (server.stdin.take(), server.stdout.take());
        let (Some(stdin), Some(stdout)) = (stdin, stdout) else { return Err(io::Error::other("no pipes")) };
        let stdout = BufReader::with_capacity(1 << 20, stdout);
        let root = root.canonicalize()?;
        let mut client = Self { server, stdin, stdout, root, last: 0, published: BTreeMap::new() };
        let watching = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
        let folders = json!([{"uri": client.uri(""), "name": "bench"}]);
        client.ask("initialize", &json!({"processId": null, "capabilities": watching, "workspaceFolders": folders}))?;
        Ok((client, start.elapsed()))
    }

    /// Lets the server read its folder; gives how long that took, until all was published.
    pub(super) fn scan(&mut self) -> io::Result<Duration> {
        let start = Instant::now();
        self.tell("initialized", &json!({}))?;
        let uri = self.uri("hostfit.toml");
        self.ask("textDocument/diagnostic", &json!({"textDocument": {"uri": uri}}))?;
        Ok(start.elapsed())
    }

    fn uri(&self, path: &str) -> String {
        let path = self.root.join(path).to_string_lossy().replace('\\', "/");
        let path = path.trim_start_matches("//?/").trim_end_matches('/').replace(' ', "%20");
        format!("file://{}{path}", if path.starts_with('/') { "" } else { "/" })
    }

    fn send(&mut self, message: &Value) -> io::Result<()> {
        let text = message.to_string();
        // In one piece, as editors send it.
        self.stdin.write_all(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes())?;
        self.stdin.flush()
    }

    pub(super) fn tell(&mut self, method: &str, params: &Value) -> io::Result<()> {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}))
    }

    fn ask(&mut self, method: &str, params: &Value) -> io::Result<Value> {
        self.last += 1;
        let id = self.last;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))?;
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

    /// The next message; what the server asks is answered, what it publishes is kept.
    fn receive(&mut self) -> io::Result<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line)? == 0 {
                return Err(io::Error::other("the server went away"));
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
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().unwrap_or_default().to_owned();
            self.published.insert(uri, message["params"].clone());
        } else if message.get("method").is_some() && message.get("id").is_some() {
            self.send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": null}))?;
        }
        Ok(message)
    }

    /// Opens a file, and waits for its diagnostics.
    pub(super) fn open(&mut self, path: &str) -> io::Result<Document> {
        let text = fs::read_to_string(self.root.join(path))?;
        let document = Document { uri: self.uri(path), version: 1, lines: text.lines().map(str::to_owned).collect() };
        let language = if path.ends_with("yaml") { "yaml" } else { "dockerfile" };
        let item = json!({"uri": document.uri, "languageId": language, "version": 1, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": item}))?;
        self.await_diagnostics(&document)?;
        Ok(document)
    }

    fn await_diagnostics(&mut self, document: &Document) -> io::Result<()> {
        loop {
            let message = self.receive()?;
            let params = &message["params"];
            if message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == document.uri.as_str()
                && params["version"] == document.version
            {
                return Ok(());
            }
        }
    }

    /// Makes an edit: gives how long it took until its diagnostics were there, and whether they are others than before.
    pub(super) fn edit(&mut self, document: &mut Document, edit: &Edit) -> io::Result<(Duration, bool)> {
        let before = self.found(document);
        document.version += 1;
        let at = |character: usize| json!({"line": edit.line, "character": character});
        let change = json!({"range": {"start": at(edit.from), "end": at(edit.to)}, "text": edit.text});
        let name = json!({"uri": document.uri, "version": document.version});
        let start = Instant::now();
        self.tell("textDocument/didChange", &json!({"textDocument": name, "contentChanges": [change]}))?;
        self.await_diagnostics(document)?;
        let spent = start.elapsed();
        if let Some(line) = document.lines.get_mut(edit.line) {
            line.replace_range(edit.from..edit.to, &edit.text);
        }
        Ok((spent, self.found(document) != before))
    }

    fn found(&self, document: &Document) -> Value {
        self.published.get(&document.uri).map(|it| it["diagnostics"].clone()).unwrap_or_default()
    }

    /// Asks something of a place: gives how long that took, and the answer.
    pub(super) fn ask_at(
        &mut self,
        method: &str,
        document: &Document,
        line: usize,
        character: usize,
    ) -> io::Result<(Duration, Value)> {
        let position = json!({"line": line, "character": character});
        let start = Instant::now();
        let answer = self.ask(method, &json!({"textDocument": {"uri": document.uri}, "position": position}))?;
        Ok((start.elapsed(), answer))
    }

    /// The most memory that the server had so far, in kilobytes; none where the system does not tell it so.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches("kB").trim().parse().ok()
    }

    /// Tells that a file that says which others are looked at has changed: all are read again.
    pub(super) fn read_again(&mut self) -> io::Result<()> {
        let uri = self.uri(".gitignore");
        self.tell("workspace/didChangeWatchedFiles", &json!({"changes": [{"uri": uri, "type": 2}]}))
    }

    /// Ends the session.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.ask("shutdown", &Value::Null)?;
        self.tell("exit", &Value::Null)?;
        let status = self.server.wait()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("the server ended with {status}"))) }
    }
}

impl Document {
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }
}
