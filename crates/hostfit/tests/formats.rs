//! The formats as the whole program writes them: to stdout, to files, and the same on every run.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use std::{fs, path::Path, process::Output};

use common::{Tree, fixtures, hostfit, text};

mod common;

const FORMATS: [&str; 9] = ["human", "json", "sarif", "github", "gitlab", "azure", "junit", "checkstyle", "rdjson"];

/// A folder of one test with one error in it.
fn faulty(name: &str) -> Tree {
    Tree::new(name).with("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:2022\n")
}

impl Tree {
    fn check(&self, args: &[&str]) -> Output {
        check(&self.0, args)
    }

    /// What SARIF says of the repository.
    fn provenance(&self, folder: &str) -> serde_json::Value {
        let output = check(&self.0.join(folder), &["--format", "sarif"]);
        let log: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        log["runs"][0]["versionControlProvenance"].clone()
    }
}

fn check(folder: &Path, args: &[&str]) -> Output {
    hostfit(folder, &[&["check", "--as-of", "2026-11-21"], args].concat()).output().expect("run")
}

#[test]
fn every_format_is_the_same_on_every_run() {
    for format in FORMATS {
        let run = |jobs| check(&fixtures(""), &["-q", "--format", format, "--jobs", jobs]);
        let (one, eight) = (run("1"), run("8"));
        assert_eq!(one.status.code(), Some(1), "{format}: {}", text(&one.stderr));
        assert!(one.stdout == eight.stdout && !one.stdout.is_empty(), "{format}");
    }
}

