//! What is found, in which files, and when.

use serde_json::json;

use super::{
    disk::{REFUSED, Texts},
    editor::Editor,
};

const BAD: &str = "FROM mcr.microsoft.com/windows/servercore:2022\n";
const GOOD: &str = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n";
const UNKNOWN: &str = "unknown-tag 0:42-0:46";
const NOTHING: [&str; 0] = [];

const DOCKERFILE: &str = "file:///w/Dockerfile";

#[test]
fn diagnostics_say_all_that_a_finding_does() {
    let disk = Texts::of(&[
        ("/w/Dockerfile", "FROM microsoft/windowsservercore:1803\n# hostfit: ignore[unknown-tag]\nRUN x\n"),
        (
            "/w/compose.yaml",
            "services:\n  a: {image: \"mcr.microsoft.com/windows/servercore:2022\"}\n  b: {image: nginx}\n",
        ),
    ]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    let items = editor.pull(DOCKERFILE);
    let retired = items.iter().find(|it| it["code"] == "retired-repository").expect("it is retired");
    assert_eq!((&retired["source"], &retired["severity"]), (&json!("hostfit"), &json!(1)));
    assert_eq!(retired["tags"], json!([2]));
    let page = "https://github.com/hostfit/hostfit/blob/main/docs/rules/retired-repository.md";
    assert_eq!(retired["codeDescription"]["href"], page);
    assert!(!retired["data"]["fixes"].as_array().unwrap().is_empty());
    let unused = items.iter().find(|it| it["code"] == "unused-ignore").expect("it silences nothing");
    assert_eq!(unused["tags"], json!([1]));
    assert!(editor.published.contains_key("file:///w/compose.yaml"), "files are reported that are not open");
    editor.quit();
}

#[test]
fn related_places_are_reported() {
    let dockerfile = "FROM mcr.microsoft.com/windows/servercore:ltsc2019 AS a\nRUN x\n\
                      FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN y\nCOPY --from=a /x /x\n";
    let mut editor = Editor::new(&Texts::of(&[("/w/Dockerfile", dockerfile)]), &["/w"], &json!({}));
    let items = editor.pull(DOCKERFILE);
    let mixed = items.iter().find(|it| it["code"] == "mixed-stage-builds").expect("two builds");
    assert_eq!(mixed["relatedInformation"][0]["location"]["uri"], DOCKERFILE);
    assert_eq!(mixed["relatedInformation"][0]["location"]["range"]["start"]["line"], 0);
    editor.quit();
}

#[test]
fn what_is_typed_stands_for_the_disk_until_it_is_closed() {
    let disk = Texts::of(&[("/w/Dockerfile", BAD)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    assert_eq!(editor.pushed(DOCKERFILE), [UNKNOWN]);
    editor.open(DOCKERFILE, BAD);
    let fix = json!([{"range": {"start": {"line": 0, "character": 42}, "end": {"line": 0, "character": 42}}, "text": "ltsc"}]);
    editor.change(DOCKERFILE, 2, &fix);
    assert_eq!(editor.pushed(DOCKERFILE), NOTHING);
    assert_eq!(editor.published[DOCKERFILE]["version"], 2);
    editor.close(DOCKERFILE);
    assert_eq!(editor.pushed(DOCKERFILE), [UNKNOWN]);
    editor.quit();
}

#[test]
fn what_does_not_parse_keeps_the_findings_of_what_does() {
    let uri = "file:///w/compose.yaml";
    let text = "services:\n  a:\n    image: mcr.microsoft.com/windows/servercore:2022\n  b: {image: [\n";
    let mut editor = Editor::new(&Texts::default(), &["/w"], &json!({}));
    editor.open(uri, text);
    let rules = editor.rules(uri);
    assert!(rules.iter().any(|it| it.starts_with("syntax-error")), "{rules:?}");
    assert!(rules.contains(&"unknown-tag 2:48-2:52".to_owned()), "{rules:?}");
    editor.quit();
}

/// A stack that is right or wrong by what other files say.
const COMPOSE: &str = "services:\n  web:\n    build: web\n    image: contoso/web\n    isolation: process\n";
const FLEET: &str = "[[host]]\nname = \"h\"\nos = \"ltsc2019\"\norchestrator = \"docker\"\n";

#[test]
fn other_files_decide_too() {
    let disk = Texts::of(&[("/w/compose.yaml", COMPOSE), ("/w/web/Dockerfile", GOOD), ("/w/hostfit.toml", FLEET)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    let uri = "file:///w/web/Dockerfile";
    let wrong = |rules: &[String]| rules.iter().any(|it| it.starts_with("image-newer-than-host"));
    assert!(wrong(&editor.pushed(uri)), "{:?}", editor.published);
    // In the editor's text of the configuration, which is not saved.
    let config = "file:///w/hostfit.toml";
    editor.open(config, FLEET);
    editor.replace(config, 2, &FLEET.replace("2019", "2022"));
    assert!(!wrong(&editor.pushed(uri)), "{:?}", editor.published);
    // While it cannot be taken, the last one that could holds.
    editor.replace(config, 3, &FLEET.replace("2019", "2"));
    assert_eq!(editor.pushed(config).len(), 1);
    assert!(!wrong(&editor.pushed(uri)));
    editor.close(config);
    assert!(wrong(&editor.pushed(uri)));
    // On the disk.
    disk.write("/w/hostfit.toml", &FLEET.replace("2019", "2022"));
    editor.changed(config, 2);
    assert!(!wrong(&editor.pushed(uri)));
    disk.remove("/w/hostfit.toml");
    editor.changed(config, 3);
    assert!(!wrong(&editor.pushed(uri)));
    disk.write("/w/hostfit.toml", FLEET);
    editor.changed(config, 1);
    assert!(wrong(&editor.pushed(uri)));
    editor.quit();
}

#[test]
fn a_file_of_a_target_is_judged_against_its_fleet() {
    let config = "[[target]]\npaths = [\"prod\"]\nfleet = \"prod.toml\"\n";
    let disk = Texts::of(&[
        ("/w/prod/compose.yaml", COMPOSE),
        ("/w/prod/web/Dockerfile", GOOD),
        ("/w/hostfit.toml", config),
        ("/w/prod.toml", FLEET),
    ]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    let uri = "file:///w/prod/web/Dockerfile";
    let wrong = |rules: &[String]| rules.iter().any(|it| it.starts_with("image-newer-than-host"));
    assert!(wrong(&editor.pushed(uri)), "{:?}", editor.published);
    let diagnostics = editor.published[uri]["diagnostics"].to_string();
    assert!(diagnostics.contains("(judged against prod.toml)"), "{diagnostics}");
    // Typed into the fleet, and not saved; what cannot be taken is told there.
    let fleet = "file:///w/prod.toml";
    editor.open(fleet, FLEET);
    editor.replace(fleet, 2, &FLEET.replace("2019", "2022"));
    assert!(!wrong(&editor.pushed(uri)), "{:?}", editor.published);
    editor.replace(fleet, 3, &FLEET.replace("2019", "2"));
    assert_eq!(editor.pushed(fleet).len(), 1);
    editor.close(fleet);
    assert!(wrong(&editor.pushed(uri)));
    // On the disk.
    disk.write("/w/prod.toml", &FLEET.replace("2019", "2022"));
    editor.changed(fleet, 2);
    assert!(!wrong(&editor.pushed(uri)));
    // The configuration names another one, which comes later.
    editor.open("file:///w/hostfit.toml", config);
    editor.replace("file:///w/hostfit.toml", 2, &config.replace("prod.toml", "later.toml"));
    assert!(!wrong(&editor.pushed(uri)));
    disk.write("/w/later.toml", FLEET);
    editor.changed("file:///w/later.toml", 1);
    assert!(wrong(&editor.pushed(uri)), "{:?}", editor.published);
    editor.quit();
}

#[test]
fn a_configuration_with_errors_tells_them() {
    let disk = Texts::of(&[("/w/hostfit.toml", "[chekc]\n"), ("/w/Dockerfile", BAD)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    assert_eq!(editor.pushed("file:///w/hostfit.toml"), ["- 0:1-0:6"]);
    assert_eq!(editor.pushed(DOCKERFILE), [UNKNOWN]);
    disk.write("/w/hostfit.toml", "[check]\nignore = [\"unknown-tag\"]\n");
    editor.changed("file:///w/hostfit.toml", 2);
    assert_eq!(editor.pushed("file:///w/hostfit.toml"), NOTHING);
    assert_eq!(editor.pushed(DOCKERFILE), NOTHING);
    editor.quit();
}

#[test]
fn of_a_configuration_with_many_errors_the_first_are_reported() {
    let lines = "..\n".repeat(10_000);
    let disk = Texts::of(&[("/w/hostfit.toml", &lines), ("/w/Dockerfile", GOOD)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    assert_eq!(editor.pushed("file:///w/hostfit.toml").len(), 21);
    editor.quit();
}

#[test]
fn files_come_and_go() {
    let disk = Texts::of(&[("/w/Dockerfile", GOOD)]);
    let capabilities = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
    let mut editor = Editor::new(&disk, &["/w"], &capabilities);
    let uri = "file:///w/a/Dockerfile";
    assert_eq!(editor.pushed(uri), NOTHING);
    disk.write("/w/a/Dockerfile", BAD);
    editor.changed(uri, 1);
    assert_eq!(editor.pushed(uri), [UNKNOWN]);
    disk.remove("/w/a/Dockerfile");
    // Some tell of the folder alone.
    editor.changed("file:///w/a", 3);
    assert_eq!(editor.pushed(uri), NOTHING);
    editor.quit();
}

#[test]
fn who_watches_nothing_is_asked_at_every_save() {
    let disk = Texts::of(&[("/w/Dockerfile", GOOD), ("/w/b/Dockerfile", GOOD)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    editor.open(DOCKERFILE, GOOD);
    assert_eq!(editor.pushed("file:///w/b/Dockerfile"), NOTHING);
    disk.write("/w/b/Dockerfile", BAD);
    editor.tell("textDocument/didSave", json!({"textDocument": {"uri": DOCKERFILE}}));
    assert_eq!(editor.pushed("file:///w/b/Dockerfile"), [UNKNOWN]);
    editor.quit();
}

#[test]
fn each_folder_has_its_own_configuration() {
    let quiet = "[check]\nignore = [\"unknown-tag\"]\n";
    let disk = Texts::of(&[("/a/Dockerfile", BAD), ("/b/Dockerfile", BAD), ("/b/hostfit.toml", quiet)]);
    let mut editor = Editor::new(&disk, &["/a", "/b"], &json!({}));
    assert_eq!(editor.pushed("file:///a/Dockerfile"), [UNKNOWN]);
    assert_eq!(editor.pushed("file:///b/Dockerfile"), NOTHING);
    let folder = |it: &str| json!({"uri": format!("file://{it}"), "name": it});
    disk.write("/c/Dockerfile", BAD);
    let event = json!({"event": {"added": [folder("/c")], "removed": [folder("/a")]}});
    editor.tell("workspace/didChangeWorkspaceFolders", event);
    assert_eq!(editor.pushed("file:///c/Dockerfile"), [UNKNOWN]);
    assert_eq!(editor.pushed("file:///a/Dockerfile"), NOTHING);
    editor.quit();
}

#[test]
fn the_innermost_folder_decides() {
    let quiet = "[check]\nignore = [\"unknown-tag\"]\n";
    let disk = Texts::of(&[("/a/Dockerfile", BAD), ("/a/b/Dockerfile", BAD), ("/a/b/hostfit.toml", quiet)]);
    let mut editor = Editor::new(&disk, &["/a", "/a/b"], &json!({}));
    assert_eq!(editor.pushed("file:///a/Dockerfile"), [UNKNOWN]);
    assert_eq!(editor.pushed("file:///a/b/Dockerfile"), NOTHING);
    editor.quit();
}

#[test]
fn documents_outside_of_all_folders_are_judged_while_they_are_open() {
    let disk = Texts::of(&[("/w/Dockerfile", GOOD), ("/x/Dockerfile", BAD), ("/x/other.Dockerfile", BAD)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    let uri = "file:///x/Dockerfile";
    assert_eq!(editor.pushed(uri), NOTHING);
    editor.open(uri, BAD);
    assert_eq!(editor.pushed(uri), [UNKNOWN]);
    assert_eq!(editor.pushed("file:///x/other.Dockerfile"), NOTHING);
    editor.close(uri);
    assert_eq!(editor.pushed(uri), NOTHING);
    editor.quit();
}

#[test]
fn a_document_without_a_file_is_judged_as_its_language_says() {
    for folders in [&["/w"][..], &[]] {
        let mut editor = Editor::new(&Texts::default(), folders, &json!({}));
        let uri = "untitled:Untitled-1";
        editor.open(uri, GOOD);
        editor.replace(uri, 2, BAD);
        assert_eq!(editor.pushed(uri), [UNKNOWN]);
        editor.close(uri);
        editor.rules(DOCKERFILE);
        assert_eq!(editor.published[uri]["diagnostics"], json!([]));
        editor.quit();
    }
}

#[test]
fn who_asks_is_reported_once() {
    let capabilities = json!({
        "textDocument": {"diagnostic": {}},
        "workspace": {"diagnostics": {"refreshSupport": true}},
    });
    let disk = Texts::of(&[("/w/Dockerfile", BAD), ("/w/b/Dockerfile", GOOD)]);
    let mut editor = Editor::new(&disk, &["/w"], &capabilities);
    let ask = |editor: &mut Editor, previous: &serde_json::Value| {
        let params = json!({"textDocument": {"uri": DOCKERFILE}, "previousResultId": previous});
        editor.ask("textDocument/diagnostic", params).unwrap()
    };
    let first = ask(&mut editor, &json!(null));
    assert_eq!(first["kind"], "full");
    assert_eq!(ask(&mut editor, &first["resultId"])["kind"], "unchanged");
    let known = json!([{"uri": DOCKERFILE, "value": first["resultId"]}, {"uri": "file:///w/gone", "value": "7"}]);
    let all = editor.ask("workspace/diagnostic", json!({"previousResultIds": known})).unwrap();
    let kinds: Vec<_> = all["items"].as_array().unwrap().iter().map(|it| (&it["uri"], &it["kind"])).collect();
    assert_eq!(kinds, [(&json!(DOCKERFILE), &json!("unchanged")), (&json!("file:///w/gone"), &json!("full"))]);
    editor.said.clear();
    disk.write("/w/b/Dockerfile", BAD);
    editor.changed("file:///w/b/Dockerfile", 2);
    assert_eq!(editor.rules("file:///w/b/Dockerfile"), [UNKNOWN]);
    assert!(editor.said.iter().any(|it| it.0 == "workspace/diagnostic/refresh"), "{:?}", editor.said);
    editor.open(DOCKERFILE, GOOD);
    assert_ne!(ask(&mut editor, &first["resultId"])["resultId"], first["resultId"]);
    assert!(editor.published.is_empty());
    editor.quit();
}

#[test]
fn a_file_goes_by_the_name_that_the_editor_gives_it() {
    let disk = Texts::of(&[("/w/Dockerfile", BAD)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    let alias = "file:///w/%44ockerfile";
    assert_eq!(editor.pushed(DOCKERFILE), [UNKNOWN]);
    editor.open(alias, BAD);
    assert_eq!(editor.pushed(alias), [UNKNOWN]);
    assert_eq!(editor.published[DOCKERFILE]["diagnostics"], json!([]));
    editor.close(alias);
    assert_eq!(editor.pushed(DOCKERFILE), [UNKNOWN]);
    assert_eq!(editor.published[alias]["diagnostics"], json!([]));
    editor.quit();
}

#[test]
fn while_the_configuration_is_broken_the_last_one_holds() {
    let quiet = "[check]\nignore = [\"unknown-tag\"]\n";
    let disk = Texts::of(&[("/w/Dockerfile", BAD), ("/w/hostfit.toml", quiet)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    assert_eq!(editor.pushed(DOCKERFILE), NOTHING);
    disk.write("/w/hostfit.toml", "[check]\nignore = [\"unknown-t");
    // Everything is read again.
    editor.tell("textDocument/didSave", json!({"textDocument": {"uri": "file:///w/hostfit.toml"}}));
    disk.write("/w/other/Dockerfile", BAD);
    editor.changed("file:///w/other/Dockerfile", 1);
    assert_ne!(editor.pushed("file:///w/hostfit.toml"), NOTHING);
    assert_eq!(editor.pushed(DOCKERFILE), NOTHING);
    editor.quit();
}

#[test]
fn every_edit_is_answered_with_diagnostics_of_its_version() {
    let mut editor = Editor::new(&Texts::default(), &["/w"], &json!({}));
    editor.open(DOCKERFILE, GOOD);
    assert_eq!(editor.pushed(DOCKERFILE), NOTHING);
    assert_eq!(editor.published[DOCKERFILE], json!({"uri": DOCKERFILE, "version": 1, "diagnostics": []}));
    for version in 2..5 {
        editor.replace(DOCKERFILE, version, GOOD);
        editor.pull(DOCKERFILE);
        assert_eq!(editor.published[DOCKERFILE]["version"], version);
    }
    editor.quit();
}

#[test]
fn a_configuration_that_is_not_read_is_shown_once() {
    let disk = Texts::of(&[("/w/Dockerfile", BAD), ("/w/hostfit.toml", REFUSED)]);
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    let notice = json!({"type": 2, "message": "hostfit.toml is not read"});
    let is_shown = |editor: &mut Editor, times: usize| {
        // What holds without it is judged.
        assert_eq!(editor.rules(DOCKERFILE), [UNKNOWN]);
        let said = editor.said.iter().filter(|(method, _)| method == "window/showMessage");
        assert_eq!(said.map(|it| &it.1).collect::<Vec<_>>(), vec![&notice; times]);
    };
    is_shown(&mut editor, 1);
    // The folder is read again, and nothing else is wrong.
    editor.changed("file:///w/other/Dockerfile", 1);
    is_shown(&mut editor, 1);
    disk.write("/w/hostfit.toml", "");
    editor.changed("file:///w/hostfit.toml", 1);
    is_shown(&mut editor, 1);
    disk.write("/w/hostfit.toml", REFUSED);
    disk.remove("/w/hostfit.toml");
    editor.changed("file:///w/hostfit.toml", 3);
    is_shown(&mut editor, 1);
    disk.write("/w/hostfit.toml", REFUSED);
    editor.changed("file:///w/hostfit.toml", 1);
    is_shown(&mut editor, 2);
    editor.quit();
}
