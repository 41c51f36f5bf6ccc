//! What the command line selects: rules, a baseline, and what fails a run.

use std::path::{Path, PathBuf};

use hostfit_core::{
    config::{Config, FailOn, RuleSelection},
    finding::{Finding, Severity},
    rules,
};

use crate::{Exit, args::Selection, baseline, error::Error, files::Folder, settings::Settings};

/// Whether there are rules of these names.
pub(super) fn known(selection: &Selection) -> Result<(), Error> {
    let known = rules::ids();
    match selection.select.iter().chain(&selection.ignore).find(|id| !known.contains(&id.as_str())) {
        Some(id) => Err(super::unknown_rule(id)),
        None => Ok(()),
    }
}

/// Applies what the command line says of rules and baselines, which counts before the configuration. `new` is the baseline
/// that this run writes, so that it need not be there yet.
pub(super) fn apply(
    selection: &Selection,
    folder: &Folder,
    settings: &mut Settings,
    new: Option<&Path>,
) -> Result<(), Error> {
    let config = &mut settings.config;
    config.command_line = RuleSelection { select: selection.select.clone(), ignore: selection.ignore.clone() };
    let is_new = |path: &&PathBuf| new.is_some_and(|new| folder.absolute(new) == **path) && !path.exists();
    let own = settings.baseline.as_ref().filter(|path| !is_new(path));
    if let Some(path) = selection.baseline.as_ref().or(own) {
        config.baseline = Some(baseline::read(path, folder)?);
    }
    Ok(())
}

/// The lowest severity that fails the run, unless no finding does.
pub(super) fn fail_on(selection: &Selection, config: &Config) -> Option<Severity> {
    match (selection.fail_on, config.fail_on) {
        (Some(given), _) => given.least(),
        (None, None) => Some(Severity::Warning),
        (None, Some(FailOn::Never)) => None,
        (None, Some(FailOn::Severity(severity))) => Some(severity),
    }
}

pub(super) fn exit(findings: &[Finding], fail_on: Option<Severity>) -> Exit {
    let fails = |finding: &Finding| fail_on.is_some_and(|least| finding.severity >= least);
    if findings.iter().any(fails) { Exit::Findings } else { Exit::Clean }
}
