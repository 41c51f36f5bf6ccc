//! `hostfit lsp` as an editor runs it: the built program, its pipes and the disk.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

#[path = "../../../tests/lsp/client.rs"]
mod client;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use client::{Client, uri};
use serde_json::{Value, json};

const BAD: &str = "FROM mcr.microsoft.com/windows/servercore:2022\n";
const GOOD: &str = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n";
const UNKNOWN: &str = "unknown-tag 0:42";

/// A folder of one test, empty at its start.
fn tree(name: &str, files: &[(&str, &[u8])]) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lsp").join(name);
    let _ = fs::remove_dir_all(&root);
    // Keeps the program from looking for a configuration above.
    fs::create_dir_all(root.join(".git")).expect("created");
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        fs::write(path, bytes).expect("written");
    }
    root
}

/// A client with the program in one folder.
struct Editor {
    client: Client,
    root: PathBuf,
}

impl Editor {
    fn start(root: &Path, args: &[&str], capabilities: &Value) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hostfit"));
        let mut client = Client::start(command.arg("lsp").args(args).current_dir(root)).expect("started");
        let answer = client.initialize(root, capabilities).expect("an answer");
        assert_eq!(answer["serverInfo"]["name"], "hostfit");
        client.notify("initialized", &json!({})).expect("sent");
        Self { client, root: root.to_owned() }
    }

    fn uri(&self, path: &str) -> String {
        uri(&self.root.join(path))
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.client.notify(method, params).expect("sent");
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.client.ask(method, params).expect("an answer")
    }

    /// What was published of a file, after all that was said before.
    fn found(&mut self, path: &str) -> Vec<String> {
        let uri = self.uri(path);
        self.ask("textDocument/diagnostic", &json!({"textDocument": {"uri": uri}}));
        let items = self.client.published.get(&uri).map(|it| it["diagnostics"].clone()).unwrap_or_default();
        let place = |it: &Value| format!("{}:{}", it["range"]["start"]["line"], it["range"]["start"]["character"]);
        let one = |it: &Value| format!("{} {}", it["code"].as_str().unwrap_or("-"), place(it));
        items.as_array().into_iter().flatten().map(one).collect()
    }

    fn open(&mut self, path: &str, text: &str) {
        let document = json!({"uri": self.uri(path), "languageId": "dockerfile", "version": 1, "text": text});
        self.notify("textDocument/didOpen", &json!({"textDocument": document}));
    }

    fn save(&mut self, path: &str, text: &str) {
        fs::write(self.root.join(path), text).expect("written");
        let changes = json!({"changes": [{"uri": self.uri(path), "type": 2}]});
        self.notify("workspace/didChangeWatchedFiles", &changes);
    }

    /// Ends the session; the exit status.
    fn end(self, is_orderly: bool) -> Option<i32> {
        self.client.end(is_orderly).expect("ended").code()
    }
}

fn watching() -> Value {
    json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}})
}

#[test]
fn the_exit_status_tells_how_the_session_ended() {
    let root = tree("exit", &[("Dockerfile", BAD.as_bytes())]);
    assert_eq!(Editor::start(&root, &["--stdio"], &json!({})).end(true), Some(0));
    assert_eq!(Editor::start(&root, &[], &json!({})).end(false), Some(1));
    let gone = Editor::start(&root, &[], &json!({}));
    assert_eq!(gone.client.wait().expect("ended").code(), Some(1));
}

