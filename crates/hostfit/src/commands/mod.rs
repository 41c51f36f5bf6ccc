//! One file for each command.

pub(crate) mod check;
pub(crate) mod compat;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod images;
pub(crate) mod rules;

use std::collections::BTreeSet;

use hostfit_core::{
    check::Report,
    config::Config,
    finding::Finding,
    front::{Unit, concerned},
    nearest::nearest,
    rules as core_rules,
    source::{SourceId, Sources},
};

use crate::{
    args::Inputs,
    error::Error,
    files::{self, Bounds, Folder},
    read::{self, Files},
    settings::Settings,
};

/// Reads the configuration and all files that the command line means; the whole repository where these are but what was
/// changed in it.
fn load(inputs: &Inputs, changed: bool) -> Result<(Settings, Files), Error> {
    let folder = Folder::current()?;
    let mut settings = Settings::load(inputs, &folder)?;
    let bounds = Bounds::new(&settings.config.exclude, &settings.root, &folder, &inputs.paths)?;
    let mut found = files::find(inputs, &folder, &bounds)?;
    let sources = std::mem::take(&mut settings.sources);
    // Another fleet, another verdict on everything.
    let all = !changed || sources.iter().any(|source| found.files.contains_key(&source.path));
    if changed {
        found.add_repository(&folder, &bounds);
    }
    let mut files = read::read(inputs, &folder, &bounds, found, sources)?;
    let stdin = files.stdin.iter().filter_map(|(id, _)| *id);
    files.changed = (!all).then(|| files.meant.keys().copied().chain(stdin).collect());
    Ok((settings, files))
}

/// Takes away the findings that the changed files do not concern.
fn keep_concerned(
    report: &mut Report,
    changed: Option<&BTreeSet<SourceId>>,
    sources: &Sources,
    units: &[Unit],
    config: &Config,
) {
    let Some(changed) = changed else { return };
    let Some(concerned) = concerned(changed, sources, units, config, &report.project) else { return };
    // A mixture stands in one of two files that need not know each other.
    let names = |finding: &Finding| finding.related.iter().any(|it| changed.contains(&it.span.source));
    report.findings.retain(|finding| concerned.contains(&finding.span.source) || names(finding));
}

/// The error for a rule that does not exist.
fn unknown_rule(id: &str) -> Error {
    let help = match nearest(id, core_rules::RULES.iter().map(|rule| rule.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`hostfit rules` lists them".to_owned(),
    };
    Error::message(format!("there is no rule `{id}`; {help}"))
}
