//! What `hostfit.toml` and other files name.

use super::*;

fn with_target(name: &str, fleet: &str) -> Tree {
    Tree::new(name)
        .with("Dockerfile", FINDING)
        .with("hostfit.toml", format!("[[target]]\npaths = [\"deploy/**\"]\nfleet = {fleet:?}\n"))
}

#[test]
fn a_fleet_is_a_file_of_the_repository() {
    let outside =
        Tree::new("named-outside").with("fleet.toml", "secret = 1\n[[host]]\nname = \"h\"\nos = \"ltsc2022\"\n");
    let absolute = outside.0.join("fleet.toml").display().to_string();
    for (fleet, why) in [
        ("/etc/passwd", "`/etc/passwd` is absolute: it has to be a file of this repository"),
        ("/proc/self/fd/1", "is absolute"),
        ("/dev/stdin", "is absolute"),
        (r"\\host\share\fleet.toml", "is absolute"),
        ("C:/fleet.toml", "names a drive"),
        (absolute.as_str(), "is absolute"),
        ("../named-outside/fleet.toml", "it is outside of the repository"),
        ("linked.toml", "it is outside of the repository"),
        ("linked/fleet.toml", "it is outside of the repository"),
        ("pipe.toml", "it is not a regular file"),
        ("folder.toml", "it is not a regular file"),
        ("none.toml", "there is no such file"),
    ] {
        let tree = with_target("named-fleet", fleet).with("folder.toml/x", "");
        link(&tree, outside.0.join("fleet.toml"), "linked.toml");
        link(&tree, &outside.0, "linked");
        fifo(&tree, "pipe.toml");
        for command in ["check", "fix", "images", "matrix"] {
            let output = run(&tree, &[command]);
            let printed = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{fleet}: {printed}");
            assert!(printed.contains(why) && printed.contains("hostfit.toml:3:10"), "{fleet}: {printed}");
            assert!(!printed.contains("root:") && !printed.contains("secret"), "{fleet}: {printed}");
        }
    }
}

#[test]
fn a_fleet_elsewhere_in_the_repository_is_taken() {
    for fleet in ["shared/fleet.toml", "./shared/fleet.toml", "linked.toml", "sub/../shared/fleet.toml"] {
        let tree = with_target("named-inside", fleet)
            .with("shared/fleet.toml", "[[host]]\nname = \"h\"\nos = \"ltsc2022\"\n")
            .with("sub/x", "");
        link(&tree, "shared/fleet.toml", "linked.toml");
        assert_eq!(run(&tree, &["check", "-q"]).status.code(), Some(1), "{fleet}");
    }
    // The configuration of a part of it names a file of the whole; the command line may name any.
    let tree = Tree::new("named-part")
        .with("shared/fleet.toml", "[[host]]\nname = \"h\"\nos = \"ltsc2022\"\n")
        .with("part/Dockerfile", FINDING)
        .with("part/hostfit.toml", "[[target]]\npaths = [\"**\"]\nfleet = \"../shared/fleet.toml\"\n");
    let part = tree.0.join("part");
    assert_eq!(ends(&mut common::hostfit(&part, &["check", "-q"])).status.code(), Some(1));
    let outside = Tree::new("named-given").with("fleet.toml", "[[host]]\nname = \"h\"\nos = \"ltsc2022\"\n");
    let given = outside.0.join("fleet.toml").display().to_string();
    assert_eq!(run(&tree, &["check", "-q", "--fleet", &given]).status.code(), Some(1));
}

#[test]
fn certificates_are_a_file_of_the_repository() {
    for (ca, why) in [
        ("/etc/passwd", "is absolute"),
        ("pipe.pem", "it is not a regular file"),
        ("../../../../etc/passwd", "it is outside of the repository"),
    ] {
        let config = format!("[registry.\"registry.contoso.com\"]\nca = {ca:?}\n");
        let tree = Tree::new("named-ca").with("hostfit.toml", config);
        fifo(&tree, "pipe.pem");
        let output = run(&tree, &["images", "--online"]);
        let printed = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{ca}: {printed}");
        assert!(printed.contains(why) && printed.contains("hostfit.toml:2:7"), "{ca}: {printed}");
    }
}

#[test]
fn what_other_files_refer_to_is_read_inside_of_the_repository_only() {
    let outside =
        Tree::new("named-context").with("Dockerfile", FINDING).with("compose.yaml", "services: {a: {image: x}}");
    let at = outside.0.display();
    let tree = Tree::new("named-references").with("sub/compose.yaml", format!(
        "include: [\"{at}/compose.yaml\"]\nservices:\n  a: {{build: {at}}}\n  b: {{build: ../../named-context}}\n  c: {{build: \
         ../linked}}\n  d: {{build: {{context: ., dockerfile: pipe}}}}\n  e: {{build: //host/share}}\n  f: {{build: /dev/fd}}\n",
    ));
    link(&tree, &outside.0, "linked");
    fifo(&tree, "sub/pipe");
    for folder in [&tree.0, &tree.0.join("sub")] {
        let output = ends(&mut common::hostfit(folder, &["check", "--format", "json"]));
        let report = report(&output);
        assert_eq!(report["summary"]["files"], 1, "{report:#}");
        assert_eq!(report["findings"].as_array().unwrap().len(), 0, "{report:#}");
    }
}

/// `actions/checkout` writes the token of a job there.
#[test]
fn what_git_keeps_is_not_shown() {
    let secret = "[http]\n\textraheader = AUTHORIZATION: basic czNjcmV0\n[[host]]\nname = \"czNjcmV0\"\n";
    let tree = Tree::new("named-git").with("Dockerfile", FINDING).with(".git/config", secret);
    let is_kept = |args: &[&str]| {
        let output = run(&tree, args);
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert!(!shown.contains("czNjcmV0") && !shown.is_empty(), "{args:?}: {shown}");
        shown
    };
    for name in [".git/config", "./.git/config", "sub/../.git/config"] {
        tree.write("hostfit.toml", format!("[[target]]\nname = \"a\"\npaths = [\"**\"]\nfleet = \"{name}\"\n"));
        for args in [&["check"][..], &["fleet", "show"], &["matrix"]] {
            assert!(is_kept(args).contains("the path leads into `.git`"));
        }
        tree.write("hostfit.toml", format!("[images]\n\"x*\" = {{ dockerfile = \"{name}\" }}\n"));
        is_kept(&["check", "-v"]);
        let compose = format!(
            "services:\n  a: {{image: x, build: {{context: ., dockerfile: \"{name}\"}}, env_file: \"{name}\"}}\n  \
             b: {{extends: {{file: \"{name}\", service: c}}}}\ninclude: [\"{name}\"]\n"
        );
        tree.write("compose.yaml", compose);
        is_kept(&["check", "-v"]);
        is_kept(&["images"]);
    }
    for name in ["hostfit.toml", "hostfit.lock", "fleet.toml", "compose.yaml", ".env", "sub/Dockerfile"] {
        let _ = fs::remove_file(tree.0.join("hostfit.toml"));
        let _ = fs::remove_file(tree.0.join(name));
        fs::create_dir_all(tree.0.join("sub")).unwrap();
        link(&tree, tree.0.join(".git/config"), name);
        if name == "fleet.toml" {
            tree.write("hostfit.toml", "[[target]]\nname = \"a\"\npaths = [\"**\"]\nfleet = \"fleet.toml\"\n");
        }
        is_kept(&["check", "-v"]);
        fs::remove_file(tree.0.join(name)).unwrap();
    }
}
