//! What editors ask of places and files, in the words of the protocol.

use serde_json::{Value, json};

use super::{disk::Texts, editor::Editor};

const FLEET: &str = "[[host]]\nname = \"win2022\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  nodeSelector: {kubernetes.io/os: windows}\n  \
                   containers:\n  - name: web\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n";
const URI: &str = "file:///w/pod.yaml";
const DOCKERFILE: &str = "file:///w/Dockerfile";

fn disk() -> Texts {
    Texts::of(&[("/w/hostfit.toml", FLEET), ("/w/pod.yaml", POD)])
}

fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}})
}

fn range(line: u32, from: u32, to: u32) -> Value {
    json!({"start": {"line": line, "character": from}, "end": {"line": line, "character": to}})
}

fn of(uri: &str) -> Value {
    json!({"textDocument": {"uri": uri}})
}

#[test]
fn a_hover_tells_of_the_image_and_its_hosts() {
    for (formats, kind) in [(json!(["markdown", "plaintext"]), "markdown"), (json!(["plaintext"]), "plaintext")] {
        let capabilities = json!({"textDocument": {"hover": {"contentFormat": formats}}});
        let mut editor = Editor::new(&disk(), &["/w"], &capabilities);
        let hover = editor.ask("textDocument/hover", at(URI, 7, 20)).unwrap();
        assert_eq!(hover["contents"]["kind"], kind);
        let text = hover["contents"]["value"].as_str().unwrap();
        assert!(text.contains("Windows Server 2022") && text.contains("`win2022`"), "{text}");
        assert_eq!(hover["range"], range(7, 11, 56));
        assert_eq!(editor.ask("textDocument/hover", at(URI, 2, 0)), Ok(Value::Null));
        assert_eq!(editor.ask("textDocument/hover", at("file:///w/unknown", 0, 0)), Ok(Value::Null));
        editor.quit();
    }
}

