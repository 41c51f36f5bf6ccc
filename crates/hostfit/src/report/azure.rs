//! Logging commands of Azure Pipelines, which become issues of the run.
//!
//! Escaped as its task library does:
//! <https://github.com/microsoft/azure-pipelines-task-lib/blob/master/node/taskcommand.ts>.

use std::io::{self, Write};

use hostfit_core::{finding::Severity, printable::line};

use super::{Run, lines};

/// Writes one command for each finding.
pub(crate) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for finding in run.findings {
        let place = run.place(finding.span);
        let kind = match finding.severity {
            Severity::Error => "error",
            // There is no third kind, and no other command that has a place.
            Severity::Warning | Severity::Info => "warning",
        };
        write!(out, "##vso[task.logissue type={kind};")?;
        if !place.path.is_empty() {
            let (line, column) = (place.start.line, place.start.column);
            write!(out, "sourcepath={};linenumber={line};columnnumber={column};", property(place.path))?;
        }
        let lines: Vec<_> = lines(&run.answers.message(finding)).map(|line| data(&line)).collect();
        writeln!(out, "code={};]{}", property(finding.rule), lines.join("%0A"))?;
    }
    Ok(())
}

fn data(text: &str) -> String {
    line(text).replace('%', "%AZP25")
}

fn property(text: &str) -> String {
    data(text).replace(']', "%5D").replace(';', "%3B")
}
