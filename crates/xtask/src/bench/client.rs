//! An editor that measures: it times a built server behind pipes.
#![allow(clippy::indexing_slicing, reason = "of JSON, where what is not there is null")]

#[path = "../../../../tests/lsp/client.rs"]
mod pipes;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// A server at work in a folder.
pub(super) struct Client {
    server: pipes::Client,
    root: PathBuf,
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
        let root = root.canonicalize()?;
        let mut server =
            pipes::Client::start(Command::new(program).arg("lsp").current_dir(&root).stderr(Stdio::null()))?;
        let watching = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
        server.initialize(&root, &watching)?;
        let client = Self { server, root };
        Ok((client, start.elapsed()))
    }

    /// Lets the server read its folder; gives how long that took, until all was published.
    pub(super) fn scan(&mut self) -> io::Result<Duration> {
        let start = Instant::now();
        self.server.notify("initialized", &json!({}))?;
        self.await_reading()?;
        Ok(start.elapsed())
    }

    /// Waits until no folder is being read.
    pub(super) fn await_reading(&mut self) -> io::Result<()> {
        let uri = self.uri("hostfit.toml");
        self.server.ask("textDocument/diagnostic", &json!({"textDocument": {"uri": uri}}))?;
        Ok(())
    }

    fn uri(&self, path: &str) -> String {
        pipes::uri(&self.root.join(path))
    }

    /// Opens a file, and waits for its diagnostics.
    pub(super) fn open(&mut self, path: &str) -> io::Result<Document> {
        let text = fs::read_to_string(self.root.join(path))?;
        let document = Document { uri: self.uri(path), version: 1, lines: text.lines().map(str::to_owned).collect() };
        let language = if path.ends_with("yaml") { "yaml" } else { "dockerfile" };
        let item = json!({"uri": document.uri, "languageId": language, "version": 1, "text": text});
        self.server.notify("textDocument/didOpen", &json!({"textDocument": item}))?;
        self.await_diagnostics(&document)?;
        Ok(document)
    }

    fn await_diagnostics(&mut self, document: &Document) -> io::Result<()> {
        loop {
            let message = self.server.receive()?;
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
        self.server.notify("textDocument/didChange", &json!({"textDocument": name, "contentChanges": [change]}))?;
        self.await_diagnostics(document)?;
        let spent = start.elapsed();
        if let Some(line) = document.lines.get_mut(edit.line) {
            line.replace_range(edit.from..edit.to, &edit.text);
        }
        Ok((spent, self.found(document) != before))
    }

    fn found(&self, document: &Document) -> Value {
        self.server.published.get(&document.uri).map(|it| it["diagnostics"].clone()).unwrap_or_default()
    }

    /// Asks what is found in a file: gives how long it took until the answer was read, and how much is found.
    pub(super) fn diagnose(&mut self, document: &Document) -> io::Result<(Duration, usize)> {
        let start = Instant::now();
        let answer = self.server.ask("textDocument/diagnostic", &json!({"textDocument": {"uri": document.uri}}))?;
        Ok((start.elapsed(), answer["items"].as_array().map_or(0, Vec::len)))
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
        let answer = self.server.ask(method, &json!({"textDocument": {"uri": document.uri}, "position": position}))?;
        Ok((start.elapsed(), answer))
    }

    /// What Linux says of the server's memory: `VmHWM:` the most so far, `VmRSS:` now; in kilobytes.
    pub(super) fn memory(&self, line: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.id())).ok()?;
        let said = status.lines().find_map(|text| text.strip_prefix(line))?;
        said.trim().trim_end_matches("kB").trim().parse().ok()
    }

    /// Reports a change of a file that decides which others are read: all are read again.
    pub(super) fn read_again(&mut self) -> io::Result<()> {
        let uri = self.uri(".gitignore");
        self.server.notify("workspace/didChangeWatchedFiles", &json!({"changes": [{"uri": uri, "type": 2}]}))
    }

    /// Ends the session.
    pub(super) fn end(self) -> io::Result<()> {
        let status = self.server.end(true)?;
        if status.success() { Ok(()) } else { Err(io::Error::other(format!("the server ended with {status}"))) }
    }
}

impl Document {
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }
}