#[test]
fn the_workspace_is_that_of_check() {
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(BAD.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let root = tree(
        "workspace",
        &[
            ("Dockerfile", BAD.as_bytes()),
            ("bom/Dockerfile", format!("\u{feff}{BAD}").as_bytes()),
            ("wide/Dockerfile", &wide),
            ("vendor/Dockerfile", BAD.as_bytes()),
            ("ignored/Dockerfile", BAD.as_bytes()),
            (".gitignore", b"ignored/\n.env\n"),
            (
                "hostfit.toml",
                b"[check]\nexclude = [\"vendor/\"]\n[[override]]\npaths = [\"old/\"]\nignore = [\"unknown-tag\"]\n",
            ),
            ("old/Dockerfile", BAD.as_bytes()),
        ],
    );
    let mut editor = Editor::start(&root, &[], &watching());
    for (path, expected) in [
        ("Dockerfile", &[UNKNOWN][..]),
        ("bom/Dockerfile", &[UNKNOWN]),
        ("wide/Dockerfile", &[UNKNOWN]),
        ("vendor/Dockerfile", &[]),
        ("ignored/Dockerfile", &[]),
        ("old/Dockerfile", &[]),
    ] {
        assert_eq!(editor.found(path), expected, "{path}");
    }
    // What git ignores is looked at while it is open, what the configuration excludes is not.
    editor.open("ignored/Dockerfile", BAD);
    editor.open("vendor/Dockerfile", BAD);
    editor.open("old/Dockerfile", BAD);
    assert_eq!(editor.found("ignored/Dockerfile"), [UNKNOWN]);
    assert_eq!(editor.found("vendor/Dockerfile"), Vec::<String>::new());
    assert_eq!(editor.found("old/Dockerfile"), Vec::<String>::new());
    // The configuration is read again, with its overrides and what it excludes.
    editor.save("hostfit.toml", "[[override]]\npaths = [\"bom/\"]\nignore = [\"unknown-tag\"]\n");
    assert_eq!(editor.found("vendor/Dockerfile"), [UNKNOWN]);
    assert_eq!(editor.found("old/Dockerfile"), [UNKNOWN]);
    assert_eq!(editor.found("bom/Dockerfile"), Vec::<String>::new());
    assert_eq!(editor.end(true), Some(0));
}

#[test]
fn variables_under_any_name_are_read_when_a_file_refers_to_them() {
    let compose = "include: [{path: app.yaml, env_file: vars}]\n";
    let image = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:${TAG}\n";
    let files = [
        ("in/compose.yaml", &b"include: [app.yaml]\n"[..]),
        ("in/app.yaml", image.as_bytes()),
        ("in/vars", b"TAG=2022\n"),
    ];
    let root = tree("vars", &files);
    let mut editor = Editor::start(&root, &[], &watching());
    assert_eq!(editor.found("in/vars"), Vec::<String>::new());
    editor.save("in/compose.yaml", compose);
    assert_eq!(editor.found("in/vars"), ["unknown-tag 0:4"]);
    editor.save("in/vars", "A=1\nTAG=2022\n");
    assert_eq!(editor.found("in/vars"), ["unknown-tag 1:4"]);
    editor.save("in/vars", "TAG=ltsc2022\n");
    assert_eq!(editor.found("in/vars"), Vec::<String>::new());
    assert_eq!(editor.end(true), Some(0));
}

#[test]
fn the_baseline_of_the_configuration_counts() {
    let files: [(&str, &[u8]); 2] = [
        ("Dockerfile", b"FROM mcr.microsoft.com/windows/servercore:2022\n"),
        ("hostfit.toml", b"[check]\nbaseline = \"known.json\"\n"),
    ];
    let root = tree("baseline", &files);
    let written = Command::new(env!("CARGO_BIN_EXE_hostfit"))
        .current_dir(&root)
        .args(["check", "--write-baseline", "known.json"])
        .output()
        .expect("run");
    assert!(root.join("known.json").exists(), "{}", String::from_utf8_lossy(&written.stderr));
    let mut editor = Editor::start(&root, &[], &watching());
    assert_eq!(editor.found("Dockerfile"), Vec::<String>::new());
    editor.save(
        "Dockerfile",
        "FROM mcr.microsoft.com/windows/servercore:2022\nRUN x\nFROM mcr.microsoft.com/windows/nanoserver\n",
    );
    assert_eq!(editor.found("Dockerfile"), ["unpublished-latest 2:5"]);
    let known = fs::read_to_string(root.join("known.json")).expect("a baseline");
    editor.save("known.json", "{\"version\": 1, \"findings\": []}\n");
    assert_eq!(editor.found("Dockerfile"), ["unknown-tag 0:42", "unpublished-latest 2:5"]);
    editor.save("known.json", &known);
    assert_eq!(editor.found("Dockerfile"), ["unpublished-latest 2:5"]);
    // Without it in the configuration the known finding is one as any other.
    editor.save("hostfit.toml", "[check]\n");
    assert_eq!(editor.found("Dockerfile"), ["unknown-tag 0:42", "unpublished-latest 2:5"]);
    assert_eq!(editor.end(true), Some(0));
}

#[test]
fn what_a_file_refers_to_is_judged_with_it() {
    let compose =
        "include: [more/compose.yaml]\nservices:\n  web:\n    image: mcr.microsoft.com/windows/servercore:${TAG}\n";
    let included = "services:\n  b:\n    image: mcr.microsoft.com/windows/servercore:2022\n";
    let root = tree(
        "refers",
        &[
            ("in/compose.yaml", compose.as_bytes()),
            ("in/.env", b"TAG=2022\n"),
            ("in/.gitignore", b".env\nmore/\n"),
            ("in/more/compose.yaml", included.as_bytes()),
        ],
    );
    let mut editor = Editor::start(&root, &[], &watching());
    assert_eq!(editor.found("in/.env"), ["unknown-tag 0:4"]);
    assert_eq!(editor.found("in/more/compose.yaml"), ["unknown-tag 2:48"]);
    editor.save("in/.env", "TAG=ltsc2022\n");
    assert_eq!(editor.found("in/.env"), Vec::<String>::new());
    // It is no more referred to, and git ignores it.
    editor.save("in/compose.yaml", &compose.replace("include: [more/compose.yaml]\n", ""));
    assert_eq!(editor.found("in/more/compose.yaml"), Vec::<String>::new());
    editor.save("in/compose.yaml", compose);
    assert_eq!(editor.found("in/more/compose.yaml"), ["unknown-tag 2:48"]);
    assert_eq!(editor.end(true), Some(0));
}

#[test]
fn a_file_that_is_not_saved_yet_is_one() {
    let root = tree("unsaved", &[]);
    let mut editor = Editor::start(&root, &[], &json!({}));
    editor.open("new folder/Dockerfile", BAD);
    assert_eq!(editor.found("new folder/Dockerfile"), [UNKNOWN]);
    assert!(editor.client.published.keys().all(|uri| uri.contains("new%20folder")), "{:?}", editor.client.published);
    assert_eq!(editor.end(true), Some(0));
}

#[test]
fn outside_of_the_workspace_the_nearest_configuration_holds() {
    let root = tree("outside-w", &[("Dockerfile", GOOD.as_bytes())]);
    let quiet = tree(
        "outside-quiet",
        &[("hostfit.toml", b"[check]\nignore = [\"unknown-tag\"]\n"), ("a/Dockerfile", BAD.as_bytes())],
    );
    let mut editor = Editor::start(&root, &[], &json!({}));
    let path = quiet.join("a").join("Dockerfile");
    let path = path.to_str().expect("text");
    editor.open(path, BAD);
    assert_eq!(editor.found(path), Vec::<String>::new());
    fs::remove_file(quiet.join("hostfit.toml")).expect("removed");
    let saved = json!({"textDocument": {"uri": editor.uri(path)}});
    editor.notify("textDocument/didSave", &saved);
    assert_eq!(editor.found(path), [UNKNOWN]);
    assert_eq!(editor.end(true), Some(0));
}

/// What comes when an editor asks, through the pipes and with what is on the disk.
#[test]
fn what_an_editor_asks_for_is_answered() {
    let fleet = b"[[host]]\nname = \"win2022\"\nos = \"ltsc2022\"\norchestrator = \"docker\"\n";
    let compose = b"services:\n  web:\n    build: .\n    image: contoso/web\n";
    let root = tree("asks", &[("Dockerfile", GOOD.as_bytes()), ("compose.yaml", compose), ("hostfit.toml", fleet)]);
    let mut editor = Editor::start(&root, &[], &watching());
    let (dockerfile, compose) = (editor.uri("Dockerfile"), editor.uri("compose.yaml"));
    let at = |uri: &str, line: u32, character: u32| json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
    let hover = editor.ask("textDocument/hover", &at(&dockerfile, 0, 20));
    assert!(hover["contents"]["value"].as_str().is_some_and(|it| it.contains("`win2022`")), "{hover}");
    let tags = editor.ask("textDocument/completion", &at(&dockerfile, 0, 42));
    assert!(tags.as_array().is_some_and(|it| it.iter().any(|it| it["label"] == "ltsc2025")), "{tags}");
    let built = editor.ask("textDocument/definition", &at(&compose, 3, 14));
    assert_eq!(built[0]["uri"], dockerfile);
    let lenses = editor.ask("textDocument/codeLens", &json!({"textDocument": {"uri": compose}}));
    let command = &lenses[0]["command"];
    assert_eq!((&command["title"], &command["command"]), (&json!("runs on 1 of 1 host"), &json!("")));
    let all = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let hints = json!({"textDocument": {"uri": dockerfile}, "range": all});
    assert_eq!(editor.ask("textDocument/inlayHint", &hints), json!([]));
    editor.notify("workspace/didChangeConfiguration", &json!({"settings": {"hostfit": {"inlayHints": true}}}));
    assert_eq!(editor.ask("textDocument/inlayHint", &hints)[0]["label"], "Windows Server 2022");
    assert_eq!(editor.end(true), Some(0));
}

#[test]
fn what_is_no_message_is_answered_and_the_session_goes_on() {
    let root = tree("malformed", &[("Dockerfile", BAD.as_bytes())]);
    let mut editor = Editor::start(&root, &[], &json!({}));
    for (body, code) in [("{", -32700), ("[]", -32600), ("{\"jsonrpc\": \"2.0\"}", -32600)] {
        editor.client.write_body(body).expect("written");
        let answer = loop {
            let message = editor.client.receive().expect("a message");
            if message.get("method").is_none() {
                break message;
            }
        };
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(code)), "{body}");
    }
    assert_eq!(editor.found("Dockerfile"), [UNKNOWN]);
    // Nobody can tell where the next message begins: this is the end, and it comes at once.
    editor.client.write(b"Content-Length: nonsense\r\n\r\n").expect("written");
    assert_eq!(editor.client.wait().expect("ended").code(), Some(1));
}

