//! What the README and the page of the configuration show is what the program does.
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
    page("README.md")
}

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path).replace("\r\n", "\n")
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
fn the_page_of_charts_shows_what_is_found() {
    let page = page("docs/charts.md");
    let commands = blocks(&page, "console").into_iter().filter(|it| it.contains("fixtures/"));
    let outputs = blocks(&page, "text");
    for (command, expected) in commands.zip(&outputs) {
        let arguments = command.strip_prefix("$ hostfit ").expect("a command of hostfit");
        let output = hostfit(&arguments.split_whitespace().collect::<Vec<_>>(), &root());
        let shown = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(shown.trim_end(), expected, "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(outputs.len(), 4);
}

#[test]
fn the_page_of_diagnose_shows_what_it_answers() {
    let page = page("docs/diagnose.md");
    let command = blocks(&page, "console").into_iter().next().expect("a command");
    let arguments = command.strip_prefix("$ hostfit ").expect("a command of hostfit");
    let output = hostfit(&arguments.split_whitespace().collect::<Vec<_>>(), &root());
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    let expected = blocks(&page, "text").into_iter().next().expect("an output");
    assert_eq!(shown.trim_end(), expected, "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ")).collect();
    for error in hostfit_core::diagnose::error::ALL {
        assert!(rows.iter().any(|(name, _)| *name == error.id()), "no row about {}", error.id());
    }
    // What the page says an error looks like is recognised as that one.
    for (name, looks) in rows {
        let Some(error) = hostfit_core::diagnose::error::ALL.iter().find(|it| it.id() == name) else { continue };
        let text = looks.split(['`']).filter(|it| it.len() > 3).collect::<Vec<_>>().join("`");
        let source = hostfit_core::source::Source::from_text(hostfit_core::source::SourceId(0), "row", text);
        let found =
            hostfit_core::diagnose::read(&source, &hostfit_core::windows::release::Releases::default()).incidents;
        let is_cut = name == "cut-off";
        assert!(
            is_cut || found.iter().any(|it| it.error == *error),
            "{name} is not recognised by `{looks}`: {found:?}"
        );
    }
}

/// A copy of the demo: commands write files.
fn demo(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    copy(&root().join("fixtures/demo"), &folder);
    fs::create_dir(folder.join(".git")).expect("created");
    folder
}

#[test]
fn every_command_of_the_page_of_reports_is_one() {
    let folder = demo("formats-demo");
    let page = page("docs/formats.md");
    let commands = page.lines().filter_map(|line| line.split_once("hostfit check --").map(|(_, rest)| rest));
    let commands: Vec<_> = commands.filter_map(|rest| rest.split(['\'', '|']).next()).collect();
    assert_eq!(commands.len(), 7);
    for command in commands {
        let arguments = format!("check --{command}");
        let output = hostfit(&arguments.split_whitespace().collect::<Vec<_>>(), &folder);
        assert!(matches!(output.status.code(), Some(0 | 1)), "hostfit {arguments} ends with {}", output.status);
    }
    let mut known: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let output = hostfit(&["check", "--output", "?=x"], &folder);
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    known.retain(|format| printed.contains(&format!("{format},")) || printed.contains(&format!("{format}\n")));
    assert_eq!(known.len(), 10, "{printed}");
}

/// The demo, as the page shows it; each shown part is one of what its command prints.
#[test]
fn the_page_of_the_matrix_shows_what_the_program_prints() {
    let folder = demo("matrix-demo");
    let page = page("docs/matrix.md");
    let commands = blocks(&page, "console");
    let commands: Vec<_> = commands.iter().filter_map(|it| it.strip_prefix("$ hostfit ")).collect();
    assert_eq!(commands.len(), 4);
    let run = |command: &&str| {
        let mut hostfit = Command::new(env!("CARGO_BIN_EXE_hostfit"));
        hostfit
            .args(command.split_whitespace())
            .current_dir(&folder)
            .env("COLUMNS", "80")
            .output()
            .expect("hostfit runs")
    };
    let outputs: Vec<_> = commands.iter().map(run).collect();
    assert!(outputs.iter().all(|output| output.status.code() == Some(0)));
    let shown = blocks(&page, "text");
    assert_eq!(shown.len(), 2);
    for (shown, output) in shown.iter().zip(&outputs) {
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains(shown), "{shown}\n\n{printed}");
    }
    assert!(folder.join("matrix.html").is_file());
    let json: String = String::from_utf8_lossy(&outputs.last().expect("JSON").stdout).into_owned();
    let keys =
        ["hosts", "workloads", "workload", "path", "line", "namespace", "image", "cells", "verdict", "why", "rule"];
    assert!(keys.iter().all(|key| page.contains(&format!("`{key}`")) && json.contains(&format!("\"{key}\""))));
    let picture = fs::metadata(root().join("docs/images/matrix.png")).expect("a picture");
    assert!(picture.len() < 200_000);
}

