//! What charts yield, in the run: rendered in parallel, beside the files that are judged as they stand.

use std::{collections::BTreeSet, path::Path};

use hostfit_core::{
    config::Config,
    front::{
        Content, Unit,
        charts::{self, Kept, manifests},
    },
};

use crate::{
    charts::Charts,
    files::{Bounds, Folder, Skipped},
    parallel,
    read::Files,
};

/// What to do about documents of which a part is not known.
const ADVICE: &str = "what depends on this is not checked";

fn is_folder(path: &Path, folders: &BTreeSet<String>) -> bool {
    path.to_str().is_some_and(|path| folders.contains(path))
}

/// The file that stdin stands for, and its text.
fn of_stdin(files: &Files) -> Option<(String, String)> {
    let id = files.stdin.as_ref().and_then(|(id, _)| *id)?;
    let source = files.sources.get(id.0 as usize).filter(|source| !source.text.is_empty())?;
    Some((source.path.clone(), source.text.clone()))
}

/// Renders the charts, and adds what they yield to the files of a run. Returns what it takes to render them again.
pub(crate) fn join(
    charts: Charts,
    files: &mut Files,
    config: &Config,
    folder: &Folder,
    bounds: &Bounds,
    jobs: Option<u16>,
) -> Kept {
    let mut kept = Kept::default();
    if charts.is_empty() {
        return kept;
    }
    let known = files.sources.len();
    let is_given = |path: &str| bounds.is_given(&folder.absolute(Path::new(path)));
    let stdin = of_stdin(files);
    let text = |path: &str| stdin.as_ref().filter(|(own, _)| own == path).map(|(_, text)| text.as_str());
    let (added, skipped) =
        charts.with(config, folder, stdin.is_some().then_some(&text as charts::Texts<'_>), |all, folders| {
            let (found, unread) = all.find(folders, manifests(&files.sources, &files.units));
            let mut outputs = parallel::map(jobs, &found, |(_, chart)| all.render(chart));
            if let Some(output) = outputs.first_mut() {
                // Templates may read what lies beside them, which Helm does not install by itself.
                let beside = files.skipped.iter().filter(|it| it.reason == "helm-template");
                let beside = beside.map(|it| (&it.path, (all.in_tree)(&it.path)));
                let is_in_chart =
                    |path: &str| Path::new(path).ancestors().skip(1).any(|it| is_folder(it, &folders.charts));
                beside.filter(|(_, path)| is_in_chart(path)).for_each(|(shown, path)| output.add_file(shown, &path));
            }
            let unjudged = charts::unjudged(&outputs, &files.sources, &files.units);
            let skipped =
                outputs.iter().flat_map(|output| output.skipped.iter().cloned()).chain(unread).chain(unjudged);
            // Why a file is not read is said once.
            let known: BTreeSet<&str> = files.skipped.iter().map(|it| it.path.as_str()).collect();
            let is_new = |it: &charts::Skipped| is_given(&it.path) && !known.contains(it.path.as_str());
            let skipped: BTreeSet<_> = skipped.filter(is_new).collect();
            let outputs = found.into_iter().zip(outputs).collect();
            (kept.add(outputs, all, &mut files.sources, &mut files.units), skipped)
        });
    // Manifests are looked through for what they deploy.
    files.let_go();
    files.skipped.extend(skipped.into_iter().map(|it| Skipped {
        path: it.path,
        reason: it.reason.into(),
        line: it.line,
        advice: if it.lacks_dependencies { Skipped::DEPENDENCIES } else { ADVICE }.to_owned(),
    }));
    let rendered = parallel::map(jobs, &added, |(_, id)| files.sources.get(id.0 as usize).map(charts::lower));
    files.units.extend(rendered.into_iter().flatten());
    files.units.sort_by_key(|unit| unit.source);
    let is_member = |unit: &&Unit| matches!(unit.content, Content::Chart(_));
    let members = files.units.iter().filter(is_member).filter_map(|unit| files.sources.get(unit.source.0 as usize));
    let members: BTreeSet<&str> = members.map(|source| &*source.path).collect();
    files.skipped.retain(|it| it.reason != "helm-template" || !members.contains(&*it.path));
    for source in files.sources.iter().skip(known).filter(|source| is_given(&source.path)) {
        files.given.insert(source.id);
        if source.rendered.is_some() {
            files.rendered.insert(source.id);
        } else if !source.path.contains("!/") {
            files.meant.insert(source.id, folder.absolute(Path::new(&source.path)));
        }
    }
    files.charts = charts;
    kept
}