#[test]
fn a_configuration_above_the_workspace_is_watched() {
    let root = tree("above", &[("hostfit.toml", b"[check]\n"), ("w/Dockerfile", BAD.as_bytes())]);
    let relative =
        json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true, "relativePatternSupport": true}}});
    for (capabilities, is_told) in [(relative, true), (watching(), false), (json!({}), false)] {
        fs::write(root.join("hostfit.toml"), "[check]\n").expect("written");
        let mut editor = Editor::start(&root.join("w"), &[], &capabilities);
        assert_eq!(editor.found("Dockerfile"), [UNKNOWN]);
        editor.open("Dockerfile", BAD);
        fs::write(root.join("hostfit.toml"), "[check]\nignore = [\"unknown-tag\"]\n").expect("written");
        if is_told {
            let changes = json!({"changes": [{"uri": uri(&root.join("hostfit.toml")), "type": 2}]});
            editor.notify("workspace/didChangeWatchedFiles", &changes);
        } else {
            // Such clients watch nothing there: it is read again at every save.
            let saved = json!({"textDocument": {"uri": editor.uri("Dockerfile")}});
            editor.notify("textDocument/didSave", &saved);
        }
        assert_eq!(editor.found("Dockerfile"), Vec::<String>::new(), "{capabilities}");
        assert_eq!(editor.end(true), Some(0));
    }
}

