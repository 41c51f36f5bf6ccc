//! One file for each command.

pub(crate) mod check;
pub(crate) mod compat;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod images;
pub(crate) mod init;
pub(crate) mod rules;
pub(crate) mod schema;

use hostfit_core::{nearest::nearest, rules as core_rules};

use crate::{
    args::Inputs,
    error::Error,
    files::{self, Bounds, Folder},
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
    read::read(inputs, folder, &bounds, found, sources)
}

/// The error for a rule that does not exist.
fn unknown_rule(id: &str) -> Error {
    let help = match nearest(id, core_rules::RULES.iter().map(|rule| rule.id)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`hostfit rules` lists them".to_owned(),
    };
    Error::message(format!("there is no rule `{id}`; {help}"))
}
