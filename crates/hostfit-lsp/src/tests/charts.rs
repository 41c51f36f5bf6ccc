//! Charts in the editor: what is found in templates and values while they are written, and what is asked of them.

use serde_json::{Value, json};

use super::{disk::Texts, editor::Editor};

const FLEET: &str = "[[host]]\nname = \"win2022\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n\
                     [[host]]\nname = \"linux\"\nos = \"linux\"\norchestrator = \"kubernetes\"\n";
const VALUES: &str = "image:\n  repository: mcr.microsoft.com/windows/servercore\n  tag: ltsc2019\nreplicas: 1\n";
const PROD: &str = "image:\n  tag: ltsc2022\n";
const WEB: &str = "apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {{ include \"shop.labels\" . }}
spec:
  nodeSelector:
    kubernetes.io/os: windows
  containers:
  - name: web
    image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"
";
const JOB: &str = "apiVersion: v1
kind: Pod
metadata:
  name: job
spec:
  containers:
  - name: job
    image: mcr.microsoft.com/windows/nanoserver:ltsc2022
";
const HELPERS: &str =
    "{{- define \"shop.name\" -}}shop{{- end }}\n{{- define \"shop.labels\" -}}{app: shop}{{- end }}\n";
const VALUES_URI: &str = "file:///w/shop/values.yaml";
const PROD_URI: &str = "file:///w/shop/values-prod.yaml";
const WEB_URI: &str = "file:///w/shop/templates/web.yaml";
const JOB_URI: &str = "file:///w/shop/templates/job.yaml";
const HELPERS_URI: &str = "file:///w/shop/templates/_helpers.tpl";

fn disk() -> Texts {
    Texts::of(&[
        ("/w/hostfit.toml", FLEET),
        ("/w/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n"),
        ("/w/shop/values.yaml", VALUES),
        ("/w/shop/values-prod.yaml", PROD),
        ("/w/shop/templates/web.yaml", WEB),
        ("/w/shop/templates/job.yaml", JOB),
        ("/w/shop/templates/_helpers.tpl", HELPERS),
    ])
}

fn editor() -> Editor {
    Editor::new(&disk(), &["/w"], &json!({}))
}

/// The request for the place of `‸` in a text that is open by now.
fn at(editor: &mut Editor, method: &str, uri: &str, version: i32, text: &str) -> Value {
    let (before, _) = text.split_once('‸').unwrap();
    let line = before.matches('\n').count();
    let character = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    editor.replace(uri, version, &text.replace('‸', ""));
    let position = json!({"line": line, "character": character});
    editor.ask(method, json!({"textDocument": {"uri": uri}, "position": position})).unwrap()
}

#[test]
fn findings_stand_in_values_and_templates_as_they_are_typed() {
    let mut editor = editor();
    assert_eq!(editor.rules(VALUES_URI), ["build-mismatch 2:7-2:15"]);
    assert_eq!(editor.rules(JOB_URI), ["missing-os-selector 7:11-7:56"]);
    assert!(editor.rules(WEB_URI).is_empty() && editor.rules(PROD_URI).is_empty());
    editor.open(VALUES_URI, VALUES);
    assert_eq!(editor.rules(VALUES_URI), ["build-mismatch 2:7-2:15"]);
    editor.replace(VALUES_URI, 2, &VALUES.replace("ltsc2019", "ltsc2022"));
    assert!(editor.rules(VALUES_URI).is_empty());
    // Of what is not open, too.
    assert_eq!(editor.rules(JOB_URI), ["missing-os-selector 7:11-7:56"]);
    editor.open(PROD_URI, PROD);
    editor.replace(PROD_URI, 2, "\n\nimage:\n  tag: ltsc2019\n");
    assert_eq!(editor.rules(PROD_URI), ["build-mismatch 3:7-3:15"]);
    editor.open(JOB_URI, JOB);
    editor.replace(JOB_URI, 2, &JOB.replace("spec:\n", "spec:\n  nodeSelector: {kubernetes.io/os: windows}\n"));
    assert!(editor.rules(JOB_URI).is_empty());
    // What is thrown away is as it is on the disk.
    editor.close(JOB_URI);
    editor.close(PROD_URI);
    editor.close(VALUES_URI);
    assert_eq!(editor.rules(JOB_URI), ["missing-os-selector 7:11-7:56"]);
    assert_eq!(editor.rules(VALUES_URI), ["build-mismatch 2:7-2:15"]);
    assert!(editor.rules(PROD_URI).is_empty());
    editor.quit();
}

