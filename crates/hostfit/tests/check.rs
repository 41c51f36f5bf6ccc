//! The whole program on small trees: which files it looks at, what it says of bad ones, how it ends.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use std::{fs, io::Write, process::Output};

use common::{Tree, fixtures, text};

#[path = "check/baseline.rs"]
mod baseline;
mod common;
#[path = "check/declared.rs"]
mod declared;

impl Tree {
    /// What `check --format json` says, with fixed support dates.
    fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.run(&[&["check", "--format", "json", "--as-of", "2026-11-21"], args].concat());
        assert_ne!(output.status.code(), Some(2), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// How many files were looked at, and which were passed over.
    fn looked_at(&self, args: &[&str]) -> (u64, Vec<(String, String)>) {
        let summary = &self.json(args)["summary"];
        let of = |it: &serde_json::Value, key: &str| it[key].as_str().expect("text").to_owned();
        let skipped = summary["skipped"].as_array().expect("a list").iter();
        (summary["files"].as_u64().expect("a number"), skipped.map(|it| (of(it, "path"), of(it, "reason"))).collect())
    }
}

fn skipped(path: &str, reason: &str) -> (String, String) {
    (path.to_owned(), reason.to_owned())
}

const LINUX: &str = "FROM debian:12\n";

#[test]
fn a_folder_is_walked_as_git_sees_it() {
    let tree = Tree::new("walk")
        .with("Dockerfile", LINUX)
        .with(".devcontainer/Dockerfile", LINUX)
        .with("ignored/Dockerfile", LINUX)
        .with(".gitignore", "ignored/\n")
        .with(".git/Dockerfile", LINUX)
        .with("README.md", "FROM here\n");
    assert_eq!(tree.looked_at(&[]), (2, vec![]));
    assert_eq!(tree.looked_at(&[".", "Dockerfile"]), (2, vec![]));
    assert_eq!(tree.looked_at(&["ignored/Dockerfile"]), (1, vec![]));
}

#[test]
fn excluded_files_are_left_out_and_named() {
    let tree = Tree::new("exclude")
        .with("hostfit.toml", "[check]\nexclude = [\"vendor/**\"]\n")
        .with("vendor/Dockerfile", LINUX)
        .with("sub/Dockerfile", LINUX);
    let excluded = skipped("vendor/Dockerfile", "excluded");
    assert_eq!(tree.looked_at(&[]), (1, vec![excluded.clone()]));
    assert_eq!(tree.looked_at(&["vendor/Dockerfile"]), (1, vec![]));
    assert_eq!(tree.looked_at(&["--force-exclude", "vendor/Dockerfile"]), (0, vec![excluded.clone()]));
    let output = tree.stdin(
        &["check", "--format", "json", "--force-exclude", "--stdin-filename", "vendor/Dockerfile", "-"],
        LINUX.as_bytes(),
    );
    assert!(text(&output.stdout).contains("\"excluded\""));
}

#[test]
fn an_excluded_file_is_not_read_because_another_refers_to_it() {
    let tree = Tree::new("exclude-referred")
        .with("hostfit.toml", "[check]\nexclude = [\"./vendor/**\"]\n")
        .with("compose.yaml", "services:\n  web:\n    build: vendor/web\n")
        .with("vendor/web/Dockerfile", LINUX)
        .with("vendor/compose.yaml", "services:\n  web:\n    build: web\n");
    let excluded = [skipped("vendor/compose.yaml", "excluded"), skipped("vendor/web/Dockerfile", "excluded")];
    assert_eq!(tree.looked_at(&[]), (1, excluded.to_vec()));
    assert_eq!(tree.looked_at(&["vendor/compose.yaml"]), (1, vec![]));
    assert_eq!(tree.looked_at(&["vendor/compose.yaml", "vendor/web/Dockerfile"]), (2, vec![]));
}

#[test]
fn what_git_ignores_above_the_repository_counts_outside_of_it_only() {
    let tree = Tree::new("above")
        .with(".gitignore", "*\n")
        .with("own/.git/HEAD", "")
        .with("own/.gitignore", "build/\n")
        .with("own/Dockerfile", LINUX)
        .with("own/build/Dockerfile", LINUX)
        .with("part/Dockerfile", LINUX);
    for (folder, files) in [("own", 1), ("part", 0)] {
        let mut command = tree.command(&["check", "--format", "json"]);
        let output = command.current_dir(tree.0.join(folder)).output().expect("run");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(json["summary"]["files"], files, "{folder}");
    }
}

#[test]
fn stdin_stands_for_the_file_of_its_name() {
    let tree = Tree::new("unsaved")
        .with("web/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:2022\n")
        .with("compose.yaml", "services:\n  web:\n    build: web\n");
    let args = ["check", "--format", "json", "--stdin-filename", "web/Dockerfile", "-", "."];
    let output = tree.stdin(&args, LINUX.as_bytes());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["summary"]["files"], 2);
    assert_eq!(json["findings"], serde_json::json!([]));
}

