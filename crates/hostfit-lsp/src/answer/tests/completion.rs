use super::{Desk, FLEET};
use crate::answer::completion::{Item, ItemKind, complete};

fn completed(path: &str, text: &str) -> (Desk, Vec<Item>) {
    let desk = Desk::of(&[("hostfit.toml", FLEET), (path, text)]);
    let items = complete(&desk.view(), desk.cursor.0, desk.cursor.1);
    (desk, items)
}

/// The file after the item called `label` was taken.
fn taken(path: &str, text: &str, label: &str) -> String {
    let (desk, items) = completed(path, text);
    let labels: Vec<_> = items.iter().map(|it| it.label.as_str()).collect();
    let item = items.iter().find(|it| it.label == label).unwrap_or_else(|| panic!("no {label} in {labels:?}"));
    let mut text = desk.sources.get(desk.cursor.0).expect("a file").text.clone();
    text.replace_range(item.span.range(), &item.text);
    text
}

fn labels(path: &str, text: &str) -> Vec<String> {
    completed(path, text).1.into_iter().map(|it| it.label).collect()
}

/// Tags of facts §1.2: supported ones first, the newest first.
#[test]
fn tags_of_base_images_come_newest_supported_first() {
    let tags = labels("Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver:‸\n");
    assert_eq!(
        tags,
        ["ltsc2025", "ltsc2022", "1809", "ltsc2019", "20H2", "2009", "2004", "1909", "1903", "1803", "1709", "sac2016"]
    );
    let (_, items) = completed("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:lt‸\n");
    let of = |tag: &str| items.iter().find(|it| it.label == tag).expect("a tag");
    assert_eq!(of("ltsc2025").detail, "Windows Server 2025; support until 2034-10-10; runs on build01");
    assert_eq!(
        of("ltsc2022").detail,
        "Windows Server 2022; support until 2031-10-14; runs on win2022, build01 and swarm02"
    );
    assert_eq!(of("ltsc2019").detail, "Windows Server 2019; support until 2029-01-09; runs on win2019 and swarm01");
    assert_eq!(
        of("1803").detail,
        "Windows Server, version 1803; support ended 2019-11-12; runs on no host of the fleet"
    );
    assert_eq!(
        of("ltsc2016").detail,
        "Windows Server 2016; support until 2027-01-11 (51 days left); runs on no host of the fleet"
    );
    assert!(of("1803").is_deprecated && !of("ltsc2016").is_deprecated);
    assert_eq!(of("ltsc2022").kind, ItemKind::Tag);
}

/// Linux hosts are left out, and hosts of one release share a line, however many they are.
#[test]
fn the_documentation_of_a_tag_has_a_line_for_each_release_of_hosts() {
    let (_, items) = completed("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:lt‸\n");
    let of = |items: &[Item], tag: &str| {
        items.iter().find(|it| it.label == tag).expect("a tag").documentation.rsplit("\n\n").next().map(str::to_owned)
    };
    let expected = "- Windows Server 2025 (1 host): runs with process isolation\n\
                    - Windows Server 2022 (2 hosts): runs with process isolation\n\
                    - Windows Server 2019 (2 hosts): does not run";
    assert_eq!(of(&items, "ltsc2022").as_deref(), Some(expected));
    let host = |number: usize| {
        let os = ["ltsc2019", "ltsc2022", "20H2", "linux"][number % 4];
        format!("[[host]]\nname = \"node-{number}\"\nos = \"{os}\"\norchestrator = \"kubernetes\"\n")
    };
    let fleet: String = (0..40).map(host).collect();
    let desk = Desk::of(&[("hostfit.toml", &fleet), ("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:‸\n")]);
    let items = complete(&desk.view(), desk.cursor.0, desk.cursor.1);
    let shown = of(&items, "ltsc2019").expect("hosts");
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines.len(), 3, "{shown}");
    assert!(lines[0].starts_with("- Windows Server 2022 (10 hosts): "), "{shown}");
    assert!(lines[1].starts_with("- Windows Server 2019 (10 hosts): runs"), "{shown}");
    assert!(lines[2].starts_with("- Windows Server, version 20H2 (10 hosts, out of support): "), "{shown}");
    assert!(items.iter().all(|it| it.documentation.len() < 500), "{items:?}");
}

