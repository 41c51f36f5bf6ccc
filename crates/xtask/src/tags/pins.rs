//! Tags of base images that Microsoft's own builds and documentation pull: no history of these tags is public.

use std::io;

use hostfit_core::windows::{Build, image::Family, release::Releases};

use super::{git::Mirror, history::History};

pub(super) struct Source {
    pub(super) repository: &'static str,
    paths: &'static [&'static str],
}

pub(super) const SOURCES: &[Source] = &[
    Source { repository: "Azure/AgentBaker", paths: &["parts/common/components.json", "vhdbuilder/packer"] },
    Source { repository: "Azure/AKS", paths: &["vhd-notes"] },
    Source { repository: "dotnet/dotnet-docker", paths: &["*Dockerfile*"] },
    Source { repository: "microsoft/dotnet-framework-docker", paths: &["*Dockerfile*"] },
    Source { repository: "microsoft/iis-docker", paths: &["*Dockerfile*"] },
    Source {
        repository: "MicrosoftDocs/Virtualization-Documentation",
        paths: &["virtualization/windowscontainers/*.md", "windows-container-samples/*Dockerfile*"],
    },
];

const REGISTRY: &str = "mcr.microsoft.com/";

pub(super) fn derive(mirror: &Mirror, source: &Source, history: &mut History) -> io::Result<()> {
    let pattern = r"mcr\.microsoft\.com/windows(/servercore|/nanoserver|/server)?:[0-9A-Za-z]";
    for (day, line) in mirror.added_lines(pattern, source.paths)? {
        for (repository, tag, build) in pins(&line) {
            history.saw(repository, tag, build.0, day);
        }
    }
    Ok(())
}

/// `windows/servercore`, `10.0.17763.1397` or `ltsc2019`, and its build, for each in a line. The architecture is left out:
/// a tag of one stands beside the tag of all. Of names only those count that Microsoft lists.
fn pins(line: &str) -> Vec<(&str, &str, Build)> {
    let read = |(at, _): (usize, &str)| {
        let rest = line.get(at + REGISTRY.len()..)?;
        let (repository, rest) = rest.split_once(':')?;
        let family = Family::ALL.into_iter().find(|it| it.repository().strip_prefix(REGISTRY) == Some(repository))?;
        let is_tag = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
        let tag = rest.get(..rest.find(|it| !is_tag(it)).unwrap_or(rest.len()))?.trim_end_matches('.');
        let tag = tag.strip_suffix("-amd64").unwrap_or(tag);
        let build = match tag.strip_prefix("10.0.") {
            Some(version) => of_version(version)?,
            None => of_name(tag, family)?,
        };
        Some((repository, tag, build))
    };
    line.match_indices(REGISTRY).filter_map(read).collect()
}

/// The build of `17763.1397`, which has a revision.
fn of_version(version: &str) -> Option<Build> {
    let (build, revision) = version.split_once('.')?;
    revision.parse::<u32>().ok().filter(|revision| *revision > 0)?;
    build.parse().ok().map(Build)
}

fn of_name(name: &str, family: Family) -> Option<Build> {
    let releases = Releases::default();
    let release = releases.published_tags(family).find(|(tag, _)| *tag == name)?.1;
    Some(release.build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_names_a_revision_or_a_release() {
        let line = r#"+  "mcr.microsoft.com/windows/nanoserver:10.0.17763.1397", "mcr.microsoft.com/windows/servercore:10.0.20348.*" # mcr.microsoft.com/windows:10.0.17763.437-amd64."#;
        assert_eq!(
            pins(line),
            [("windows/nanoserver", "10.0.17763.1397", Build(17763)), ("windows", "10.0.17763.437", Build(17763))]
        );
        let line = "FROM mcr.microsoft.com/windows/servercore:ltsc2016-amd64 mcr.microsoft.com/windows/nanoserver:ltsc2016 \
            mcr.microsoft.com/windows/servercore:2022 mcr.microsoft.com/windows/servercore:1709_KB4054517 mcr.microsoft.com/windows/server:ltsc2022, mcr.microsoft.com/windows";
        assert_eq!(
            pins(line),
            [("windows/servercore", "ltsc2016", Build(14393)), ("windows/server", "ltsc2022", Build(20348))]
        );
    }
}