#[test]
fn findings_are_published_where_they_stand() {
    let mut editor = editor();
    assert_eq!(editor.pushed(VALUES_URI), ["build-mismatch 2:7-2:15"]);
    assert_eq!(editor.pushed(JOB_URI), ["missing-os-selector 7:11-7:56"]);
    // A helper decides what a template writes.
    editor.open(HELPERS_URI, HELPERS);
    editor.open(WEB_URI, WEB);
    let web = WEB.replace("    kubernetes.io/os: windows\n", "    {{ include \"shop.os\" . }}\n");
    editor.replace(WEB_URI, 2, &web);
    let helpers = format!("{HELPERS}{{{{ define \"shop.os\" }}}}kubernetes.io/os: linux{{{{ end }}}}\n");
    editor.replace(HELPERS_URI, 2, &helpers);
    assert_eq!(editor.pushed(WEB_URI), ["missing-os-selector 6:2-6:14"]);
    editor.replace(HELPERS_URI, 3, &helpers.replace("linux", "windows"));
    assert!(editor.pushed(WEB_URI).is_empty());
    assert_eq!(editor.pushed(VALUES_URI), ["build-mismatch 2:7-2:15"]);
    editor.quit();
}

#[test]
fn files_of_charts_are_watched() {
    let disk = disk();
    let mut editor = Editor::new(&disk, &["/w"], &json!({}));
    assert_eq!(editor.rules(VALUES_URI), ["build-mismatch 2:7-2:15"]);
    disk.write("/w/shop/values.yaml", &VALUES.replace("ltsc2019", "ltsc2022"));
    editor.changed(VALUES_URI, 2);
    assert!(editor.rules(VALUES_URI).is_empty());
    disk.write("/w/shop/templates/new.yaml", &JOB.replace("job", "new"));
    editor.changed("file:///w/shop/templates/new.yaml", 1);
    assert_eq!(editor.rules("file:///w/shop/templates/new.yaml"), ["missing-os-selector 7:11-7:56"]);
    disk.remove("/w/shop/templates/new.yaml");
    editor.changed("file:///w/shop/templates/new.yaml", 3);
    assert!(editor.rules("file:///w/shop/templates/new.yaml").is_empty());
    disk.write("/w/shop/templates/_helpers.tpl", &HELPERS.replace("{app: shop}", "{{ fail \"no\" }}"));
    editor.changed(HELPERS_URI, 2);
    assert_eq!(editor.rules(JOB_URI), ["missing-os-selector 7:11-7:56"]);
    disk.remove("/w/shop/Chart.yaml");
    editor.changed("file:///w/shop/Chart.yaml", 3);
    assert!(editor.rules(VALUES_URI).is_empty());
    editor.quit();
}

#[test]
fn a_template_that_does_not_parse_hides_no_other() {
    let mut editor = editor();
    editor.open(WEB_URI, WEB);
    editor.replace(WEB_URI, 2, &format!("{WEB}{{{{ .Values."));
    let rules = editor.rules(WEB_URI);
    assert!(rules.len() == 1 && rules[0].starts_with("syntax-error 1"), "{rules:?}");
    assert_eq!(editor.rules(JOB_URI), ["missing-os-selector 7:11-7:56"]);
    editor.replace(WEB_URI, 3, WEB);
    assert!(editor.rules(WEB_URI).is_empty());
    assert_eq!(editor.rules(VALUES_URI), ["build-mismatch 2:7-2:15"]);
    // Nor do values or a chart that cannot be read.
    editor.open(VALUES_URI, VALUES);
    editor.replace(VALUES_URI, 2, "image: {\n");
    assert!(editor.rules(VALUES_URI).is_empty());
    editor.replace(VALUES_URI, 3, "");
    editor.rules(VALUES_URI);
    editor.replace(VALUES_URI, 4, VALUES);
    assert_eq!(editor.rules(VALUES_URI), ["build-mismatch 2:7-2:15"]);
    editor.quit();
}

