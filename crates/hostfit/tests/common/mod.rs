//! Small trees of files, and the program run in them.
#![allow(
    dead_code,
    clippy::expect_used,
    reason = "each test uses a part of it; what a test cannot set up, it may panic about"
)]

pub(crate) mod report;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// A folder of one test, empty at its start.
pub(crate) struct Tree(pub(crate) PathBuf);

impl Tree {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME")).join(name);
        let _ = fs::remove_dir_all(&path);
        // Keeps the program from looking for a configuration above.
        fs::create_dir_all(path.join(".git")).expect("created");
        Self(path)
    }

    /// A copy of a folder: where it lies in a repository, that is judged with it.
    pub(crate) fn copy_of(name: &str, folder: &Path) -> Self {
        let tree = Self::new(name);
        tree.copy(folder, "");
        tree
    }

    fn copy(&self, folder: &Path, to: &str) {
        for entry in fs::read_dir(folder).expect("read").map(|entry| entry.expect("read")) {
            let path = format!("{to}{}", entry.file_name().to_string_lossy());
            if entry.file_type().expect("known").is_dir() {
                self.copy(&entry.path(), &format!("{path}/"));
            } else {
                self.write(&path, fs::read(entry.path()).expect("read"));
            }
        }
    }

    pub(crate) fn with(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(path, bytes);
        self
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        fs::write(path, bytes).expect("written");
    }

    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.0.join(path)).expect("read")
    }

    /// The text of a file, if it is there.
    pub(crate) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.0.join(path)).ok()
    }

    /// The names in the folder, but for git's own.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("read").map(|entry| entry.expect("read").file_name());
        let mut names: Vec<_> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
        names.retain(|name| name != ".git");
        names.sort();
        names
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        hostfit(&self.0, args)
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("run")
    }

    pub(crate) fn stdin(&self, args: &[&str], input: &[u8]) -> Output {
        piped(&mut self.command(args), input)
    }
}

/// The program, to be run in a folder.
pub(crate) fn hostfit(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hostfit"));
    command.args(args).current_dir(folder).env("NO_COLOR", "1").env_remove("COLUMNS");
    command
}

/// Runs a command that reads `input`.
pub(crate) fn piped(command: &mut Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("started");
    // The program may end without reading it.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("run")
}

/// The folder of that name among the fixtures.
pub(crate) fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
