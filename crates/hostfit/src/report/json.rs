//! For programs: the shape of `check --format json` is a promise.

pub(crate) mod merge;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{self, Write},
};

use hostfit_core::{
    finding::{Applicability, Finding, Severity},
    printable, rule,
    source::{Position, Sources, Span, rendered::Rendering},
};
use serde::{Deserialize, Serialize};

use super::{
    Place, Run, VERSION,
    hosts::{HostLists, Hosts},
    part::Part,
    rows::ParallelRows,
    word,
};

/// The whole report.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report<'a, R> {
    pub(crate) schema: Cow<'a, str>,
    pub(crate) version: Cow<'a, str>,
    /// Of a run that reports on some of the files only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shard: Option<Part<'a>>,
    pub(crate) findings: R,
    pub(crate) summary: Summary<'a>,
}

/// What the shape is called.
pub(crate) const SCHEMA: &str = "hostfit/1";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JsonFinding<'a> {
    rule: Cow<'a, str>,
    pub(crate) severity: Cow<'a, str>,
    message: Cow<'a, str>,
    notes: Vec<Cow<'a, str>>,
    help: Option<Cow<'a, str>>,
    pub(crate) path: Cow<'a, str>,
    range: Range,
    workload: Option<Cow<'a, str>>,
    image: Option<Cow<'a, str>>,
    hosts: Hosts<'a>,
    /// Where a target has other hosts than the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    fleet: Option<Cow<'a, str>>,
    related: Vec<Related<'a>>,
    fixes: Vec<Fix<'a>>,
    /// The charts and overlays in which it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rendered: Vec<Rendered<'a>>,
    url: Cow<'a, str>,
}

/// A chart with its values, or an overlay.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rendered<'a> {
    by: Cow<'a, str>,
    root: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    set: BTreeMap<Cow<'a, str>, Cow<'a, serde_json::Value>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    synthetic: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<Cow<'a, str>>,
}

impl<'a> From<&'a Rendering> for Rendered<'a> {
    fn from(rendering: &'a Rendering) -> Self {
        Self {
            by: rendering.by.name().into(),
            root: (&*rendering.root).into(),
            values: rendering.values.iter().map(Cow::from).collect(),
            set: rendering.set.iter().map(|(key, value)| (Cow::from(key), Cow::Borrowed(value))).collect(),
            synthetic: rendering.is_synthetic,
            source: rendering.source.as_deref().map(Cow::from),
        }
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Related<'a> {
    path: Cow<'a, str>,
    range: Range,
    message: Cow<'a, str>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Fix<'a> {
    title: Cow<'a, str>,
    applicability: Cow<'a, str>,
    edits: Vec<Edit<'a>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Edit<'a> {
    path: Cow<'a, str>,
    range: Range,
    text: Cow<'a, str>,
}

/// Where something stands, in the user's bytes.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Range {
    pub(crate) start: Point,
    pub(crate) end: Point,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Point {
    pub(crate) line: u32,
    pub(crate) column: u32,
    offset: u32,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Summary<'a> {
    pub(crate) files: usize,
    pub(crate) skipped: Vec<Skipped<'a>>,
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) infos: usize,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Skipped<'a> {
    pub(crate) path: Cow<'a, str>,
    reason: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// Writes the findings and the summary.
pub(crate) fn write<'a>(run: &Run<'a>, out: &mut dyn Write) -> io::Result<()> {
    let lists = HostLists::new(run.answers, 3);
    let report = Report {
        schema: SCHEMA.into(),
        version: VERSION.into(),
        shard: run.part.cloned(),
        findings: ParallelRows {
            of: run.findings,
            make: |finding: &'a Finding| json_finding(finding, run, &lists),
            jobs: run.jobs,
            depth: 2,
        },
        summary: Summary {
            files: run.checked.len(),
            skipped: run
                .skipped
                .iter()
                .map(|it| Skipped { path: (&it.path).into(), reason: (&*it.reason).into(), line: it.line })
                .collect(),
            errors: run.count(Severity::Error),
            warnings: run.count(Severity::Warning),
            infos: run.count(Severity::Info),
        },
    };
    write_value(&report, out)
}

/// Writes any value the way all JSON of this program is written.
pub(crate) fn write_value(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut printable = Printable { out: &mut *out, pending: Vec::with_capacity(2 * ENOUGH) };
    serde_json::to_writer_pretty(&mut printable, value)?;
    printable.write_pending(printable.pending.len())?;
    out.write_all(b"\n")
}

/// Writes JSON with escapes for what a terminal or a log would obey: readers get it back as it was. That is looked for in
/// whole lines, since no string of JSON holds a line end.
struct Printable<'a> {
    out: &'a mut dyn Write,
    /// What is not written yet.
    pending: Vec<u8>,
}

