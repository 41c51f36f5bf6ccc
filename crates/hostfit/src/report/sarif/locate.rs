//! Places as SARIF has them: addresses, regions, and what they are called in the file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use hostfit_core::{
    finding::Finding,
    source::{Source, SourceId, Span},
};

use super::{
    SRCROOT,
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
            let related = finding.related.iter().map(|it| it.span);
            named.extend(edits.chain(related).chain([finding.span]).map(|span| span.source));
        }
        let mut by_path: Vec<_> = named.into_iter().filter_map(|id| run.sources.get(id)).collect();
        by_path.sort_by(|a, b| (&a.path, a.id).cmp(&(&b.path, b.id)));
        let indexes = by_path.iter().enumerate().map(|(index, source)| (source.id, index)).collect();
        let mut stages: BTreeMap<SourceId, Vec<(u32, String)>> = BTreeMap::new();
        for build in &run.project.builds {
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
        let sources = self.run.sources;
        ids.into_iter().filter_map(move |(_, id)| sources.get(id))
    }

    /// Whether a file states it.
    pub(super) fn has(&self, span: Span) -> bool {
        self.run.sources.get(span.source).is_some()
    }

    /// Where a finding stands, and in what.
    pub(super) fn main(&self, finding: &'a Finding) -> Location<'a> {
        let stage = self.stage(finding.span);
        let in_workload = || finding.workload.as_deref().map(workload);
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

    pub(super) fn artifact(&self, id: SourceId) -> ArtifactLocation {
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
        (text.len() <= LONGEST_SNIPPET).then_some(Content { text: text.trim_start_matches('\u{feff}') })
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

    fn stage(&self, span: Span) -> Option<LogicalLocation> {
        let stages = self.stages.get(&span.source)?;
        let after = stages.partition_point(|(start, _)| *start <= span.start);
        let (_, name) = stages.get(after.checked_sub(1)?)?;
        Some(LogicalLocation { fully_qualified_name: format!("stage {name}"), name: name.clone(), kind: "stage" })
    }
}

/// `Deployment/web: container web` is `Deployment/web/containers/web`, `service web` is `services.web`.
fn workload(shown: &str) -> LogicalLocation {
    if let Some((object, name)) = shown.split_once(": container ") {
        let fully_qualified_name = format!("{object}/containers/{name}");
        return LogicalLocation { name: name.to_owned(), fully_qualified_name, kind: "container" };
    }
    if let Some(name) = shown.strip_prefix("service ") {
        return LogicalLocation {
            name: name.to_owned(),
            fully_qualified_name: format!("services.{name}"),
            kind: "service",
        };
    }
    LogicalLocation { name: shown.to_owned(), fully_qualified_name: shown.to_owned(), kind: "resource" }
}

/// A whole file, which may be none of the run's texts.
pub(super) fn file(path: &str) -> Location<'static> {
    let physical_location = PhysicalLocation { artifact_location: address(path), region: None, context_region: None };
    Location { id: None, physical_location, logical_locations: Vec::new(), message: None }
}

/// The address of a file, relative to the working folder unless its path is absolute.
pub(super) fn address(path: &str) -> ArtifactLocation {
    let drive = cfg!(windows) && path.as_bytes().get(1) == Some(&b':');
    let (uri, uri_base_id) = match path.strip_prefix("//") {
        Some(share) => (format!("file://{}", encode(share)), None),
        None if path.starts_with('/') => (format!("file://{}", encode(path)), None),
        None if drive => (format!("file:///{}", encode(path)), None),
        None => (encode(path), Some(SRCROOT)),
    };
    ArtifactLocation { uri: Some(uri), uri_base_id, ..ArtifactLocation::default() }
}

/// Percent-encodes everything but slashes and what RFC 3986 calls unreserved.
pub(super) fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
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
            assert_eq!((address.uri.as_deref(), address.uri_base_id), (Some(uri), base), "{path}");
        }
    }

    #[test]
    fn workloads_have_full_names() {
        let cases = [
            ("Deployment/web: container api", "Deployment/web/containers/api", "api"),
            ("service web", "services.web", "web"),
            ("CronJob/nightly", "CronJob/nightly", "CronJob/nightly"),
        ];
        for (shown, full, name) in cases {
            let logical = workload(shown);
            assert_eq!((logical.fully_qualified_name.as_str(), logical.name.as_str()), (full, name));
        }
    }
}
