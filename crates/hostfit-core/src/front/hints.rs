//! Signs of an operating system in files that do not name it: paths with a drive, named pipes, shells. Each proves little,
//! so that they count together and only where none contradicts.

use crate::{source::Span, windows::Os};

/// What was seen in one workload or stage.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    windows: Option<Span>,
    is_linux: bool,
}

impl Hints {
    /// Takes note of a sign.
    pub fn note(&mut self, os: Option<Os>, at: Span) {
        match os {
            Some(Os::Windows) => self.windows = self.windows.or(Some(at)),
            Some(Os::Linux) => self.is_linux = true,
            None => {}
        }
    }

    /// Whether there is a sign of Linux.
    pub fn is_linux(&self) -> bool {
        self.is_linux
    }

    /// The first sign of Windows, unless there is one of Linux.
    pub fn windows(&self) -> Option<Span> {
        self.windows.filter(|_| !self.is_linux)
    }
}

/// The operating system whose paths look like this one: `C:\site`, `C:/site`, `\\.\pipe\docker_engine`; `/site`.
/// Windows takes `/site` too, as a folder of the drive, but who writes so for Windows alone?
pub fn of_path(path: &str) -> Option<Os> {
    let path = path.trim_start_matches(['"', '\'']);
    match path.as_bytes() {
        [drive, b':', b'\\' | b'/', ..] | [drive, b':'] if drive.is_ascii_alphabetic() => Some(Os::Windows),
        _ if is_pipe(path) => Some(Os::Windows),
        [b'/', ..] => Some(Os::Linux),
        _ => None,
    }
}

/// `\\.\pipe\docker_engine`, `//./pipe/docker_engine`.
fn is_pipe(path: &str) -> bool {
    let start = path.get(..9).map(|start| start.replace('/', "\\").to_ascii_lowercase());
    start.as_deref() == Some(r"\\.\pipe\")
}

/// The operating system that has a program: shells, and what stands at a path.
pub fn of_program(program: &str) -> Option<Os> {
    match program.to_ascii_lowercase().as_str() {
        "cmd" | "cmd.exe" | "powershell" | "powershell.exe" | "pwsh.exe" => Some(Os::Windows),
        "sh" | "bash" | "ash" | "dash" | "apk" | "apt" | "apt-get" | "dnf" | "microdnf" | "yum" | "zypper"
        | "chmod" | "chown" | "useradd" | "adduser" | "groupadd" => Some(Os::Linux),
        _ => of_path(program),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_drive_and_a_pipe_are_of_windows() {
        for path in ["C:\\site", "d:/data", "E:", "\"C:\\a b\"", r"\\.\pipe\docker_engine", "//./PIPE/docker_engine"] {
            assert_eq!(of_path(path), Some(Os::Windows), "{path}");
        }
        for path in ["/site", "//site", "/c:/x"] {
            assert_eq!(of_path(path), Some(Os::Linux), "{path}");
        }
        for path in ["site", ".", "cc:/x", "data:/x", "c:x", "%TEMP%", "", "\\site", "é:/x"] {
            assert_eq!(of_path(path), None, "{path}");
        }
    }
}
