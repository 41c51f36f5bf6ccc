//! What somebody sees who tries the program for the first time.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use common::{Tree, text};
use serde_json::Value;

mod common;

/// stdout and stderr.
fn printed(tree: &Tree, args: &[&str]) -> (String, String) {
    let output = tree.run(args);
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_run_that_checks_nothing_does_not_look_like_success() {
    let tree = Tree::new("nothing").with("notes.txt", "hello\n").with("infra/main.tf", "# nothing\n");
    for (path, stderr) in [(".", "`.`"), ("notes.txt", "`notes.txt`"), ("infra", "`infra`")] {
        let expected = format!(
            "nothing was checked: {stderr} holds no Dockerfile, Compose file, Kubernetes manifest, bake file or daemon.json\n"
        );
        for format in ["human", "json"] {
            assert_eq!(printed(&tree, &["check", "--format", format, path]).1, expected);
        }
        assert_eq!(printed(&tree, &["fix", path]).1, expected);
        assert_eq!(printed(&tree, &["check", "-q", path]).1, "");
        // A hook names whatever was changed.
        assert_eq!(printed(&tree, &["check", "--changed", path]).1, "no findings in 0 files\n");
    }
    let output = tree.stdin(&["check", "-"], b"hello: world\n");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).starts_with("nothing was checked: stdin holds no "), "{}", text(&output.stderr));

    let tree = tree.with("Dockerfile", "FROM debian:12\n");
    assert_eq!(printed(&tree, &["check"]).1, "no findings in 1 file\n");
    assert!(printed(&tree, &["check", "infra", "notes.txt"]).1.contains("`infra` and `notes.txt` hold no "));
}

#[test]
fn skipped_files_are_named_up_to_five() {
    let template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ name }}\n{% if x %}\n";
    let mut tree = Tree::new("skipped").with("Dockerfile", "FROM debian:12\n");
    let named = |tree: &Tree, args: &[&str]| {
        let (_, stderr) = printed(tree, args);
        stderr.lines().filter(|line| line.starts_with("skipped: ")).map(str::to_owned).collect::<Vec<_>>()
    };
    for number in 1..=7 {
        tree = tree.with(&format!("pod-{number}.yaml"), template);
        let lines = named(&tree, &["check"]);
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!(line.matches("pod-").count(), number.min(5), "{line}");
        assert_eq!(line.contains(&format!("pod-5.yaml and {} more (", number.saturating_sub(5))), number > 5, "{line}");
    }
    assert_eq!(named(&tree, &["check", "-v"]).len(), 7);
    assert_eq!(named(&tree, &["check", "-q"]).len(), 0);
    // Who excludes files knows it.
    let tree = Tree::new("excluded").with("Dockerfile", "FROM debian:12\n").with("web/Dockerfile", "FROM debian:12\n");
    assert_eq!(printed(&tree, &["check", "--exclude", "web"]).1, "no findings in 1 file; 1 file skipped\n");
    assert_eq!(named(&tree, &["check", "--exclude", "web", "-v"]).len(), 1);
}

fn windows(name: &str, images: usize) -> Tree {
    let pod = |number| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-{number}\nspec:\n  nodeSelector:\n    kubernetes.io/os: windows\n  \
             containers:\n  - name: web\n    image: registry.contoso.com/shop/web-{number}:7\n"
        )
    };
    let pods: Vec<_> = (1..=images).map(pod).collect();
    let linux = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: linux\nspec:\n  nodeSelector:\n    kubernetes.io/os: linux\n  \
                 containers:\n  - name: web\n    image: registry.contoso.com/shop/linux:7\n";
    Tree::new(name).with("pods.yaml", format!("{}---\n{linux}", pods.join("---\n")))
}

#[test]
fn images_of_unknown_windows_are_one_line_and_a_list() {
    let folded =
        "info[undeclared-image-os]: the Windows version of 6 images is unknown; `hostfit images --unknown` lists them";
    let tree = windows("unknown", 6);
    let (found, _) = printed(&tree, &["check", "--ignore", "missing-build-selector"]);
    assert_eq!(found.trim(), folded);
    // Programs and lists have all of them.
    let (found, stderr) = printed(&tree, &["check", "-f", "concise", "--select", "undeclared-image-os"]);
    assert_eq!((found.lines().count(), stderr.as_str()), (6, ""));
    let (listed, stderr) = printed(&tree, &["images", "--unknown"]);
    assert_eq!(listed.lines().count(), 6, "{listed}");
    assert!(listed.lines().all(|line| line.contains("/shop/web-")), "{listed}");
    assert!(
        stderr.starts_with("the Windows version of 6 images is unknown; declare it under `[images]` in hostfit.toml")
    );
    assert_eq!(printed(&tree, &["images"]).0.lines().count(), 7);

    // In a long list the first error is named.
    let many = windows("many", 21).with("worker/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:2022\n");
    assert!(printed(&many, &["check"]).1.starts_with("first error: worker/Dockerfile:1\n"));
    assert!(!printed(&tree, &["check"]).1.contains("first error"));

    let few = windows("few", 5);
    let (found, _) = printed(&few, &["check"]);
    assert_eq!(found.matches("info[undeclared-image-os]").count(), 5, "{found}");
    // The list has what comments and the configuration leave out.
    few.write("hostfit.toml", "[check]\nignore = [\"undeclared-image-os\"]\n[images]\n\"*/web-1:*\" = \"ltsc2022\"\n");
    assert_eq!(printed(&few, &["images", "--unknown"]).0.lines().count(), 4);
    few.write("hostfit.toml", "[images]\n\"*/web-*\" = \"ltsc2022\"\n");
    assert_eq!(
        printed(&few, &["images", "--unknown"]),
        (String::new(), "the Windows version of every image is known\n".to_owned())
    );
}