#[test]
fn a_tag_takes_the_place_of_the_one_that_is_there() {
    let image = "mcr.microsoft.com/windows/servercore:";
    for (before, after) in [("‸", ""), ("ltsc‸2019", ""), ("‸ltsc2019", " AS build"), ("ltsc2019‸", "@sha256:00")]
    {
        let text = format!("FROM {image}{before}{after}\n");
        assert_eq!(taken("Dockerfile", &text, "ltsc2022"), format!("FROM {image}ltsc2022{after}\n"), "{text}");
    }
    let yaml = format!("services:\n  web:\n    image: \"{image}‸\"\n    isolat");
    assert_eq!(taken("compose.yaml", &yaml, "ltsc2022"), yaml.replace('‸', "ltsc2022"));
    let yaml = format!("kind: Pod\nspec:\n  containers:\n  - image: {image}l‸\n");
    assert_eq!(taken("pod.yaml", &yaml, "ltsc2025"), yaml.replace("l‸", "ltsc2025"));
}

#[test]
fn the_value_of_a_variable_that_is_a_tag_is_completed() {
    let from = "FROM mcr.microsoft.com/windows/servercore:${TAG}\n";
    assert_eq!(
        taken("Dockerfile", &format!("ARG TAG=ltsc2019‸\n{from}"), "ltsc2022"),
        format!("ARG TAG=ltsc2022\n{from}")
    );
    // A part of a tag is none.
    let part = "ARG YEAR=20‸19\nFROM mcr.microsoft.com/windows/servercore:ltsc${YEAR}\n";
    assert!(labels("Dockerfile", part).is_empty());
}

#[test]
fn repositories_of_base_images_are_completed() {
    let expected = ["servercore", "nanoserver", "server"].map(|it| format!("mcr.microsoft.com/windows/{it}"));
    assert_eq!(labels("Dockerfile", "FROM mcr.microsoft.com/windows/‸"), expected);
    assert_eq!(
        labels("Dockerfile", "FROM --platform=windows/amd64 mcr.‸"),
        [&expected[..], &["mcr.microsoft.com/windows".to_owned()]].concat()
    );
    assert_eq!(
        taken("Dockerfile", "FROM mcr.microsoft.com/windows/n‸ AS x", "mcr.microsoft.com/windows/nanoserver"),
        "FROM mcr.microsoft.com/windows/nanoserver AS x"
    );
    assert!(labels("Dockerfile", "FROM gol‸").is_empty());
    assert!(labels("Dockerfile", "# FROM mcr.microsoft.com/windows/‸").is_empty());
}

#[test]
fn labels_of_the_fleet_are_completed_in_a_node_selector() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  nodeSelector:\n";
    let keys = labels("web.yaml", &format!("{pod}    ‸"));
    assert_eq!(
        keys,
        ["kubernetes.io/os", "node.kubernetes.io/windows-build", "pool", "osbuild", "kubernetes.io/hostname"]
    );
    assert_eq!(taken("web.yaml", &format!("{pod}    po‸"), "pool"), format!("{pod}    pool: "));
    assert_eq!(taken("web.yaml", &format!("{pod}    po‸: new"), "pool"), format!("{pod}    pool: new"));
    // What is there already is no choice.
    let keys = labels("web.yaml", &format!("{pod}    ‸\n    pool: new\n    \"kubernetes.io/os\": windows\n"));
    assert_eq!(keys, ["node.kubernetes.io/windows-build", "osbuild", "kubernetes.io/hostname"]);
    assert_eq!(labels("web.yaml", &format!("{pod}    kubernetes.io/os: ‸")), ["windows", "linux"]);
    assert_eq!(labels("web.yaml", &format!("{pod}    pool: ‸")), ["old", "new"]);
    assert_eq!(
        labels("web.yaml", &format!("{pod}    node.kubernetes.io/windows-build: ‸")),
        ["10.0.17763", "10.0.20348"]
    );
    // Unquoted it is a number, which the API server refuses.
    assert_eq!(taken("web.yaml", &format!("{pod}    osbuild: ‸"), "17763"), format!("{pod}    osbuild: \"17763\""));
    assert_eq!(taken("web.yaml", &format!("{pod}    osbuild: \"‸\""), "17763"), format!("{pod}    osbuild: \"17763\""));
    assert_eq!(
        taken("web.yaml", "kind: Pod\nspec:\n  nodeSelector: { kubernetes.io/os: win‸ }\n", "windows"),
        "kind: Pod\nspec:\n  nodeSelector: { kubernetes.io/os: windows }\n"
    );
}

