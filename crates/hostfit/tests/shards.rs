//! `check --shard I/N` and `merge`: together they print what one run prints, byte for byte.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use common::{Tree, fixtures, hostfit, text};

mod common;

const FORMATS: [&str; 2] = ["json", "sarif"];

const FAULTY: &str = "FROM mcr.microsoft.com/windows/servercore:2022\n";

fn check(folder: &Path, args: &[&str]) -> Output {
    hostfit(folder, &[&["check", "-q", "--as-of", "2026-11-21"], args].concat()).output().expect("run")
}

/// Checks a folder as a whole and in parts, which then are joined: what comes out has to be the same. Gives the number of
/// findings and of those that were taken away.
fn same(folder: &Path, work: &Tree, counts: &[u32], args: &[&str]) -> (usize, usize) {
    let run = |name: &str, more: &[&str]| {
        let outputs = FORMATS.map(|it| format!("{it}={}", work.0.join(format!("{name}.{it}")).display()));
        let more = [&["--output", &outputs[0], "--output", &outputs[1]], args, more].concat();
        let output = check(folder, &more);
        assert_ne!(output.status.code(), Some(2), "{}: {}", folder.display(), text(&output.stderr));
        output.status.code()
    };
    let status = run("whole", &[]);
    for &count in counts {
        let names: Vec<_> = (1..=count).map(|index| format!("{index}-of-{count}")).collect();
        let parts: Vec<_> =
            names.iter().zip(1..).map(|(name, index)| run(name, &["--shard", &format!("{index}/{count}")])).collect();
        assert_eq!(parts.into_iter().max(), Some(status), "{}: one part fails if the whole does", folder.display());
        for format in FORMATS {
            // In any order.
            let files: Vec<_> = names.iter().rev().map(|name| format!("{name}.{format}")).collect();
            let args: Vec<_> = ["merge"].into_iter().chain(files.iter().map(String::as_str)).collect();
            let merged = work.run(&args);
            let place = format!("{} as {format} in {count}: {}", folder.display(), text(&merged.stderr));
            assert_eq!(merged.status.code(), status, "{place}");
            assert!(merged.stdout == work.bytes(&format!("whole.{format}")), "{place}");
        }
    }
    let log: serde_json::Value = serde_json::from_slice(&work.bytes("whole.sarif")).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let silenced = results.iter().filter(|it| it["suppressions"] != serde_json::json!([])).count();
    (results.len() - silenced, silenced)
}

/// The pages of `fixtures/rules` as trees, one for each fleet of a page, with a folder for each case.
fn rule_trees(home: &Tree) -> Vec<PathBuf> {
    let mut trees = Vec::new();
    let pages = fs::read_dir(fixtures("rules")).expect("read").map(|entry| entry.expect("read").path());
    for page in pages.filter(|it| it.extension().is_some_and(|it| it == "md")) {
        let text = fs::read_to_string(&page).expect("read").replace("\r\n", "\n");
        let name = page.file_stem().expect("a name").to_string_lossy().into_owned();
        let (mut tree, mut case, mut fleet) = (format!("{name}-0"), 0, 0);
        for block in text.split("\n```").filter(|it| !it.starts_with('\n')) {
            let Some((info, content)) = block.split_once('\n') else { continue };
            let words: Vec<_> = info.split_whitespace().collect();
            let &[language, what, ..] = words.as_slice() else { continue };
            if what == "fleet" {
                fleet += 1;
                tree = format!("{name}-{fleet}");
                home.write(&format!("{tree}/hostfit.toml"), content.to_owned() + "\n");
                continue;
            }
            let default = match language {
                "dockerfile" => "Dockerfile",
                "json" => "manifest.json",
                "yaml" if content.contains("services:") => "compose.yaml",
                _ => "manifest.yaml",
            };
            let file = words.iter().skip(2).find(|word| !word.starts_with("also:")).unwrap_or(&default);
            home.write(&format!("{tree}/{case}/{file}"), content.to_owned() + "\n");
            trees.push(home.0.join(&tree));
            case += u32::from(what != "with");
        }
    }
    trees.sort();
    trees.dedup();
    trees
}

#[test]
fn the_cases_of_all_rules_are_the_same_in_parts() {
    let (home, work) = (Tree::new("rules"), Tree::new("rules-work"));
    let trees = rule_trees(&home);
    assert!(trees.len() > 45, "{}", trees.len());
    // All of them together under one fleet, and each by itself under its own.
    let fleet = fs::read(fixtures("demo/hostfit.toml")).expect("read");
    home.write("hostfit.toml", &fleet);
    for tree in trees.iter().map(|it| it.join("hostfit.toml")).filter(|it| !it.is_file()) {
        fs::write(tree, &fleet).expect("written");
    }
    let together = same(&home.0, &work, &[1, 2, 7], &[]).0;
    let each: usize =
        trees.iter().zip([1, 2, 7].iter().cycle()).map(|(it, count)| same(it, &work, &[*count], &[]).0).sum();
    assert!(together > 400 && each > 400, "{together} {each}");
}

