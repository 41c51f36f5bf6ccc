//! `hostfit fleet import`: what it makes of real outputs, and what becomes of a file that is there already.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;

use common::{Tree, fixtures, text};
use serde_json::{Value, json};

/// An output of each kind, by the files that hold it.
const OUTPUTS: [&[&str]; 12] = [
    &["seed-2017/describe.txt"],
    &["seed-2017/describe.txt", "seed-2017/show-labels.txt"],
    &["seed-2023/describe.txt", "seed-2023/show-labels.txt"],
    &["aks/nodes.json"],
    &["eks/nodes.json"],
    &["gke/nodes.yaml"],
    &["openshift/nodes.json"],
    &["capz/wide.txt"],
    &["describe/nodes.txt"],
    &["swarm/nodes.json", "swarm/info-of-a-node.json"],
    &["docker/info-windows-11.json"],
    &["docker/version-mirantis.json"],
];

fn fixture(path: &str) -> Vec<u8> {
    fs::read(fixtures("fleet").join(path)).expect(path)
}

/// The arguments of an import of fixtures.
fn import(files: &[&str], more: &[&str]) -> Vec<String> {
    let paths = files.iter().map(|file| fixtures("fleet").join(file).display().to_string());
    ["fleet", "import"]
        .map(str::to_owned)
        .into_iter()
        .chain(paths)
        .chain(more.iter().map(ToString::to_string))
        .collect()
}

