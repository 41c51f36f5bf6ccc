//! Its beginning and its end, and what goes wrong between.

use serde_json::{Value, json};

use super::{disk::Texts, editor::Editor};
use crate::End;

const BAD: &str = "FROM mcr.microsoft.com/windows/servercore:2022\n";

#[test]
fn a_session_ends_as_the_client_ends_it() {
    let disk = Texts::default();
    assert_eq!(Editor::new(&disk, &["/w"], &json!({})).quit(), End::Orderly);
    assert_eq!(Editor::new(&disk, &["/w"], &json!({})).exit(), End::Abrupt);
    assert_eq!(Editor::new(&disk, &["/w"], &json!({})).vanish(), End::Abrupt);
    assert_eq!(Editor::silent(&disk).exit(), End::Abrupt);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    editor.ask("shutdown", Value::Null).unwrap();
    assert_eq!(editor.ask("textDocument/diagnostic", json!({})), Err(-32600));
    assert_eq!(editor.exit(), End::Orderly);
}

#[test]
fn nothing_comes_before_initialize() {
    let mut editor = Editor::silent(&Texts::default());
    assert_eq!(editor.ask("textDocument/codeAction", json!({})), Err(-32002));
    editor.open("file:///w/Dockerfile", BAD);
    assert!(editor.ask("initialize", json!({"processId": null, "rootUri": null, "capabilities": {}})).is_ok());
    assert_eq!(editor.ask("initialize", json!({"processId": null, "capabilities": {}})), Err(-32600));
    assert_eq!(editor.quit(), End::Orderly);
}

#[test]
fn what_the_server_does_not_know_it_says() {
    let mut editor = Editor::new(&Texts::default(), &["/w"], &json!({}));
    assert_eq!(editor.ask("textDocument/rename", json!({})), Err(-32601));
    assert_eq!(editor.ask("textDocument/codeAction", json!({"range": 3})), Err(-32602));
    editor.tell("textDocument/didChange", json!("nonsense"));
    editor.tell("$/nobodyKnows", json!({}));
    editor.change("file:///w/never-opened", 2, &json!([{"text": "x"}]));
    editor.close("file:///w/never-opened");
    assert_eq!(editor.rules("file:///w/never-opened"), Vec::<String>::new());
    assert_eq!(editor.quit(), End::Orderly);
}

#[test]
fn the_position_encoding_is_the_clients() {
    // Before the tag stand 52 characters and the face.
    for (offered, expected, tag) in
        [(json!(null), "utf-16", 54), (json!(["utf-8", "utf-16"]), "utf-8", 56), (json!(["utf-32"]), "utf-32", 53)]
    {
        let mut editor = Editor::silent(&Texts::default());
        let general = if offered.is_null() { json!({}) } else { json!({"positionEncodings": offered}) };
        let params = json!({"processId": null, "rootUri": "file:///w", "capabilities": {"general": general}});
        let answer = editor.ask("initialize", params).unwrap();
        assert_eq!(answer["capabilities"]["positionEncoding"], expected);
        editor.tell("initialized", json!({}));
        let text = "services:\r\n  \"😀\": {image: 'mcr.microsoft.com/windows/servercore:2022'}\r\n";
        editor.open("file:///w/compose.yaml", text);
        let rules = editor.rules("file:///w/compose.yaml");
        assert!(rules.contains(&format!("unknown-tag 1:{tag}-1:{}", tag + 4)), "{expected}: {rules:?}");
        editor.quit();
    }
}

#[test]
fn a_panic_ends_one_request_and_not_the_server() {
    let disk = Texts::of(&[("/w/Dockerfile", BAD)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    assert_eq!(editor.rules("file:///w/Dockerfile"), ["unknown-tag 0:42-0:46"]);
    // This one cannot be read, nor the folder with it.
    editor.open("file:///w/panic", "FROM x\n");
    editor.replace("file:///w/panic", 2, "FROM y\n");
    editor.rules("file:///w/Dockerfile");
    editor.close("file:///w/panic");
    editor.changed("file:///w/new/Dockerfile", 1);
    assert_eq!(editor.rules("file:///w/Dockerfile"), ["unknown-tag 0:42-0:46"]);
    assert_eq!(editor.quit(), End::Orderly);
}

#[test]
fn a_cancelled_request_is_answered_once() {
    let disk = Texts::of(&[("/w/Dockerfile", BAD)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    let mut cancelled = 0;
    for _ in 0..20 {
        let id = editor.send("workspace/diagnostic", json!({"previousResultIds": []}));
        editor.tell("$/cancelRequest", json!({"id": id}));
        match editor.wait(id) {
            Ok(report) => assert_eq!(report["items"].as_array().unwrap().len(), 1),
            Err(code) => {
                assert_eq!(code, -32800);
                cancelled += 1;
            }
        }
    }
    editor.tell("$/cancelRequest", json!({"id": "of nothing"}));
    assert!(cancelled <= 20);
    assert_eq!(editor.quit(), End::Orderly);
}

#[test]
fn the_client_gets_what_it_can_show() {
    let capabilities = json!({
        "window": {"workDoneProgress": true},
        "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}},
    });
    let mut editor = Editor::new(&Texts::default(), &["/w"], &capabilities);
    editor.tell("$/setTrace", json!({"value": "verbose"}));
    editor.rules("file:///w/Dockerfile");
    editor.rules("file:///w/Dockerfile");
    let said = |method: &str| editor.said.iter().filter(|it| it.0 == method).map(|it| &it.1).collect::<Vec<_>>();
    let watchers = said("client/registerCapability");
    assert_eq!(watchers[0]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    assert_eq!(said("window/workDoneProgress/create").len(), 1);
    let kinds: Vec<_> = said("$/progress").iter().map(|it| it["value"]["kind"].clone()).collect();
    assert_eq!(kinds, ["begin", "end"]);
    assert!(
        said("$/logTrace").iter().any(|it| it["message"] == "textDocument/diagnostic" && it["verbose"].is_string())
    );
    editor.quit();
}
