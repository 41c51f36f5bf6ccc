//! Places as SARIF has them: addresses, regions, and what they are called in the file.

use std::collections::{BTreeMap, BTreeSet};

use hostfit_core::{
    finding::{Finding, Related},
    fleet::Orchestrator,
    model::{Container, Project, WorkloadPart},
    shard::Shard,
    source::{Source, SourceId, Span},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{
    MOST_PLACES, SRCROOT,
    model::{ArtifactLocation, Content, Location, LogicalLocation, PhysicalLocation, Region},
};
use crate::report::{Place, Run};

/// Longer pieces of files are not repeated: minified JSON has lines of megabytes.
const LONGEST_SNIPPET: usize = 2000;

pub(super) struct Locator<'a> {
    pub(super) run: Run<'a>,
    /// Files that are named somewhere, and their places in `artifacts`.
    indexes: BTreeMap<SourceId, usize>,
    /// The first bytes of the stages of each Dockerfile, in order, and their names.
    stages: BTreeMap<SourceId, Vec<(u32, String)>>,
}

impl<'a> Locator<'a> {
    pub(super) fn new(run: &Run<'a>, findings: impl Iterator<Item = &'a Finding>) -> Self {
        let mut named: BTreeSet<SourceId> = run.checked.iter().copied().collect();
        for finding in findings {
            let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
            let related = shown(finding, run).map(|it| it.span);
            named.extend(edits.chain(related).chain([finding.span]).map(|span| span.source));
        }
        let mut by_path: Vec<_> = named.into_iter().filter_map(|id| run.sources.get(id)).collect();
        by_path.sort_by(|a, b| (&a.path, a.id).cmp(&(&b.path, b.id)));
        // A file may be there twice: as the configuration and as the fleet.
        let files = by_path.chunk_by(|a, b| a.path == b.path).enumerate();
        let indexes = files.flat_map(|(index, same)| same.iter().map(move |source| (source.id, index))).collect();
        let mut stages: BTreeMap<SourceId, Vec<(u32, String)>> = BTreeMap::new();
        for build in &run.answers.project.builds {
            stages.entry(build.source).or_insert_with(|| {
                let name = |(number, stage): (usize, &hostfit_core::model::Stage)| {
                    let name = stage.name.as_ref().map_or_else(|| number.to_string(), |(name, _)| name.clone());
                    (stage.span.start, name)
                };
                build.stages.iter().enumerate().map(name).collect()
            });
        }
        Self { run: *run, indexes, stages }
    }

