//! What is found in a folder, kept up with its files. After an edit the files that it may concern are judged again, and all
//! of them once nobody types.

use std::collections::{BTreeMap, BTreeSet};

use hostfit_core::{
    check::{self, Asked, Report},
    config::Config,
    finding::Finding,
    front::{Content, Groups, Unit, charts::Member},
    source::{SourceId, Sources},
    windows::{Date, image::KnownReferences},
};

/// What is found in a folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In all files, when that was last worked out.
    whole: Option<Report>,
    /// In those that edits concern that were made since.
    part: Option<Part>,
    /// Which files decide about each other, as far as it was known then.
    groups: Option<Groups>,
    /// Files whose text became another since anything was worked out.
    changed: BTreeSet<SourceId>,
    /// The same since all was.
    edited: BTreeSet<SourceId>,
    /// Whether these edits may concern more than what the files said then.
    is_wide: bool,
    /// Dropped when idle: that takes time, and a request must not wait for it.
    spent: Vec<Report>,
    /// What the configuration makes of references.
    references: KnownReferences,
    /// Files in which something else may be found than when this was taken last.
    news: BTreeSet<SourceId>,
    /// Whether judging the present texts failed.
    failed: bool,
}

/// What is found in some files.
#[derive(Debug)]
struct Part {
    files: BTreeSet<SourceId>,
    report: Report,
}

/// All that is judged.
pub(super) struct Judged<'a> {
    pub(super) sources: &'a Sources,
    pub(super) units: &'a mut Vec<Unit>,
    pub(super) config: &'a Config,
    /// Whether the configuration is what its file says.
    pub(super) has_config: bool,
    /// The day that support dates are compared with.
    pub(super) today: Date,
    /// The files that are reported on; none: all.
    pub(super) given: Option<BTreeSet<SourceId>>,
}

/// Where more files were edited, all are judged.
const MANY: usize = 8;

impl Found {
    /// Notes that a file has another text. An edit is wide where what it concerns cannot be told from what was known
    /// before: it names other files, or is one of the configuration.
    pub(super) fn touch(&mut self, id: SourceId, is_wide: bool) {
        self.changed.insert(id);
        self.edited.insert(id);
        self.is_wide |= is_wide;
        self.failed = false;
    }

    /// Notes that the configuration is another one.
    pub(super) fn configure(&mut self) {
        self.references = KnownReferences::default();
    }

    /// Notes that what was edited may concern more than was known before.
    pub(super) fn widen(&mut self) {
        self.is_wide = true;
    }

    /// Whether it is known what is found in the present texts.
    pub(super) fn is_present(&self) -> bool {
        self.whole.is_some() && self.changed.is_empty()
    }

    /// Whether something is to be worked out.
    pub(super) fn is_dirty(&self) -> bool {
        !self.is_present() && !self.failed
    }

    /// Whether working it out was tried.
    pub(super) fn was_judged(&self) -> bool {
        self.is_present() || self.failed
    }

    /// What is found in a file and decided of it, if that is known.
    pub(super) fn report(&self, id: SourceId) -> Option<&Report> {
        let whole = self.whole.as_ref().filter(|_| self.is_present())?;
        Some(self.part.as_ref().filter(|part| part.files.contains(&id)).map_or(whole, |part| &part.report))
    }

