//! `--baseline` and `--write-baseline`: what is known is left out, what is new is not, wherever the run starts.

use super::*;

const FROM: &str = "FROM mcr.microsoft.com/windows/servercore:2022\n";

const DAY: [&str; 2] = ["--as-of", "2026-11-21"];

/// A tree with two known findings.
fn known(name: &str) -> Tree {
    let tree = Tree::new(&format!("baseline-{name}")).with("web/Dockerfile", FROM).with("api/Dockerfile", FROM);
    let output = tree.check(&["--write-baseline", "known.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    tree
}

impl Tree {
    fn check(&self, args: &[&str]) -> Output {
        self.run(&[&["check"], &DAY[..], args].concat())
    }

    /// `path:line rule` of what is reported beside the baseline.
    fn new_findings(&self, args: &[&str]) -> Vec<String> {
        let json = self.json(&[&["--baseline", "known.json"], args].concat());
        let findings = json["findings"].as_array().expect("a list").iter();
        let line = |it: &serde_json::Value| {
            let of = |key: &str| it[key].as_str().expect("text").to_owned();
            format!("{}:{} {}", of("path"), it["range"]["start"]["line"], of("rule"))
        };
        findings.map(line).collect()
    }
}

#[test]
fn what_is_found_is_written_and_left_out_from_then_on() {
    let tree = known("written");
    let expected = r#"{
  "schema": "hostfit-baseline/1",
  "findings": [
    {"path":"api/Dockerfile","rule":"unknown-tag","evidence":{"image":"mcr.microsoft.com/windows/servercore:2022","text":"2022"}},
    {"path":"web/Dockerfile","rule":"unknown-tag","evidence":{"image":"mcr.microsoft.com/windows/servercore:2022","text":"2022"}}
  ]
}
"#;
    assert_eq!(text(&tree.bytes("known.json")), expected);
    let output = tree.check(&["--write-baseline", "known.json"]);
    assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("", Some(0)));
    let printed = "no findings in 2 files; 2 in the baseline\nwrote 2 findings to known.json\n";
    assert_eq!(text(&output.stderr), printed);
    assert_eq!(text(&tree.bytes("known.json")), expected);
    let output = tree.check(&["--baseline", "known.json"]);
    assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("", Some(0)));
    assert_eq!(text(&output.stderr), "no findings in 2 files; 2 in the baseline\n");
    assert_eq!(text(&tree.check(&["-q", "--write-baseline", "known.json"]).stderr), "");
    let mut names: Vec<_> = fs::read_dir(&tree.0).expect("read").map(|it| it.expect("read").file_name()).collect();
    names.sort();
    assert_eq!(names, [".git", "api", "known.json", "web"]);
}

#[test]
fn only_what_is_new_is_reported() {
    let tree = known("new").with("web/Dockerfile", format!("# why\r\n\r\n{FROM}RUN x\n{FROM}"));
    assert_eq!(tree.new_findings(&[]), ["web/Dockerfile:5 unknown-tag"]);
    assert_eq!(tree.check(&["--baseline", "known.json"]).status.code(), Some(1));
    let tree = tree.with("web/Dockerfile", FROM.replace("2022", "2025"));
    assert_eq!(tree.new_findings(&[]), ["web/Dockerfile:1 unknown-tag"]);
}

#[test]
fn a_baseline_fits_wherever_the_run_starts() {
    let tree = known("anywhere").with("other/x", "");
    for (folder, args) in [
        ("web", vec!["--baseline", "../known.json"]),
        ("web", vec!["--baseline", "../known.json", ".."]),
        ("other", vec!["--baseline", "../known.json", "../web", "../api/Dockerfile"]),
    ] {
        let args = [&["check"], &DAY[..], &args].concat();
        let output = tree.command(&args).current_dir(tree.0.join(folder)).output().expect("run");
        assert_eq!(output.status.code(), Some(0), "{args:?} {}", text(&output.stdout));
    }
    let absolute = tree.0.join("known.json");
    assert_eq!(tree.check(&["--baseline", absolute.to_str().expect("text")]).status.code(), Some(0));
    let written = [&["check", "--write-baseline", "../known.json"], &DAY[..], &[".."]].concat();
    let before = text(&tree.bytes("known.json"));
    let output = tree.command(&written).current_dir(tree.0.join("web")).output().expect("run");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&tree.bytes("known.json")), before);
    let stdin =
        ["check", "--as-of", "2026-11-21", "--baseline", "known.json", "--stdin-filename", "web/Dockerfile", "-"];
    assert_eq!(tree.stdin(&stdin, FROM.as_bytes()).status.code(), Some(0));
}

