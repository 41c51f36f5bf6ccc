//! Runs the cases of `fixtures/charts.md`, `overlays.md` and `templates.md`: charts, kustomizations and templates in no chart, and the bytes of templates,
//! values, overlays and patches that findings stand on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[allow(dead_code, reason = "other tests show less")]
mod common;

use std::fmt::Write as _;

use common::Run;
use hostfit_core::{
    finding::Finding,
    rules::examples::{Example, examples},
    source::Span,
};

#[test]
fn findings_in_charts_stand_on_the_bytes_that_decide_them() {
    check_cases("charts");
}

#[test]
fn findings_in_overlays_stand_on_the_bytes_that_decide_them() {
    check_cases("overlays");
}

#[test]
fn findings_in_templates_stand_on_what_these_say_literally() {
    check_cases("templates");
}

#[test]
fn related_places_in_charts_are_no_wider_than_what_they_are_about() {
    let template = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      {{- with .Values.nodes }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.nothing }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
      - name: web
        image: "{{ .Values.registry }}{{ .Values.repository }}:ltsc{{ .Values.year }}"
---
apiVersion: v1
kind: Pod
metadata:
  name: script
spec:
  containers:
  - name: script
    image: "{{ .Values.other }}:1"
    imagePullPolicy: {{ .Values.pull }}
    {{- if .Values.nothing }}
    args: []
    {{- end }}
    command: ["bash", "-c", "run {{ .Values.year }}"]
---
apiVersion: v1
kind: Pod
metadata:
  name: mount
spec:
  containers:
  - name: mount
    image: {{ .Values.other }}:1
    {{- if .Values.nothing }}
    args: []
    {{- end }}
    volumeMounts:
    - mountPath: /etc/{{ .Values.other }}
"#;
    let values = "nodes:\n  beta.kubernetes.io/os: windows\n  node.kubernetes.io/windows-build: 10.0.20348\n\
                  registry: mcr.microsoft.com/\nrepository: windows/servercore\nyear: \"2019\"\n\
                  other: contoso/tool\npull: Always\n";
    let fleet = ["windows", "linux"].map(|os| {
        let is = if os == "linux" { "linux" } else { "ltsc2022" };
        format!("[[host]]\nname = \"{os}\"\nos = \"{is}\"\norchestrator = \"kubernetes\"\n")
    });
    let files = [
        ("hostfit.toml", &*fleet.concat()),
        ("shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n"),
        ("shop/values.yaml", values),
        ("shop/templates/web.yaml", template),
    ];
    let run = common::run(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect());
    let text = |span: Span| run.sources.get(span.source).unwrap().slice(span);
    let shown = run.findings.iter().map(|finding| {
        let related = finding.related.iter().map(|related| format!(" | {}: {}", related.message, text(related.span)));
        format!("{}: {}{}", finding.rule, text(finding.span), related.collect::<String>())
    });
    let shown: Vec<_> = shown.collect();
    assert_eq!(
        shown,
        [
            "linux-pod-unpinned: {{ .Values.other }}:1 | only Linux has this: bash",
            "linux-pod-unpinned: {{ .Values.other }}:1 | only Linux has this: /etc/",
            "deprecated-node-label: beta.kubernetes.io/os | used here: {{- toYaml . | nindent 8 }}",
            "placement-image-mismatch: 10.0.20348 | makes the image Windows Server 2019 (10.0.17763): 2019 \
             | used here: {{- toYaml . | nindent 8 }}",
        ]
    );
}

#[test]
fn line_ends_do_not_change_what_is_safe() {
    let template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: \
                    mcr.microsoft.com/windows/servercore:ltsc2022\n  {{- if .Values.pin }}\n  nodeSelector:\n    \
                    kubernetes.io/os: windows\n  {{- end }}\n";
    let fleet = "[[host]]\nname = \"win\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n[[host]]\nname = \
                 \"linux\"\nos = \"linux\"\norchestrator = \"kubernetes\"\n";
    let flow =
        template.replace("spec:\n  containers:\n  - name: web\n    image:", "spec:\n  containers: [{name: web, image:");
    let flow = flow.replace("ltsc2022\n", "ltsc2022}]\n");
    for template in [template.to_owned(), template.replace('\n', "\r\n"), flow] {
        let files = [
            ("hostfit.toml", fleet),
            ("shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n"),
            ("shop/values.yaml", "pin: false\n"),
            ("shop/templates/web.yaml", &*template),
        ];
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        let run = common::run(files.collect());
        let offered: Vec<_> = run.findings.iter().flat_map(|finding| &finding.fixes).collect();
        assert!(!offered.is_empty(), "{template}");
        for fix in offered {
            let doubt = "check the other `nodeSelector` in the template";
            assert!(!fix.is_safe() && fix.title.contains(doubt), "{fix:?}\n{template}");
        }
    }
}

fn check_cases(name: &str) {
    let page = std::fs::read_to_string(common::fixtures(&format!("{name}.md"))).unwrap();
    let (mut wrong, mut shown) = (String::new(), String::new());
    let cases = examples(&page);
    for case in &cases {
        let run = run(case);
        let mut found: Vec<_> = run.findings.iter().map(|it| (place(&run, it), it.rule)).collect();
        found.sort_unstable();
        let is_expected = |rule: &str| case.also.iter().any(|it| it == rule);
        for (place, rule) in found.iter().filter(|(_, rule)| !is_expected(rule)) {
            writeln!(wrong, "{}: {rule} at {place:?}", case.title).unwrap();
        }
        for rule in case.also.iter().filter(|rule| !found.iter().any(|(_, it)| it == rule)) {
            writeln!(wrong, "{}: no {rule}", case.title).unwrap();
        }
        let mut places: Vec<_> = found.into_iter().map(|(place, _)| place).collect();
        places.dedup();
        let files = case.files.iter().chain(&case.config);
        let marks = files.flat_map(|file| file.marks.iter().map(|mark| (file.path.clone(), mark.0, mark.1)));
        let mut marks: Vec<_> = marks.collect();
        marks.sort();
        if places != marks {
            writeln!(wrong, "{}: marked {marks:?}, reported {places:?}\n{}", case.title, run.show()).unwrap();
        }
        writeln!(shown, "## {}\n\n{}{}", case.title, run.show(), skipped(&run)).unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}");
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, shown);
    });
}

fn run(case: &Example) -> Run {
    let config = case.config.iter().map(|file| (file.path.clone(), file.text.clone().into_bytes()));
    let files = case.files.iter().map(|file| (file.path.clone(), file.text.clone().into_bytes()));
    common::run(config.chain(files).collect())
}

fn place(run: &Run, finding: &Finding) -> (String, usize, usize) {
    let path = run.sources.get(finding.span.source).map(|it| it.path.clone()).unwrap_or_default();
    (path, finding.span.start as usize, finding.span.end as usize)
}

fn skipped(run: &Run) -> String {
    let named = run
        .passed_over
        .iter()
        .filter(|it| [": helm: ", ": kustomize: ", ": template"].iter().any(|by| it.contains(by)));
    named.fold(String::new(), |lines, it| lines + "skipped " + it + "\n")
}
