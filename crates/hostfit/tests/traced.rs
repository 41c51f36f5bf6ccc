//! Every command and the language server in hostile repositories, under `strace`: which files are opened, whether a socket is,
//! and whether a program is run. `cargo xtask trace` installs `strace` and runs this.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about"
)]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use common::{Tree, text};
use serde_json::{Value, json};

const DOCKERFILE: &str = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCOPY . C:\\site\n";
const FLEET: &str = "[[host]]\nname = \"h\"\nos = \"ltsc2022\"\norchestrator = \"docker\"\n";
const NODE: &str =
    r#"{"kind": "Node", "metadata": {"name": "n"}, "status": {"nodeInfo": {"operatingSystem": "linux"}}}"#;
const EVENT: &str = "Warning Failed kubelet Failed to pull image \"x\": no match for platform in manifest: not found\n";

/// What programs open on this system whatever they do: libraries, and how much of the machine there is for them.
fn is_of_the_system(path: &str) -> bool {
    let own = |path: &str| {
        let (process, name) = path.strip_prefix("/proc/")?.split_once('/')?;
        Some(process.bytes().all(|it| it.is_ascii_digit()) && ["maps", "cgroup", "mountinfo"].contains(&name))
    };
    let folders = [
        "/lib/",
        "/usr/lib/",
        "/lib64/",
        "/sys/fs/cgroup/",
        "/sys/kernel/mm/",
        "/sys/devices/system/",
        "/proc/sys/vm/",
    ];
    let is_library = folders.iter().any(|folder| path.starts_with(folder)) || path.starts_with("/etc/ld.so.");
    // Where Git's own configuration names the file of what the user ignores.
    is_library || path == "/etc/gitconfig" || own(path).unwrap_or(false)
}

/// The commands by their names, each with the ways to use it.
fn commands() -> BTreeMap<&'static str, Vec<Vec<&'static str>>> {
    let all: [(&str, &[&[&str]]); 16] = [
        (
            "check",
            &[
                &[],
                &["-v", "--statistics"],
                &["sub", "-"],
                &["--changed", "Dockerfile"],
                &["--format", "json"],
                &["--format", "sarif"],
                &["--format", "gitlab", "--output", "sarif=out.sarif"],
                &["--format", "junit", "--output", "json=out.json"],
                &["--write-baseline", "baseline.json"],
                &["--baseline", "known.json"],
                &["--shard", "1/2", "--format", "json"],
            ],
        ),
        ("fix", &[&["--diff"], &["--unsafe"], &["-"]]),
        ("explain", &[&["unknown-tag"]]),
        ("rules", &[&[], &["--format", "json"]]),
        ("compat", &[&["--host", "ltsc2022", "--image", "ltsc2019"]]),
        ("matrix", &[&[], &["--format", "json"], &["--format", "html", "--output", "out.html"]]),
        ("images", &[&[], &["--format", "json"]]),
        (
            "fleet",
            &[
                &["show"],
                &["import", "node.json"],
                &["import", "node.json", "--merge", "fleet.toml"],
                &["import", "sub"],
            ],
        ),
        ("diagnose", &[&["event.txt"], &["-"]]),
        ("merge", &[&["part.json"]]),
        ("init", &[&["--stdout"], &[], &["--ci", "github"]]),
        ("lsp", &[&[]]),
        ("completions", &[&["bash"]]),
        ("schema", &[&[]]),
        ("plan", &[&["--to", "ltsc2025"], &["--to", "ltsc2025", "--diff"]]),
        ("render", &[&[], &["--origins"]]),
    ];
    all.into_iter().map(|(name, ways)| (name, ways.iter().map(|way| way.to_vec()).collect())).collect()
}

