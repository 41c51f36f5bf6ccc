//! What lies in the tree, and what lies above it.

use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn nothing_waits_for_a_pipe() {
    let tree = Tree::new("found-pipes").with("web/Dockerfile", FINDING);
    for path in ["hostfit.toml", "hostfit.lock", "Dockerfile", "compose.yaml", "deploy/app.yaml", ".env", ".gitignore"]
    {
        fifo(&tree, path);
    }
    for path in ["web/.gitignore", ".git/info/exclude", ".git/HEAD", ".git/config"] {
        fifo(&tree, path);
    }
    let output = run(&tree, &["check", "--format", "json"]);
    let report = report(&output);
    let expected = [".env", "Dockerfile", "compose.yaml", "hostfit.lock", "hostfit.toml"]
        .map(|it| (it.to_owned(), "not-a-file".to_owned()));
    assert_eq!(skipped(&report), expected);
    assert_eq!(report["summary"]["files"], 1);
    let printed = text(&output.stderr);
    assert!(printed.contains("warning: hostfit.toml is not read: it is not a regular file\n"), "{printed}");
    for args in [
        &["check", "--format", "sarif"][..],
        &["fix", "--diff"],
        &["images"],
        &["matrix"],
        &["fleet", "show"],
        &["plan", "--to", "ltsc2025"],
        &["render"],
        &["init", "--stdout"],
        &["diagnose", "web/Dockerfile"],
    ] {
        run(&tree, args);
    }
}

#[test]
fn a_configuration_or_lock_file_is_no_link_out_of_the_repository() {
    let outside = Tree::new("found-outside")
        .with("hostfit.toml", "[check]\nignore = [\"unpublished-latest\"]\n")
        .with("hostfit.lock", "secret\n");
    let tree = Tree::new("found-links").with("Dockerfile", FINDING);
    link(&tree, outside.0.join("hostfit.toml"), "hostfit.toml");
    link(&tree, outside.0.join("hostfit.lock"), "hostfit.lock");
    let output = run(&tree, &["check", "--format", "json"]);
    let (report, printed) = (report(&output), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{printed}");
    let expected = ["hostfit.lock", "hostfit.toml"].map(|it| (it.to_owned(), "symlink".to_owned()));
    assert_eq!(skipped(&report), expected);
    assert!(printed.contains("warning: hostfit.toml is not read: it is outside of the repository\n"), "{printed}");
    assert!(printed.contains("hostfit.lock") && !printed.contains("secret"), "{printed}");
    // One that stays inside is a way to share it.
    let tree = Tree::new("found-inside")
        .with("Dockerfile", FINDING)
        .with("shared/hostfit.toml", "[check]\nignore = [\"unpublished-latest\"]\n");
    link(&tree, "shared/hostfit.toml", "hostfit.toml");
    assert_eq!(run(&tree, &["check"]).status.code(), Some(0));
}

#[test]
fn a_linked_gitignore_ignores_nothing() {
    let outside = Tree::new("found-ignore").with("all", "*\n");
    let tree = Tree::new("found-ignored").with("Dockerfile", FINDING).with("sub/Dockerfile", FINDING);
    link(&tree, outside.0.join("all"), ".gitignore");
    assert_eq!(report(&run(&tree, &["check", "--format", "json"]))["summary"]["files"], 2);
    fs::remove_file(tree.0.join(".gitignore")).unwrap();
    // As Git itself has it: the nearest says last, `info/exclude` says what no `.gitignore` does.
    tree.write(".gitignore", "sub/*\n!keep\n");
    tree.write(".git/info/exclude", "Dockerfile\nother\n");
    tree.write("sub/.gitignore", "\u{feff}!Dockerfile\n");
    tree.write("other/Dockerfile", FINDING);
    tree.write("keep", "FROM scratch\n");
    let report = report(&run(&tree, &["check", "--format", "json"]));
    assert_eq!(report["findings"][0]["path"], "sub/Dockerfile", "{report:#}");
}

/// A folder that no test marks as a repository.
fn unmarked(name: &str) -> Tree {
    let tree = Tree::new(name);
    fs::remove_dir(tree.0.join(".git")).unwrap();
    tree
}

const QUIET: &str = "[check]\nignore = [\"unpublished-latest\"]\n";

#[test]
fn a_folder_that_all_share_decides_about_nothing_in_it() {
    let tree = unmarked("found-shared").with("mine/project/Dockerfile", FINDING).with("hostfit.toml", QUIET);
    let project = tree.0.join("mine/project");
    let check = || ends(&mut common::hostfit(&project, &["check", "-v"]));
    let mode = |mode| fs::set_permissions(&tree.0, fs::Permissions::from_mode(mode)).unwrap();
    mode(0o755);
    let output = check();
    let printed = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(printed.contains("configuration: ../../hostfit.toml\n"), "{printed}");
    assert!(printed.contains("; configuration: ../../hostfit.toml\n"), "{printed}");
    // As `/tmp` is.
    mode(0o1777);
    let output = check();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("configuration"));
    tree.write(".git/HEAD", "");
    assert_eq!(check().status.code(), Some(1), "nor does a repository in it");
    // In it itself it is the user's own doing.
    assert_eq!(run(&tree, &["check", "-q"]).status.code(), Some(0));
}

