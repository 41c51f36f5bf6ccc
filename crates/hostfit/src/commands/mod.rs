//! One file for each command.

pub(crate) mod check;
pub(crate) mod compat;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod images;
pub(crate) mod init;
pub(crate) mod lsp;
pub(crate) mod matrix;
pub(crate) mod merge;
pub(crate) mod rules;
pub(crate) mod schema;

use std::{
    collections::BTreeSet,
    io::{Write, stderr},
    path::Path,
};

use hostfit_core::{
    check::Report,
    config::Config,
    finding::Finding,
    front::{Unit, concerned},
    nearest::nearest,
    rules as core_rules,
    source::{SourceId, Sources},
    windows::{Date, release},
};

use crate::{
    args::Inputs,
    error::Error,
    files::{self, Bounds, Folder, Patterns},
    read::{self, Files},
    settings::Settings,
};

/// Reads the configuration and all files that the command line means; the whole repository where these are but what was
/// changed in it.
fn load(inputs: &Inputs, changed: bool) -> Result<(Settings, Files), Error> {
    let folder = Folder::current()?;
    let mut settings = Settings::load(inputs, &folder)?;
    let files = read_files(inputs, &folder, &mut settings, changed)?;
    Ok((settings, files))
}

/// Reads all files that the command line means, and with `changed` the rest of the repository.
fn read_files(inputs: &Inputs, folder: &Folder, settings: &mut Settings, changed: bool) -> Result<Files, Error> {
    let bounds = Bounds::new(&settings.config.exclude, &settings.root, folder, &inputs.paths)?;
    let mut found = files::find(inputs, folder, &bounds)?;
    let sources = std::mem::take(&mut settings.sources);
    // Another fleet, another verdict on everything.
    let all = !changed || sources.iter().any(|source| found.files.contains_key(&source.path));
    if changed {
        found.add_repository(folder, &bounds);
    }
    let mut files = read::read(inputs, folder, &bounds, found, sources)?;
    let stdin = files.stdin.iter().filter_map(|(id, _)| *id);
    files.changed = (!all).then(|| files.meant.keys().copied().chain(stdin).collect());
    for one in &mut settings.config.overrides {
        let patterns = Patterns::new(&one.paths, &settings.root)?;
        let matched = files.sources.iter().filter(|it| patterns.match_file(&folder.absolute(Path::new(&it.path))));
        one.files = matched.map(|source| source.id).collect();
    }
    Ok(files)
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
    let is_kept = |finding: &Finding| concerned.contains(&finding.span.source) || names(finding);
    report.findings.retain(is_kept);
    report.suppressed.retain(|it| is_kept(&it.finding));
}

/// Warns when the built-in release table is too old to be trusted on that day. That is no finding: no file is at fault.
fn tell_age(today: Date, quiet: bool) {
    if quiet || !release::is_outdated(today) {
        return;
    }
    // That nobody may read it is no failure of the run.
    let _ = writeln!(
        stderr().lock(),
        "warning: what this hostfit knows of Windows releases and tags is of {}, more than {} months before {today}; \
         install a newer hostfit, or declare newer releases with [[release]]",
        release::TABLE_DATE,
        release::TABLE_MONTHS
    );
}

/// The error for a rule that does not exist.
fn unknown_rule(id: &str) -> Error {
    let help = match nearest(id, core_rules::RULES.iter().map(|rule| rule.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`hostfit rules` lists them".to_owned(),
    };
    Error::message(format!("there is no rule `{id}`; {help}"))
}