/// The fixture that the page is about, its files and what the commands print.
#[test]
fn the_page_of_upgrades_shows_what_is_printed() {
    let folder = demo("upgrade-page");
    fs::remove_dir_all(&folder).expect("removed");
    copy(&root().join("fixtures/plan/2019-to-2022"), &folder);
    fs::create_dir(folder.join(".git")).expect("created");
    // The next fleet, as the page calls it, lies beside the repository.
    fs::rename(folder.join("next.toml"), folder.with_file_name("upgrade-next.toml")).expect("moved");
    let page = page("docs/upgrade.md");
    let (commands, outputs) = (blocks(&page, "console"), [blocks(&page, "text"), blocks(&page, "diff")].concat());
    let (fleet, files) = (blocks(&page, "toml"), blocks(&page, "yaml"));
    assert_eq!((commands.len(), outputs.len(), fleet.len(), files.len()), (5, 3, 1, 1));
    for (path, shown) in [("hostfit.toml", &fleet[0]), ("deploy/iis.yaml", &files[0])] {
        assert_eq!(fs::read_to_string(folder.join(path)).expect(path), format!("{shown}\n"), "{path}");
    }
    let mut printed = Vec::new();
    for command in commands.iter().flat_map(|it| it.lines()) {
        let arguments = command.strip_prefix("$ hostfit ").expect("a command").split('>').next().unwrap_or_default();
        let arguments = arguments.replace("next.toml", "../upgrade-next.toml");
        let mut hostfit = Command::new(env!("CARGO_BIN_EXE_hostfit"));
        let arguments = arguments.split_whitespace().chain(["--as-of", "2026-11-28"]);
        let output = hostfit.args(arguments).current_dir(&folder).env("COLUMNS", "80").output().expect("hostfit runs");
        assert_eq!(output.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        printed.push(String::from_utf8(output.stdout).expect("UTF-8"));
    }
    for output in outputs {
        assert!(printed.iter().any(|printed| printed.contains(&output)), "{output}\n\n{}", printed.join("\n"));
    }
    let json = printed.iter().find(|it| it.contains("hostfit-plan")).expect("JSON");
    let json: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let mut keys = Vec::new();
    all_keys(&json, &mut keys);
    let unknown: Vec<_> = keys.iter().filter(|key| !page.contains(&format!("`{key}`"))).collect();
    assert!(unknown.is_empty(), "the page does not say what these are: {unknown:?}");
}

/// The names of all members, but for those of places, which every report has.
fn all_keys(value: &serde_json::Value, keys: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, value) in members.iter().filter(|(key, _)| *key != "range") {
                keys.push(key.clone());
                all_keys(value, keys);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| all_keys(item, keys)),
        _ => {}
    }
}

