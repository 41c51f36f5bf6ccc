//! Helm charts through the program: what is reported of them, fixed in them, and what a change of their values concerns.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use common::{
    Tree,
    report::{HOSTS, check, places},
    text,
};

mod common;

const TEMPLATE: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  nodeSelector:\n    \
                        kubernetes.io/os: windows\n    node.kubernetes.io/windows-build: {{ .Values.build }}\n  \
                        containers:\n  - name: web\n    image: {{ .Values.image }}:{{ .Values.tag }}\n";

const VALUES: &str = "image: mcr.microsoft.com/windows/servercore\ntag: ltsc2022\nbuild: 10.0.20348\n";

/// A chart that is right, with values for production in which one thing is wrong.
fn shop(name: &str) -> Tree {
    Tree::new(name)
        .with("hostfit.toml", HOSTS)
        .with("shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n")
        .with("shop/values.yaml", VALUES)
        .with("shop/values-prod.yaml", "build: 10.0.17763\n")
        .with("shop/templates/web.yaml", TEMPLATE)
        .with("shop/templates/_helpers.tpl", "{{/* nothing */}}\n")
}

const PROD: &str = "shop/values-prod.yaml:7 placement-image-mismatch";

#[test]
fn a_finding_names_the_values_and_every_file_counts() {
    let report = check(&shop("values"), &[]);
    assert_eq!(places(&report), [PROD]);
    let rendered = serde_json::json!([
        { "by": "helm", "root": "shop", "values": ["shop/values.yaml", "shop/values-prod.yaml"] }
    ]);
    assert_eq!(report["findings"][0]["rendered"], rendered);
    assert_eq!(report["summary"]["files"], 5);
    assert_eq!(report["summary"]["skipped"], serde_json::json!([]));
}

#[test]
fn a_fix_edits_the_values_and_renders_again() {
    let tree = shop("fixed");
    let output = tree.run(&["fix", "--unsafe", "--as-of", "2026-11-21"]);
    assert_eq!(text(&output.stdout), "fixed shop/values-prod.yaml\n", "{}", text(&output.stderr));
    assert_eq!(tree.read("shop/values-prod.yaml").as_deref(), Some("build: 10.0.20348\n"));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(places(&check(&tree, &[])), Vec::<String>::new());
}

#[test]
fn a_change_of_values_or_a_template_concerns_what_they_render() {
    let tree = shop("changed").with("other/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n");
    assert_eq!(places(&check(&tree, &["--changed", "shop/values-prod.yaml"])), [PROD]);
    assert_eq!(places(&check(&tree, &["--changed", "shop/values.yaml"])), [PROD]);
    assert_eq!(places(&check(&tree, &["--changed", "shop/templates/web.yaml"])), [PROD]);
    assert_eq!(places(&check(&tree, &["--changed", "other/pod.yaml"])), Vec::<String>::new());
}

#[test]
fn a_path_in_the_chart_is_about_the_chart() {
    let tree = shop("path");
    assert_eq!(places(&check(&tree, &["shop"])), [PROD]);
    assert_eq!(places(&check(&tree, &["shop/templates/web.yaml"])), [PROD]);
    let mut all = Vec::new();
    for shard in ["1/2", "2/2"] {
        all.extend(places(&check(&tree, &["--shard", shard])));
    }
    assert_eq!(all, [PROD]);
}

#[test]
fn a_path_of_values_outside_the_chart_is_about_what_they_render() {
    let chart = |values: &str| format!("{HOSTS}[[chart]]\npath = \"shop\"\nvalues = [\"{values}\"]\n");
    let tree = shop("values-outside")
        .with("hostfit.toml", chart("env/prod.yaml") + &chart("env/dev.yaml").replacen(HOSTS, "", 1))
        .with("env/prod.yaml", "# as the chart has it\n")
        .with("env/dev.yaml", "build: 10.0.20348\n")
        .with("shop/values.yaml", VALUES.replace("10.0.20348", "10.0.17763"));
    let own = ["shop/values.yaml:65 placement-image-mismatch"];
    assert_eq!(places(&check(&tree, &["."])), own);
    assert_eq!(places(&check(&tree, &["env/prod.yaml"])), own);
    assert_eq!(places(&check(&tree, &["env/dev.yaml"])), Vec::<String>::new());
    assert_eq!(places(&check(&tree, &["env"])), own);
}

#[test]
fn a_target_is_about_the_values_that_it_names() {
    let target = "[[target]]\nname = \"prod\"\npaths = [\"shop/values-prod.yaml\"]\nfleet = \"prod.toml\"\n";
    let tree = shop("target")
        .with("hostfit.toml", format!("{HOSTS}{target}"))
        .with("prod.toml", "[[host]]\nname = \"old\"\nos = \"ltsc2019\"\norchestrator = \"kubernetes\"\n");
    let report = check(&tree, &[]);
    let fleets: Vec<_> = report["findings"].as_array().expect("findings").iter().map(|it| &it["fleet"]).collect();
    assert_eq!(fleets, ["prod"], "{report:#}");
}