#[test]
fn a_named_file_is_known_by_its_content() {
    let tree = Tree::new("named").with("build.txt", LINUX).with("notes.txt", "hello\n");
    assert_eq!(tree.looked_at(&["build.txt"]), (1, vec![]));
    assert_eq!(tree.looked_at(&["notes.txt"]), (0, vec![]));
}

#[test]
fn stdin_is_known_by_its_name_or_its_content() {
    let tree = Tree::new("stdin");
    for (args, files) in [(vec!["-"], 1), (vec!["--stdin-filename", "web/Dockerfile", "-"], 1)] {
        let output = tree.stdin(&[&["check", "--format", "json"], args.as_slice()].concat(), LINUX.as_bytes());
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(json["summary"]["files"], files, "{args:?}");
    }
}

#[test]
fn what_is_no_text_is_named_as_skipped() {
    let tree = Tree::new("binary").with("Dockerfile", b"FROM\0\x01").with("data.yaml", b"\0\0");
    assert_eq!(tree.looked_at(&[]), (0, vec![skipped("Dockerfile", "binary")]));
    assert_eq!(tree.looked_at(&["data.yaml"]), (0, vec![skipped("data.yaml", "binary")]));
}

#[test]
fn a_file_that_is_too_long_does_not_stop_the_run() {
    let tree = Tree::new("large").with("a/Dockerfile", LINUX);
    let long = fs::File::create(tree.0.join("Dockerfile")).and_then(|mut file| {
        file.write_all(LINUX.as_bytes())?;
        file.set_len(100 * 1024 * 1024)
    });
    long.expect("written");
    let (files, skipped) = tree.looked_at(&[]);
    assert_eq!((files, skipped.len()), (2, 0));
}

#[cfg(unix)]
#[test]
fn links_out_of_the_tree_are_not_followed() {
    let outside = Tree::new("links-outside").with("Dockerfile", LINUX);
    let tree = Tree::new("links").with("Dockerfile", LINUX);
    std::os::unix::fs::symlink(outside.0.join("Dockerfile"), tree.0.join("Dockerfile.out")).expect("linked");
    std::os::unix::fs::symlink(&outside.0, tree.0.join("folder")).expect("linked");
    std::os::unix::fs::symlink("Dockerfile", tree.0.join("Dockerfile.in")).expect("linked");
    std::os::unix::fs::symlink("nowhere", tree.0.join("Dockerfile.none")).expect("linked");
    let links = ["Dockerfile.none", "Dockerfile.out"].map(|path| skipped(path, "symlink"));
    assert_eq!(tree.looked_at(&[]), (2, links.to_vec()));
}

