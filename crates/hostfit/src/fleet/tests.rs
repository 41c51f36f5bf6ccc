//! What outputs are read as, which labels matter, what pools are called.

use std::{fs, path::Path};

use fastrand::Rng;
use hostfit_core::fleet::Orchestrator;

use super::{
    label::LabelSelection,
    machine::{Machine, Os, Runtime, join},
    pool::{HostOs, Pool, pools},
    read::{Outputs, read},
    write,
};

fn fixture(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fleet").join(path)).expect(path)
}

fn machines(texts: &[&str]) -> Vec<Machine> {
    let mut all = Outputs::default();
    for text in texts {
        all.add(read(text, "stdin").expect("taken"));
    }
    all.finish(false);
    join(all.machines)
}

fn grouped(texts: &[&str]) -> Vec<Pool> {
    pools(machines(texts), &LabelSelection::new([]).expect("patterns"), false)
}

fn names(pools: &[Pool]) -> Vec<(&str, usize)> {
    pools.iter().map(|pool| (pool.name.as_str(), pool.count.unwrap_or_default())).collect()
}

/// A Windows node with these labels, as JSON.
fn node(name: &str, kernel: &str, labels: &[(&str, &str)]) -> String {
    let labels: Vec<_> = labels.iter().map(|(key, value)| format!("\"{key}\":\"{value}\"")).collect();
    format!(
        "{{\"kind\":\"Node\",\"metadata\":{{\"name\":\"{name}\",\"labels\":{{{}}}}},\"status\":{{\"nodeInfo\":{{\
         \"operatingSystem\":\"windows\",\"kernelVersion\":\"{kernel}\"}}}}}}",
        labels.join(",")
    )
}

const WIN22: &str = "10.0.20348.2700";

#[test]
fn equal_nodes_are_one_pool_and_others_are_not() {
    let same = [node("a1", WIN22, &[("disk", "ssd")]), node("a2", WIN22, &[("disk", "ssd")])].concat();
    assert_eq!(names(&grouped(&[&same])), [("win-ltsc2022", 2)]);
    let label = [node("a1", WIN22, &[("disk", "ssd")]), node("a2", WIN22, &[("disk", "hdd")])].concat();
    assert_eq!(names(&grouped(&[&label])), [("win-ltsc2022", 1), ("win-ltsc2022-2", 1)]);
}

/// An upgrade of AKS reaches one machine after the other: new revision, new containerd, new labels. It is one pool all the
/// time, and images have to fit its oldest machine. Where revisions have to be equal, two of them are two hosts.
#[test]
fn a_pool_whose_upgrade_is_under_way_is_one_host() {
    let labels =
        |image: &'static str| [("kubernetes.azure.com/agentpool", "np"), ("kubernetes.azure.com/image", image)];
    let new = node("a2", WIN22, &labels("new"))
        .replace("\"kernelVersion\"", "\"containerRuntimeVersion\":\"containerd://2.0.4\",\"kernelVersion\"");
    let old = node("a1", "10.0.20348.2655", &labels("old"))
        .replace("\"kernelVersion\"", "\"containerRuntimeVersion\":\"containerd://1.7.20\",\"kernelVersion\"");
    let pools = grouped(&[&[new, old].concat()]);
    assert_eq!(names(&pools), [("np", 2)]);
    let text = write::host(&pools[0]);
    assert!(text.contains("os = \"10.0.20348.2655\"   # revisions 2655 to 2700\n"), "{text}");
    assert!(text.contains("runtime = \"containerd 1.7.20\""), "{text}");
    assert!(!text.contains("/image"), "{text}");
    let of = |revision: &str, key| node(revision, &format!("10.0.14393.{revision}"), &[(key, "np")]);
    for key in ["agentpool", "disk"] {
        assert_eq!(grouped(&[&[of("1715", key), of("1770", key)].concat()]).len(), 2, "{key}");
    }
    // What people set parts a pool all the same.
    let team = |name: &str, team| node(name, WIN22, &[("agentpool", "np"), ("team", team)]);
    assert_eq!(names(&grouped(&[&[team("a1", "web"), team("a2", "batch")].concat()])), [("np", 1), ("np-2", 1)]);
}

/// Two clusters may have pools of one name.
#[test]
fn pools_of_two_clusters_are_two_hosts() {
    let of = |cluster| [("kubernetes.azure.com/agentpool", "np"), ("kubernetes.azure.com/cluster", cluster)];
    let nodes = [node("a1", WIN22, &of("MC_prod")), node("b1", WIN22, &of("MC_test"))].concat();
    assert_eq!(names(&grouped(&[&nodes])), [("np", 1), ("np-2", 1)]);
}

/// What the nodes say goes before what their pool is declared as.
#[test]
fn a_declared_pool_whose_nodes_are_listed_is_one_host() {
    let nodes = node("a1", WIN22, &[("kubernetes.azure.com/agentpool", "win22"), ("agentpool", "win22")]);
    let pools = grouped(&[&nodes, &fixture("aks-cli/nodepools.json")]);
    let own: Vec<_> = names(&pools).into_iter().filter(|(name, _)| name.starts_with("win22")).collect();
    assert_eq!(own, [("win22", 1)]);
}

