//! Kustomizations through the program: what is reported of them, fixed in them, and what a change of their parts concerns.
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
use serde_json::{Value, json};

mod common;

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  nodeSelector:\n    kubernetes.io/os: \
                   windows\n  containers:\n  - name: web\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n";

const PLACE: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  nodeSelector:\n    \
                     node.kubernetes.io/windows-build: 10.0.20348\n";

/// A base that its production repairs and its development does not.
fn shop(name: &str) -> Tree {
    Tree::new(name)
        .with("hostfit.toml", HOSTS)
        .with("base/kustomization.yaml", "resources: [pod.yaml]\n")
        .with("base/pod.yaml", POD)
        .with("overlays/dev/kustomization.yaml", "namespace: dev\nresources: [../../base]\n")
        .with("overlays/prod/kustomization.yaml", "resources: [../../base]\npatches: [{path: place.yaml}]\n")
        .with("overlays/prod/place.yaml", PLACE)
}

const DEV: &str = "base/pod.yaml:55 missing-build-selector";

#[test]
fn a_finding_names_the_overlays_and_every_file_counts() {
    let report = check(&shop("overlay-named"), &[]);
    assert_eq!(places(&report), [DEV]);
    assert_eq!(report["findings"][0]["rendered"], json!([{ "by": "kustomize", "root": "overlays/dev" }]));
    assert_eq!(report["summary"]["files"], 5);
    assert_eq!(report["summary"]["skipped"], json!([]));
}

#[test]
fn a_fault_of_the_base_is_one_finding_of_all_overlays() {
    let report = check(&shop("overlay-shared").with("overlays/prod/place.yaml", POD), &[]);
    assert_eq!(places(&report), [DEV]);
    let roots = report["findings"][0]["rendered"].as_array().expect("overlays").iter().map(|it| &it["root"]);
    assert_eq!(roots.collect::<Vec<_>>(), ["overlays/dev", "overlays/prod"]);
}

#[test]
fn a_fix_edits_the_base_where_no_other_overlay_reads_it() {
    let tree = shop("overlay-fixed").with("overlays/prod/place.yaml", POD);
    let output = tree.run(&["fix", "--as-of", "2026-11-21"]);
    assert_eq!(text(&output.stdout), "fixed base/pod.yaml\n", "{}", text(&output.stderr));
    let added = "  nodeSelector:\n    node.kubernetes.io/windows-build: \"10.0.20348\"\n";
    let fixed = POD.replace("  nodeSelector:\n", added);
    assert_eq!(tree.read("base/pod.yaml").as_deref(), Some(&*fixed));
    assert_eq!(places(&check(&tree, &[])), Vec::<String>::new());
    let output = shop("overlay-unsafe").run(&["fix", "--as-of", "2026-11-21"]);
    assert_eq!(text(&output.stdout), "", "{}", text(&output.stderr));
}

#[test]
fn a_change_of_a_part_concerns_its_overlays() {
    let tree = shop("overlay-changed").with("other/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n");
    for changed in ["base/pod.yaml", "base/kustomization.yaml", "overlays/dev/kustomization.yaml"] {
        assert_eq!(places(&check(&tree, &["--changed", changed])), [DEV], "{changed}");
    }
    for changed in ["overlays/prod/place.yaml", "overlays/prod/kustomization.yaml", "other/pod.yaml"] {
        assert_eq!(places(&check(&tree, &["--changed", changed])), Vec::<String>::new(), "{changed}");
    }
}

#[test]
fn shards_and_paths_report_what_stands_in_their_files() {
    let tree = shop("overlay-shards");
    let mut all = Vec::new();
    for shard in ["1/2", "2/2"] {
        all.extend(places(&check(&tree, &["--shard", shard])));
    }
    assert_eq!(all, [DEV]);
    assert_eq!(places(&check(&tree, &["base"])), [DEV]);
    assert_eq!(places(&check(&tree, &["overlays/prod"])), Vec::<String>::new());
}

#[test]
fn a_path_in_an_overlay_is_about_what_it_builds() {
    let tree = shop("overlay-path");
    assert_eq!(places(&check(&tree, &["overlays/dev"])), [DEV]);
    assert_eq!(places(&check(&tree, &["overlays/dev/kustomization.yaml"])), [DEV]);
    assert_eq!(places(&check(&tree, &["overlays/prod"])), Vec::<String>::new());
    let output = tree.run(&["fix", "overlays/dev"]);
    assert_eq!(text(&output.stdout), "", "{}", text(&output.stderr));
    assert_eq!(tree.read("base/pod.yaml").as_deref(), Some(POD));
    let output = tree.run(&["matrix", "--format", "json", "overlays/dev"]);
    let matrix: Value = serde_json::from_slice(&output.stdout).expect("a matrix");
    let workloads = matrix["workloads"].as_array().expect("workloads").iter().map(|it| &it["rendered"][0]["root"]);
    assert_eq!(workloads.collect::<Vec<_>>(), ["overlays/dev"]);
}

