//! `hostfit rules`.

use std::io::{BufWriter, Write, stdout};

use hostfit_core::rules::RULES;
use serde::Serialize;

use crate::{
    Exit,
    args::{Format, Rules},
    error::Error,
    report,
};

#[derive(Serialize)]
struct Row {
    id: &'static str,
    severity: &'static str,
    summary: &'static str,
    url: String,
}

pub(crate) fn run(args: &Rules) -> Result<Exit, Error> {
    let row = |rule: &&'static hostfit_core::rule::Rule| Row {
        id: rule.id,
        severity: report::word(rule.severity),
        summary: rule.summary,
        url: rule.url(),
    };
    let rows: Vec<_> = RULES.iter().map(row).collect();
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        Format::Json => report::json::write_value(&rows, &mut out)?,
        Format::Human => {
            let width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
            for Row { id, severity, summary, .. } in &rows {
                writeln!(out, "{id:width$}  {severity:7}  {summary}")?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Clean)
}
