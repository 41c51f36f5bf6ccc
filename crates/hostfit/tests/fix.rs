//! `hostfit fix` on small trees: what is written, what git makes of the diff, and how it ends.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what a test cannot set up, it may panic about; clippy sees tests only in `#[test]`"
)]

use std::{
    fs,
    process::{Command, Output},
};

use common::{Tree, piped, text};

mod common;

/// A git repository of one test, empty at its start.
fn repository(name: &str) -> Tree {
    let tree = Tree::new(name);
    assert!(tree.git(&["init", "-q"], b"").status.success());
    tree
}

impl Tree {
    fn git(&self, args: &[&str], input: &[u8]) -> Output {
        let mut git = Command::new("git");
        git.args(args).current_dir(&self.0).env("GIT_CONFIG_GLOBAL", "/dev/null");
        piped(&mut git, input)
    }

    fn fix(&self, args: &[&str], input: &[u8]) -> Output {
        self.stdin(&[&["fix", "--as-of", "2026-11-21"], args].concat(), input)
    }
}

fn wide(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

const DEAD: &str = "FROM microsoft/windowsservercore:ltsc2016\nRUN x\n";
const ALIVE: &str = "FROM mcr.microsoft.com/windows/servercore:ltsc2016\nRUN x\n";

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:   # of the pod\n    # what runs\n    containers:\n    - \
                   name: web\n      image: mcr.microsoft.com/windows/servercore:ltsc2022  # Windows\n";
const PINNED: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:   # of the pod\n    nodeSelector:\n        \
                      kubernetes.io/os: windows\n    # what runs\n    containers:\n    - name: web\n      image: \
                      mcr.microsoft.com/windows/servercore:ltsc2022  # Windows\n";

#[test]
fn what_an_override_silences_is_not_fixed() {
    let tree = repository("override")
        .with("hostfit.toml", "[[override]]\npaths = [\"legacy\"]\nignore = [\"retired-repository\"]\n")
        .with("Dockerfile", DEAD)
        .with("legacy/Dockerfile", DEAD);
    assert_eq!(text(&tree.fix(&[], b"").stdout), "fixed Dockerfile\n");
    assert_eq!(text(&tree.bytes("legacy/Dockerfile")), DEAD);
}

#[test]
fn a_file_is_fixed_where_it_stands() {
    let tree = repository("in-place").with("web/Dockerfile", DEAD).with("pod.yaml", POD).with("Dockerfile", ALIVE);
    let output = tree.fix(&["--fail-on", "error"], b"");
    assert_eq!(text(&output.stdout), "fixed pod.yaml\nfixed web/Dockerfile\n", "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&tree.bytes("web/Dockerfile")), ALIVE);
    assert_eq!(text(&tree.bytes("pod.yaml")), PINNED);
    assert_eq!(tree.names(), ["Dockerfile", "pod.yaml", "web"]);
    let again = tree.fix(&[], b"");
    assert_eq!(text(&again.stdout), "");
}

#[test]
fn line_ends_byte_order_marks_and_encodings_stay() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let tree = repository("encodings")
        .with("crlf.yaml", crlf(POD))
        .with("bom.yaml", format!("\u{feff}{POD}"))
        .with("utf16.yaml", wide(&crlf(POD)))
        .with("Dockerfile", b"# caf\xe9\r\nFROM microsoft/windowsservercore:ltsc2016\r\n# \xff");
    tree.fix(&[], b"");
    assert_eq!(text(&tree.bytes("crlf.yaml")), crlf(PINNED));
    assert_eq!(text(&tree.bytes("bom.yaml")), format!("\u{feff}{PINNED}"));
    assert_eq!(tree.bytes("utf16.yaml"), wide(&crlf(PINNED)));
    let fixed = b"# caf\xe9\r\nFROM mcr.microsoft.com/windows/servercore:ltsc2016\r\n# \xff";
    assert_eq!(tree.bytes("Dockerfile"), fixed);
}

#[test]
fn git_applies_the_diff() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let files: [(&str, Vec<u8>); 7] = [
        ("web/Dockerfile", DEAD.into()),
        ("no newline.Dockerfile", DEAD.trim_end().into()),
        ("é\"/Dockerfile", DEAD.into()),
        ("crlf.yaml", crlf(POD).into()),
        ("bom.yaml", format!("\u{feff}{POD}").into()),
        ("utf16.yaml", wide(&crlf(POD))),
        ("latin.Dockerfile", b"# caf\xe9\r\nFROM microsoft/windowsservercore:ltsc2016\rx\r\n".to_vec()),
    ];
    let tree = |name| files.iter().fold(repository(name), |tree, (path, bytes)| tree.with(path, bytes));
    let (by_diff, by_fix) = (tree("diff"), tree("diff-by-fix"));
    let diff = by_diff.fix(&["--diff"], b"");
    assert_eq!(diff.status.code(), Some(1), "{}", text(&diff.stderr));
    for (path, bytes) in &files {
        assert_eq!(&by_diff.bytes(path), bytes, "a diff writes nothing");
    }
    let check = by_diff.git(&["apply", "--check"], &diff.stdout);
    assert!(check.status.success(), "{}\n{}", text(&check.stderr), text(&diff.stdout));
    assert!(by_diff.git(&["apply"], &diff.stdout).status.success());
    by_fix.fix(&[], b"");
    for (path, _) in &files {
        assert_eq!(text(&by_diff.bytes(path)), text(&by_fix.bytes(path)), "{path}");
    }
    assert_eq!(by_diff.fix(&["--diff"], b"").stdout, b"");
}

