//! `hostfit images --online` against Debian's `docker-registry`, the distribution project's own registry, on this machine.
//! `cargo xtask registry` installs it and `strace`, and runs these tests.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about"
)]

mod common;
#[path = "registry/server.rs"]
mod server;

use std::{fs, path::Path, process::Output};

use common::Tree;
use serde_json::{Value, json};
use server::{Image, Registry, openssl};

/// The program with no credentials but those of the test, and no proxy.
fn run(tree: &Tree, args: &[&str]) -> Output {
    command(tree, args).output().expect("run")
}

fn command(tree: &Tree, args: &[&str]) -> std::process::Command {
    let mut command = tree.command(args);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(name);
    }
    command.env("DOCKER_CONFIG", tree.0.join("docker")).env("XDG_CONFIG_HOME", tree.0.join("user"));
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What `hostfit images` says of each image: operating system, version, where from.
fn rows(output: &Output) -> Vec<(String, Value, Value, String)> {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let row = |row: &Value| {
        (
            row["image"].as_str().unwrap().to_owned(),
            row["os"].clone(),
            row["version"].clone(),
            row["known_from"].as_str().unwrap().to_owned(),
        )
    };
    report["images"].as_array().unwrap().iter().map(row).collect()
}

fn pod(name: &str, image: &str, build: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n  - name: {name}\n    image: {image}\n  \
         nodeSelector:\n    kubernetes.io/os: windows\n    node.kubernetes.io/windows-build: {build}\n---\n"
    )
}

const FLEET: &str = r#"
[[host]]
name = "win2019"
os = "10.0.17763.6414"
orchestrator = "kubernetes"

[[host]]
name = "win2022"
os = "10.0.20348.2700"
orchestrator = "kubernetes"
"#;

fn windows(version: &str) -> Image {
    Image::Docker { os: "windows", os_version: Some(version.to_owned()) }
}

/// What a registry has in which the tests look: name and tag.
fn fill(registry: &Registry) {
    registry.push("team/single", "1", &windows("10.0.14393.7606"));
    registry.push("team/web", "7", &Image::Index(vec![windows("10.0.17763.6414"), windows("10.0.20348.2700")]));
    registry.push("team/tools", "1", &Image::Oci { os: "linux" });
    registry.push("team/mixed", "1", &Image::Index(vec![windows("10.0.17763.6414"), Image::Oci { os: "linux" }]));
    let inner = Image::Index(vec![windows("10.0.20348.2700")]);
    registry.push("team/nested", "1", &Image::Index(vec![inner]));
    registry.push("team/bare", "1", &Image::Index(vec![Image::Unversioned(Box::new(windows("10.0.26100.1742")))]));
}

