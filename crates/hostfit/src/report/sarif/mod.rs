//! SARIF 2.1.0: for GitHub code scanning, and for whoever reads it.
//!
//! What GitHub makes of it: <https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

mod links;
mod locate;
pub(crate) mod merge;
mod model;
mod rules;

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::BTreeMap,
    io::{self, Write},
};

use hostfit_core::{
    finding::{Applicability, Finding, Severity},
    identity,
    rules::RULES,
    source::{Encoding, Source, SourceId},
    suppress::By,
};

use self::{
    locate::Locator,
    model::{
        Analysis, Artifact, ArtifactChange, ArtifactLocation, AutomationDetails, DescriptorReference, Driver, Fix,
        Invocation, Log, Notification, Replacement, ResultProperties, RunProperties, SarifResult, Suppression, Text,
        Tool, VersionControl,
    },
};
use super::{
    Run,
    hosts::HostLists,
    json::{Rendered, write_value},
    part::Part,
    rows::Rows,
};

/// GitHub refuses a run with more results, and shows the 5,000 worst.
/// <https://docs.github.com/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit>
const MOST_RESULTS: usize = 25_000;

/// GitHub shows no more places of one result.
const MOST_PLACES: usize = 100;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const SARIF: &str = "2.1.0";
const COLUMN_KIND: &str = "unicodeCodePoints";
const DEFAULT_ENCODING: &str = "utf-8";
const LANGUAGE: &str = "en-US";

const SRCROOT: &str = "%SRCROOT%";
const REPOSITORY: &str = "%REPOSITORY%";

/// Writes the findings.
pub(crate) fn write<'a>(run: &Run<'a>, out: &mut dyn Write) -> io::Result<()> {
    let kept = Kept::of(run);
    let indexes: BTreeMap<&str, usize> = RULES.iter().enumerate().map(|(index, rule)| (rule.id, index)).collect();
    let locator = Locator::new(run, kept.rows.iter().map(|row| row.finding));
    let lists = HostLists::new(run.answers, 6);
    let analysis = Analysis {
        tool: Tool { driver: driver() },
        invocations: [invocation(run, kept.cut)],
        automation_details: AutomationDetails { id: category(run) },
        version_control_provenance: run.repository.and_then(provenance).map(|it| [it]),
        original_uri_base_ids: base_ids(run),
        artifacts: locator.sources().map(artifact).collect(),
        results: Rows(&kept.rows, |row: &Row<'a>| result(row, &indexes, &locator, &lists)),
        column_kind: COLUMN_KIND.into(),
        default_encoding: DEFAULT_ENCODING.into(),
        language: LANGUAGE.into(),
        properties: run.part.map(|part| RunProperties {
            shard: part.clone(),
            cut: kept.cut,
            unchecked: part.shard().map(|shard| locator.unchecked(shard)).unwrap_or_default(),
        }),
    };
    write_value(&Log { schema: SCHEMA.into(), version: SARIF.into(), runs: [analysis] }, out)
}

/// One result.
#[derive(Clone, Copy)]
struct Row<'a> {
    finding: &'a Finding,
    /// Who took it away.
    by: Option<&'a By>,
}

/// The results that fit.
struct Kept<'a> {
    /// In the order of findings.
    rows: Vec<Row<'a>>,
    /// How many are left out: those that were taken away, then the least severe, and of those the last.
    cut: usize,
}

impl<'a> Kept<'a> {
    fn of(run: &Run<'a>) -> Self {
        let reported = run.findings.iter().map(|finding| Row { finding, by: None });
        let suppressed = run.suppressed.iter().map(|it| Row { finding: &it.finding, by: Some(&it.by) });
        let mut rows: Vec<_> = reported.chain(suppressed).collect();
        let cut = rows.len().saturating_sub(MOST_RESULTS);
        if cut > 0 {
            rows.sort_by_key(|row| (row.by.is_some(), Reverse(row.finding.severity)));
            rows.truncate(MOST_RESULTS);
        }
        let place = |row: &Row<'a>| (run.path(row.finding.span.source), row.finding.span.start, row.finding.rule);
        rows.sort_by(|a, b| (place(a), a.finding.span.end).cmp(&(place(b), b.finding.span.end)));
        Self { rows, cut }
    }
}