/// Nodes among the files are the fleet, for answers too.
#[test]
fn nodes_among_the_files_are_hosts_of_answers() {
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: node7, labels: {pool: blue}}\nstatus:\n  nodeInfo: {operatingSystem: \
                windows, kernelVersion: 10.0.20348.2700}\n";
    let disk = Texts::of(&[("/w/node.yaml", node), ("/w/pod.yaml", POD)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    let hover = editor.ask("textDocument/hover", at(URI, 7, 20)).unwrap();
    assert!(hover["contents"]["value"].as_str().unwrap().contains("`node7`"), "{hover}");
    editor.open(URI, &POD.replace("{kubernetes.io/os: windows}", "{po}"));
    let items = editor.ask("textDocument/completion", at(URI, 4, 19)).unwrap();
    assert!(items.as_array().unwrap().iter().any(|it| it["label"] == "pool"), "{items}");
    // The report judges by the same hosts.
    editor.close(URI);
    disk.remove("/w/node.yaml");
    editor.changed("file:///w/node.yaml", 3);
    editor.rules(URI);
    let hover = editor.ask("textDocument/hover", at(URI, 7, 20)).unwrap();
    assert!(!hover["contents"]["value"].as_str().unwrap().contains("`node7`"), "{hover}");
    editor.quit();
}

#[test]
fn completions_take_the_place_of_what_is_typed() {
    let capabilities = json!({"tagSupport": {"valueSet": [1]}, "labelDetailsSupport": true});
    let capabilities = json!({"textDocument": {"completion": {"completionItem": capabilities}}});
    for (capabilities, has_tags) in [(capabilities, true), (json!({}), false)] {
        let mut editor = Editor::new(&disk(), &["/w"], &capabilities);
        editor.open(DOCKERFILE, "# 😀\nFROM mcr.microsoft.com/windows/servercore:lt\n");
        let items = editor.ask("textDocument/completion", at(DOCKERFILE, 1, 44)).unwrap();
        let items = items.as_array().unwrap();
        assert_eq!(items[0]["textEdit"], json!({"range": range(1, 42, 44), "newText": "ltsc2025"}));
        assert!(items[0]["detail"].as_str().unwrap().starts_with("Windows Server 2025"));
        assert_eq!(items[0]["documentation"]["kind"], "markdown");
        let sorted: Vec<_> = items.iter().map(|it| it["sortText"].as_str().unwrap()).collect();
        assert!(sorted.is_sorted(), "{sorted:?}");
        let old = items.iter().find(|it| it["label"] == "1803").unwrap();
        assert_eq!(old["tags"] == json!([1]), has_tags, "{old}");
        assert_eq!(old["labelDetails"] == json!({"description": "out of support"}), has_tags, "{old}");
        assert_eq!(items[0]["labelDetails"], Value::Null);
        editor.quit();
    }
}

/// What is not one of ours by its content may become it: its text is there nevertheless.
#[test]
fn what_is_typed_in_a_new_file_is_completed() {
    let mut editor = Editor::new(&disk(), &["/w"], &json!({}));
    let uri = "file:///w/values.yaml";
    editor.open(uri, "");
    editor.replace(uri, 2, "image: mcr.microsoft.com/windows/nanoserver:\n");
    let items = editor.ask("textDocument/completion", at(uri, 0, 44)).unwrap();
    assert_eq!(items[0]["label"], "ltsc2025", "{items}");
    assert_eq!(editor.rules(uri), Vec::<String>::new());
    editor.replace(uri, 3, "nodeSelector:\n  ");
    let items = editor.ask("textDocument/completion", at(uri, 1, 2)).unwrap();
    assert_eq!(items[0]["label"], "kubernetes.io/os", "{items}");
    let notes = "file:///w/notes.md";
    editor.open(notes, "mcr.microsoft.com/windows/nanoserver:");
    assert_eq!(editor.ask("textDocument/completion", at(notes, 0, 37)).unwrap(), json!([]));
    editor.quit();
}

#[test]
fn definitions_are_links_where_these_are_understood() {
    let text = "ARG BASE=mcr.microsoft.com/windows/servercore:ltsc2022\nFROM ${BASE}\n";
    let links = json!({"textDocument": {"definition": {"linkSupport": true}}});
    let mut editor = Editor::new(&disk(), &["/w"], &links);
    editor.open(DOCKERFILE, text);
    let value = range(0, 9, 54);
    let link = json!({"originSelectionRange": range(1, 5, 12), "targetUri": DOCKERFILE, "targetRange": value,
                      "targetSelectionRange": value});
    assert_eq!(editor.ask("textDocument/definition", at(DOCKERFILE, 1, 8)), Ok(json!([link])));
    editor.quit();
    let mut editor = Editor::new(&disk(), &["/w"], &json!({}));
    editor.open(DOCKERFILE, text);
    let location = json!({"uri": DOCKERFILE, "range": value});
    assert_eq!(editor.ask("textDocument/definition", at(DOCKERFILE, 1, 8)), Ok(json!([location])));
    assert_eq!(editor.ask("textDocument/definition", at(DOCKERFILE, 1, 0)), Ok(Value::Null));
    editor.quit();
}

#[test]
fn links_lead_to_the_pages_of_rules() {
    let mut editor = Editor::new(&disk(), &["/w"], &json!({}));
    editor.open(DOCKERFILE, "# hostfit: ignore[unknown-tag]\nFROM mcr.microsoft.com/windows/servercore:2022\n");
    let links = editor.ask("textDocument/documentLink", of(DOCKERFILE)).unwrap();
    assert_eq!(links[0]["range"], range(0, 18, 29));
    assert_eq!(links[0]["target"], "https://github.com/hostfit/hostfit/blob/main/docs/rules/unknown-tag.md");
    editor.quit();
}

fn hints(editor: &mut Editor) -> Vec<Value> {
    let all = json!({"textDocument": {"uri": URI}, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}});
    let hints = editor.ask("textDocument/inlayHint", all).unwrap();
    hints.as_array().unwrap().iter().map(|it| it["label"].clone()).collect()
}

fn lenses(editor: &mut Editor) -> Vec<Value> {
    let lenses = editor.ask("textDocument/codeLens", of(URI)).unwrap();
    lenses.as_array().unwrap().iter().map(|it| it["command"].clone()).collect()
}

fn start(options: &Value, capabilities: &Value) -> Editor {
    let mut editor = Editor::silent(&disk());
    let folders = json!([{"uri": "file:///w", "name": "w"}]);
    let params = json!({"processId": null, "capabilities": capabilities, "workspaceFolders": folders, "initializationOptions": options});
    editor.ask("initialize", params).unwrap();
    editor
}

