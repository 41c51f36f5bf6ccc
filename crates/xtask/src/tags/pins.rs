//! Exact versions of base images that Microsoft's own builds pull: no history of their tags is public.

use std::io;

use super::{git::Mirror, history::History};

pub(super) struct Source {
    pub(super) repository: &'static str,
    paths: &'static [&'static str],
}

pub(super) const SOURCES: &[Source] = &[
    Source { repository: "Azure/AgentBaker", paths: &["parts/common/components.json", "vhdbuilder/packer"] },
    Source { repository: "Azure/AKS", paths: &["vhd-notes"] },
    Source { repository: "dotnet/dotnet-docker", paths: &["*Dockerfile*"] },
    Source { repository: "microsoft/iis-docker", paths: &["*Dockerfile*"] },
];

const REGISTRY: &str = "mcr.microsoft.com/";

pub(super) fn derive(mirror: &Mirror, source: &Source, history: &mut History) -> io::Result<()> {
    let pattern = r"mcr\.microsoft\.com/windows(/servercore|/nanoserver|/server)?:10\.0\.";
    for (day, line) in mirror.added_lines(pattern, source.paths)? {
        for (repository, version, build) in pins(&line) {
            history.saw(repository, version, build, day);
        }
    }
    Ok(())
}

/// `windows/servercore`, `10.0.17763.1397` and its build, for each in a line.
fn pins(line: &str) -> Vec<(&str, &str, u16)> {
    let read = |(at, _): (usize, &str)| {
        let rest = line.get(at + REGISTRY.len()..)?;
        let (repository, rest) = rest.split_once(':')?;
        let known = matches!(repository, "windows" | "windows/servercore" | "windows/nanoserver" | "windows/server");
        let end = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
        let version = rest.get(..end)?.trim_end_matches('.');
        let mut fields = version.strip_prefix("10.0.")?.split('.');
        let build = fields.next()?.parse().ok()?;
        let revision: u32 = fields.next()?.parse().ok()?;
        (known && revision > 0 && fields.next().is_none()).then_some((repository, version, build))
    };
    line.match_indices(REGISTRY).filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_a_revision() {
        let line = r#"+  "mcr.microsoft.com/windows/nanoserver:10.0.17763.1397", "mcr.microsoft.com/windows/servercore:10.0.20348.*" # mcr.microsoft.com/windows:10.0.17763.437-amd64."#;
        assert_eq!(
            pins(line),
            [("windows/nanoserver", "10.0.17763.1397", 17763), ("windows", "10.0.17763.437", 17763)]
        );
    }
}
