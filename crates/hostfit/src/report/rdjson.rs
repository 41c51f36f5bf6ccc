//! The Reviewdog Diagnostic Format: <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>.

use std::io::{self, Write};

use hostfit_core::{
    finding::{Finding, Severity},
    rule,
    source::{Source, Span},
};
use serde::Serialize;

use super::{Run, json::write_value, rows::Rows};

#[derive(Serialize)]
struct DiagnosticResult<R> {
    source: Tool,
    diagnostics: R,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

/// From 1; columns count bytes of the line in UTF-8, and of the first line those of a byte order mark too.
#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

/// Writes the findings.
pub(crate) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let source = Tool { name: "hostfit", url: env!("CARGO_PKG_REPOSITORY") };
    let diagnostics = Rows(run.findings, |finding| diagnostic(finding, run));
    write_value(&DiagnosticResult { source, diagnostics }, out)
}

fn diagnostic<'a>(finding: &'a Finding, run: &Run<'a>) -> Diagnostic<'a> {
    let related = finding.related.iter().filter(|it| run.sources.get(it.span.source).is_some());
    Diagnostic {
        message: run.answers.message(finding).to_string(),
        location: location(finding.span, run),
        severity: match finding.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        code: Code { value: finding.rule, url: rule::url(finding.rule) },
        suggestions: suggestions(finding, run),
        related_locations: related
            .map(|it| Related { message: &it.message, location: location(it.span, run) })
            .collect(),
    }
}

fn location<'a>(span: Span, run: &Run<'a>) -> Location<'a> {
    let source = run.sources.get(span.source);
    Location {
        path: source.map_or("", |source| &source.path),
        range: source.map(|source| range(span.start, span.end, source)),
    }
}

fn range(start: u32, end: u32, source: &Source) -> Range {
    let position = |offset: u32| Position {
        line: source.position(offset).line,
        column: offset.saturating_sub(source.line_span(offset).start) + 1,
    };
    Range { start: position(start), end: position(end) }
}

/// The safe fixes that change nothing but the finding's file. A suggestion is taken by itself and says nothing of doubts.
fn suggestions(finding: &Finding, run: &Run) -> Vec<Suggestion> {
    let Some(source) = run.sources.get(finding.span.source) else { return Vec::new() };
    let safe = finding.fixes.iter().filter(|fix| fix.is_safe());
    let one = |fix: &hostfit_core::finding::Fix| {
        let mut edits: Vec<_> = fix.edits.iter().collect();
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let (start, end) = (edits.first()?.span.start, edits.last()?.span.end);
        let mut text = String::new();
        let mut at = start;
        for edit in edits {
            if edit.span.source != source.id || edit.span.start < at {
                return None;
            }
            text += source.text.get(at as usize..edit.span.start as usize)?;
            text += &edit.text;
            at = edit.span.end;
        }
        Some(Suggestion { range: range(start, end, source), text })
    };
    safe.filter_map(one).collect()
}