#[test]
fn the_home_folder_decides_about_itself_alone_unless_it_is_a_repository() {
    let tree = unmarked("found-home").with("project/Dockerfile", FINDING).with("hostfit.toml", QUIET);
    let project = tree.0.join("project");
    let check = || ends(common::hostfit(&project, &["check"]).env("HOME", &tree.0));
    assert_eq!(check().status.code(), Some(1));
    tree.write(".git/HEAD", "");
    assert_eq!(check().status.code(), Some(0));
}

#[test]
fn a_folder_of_another_user_decides_about_nothing_in_it() {
    let tree = unmarked("found-owner").with("project/Dockerfile", FINDING).with("hostfit.toml", QUIET);
    let project = tree.0.join("project");
    // Only root gives folders away.
    if std::os::unix::fs::chown(&tree.0, Some(65534), None).is_err() {
        return;
    }
    assert_eq!(ends(&mut common::hostfit(&project, &["check"])).status.code(), Some(1));
    std::os::unix::fs::chown(&project, Some(65534), None).unwrap();
    assert_eq!(ends(&mut common::hostfit(&project, &["check"])).status.code(), Some(0));
}

#[test]
fn a_git_file_leads_nowhere_that_does_not_know_of_it() {
    let victim = Tree::new("found-victim")
        .with(".git/HEAD", "ref: refs/heads/private\n")
        .with(".git/config", "[remote \"origin\"]\nurl = https://contoso.com/private\n")
        .with(".git/info/exclude", "*\n");
    let tree = unmarked("found-git").with("Dockerfile", FINDING);
    for git in ["gitdir: ../found-victim/.git\n".to_owned(), format!("gitdir: {}/.git\n", victim.0.display())] {
        tree.write(".git", git);
        let sarif = text(&run(&tree, &["check", "--format", "sarif"]).stdout);
        assert!(sarif.contains("unpublished-latest") && !sarif.contains("com/private"), "{sarif}");
    }
    // Its own words for what leads there do not help.
    tree.write("fake/gitdir", tree.0.join(".git").display().to_string());
    tree.write("fake/commondir", victim.0.join(".git").display().to_string());
    tree.write(".git", "gitdir: fake\n");
    let sarif = text(&run(&tree, &["check", "--format", "sarif"]).stdout);
    assert!(sarif.contains("unpublished-latest") && !sarif.contains("com/private"), "{sarif}");
    // A worktree is known where it comes from.
    victim.write(".git/worktrees/w/gitdir", format!("{}\n", tree.0.join(".git").display()));
    victim.write(".git/worktrees/w/commondir", "../..\n");
    victim.write(".git/worktrees/w/HEAD", "ref: refs/heads/mine\n");
    victim.write(".git/info/exclude", "");
    tree.write(".git", format!("gitdir: {}/.git/worktrees/w\n", victim.0.display()));
    let sarif = text(&run(&tree, &["check", "--format", "sarif"]).stdout);
    assert!(sarif.contains("https://contoso.com/private") && sarif.contains("\"mine\""), "{sarif}");
}