/// The commands that the program has.
fn names() -> Vec<String> {
    let help = text(&common::hostfit(Path::new("."), &["--help"]).output().expect("run").stdout);
    let listed = help.split("Commands:\n").nth(1).expect("a list").split("\n\n").next().expect("its end");
    let names =
        listed.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|it| !it.is_empty()));
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// What lies outside of the repository.
fn outside(name: &str) -> Tree {
    Tree::new(&format!("{name}-outside"))
        .with("Dockerfile", DOCKERFILE)
        .with("hostfit.toml", FLEET)
        .with("hostfit.lock", "version = 1\n")
        .with("fleet.toml", FLEET)
        .with("compose.yaml", "services: {a: {image: x}}\n")
        .with(".env", "A=1\n")
        .with("ignore", "*\n")
        .with("known.json", "{\"schema\": \"hostfit-baseline/1\", \"findings\": []}")
        .with("git/HEAD", "ref: refs/heads/main\n")
        .with("git/config", "[remote \"origin\"]\nurl = https://contoso.com/x\n")
        .with("git/info/exclude", "*\n")
}

/// A repository without anything hostile, but for what the cases add.
fn plain(name: &str) -> Tree {
    Tree::new(name)
        .with("Dockerfile", DOCKERFILE)
        .with("sub/Dockerfile", DOCKERFILE)
        .with(
            "sub/deploy.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: x}]}\n",
        )
        .with("node.json", NODE)
        .with("fleet.toml", FLEET)
        .with("event.txt", EVENT)
        .with("known.json", "{\"schema\": \"hostfit-baseline/1\", \"findings\": []}")
        .with("home/.gitconfig", "")
}

/// The hostile repositories, by what makes them so.
fn hostile(case: &str, tree: &Tree, outside: &Tree) {
    let at = outside.0.display();
    let link = |target: &str, path: &str| {
        let path = tree.0.join(path);
        let _ = fs::create_dir_all(path.parent().unwrap());
        let _ = fs::remove_file(&path);
        symlink(outside.0.join(target), path).expect("linked");
    };
    let fifo = |path: &str| {
        let path = tree.0.join(path);
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(path).status().expect("run").success());
    };
    match case {
        "links" => {
            let links = [
                ("Dockerfile", "linked/Dockerfile"),
                ("compose.yaml", "compose.yaml"),
                ("compose.yaml", "linked/app.yaml"),
                (".env", ".env"),
                ("ignore", ".gitignore"),
                ("ignore", "sub/.gitignore"),
                ("hostfit.toml", "hostfit.toml"),
                ("hostfit.lock", "hostfit.lock"),
                ("git/HEAD", ".git/HEAD"),
                ("git/config", ".git/config"),
                ("git/info", ".git/info"),
                ("", "folder"),
                ("fleet.toml", "other.toml"),
            ];
            for (target, path) in links {
                link(target, path);
            }
        }
        "pipes" => {
            let names = [
                "hostfit.toml",
                "hostfit.lock",
                ".gitignore",
                ".env",
                "compose.yaml",
                "Containerfile",
                "other.toml",
                ".git/HEAD",
                ".git/config",
            ];
            for name in names {
                fifo(name);
            }
        }
        "fleet" => tree.write("hostfit.toml", format!("[[target]]\npaths = [\"**\"]\nfleet = \"{at}/fleet.toml\"\n")),
        "references" => {
            tree.write("hostfit.toml", format!(
                "{FLEET}[registry.\"r\"]\nca = \"{at}/fleet.toml\"\n[images]\n\"a:*\" = {{ dockerfile = \"../references-outside/Dockerfile\" }}\n\
                 \"b:*\" = {{ dockerfile = \"folder/Dockerfile\" }}\n",
            ));
            link("", "folder");
            let finding = |path: &str| {
                format!("{{\"path\": \"{path}\", \"rule\": \"eaten-backslash\", \"evidence\": {{\"text\": \"x\"}}}}")
            };
            let findings =
                [format!("{at}/Dockerfile"), "../references-outside/Dockerfile".into(), "folder/Dockerfile".into()];
            let findings = findings.map(|path| finding(&path)).join(", ");
            tree.write("known.json", format!("{{\"schema\": \"hostfit-baseline/1\", \"findings\": [{findings}]}}"));
            tree.write("compose.yaml", format!(
                "include: [{at}/compose.yaml]\nservices:\n  a: {{build: {at}}}\n  b: {{build: ../references-outside}}\n  c: {{build: \
                 folder}}\n  d: {{extends: {{file: folder/compose.yaml, service: a}}}}\n  e: {{build: {{context: ., dockerfile: \
                 ../references-outside/Dockerfile}}}}\n",
            ));
        }
        "git file" => {
            fs::remove_dir_all(tree.0.join(".git")).unwrap();
            tree.write(".git", format!("gitdir: {at}/git\n"));
        }
        other => panic!("{other}"),
    }
}