#[test]
fn unsafe_fixes_are_asked_for() {
    let tree =
        repository("unsafe").with("Dockerfile", "ARG TAG=latest\nFROM mcr.microsoft.com/windows/servercore:${TAG}\n");
    let safe = tree.fix(&[], b"");
    assert_eq!(safe.status.code(), Some(1));
    assert!(text(&safe.stderr).contains("`--unsafe` fixes 1"), "{}", text(&safe.stderr));
    assert_eq!(tree.fix(&["--unsafe"], b"").status.code(), Some(0));
    let fixed = "ARG TAG=ltsc2025\nFROM mcr.microsoft.com/windows/servercore:${TAG}\n";
    assert_eq!(text(&tree.bytes("Dockerfile")), fixed);
}

#[test]
fn rules_can_be_chosen() {
    let tree = repository("chosen").with("Dockerfile", DEAD).with("pod.yaml", POD);
    tree.fix(&["--select", "missing-os-selector"], b"");
    assert_eq!((text(&tree.bytes("Dockerfile")), text(&tree.bytes("pod.yaml"))), (DEAD.into(), PINNED.into()));
    assert_eq!(tree.fix(&["--ignore", "no-such-rule"], b"").status.code(), Some(2));
}

#[test]
fn stdin_comes_out_fixed_or_as_it_is() {
    let tree = repository("stdin").with("hostfit.toml", "[check]\nexclude = [\"vendor/**\"]\n");
    let args = ["--stdin-filename", "web/Dockerfile", "-"];
    assert_eq!(text(&tree.fix(&args, DEAD.as_bytes()).stdout), ALIVE);
    assert_eq!(text(&tree.fix(&args, ALIVE.as_bytes()).stdout), ALIVE);
    assert_eq!(tree.fix(&["-"], b"\0\x01binary").stdout, b"\0\x01binary");
    let excluded = ["--force-exclude", "--stdin-filename", "vendor/Dockerfile", "-"];
    assert_eq!(text(&tree.fix(&excluded, DEAD.as_bytes()).stdout), DEAD);
}

#[test]
fn only_what_the_command_line_means_is_written() {
    let compose = "services:\n  web:\n    build: .\n    isolation: hyper-v\n";
    let tree = repository("meant").with("Dockerfile", DEAD).with("compose.yaml", compose);
    tree.fix(&["compose.yaml"], b"");
    assert_eq!(text(&tree.bytes("Dockerfile")), DEAD);
    assert_eq!(text(&tree.bytes("compose.yaml")), compose.replace("hyper-v", "hyperv"));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_stops_nothing_else() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let tree = repository("read-only").with("a/Dockerfile", DEAD).with("b/Dockerfile", DEAD).with("c/Dockerfile", DEAD);
    fs::set_permissions(tree.0.join("a/Dockerfile"), fs::Permissions::from_mode(0o444)).expect("set");
    fs::set_permissions(tree.0.join("c/Dockerfile"), fs::Permissions::from_mode(0o750)).expect("set");
    fs::rename(tree.0.join("b/Dockerfile"), tree.0.join("b/target.png")).expect("renamed");
    symlink("target.png", tree.0.join("b/Dockerfile")).expect("linked");
    let output = tree.fix(&[], b"");
    assert_eq!(output.status.code(), Some(2));
    let printed = text(&output.stderr);
    assert!(printed.contains("error: a/Dockerfile is read-only\n"), "{printed}");
    assert!(printed.contains("error: b/Dockerfile is a link: fix the file that it leads to\n"), "{printed}");
    assert_eq!(text(&tree.bytes("a/Dockerfile")), DEAD);
    assert_eq!(text(&tree.bytes("b/target.png")), DEAD);
    assert_eq!(text(&tree.bytes("c/Dockerfile")), ALIVE);
    let mode = fs::metadata(tree.0.join("c/Dockerfile")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o750);
}

