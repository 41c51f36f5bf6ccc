//! JUnit XML: a suite for each file, a test for each finding. A test fails where its finding makes the run fail, so that
//! the exit status and a CI server that reads this say the same.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use hostfit_core::{finding::Finding, printable, rule, source::SourceId};

use super::{
    Run, lines, word,
    xml::{attribute, text},
};

/// Writes all checked files, and those that were passed over.
pub(crate) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let mut suites: BTreeMap<(&str, SourceId), &[Finding]> = BTreeMap::new();
    for &id in run.checked {
        suites.insert((run.path(id), id), &[]);
    }
    for findings in run.findings.chunk_by(|a, b| a.span.source == b.span.source) {
        let Some(first) = findings.first() else { continue };
        suites.insert((run.path(first.span.source), first.span.source), findings);
    }
    let tests = suites.values().map(|findings| findings.len().max(1)).sum::<usize>() + run.skipped.len();
    let failures = run.findings.iter().filter(|finding| run.fails(finding)).count();
    let skipped = run.skipped.len();
    out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
    writeln!(
        out,
        "<testsuites name=\"hostfit\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">"
    )?;
    for ((path, _), findings) in suites {
        suite(path, findings, run, out)?;
    }
    for skipped in run.skipped {
        let path = attribute(&skipped.path);
        writeln!(out, "  <testsuite name={path} tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\">")?;
        writeln!(out, "    <testcase classname={path} name=\"hostfit\" file={path}>")?;
        let why = attribute(&format!("{}: {}", skipped.reason, skipped.advice));
        writeln!(out, "      <skipped message={why}/>\n    </testcase>\n  </testsuite>")?;
    }
    out.write_all(b"</testsuites>\n")
}

fn suite(path: &str, findings: &[Finding], run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let failures = findings.iter().filter(|finding| run.fails(finding)).count();
    let (tests, path) = (findings.len().max(1), attribute(path));
    writeln!(out, "  <testsuite name={path} tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">")?;
    if findings.is_empty() {
        writeln!(out, "    <testcase classname={path} name=\"hostfit\" file={path}/>")?;
    }
    for finding in findings {
        let place = run.place(finding.span);
        let (line, column) = (place.start.line, place.start.column);
        // Readers take tests of one name for one test: the place tells them apart.
        let name = attribute(&format!("{} at {line}:{column}", finding.rule));
        writeln!(out, "    <testcase classname={path} name={name} file={path} line=\"{line}\">")?;
        let severity = word(finding.severity);
        let message = run.answers.message(finding);
        let lines: Vec<_> = lines(&message).collect();
        let details = text(&format!(
            "{}:{line}:{column}: {severity}[{}]: {}\n{}",
            printable::line(place.path),
            finding.rule,
            lines.join("\n"),
            rule::url(finding.rule)
        ));
        if run.fails(finding) {
            let message = attribute(&message.headline);
            writeln!(out, "      <failure type=\"{severity}\" message={message}>{details}</failure>")?;
        } else {
            writeln!(out, "      <system-out>{details}</system-out>")?;
        }
        out.write_all(b"    </testcase>\n")?;
    }
    out.write_all(b"  </testsuite>\n")
}
