//! Findings to text. Only `json` and `human` know how they look.

pub(crate) mod human;
pub(crate) mod json;
mod snippet;

use hostfit_core::{
    finding::{Finding, Severity},
    source::{Sources, Span},
};

use crate::files::Skipped;

/// All that a report may show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'run> {
    /// Sorted.
    pub(crate) findings: &'run [Finding],
    /// The texts.
    pub(crate) sources: &'run Sources,
    /// How many files are ours.
    pub(crate) files: usize,
    /// What was passed over, by name.
    pub(crate) skipped: &'run [Skipped],
}

impl Run<'_> {
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// `deploy/web.yaml:14`.
pub(crate) fn place(span: Span, sources: &Sources) -> String {
    let line = sources.get(span.source).map_or(1, |source| source.position(span.start).line);
    format!("{}:{line}", json::path(span, sources))
}

#[cfg(test)]
mod tests;