#[test]
fn text_is_as_wide_as_the_terminal_and_names_are_whole() {
    let tree = windows("wide", 1)
        .with("events.txt", "Warning  Failed  kubelet  Failed to pull image \"registry.contoso.com/shop/web-1:7\": no match for platform in manifest: not found\n")
        .with("hostfit.toml", "[[host]]\nname = \"a-host-with-a-long-name\"\nos = \"ltsc2022\"\n");
    let commands: [&[&str]; 9] = [
        &["rules"],
        &["images"],
        &["matrix", "-v"],
        &["fleet", "show"],
        &["plan", "--to", "ltsc2025"],
        &["explain", "missing-build-selector"],
        &["compat", "--host", "ltsc2019", "--image", "ltsc2022"],
        &["diagnose", "events.txt"],
        &["check"],
    ];
    for args in commands {
        for columns in [60, 80, 120] {
            let output = tree.command(args).env("COLUMNS", columns.to_string()).output().expect("run");
            for line in text(&output.stdout).lines().chain(text(&output.stderr).lines()) {
                let is_one_word =
                    line.trim_start_matches(['-', ' ']).split(' ').count() == 1 || line.starts_with("  docs: ");
                let is_code = line.starts_with("    ") && args.first() == Some(&"explain")
                    || line.contains(" │ ")
                    || line.contains('·');
                assert!(line.chars().count() <= columns || is_one_word || is_code, "{args:?} {columns}: {line}");
            }
        }
        let (whole, _) = printed(&tree, args);
        let longest = whole.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(
            longest > 100 || matches!(args.first(), Some(&"fleet" | &"matrix" | &"check" | &"plan")),
            "{args:?} wraps in a pipe:\n{whole}"
        );
        assert!(!whole.contains("a-host-with-a-long-name-\n"), "{whole}");
    }
}

#[test]
fn pages_are_rendered() {
    for rule in ["build-mismatch", "unknown-tag", "unused-ignore"] {
        let (page, _) = printed(&Tree::new("pages"), &["explain", rule]);
        assert!(page.starts_with(&format!("{rule} [")), "{page}");
        assert!(!page.contains("```") && !page.contains("also:") && !page.contains("\n## "), "{page}");
        assert!(page.contains("\n    "), "{page}");
    }
}

#[test]
fn rules_stand_in_categories() {
    let tree = Tree::new("rules");
    let (listed, _) = printed(&tree, &["rules"]);
    for line in ["image references", "placement: Kubernetes", "placement: Swarm", "Dockerfile builds", "files"] {
        assert!(listed.lines().any(|it| it == line), "{listed}");
    }
    let row = |id: &str| listed.lines().find(|line| line.split_whitespace().next() == Some(id)).expect("a row");
    assert!(row("build-mismatch").contains(" fix fleet "), "{listed}");
    assert!(row("unknown-tag").contains(" fix  ") && !row("syntax-error").contains(" fix "), "{listed}");
    let (json, _) = printed(&tree, &["rules", "-f", "json"]);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let rule = json.as_array().expect("a list").iter().find(|it| it["id"] == "unschedulable").expect("the rule");
    assert_eq!((&rule["category"], &rule["needs_fleet"]), (&"placement: all".into(), &true.into()), "{rule}");
}

#[test]
fn a_fleet_file_is_not_called_broken_json() {
    let tree = Tree::new("import")
        .with("hosts.toml", "# ours\n\n[[host]]\nname = \"a\"\nos = \"ltsc2022\"\n")
        .with("broken.json", "[{\"kind\": ");
    let (_, stderr) = printed(&tree, &["fleet", "import", "hosts.toml"]);
    assert!(stderr.starts_with("error: hosts.toml is already a fleet (1 host): "), "{stderr}");
    let (_, stderr) = printed(&tree, &["fleet", "import", "broken.json"]);
    assert!(stderr.starts_with("error: broken.json is not valid JSON: "), "{stderr}");
}

#[test]
fn problems_of_the_fleet_are_named_beside_a_finding_of_it_only() {
    let host =
        |os: &str| format!("[[host]]\nname = \"a\"\nos = \"{os}\"\nlabels = {{ \"kubernetes.io/os\" = \"linux\" }}\n");
    let tree = Tree::new("fleet").with("Dockerfile", "FROM debian:12\n").with("hostfit.toml", host("ltsc2022"));
    assert!(printed(&tree, &["fleet", "show"]).0.contains("kubernetes.io/os"));
    assert_eq!(printed(&tree, &["check"]).1, "no findings in 1 file\n");
    tree.write("hostfit.toml", host("1803"));
    let (_, stderr) = printed(&tree, &["check"]);
    assert!(stderr.starts_with("warning: the fleet has 1 other problem; `hostfit fleet show` shows it\n"), "{stderr}");
}