#[test]
fn a_folder_is_judged_with_the_repository_around_it() {
    let fleet = "[[host]]\nname = \"old\"\nos = \"ltsc2019\"\norchestrator = \"kubernetes\"\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  nodeSelector: {kubernetes.io/os: windows}\n  \
               containers: [{name: web, image: \"r.io/web:1\"}]\n";
    let new = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n";
    let root = tree(
        "around",
        &[
            ("hostfit.toml", fleet.as_bytes()),
            ("deploy/web.yaml", pod.as_bytes()),
            ("deploy/compose.yaml", b"services:\n  web:\n    image: r.io/web:1\n    build: ../web\n"),
            ("web/Dockerfile", new.as_bytes()),
            ("other/Dockerfile", BAD.as_bytes()),
        ],
    );
    let mut editor = Editor::start(&root.join("deploy"), &[], &watching());
    assert_eq!(editor.found("web.yaml"), Vec::<String>::new());
    let dockerfile = uri(&root.join("web/Dockerfile"));
    let found = |editor: &Editor, uri: &str| {
        editor.client.published.get(uri).map_or(0, |it| it["diagnostics"].as_array().map_or(0, Vec::len))
    };
    assert_eq!(found(&editor, &dockerfile), 1, "{:?}", editor.client.published);
    // What stands elsewhere and has nothing to do with the folder.
    let other = uri(&root.join("other/Dockerfile"));
    assert_eq!(found(&editor, &other), 0);
    // A file outside of the workspace is of the same repository.
    let document = json!({"uri": other, "languageId": "dockerfile", "version": 1, "text": BAD});
    editor.notify("textDocument/didOpen", &json!({"textDocument": document}));
    editor.ask("textDocument/diagnostic", &json!({"textDocument": {"uri": other}}));
    assert_eq!(found(&editor, &other), 1);
    // Somebody else fixes the Dockerfile, which no client watches: at the next save that is seen.
    fs::write(root.join("web/Dockerfile"), new.replace("2022", "2019")).expect("written");
    editor.notify("textDocument/didSave", &json!({"textDocument": {"uri": editor.uri("web.yaml")}}));
    editor.found("web.yaml");
    assert_eq!(found(&editor, &dockerfile), 0);
    assert_eq!(editor.end(true), Some(0));
}

