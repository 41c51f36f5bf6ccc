//! What is offered to do about findings, and what becomes of the text.

use serde_json::{Value, json};

use super::{disk::Texts, editor::Editor};

const URI: &str = "file:///w/Dockerfile";

fn actions(editor: &mut Editor, uri: &str, line: usize, only: &Value) -> Vec<Value> {
    let range = json!({"start": {"line": line, "character": 0}, "end": {"line": line, "character": 200}});
    let mut context = json!({"diagnostics": []});
    if !only.is_null() {
        context["only"] = only.clone();
    }
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
    editor.ask("textDocument/codeAction", params).unwrap().as_array().unwrap().clone()
}

/// An ASCII text with the edits of an action made in it.
fn applied(text: &str, edits: &Value) -> String {
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|it| it.0 + 1)).collect();
    let number = |it: &Value| usize::try_from(it.as_u64().unwrap()).unwrap();
    let offset = |it: &Value| starts[number(&it["line"])] + number(&it["character"]);
    let mut text = text.to_owned();
    let mut edits = edits.as_array().unwrap().clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(offset(&edit["range"]["start"])));
    for edit in edits {
        let range = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
        text.replace_range(range, edit["newText"].as_str().unwrap());
    }
    text
}

#[test]
fn every_fix_is_offered_and_the_safe_one_preferred() {
    let text = "FROM mcr.microsoft.com/windows/servercore:2022\n";
    let mut editor = Editor::new(&Texts::default(), &["/w"], &json!({}));
    editor.open(URI, text);
    let all = actions(&mut editor, URI, 0, &json!(["quickfix"]));
    let fix = &all[0];
    assert_eq!((&fix["kind"], &fix["isPreferred"]), (&json!("quickfix"), &json!(true)));
    assert_eq!(fix["diagnostics"][0]["code"], "unknown-tag");
    assert_eq!(applied(text, &fix["edit"]["changes"][URI]), "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n");
    assert!(actions(&mut editor, URI, 0, &json!(["refactor"])).is_empty());
    editor.quit();
}

#[test]
fn all_safe_fixes_of_a_file_are_one_action() {
    let text = "FROM mcr.microsoft.com/windows/servercore:2022 AS a\r\nRUN x\r\n\
                FROM mcr.microsoft.com/windows/servercore:2022\r\n";
    let capabilities = json!({"workspace": {"workspaceEdit": {"documentChanges": true}}});
    let mut editor = Editor::new(&Texts::default(), &["/w"], &capabilities);
    editor.open(URI, text);
    for only in ["source", "source.fixAll", "source.fixAll.hostfit"] {
        let all = actions(&mut editor, URI, 1, &json!([only]));
        assert_eq!(all.len(), 1, "{only}");
        assert_eq!(all[0]["kind"], "source.fixAll.hostfit");
        let change = &all[0]["edit"]["documentChanges"][0];
        assert_eq!(change["textDocument"], json!({"uri": URI, "version": 1}));
        assert_eq!(applied(text, &change["edits"]), text.replace("2022", "ltsc2022"));
    }
    assert!(actions(&mut editor, URI, 1, &json!(["source.organizeImports"])).is_empty());
    editor.quit();
}

