//! `hostfit fleet import`: what it makes of real outputs.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "fleet_import/merge.rs"]
mod merge;
#[path = "fleet_import/sources.rs"]
mod sources;

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
                let mut found = findings(&tree, &["--fleet", "fleet.toml", "fabrikamfiber.web.yaml"]);
                let mut expected: Vec<_> = read("expected.txt").lines().map(str::to_owned).collect();
                // What is said of the hosts themselves stands in another file here.
                for list in [&mut found, &mut expected] {
                    list.retain(|finding| !finding.ends_with(" unsupported-host"));
                }
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
    for (number, files) in OUTPUTS.into_iter().chain(sources::DECLARED).enumerate() {
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
    let host = |it: &Value| json!([it["name"], it["version"], it["count"], it["labels"], it["taints"]]);
    hosts.map(host).collect()
}

/// The same, as the file says it.
fn declared(file: &str) -> Vec<Value> {
    let file: Value = toml::from_str(file).expect("TOML");
    let hosts = file["host"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let host = |it: &Value| {
        let version = it["os"].as_str().filter(|os| *os != "linux");
        let or = |key: &str, absent: Value| it.get(key).cloned().unwrap_or(absent);
        json!([it["name"], version, or("count", json!(1)), or("labels", json!({})), or("taints", json!([]))])
    };
    hosts.map(host).collect()
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

/// What cannot be taken ends the run before anything is written, and says what to give instead.
#[test]
fn what_tells_of_no_host_is_refused_with_what_would() {
    let aks = text(&fixture("aks/nodes.json"));
    let cases: [(&str, &str); 22] = [
        ("", "is empty"),
        ("hello\n", "is not node or engine data; expected the output of one of `kubectl get nodes -o json`"),
        (aks.split_at(aks.len() / 2).0, "is not valid JSON"),
        ("{\"kind\": \"Pod\", \"metadata\": {}}", "holds 1 Pod and no node"),
        ("{\"kind\": \"List\", \"items\": [{\"kind\": \"Pod\"}, {\"kind\": \"Pod\"}]}", "holds 2 Pod and no node"),
        (
            "[{\"kind\": \"A\"}, {\"kind\": \"B\"}, {\"kind\": \"C\"}, {\"kind\": \"D\"}]",
            "holds 1 A, 1 B, 1 C, others and no node",
        ),
        ("{\"kind\": \"NodeList\", \"items\": []}", "the input lists no host"),
        ("[1, 2, 3]", "is not node or engine data"),
        ("[]", "is not node or engine data"),
        ("apiVersion: v1\nkind: Node\nmetadata: [\n", "is not valid YAML"),
        ("apiVersion: v1\nkind: Node\nmetadata: 7\n", "the input lists no host"),
        (
            "kind: Node\nmetadata: {name: a}\nkind: Node\nmetadata: {name: b}\n",
            "`kind` is set twice in this mapping on line 3",
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
        (
            "kind: RuntimeClass\napiVersion: node.k8s.io/v1\nmetadata:\n  name: windows-2022\n",
            "the input lists no host",
        ),
        ("Name: web\nNamespace: default\nContainers:\n  web:\n", "describes a pod"),
        ("Name    OsType    Count    ProvisioningState    Mode\n", "take `az aks nodepool list -o json`"),
        ("NAME  MACHINE_TYPE  DISK_SIZE_GB  NODE_VERSION\n", "take `gcloud container node-pools list --format json`"),
    ];
    let tree = Tree::new("refused").with("hostfit.toml", "# ours\n");
    for (input, why) in cases {
        for arguments in [&["fleet", "import"][..], &["fleet", "import", "--merge", "hostfit.toml"]] {
            let output = tree.stdin(arguments, input.as_bytes());
            let printed = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{input}\n{}{printed}", text(&output.stdout));
            assert!(printed.contains(why) && output.stdout.is_empty(), "{input}\n{printed}");
            assert_eq!(tree.bytes("hostfit.toml"), b"# ours\n");
        }
    }
    for bytes in [&b"\x00\x01\x02\x03"[..], b"\xff\xfe\x00", b"{\xff}"] {
        assert_eq!(tree.stdin(&["fleet", "import"], bytes).status.code(), Some(2));
    }
    for (arguments, why) in [
        (&["fleet", "import", "missing.json"][..], "missing.json cannot be read"),
        (&["fleet", "import", "nodes.json", "--merge", "missing.toml"], "missing.toml cannot be read"),
        (&["fleet", "import", "nodes.json", "--merge", "broken.toml"], "unknown key `hosts`"),
        (&["fleet", "import", "nodes.json", "--label", "a{"], "`a{` is not a pattern"),
        (
            &["fleet", "import", "fleet.toml"],
            "fleet.toml is already a fleet (1 host): `hostfit check --fleet fleet.toml` uses it",
        ),
        (&["fleet", "import", "empty"], "empty has no file that declares machines"),
    ] {
        tree.write("nodes.json", &aks);
        tree.write("broken.toml", "hosts = 1\n");
        tree.write("fleet.toml", "[[host]]\nname = \"a\"\nos = \"linux\"\n");
        tree.write("empty/values.yaml", "tags: [a]\n");
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
        let printed = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{printed}");
        assert!(printed.starts_with("error: ") && printed.len() < 1000, "{printed}");
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}

/// Engines since 2019 print servers and clients of build 26100 apart by one word.
#[test]
fn a_client_of_a_build_that_servers_have_is_written_as_a_client() {
    let tree = Tree::new("client-of-26100");
    let info = text(&fixture("docker/info-windows-11.json"));
    let imported = |os: &str| {
        let new = info.replace("Windows 10 Pro Version 2009 (OS Build 22000.527)", os).replace("22000", "26100");
        let output = tree.stdin(&["fleet", "import", "-"], new.as_bytes());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let toml = text(&output.stdout);
        let line = |key: &str| {
            let mut lines = toml.lines().filter_map(|line| line.strip_prefix(key));
            lines.next().unwrap_or_default().to_owned()
        };
        (line("os = "), line("kind = "))
    };
    let (version, client) = ("\"10.0.26100.4652\"".to_owned(), "\"client\"".to_owned());
    assert_eq!(imported("Microsoft Windows Version 24H2 (OS Build 26100.4652)"), (version.clone(), client.clone()));
    let (os, kind) = imported("Microsoft Windows Server Version 24H2 (OS Build 26100.4652)");
    assert_eq!((os, kind == client), (version, false));
    assert_eq!(imported("Microsoft Windows 11 Pro (Build 26100)"), ("\"10.0.26100\"".to_owned(), client));
}
