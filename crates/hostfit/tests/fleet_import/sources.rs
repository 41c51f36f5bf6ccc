//! Sources that declare machines: command line tools of clouds, Terraform, definitions of clusters, CI pipelines.

use super::{
    common::{Tree, text},
    fixture, import, imported, run,
};

/// A source of each kind, by the files or the folder that hold it.
pub(super) const DECLARED: [&[&str]; 14] = [
    &["aks-cli/nodepools.json"],
    &["aks-cli/nodepools.json", "aks-cli/cluster.json"],
    &["eks-cli/nodegroups.json"],
    &["gke-cli/node-pools.json"],
    &["terraform/state.json"],
    &["terraform/plan.json"],
    &["terraform/files"],
    &["eksctl/cluster.yaml"],
    &["karpenter/pools.yaml"],
    &["karpenter"],
    &["cluster-api/cluster.yaml"],
    &["ecs/tasks.json"],
    &["pipelines/.github/workflows"],
    &["pipelines"],
];

/// The hosts, one a line, those in comments with a question mark.
fn hosts(file: &str) -> Vec<String> {
    let open = file
        .lines()
        .filter_map(|line| line.strip_prefix("# name = \""))
        .map(|it| format!("{} ?", it.trim_end_matches('"')));
    let open: Vec<_> = open.collect();
    let file: toml::Table = file.parse().expect("TOML");
    let line = |host: &toml::Value| {
        let text = |key: &str| host.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let taints = host.get("taints").and_then(toml::Value::as_array).into_iter().flatten();
        let taints = taints.map(|taint| taint.as_str().expect("text").to_owned());
        let count = host.get("count").map(|count| format!("x{count}"));
        let words = ["name", "os", "platform"].into_iter().filter_map(text);
        words.chain(taints).chain(count).collect::<Vec<_>>().join(" ")
    };
    file.get("host").and_then(toml::Value::as_array).into_iter().flatten().map(line).chain(open).collect()
}

/// What they declare.
const EXPECTED: [&[&str]; 14] = [
    &[
        "win22 10.0.20348.4294 aks os=windows:NoSchedule x5",
        "win25 10.0.26100 aks kubernetes.azure.com/scalesetpriority=spot:NoSchedule x2",
        "system linux aks CriticalAddonsOnly=true:NoSchedule x3",
        "wnext ?",
        "wold ?",
    ],
    &[
        "win22 10.0.20348.4294 aks os=windows:NoSchedule x5",
        "wold 10.0.20348 aks",
        "win25 10.0.26100 aks kubernetes.azure.com/scalesetpriority=spot:NoSchedule x2",
        "system linux aks CriticalAddonsOnly=true:NoSchedule x3",
        "wnext ?",
    ],
    &[
        "win-old 10.0.17763 eks",
        "win-core 10.0.20348 eks os=windows:NoSchedule x4",
        "linux linux eks x2",
        "own-image ?",
        "win-next ?",
    ],
    &[
        "win-2019 10.0.17763 gke node.kubernetes.io/os=windows:NoSchedule",
        "win-2022 10.0.20348 gke team=web:NoExecute node.kubernetes.io/os=windows:NoSchedule",
        "default-pool linux gke",
        "win-unset ?",
    ],
    &[
        "gke-win 10.0.20348 gke node.kubernetes.io/os=windows:NoSchedule x2",
        "win22 10.0.20348 aks os=windows:NoSchedule x4",
        "wold 10.0.20348 aks",
        "eks-win 10.0.26100 eks os=windows:PreferNoSchedule x2",
        "system linux aks x3",
        "ecs-windows-server-2022-core 10.0.20348 ecs",
    ],
    &["system linux aks", "win ?"],
    &[
        "gke-win 10.0.17763 gke node.kubernetes.io/os=windows:NoSchedule",
        "eks-win 10.0.20348 eks os=windows:NoSchedule x2",
        "wdef 10.0.20348 aks",
        "wina 10.0.20348 aks os=windows:NoSchedule x2",
        "winb 10.0.26100 aks os=windows:NoSchedule",
        "windows 10.0.26100 eks os=windows:NoSchedule x3",
        "linux linux eks",
        "system linux aks x3",
        "ecs-windows-server-2019-core 10.0.17763 ecs",
        "wfor ?",
        "wvar ?",
    ],
    &[
        "own-old 10.0.17763 eks os=windows:NoSchedule",
        "own-20h2 10.0.19042 eks",
        "win-core 10.0.20348 eks os=windows:NoSchedule x4",
        "win-spot 10.0.26100 eks",
        "linux linux eks x2",
        "own-next ?",
        "own-open ?",
    ],
    &["win-2022 10.0.20348 eks os=windows:NoSchedule", "win-2025 10.0.26100 eks", "linux linux eks", "win-elsewhere ?"],
    &[
        "windows 10.0.17763 eks os=windows:NoSchedule",
        "win-2022 10.0.20348 eks os=windows:NoSchedule",
        "win-2025 10.0.26100 eks",
        "linux linux eks",
        "win-elsewhere ?",
    ],
    &[
        "shop-md-2019 10.0.17763 x3",
        "akswin 10.0.20348 aks",
        "shop-mp-2022 10.0.20348 x2",
        "shop-md-0 linux x2",
        "md-win ?",
    ],
    &[
        "ecs-windows-server-2019-full 10.0.17763 ecs",
        "ecs-windows-server-2022-core 10.0.20348 ecs",
        "ecs-linux linux ecs",
        "ecs-windows-server-2028-core ?",
    ],
    &[
        "windows-2022 10.0.20348",
        "windows-2025 10.0.26100",
        "windows-latest 10.0.26100",
        "self-hosted-windows-x64 ?",
        "windows-latest-8-cores ?",
    ],
    &[
        "saas-windows-medium-amd64 10.0.20348",
        "windows-2022 10.0.20348",
        "windows-2025 10.0.26100",
        "windows-latest 10.0.26100",
        "self-hosted-windows-x64 ?",
        "shared-windows ?",
        "windows-latest-8-cores ?",
    ],
];

