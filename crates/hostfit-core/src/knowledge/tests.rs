use super::{
    hosts::{self, OnHosts},
    *,
};
use crate::{checked::CheckedTree, model::WorkloadId, windows::compat::Verdict};

impl CheckedTree {
    fn known(&self, image: &str) -> (Option<String>, String) {
        let id = self.report.project.images.iter().position(|it| it.text.value == image).expect("an image");
        let known = of_image(&self.report.project, ImageId(u32::try_from(id).expect("small")));
        let place = |span: Span| {
            let source = self.sources.get(span.source).expect("a file");
            format!("{}:{}", source.path, source.position(span.start).line)
        };
        (known.version.map(|it| it.to_string()), known.provenance.words(&place))
    }

    fn workload(&self, name: &str) -> Vec<(String, &'static str, bool, bool)> {
        let workload = self.report.project.workloads.iter().find(|it| it.name == name).expect("a workload");
        rows(&hosts::of_workload(self.answers(), workload.id))
    }
}

fn rows(on: &[OnHosts]) -> Vec<(String, &'static str, bool, bool)> {
    on.iter().map(|it| (it.host.name.clone(), it.outcome.verdict.id(), it.runs(), it.fails())).collect()
}

const FLEET: &str = r#"
[images]
"registry.contoso.com/billing:*" = "ltsc2022"

[[host]]
name = "old"
os = "10.0.17763.6893"
orchestrator = "kubernetes"

[[host]]
name = "new"
os = "10.0.20348.3207"
orchestrator = "kubernetes"

[[host]]
name = "linux"
os = "linux"
orchestrator = "kubernetes"

[[host]]
name = "refuser"
os = "ltsc2025"
orchestrator = "docker"
runtime = "containerd 1.5.0"
"#;

#[test]
fn knowledge_names_its_source() {
    let run = CheckedTree::of(&[
        ("hostfit.toml", FLEET),
        (
            "Dockerfile",
            "ARG BASE\nFROM mcr.microsoft.com/windows/servercore:ltsc2019 AS app\nFROM ${BASE}\nFROM golang:1.27\nFROM mcr.microsoft.com/dotnet/sdk:10.0\n\
             FROM acme/web:windowsservercore-1803\nFROM mcr.microsoft.com/windows/servercore:weird\nFROM acme/x\nFROM prom/prometheus:v3.5.0\nFROM app\n",
        ),
        (
            "compose.yaml",
            "services:\n  web:\n    build: .\n    image: acme/own:1\n  billing:\n    image: registry.contoso.com/billing:4\n",
        ),
    ]);
    for (image, version, whence) in [
        ("mcr.microsoft.com/windows/servercore:ltsc2019", Some("10.0.17763"), "its name and tag, as published"),
        ("${BASE}", None, "variable BASE has no value here"),
        ("golang:1.27", None, "a multi-platform tag: the host decides"),
        ("mcr.microsoft.com/dotnet/sdk:10.0", None, "its name and tag, as published"),
        ("acme/web:windowsservercore-1803", Some("10.0.17134"), "a release in its name or tag"),
        ("mcr.microsoft.com/windows/servercore:weird", None, "its name; the version is not in it"),
        (
            "prom/prometheus:v3.5.0",
            None,
            "its name, built for Linux only: prometheus/prometheus Makefile.common @d15adb9a",
        ),
        ("acme/x", None, "not known: add it to [images], or ask its registry with --online"),
        ("acme/own:1", Some("10.0.17763"), "the Dockerfile that builds it, FROM at Dockerfile:2"),
        ("registry.contoso.com/billing:4", Some("10.0.20348"), "[images] at hostfit.toml:3"),
    ] {
        assert_eq!(run.known(image), (version.map(str::to_owned), whence.to_owned()), "{image}");
    }
}

/// Windows Server 2019 runs no newer image, a Linux node no Windows image; the selector keeps the pod off that one.
#[test]
fn a_workload_is_shown_on_the_hosts_of_its_orchestrator() {
    let run = CheckedTree::of(&[
        ("hostfit.toml", FLEET),
        (
            "web.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  nodeSelector: { kubernetes.io/os: windows }\n  \
             containers:\n  - name: web\n    image: registry.contoso.com/billing:4\n",
        ),
        (
            "compose.yaml",
            "services:\n  db:\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n  cache:\n    image: redis:7\n",
        ),
    ]);
    let row = |name: &str, verdict, runs, fails| (name.to_owned(), verdict, runs, fails);
    assert_eq!(
        run.workload("Pod/web"),
        [row("old", "blocked", false, true), row("new", "runs", true, false), row("linux", "blocked", false, false)]
    );
    // containerd before 1.6.23 takes images of the host's own build only.
    assert_eq!(run.workload("service db"), [row("refuser", "blocked", false, true)]);
    // Nobody starts a Linux service there.
    assert_eq!(run.workload("service cache"), [row("refuser", "blocked", false, false)]);
}

/// `docs_process` and `docs_hyperv` of the truth table, read as in the tests of the rule itself.
#[test]
fn a_container_gets_the_verdict_of_the_truth_table() {
    let vectors = include_str!("../../tests/data/compat-vectors.csv");
    let rows = vectors.lines().filter(|line| !line.starts_with('#')).skip(1);
    let mut count = 0;
    for row in rows {
        let fields: Vec<_> = row.split(',').collect();
        let [kind, on, of, process, hyperv] = fields[..5] else { panic!("{row}") };
        // The table speaks of hosts and images with equal revisions.
        let revision = if on == "14393" { ".1770" } else { "" };
        let config = format!(
            "[images]\n\"app:*\" = \"10.0.{of}{revision}\"\n[[host]]\nname = \"it\"\nos = \"10.0.{on}{revision}\"\nkind = \"{kind}\"\n"
        );
        let services = ["process", "hyperv"].map(|it| format!("  {it}:\n    image: app:1\n    isolation: {it}\n"));
        let run = CheckedTree::of(&[
            ("hostfit.toml", &config),
            ("compose.yaml", &format!("services:\n{}", services.concat())),
        ]);
        let (on, of): (u16, u16) = (on.parse().expect("a build"), of.parse().expect("a build"));
        let by_process = match process {
            _ if kind == "client" && on < 22000 && on == of => Verdict::Risk,
            "Y" => Verdict::Runs,
            _ => Verdict::Blocked,
        };
        let by_hyperv = match hyperv {
            "Y" | "y*" => Verdict::Runs,
            "-" if of <= on => Verdict::Unknown,
            _ => Verdict::Blocked,
        };
        for (id, expected) in [(0, by_process), (1, by_hyperv)] {
            let workload = &run.report.project.workloads[WorkloadId(id).0 as usize];
            let found = hosts::of_workload(run.answers(), workload.id);
            assert_eq!(found[0].outcome.verdict, expected, "{row}: {}", workload.name);
        }
        count += 1;
    }
    assert_eq!(count, 98);
}
