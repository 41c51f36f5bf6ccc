//! `--merge`: what becomes of a file that is there already.

use serde_json::Value;

use super::{
    common::{Tree, text},
    fixture, import, run,
};

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
        let printed = text(&output.stderr);
        assert!(printed.contains("kept `gone`: no imported node matches it"), "{printed}");
        assert!(printed.contains("`old-nodes` keeps the label team=web"), "{printed}");
        assert!(!printed.contains("builder"), "a cluster's nodes say nothing of plain Docker: {printed}");
        assert!(printed.contains("hostfit.toml: 1 host added, 2 hosts changed"), "{printed}");
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
    let printed = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    let windows = "[[host]]\nname = \"win22-wk\"\nos = \"10.0.20348.1668\"\nruntime = \"containerd 1.19\"\nlabels = { \
                   \"node-role.kubernetes.io/worker\" = \"\", \"node.openshift.io/os_id\" = \"Windows\" }\nengine-labels = { rack = \
                   \"b2\" }\nkind = \"server\" # wrong\ntaints = [\"os=Windows:NoSchedule\"]\ncount = 2\n\n# the end\n";
    let expected = format!("{control_plane}{labels}{more}{taints}count = 3\n\n{windows}");
    assert_eq!(text(&tree.bytes("fleet.toml")), expected);
    let taints = "`linux-control-plane` has the taints [\"node-role.kubernetes.io/master:NoSchedule\"] now";
    assert!(printed.contains(taints), "{printed}");
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
    let (after, printed) = merge(&whole);
    assert_eq!(after[2], "\"npw22\" \"10.0.20348.2700\" 3");
    assert!(printed.contains("kept `npw22-20348.2700`: no imported node matches it"), "{printed}");
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
        let printed = text(&merged.stderr);
        assert_eq!(merged.status.code(), Some(0), "{printed}");
        let first: toml::Table = text(&tree.bytes("hostfit.toml")).parse().expect("TOML");
        let found = first["host"][0].get("count").map_or_else(String::new, |count| format!("count = {count}"));
        assert_eq!(found, if count.is_empty() { "count = 1" } else { count }, "{number}");
        assert_eq!(printed.contains("kept `other`: no imported node matches it"), tells, "{printed}");
    }
}
