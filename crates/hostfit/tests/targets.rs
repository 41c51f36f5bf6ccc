//! Several fleets, by the whole program: `[[target]]`, and `fleet show`.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use common::{Tree, text};
use serde_json::{Value, json};

mod common;

const CONFIG: &str = "\
[[target]]
paths = [\"base/**\", \"deploy/prod/**\"]
fleet = \"fleets/prod.toml\"

[[target]]
paths = [\"base/**\", \"deploy/staging/**\"]
fleet = 'fleets\\staging.toml'
name = \"staging\"

[[host]]
name = \"own2025\"
os = \"ltsc2025\"
";
const PROD: &str = include_str!("../../../fixtures/targets/prod.toml");
const STAGING: &str = "[[host]]\nname = \"staging2016\"\n# hostfit: ignore[unsupported-host]\nos = \"ltsc2016\"\nruntime = \"docker 20.10.24\"\n";

const POD: &str = include_str!("../../../fixtures/targets/pod.yaml");

/// A pod for both targets, one for production and one for none.
fn tree(name: &str) -> Tree {
    Tree::new(name)
        .with("hostfit.toml", CONFIG)
        .with("fleets/prod.toml", PROD)
        .with("fleets/staging.toml", STAGING)
        .with("base/pod.yaml", POD)
        .with("deploy/prod/pod.yaml", POD)
        .with("web/pod.yaml", POD)
}

impl Tree {
    fn check(&self, args: &[&str]) -> std::process::Output {
        self.run(&[&["check", "--as-of", "2026-11-21"], args].concat())
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.check(&[&["--format", "json"], args].concat());
        assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn show(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["fleet", "show", "--as-of", "2026-11-21", "--format", "json"], args].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

/// Where each finding stands, of which fleet it is, and on which hosts it fails.
fn rows(report: &Value) -> Vec<Value> {
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.map(|it| json!([it["path"], it["rule"], it["fleet"], it["hosts"]])).collect()
}

#[test]
fn every_file_is_judged_against_its_fleets() {
    let report = tree("fleets").json(&[]);
    assert_eq!(
        rows(&report),
        [
            json!(["base/pod.yaml", "image-newer-than-host", "fleets/prod.toml", ["prod2019"]]),
            json!(["base/pod.yaml", "image-newer-than-host", "staging", ["staging2016"]]),
            json!(["deploy/prod/pod.yaml", "image-newer-than-host", "fleets/prod.toml", ["prod2019"]]),
        ]
    );
    // From another folder the same, and patterns are still those of the configuration's.
    let tree = tree("fleets-below");
    let output = common::hostfit(&tree.0.join("deploy"), &["check", "--format", "json", "--as-of", "2026-11-21"]);
    let report: Value = serde_json::from_slice(&{ output }.output().expect("run").stdout).expect("JSON");
    assert_eq!(rows(&report), [json!(["prod/pod.yaml", "image-newer-than-host", "fleets/prod.toml", ["prod2019"]])]);
    let output = tree.stdin(
        &["check", "--format", "json", "--as-of", "2026-11-21", "--stdin-filename", "deploy/staging/x.yaml", "-"],
        POD.as_bytes(),
    );
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(rows(&report)[0][2], "staging");
}

#[test]
fn without_a_target_a_finding_has_no_such_key() {
    let tree = tree("no-key").with("hostfit.toml", PROD);
    let report = tree.json(&[]);
    let findings = report["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 3);
    assert!(findings.iter().all(|it| it.get("fleet").is_none()), "{findings:?}");
    // A file of no target in a configuration with some.
    let report = tree.with("hostfit.toml", CONFIG.replace("ltsc2025", "ltsc2019")).json(&["web"]);
    assert_eq!(rows(&report), [json!(["web/pod.yaml", "image-newer-than-host", null, ["own2025"]])]);
    assert!(report["findings"][0].get("fleet").is_none());
}

#[test]
fn a_fleet_on_the_command_line_takes_the_place_of_all() {
    // The files of the targets are not even read.
    let tree = tree("override").with("fleets/prod.toml", "broken =").with("one.toml", PROD);
    assert_eq!(tree.check(&[]).status.code(), Some(2));
    let report = tree.json(&["--fleet", "one.toml"]);
    let findings = rows(&report);
    assert_eq!(findings.len(), 3, "{findings:?}");
    assert!(findings.iter().all(|it| it[2].is_null() && it[3] == json!(["prod2019"])), "{findings:?}");
}

#[test]
fn a_fleet_that_cannot_be_read_is_an_error_at_its_bytes() {
    let tree = tree("broken");
    std::fs::remove_file(tree.0.join("fleets/staging.toml")).expect("removed");
    let output = tree.check(&[]);
    assert_eq!(output.status.code(), Some(2));
    let printed = text(&output.stderr);
    assert!(printed.contains("fleets/staging.toml cannot be read: "), "{printed}");
    assert!(printed.contains("╭─[hostfit.toml:7:10]"), "{printed}");
    tree.write("fleets/staging.toml", "[[host]]\nname = \"a\"\nos = \"ltsc2\"\n");
    let printed = text(&tree.check(&[]).stderr);
    assert!(printed.contains("╭─[fleets/staging.toml:3:7]"), "{printed}");
    // The others are told at once.
    tree.write("fleets/prod.toml", "hots = 1\n");
    let printed = text(&tree.check(&[]).stderr);
    assert!(printed.contains("╭─[fleets/prod.toml:1:1]") && printed.contains("did you mean `host`?"), "{printed}");
    assert!(printed.contains("╭─[fleets/staging.toml:3:7]"), "{printed}");
}

#[test]
fn every_format_names_the_fleet() {
    let tree = tree("formats");
    for format in ["human", "sarif", "github", "gitlab", "azure", "junit", "checkstyle", "rdjson"] {
        let output = tree.check(&["-q", "--format", format]);
        assert!(text(&output.stdout).contains("judged against staging"), "{format}: {}", text(&output.stdout));
    }
    let output = tree.check(&["--format", "sarif"]);
    let log: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let schema = serde_json::from_str(include_str!("schemas/sarif-2.1.0.json")).expect("JSON");
    assert!(jsonschema::validator_for(&schema).expect("a schema").is_valid(&log));
    // What a comment silences is in the log too, and says so.
    let results = log["runs"][0]["results"].as_array().expect("results").iter();
    let results: Vec<_> = results.filter(|it| it["suppressions"].as_array().is_none_or(Vec::is_empty)).collect();
    let fleets: Vec<_> = results.iter().map(|it| &it["properties"]["fleet"]).collect();
    assert_eq!(fleets, ["fleets/prod.toml", "staging", "fleets/prod.toml"]);
    // Programs tell results apart by these.
    let mut prints: Vec<_> = results.iter().map(|it| it["partialFingerprints"].to_string()).collect();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), 3);
}

#[test]
fn shards_and_baselines_know_the_fleets_apart() {
    let tree = tree("shards");
    for format in ["json", "sarif"] {
        let whole = tree.check(&["-q", "--format", format]).stdout;
        for shard in 1..=3 {
            let (shard, output) = (format!("{shard}/3"), format!("{format}={shard}.{format}"));
            let output = tree.check(&["-q", "--shard", &shard, "--output", &output]);
            assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
        }
        let files = ["1", "2", "3"].map(|shard| format!("{shard}.{format}"));
        let merged = tree.run(&["merge", &files[0], &files[1], &files[2]]);
        assert_eq!(text(&merged.stdout), text(&whole), "{format}");
    }
    let output = tree.check(&["-q", "--write-baseline", "known.json"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), String::new()));
    assert_eq!(text(&tree.bytes("known.json")).matches("\"fleet\":\"staging\"").count(), 1);
    assert_eq!(tree.json(&["--baseline", "known.json"])["findings"], json!([]));
    // What then fails in a third fleet is new, though it stands where others are known.
    let third =
        format!("{CONFIG}\n[[target]]\npaths = [\"base/**\"]\nfleet = \"fleets/prod.toml\"\nname = \"third\"\n");
    tree.write("hostfit.toml", third);
    let new = rows(&tree.json(&["--baseline", "known.json"]));
    assert_eq!(new, [json!(["base/pod.yaml", "image-newer-than-host", "third", ["prod2019"]])]);
}

#[test]
fn what_is_no_finding_is_reported_on_stderr() {
    let tree = tree("reported").with("hostfit.toml", CONFIG.replace("base/**\", \"deploy/staging", "no/such"));
    let printed = text(&tree.check(&[]).stderr);
    assert!(printed.contains("warning: hostfit.toml:7: no file here is of this target (no/such/**)\n"), "{printed}");
    // Nobody asked for the rest.
    assert!(!text(&tree.check(&["web"]).stderr).contains("of this target"));
    assert!(text(&tree.check(&["-q"]).stderr).is_empty());
    assert!(!printed.contains("the fleet has"), "{printed}");
    let labels = "labels = { \"kubernetes.io/os\" = \"linux\" }";
    tree.write("fleets/staging.toml", format!("[[host]]\nname = \"a\"\nos = \"1803\"\n{labels}\n"));
    tree.write("fleets/prod.toml", "");
    // That the release is out of support is a finding, and not counted once more.
    let printed = text(&tree.check(&[]).stderr);
    assert!(
        printed.contains("warning: the fleet has 2 other problems; `hostfit fleet show` shows them\n"),
        "{printed}"
    );
    let printed = text(&tree.check(&["--fleet", "fleets/staging.toml"]).stderr);
    let expected =
        "warning: the fleet has 1 other problem; `hostfit fleet show --fleet fleets/staging.toml` shows it\n";
    assert!(printed.contains(expected), "{printed}");
    assert!(text(&tree.check(&["-q"]).stderr).is_empty());
}

#[test]
fn a_fleet_that_was_changed_concerns_what_is_judged_against_it() {
    let tree = tree("changed");
    let mut all = rows(&tree.json(&[]));
    all.retain(|it| it[2] == "staging");
    assert_eq!(all.len(), 1);
    assert_eq!(rows(&tree.json(&["--changed", "fleets/staging.toml"])), all);
    assert_eq!(rows(&tree.json(&["--changed", "deploy/prod/pod.yaml"])).len(), 1);
}

#[test]
fn every_fleet_is_shown_with_its_hosts() {
    let tree = tree("show");
    let shown = tree.show(&[]);
    assert_eq!(shown["schema"], "hostfit-fleet/1");
    let fleets: Vec<_> = shown["fleets"].as_array().expect("a list").iter().map(|it| &it["name"]).collect();
    assert_eq!(fleets, [&Value::Null, &json!("fleets/prod.toml"), &json!("staging")]);
    assert_eq!(shown["fleets"][2]["path"], "fleets/staging.toml");
    assert_eq!(shown["fleets"][2]["paths"], json!(["base/**", "deploy/staging/**"]));
    let host = &shown["fleets"][2]["hosts"][0];
    assert_eq!((&host["name"], &host["path"]), (&json!("staging2016"), &json!("fleets/staging.toml")));
    assert_eq!(host["range"]["start"], json!({ "line": 2, "column": 9, "offset": 17 }));
    let problems: Vec<_> = host["problems"].as_array().expect("a list").iter().map(|it| &it["problem"]).collect();
    assert_eq!(problems, ["release-ends", "engine-ended"]);
    assert_eq!(shown["summary"], json!({ "errors": 0, "warnings": 0, "infos": 2 }));
    let one = tree.show(&["--fleet", "fleets/staging.toml"]);
    assert_eq!(one["fleets"].as_array().expect("a list").len(), 1);
    assert_eq!(one["fleets"][0]["hosts"][0]["name"], "staging2016");
    assert!(one["fleets"][0]["name"].is_null());
}

#[test]
fn support_dates_are_shown_with_the_days_left_and_their_sources() {
    let host = |name: &str, os: &str, rest: &str| format!("[[host]]\nname = \"{name}\"\nos = \"{os}\"\n{rest}\n");
    let aks = "orchestrator = \"kubernetes\"\nplatform = \"aks\"";
    let fleet = [host("old", "ltsc2019", aks), host("new", "ltsc2025", aks), host("build", "ltsc2022", "")].concat();
    let tree = Tree::new("support").with("hostfit.toml", &fleet);
    let shown = tree.show(&[]);
    let hosts = &shown["fleets"][0]["hosts"];
    let old = &hosts[0];
    assert_eq!((&old["support_end"], &old["support_days_left"]), (&json!("2029-01-09"), &json!(-265)));
    let retirement =
        json!({ "support_end": "2026-03-01", "images_deleted": "2027-04-01", "not_offered_from_kubernetes": "1.33" });
    assert_eq!(old["retirement"], retirement);
    let of_aks = ["https://github.com/Azure/AKS/issues/4091", "https://github.com/Azure/AKS/issues/4268"];
    let microsoft = "https://endoflife.date/windows-server";
    assert_eq!(old["support_sources"], json!([microsoft, of_aks[0], of_aks[1]]));
    // Of a release that the platform has announced nothing of, Microsoft's end counts.
    assert!(hosts[1]["retirement"].is_null() && hosts[1]["support_sources"] == json!([microsoft]));
    assert_eq!(hosts[2]["support_days_left"], 1788);
    let said = |args: &[&str]| {
        let mut show = tree.command(&[&["fleet", "show", "--as-of", "2026-11-21"], args].concat());
        text(&show.env("COLUMNS", "80").output().expect("run").stdout)
    };
    let (plain, verbose) = (said(&[]), said(&["-v"]));
    // However its lines are broken.
    let words = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    let retired = "platform aks: retired this release on 2026-03-01, 265 days ago; not offered with Kubernetes 1.33 and \
                   later; deletes its node images on 2027-04-01, 131 days left machines";
    assert!(words(&plain).contains(retired) && !plain.contains("https://"), "{plain}");
    let support = "support until 2031-10-14, 1788 days left (mainstream support ended 2026-10-13) kind";
    assert!(words(&plain).contains(support), "{plain}");
    assert!(verbose.contains(&format!("  sources        {microsoft}\n                 {}\n", of_aks[0])), "{verbose}");
    assert!(verbose.lines().all(|line| line.chars().count() <= 80), "{verbose}");
}

#[test]
fn a_host_is_shown_with_all_that_hostfit_makes_of_it() {
    let fleet = "[[host]]\nname = \"pool\"\nos = \"10.0.20348.2700\"\norchestrator = \"kubernetes\"\nruntime = \"containerd \
                 2.2.1\"\nlabels = { tier = \"web\" }\ntaints = [\"os=windows:NoSchedule\"]\ncount = 12\n\n[[host]]\nname = \
                 \"desk\"\nos = \"win11-25h2\"\norchestrator = \"docker\"\nruntime = \"docker 29.6.2 (containerd)\"\nhyperv = true\n";
    let tree = Tree::new("host").with("hostfit.toml", fleet);
    let shown = tree.show(&[]);
    let pool = &shown["fleets"][0]["hosts"][0];
    let facts = |host: &Value| {
        json!([host["release"], host["version"], host["support_end"], host["kind"], host["isolation"], host["hyperv"]])
    };
    assert_eq!(facts(pool), json!(["ltsc2022", "10.0.20348.2700", "2031-10-14", "server", "process", null]));
    assert_eq!(pool["runtime"]["matcher"], "from-ltsc-below");
    assert_eq!(pool["labels"], json!({ "tier": "web" }));
    assert_eq!(
        pool["kubernetes_labels"],
        json!({
            "kubernetes.io/os": "windows",
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": null,
            "node.kubernetes.io/windows-build": "10.0.20348",
        })
    );
    assert_eq!((&pool["taints"], &pool["count"]), (&json!(["os=windows:NoSchedule"]), &json!(12)));
    let desk = &shown["fleets"][0]["hosts"][1];
    assert_eq!(facts(desk), json!(["win11-25h2", "10.0.26200", "2028-10-10", "client", "hyperv", true]));
    // moby/moby#53397: Windows would run the images of Windows Server 2022 that this engine does not pull.
    assert_eq!(desk["runtime"]["pulls"], "pulls images of builds 26100 to 26200");
    assert_eq!(desk["kubernetes_labels"], json!({}));
    let mut show = tree.command(&["fleet", "show", "--as-of", "2026-11-21"]);
    let output = show.env("COLUMNS", "80").output().expect("run");
    let printed = text(&output.stdout);
    assert!(printed.lines().all(|line| line.chars().count() <= 80), "{printed}");
    for line in
        ["pool  (hostfit.toml:2)", "  os             Windows Server 2022 (10.0.20348.2700)", "  machines       12"]
    {
        assert!(printed.lines().any(|it| it == line), "{line}: {printed}");
    }
}

#[test]
fn problems_fail_a_run_that_asks_for_it() {
    let tree = Tree::new("fails").with("hostfit.toml", "[[host]]\nname = \"a\\u001b[31m\"\nos = \"1803\"\n");
    let status = |args: &[&str]| tree.run(&[&["fleet", "show", "--as-of", "2026-11-21"], args].concat()).status.code();
    assert_eq!(status(&[]), Some(0));
    assert_eq!(status(&["--fail-on", "warning"]), Some(1));
    assert_eq!(status(&["--fail-on", "error"]), Some(0));
    assert_eq!(status(&["--fail-on", "warning", "--format", "json"]), Some(1));
    assert_eq!(status(&["--fleet", "none.toml"]), Some(2));
    let printed = text(&tree.run(&["fleet", "show"]).stdout);
    assert!(!printed.contains('\u{1b}'), "{printed}");
    let empty = Tree::new("no-hosts");
    let output = empty.run(&["fleet", "show"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("No host is declared"), "{}", text(&output.stdout));
}

#[test]
fn a_fix_that_is_right_for_one_fleet_only_is_not_applied_unseen() {
    let kubernetes =
        |name: &str, os: &str| format!("[[host]]\nname = \"{name}\"\nos = \"{os}\"\norchestrator = \"kubernetes\"\n");
    let tree = tree("fix")
        .with("fleets/prod.toml", kubernetes("p2019", "ltsc2019") + &kubernetes("p2022", "ltsc2022"))
        .with("fleets/staging.toml", kubernetes("s2025", "ltsc2025"));
    let output = tree.run(&["fix", "--as-of", "2026-11-21"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(tree.read("base/pod.yaml").as_deref(), Some(POD));
    let pinned = tree.read("deploy/prod/pod.yaml").expect("there");
    assert!(pinned.contains("node.kubernetes.io/windows-build: \"10.0.20348\"\n"), "{pinned}");
}

#[test]
fn the_matrix_has_the_hosts_of_all_fleets() {
    let tree =
        tree("matrix").with("fleets/prod.toml", format!("{PROD}\n[[host]]\nname = \"own2025\"\nos = \"ltsc2022\"\n"));
    let output = tree.run(&["matrix", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let matrix: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let (both, prod) = ("own2025 (fleets/prod.toml)", "prod2019");
    assert_eq!(matrix["hosts"], json!(["own2025", prod, both, "staging2016"]));
    let verdicts = |row: &Value| {
        let hosts = matrix["hosts"].as_array().expect("a list").iter();
        hosts.map(|host| row["cells"][host.as_str().expect("a name")]["verdict"].clone()).collect::<Vec<_>>()
    };
    let rows: Vec<_> =
        matrix["workloads"].as_array().expect("a list").iter().map(|it| (&it["path"], verdicts(it))).collect();
    assert_eq!(
        rows,
        [
            (&json!("base/pod.yaml"), vec![json!("excluded"), json!("blocked"), json!("runs"), json!("blocked")]),
            (
                &json!("deploy/prod/pod.yaml"),
                vec![json!("excluded"), json!("blocked"), json!("runs"), json!("excluded")]
            ),
            (&json!("web/pod.yaml"), vec![json!("runs"), json!("excluded"), json!("excluded"), json!("excluded")]),
        ]
    );
    let why = |row: usize, host: &str| matrix["workloads"][row]["cells"][host]["why"].clone();
    assert_eq!(why(2, prod), "its file is deployed to another fleet");
    // Of two findings about one pod, that of the host's own fleet speaks.
    assert_eq!(matrix["workloads"][0]["cells"][prod]["rule"], "missing-build-selector");
    assert_eq!(matrix["workloads"][0]["cells"]["staging2016"]["rule"], "image-newer-than-host");
}