#[test]
fn values_are_shown_with_each_set() {
    let mut editor = editor();
    editor.open(WEB_URI, WEB);
    let hover = at(&mut editor, "textDocument/hover", WEB_URI, 2, &WEB.replace("image.tag", "image.ta‸g"));
    assert_eq!(
        hover["contents"]["value"],
        "`.Values.image.tag`\n\n- `ltsc2019` (shop/values.yaml:3): `shop`\n- `ltsc2022` (shop/values-prod.yaml:2): `shop` \
         with `shop/values-prod.yaml`"
    );
    let hover =
        at(&mut editor, "textDocument/hover", WEB_URI, 3, &WEB.replace(".Values.image.tag", ".Values.ima‸ge.tag"));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.starts_with("`.Values.image`\n\n- `{\"repository\":\"mcr"), "{text}");
    let hover = at(&mut editor, "textDocument/hover", WEB_URI, 4, &WEB.replace("image.tag", "image.non‸e"));
    assert_eq!(hover, Value::Null);
    editor.quit();
}

#[test]
fn literals_are_explained_as_in_plain_manifests() {
    let mut editor = editor();
    editor.open(JOB_URI, JOB);
    let hover = at(&mut editor, "textDocument/hover", JOB_URI, 2, &JOB.replace("nanoserver", "nano‸server"));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("Windows Server 2022") && text.contains("`win2022`"), "{text}");
    assert_eq!(hover["range"]["start"], json!({"line": 7, "character": 11}));
    editor.open(VALUES_URI, VALUES);
    let hover = at(&mut editor, "textDocument/hover", VALUES_URI, 2, &VALUES.replace("ltsc2019", "ltsc‸2019"));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("Windows Server 2019"), "{text}");
    assert_eq!(hover["range"]["end"], json!({"line": 2, "character": 15}));
    editor.open(WEB_URI, WEB);
    let hover = at(&mut editor, "textDocument/hover", WEB_URI, 2, &WEB.replace("os: windows", "os: win‸dows"));
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("`kubernetes.io/os=windows` matches `win2022`"), "{text}");
    editor.quit();
}

#[test]
fn values_and_helpers_lead_to_where_they_are_written() {
    let mut editor = editor();
    editor.open(WEB_URI, WEB);
    let mut targets = |version, text: &str| -> Vec<String> {
        let found = at(&mut editor, "textDocument/definition", WEB_URI, version, text);
        let one = |it: &Value| {
            let start = &it["range"]["start"];
            let name = it["uri"].as_str().unwrap().rsplit('/').next().unwrap();
            format!("{name} {}:{}", start["line"], start["character"])
        };
        found.as_array().into_iter().flatten().map(one).collect()
    };
    let tag = WEB.replace("image.tag", "image.ta‸g");
    assert_eq!(targets(2, &tag), ["values.yaml 2:2", "values-prod.yaml 1:2"]);
    assert_eq!(targets(3, &WEB.replace("Values.image.tag", "Values.im‸age.tag")).len(), 2);
    assert_eq!(targets(4, &WEB.replace("\"shop.labels", "\"shop.la‸bels")), ["_helpers.tpl 1:12"]);
    assert!(targets(5, &WEB.replace("\"shop.labels", "\"shop.oth‸er")).is_empty());
    assert!(targets(6, &WEB.replace("kind", "ki‸nd")).is_empty());
    editor.quit();
}

