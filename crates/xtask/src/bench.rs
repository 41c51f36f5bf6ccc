//! Times the whole program, from start to exit; `lsp` its language server.

mod client;
pub(crate) mod lsp;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::tree;

const RUNS: u32 = 9;

/// A file that lies in no tree.
const ALONE: &str = "Dockerfile";

/// Writes the tree and its fleet into `folder`, and gives the bytes of its files.
pub(crate) fn write_tree(folder: &Path) -> io::Result<usize> {
    let mut bytes = 0;
    for (path, text) in tree::files(&tree::FULL) {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        bytes += text.len();
        fs::write(path, text)?;
    }
    fs::write(folder.join("hostfit.toml"), tree::FLEET)?;
    Ok(bytes)
}

/// Builds the release program, runs it over the tree and prints speed and memory.
pub(crate) fn run() -> io::Result<()> {
    let program = build()?;
    let folder = std::env::temp_dir().join(format!("hostfit-bench-{}", std::process::id()));
    let measured = measure(&program, &folder);
    let cleaned = fs::remove_dir_all(&folder);
    measured.and(cleaned)
}

fn measure(program: &Path, folder: &Path) -> io::Result<()> {
    let bytes = write_tree(folder)?;
    let files = tree::FULL.dockerfiles + tree::FULL.compose + tree::FULL.kubernetes;
    let times = (0..RUNS).map(|_| time(program, folder, ".")).collect::<io::Result<Vec<_>>>()?;
    let best = report("tree", times);
    println!(
        "  {files} files, {}.{} MB: {:.0} files/s",
        bytes / 1_000_000,
        bytes / 100_000 % 10,
        f64::from(files) / best.as_secs_f64()
    );
    match peak_memory(program, folder) {
        Some(kilobytes) => println!("  peak memory {} MB", kilobytes.div_ceil(1000)),
        None => println!("  peak memory unknown: /usr/bin/time is not there"),
    }
    // Outside of the tree, so that there is nothing but the file to read.
    let one = folder.join("one");
    fs::create_dir_all(&one)?;
    fs::write(one.join(ALONE), "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN dir\n")?;
    let times = (0..RUNS * 3).map(|_| time(program, &one, ALONE)).collect::<io::Result<Vec<_>>>()?;
    report("one small file", times);
    Ok(())
}

fn build() -> io::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    println!("$ cargo build --release -p hostfit");
    if !Command::new(cargo).args(["build", "--release", "-p", "hostfit"]).status()?.success() {
        return Err(io::Error::other("the program does not build"));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    target.join("release").join(format!("hostfit{}", std::env::consts::EXE_SUFFIX)).canonicalize()
}

fn check(program: &Path, folder: &Path, path: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["check", "-q", "--as-of", "2026-11-21", "--format", "json", path]).current_dir(folder);
    // A file by itself is read alone; all else is read for what it means.
    command.args((path == ALONE).then_some("--no-context")).stdout(Stdio::null());
    command
}

fn time(program: &Path, folder: &Path, path: &str) -> io::Result<Duration> {
    let start = Instant::now();
    let status = check(program, folder, path).status()?;
    let spent = start.elapsed();
    match status.code() {
        Some(0 | 1) => Ok(spent),
        _ => Err(io::Error::other(format!("hostfit check ended with {status}"))),
    }
}

/// Prints the best and the middle of `times`, and gives the best.
fn report(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let best = times.first().copied().unwrap_or_default();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    println!("{what}: best {:.1} ms, median {:.1} ms of {}", millis(best), millis(middle), times.len());
    best
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// In kilobytes, as GNU time reports it; the standard library does not tell.
fn peak_memory(program: &Path, folder: &Path) -> Option<u64> {
    let plain = check(program, folder, ".");
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M"]).arg(program).args(plain.get_args()).current_dir(folder).stdout(Stdio::null());
    let output = timed.stderr(Stdio::piped()).output().ok()?;
    String::from_utf8_lossy(&output.stderr).lines().last()?.trim().parse().ok()
}
