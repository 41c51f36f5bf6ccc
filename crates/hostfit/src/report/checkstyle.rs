//! Checkstyle's XML, which Jenkins, reviewdog and many others read.

use std::io::{self, Write};

use super::{
    Run, lines, word,
    xml::{attribute, attribute_of},
};

/// Writes the findings by file.
pub(crate) fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n")?;
    for findings in run.findings.chunk_by(|a, b| a.span.source == b.span.source) {
        let Some(first) = findings.first() else { continue };
        writeln!(out, "  <file name={}>", attribute(run.place(first.span).path))?;
        for finding in findings {
            let start = run.place(finding.span).start;
            writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message={} source={}/>",
                start.line,
                start.column,
                word(finding.severity),
                attribute_of(lines(&run.answers.message(finding))),
                attribute(&format!("hostfit.{}", finding.rule)),
            )?;
        }
        out.write_all(b"  </file>\n")?;
    }
    out.write_all(b"</checkstyle>\n")
}
