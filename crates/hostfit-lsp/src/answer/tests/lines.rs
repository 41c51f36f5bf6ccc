use hostfit_core::source::SourceId;

use super::{Desk, FLEET};
use crate::answer::{
    inlay::{InlayKind, inlays},
    lens::lenses,
    links::links,
};

fn titles(path: &str, text: &str) -> Vec<(String, String)> {
    let desk = Desk::of(&[("hostfit.toml", FLEET), (path, text)]);
    let found = lenses(&desk.view(), SourceId(1)).into_iter();
    found.map(|lens| (desk.sources.slice(lens.span).to_owned(), lens.title)).collect()
}

fn pod(name: &str, spec: &str, image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n{spec}  containers:\n  - name: c\n    image: {image}\n---\n"
    )
}

#[test]
fn a_lens_counts_the_hosts_that_a_workload_runs_on() {
    let core = "mcr.microsoft.com/windows/servercore";
    let windows = "  nodeSelector: { kubernetes.io/os: windows }\n  tolerations: [{ operator: Exists }]\n";
    let text = [
        pod("unpinned", windows, &format!("{core}:ltsc2022")),
        pod("pinned", "  nodeSelector: { pool: new }\n", &format!("{core}:ltsc2022")),
        // Nothing keeps it off the Linux node, and the taint of win2019 keeps it off that.
        pod("anywhere", "", &format!("{core}:ltsc2022")),
        pod("nowhere", "  nodeSelector: { pool: none }\n", &format!("{core}:ltsc2022")),
        pod("unknown", "", "acme/web"),
        // Windows of an unknown version: it fails on the Linux node, and nobody can say what it does on win2022.
        pod("half", "  os: { name: windows }\n", "mcr.microsoft.com/windows/servercore@sha256:00"),
        pod("dead", "  nodeSelector: { pool: new }\n", &format!("{core}:2022")),
        pod("elsewhere", "  runtimeClassName: none-of-ours\n", &format!("{core}:ltsc2022")),
    ]
    .concat();
    let expected = [
        ("unpinned", "runs on 1 of 3 hosts, fails on 1"),
        ("pinned", "runs on 1 of 3 hosts"),
        ("anywhere", "runs on 1 of 3 hosts, fails on 1"),
        ("nowhere", "runs on 0 of 3 hosts: excluded by nodeSelector pool=none"),
        ("half", "runs on 0 of 3 hosts, fails on 1, not known of 1: image is for another operating system"),
        ("dead", "runs on 0 of 3 hosts, fails on 1: no such image is published"),
    ];
    assert_eq!(titles("pods.yaml", &text), expected.map(|(name, title)| (name.to_owned(), title.to_owned())));
    let compose = format!("services:\n  web:\n    image: {core}:ltsc2022\n  old:\n    image: {core}:1803\n");
    let expected =
        [("web", "runs on 1 of 1 host"), ("old", "runs on 0 of 1 host, fails on 1: image is older than the host")];
    assert_eq!(titles("compose.yaml", &compose), expected.map(|(name, title)| (name.to_owned(), title.to_owned())));
}

#[test]
fn a_lens_lists_its_hosts() {
    let image = "mcr.microsoft.com/windows/servercore:ltsc2022";
    let text = pod("web", "  nodeSelector: { kubernetes.io/os: windows }\n", image);
    let desk = Desk::of(&[("hostfit.toml", FLEET), ("pod.yaml", &text)]);
    let found = lenses(&desk.view(), SourceId(1));
    let hosts: Vec<_> = found[0].hosts.lines().collect();
    assert_eq!(
        hosts[0],
        "- `win2019` (10.0.17763.6893): never placed there, excluded by `taint os=windows:NoSchedule`"
    );
    assert_eq!(hosts[1], "- `win2022` (10.0.20348): runs with process isolation");
    assert!(!found[0].fails);
}

