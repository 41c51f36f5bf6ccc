use super::*;
use crate::checked::CheckedTree;

impl CheckedTree {
    fn matrix(&self) -> Matrix<'_> {
        Matrix::new(self.answers(), &self.sources, &self.report.findings)
    }

    /// Every workload and its verdicts.
    fn verdicts(&self) -> Vec<(String, Vec<&'static str>)> {
        let matrix = self.matrix();
        let verdicts = |row| matrix.cells(row).iter().map(|cell| id(cell.verdict)).collect();
        matrix.rows().iter().map(|row| (row.workload.clone(), verdicts(row))).collect()
    }

    /// The reasons of the first row.
    fn reasons(&self) -> Vec<(String, Option<&'static str>)> {
        let matrix = self.matrix();
        let cells = matrix.cells(&matrix.rows()[0]);
        cells.iter().map(|cell| (cell.why(&self.config.releases), cell.rule())).collect()
    }
}

fn pod(name: &str, more: &str, image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n{more}  containers:\n  - name: main\n    image: {image}\n"
    )
}

const HOSTS: &str = r#"
[images]
"app:*" = "ltsc2022"

[[host]]
name = "old"
os = "10.0.17763.6893"
orchestrator = "kubernetes"

[[host]]
name = "new"
os = "10.0.20348.3207"
orchestrator = "kubernetes"
labels = { tier = "web" }

[[host]]
name = "tainted"
os = "ltsc2022"
orchestrator = "kubernetes"
taints = ["os=windows:NoSchedule"]

[[host]]
name = "linux"
os = "linux"
orchestrator = "kubernetes"

[[host]]
name = "swarm"
os = "ltsc2022"
orchestrator = "swarm"
"#;

/// `docs_process` and `docs_hyperv` of the truth table; Kubernetes has no Hyper-V isolation (facts of Microsoft's page on
/// the compatibility of versions). Read as in the tests of the rule itself.
#[test]
fn a_cell_has_the_verdict_of_the_truth_table() {
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
        let services = "services:\n  a:\n    image: app:1\n    isolation: process\n  b:\n    image: app:1\n    isolation: hyperv\n";
        let run = CheckedTree::of(&[
            ("hostfit.toml", &config),
            ("compose.yaml", services),
            ("pod.yaml", &pod("c", "", "app:1")),
        ]);
        let (on, of): (u16, u16) = (on.parse().expect("a build"), of.parse().expect("a build"));
        let by_process = match process {
            _ if kind == "client" && on < 22000 && on == of => "risk",
            "Y" => "runs",
            _ => "blocked",
        };
        let by_hyperv = match hyperv {
            "Y" | "y*" => "runs",
            "-" if of <= on => "unknown",
            _ => "blocked",
        };
        let verdicts: Vec<_> = run.verdicts().into_iter().flat_map(|(_, cells)| cells).collect();
        assert_eq!(verdicts, [by_process, by_hyperv, by_process], "{row}");
        count += 1;
    }
    assert_eq!(count, 98);
}

#[test]
fn a_workload_that_no_host_takes_is_unschedulable() {
    let windows = |build: &str| {
        format!("  nodeSelector:\n    kubernetes.io/os: windows\n    node.kubernetes.io/windows-build: {build}\n")
    };
    let project = |image: &str| format!("services:\n  web:\n    image: {image}\n");
    for (path, text, expected) in [
        ("pod.yaml", pod("a", &windows("10.0.20348"), "app:1"), State::Placed),
        ("pod.yaml", pod("b", &windows("10.0.26100"), "app:1"), State::Unschedulable),
        // The finding is that the pin and the image contradict each other.
        ("pod.yaml", pod("c", &windows("10.0.20349"), "app:1"), State::Unschedulable),
        ("pod.yaml", pod("d", "  nodeName: node-7\n", "app:1"), State::Placed),
        ("pod.yaml", pod("e", "  nodeSelector:\n    gpu: a100\n", "nginx:alpine"), State::Placed),
        ("compose.yaml", project("nginx:alpine"), State::Unschedulable),
        ("compose.yaml", project("mcr.microsoft.com/windows/nanoserver:ltsc2025"), State::Placed),
    ] {
        let docker = format!("{HOSTS}\n[[host]]\nname = \"docker\"\nos = \"ltsc2022\"\norchestrator = \"docker\"\n");
        let run = CheckedTree::of(&[("hostfit.toml", &docker), (path, &text)]);
        assert_eq!(run.matrix().rows()[0].state, expected, "{text}");
    }
}

