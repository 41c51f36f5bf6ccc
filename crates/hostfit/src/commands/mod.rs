//! One file for each command.

pub(crate) mod check;
pub(crate) mod compat;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod images;
pub(crate) mod init;
pub(crate) mod lsp;
pub(crate) mod rules;
pub(crate) mod schema;

use std::{
    io::{Write, stderr},
    path::Path,
};

use hostfit_core::{
    nearest::nearest,
    rules as core_rules,
    windows::{Date, release},
};

use crate::{
    args::Inputs,
    error::Error,
    files::{self, Bounds, Folder, Patterns},
    read::{self, Files},
    settings::Settings,
};

/// Reads the configuration and all files that the command line means.
fn load(inputs: &Inputs) -> Result<(Settings, Files), Error> {
    let folder = Folder::current()?;
    let mut settings = Settings::load(inputs, &folder)?;
    let files = read_files(inputs, &folder, &mut settings)?;
    Ok((settings, files))
}

/// Reads all files that the command line means.
fn read_files(inputs: &Inputs, folder: &Folder, settings: &mut Settings) -> Result<Files, Error> {
    let bounds = Bounds::new(&settings.config.exclude, &settings.root, folder, &inputs.paths)?;
    let found = files::find(inputs, folder, &bounds)?;
    let sources = std::mem::take(&mut settings.sources);
    let files = read::read(inputs, folder, &bounds, found, sources)?;
    for one in &mut settings.config.overrides {
        let patterns = Patterns::new(&one.paths, &settings.root)?;
        let matched = files.sources.iter().filter(|it| patterns.match_file(&folder.absolute(Path::new(&it.path))));
        one.files = matched.map(|source| source.id).collect();
    }
    Ok(files)
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