    /// The files that are named somewhere, in the order of `artifacts`.
    pub(super) fn sources(&self) -> impl Iterator<Item = &'a Source> {
        let mut ids: Vec<_> = self.indexes.iter().map(|(id, index)| (*index, *id)).collect();
        ids.sort_unstable();
        ids.dedup_by_key(|(index, _)| *index);
        let sources = self.run.sources;
        ids.into_iter().filter_map(move |(_, id)| sources.get(id))
    }

    /// The places in `artifacts` of files of this part of the run that were not checked.
    pub(super) fn unchecked(&self, shard: Shard) -> Vec<usize> {
        let checked: BTreeSet<_> = self.run.checked.iter().filter_map(|id| self.indexes.get(id)).collect();
        let of_shard = self.sources().enumerate().filter(|(_, source)| shard.holds(&source.path));
        of_shard.map(|(index, _)| index).filter(|index| !checked.contains(index)).collect()
    }

    /// Whether a file states it.
    pub(super) fn has(&self, span: Span) -> bool {
        self.run.sources.get(span.source).is_some()
    }

    /// Where a finding stands, and in what.
    pub(super) fn main(&self, finding: &'a Finding) -> Location<'a> {
        let stage = self.stage(finding.span);
        let in_workload = || finding.parts.first().and_then(|part| workload(*part, self.run.answers.project));
        Location { logical_locations: stage.or_else(in_workload).into_iter().collect(), ..self.location(finding.span) }
    }

    pub(super) fn location(&self, span: Span) -> Location<'a> {
        Location {
            id: None,
            physical_location: PhysicalLocation {
                artifact_location: self.artifact(span.source),
                region: self.region(span).map(|region| Region { snippet: self.snippet(span), ..region }),
                context_region: self.context(span),
            },
            logical_locations: Vec::new(),
            message: None,
        }
    }

    pub(super) fn artifact(&self, id: SourceId) -> ArtifactLocation<'static> {
        ArtifactLocation { index: self.indexes.get(&id).copied(), ..address(self.run.path(id)) }
    }

    /// The region without its text.
    pub(super) fn region(&self, span: Span) -> Option<Region<'a>> {
        let source = self.run.sources.get(span.source)?;
        let Place { start, end, .. } = self.run.place(span);
        let char_offset = source.code_points(span.start);
        Some(Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
            char_offset,
            char_length: source.code_points(span.end).saturating_sub(char_offset),
            byte_offset: start.offset,
            byte_length: end.offset.saturating_sub(start.offset),
            snippet: None,
        })
    }

    fn snippet(&self, span: Span) -> Option<Content<'a>> {
        let text = self.run.sources.get(span.source)?.slice(span);
        (text.len() <= LONGEST_SNIPPET).then_some(Content { text: text.trim_start_matches('\u{feff}').into() })
    }

    /// The lines of a span, and one above and below.
    fn context(&self, span: Span) -> Option<Region<'a>> {
        let source = self.run.sources.get(span.source)?;
        let mut around = source.line_span(span.start).cover(source.line_span(span.end));
        if let Some(above) = around.start.checked_sub(1) {
            around = around.cover(source.line_span(above));
        }
        let below = source.text.get(around.end as usize..).and_then(|rest| rest.find('\n'));
        if let Some(below) = below.and_then(|below| u32::try_from(below + 1).ok()) {
            around = around.cover(source.line_span(around.end + below));
        }
        if around.start == 0 && source.text.starts_with('\u{feff}') {
            around.start = 3;
        }
        let holds_more = around.start < span.start || around.end > span.end;
        let region = self.region(around).filter(|_| holds_more && around.len() <= LONGEST_SNIPPET)?;
        Some(Region { snippet: self.snippet(around), ..region })
    }

    fn stage(&self, span: Span) -> Option<LogicalLocation<'static>> {
        let stages = self.stages.get(&span.source)?;
        let after = stages.partition_point(|(start, _)| *start <= span.start);
        let (_, name) = stages.get(after.checked_sub(1)?)?;
        let fully_qualified_name = format!("stage {name}").into();
        Some(LogicalLocation { fully_qualified_name, name: name.clone().into(), kind: "stage".into() })
    }
}

/// The related places that a result names.
pub(super) fn shown<'a>(finding: &'a Finding, run: &Run) -> impl Iterator<Item = &'a Related> {
    finding.related.iter().filter(|it| run.sources.get(it.span.source).is_some()).take(MOST_PLACES)
}

/// The container `web` of the Deployment `web` is `Deployment/web/containers/web`, the service `web` is `services.web`.
fn workload(part: WorkloadPart, project: &Project) -> Option<LogicalLocation<'static>> {
    let workload = project.workload(part.workload)?;
    let logical = |name: &str, full: String, kind: &'static str| LogicalLocation {
        name: name.to_owned().into(),
        fully_qualified_name: full.into(),
        kind: kind.into(),
    };
    let container = part.container.and_then(|number| workload.containers.get(number as usize));
    Some(match (workload.orchestrator, container) {
        (Orchestrator::Kubernetes, Some(Container { name, .. })) if !name.is_empty() => {
            logical(name, format!("{}/containers/{name}", workload.name), "container")
        }
        (Orchestrator::Kubernetes, _) => logical(&workload.name, workload.name.clone(), "resource"),
        (Orchestrator::Swarm | Orchestrator::Docker, _) => {
            let name = workload.containers.first().map_or(workload.name.as_str(), |service| &service.name);
            logical(name, format!("services.{name}"), "service")
        }
    })
}

/// A whole file, which may be none of the run's texts.
pub(super) fn file(path: &str) -> Location<'static> {
    let physical_location = PhysicalLocation { artifact_location: address(path), region: None, context_region: None };
    Location { id: None, physical_location, logical_locations: Vec::new(), message: None }
}