#[test]
fn a_baseline_outside_of_the_repository_fits_every_checkout() {
    let tree = |name: &str| Tree::new(name).with("web/Dockerfile", FROM);
    let (one, other) = (tree("baseline-checkout-1"), tree("baseline-checkout-2"));
    let outside = Tree::new("baseline-outside").0.join("known.json");
    let outside = outside.to_str().expect("text");
    assert_eq!(one.check(&["--write-baseline", outside, "web"]).status.code(), Some(0));
    assert_eq!(other.check(&["--baseline", outside]).status.code(), Some(0));
    let args = [&["check", "--baseline", outside], &DAY[..]].concat();
    let output = other.command(&args).current_dir(other.0.join("web")).output().expect("run");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn both_judge_by_the_old_one_and_write_the_new_one() {
    let tree = known("both").with("web/Dockerfile", format!("{FROM}{FROM}"));
    let both = ["--baseline", "known.json", "--write-baseline", "next.json"];
    let output = tree.check(&both);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("[web/Dockerfile:2:43]"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).ends_with("wrote 3 findings to next.json\n"), "{}", text(&output.stderr));
    assert!(
        text(&tree.bytes("next.json")).contains("\"text\":\"2022\"},\"count\":2}"),
        "{}",
        text(&tree.bytes("next.json"))
    );
    // What the run did not look at is still known.
    let part = ["--baseline", "next.json", "--write-baseline", "next.json"];
    let before = text(&tree.bytes("next.json"));
    assert_eq!(tree.check(&[&part[..], &["api"]].concat()).status.code(), Some(0));
    assert_eq!(tree.check(&[&part[..], &["--ignore", "unknown-tag"]].concat()).status.code(), Some(0));
    assert_eq!(text(&tree.bytes("next.json")), before);
}

#[test]
fn what_is_gone_is_said_and_no_failure() {
    let tree = known("gone").with("web/Dockerfile", LINUX);
    let printed = |args: &[&str]| {
        let output = tree.check(&[&["--baseline", "known.json"], args].concat());
        assert_eq!(output.status.code(), Some(0));
        text(&output.stderr).lines().nth(1).unwrap_or_default().to_owned()
    };
    let one = "1 finding of the baseline is gone; `--write-baseline` updates it";
    assert_eq!(printed(&[]), one);
    assert_eq!(printed(&["api"]), "", "nobody looked");
    assert_eq!(printed(&["--ignore", "unknown-tag"]), "", "the rule did not run");
    assert_eq!(printed(&["-q"]), "");
    fs::remove_file(tree.0.join("web/Dockerfile")).expect("removed");
    assert_eq!(printed(&["api"]), one, "the file is gone too");
}

