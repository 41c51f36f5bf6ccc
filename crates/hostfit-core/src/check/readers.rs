//! Names the workloads that read what a fix edits, since it changes all of them.

use rustc_hash::FxHashMap;

use crate::{
    finding::{Finding, Fix},
    model::{Project, WorkloadId},
    rules::list,
    source::SourceId,
};

/// Ends the title of each fix that edits what several workloads read with their names.
pub(super) fn name_in_fixes(findings: &mut [Finding], project: &Project) {
    for fix in findings.iter_mut().flat_map(|finding| &mut finding.fixes) {
        let readers = readers_of(fix, project);
        if let [_, _, ..] = readers.as_slice() {
            fix.title = format!("{} (read by {})", fix.title, list(&names_of(&readers, project)));
        }
    }
}

/// Each name once, with the number of files that have a workload of that name.
fn names_of(readers: &[WorkloadId], project: &Project) -> Vec<String> {
    let mut names: Vec<(&str, usize, SourceId)> = Vec::new();
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    for workload in readers.iter().filter_map(|id| project.workload(*id)) {
        let place = *places.entry(&workload.name).or_insert(names.len());
        match names.get_mut(place) {
            // Those of one file follow each other.
            Some((_, _, last)) if *last == workload.source => {}
            Some((_, files, last)) => (*files, *last) = (*files + 1, workload.source),
            None => names.push((&workload.name, 1, workload.source)),
        }
    }
    let shown = |(name, files, _): (&str, _, _)| match files {
        1 => name.to_owned(),
        many => format!("{name} in {many} files"),
    };
    names.into_iter().map(shown).collect()
}

/// Several edits of one fix may have different readers.
fn readers_of(fix: &Fix, project: &Project) -> Vec<WorkloadId> {
    let mut readers: Vec<_> = fix.edits.iter().flat_map(|edit| project.readers_of(edit.span)).collect();
    readers.sort_unstable();
    readers.dedup();
    readers
}

#[cfg(test)]
mod tests {
    use crate::checked::CheckedTree;

    const HOST: &str = "[[host]]\nname = \"win2022\"\nos = \"ltsc2022\"\norchestrator = \"docker\"\n";

    /// The titles of all fixes over HOST and these files.
    fn titles(files: &[(&str, &str)]) -> Vec<String> {
        let all: Vec<_> = [("hostfit.toml", HOST)].iter().chain(files).copied().collect();
        let findings = CheckedTree::of(&all).report.findings;
        findings.iter().flat_map(|finding| &finding.fixes).map(|fix| fix.title.clone()).collect()
    }

    fn readers(files: &[(&str, &str)]) -> Vec<Option<String>> {
        let of =
            |title: String| title.split_once(" (read by ").map(|(_, names)| names.trim_end_matches(')').to_owned());
        titles(files).into_iter().map(of).collect()
    }

    const SERVICE: &str = "services:\n  web:\n    build: .\n";

    #[test]
    fn a_fix_inside_of_a_dockerfile_names_the_services_that_build_it() {
        let dockerfile = ("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2019\nRUN dir\n");
        let two = "services:\n  web:\n    build: .\n  worker:\n    build: .\n";
        assert_eq!(readers(&[dockerfile, ("compose.yaml", two)]), [Some("service web and service worker".into())]);
        assert_eq!(readers(&[dockerfile, ("compose.yaml", SERVICE)]), [None]);
        assert_eq!(readers(&[dockerfile]), [None]);
    }

    #[test]
    fn so_does_one_in_a_builder_stage() {
        let text = "FROM microsoft/windowsservercore:ltsc2016 AS build\nRUN dir\nFROM mcr.microsoft.com/windows/nanoserver:ltsc2022\nCOPY --from=build x y\n";
        let two = "services:\n  web:\n    build: .\n  worker:\n    build: .\n";
        let of_two = readers(&[("Dockerfile", text), ("compose.yaml", two)]);
        assert!(!of_two.is_empty() && of_two.iter().all(Option::is_some), "{of_two:?}");
        let of_one = readers(&[("Dockerfile", text), ("compose.yaml", SERVICE)]);
        assert!(of_one.iter().all(Option::is_none), "{of_one:?}");
    }

    #[test]
    fn services_of_one_name_are_named_once() {
        let files = [
            ("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2019\nRUN dir\n"),
            ("compose.yaml", SERVICE),
            ("ci/compose.yaml", "services:\n  web:\n    build: ..\n"),
        ];
        assert_eq!(readers(&files), [Some("service web in 2 files".into())]);
    }

    #[test]
    fn each_service_with_its_own_image_is_its_own_reader() {
        let text = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:ltsc2019\n  worker:\n    image: mcr.microsoft.com/windows/servercore:ltsc2019\n";
        assert_eq!(readers(&[("compose.yaml", text)]), [None, None]);
    }
}