#[test]
fn labels_of_one_machine_of_place_and_of_kubernetes_part_no_pool() {
    let own = |name: &str, number: &str| {
        let labels = [
            ("kubernetes.io/hostname", name),
            ("kubernetes.io/os", "windows"),
            ("kubernetes.io/arch", "amd64"),
            ("node.kubernetes.io/windows-build", "10.0.20348"),
            ("topology.kubernetes.io/zone", number),
            ("example.com/asset", &format!("{name}.example.com")),
            ("example.com/uid", &format!("0000000{number}-6525-11ef-949f-9294afc7e214")),
            ("team", "web"),
        ];
        node(name, WIN22, &labels)
    };
    let pools = grouped(&[&[own("winnode01", "1"), own("winnode02", "2")].concat()]);
    assert_eq!(names(&pools), [("win-ltsc2022", 2)]);
    let labels: Vec<_> = pools.iter().flat_map(|pool| pool.labels.iter().flatten()).collect();
    assert_eq!(labels, [(&"team".to_owned(), &"web".to_owned())]);
}

/// What a label says against the build, and an architecture that is not the usual one, must not get lost.
#[test]
fn labels_that_say_something_else_than_is_known_are_kept() {
    let labels = [("node.kubernetes.io/windows-build", "10.0.17763"), ("kubernetes.io/arch", "arm64"), ("role", "web")];
    let pools = grouped(&[&node("web", WIN22, &labels)]);
    let kept: Vec<_> =
        pools.iter().flat_map(|pool| pool.labels.iter().flatten()).map(|(key, _)| key.as_str()).collect();
    assert_eq!(kept, ["kubernetes.io/arch", "node.kubernetes.io/windows-build", "role"]);
}

#[test]
fn a_label_that_is_asked_for_is_kept_and_parts_pools() {
    let nodes: String = ["1", "2"]
        .iter()
        .map(|zone| node(&format!("n{zone}"), WIN22, &[("topology.kubernetes.io/zone", zone)]))
        .collect();
    let selection = LabelSelection::new(["topology.*"]).expect("patterns");
    let pools = pools(machines(&[&nodes]), &selection, false);
    assert_eq!(names(&pools), [("win-ltsc2022", 1), ("win-ltsc2022-2", 1)]);
    assert!(LabelSelection::new(["a{"]).is_err());
}

#[test]
fn with_names_each_machine_is_a_host() {
    let selection = LabelSelection::new([]).expect("patterns");
    let text = [fixture("seed-2017/describe.txt"), fixture("seed-2017/show-labels.txt")];
    let machines = machines(&[&text[0], &text[1]]);
    let names: Vec<_> = pools(machines, &selection, true).into_iter().map(|pool| pool.name).collect();
    assert_eq!(names, ["38519acs9010", "38519acs9011", "k8s-linuxpool1-38519084-0", "k8s-master-38519084-0"]);
}

/// PowerShell's `>` and people who paste indent, part lines with CRLF, and put prompts before outputs.
#[test]
fn a_paste_is_read_as_what_was_printed() {
    let plain = fixture("seed-2017/describe.txt");
    let rows = |text: &str| {
        let machines = machines(&[text]);
        machines.into_iter().map(|it| (it.name, it.os, it.labels, it.taints)).collect::<Vec<_>>()
    };
    let expected = rows(&plain);
    assert_eq!(expected.len(), 2);
    let indented: String = plain.lines().flat_map(|line| ["    ", line, "\n"]).collect();
    assert_eq!(rows(&indented), expected);
    assert_eq!(rows(&plain.replace('\n', "\r\n")), expected);
    let between = plain.replace("...\n", "Kommentar: zwischen den Zeilen\n");
    assert_eq!(rows(&between), expected);
}

#[test]
fn tables_are_read_by_column_and_pods_are_no_nodes() {
    let machines = machines(&[&fixture("capz/wide.txt")]);
    let windows = machines.iter().filter(|it| matches!(it.os, Some(Os::Windows(Some(_))))).count();
    let linux = machines.iter().filter(|it| it.os == Some(Os::Linux)).count();
    assert_eq!((windows, linux), (2, 3));
    // Without a label nobody tells which labels there are.
    assert!(machines.iter().all(|it| it.labels.is_none() && it.taints.is_none()));
    let fenced = format!("```\n{}```\n", fixture("capz/wide.txt"));
    assert_eq!(self::machines(&[&fenced]).len(), machines.len());
    let pod =
        "Name:           web\nNamespace:      plang\nNode-Selectors: beta.kubernetes.io/os=windows\nTaints: <none>\n";
    assert!(read(pod, "stdin").is_err());
}

