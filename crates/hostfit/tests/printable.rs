//! What a repository, a cluster listing or an error text holds gives no command to a terminal or to a CI server that reads
//! the output, whatever the command and the format.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use std::process::Output;

use common::{Tree, text};

mod common;
#[cfg(feature = "registry")]
#[path = "printable/online.rs"]
mod online;
#[cfg(feature = "registry")]
#[path = "../../hostfit-registry/tests/common/server.rs"]
mod server;

/// A name that holds all that a terminal, GitHub's runner, the agent of Azure Pipelines or `TeamCity` would obey.
const EVIL: &str = "::warning::a \n::error file=a::pwned\r::error::b\u{1b}[2J\u{9b}1m\u{85}::error::c\u{2028}::error::d\
                    \u{202e}\u{2066}##vso[task.setvariable variable=x]y ##[error]z ##teamcity[x] ::debug::w\u{7f}";

const FORMATS: [&str; 9] = ["human", "json", "sarif", "github", "gitlab", "azure", "junit", "checkstyle", "rdjson"];

/// In double quotes, as JSON, YAML and TOML read it.
fn quoted() -> String {
    let escaped = EVIL.chars().map(|char| match char {
        ' '..='~' => char.to_string(),
        char => format!("\\u{:04x}", u32::from(char)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn pod(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: {name}}}\nspec:\n  nodeSelector: {{{name}: {name}}}\n  \
         containers:\n    - {{name: {name}, image: {name}}}\n    - {{name: b, image: mcr.microsoft.com/windows/servercore:ltsc2022}}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers: [{{name: web, image: mcr.microsoft.com/windows/servercore:ltsc2022}}]\n"
    )
}

fn hosts(name: &str) -> String {
    let host = |os: &str, more: &str| {
        format!(
            "[[host]]\nname = {more}\nos = \"{os}\"\norchestrator = \"kubernetes\"\nlabels = {{ {name} = {name} }}\n\
             engine-labels = {{ {name} = {name} }}\n"
        )
    };
    host("ltsc2019", name) + &host("ltsc2022", &name.replacen('"', "\"2", 1)) + &host("linux", "\"linux\"")
}

/// A tree in which all names are evil, that of the files too where the system allows it.
fn tree(name: &str) -> Tree {
    let evil = quoted();
    let long = format!("{EVIL} {EVIL}").repeat(3).replace('\n', " ");
    let dockerfile = format!(
        "FROM microsoft/windowsservercore:ltsc2016 AS {long}\n::error::pwned\nRUN echo {long}\n  ::error::pwned\n\
         FROM mcr.microsoft.com/windows/nanoserver\nCOPY . C:\\site\\{long}\nRUN powershell {long}\n"
    );
    let compose = format!(
        "services:\n  {evil}:\n    image: mcr.microsoft.com/windows/servercore:1803\n    isolation: {evil}\n    \
         deploy:\n      placement:\n        constraints: [{evil}]\n"
    );
    let config = format!(
        "[build-args]\n{evil} = {evil}\n[images]\n{evil} = \"ltsc2022\"\n\
         \"*pwned2\" = {{ dockerfile = \"no/pwned\\u202e\\n::error::x\" }}\n[[target]]\nname = {evil}\npaths = [\"deploy/**\", {evil}]\nfleet = \"deploy/fleet.toml\"\n{}",
        hosts(&evil)
    );
    let tree = Tree::new(name)
        .with("hostfit.toml", config)
        .with("deploy/fleet.toml", hosts(&evil))
        .with("Dockerfile", &dockerfile)
        .with("pod.yaml", pod(&evil))
        .with("deploy/pod.yaml", pod(&evil))
        .with("broken.yaml", format!("apiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: {evil}}}]\n{EVIL}: ["))
        .with("compose.yaml", &compose)
        .with("stack.yaml", compose);
    if cfg!(unix) {
        for (folder, file) in [("", "Dockerfile."), (EVIL, "Dockerfile"), ("sub", EVIL)] {
            tree.write(&format!("./{folder}/{file}{}", if file == "Dockerfile." { EVIL } else { "" }), &dockerfile);
        }
        tree.write(&format!("{EVIL}.yaml"), pod(&evil));
        tree.write(&format!("deploy/{EVIL}.yaml"), pod(&evil));
        tree.write(&format!("{EVIL}.yml"), [0xff; 300]);
    }
    tree
}

/// Panics where the output holds what a terminal or a CI server obeys, but for the commands that the format is made of.
fn is_harmless(output: &Output, args: &[&str]) {
    for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let shown = std::str::from_utf8(bytes).expect("UTF-8");
        let is_bad = |it: &char| {
            let is_mark = matches!(it, '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200b}'..='\u{200f}');
            let is_direction = matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            it.is_control() && *it != '\n' || is_mark || is_direction
        };
        let bad = shown.chars().find(is_bad);
        assert_eq!(bad, None, "{args:?}, {stream}");
        for line in shown.lines() {
            let own = match args {
                [.., "github"] if stream == "stdout" => {
                    let rest = ["::error ", "::warning ", "::notice "].iter().find_map(|it| line.strip_prefix(it));
                    rest.unwrap_or_else(|| panic!("{args:?}: {line}"))
                }
                [.., "azure"] if stream == "stdout" => {
                    line.strip_prefix("##vso[task.logissue type=").unwrap_or_else(|| panic!("{args:?}: {line}"))
                }
                _ => line,
            };
            assert!(!own.trim_start().starts_with("::"), "{args:?}, {stream}: {line}");
            for command in ["##[", "##vso[", "##teamcity["] {
                assert!(!own.contains(command), "{args:?}, {stream}: {line}");
            }
        }
    }
}

