//! `hostfit completions`: the shells that are there make of them what people type.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "what a test cannot set up, it may panic about; what it could not test, it says"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn hostfit(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hostfit")).args(args).output().expect("run")
}

fn script(shell: &str) -> String {
    let output = hostfit(&["completions", shell]);
    assert!(output.status.success(), "{shell}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The script of a shell as a file.
fn file(shell: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostfit.{shell}"));
    fs::write(&path, script(shell)).expect("written");
    path
}

/// What a shell prints; none where it is not installed.
fn shell(name: &str, args: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(name).args(args).env("HOME", env!("CARGO_TARGET_TMPDIR")).output() else {
        println!("not tested: there is no {name} here");
        return None;
    };
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

fn rules() -> BTreeSet<String> {
    let listed: serde_json::Value =
        serde_json::from_slice(&hostfit(&["rules", "--format", "json"]).stdout).expect("JSON");
    let rules = listed.as_array().expect("a list").iter();
    rules.map(|rule| rule.get("id").and_then(serde_json::Value::as_str).expect("an id").to_owned()).collect()
}

/// What is typed, and what has to be among the completions. A `*` at the end is every rule.
const TYPED: [(&[&str], &[&str]); 11] = [
    (&[""], &["check", "fix", "explain", "init", "completions", "schema"]),
    (&["com"], &["compat", "completions"]),
    (&["check", "--"], &["--config", "--select", "--ignore", "--fail-on", "--as-of", "--format"]),
    (&["check", "--fail-on", ""], &["error", "warning", "info", "never"]),
    (&["check", "--select", ""], &["*"]),
    (&["fix", "--ignore", ""], &["*"]),
    (&["explain", ""], &["*"]),
    (&["check", "--select", "unknown-tag,"], &["unknown-tag,*"]),
    (&["fix", "--ignore", "unknown-tag,retired-tag,syn"], &["unknown-tag,retired-tag,syntax-error"]),
    (&["check", "--output", ""], &["sarif=", "junit="]),
    (&["check", "-o", "gi"], &["github=", "gitlab="]),
];

/// Asserts that these words are offered, and nothing that does not begin as it is typed.
fn assert_offered(shell: &str, typed: &[&str], expected: &[&str], offered: &BTreeSet<String>) {
    let expected: BTreeSet<_> = match expected {
        [one] if one.ends_with('*') => {
            rules().iter().map(|rule| format!("{}{rule}", one.trim_end_matches('*'))).collect()
        }
        words => words.iter().map(|&word| word.to_owned()).collect(),
    };
    let missing: Vec<_> = expected.difference(offered).collect();
    assert!(missing.is_empty(), "{shell}: `hostfit {}` lacks {missing:?} in {offered:?}", typed.join(" "));
    let begun = typed.last().copied().unwrap_or_default();
    assert!(offered.iter().all(|word| word.starts_with(begun)), "{shell}: {typed:?} gives {offered:?}");
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_options_and_rules() {
    let file = file("bash");
    for (typed, expected) in TYPED {
        let words = typed.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        let last = typed.last().copied().unwrap_or_default();
        let before = typed.iter().rev().nth(1).copied().unwrap_or("hostfit");
        let code = format!(
            "source '{}'; COMP_WORDS=(hostfit {words}); COMP_CWORD={}; \
             $(complete -p hostfit | grep -o -- '-F [^ ]*' | cut -c4-) hostfit '{last}' '{before}'; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            file.display(),
            typed.len()
        );
        // `complete -p` runs in a shell of its own, the function in this one.
        let code = code
            .replace("$(complete", "function=$(complete")
            .replace("cut -c4-) hostfit", "cut -c4-); $function hostfit");
        let Some(printed) = shell("bash", &["--norc", "-c", &code]) else { return };
        let offered = printed.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        assert_offered("bash", typed, expected, &offered);
    }
}

#[test]
fn fish_completes_commands_options_and_rules() {
    let file = file("fish");
    for (typed, expected) in TYPED {
        let code = format!("source '{}'; complete -C 'hostfit {}'", file.display(), typed.join(" "));
        let Some(printed) = shell("fish", &["--no-config", "-c", &code]) else { return };
        let offered = printed.lines().filter_map(|line| line.split('\t').next()).map(str::to_owned);
        let begun = typed.last().copied().unwrap_or_default();
        // Where a word is complete, fish offers files too.
        assert_offered("fish", typed, expected, &offered.filter(|word| word.starts_with(begun)).collect());
    }
}

#[test]
fn zsh_can_read_its_script() {
    shell("zsh", &["-f", "-n", &file("zsh").display().to_string()]);
}

/// Of elvish and PowerShell nothing but the script is looked at: neither completes without a terminal of its own.
#[test]
fn every_script_knows_every_command_and_rule() {
    for name in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = script(name);
        for command in
            ["check", "fix", "rules", "explain", "compat", "images", "merge", "init", "completions", "schema", "lsp"]
        {
            assert!(script.contains(command), "{name} does not know {command}");
        }
        // clap's scripts for these two offer no values.
        for rule in rules().iter().filter(|_| !matches!(name, "elvish" | "powershell")) {
            assert!(script.contains(rule.as_str()), "{name} does not know {rule}");
        }
    }
    assert!(script("powershell").contains("Register-ArgumentCompleter -Native -CommandName 'hostfit'"));
}

#[test]
fn an_unknown_shell_is_an_error() {
    let output = hostfit(&["completions", "cmd"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("possible values: bash"));
}
