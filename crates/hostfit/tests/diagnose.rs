//! `hostfit diagnose`, the program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

mod common;

use std::fs;

use common::{Tree, fixtures, text};
use serde_json::Value;

const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      \
    nodeSelector:\n        kubernetes.io/os: windows\n      containers:\n      - name: web\n        image: mcr.microsoft.com/windows/servercore:ltsc2022\n";

const FLEET: &str = "[[host]]\nname = \"win2019\"\nos = \"10.0.17763.6893\"\norchestrator = \"kubernetes\"\n\n\
    [[host]]\nname = \"win2022\"\nos = \"10.0.20348.3207\"\norchestrator = \"kubernetes\"\n";

const PULL: &str = "Name:  web-6d4cf56db6-abcde\nNamespace:  shop\nNode:  win2019/10.0.0.4\nContainers:\n  web:\n    Image:  mcr.microsoft.com/windows/servercore:ltsc2022\nEvents:\n  \
    Type     Reason  Age  From     Message\n  ----     ------  ---  ----     -------\n  Warning  Failed  11s  kubelet  Failed to pull image \"mcr.microsoft.com/windows/servercore:ltsc2022\": rpc error: code = NotFound desc = no match for platform in manifest: not found\n";

fn tree(name: &str) -> Tree {
    Tree::new(name).with("deploy/web.yaml", MANIFEST).with("hostfit.toml", FLEET)
}

