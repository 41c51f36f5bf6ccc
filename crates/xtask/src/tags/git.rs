//! A mirrored repository, read with few processes of git.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use hostfit_core::windows::Date;

pub(super) struct Mirror {
    /// `owner/name`.
    pub(super) name: String,
    dir: PathBuf,
}

/// A file as one commit of the main line left it.
#[derive(Debug)]
pub(super) struct Change {
    /// Days since 1970-01-01 of the commit, as its committer's calendar has it.
    pub(super) day: u32,
    /// The number of the commit in its history, the oldest first.
    pub(super) commit: usize,
    pub(super) path: String,
    /// None where it was deleted.
    pub(super) blob: Option<String>,
}

impl Mirror {
    pub(super) fn open(mirrors: &Path, name: &str) -> io::Result<Self> {
        let folder = mirrors.join(name.replacen('/', "+", 1));
        let missing = || io::Error::other(format!("{}: no git directory of {name} there", folder.display()));
        let mut candidates = vec![folder.clone()];
        let mut inside: Vec<_> = fs::read_dir(&folder)
            .map_err(|_| missing())?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_dir())
            .collect();
        inside.sort();
        candidates.extend(inside.iter().cloned());
        candidates.extend(inside.iter().map(|path| path.join(".git")));
        let is_git = |path: &PathBuf| path.join("HEAD").is_file() && path.join("objects").is_dir();
        let dir = candidates.into_iter().find(is_git).ok_or_else(missing)?;
        Ok(Self { name: name.to_owned(), dir })
    }

    fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.arg(format!("--git-dir={}", self.dir.display()));
        git
    }

    fn output(&self, arguments: &[&str], paths: &[&str]) -> io::Result<Vec<u8>> {
        let output = self.git().args(arguments).arg("--").args(paths).stderr(Stdio::inherit()).output()?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(io::Error::other(format!("{}: git failed", self.name)))
        }
    }

    /// The commit that was read.
    pub(super) fn head(&self) -> io::Result<String> {
        let output = self.output(&["log", "-1", "--format=%H %cs", "HEAD"], &[])?;
        Ok(String::from_utf8_lossy(&output).trim().to_owned())
    }

    /// What the commits of the main line changed in `paths`, oldest first: what was merged counts from the merge on.
    pub(super) fn changes(&self, paths: &[&str]) -> io::Result<Vec<Change>> {
        let log =
            ["log", "--first-parent", "-m", "--reverse", "--raw", "--no-abbrev", "--no-renames", "--format=C %cs"];
        let output = self.output(&log, paths)?;
        let mut changes = Vec::new();
        let (mut day, mut commit) = (0, 0);
        for line in String::from_utf8_lossy(&output).lines() {
            if let Some(date) = line.strip_prefix("C ") {
                day = days(date);
                commit += 1;
            } else if let Some((fields, path)) = line.split_once('\t') {
                let blob = fields.split(' ').nth(3).unwrap_or_default();
                let blob = blob.bytes().any(|byte| byte != b'0').then(|| blob.to_owned());
                changes.push(Change { day, commit, path: path.to_owned(), blob });
            }
        }
        Ok(changes)
    }

    /// The contents of all blobs that `changes` name.
    pub(super) fn blobs(&self, changes: &[Change]) -> io::Result<HashMap<String, String>> {
        let wanted: BTreeSet<_> = changes.iter().filter_map(|change| change.blob.clone()).collect();
        let mut child =
            self.git().args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("git has no pipes"));
        };
        let names = wanted.iter().cloned().collect::<Vec<_>>().join("\n") + "\n";
        let asking = thread::spawn(move || input.write_all(names.as_bytes()));
        let mut output = BufReader::new(output);
        let mut blobs = HashMap::new();
        for name in wanted {
            let mut head = String::new();
            output.read_line(&mut head)?;
            // A mirror may lack a blob; what was published by that commit is not known then.
            let Some(size) = head.trim_end().strip_prefix(&format!("{name} blob ")) else { continue };
            let mut bytes = vec![0; size.parse().map_err(io::Error::other)?];
            output.read_exact(&mut bytes)?;
            output.read_exact(&mut [0])?;
            blobs.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
        asking.join().map_err(|_| io::Error::other("git does not read"))??;
        child.wait()?;
        Ok(blobs)
    }

    /// The lines that commits of the main line added to `paths` and that match, each with its day, oldest first.
    pub(super) fn added_lines(&self, pattern: &str, paths: &[&str]) -> io::Result<Vec<(u32, String)>> {
        let pattern = format!("-G{pattern}");
        let log = [
            "log",
            "--first-parent",
            "-m",
            "--reverse",
            "-p",
            "-U0",
            "--no-renames",
            "--no-textconv",
            "--format=C %cs",
            &pattern,
        ];
        let output = self.output(&log, paths)?;
        let mut lines = Vec::new();
        let mut day = 0;
        for line in String::from_utf8_lossy(&output).lines() {
            if let Some(date) = line.strip_prefix("C ") {
                day = days(date);
            } else if let Some(line) = line.strip_prefix('+') {
                lines.push((day, line.to_owned()));
            }
        }
        Ok(lines)
    }
}

/// Days since 1970-01-01.
fn days(date: &str) -> u32 {
    let epoch = Date { year: 1970, month: 1, day: 1 };
    let days = Date::parse(date).map(|date| date.day_number() - epoch.day_number());
    days.and_then(|days| u32::try_from(days).ok()).unwrap_or_default()
}
