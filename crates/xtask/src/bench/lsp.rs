//! Times the language server as an editor meets it: the release program, through its pipes.

use std::{fs, io, path::Path, time::Duration};

use serde_json::Value;

use super::{
    client::{Client, Document, Edit},
    measure::millis,
};
use crate::tree;

/// How many edits are timed of each kind of file.
const EDITS: usize = 600;

/// How many answers are timed of each kind.
const ANSWERS: usize = 300;

/// How often a server is started: of fewer starts the slowest would count, whatever held it up.
const STARTS: usize = 200;

/// How often the whole workspace is read.
const SCANS: usize = 7;

/// How many pods a manifest has of which each has two findings.
const PODS: usize = 278;

/// The Dockerfile of the workspace that is edited.
const TYPED: &str = "apps/app0003/Dockerfile";

/// Prints what the server of a program takes, with what it may take; without one, that of the release program, built
/// before.
pub(crate) fn run(program: Option<&Path>) -> io::Result<()> {
    let program = program.map_or_else(super::build, Path::canonicalize)?;
    let folder = std::env::temp_dir().join(format!("hostfit-bench-lsp-{}", std::process::id()));
    let measured = measure(&program, &folder);
    let cleaned = fs::remove_dir_all(&folder);
    measured.and(cleaned)
}

fn measure(program: &Path, folder: &Path) -> io::Result<()> {
    println!("{:58} {:>9} {:>9} {:>9}", "", "p50", "p99", "mark");
    let small = folder.join("small");
    write(&small, &[("Dockerfile", dockerfile())])?;
    let long = folder.join("long");
    write(&long, &[("deploy.yaml", manifest())])?;
    let faulty = folder.join("faulty");
    write(&faulty, &[("deploy.yaml", faulty_manifest())])?;
    let wide = folder.join("wide");
    super::write_tree(&wide)?;
    fs::write(wide.join(TYPED), dockerfile())?;

    starts(program, &small)?;
    one_file(program, &small, "Dockerfile", "Dockerfile of 100 lines", 1.0)?;
    one_file(program, &long, "deploy.yaml", "manifest of 5,000 lines", 2.0)?;
    many_findings(program, &faulty)?;
    workspace(program, &wide)
}

fn starts(program: &Path, folder: &Path) -> io::Result<()> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let (client, time) = Client::start(program, folder)?;
        times.push(time);
        client.end()?;
    }
    report("from the start to the answer of `initialize`", times, Some(5.0));
    Ok(())
}

fn one_file(program: &Path, folder: &Path, path: &str, what: &str, mark: f64) -> io::Result<()> {
    let (mut client, _) = Client::start(program, folder)?;
    client.scan()?;
    let mut document = client.open(path)?;
    edits(&mut client, &mut document, &format!("{what}: edit to diagnostics"), Some(mark))?;
    answers(&mut client, &mut document, what)?;
    client.end()
}

/// A manifest in which much is found, all of which the server says when it is asked.
fn many_findings(program: &Path, folder: &Path) -> io::Result<()> {
    let (mut client, _) = Client::start(program, folder)?;
    client.scan()?;
    let mut document = client.open("deploy.yaml")?;
    let (mut times, mut found) = (Vec::new(), 0);
    for number in 0..ANSWERS {
        let edit = edit(&document, number);
        client.edit(&mut document, &edit)?;
        let (time, count) = client.diagnose(&document)?;
        times.push(time);
        found = found.max(count);
    }
    if found < PODS * 2 {
        return Err(io::Error::other(format!("only {found} findings in {PODS} pods")));
    }
    report(&format!("manifest of 5,000 lines, {found} findings: all of them"), times, Some(8.0));
    client.end()
}

