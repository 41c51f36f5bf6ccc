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
labels = { agentpool = "win19", team = "web", accelerator = "nvidia", "kubernetes.azure.com/accelerator" = "nvidia", "kubernetes.azure.com/agentpool" = "win19", "kubernetes.azure.com/cluster" = "MC_rg-demo_westeurope", "kubernetes.azure.com/mode" = "user", "kubernetes.azure.com/os-sku" = "Windows2019", "kubernetes.io/role" = "agent", "node-role.kubernetes.io/agent" = "" } # team is ours
hyperv = false
platform = "aks"

[[host]]
# the spot machines
os = "10.0.20348.2655"
name = "npw22"
orchestrator = "kubernetes"
runtime = "containerd 1.7.17"
count = 3 # until March
taints = ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"]
platform = "aks"

  [host.labels]
  agentpool = "npw22"
  "kubernetes.azure.com/mode" = "user"
  "kubernetes.azure.com/agentpool" = "npw22"
  "kubernetes.azure.com/cluster" = "MC_rg-demo_westeurope"
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
labels."kubernetes.azure.com/os-sku" = "Ubuntu"
labels."kubernetes.io/role" = "agent"
labels."node-role.kubernetes.io/agent" = ""
platform = "aks"
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
        assert!(told.contains("kept `gone`: no imported node matches it"), "{told}");
        assert!(told.contains("`old-nodes` keeps the label team=web"), "{told}");
        assert!(!told.contains("builder"), "a cluster's nodes say nothing of plain Docker: {told}");
        assert!(told.contains("hostfit.toml: 1 host added, 2 hosts changed, 2 kept, 0 gone"), "{told}");
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
                   \"b2\" }\nkind = \"server\" # wrong\ntaints = [\"os=Windows:NoSchedule\"]\nplatform = \"openshift\"\ncount = 2\n\n# the end\n";
    let expected = format!("{control_plane}{labels}{more}{taints}platform = \"openshift\"\ncount = 3\n\n{windows}");
    assert_eq!(text(&tree.bytes("fleet.toml")), expected);
    let taints = "`linux-control-plane` has the taints [\"node-role.kubernetes.io/master:NoSchedule\"] now";
    assert!(printed.contains(taints), "{printed}");
}