#[test]
fn files_get_what_stdout_would() {
    let tree = faulty("outputs").with("sub/x", "");
    let outputs: Vec<_> = FORMATS.iter().flat_map(|it| ["--output".to_owned(), format!("{it}=sub/{it}.out")]).collect();
    let args: Vec<_> = outputs.iter().map(String::as_str).chain(["--output", "json=again.json"]).collect();
    let output = tree.check(&[&args[..], &["--format", "github"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(output.stdout.starts_with(b"::error "));
    for format in FORMATS {
        let written = fs::read(tree.0.join(format!("sub/{format}.out"))).expect("written");
        assert!(written == tree.check(&["--format", format]).stdout, "{format}");
    }
    assert_eq!(tree.names(), ["Dockerfile", "again.json", "sub"]);
}

#[test]
fn a_file_that_is_there_is_written_over() {
    let tree = faulty("over").with("report.json", "old and longer than what comes\n".repeat(1000));
    assert_eq!(tree.check(&["--output", "json=report.json"]).status.code(), Some(1));
    let written = fs::read(tree.0.join("report.json")).expect("written");
    assert!(serde_json::from_slice::<serde_json::Value>(&written).is_ok());
    assert_eq!(tree.names(), ["Dockerfile", "report.json"]);
}

#[test]
fn what_cannot_be_written_is_said_before_the_work() {
    let tree = faulty("refused").with("hostfit.toml", "").with("sub/x", "");
    let cases: [(&[&str], &str); 9] = [
        (&["sarif=no/such/report.sarif"], "`no/such/report.sarif` cannot be written: its folder does not exist"),
        (&["sarif=sub"], "`sub` cannot be written: it is a folder"),
        (&["sarif=a", "json=./sub/../a"], "`./sub/../a` cannot be written: it is named twice"),
        (&["json=Dockerfile"], "`Dockerfile` cannot be written: it is one of the files to check"),
        (&["xml=a"], "there is no format `xml`; use one of human, concise, json, sarif,"),
        (&["sarif"], "write FORMAT=FILE"),
        (&["sarif="], "write FORMAT=FILE"),
        (&["=a"], "there is no format ``"),
        (&["sarif=-"], "`--format` is for stdout"),
    ];
    for (outputs, expected) in cases {
        let args: Vec<_> = outputs.iter().flat_map(|it| ["--output", it]).collect();
        let output = tree.check(&args);
        assert_eq!(output.status.code(), Some(2), "{outputs:?}");
        assert!(text(&output.stderr).contains(expected), "{outputs:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{outputs:?}");
    }
    let output = tree.check(&["--write-baseline", "b.json", "--output", "json=sub/../b.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("it is the baseline"), "{}", text(&output.stderr));
    assert_eq!(tree.names(), ["Dockerfile", "hostfit.toml", "sub"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_written_through_and_a_device_is_written_to() {
    let tree = faulty("links").with("sub/real.json", "old");
    std::os::unix::fs::symlink("sub/real.json", tree.0.join("link.json")).expect("linked");
    let output = tree.check(&["-q", "--output", "json=link.json"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    let expected = "error: `link.json` cannot be written: it is a link; name the file that it leads to\n";
    assert_eq!(text(&output.stderr), expected);
    assert_eq!(tree.read("sub/real.json").as_deref(), Some("old"));
    let output = tree.check(&["-q", "--output", "json=sub/real.json", "--output", "github=/dev/stderr"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(tree.read("sub/real.json").expect("there").starts_with('{'));
    assert!(text(&output.stderr).starts_with("::error "), "{}", text(&output.stderr));
}

#[test]
fn only_findings_have_other_formats() {
    let tree = faulty("others");
    for command in [&["rules"][..], &["images"], &["compat", "--host", "ltsc2022", "--image", "ltsc2022"]] {
        let output = tree.run(&[command, &["--format", "sarif"]].concat());
        assert_eq!(output.status.code(), Some(2), "{command:?}");
    }
}

#[test]
fn sarif_is_valid_for_all_fixtures() {
    let schema = serde_json::from_str(include_str!("schemas/sarif-2.1.0.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for args in [&[".", "--config", "demo/hostfit.toml"][..], &["hostile", "seeds"], &["demo"]] {
        let output = check(&fixtures(""), &[args, &["--format", "sarif"]].concat());
        let log = serde_json::from_slice(&output.stdout).expect("JSON");
        let errors: Vec<_> = validator.iter_errors(&log).map(|it| format!("{it} at {}", it.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn sarif_tells_what_is_new() {
    let tree = faulty("baseline").with("hostfit.toml", "");
    let states = |args: &[&str]| {
        let output = tree.check(&[&["--format", "sarif"], args].concat());
        let log: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let results = log["runs"][0]["results"].as_array().expect("results").clone();
        let state = |it: &serde_json::Value| (it["baselineState"].clone(), it["suppressions"][0]["kind"].clone());
        results.iter().map(state).collect::<Vec<_>>()
    };
    assert_eq!(states(&[]), [(serde_json::Value::Null, serde_json::Value::Null)]);
    assert_eq!(states(&["--write-baseline", "baseline.json"]), [("unchanged".into(), "external".into())]);
    fs::write(tree.0.join("new.Dockerfile"), "FROM mcr.microsoft.com/windows/servercore:2019\n").expect("written");
    assert_eq!(
        states(&["--baseline", "baseline.json"]),
        [("unchanged".into(), "external".into()), ("new".into(), serde_json::Value::Null)]
    );
}

#[test]
fn runs_of_one_repository_have_categories_of_their_own() {
    let tree = faulty("categories").with("sub/fleet.toml", "").with("services/web/x", "");
    let absolute = tree.0.join("sub/fleet.toml").canonicalize().expect("there");
    let absolute = absolute.to_str().expect("UTF-8");
    let id = |folder: &str, args: &[&str]| {
        let output = check(&tree.0.join(folder), &[&["--format", "sarif"], args].concat());
        let log: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        log["runs"][0]["automationDetails"]["id"].as_str().expect("text").to_owned()
    };
    assert_eq!(id(".", &[]), "hostfit/");
    assert_eq!(id(".", &["--fleet", absolute]), "hostfit/sub/fleet.toml/");
    assert_eq!(id("services/web", &["--fleet", "../../sub/fleet.toml"]), "hostfit/services/web/../../sub/fleet.toml/");
}

#[test]
fn sarif_tells_the_revision_that_git_has_checked_out() {
    let id = "0123456789abcdef0123456789abcdef01234567";
    let config = "[remote \"origin\"]\n\turl = https://anna:secret@github.com/contoso/shop.git\n";
    let expected = |branch: Option<&str>| {
        let mut it = serde_json::json!([{
            "repositoryUri": "https://github.com/contoso/shop.git",
            "revisionId": id,
            "mappedTo": { "uriBaseId": "%SRCROOT%" },
        }]);
        if let Some(branch) = branch {
            it[0]["branch"] = branch.into();
        }
        it
    };
    let tree = faulty("git").with(".git/config", config).with(".git/HEAD", format!("{id}\n"));
    assert_eq!(tree.provenance("."), expected(None), "a detached HEAD");
    let tree = tree.with(".git/HEAD", "ref: refs/heads/a/b\n").with(".git/refs/heads/a/b", format!("{id}\n"));
    assert_eq!(tree.provenance("."), expected(Some("a/b")), "a branch");
    let packed = format!("# pack-refs with: peeled fully-peeled sorted\n{id} refs/heads/packed\n^{id}\n");
    let tree = tree.with(".git/HEAD", "ref: refs/heads/packed\n").with(".git/packed-refs", packed);
    assert_eq!(tree.provenance("."), expected(Some("packed")), "a packed branch");
    let worktree = ".git/worktrees/w";
    let tree = tree
        .with(&format!("{worktree}/HEAD"), "ref: refs/heads/a/b\n")
        .with(&format!("{worktree}/commondir"), "../..\n")
        .with("w/.git", "gitdir: ../.git/worktrees/w\n");
    assert_eq!(tree.provenance("w"), expected(Some("a/b")), "a worktree");
    let tree = tree.with("sub/x", "");
    assert_eq!(tree.provenance("sub")[0]["mappedTo"]["uriBaseId"], "%REPOSITORY%", "a folder of it");
    let tree = tree.with(".git/HEAD", "ref: refs/heads/unborn\n");
    assert!(tree.provenance(".")[0].get("revisionId").is_none(), "no commit yet");
    let tree = tree.with(".git/HEAD", "ref: refs/../../Dockerfile\n");
    assert!(tree.provenance(".")[0].get("revisionId").is_none(), "a name that leads out");
    let tree = tree.with(".git/HEAD", "ref: refs/heads/.invalid\n");
    assert!(tree.provenance(".")[0].get("branch").is_none(), "branches in tables");
    let tree = tree.with(".git/config", "[core]\n");
    assert!(tree.provenance(".").is_null(), "nowhere to get it from");
}
