//! Signs of an operating system in files that do not name it: paths with a drive, named pipes, shells. Each proves little,
//! so that they count together and only where none contradicts.

use crate::{source::Span, windows::Os};

/// What was seen in one workload or stage.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    windows: Option<Span>,
    is_linux: bool,
    only_linux: Option<Span>,
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

    /// Takes note of what only Linux has.
    pub fn note_linux(&mut self, at: Span) {
        self.is_linux = true;
        self.only_linux = self.only_linux.or(Some(at));
    }

    /// Takes note of a path.
    pub fn note_path(&mut self, path: &str, at: Span) {
        if is_of_linux(path) {
            self.note_linux(at);
        } else {
            self.note(of_path(path), at);
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

    /// The operating system of which there are signs, with the first of them. `/site` is not a sign of Linux, only one
    /// against Windows.
    pub fn os(&self) -> Option<(Os, Span)> {
        let linux = self.only_linux.filter(|_| self.windows.is_none());
        self.windows().map(|at| (Os::Windows, at)).or(linux.map(|at| (Os::Linux, at)))
    }
}

/// Whether a path is one of those that every Linux system has: `/etc/nginx`, `/var/run/docker.sock`, `/bin/sh`.
pub fn is_of_linux(path: &str) -> bool {
    let first = path.strip_prefix('/').and_then(|path| path.split('/').next());
    matches!(first, Some("bin" | "dev" | "etc" | "lib" | "lib64" | "proc" | "run" | "sbin" | "sys" | "usr" | "var"))
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
    fn what_only_linux_has_stands_against_signs_of_windows() {
        let at = |offset| Span::at(crate::source::SourceId(0), offset);
        let mut hints = Hints::default();
        assert_eq!(hints.os(), None);
        hints.note(of_path("/site"), at(1));
        assert_eq!((hints.os(), hints.is_linux()), (None, true));
        hints.note_linux(at(2));
        hints.note_linux(at(3));
        assert_eq!(hints.os(), Some((Os::Linux, at(2))));
        hints.note(Some(Os::Windows), at(4));
        assert_eq!(hints.os(), None);
        for path in ["/etc/nginx", "/var/run/docker.sock", "/bin/sh", "/usr", "/dev/sda"] {
            assert!(is_of_linux(path), "{path}");
        }
        for path in ["/app", "/etcetera", "etc/nginx", "/", "", "C:/etc", "/data/etc"] {
            assert!(!is_of_linux(path), "{path}");
        }
    }

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
