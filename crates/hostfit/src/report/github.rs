//! Workflow commands of GitHub Actions, which become annotations of the changed lines.
//!
//! Escaped as `@actions/core` does: <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>.

use std::io::{self, Write};

use hostfit_core::{finding::Severity, printable::line, rule};

use super::{Run, lines};

/// Writes one command for each finding.
pub(crate) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for finding in run.findings {
        let place = run.place(finding.span);
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        write!(out, "::{command} ")?;
        if !place.path.is_empty() {
            let (start, end) = (place.start, place.end);
            write!(out, "file={},line={},", property(place.path), start.line)?;
            // Columns of different lines are refused.
            if place.is_in_one_line() {
                write!(out, "col={},endLine={},endColumn={},", start.column, end.line, end.column)?;
            } else {
                write!(out, "endLine={},", place.last_line())?;
            }
        }
        let title = property(&format!("{}: {}", place.path, finding.rule));
        let lines: Vec<_> = lines(&run.answers.message(finding)).map(|line| data(&line)).collect();
        writeln!(out, "title={title}::{}%0A{}", lines.join("%0A"), rule::url(finding.rule))?;
    }
    Ok(())
}

fn data(text: &str) -> String {
    line(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
