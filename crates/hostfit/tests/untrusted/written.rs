//! Where anything is written.

use std::{io::Write, time::Instant};

use super::*;

fn names(tree: &Tree, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(tree.0.join(folder)).unwrap();
    let mut names: Vec<_> = entries.map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

const NODE: &str =
    r#"{"kind": "Node", "metadata": {"name": "n"}, "status": {"nodeInfo": {"operatingSystem": "linux"}}}"#;

#[test]
fn no_command_writes_through_a_link() {
    let outside = Tree::new("written-outside").with("file", "mine\n").with("Dockerfile", FINDING);
    let commands: [&[&str]; 9] = [
        &["check", "--output", "json=link"],
        &["check", "--output", "json=folder/new"],
        &["check", "--write-baseline", "link"],
        &["check", "--write-baseline", "dangling"],
        &["matrix", "--output", "link"],
        &["matrix", "--output", "folder/new"],
        &["fleet", "import", "node.json", "--merge", "link"],
        &["lsp", "--log", "link"],
        &["fix", "Dockerfile.link"],
    ];
    for args in commands {
        let tree = Tree::new("written-links").with("Dockerfile", FINDING).with("node.json", NODE);
        link(&tree, outside.0.join("file"), "link");
        link(&tree, outside.0.join("none"), "dangling");
        link(&tree, &outside.0, "folder");
        link(&tree, outside.0.join("Dockerfile"), "Dockerfile.link");
        let output = run(&tree, args);
        // What a fix passes over is no failure.
        let expected = if args[0] == "fix" { Some(0) } else { Some(2) };
        assert_eq!(output.status.code(), expected, "{args:?}: {}", text(&output.stderr));
        assert_eq!(names(&outside, "."), [".git", "Dockerfile", "file"], "{args:?}");
        assert_eq!(outside.read("file").as_deref(), Some("mine\n"), "{args:?}");
        assert_eq!(outside.read("Dockerfile").as_deref(), Some(FINDING), "{args:?}");
        assert_eq!(names(&tree, ".").len(), 7, "{args:?}");
    }
}

#[cfg(feature = "registry")]
#[test]
fn the_lock_file_is_not_written_through_a_link() {
    let outside = Tree::new("written-locked").with("file", "mine\n");
    for (target, name) in [("file", "hostfit.lock"), ("none", "hostfit.lock")] {
        let tree = Tree::new("written-lock").with("Dockerfile", "FROM 127.0.0.1:1/web:7\n");
        link(&tree, outside.0.join(target), name);
        for args in [&["images", "--online"][..], &["images", "--online", "--lock", "hostfit.lock"]] {
            let output = run(&tree, args);
            let printed = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{printed}");
            assert!(
                printed.contains("`hostfit.lock` cannot be written: it is a link") || printed.contains("no lock file"),
                "{printed}"
            );
        }
        assert_eq!(names(&outside, "."), [".git", "file"]);
        assert_eq!(outside.read("file").as_deref(), Some("mine\n"));
    }
}

#[test]
fn a_fix_is_not_blocked_by_what_a_run_left_behind() {
    let tree = Tree::new("written-stale")
        .with("Dockerfile", FIXABLE)
        .with(".Dockerfile.1.hostfit", "as a process of the number 1 left it")
        .with(".hostfit-00000000000000aa.tmp", "FROM");
    let output = run(&tree, &["fix"]);
    assert!(text(&output.stdout).contains("fixed Dockerfile"), "{}", text(&output.stderr));
    assert_eq!(names(&tree, "."), [".Dockerfile.1.hostfit", ".git", "Dockerfile"]);
}

#[test]
fn a_fix_keeps_whose_file_it_is_and_all_its_names() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

    let tree = Tree::new("written-kept").with("a/Dockerfile", FIXABLE).with("b/Dockerfile", FIXABLE);
    fs::hard_link(tree.0.join("a/Dockerfile"), tree.0.join("a/second-name")).unwrap();
    let path = tree.0.join("b/Dockerfile");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    // Only root gives files away.
    let is_given = chown(&path, Some(65534), Some(65533)).is_ok();
    let output = run(&tree, &["fix"]);
    assert_eq!(text(&output.stdout), "fixed a/Dockerfile\nfixed b/Dockerfile\n", "{}", text(&output.stderr));
    assert_eq!(tree.read("a/second-name"), tree.read("a/Dockerfile"));
    assert_ne!(tree.read("a/second-name").as_deref(), Some(FIXABLE));
    let after = fs::metadata(&path).unwrap();
    assert_eq!(after.permissions().mode() & 0o7777, 0o664);
    if is_given {
        assert_eq!((after.uid(), after.gid()), (65534, 65533));
    }
}

/// Two programs at a time: a line that is added to a file while it is fixed is there afterwards, or the fix says that the file
/// was changed. What is added between the last look and the exchange, some microseconds, nobody can see.
#[test]
fn edits_made_while_files_are_fixed_are_noticed() {
    const FILES: usize = 80;
    let tree = Tree::new("written-edits");
    let path = |number: usize| format!("{number:02}/Dockerfile");
    for number in 0..FILES {
        tree.write(&path(number), FIXABLE);
    }
    let folder = tree.0.clone();
    let editor = thread::spawn(move || {
        let start = Instant::now();
        let has_changed = |number: usize| {
            let text = fs::read_to_string(folder.join(path(number))).unwrap_or_default();
            !text.starts_with(FIXABLE)
        };
        // When one file is fixed, the next one is about to be.
        for number in (1..FILES).step_by(2) {
            let patience = if number == 1 { Duration::from_secs(10) } else { Duration::from_millis(20) };
            let since = Instant::now();
            while !has_changed(number - 1) && since.elapsed() < patience && start.elapsed() < Duration::from_secs(15) {}
            let opened = fs::OpenOptions::new().append(true).open(folder.join(path(number)));
            opened.and_then(|mut file| file.write_all(b"# edit\n")).unwrap();
        }
    });
    run(&tree, &["fix", "-q"]);
    editor.join().unwrap();
    let is_lost = |number: &usize| !tree.read(&path(*number)).unwrap().contains("# edit");
    let lost = (1..FILES).step_by(2).filter(is_lost).count();
    assert!(lost <= 4, "{lost} of {} edits are lost", FILES / 2);
}