#[test]
fn every_source_gives_the_hosts_that_it_declares() {
    let tree = Tree::new("declared");
    for (files, expected) in DECLARED.into_iter().zip(EXPECTED) {
        assert_eq!(hosts(&imported(&tree, files, &[])), expected, "{files:?}");
    }
}

/// A host in comments is a host when its comments are taken away and `os` is filled in.
#[test]
fn what_is_open_can_be_completed() {
    let tree = Tree::new("completed");
    for files in DECLARED {
        let file = imported(&tree, files, &[]);
        let complete = |line: &str| match line.strip_prefix("# ") {
            Some(host) if line == "# [[host]]" || host.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) => {
                host.replace("os = \"\"", "os = \"ltsc2022\"")
            }
            _ => line.to_owned(),
        };
        let completed: Vec<_> = file.lines().map(complete).collect();
        tree.write("fleet.toml", completed.join("\n"));
        let shown = tree.run(&["fleet", "show", "--fleet", "fleet.toml"]);
        assert_eq!(shown.status.code(), Some(0), "{}\n{}", completed.join("\n"), text(&shown.stderr));
    }
}

#[test]
fn what_is_not_literal_says_where_to_look_it_up() {
    let tree = Tree::new("open");
    let file = imported(&tree, &["terraform/files"], &[]);
    for line in [
        "# os = \"\"   # os_sku is `var.os_sku` (default `Windows2019`): look it up with `az aks nodepool list -o json`",
        "# os = \"\"   # os_sku is not set, so the Kubernetes version decides: look it up with `az aks nodepool list -o json`",
        "os = \"10.0.20348\"   # no OS SKU: the default of Kubernetes 1.31",
        "# taints: taint is `dynamic \"taint\"`: write what it stands for",
        "# labels: node_labels.stage is `\"${var.stage}\"`: write what it stands for",
        "# # taints = []   # node_taints is `var.taints`: write what it stands for",
    ] {
        let line = line.trim_start_matches("# # ");
        assert!(file.lines().any(|own| own == line || own == format!("# {line}")), "{line}\n{file}");
    }
    // What a cluster needs is asked for where it is not in the same folder.
    let alone = imported(&tree, &["terraform/files/main.tf"], &[]);
    assert!(alone.contains("os_sku is not set, so the Kubernetes version decides"), "{alone}");
}