fn run(tree: &Tree, arguments: &[String]) -> std::process::Output {
    tree.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn imported(tree: &Tree, files: &[&str], more: &[&str]) -> String {
    let output = run(tree, &import(files, more));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// The findings as `expected.txt` of the examples writes them.
fn findings(tree: &Tree, arguments: &[&str]) -> Vec<String> {
    let common = ["check", "--format", "json", "--as-of", "2026-11-21"];
    let output = tree.run(&[&common, arguments].concat());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    let at = |value: &Value| format!("{}:{}", value["line"], value["column"]);
    let line = |finding: &Value| {
        let word = |key: &str| finding[key].as_str().expect(key).to_owned();
        let (start, end) = (at(&finding["range"]["start"]), at(&finding["range"]["end"]));
        format!("{}:{start}-{end} {} {}", word("path"), word("severity"), word("rule"))
    };
    report["findings"].as_array().expect("findings").iter().map(line).collect()
}

/// Microsoft's page labels two nodes and adds a selector: each step, judged with the hosts that its own listings tell of,
/// gives what the example beside it says, whose hosts were written by hand.
#[test]
fn the_listings_of_both_editions_give_what_the_page_says_happens() {
    let examples = [
        ("deployment-os-only", false),
        ("deployment-os-only-undeclared-image", false),
        ("deployment-osbuild-before-labelling", false),
        ("deployment-os-only", true),
        ("deployment-osbuild", true),
        ("deployment-osbuild-16299", true),
        ("deployment-osbuild-glob", true),
        ("deployment-osbuild-of-the-other-node", true),
    ];
    let tree = Tree::new("seeds");
    for edition in ["seed-2017", "seed-2023"] {
        let describe = format!("{edition}/describe.txt");
        let labels = format!("{edition}/show-labels.txt");
        for (example, labelled) in examples {
            for names in [&["--names"][..], &[]] {
                let folder = fixtures("seeds").join(example);
                let read = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
                tree.write("fabrikamfiber.web.yaml", read("fabrikamfiber.web.yaml"));
                // What the page says of its image, and none of the hosts that stand there.
                let by_hand = read("hostfit.toml");
                tree.write("hostfit.toml", by_hand.split("[[host]]").next().unwrap_or_default());
                let files = if labelled { vec![describe.as_str(), &labels] } else { vec![describe.as_str()] };
                tree.write("fleet.toml", imported(&tree, &files, names));
                let found = findings(&tree, &["--fleet", "fleet.toml", "fabrikamfiber.web.yaml"]);
                let expected: Vec<_> = read("expected.txt").lines().map(str::to_owned).collect();
                assert_eq!(found, expected, "{edition} {example} {names:?}");
            }
        }
    }
}

/// What the sources of the fixtures say of the machines, in the order of the file.
#[test]
fn every_output_gives_the_hosts_that_its_source_tells_of() {
    let hosts: [(&[&str], &[&str]); 12] = [
        (OUTPUTS[0], &["win-ltsc2016 10.0.14393.1715", "win-1709 10.0.16299"]),
        (
            OUTPUTS[1],
            &["win-ltsc2016 10.0.14393.1715", "win-1709 10.0.16299", "linux-master linux", "linuxpool1 linux"],
        ),
        (
            OUTPUTS[2],
            &["win-ltsc2016 10.0.14393.1715", "win-1709 10.0.16299", "linux-master linux", "linuxpool1 linux"],
        ),
        (
            OUTPUTS[3],
            &[
                "win19 10.0.17763.3887 server containerd 1.6.14",
                "npw22 10.0.20348.2655 server containerd 1.7.17 kubernetes.azure.com/scalesetpriority=spot:NoSchedule x3",
                "nodepool1 linux containerd 1.4.4 x2",
            ],
        ),
        (OUTPUTS[4], &["gpu-win 10.0.20348.1607 server containerd 1.6.6 x2", "linux linux containerd 1.6.6"]),
        (
            OUTPUTS[5],
            &[
                "windows-ltsc2022 10.0.20348.2227 server containerd 1.7.10 node.kubernetes.io/os=windows:NoSchedule",
                "default-pool linux containerd 1.7.10",
            ],
        ),
        (
            OUTPUTS[6],
            &[
                "win22-wk 10.0.20348.1668 server containerd 1.19 os=Windows:NoSchedule x2",
                "linux-control-plane linux node-role.kubernetes.io/master:NoSchedule x3",
            ],
        ),
        (OUTPUTS[7], &["win-ltsc2019 10.0.17763.2366 server containerd 1.6.0 x2", "linux linux containerd 1.3.4 x3"]),
        (
            OUTPUTS[8],
            &[
                "win-ltsc2022 10.0.20348",
                "npw22 10.0.20348.2655 server containerd 1.7.17 kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
            ],
        ),
        (
            OUTPUTS[9],
            &[
                "win-16296 10.0.16296 docker 17.06.2",
                "win-ltsc2019 10.0.17763.2183 server docker 20.10.9 process",
                "linux linux docker 20.10.24",
            ],
        ),
        (OUTPUTS[10], &["win11-21h2 10.0.22000.527 client docker 20.10.12 hyperv"]),
        (OUTPUTS[11], &["win-ltsc2019 10.0.17763 docker 20.10.7"]),
    ];
    let tree = Tree::new("hosts");
    for (files, expected) in hosts {
        let file: toml::Table = imported(&tree, files, &[]).parse().expect("TOML");
        let line = |host: &toml::Value| {
            let text = |key: &str| host.get(key).and_then(toml::Value::as_str).map(str::to_owned);
            let taints = host.get("taints").and_then(toml::Value::as_array).into_iter().flatten();
            let taints = taints.map(|taint| taint.as_str().expect("text").to_owned());
            let count = host.get("count").map(|count| format!("x{count}"));
            let words = ["name", "os", "kind", "runtime", "isolation"].into_iter().filter_map(text);
            words.chain(taints).chain(count).collect::<Vec<_>>().join(" ")
        };
        let found: Vec<_> = file["host"].as_array().expect("hosts").iter().map(line).collect();
        assert_eq!(found, expected, "{files:?}");
    }
}

#[test]
fn the_provider_stands_in_the_first_line() {
    let tree = Tree::new("providers");
    for (files, name) in
        [(3, "6 nodes of AKS"), (4, "3 nodes of EKS"), (5, "2 nodes of GKE"), (6, "5 nodes of OpenShift")]
    {
        let file = imported(&tree, OUTPUTS[files], &[]);
        assert!(file.starts_with(&format!("# {name}, from what `kubectl get nodes` printed.\n")), "{file}");
    }
    let seed = imported(&tree, OUTPUTS[1], &[]);
    assert!(
        seed.starts_with("# 4 nodes, from what `kubectl describe node` and `kubectl get nodes` printed.\n"),
        "{seed}"
    );
}

/// Import, show, check, import again: `fleet show` has the hosts that the file has, `check` takes it, and the second import
/// changes no byte of it.
#[test]
fn an_import_that_is_merged_again_changes_nothing() {
    for (number, files) in OUTPUTS.into_iter().enumerate() {
        for names in [&["--names"][..], &[]] {
            for crlf in [false, true] {
                let tree = Tree::new(&format!("round-{number}-{}-{crlf}", names.len()));
                let file = imported(&tree, files, names);
                tree.write("hostfit.toml", if crlf { file.replace('\n', "\r\n") } else { file.clone() });
                tree.write("Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n");
                let checked = tree.run(&["check", "--fail-on", "never"]);
                assert_eq!(checked.status.code(), Some(0), "{file}\n{}", text(&checked.stderr));
                assert_eq!(shown(&tree), declared(&file), "{file}");
                let before = tree.bytes("hostfit.toml");
                let merged = run(&tree, &import(files, &[names, &["--merge", "hostfit.toml"]].concat()));
                assert_eq!(merged.status.code(), Some(0), "{}", text(&merged.stderr));
                assert_eq!(text(&tree.bytes("hostfit.toml")), text(&before), "{files:?}");
                assert!(merged.stdout.is_empty() && text(&merged.stderr).contains("hostfit.toml is up to date"));
            }
        }
    }
}

/// Names, Windows versions, counts, labels and taints, as `fleet show` tells them.
fn shown(tree: &Tree) -> Vec<Value> {
    let output = tree.run(&["fleet", "show", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let hosts = report["fleets"][0]["hosts"].as_array().expect("a list").iter();
    let told = |it: &Value| json!([it["name"], it["version"], it["count"], it["labels"], it["taints"]]);
    hosts.map(told).collect()
}

/// The same, as the file says it.
fn declared(file: &str) -> Vec<Value> {
    let file: Value = toml::from_str(file).expect("TOML");
    let hosts = file["host"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let said = |it: &Value| {
        let version = it["os"].as_str().filter(|os| *os != "linux");
        let or = |key: &str, absent: Value| it.get(key).cloned().unwrap_or(absent);
        json!([it["name"], version, or("count", json!(1)), or("labels", json!({})), or("taints", json!([]))])
    };
    hosts.map(said).collect()
}

/// Whatever encoding a shell gave it, and from stdin as from files.
#[test]
fn what_powershell_redirects_is_read_like_what_kubectl_prints() {
    let tree = Tree::new("encodings");
    let plain = text(&fixture("aks/nodes.json"));
    let expected = imported(&tree, &["aks/nodes.json"], &[]);
    let crlf = plain.replace('\n', "\r\n");
    let utf16 = |mark: u16, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(mark).chain(crlf.encode_utf16()).flat_map(order).collect()
    };
    let with_mark = format!("\u{feff}{crlf}").into_bytes();
    for bytes in [plain.into_bytes(), with_mark, utf16(0xfeff, u16::to_le_bytes), utf16(0xfeff, u16::to_be_bytes)] {
        for arguments in [&["fleet", "import"][..], &["fleet", "import", "-"]] {
            let output = tree.stdin(arguments, &bytes);
            assert_eq!(text(&output.stdout), expected, "{}", text(&output.stderr));
        }
    }
}

/// What kubectl prints of the same nodes as YAML: as documents, as `kubectl label --local` does without a line between
/// them, and as a list.
#[test]
fn yaml_tells_what_json_tells() {
    let tree = Tree::new("yaml");
    let expected = imported(&tree, &["aks/nodes.json"], &[]);
    assert_eq!(imported(&tree, &["aks/nodes.yaml"], &[]), expected);
    let objects = text(&fixture("aks/nodes.yaml")).replace("---\n", "");
    let items = objects.split("apiVersion: v1\n").skip(1);
    let items: Vec<_> = items.map(|it| format!("- {}\n", it.trim_end().replace('\n', "\n  "))).collect();
    let list = format!("apiVersion: v1\nitems:\n{}kind: List\nmetadata:\n  resourceVersion: \"\"\n", items.concat());
    for input in [&list, &objects] {
        let output = tree.stdin(&["fleet", "import"], input.as_bytes());
        assert_eq!(text(&output.stdout), expected, "{}", text(&output.stderr));
    }
}

const BY_HAND: &str = r#"# Our fleet. Ask the platform team before you touch it.
[check]
fail-on = "error"

[[host]]
name = "old-nodes"   # renamed by hand: the pool is win19
os = "ltsc2019"
orchestrator = "kubernetes"
isolation = "process"   # so says daemon.json
labels = { agentpool = "win19", team = "web" } # team is ours
hyperv = false

[[host]]
# the spot machines
os = "10.0.20348.2655"
name = "npw22"
orchestrator = "kubernetes"
runtime = "containerd 1.7.1"
count = 7 # until March
taints = [
  "kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
  "gone=yes:NoSchedule",
]

  [host.labels]
  agentpool = "npw22"
  "kubernetes.azure.com/mode" = "system"

[[host]]
name = "builder"
os = "win11-23h2"
orchestrator = "docker"

[[host]]
name = "gone"
os = "ltsc2016"
orchestrator = "kubernetes"

[images]
"contoso.azurecr.io/web:*" = "ltsc2022"
"#;

/// Every line that somebody wrote is there, in its place; changed is only what the nodes tell otherwise.
const MERGED: &str = r#"# Our fleet. Ask the platform team before you touch it.
[check]
fail-on = "error"

[[host]]
name = "old-nodes"   # renamed by hand: the pool is win19
os = "ltsc2019"
orchestrator = "kubernetes"
runtime = "containerd 1.6.14"
isolation = "process"   # so says daemon.json
labels = { agentpool = "win19", team = "web", accelerator = "nvidia", "kubernetes.azure.com/accelerator" = "nvidia", "kubernetes.azure.com/agentpool" = "win19", "kubernetes.azure.com/cluster" = "MC_rg-demo_westeurope", "kubernetes.azure.com/mode" = "user", "kubernetes.azure.com/node-image-version" = "AKSWindows-2019-containerd-17763.3887.230111", "kubernetes.azure.com/os-sku" = "Windows2019", "kubernetes.io/role" = "agent", "node-role.kubernetes.io/agent" = "" } # team is ours
hyperv = false

[[host]]
# the spot machines
os = "10.0.20348.2655"
name = "npw22"
orchestrator = "kubernetes"
runtime = "containerd 1.7.17"
count = 3 # until March
taints = ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"]

  [host.labels]
  agentpool = "npw22"
  "kubernetes.azure.com/mode" = "user"
  "kubernetes.azure.com/agentpool" = "npw22"
  "kubernetes.azure.com/cluster" = "MC_rg-demo_westeurope"
  "kubernetes.azure.com/node-image-version" = "AKSWindows-2022-containerd-20348.2655.240814"
  "kubernetes.azure.com/os-sku" = "Windows2022"
  "kubernetes.azure.com/scalesetpriority" = "spot"
  "kubernetes.io/role" = "agent"
  "node-role.kubernetes.io/agent" = ""

[[host]]
name = "builder"
os = "win11-23h2"
orchestrator = "docker"

[[host]]
name = "gone"
os = "ltsc2016"
orchestrator = "kubernetes"

[[host]]
name = "nodepool1"
os = "linux"
orchestrator = "kubernetes"
runtime = "containerd 1.4.4"
labels.agentpool = "nodepool1"
labels."kubernetes.azure.com/agentpool" = "nodepool1"
labels."kubernetes.azure.com/cluster" = "MC_rg-demo_westeurope"
labels."kubernetes.azure.com/mode" = "system"
labels."kubernetes.azure.com/node-image-version" = "AKSUbuntu-1804-containerd-2021.05.19"
labels."kubernetes.azure.com/os-sku" = "Ubuntu"
labels."kubernetes.io/role" = "agent"
labels."node-role.kubernetes.io/agent" = ""
count = 2

[images]
"contoso.azurecr.io/web:*" = "ltsc2022"
"#;

#[test]
fn a_merge_keeps_what_somebody_wrote() {
    for crlf in [false, true] {
        let lines = |text: &str| if crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
        let tree = Tree::new(&format!("merge-{crlf}")).with("hostfit.toml", lines(BY_HAND));
        let arguments = import(&["aks/nodes.json"], &["--merge", "hostfit.toml"]);
        let output = run(&tree, &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&tree.bytes("hostfit.toml")), lines(MERGED));
        let told = text(&output.stderr);
        assert!(told.contains("`gone` stays, but no output tells of it"), "{told}");
        assert!(told.contains("`old-nodes` keeps the label team=web"), "{told}");
        assert!(!told.contains("builder"), "a cluster's nodes say nothing of plain Docker: {told}");
        assert!(told.contains("hostfit.toml: 1 host added, 2 hosts changed"), "{told}");
        // And nothing is left to change.
        let again = run(&tree, &arguments);
        assert_eq!((again.status.code(), text(&tree.bytes("hostfit.toml"))), (Some(0), lines(MERGED)));
    }
}

/// A file in UTF-16 stays one, a byte order mark stays, and a file without hosts, or without a last line end, gets them.
#[test]
fn a_merge_writes_into_files_of_every_form() {
    let tree = Tree::new("forms");
    let merge = |file: &[u8]| {
        tree.write("fleet.toml", file);
        let arguments = import(&["capz/wide.txt"], &["--merge", "fleet.toml"]);
        for _ in 0..2 {
            let output = run(&tree, &arguments);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        }
        tree.bytes("fleet.toml")
    };
    let hosts = "[[host]]\nname = \"win-ltsc2019\"\nos = \"10.0.17763.2366\"\nkind = \"server\"\norchestrator = \"kubernetes\"\n\
                 runtime = \"containerd 1.6.0\"\ncount = 2\n\n[[host]]\nname = \"linux\"\nos = \"linux\"\n\
                 orchestrator = \"kubernetes\"\nruntime = \"containerd 1.3.4\"\ncount = 3\n";
    assert_eq!(text(&merge(b"")), hosts);
    assert_eq!(text(&merge(b"[check]\nfail-on = \"error\"")), format!("[check]\nfail-on = \"error\"\n\n{hosts}"));
    let marked = text(&merge("\u{feff}# ours\r\n".as_bytes()));
    assert_eq!(marked, format!("\u{feff}# ours\n\n{hosts}").replace('\n', "\r\n"));
    let utf16: Vec<u8> = "\u{feff}# ours\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let expected: Vec<u8> = format!("\u{feff}# ours\n\n{hosts}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(merge(&utf16), expected);
    let array = text(&merge(b"host = [\n  { name = \"linux\", os = \"linux\", count = 2 }, # few\n]\n"));
    assert_eq!(
        array,
        "host = [\n  { name = \"linux\", os = \"linux\", runtime = \"containerd 1.3.4\", count = 3 },\n  { name = \
         \"win-ltsc2019\", os = \"10.0.17763.2366\", kind = \"server\", orchestrator = \"kubernetes\", runtime = \
         \"containerd 1.6.0\", count = 2 }, # few\n]\n"
    );
    let last = text(&merge(b"[[host]]\nname = \"linux\"\nos = \"linux\""));
    assert!(last.starts_with("[[host]]\nname = \"linux\"\nos = \"linux\"\n"), "{last}");
    assert_eq!(last.matches("[[host]]").count(), 2, "{last}");
}

#[test]
fn a_merge_adds_to_tables_of_every_form() {
    let labels = "labels.\"node.openshift.io/os_id\" = \"rhcos\" # theirs\n";
    let more =
        "labels.\"node-role.kubernetes.io/control-plane\" = \"\"\nlabels.\"node-role.kubernetes.io/master\" = \"\"\n";
    let control_plane = "[[host]]\nname = \"linux-control-plane\"\nos = \"linux\"\n";
    let taints = "taints = [ # ours\n  \"a=b:NoSchedule\",\n]\n";
    let windows = "[[host]]\nname = \"win22-wk\"\nos = \"10.0.20348.1607\"\nruntime = \"docker 20.10.9 (containerd)\"\nlabels = {}\n\
                   engine-labels = { rack = \"b2\" }\nkind = \"client\" # wrong\n\n# the end\n";
    let file = format!("{control_plane}{labels}{taints}count = 3\n\n{windows}");
    let tree = Tree::new("tables").with("fleet.toml", file);
    let output = run(&tree, &import(&["openshift/nodes.json"], &["--merge", "fleet.toml"]));
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let windows = "[[host]]\nname = \"win22-wk\"\nos = \"10.0.20348.1668\"\nruntime = \"containerd 1.19\"\nlabels = { \
                   \"node-role.kubernetes.io/worker\" = \"\", \"node.openshift.io/os_id\" = \"Windows\" }\nengine-labels = { rack = \
                   \"b2\" }\nkind = \"server\" # wrong\ntaints = [\"os=Windows:NoSchedule\"]\ncount = 2\n\n# the end\n";
    let expected = format!("{control_plane}{labels}{more}{taints}count = 3\n\n{windows}");
    assert_eq!(text(&tree.bytes("fleet.toml")), expected);
    let taints = "`linux-control-plane` has the taints [\"node-role.kubernetes.io/master:NoSchedule\"] now";
    assert!(told.contains(taints), "{told}");
}

/// A pool that is on two revisions is two hosts, and one again when it is on one; a name of another orchestrator's host
/// is not taken.
#[test]
fn a_merge_follows_a_pool_through_an_update() {
    let aks = text(&fixture("aks/nodes.json"));
    let half = aks.replacen("10.0.20348.2655", "10.0.20348.2700", 1);
    let whole = aks.replace("10.0.20348.2655", "10.0.20348.2700");
    let tree = Tree::new("update")
        .with("hostfit.toml", "[[host]]\nname = \"win19\"\nos = \"ltsc2019\"\norchestrator = \"swarm\"\n");
    let merge = |nodes: &str| {
        tree.write("nodes.json", nodes);
        let output = tree.run(&["fleet", "import", "nodes.json", "--merge", "hostfit.toml"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let file: toml::Table = text(&tree.bytes("hostfit.toml")).parse().expect("TOML");
        let word = |host: &toml::Value, key: &str| host.get(key).map(ToString::to_string).unwrap_or_default();
        let line = |host: &toml::Value| format!("{} {} {}", word(host, "name"), word(host, "os"), word(host, "count"));
        let hosts: Vec<_> = file["host"].as_array().expect("hosts").iter().map(line).collect();
        (hosts, text(&output.stderr))
    };
    let (first, _) = merge(&aks);
    assert_eq!(
        first[..3],
        ["\"win19\" \"ltsc2019\" ", "\"win19-2\" \"10.0.17763.3887\" ", "\"npw22\" \"10.0.20348.2655\" 3"]
    );
    let (during, _) = merge(&half);
    assert_eq!(during[2], "\"npw22\" \"10.0.20348.2655\" 2");
    assert_eq!(during[4], "\"npw22-20348.2700\" \"10.0.20348.2700\" ");
    assert_eq!(during.len(), 5);
    let (after, told) = merge(&whole);
    assert_eq!(after[2], "\"npw22\" \"10.0.20348.2700\" 3");
    assert!(told.contains("`npw22-20348.2700` stays, but no output tells of it"), "{told}");
}

/// Of a node that was asked for by its name others may be alike: nothing is fewer, and nothing is gone.
#[test]
fn one_node_is_no_list_of_all() {
    let file = "[[host]]\nname = \"npw22\"\nos = \"10.0.20348.2655\"\norchestrator = \"kubernetes\"\ncount = 3\n\n\
                [[host]]\nname = \"other\"\nos = \"linux\"\norchestrator = \"kubernetes\"\n";
    let all: Value = serde_json::from_slice(&fixture("aks/nodes.json")).expect("JSON");
    let list = |items: Value| serde_json::json!({ "kind": "List", "apiVersion": "v1", "items": items }).to_string();
    let node = all["items"][2].clone();
    let cases = [
        (node.to_string(), "count = 3", false),
        (list(serde_json::json!([node])), "", true),
        (list(all["items"].clone()), "count = 3", true),
    ];
    for (number, (output, count, tells)) in cases.into_iter().enumerate() {
        let tree = Tree::new(&format!("one-{number}")).with("hostfit.toml", file).with("nodes.json", output);
        let merged = tree.run(&["fleet", "import", "nodes.json", "--merge", "hostfit.toml"]);
        let told = text(&merged.stderr);
        assert_eq!(merged.status.code(), Some(0), "{told}");
        let first: toml::Table = text(&tree.bytes("hostfit.toml")).parse().expect("TOML");
        let found = first["host"][0].get("count").map_or_else(String::new, |count| format!("count = {count}"));
        assert_eq!(found, if count.is_empty() { "count = 1" } else { count }, "{number}");
        assert_eq!(told.contains("`other` stays, but no output tells of it"), tells, "{told}");
    }
}

/// What can't be taken ends the run before anything is written, and says what to give instead.
#[test]
fn what_tells_of_no_host_is_refused_with_what_would() {
    let aks = text(&fixture("aks/nodes.json"));
    let cases: [(&str, &str); 20] = [
        ("", "is empty"),
        (
            "hello\n",
            "is nothing that tells of hosts; expected is what one of these prints: `kubectl get nodes -o json`",
        ),
        (aks.split_at(aks.len() / 2).0, "is broken JSON"),
        ("{\"kind\": \"Pod\", \"metadata\": {}}", "holds 1 Pod, and no node"),
        ("{\"kind\": \"List\", \"items\": [{\"kind\": \"Pod\"}, {\"kind\": \"Pod\"}]}", "holds 2 Pod, and no node"),
        (
            "[{\"kind\": \"A\"}, {\"kind\": \"B\"}, {\"kind\": \"C\"}, {\"kind\": \"D\"}]",
            "holds 1 A, 1 B, 1 C, others, and no node",
        ),
        ("{\"kind\": \"NodeList\", \"items\": []}", "there is no host in it"),
        ("[1, 2, 3]", "is nothing that tells of hosts"),
        ("[]", "is nothing that tells of hosts"),
        ("apiVersion: v1\nkind: Node\nmetadata: [\n", "is broken YAML"),
        ("apiVersion: v1\nkind: Node\nmetadata: 7\n", "there is no host in it"),
        (
            "kind: Node\nmetadata: {name: a}\nkind: Node\nmetadata: {name: b}\n",
            "`kind` stands twice in this mapping on line 3",
        ),
        ("{\"Client\": {\"Version\": \"24.0.7\"}, \"Server\": null}", "no engine answered"),
        ("{\"ID\": \"\", \"ServerErrors\": [\"Cannot connect\"]}", "no engine answered"),
        ("NAME   STATUS   ROLES   AGE   VERSION\na      Ready    agent   1d    v1.30\n", "the names of nodes only"),
        (
            "ID    HOSTNAME   STATUS   AVAILABILITY   MANAGER STATUS\nx *   a   Ready   Active   Leader\n",
            "docker node inspect",
        ),
        ("Server Version: 20.10.9\n OSType: windows\n", "docker info --format json"),
        ("Client:\n API version: 1.41\n OS/Arch: windows/amd64\n", "docker version --format json"),
        ("kind: RuntimeClass\napiVersion: node.k8s.io/v1\nmetadata:\n  name: windows-2022\n", "there is no host in it"),
        ("Name: web\nNamespace: default\nContainers:\n  web:\n", "describes a pod"),
    ];
    let tree = Tree::new("refused").with("hostfit.toml", "# ours\n");
    for (input, why) in cases {
        for arguments in [&["fleet", "import"][..], &["fleet", "import", "--merge", "hostfit.toml"]] {
            let output = tree.stdin(arguments, input.as_bytes());
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{input}\n{}{told}", text(&output.stdout));
            assert!(told.contains(why) && output.stdout.is_empty(), "{input}\n{told}");
            assert_eq!(tree.bytes("hostfit.toml"), b"# ours\n");
        }
    }
    for bytes in [&b"\x00\x01\x02\x03"[..], b"\xff\xfe\x00", b"{\xff}"] {
        assert_eq!(tree.stdin(&["fleet", "import"], bytes).status.code(), Some(2));
    }
    for (arguments, why) in [
        (&["fleet", "import", "missing.json"][..], "missing.json can't be read"),
        (&["fleet", "import", "nodes.json", "--merge", "missing.toml"], "missing.toml can't be read"),
        (&["fleet", "import", "nodes.json", "--merge", "broken.toml"], "unknown key `hosts`"),
        (&["fleet", "import", "nodes.json", "--label", "a{"], "`a{` is no pattern"),
        (&["fleet", "import", "."], "can't be read"),
    ] {
        tree.write("nodes.json", &aks);
        tree.write("broken.toml", "hosts = 1\n");
        let output = tree.run(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
}

/// Neither depth nor length nor aliases make it hang or end otherwise than with its own words.
#[test]
fn hostile_outputs_are_refused() {
    let tree = Tree::new("hostile");
    let deep = "[".repeat(200_000);
    let deep_yaml = format!("kind: Node\na: {}", "[".repeat(100_000));
    let long = format!("{{\"kind\":\"NodeList\",\"items\":[{}0]}}", "0,".repeat(17 << 20));
    let mut aliases = "kind: Node\nmetadata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        aliases.extend([format!("  a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", "))]);
    }
    for input in [deep.into_bytes(), deep_yaml.into_bytes(), aliases.into_bytes(), long.into_bytes()] {
        let start = std::time::Instant::now();
        let output = tree.stdin(&["fleet", "import"], &input);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.starts_with("error: ") && told.len() < 1000, "{told}");
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}
