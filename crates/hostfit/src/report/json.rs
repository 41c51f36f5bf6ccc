//! For programs: the shape of `check --format json` is a promise.

use std::io::{self, Write};

use hostfit_core::{
    finding::{Applicability, Finding, Severity},
    rule,
    source::{Position, Sources, Span},
};
use serde::Serialize;

use super::{Place, Run, rows::Rows, word};

#[derive(Serialize)]
struct Report<'a, R> {
    schema: &'static str,
    version: &'static str,
    findings: R,
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    path: &'a str,
    range: Range,
    workload: Option<&'a str>,
    image: Option<&'a str>,
    hosts: &'a [String],
    related: Vec<Related<'a>>,
    fixes: Vec<Fix<'a>>,
    url: String,
}

#[derive(Serialize)]
struct Related<'a> {
    path: &'a str,
    range: Range,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    path: &'a str,
    range: Range,
    text: &'a str,
}

/// Where something stands, in the user's bytes.
#[derive(Serialize)]
pub(crate) struct Range {
    pub(crate) start: Point,
    end: Point,
}

#[derive(Serialize)]
pub(crate) struct Point {
    pub(crate) line: u32,
    pub(crate) column: u32,
    offset: u32,
}

#[derive(Serialize)]
struct Summary<'a> {
    files: usize,
    skipped: Vec<Skipped<'a>>,
    errors: usize,
    warnings: usize,
    infos: usize,
}

#[derive(Serialize)]
struct Skipped<'a> {
    path: &'a str,
    reason: &'static str,
}

/// Writes the findings and the summary.
pub(crate) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let report = Report {
        schema: "hostfit/1",
        version: env!("CARGO_PKG_VERSION"),
        findings: Rows(run.findings, |finding| json_finding(finding, run.sources)),
        summary: Summary {
            files: run.checked.len(),
            skipped: run.skipped.iter().map(|it| Skipped { path: &it.path, reason: it.reason }).collect(),
            errors: run.count(Severity::Error),
            warnings: run.count(Severity::Warning),
            infos: run.count(Severity::Info),
        },
    };
    write_value(&report, out)
}

/// Writes any value the way all JSON of this program is written.
pub(crate) fn write_value(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    out.write_all(b"\n")
}

fn json_finding<'a>(finding: &'a Finding, sources: &'a Sources) -> JsonFinding<'a> {
    let related = |it: &'a hostfit_core::finding::Related| Related {
        path: path(it.span, sources),
        range: range(it.span, sources),
        message: &it.message,
    };
    let edit = |it: &'a hostfit_core::finding::Edit| Edit {
        path: path(it.span, sources),
        range: range(it.span, sources),
        text: &it.text,
    };
    let fix = |it: &'a hostfit_core::finding::Fix| Fix {
        title: &it.title,
        applicability: match it.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
        },
        edits: it.edits.iter().map(edit).collect(),
    };
    JsonFinding {
        rule: finding.rule,
        severity: word(finding.severity),
        message: &finding.message,
        path: path(finding.span, sources),
        range: range(finding.span, sources),
        workload: finding.workload.as_deref(),
        image: finding.image.as_deref(),
        hosts: &finding.hosts,
        related: finding.related.iter().map(related).collect(),
        fixes: finding.fixes.iter().map(fix).collect(),
        url: rule::url(finding.rule),
    }
}

pub(crate) fn path(span: Span, sources: &Sources) -> &str {
    Place::new(span, sources).path
}

pub(crate) fn range(span: Span, sources: &Sources) -> Range {
    let place = Place::new(span, sources);
    let point = |Position { line, column, offset }| Point { line, column, offset };
    Range { start: point(place.start), end: point(place.end) }
}
