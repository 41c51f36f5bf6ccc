//! What the README shows is what the program does.
#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).expect("README.md").replace("\r\n", "\n")
}

/// The fenced blocks of a language, in order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let ends = |rest: &str| rest.split_once("\n```").map(|(block, _)| block.to_owned());
    page.split(&fence).skip(1).filter_map(ends).collect()
}

fn hostfit(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hostfit")).args(arguments).current_dir(folder).output().expect("hostfit runs")
}

#[test]
fn the_demo_shows_what_the_readme_shows() {
    let page = readme();
    let command = blocks(&page, "console").into_iter().find(|it| it.contains("fixtures/demo")).expect("a demo");
    let (cargo, arguments) = command.split_once(" -- ").expect("cargo run … -- …");
    assert_eq!(cargo, "$ cargo run --quiet -p hostfit");
    let output = hostfit(&arguments.split_whitespace().collect::<Vec<_>>(), &root());
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    let expected = blocks(&page, "text").into_iter().next().expect("an output");
    assert!(shown.contains(&expected), "the README shows\n{expected}\nand hostfit\n{shown}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn every_command_of_the_readme_is_one() {
    // Commands write files.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme-demo");
    let _ = fs::remove_dir_all(&folder);
    copy(&root().join("fixtures/demo"), &folder);
    fs::create_dir(folder.join(".git")).expect("created");
    for block in blocks(&readme(), "console") {
        for line in block.lines() {
            let Some(command) = line.strip_prefix("$ hostfit ") else { continue };
            let command = command.split('#').next().unwrap_or_default();
            let output = hostfit(&command.split_whitespace().collect::<Vec<_>>(), &folder);
            assert!(matches!(output.status.code(), Some(0 | 1)), "hostfit {command} ends with {}", output.status);
        }
    }
}

#[test]
fn the_configuration_of_the_readme_is_read() {
    let folder = tempfile();
    for (number, block) in blocks(&readme(), "toml").into_iter().enumerate() {
        let file = folder.join(format!("{number}.toml"));
        fs::write(&file, block).expect("written");
        fs::write(folder.join("Dockerfile"), "FROM scratch\n").expect("written");
        let output = hostfit(&["check", "--config", &format!("{number}.toml"), "Dockerfile"], &folder);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn the_test_command_of_the_readme_is_what_ci_runs() {
    let ci = fs::read_to_string(root().join(".ci/run")).expect(".ci/run");
    let page = readme();
    let blocks = blocks(&page, "console");
    let test = blocks.iter().find_map(|it| it.strip_prefix("$ cargo test")).expect("a test command");
    assert!(ci.contains(&format!("cargo test{}", test.lines().next().unwrap_or_default())), "{ci}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("created");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

fn tempfile() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("hostfit-readme-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