fn driver() -> Driver {
    Driver {
        name: "hostfit",
        full_name: concat!("hostfit ", env!("CARGO_PKG_VERSION")),
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        short_description: rules::text(env!("CARGO_PKG_DESCRIPTION")),
        rules: RULES.iter().map(|rule| rules::descriptor(rule)).collect(),
        notifications: rules::notifications(),
    }
}

/// Reports on parts of a run are of one repository and commit too: of two with one name the later takes the other's place.
fn category<'a>(run: &Run<'a>) -> Cow<'a, str> {
    match run.part {
        None => run.category.into(),
        Some(part) => (run.category.to_owned() + &suffix(part)).into(),
    }
}

fn suffix(part: &Part) -> String {
    format!("shard-{}-of-{}/", part.index, part.count)
}

fn invocation<'a>(run: &Run<'a>, cut: usize) -> Invocation<'a> {
    let mut notifications = Vec::new();
    for skipped in run.skipped {
        let unreadable = skipped.reason == "unreadable";
        let index = if unreadable { rules::UNREADABLE } else { rules::SKIPPED };
        notifications.push(Notification {
            descriptor: descriptor(index),
            level: if unreadable { "warning" } else { "note" }.into(),
            message: plain(format!("'{}' was not checked ({}): {}.", skipped.path, skipped.reason, skipped.advice)),
            locations: vec![locate::file(&skipped.path)],
        });
    }
    let total = run.findings.len() + run.suppressed.len();
    notifications.extend(cut_notification(cut, total));
    ended(run.findings.iter().any(|finding| run.fails(finding)), notifications)
}

/// Says that results were left out, if some were.
fn cut_notification(cut: usize, total: usize) -> Option<Notification<'static>> {
    let message = || {
        format!(
            "{cut} of {total} results were left out, the least severe ones, since GitHub takes {MOST_RESULTS} at most."
        )
    };
    (cut > 0).then(|| Notification {
        descriptor: descriptor(rules::CUT),
        level: "warning".into(),
        message: plain(message()),
        locations: Vec::new(),
    })
}

fn ended(fails: bool, tool_execution_notifications: Vec<Notification>) -> Invocation {
    Invocation {
        execution_successful: true,
        exit_code: u8::from(fails),
        exit_code_description: if fails { "there are findings that fail the run" } else { "nothing fails the run" }
            .into(),
        tool_execution_notifications,
    }
}

fn descriptor(index: usize) -> DescriptorReference<'static> {
    DescriptorReference { id: rules::NOTIFICATIONS.get(index).map_or("", |it| it.0).into(), index }
}

fn provenance(repository: &crate::repository::Repository) -> Option<VersionControl<'_>> {
    Some(VersionControl {
        repository_uri: repository.uri.as_deref()?.into(),
        revision_id: repository.revision.as_deref().map(Cow::from),
        branch: repository.branch.as_deref().map(Cow::from),
        mapped_to: ArtifactLocation { uri_base_id: Some(root_id(repository).into()), ..ArtifactLocation::default() },
    })
}

/// What the root of the repository is called: most runs start there.
fn root_id(repository: &crate::repository::Repository) -> &'static str {
    if repository.folder.is_empty() { SRCROOT } else { REPOSITORY }
}

/// Where relative addresses start. The folders themselves are not named: they differ from machine to machine.
fn base_ids(run: &Run) -> BTreeMap<Cow<'static, str>, ArtifactLocation<'static>> {
    let about = |text| Some(rules::text(text));
    let working = ArtifactLocation { description: about("The folder that hostfit ran in."), ..Default::default() };
    match run.repository {
        Some(repository) if !repository.folder.is_empty() => {
            let uri = format!("{}/", locate::encode(&repository.folder));
            let root = ArtifactLocation { description: about("The root of the repository."), ..Default::default() };
            let working = ArtifactLocation { uri: Some(uri.into()), uri_base_id: Some(REPOSITORY.into()), ..working };
            BTreeMap::from([(SRCROOT.into(), working), (REPOSITORY.into(), root)])
        }
        _ => BTreeMap::from([(SRCROOT.into(), working)]),
    }
}

fn artifact(source: &Source) -> Artifact<'static> {
    Artifact {
        location: locate::address(&source.path),
        encoding: match source.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
        }
        .into(),
        roles: ["analysisTarget".into()],
    }
}