#[test]
fn what_is_piped_in_is_explained() {
    let output = tree("piped").stdin(&["diagnose"], PULL.as_bytes());
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for part in [
        "pod shop/web-6d4cf56db6-abcde (container web) on win2019, reported by the kubelet\n",
        "error[no-platform]: ",
        "is newer than Windows Server 2019",
        "deploy/web.yaml:8:7",
        "help: add `node.kubernetes.io/windows-build: \"10.0.20348\"` to the nodeSelector",
        "hostfit explain missing-build-selector",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
}

/// PowerShell 5 writes UTF-16 with a byte order mark, PowerShell 7 and editors perhaps one of UTF-8.
#[test]
fn what_powershell_wrote_is_read() {
    let tree = tree("powershell");
    let crlf = PULL.replace('\n', "\r\n");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(crlf.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    tree.write("out/utf16.log", &utf16);
    tree.write("out/bom.log", format!("\u{feff}{crlf}"));
    tree.write("out/plain.log", PULL);
    let expected = tree.run(&["diagnose", "out/plain.log"]).stdout;
    assert!(!expected.is_empty());
    for file in ["out/utf16.log", "out/bom.log"] {
        let output = tree.run(&["diagnose", file]);
        assert_eq!(text(&output.stdout), text(&expected), "{file}");
    }
}

#[test]
fn several_texts_are_answered_in_their_order() {
    let tree = tree("several").with("a.log", "0xc0370112\n").with("b.log", "all is well\n").with("c.log", PULL);
    let output = tree.run(&["diagnose", "a.log", "b.log", "c.log", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "b.log: no error that hostfit knows\n");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let incidents = json["incidents"].as_array().unwrap();
    let printed: Vec<_> =
        incidents.iter().map(|it| (it["path"].as_str().unwrap(), it["error"].as_str().unwrap())).collect();
    assert_eq!(printed, [("a.log", "layer-format"), ("c.log", "no-platform")]);
    assert_eq!(json["summary"]["incidents"], 2);
    // Where the words stand in the text.
    let range = &incidents[1]["range"];
    let (start, end) = (range["start"]["offset"].as_u64().unwrap(), range["end"]["offset"].as_u64().unwrap());
    let words = PULL.get(usize::try_from(start).unwrap()..usize::try_from(end).unwrap()).unwrap();
    assert_eq!(words, "no match for platform in manifest");
    assert_eq!(incidents[1]["place"]["path"], "deploy/web.yaml");
    assert_eq!(incidents[1]["place"]["range"]["start"]["line"], 8);
    assert_eq!(incidents[1]["object"]["node"], "win2019");
    assert_eq!(incidents[1]["rule"], "missing-build-selector");
    assert_eq!(incidents[1]["standing"], "found");
}

#[test]
fn the_exit_status_tells_whether_something_was_explained() {
    let tree = tree("exit")
        .with("fine.log", "Successfully pulled image\n")
        .with("binary.log", b"MZ\0\0\0")
        .with("long.log", vec![b'x'; 8 * 1024 * 1024 + 1]);
    let code = |args: &[&str]| {
        let output = tree.run(args);
        (output.status.code(), text(&output.stderr))
    };
    assert_eq!(code(&["diagnose", "fine.log"]), (Some(1), "fine.log: no error that hostfit knows\n".to_owned()));
    assert_eq!(code(&["diagnose", "--quiet", "fine.log"]), (Some(1), String::new()));
    assert_eq!(code(&["diagnose", "binary.log"]), (Some(2), "error: binary.log is not text\n".to_owned()));
    assert_eq!(code(&["diagnose", "long.log"]).0, Some(2));
    assert_eq!(code(&["diagnose", "nowhere.log"]).0, Some(2));
    assert_eq!(code(&["diagnose", "fine.log", "--path", "nowhere"]).0, Some(2));
}

/// `--path` leaves out the rest, `--fleet` says which hosts; a rule that is ignored may be the cause all the same.
#[test]
fn options_say_where_to_look() {
    let tree = tree("options").with("out.log", PULL).with("other/Dockerfile", "FROM scratch\n");
    let standing = |args: &[&str]| {
        let all: Vec<_> = ["diagnose", "out.log", "--format", "json"].iter().chain(args).copied().collect();
        let json: Value = serde_json::from_slice(&tree.run(&all).stdout).unwrap();
        json["incidents"][0]["standing"].as_str().unwrap().to_owned()
    };
    assert_eq!(standing(&[]), "found");
    assert_eq!(standing(&["--path", "other"]), "nothing");
    assert_eq!(standing(&["--path", "other", "--path", "deploy"]), "found");
    tree.write("new.toml", "[[host]]\nname = \"win2019\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n");
    assert_eq!(standing(&["--fleet", "new.toml"]), "contradicted");
    tree.write("ignoring.toml", format!("[check]\nignore = [\"missing-build-selector\"]\n{FLEET}"));
    let shown = text(&tree.run(&["diagnose", "out.log", "--config", "ignoring.toml"]).stdout);
    assert!(shown.contains("hostfit explain missing-build-selector"), "{shown}");
}

/// Names and messages come from outside.
#[test]
fn nothing_reaches_the_terminal_that_it_obeys() {
    let hostile =
        PULL.replace("shop", "sh\u{1b}]0;x\u{7}op").replace("on win", "\u{9b}31m").replace("web:", "we\u{202e}b:");
    let log = format!("{hostile}\n\u{1b}[31mFailed\u{1b}[0m: 0xc0370101 \u{1b}]8;;http://x\u{7}\n");
    let output = tree("hostile").stdin(&["diagnose", "-"], log.as_bytes());
    let shown = text(&output.stdout);
    assert!(shown.contains("os-mismatch"), "{shown}");
    let obeyed = shown.chars().find(|it| it.is_control() && *it != '\n' || matches!(it, '\u{202a}'..='\u{202e}'));
    assert_eq!(obeyed, None, "{shown:?}");
}

/// Every byte of every fixture, left out from somewhere on: an answer or none, but no panic.
#[test]
fn texts_that_end_anywhere_are_read() {
    let tree = tree("cut");
    let whole = fs::read(fixtures("diagnose/seeds/2017-service-ps-no-trunc.txt")).unwrap();
    for cut in (0..whole.len()).step_by(whole.len() / 12) {
        let output = tree.stdin(&["diagnose", "-"], &whole[..cut]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{cut}: {}", text(&output.stderr));
    }
}