/// 2,000 files.
fn workspace(program: &Path, folder: &Path) -> io::Result<()> {
    let mut times = Vec::new();
    let (mut at_rest, mut memory, mut most_memory) = (None, None, None);
    for number in 1..=SCANS {
        let (mut client, _) = Client::start(program, folder)?;
        times.push(client.scan()?);
        if number == SCANS {
            at_rest = client.memory("VmRSS:");
            for (path, what) in [(TYPED, "Dockerfile"), ("deploy/area00/app000.yaml", "manifest")] {
                let mut document = client.open(path)?;
                edits(&mut client, &mut document, &format!("2,000 files: edit of a {what} to diagnostics"), Some(5.0))?;
                answers(&mut client, &mut document, &format!("2,000 files, {what}"))?;
                memory = memory.or_else(|| client.memory("VmHWM:"));
                edits_while_reading(&mut client, &mut document, what)?;
            }
            most_memory = client.memory("VmHWM:");
        }
        client.end()?;
    }
    report("2,000 files: first reading until all is published", times, Some(500.0));
    report_memory("2,000 files: memory at rest", at_rest, Some(60));
    report_memory("2,000 files: peak memory", memory, None);
    report_memory("2,000 files: the same when all was read again meanwhile", most_memory, None);
    Ok(())
}

fn report_memory(what: &str, kilobytes: Option<u64>, mark: Option<u64>) {
    let Some(megabytes) = kilobytes.map(|it| it.div_ceil(1000)) else {
        println!("{what} unknown: there is no /proc");
        return;
    };
    let limit = mark.map_or_else(String::new, |mark| format!("{mark}M {}", word(megabytes <= mark)));
    println!("{what:58} {:>9} {megabytes:>8}M {limit:>13}", "");
}

fn edits(client: &mut Client, document: &mut Document, what: &str, mark: Option<f64>) -> io::Result<()> {
    let (mut times, mut changed) = (Vec::new(), 0);
    for number in 0..EDITS {
        let edit = edit(document, number);
        let (time, is_other) = client.edit(document, &edit)?;
        times.push(time);
        changed += usize::from(is_other);
    }
    if changed < EDITS / 10 {
        return Err(io::Error::other(format!("{what}: only {changed} edits changed what is found")));
    }
    report(what, times, mark);
    Ok(())
}

/// Types while all files are read again, as after another branch was checked out.
fn edits_while_reading(client: &mut Client, document: &mut Document, what: &str) -> io::Result<()> {
    let mut times = Vec::new();
    for number in 0..EDITS / 5 {
        if number % 20 == 0 {
            client.read_again()?;
        }
        let edit = edit(document, number);
        times.push(client.edit(document, &edit)?.0);
    }
    // The rows after this one are of a server at rest.
    client.await_reading()?;
    report(&format!("2,000 files, {what}: the same while all are read again"), times, None);
    Ok(())
}

/// Hover and completion at image references and elsewhere, each after an edit that was judged.
fn answers(client: &mut Client, document: &mut Document, what: &str) -> io::Result<()> {
    for (method, name) in [("textDocument/hover", "hover"), ("textDocument/completion", "completion")] {
        let (mut times, mut answered) = (Vec::new(), 0);
        for number in 0..ANSWERS {
            let edit = edit(document, number);
            client.edit(document, &edit)?;
            let at_image = number % 2 == 0;
            let line = if at_image { image_line(document, number) } else { number * 7919 % document.lines().len() };
            let text = document.lines().get(line).map(String::as_str).unwrap_or_default();
            let character = if at_image { text.trim_end().len() } else { text.len() / 2 };
            let (time, answer) = client.ask_at(method, document, line, character)?;
            times.push(time);
            answered += usize::from(!is_nothing(&answer));
        }
        if answered < ANSWERS / 10 {
            return Err(io::Error::other(format!("{what}: {name} had only {answered} answers")));
        }
        report(&format!("{what}: {name}"), times, Some(2.0));
    }
    Ok(())
}

fn is_nothing(answer: &Value) -> bool {
    let list = answer.get("items").unwrap_or(answer);
    answer.is_null() || list.as_array().is_some_and(Vec::is_empty)
}

