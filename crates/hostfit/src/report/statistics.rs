//! How many findings each rule has.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;

use super::{Run, json, word};
use crate::args::ReportFormat;

#[derive(Serialize)]
struct Row {
    rule: &'static str,
    severity: &'static str,
    count: usize,
}

/// Writes a line, or an object, for each rule and severity that something was found of, the most frequent first.
pub(crate) fn write(format: ReportFormat, run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for finding in run.findings {
        *counts.entry((Reverse(finding.severity), finding.rule)).or_default() += 1;
    }
    let row = |((severity, rule), count): ((Reverse<_>, _), _)| Row { rule, severity: word(severity.0), count };
    let mut rows: Vec<_> = counts.into_iter().map(row).collect();
    rows.sort_by_key(|row| Reverse(row.count));
    if format == ReportFormat::Json {
        return json::write_value(&rows, out);
    }
    let width = rows.iter().map(|row| row.count.to_string().len()).max().unwrap_or(0);
    for Row { rule, severity, count } in rows {
        writeln!(out, "{count:width$}  {severity:7}  {rule}")?;
    }
    Ok(())
}
