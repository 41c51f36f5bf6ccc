//! GitLab's Code Quality report: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::io::{self, Write};

use hostfit_core::finding::{Finding, Severity};
use serde::Serialize;

use super::{Run, json::write_value, rows::Rows};

#[derive(Serialize)]
struct Degradation<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes the findings.
pub(crate) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    write_value(&Rows(run.findings, |finding| degradation(finding, run)), out)
}

fn degradation<'a>(finding: &'a Finding, run: &Run<'a>) -> Degradation<'a> {
    let place = run.place(finding.span);
    Degradation {
        description: run.answers.message(finding).to_string(),
        check_name: finding.rule,
        fingerprint: finding.fingerprint().unwrap_or_default(),
        severity: match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Info => "info",
        },
        location: Location { path: place.path, lines: Lines { begin: place.start.line, end: place.last_line() } },
    }
}