#[test]
fn ignore_comments_stand_where_they_are_comments() {
    let cases = [
        (
            "Dockerfile",
            0,
            "FROM mcr.microsoft.com/windows/servercore:2022\r\n",
            Some("# hostfit: ignore[unknown-tag]\r\nFROM mcr.microsoft.com/windows/servercore:2022\r\n"),
        ),
        ("Dockerfile", 2, "# escape=`\nFROM \\\n  mcr.microsoft.com/windows/servercore:2022\n", None),
        (
            "compose.yaml",
            1,
            "services:\n  a: {image: \"mcr.microsoft.com/windows/servercore:2022\"}  \n",
            Some(
                "services:\n  a: {image: \"mcr.microsoft.com/windows/servercore:2022\"} # hostfit: ignore[unknown-tag]\n",
            ),
        ),
        (
            "compose.yaml",
            2,
            "services:\n  a:\n    image: mcr.microsoft.com/windows/servercore:2022 # ours\n",
            Some(
                "services:\n  a:\n    # hostfit: ignore[unknown-tag]\n    image: mcr.microsoft.com/windows/servercore:2022 # ours\n",
            ),
        ),
        (
            "compose.yaml",
            1,
            "services:\n  a: {image: \"mcr.microsoft.com/windows/servercore:2022\"} # hostfit: ignore[retired-tag]\n",
            Some(
                "services:\n  a: {image: \"mcr.microsoft.com/windows/servercore:2022\"} # hostfit: ignore[retired-tag, unknown-tag]\n",
            ),
        ),
        (
            "compose.json",
            0,
            "{\"services\": {\"a\": {\"image\": \"mcr.microsoft.com/windows/servercore:2022\"}}}\n",
            None,
        ),
    ];
    for (name, line, text, expected) in cases {
        let uri = format!("file:///w/{name}");
        let mut editor = Editor::new(&Texts::default(), &["/w"], &json!({}));
        editor.open(&uri, text);
        let all = actions(&mut editor, &uri, line, &json!(["quickfix"]));
        assert!(!all.is_empty(), "{text}: {:?}", editor.rules(&uri));
        let ignore = all.iter().find(|it| it["title"] == "ignore `unknown-tag` here");
        let new = ignore.map(|it| applied(text, &it["edit"]["changes"][&uri]));
        if let Some(expected) = expected {
            assert_eq!(new.as_deref(), Some(expected), "{text}");
        }
        if let Some(new) = new {
            editor.replace(&uri, 2, &new);
            let rules = editor.rules(&uri);
            assert!(
                !rules.iter().any(|it| it.starts_with("unknown-tag") || it.starts_with("syntax")),
                "{new}: {rules:?}"
            );
        }
        editor.quit();
    }
}

const PRIVATE: &str = "services:\n  web:\n    image: registry.contoso.com/web:7\n    isolation: process\n";
const COMPOSE: &str = "file:///w/compose.yaml";
const CONFIG: &str = "file:///w/hostfit.toml";

fn declaring(all: &[Value]) -> Vec<&Value> {
    all.iter().filter(|it| it["title"].as_str().unwrap().starts_with("declare")).collect()
}

fn undeclared(editor: &mut Editor) -> bool {
    editor.rules(COMPOSE).iter().any(|it| it.starts_with("undeclared-image-os"))
}

#[test]
fn an_unknown_image_is_declared_where_images_are() {
    let host = "[[host]]\nname = \"a\"\nos = \"ltsc2019\"\norchestrator = \"docker\"\n";
    let more = "[[host]]\nname = \"b\"\nos = \"ltsc2022\"\norchestrator = \"docker\"\n";
    let line = "\"registry.contoso.com/web:*\" = \"ltsc2022\"";
    let cases = [
        (String::new(), format!("[images]\n{line}\n")),
        (format!("{host}{more}"), format!("{host}{more}\n[images]\n{line}\n")),
        (format!("{host}{}", more.trim_end()), format!("{host}{}\n\n[images]\n{line}\n", more.trim_end())),
        (
            format!("# ours\n[images] # seen\n  \"a/b\" = \"linux\" # why\n\n# the fleet\n{host}{more}"),
            format!("# ours\n[images] # seen\n  \"a/b\" = \"linux\" # why\n  {line}\n\n# the fleet\n{host}{more}"),
        ),
        (format!("[images]\r\n\r\n{host}{more}"), format!("[images]\r\n{line}\r\n\r\n{host}{more}")),
        (format!("{host}{more}[ images ]"), format!("{host}{more}[ images ]\n{line}")),
        (format!("{host}{more}[images]\n'a' = 'linux'"), format!("{host}{more}[images]\n'a' = 'linux'\n{line}")),
    ];
    for (config, expected) in cases {
        let disk = Texts::of(&[("/w/hostfit.toml", &config), ("/w/compose.yaml", PRIVATE)]);
        let mut editor = Editor::new(&disk, &["/w"], &json!({}));
        assert!(undeclared(&mut editor));
        let all = actions(&mut editor, COMPOSE, 2, &json!(["quickfix"]));
        let offered = declaring(&all);
        let titles: Vec<_> = offered.iter().map(|it| it["title"].as_str().unwrap()).collect();
        let title = |kind: &str| format!("declare `registry.contoso.com/web:*` as `{kind}` in hostfit.toml");
        let releases: &[&str] =
            if config.is_empty() { &["ltsc2025", "ltsc2022", "ltsc2019"] } else { &["ltsc2022", "ltsc2019"] };
        assert_eq!(titles, releases.iter().chain(&["linux"]).map(|it| title(it)).collect::<Vec<_>>());
        assert!(offered.iter().all(|it| it["diagnostics"][0]["code"] == "undeclared-image-os"));
        let chosen = offered.iter().find(|it| it["title"] == title("ltsc2022")).unwrap();
        let new = applied(&config, &chosen["edit"]["changes"][CONFIG]);
        assert_eq!(new, expected);
        disk.write("/w/hostfit.toml", &new);
        editor.changed(CONFIG, 2);
        assert!(!undeclared(&mut editor), "{new}");
        let all = actions(&mut editor, COMPOSE, 2, &json!(["quickfix"]));
        assert!(declaring(&all).is_empty(), "{all:?}");
        editor.quit();
    }
}