#[test]
fn all_other_fixtures_are_the_same_in_parts() {
    let work = Tree::new("fixtures-work");
    let seeds = fs::read_dir(fixtures("seeds")).expect("read").map(|entry| entry.expect("read").path());
    let seeds = seeds.filter(|it| it.is_dir()).zip([1, 2, 7].into_iter().cycle());
    let each: usize = seeds.map(|(tree, count)| same(&Tree::copy_of("fixture", &tree).0, &work, &[count], &[]).0).sum();
    let all = ["", "demo", "hostile", "seeds"]
        .map(|name| same(&Tree::copy_of("fixture", &fixtures(name)).0, &work, &[1, 2, 7], &[]).0);
    let all = each + all.iter().sum::<usize>();
    assert!(all > 100, "{all}");
}

/// Half of what was found is in the baseline, and comments silence a rule in every other file.
#[test]
fn what_is_taken_away_is_the_same_in_parts() {
    let (home, work) = (Tree::new("silenced"), Tree::new("silenced-work"));
    let mut taken = 0;
    for tree in rule_trees(&home).into_iter().step_by(4) {
        for (number, file) in files(&tree).iter().enumerate() {
            let text = fs::read_to_string(file).expect("text");
            if number % 2 == 0 && file.extension().is_none_or(|it| it != "json") {
                let comment = "# hostfit: ignore-file[missing-build-selector, unknown-tag] as it is\n";
                fs::write(file, comment.to_owned() + &text).expect("written");
            }
        }
        let known = work.0.join("known.json");
        let path = known.to_str().expect("UTF-8");
        assert_eq!(check(&tree, &["--write-baseline", path]).status.code(), Some(0));
        let mut json: serde_json::Value = serde_json::from_slice(&work.bytes("known.json")).expect("JSON");
        let mut number = 0;
        json["findings"].as_array_mut().expect("a list").retain(|_| {
            number += 1;
            number % 2 == 0
        });
        fs::write(&known, json.to_string()).expect("written");
        taken += same(&tree, &work, &[3], &["--baseline", path, "--fail-on", "error"]).1;
    }
    assert!(taken > 40, "{taken}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("read") {
            let path = entry.expect("read").path();
            if path.is_dir() { &mut open } else { &mut found }.push(path);
        }
    }
    found.sort();
    found
}

/// Which shard reports on each file: all of them have an error.
fn homes(tree: &Tree, count: u32) -> BTreeMap<String, u32> {
    let mut homes = BTreeMap::new();
    for index in 1..=count {
        let output = check(&tree.0, &["--format", "json", "--shard", &format!("{index}/{count}")]);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let findings = json["findings"].as_array().expect("a list");
        assert_eq!(json["summary"]["files"], findings.len());
        for finding in findings {
            let before = homes.insert(finding["path"].as_str().expect("text").to_owned(), index);
            assert_eq!(before, None, "in one shard only");
        }
    }
    homes
}

#[test]
fn a_file_that_comes_moves_no_other() {
    let mut tree = Tree::new("stable");
    for number in 0..30 {
        tree = tree.with(&format!("{number}/Dockerfile"), FAULTY);
    }
    let before = homes(&tree, 7);
    assert_eq!(before.len(), 30);
    // The XXH3 hash of 128 bits by 7, as `xxhsum -H2` and `bc` tell it.
    let tree = tree.with("web/Dockerfile", FAULTY);
    let after = homes(&tree, 7);
    assert_eq!(after["web/Dockerfile"], 3);
    assert!(before.iter().all(|(path, home)| after[path] == *home));
    fs::remove_dir_all(tree.0.join("3")).expect("removed");
    assert!(homes(&tree, 7).iter().all(|(path, home)| after[path] == *home));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "80 MB of results take a minute without optimizations: `cargo test --release`")]
fn what_github_takes_is_cut_from_the_whole() {
    let tree = Tree::new("cut").with("hostfit.toml", "# hostfit: ignore[unknown-tag]\n");
    let work = Tree::new("cut-work");
    for number in 0..60 {
        tree.write(&format!("{number}/Dockerfile"), FAULTY.repeat(420));
    }
    tree.write("few/Dockerfile", "FROM contoso/windows-thing:1803\nFROM mcr.microsoft.com/windows/servercore:1803\n");
    assert_eq!(same(&tree.0, &work, &[2], &[]), (25_000, 0));
    let log = text(&work.bytes("whole.sarif"));
    assert!(log.contains("results were left out") && !log.contains("\"uri\": \"hostfit.toml\""));
}