#[test]
fn a_target_is_about_the_overlay_that_it_names() {
    let target =
        |name: &str| format!("[[target]]\nname = \"{name}\"\npaths = [\"overlays/{name}\"]\nfleet = \"{name}.toml\"\n");
    let host = |name: &str| format!("[[host]]\nname = \"{name}\"\nos = \"ltsc2019\"\norchestrator = \"kubernetes\"\n");
    let tree = shop("overlay-targets")
        .with("hostfit.toml", target("dev") + &target("prod"))
        .with("dev.toml", host("dev-node"))
        .with("prod.toml", host("prod-node"))
        .with("overlays/prod/kustomization.yaml", "resources: [../../base]\n");
    let report = check(&tree, &["--select", "image-newer-than-host"]);
    let found: Vec<_> = report["findings"].as_array().expect("findings").iter().collect();
    let facts: Vec<_> = found.iter().map(|it| (&it["fleet"], &it["rendered"][0]["root"], &it["hosts"])).collect();
    assert_eq!(json!(facts), json!([["dev", "overlays/dev", ["dev-node"]], ["prod", "overlays/prod", ["prod-node"]]]));
}

#[test]
fn render_shows_what_is_judged() {
    let tree = shop("overlay-rendered");
    let output = tree.run(&["render", "--origins", "overlays/prod"]);
    let shown = text(&output.stdout);
    assert!(
        shown.contains("overlays/prod/place.yaml:7 |     node.kubernetes.io/windows-build: 10.0.20348\n"),
        "{shown}"
    );
    let output = tree.run(&["render", "--format", "json", "--all", "overlays"]);
    let all: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(all[0]["rendered"], json!({ "by": "kustomize", "root": "overlays/dev" }));
    assert_eq!(all[0]["objects"][0]["metadata"]["namespace"], "dev");
    let output = tree.run(&["render", "overlays/prod/kustomization.yaml", "--set", "a=b"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("takes no values"), "{}", text(&output.stderr));
}

#[test]
fn the_matrix_names_the_overlay() {
    let output = shop("overlay-matrix").run(&["matrix", "--format", "json"]);
    let matrix: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = matrix["workloads"].as_array().expect("rows");
    let roots: Vec<_> = rows.iter().map(|row| &row["rendered"][0]["root"]).collect();
    assert_eq!(roots, ["overlays/dev", "overlays/prod"]);
    let verdicts: Vec<_> = rows.iter().map(|row| &row["cells"]["win2019"]["verdict"]).collect();
    assert_eq!(verdicts, ["blocked", "excluded"]);
}

#[test]
fn stdin_stands_for_a_file_of_the_overlay() {
    let tree = shop("overlay-stdin");
    let run = |pod: &str| {
        let args = ["check", "-", "--stdin-filename", "base/pod.yaml", "--format", "json", "--as-of", "2026-11-21"];
        let output = tree.stdin(&args, pod.as_bytes());
        places(&serde_json::from_slice(&output.stdout).expect("a report"))
    };
    assert_eq!(run(POD), [DEV]);
    assert_eq!(run(&POD.replace("windows\n", "windows\n    agentpool: x\n")), ["base/pod.yaml:55 unschedulable"]);
}

#[test]
fn hostile_kustomizations_end_with_a_reason() {
    let list = |count: usize| (0..count).map(|_| "- ../base\n").collect::<String>();
    let tree = Tree::new("overlay-hostile")
        .with("hostfit.toml", HOSTS)
        .with("a/kustomization.yaml", "resources: [../b, ../../../../../../../etc/passwd, /etc/passwd]\n")
        .with("b/kustomization.yaml", "components: [../a]\nresources: [../b]\n")
        .with("broken/kustomization.yaml", "resources: [\n")
        .with("huge/kustomization.yaml", format!("resources:\n{}", list(2000)))
        .with("base/kustomization.yaml", "resources: [pod.yaml]\n")
        .with("base/pod.yaml", POD)
        .with("two/kustomization.yaml", "resources: []\n")
        .with("two/kustomization.yml", "resources: []\n")
        .with("binary/Kustomization", vec![0_u8, 159, 146, 150]);
    let report = check(&tree, &[]);
    assert_eq!(places(&report), ["broken/kustomization.yaml:11 syntax-error"]);
    let skipped = report["summary"]["skipped"].as_array().expect("a list");
    let about = |path: &str| skipped.iter().any(|it| it["path"] == path);
    for path in ["a/kustomization.yaml", "b/kustomization.yaml", "huge/kustomization.yaml", "two/kustomization.yaml"] {
        assert!(about(path), "{path}: {report:#}");
    }
}