const RELEASE: &str = "Windows Server 2022";
const TITLE: &str = "runs on 1 of 1 host";
const HOSTS: &str = "- `win2022` (10.0.20348): runs with process isolation";

#[test]
fn hints_and_lenses_are_as_the_options_have_them() {
    let none: [Value; 0] = [];
    for (options, has_hints, has_lenses) in [
        (json!(null), false, true),
        (json!({"inlayHints": true}), true, true),
        (json!({"hostfit": {"inlayHints": true, "codeLens": false}}), true, false),
        (json!("nonsense"), false, true),
    ] {
        let mut editor = start(&options, &json!({}));
        editor.tell("initialized", json!({}));
        assert_eq!(hints(&mut editor), if has_hints { vec![json!(RELEASE)] } else { none.to_vec() }, "{options}");
        let expected = json!({"title": TITLE, "tooltip": HOSTS, "command": ""});
        assert_eq!(lenses(&mut editor), if has_lenses { vec![expected] } else { none.to_vec() }, "{options}");
        editor.quit();
    }
}

#[test]
fn a_lens_has_the_command_that_the_client_has() {
    let mut editor = start(&json!({"commands": ["hostfit.showMatrix"]}), &json!({}));
    editor.tell("initialized", json!({}));
    let expected = json!({"title": TITLE, "tooltip": HOSTS, "command": "hostfit.showMatrix", "arguments": [URI]});
    assert_eq!(lenses(&mut editor), [expected]);
    editor.quit();
}

/// As Neovim and Eglot tell them.
#[test]
fn settings_that_are_sent_hold_at_once() {
    let mut editor = start(&json!(null), &json!({"workspace": {"inlayHint": {"refreshSupport": true}}}));
    editor.tell("initialized", json!({}));
    let set = |value: Value| json!({"settings": value});
    editor.tell("workspace/didChangeConfiguration", set(json!({"hostfit": {"inlayHints": true}})));
    assert_eq!(hints(&mut editor), [json!(RELEASE)]);
    assert!(editor.said.iter().any(|it| it.0 == "workspace/inlayHint/refresh"), "{:?}", editor.said);
    // Neovim and Eglot send this where nothing is set.
    for nothing in [json!(null), json!({}), json!({"hostfit": null}), json!([])] {
        editor.tell("workspace/didChangeConfiguration", set(nothing));
        assert_eq!(hints(&mut editor), [json!(RELEASE)]);
    }
    editor.tell("workspace/didChangeConfiguration", set(json!({"hostfit": {"codeLens": false}})));
    assert_eq!((hints(&mut editor).len(), lenses(&mut editor).len()), (0, 0));
    editor.quit();
}

/// As VS Code has it.
#[test]
fn settings_are_asked_for_where_they_can_be() {
    let capabilities =
        json!({"workspace": {"configuration": true, "didChangeConfiguration": {"dynamicRegistration": true}}});
    let mut editor = start(&json!({"inlayHints": true}), &capabilities);
    editor.configuration = json!({"inlayHints": true, "codeLens": false});
    editor.tell("initialized", json!({}));
    editor.rules(URI);
    assert_eq!((hints(&mut editor).len(), lenses(&mut editor).len()), (1, 0));
    let asked = editor.said.iter().find(|it| it.0 == "workspace/configuration").expect("it was asked");
    assert_eq!(asked.1, json!({"items": [{"section": "hostfit"}]}));
    let registered = editor.said.iter().filter(|it| it.0 == "client/registerCapability");
    let methods: Vec<_> = registered.map(|it| it.1["registrations"][0]["method"].clone()).collect();
    assert_eq!(methods, ["workspace/didChangeConfiguration"]);
    editor.configuration = json!({"inlayHints": false});
    editor.tell("workspace/didChangeConfiguration", json!({"settings": null}));
    editor.rules(URI);
    assert_eq!((hints(&mut editor).len(), lenses(&mut editor).len()), (0, 1));
    // Nothing is set: what the client began with holds.
    editor.configuration = Value::Null;
    editor.tell("workspace/didChangeConfiguration", json!({"settings": null}));
    editor.rules(URI);
    assert_eq!((hints(&mut editor).len(), lenses(&mut editor).len()), (1, 1));
    editor.quit();
}