#[test]
fn the_json_report_has_the_edits() {
    let tree = repository("json").with("utf16.yaml", wide(POD)).with("Dockerfile", DEAD);
    let output = tree.run(&["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    let fix = |rule: &str| {
        let finding = findings.iter().find(|it| it["rule"] == rule).expect("found");
        finding["fixes"][0].clone()
    };
    let dead = fix("retired-repository");
    assert_eq!(dead["applicability"], "safe");
    let edit = &dead["edits"][0];
    assert_eq!(
        (edit["path"].as_str(), edit["text"].as_str()),
        (Some("Dockerfile"), Some("mcr.microsoft.com/windows/servercore"))
    );
    assert_eq!((&edit["range"]["start"]["offset"], &edit["range"]["end"]["offset"]), (&5.into(), &32.into()));
    // Offsets are those of the file's bytes: two for each unit, and the byte order mark.
    let label = &fix("missing-os-selector")["edits"][0];
    let at = 2 + 2 * POD.find("\n    # what runs").expect("there");
    assert_eq!(label["range"]["start"]["offset"], at);
    assert_eq!(label["range"]["end"]["offset"], at);
}

/// In the second round texts are rendered again, between which the files of later charts stand.
#[test]
fn each_chart_is_fixed_in_its_own_files() {
    // Which build the image needs shows once its name is right.
    let pod = |name: &str, build: &str, image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  nodeSelector:\n    kubernetes.io/os: windows\n    \
             node.kubernetes.io/windows-build: \"{build}\"\n  containers:\n  - name: {name}\n    image: {image}\n"
        )
    };
    let host = |os: &str| format!("[[host]]\nname = \"win{os}\"\nos = \"{os}\"\norchestrator = \"kubernetes\"\n");
    let target = "[[target]]\nname = \"other\"\npaths = [\"charts/**\"]\nfleet = \"other.toml\"\n";
    let mut tree = Tree::new("charts")
        .with("hostfit.toml", host("ltsc2025") + target)
        .with("other.toml", host("ltsc2016") + &host("ltsc2019"));
    for name in ["one", "three", "two"] {
        tree = tree
            .with(&format!("charts/{name}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 0.1.0\n"))
            .with(
                &format!("charts/{name}/templates/web.yaml"),
                pod(name, "10.0.17763", "microsoft/windowsservercore:ltsc2016"),
            );
    }
    let output = tree.fix(&["--unsafe"], b"");
    for name in ["one", "three", "two"] {
        let fixed = fs::read_to_string(tree.0.join(format!("charts/{name}/templates/web.yaml"))).expect("read");
        assert_eq!(fixed, pod(name, "10.0.14393", "mcr.microsoft.com/windows/servercore:ltsc2016"));
    }
    let told = text(&output.stderr);
    assert!(told.starts_with("fixed 6 findings in 3 files"), "{told}");
}

/// Of two equal keys the last one counts, so that the other is found once that is right.
#[test]
fn what_comes_to_light_is_fixed_though_it_asks_for_the_same() {
    let pod = |key: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  nodeSelector:\n    {key}: a\n    {key}: a\n  \
             containers:\n  - name: web\n    image: mcr.microsoft.com/windows/servercore:ltsc2022\n"
        )
    };
    let tree = Tree::new("same-keys").with("web.yaml", pod("Contoso.com/disk"));
    tree.fix(&[], b"");
    assert_eq!(fs::read_to_string(tree.0.join("web.yaml")).expect("read"), pod("contoso.com/disk"));
}