#[test]
fn a_log_tells_what_was_done() {
    let root = tree("log", &[("Dockerfile", BAD.as_bytes())]);
    let log = root.join("hostfit.log");
    let mut editor = Editor::start(&root, &["--log", "hostfit.log"], &json!({}));
    editor.found("Dockerfile");
    editor.end(true);
    let text = fs::read_to_string(log).expect("a log");
    assert!(text.contains("textDocument/diagnostic") && text.contains("the end"), "{text}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hostfit"));
    let output = command.args(["lsp", "--log", "no/such/folder"]).current_dir(&root).output().expect("run");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_lock_file_counts_as_soon_as_it_is_there_and_its_errors_are_shown() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: \
               registry.contoso.com/web:7\n  nodeSelector:\n    kubernetes.io/os: windows\n    \
               node.kubernetes.io/windows-build: 10.0.17763\n";
    let lock = |version: &str| {
        format!(
            "version = 1\n[[image]]\nimage = \"registry.contoso.com/web:7\"\ndigest = \"sha256:{}\"\nmedia-type = \
             \"application/vnd.oci.image.manifest.v1+json\"\ndate = 2026-11-20\nplatforms = [{{ os = \"windows\", \
             architecture = \"amd64\", os-version = \"{version}\" }}]\n",
            "0".repeat(64)
        )
    };
    let root = tree("lock", &[("pod.yaml", pod.as_bytes()), ("hostfit.toml", b"")]);
    let mut editor = Editor::start(&root, &[], &watching());
    assert_eq!(editor.found("pod.yaml"), ["undeclared-image-os 7:11"]);
    fs::write(root.join("hostfit.lock"), lock("10.0.20348.2700")).expect("written");
    let created = json!({"changes": [{"uri": editor.uri("hostfit.lock"), "type": 1}]});
    editor.notify("workspace/didChangeWatchedFiles", &created);
    assert_eq!(editor.found("pod.yaml"), ["placement-image-mismatch 10:38"]);
    // While it is broken, what it said last holds; and the configuration can change meanwhile.
    editor.save("hostfit.lock", "version = \n");
    assert_eq!(editor.found("hostfit.lock").len(), 1);
    assert_eq!(editor.found("pod.yaml"), ["placement-image-mismatch 10:38"]);
    editor.save("hostfit.toml", "[check]\nignore = [\"no-windows-variant\"]\n");
    assert_eq!(editor.found("hostfit.lock").len(), 1);
    assert_eq!(editor.found("pod.yaml"), ["placement-image-mismatch 10:38"]);
    editor.save("hostfit.lock", &lock("10.0.17763.6414"));
    assert_eq!(editor.found("pod.yaml"), [""; 0]);
    assert_eq!(editor.found("hostfit.lock"), [""; 0]);
    assert_eq!(editor.end(true), Some(0));
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_not_read_is_shown() {
    use std::os::unix::fs::symlink;

    let long = "#".repeat(8 << 20) + "\n";
    let defaults = "the defaults are used, and the fleet has no hosts";
    let no_lock = "what registries said of images is not used";
    for (name, expected) in [
        ("hostfit.toml", format!("hostfit.toml is not read: it is outside of the repository; {defaults}")),
        ("hostfit.lock", format!("hostfit.lock is not read: it is outside of the repository; {no_lock}")),
    ] {
        let root = tree("refused", &[("Dockerfile", BAD.as_bytes())]);
        symlink("/etc/passwd", root.join(name)).expect("linked");
        let mut editor = Editor::start(&root, &[], &json!({}));
        assert_eq!(editor.found("Dockerfile"), [UNKNOWN]);
        assert_eq!(editor.client.shown, [expected]);
        // As soon as it may be read, it counts.
        fs::remove_file(root.join(name)).expect("removed");
        let text = if name == "hostfit.toml" { "[check]\nignore = [\"unknown-tag\"]\n" } else { "version = 1\n" };
        editor.save(name, text);
        assert_eq!(editor.found("Dockerfile").is_empty(), name == "hostfit.toml");
        assert_eq!(editor.client.shown.len(), 1);
        editor.end(true);
    }
    for (name, why, holds) in
        [("hostfit.toml", "not a regular file", defaults), ("hostfit.lock", "not a regular file", no_lock)]
    {
        let root = tree("refused", &[("Dockerfile", BAD.as_bytes())]);
        assert!(Command::new("mkfifo").arg(root.join(name)).status().expect("run").success());
        let mut editor = Editor::start(&root, &[], &json!({}));
        assert_eq!(editor.found("Dockerfile"), [UNKNOWN]);
        assert_eq!(editor.client.shown, [format!("{name} is not read: it is {why}; {holds}")]);
        editor.end(true);
        fs::remove_file(root.join(name)).expect("removed");
        fs::write(root.join(name), &long).expect("written");
        let mut editor = Editor::start(&root, &[], &json!({}));
        assert_eq!(editor.found("Dockerfile"), [UNKNOWN]);
        assert_eq!(editor.client.shown, [format!("{name} is longer than 8 MiB; {holds}")]);
        editor.end(true);
    }
}