/// What `strace` saw of a command, without the start of the program itself.
fn traced(tree: &Tree, args: &[&str]) -> Vec<String> {
    let log = tree.0.with_extension("strace.log");
    let _ = fs::remove_file(&log);
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-qq", "-s", "4096", "-e", "trace=%file,%network,execve,execveat", "-o"]).arg(&log);
    command.arg(env!("CARGO_BIN_EXE_hostfit")).args(args).current_dir(&tree.0);
    command.env("HOME", tree.0.join("home")).env_remove("XDG_CONFIG_HOME").env_remove("LD_LIBRARY_PATH");
    if args == ["lsp"] {
        edit(&mut command, tree);
    } else {
        common::piped(&mut command, DOCKERFILE.as_bytes());
    }
    let log = fs::read_to_string(log).expect("strace wrote what it saw");
    // Each line begins with the number of a process.
    let calls = log.lines().filter_map(|line| Some(line.split_once(' ')?.1.trim_start().to_owned()));
    calls.skip_while(|call| !call.starts_with("execve(")).skip(1).collect()
}

/// The file that a call opened: `… = 3</where/it/is>`. Where threads cross, what a call came to has a line of its own.
fn opened(call: &str) -> Option<&str> {
    let call = call.strip_prefix("<... ").unwrap_or(call);
    let is_open = ["open", "creat"].iter().any(|name| call.starts_with(name));
    let (_, result) = call.rsplit_once(" = ").filter(|_| is_open)?;
    Some(result.split_once('<')?.1.trim_end().trim_end_matches('>'))
}

/// An editor that opens a file, asks for what there is to be known, and ends when it has the last answer.
fn edit(command: &mut Command, tree: &Tree) {
    let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("started");
    let (mut stdin, stdout) = (server.stdin.take().expect("a pipe"), server.stdout.take().expect("a pipe"));
    let frame = |mut message: Value| {
        message["jsonrpc"] = json!("2.0");
        let text = message.to_string();
        format!("Content-Length: {}\r\n\r\n{text}", text.len())
    };
    let mut tell = |message: Value| stdin.write_all(frame(message).as_bytes()).expect("written");
    for message in messages(tree) {
        tell(message);
    }
    let mut answers = BufReader::new(stdout);
    loop {
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            assert_ne!(answers.read_line(&mut text).expect("read"), 0, "the server is gone");
        }
        let length = text.lines().find_map(|line| line.strip_prefix("Content-Length: ")).expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        answers.read_exact(&mut body).expect("read");
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        if answer["id"] == LAST && answer.get("method").is_none() {
            break;
        }
    }
    tell(json!({"id": LAST + 1, "method": "shutdown"}));
    tell(json!({"method": "exit"}));
    let mut rest = Vec::new();
    answers.read_to_end(&mut rest).expect("read");
    server.wait().expect("run");
}

/// The number of the last question.
const LAST: i32 = 8;