/// A Dockerfile with a fault that has a safe fix and one that has none.
fn faulty(name: &str) -> Tree {
    let compose =
        "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n    isolation: process\n";
    Tree::new(name)
        .with("web/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:2022\nCMD [\"C:\\app.exe\"]\n")
        .with("compose.yaml", compose)
}

#[test]
fn a_check_can_fix_first() {
    let tree = faulty("fix-first");
    let before = printed(&tree, &["check", "-f", "concise"]).0;
    assert!(before.contains("[unknown-tag]"), "{before}");
    let output = tree.run(&["check", "--fix", "-f", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON alone on stdout");
    assert!(text(&output.stderr).starts_with("fixed "), "{}", text(&output.stderr));
    let left = report["findings"].as_array().expect("findings");
    assert!(left.iter().all(|it| it["rule"] != "unknown-tag"), "{report}");
    assert!(tree.read("web/Dockerfile").expect("a file").contains("servercore:ltsc2022"));
    assert_eq!(printed(&tree, &["check", "--fix"]).1.lines().next(), Some("fixed 0 findings in 0 files"));
    // What is not meant is not written.
    let tree = faulty("fix-first-elsewhere");
    printed(&tree, &["check", "--fix", "compose.yaml"]);
    assert!(tree.read("web/Dockerfile").expect("a file").contains("servercore:2022"));
    let output = tree.stdin(&["check", "--fix", "-"], b"FROM debian:12\n");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(tree.run(&["check", "--fix", "--shard", "1/2"]).status.code(), Some(2));
}

#[test]
fn the_configuration_may_name_the_baseline_the_format_and_outputs() {
    let config = "[check]\nbaseline = \"known.json\"\nformat = \"concise\"\noutput = [\"json=out/report.json\"]\n";
    let tree = faulty("configured").with("hostfit.toml", config).with("out/.gitkeep", "").with("sub/.gitkeep", "");
    // One that is not there yet is written, and one that nobody writes is missed.
    let output = tree.run(&["check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`hostfit check --write-baseline known.json` writes one"));
    assert_eq!(tree.run(&["check", "--write-baseline", "known.json"]).status.code(), Some(0));
    let output = tree.run(&["check"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), String::new()));
    let report: Value = serde_json::from_slice(&tree.bytes("out/report.json")).expect("a report");
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    tree.write("new/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:2019\n");
    let output = tree.run(&["check"]);
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(1), 1));
    assert!(text(&output.stdout).starts_with("new/Dockerfile:1:43: error[unknown-tag] "), "{}", text(&output.stdout));
    // The same from another folder, and for fixes.
    let output = tree.command(&["check", ".."]).current_dir(tree.0.join("sub")).output().expect("run");
    assert_eq!(text(&output.stdout).lines().count(), 1, "{}", text(&output.stdout));
    assert!(text(&output.stdout).starts_with("../new/Dockerfile:1:43: "), "{}", text(&output.stdout));
    assert!(text(&tree.run(&["fix", "--diff"]).stdout).matches("+++ ").count() == 1);
    // The command line counts before it.
    assert!(text(&tree.run(&["check", "-f", "github"]).stdout).starts_with("::error "));
    assert!(!text(&tree.run(&["check", "--statistics"]).stdout).is_empty());
    std::fs::remove_file(tree.0.join("out/report.json")).expect("removed");
    tree.run(&["check", "-o", "sarif=own.sarif"]);
    assert_eq!((tree.read("out/report.json"), tree.read("own.sarif").is_some()), (None, true));
    assert!(text(&tree.run(&["check", "--isolated", "-f", "concise"]).stdout).contains("web/Dockerfile:1"));
}

#[test]
fn the_configuration_names_no_file_outside_of_its_repository() {
    let outside = Tree::new("outside");
    for (line, why) in [
        ("baseline = \"../outside/known.json\"", "it is outside of the repository"),
        ("output = [\"json=../outside/report.json\"]", "it is outside of the repository"),
        ("output = [\"json=.git/config\"]", "leads into `.git`"),
        ("output = [\"json=/tmp/report.json\"]", "is absolute"),
    ] {
        let tree = faulty("inside").with("hostfit.toml", format!("[check]\n{line}\n"));
        let output = tree.run(&["check"]);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
        assert!(stderr.contains(why) && stderr.contains("[hostfit.toml:2:"), "{line}: {stderr}");
    }
    assert!(outside.names().is_empty());
    // What is checked is not written over.
    let tree = faulty("over").with("hostfit.toml", "[check]\noutput = [\"json=compose.yaml\"]\n");
    assert_eq!(tree.run(&["check"]).status.code(), Some(2));
    assert!(tree.read("compose.yaml").expect("a file").starts_with("services:"));
}