#[test]
fn a_pod_is_kept_off_hosts_by_each_thing_that_keeps_pods_off() {
    let selector = "  nodeSelector:\n    kubernetes.io/os: windows\n";
    let run = CheckedTree::of(&[("hostfit.toml", HOSTS), ("pod.yaml", &pod("web", selector, "app:1"))]);
    let newer = "Windows Server 2022 (10.0.20348) is newer than Windows Server 2019 (10.0.17763.6893); no isolation mode \
                 runs it there";
    assert_eq!(run.verdicts()[0].1, ["blocked", "runs", "excluded", "excluded", "excluded"]);
    assert_eq!(
        run.reasons(),
        [
            (newer.to_owned(), Some("missing-build-selector")),
            (
                "Windows Server 2022 (10.0.20348.3207) runs Windows Server 2022 (10.0.20348): the same build".into(),
                None
            ),
            ("taint os=windows:NoSchedule keeps it off".into(), None),
            ("nodeSelector kubernetes.io/os=windows keeps it off".into(), None),
            ("the host is a Swarm node, and this is a pod".into(), None),
        ]
    );
}

#[test]
fn what_the_files_do_not_tell_is_unknown() {
    let class = "  runtimeClassName: windows-2022\n";
    let elsewhere = CheckedTree::of(&[("hostfit.toml", HOSTS), ("pod.yaml", &pod("web", class, "app:1"))]);
    assert_eq!(elsewhere.verdicts()[0].1[..2], ["unknown", "unknown"]);
    let (why, rule) = elsewhere.reasons().remove(0);
    assert_eq!(why, "RuntimeClass windows-2022 has a say in its placement and is in none of the files");
    assert_eq!(rule, None);

    let template = "  nodeSelector:\n    tier: ${TIER}\n    kubernetes.io/os: windows\n";
    let template = CheckedTree::of(&[("hostfit.toml", HOSTS), ("pod.yaml", &pod("web", template, "app:1"))]);
    // The rest of the placement still excludes.
    assert_eq!(template.verdicts()[0].1, ["unknown", "unknown", "excluded", "excluded", "excluded"]);

    let private =
        CheckedTree::of(&[("hostfit.toml", HOSTS), ("pod.yaml", &pod("web", "", "registry.contoso.com/private:1"))]);
    assert_eq!(private.verdicts()[0].1, ["unknown", "unknown", "excluded", "unknown", "excluded"]);
}

#[test]
fn a_host_process_pod_runs_on_every_build() {
    let more = "  hostNetwork: true\n  securityContext:\n    windowsOptions:\n      hostProcess: true\n  nodeSelector:\n    \
                kubernetes.io/os: windows\n";
    let run = CheckedTree::of(&[("hostfit.toml", HOSTS), ("pod.yaml", &pod("agent", more, "app:1"))]);
    assert_eq!(run.verdicts()[0].1, ["runs", "runs", "excluded", "excluded", "excluded"]);
}

#[test]
fn each_container_has_its_row_and_the_name_that_findings_give_it() {
    let pod = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\nspec:\n  template:\n    spec:\n      \
               nodeSelector: { kubernetes.io/os: windows }\n      containers:\n      - { name: old, image: 'mcr.microsoft.com/windows/nanoserver:1809' }\n      \
               - { name: new, image: 'app:1' }\n";
    let run = CheckedTree::of(&[("hostfit.toml", HOSTS), ("web.yaml", pod)]);
    let verdicts = run.verdicts();
    assert_eq!(
        verdicts[0],
        ("Deployment/web: container old".into(), vec!["runs", "blocked", "excluded", "excluded", "excluded"])
    );
    assert_eq!(
        verdicts[1],
        ("Deployment/web: container new".into(), vec!["blocked", "runs", "excluded", "excluded", "excluded"])
    );
    let matrix = run.matrix();
    let names: Vec<_> = matrix.rows().iter().map(|row| (row.namespace, row.short_name())).collect();
    assert_eq!(
        names,
        [(Some("shop"), "Deployment/web: old".to_owned()), (Some("shop"), "Deployment/web: new".to_owned())]
    );
    let names: Vec<_> = run.report.findings.iter().filter_map(|it| run.answers().workload_name(it)).collect();
    assert!(names.iter().all(|name| verdicts.iter().any(|(workload, _)| workload == name)), "{names:?}");
}