fn result<'a>(
    row: &Row<'a>,
    indexes: &BTreeMap<&str, usize>,
    locator: &Locator<'a>,
    lists: &HostLists<'a>,
) -> SarifResult<'a> {
    let Row { finding, by } = *row;
    let answers = locator.run.answers;
    let message = answers.message(finding);
    let related: Vec<_> = locate::shown(finding, &locator.run).collect();
    let numbered = |(number, it): (usize, &&'a hostfit_core::finding::Related)| model::Location {
        id: Some(number + 1),
        message: Some(borrowed(&it.message)),
        ..locator.location(it.span)
    };
    SarifResult {
        rule_id: finding.rule.into(),
        rule_index: indexes.get(finding.rule).copied(),
        level: level(finding.severity).into(),
        message: Text {
            text: links::text(&message, &related).into(),
            markdown: Some(links::markdown(&message, &related)),
        },
        locations: if locator.has(finding.span) { vec![locator.main(finding)] } else { Vec::new() },
        related_locations: related.iter().enumerate().map(numbered).collect(),
        partial_fingerprints: finding.fingerprint().map(|it| (identity::SCHEME.into(), it)).into_iter().collect(),
        baseline_state: match by {
            Some(By::Baseline) => Some("unchanged".into()),
            _ if locator.run.has_baseline => Some("new".into()),
            _ => None,
        },
        suppressions: by.map(|by| suppression(by, locator)).into_iter().collect(),
        fixes: finding.fixes.iter().filter_map(|it| fix(it, locator)).collect(),
        properties: ResultProperties {
            workload: answers.workload_name(finding).map(Cow::from),
            image: finding.image.as_deref().map(Cow::from),
            hosts: lists.of(finding),
            fleet: answers.fleet_name(finding).map(Cow::from),
            rendered: finding.rendered.iter().map(|it| Rendered::from(&**it)).collect(),
        },
    }
}

fn suppression<'a>(by: &'a By, locator: &Locator<'a>) -> Suppression<'a> {
    match by {
        By::Comment { span, reason } => Suppression {
            kind: "inSource".into(),
            status: "accepted".into(),
            justification: Some(reason).filter(|it| !it.is_empty()).map(Cow::from),
            location: Some(locator.location(*span)),
        },
        By::Baseline => Suppression {
            kind: "external".into(),
            status: "accepted".into(),
            justification: Some("the baseline holds it".into()),
            location: None,
        },
    }
}

fn fix<'a>(fix: &'a hostfit_core::finding::Fix, locator: &Locator<'a>) -> Option<Fix<'a>> {
    let mut changes: BTreeMap<SourceId, ArtifactChange> = BTreeMap::new();
    for edit in &fix.edits {
        let change = changes.entry(edit.span.source).or_insert_with(|| ArtifactChange {
            artifact_location: locator.artifact(edit.span.source),
            replacements: Vec::new(),
        });
        change.replacements.push(Replacement {
            deleted_region: locator.region(edit.span)?,
            inserted_content: model::Content { text: (&edit.text).into() },
        });
    }
    let description = match fix.applicability {
        Applicability::Safe => borrowed(&fix.title),
        Applicability::Unsafe => plain(format!("{} (may change more than the finding)", fix.title)),
    };
    (!changes.is_empty()).then(|| Fix { description, artifact_changes: changes.into_values().collect() })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn plain(text: String) -> Text<'static> {
    Text { text: Cow::Owned(text), markdown: None }
}

fn borrowed(text: &str) -> Text<'_> {
    Text { text: Cow::Borrowed(text), markdown: None }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{at, finding, run, sources},
        *,
    };

    #[test]
    fn what_github_would_refuse_is_cut_and_said_to_be() {
        let sources = sources(vec![("Dockerfile", b"FROM x:1\n".to_vec())]);
        let mut findings = vec![finding(at(&sources, 0, "x:1")); MOST_RESULTS + 2];
        findings[0].severity = Severity::Warning;
        findings[7].severity = Severity::Info;
        findings[8].severity = Severity::Info;
        let run = run(&sources, &findings);
        let Kept { rows, cut } = Kept::of(&run);
        assert_eq!((rows.len(), cut), (MOST_RESULTS, 2));
        assert!(rows.iter().all(|row| row.finding.severity > Severity::Info));
        let invocation = invocation(&run, cut);
        let [notification] = invocation.tool_execution_notifications.as_slice() else { panic!("one") };
        assert_eq!(notification.descriptor.id, "results-cut");
        assert!(notification.message.text.starts_with("2 of 25002 results were left out"));
    }
}