/// The address of a file, relative to the working folder unless its path is absolute.
pub(super) fn address(path: &str) -> ArtifactLocation<'static> {
    let drive = cfg!(windows) && path.as_bytes().get(1) == Some(&b':');
    let (uri, uri_base_id) = match path.strip_prefix("//") {
        Some(share) => (format!("file://{}", encode(share)), None),
        None if path.starts_with('/') => (format!("file://{}", encode(path)), None),
        None if drive => (format!("file:///{}", encode(path)), None),
        None => (encode(path), Some(SRCROOT)),
    };
    ArtifactLocation { uri: Some(uri.into()), uri_base_id: uri_base_id.map(Into::into), ..ArtifactLocation::default() }
}

/// The path that [`address`] made an address of, on whatever system; none where it did not.
pub(super) fn path(address: &ArtifactLocation) -> Option<String> {
    let uri = address.uri.as_deref()?;
    if address.uri_base_id.is_some() {
        return decode(uri);
    }
    let absolute = uri.strip_prefix("file://")?;
    let path = decode(absolute)?;
    Some(match path.as_bytes() {
        [b'/', letter, b':', ..] if letter.is_ascii_alphabetic() => path.chars().skip(1).collect(),
        [b'/', ..] => path,
        _ => format!("//{path}"),
    })
}

/// What [`encode`] encoded; none of other text.
fn decode(encoded: &str) -> Option<String> {
    let path = percent_decode_str(encoded).decode_utf8().ok()?.into_owned();
    (encode(&path) == encoded).then_some(path)
}

/// Percent-encodes everything but slashes and what RFC 3986 calls unreserved.
pub(super) fn encode(path: &str) -> String {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(path, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_addresses() {
        let cases = [
            ("web/Dockerfile", "web/Dockerfile", Some(SRCROOT)),
            ("../a b/c#d%e.yaml", "../a%20b/c%23d%25e.yaml", Some(SRCROOT)),
            ("é/c:d?[e]\n", "%C3%A9/c%3Ad%3F%5Be%5D%0A", Some(SRCROOT)),
            ("/tmp/Dockerfile", "file:///tmp/Dockerfile", None),
            ("//server/share/x", "file://server/share/x", None),
            ("<stdin>", "%3Cstdin%3E", Some(SRCROOT)),
        ];
        for (path, uri, base) in cases {
            let address = address(path);
            assert_eq!((address.uri.as_deref(), address.uri_base_id.as_deref()), (Some(uri), base), "{path}");
        }
    }

    #[test]
    fn addresses_become_paths_again() {
        let paths =
            ["web/Dockerfile", "../a b/c#d%e.yaml", "é/c:d?[e]\n", "/tmp/Dockerfile", "//server/share/x", "<stdin>"];
        for shown in paths {
            assert_eq!(path(&address(shown)).as_deref(), Some(shown));
        }
        let of = |uri: &str, base: Option<&'static str>| ArtifactLocation {
            uri: Some(uri.to_owned().into()),
            uri_base_id: base.map(Into::into),
            ..ArtifactLocation::default()
        };
        assert_eq!(path(&of("file:///C%3A/web/Dockerfile", None)).as_deref(), Some("C:/web/Dockerfile"));
        let wrong =
            [("a%2", Some(SRCROOT)), ("a%zz", Some(SRCROOT)), ("%80", Some(SRCROOT)), ("http://x", None), ("a", None)];
        for (uri, base) in wrong {
            assert_eq!(path(&of(uri, base)), None, "{uri}");
        }
    }

    #[test]
    fn workloads_have_full_names() {
        let sources = hostfit_core::source::Sources::new(Vec::new());
        let run = crate::report::tests::run(&sources, &[]);
        let cases = [
            (0, Some(0), "Deployment/web/containers/web", "web"),
            (0, None, "Deployment/web", "Deployment/web"),
            (1, Some(0), "Job/nightly", "Job/nightly"),
            (2, Some(0), "services.web", "web"),
        ];
        for (id, container, full, name) in cases {
            let logical = workload(crate::report::tests::part(id, container), run.answers.project).expect("there");
            assert_eq!((&*logical.fully_qualified_name, &*logical.name), (full, name));
        }
    }
}