/// So many bytes are looked at together: few enough that a character beyond ASCII, for which each of them is looked at by
/// itself, is in few of them.
const ENOUGH: usize = 1 << 10;

impl Write for Printable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= ENOUGH
            && let Some(behind) = bytes.iter().rev().position(|byte| *byte == b'\n')
        {
            self.write_pending(self.pending.len() - behind)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_pending(self.pending.len())?;
        self.out.flush()
    }
}

impl Printable<'_> {
    fn write_pending(&mut self, length: usize) -> io::Result<()> {
        let lines = self.pending.get(..length).unwrap_or_default();
        if printable::is_plain(lines) {
            self.out.write_all(lines)?;
        } else {
            for line in lines.split_inclusive(|byte| *byte == b'\n') {
                escape(str::from_utf8(line).map_err(io::Error::other)?, self.out)?;
            }
        }
        self.pending.drain(..length);
        Ok(())
    }
}

fn escape(line: &str, out: &mut dyn Write) -> io::Result<()> {
    let text = line.trim_end_matches('\n');
    for (part, other) in printable::parts(text) {
        out.write_all(part.as_bytes())?;
        for unit in other.iter().flat_map(|char| char.encode_utf16(&mut [0; 2]).to_vec()) {
            write!(out, "\\u{unit:04x}")?;
        }
    }
    out.write_all(line.as_bytes().get(text.len()..).unwrap_or_default())
}

fn json_finding<'a>(finding: &'a Finding, run: &Run<'a>, lists: &HostLists<'a>) -> JsonFinding<'a> {
    let Run { sources, answers, .. } = *run;
    let related = |it: &'a hostfit_core::finding::Related| Related {
        path: path(it.span, sources).into(),
        range: range(it.span, sources),
        message: (&it.message).into(),
    };
    let edit = |it: &'a hostfit_core::finding::Edit| Edit {
        path: path(it.span, sources).into(),
        range: range(it.span, sources),
        text: (&it.text).into(),
    };
    let fix = |it: &'a hostfit_core::finding::Fix| Fix {
        title: (&it.title).into(),
        applicability: match it.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
        }
        .into(),
        edits: it.edits.iter().map(edit).collect(),
    };
    JsonFinding {
        rule: finding.rule.into(),
        severity: word(finding.severity).into(),
        message: (&finding.message.headline).into(),
        notes: finding.message.notes.iter().map(Cow::from).collect(),
        help: finding.message.help.as_deref().map(Cow::from),
        path: path(finding.span, sources).into(),
        range: range(finding.span, sources),
        workload: answers.workload_name(finding).map(Cow::from),
        image: finding.image.as_deref().map(Cow::from),
        hosts: lists.of(finding),
        fleet: answers.fleet_name(finding).map(Cow::from),
        related: finding.related.iter().map(related).collect(),
        fixes: finding.fixes.iter().map(fix).collect(),
        rendered: finding.rendered.iter().map(|it| Rendered::from(&**it)).collect(),
        url: rule::url(finding.rule).into(),
    }
}

pub(crate) fn path(span: Span, sources: &Sources) -> &str {
    Place::new(span, sources).path
}

pub(crate) fn range(span: Span, sources: &Sources) -> Range {
    let place = Place::new(span, sources);
    Range { start: point(place.start), end: point(place.end) }
}

pub(crate) fn point(Position { line, column, offset }: Position) -> Point {
    Point { line, column, offset }
}