#[test]
fn ignore_comments_come_first() {
    let tree = known("comments").with("web/Dockerfile", format!("# hostfit: ignore[unknown-tag] why\n{FROM}"));
    let output = tree.check(&["--baseline", "known.json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("1 in the baseline\n1 finding of the baseline is gone"), "{output:?}");
    tree.check(&["--write-baseline", "known.json"]);
    assert!(!text(&tree.bytes("known.json")).contains("web/Dockerfile"));
}

#[test]
fn what_is_known_is_not_fixed() {
    let dead = "FROM microsoft/windowsservercore:ltsc2016\nRUN x\n";
    let tree = Tree::new("baseline-fix").with("a/Dockerfile", dead);
    tree.check(&["--write-baseline", "known.json"]);
    let tree = tree.with("b/Dockerfile", dead);
    let output = tree.run(&[&["fix", "--baseline", "known.json"], &DAY[..]].concat());
    assert_eq!(text(&output.stdout), "fixed b/Dockerfile\n", "{}", text(&output.stderr));
    assert_eq!(text(&tree.bytes("a/Dockerfile")), dead);
}

#[test]
fn what_is_no_baseline_ends_the_run() {
    let tree = known("broken").with("utf16.json", {
        let text = "{\"schema\": \"hostfit-baseline/1\", \"findings\": []}";
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>()
    });
    assert_eq!(tree.check(&["--baseline", "utf16.json"]).status.code(), Some(1));
    let tree = tree
        .with("text.json", "known")
        .with("sarif.json", "{\"version\": \"2.1.0\", \"runs\": []}")
        .with("later.json", "{\"schema\": \"hostfit-baseline/9\", \"findings\": {}}")
        .with("types.json", "{\"schema\": \"hostfit-baseline/1\", \"findings\": [{\"path\": 1}]}")
        .with("binary.json", b"{\0}")
        .with("long.json", " ".repeat(10 * 1024 * 1024));
    for (file, why) in [
        ("none.json", "none.json cannot be read: "),
        (".", " cannot be read: "),
        ("none/known.json", "none/known.json cannot be read: "),
        ("text.json", "text.json cannot be read: it is not a hostfit baseline: expected value at line 1 column 1"),
        ("sarif.json", "sarif.json cannot be read: it is not a hostfit baseline: it has no `schema`"),
        ("later.json", "later.json cannot be taken: its schema is `hostfit-baseline/9`, and this hostfit reads"),
        ("types.json", "invalid type: integer `1`"),
        ("binary.json", "binary.json is not text"),
        ("long.json", "long.json is longer than 8 MiB"),
    ] {
        for command in ["check", "fix"] {
            let output = tree.run(&[command, "--baseline", file]);
            let printed = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{printed}");
            assert_eq!(text(&output.stdout), "");
            assert!(printed.contains(why), "{printed}");
            assert!(printed.contains("`hostfit check --write-baseline "), "{printed}");
        }
    }
    for (file, why) in [("none/known.json", "none/known.json"), (".", "it is a folder"), ("web", "it is a folder")] {
        let output = tree.check(&["--write-baseline", file]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
}

#[test]
fn every_tree_of_the_fixtures_comes_back_clean() {
    let seeds = fs::read_dir(fixtures("seeds")).expect("read").map(|entry| entry.expect("read").path());
    let trees: Vec<_> = ["demo", "hostile"].map(fixtures).into_iter().chain(seeds).collect();
    let home = Tree::new("baseline-fixtures");
    let mut found = 0;
    for (number, folder) in trees.iter().filter(|it| it.is_dir()).enumerate() {
        let tree = Tree::copy_of("baseline-fixture", folder).0;
        let file = home.0.join(format!("{number}.json"));
        let file = file.to_str().expect("text");
        let run = |args: &[&str]| {
            let args = [&["check"], &DAY[..], args].concat();
            let output = home.command(&args).current_dir(&tree).output().expect("run");
            assert_eq!(output.status.code(), Some(0), "{} {}", tree.display(), text(&output.stderr));
            output.stdout
        };
        assert_eq!(text(&run(&["--write-baseline", file])), "");
        let first = fs::read(file).expect("written");
        let json: serde_json::Value = serde_json::from_slice(&first).expect("JSON");
        let paths = json["findings"].as_array().expect("a list").iter().map(|it| it["path"].as_str().expect("text"));
        assert_eq!(paths.filter(|path| path.contains('\\')).count(), 0);
        assert_eq!(text(&run(&["--baseline", file, "--fail-on", "info"])), "");
        run(&["--write-baseline", file]);
        assert_eq!(fs::read(file).expect("written"), first);
        found += text(&first).lines().count() - 4;
    }
    assert!(found > 30, "{found}");
}