    /// All that is found in the present texts.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let whole = self.whole.as_ref().filter(|_| self.is_present());
        let whole = whole.into_iter().flat_map(|report| &report.findings);
        let holds =
            |finding: &Finding| self.part.as_ref().is_some_and(|part| part.files.contains(&finding.span.source));
        let part = self.part.iter().flat_map(|part| &part.report.findings);
        whole.filter(move |it| !holds(it)).chain(part.filter(move |it| holds(it) && self.is_present()))
    }

    /// Works out what is found in the texts, and returns the files in which something is.
    pub(super) fn judge(&mut self, judged: &mut Judged<'_>) -> BTreeSet<SourceId> {
        // What makes the rules fail once would do so again.
        self.failed = true;
        let changed = std::mem::take(&mut self.changed);
        let named = match self.judge_part(judged, &changed) {
            Some(named) => named,
            None => self.judge_whole(judged, &changed),
        };
        self.failed = false;
        named
    }

    /// Whether something may be found elsewhere that no edit seemed to concern.
    pub(super) fn is_partial(&self) -> bool {
        self.part.is_some() && self.is_present()
    }

    fn judge_whole(&mut self, judged: &mut Judged<'_>, changed: &BTreeSet<SourceId>) -> BTreeSet<SourceId> {
        let (whole, part) = (self.whole.take(), self.part.take());
        let mut known = by_file(whole.iter().flat_map(|report| &report.findings));
        if let Some(part) = &part {
            known.retain(|id, _| !part.files.contains(id));
            known.extend(by_file(part.report.findings.iter().filter(|it| part.files.contains(&it.span.source))));
        }
        let report = report(judged, judged.units, &self.references);
        let found = by_file(&report.findings);
        self.news.extend(news(known, &found, changed));
        let named = named(&report.findings);
        // Two models at a time are enough.
        self.spent = whole.into_iter().chain(part.map(|part| part.report)).collect();
        self.whole = Some(report);
        self.groups = None;
        self.edited.clear();
        self.is_wide = false;
        named
    }

    /// Judges what the edits concern alone. None where that is not known, or nearly all.
    fn judge_part(&mut self, judged: &mut Judged<'_>, changed: &BTreeSet<SourceId>) -> Option<BTreeSet<SourceId>> {
        let is_narrow = !self.is_wide && !changed.is_empty() && self.edited.len() <= MANY;
        let whole = self.whole.take_if(|_| is_narrow)?;
        let done = self.judge_group(judged, changed, &whole);
        self.whole = Some(whole);
        done
    }

    fn judge_group(
        &mut self,
        judged: &mut Judged<'_>,
        changed: &BTreeSet<SourceId>,
        whole: &Report,
    ) -> Option<BTreeSet<SourceId>> {
        let units = &*judged.units;
        let is_most = self.edited.len() > units.len() / 4;
        if is_most || whole.has_nodes() || self.edited.iter().any(|id| unit(units, *id).is_none_or(declares_nodes)) {
            return None;
        }
        let groups = self.groups.get_or_insert_with(|| Groups::of(judged.sources, units, &whole.project));
        let mut files = self.part.as_ref().map(|part| part.files.clone()).unwrap_or_default();
        let mut new = self.edited.clone();
        let report = loop {
            files.extend(new.iter().flat_map(|id| groups.with(*id).to_vec()));
            if files.len() > judged.units.len() / 4 {
                return None;
            }
            let own = take(judged.units, &files);
            let report = report(judged, &own, &self.references);
            new = groups.reached(&own, &report.project).filter(|id| !files.contains(id)).collect();
            put_back(judged.units, own);
            if new.is_empty() {
                break report;
            }
        };
        let part = self.part.take();
        let is_ours = |finding: &&Finding| files.contains(&finding.span.source);
        let was_part = |finding: &Finding| part.as_ref().is_some_and(|part| part.files.contains(&finding.span.source));
        let known = whole.findings.iter().filter(|it| is_ours(it) && !was_part(it));
        let known = by_file(known.chain(part.iter().flat_map(|part| &part.report.findings).filter(|it| was_part(it))));
        let found = by_file(report.findings.iter().filter(is_ours));
        self.news.extend(news(known, &found, changed));
        let named = named(report.findings.iter().filter(is_ours));
        self.spent.extend(part.map(|part| part.report));
        self.part = Some(Part { files, report });
        Some(named)
    }

    /// Works out what is found in all files, where that is known of some.
    pub(super) fn complete(&mut self, judged: &mut Judged<'_>) -> BTreeSet<SourceId> {
        self.failed = true;
        let named = self.judge_whole(judged, &BTreeSet::new());
        self.failed = false;
        self.tidy(judged.sources, judged.units);
        named
    }

    /// Drops what is not needed any more, and works out what the next edit needs. For many files that takes longer than an
    /// answer.
    pub(super) fn tidy(&mut self, sources: &Sources, units: &[Unit]) {
        self.spent.clear();
        if let Some(whole) = self.whole.as_ref().filter(|_| self.is_present() && self.part.is_none()) {
            self.groups.get_or_insert_with(|| Groups::of(sources, units, &whole.project));
        }
    }

    /// The files in which something else may be found than when this was asked last.
    pub(super) fn take_news(&mut self) -> BTreeSet<SourceId> {
        std::mem::take(&mut self.news)
    }
}