#[test]
fn of_dockerfiles_only_those_that_nothing_uses_are_shown() {
    let run = CheckedTree::of(&[
        ("hostfit.toml", HOSTS),
        ("compose.yaml", "services:\n  web:\n    build: web\n  db:\n    image: acme/db:1\n"),
        ("web/Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"),
        ("docker-bake.hcl", "target \"db\" {\n  context = \"db\"\n  tags = [\"acme/db:1\"]\n}\n"),
        ("db/Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"),
        ("tool/Dockerfile", "FROM golang:1.27 AS build\nFROM mcr.microsoft.com/windows/nanoserver:ltsc2022 AS app\n"),
        ("site/Dockerfile", "FROM nginx:1.27-alpine\n"),
        ("what/Dockerfile", "ARG BASE\nFROM ${BASE}\n"),
    ]);
    let verdicts = run.verdicts();
    let stages: Vec<_> = verdicts.into_iter().filter(|(name, _)| name.starts_with("final")).collect();
    let stage = |name: &str, cells: [&'static str; 5]| (name.to_owned(), cells.to_vec());
    // In the order of the files: `site` is Linux, `tool` Windows Server 2022, `what` has no value.
    assert_eq!(
        stages,
        [
            stage("final stage", ["excluded", "excluded", "excluded", "runs", "excluded"]),
            stage("final stage app", ["blocked", "runs", "runs", "excluded", "runs"]),
            stage("final stage", ["unknown"; 5]),
        ]
    );
}

/// Two Deployments of one name in one file, of which one is at fault; and one image of a variable that two services share.
#[test]
fn a_finding_speaks_of_the_workload_that_it_means() {
    let one = |namespace: &str, build: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{ name: web, namespace: {namespace} }}\nspec:\n  nodeSelector:\n    kubernetes.io/os: windows\n{build}  \
             containers:\n  - {{ name: main, image: 'app:1' }}\n"
        )
    };
    let pin = "    node.kubernetes.io/windows-build: 10.0.20348\n";
    let files = format!("{}---\n{}", one("a", ""), one("b", pin));
    let run = CheckedTree::of(&[("hostfit.toml", HOSTS), ("web.yaml", &files)]);
    let matrix = run.matrix();
    let rules = |row: usize| matrix.cells(&matrix.rows()[row]).iter().map(Cell::rule).collect::<Vec<_>>();
    assert_eq!(rules(0), [Some("missing-build-selector"), None, None, None, None]);
    assert_eq!(rules(1), [None; 5]);
}

#[test]
fn a_shared_cause_speaks_of_all_that_share_it() {
    let docker = "[[host]]\nname = \"docker\"\nos = \"ltsc2019\"\norchestrator = \"docker\"\n";
    let run = CheckedTree::of(&[
        ("hostfit.toml", docker),
        ("compose.yaml", "services:\n  a: { build: web }\n  b: { build: web }\n"),
        ("web/Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"),
    ]);
    let matrix = run.matrix();
    let rules: Vec<_> = matrix.rows().iter().map(|row| matrix.cells(row)[0].rule()).collect();
    assert_eq!(rules, [Some("image-newer-than-host"); 2]);
    assert_eq!(matrix.cells(&matrix.rows()[1])[0].findings.len(), 1);
}

#[test]
fn a_dead_name_is_named_by_its_rule() {
    let run = CheckedTree::of(&[
        ("hostfit.toml", HOSTS),
        ("pod.yaml", &pod("web", "", "mcr.microsoft.com/windows/servercore:2022")),
    ]);
    assert_eq!(run.verdicts()[0].1[0], "blocked");
    assert_eq!(run.reasons()[0], ("nothing is published under this name".to_owned(), Some("unknown-tag")));
}