/// Labels that platforms set are what people select by.
#[test]
fn labels_of_platforms_come_along() {
    let tree = Tree::new("platform-labels");
    for (files, label) in [
        (0, "labels.\"kubernetes.azure.com/os-sku\" = \"Windows2025\""),
        (1, "labels.\"kubernetes.azure.com/cluster\" = \"MC_rg-shop_shop_westeurope\""),
        (2, "\"eks.amazonaws.com/nodegroup\" = \"win-old\""),
        (3, "labels.\"cloud.google.com/gke-windows-os-version\" = \"2022\""),
        (7, "\"alpha.eksctl.io/nodegroup-name\" = \"own-old\""),
        (8, "\"node.kubernetes.io/windows-build\" = \"10.0.26100\""),
    ] {
        let file = imported(&tree, DECLARED[files], &[]);
        assert!(file.contains(label), "{label}\n{file}");
    }
}

/// Jobs on a label that is gone wait for ever; the label is named.
#[test]
fn removed_runner_labels_are_named_and_others_have_a_date() {
    let tree = Tree::new("runners");
    let output = run(&tree, &import(&["pipelines"], &[]));
    let told = text(&output.stderr);
    assert!(told.contains("ci.yml runs jobs on `windows-2019`, which was removed on 2025-06-30"), "{told}");
    assert!(told.contains("azure-pipelines.yml runs jobs on `windows-2019`"), "{told}");
    let file = text(&output.stdout);
    assert!(file.contains("name = \"windows-latest\"\nos = \"10.0.26100\"   # as of 2026-08-21\n"), "{file}");
    assert!(file.contains("orchestrator = \"docker\""), "{file}");
    assert!(file.starts_with("# 7 pools, from CI pipelines.\n"), "{file}");
}

/// Nodes that were imported first are the pools that are declared: nothing is added, and nothing that they said is lost.
#[test]
fn declared_pools_are_merged_with_the_hosts_that_nodes_made() {
    let tree = Tree::new("both").with(
        "hostfit.toml",
        "[[host]]\nname = \"mine\"\nos = \"10.0.20348.2655\"\norchestrator = \"kubernetes\"\nlabels = { \
         \"kubernetes.azure.com/agentpool\" = \"win22\", \"kubernetes.azure.com/cluster\" = \"mc_rg-shop_shop_westeurope\", \
         \"kubernetes.azure.com/x\" = \"y\" }\n\n[[host]]\nname = \"win22\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n\
         labels = { \"kubernetes.azure.com/agentpool\" = \"win22\", \"kubernetes.azure.com/cluster\" = \"MC_other\" }\n",
    );
    let output = run(&tree, &import(DECLARED[1], &["--merge", "hostfit.toml"]));
    let told = text(&output.stderr);
    assert!(
        told.contains("4 kept") || told.contains("hostfit.toml: 3 hosts added, 1 host changed, 1 kept, 0 gone"),
        "{told}"
    );
    assert!(!told.contains("keeps the label"), "{told}");
    let file = text(&tree.bytes("hostfit.toml"));
    assert!(file.contains("name = \"mine\"\nos = \"10.0.20348.4294\"\n"), "{file}");
    assert!(file.contains("\"kubernetes.azure.com/x\" = \"y\""), "{file}");
    assert!(file.contains("name = \"win22\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\nlabels = {"), "{file}");
    let again = run(&tree, &import(DECLARED[1], &["--merge", "hostfit.toml"]));
    assert!(text(&again.stderr).contains("hostfit.toml is up to date"), "{}", text(&again.stderr));
}

/// A pool that Terraform no longer has is gone with the state; one file of several says nothing of the others.
#[test]
fn what_is_no_longer_declared_is_pruned_where_all_is_listed() {
    let tree = Tree::new("pruned");
    let state = text(&fixture("terraform/state.json"));
    tree.write("hostfit.toml", imported(&tree, &["terraform/state.json"], &[]));
    tree.write("state.json", state.replace("\"wold\"", "\"wnew\""));
    tree.write("one.tf", "resource \"azurerm_kubernetes_cluster_node_pool\" \"a\" {\n  name = \"win22\"\n  os_type = \"Windows\"\n  os_sku = \"Windows2022\"\n}\n");
    let one = tree.run(&["fleet", "import", "one.tf", "--merge", "hostfit.toml", "--prune"]);
    assert!(text(&one.stderr).contains("0 gone"), "{}", text(&one.stderr));
    let all = tree.run(&["fleet", "import", "state.json", "--merge", "hostfit.toml", "--prune"]);
    assert!(text(&all.stderr).contains("removed `wold`: no longer in the cluster"), "{}", text(&all.stderr));
    let file = text(&tree.bytes("hostfit.toml"));
    assert!(file.contains("name = \"wnew\"") && file.contains("name = \"gke-win\""), "{file}");
}

