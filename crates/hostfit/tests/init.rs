//! `hostfit init` on small trees: what is written, that it is read back, and what is left alone.
#![allow(
    clippy::expect_used,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use std::{fs, process::Output};

use common::{Tree, hostfit, text};
use hostfit_core::{
    source::{Source, SourceId},
    syntax::yaml::Tree as Yaml,
};

mod common;

impl Tree {
    fn run_in(&self, folder: &str, args: &[&str]) -> Output {
        hostfit(&self.0.join(folder), args).output().expect("run")
    }

    /// Runs `init`, which has to do its work, and gives what it writes and what it says.
    fn init(&self) -> (String, String) {
        let output = self.run(&["init"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "");
        (self.read("hostfit.toml").expect("hostfit.toml"), text(&output.stderr))
    }

    /// Whether hostfit takes `hostfit.toml`, with these proposals completed by what somebody might write.
    fn is_taken(&self, completed: bool) -> Result<(), String> {
        let written = self.read("hostfit.toml").expect("hostfit.toml");
        if completed {
            let complete = |line: &str| match line.strip_prefix('#') {
                Some(proposal) if !proposal.is_empty() && !proposal.starts_with([' ', ':']) => {
                    proposal.replace("= \"\"", "= \"ltsc2022\"")
                }
                _ => line.to_owned(),
            };
            let lines: Vec<_> = written.lines().map(complete).collect();
            fs::write(self.0.join("hostfit.toml"), lines.join("\n")).expect("written");
        }
        let output = self.run(&["check", "-q", "--fail-on", "never"]);
        fs::write(self.0.join("hostfit.toml"), written).expect("written");
        if output.status.success() { Ok(()) } else { Err(text(&output.stderr)) }
    }
}

/// All orchestrators, three releases of Windows, a private image and a build arg that nothing sets.
fn whole(name: &str) -> Tree {
    Tree::new(name)
        .with(
            "deploy/web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      nodeSelector:\n        \
             kubernetes.io/os: windows\n      containers:\n      - name: web\n        image: registry.contoso.com/web:7\n      - name: log\n        \
             image: mcr.microsoft.com/windows/nanoserver:ltsc2022\n",
        )
        .with(
            "stack.yaml",
            "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2019\n    deploy:\n      placement:\n        constraints: \
             [node.platform.os == windows]\n",
        )
        .with("compose.yaml", "services:\n  web:\n    build: web\n  cache:\n    image: debian:12\n")
        .with("web/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2025\nRUN dir\n")
        .with("tool/Dockerfile", "ARG VERSION\nFROM mcr.microsoft.com/windows/servercore:${VERSION}\nRUN dir\n")
}

#[test]
fn what_is_written_is_read_back_as_it_is_and_completed() {
    let tree = whole("whole");
    let (written, printed) = tree.init();
    assert!(written.starts_with("#:schema https://"), "{written}");
    assert_eq!(tree.is_taken(false), Ok(()), "{written}");
    assert_eq!(tree.is_taken(true), Ok(()), "{written}");
    assert!(printed.starts_with("wrote hostfit.toml\n"), "{printed}");
    assert!(printed.contains("2 Compose files, 2 Dockerfiles and 1 Kubernetes file"), "{printed}");
}

#[test]
fn what_only_the_user_knows_is_asked_for_and_not_guessed() {
    let (written, _) = whole("asked").init();
    for line in [
        "#\"registry.contoso.com/web:*\" = \"\" # deploy/web.yaml:12",
        "#VERSION = \"\" # tool/Dockerfile:2",
        "#   ltsc2025  web/Dockerfile:1",
        "#   ltsc2022  deploy/web.yaml:14",
        "#   ltsc2019  stack.yaml:3",
    ] {
        assert!(written.lines().any(|it| it == line), "{line} is not in\n{written}");
    }
    assert!(written.lines().all(|line| line.is_empty() || line.starts_with(['#', '['])), "{written}");
}

#[test]
fn hosts_are_proposed_for_each_orchestrator_and_its_releases() {
    let (written, _) = whole("proposed").init();
    let host = |name: &str, os: &str, orchestrator: &str| {
        format!("#[[host]]\n#name = \"{name}\"\n#os = \"{os}\"\n#orchestrator = \"{orchestrator}\"\n")
    };
    let hosts = [
        host("kubernetes-win2022", "ltsc2022", "kubernetes"),
        host("kubernetes-linux", "linux", "kubernetes"),
        host("swarm-win2019", "ltsc2019", "swarm"),
        host("docker-win2025", "ltsc2025", "docker"),
        host("docker-linux", "linux", "docker"),
    ];
    for host in &hosts {
        assert!(written.contains(host), "{host} is not in\n{written}");
    }
    assert_eq!(written.matches("[[host]]").count(), hosts.len(), "{written}");
}

#[test]
fn every_release_in_the_tree_is_listed_and_suggested() {
    let terraform = "resource \"azurerm_kubernetes_cluster_node_pool\" \"win\" {\n  # os_sku = \"Windows2019\"\n  os_sku = \"Windows2022\"\n}\n";
    let tree = Tree::new("releases")
        .with("a/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2025\n")
        .with("b/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:20H2\n")
        .with("c/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:1809\n")
        .with("d/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2016\n")
        .with("infra/main.tf", terraform)
        .with(".gitignore", ".terraform/\n")
        .with(".terraform/modules/vm/main.tf", "sku = \"2019-datacenter\"\n");
    let (written, printed) = tree.init();
    let listed = "# Windows releases:\n#   ltsc2025  a/Dockerfile:1\n#   ltsc2022  infra/main.tf:3\n#   20H2      b/Dockerfile:1\n\
                  #   ltsc2019  c/Dockerfile:1\n#   ltsc2016  d/Dockerfile:1\n";
    assert!(written.contains(listed), "{written}");
    assert_eq!(written.matches("#[[host]]").count(), 5, "{written}");
    assert_eq!(tree.is_taken(true), Ok(()), "{written}");
    let next = "kubectl get nodes -o json | hostfit fleet import --merge hostfit.toml";
    assert!(written.contains(&format!("# Next:\n#   1. {next}\n#   2. hostfit check\n")), "{written}");
    assert!(printed.ends_with(&format!("next: {next}\nthen: hostfit check\n")), "{printed}");
    // What is suggested stays where hosts are imported.
    tree.write("nodes.json", fs::read(common::fixtures("fleet/aks/nodes.json")).expect("read"));
    let output = tree.run(&["fleet", "import", "nodes.json", "--merge", "hostfit.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let merged = tree.read("hostfit.toml").expect("hostfit.toml");
    assert!(merged.contains(listed) && merged.contains("\n[[host]]\n"), "{merged}");
}

#[test]
fn dockerfiles_alone_tell_releases_and_no_orchestrator() {
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("FROM mcr.microsoft.com/windows/servercore:ltsc2016\r\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let tree = Tree::new("dockerfiles").with("Dockerfile", utf16);
    let (written, _) = tree.init();
    assert!(written.contains("#name = \"win2016\"\n#os = \"ltsc2016\"\n"), "{written}");
    assert!(!written.contains("#orchestrator"), "{written}");
    assert_eq!(tree.is_taken(true), Ok(()), "{written}");
}

#[test]
fn where_nothing_is_of_a_kind_that_hostfit_reads_it_says_so_and_writes_a_skeleton() {
    let tree = Tree::new("nothing").with("README.md", "hello\n");
    let (written, printed) = tree.init();
    assert!(printed.contains("skeleton"), "{printed}");
    for section in ["[check]", "#[[host]]"] {
        assert!(written.contains(section), "{written}");
    }
    assert_eq!(tree.is_taken(false), Ok(()), "{written}");
    assert_eq!(tree.is_taken(true), Ok(()), "{written}");
}

#[test]
fn linux_alone_asks_for_nothing() {
    let tree = Tree::new("linux").with("compose.yaml", "services:\n  web:\n    image: debian:12\n");
    let (written, _) = tree.init();
    assert!(!written.contains("Windows releases") && !written.contains("[images]"), "{written}");
    assert_eq!(tree.is_taken(true), Ok(()), "{written}");
}

#[test]
fn hosts_that_are_declared_elsewhere_are_named() {
    let tree = Tree::new("declared")
        .with("fleet.toml", "[[host]]\nname = \"a\"\nos = \"ltsc2022\"\n")
        .with("Cargo.toml", "[package]\nname = \"a\"\n")
        .with(
            "nodes.yaml",
            "apiVersion: v1\nkind: Node\nmetadata:\n  name: win\nstatus:\n  nodeInfo:\n    operatingSystem: windows\n    kernelVersion: 10.0.20348.2700\n",
        );
    let (written, _) = tree.init();
    assert!(written.contains("# fleet.toml declares 1 host: "), "{written}");
    assert!(written.contains("#[[target]]\n#paths = [\"deploy/**\"]\n#fleet = \"fleet.toml\"\n"), "{written}");
    assert_eq!(tree.is_taken(true), Ok(()), "{written}");
    assert!(written.contains("the nodes in nodes.yaml are the hosts"), "{written}");
    assert!(!written.contains("Cargo.toml"), "{written}");
}

#[test]
fn a_configuration_that_is_there_stays_as_it_is() {
    let tree = Tree::new("taken").with("hostfit.toml", "# mine\n").with("a/Dockerfile", "FROM debian:12\n");
    let output = tree.run(&["init"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("hostfit.toml exists already"), "{}", text(&output.stderr));
    assert_eq!(tree.read("hostfit.toml").as_deref(), Some("# mine\n"));

    let output = tree.run(&["init", "--stdout"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("#:schema "));
    assert_eq!(tree.read("hostfit.toml").as_deref(), Some("# mine\n"));

    let output = tree.run(&["init", "--pre-commit"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(tree.read("hostfit.toml").as_deref(), Some("# mine\n"));
    assert!(tree.read(".pre-commit-config.yaml").is_some());

    let output = tree.run_in("a", &["init"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("../hostfit.toml no longer counts"), "{}", text(&output.stderr));
}

#[test]
fn stdout_is_all_that_is_written_where_that_is_asked_for() {
    let tree = Tree::new("stdout");
    let output = tree.run(&["init", "--stdout", "--pre-commit", "--ci", "github,gitlab,azure"]);
    assert_eq!(output.status.code(), Some(0));
    let shown = text(&output.stdout);
    let headings: Vec<_> = shown.lines().filter(|line| line.starts_with("# ") && line.contains(".y")).collect();
    assert_eq!(
        headings,
        ["# .pre-commit-config.yaml", "# .github/workflows/hostfit.yml", "# .gitlab-ci.yml", "# azure-pipelines.yml"]
    );
    assert_eq!(fs::read_dir(&tree.0).expect("a folder").count(), 1, "only .git");
}

const INTEGRATIONS: [&str; 4] =
    [".pre-commit-config.yaml", ".github/workflows/hostfit.yml", ".gitlab-ci.yml", "azure-pipelines.yml"];

#[test]
fn what_runs_hostfit_is_written_where_nothing_is() {
    let tree = Tree::new("integrations");
    let output = tree.run(&["init", "--pre-commit", "--ci", "github", "--ci", "gitlab", "--ci", "azure"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    for path in INTEGRATIONS {
        let written = tree.read(path).expect(path);
        assert!(written.contains(version), "{path} names no version:\n{written}");
        let yaml = Source::from_text(SourceId(0), path, written.clone());
        assert!(Yaml::parse(&yaml).errors.is_empty(), "{path} is no YAML:\n{written}");
    }
    assert!(tree.read(INTEGRATIONS[0]).expect("a file").contains("Rust: https://rustup.rs"));
    assert!(text(&output.stderr).contains("needs Rust (https://rustup.rs)"), "{}", text(&output.stderr));
    // Nothing of it is one of the files that hostfit itself would complain about.
    assert_eq!(tree.run(&["check", "-q"]).status.code(), Some(0));
}

#[test]
fn where_something_is_init_says_what_to_add() {
    let tree = INTEGRATIONS.into_iter().fold(Tree::new("integrated"), |tree, path| tree.with(path, "# mine\n"));
    let output = tree.run(&["init", "--pre-commit", "--ci", "github,gitlab,azure"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    for path in INTEGRATIONS {
        assert!(shown.contains(&format!("# {path} exists already")), "{shown}");
        assert_eq!(tree.read(path).as_deref(), Some("# mine\n"));
    }
    assert!(shown.contains("add under `repos`:\n  - repo: https://github.com/hostfit/hostfit\n"), "{shown}");
    let tree = Tree::new("other-name").with(".github/workflows/hostfit.yaml", "# mine\n");
    assert_eq!(tree.run(&["init", "--ci", "github"]).status.code(), Some(0));
    assert_eq!(tree.read(".github/workflows/hostfit.yml"), None);
}

#[test]
fn files_for_ci_belong_to_the_root_of_the_repository() {
    let tree = Tree::new("root").with("a/Dockerfile", "FROM debian:12\n");
    for args in [["init", "--ci=github"], ["init", "--pre-commit"]] {
        let output = tree.run_in("a", &args);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("run this in `..`"), "{}", text(&output.stderr));
    }
    assert_eq!(tree.read("a/hostfit.toml"), None);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_links() {
    use std::os::unix::fs::symlink;
    let outside = Tree::new("links-outside");
    let tree = Tree::new("links");
    symlink(&outside.0, tree.0.join(".github")).expect("linked");
    symlink(outside.0.join("hostfit.toml"), tree.0.join("hostfit.toml")).expect("linked");
    assert_eq!(tree.run(&["init"]).status.code(), Some(2));
    let output = tree.run(&["init", "--ci", "github"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(&outside.0).expect("a folder").count(), 1, "only .git");
}

/// What declares the hosts already is offered with the command that imports it, and the command does what it says.
#[test]
fn files_that_declare_hosts_are_offered() {
    let pool = |name: &str, more: &str| {
        format!(
            "resource \"azurerm_kubernetes_cluster_node_pool\" \"{name}\" {{\n  name = \"{name}\"\n  os_type = \"Windows\"\n{more}}}\n"
        )
    };
    let two = format!("{}{}", pool("a", "  os_sku = \"Windows2022\"\n"), pool("b", "  os_sku = var.sku\n"));
    let tree = whole("offered")
        .with("main.tf", two)
        .with("variables.tf", "variable \"sku\" {}\n")
        .with(".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    runs-on: windows-2022\n    steps: []\n")
        .with(".github/workflows/lint.yml", "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: []\n")
        .with("linux/main.tf", "resource \"aws_eks_node_group\" \"a\" {\n  node_group_name = \"a\"\n}\n");
    let (written, said) = tree.init();
    let terraform = "main.tf declares 2 Windows node pools: `hostfit fleet import main.tf --merge hostfit.toml`";
    let workflows =
        ".github/workflows uses 1 Windows runner: `hostfit fleet import .github/workflows --merge hostfit.toml`";
    for offer in [terraform, workflows] {
        assert!(said.contains(offer) && written.contains(&format!("# {offer}\n")), "{said}\n{written}");
    }
    assert!(!said.contains("linux/main.tf"), "{said}");
    assert_eq!(tree.is_taken(false), Ok(()), "{written}");
    for source in ["main.tf", ".github/workflows"] {
        let merged = tree.run(&["fleet", "import", source, "--merge", "hostfit.toml"]);
        assert_eq!(merged.status.code(), Some(0), "{}", text(&merged.stderr));
    }
    let file = tree.read("hostfit.toml").expect("hostfit.toml");
    assert!(
        file.contains("\nname = \"a\"\n")
            && file.contains("# name = \"b\"")
            && file.contains("name = \"windows-2022\""),
        "{file}"
    );
}