#[test]
fn a_configuration_is_made_where_there_is_none() {
    let disk = Texts::of(&[("/w/compose.yaml", PRIVATE)]);
    let edits = |operations: Value| json!({"workspace": {"workspaceEdit": operations}});
    let able = edits(json!({"documentChanges": true, "resourceOperations": ["create"]}));
    let mut editor = Editor::new(&disk, &["/w"], &able);
    assert!(undeclared(&mut editor));
    let all = actions(&mut editor, COMPOSE, 2, &json!(["quickfix"]));
    let linux = *declaring(&all).last().expect("an action");
    let [create, fill] = linux["edit"]["documentChanges"].as_array().unwrap().as_slice() else { panic!("{linux}") };
    assert_eq!((&create["kind"], &create["uri"]), (&json!("create"), &json!(CONFIG)));
    assert_eq!(fill["textDocument"], json!({"uri": CONFIG, "version": null}));
    let text = applied("", &fill["edits"]);
    assert_eq!(text, "[images]\n\"registry.contoso.com/web:*\" = \"linux\"\n");
    disk.write("/w/hostfit.toml", &text);
    editor.changed(CONFIG, 1);
    assert!(!undeclared(&mut editor));
    editor.quit();
    // Who can't make files is offered none.
    disk.remove("/w/hostfit.toml");
    for capabilities in [edits(json!({"documentChanges": true})), json!({})] {
        let mut editor = Editor::new(&disk, &["/w"], &capabilities);
        let all = actions(&mut editor, COMPOSE, 2, &json!(["quickfix"]));
        assert!(declaring(&all).is_empty() && undeclared(&mut editor));
        editor.quit();
    }
}

#[test]
fn what_is_known_or_can_not_be_declared_is_offered_nothing() {
    let cases = [
        "mcr.microsoft.com/windows/servercore:ltsc2022",
        "registry.contoso.com/web:${TAG}",
        "mcr.microsoft.com/windows/servercore:2022",
    ];
    for image in cases {
        let text = PRIVATE.replace("registry.contoso.com/web:7", image);
        let disk = Texts::of(&[("/w/hostfit.toml", ""), ("/w/compose.yaml", &text)]);
        let mut editor = Editor::new(&disk, &["/w"], &json!({}));
        let all = actions(&mut editor, COMPOSE, 2, &json!(["quickfix"]));
        assert!(declaring(&all).is_empty(), "{image}: {all:?}");
        editor.quit();
    }
    // A table that the line does not fit into.
    let inline = "images = { \"a/b\" = \"linux\" }\n";
    let disk = Texts::of(&[("/w/hostfit.toml", inline), ("/w/compose.yaml", PRIVATE)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    let all = actions(&mut editor, COMPOSE, 2, &json!(["quickfix"]));
    assert!(declaring(&all).is_empty(), "{all:?}");
    editor.quit();
}