#[test]
fn the_commands_of_the_page_of_large_repositories_make_a_whole() {
    let folder = demo("monorepos-demo");
    let page = page("docs/monorepos.md");
    let first = blocks(&page, "console").into_iter().next().expect("commands");
    let commands: Vec<_> = first.lines().filter_map(|line| line.strip_prefix("$ hostfit ")).collect();
    assert_eq!(commands.len(), 4);
    let run = |command: &&str| hostfit(&command.split_whitespace().collect::<Vec<_>>(), &folder);
    let outputs: Vec<_> = commands.iter().map(run).collect();
    let merged = outputs.last().expect("merge");
    let whole = hostfit(&["check", "--format", "json"], &folder);
    assert!(merged.status.code() == Some(1) && merged.stdout == whole.stdout);
}

/// With what each CI fills in.
#[test]
fn every_ci_of_the_page_of_large_repositories_makes_a_whole() {
    let folder = demo("monorepos-ci");
    let whole = |format| hostfit(&["check", "--fail-on", "never", "--format", format], &folder).stdout;
    let shown = blocks(&page("docs/monorepos.md"), "yaml");
    assert_eq!(shown.len(), 4);
    for block in shown {
        let command = |name: &str| {
            let line = block.lines().find_map(|line| line.split_once(&format!("hostfit {name} "))).expect(name);
            line.1.to_owned()
        };
        for index in 1..=4_u32 {
            let number = index.to_string();
            let variables = ["${{ matrix.shard }}", "$CI_NODE_INDEX", "$(System.JobPositionInPhase)", "$shard"];
            let totals = ["${{ strategy.job-total }}", "$CI_NODE_TOTAL", "$(System.TotalJobsInPhase)"];
            let filled = totals.iter().fold(command("check"), |line, it| line.replace(it, "4"));
            let filled = variables.iter().fold(filled, |line, it| line.replace(it, &number)).replace("/data/", "");
            let arguments: Vec<_> = std::iter::once("check").chain(filled.split_whitespace()).collect();
            let output = hostfit(&arguments, &folder);
            assert_eq!(output.status.code(), Some(0), "{filled}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let format = if block.contains("sarif=") { "sarif" } else { "json" };
        let output = hostfit(&["merge", "--fail-on", "never", &format!("shard-*.{format}")], &folder);
        assert!(output.stdout == whole(format), "{block}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// With what the page says that the files hold.
#[test]
fn the_page_of_the_fleet_shows_what_an_import_does() {
    let folder = demo("fleet-demo");
    let outputs = [
        ("aks/nodes.json", "nodes.json"),
        ("swarm/nodes.json", "swarm.json"),
        ("swarm/info-of-a-node.json", "win1-info.json"),
        ("eks/nodes.json", "eks.json"),
    ];
    for (fixture, name) in outputs {
        fs::copy(root().join("fixtures/fleet").join(fixture), folder.join(name)).expect("copied");
    }
    let page = page("docs/fleet.md");
    let mut fleets = blocks(&page, "toml").into_iter();
    let (shown, open) = fleets.next().zip(fleets.next()).expect("a fleet, and a host in comments");
    let output = hostfit(&["fleet", "import", "eks.json"], &folder);
    assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), format!("{shown}\n"));
    let files = root().join("fixtures/fleet/terraform/files").display().to_string();
    let output = hostfit(&["fleet", "import", &files], &folder);
    let file = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(file.contains(&open), "{file}");
    fs::write(folder.join("fleet.toml"), shown).expect("written");
    let shown = blocks(&page, "console");
    let commands: Vec<_> = shown.iter().flat_map(|it| it.lines()).filter_map(|it| it.strip_prefix("$ ")).collect();
    assert_eq!(commands.len(), 4);
    for command in commands {
        // What kubectl prints is in a file here.
        let (input, command) = command.split_once(" | ").unwrap_or(("", command));
        let command = command.split('>').next().unwrap_or_default().trim_start_matches("hostfit ");
        let input = if input.is_empty() { "" } else { " nodes.json" };
        let output = hostfit(&format!("{command}{input}").split_whitespace().collect::<Vec<_>>(), &folder);
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{command} ends with {}: {printed}", output.status);
    }
}

#[test]
fn every_command_of_the_readme_is_one() {
    let folder = demo("readme-demo");
    // `init` is the first command, and writes no second configuration.
    fs::remove_file(folder.join("hostfit.toml")).expect("removed");
    fs::copy(root().join("fixtures/fleet/aks/nodes.json"), folder.join("nodes.json")).expect("copied");
    for block in blocks(&readme(), "console") {
        for line in block.lines() {
            let Some(command) = line.strip_prefix("$ hostfit ") else { continue };
            let command = command.split('#').next().unwrap_or_default();
            // No test asks the registries of others.
            if command.contains("--online") {
                continue;
            }
            let output = hostfit(&command.split_whitespace().collect::<Vec<_>>(), &folder);
            assert!(matches!(output.status.code(), Some(0 | 1)), "hostfit {command} ends with {}", output.status);
        }
    }
}

/// With what kubectl and docker print in files.
#[test]
fn every_command_of_the_first_steps_and_of_charts_is_one() {
    let folder = demo("get-started");
    fs::remove_file(folder.join("hostfit.toml")).expect("removed");
    let fixtures = root().join("fixtures/fleet");
    fs::copy(fixtures.join("swarm/nodes.json"), folder.join("nodes.json")).expect("copied");
    let pages = [page("docs/get-started.md"), page("docs/charts.md")].concat();
    let mut count = 0;
    for line in blocks(&pages, "console").join("\n").lines().filter(|line| line.contains("hostfit ")) {
        let line = line.trim_start_matches("$ ");
        let (input, command) = line.split_once(" | ").unwrap_or(("", line));
        let stdin = match input.split(' ').next() {
            Some("kubectl") if input.contains("nodes") => fixtures.join("aks/nodes.json"),
            Some("docker") => fixtures.join("swarm/info-of-a-node.json"),
            _ => folder.join("deploy/web.yaml"),
        };
        let arguments: Vec<_> = command.trim_start_matches("hostfit ").split_whitespace().collect();
        let here = if command.contains("fixtures/") { root() } else { folder.clone() };
        let output = Command::new(env!("CARGO_BIN_EXE_hostfit"))
            .args(arguments)
            .current_dir(here)
            .stdin(fs::File::open(stdin).expect("an input"))
            .output()
            .expect("hostfit runs");
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{command} ends with {}: {shown}", output.status);
        count += 1;
    }
    assert_eq!(count, 15);
}

#[test]
fn every_configuration_that_is_shown_is_read() {
    let folder = tempfile("shown");
    let shown = ["README.md", "docs/configuration.md", "docs/registry.md", "docs/get-started.md"]
        .map(|path| blocks(&page(path), "toml"));
    assert!(shown.iter().all(|blocks| !blocks.is_empty()));
    let is_configuration = |block: &String| !block.contains("[[image]]");
    for (number, block) in shown.concat().into_iter().filter(is_configuration).enumerate() {
        let file = folder.join(format!("{number}.toml"));
        fs::write(&file, block).expect("written");
        fs::write(folder.join("Dockerfile"), "FROM scratch\n").expect("written");
        // Those that targets name.
        for fleet in ["prod.toml", "staging.toml"] {
            fs::write(folder.join(fleet), "").expect("written");
        }
        let output = hostfit(&["check", "--config", &format!("{number}.toml"), "Dockerfile"], &folder);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    fs::remove_dir_all(folder).expect("removed");
}

/// The files of the page, each under the name in its first line, and what the commands print among them.
#[test]
fn the_page_of_several_fleets_shows_what_is_printed() {
    let folder = demo("targets-page");
    fs::remove_dir_all(&folder).expect("removed");
    fs::create_dir_all(folder.join(".git")).expect("created");
    let page = page("docs/targets.md");
    let files = [blocks(&page, "toml"), blocks(&page, "yaml")].concat();
    assert_eq!(files.len(), 4);
    for file in files {
        let name = file.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a name");
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, format!("{file}\n")).expect("written");
    }
    let (commands, outputs) = (blocks(&page, "console"), blocks(&page, "text"));
    assert_eq!((commands.len(), outputs.len()), (2, 2));
    for (command, expected) in commands.iter().zip(outputs) {
        let arguments = command.strip_prefix("$ hostfit ").expect("a command");
        let output = hostfit(&arguments.split_whitespace().collect::<Vec<_>>(), &folder);
        let shown = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(shown.trim_end(), expected, "{command}");
    }
    let shown = hostfit(&["fleet", "show", "--format", "json"], &folder);
    let names = String::from_utf8(shown.stdout).expect("UTF-8");
    assert!(names.contains("\"staging\"") && names.contains("\"fleets/prod.toml\""), "{names}");
}

/// That the page leaves out no kind of problem.
#[test]
fn every_problem_of_a_fleet_has_its_row() {
    let source = fs::read_to_string(root().join("crates/hostfit-core/src/fleet_check.rs")).expect("the list");
    let ids: Vec<_> = source.lines().filter_map(|line| line.split_once("=> \"")?.1.strip_suffix("\",")).collect();
    assert!(ids.len() >= 8, "{ids:?}");
    let page = page("docs/targets.md");
    assert!(ids.iter().all(|id| page.contains(&format!("`{id}`"))), "{ids:?}");
}

#[test]
fn every_key_of_the_configuration_has_its_row() {
    let folder = tempfile("keys");
    let page = page("docs/configuration.md");
    let known = |text: String| -> Vec<String> {
        fs::write(folder.join("hostfit.toml"), text).expect("written");
        let output = hostfit(&["check", "--color", "never"], &folder);
        let message = String::from_utf8(output.stderr).expect("UTF-8");
        let list = message.split_once("known keys here: ").expect("the known keys").1;
        list.split(',').map(|key| key.trim().to_owned()).collect()
    };
    let sections = known("qqqqqqqqqqqqqqqqqq = 1\n".to_owned());
    assert!(sections.len() >= 6, "{sections:?}");
    for section in &sections {
        let part = ["[", "[["].iter().find_map(|open| {
            let heading = format!("## `{open}{section}{}`\n", open.replace('[', "]"));
            let after = page.split_once(&heading)?.1;
            Some((*open, after.split("\n## ").next().unwrap_or_default().to_owned()))
        });
        let (open, part) = part.unwrap_or_else(|| panic!("no part about {section}"));
        // The keys of these are the user's own.
        if matches!(section.as_str(), "build-args" | "images") {
            continue;
        }
        // The names of these are.
        let table = if section == "registry" { "registry.\"registry.contoso.com\"" } else { section.as_str() };
        for key in known(format!("{open}{table}{}\nqqqqqqqqqqqqqqqqqq = 1\n", open.replace('[', "]"))) {
            assert!(part.contains(&format!("\n| `{key}` |")), "{section}: no row about {key}");
        }
    }
    fs::remove_dir_all(folder).expect("removed");
}

#[test]
fn the_page_of_registries_shows_a_lock_file_and_commands() {
    let page = page("docs/registry.md");
    let folder = tempfile("registry-page");
    fs::create_dir(folder.join(".git")).expect("created");
    let lock = blocks(&page, "toml").into_iter().find(|it| it.contains("[[image]]")).expect("a lock file");
    // On this machine, and nobody is there.
    let (host, port) = ("registry.contoso.com", "127.0.0.1:1");
    fs::write(folder.join("hostfit.lock"), lock.replace(host, port)).expect("written");
    fs::write(folder.join("Dockerfile"), format!("FROM {port}/web:7\nRUN dir\n")).expect("written");
    let commands = blocks(&page, "console").concat();
    let commands: Vec<_> = commands.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).collect();
    assert!(commands.len() >= 4);
    for command in commands {
        let arguments: Vec<_> = command.strip_prefix("$ hostfit ").expect(command).split(' ').collect();
        if cfg!(not(feature = "registry")) && arguments.contains(&"--online") {
            continue;
        }
        let output = hostfit(&arguments, &folder);
        assert_eq!(output.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
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

fn tempfile(of: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("hostfit-readme-{of}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
