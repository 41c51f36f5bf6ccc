//! What Nano Server lacks.

use super::Build;

/// A program of Server Core that is in no Nano Server image since version 1709.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// `powershell`.
    pub program: &'static str,
    /// What it is a part of.
    pub part_of: &'static str,
}

/// Windows PowerShell, WMI and the servicing stack were taken out with version 1709
/// (learn.microsoft.com, "Windows Container Base Images": Nano Server; microsoft/Windows-Containers#252). `PowerShell`
/// 7 is another program, `pwsh`.
const MISSING: [Missing; 5] = [
    Missing { program: "powershell", part_of: "Windows PowerShell" },
    Missing { program: "msiexec", part_of: "Windows Installer" },
    Missing { program: "wmic", part_of: "WMI" },
    Missing { program: "dism", part_of: "the servicing stack" },
    Missing { program: "wusa", part_of: "the servicing stack" },
];

/// The last build whose Nano Server has them all: that of Windows Server 2016.
const LAST_WHOLE: Build = Build(14393);

/// Whether the Nano Server of that build lacks the programs of [`missing`].
pub fn lacks_programs(build: Build) -> bool {
    build > LAST_WHOLE
}

/// What a command's first word starts, if Nano Server lacks that: `powershell`, `MSIEXEC.EXE`,
/// `C:\Windows\System32\wbem\wmic.exe`. Of a path outside of Windows nothing is known.
pub fn missing(word: &str) -> Option<Missing> {
    let (folder, name) = word.rfind(['/', '\\']).map_or((None, word), |at| {
        let (folder, name) = word.split_at(at);
        (Some(folder), name.trim_start_matches(['/', '\\']))
    });
    let length = name.len().saturating_sub(".exe".len());
    let name = match name.split_at_checked(length) {
        Some((name, end)) if end.eq_ignore_ascii_case(".exe") => name,
        _ => name,
    };
    let found = MISSING.into_iter().find(|it| it.program.eq_ignore_ascii_case(name))?;
    let is_of_windows = folder.is_none_or(|folder| {
        let folder = folder.to_ascii_lowercase().replace('/', "\\");
        ["c:\\windows", "\\windows", "%windir%", "%systemroot%"].iter().any(|it| folder.starts_with(it))
    });
    is_of_windows.then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_known_by_its_name_or_its_place_in_windows() {
        let found = |word| missing(word).map(|it| it.program);
        assert_eq!(found("PowerShell.exe"), Some("powershell"));
        assert_eq!(found(r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"), Some("powershell"));
        assert_eq!(found("C:/Windows/System32/msiexec"), Some("msiexec"));
        assert_eq!(found(r"C:\tools\powershell.exe"), None);
        assert_eq!(found("pwsh"), None);
        assert_eq!(found("powershell.cmd"), None);
    }
}
