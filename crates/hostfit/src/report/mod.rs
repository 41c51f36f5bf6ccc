//! Findings to text. Only the formats know how they look; none of them decides anything.
//!
//! One file for each format (SARIF and the human format have folders), one snapshot of it on file names and messages that try to break it,
//! and one reader of others in `tests/tools/readers.mjs`. A format only writes what [`Run`] holds and judges nothing.
//!
//! JSON and SARIF are read too, by `merge`, into the very structs that they are written from, so the order of keys cannot differ. What
//! parts of a run say of themselves is in `part`.

mod azure;
mod checkstyle;
mod github;
mod gitlab;
mod hosts;
pub(crate) mod human;
pub(crate) mod json;
mod junit;
pub(crate) mod markdown;
pub(crate) mod matrix;
pub(crate) mod pages;
pub(crate) mod part;
mod place;
pub(crate) mod plan;
mod rdjson;
mod rows;
pub(crate) mod sarif;
mod snippet;
pub(crate) mod statistics;
mod xml;

use std::io::{self, Write};

use hostfit_core::{
    finding::{Finding, Message, Severity},
    judge::Answers,
    printable::line,
    source::{SourceId, Sources, Span},
    suppress::Suppressed,
};

use self::part::Part;
pub(crate) use self::place::Place;
use crate::{args::ReportFormat, files::Skipped, repository::Repository, terminal::Style};

/// Reports name the program that wrote them.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// All that a report may show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'run> {
    /// Sorted.
    pub(crate) findings: &'run [Finding],
    /// What comments and the baseline suppressed, sorted too.
    pub(crate) suppressed: &'run [Suppressed],
    /// Whether the findings were compared with a baseline.
    pub(crate) has_baseline: bool,
    /// The texts.
    pub(crate) sources: &'run Sources,
    /// The files that are ours.
    pub(crate) checked: &'run [SourceId],
    /// What was passed over, by name.
    pub(crate) skipped: &'run [Skipped],
    /// The least severity that makes the run fail.
    pub(crate) fail_on: Option<Severity>,
    /// What was judged, and decided.
    pub(crate) answers: Answers<'run>,
    /// What Git knows of the working folder.
    pub(crate) repository: Option<&'run Repository>,
    /// What distinguishes this run from others of the same repository: `hostfit/services/web/`.
    pub(crate) category: &'run str,
    /// Which part of a split run it is, if it is one.
    pub(crate) part: Option<&'run Part<'static>>,
    /// How many threads write it, if that was said.
    pub(crate) jobs: Option<u16>,
}

impl<'run> Run<'run> {
    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    fn fails(&self, finding: &Finding) -> bool {
        self.fail_on.is_some_and(|least| finding.severity >= least)
    }

    fn place(&self, span: Span) -> Place<'run> {
        Place::new(span, self.sources)
    }

    fn path(&self, id: SourceId) -> &'run str {
        self.sources.get(id).map_or("", |source| &source.path)
    }
}

/// Writes the findings; `style` is how people see them.
pub(crate) fn write(format: ReportFormat, run: &Run, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match format {
        ReportFormat::Human => human::write(run, style, out),
        ReportFormat::Concise => human::write_concise(run, out),
        ReportFormat::Json => json::write(run, out),
        ReportFormat::Sarif => sarif::write(run, out),
        ReportFormat::Github => github::write(run, out),
        ReportFormat::Gitlab => gitlab::write(run, out),
        ReportFormat::Azure => azure::write(run, out),
        ReportFormat::Junit => junit::write(run, out),
        ReportFormat::Checkstyle => checkstyle::write(run, out),
        ReportFormat::Rdjson => rdjson::write(run, out),
    }
}

/// The severity of that name.
///
/// # Errors
/// Where there is none.
pub(crate) fn severity(name: &str) -> Result<Severity, String> {
    let known = [Severity::Error, Severity::Warning, Severity::Info];
    known.into_iter().find(|it| word(*it) == name).ok_or_else(|| format!("there is no severity `{name}`"))
}

pub(crate) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// The lines of a message, each fit to stand in a log.
fn lines(message: &Message) -> impl Iterator<Item = String> {
    let rest = message.lines().map(|(word, text)| format!("{word}: {}", line(text)));
    std::iter::once(line(&message.headline).into_owned()).chain(rest)
}

/// `deploy/web.yaml:14`.
pub(crate) fn place(span: Span, sources: &Sources) -> String {
    let line = sources.get(span.source).map_or(1, |source| source.position(span.start).line);
    format!("{}:{line}", json::path(span, sources))
}

#[cfg(test)]
mod tests;