fn messages(tree: &Tree) -> Vec<Value> {
    let uri = |path: &str| format!("file://{}", tree.0.join(path).display());
    let document = json!({"uri": uri("Dockerfile")});
    let item = json!({"uri": uri("Dockerfile"), "languageId": "dockerfile", "version": 1, "text": DOCKERFILE});
    let at = json!({"textDocument": document, "position": {"line": 0, "character": 8}});
    let changed =
        json!({"changes": [{"uri": uri("hostfit.toml"), "type": 2}, {"uri": uri("compose.yaml"), "type": 1}]});
    vec![
        json!({"id": 1, "method": "initialize", "params": {"processId": null, "capabilities": {}, "workspaceFolders": [{"uri": uri(""), "name": "w"}]}}),
        json!({"method": "initialized", "params": {}}),
        json!({"method": "textDocument/didOpen", "params": {"textDocument": item}}),
        json!({"id": 2, "method": "textDocument/diagnostic", "params": {"textDocument": document}}),
        json!({"id": 3, "method": "textDocument/hover", "params": at}),
        json!({"id": 4, "method": "textDocument/definition", "params": at}),
        json!({"id": 5, "method": "textDocument/completion", "params": at}),
        json!({"id": 6, "method": "textDocument/documentLink", "params": {"textDocument": document}}),
        json!({"id": 7, "method": "textDocument/codeLens", "params": {"textDocument": document}}),
        json!({"method": "workspace/didChangeWatchedFiles", "params": changed}),
        json!({"id": LAST, "method": "textDocument/diagnostic", "params": {"textDocument": document}}),
    ]
}

#[test]
#[ignore = "needs strace: `cargo xtask trace`"]
fn no_command_opens_a_file_outside_of_the_repository_or_a_socket_or_runs_a_program() {
    let commands = commands();
    let names = names();
    for name in &names {
        assert!(commands.contains_key(name.as_str()), "`{name}` is not among the commands of this test");
    }
    assert!(names.len() >= 14, "{names:?}");
    for case in ["links", "pipes", "fleet", "references", "git file"] {
        for name in &names {
            for way in &commands[name.as_str()] {
                let outside = outside(&case.replace(' ', "-"));
                let tree = plain(&case.replace(' ', "-"));
                let part = tree.run(&["check", "--shard", "1/1", "--format", "json"]);
                tree.write("part.json", &part.stdout);
                hostile(case, &tree, &outside);
                let args: Vec<_> = std::iter::once(name.as_str()).chain(way.iter().copied()).collect();
                let calls = traced(&tree, &args);
                assert!(!calls.is_empty(), "{case} {args:?}");
                // It does what it is for.
                let is_seen =
                    || calls.iter().any(|call| opened(call).is_some_and(|path| path.ends_with("/sub/Dockerfile")));
                let reads = ["check", "fix", "images", "matrix", "lsp"].contains(&name.as_str());
                assert!(!reads || case == "fleet" || is_seen(), "{case} {args:?}: {calls:#?}");
                assert_confined(case, &args, &calls, &tree, &outside);
            }
        }
    }
}

fn assert_confined(case: &str, args: &[&str], calls: &[String], tree: &Tree, outside: &Tree) {
    let (inside, outside) = (tree.0.display().to_string(), outside.0.display().to_string());
    let is_known = |path: &str| path == inside || path.starts_with(&format!("{inside}/")) || is_of_the_system(path);
    for call in calls {
        let is_program = ["execve", "socket(", "connect(", "bind("].iter().any(|name| call.starts_with(name));
        assert!(!is_program, "{case} {args:?}: {call}");
        if let Some(path) = opened(call) {
            assert!(is_known(path) && path != "/dev/stdin", "{case} {args:?}: {call}");
        }
        // Where a link leads is read, and nothing there is looked at. What a `.git` file names is asked whether it knows of
        // the repository.
        let name = call.strip_prefix("<... ").unwrap_or(call);
        let looks = !name.starts_with("readlink") && !name.starts_with("symlink") && case != "git file";
        let path = call.split_once(" = ").map_or(call.as_str(), |(arguments, _)| arguments);
        assert!(!looks || !path.contains(&outside), "{case} {args:?}: {call}");
    }
}

#[test]
#[ignore = "needs strace: `cargo xtask trace`"]
fn what_this_test_looks_for_it_would_see() {
    let outside = outside("seen");
    let tree = plain("seen");
    let fleet = outside.0.join("fleet.toml").display().to_string();
    // The command line may name what lies outside.
    let calls = traced(&tree, &["check", "--fleet", &fleet]);
    assert!(calls.iter().any(|call| opened(call) == Some(fleet.as_str())), "{calls:#?}");
    assert!(calls.iter().any(|call| opened(call).is_some_and(|path| path.ends_with("sub/Dockerfile"))), "{calls:#?}");
}