/// What is found in these units.
fn report(judged: &Judged<'_>, units: &[Unit], references: &KnownReferences) -> Report {
    let Judged { sources, config, has_config, today, given, .. } = judged;
    let mut report = check::check_again(sources, units, config, *today, references);
    report.identify(sources, units, config);
    if let Some(given) = given {
        report.ask(Asked::Files(given), sources, units, config);
    }
    if !has_config {
        report.findings.retain(|finding| config.files.iter().all(|it| it.source != finding.span.source));
    }
    report
}

fn unit(units: &[Unit], id: SourceId) -> Option<&Unit> {
    units.get(units.binary_search_by_key(&id, |unit| unit.source).ok()?)
}

/// Whether it says what the hosts are.
fn declares_nodes(unit: &Unit) -> bool {
    matches!(&unit.content, Content::Kubernetes(file) if !file.nodes.is_empty())
}

/// Takes the units of some files out, for the time in which these are judged.
fn take(units: &mut [Unit], files: &BTreeSet<SourceId>) -> Vec<Unit> {
    let place = |id: &SourceId| units.binary_search_by_key(id, |unit| unit.source).ok();
    let places: Vec<_> = files.iter().filter_map(place).collect();
    let mut taken = Vec::with_capacity(places.len());
    for place in places {
        if let Some(unit) = units.get_mut(place) {
            let content = Content::Chart(Member::default());
            let empty = Unit { source: unit.source, content, errors: Vec::new(), comments: Vec::new() };
            taken.push(std::mem::replace(unit, empty));
        }
    }
    taken
}

fn put_back(units: &mut [Unit], taken: Vec<Unit>) {
    for unit in taken {
        if let Ok(place) = units.binary_search_by_key(&unit.source, |unit| unit.source)
            && let Some(there) = units.get_mut(place)
        {
            *there = unit;
        }
    }
}

type ByFile<'f> = BTreeMap<SourceId, Vec<&'f Finding>>;

/// What is found in each file, in the order of the report.
fn by_file<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> ByFile<'f> {
    let mut found = ByFile::new();
    for finding in findings {
        found.entry(finding.span.source).or_default().push(finding);
    }
    found
}

/// The files in which something else is found than what is known, or at another place.
fn news(mut known: ByFile<'_>, found: &ByFile<'_>, changed: &BTreeSet<SourceId>) -> BTreeSet<SourceId> {
    let mut news = changed.clone();
    for (id, findings) in found {
        let moved = |finding: &&Finding| finding.related.iter().any(|it| changed.contains(&it.span.source));
        let is_same = known.remove(id).is_some_and(|it| {
            it.len() == findings.len() && it.iter().zip(findings).all(|(one, other)| one.is_same(other))
        });
        if !is_same || findings.iter().any(moved) {
            news.insert(*id);
        }
    }
    news.extend(known.into_keys());
    news
}

/// The files that findings name.
fn named<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> BTreeSet<SourceId> {
    let spans = findings.into_iter().flat_map(|it| it.related.iter().map(|it| it.span).chain([it.span]));
    spans.map(|span| span.source).collect()
}