#[test]
fn a_lens_counts_hosts_that_are_alike_and_names_the_first() {
    let host =
        |name: String| format!("[[host]]\nname = \"{name}\"\nos = \"ltsc2022\"\norchestrator = \"kubernetes\"\n");
    let fleet: Vec<_> = (0..5).map(|number| host(format!("h{number}"))).collect();
    let text = pod("web", "", "mcr.microsoft.com/windows/servercore:ltsc2022");
    let desk = Desk::of(&[("hostfit.toml", &fleet.concat()), ("pod.yaml", &text)]);
    let found = lenses(&desk.view(), SourceId(1));
    assert_eq!(found[0].title, "runs on 5 of 5 hosts");
    assert_eq!(found[0].hosts, "- `h0`, `h1`, `h2` and 2 more (10.0.20348): runs with process isolation");
}

/// Of the six hosts those with Windows Server 2022 and 2025 run it, as process isolation has it.
#[test]
fn a_dockerfile_has_a_lens_on_its_final_stage() {
    let text = "FROM golang:1.27 AS build\nFROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n";
    let expected = ("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022".to_owned(), "runs on 3 of 6 hosts".to_owned());
    assert_eq!(titles("Dockerfile", text), [expected]);
    assert_eq!(titles("Dockerfile", "ARG TAG\nFROM mcr.microsoft.com/windows/nanoserver:${TAG}\n"), []);
    assert_eq!(titles("Dockerfile", "FROM golang:1.27 AS build\nFROM alpine\n"), []);
}

#[test]
fn without_hosts_there_is_no_lens() {
    let desk = Desk::of(&[("pod.yaml", &pod("web", "", "mcr.microsoft.com/windows/servercore:ltsc2022"))]);
    assert_eq!(lenses(&desk.view(), SourceId(0)), []);
}

#[test]
fn references_with_variables_are_shown_resolved() {
    let text = "ARG BASE=mcr.microsoft.com/windows/servercore:ltsc2022\nFROM ${BASE} AS a\nFROM golang:1.27\nFROM acme/${NONE}\nFROM mcr.microsoft.com/windows/nanoserver:1809\n";
    let desk = Desk::of(&[("Dockerfile", text)]);
    let all = desk.sources.get(SourceId(0)).expect("a file").span();
    let found = inlays(&desk.view(), all).into_iter();
    let found: Vec<_> = found.map(|it| (it.kind, desk.show(it.at), it.label)).collect();
    let hint = |kind, line: &str, label: &str| (kind, format!("Dockerfile:{line} "), label.to_owned());
    assert_eq!(
        found,
        [
            hint(InlayKind::Resolved, "2", "mcr.microsoft.com/windows/servercore:ltsc2022"),
            hint(InlayKind::Release, "2", "Windows Server 2022"),
            hint(InlayKind::Release, "5", "Windows Server 2019"),
        ]
    );
    let compose = "services:\n  a:\n    build: { context: ., args: { BASE: \"acme/a:1\" } }\n  b:\n    build: { context: ., args: { BASE: \"acme/b:1\" } }\n";
    let desk = Desk::of(&[("Dockerfile", text), ("compose.yaml", compose)]);
    assert_eq!(inlays(&desk.view(), all)[0].label, "acme/a:1 | acme/b:1");
}

#[test]
fn rules_of_ignore_comments_are_links() {
    let text = "# hostfit: ignore[unknown-tag, no-such-rule]\nFROM mcr.microsoft.com/windows/servercore:2022 # hostfit: ignore\n# build-mismatch\n";
    let desk = Desk::of(&[("Dockerfile", text)]);
    let found = links(&desk.view(), SourceId(0)).into_iter();
    let found: Vec<_> = found.map(|link| (desk.show(link.span), link.url)).collect();
    let url = "https://github.com/hostfit/hostfit/blob/main/docs/rules/unknown-tag.md";
    assert_eq!(found, [("Dockerfile:1 unknown-tag".to_owned(), url.to_owned())]);
}