#[test]
fn node_affinity_knows_the_label_of_its_values() {
    let terms = "spec:\n  affinity:\n    nodeAffinity:\n      requiredDuringSchedulingIgnoredDuringExecution:\n        \
                 nodeSelectorTerms:\n        - matchExpressions:\n";
    assert!(labels("web.yaml", &format!("{terms}          - key: ‸")).contains(&"pool".to_owned()));
    for values in ["values: [‸", "values: [old, ‸]", "values:\n            - ‸"] {
        let text = format!("{terms}          - key: pool\n            operator: In\n            {values}");
        assert_eq!(labels("web.yaml", &text), ["old", "new"], "{text}");
    }
    let text = format!("{terms}          - {{ key: pool, operator: In, values: [‸");
    assert_eq!(labels("web.yaml", &text), ["old", "new"]);
    let text = format!("{terms}          - key: pool\n            operator: ‸");
    assert_eq!(labels("web.yaml", &text), ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]);
}

#[test]
fn constraints_know_the_labels_of_the_swarm() {
    let service = "services:\n  web:\n    image: a\n    deploy:\n      placement:\n        constraints:\n";
    let keys = labels("stack.yml", &format!("{service}          - ‸"));
    assert_eq!(
        keys,
        [
            "node.platform.os",
            "node.labels.OsVersion",
            "engine.labels.gpu",
            "node.platform.arch",
            "node.role",
            "node.hostname",
            "node.id"
        ]
    );
    assert_eq!(
        taken("stack.yml", &format!("{service}          - node.la‸"), "node.labels.OsVersion"),
        format!("{service}          - node.labels.OsVersion == ")
    );
    for typed in ["node.labels.OsVersion == ‸", "node.labels.OsVersion==‸", "\"node.labels.OsVersion != 10.‸\""] {
        let text = format!("{service}          - {typed}");
        assert_eq!(labels("stack.yml", &text), ["10.0.17763", "10.0.20348"], "{text}");
    }
    let flow =
        format!("{}        constraints: [node.platform.os == w‸]", service.trim_end_matches("        constraints:\n"));
    assert_eq!(taken("stack.yml", &flow, "windows"), flow.replace("w‸", "windows"));
}

#[test]
fn isolation_modes_are_completed() {
    let modes = ["process", "hyperv", "default"];
    assert_eq!(labels("compose.yaml", "services:\n  web:\n    image: a\n    isolation: ‸"), modes);
    assert_eq!(labels("compose.yaml", "services:\n  web:\n    isolation: \"pro‸\""), modes);
    let options = modes.map(|mode| format!("isolation={mode}"));
    assert_eq!(labels("daemon.json", "{\n  \"exec-opts\": [\"‸\"]\n}"), options);
    assert_eq!(
        taken("daemon.json", "{ \"exec-opts\": [ \"isolation=hy‸", "isolation=hyperv"),
        "{ \"exec-opts\": [ \"isolation=hyperv"
    );
    assert!(labels("daemon.json", "{ \"hosts\": [\"‸\"] }").is_empty());
    assert!(labels("daemon.json", "{ \"exec-opts\": [], \"hosts\": [\"‸\"] }").is_empty());
    let desk = Desk::of(&[("hostfit.toml", "[[host]]\nname = \"a\"\nos = \"ltsc2022\"\nisolation = \"‸\"\n")]);
    let found: Vec<_> = complete(&desk.view(), desk.cursor.0, desk.cursor.1).into_iter().map(|it| it.label).collect();
    assert_eq!(found, modes);
}

#[test]
fn rules_are_completed_in_ignore_comments_those_reported_here_first() {
    let text = "# hostfit: ignore[‸]\nFROM mcr.microsoft.com/windows/servercore:2022\n";
    let (_, items) = completed("Dockerfile", text);
    assert_eq!(items[0].label, "unknown-tag");
    assert_eq!(items[0].detail, "reported here");
    assert_eq!(items.len(), hostfit_core::rules::RULES.len());
    let rules = labels("a.yaml", "a: b # hostfit: ignore-file[unknown-tag, bu‸");
    assert!(rules.contains(&"build-mismatch".to_owned()) && !rules.contains(&"unknown-tag".to_owned()));
    assert_eq!(
        taken("a.yaml", "a: b # hostfit: ignore[unknown-tag, bu‸ild]", "build-mismatch"),
        "a: b # hostfit: ignore[unknown-tag, build-mismatch]"
    );
    assert!(labels("a.yaml", "a: b # hostfit: ignore[unknown-tag] ‸").is_empty());
    assert!(labels("a.yaml", "a: \"hostfit: ignore[‸").is_empty());
}