/// A configuration has no two hosts of one name, but a Node may be called as one of them is.
#[test]
fn hosts_of_one_name_are_distinct() {
    let node = "apiVersion: v1\nkind: Node\nmetadata:\n  name: it\n  labels: { kubernetes.io/os: windows }\nstatus:\n  nodeInfo:\n    \
                kernelVersion: 10.0.20348.2700\n    operatingSystem: windows\n";
    let run = CheckedTree::of(&[
        ("hostfit.toml", "[[host]]\nname = \"it\"\nos = \"ltsc2019\"\norchestrator = \"swarm\"\n"),
        ("node.yaml", node),
        ("pod.yaml", &pod("web", "", "mcr.microsoft.com/windows/nanoserver:1809")),
    ]);
    let matrix = run.matrix();
    assert_eq!(matrix.columns().iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["it", "it (2)"]);
    assert_eq!(run.verdicts()[0].1, ["excluded", "blocked"]);
}

/// Who builds a Dockerfile builds its stages too; a node only runs what comes of it.
#[test]
fn a_host_that_cannot_build_a_stage_may_fail() {
    let host = |name: &str, os: &str, by: &str| {
        format!("[[host]]\nname = \"{name}\"\nos = \"{os}\"\norchestrator = \"{by}\"\n")
    };
    let hosts = [
        host("d2019", "10.0.17763.6893", "docker"),
        host("d2022", "10.0.20348.2700", "docker"),
        host("d2025", "10.0.26100.2894", "docker"),
        host("k2022", "10.0.20348.2700", "kubernetes"),
        host("linux", "linux", "docker"),
    ];
    let dockerfile = "FROM mcr.microsoft.com/windows/servercore:ltsc2025 AS build\nRUN build.cmd\n\
                      FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY --from=build C:/out C:/app\n";
    let run = CheckedTree::of(&[("hostfit.toml", &hosts.concat()), ("Dockerfile", dockerfile)]);
    let verdicts = ["blocked", "risk", "runs", "runs", "excluded"];
    assert_eq!(run.verdicts(), [("final stage".to_owned(), verdicts.to_vec())]);
    let reasons = run.reasons();
    assert_eq!(reasons[0].1, Some("image-newer-than-host"));
    let (why, rule) = &reasons[1];
    assert_eq!(*rule, Some("image-newer-than-host"));
    assert!(why.starts_with("the host cannot build a stage that it needs: Windows Server 2025"), "{why}");
    assert_eq!(reasons[2].1, None);
}

#[test]
fn what_may_fail_names_a_rule_where_a_finding_reports_it() {
    let reported = |host: &str, files: &[(&str, &str)]| {
        let host = format!("[[host]]\nname = \"old\"\nos = \"{host}\"\norchestrator = \"docker\"\n");
        let mut all = vec![("hostfit.toml", host.as_str())];
        all.extend(files);
        let run = CheckedTree::of(&all);
        let matrix = run.matrix();
        let cell = &matrix.cells(&matrix.rows()[0])[0];
        assert_eq!(cell.verdict, Some(Verdict::Risk));
        let found: Vec<_> = run.report.findings.iter().map(|finding| finding.rule).collect();
        assert!(cell.rule().is_none_or(|rule| found.contains(&rule)), "{found:?}");
        cell.rule()
    };
    let service = |image: &str| format!("services:\n  web:\n    image: {image}\n");
    let floating = service("mcr.microsoft.com/windows/servercore:ltsc2016");
    let pinned = service("mcr.microsoft.com/windows/servercore:10.0.14393.1715");
    let third_party = service("contoso/web:1-windowsservercore-ltsc2016");
    assert_eq!(reported("10.0.14393.1715", &[("compose.yaml", &floating)]), Some("floating-revision"));
    assert_eq!(reported("10.0.14393", &[("compose.yaml", &floating)]), Some("floating-revision"));
    assert_eq!(reported("10.0.14393", &[("compose.yaml", &pinned)]), None);
    assert_eq!(reported("10.0.14393.1715", &[("compose.yaml", &third_party)]), None);
    let built = [
        ("compose.yaml", "services:\n  web: { build: . }\n"),
        ("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2016\n"),
    ];
    assert_eq!(reported("10.0.14393.1715", &built), Some("floating-revision"));
    assert_eq!(reported("10.0.14393.1715", &built[1..]), Some("floating-revision"));
}