#[test]
fn what_lies_outside_is_not_read() {
    let tree = shop("outside")
        .with("hostfit.toml", format!("{HOSTS}[[chart]]\npath = \"shop\"\nvalues = [\"../../../../../etc/passwd\"]\n"));
    let report = check(&tree, &[]);
    assert_eq!(places(&report), Vec::<String>::new());
    let skipped = &report["summary"]["skipped"][0];
    assert_eq!(skipped["path"], "hostfit.toml");
    let reason = skipped["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("helm: ") && reason.ends_with("etc/passwd is not in the tree"), "{reason}");
}

/// A zero byte makes a file no text; what is wrong in it would stand in a source that has none.
#[test]
fn a_template_that_is_not_text_has_no_findings() {
    let tree = shop("binary").with("shop/templates/web.yaml", "a: {{ nind\0ent 2 }}\n");
    let report = check(&tree, &[]);
    assert_eq!(places(&report), Vec::<String>::new());
    let reason = report["summary"]["skipped"][0]["reason"].as_str().expect("a reason");
    assert!(reason.ends_with("web.yaml cannot be read"), "{reason}");
}

#[test]
fn what_is_skipped_is_named_where_it_is_missed() {
    let banner = "━━━━━━━━\n**** The join key is not set. Read the documentation of this chart at https://example.com and set it in the values first ****\nMore lines\n";
    let tree = Tree::new("missed")
        .with("shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\ndependencies:\n- {name: common, version: 1.x.x, repository: oci://example.com}\n- {name: db, version: 1.x.x, repository: oci://example.com}\n")
        .with("shop/values.yaml", format!("message: {banner:?}\n"))
        .with("shop/templates/_helpers.tpl", "{{- define \"shop.secrets\" -}}\n{{- include \"common.secrets\" . }}\n{{- end }}\n")
        .with("shop/templates/web.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  {{- include \"shop.secrets\" . | nindent 2 }}\n  containers:\n  - name: web\n    image: nginx\n")
        .with("shop/templates/checks.yaml", "{{- fail .Values.message }}\n")
        .with("shop/templates/vpa.yaml", "{{- if include \"common.has\" . }}\nkind: VerticalPodAutoscaler\nspec:\n  targetRef:\n    kind: Deployment\n{{- end }}\n")
        .with("shop/files/conf.yaml", "kind: Pod\napiVersion: v1\nimage: {{ .Values.image }}\n");
    let report = check(&tree, &[]);
    let skipped = report["summary"]["skipped"].as_array().expect("skipped").iter();
    let skipped: Vec<_> = skipped.map(|it| format!("{} {} {}", it["path"], it["line"], it["reason"])).collect();
    assert_eq!(
        skipped,
        [
            r#""shop/Chart.yaml" null "helm: the dependencies \"common\" and \"db\" are not in the tree""#,
            r#""shop/templates/checks.yaml" 1 "helm: The join key is not set. Read the documentation of this chart at https://example.com and set it in t…""#,
            r#""shop/templates/web.yaml" 6 "helm: include \"common.secrets\" is not in the tree""#,
        ]
    );
    let stderr = text(&tree.run(&["check"]).stderr);
    assert!(
        stderr.contains("skipped: shop (helm: dependencies are not in the tree): run `helm dependency build`"),
        "{stderr}"
    );
    assert!(stderr.contains("; 3 files skipped in part\n"), "{stderr}");
    let stderr = text(&tree.run(&["check", "-v"]).stderr);
    assert!(stderr.contains("skipped: shop/templates/web.yaml:6 (helm: include \"common.secrets\""), "{stderr}");
}

#[test]
fn of_many_sets_of_values_the_first_are_rendered() {
    let mut tree = shop("many");
    for number in 0..150 {
        tree = tree.with(&format!("shop/values-x{number:03}.yaml"), "build: 10.0.20348\n");
    }
    let report = check(&tree, &[]);
    let reason = "helm: only the first 100 of 152 sets of values are rendered";
    assert_eq!(report["summary"]["skipped"][0]["reason"], reason);
    assert_eq!(places(&report), [PROD]);
}

#[test]
fn a_baseline_does_not_hold_for_the_same_value_under_another_key() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME}\nspec:\n  nodeSelector: {kubernetes.io/os: windows, node.kubernetes.io/windows-build: 10.0.20348}\n  \
               containers:\n  - {name: a, image: \"mcr.microsoft.com/windows/servercore:{{ .Values.NAME.tag }}\"}\n";
    let tree = Tree::new("accepted")
        .with("shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n")
        .with("shop/values.yaml", "web:\n  tag: \"1803\"\napi:\n  tag: ltsc2022\n")
        .with("shop/templates/web.yaml", pod.replace("NAME", "web"))
        .with("shop/templates/api.yaml", pod.replace("NAME", "api"));
    let unsupported = ["--select", "unsupported-release", "--baseline", "known.json"];
    tree.run(&["check", "--select", "unsupported-release", "--write-baseline", "known.json"]);
    assert_eq!(places(&check(&tree, &unsupported)), Vec::<String>::new());
    tree.write("shop/values.yaml", "web:\n  tag: ltsc2022\napi:\n  tag: \"1803\"\n");
    assert_eq!(places(&check(&tree, &unsupported)).len(), 1);
}
