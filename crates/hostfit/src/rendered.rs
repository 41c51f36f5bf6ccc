//! What charts yield, in the run: rendered in parallel, beside the files that are judged as they stand.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use hostfit_core::{config::Config, front::charts};

use crate::{
    charts::{Charts, manifests},
    error::Error,
    files::{Bounds, Folder, Skipped},
    read::{Files, in_parallel},
};

/// What to do about what a chart leaves unknown.
const ADVICE: &str = "what is rendered there is not judged";

/// The text that stdin has for one of the files.
fn from_stdin(files: &Files, charts: &Charts, folder: &Folder) -> BTreeMap<String, String> {
    let id = files.stdin.as_ref().and_then(|(id, _)| *id);
    let source = id.and_then(|id| files.sources.get(id.0 as usize)).filter(|source| !source.text.is_empty());
    source.map(|source| (charts.below(&source.path, folder), source.text.clone())).into_iter().collect()
}

/// Renders the charts, and adds what they yield to the files of a run.
///
/// # Errors
/// When no threads can be started.
pub(crate) fn join(
    charts: Charts,
    files: &mut Files,
    config: &Config,
    folder: &Folder,
    bounds: &Bounds,
    jobs: Option<u16>,
) -> Result<(), Error> {
    if charts.is_empty() {
        return Ok(());
    }
    let known = files.sources.len();
    let is_given = |path: &str| bounds.is_given(&folder.absolute(Path::new(path)));
    let (added, skipped) = charts.with(config, folder, from_stdin(files, &charts, folder), |all, folders| {
        let (found, unread) = all.find(folders, manifests(&files.sources, &files.units));
        let outputs = in_parallel(jobs, &found, |(_, chart)| all.render(chart))?;
        let unjudged = charts::unjudged(&outputs, &files.sources, &files.units);
        let skipped = outputs.iter().flat_map(|output| output.skipped.iter().cloned()).chain(unread).chain(unjudged);
        // Why a file is not read is said once.
        let known: BTreeSet<&str> = files.skipped.iter().map(|it| it.path.as_str()).collect();
        let is_new = |it: &charts::Skipped| is_given(&it.path) && !known.contains(it.path.as_str());
        let skipped: BTreeSet<_> = skipped.filter(is_new).collect();
        Ok::<_, Error>((charts::add(outputs, all.tree, &mut files.sources, &mut files.units), skipped))
    })?;
    files.skipped.extend(skipped.into_iter().map(|it| Skipped {
        path: it.path,
        reason: it.reason.into(),
        line: it.line,
        advice: ADVICE.to_owned(),
    }));
    let rendered = files.sources.get(added).unwrap_or_default();
    let units = in_parallel(jobs, rendered, |(_, source)| charts::lower(source))?;
    files.units.extend(units);
    files.units.sort_by_key(|unit| unit.source);
    for source in files.sources.iter().skip(known).filter(|source| is_given(&source.path)) {
        files.given.insert(source.id);
        if source.rendered.is_some() {
            files.rendered.insert(source.id);
        } else if !source.path.contains("!/") {
            files.meant.insert(source.id, folder.absolute(Path::new(&source.path)));
        }
    }
    files.charts = charts;
    Ok(())
}