const FLEET: &str = "[[host]]\nname = \"win2022\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n[[host]]\nname = \
                     \"linux\"\nos = \"linux\"\norchestrator = \"kubernetes\"\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  nodeSelector: {kubernetes.io/os: windows}\n  \
                   containers:\n  - name: web\n    image: mcr.microsoft.com/windows/servercore:{{ .Values.tag }}\n";
const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop}\nspec:\n  chart: \
                       {spec: {chart: ./shop, sourceRef: {kind: GitRepository, name: r}}}\n  values:\n    tag: ltsc2019\n";

#[test]
fn charts_are_those_of_check() {
    let root = tree(
        "charts",
        &[
            ("hostfit.toml", FLEET.as_bytes()),
            ("shop/Chart.yaml", b"apiVersion: v2\nname: shop\nversion: 0.1.0\n"),
            ("shop/values.yaml", b"tag: ltsc2019\n"),
            ("shop/templates/web.yaml", POD.as_bytes()),
            ("job/Chart.yaml", b"apiVersion: v2\nname: job\nversion: 0.1.0\n"),
            ("job/templates/job.yaml", POD.replace("{{ .Values.tag }}", "ltsc2019").as_bytes()),
        ],
    );
    let mut editor = Editor::start(&root, &[], &watching());
    let (values, job) = ("shop/values.yaml", "job/templates/job.yaml");
    assert_eq!(editor.found(values), ["build-mismatch 0:5"]);
    assert_eq!(editor.found(job), ["build-mismatch 7:48"]);
    editor.open(values, "# é\ntag: ltsc2019\n");
    assert_eq!(editor.found(values), ["build-mismatch 1:5"]);
    assert_eq!(editor.found(job), ["build-mismatch 7:48"]);
    // An object that deploys it says more than its own values.
    editor.save(values, "tag: ltsc2022\n");
    fs::write(root.join("release.yaml"), RELEASE).expect("written");
    let uri = editor.uri("release.yaml");
    editor.notify("workspace/didChangeWatchedFiles", &json!({"changes": [{"uri": uri, "type": 1}]}));
    assert_eq!(editor.found("release.yaml"), ["build-mismatch 6:9"]);
    assert!(editor.found(values).is_empty());
    editor.open("release.yaml", &RELEASE.replace("2019", "2022"));
    assert!(editor.found("release.yaml").is_empty());
    // A template that is not saved yet.
    editor.open("shop/templates/new.yaml", &POD.replace("{{ .Values.tag }}", "ltsc2019"));
    assert_eq!(editor.found("shop/templates/new.yaml"), ["build-mismatch 7:48"]);
    assert_eq!(editor.end(true), Some(0));
}

