//! `hostfit.lock` as the commands read it; no test here asks a registry.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "what a test cannot set up, it may panic about")]

mod common;

use std::process::Output;

use common::Tree;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: web
    image: registry.contoso.com/web:7
  nodeSelector:
    kubernetes.io/os: windows
    node.kubernetes.io/windows-build: 10.0.17763
";

const LOCK: &str = r#"version = 1

[[image]]
image = "registry.contoso.com/web:7"
digest = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
media-type = "application/vnd.oci.image.index.v1+json"
date = 2026-11-20
platforms = [
    { os = "windows", architecture = "amd64", os-version = "10.0.20348.2700" },
]
"#;

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_lock_file_lies_beside_the_configuration_or_above() {
    for (name, files, folder) in [
        ("beside", &["hostfit.toml", "hostfit.lock"][..], "."),
        ("alone", &["hostfit.lock"], "."),
        ("above", &["hostfit.lock"], "deploy"),
        ("beside-above", &["hostfit.toml", "hostfit.lock"], "deploy"),
    ] {
        let tree = Tree::new(name).with("deploy/pod.yaml", POD);
        for file in files {
            tree.write(file, if file.ends_with("lock") { LOCK } else { "" });
        }
        let output = common::hostfit(&tree.0.join(folder), &["images"]).output().expect("run");
        let printed = stdout(&output);
        assert!(printed.contains("10.0.20348.2700 (ltsc2022)"), "{name}: {printed}{}", stderr(&output));
        let lock = if folder == "." { "hostfit.lock" } else { "../hostfit.lock" };
        assert!(
            printed.contains(&format!("the lock file at {lock}:4, from its registry on 2026-11-20")),
            "{name}: {printed}"
        );
        let checked = common::hostfit(&tree.0.join(folder), &["check"]).output().expect("run");
        assert_eq!(checked.status.code(), Some(1), "{name}: {}", stdout(&checked));
        assert!(stdout(&checked).contains("placement-image-mismatch"), "{name}: {}", stdout(&checked));
    }
    // One above the configuration is another's.
    let tree =
        Tree::new("other").with("hostfit.lock", LOCK).with("deploy/hostfit.toml", "").with("deploy/pod.yaml", POD);
    let printed = stdout(&common::hostfit(&tree.0.join("deploy"), &["images"]).output().expect("run"));
    assert!(printed.contains("not known: add it to [images], or ask its registry with --online"), "{printed}");
}

#[test]
fn a_lock_file_can_be_named() {
    let tree = Tree::new("named").with("pod.yaml", POD).with("ci/images.lock", LOCK);
    let printed = stdout(&tree.run(&["images", "--lock", "ci/images.lock"]));
    assert!(printed.contains("the lock file at ci/images.lock:4"), "{printed}");
    assert_eq!(tree.run(&["check", "--lock", "ci/images.lock"]).status.code(), Some(1));
    let missing = tree.run(&["check", "--lock", "none.lock"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("there is no lock file none.lock"), "{}", stderr(&missing));
}

#[test]
fn a_broken_lock_file_stops_the_run_and_says_where_and_what_to_do() {
    let tree = Tree::new("broken").with("pod.yaml", POD);
    for (text, line) in [
        (LOCK.replace("platforms = [", "<<<<<<< HEAD\nplatforms = ["), 8),
        (LOCK.replace("sha256:ba", "sha256:xx"), 5),
        (LOCK.replace("version = 1", "version = 9"), 1),
    ] {
        tree.write("hostfit.lock", &text);
        for command in ["check", "fix", "images"] {
            let output = tree.run(&[command]);
            assert_eq!(output.status.code(), Some(2), "{command}");
            let printed = stderr(&output);
            assert!(printed.contains(&format!("hostfit.lock:{line}")), "{command}: {printed}");
            assert!(printed.contains("hostfit images --online"), "{command}: {printed}");
        }
    }
}

#[test]
fn nothing_is_compared_without_asking() {
    let tree = Tree::new("offline").with("pod.yaml", POD).with("hostfit.lock", LOCK);
    let output = tree.run(&["images", "--check"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--online"), "{}", stderr(&output));
}

#[test]
fn a_lock_file_of_windows_is_the_same() {
    let tree =
        Tree::new("crlf").with("pod.yaml", POD).with("hostfit.lock", format!("\u{feff}{}", LOCK.replace('\n', "\r\n")));
    let printed = stdout(&tree.run(&["images"]));
    assert!(printed.contains("the lock file at hostfit.lock:4"), "{printed}");
}

#[cfg(feature = "registry")]
#[test]
fn a_registry_that_is_not_there_fails_nothing_and_loses_nothing() {
    // Port 1 of this machine: nobody listens there.
    let (pod, lock) =
        (POD.replace("registry.contoso.com", "127.0.0.1:1"), LOCK.replace("registry.contoso.com", "127.0.0.1:1"));
    let tree = Tree::new("refused").with("pod.yaml", pod).with("hostfit.lock", &lock);
    let output =
        tree.command(&["images", "--online", "--format", "json"]).env("DOCKER_CONFIG", &tree.0).output().expect("run");
    assert_eq!(output.status.code(), Some(0));
    let printed = stderr(&output);
    assert!(printed.contains("warning: 127.0.0.1:1/web:7 (pod.yaml:8): 127.0.0.1:1 cannot be reached"), "{printed}");
    assert!(printed.contains("1 of 1 image could not be asked for"), "{printed}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["images"][0]["version"], "10.0.20348.2700");
    assert_eq!(report["failed"][0]["places"][0], "pod.yaml:8");
    let block = |text: &str| text.split_once("[[image]]").map(|(_, block)| block.to_owned());
    assert_eq!(tree.read("hostfit.lock").as_deref().and_then(block), block(&lock));
    // Who cannot ask says nothing of what moved.
    let check = tree.command(&["images", "--online", "--check"]).env("DOCKER_CONFIG", &tree.0).output().expect("run");
    assert_eq!((check.status.code(), stdout(&check).as_str()), (Some(0), ""));
    assert!(stderr(&check).contains("cannot be reached"), "{}", stderr(&check));
}
