//! `hostfit plan` by the whole program, over the fixtures: each was checked by hand against the compatibility rule.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test cannot set up, it may panic about"
)]

mod common;

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Stdio},
};

use common::{Tree, fixtures, piped, text};
use serde_json::{Value, json};

const TODAY: &str = "2026-11-28";

/// A fixture, its arguments and the fleet that it moves to, which is not among its files.
fn tree(name: &str, of: &str) -> (Tree, Vec<String>, String) {
    let tree = Tree::copy_of(name, &fixtures("plan").join(of));
    let take = |file: &str| {
        let text = tree.read(file).expect(file);
        fs::remove_file(tree.0.join(file)).expect(file);
        text
    };
    let args = take("args").split_whitespace().map(str::to_owned).collect();
    let next = take("next.toml");
    (tree, args, next)
}

fn run(tree: &Tree, args: &[String], more: &[&str]) -> String {
    let all: Vec<_> = args.iter().map(String::as_str).chain(["--as-of", TODAY]).chain(more.iter().copied()).collect();
    let output = tree.run(&[&["plan"], all.as_slice()].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn plan(tree: &Tree, args: &[String]) -> Value {
    serde_json::from_str(&run(tree, args, &["--format", "json"])).expect("JSON")
}

/// Each workload with its fleet, its class, and what it is to run.
fn classes(plan: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let fleet = |it: &Value| it["fleet"].as_str().map_or_else(String::new, |fleet| format!(" ({fleet})"));
    let of = |it: &Value| (text(&it["workload"]) + &fleet(it), text(&it["class"]), text(&it["write"]["image"]));
    plan["workloads"].as_array().expect("a list").iter().map(of).collect()
}

/// A workload, its class and the image that it is to run, or to be built on.
type Row = (&'static str, &'static str, &'static str);

/// Who changes when. The verdicts behind it are those of `facts/compat-vectors.csv` for the builds of the fixture; the tags
/// those of the table of tags.
const FIXTURES: &[(&str, &[Row])] = &[
    (
        // 17763 on 20348 is blocked under process isolation. A HostProcess container runs on every build.
        "2019-to-2022",
        &[
            ("DaemonSet/agent: container agent", "unchanged", ""),
            ("Deployment/api: container api", "with-hosts", "mcr.microsoft.com/windows/nanoserver:ltsc2022"),
            (
                "Deployment/iis: container iis",
                "with-hosts",
                "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
            ),
            ("service api", "with-hosts", "mcr.microsoft.com/windows/nanoserver:ltsc2022"),
        ],
    ),
    (
        // 20348 on 26100 runs, and containerd 2.1 pulls it; what pins a build is kept off.
        "2022-to-2025",
        &[
            ("Deployment/jobs: container jobs", "before", ""),
            ("Deployment/web: container web", "unchanged", ""),
            ("service till", "unchanged", ""),
        ],
    ),
    (
        "2016-to-2022",
        &[
            ("Deployment/erp: container erp", "with-hosts", "mcr.microsoft.com/windows/servercore:ltsc2022"),
            ("Deployment/probe: container probe", "with-hosts", "mcr.microsoft.com/windows/nanoserver:ltsc2022"),
            ("Deployment/tool: container tool", "with-hosts", "mcr.microsoft.com/windows/servercore:ltsc2022"),
        ],
    ),
    (
        // .NET Framework 4.8 has no image on ltsc2022 that is made today: 4.8.1 takes its place, which a person has to decide.
        "swarm",
        &[
            ("service web", "with-hosts", "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022"),
            ("service worker", "with-hosts", "mcr.microsoft.com/dotnet/framework/wcf:4.8.1-windowsservercore-ltsc2022"),
            (
                "service queue",
                "with-hosts",
                "mcr.microsoft.com/dotnet/framework/runtime:3.5-windowsservercore-ltsc2022",
            ),
        ],
    ),
    ("chain", &[("Deployment/shop: container shop", "with-hosts", "mcr.microsoft.com/windows/servercore:ltsc2022")]),
    (
        // `livenessprobe:v2.12.0` has variants for 1809 and for ltsc2022; `framework/aspnet:4.8` lost that for ltsc2022 on 2025-10-14.
        "no-variant",
        &[
            ("Deployment/old: container old", "with-hosts", "mcr.microsoft.com/windows/server:ltsc2022"),
            (
                "Deployment/forms: container forms",
                "with-hosts",
                "mcr.microsoft.com/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022",
            ),
            ("Deployment/gateway: container gateway", "no-image", ""),
            (
                "Deployment/legacy: container legacy",
                "with-hosts",
                "mcr.microsoft.com/dotnet/framework/aspnet:3.5-windowsservercore-ltsc2022",
            ),
            ("Deployment/probe: container probe", "unchanged", ""),
        ],
    ),
    (
        "private",
        &[
            ("Deployment/agent: container agent", "unknown", ""),
            ("Deployment/billing: container billing", "with-hosts", ""),
            ("Deployment/ledger: container ledger", "with-hosts", ""),
        ],
    ),
    (
        // 17763 on 20348 is blocked under process isolation. The tag and the build stand in the values, the image of the jobs too.
        "helm",
        &[
            ("Deployment/shop-jobs: container jobs", "with-hosts", "mcr.microsoft.com/windows/nanoserver:ltsc2022"),
            (
                "Deployment/shop-web: container web",
                "with-hosts",
                "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
            ),
        ],
    ),
    (
        // A fleet for each values file: development runs 20348 images on 20348 already, which is unchanged.
        "charts",
        &[
            ("Deployment/shop-jobs: container jobs (dev)", "unchanged", ""),
            (
                "Deployment/shop-jobs: container jobs (prod)",
                "with-hosts",
                "mcr.microsoft.com/windows/nanoserver:ltsc2022",
            ),
            ("Deployment/shop-web: container web (dev)", "unchanged", ""),
            (
                "Deployment/shop-web: container web (prod)",
                "with-hosts",
                "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
            ),
        ],
    ),
    (
        // The same, with a fleet for each overlay. Both write the image of the jobs in their base; the tag of the web stands in
        // each overlay, the build in a patch of production.
        "overlays",
        &[
            ("Deployment/jobs: container jobs (dev)", "with-hosts", "mcr.microsoft.com/windows/nanoserver:ltsc2022"),
            ("Deployment/jobs: container jobs (prod)", "with-hosts", "mcr.microsoft.com/windows/nanoserver:ltsc2022"),
            (
                "Deployment/web: container web (dev)",
                "with-hosts",
                "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
            ),
            (
                "Deployment/web: container web (prod)",
                "with-hosts",
                "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
            ),
        ],
    ),
    (
        // The new hosts are there already.
        "pool-by-pool",
        &[
            ("Deployment/new: container new", "unchanged", ""),
            (
                "Deployment/web: container web",
                "before",
                "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
            ),
        ],
    ),
];

#[test]
fn every_fixture_says_who_changes_when() {
    let named: BTreeSet<_> = FIXTURES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let there = fs::read_dir(fixtures("plan")).expect("read").map(|it| it.expect("read").file_name());
    assert_eq!(there.map(|it| it.to_string_lossy().into_owned()).collect::<BTreeSet<_>>(), named);
    for (name, expected) in FIXTURES {
        let (tree, args, _) = tree(&format!("classes-{name}"), name);
        let found = classes(&plan(&tree, &args));
        let found: Vec<_> = found.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
        assert_eq!(&found, expected, "{name}");
    }
}

/// Each error of `check` as the rule, the file and the workload.
fn errors(tree: &Tree, args: &[&str]) -> BTreeSet<[String; 3]> {
    let output = tree.run(&[&["check", "--format", "json", "--as-of", TODAY], args].concat());
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    let errors = findings.filter(|it| it["severity"] == "error");
    errors.map(|it| [text(&it["rule"]), text(&it["path"]), text(&it["workload"])]).collect()
}

/// The patches of a diff, each with the number of its step.
fn patches(diff: &str) -> Vec<(usize, String)> {
    let steps = diff.split("# step ").skip(1);
    let patch = |step: &str| {
        let (head, patch) = step.split_once('\n').expect("a patch");
        (head.split(',').next().expect("a number").parse().expect("a number"), patch.to_owned())
    };
    steps.map(patch).collect()
}

fn apply(tree: &Tree, patch: &str) {
    let mut git = Command::new("git");
    // The folder is no repository of its own.
    git.args(["apply", "--unsafe-paths", "-"]).current_dir(&tree.0).env("GIT_CEILING_DIRECTORIES", &tree.0);
    git.stdout(Stdio::piped());
    let output = piped(&mut git, patch.as_bytes());
    assert!(output.status.success(), "{}\n{patch}", text(&output.stderr));
}

/// After every step the files are such that the next patch applies; once the hosts have moved, what is wrong was announced.
#[test]
fn after_the_plan_nothing_is_wrong_that_it_did_not_announce() {
    for (name, _) in FIXTURES {
        let (tree, args, next) = tree(&format!("applied-{name}"), name);
        let plan = plan(&tree, &args);
        let before = errors(&tree, &[]);
        let mut steps = Vec::new();
        for (number, patch) in patches(&run(&tree, &args, &["--diff"])) {
            apply(&tree, &patch);
            let phase = plan["steps"][number - 1]["phase"].as_str().expect("a phase").to_owned();
            // What is done today leaves the hosts as they are without new errors.
            if phase == "today" {
                assert_eq!(errors(&tree, &[]).difference(&before).count(), 0, "{name}, step {number}");
            }
            steps.push(number);
        }
        assert!(!steps.is_empty() || *name == "private", "{name}");
        let of_images = tree.read("hostfit.toml").expect("a configuration");
        let images =
            of_images.split_once("[images]").map(|(_, images)| format!("\n[images]{images}")).unwrap_or_default();
        tree.write("hostfit.toml", next + &images);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let left = plan["left"].as_array().expect("a list").iter();
        let announced: BTreeSet<_> =
            left.map(|it| [text(&it["rule"]), text(&it["path"]), text(&it["workload"])]).collect();
        let after = errors(&tree, &[]);
        let new: BTreeSet<_> = after.difference(&before).cloned().collect();
        assert_eq!(new, announced, "{name}");
        // What is announced belongs to workloads that the plan leaves to a person.
        let automatic: BTreeSet<_> = plan["steps"]
            .as_array()
            .expect("a list")
            .iter()
            .flat_map(|step| {
                let actions = step["actions"].as_array().expect("a list").iter();
                actions
                    .filter(|it| step["kind"] == "publish" || !it["by_hand"].is_null())
                    .flat_map(|it| it["workloads"].as_array().expect("a list").iter().map(text).collect::<Vec<_>>())
                    .collect::<Vec<_>>()
            })
            .collect();
        assert!(new.iter().all(|[_, _, workload]| automatic.contains(workload)), "{name}: {new:?} {automatic:?}");
    }
}

#[test]
fn a_whole_new_fleet_is_planned_as_a_release_is() {
    for name in ["2019-to-2022", "chain", "2022-to-2025"] {
        let (tree, args, next) = tree(&format!("fleet-{name}"), name);
        let (by_release, diff) = (plan(&tree, &args), run(&tree, &args, &["--diff"]));
        let file = std::env::temp_dir().join(format!("hostfit-plan-{name}-{}.toml", std::process::id()));
        fs::write(&file, next).expect("written");
        let args = vec!["--fleet".to_owned(), file.display().to_string()];
        let by_fleet = plan(&tree, &args);
        assert_eq!(classes(&by_fleet), classes(&by_release), "{name}");
        assert_eq!(run(&tree, &args, &["--diff"]), diff, "{name}");
        fs::remove_file(file).expect("removed");
    }
}

#[test]
fn images_are_built_before_those_that_use_them() {
    let (tree, args, _) = tree("order", "chain");
    let plan = plan(&tree, &args);
    let steps = plan["steps"].as_array().expect("a list");
    let kinds: Vec<_> = steps
        .iter()
        .map(|step| (step["phase"].as_str().expect("text"), step["kind"].as_str().expect("text")))
        .collect();
    assert_eq!(
        kinds,
        [
            ("today", "pin"),
            ("with-hosts", "pool"),
            ("with-hosts", "rebuild"),
            ("with-hosts", "move"),
            ("with-hosts", "retire"),
            ("afterwards", "unpin"),
        ]
    );
    let built = steps[2]["actions"].as_array().expect("a list").iter().filter_map(|it| it["text"].as_str());
    let built: Vec<_> = built.filter(|it| it.starts_with("build ")).collect();
    assert_eq!(
        built,
        [
            "build `base/Dockerfile` as `registry.contoso.com/base:ltsc2022`",
            "build `runtime/Dockerfile` as `registry.contoso.com/runtime:5-ltsc2022`",
            "build `shop/Dockerfile` as `registry.contoso.com/shop:2.1-ltsc2022`",
        ]
    );
}

#[test]
fn the_deadline_is_the_next_day_on_which_something_ends() {
    let (tree, args, _) = tree("deadline", "2019-to-2022");
    let deadline = &plan(&tree, &args)["deadline"];
    let expected = json!({
        "date": "2027-04-01",
        "days_left": 124,
        "why": "AKS deletes the node images of Windows Server 2019",
        "sources": ["https://github.com/Azure/AKS/issues/4091", "https://github.com/Azure/AKS/issues/4268"],
    });
    assert_eq!(*deadline, expected);
}

#[test]
fn pages_fit_the_terminal_and_pull_requests() {
    for (name, _) in FIXTURES {
        let (tree, args, _) = tree(&format!("pages-{name}"), name);
        let all: Vec<_> = args.iter().map(String::as_str).chain(["--as-of", TODAY]).collect();
        let output = tree.command(&[&["plan"], all.as_slice()].concat()).env("COLUMNS", "80").output().expect("run");
        let page = text(&output.stdout);
        // A reference that is longer than a line is not broken.
        let is_long = |line: &str| line.chars().count() > 80 && line.split_whitespace().all(|word| word.len() < 60);
        assert!(!page.is_empty() && !page.lines().any(is_long), "{page}");
        let page = run(&tree, &args, &["--format", "markdown"]);
        assert!(page.starts_with("## Windows Server 20") && page.contains("\n- [ ] **1. "), "{page}");
        assert!(!page.contains('\u{1b}'));
    }
}

#[test]
fn paths_choose_what_is_shown_and_not_what_is_known() {
    let (tree, args, _) = tree("paths", "chain");
    let args: Vec<_> = args.into_iter().chain(["shop".to_owned()]).collect();
    let plan = plan(&tree, &args);
    assert_eq!(plan["workloads"], json!([]));
    let args: Vec<_> = vec!["--to".into(), "ltsc2022".into(), "deploy".into()];
    let found = self::plan(&tree, &args);
    assert_eq!(classes(&found).len(), 1);
}

#[test]
fn what_cannot_be_planned_is_said() {
    let (tree, _, _) = tree("errors", "chain");
    let table: [(&[&str], &str); 4] = [
        (&["--to", "ltsc2016"], "no declared host moves to Windows Server 2016"),
        (&["--to", "ltsc2022", "--from", "ltsc2016"], "no declared host of ltsc2016 moves to Windows Server 2022"),
        (&["--to", "ltsc2002"], "`ltsc2002` is not a release of Windows"),
        (&[], "--to <RELEASE>"),
    ];
    for (args, expected) in table {
        let output = tree.run(&[&["plan"], args].concat());
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(expected), "{args:?}: {said}");
    }
}

#[test]
fn bots_are_kept_on_the_releases_of_the_fleet() {
    let (tree, _, _) = tree("bots", "2019-to-2022");
    let said = |args: &[&str]| text(&tree.run(&[&["plan", "--as-of", TODAY], args].concat()).stdout);
    let rules: Value = serde_json::from_str(&said(&["--bots", "renovate"])).expect("JSON");
    let rules = rules["packageRules"].as_array().expect("a list");
    let of = |name: &str| {
        let rule = rules.iter().find(|rule| rule["matchPackageNames"] == json!([name])).expect(name);
        rule["allowedVersions"].as_str().expect("a pattern").to_owned()
    };
    assert_eq!(
        of("mcr.microsoft.com/windows/nanoserver"),
        "/^(?:1809|ltsc2019|10\\.0\\.17763(?:\\.\\d+)?)(?:-amd64)?$/"
    );
    assert_eq!(
        of("mcr.microsoft.com/windows/servercore/iis"),
        "/(?:^|-)(?:1809|ltsc2019|10\\.0\\.17763(?:\\.\\d+)?)(?:-amd64)?$/"
    );
    // While the hosts move both releases are there.
    let both = said(&["--bots", "renovate", "--to", "ltsc2022"]);
    assert!(both.contains("(?:1809|ltsc2019|ltsc2022|10"), "{both}");
    let ignored = said(&["--bots", "dependabot"]);
    let rule =
        "      - dependency-name: \"windows/nanoserver\"\n        versions: [\"> 1809\", \">= 10.0.17764, < 11\"]\n";
    assert!(ignored.contains(rule) && !ignored.contains("iis"), "{ignored}");
}

/// A fleet of these releases, each a pool.
fn pools(releases: &[&str]) -> String {
    let pool =
        |release: &&str| format!("[[host]]\nname = \"{release}\"\nos = \"{release}\"\norchestrator = \"kubernetes\"\n");
    releases.iter().map(pool).collect()
}

fn pod(image: &str, selector: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: c\n    image: {image}\n  \
         nodeSelector:\n    kubernetes.io/os: windows\n{selector}"
    )
}

const CORE: &str = "mcr.microsoft.com/windows/servercore";

/// One pod on a fleet that moves: its class, and the lines that the patches add.
#[test]
fn what_a_pod_is_changed_to_follows_from_the_hosts() {
    let pin = |build: &str| format!("    node.kubernetes.io/windows-build: {build}\n");
    let image = |tag: &str| format!("{CORE}:{tag}");
    let table: [(&[&str], String, &str, &[&str]); 9] = [
        // Its pin is wrong today, and no host of the new release is there: nothing can be done before.
        (
            &["ltsc2019", "ltsc2022"],
            pod(&image("ltsc2022"), &pin("10.0.17763")),
            "with-hosts",
            &["node.kubernetes.io/windows-build: 10.0.26100"],
        ),
        // A new host runs it too; a host that stays does not, so that the pin is needed.
        (
            &["ltsc2019", "ltsc2022"],
            pod(&image("ltsc2022"), &pin("10.0.20348")),
            "with-hosts",
            &["node.kubernetes.io/windows-build: 10.0.26100"],
        ),
        // All hosts run it, those that come and those that go.
        (&["ltsc2022"], pod(&image("ltsc2022"), &pin("10.0.20348")), "before", &[]),
        (&["ltsc2022"], pod(&image("ltsc2022"), ""), "unchanged", &[]),
        // On hosts of both releases one image that all of the new ones run.
        (
            &["ltsc2019"],
            pod(&image("ltsc2019"), ""),
            "with-hosts",
            &[
                "node.kubernetes.io/windows-build: \"10.0.17763\"",
                "node.kubernetes.io/windows-build: \"10.0.26100\"",
                "image: mcr.microsoft.com/windows/servercore:ltsc2025",
            ],
        ),
        // Nothing is published under the name; a digest and a variable without a value are a person's.
        (&["ltsc2019"], pod(CORE, ""), "no-image", &["node.kubernetes.io/windows-build: \"10.0.17763\""]),
        (
            &["ltsc2019"],
            pod(&format!("{CORE}:ltsc2019@sha256:{}", "0".repeat(64)), ""),
            "with-hosts",
            &["node.kubernetes.io/windows-build: \"10.0.17763\""],
        ),
        // The labels of clouds are words.
        (
            &["ltsc2019"],
            pod(&image("ltsc2019"), "    kubernetes.azure.com/os-sku: Windows2019\n"),
            "with-hosts",
            &["image: mcr.microsoft.com/windows/servercore:ltsc2025", "kubernetes.azure.com/os-sku: Windows2025"],
        ),
        // A required affinity names builds too.
        (
            &["ltsc2019"],
            pod(&image("ltsc2019"), "").replace(
                "  nodeSelector:",
                "  affinity:\n    nodeAffinity:\n      requiredDuringSchedulingIgnoredDuringExecution:\n        \
                 nodeSelectorTerms:\n        - matchExpressions:\n          - {key: node.kubernetes.io/windows-build, \
                 operator: In, values: [10.0.17763]}\n  nodeSelector:",
            ),
            "with-hosts",
            &[
                "image: mcr.microsoft.com/windows/servercore:ltsc2025",
                "- {key: node.kubernetes.io/windows-build, operator: In, values: [10.0.26100]}",
            ],
        ),
    ];
    for (number, (fleet, pod, class, expected)) in table.into_iter().enumerate() {
        let mut fleet = pools(fleet);
        if pod.contains("os-sku") {
            fleet += "labels = { \"kubernetes.azure.com/os-sku\" = \"Windows2019\" }\n";
        }
        let tree = Tree::new(&format!("pod-{number}")).with("hostfit.toml", fleet).with("pod.yaml", &pod);
        let args = ["--to".to_owned(), "ltsc2025".to_owned()];
        assert_eq!(plan(&tree, &args)["workloads"][0]["class"], class, "{pod}");
        let diff = run(&tree, &args, &["--diff"]);
        let added: BTreeSet<_> = diff
            .lines()
            .filter_map(|line| line.strip_prefix('+'))
            .filter(|it| !it.starts_with("++"))
            .map(str::trim)
            .collect();
        assert_eq!(added, expected.iter().copied().collect::<BTreeSet<_>>(), "{pod}\n{diff}");
    }
}

/// Windows Server 2025 runs images of 2022, and the containerd of before 2022 does not pull them there (`compat-vectors.csv`, G0).
#[test]
fn a_runtime_that_refuses_older_images_makes_them_change_with_the_hosts() {
    for (runtime, class) in [("containerd 1.6.6", "with-hosts"), ("containerd 2.1.6", "unchanged")] {
        let fleet = format!("{}runtime = \"{runtime}\"\n", pools(&["ltsc2022"]));
        let tree = Tree::new(&format!("runtime-{class}")).with("hostfit.toml", fleet);
        tree.write("pod.yaml", pod(&format!("{CORE}:ltsc2022"), ""));
        let plan = plan(&tree, &["--to".to_owned(), "ltsc2025".to_owned()]);
        assert_eq!(classes(&plan)[0].1, class, "{runtime}");
    }
}

/// Each fleet of a configuration moves, and the workloads of its files with it.
#[test]
fn every_fleet_of_a_configuration_moves() {
    let target = |name: &str| format!("[[target]]\npaths = [\"{name}/**\"]\nfleet = \"{name}.toml\"\n");
    let tree = Tree::new("targets").with("hostfit.toml", [target("prod"), target("test")].concat());
    tree.write("prod.toml", pools(&["ltsc2019"]));
    tree.write("test.toml", pools(&["ltsc2022"]));
    tree.write("prod/pod.yaml", pod(&format!("{CORE}:ltsc2019"), ""));
    tree.write("test/pod.yaml", pod(&format!("{CORE}:ltsc2022"), ""));
    let plan = plan(&tree, &["--to".to_owned(), "ltsc2022".to_owned()]);
    let hosts: Vec<_> = plan["hosts"].as_array().expect("a list").iter().map(|it| &it["fleet"]).collect();
    assert_eq!(hosts, [&json!("prod.toml")]);
    let found: Vec<_> = classes(&plan).into_iter().map(|(_, class, _)| class).collect();
    assert_eq!(found, ["with-hosts", "unchanged"]);
    assert_eq!(plan["left"], json!([]));
}

/// An ARG is written once for all images that read it, and by a person where more than images does.
#[test]
fn a_shared_variable_is_changed_where_only_images_read_it() {
    let fleet = "[[host]]\nname = \"build\"\nos = \"ltsc2019\"\n";
    let stages = "ARG WINDOWS=ltsc2019\nFROM mcr.microsoft.com/windows/servercore:${WINDOWS} AS build\nRUN dir\nFROM \
                  mcr.microsoft.com/windows/nanoserver:${WINDOWS}\n";
    let table = [
        (stages.to_owned(), vec!["ARG WINDOWS=ltsc2022"], None),
        (
            format!("{stages}ARG WINDOWS\nLABEL os=${{WINDOWS}}\n"),
            Vec::new(),
            Some("check the other uses of `WINDOWS`"),
        ),
        (
            "FROM mcr.microsoft.com/windows/servercore:ltsc2019 AS build\nRUN dir\nFROM mcr.microsoft.com/windows/nanoserver:1809\n"
                .to_owned(),
            vec!["FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS build", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022"],
            None,
        ),
    ];
    for (number, (dockerfile, expected, by_hand)) in table.into_iter().enumerate() {
        let tree = Tree::new(&format!("variable-{number}")).with("hostfit.toml", fleet).with("Dockerfile", &dockerfile);
        let args = ["--to".to_owned(), "ltsc2022".to_owned()];
        let diff = run(&tree, &args, &["--diff"]);
        let added: Vec<_> =
            diff.lines().filter_map(|line| line.strip_prefix('+')).filter(|it| !it.starts_with("++")).collect();
        assert_eq!(added, expected, "{dockerfile}");
        let plan = plan(&tree, &args);
        let rebuild =
            plan["steps"].as_array().expect("a list").iter().find(|it| it["kind"] == "rebuild").expect("a step");
        assert_eq!(rebuild["actions"][0]["by_hand"].as_str(), by_hand, "{dockerfile}");
    }
}