/// Of a folder only what declares machines is read, and what Git ignores is not.
#[test]
fn a_folder_is_searched_for_what_declares_machines() {
    let tree = Tree::new("folder").with(".gitignore", "old/\n");
    let copy = |from: &str, to: &str| tree.write(to, fixture(from));
    copy("eksctl/cluster.yaml", "infra/cluster.yaml");
    copy("terraform/files/main.tf", "infra/aks/main.tf");
    copy("terraform/files/locals.tf", "infra/aks/locals.tf");
    copy("gke-cli/node-pools.json", "old/pools.json");
    tree.write(
        "chart/templates/nodepool.yaml",
        "{{ if .x }}\napiVersion: karpenter.sh/v1\nkind: NodePool\n{{ end }}\n",
    );
    copy("gke-cli/node-pools.json", "vendor/theirs/pools.json");
    tree.write("deploy.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, tags: [b]}\n");
    // Another environment, whose pools have the same names.
    let prod = text(&fixture("terraform/files/locals.tf")).replace("Windows2022", "Windows2025");
    tree.write("infra/prod/locals.tf", prod);
    copy("terraform/files/main.tf", "infra/prod/main.tf");
    tree.write(
        "infra/groups/main.tf",
        "locals {\n  groups = var.groups\n}\nmodule \"eks\" {\n  eks_managed_node_groups = [local.groups][0]\n}\n",
    );
    tree.write("broken.yaml", "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nnodeGroups: [\n");
    let output = tree.run(&["fleet", "import", "."]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let found = hosts(&text(&output.stdout));
    assert!(found.contains(&"wina-20348 10.0.20348 aks os=windows:NoSchedule x2".to_owned()), "{found:?}");
    assert!(found.contains(&"wina-26100 10.0.26100 aks os=windows:NoSchedule x2".to_owned()), "{found:?}");
    let groups = "`eks_managed_node_groups` of the module `eks` is `[local.groups][0]`: import `terraform show -json`";
    assert!(told.contains(groups), "{told}");
    assert!(found.contains(&"own-20h2 10.0.19042 eks".to_owned()), "{found:?}");
    assert!(!found.iter().any(|it| it.contains("gke")), "{found:?}");
    assert!(told.contains("broken.yaml is not valid YAML") && !told.contains("nodepool.yaml"), "{told}");
    assert!(!told.contains("Pod"), "{told}");
}

/// Neither depth nor length nor locals of locals make it hang.
#[test]
fn hostile_declarations_end() {
    let tree = Tree::new("hostile-declarations");
    let resource =
        "resource \"azurerm_kubernetes_cluster_node_pool\" \"a\" {\n  name = \"a\"\n  os_type = \"Windows\"\n";
    let deep = format!("{resource}  os_sku = {}\n}}\n", "[".repeat(100_000));
    let mut doubling = "locals {\n  a0 = [\"x\", \"x\"]\n".to_owned();
    for level in 1..16 {
        doubling.extend([format!("  a{level} = [{}]\n", vec![format!("local.a{}", level - 1); 16].join(", "))]);
    }
    doubling.extend(["}\n", resource, "  node_taints = local.a15\n}\n"]);
    let circle = format!("locals {{\n  a = local.b\n  b = local.a\n}}\n{resource}  os_sku = local.a\n}}\n");
    let many = format!(
        "locals {{\n  m = {{ {} }}\n}}\n{resource}  for_each = local.m\n}}\n",
        (0..900).map(|it| format!("k{it} = 1")).collect::<Vec<_>>().join(", ")
    );
    let (begin, end) = ("{\"child_modules\":[".repeat(30), "]}".repeat(30));
    let modules = format!(
        "{{\"format_version\":\"1.0\",\"terraform_version\":\"1\",\"values\":{{\"root_module\":{begin}{{}}{end}}}}}"
    );
    let pipeline = format!("jobs:\n  a:\n    runs-on: {}windows-2022{}\n", "[".repeat(90), "]".repeat(90));
    for (name, input) in [
        ("deep.tf", deep),
        ("doubling.tf", doubling),
        ("circle.tf", circle),
        ("many.tf", many),
        ("modules.json", modules),
        ("ci.yml", pipeline),
    ] {
        tree.write(name, &input);
        let start = std::time::Instant::now();
        let output = tree.run(&["fleet", "import", name]);
        let told = text(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 2)), "{name} {told}");
        assert!(told.len() < 4000, "{name} {told}");
        assert!(start.elapsed().as_secs() < 30, "{name} {:?}", start.elapsed());
        if output.status.code() == Some(0) {
            tree.write("fleet.toml", &output.stdout);
            assert_eq!(tree.run(&["fleet", "show", "--fleet", "fleet.toml"]).status.code(), Some(0), "{name}");
        }
    }
}