/// One of four edits that follow each other: a tag becomes one that is not there, and again what it was; a letter is
/// typed, and taken away.
fn edit(document: &Document, number: usize) -> Edit {
    const DEAD: &str = "ltsc9999";
    let round = number / 4;
    let image = image_line(document, round);
    let text = |line: usize| document.lines().get(line).map(String::as_str).unwrap_or_default();
    match number % 4 {
        0 => {
            let end = text(image).len();
            Edit { line: image, from: end, to: end, text: DEAD.to_owned() }
        }
        1 => {
            let end = text(image).len();
            Edit { line: image, from: end - DEAD.len(), to: end, text: String::new() }
        }
        2 => {
            let line = typed_line(document, round);
            let end = text(line).len();
            Edit { line, from: end, to: end, text: "x".to_owned() }
        }
        _ => {
            let line = typed_line(document, round);
            let end = text(line).len();
            Edit { line, from: end - 1, to: end, text: String::new() }
        }
    }
}

/// A line that ends with the tag of a base image, another one for every number.
fn image_line(document: &Document, number: usize) -> usize {
    const STARTS: [&str; 2] = ["image: mcr.microsoft.com/windows/", "FROM mcr.microsoft.com/windows/"];
    nth(document, number, |line| STARTS.iter().any(|start| line.trim_start().starts_with(start)))
}

/// A line in which a letter more changes nothing that is judged.
fn typed_line(document: &Document, number: usize) -> usize {
    nth(document, number, |line| line.trim_start().starts_with("name: ") || line.trim_start().starts_with("# "))
}

fn nth(document: &Document, number: usize, is_meant: impl Fn(&str) -> bool) -> usize {
    let lines = document.lines().iter().enumerate().filter(|(_, line)| is_meant(line));
    let lines: Vec<_> = lines.map(|(place, _)| place).collect();
    lines.get(number * 31 % lines.len().max(1)).copied().unwrap_or_default()
}

fn write(folder: &Path, files: &[(&str, String)]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("hostfit.toml"), tree::FLEET)?;
    files.iter().try_for_each(|(path, text)| fs::write(folder.join(path), text))
}

/// Some files of the tree one behind the other, so many lines of them.
fn text(size: &tree::Size, lines: usize) -> String {
    let all: String = tree::files(size).into_iter().map(|(_, text)| text).collect();
    all.lines().take(lines).fold(String::new(), |text, line| text + line + "\n")
}

fn dockerfile() -> String {
    let first = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n";
    first.to_owned() + &text(&tree::Size { dockerfiles: 20, compose: 0, kubernetes: 0 }, 99)
}

fn manifest() -> String {
    text(&tree::Size { dockerfiles: 0, compose: 0, kubernetes: 300 }, 5000)
}

/// Pods in 5,000 lines, in each of which two things are missing: what keeps it off Linux nodes, and off those of another
/// build.
fn faulty_manifest() -> String {
    let pod = |number: usize| {
        let image = if number.is_multiple_of(3) { "servercore:ltsc2019" } else { "nanoserver:ltsc2022" };
        format!(
            "---
apiVersion: v1
kind: Pod
metadata:
  name: web{number}
  labels:
    app: web{number}
spec:
  containers:
  - name: web
    image: mcr.microsoft.com/windows/{image}
    env:
    - name: MODE
      value: release
    ports:
    - containerPort: 80
    resources:
      limits: {{ cpu: \"1\", memory: 512Mi }}
"
        )
    };
    (0..PODS).map(pod).collect()
}

/// Prints the middle of `times` and the one that all but a hundredth stay below, and in milliseconds what it may be.
fn report(what: &str, mut times: Vec<Duration>, mark: Option<f64>) {
    times.sort_unstable();
    let at = |percent: usize| {
        let place = (times.len() * percent).div_ceil(100).saturating_sub(1);
        times.get(place).copied().map(millis).unwrap_or_default()
    };
    let (middle, most) = (at(50), at(99));
    let (limit, met) = match mark {
        Some(mark) => (format!("{mark:.1}"), word(most <= mark)),
        None => (String::new(), ""),
    };
    println!("{what:58} {middle:>9.2} {most:>9.2} {limit:>9} {met}");
}

fn word(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}