#[test]
#[ignore = "needs docker-registry: `cargo xtask registry`"]
fn what_a_registry_says_is_written_down_and_used_without_it() {
    let registry = Registry::start("used", &[]);
    fill(&registry);
    let (at, digest) = (registry.authority.clone(), registry.digest("team/single", "1"));
    let images = ["single:1", "web:7", "tools:1", "mixed:1", "nested:1", "bare:1"].map(|it| format!("{at}/team/{it}"));
    let pods: String = (0..).zip(&images).map(|(n, image)| pod(&format!("p{n}"), image, "10.0.17763")).collect();
    let tree = Tree::new("used")
        .with("hostfit.toml", FLEET)
        .with("pods.yaml", pods + &pod("pinned", &format!("{at}/team/single@{digest}"), "10.0.17763"))
        .with(
            "Dockerfile",
            format!("ARG TAG\nFROM {at}/team/nested:1 AS a\nRUN dir\nFROM scratch\nFROM {at}/team/web:${{TAG}}\nCOPY --from=a /x /\n"),
        );

    // Before, nobody knows.
    for (image, os, version, from) in rows(&run(&tree, &["images", "--format", "json"])) {
        assert_eq!((os, version), (Value::Null, Value::Null), "{image}");
        assert!(from.contains("not known") || from.contains("TAG has no value"), "{image}: {from}");
    }
    let output = run(&tree, &["images", "--online", "--format", "json"]);
    let asked = rows(&output);
    let expected = [
        ("single:1", json!("windows"), json!("10.0.14393.7606"), "its registry, asked on"),
        ("web:7", json!("windows"), Value::Null, "its registry, asked on"),
        ("tools:1", json!("linux"), Value::Null, "its registry, asked on"),
        ("mixed:1", Value::Null, Value::Null, "its registry, asked on"),
        ("nested:1", json!("windows"), json!("10.0.20348.2700"), "its registry, asked on"),
        ("bare:1", json!("windows"), json!("10.0.26100.1742"), "its registry, asked on"),
        (digest.as_str(), json!("windows"), json!("10.0.14393.7606"), "its registry, asked on"),
        ("web:${TAG}", Value::Null, Value::Null, "TAG has no value"),
    ];
    for (end, os, version, from) in &expected {
        let row = asked.iter().find(|row| row.0.ends_with(end)).unwrap_or_else(|| panic!("{end}: {asked:?}"));
        assert_eq!((&row.1, &row.2), (os, version), "{row:?}");
        assert!(row.3.contains(from), "{row:?}");
    }
    let stderr = text(&output.stderr);
    assert!(stderr.contains("hostfit.lock written: 7 images, 7 new or changed"), "{stderr}");
    // One question for each name; two more where it takes another to know.
    let lock = tree.read("hostfit.lock").expect("written");
    assert!(lock.contains(&format!("image = \"{at}/team/single@{digest}\"")), "{lock}");
    assert!(!lock.contains("TAG") && !lock.contains("scratch"), "{lock}");

    // And now without the registry.
    drop(registry);
    for (image, os, version, from) in rows(&run(&tree, &["images", "--format", "json"])) {
        let (_, before_os, before_version, _) = asked.iter().find(|row| row.0 == image).unwrap();
        assert_eq!((&os, &version), (before_os, before_version), "{image}");
        assert!(
            from.contains("the lock file at hostfit.lock:") || from.contains("TAG has no value"),
            "{image}: {from}"
        );
    }
    let output = run(&tree, &["check", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = |rule: &str, workload: &str| {
        let mut findings = report["findings"].as_array().unwrap().iter();
        findings.any(|it| it["rule"] == rule && it["workload"].as_str().unwrap_or_default().contains(workload))
    };
    for (rule, workload) in [
        ("placement-image-mismatch", "p0"),
        ("host-dependent-tag", "p1"),
        ("no-windows-variant", "p2"),
        ("host-dependent-tag", "p3"),
        ("placement-image-mismatch", "p4"),
        ("placement-image-mismatch", "p5"),
        ("placement-image-mismatch", "pinned"),
    ] {
        assert!(found(rule, workload), "{rule} {workload}: {report:#}");
    }
    assert!(!found("undeclared-image-os", "Pod/"), "{report:#}");
    // Who reads a finding sees where its knowledge comes from.
    for finding in report["findings"].as_array().unwrap().iter().filter(|it| it["path"] == "pods.yaml") {
        let related = finding["related"].as_array().unwrap();
        let by_registry = |it: &Value| {
            it["path"] == "hostfit.lock" && it["message"].as_str().unwrap().starts_with("its registry said so on 20")
        };
        assert!(related.iter().any(by_registry), "{finding:#}");
    }
}

#[test]
#[ignore = "needs docker-registry: `cargo xtask registry`"]
fn what_has_moved_is_reported_and_what_has_not_keeps_its_day() {
    let registry = Registry::start("moved", &[]);
    let at = &registry.authority;
    registry.push("a", "1", &windows("10.0.17763.6414"));
    registry.push("b", "1", &windows("10.0.20348.2700"));
    registry.push("c", "1", &windows("10.0.20348.2700"));
    let pods = ["a", "b", "c"].map(|it| pod(it, &format!("{at}/{it}:1"), "10.0.20348")).concat();
    let tree = Tree::new("moved").with("pods.yaml", &pods);
    let check = || run(&tree, &["images", "--online", "--check"]);

    let none = check();
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("there is no hostfit.lock"), "{}", text(&none.stderr));
    assert_eq!(run(&tree, &["images", "--online"]).status.code(), Some(0));
    let aged = {
        let lock = tree.read("hostfit.lock").unwrap();
        let day = lock.lines().find_map(|line| line.strip_prefix("date = ")).unwrap();
        lock.replace(day, "2026-01-02")
    };
    tree.write("hostfit.lock", &aged);
    let same = check();
    assert_eq!((same.status.code(), text(&same.stdout).as_str()), (Some(0), ""), "{}", text(&same.stderr));
    assert!(text(&same.stderr).contains("nothing has moved: 3 images"), "{}", text(&same.stderr));
    run(&tree, &["images", "--online"]);
    assert_eq!(tree.read("hostfit.lock").as_deref(), Some(aged.as_str()), "who says the same keeps the day");

    let old = registry.digest("b", "1");
    registry.push("b", "1", &windows("10.0.20348.2849"));
    registry.delete("c", "1");
    tree.write("pods.yaml", pods + &pod("d", &format!("{at}/d:1"), "10.0.20348"));
    registry.push("d", "1", &windows("10.0.26100.1742"));
    let moved = check();
    assert_eq!(moved.status.code(), Some(1));
    let printed = text(&moved.stdout);
    let expected = format!(
        "{at}/b:1 has moved since 2026-01-02\n    digest    {old} -> {new}\n    platforms windows/amd64 10.0.20348.2700 -> \
         windows/amd64 10.0.20348.2849\n    used at   pods.yaml:20\n",
        new = registry.digest("b", "1")
    );
    assert!(printed.contains(&expected), "{printed}\n---\n{expected}");
    assert!(printed.contains(&format!("{at}/c:1 has vanished since 2026-01-02\n")), "{printed}");
    assert!(printed.contains(&format!("{at}/d:1 is not in the lock file\n")), "{printed}");
    assert!(!printed.contains("/a:1"), "{printed}");
    assert_eq!(tree.read("hostfit.lock").as_deref(), Some(aged.as_str()), "--check writes nothing");
    let json: Value =
        serde_json::from_slice(&run(&tree, &["images", "--online", "--check", "--format", "json"]).stdout).unwrap();
    let changes: Vec<_> = json["moved"].as_array().unwrap().iter().map(|it| it["change"].clone()).collect();
    assert_eq!(changes, ["moved", "vanished", "new"]);

    // A part of the tree says nothing of the rest; all of it does.
    tree.write("other/pod.yaml", pod("a", &format!("{at}/a:1"), "10.0.17763"));
    run(&tree, &["images", "--online", "other"]);
    assert_eq!(tree.read("hostfit.lock").as_deref(), Some(aged.as_str()));
    tree.write("pods.yaml", pod("b", &format!("{at}/b:1"), "10.0.20348"));
    run(&tree, &["images", "--online"]);
    let lock = tree.read("hostfit.lock").unwrap();
    let blocks: Vec<_> = lock.split("[[image]]").skip(1).collect();
    assert_eq!(blocks.len(), 2, "{lock}");
    assert!(blocks[0].contains("/a:1\"") && blocks[0].contains("date = 2026-01-02"), "{lock}");
    assert!(blocks[1].contains("10.0.20348.2849") && !blocks[1].contains("2026-01-02"), "{lock}");
}

#[test]
#[ignore = "needs docker-registry: `cargo xtask registry`"]
fn a_login_comes_from_where_docker_keeps_it() {
    let open = Registry::start("login", &[]);
    open.push("team/web", "7", &windows("10.0.20348.2700"));
    let folder = open.folder.clone();
    // Made with `htpasswd -nbB anna s3cret`.
    fs::write(folder.join("htpasswd"), "anna:$2y$05$khnQclhhtftnki3EiMyeO.S/OhE2GqceVSjrK6w1Aw.qOSmIveqm6\n").unwrap();
    let file = folder.join("htpasswd");
    let closed = Registry::start_again(
        open,
        &[
            ("REGISTRY_AUTH", "htpasswd"),
            ("REGISTRY_AUTH_HTPASSWD_PATH", file.to_str().unwrap()),
            ("REGISTRY_AUTH_HTPASSWD_REALM", "contoso"),
        ],
    );
    let at = closed.authority.clone();
    let tree = Tree::new("login").with("pod.yaml", pod("web", &format!("{at}/team/web:7"), "10.0.20348"));

    let nobody = run(&tree, &["images", "--online"]);
    assert_eq!(nobody.status.code(), Some(0), "one failure is no failure of the run");
    let stderr = text(&nobody.stderr);
    assert!(
        stderr.contains(&format!("{at}/team/web:7 (pod.yaml:8): {at} wants a login; log in: `docker login {at}`")),
        "{stderr}"
    );
    assert!(stderr.contains("1 of 1 image could not be asked for"), "{stderr}");
    assert_eq!(tree.read("hostfit.lock"), None);

    let version = |tree: &Tree| rows(&run(tree, &["images", "--online", "--format", "json"]))[0].2.clone();
    // Of `printf 'anna:…' | base64`.
    for (auth, expected) in [("YW5uYTpzM2NyZXQ=", json!("10.0.20348.2700")), ("YW5uYTp3cm9uZw==", Value::Null)] {
        let _ = fs::remove_file(tree.0.join("hostfit.lock"));
        tree.write("docker/config.json", json!({ "auths": { &at: { "auth": auth } } }).to_string());
        assert_eq!(version(&tree), expected, "{auth}");
    }
    tree.write("docker/config.json", json!({ "credHelpers": { &at: "contoso" } }).to_string());
    let helper = tree.0.join("bin/docker-credential-contoso");
    tree.write(
        "bin/docker-credential-contoso",
        format!("#!/bin/sh\nread server\ntest \"$1 $server\" = \"get {at}\" || exit 1\necho '{{\"Username\":\"anna\",\"Secret\":\"s3cret\"}}'\n"),
    );
    executable(&helper);
    let with_helper = |args: &[&str]| {
        let path = format!("{}:{}", tree.0.join("bin").display(), std::env::var("PATH").unwrap());
        command(&tree, args).env("PATH", path).output().unwrap()
    };
    assert_eq!(rows(&with_helper(&["images", "--online", "--format", "json"]))[0].2, json!("10.0.20348.2700"));
    let _ = fs::remove_file(tree.0.join("hostfit.lock"));
    let missing = text(&run(&tree, &["images", "--online"]).stderr);
    assert!(missing.contains("wants a login") && missing.contains("credential helper"), "{missing}");
    assert!(!missing.contains("s3cret"), "{missing}");
}

#[cfg(unix)]
fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn executable(_: &Path) {}

#[test]
#[ignore = "needs docker-registry: `cargo xtask registry`"]
fn a_certificate_of_ones_own_is_trusted_where_the_configuration_says_so() {
    let open = Registry::start("tls", &[]);
    open.push("team/web", "7", &windows("10.0.20348.2700"));
    open.push("hub/library/contoso", "1", &windows("10.0.17763.6414"));
    let folder = open.folder.clone();
    openssl(&folder, "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=contoso-ca");
    openssl(&folder, "req -newkey rsa:2048 -nodes -keyout tls.key -out tls.csr -subj /CN=localhost");
    fs::write(folder.join("ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n").unwrap();
    openssl(
        &folder,
        "x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tls.pem -days 2 -extfile ext",
    );
    let (cert, key) = (folder.join("tls.pem"), folder.join("tls.key"));
    let registry = Registry::start_again(
        open,
        &[("REGISTRY_HTTP_TLS_CERTIFICATE", cert.to_str().unwrap()), ("REGISTRY_HTTP_TLS_KEY", key.to_str().unwrap())],
    );
    let at = registry.authority.clone();
    let tree = Tree::new("tls")
        .with(
            "pod.yaml",
            pod("web", &format!("{at}/team/web:7"), "10.0.20348") + &pod("hub", "contoso:1", "10.0.17763"),
        )
        .with("corp.pem", fs::read(folder.join("ca.pem")).unwrap());
    let online = |config: &str| {
        tree.write("hostfit.toml", config);
        let _ = fs::remove_file(tree.0.join("hostfit.lock"));
        let output = run(&tree, &["images", "--online", "--format", "json"]);
        let stderr = text(&output.stderr);
        let rows = if output.status.success() { rows(&output) } else { Vec::new() };
        rows.into_iter().map(|row| row.2).chain([json!(stderr)]).collect::<Vec<_>>()
    };
    let mirror = format!("[registry.\"docker.io\"]\nmirror = \"{at}/hub\"\n");

    let plain = online(&mirror);
    assert_eq!(plain[..2], [Value::Null, Value::Null]);
    assert!(plain[2].as_str().unwrap().contains("plain-http = false"), "{plain:?}");
    let strangers = online(&format!("{mirror}[registry.\"{at}\"]\nplain-http = false\n"));
    assert_eq!(strangers[..2], [Value::Null, Value::Null]);
    assert!(strangers[2].as_str().unwrap().contains(&format!("there is no safe connection to {at}")), "{strangers:?}");
    assert!(strangers[2].as_str().unwrap().contains(&format!("[registry.\"{at}\"]")), "{strangers:?}");
    let trusted = online(&format!("{mirror}[registry.\"{at}\"]\nca = \"corp.pem\"\n"));
    assert_eq!(trusted[..2], [json!("10.0.20348.2700"), json!("10.0.17763.6414")], "{trusted:?}");
    // Who is logged in asks with the certificates of the system and their own, not with those of the repository.
    let config = format!("{mirror}[registry.\"{at}\"]\nca = \"corp.pem\"\n");
    tree.write("docker/config.json", json!({ "auths": { &at: { "auth": "YW5uYTpzM2NyZXQ=" } } }).to_string());
    let logged_in = online(&config);
    assert_eq!(logged_in[..2], [Value::Null, json!("10.0.17763.6414")], "{logged_in:?}");
    let own = |rest: &str| tree.write("user/hostfit/config.toml", format!("[registry.\"{at}\"]\n{rest}"));
    own("plain-http = false\n");
    let distrusted = online(&config);
    assert_eq!(distrusted[..2], [Value::Null, Value::Null], "{distrusted:?}");
    assert!(distrusted[2].as_str().unwrap().contains("or of your own config.toml"), "{distrusted:?}");
    own("ca = \"../../corp.pem\"\n");
    let trusted = online(&config);
    assert_eq!(trusted[..2], [json!("10.0.20348.2700"), json!("10.0.17763.6414")], "{trusted:?}");
    let missing = online(&format!("[registry.\"{at}\"]\nca = \"none.pem\"\n"));
    assert!(missing[0].as_str().unwrap().contains("hostfit.toml:2"), "{missing:?}");
}

/// The lines of `strace` that open a socket of the Internet or connect one.
fn traced(tree: &Tree, args: &[&str], input: &str) -> Vec<String> {
    let log = tree.0.join("strace.log");
    let _ = fs::remove_file(&log);
    let mut command = std::process::Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=network", "-o"]).arg(&log).arg(env!("CARGO_BIN_EXE_hostfit")).args(args);
    command.current_dir(&tree.0).env("DOCKER_CONFIG", tree.0.join("docker"));
    common::piped(&mut command, input.as_bytes());
    let log = fs::read_to_string(log).expect("strace wrote what it saw");
    log.lines().filter(|line| line.contains("AF_INET") || line.contains("connect(")).map(str::to_owned).collect()
}

#[test]
#[ignore = "needs docker-registry and strace: `cargo xtask registry`"]
fn no_socket_is_opened_without_online_and_none_but_loopback_with_it() {
    let registry = Registry::start("sockets", &[]);
    let at = &registry.authority;
    registry.push("team/web", "7", &windows("10.0.20348.2700"));
    let tree = Tree::new("sockets")
        .with("hostfit.toml", format!("{FLEET}\n[registry.\"docker.io\"]\nmirror = \"{at}/hub\"\n"))
        .with(
            "pod.yaml",
            pod("web", &format!("{at}/team/web:7"), "10.0.20348") + &pod("go", "golang:1.27", "10.0.20348"),
        );
    // With `--online` something is seen: so it would be without.
    let online = traced(&tree, &["images", "--online"], "");
    assert!(online.iter().any(|line| line.contains("connect(") && line.contains("127.0.0.1")), "{online:#?}");
    let elsewhere =
        online.iter().filter(|line| line.contains("connect(") && !line.contains("inet_addr(\"127.0.0.1\")"));
    assert_eq!(elsewhere.collect::<Vec<_>>(), [""; 0]);
    assert!(tree.read("hostfit.lock").is_some());

    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{},"workspaceFolders":null,"rootUri":null}}"#;
    let session = [
        initialize,
        r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#,
        r#"{"jsonrpc":"2.0","method":"exit"}"#,
    ];
    let session = session.map(|message| format!("Content-Length: {}\r\n\r\n{message}", message.len())).concat();
    for args in [
        &["check"][..],
        &["check", "--format", "sarif"],
        &["fix", "--diff"],
        &["images"],
        &["images", "--format", "json"],
        &["init", "--stdout"],
        &["rules"],
        &["schema"],
        &["compat", "--host", "ltsc2022", "--image", "ltsc2019"],
        &["lsp"],
    ] {
        assert_eq!(traced(&tree, args, &session), [""; 0], "{args:?}");
    }
}