#[test]
fn a_template_that_lies_in_no_chart_is_judged_as_it_is_typed() {
    let alone = |tag: &str| POD.replace("{{ .Values.tag }}", tag).replace("{name: web}", "{name: {{ .Release.Name }}}");
    let root = tree("alone", &[("hostfit.toml", FLEET.as_bytes()), ("deploy/web.yaml", alone("ltsc2019").as_bytes())]);
    let mut editor = Editor::start(&root, &[], &watching());
    let web = "deploy/web.yaml";
    assert_eq!(editor.found(web), ["build-mismatch 7:48"]);
    editor.open(web, &alone("ltsc2022"));
    assert!(editor.found(web).is_empty());
    // One that is not saved yet, and one whose tag nothing states.
    editor.open("deploy/new.yaml", &alone("ltsc2019"));
    editor.open("deploy/open.yaml", &alone("{{ .Values.tag }}"));
    assert_eq!(editor.found("deploy/new.yaml"), ["build-mismatch 7:48"]);
    assert!(editor.found("deploy/open.yaml").iter().all(|it| it.starts_with("undeclared-image-os")));
    // One that another program writes.
    fs::write(root.join("deploy/late.yaml"), alone("ltsc2019")).expect("written");
    let uri = editor.uri("deploy/late.yaml");
    editor.notify("workspace/didChangeWatchedFiles", &json!({"changes": [{"uri": uri, "type": 1}]}));
    assert_eq!(editor.found("deploy/late.yaml"), ["build-mismatch 7:48"]);
    assert_eq!(editor.end(true), Some(0));
}
