//! Kustomizations in the editor: what is found in bases, patches and overlays while they are written.

use serde_json::{Value, json};

use super::{disk::Texts, editor::Editor};

const FLEET: &str = "[[host]]\nname = \"win2022\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n\
                     [[host]]\nname = \"linux\"\nos = \"linux\"\norchestrator = \"kubernetes\"\n";
const POD: &str = "apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: mcr.microsoft.com/windows/servercore:ltsc2022
";
const BASE: &str = "resources: [pod.yaml]\n";
const OVERLAY: &str = "resources: [../base]
patches: [{path: patch.yaml}]
images:
- name: mcr.microsoft.com/windows/servercore
  newTag: ltsc2019
";
const PATCH: &str = "apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  nodeSelector: {kubernetes.io/os: windows}
";
const POD_URI: &str = "file:///w/base/pod.yaml";
const OVERLAY_URI: &str = "file:///w/prod/kustomization.yaml";
const PATCH_URI: &str = "file:///w/prod/patch.yaml";

fn disk() -> Texts {
    Texts::of(&[
        ("/w/hostfit.toml", FLEET),
        ("/w/base/pod.yaml", POD),
        ("/w/base/kustomization.yaml", BASE),
        ("/w/prod/kustomization.yaml", OVERLAY),
        ("/w/prod/patch.yaml", PATCH),
    ])
}

#[test]
fn findings_stand_in_overlays_patches_and_bases_as_they_are_typed() {
    let mut editor = Editor::new(&disk(), &["/w"], &json!({}));
    assert_eq!(editor.rules(OVERLAY_URI), ["build-mismatch 4:10-4:18"]);
    assert!(editor.rules(POD_URI).is_empty() && editor.rules(PATCH_URI).is_empty());
    editor.open(OVERLAY_URI, OVERLAY);
    editor.replace(OVERLAY_URI, 2, &OVERLAY.replace("ltsc2019", "ltsc2022"));
    assert!(editor.rules(OVERLAY_URI).is_empty());
    // What the patch does not say any more is missing in the base.
    editor.open(PATCH_URI, PATCH);
    editor.replace(
        PATCH_URI,
        2,
        &PATCH.replace("  nodeSelector: {kubernetes.io/os: windows}\n", "  hostNetwork: false\n"),
    );
    assert_eq!(editor.rules(POD_URI), ["missing-os-selector 7:11-7:56"]);
    editor.open(POD_URI, POD);
    editor.replace(POD_URI, 2, &POD.replace("spec:\n", "spec:\n  nodeSelector: {kubernetes.io/os: windows}\n"));
    assert!(editor.rules(POD_URI).is_empty());
    editor.close(POD_URI);
    editor.close(PATCH_URI);
    assert!(editor.rules(POD_URI).is_empty());
    editor.quit();
}

#[test]
fn what_an_overlay_uses_no_more_is_judged_by_itself() {
    let mut editor = Editor::new(&disk(), &["/w"], &json!({}));
    assert!(editor.rules(POD_URI).is_empty());
    let base = "file:///w/base/kustomization.yaml";
    editor.open(base, BASE);
    editor.replace(base, 2, "resources: []\n");
    assert_eq!(editor.rules(POD_URI), ["missing-os-selector 7:11-7:56"]);
    editor.replace(base, 3, BASE);
    assert!(editor.rules(POD_URI).is_empty());
    assert_eq!(editor.rules(OVERLAY_URI), ["build-mismatch 4:10-4:18"]);
    editor.quit();
}

#[test]
fn bytes_of_overlays_are_explained() {
    let mut editor = Editor::new(&disk(), &["/w"], &json!({}));
    editor.open(OVERLAY_URI, OVERLAY);
    let place = json!({"textDocument": {"uri": OVERLAY_URI}, "position": {"line": 4, "character": 13}});
    let hover = editor.ask("textDocument/hover", place.clone()).unwrap();
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("Windows Server 2019"), "{text}");
    let items = editor.ask("textDocument/completion", place).unwrap();
    assert!(items.as_array().unwrap().iter().any(|it: &Value| it["label"] == "ltsc2022"), "{items}");
    editor.quit();
}

#[test]
fn bases_have_lenses_and_hints() {
    let capabilities = json!({"workspace": {"configuration": false}});
    let mut editor = Editor::new(&disk(), &["/w"], &capabilities);
    editor.tell("workspace/didChangeConfiguration", json!({"settings": {"hostfit": {"inlayHints": true}}}));
    let of = json!({"textDocument": {"uri": POD_URI}});
    let lenses = editor.ask("textDocument/codeLens", of).unwrap();
    assert_eq!(lenses[0]["range"]["start"], json!({"line": 3, "character": 8}), "{lenses}");
    // The overlay has another tag.
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}});
    let hints = json!({"textDocument": {"uri": POD_URI}, "range": range});
    assert_eq!(editor.ask("textDocument/inlayHint", hints.clone()), Ok(json!([])));
    editor.open(OVERLAY_URI, OVERLAY);
    editor.replace(OVERLAY_URI, 2, "resources: [../base]\n");
    editor.pull(POD_URI);
    let hints = editor.ask("textDocument/inlayHint", hints).unwrap();
    assert_eq!(hints[0]["position"], json!({"line": 7, "character": 56}), "{hints}");
    editor.quit();
}