/// A pool that is on two revisions is one host with a comment, and one without it when it is on one again; a name of another
/// orchestrator's host is not taken.
#[test]
fn a_merge_follows_a_pool_through_an_update() {
    let aks = text(&fixture("aks/nodes.json"));
    let half = aks.replacen("10.0.20348.2655", "10.0.20348.2700", 1);
    let half = half.replacen("20348.2655.240814", "20348.2700.240911", 1).replacen("1.7.17", "1.7.20", 1);
    let whole = aks.replace("20348.2655.240814", "20348.2700.240911").replace("10.0.20348.2655", "10.0.20348.2700");
    let tree = Tree::new("update")
        .with("hostfit.toml", "[[host]]\nname = \"win19\"\nos = \"ltsc2019\"\norchestrator = \"swarm\"\n");
    let merge = |nodes: &str| {
        tree.write("nodes.json", nodes);
        let output = tree.run(&["fleet", "import", "nodes.json", "--merge", "hostfit.toml"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let file = text(&tree.bytes("hostfit.toml"));
        let table: toml::Table = file.parse().expect("TOML");
        let word = |host: &toml::Value, key: &str| host.get(key).map(ToString::to_string).unwrap_or_default();
        let line = |host: &toml::Value| format!("{} {} {}", word(host, "name"), word(host, "os"), word(host, "count"));
        let hosts: Vec<_> = table["host"].as_array().expect("hosts").iter().map(line).collect();
        (hosts, file, text(&output.stderr))
    };
    let (first, ..) = merge(&aks);
    assert_eq!(
        first[..3],
        ["\"win19\" \"ltsc2019\" ", "\"win19-2\" \"10.0.17763.3887\" ", "\"npw22\" \"10.0.20348.2655\" 3"]
    );
    for _ in 0..2 {
        let (during, file, told) = merge(&half);
        assert_eq!(during, first);
        assert!(file.contains("os = \"10.0.20348.2655\"   # revisions 2655 to 2700\n"), "{file}");
        assert!(!told.contains("keeps the label"), "{told}");
    }
    let (after, file, told) = merge(&whole);
    assert_eq!((after[2].as_str(), after.len()), ("\"npw22\" \"10.0.20348.2700\" 3", first.len()));
    assert!(!file.contains("revisions"), "{file}");
    assert!(told.contains("hostfit.toml: 0 hosts added, 1 host changed, 3 kept, 0 gone"), "{told}");
}

/// What former versions wrote, two hosts of one pool with the image of its nodes, becomes one without it.
#[test]
fn a_merge_takes_back_what_an_upgrade_had_left() {
    let host = |name: &str, revision: &str, count: &str, more: &str| {
        format!(
            "[[host]]\nname = \"{name}\"\nos = \"10.0.20348.{revision}\"\norchestrator = \"kubernetes\"\nlabels = {{ agentpool = \
             \"npw22\"{more} }}\ncount = {count}\n"
        )
    };
    let image = ", \"kubernetes.azure.com/node-image-version\" = \"AKSWindows-2022-containerd-20348.2402.240512\"";
    let file = format!(
        "{}\n# the same pool\n{}\n{}",
        host("npw22", "2402", "2", image),
        host("npw22-20348.2655", "2655", "1", ""),
        "[[host]]\nname = \"old\"\nos = \"ltsc2019\"\norchestrator = \"kubernetes\"\nlabels.agentpool = \"old\"\n\n\
         [[host]]\nname = \"other\"\nos = \"ltsc2019\"\norchestrator = \"kubernetes\"\nlabels.\"eks.amazonaws.com/nodegroup\" = \
         \"old\"\n"
    );
    let tree = Tree::new("split").with("hostfit.toml", &file);
    let merged = run(&tree, &import(&["aks/nodes.json"], &["--merge", "hostfit.toml"]));
    let told = text(&merged.stderr);
    assert!(
        told.contains("no longer in the cluster: `npw22-20348.2655`, `old`; to remove: `hostfit fleet import"),
        "{told}"
    );
    assert!(told.contains("nodes.json --merge hostfit.toml --prune`"), "{told}");
    assert!(told.contains("kept `other`: no imported node matches it"), "{told}");
    assert!(told.contains("hostfit.toml: 2 hosts added, 1 host changed, 1 kept, 2 gone"), "{told}");
    let now = text(&tree.bytes("hostfit.toml"));
    assert!(!now.contains("node-image-version") && now.contains("npw22-20348.2655"), "{now}");
    let pruned = run(&tree, &import(&["aks/nodes.json"], &["--merge", "hostfit.toml", "--prune"]));
    let told = text(&pruned.stderr);
    assert!(told.contains("removed `npw22-20348.2655`, `old`: no longer in the cluster"), "{told}");
    let now: toml::Table = text(&tree.bytes("hostfit.toml")).parse().expect("TOML");
    let names: Vec<_> = now["host"].as_array().expect("hosts").iter().map(|it| it["name"].to_string()).collect();
    assert_eq!(names, ["\"npw22\"", "\"other\"", "\"win19\"", "\"nodepool1\""]);
    let file = text(&tree.bytes("hostfit.toml"));
    assert!(!file.contains("# the same pool") && !file.contains("\n\n\n"), "{file}");
    let again = run(&tree, &import(&["aks/nodes.json"], &["--merge", "hostfit.toml", "--prune"]));
    assert!(text(&again.stderr).contains("hostfit.toml is up to date"), "{}", text(&again.stderr));
    // Without --merge there is nothing to remove from.
    assert_eq!(run(&tree, &import(&["aks/nodes.json"], &["--prune"])).status.code(), Some(2));
}

/// Elements of a list go with their commas, and what stays is TOML.
#[test]
fn a_prune_removes_elements_of_lists_too() {
    let host = |name: &str| {
        format!(
            "{{ name = \"{name}\", os = \"ltsc2019\", orchestrator = \"kubernetes\", labels = {{ agentpool = \"{name}\" }} }}"
        )
    };
    for file in [
        format!("host = [\n  {},\n  {}, # few\n  {},\n]\n", host("a"), host("win19"), host("b")),
        format!("host = [{}, {}, {}]\n", host("a"), host("win19"), host("b")),
    ] {
        let tree = Tree::new("prune-list").with("hostfit.toml", &file);
        let merged = run(&tree, &import(&["aks/nodes.json"], &["--merge", "hostfit.toml", "--prune"]));
        assert_eq!(merged.status.code(), Some(0), "{}", text(&merged.stderr));
        let now: toml::Table = text(&tree.bytes("hostfit.toml")).parse().expect("TOML");
        let names: Vec<_> = now["host"].as_array().expect("hosts").iter().map(|it| it["name"].to_string()).collect();
        assert_eq!(names, ["\"win19\"", "\"npw22\"", "\"nodepool1\""]);
    }
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

/// With their names, machines of one pool are hosts of their own: a new one is not the old one.
#[test]
fn a_merge_with_names_adds_the_machines_that_came() {
    let aks = text(&fixture("aks/nodes.json"));
    let tree = Tree::new("named").with("nodes.json", &aks).with("hostfit.toml", "");
    let merge = || {
        let output = tree.run(&["fleet", "import", "nodes.json", "--names", "--merge", "hostfit.toml"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    merge();
    let first: Value = serde_json::from_str(&aks).expect("JSON");
    let name = first["items"][2]["metadata"]["name"].as_str().expect("a name").to_owned();
    tree.write("nodes.json", aks.replace(&name, "another-machine-7"));
    let told = merge();
    assert!(told.contains(&format!("no longer in the cluster: `{name}`")), "{told}");
    assert!(told.contains("1 host added, 0 hosts changed, 5 kept, 1 gone"), "{told}");
}

/// Where labels of people part a pool, its parts are found again by these labels, whatever number each had.
#[test]
fn a_merge_finds_the_parts_of_a_pool_by_their_labels() {
    let node = |name: &str, team: &str| {
        format!(
            "{{\"kind\":\"Node\",\"metadata\":{{\"name\":\"{name}\",\"labels\":{{\"agentpool\":\"np\",\"team\":\"{team}\"}}}},\"status\":\
             {{\"nodeInfo\":{{\"operatingSystem\":\"windows\",\"kernelVersion\":\"10.0.20348.2700\"}}}}}}\n"
        )
    };
    let tree = Tree::new("parts").with("hostfit.toml", "");
    let merge = |nodes: &[&str]| {
        tree.write("nodes.json", nodes.concat());
        let output = tree.run(&["fleet", "import", "nodes.json", "--merge", "hostfit.toml"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let (batch, web, alpha) = (node("a1", "batch"), node("a2", "web"), node("a3", "alpha"));
    assert!(merge(&[&batch, &web]).contains("2 hosts added"));
    let before = text(&tree.bytes("hostfit.toml"));
    let printed = merge(&[&batch, &web, &alpha]);
    assert!(printed.contains("1 host added, 0 hosts changed, 2 kept, 0 gone"), "{printed}");
    assert!(text(&tree.bytes("hostfit.toml")).starts_with(before.trim_end()), "{before}");
}