/// A tree with a file in each of two shards, and their results.
fn two(name: &str) -> Tree {
    let tree = Tree::new(name).with("web/Dockerfile", FAULTY).with("app/Dockerfile", FAULTY);
    for (index, format) in [(1, "json"), (2, "json"), (1, "sarif"), (2, "sarif")] {
        let output = check(&tree.0, &["--format", format, "--shard", &format!("{index}/2")]);
        tree.write(&format!("{index}.{format}"), output.stdout);
    }
    tree
}

#[test]
fn shells_may_write_results_as_they_do() {
    let tree = two("encodings");
    let whole = check(&tree.0, &["--format", "json"]).stdout;
    let first = text(&tree.bytes("1.json")).replace('\n', "\r\n");
    let wide: Vec<u8> = std::iter::once(0xfeff).chain(first.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let tree = tree.with("wide.json", wide).with("marked.json", format!("\u{feff}{first}"));
    for file in ["1.json", "wide.json", "marked.json"] {
        let output = tree.run(&["merge", file, "2.json"]);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(output.stdout == whole, "{file}");
    }
    assert!(tree.stdin(&["merge", "2.json", "-"], first.as_bytes()).stdout == whole, "stdin");
    assert!(tree.run(&["merge", "[12].json", "?.json"]).stdout.is_empty(), "only `*` is more than a letter");
    fs::create_dir(tree.0.join("parts")).expect("created");
    for file in ["1.json", "2.json"] {
        fs::copy(tree.0.join(file), tree.0.join("parts").join(file)).expect("copied");
    }
    assert!(tree.run(&["merge", "parts/*.json"]).stdout == whole, "a shell that leaves `*` alone");
    let output = tree.run(&["merge", "1.json", "2.json", "--output", "all.json"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(tree.bytes("all.json") == whole);
}

#[test]
fn the_exit_status_is_that_of_one_run() {
    let tree = two("status");
    for (fail_on, status) in [("error", 1), ("never", 0)] {
        for format in FORMATS {
            let files = [1, 2].map(|index| format!("{index}.{format}"));
            let output = tree.run(&["merge", "--fail-on", fail_on, &files[0], &files[1]]);
            assert_eq!(output.status.code(), Some(status));
            assert!(output.stdout == check(&tree.0, &["--format", format, "--fail-on", fail_on]).stdout, "{format}");
        }
    }
    // By 7 `web/Dockerfile` is in the third.
    assert_eq!(check(&tree.0, &["--shard", "3/7"]).status.code(), Some(1));
    assert_eq!(check(&tree.0, &["--shard", "2/7"]).status.code(), Some(0), "nothing is in it");
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let tree = two("refused");
    let seven = check(&tree.0, &["--format", "json", "--shard", "1/7"]).stdout;
    let later = check(&tree.0, &["--format", "json", "--shard", "2/2", "--as-of", "2026-11-22"]);
    assert_eq!(later.status.code(), Some(2), "a day is said once");
    let later = tree.run(&["check", "--as-of", "2026-11-22", "--format", "json", "--shard", "2/2"]).stdout;
    let whole = check(&tree.0, &["--format", "json"]).stdout;
    let edit = |from: &str, to: &str| text(&tree.bytes("2.json")).replace(from, to);
    let deep = "[".repeat(1_000_000);
    let tree = [
        ("old.json", edit("\"version\": \"0.1.0\"", "\"version\": \"0.0.9\"")),
        ("next.json", edit("hostfit/1", "hostfit/2")),
        ("moved.json", edit("web/Dockerfile", "deploy/web.yaml")),
        ("more.json", edit("\"files\": 1", "\"files\": 1, \"x\": 1")),
        ("type.json", edit("\"files\": 1", "\"files\": -1")),
        ("level.json", edit("\"severity\": \"error\"", "\"severity\": \"fatal\"")),
        ("none.json", edit("\"index\": 2", "\"index\": 3")),
        ("deep.json", edit("\"files\": 1", &format!("\"files\": {deep}"))),
        ("deeper.json", deep),
        ("empty.json", String::new()),
        ("list.json", "[]".to_owned()),
        (
            "other.sarif",
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "trivy", "version": "1"}}}]}"#.to_owned(),
        ),
        ("runs.sarif", r#"{"version": "2.1.0", "runs": []}"#.to_owned()),
        ("index.sarif", text(&tree.bytes("2.sarif")).replace("\"index\": 0", "\"index\": 9")),
        ("address.sarif", text(&tree.bytes("2.sarif")).replace("web/Dockerfile", "web%/Dockerfile")),
    ]
    .into_iter()
    .fold(tree, |tree, (path, bytes)| tree.with(path, bytes))
    .with("seven.json", seven)
    .with("later.json", later)
    .with("whole.json", whole)
    .with("binary.json", b"\x80\0");
    let cases: [(&[&str], &str); 27] = [
        (&[], "required"),
        (&["1.json"], "shard 2/2 is missing"),
        (&["2.sarif"], "shard 1/2 is missing"),
        (&["seven.json"], "the shards 2, 3, 4, 5, 6, 7 of 7 are missing"),
        (&["1.json", "1.json"], "1.json and 1.json are both shard 1/2"),
        (&["1.json", "2.json", "2.json"], "2.json and 2.json are both shard 2/2"),
        (&["seven.json", "2.json"], "seven.json is shard 1/7 and 2.json is shard 2/2"),
        (&["1.json", "2.sarif"], "1.json is JSON and 2.sarif is SARIF"),
        (&["1.json", "later.json"], "the options or the day differ"),
        (&["whole.json"], "whole.json is the result of a whole run"),
        (&["1.json", "old.json"], "old.json is of hostfit 0.0.9, and this is 0.1.0"),
        (&["1.json", "next.json"], "its schema is `hostfit/2`"),
        (
            &["1.json", "moved.json"],
            "moved.json was changed since it was written: `deploy/web.yaml` is not one of the files of",
        ),
        (&["1.json", "more.json"], "more.json is not a result of `hostfit check`: unknown field `x`"),
        (&["1.json", "type.json"], "type.json is not a result of `hostfit check`: invalid value"),
        (&["1.json", "level.json"], "there is no severity `fatal`"),
        (&["1.json", "none.json"], "none.json claims to be shard 3/2"),
        (&["1.json", "deep.json"], "deep.json is not a result"),
        (&["1.json", "deeper.json"], "deeper.json is not a result"),
        (&["1.json", "empty.json"], "EOF while parsing"),
        (&["1.json", "list.json"], "list.json is not a result"),
        (&["1.sarif", "other.sarif"], "other.sarif is of trivy, not of hostfit"),
        (&["1.sarif", "runs.sarif"], "runs.sarif is not a result"),
        (&["1.sarif", "index.sarif"], "index.sarif was changed since it was written: an index leads nowhere"),
        (&["1.sarif", "address.sarif"], "address.sarif was changed since it was written: an artifact is not a file"),
        (&["1.json", "binary.json"], "binary.json is not text"),
        (&["1.json", "none-*.json"], "there is no file `none-*.json`"),
    ];
    for (files, expected) in cases {
        let output = tree.run(&[&["merge"], files].concat());
        assert_eq!(output.status.code(), Some(2), "{files:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(expected), "{files:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{files:?}");
    }
}

#[test]
fn a_shard_is_one_of_some() {
    let tree = Tree::new("options").with("Dockerfile", FAULTY);
    for (shard, expected) in
        [("0/7", "I counts from 1 to N"), ("8/7", "I counts"), ("1/0", "0 runs"), ("x", "write I/N")]
    {
        let output = check(&tree.0, &["--shard", shard]);
        assert_eq!(output.status.code(), Some(2), "{shard}");
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    }
    let output = check(&tree.0, &["--shard", "1/2", "--write-baseline", "known.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("write it without `--shard`"), "{}", text(&output.stderr));
    assert_eq!(tree.names(), ["Dockerfile"]);
}

#[test]
fn parts_of_one_commit_have_names_of_their_own() {
    let tree = two("names");
    let id = |file: &str| {
        let log: serde_json::Value = serde_json::from_slice(&tree.bytes(file)).expect("JSON");
        log["runs"][0]["automationDetails"]["id"].clone()
    };
    assert_eq!([id("1.sarif"), id("2.sarif")], ["hostfit/shard-1-of-2/", "hostfit/shard-2-of-2/"]);
}

#[test]
fn a_part_is_valid_sarif() {
    let schema = serde_json::from_str(include_str!("schemas/sarif-2.1.0.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let output = check(&fixtures(""), &["--format", "sarif", "--shard", "2/3"]);
    let log = serde_json::from_slice(&output.stdout).expect("JSON");
    let errors: Vec<_> = validator.iter_errors(&log).map(|it| it.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