#[test]
fn runtimes_are_written_as_the_fleet_reads_them() {
    let cases = [
        ("containerd://1.7.20+azure", Some("containerd 1.7.20")),
        ("containerd://1.6.0-rc.1", Some("containerd 1.6.0")),
        ("docker://24.0.7", Some("docker 24.0.7")),
        ("docker://Unknown", Some("docker")),
        ("cri-o://1.25.2", None),
        ("Unknown", None),
    ];
    for (text, expected) in cases {
        assert_eq!(Runtime::of_kubelet(text).map(|it| it.to_string()).as_deref(), expected, "{text}");
    }
    assert_eq!(Runtime::docker("29.6.2", Some(true)).to_string(), "docker 29.6.2 (containerd)");
    assert_eq!(Runtime::docker("17.06.2-ee-16", Some(false)).to_string(), "docker 17.06.2");
    assert_eq!(Runtime::docker("master-dockerproject-2018-11-29", None).to_string(), "docker");
}

/// The node's own word goes before a label's, whichever comes first, and `docker info` tells whose it is by its id.
#[test]
fn a_swarm_node_is_joined_with_what_its_engine_tells() {
    let (nodes, info) = (fixture("swarm/nodes.json"), fixture("swarm/info-of-a-node.json"));
    for texts in [[&nodes, &info], [&info, &nodes]] {
        let pools = grouped(&texts.map(String::as_str));
        let systems: Vec<_> = pools.iter().map(|pool| (pool.orchestrator, pool.os.map(write::os))).collect();
        let os = |text: &str| (Orchestrator::Swarm, Some(text.to_owned()));
        assert_eq!(systems, [os("10.0.16296"), os("10.0.17763.2183"), os("linux")]);
        assert!(pools.iter().all(|pool| pool.by_label == (pool.name == "win-16296")));
    }
    // Alone, nobody knows; then it is a host in comments.
    let alone = grouped(&[&nodes]);
    assert_eq!(alone.iter().filter(|pool| pool.os.is_none()).count(), 1);
    let file = write::file(&alone, &[]);
    assert!(file.contains("# os = \"10.0.\"\n"), "{file}");
    assert_eq!(toml::from_str::<toml::Table>(&file).expect("TOML")["host"].as_array().map(Vec::len), Some(2));
}

/// `docker version` names no machine, so that what it tells is the engine's of which `docker info` tells too.
#[test]
fn one_engine_is_one_host() {
    let version = fixture("docker/version-mirantis.json");
    let info = fixture("docker/info-windows-11.json");
    assert_eq!(grouped(&[&version, &info]).len(), 2);
    let same = info.replace("22000", "17763").replace("20.10.12", "20.10.7");
    // Build 17763 is a server's and a client's; that it is a client's, one of the two tells.
    assert_eq!(names(&grouped(&[&version, &same])), [("win10-1809", 1)]);
}

/// Windows 11 calls itself 10 here, and Windows Server 2022 is of version 2009 too.
#[test]
fn the_build_decides_and_not_the_marketing() {
    let pools = grouped(&[&fixture("docker/info-windows-11.json")]);
    let os = pools.first().and_then(|pool| pool.os);
    assert!(matches!(os, Some(HostOs::Windows(version)) if version.to_string() == "10.0.22000.527"), "{os:?}");
}

/// No panic, and no answer that is none: whatever is cut off or mangled is taken in part, or refused with advice.
#[test]
fn no_prefix_and_no_mutation_makes_it_panic() {
    let paths = [
        "aks/nodes.json",
        "gke/nodes.yaml",
        "capz/wide.txt",
        "describe/nodes.txt",
        "seed-2023/show-labels.txt",
        "swarm/nodes.json",
        "docker/info-windows-11.json",
        "aks-cli/nodepools.json",
        "eks-cli/nodegroups.json",
        "gke-cli/node-pools.json",
        "terraform/state.json",
        "terraform/files/main.tf",
        "terraform/files/aws.tf",
        "eksctl/cluster.yaml",
        "karpenter/pools.yaml",
        "cluster-api/cluster.yaml",
        "ecs/tasks.json",
        "pipelines/.github/workflows/ci.yml",
        "pipelines/azure-pipelines.yml",
        "pipelines/.gitlab-ci.yml",
    ];
    let mut random = Rng::with_seed(0x9e37_79b9_7f4a_7c15);
    let selection = LabelSelection::new([]).expect("patterns");
    let tried = |text: &str| match read(text, "stdin") {
        Ok(mut outputs) => {
            outputs.finish(true);
            let pools = pools(join(outputs.machines), &selection, false);
            let file = write::file(&pools, &outputs.kinds);
            assert!(file.parse::<toml::Table>().is_ok(), "{file}");
        }
        Err(why) => assert!(["is ", "has ", "holds ", "tells "].iter().any(|it| why.starts_with(it)), "{why}"),
    };
    for path in paths {
        let text = fixture(path);
        for cut in (0..text.len()).step_by(text.len() / 40 + 1) {
            tried(text.get(..cut).unwrap_or_default());
        }
        for _ in 0..60 {
            let mut bytes = text.clone().into_bytes();
            for _ in 0..4 {
                let at = random.usize(..bytes.len());
                bytes[at] = b"{}[]\":,\n \t=-x\\"[random.usize(..14)];
            }
            tried(&String::from_utf8_lossy(&bytes));
        }
    }
}
