//! What is left after many edits is what a fresh check finds.

use std::path::Path;

use fastrand::Rng;
use hostfit_core::{check, finding::Finding, source::Sources};
use serde_json::{Value, json};

use super::{
    disk::{TODAY, Texts},
    editor::{Editor, shown},
};
use crate::{Disk, Scope};

/// A text as an editor may keep it: characters, whose positions are counted one by one.
struct Model {
    path: &'static str,
    text: Vec<char>,
    undo: Vec<Vec<char>>,
    version: i32,
}

impl Model {
    fn new(path: &'static str, text: &str) -> Self {
        Self { path, text: text.chars().collect(), undo: Vec::new(), version: 1 }
    }

    fn uri(&self) -> String {
        format!("file://{}", self.path)
    }

    fn position(&self, place: usize, units: fn(char) -> usize) -> Value {
        let (mut line, mut character) = (0, 0);
        for (at, &char) in self.text.iter().enumerate().take(place) {
            let ends = char == '\n' || char == '\r' && self.text.get(at + 1) != Some(&'\n');
            (line, character) = if ends { (line + 1, 0) } else { (line, character + units(char)) };
        }
        json!({"line": line, "character": character})
    }

    /// Edits a place, or takes the last edit back.
    fn edit(&mut self, numbers: &mut Rng, units: fn(char) -> usize) -> Value {
        if numbers.usize(..4) == 0
            && let Some(before) = self.undo.pop()
        {
            let end = self.position(self.text.len(), units);
            let text: String = before.iter().collect();
            self.text = before;
            return json!({"range": {"start": {"line": 0, "character": 0}, "end": end}, "text": text});
        }
        let start = numbers.usize(..=self.text.len());
        let end = (start + numbers.usize(..if self.text.len() > 900 { 40 } else { 5 })).min(self.text.len());
        // No position stands between the two of a CRLF.
        let inside = |at: usize| at > 0 && self.text.get(at - 1) == Some(&'\r') && self.text.get(at) == Some(&'\n');
        let (start, end) = (start - usize::from(inside(start)), end + usize::from(inside(end)));
        let range = json!({"start": self.position(start, units), "end": self.position(end, units)});
        let text = PIECES[numbers.usize(..PIECES.len())];
        self.undo.push(self.text.clone());
        self.undo.drain(..self.undo.len().saturating_sub(8));
        self.text.splice(start..end, text.chars());
        json!({"range": range, "text": text})
    }
}

const PIECES: &[&str] = &[
    "",
    "",
    "\r\n",
    "\n",
    "# é漢字😀\r\n",
    "FROM mcr.microsoft.com/windows/servercore:2022\r\n",
    ":ltsc2019",
    "\"",
    " ",
    "  b:\n    image: mcr.microsoft.com/windows/nanoserver:1809\n",
    "😀",
    "\\",
    "`",
    "RUN powershell x\n",
    "é",
    "[",
    "}",
    "    isolation: hyperv\n",
    "\t",
    "- ",
    "---\n",
    "\n---\n",
    "  nodeSelector: {kubernetes.io/os: windows}\n",
];

const DOCKERFILE: &str = "# é\r\nARG TAG=2022\r\nFROM mcr.microsoft.com/windows/servercore:${TAG} AS 😀\r\n\
                          COPY . C:\\site\r\nFROM mcr.microsoft.com/windows/nanoserver:1803\r\nRUN powershell ls\r\n";
const COMPOSE: &str = "services:\n  \"漢字\":\n    image: mcr.microsoft.com/windows/servercore:2022 # 😀\n  web:\n    \
                       build: .\n    isolation: process\n";
const PODS: &str = "# é\napiVersion: v1\nkind: Pod\nmetadata: {name: \"漢\"}\nspec:\n  nodeSelector: {kubernetes.io/os: windows}\n  \
                    containers:\n  - name: a # 😀\n    image: mcr.microsoft.com/windows/servercore:2022\n---\n# hostfit: \
                    ignore[retired-tag]\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec:\n  containers:\n  - name: b\n    \
                    image: mcr.microsoft.com/windows/nanoserver:1803\n---\napiVersion: node.k8s.io/v1\nkind: \
                    RuntimeClass\nmetadata: {name: c}\nhandler: runhcs-wcow-process\n";
const CONFIG: &str = "[[host]]\nname = \"é\"\nos = \"ltsc2019\"\norchestrator = \"docker\"\n";

/// Places of findings, counted without the server.
fn expected(found: &[&Finding], model: &Model, text: &str, units: fn(char) -> usize) -> Vec<String> {
    let place = |byte: u32| {
        let before = text.get(..byte as usize).expect("a character begins there");
        let at = model.position(before.chars().count(), units);
        format!("{}:{}", at["line"], at["character"])
    };
    found.iter().map(|it| format!("{} {}-{}", it.rule, place(it.span.start), place(it.span.end))).collect()
}

fn session(encoding: &str, units: fn(char) -> usize) {
    let disk = Texts::of(&[
        ("/w/hostfit.toml", CONFIG),
        ("/w/Dockerfile", DOCKERFILE),
        ("/w/compose.yaml", COMPOSE),
        ("/w/pods.yaml", PODS),
    ]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({"general": {"positionEncodings": [encoding]}}));
    let mut models = [
        Model::new("/w/Dockerfile", DOCKERFILE),
        Model::new("/w/compose.yaml", COMPOSE),
        Model::new("/w/pods.yaml", PODS),
    ];
    for model in &models {
        editor.open(&model.uri(), &model.text.iter().collect::<String>());
    }
    let mut numbers = Rng::with_seed(3);
    let mut compared = 0;
    for round in 1..=10_000 {
        let model = &mut models[numbers.usize(..3)];
        model.version += 1;
        let change = model.edit(&mut numbers, units);
        editor.change(&model.uri(), model.version, &json!([change]));
        // What is judged between must leave no trace.
        if round % 500 != 0 {
            continue;
        }
        let now: Vec<String> = models.iter().map(|it| it.text.iter().collect()).collect();
        let open = models.iter().zip(&now).map(|(model, text)| (model.path, text.as_str()));
        let texts: Vec<_> = open.chain([("/w/hostfit.toml", CONFIG)]).collect();
        let fresh = Texts::of(&texts).load(Path::new("/w"), Scope::Whole, &crate::Open::new(), None);
        let sources = Sources::new(fresh.sources);
        let report = check::check(&sources, &fresh.units, &fresh.config, TODAY);
        for (model, text) in models.iter().zip(&now) {
            let id = fresh.files.iter().position(|it| it.path == Path::new(model.path)).unwrap();
            let own: Vec<_> = report.findings.iter().filter(|it| it.span.source.0 as usize == id).collect();
            let items = editor.pull(&model.uri());
            assert_eq!(shown(&items), expected(&own, model, text, units), "{encoding}, round {round}:\n{text}");
            let messages: Vec<_> = items.iter().map(|it| it["message"].as_str().unwrap()).collect();
            assert_eq!(messages, own.iter().map(|it| it.message.headline.as_str()).collect::<Vec<_>>());
            compared += own.len();
        }
    }
    assert!(compared > 40, "{compared}");
    editor.quit();
}

#[test]
fn ten_thousand_edits_in_utf8() {
    session("utf-8", char::len_utf8);
}

#[test]
fn ten_thousand_edits_in_utf16() {
    session("utf-16", char::len_utf16);
}

#[test]
fn ten_thousand_edits_in_utf32() {
    session("utf-32", |_| 1);
}
