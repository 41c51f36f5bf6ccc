//! What charts yield, in the run: rendered in parallel, beside the files that are judged as they stand.

use std::{collections::BTreeSet, path::Path};

use hostfit_core::{
    config::Config,
    front::{
        Content, Unit,
        charts::{self, Kept, Unjudged, manifests},
    },
    source::{Source, SourceId, body::Body, rendered::with_rendered},
};

use crate::{
    charts::Charts,
    files::{Bounds, Folder, Skipped},
    parallel,
    read::{self, Files, Texts},
};

/// What to do about documents of which a part is not known.
const ADVICE: &str = "what depends on this is not checked";

/// So many charts are rendered before what they yield joins the files of the run.
const IN_FLIGHT: usize = 64;

impl Files {
    /// The files whose texts stay, since they are not read again as they were read.
    fn held(&self) -> BTreeSet<SourceId> {
        let stdin = self.stdin.as_ref().and_then(|(id, _)| *id);
        let held = self.sources.iter().filter(|it| !it.text.has_file() && !it.text.is_empty()).map(|it| it.id);
        held.chain(stdin).collect()
    }

    /// Lets go of the texts, those of the files of charts too, if they are not to be held.
    fn let_go_but(&mut self, held: &BTreeSet<SourceId>, charts: &Charts, folder: &Folder) {
        if self.texts == Texts::Held {
            return;
        }
        for source in self.sources.iter_mut().filter(|source| source.is_file() && !source.text.has_file()) {
            if !source.text.is_empty()
                && !held.contains(&source.id)
                && let Some(path) = charts.file(&source.path, folder)
            {
                source.text.can_be_read(Box::new(move || Some(read::bytes(&path).ok()?.0)));
            }
        }
        self.let_go();
    }

    /// Drops the rendered texts that have nothing, such as dashboards, if texts are not to be held.
    fn forget_texts(&mut self, lowered: &[Unit]) {
        let is_let_go = self.texts == Texts::LetGo;
        for unit in lowered.iter().filter(|unit| is_let_go && charts::has_nothing(unit)) {
            if let Some(source) = self.sources.get_mut(unit.source.0 as usize) {
                source.text = Body::default();
            }
        }
    }
}

/// The file that stdin stands for, and its text.
fn of_stdin(files: &Files) -> Option<(String, String)> {
    let (id, bytes) = files.stdin.as_ref()?;
    let source = files.sources.get((*id)?.0 as usize)?;
    if source.text.is_empty() {
        // It may be a template.
        let text = Source::decode(source.id, &*source.path, bytes.clone()).ok()?.text.into_string();
        return Some((source.path.clone(), text));
    }
    Some((source.path.clone(), source.text.clone()))
}

/// Renders the charts, and adds what they yield to the files of a run.
pub(crate) fn join(
    mut charts: Charts,
    files: &mut Files,
    config: &Config,
    folder: &Folder,
    bounds: &Bounds,
    jobs: Option<u16>,
) {
    let templates = std::mem::take(&mut files.templates);
    let mut passed_over = charts.take_alone(templates, &mut files.skipped, folder);
    if charts.is_empty() {
        return;
    }
    let mut kept = Kept::default();
    let (known, held) = (files.sources.len(), files.held());
    let is_given = |path: &str| bounds.is_given(&folder.absolute(Path::new(path)));
    let stdin = of_stdin(files);
    let text = |path: &str| stdin.as_ref().filter(|(own, _)| own == path).map(|(_, text)| text.as_str());
    let changed = stdin.is_some().then_some(&text as charts::Texts<'_>);
    let skipped = charts.with(config, folder, changed, |all, folders| {
        let (mut found, unread) = all.find(folders, manifests(&files.sources, &files.units));
        // What a kustomization uses is judged through it, which is known once all of them are built.
        found.sort_by_key(charts::Chart::is_alone);
        let mut used = BTreeSet::new();
        // These were looked through for what they deploy.
        files.let_go();
        let mut skipped: BTreeSet<_> = unread.into_iter().collect();
        let mut unjudged = Unjudged::default();
        // Templates may read what lies beside them, which Helm does not install by itself.
        let beside = files.skipped.iter().filter(|it| it.reason == "helm-template");
        let beside = beside.map(|it| (it.path.clone(), (all.in_tree)(&it.path)));
        let mut beside: Vec<_> = beside.filter(|(_, path)| folders.is_in_chart(path)).collect();
        for found in found.chunks(IN_FLIGHT) {
            let mut outputs = parallel::map(jobs, found, |(_, chart)| all.render(chart));
            if let Some(output) = outputs.first_mut() {
                beside.drain(..).for_each(|(shown, path)| output.add_file(&shown, &path));
            }
            used.extend(outputs.iter().flat_map(charts::Output::used).map(str::to_owned));
            let is_read = |(chart, output): &(charts::Chart, charts::Output)| {
                !(output.is_unread || chart.is_alone() && used.contains(&all.folder(chart)))
            };
            let (mut outputs, others): (Vec<_>, Vec<_>) = found.iter().cloned().zip(outputs).partition(is_read);
            let unread: BTreeSet<String> = others.iter().map(|(chart, _)| all.folder(chart)).collect();
            files.skipped.extend(passed_over.extract_if(.., |it| unread.contains(&it.path)));
            unjudged.note(&outputs, &files.sources, &files.units);
            for (_, output) in &mut outputs {
                skipped.append(&mut output.skipped);
            }
            let added = kept.add(outputs, all, &mut files.sources, &mut files.units);
            if files.texts == Texts::LetGo {
                kept.forget_charts();
            }
            files.let_go_but(&held, &charts, folder);
            let lowered = parallel::map(jobs, &added, |(_, id)| files.sources.get(id.0 as usize).map(charts::lower));
            let mut lowered: Vec<_> = lowered.into_iter().flatten().collect();
            files.forget_texts(&lowered);
            files.units.append(&mut lowered);
        }
        files.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        skipped.extend(unjudged.skipped());
        // Why a file is not read is said once.
        let known: BTreeSet<&str> = files.skipped.iter().map(|it| it.path.as_str()).collect();
        skipped.retain(|it| is_given(&it.path) && !known.contains(it.path.as_str()));
        skipped
    });
    files.skipped.extend(skipped.into_iter().map(|it| Skipped {
        path: it.path,
        reason: it.reason.into(),
        line: it.line,
        advice: if it.lacks_dependencies { Skipped::DEPENDENCIES } else { ADVICE }.to_owned(),
    }));
    files.units.sort_by_key(|unit| unit.source);
    let is_member = |unit: &&Unit| matches!(unit.content, Content::Chart(_));
    let members = files.units.iter().filter(is_member).filter_map(|unit| files.sources.get(unit.source.0 as usize));
    let members: BTreeSet<&str> = members.map(|source| &*source.path).collect();
    files.skipped.retain(|it| it.reason != "helm-template" || !members.contains(&*it.path));
    for source in files.sources.iter().skip(known).filter(|source| is_given(&source.path)) {
        files.given.insert(source.id);
        if source.rendered.is_none() && !source.path.contains("!/") {
            files.meant.insert(source.id, folder.absolute(Path::new(&source.path)));
        }
    }
    files.given = with_rendered(&files.given, files.sources.iter());
    let rendered = files.sources.iter().skip(known).filter(|source| source.rendered.is_some());
    files.rendered = rendered.map(|source| source.id).collect();
    if files.texts == Texts::Held {
        (files.charts, files.kept) = (charts, kept);
    }
}