/// Runs the program, which does its work.
fn run(tree: &Tree, args: &[&str]) -> String {
    let output = tree.run(args);
    is_harmless(&output, args);
    let shown = text(&output.stdout) + &text(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{args:?}: {shown}");
    shown
}

/// The same, where the name has to be in the output.
fn shown(tree: &Tree, args: &[&str]) {
    let shown = run(tree, args);
    assert!(shown.contains("pwned"), "{args:?}: {shown}");
}

/// Runs the program, which cannot do its work and says so.
fn refused(tree: &Tree, args: &[&str]) {
    let output = tree.run(args);
    is_harmless(&output, args);
    let shown = text(&output.stderr);
    assert_eq!((output.status.code(), shown.contains("pwned")), (Some(2), true), "{args:?}: {shown}");
}

#[test]
fn no_format_of_check_gives_commands() {
    let tree = tree("check");
    for format in FORMATS {
        shown(&tree, &["check", "-v", "--format", format]);
        shown(&tree, &["check", "-v", "--as-of", "2030-01-01", "--format", format]);
    }
    run(&tree, &["check", "--statistics"]);
    shown(&tree, &["check", "--write-baseline", "known.json"]);
    shown(&tree, &["check", "-v", "--baseline", "known.json"]);
    for (part, format) in [("1/2", "json"), ("2/2", "json"), ("1/2", "sarif"), ("2/2", "sarif")] {
        let output = format!("{format}={}.{format}", part.replace('/', "-"));
        run(&tree, &["check", "--shard", part, "--output", &output]);
    }
    shown(&tree, &["merge", "1-2.json", "2-2.json"]);
    shown(&tree, &["merge", "1-2.sarif", "2-2.sarif"]);
}

#[test]
fn no_other_command_gives_commands() {
    let tree = tree("others");
    for args in [
        &["images", "-v"][..],
        &["images", "--format", "json"],
        &["matrix"],
        &["matrix", "-v"],
        &["matrix", "--format", "json"],
        &["matrix", "--format", "html"],
        &["plan", "--to", "ltsc2025"],
        &["plan", "--to", "ltsc2025", "--format", "json"],
        &["plan", "--to", "ltsc2025", "--format", "markdown"],
        &["fleet", "show"],
        &["fleet", "show", "-v"],
        &["fleet", "show", "--format", "json"],
        &["fleet", "show", "--fleet", "deploy/fleet.toml"],
        &["fix", "--diff"],
        &["fix", "--diff", "--unsafe"],
        &["fix", "--unsafe", "deploy/pod.yaml"],
        &["fix", "--unsafe"],
    ] {
        shown(&tree, args);
    }
    for args in [
        &["diagnose", "stack.yaml", EVIL][..],
        &["check", "--baseline", EVIL],
        &["explain", EVIL],
        &["compat", "--host", EVIL, "--image", EVIL],
        &["check", "--config", EVIL],
        &["check", "--select", EVIL],
    ] {
        refused(&tree, args);
    }
    for args in [
        &["plan", "--to", "ltsc2025", "--diff"][..],
        &["plan", "--bots", "renovate"],
        &["plan", "--bots", "dependabot"],
    ] {
        run(&tree, args);
    }
    for args in [&["rules"][..], &["rules", "--format", "json"], &["explain", "build-mismatch"], &["schema"]] {
        run(&tree, args);
    }
    std::fs::remove_file(tree.0.join("hostfit.toml")).expect("removed");
    run(&tree, &["init", "--stdout"]);
    run(&tree, &["init"]);
}

#[test]
fn no_error_of_a_configuration_gives_commands() {
    let evil = quoted();
    let bad = [
        format!("[{evil}]\n"),
        format!("[check]\nignore = [{evil}]\n{evil} = 1\n"),
        format!("[[host]]\nname = 1\nos = {evil}\ntaints = [{evil}]\n"),
        format!("{EVIL}\n"),
        format!("[[host]]\nname = {evil}\n[[host]]\nname = {evil}\n"),
        format!("[[target]]\npaths = [\"**\"]\nfleet = {evil}\n"),
        format!("[images]\nx = {{ dockerfile = {evil}, {evil} = 1 }}\n"),
    ];
    let node = "{\"kind\": \"Node\", \"metadata\": {\"name\": \"a\"}, \"status\": {\"nodeInfo\": {\"operatingSystem\": \"linux\"}}}";
    let tree = Tree::new("configuration").with("Dockerfile", "FROM scratch\n").with("node.json", node);
    for text in &bad {
        tree.write("hostfit.toml", text);
        for args in [&["check"][..], &["fleet", "show"], &["matrix"]] {
            refused(&tree, args);
        }
    }
    tree.write("hostfit.toml", &bad[2]);
    refused(&tree, &["fleet", "import", "node.json", "--merge", "hostfit.toml"]);
    tree.write("hostfit.toml", "");
    let entry = format!("version = 1\n[[image]]\nname = {evil}\ndigest = {evil}\ndate = {evil}\n{evil} = 1\n");
    for text in [&bad[0], &bad[3], &entry] {
        tree.write("hostfit.lock", text);
        refused(&tree, &["check"]);
    }
}

#[test]
fn no_cluster_and_no_error_text_gives_commands() {
    let evil = quoted();
    let node = |os: &str| {
        format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {{\"name\": {evil}, \"labels\": {{{evil}: {evil}}}}}, \"spec\": {{\"taints\": [{{\"key\": {evil}, \
             \"value\": {evil}, \"effect\": \"NoSchedule\"}}]}}, \"status\": {{\"nodeInfo\": {{\"operatingSystem\": \"{os}\", \
             \"kernelVersion\": {evil}, \"osImage\": {evil}, \"containerRuntimeVersion\": {evil}}}}}}}"
        )
    };
    let list = format!("{{\"kind\": \"List\", \"items\": [{}, {}]}}", node("windows"), node("linux"));
    let events = format!(
        "Name: {EVIL}\nNode: {EVIL}\n  Warning  Failed  1m  kubelet  Failed to pull image \"{EVIL}\": no matching manifest for \
         windows/amd64 10.0.17763 in the manifest list entries {EVIL}\n"
    );
    let tree = tree("listing").with("nodes.json", list).with("events.txt", events).with("fleet.toml", "");
    for args in [
        &["fleet", "import", "nodes.json"][..],
        &["fleet", "import", "--label", "*", "nodes.json"],
        &["diagnose", "events.txt"],
        &["diagnose", "--format", "json", "events.txt"],
    ] {
        run(&tree, args);
    }
    let merge = ["fleet", "import", "nodes.json", "--merge", "fleet.toml"];
    is_harmless(&tree.run(&merge), &merge);
}