#[test]
fn values_helpers_and_literals_are_completed() {
    let mut editor = editor();
    editor.open(WEB_URI, WEB);
    let mut labels = |version, text: &str| -> Vec<String> {
        let items = at(&mut editor, "textDocument/completion", WEB_URI, version, text);
        items.as_array().unwrap().iter().map(|it| it["label"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(labels(2, &format!("{WEB}{{{{ .Values.‸")), ["image", "replicas"]);
    assert_eq!(labels(3, &format!("{WEB}{{{{ $.Values.image.t‸ }}}}\n")), ["repository", "tag"]);
    assert!(labels(4, &format!("{WEB}{{{{ .Values.replicas.‸ }}}}\n")).is_empty());
    assert_eq!(labels(5, &format!("{WEB}{{{{ include \"‸")), ["shop.labels", "shop.name"]);
    assert!(labels(6, &format!("{WEB}{{{{ if ‸")).is_empty());
    let image = WEB.replace(
        "\"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"",
        "mcr.microsoft.com/windows/nanoserver:‸",
    );
    assert!(labels(7, &image).contains(&"ltsc2022".to_owned()));
    assert!(labels(8, &WEB.replace("os: windows", "os: ‸")).contains(&"windows".to_owned()));
    assert!(labels(9, &format!("{WEB}{{{{/* hostfit: ignore[‸")).contains(&"build-mismatch".to_owned()));
    editor.open(VALUES_URI, VALUES);
    editor.replace(WEB_URI, 10, WEB);
    let items = at(&mut editor, "textDocument/completion", VALUES_URI, 2, &VALUES.replace("ltsc2019", "ltsc‸2019"));
    assert!(items.as_array().unwrap().iter().any(|it| it["label"] == "ltsc2022"), "{items}");
    editor.quit();
}

#[test]
fn faults_of_charts_are_fixed_and_ignored() {
    let mut editor = editor();
    editor.open(VALUES_URI, VALUES);
    editor.open(JOB_URI, JOB);
    let mut edits = |uri: &str, line: u32, title: &str| -> Vec<(String, Value)> {
        let range = json!({"start": {"line": line, "character": 8}, "end": {"line": line, "character": 12}});
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": {"diagnostics": []}});
        let actions = editor.ask("textDocument/codeAction", params).unwrap();
        let meant = actions.as_array().unwrap().iter().find(|it| it["title"].as_str().unwrap().contains(title));
        let changes = meant.unwrap_or_else(|| panic!("{title} of {actions}"))["edit"]["changes"].as_object().unwrap();
        let edits = changes
            .iter()
            .flat_map(|(uri, edits)| edits.as_array().unwrap().iter().map(|it| (uri.clone(), it.clone())));
        edits.map(|(uri, edit)| (uri, edit["newText"].clone())).collect()
    };
    assert_eq!(edits(VALUES_URI, 2, "ltsc2022"), [(VALUES_URI.to_owned(), json!("ltsc2022"))]);
    let comment = json!(" # hostfit: ignore[build-mismatch]");
    assert_eq!(edits(VALUES_URI, 2, "ignore `build-mismatch`"), [(VALUES_URI.to_owned(), comment)]);
    let comment = json!(" {{/* hostfit: ignore[missing-os-selector] */}}");
    assert_eq!(edits(JOB_URI, 7, "ignore `missing-os-selector`"), [(JOB_URI.to_owned(), comment)]);
    assert_eq!(edits(JOB_URI, 7, "nodeSelector").len(), 1);
    editor.replace(VALUES_URI, 2, &VALUES.replace("ltsc2019", "ltsc2019 # hostfit: ignore[build-mismatch]"));
    let silent = JOB.replace("r:ltsc2022", "r:ltsc2022 {{/* hostfit: ignore[missing-os-selector] */}}");
    editor.replace(JOB_URI, 2, &silent);
    assert!(editor.rules(VALUES_URI).is_empty() && editor.rules(JOB_URI).is_empty());
    editor.quit();
}

#[test]
fn no_text_of_a_template_ends_the_server() {
    let mut editor = editor();
    editor.open(WEB_URI, WEB);
    let texts = [
        "",
        "{{",
        "}}",
        "{{ include \"",
        "{{ include \"é‸",
        "{{ .Values.é",
        "{{/*",
        "{{ .Values..a }}",
        "{{ .Values.image. }}",
        "{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}",
        "\u{feff}{{ $.Values. }}",
        "{{\n.Values.\n}}",
    ];
    let mut version = 2;
    for text in texts
        .iter()
        .map(|text| (*text).to_owned())
        .chain((0..WEB.len()).step_by(17).map(|end| WEB.get(..end).unwrap().to_owned()))
    {
        editor.replace(WEB_URI, version, &text);
        version += 1;
        let last = text.lines().count().saturating_sub(1);
        for character in [0, 3, 13, 14, 40] {
            let place = json!({"textDocument": {"uri": WEB_URI}, "position": {"line": last, "character": character}});
            for method in ["textDocument/hover", "textDocument/completion", "textDocument/definition"] {
                editor.ask(method, place.clone()).unwrap();
            }
        }
    }
    editor.replace(WEB_URI, version, WEB);
    assert_eq!(editor.rules(VALUES_URI), ["build-mismatch 2:7-2:15"]);
    editor.quit();
}
