//! The reports on the parts of a run as one.

use std::io::{self, Write};

use hostfit_core::finding::Severity;
use serde::Deserialize;

use super::{JsonFinding, Report, SCHEMA, Summary, write_value};
use crate::report::{VERSION, part::Named, part::Part, severity};

/// A report on a part.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Read(Report<'static, Vec<JsonFinding<'static>>>);

impl Read {
    /// Which it is.
    pub(crate) fn part(&self) -> Option<Part<'static>> {
        self.0.shard.clone()
    }
}

/// What the whole run would have written.
pub(crate) struct Joined {
    report: Report<'static, Vec<JsonFinding<'static>>>,
    /// The worst that was found.
    pub(crate) worst: Option<Severity>,
}

impl Joined {
    /// # Errors
    /// When one of them was changed since it was written.
    pub(crate) fn of(parts: Vec<Named<Read>>) -> Result<Self, String> {
        let mut summary = Summary { files: 0, skipped: Vec::new(), errors: 0, warnings: 0, infos: 0 };
        let (mut findings, mut worst) = (Vec::new(), None);
        for part in &parts {
            let report = &part.report.0;
            let (found, skipped) = (report.findings.iter(), report.summary.skipped.iter());
            found.map(|it| &it.path).chain(skipped.map(|it| &it.path)).try_for_each(|path| part.owns(path))?;
            for finding in &report.findings {
                let severity = severity(&finding.severity).map_err(|why| format!("{}: {why}", part.name))?;
                worst = worst.max(Some(severity));
                match severity {
                    Severity::Error => summary.errors += 1,
                    Severity::Warning => summary.warnings += 1,
                    Severity::Info => summary.infos += 1,
                }
            }
        }
        for part in parts {
            let report = part.report.0;
            findings.extend(report.findings);
            summary.files = summary.files.saturating_add(report.summary.files);
            summary.skipped.extend(report.summary.skipped);
        }
        // All findings of one file come from one part, in their order.
        findings.sort_by(|a, b| a.path.cmp(&b.path));
        summary.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        let report = Report { schema: SCHEMA.into(), version: VERSION.into(), shard: None, findings, summary };
        Ok(Self { report, worst })
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write_value(&self.report, out)
    }
}