#[test]
fn the_nearest_configuration_counts_up_to_the_root_of_the_repository() {
    let tree = Tree::new("discovery").with("hostfit.toml", "[chekc]\n").with("a/b/Dockerfile", LINUX);
    let mut command = tree.command(&["check"]);
    let output = command.current_dir(tree.0.join("a/b")).output().expect("run");
    assert_eq!(output.status.code(), Some(2));
    let message = text(&output.stderr);
    assert!(message.contains("[../../hostfit.toml:1:2]"), "{message}");
    assert!(message.contains("did you mean `check`?"), "{message}");
    let tree = tree.with("a/.git", "gitdir: elsewhere\n");
    let output = tree.command(&["check"]).current_dir(tree.0.join("a/b")).output().expect("run");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_fleet_may_stand_in_a_file_of_its_own() {
    let tree = Tree::new("fleet")
        .with("hosts.toml", "[[host]]\nname = \"a\"\nos = \"linux\"\n")
        .with("bad.toml", "[[host]]\nname = \"a\"\nos = \"lunix\"\n")
        .with("Dockerfile", LINUX);
    assert_eq!(tree.run(&["check", "--fleet", "hosts.toml"]).status.code(), Some(0));
    let output = tree.run(&["check", "--fleet", "bad.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("[bad.toml:3:7]"), "{}", text(&output.stderr));
    assert_eq!(tree.run(&["check", "--fleet", "none.toml"]).status.code(), Some(2));
}

#[test]
fn findings_go_to_stdout_and_all_else_to_stderr() {
    let tree = Tree::new("streams").with("Dockerfile", LINUX);
    let output = tree.run(&["check", "--as-of", "2026-11-21"]);
    assert_eq!(text(&output.stdout), "");
    assert_eq!(text(&output.stderr), "no findings in 1 file\n");
    assert_eq!(text(&tree.run(&["check", "-q"]).stderr), "");
}

#[test]
fn an_old_table_is_warned_of_and_is_no_finding() {
    let tree = Tree::new("old-table").with("Dockerfile", LINUX);
    let year = |years: u16| {
        let checked = hostfit_core::windows::release::TABLE_DATE;
        format!("{}-01-01", checked.year + years)
    };
    let run = |args: &[&str]| {
        let output = tree.run(args);
        assert_eq!(output.status.code(), Some(0));
        text(&output.stderr)
    };
    for command in ["check", "fix"] {
        assert!(!run(&[command, "--as-of", &year(1)]).contains("warning"), "{command}");
        let old = run(&[command, "--as-of", &year(3)]);
        let lines: Vec<_> = old.lines().filter(|line| line.starts_with("warning: this hostfit knows")).collect();
        assert_eq!(lines.len(), 1, "{old}");
        assert!(lines[0].contains(&format!("more than 18 months before {}", year(3))), "{old}");
        assert_eq!(run(&[command, "-q", "--as-of", &year(3)]), "");
    }
    let json = tree.run(&["check", "--format", "json", "--as-of", &year(3)]);
    assert!(!text(&json.stdout).contains("18 months"));
}

#[test]
fn statistics_count_the_findings_of_each_rule() {
    let from = |tag: &str| format!("FROM mcr.microsoft.com/windows/servercore:{tag}\n");
    let tree = Tree::new("statistics")
        .with("a/Dockerfile", from("1803"))
        .with("b/Dockerfile", from("1709"))
        .with("c/Dockerfile", from("2022"));
    let run = |format: &str| tree.run(&["check", "-q", "--as-of", "2026-11-21", "--statistics", "--format", format]);
    let output = run("human");
    assert_eq!(text(&output.stdout), "2  warning  unsupported-release\n1  error    unknown-tag\n");
    assert_eq!(output.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&run("json").stdout).expect("JSON");
    assert_eq!(json[1], serde_json::json!({"rule": "unknown-tag", "severity": "error", "count": 1}));
    assert_eq!(run("sarif").status.code(), Some(2));
}

#[test]
fn the_number_of_jobs_changes_nothing() {
    let mut tree = Tree::new("jobs");
    for number in 0..40 {
        tree = tree.with(&format!("{number}/Dockerfile"), "FROM mcr.microsoft.com/windows/servercore:2022\n");
    }
    let one = tree.json(&["--jobs", "1"]);
    assert_eq!(one["summary"]["files"], 40);
    for jobs in ["2", "7"] {
        assert_eq!(tree.json(&["--jobs", jobs]), one);
    }
}

#[test]
fn releases_of_the_configuration_are_known_everywhere() {
    let tree = Tree::new("release")
        .with(
            "hostfit.toml",
            "[[release]]\nid = \"ltsc2028\"\nbuild = 30000\ntitle = \"Windows Server 2028\"\nfamilies = \
             [\"servercore\"]\nimage-support-end = 2033-10-11\n\n[[host]]\nname = \"new\"\nos = \"ltsc2028\"\n",
        )
        .with("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2028\nRUN x\n");
    let findings = tree.json(&[])["findings"].clone();
    assert_eq!(findings, serde_json::json!([]));
    let output = tree.run(&["compat", "--host", "ltsc2028", "--image", "30000"]);
    assert!(text(&output.stdout).starts_with("runs: Windows Server 2028 (10.0.30000)"), "{}", text(&output.stdout));
}

#[test]
fn every_rule_is_listed_and_explained() {
    let tree = Tree::new("rules");
    let rules: serde_json::Value =
        serde_json::from_slice(&tree.run(&["rules", "--format", "json"]).stdout).expect("JSON");
    let rules = rules.as_array().expect("a list");
    assert!(!rules.is_empty());
    for rule in rules {
        let id = rule["id"].as_str().expect("an id");
        let page = text(&tree.run(&["explain", id]).stdout);
        assert!(page.starts_with(&format!("{id} [")), "{page}");
        assert!(page.contains(rule["summary"].as_str().expect("a summary")), "{page}");
    }
}

#[test]
fn severities_and_rules_are_chosen_by_configuration_and_command_line() {
    let tree = Tree::new("severity").with("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:1803\n");
    let status =
        |tree: &Tree, args: &[&str]| tree.run(&[&["check", "--as-of", "2026-11-21"], args].concat()).status.code();
    assert_eq!(status(&tree, &[]), Some(1));
    assert_eq!(status(&tree, &["--fail-on", "error"]), Some(0));
    assert_eq!(status(&tree, &["--ignore", "unsupported-release,unknown-tag"]), Some(0));
    assert_eq!(status(&tree, &["--select", "unknown-tag"]), Some(0));
    assert_eq!(status(&tree, &["--as-of", "2018-06-01"]), Some(2), "given twice");
    let tree = tree.with("hostfit.toml", "[check]\nfail-on = \"error\"\n");
    assert_eq!(status(&tree, &[]), Some(0));
    assert_eq!(status(&tree, &["--fail-on", "warning"]), Some(1));
    let tree =
        tree.with("hostfit.toml", "[check]\nfail-on = \"error\"\nseverity = { unsupported-release = \"error\" }\n");
    assert_eq!(status(&tree, &[]), Some(1));
    let tree = tree.with("hostfit.toml", "[check]\nignore = [\"unsupported-release\"]\n");
    assert_eq!(status(&tree, &[]), Some(0));
    assert_eq!(status(&tree, &["--select", "unsupported-release"]), Some(1));
}

#[test]
fn comments_silence_what_stands_in_the_configuration() {
    let host = |before: &str, after: &str| {
        format!(
            "[[host]]\nname = \"old # hostfit: ignore\"\nos = \"ltsc2016\"\n{before}runtime = \"docker 24.0.7\"{after}\n"
        )
    };
    let ignore = "# hostfit: ignore[engine-refuses-host]";
    let tree = Tree::new("config-comments").with("Dockerfile", LINUX);
    let found = |config: &str, fleet: Option<&str>| {
        fs::write(tree.0.join("hostfit.toml"), config.replace('\n', "\r\n")).expect("written");
        fs::write(tree.0.join("fleet.toml"), format!("\u{feff}{}", fleet.unwrap_or_default())).expect("written");
        let json = tree.json(if fleet.is_some() { &["--fleet", "fleet.toml"] } else { &[] });
        let of = |it: &serde_json::Value, key: &str| it[key].as_str().expect("text").to_owned();
        // The host's release ends soon, which other tests look at.
        let findings =
            json["findings"].as_array().expect("a list").iter().filter(|it| it["rule"] != "unsupported-host");
        findings.map(|it| [of(it, "path"), of(it, "rule")].join(" ")).collect::<Vec<_>>()
    };
    let loud = host("", "");
    assert_eq!(found(&loud, None), ["hostfit.toml engine-refuses-host"]);
    for silent in [
        host("", &format!("  {ignore}")),
        host(&format!("{ignore}\n"), ""),
        format!("\n{}\n{loud}", ignore.replace("ignore[", "ignore-file[")),
    ] {
        assert_eq!(found(&silent, None), [""; 0], "{silent}");
        assert_eq!(found(&loud, Some(&silent)), [""; 0], "{silent}");
        // Hosts that another file replaces are not judged.
        assert_eq!(found(&silent, Some("")), [""; 0], "{silent}");
    }
    let useless = loud.replace("24.0.7", "20.10.9").replace("9\"", &format!("9\" {ignore}"));
    assert_eq!(found(&useless, None), ["hostfit.toml unused-ignore"]);
    assert_eq!(found(&loud, Some(&useless)), ["fleet.toml unused-ignore"]);
    // Whether anything uses the arg depends on the files that are checked.
    let arg = "[build-args]\nV = \"1803\" # hostfit: ignore[unsupported-release]\n";
    assert_eq!(found(arg, None), [""; 0]);
    fs::write(tree.0.join("Dockerfile"), "ARG V\nFROM mcr.microsoft.com/windows/servercore:$V\n").expect("written");
    assert_eq!(found(arg, None), [""; 0]);
    assert_eq!(found("[build-args]\nV = \"1803\"\n", None), ["hostfit.toml unsupported-release"]);
}

const OVERRIDES: &str = r#"
[check]
severity = { unsupported-release = "info" }

[[override]]
paths = ['legacy\**']
ignore = ["unsupported-release"]

[[override]]
paths = ["legacy/kept/"]
select = ["unsupported-release"]
severity = { unsupported-release = "error" }
"#;

#[test]
fn an_override_holds_for_its_paths() {
    let old = "FROM mcr.microsoft.com/windows/servercore:1803\nRUN echo\n";
    let silenced = format!("# hostfit: ignore[unsupported-release]\n{old}");
    let tree = Tree::new("override")
        .with("hostfit.toml", OVERRIDES)
        .with("Dockerfile", old)
        .with("legacy/Dockerfile", old)
        .with("legacy/kept/Dockerfile", old)
        .with("legacy/silenced/Dockerfile", silenced);
    let found = |folder: &str, args: &[&str]| {
        let mut command = tree.command(&[&["check", "--format", "json", "--as-of", "2026-11-21"], args].concat());
        let output = command.current_dir(tree.0.join(folder)).output().expect("run");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let of = |it: &serde_json::Value, key: &str| it[key].as_str().expect("text").to_owned();
        let findings = json["findings"].as_array().expect("a list").iter();
        findings.map(|it| [of(it, "path"), of(it, "rule"), of(it, "severity")].join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(
        found(".", &[]),
        ["Dockerfile unsupported-release info", "legacy/kept/Dockerfile unsupported-release error"]
    );
    // Paths are those below the configuration, wherever hostfit is started and however the file is named.
    assert_eq!(found("legacy", &[]), ["kept/Dockerfile unsupported-release error"]);
    assert_eq!(found("legacy/kept", &["../Dockerfile"]), [""; 0]);
    // The command line speaks last. The comment is not needed then to be silent, and silences all the same.
    assert_eq!(
        found("legacy", &["--select", "unsupported-release,unused-ignore"]),
        ["Dockerfile unsupported-release info", "kept/Dockerfile unsupported-release error"]
    );
    assert_eq!(found(".", &["--ignore", "unsupported-release"]), [""; 0]);
}

#[test]
fn what_a_named_file_refers_to_is_read_too() {
    let tree = Tree::new("refers")
        .with("deploy/compose.yaml", "services:\n  web:\n    build: ../web\n")
        .with("deploy/.env", "A=1\n")
        .with(".gitignore", ".env\n")
        .with("web/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:1803\n")
        .with("other/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:1803\n");
    let json = tree.json(&["deploy"]);
    assert_eq!(json["summary"]["files"], 2);
    let json = tree.json(&["deploy/compose.yaml"]);
    assert_eq!(json["summary"]["files"], 1);
    assert_eq!(json["findings"][0]["path"], "web/Dockerfile");
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn variables_of_what_is_included_may_have_any_name() {
    let image = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:${TAG}\n";
    for (name, ignored) in [("vars", ""), ("win.env", ""), ("win.env", "*.env\n"), ("config.txt", ""), (".env.win", "")]
    {
        let tree = Tree::new(&format!("env-file-{name}-{}", ignored.len()))
            .with("compose.yaml", format!("include:\n- path: app/compose.yaml\n  env_file: [{name}]\n"))
            .with("app/compose.yaml", image)
            .with(name, "TAG=1803\n")
            .with("other.env", "TAG=1809\n")
            .with(".gitignore", ignored);
        let json = tree.json(&["--select", "unsupported-release"]);
        assert_eq!(json["summary"]["files"], 3, "{name}");
        assert_eq!(json["findings"][0]["path"], name);
        assert_eq!(json["findings"].as_array().map(Vec::len), Some(1), "{name}");
        let json = tree.json(&["compose.yaml", "--select", "unsupported-release"]);
        assert_eq!(json["summary"]["files"], 1, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_read() {
    let tree = Tree::new("devices");
    assert_eq!(tree.looked_at(&["/dev/null"]), (0, vec![skipped("/dev/null", "not-a-file")]));
}

#[test]
fn bytes_are_those_of_the_file_whatever_its_encoding() {
    let line = "FROM mcr.microsoft.com/windows/servercore:1803\r\n";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(line.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for (name, bytes, offset) in [
        ("plain", line.as_bytes().to_vec(), 42),
        ("bom", format!("\u{feff}{line}").into_bytes(), 45),
        ("utf16", utf16, 2 + 2 * 42),
    ] {
        let tree = Tree::new(&format!("encoding-{name}")).with("Dockerfile", bytes);
        let json = tree.json(&["--select", "unsupported-release"]);
        let start = &json["findings"][0]["range"]["start"];
        assert_eq!(*start, serde_json::json!({"line": 1, "column": 43, "offset": offset}), "{name}");
    }
}

const WEB: &str = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n";

/// A Dockerfile, the Compose file that builds it, a manifest that runs it, and something else that is wrong.
fn shop(name: &str) -> Tree {
    Tree::new(name)
        .with("hostfit.toml", "[[host]]\nname = \"old\"\nos = \"ltsc2019\"\norchestrator = \"docker\"\n")
        .with("web/Dockerfile", WEB)
        .with(
            "deploy/compose.yaml",
            "services:\n  web:\n    build: ../web\n  db:\n    isolation: wrong\n    image: x\n",
        )
        .with("other/Dockerfile", "FROM microsoft/nanoserver\n")
}

/// The places of findings, as `path: rule`.
fn places(tree: &Tree, args: &[&str]) -> Vec<String> {
    let findings = tree.json(args);
    let of = |it: &serde_json::Value, key: &str| it[key].as_str().expect("text").to_owned();
    let findings = findings["findings"].as_array().expect("a list").iter();
    findings.map(|it| format!("{}: {}", of(it, "path"), of(it, "rule"))).collect()
}

#[test]
fn what_was_changed_is_judged_with_all_that_depends_on_it() {
    let tree = shop("changed");
    let web = "web/Dockerfile: image-newer-than-host";
    let compose = "deploy/compose.yaml: invalid-isolation";
    let other = "other/Dockerfile: retired-repository";
    // Not what is wrong with another service of its project.
    assert_eq!(places(&tree, &["--changed", "web/Dockerfile"]), [web]);
    assert_eq!(places(&tree, &["--changed", "deploy/compose.yaml"]), [compose, web]);
    assert_eq!(places(&tree, &["--changed", "other/Dockerfile"]), [other]);
    assert_eq!(places(&tree, &["--changed", "hostfit.toml"]), [compose, other, web]);
    assert_eq!(places(&tree, &["--changed"]), places(&tree, &[]));
    // Without it, only what stands there.
    assert_eq!(places(&tree, &["web/Dockerfile"]), [web]);
}

#[test]
fn a_mixture_concerns_both_of_its_files() {
    let windows = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n";
    let linux = "services:\n  db:\n    image: postgres:17-alpine\n";
    let tree = Tree::new("changed-mixture")
        .with("compose.yaml", "include: [a/web.yaml, b/db.yaml]\n")
        .with("a/web.yaml", windows)
        .with("b/db.yaml", linux);
    let found = |changed: &str| places(&tree, &["--select", "mixed-os-project", "--changed", changed]);
    assert_eq!(found("compose.yaml"), ["b/db.yaml: mixed-os-project"]);
    assert_eq!(found("a/web.yaml"), ["b/db.yaml: mixed-os-project"]);
    assert_eq!(found("b/db.yaml"), ["b/db.yaml: mixed-os-project"]);
}

#[test]
fn a_fleet_that_was_changed_concerns_everything() {
    let tree = shop("changed-fleet").with("fleet.toml", "[[host]]\nname = \"a\"\nos = \"linux\"\n");
    let all = places(&tree, &["--fleet", "fleet.toml"]);
    assert!(all.len() > 1, "{all:?}");
    assert_eq!(places(&tree, &["--fleet", "fleet.toml", "--changed", "fleet.toml"]), all);
}

#[test]
fn excluded_files_are_left_out_though_they_were_changed() {
    let tree = shop("changed-excluded").with("hostfit.toml", "[check]\nexclude = [\"other/**\"]\n");
    assert_eq!(places(&tree, &["--changed", "--force-exclude", "other/Dockerfile"]), Vec::<String>::new());
    let named = ["--changed", "other/Dockerfile"];
    assert_eq!(places(&tree, &named), ["other/Dockerfile: retired-repository"]);
}

#[test]
fn names_of_changed_files_are_no_options() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: \
               microsoft/nanoserver}]\n";
    let tree = Tree::new("changed-dashes").with("--config=a b.yaml", pod).with("-q", "").with("-x.yaml", pod);
    let rule = ": retired-repository";
    let found = |args: &[&str]| -> Vec<String> {
        let select = ["--select", "retired-repository"];
        places(&tree, &[&["--changed"], &select[..], args].concat())
    };
    assert_eq!(found(&["-x.yaml"]), [format!("-x.yaml{rule}")]);
    let both = [format!("--config=a b.yaml{rule}"), format!("-x.yaml{rule}")];
    assert_eq!(found(&["--config=a b.yaml", "-q", "-x.yaml"]), both);
    assert_eq!(found(&["--", "--config=a b.yaml", "-x.yaml"]), both);
    // Without `--changed` an option is an option.
    assert_eq!(tree.run(&["check", "-x.yaml"]).status.code(), Some(2));
}

#[test]
fn fixes_change_only_what_was_changed() {
    let tree = shop("changed-fix").with("compose.yaml", "services:\n  other: {build: other}\n");
    let fix = |args: &[&str]| tree.run(&[&["fix", "--as-of", "2026-11-21", "--changed"], args].concat());
    let read = |path: &str| fs::read_to_string(tree.0.join(path)).expect("read");
    // The Dockerfile's fault concerns the Compose file, and is reported with it; nobody asked to fix it.
    assert_eq!(fix(&["compose.yaml"]).status.code(), Some(1));
    assert_eq!(read("other/Dockerfile"), "FROM microsoft/nanoserver\n");
    assert_eq!(fix(&["other/Dockerfile", "--unsafe", "--fail-on", "never"]).status.code(), Some(0));
    assert!(read("other/Dockerfile").starts_with("FROM mcr.microsoft.com/windows/nanoserver"));
}

#[test]
fn of_templates_without_a_chart_only_what_cannot_be_read_is_named() {
    let pod = |spec: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n{spec}");
    let image = "  containers:\n  - name: {{ .Name }}\n    image: mcr.microsoft.com/windows/servercore:1803\n";
    let service = |group: &str| {
        format!(
            "apiVersion: {group}v1\nkind: Service\nspec:\n  {{{{ include \"spec\" . }}}}\n  template:\n    spec:\n{image}"
        )
    };
    let tree = Tree::new("alone")
        .with("deploy/knative.yaml", service("serving.knative.dev/"))
        .with("deploy/service.yaml", service(""))
        .with("deploy/judged.yaml", pod(image))
        .with("deploy/unknown.yaml", pod(&format!("  {{{{ include \"spec\" . }}}}\n{image}")))
        .with("deploy/filter.yaml", pod(&image.replace(".Name", "name | default('web')")))
        .with("deploy/jinja.yaml", pod(&format!("{{% if x %}}\n{image}{{% endif %}}\n")));
    let expected = vec![
        skipped("deploy/filter.yaml", "template"),
        skipped("deploy/jinja.yaml", "template"),
        skipped("deploy/knative.yaml", "template: include \"spec\" is not in the tree"),
        skipped("deploy/unknown.yaml", "template: include \"spec\" is not in the tree"),
    ];
    assert_eq!(tree.looked_at(&[]), (4, expected));
    let findings = &tree.json(&[])["findings"];
    let found = findings.as_array().expect("a list").iter();
    let found: Vec<_> = found.filter(|it| it["rule"] == "unsupported-release").map(|it| &it["path"]).collect();
    assert_eq!(found, ["deploy/judged.yaml"]);
    assert!(findings[0]["rendered"].as_array().is_none_or(Vec::is_empty));
}
