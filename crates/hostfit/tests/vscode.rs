//! The extension for VS Code says of itself what the program and the pages say. That it works is tried by
//! `cargo xtask vscode`, in a real one.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use std::{collections::BTreeSet, fs, path::Path};

use hostfit_core::config::schema;
use serde_json::Value;

fn read(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).expect(path)
}

fn page(path: &str) -> String {
    String::from_utf8(read(path)).expect("UTF-8").replace("\r\n", "\n")
}

fn manifest() -> Value {
    serde_json::from_slice(&read("editors/vscode/package.json")).expect("JSON")
}

#[test]
fn it_is_of_the_same_version_and_licence() {
    let manifest = manifest();
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["license"], env!("CARGO_PKG_LICENSE"));
    assert!(page("editors/vscode/CHANGELOG.md").contains(&format!("\n## {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn its_page_has_each_setting_and_command() {
    let (manifest, page) = (manifest(), page("editors/vscode/README.md"));
    let settings = manifest["contributes"]["configuration"]["properties"].as_object().expect("settings");
    let named: BTreeSet<_> = settings.keys().map(String::as_str).collect();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.filter(|it| it.starts_with("hostfit.")).collect::<BTreeSet<_>>(), named);
    for command in manifest["contributes"]["commands"].as_array().expect("commands") {
        let title = command["title"].as_str().expect("a title");
        assert!(page.contains(&format!("\n| *hostfit: {title}* |")), "{title}");
    }
}

#[test]
fn the_configuration_is_checked_by_the_schema_that_init_names() {
    let validation = &manifest()["contributes"]["tomlValidation"][0];
    assert_eq!(
        (validation["fileMatch"].as_str(), validation["url"].as_str()),
        (Some("hostfit.toml"), Some(schema::URL))
    );
}

/// What starts the program, and with what, must not come from a repository that nobody trusts.
#[test]
fn a_workspace_that_is_not_trusted_does_not_say_what_is_started() {
    let manifest = manifest();
    let restricted = &manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"];
    let restricted: BTreeSet<_> = restricted.as_array().expect("settings").iter().filter_map(Value::as_str).collect();
    assert_eq!(restricted, BTreeSet::from(["hostfit.arguments", "hostfit.path"]));
}

#[test]
fn the_readme_shows_the_editor() {
    let readme = page("README.md");
    let pictures: Vec<_> = readme.split("![").skip(1).filter_map(|it| it.split_once("](")).collect();
    let (words, rest) =
        pictures.iter().find(|(_, rest)| rest.starts_with("docs/images/editor.png)")).expect("a picture");
    assert!(words.len() > 40, "who can't see it wants to know what is there: {words}");
    let picture = read(rest.split(')').next().expect("a path"));
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(picture.len() < 200_000, "{} bytes", picture.len());
}
