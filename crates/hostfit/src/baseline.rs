//! The baseline's file. The paths in it are relative to its own folder, so that it fits wherever a run starts; those of
//! one that is kept outside of the repository to that, so that it fits every checkout.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use hostfit_core::{
    baseline::{Baseline, BaselineError},
    check::Report,
    config::Config,
    identity::Identity,
    rules,
    source::{MAX_BYTES, SourceId, Sources},
    suppress::By,
};

use crate::{
    ancestors,
    error::Error,
    files::Folder,
    settings,
    tree::{Refused, Trees},
    write::write as write_file,
};

/// Reads a baseline, of which the files then are called as findings call them.
pub(crate) fn read(path: &Path, folder: &Folder) -> Result<Baseline, Error> {
    let shown = folder.show(path);
    let hint = format!("`hostfit check --write-baseline {shown}` writes one");
    let bad = |why: String| Error::message(format!("the baseline {why}; {hint}"));
    let source = settings::open(SourceId(0), path, folder).map_err(bad)?;
    let baseline = Baseline::parse(&source.text).map_err(|error| match error {
        BaselineError::Schema(_) => bad(format!("{shown} cannot be taken: {error}")),
        BaselineError::Broken(_) | BaselineError::NoSchema => bad(format!("{shown} cannot be read: {error}")),
    })?;
    let (home, here) = folders(path, folder).map_err(bad)?;
    Ok(baseline.with_paths(|path| here.show(&home.absolute(Path::new(path)))))
}

/// Writes a baseline.
pub(crate) fn write(path: &Path, baseline: Baseline, folder: &Folder) -> Result<(), Error> {
    let bad = |why: String| Error::message(format!("the baseline {why}"));
    let shown = folder.show(path);
    let (home, here) = folders(path, folder).map_err(bad)?;
    let named = baseline.with_paths(|path| home.show(&here.absolute(Path::new(path))));
    let text = named.to_json().map_err(|error| bad(format!("{shown} cannot be written: {error}")))?;
    if text.len() > MAX_BYTES {
        return Err(bad(format!("{shown} would be longer than 8 MiB: check fewer files, or leave out rules")));
    }
    write_file(&folder.absolute(path), |out| out.write_all(text.as_bytes()))
        .map_err(|why| bad(format!("{shown} {why}")))
}

/// The folder that the baseline's paths are relative to and the working folder, both with links followed, so that one is
/// found from the other.
fn folders(path: &Path, folder: &Folder) -> Result<(Folder, Folder), String> {
    let absolute = folder.absolute(path);
    let real = |path: &Path| -> Result<PathBuf, String> {
        fs::canonicalize(path).map_err(|error| format!("{} has no folder: {error}", folder.show(&absolute)))
    };
    let (own, here) = (real(absolute.parent().unwrap_or(&folder.path))?, real(&folder.path)?);
    let home = match ancestors::repository(&here) {
        Some(root) if !own.starts_with(root) => root.to_owned(),
        None if !own.starts_with(&here) && !here.starts_with(&own) => here.clone(),
        _ => own,
    };
    Ok((Folder::at(home), Folder::at(here)))
}

/// What a run says of the entries of a baseline of which it found nothing.
pub(crate) struct Unmet {
    /// They are gone: their rule ran, and their file was looked at or does not exist any more.
    pub(crate) gone: Baseline,
    /// Nobody looked.
    pub(crate) unknown: Baseline,
}

impl Unmet {
    pub(crate) fn of(report: &Report, sources: &Sources, config: &Config, folder: &Folder) -> Self {
        let looked_at: BTreeSet<_> = sources.iter().map(|source| source.path.as_str()).collect();
        // A baseline may name anything, and nothing outside is looked at for it.
        let trees = Trees::around(&folder.path);
        let is_gone = |path: &str| matches!(trees.resolve(&folder.absolute(Path::new(path))), Err(Refused::Missing));
        let is_judged = |identity: &Identity| {
            let ran = rules::find(&identity.rule).is_none_or(|rule| config.is_enabled_somewhere(rule.id));
            let path = identity.path.as_str();
            ran && (looked_at.contains(path) || is_gone(path))
        };
        Self {
            gone: report.gone.clone().filtered(is_judged),
            unknown: report.gone.clone().filtered(|it| !is_judged(it)),
        }
    }
}

/// How many findings the baseline suppressed.
pub(crate) fn known(report: &Report) -> usize {
    report.suppressed.iter().filter(|it| it.by == By::Baseline).count()
}

/// The baseline that knows all that a run found, and what an older one knows of files that the run did not look at.
pub(crate) fn new(report: &Report, unmet: Unmet) -> Baseline {
    let known = report.suppressed.iter().filter(|it| it.by == By::Baseline).map(|it| &it.finding);
    Baseline::of(report.findings.iter().chain(known)).and(unmet.unknown)
}