/// Names from outside end in a file of TOML and on a terminal.
#[test]
fn names_with_control_characters_stay_in_their_place() {
    let tree = Tree::new("names").with(
        "pools.json",
        "[{\"name\": \"a\\u001b[31m\\n[[host]]\\n\", \"osType\": \"Windows\", \"vmSize\": \"x\", \"osSku\": \"Win\\nname = 1\\u001b`\"}]",
    );
    let output = tree.run(&["fleet", "import", "pools.json"]);
    let (file, told) = (text(&output.stdout), text(&output.stderr));
    assert!(!file.contains('\u{1b}') && !told.contains('\u{1b}'), "{file}{told}");
    assert!(file.parse::<toml::Table>().expect("TOML").is_empty(), "{file}");
}

/// The same, however a tool prints it: as YAML, and as it is stored.
#[test]
fn other_forms_of_an_output_give_the_same_hosts() {
    let tree = Tree::new("forms-of-outputs");
    let yaml = "nodegroup:\n  amiType: WINDOWS_CORE_2022_x86_64\n  clusterName: shop\n  nodegroupName: win\n  scalingConfig:\n    \
                desiredSize: 2\n";
    let arm = r#"[{"id": "/subscriptions/0/resourceGroups/r/providers/Microsoft.ContainerService/managedClusters/shop/agentPools/win",
                   "name": "win", "properties": {"osType": "Windows", "osSKU": "Windows2022", "count": 2, "mode": "User"}}]"#;
    let stored = r#"{"version": 4, "terraform_version": "1.9.8", "resources": [{"mode": "managed", "type": "aws_eks_node_group",
                     "name": "win", "instances": [{"attributes": {"node_group_name": "win", "ami_type": "WINDOWS_CORE_2022_x86_64",
                     "scaling_config": [{"desired_size": 2}]}}]}]}"#;
    for (input, host) in
        [(yaml, "win 10.0.20348 eks x2"), (arm, "win 10.0.20348 aks x2"), (stored, "win 10.0.20348 eks x2")]
    {
        let output = tree.stdin(&["fleet", "import"], input.as_bytes());
        assert_eq!(hosts(&text(&output.stdout)), [host], "{}", text(&output.stderr));
    }
    // Others have kinds of the same names.
    let other = "apiVersion: hypershift.openshift.io/v1beta1\nkind: NodePool\nmetadata:\n  name: a\n";
    assert_eq!(tree.stdin(&["fleet", "import"], other.as_bytes()).status.code(), Some(2));
}

/// Labels that parameters and inputs have by default, and matrices of objects.
#[test]
fn runners_are_found_behind_expressions() {
    let tree = Tree::new("expressions");
    let cases = [
        (
            "parameters:\n  - { name: image, default: windows-2022 }\npool: { vmImage: \"${{ parameters.image }}\" }\nsteps: []\n",
            "windows-2022 10.0.20348",
        ),
        (
            "on:\n  workflow_call:\n    inputs:\n      os: { type: string, default: windows-2025 }\njobs:\n  a:\n    runs-on: ${{ \
             inputs.os }}\n    steps: []\n",
            "windows-2025 10.0.26100",
        ),
        (
            "on: push\njobs:\n  a:\n    strategy:\n      matrix:\n        target: [{ runner: windows-2022 }, { runner: macos-15 }]\n    \
             runs-on: ${{ matrix.target.runner }}\n    steps: []\n",
            "windows-2022 10.0.20348",
        ),
    ];
    for (pipeline, host) in cases {
        let output = tree.stdin(&["fleet", "import"], pipeline.as_bytes());
        assert_eq!(hosts(&text(&output.stdout)), [host], "{pipeline}\n{}", text(&output.stderr));
    }
    let linux = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{ name: windows-2022 }]\n";
    let output = tree.stdin(&["fleet", "import"], linux.as_bytes());
    assert!(text(&output.stderr).contains("the input names no Windows runner"), "{}", text(&output.stderr));
}
