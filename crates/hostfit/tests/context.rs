//! Paths choose what is reported, and never what is known: the whole repository is judged whatever they are.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use std::{
    path::Path,
    process::{Command, Output},
};

use common::{Tree, piped, text};

mod common;

const DAY: [&str; 2] = ["--as-of", "2026-11-21"];
const WEB: &str = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCOPY site C:/site\n";
const CI: &str = "services:\n  web:\n    image: registry.contoso.com/web:1\n    build: web\n";
const FLEET: &str = "[[host]]\nname = \"win2019\"\nos = \"ltsc2019\"\norchestrator = \"kubernetes\"\n";
const FOUND: &str = "web/Dockerfile: image-newer-than-host";

/// A Deployment of this name that runs this image.
fn deployment(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  selector: {{matchLabels: {{app: \
         {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n      nodeSelector:\n        \
         kubernetes.io/os: windows\n      containers:\n        - name: {name}\n          image: {image}\n"
    )
}

/// A Dockerfile in one folder, what deploys its image in another, and what builds and names it beside them.
fn shop(name: &str) -> Tree {
    Tree::new(name)
        .with("hostfit.toml", FLEET)
        .with("compose.yaml", CI)
        .with("web/Dockerfile", WEB)
        .with("deploy/web.yaml", deployment("web", "registry.contoso.com/web:1"))
}

/// How a run ends, its findings as `path: rule`, and how many files it counts.
#[derive(Debug, PartialEq)]
struct Outcome(Option<i32>, Vec<String>, u64);

fn outcome(code: i32, findings: &[&str], files: u64) -> Outcome {
    Outcome(Some(code), findings.iter().map(|it| (*it).to_owned()).collect(), files)
}

fn read(output: &Output) -> Outcome {
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let of = |it: &serde_json::Value, key: &str| it[key].as_str().expect("text").to_owned();
    let findings = json["findings"].as_array().expect("a list").iter();
    let findings = findings.map(|it| format!("{}: {}", of(it, "path"), of(it, "rule")));
    Outcome(output.status.code(), findings.collect(), json["summary"]["files"].as_u64().expect("a number"))
}

impl Tree {
    fn json_in(&self, folder: &str, args: &[&str], input: &str) -> Outcome {
        let args = [&["check", "--format", "json"], &DAY[..], args].concat();
        let mut command = self.command(&args);
        read(&piped(command.current_dir(self.0.join(folder)), input.as_bytes()))
    }

    fn check(&self, args: &[&str]) -> Outcome {
        self.json_in(".", args, "")
    }
}

#[test]
fn the_same_fault_ends_a_run_in_the_same_way() {
    let tree = shop("same");
    let web = deployment("web", "registry.contoso.com/web:1");
    assert_eq!(tree.check(&[]), outcome(1, &[FOUND], 3));
    assert_eq!(tree.check(&["deploy"]), outcome(1, &[FOUND], 1));
    assert_eq!(tree.check(&["deploy/web.yaml"]), outcome(1, &[FOUND], 1));
    assert_eq!(tree.check(&["web"]), outcome(1, &[FOUND], 1));
    assert_eq!(tree.check(&["deploy", "web"]), outcome(1, &[FOUND], 2));
    // What builds it for another purpose is not at fault.
    assert_eq!(tree.check(&["compose.yaml"]), outcome(0, &[], 1));
    assert_eq!(tree.json_in(".", &["-"], &web), outcome(1, &[FOUND], 1));
    assert_eq!(tree.json_in(".", &["--stdin-filename", "deploy/web.yaml", "-"], &web), outcome(1, &[FOUND], 1));
    assert_eq!(tree.json_in("deploy", &["--stdin-filename", "new.yaml", "-"], &web).0, Some(1));
    let here = ["../web/Dockerfile: image-newer-than-host"];
    assert_eq!(tree.json_in("deploy", &[], ""), outcome(1, &here, 1));
    assert_eq!(tree.json_in("web", &["../deploy"], ""), outcome(1, &["Dockerfile: image-newer-than-host"], 1));
}

#[test]
fn stdin_stands_for_its_file() {
    let tree = shop("stdin");
    let args = ["--stdin-filename", "web/Dockerfile", "-"];
    assert_eq!(tree.json_in(".", &args, WEB), outcome(1, &[FOUND], 1));
    assert_eq!(tree.json_in(".", &args, &WEB.replace("2022", "2019")), outcome(0, &[], 1));
    assert_eq!(
        tree.json_in(".", &["--stdin-filename", "web/Dockerfile", "-", "deploy"], &WEB.replace("2022", "2019")).0,
        Some(0)
    );
}

#[test]
fn what_stdin_refers_to_is_read_though_git_ignores_it() {
    let compose = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:${TAG}\n";
    let tree = Tree::new("stdin-env")
        .with("hostfit.toml", FLEET.replace("kubernetes", "docker"))
        .with(".gitignore", ".env\n")
        .with(".env", "TAG=ltsc2022\n")
        .with("compose.yaml", compose);
    let found = outcome(1, &[".env: image-newer-than-host"], 1);
    assert_eq!(tree.check(&["compose.yaml"]), found);
    assert_eq!(tree.json_in(".", &["--stdin-filename", "compose.yaml", "-"], compose), found);
}

#[test]
fn without_context_nothing_else_is_read() {
    let tree = shop("no-context")
        .with("deploy/compose.yaml", "services:\n  api:\n    build: ../api\n")
        .with("api/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:2022\n");
    let info = "deploy/web.yaml: undeclared-image-os";
    assert_eq!(tree.check(&["--no-context", "deploy/web.yaml"]), outcome(0, &[info], 1));
    let web = deployment("web", "registry.contoso.com/web:1");
    let args = ["--no-context", "--stdin-filename", "deploy/web.yaml", "-"];
    assert_eq!(tree.json_in(".", &args, &web), outcome(0, &[info], 1));
    assert_eq!(tree.check(&["--no-context", "deploy/web.yaml", "deploy/compose.yaml"]), outcome(0, &[info], 2));
    assert_eq!(tree.check(&["--no-context"]), tree.check(&[]));
}

#[test]
fn what_stands_elsewhere_is_reported_there() {
    let tree = shop("elsewhere")
        .with("hostfit.toml", format!("{FLEET}\n[[host]]\nname = \"linux\"\nos = \"linux\"\n"))
        .with("web/Dockerfile", format!("{WEB}CMD [\"C:\\site\\run.exe\"]\n"))
        .with("other/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:2022\n")
        .with("deploy/linux.yaml", deployment("api", "nginx:1.29-alpine").replace(": windows", ": linux"));
    // Neither another Dockerfile's fault, nor one that is not about where the image runs.
    assert_eq!(tree.check(&["deploy"]), outcome(1, &[FOUND], 2));
    assert_eq!(tree.check(&["deploy/linux.yaml"]), outcome(0, &[], 1));
    assert_eq!(tree.check(&["other"]), outcome(1, &["other/Dockerfile: unknown-tag"], 1));
    assert_eq!(tree.check(&["web"]), outcome(1, &[FOUND, "web/Dockerfile: exec-form-not-json"], 1));
}

#[test]
fn an_image_that_cannot_be_pulled_or_is_out_of_support_is_no_less_so_in_a_dockerfile() {
    for (tag, rule) in [("2022", "unknown-tag"), ("1803", "unsupported-release")] {
        let from = format!("FROM mcr.microsoft.com/windows/servercore:{tag}\n");
        let tree = shop(&format!("dead-{tag}"))
            .with("web/Dockerfile", from)
            .with("hostfit.toml", FLEET.replace("ltsc2019", if tag == "1803" { "1803" } else { "ltsc2022" }));
        let all = tree.check(&["--select", rule]);
        assert_eq!(all, outcome(1, &[&format!("web/Dockerfile: {rule}")], 3));
        assert_eq!(tree.check(&["--select", rule, "deploy"]).1, all.1);
    }
}

#[test]
fn the_configuration_or_git_marks_what_is_read() {
    let outside = deployment("web", "registry.contoso.com/web:1");
    // The folder of the nearer one.
    let tree = shop("root").with("deploy/team/hostfit.toml", FLEET).with("deploy/team/web.yaml", &outside);
    assert_eq!(tree.json_in("deploy/team", &["web.yaml"], "").0, Some(0));
    assert_eq!(tree.check(&["deploy/team"]).0, Some(1));
    // A path outside of the working folder's repository has one of its own.
    let other = Tree::new("root-other").with("own/.git/HEAD", "").with("own/Dockerfile", "FROM debian:12\n");
    let path = tree.0.join("deploy/web.yaml");
    let fleet = tree.0.join("hostfit.toml");
    let args = ["--fleet", fleet.to_str().expect("text"), path.to_str().expect("text")];
    assert_eq!(other.json_in("own", &args, "").0, Some(1));
    // Where nothing marks one the given paths are all.
    let free = Bare::new("free");
    let check = |args: &[&str]| free.check(&[&["--fleet", "fleet.toml"], args].concat());
    assert_eq!(check(&[]).0, Some(1));
    assert_eq!(check(&["deploy"]).0, Some(0));
    assert_eq!(check(&["deploy", "web", "compose.yaml"]).0, Some(1));
    free.0.write("hostfit.toml", "");
    assert_eq!(check(&["deploy"]).0, Some(1));
    // It marks the folder though it is not read.
    assert_eq!(check(&["--isolated", "deploy"]).0, Some(1));
}

/// A tree that nothing marks as a repository.
struct Bare(Tree);

impl Bare {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hostfit-context-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        let tree = Tree(path);
        tree.write("fleet.toml", FLEET);
        tree.write("compose.yaml", CI);
        tree.write("web/Dockerfile", WEB);
        tree.write("deploy/web.yaml", deployment("web", "registry.contoso.com/web:1"));
        Self(tree)
    }

    fn check(&self, args: &[&str]) -> Outcome {
        self.0.check(args)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0.0);
    }
}

#[test]
fn links_between_folders_hold_from_any_of_them() {
    let compose = "services:\n  web:\n    build: web\n";
    let tree = Tree::new("working-folder")
        .with("hostfit.toml", FLEET.replace("kubernetes", "docker"))
        .with("compose.yaml", compose)
        .with("web/Dockerfile", WEB);
    for (folder, args, found) in [
        (".", &["compose.yaml"][..], FOUND),
        ("web", &["../compose.yaml"], "Dockerfile: image-newer-than-host"),
        ("web", &[], "Dockerfile: image-newer-than-host"),
        ("web", &["--changed", "../compose.yaml"], "Dockerfile: image-newer-than-host"),
    ] {
        assert_eq!(tree.json_in(folder, args, ""), outcome(1, &[found], 1), "{folder} {args:?}");
    }
}

#[test]
fn excluded_and_ignored_files_are_no_context() {
    let tree = shop("excluded").with("hostfit.toml", format!("[check]\nexclude = [\"web\"]\n{FLEET}"));
    assert_eq!(tree.check(&["deploy"]).0, Some(0));
    let tree = shop("exclude-option");
    assert_eq!(tree.check(&["--exclude", "/web", "deploy"]).0, Some(0));
    assert_eq!(tree.check(&["--exclude", "deploy", "--exclude", "*.yaml"]).2, 1);
    let tree = shop("ignored").with(".gitignore", "compose.yaml\n");
    assert_eq!(tree.check(&["deploy"]).0, Some(0));
}

#[cfg(unix)]
#[test]
fn a_folder_behind_a_link_is_read_once() {
    let tree = shop("link");
    std::os::unix::fs::symlink("deploy", tree.0.join("current")).expect("linked");
    let Outcome(code, found, files) = tree.check(&["current"]);
    assert_eq!((code, found, files), (Some(1), vec![FOUND.to_owned()], 1));
    let related = tree.run(&["check", "--format", "json", "current"]);
    assert!(!text(&related.stdout).contains("deploy/web.yaml"), "the Deployment is one");
}

#[test]
fn what_is_wrong_with_the_fleet_is_reported_for_every_path() {
    let fleet = FLEET.replace("kubernetes", "docker") + "runtime = \"docker 29.6.2\"\n";
    let tree = shop("hosts").with("hostfit.toml", fleet.replace("ltsc2019", "ltsc2016"));
    let found = "hostfit.toml: engine-refuses-host".to_owned();
    for args in [&[][..], &["deploy"], &["compose.yaml"]] {
        assert!(tree.check(args).1.contains(&found), "{args:?}");
    }
    assert!(!tree.check(&["--changed", "deploy/web.yaml"]).1.contains(&found));
    assert!(tree.check(&["--changed", "hostfit.toml"]).1.contains(&found));
}

#[test]
fn a_change_is_reported_with_what_goes_through_it() {
    let two = format!("{CI}  api:\n    image: registry.contoso.com/api:1\n    build: api\n    isolation: wrong\n");
    let tree = shop("changed")
        .with("compose.yaml", two)
        .with("api/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2019\nCMD [\"C:\\a.exe\"]\n")
        .with("deploy/api.yaml", deployment("api", "registry.contoso.com/api:1"));
    let of = |changed: &str| tree.check(&["--changed", changed]).1;
    let (wrong, form) = ("compose.yaml: invalid-isolation", "api/Dockerfile: exec-form-not-json");
    assert_eq!(of("web/Dockerfile"), [FOUND]);
    assert_eq!(of("deploy/web.yaml"), [FOUND]);
    assert_eq!(of("deploy/api.yaml"), [""; 0]);
    assert_eq!(of("api/Dockerfile"), [form, wrong]);
    // The names of the images and who builds them are said there.
    assert_eq!(of("compose.yaml"), [form, wrong, FOUND]);
}

#[test]
fn a_fleet_that_was_changed_concerns_its_own_workloads() {
    let target = |name: &str| format!("[[target]]\npaths = [\"{name}\"]\nfleet = \"{name}.toml\"\n");
    let image = "mcr.microsoft.com/windows/servercore:ltsc2022";
    let tree = Tree::new("targets")
        .with("hostfit.toml", target("prod") + &target("staging"))
        .with("prod.toml", FLEET)
        .with("staging.toml", FLEET)
        .with("prod/web.yaml", deployment("web", image))
        .with("staging/web.yaml", deployment("web", image))
        .with("other/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:2022\n");
    let (prod, staging) = ("prod/web.yaml: image-newer-than-host", "staging/web.yaml: image-newer-than-host");
    assert_eq!(tree.check(&["--changed", "staging.toml"]).1, [staging]);
    assert_eq!(tree.check(&["--changed", "staging.toml", "prod.toml"]).1, [prod, staging]);
    assert_eq!(tree.check(&["--changed", "hostfit.toml"]).1.len(), 3);
}

#[test]
fn a_fix_writes_only_under_the_given_paths() {
    let tree = shop("fix").with("web/Dockerfile", WEB.replace("servercore:ltsc2022", "servercore:2022"));
    let output = tree.run(&[&["fix"], &DAY[..], &["deploy"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let printed = text(&output.stderr);
    assert!(text(&tree.bytes("web/Dockerfile")).contains(":2022"), "{printed}");
    assert!(
        printed.contains("1 fix in web/Dockerfile is not applied: the file is not among the given paths"),
        "{printed}"
    );
    // Neither what is not reported.
    let tree = tree
        .with("deploy/Dockerfile", "FROM microsoft/windowsservercore:ltsc2016\n")
        .with("other/Dockerfile", "FROM microsoft/windowsservercore:ltsc2016\n");
    tree.run(&[&["fix"], &DAY[..], &["deploy"]].concat());
    assert!(text(&tree.bytes("deploy/Dockerfile")).contains("mcr.microsoft.com"));
    assert!(!text(&tree.bytes("other/Dockerfile")).contains("mcr.microsoft.com"));
}

#[test]
fn a_baseline_keeps_what_is_not_asked_for() {
    let dead = "FROM microsoft/windowsservercore:ltsc2016\n";
    let tree = Tree::new("baseline").with("a/Dockerfile", dead).with("b/Dockerfile", dead);
    let check = |args: &[&str]| tree.run(&[&["check", "--select", "retired-repository"], args].concat());
    let entries = || text(&tree.bytes("known.json")).matches("retired-repository").count();
    check(&["--write-baseline", "known.json", "a"]);
    assert_eq!(entries(), 1);
    assert_eq!(check(&["--baseline", "known.json", "a"]).status.code(), Some(0));
    assert_eq!(check(&["--baseline", "known.json"]).status.code(), Some(1));
    check(&["--write-baseline", "known.json", "--baseline", "known.json", "b"]);
    assert_eq!(entries(), 2);
    tree.write("a/Dockerfile", "FROM debian:12\n");
    check(&["--write-baseline", "known.json", "--baseline", "known.json", "b"]);
    assert_eq!(entries(), 2, "nobody asked for that file");
    check(&["--write-baseline", "known.json", "--baseline", "known.json"]);
    assert_eq!(entries(), 1);
}

#[test]
fn other_commands_know_the_same() {
    let tree = shop("commands").with("deploy/old/web.yaml", deployment("web", "registry.contoso.com/old:1"));
    let matrix = text(&tree.run(&["matrix", "--format", "json", "deploy/web.yaml"]).stdout);
    let matrix: serde_json::Value = serde_json::from_str(&matrix).expect("JSON");
    let rows = matrix["workloads"].as_array().expect("a list");
    assert_eq!(rows.len(), 1, "{matrix}");
    assert!(matrix.to_string().contains("\"blocked\""), "{matrix}");
    let images = text(&tree.run(&["images", "deploy/web.yaml"]).stdout);
    assert_eq!(images.lines().count(), 1, "{images}");
    assert!(images.contains("10.0.20348 (ltsc2022)"), "{images}");
    let event = "Failed to pull image \"registry.contoso.com/web:1\": no match for platform in manifest: not found\n";
    let diagnose = |path: &str| {
        let args = ["diagnose", "--format", "json", "--path", path];
        text(&piped(&mut tree.command(&args), event.as_bytes()).stdout)
    };
    let standing = |path: &str| {
        let answer: serde_json::Value = serde_json::from_str(&diagnose(path)).expect("JSON");
        answer["incidents"][0]["standing"].as_str().expect("text").to_owned()
    };
    // It is named in a Compose file too.
    assert_eq!(standing("."), "ambiguous");
    assert_ne!(standing("deploy/web.yaml"), "ambiguous");
    assert_eq!(standing("deploy/old"), "nothing");
}

#[test]
fn the_file_systems_root_is_never_read() {
    // Whatever stands there, as in a container that has a `.git` beside its `etc`.
    let output = Command::new(env!("CARGO_BIN_EXE_hostfit"))
        .args(["check", "-q", "--no-context", "-"])
        .current_dir(Path::new("/"))
        .stdin(std::process::Stdio::null())
        .output()
        .expect("run");
    assert_eq!(output.status.code(), Some(0));
}
