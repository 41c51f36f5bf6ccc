//! Which paths a file of the repository may state. A pure function of the path and the system, so that what Windows makes
//! of a name is tested everywhere.

/// Whose rules for names hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// Linux, macOS and their kin.
    Unix,
    /// Windows, where names reach further than the folder that they stand in.
    Windows,
}

impl System {
    /// That of this program.
    pub(crate) const HERE: Self = if cfg!(windows) { Self::Windows } else { Self::Unix };
}

/// Names that Windows takes for devices in every folder, with any extension. `COM` and `LPT` have a digit after them.
///
/// Source: <https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions>.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
const PORTS: [&str; 2] = ["COM", "LPT"];

/// Why a path that a file of the repository states is not opened, to follow the path; none: it is relative and names a
/// file. Whether that lies inside the repository is for [`Trees`](super::Trees) to say.
///
/// A path with a root or a drive is refused on every system, since a file of the repository means the same to all who
/// share it.
pub(crate) fn refused(path: &str, system: System) -> Option<&'static str> {
    if path.trim().is_empty() {
        return Some("is empty");
    }
    if path.contains('\0') {
        return Some("has a NUL in it");
    }
    // Also `\\host\share`, which would send the user's password hash there, `\\?\` and `\\.\`.
    if path.starts_with(['/', '\\']) {
        return Some("is absolute");
    }
    if matches!(path.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic()) {
        return Some("names a drive");
    }
    path.split(['/', '\\']).find_map(|name| refused_name(name, system))
}

/// The same of one name in a path.
pub(super) fn refused_name(name: &str, system: System) -> Option<&'static str> {
    if system == System::Unix {
        return None;
    }
    // Windows looks at what stands before the first full stop or colon, without spaces at its end.
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end_matches(' ');
    if DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device)) || is_port(stem) {
        return Some("names a device");
    }
    name.contains(':').then_some("names a stream of a file")
}

/// Whether a name is that of the folder in which Git keeps a repository, on some system: letter case and what Windows leaves
/// out at the end do not count, and NTFS has a short name for it.
pub(super) fn is_of_git(name: &str) -> bool {
    let name = name.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
}

fn is_port(stem: &str) -> bool {
    let mut letters = stem.chars();
    let last = letters.next_back();
    let is_digit = last.is_some_and(|it| matches!(it, '0'..='9' | '¹' | '²' | '³'));
    is_digit && PORTS.iter().any(|port| letters.as_str().eq_ignore_ascii_case(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_root_or_a_drive_is_refused_on_every_system() {
        for (path, why) in [
            ("", "is empty"),
            (" ", "is empty"),
            ("a\0b", "has a NUL in it"),
            ("/etc/passwd", "is absolute"),
            ("/proc/self/fd/1", "is absolute"),
            ("//host/share/fleet.toml", "is absolute"),
            (r"\\host\share\fleet.toml", "is absolute"),
            (r"\\?\C:\fleet.toml", "is absolute"),
            (r"\\.\PhysicalDrive0", "is absolute"),
            (r"\??\C:\fleet.toml", "is absolute"),
            (r"\fleet.toml", "is absolute"),
            ("C:/fleet.toml", "names a drive"),
            (r"c:\fleet.toml", "names a drive"),
            ("C:fleet.toml", "names a drive"),
        ] {
            for system in [System::Unix, System::Windows] {
                assert_eq!(refused(path, system), Some(why), "{path} {system:?}");
            }
        }
    }

    #[test]
    fn windows_has_devices_in_every_folder() {
        for path in [
            "NUL",
            "nul.toml",
            "con",
            "CON.tar.gz",
            "env/aux.toml",
            r"env\PRN",
            "COM1",
            "com9.toml",
            "LPT³",
            "COM0",
            "nul .toml",
            "NUL:",
            "CONIN$",
            "conout$.txt",
            "a/nul/b.toml",
        ] {
            assert_eq!(refused(path, System::Windows), Some("names a device"), "{path}");
            assert_eq!(refused(path, System::Unix), None, "{path}");
        }
        for path in ["fleet.toml:hidden", "fleet.toml::$DATA", "env/a:b"] {
            assert_eq!(refused(path, System::Windows), Some("names a stream of a file"), "{path}");
        }
    }

    #[test]
    fn git_has_several_names() {
        for name in [".git", ".GIT", ".Git", ".git.", ".git ", "GIT~1", ".git::$INDEX_ALLOCATION"] {
            assert!(is_of_git(name), "{name}");
        }
        for name in ["git", ".github", ".gitignore", ".git-a", "git~2", "..git"] {
            assert!(!is_of_git(name), "{name}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_taken() {
        for path in [
            "prod.toml",
            "./prod.toml",
            "../shared/prod.toml",
            "env/prod.toml",
            r"env\prod.toml",
            "console.toml",
            "nul-1",
            "COM",
            "COM10",
            "lpt",
            "auxiliary/a",
            "a.con",
            "…/ü.toml",
            "~/fleet.toml",
            "com.toml",
        ] {
            for system in [System::Unix, System::Windows] {
                assert_eq!(refused(path, system), None, "{path} {system:?}");
            }
        }
    }
}
