//! Kustomizations: each that no other one uses is built, and what it uses is judged through it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hostfit_render::{
    FileId, FileTable, Problem, ProblemKind, Text, Tree,
    kustomize::{self, Building},
};

use super::{Chart, Charts, Content, Output, Skipped, Unit, is_in_templates, within};
use crate::{
    front::detect,
    source::{
        Source, Span,
        rendered::{Renderer, Rendering},
    },
    syntax::yaml::Tree as Yaml,
};

/// Those of these folders that no other one uses, and all folders that they use. Of kustomizations that use each other in a
/// circle the first one counts, so that what kustomize refuses of them is reported.
pub(super) fn roots(tree: &dyn Tree, folders: &BTreeSet<String>) -> (Vec<String>, BTreeSet<String>) {
    let references: BTreeMap<&String, Vec<String>> =
        folders.iter().map(|folder| (folder, kustomize::references(tree, folder))).collect();
    let others = references.iter().flat_map(|(folder, used)| used.iter().filter(move |it| it != folder));
    let used: BTreeSet<String> = others.cloned().collect();
    let mut roots: Vec<String> = Vec::new();
    let mut reached: BTreeSet<&String> = BTreeSet::new();
    let free = folders.iter().filter(|folder| !used.contains(*folder));
    for root in free.chain(folders) {
        if !reached.insert(root) {
            continue;
        }
        roots.push(root.clone());
        let mut open = vec![root];
        while let Some(folder) = open.pop() {
            let next = references.get(folder).into_iter().flatten().filter(|it| folders.contains(*it));
            open.extend(next.filter(|it| reached.insert(*it)));
        }
    }
    roots.sort();
    (roots, used)
}

impl Chart {
    pub(super) fn kustomization(folder: String) -> Self {
        Self { folder, by: Renderer::Kustomize, deployments: Vec::new() }
    }
}

/// How kustomizations are built. Flux and `--load-restrictor LoadRestrictionsNone` read files outside of their folders; who
/// does not allow that hears of it from kustomize.
pub(super) fn options() -> kustomize::Options {
    kustomize::Options { reads_outside: true, without_definitions: true, ..kustomize::Options::default() }
}

impl Charts<'_> {
    /// Builds a kustomization.
    pub(super) fn build(&self, chart: &Chart) -> Output {
        let mut table = FileTable::default();
        let building = kustomize::build(self.tree, &chart.folder, &mut table, &options());
        let own = building.files.iter().copied().find(|file| is_own(table.path(*file), &chart.folder));
        let name = own.map_or_else(|| within(&chart.folder, kustomize::NAMES[0]), |own| table.path(own).to_owned());
        let shown = (self.shown)(&name);
        let mut output = Output::default();
        for problem in building.rendering.problems.iter().filter(|it| is_reported(it)) {
            match self.marker_in(problem, &table) {
                Some(marker) => {
                    let message = format!("`{marker}` is not filled in");
                    self.problem(
                        &Problem { kind: ProblemKind::Unreadable, message, ..problem.clone() },
                        Renderer::Kustomize,
                        &table,
                        &shown,
                        &mut output,
                    );
                }
                None => self.problem(problem, Renderer::Kustomize, &table, &shown, &mut output),
            }
        }
        let by = Arc::new(self.rendering_of(chart, &building, &table));
        self.add_texts(&building.rendering, Renderer::Kustomize, Some(&by), &table, &mut output);
        // A file that is no kustomization uses nothing.
        let is_unknown = building.is_unknown && building.files.len() > 1;
        output.is_unknown = is_unknown;
        let taken: BTreeSet<FileId> = building.files.iter().copied().collect();
        let is_used = |file: FileId| taken.contains(&file) && (!building.is_unknown || is_unknown);
        let charts: Vec<_> = building.charts.iter().map(|folder| within(folder, "")).collect();
        let is_template =
            |path: &str| charts.iter().filter_map(|prefix| path.strip_prefix(&**prefix)).any(is_in_templates);
        self.add_files_that(&table, &is_template, &is_used, &mut output);
        output
    }

    /// What findings say of a kustomization.
    pub(super) fn rendering_of(&self, chart: &Chart, building: &Building, table: &FileTable) -> Rendering {
        Rendering {
            by: Renderer::Kustomize,
            root: self.folder(chart),
            parts: building.files.iter().map(|file| (self.shown)(table.path(*file))).collect(),
            ..Rendering::default()
        }
    }

    /// What is yet to be filled in where a problem is one of syntax.
    fn marker_in(&self, problem: &Problem, table: &FileTable) -> Option<String> {
        let place = problem.place.filter(|_| problem.kind == ProblemKind::Syntax)?;
        let bytes = self.tree.read(table.path(place.file))?;
        marker(&String::from_utf8_lossy(&bytes)).map(|at| at.text)
    }

    /// The file that leaves a part of a text to be filled in that decides what is judged; the part; and its line.
    pub(super) fn to_be_filled_in(&self, text: &Text, table: &FileTable) -> Option<(String, String, Option<u32>)> {
        let found = marker(text.as_str())?;
        let source = Source::from_text(crate::source::SourceId(0), "", text.as_str());
        if !detect::is_tree_template(&Yaml::parse(&source), detect::Kind::Kubernetes) {
            return None;
        }
        let places = text.origin_of(found.start..found.start + found.text.len()).places();
        let place = places.first()?;
        let path = table.path(place.file).to_owned();
        let line = self.line(&path, place.start as usize);
        Some((path, found.text, line))
    }
}

/// Whether a path is that of the kustomization of a folder.
fn is_own(path: &str, folder: &str) -> bool {
    kustomize::NAMES.iter().any(|name| path == within(folder, name))
}

/// Whether a problem leaves something unjudged that nothing else names. A `kustomization.yaml` of another program, as
/// that of Flux, is judged as any manifest.
fn is_reported(problem: &Problem) -> bool {
    let is_of_another_program = problem.kind == ProblemKind::Unreadable && problem.place.is_none();
    !is_of_another_program && !matches!(problem.kind, ProblemKind::MissingData | ProblemKind::Consequence)
}

/// What is yet to be filled in.
struct Marker {
    start: usize,
    text: String,
}

/// The first `{{ … }}` or its like in a text.
fn marker(text: &str) -> Option<Marker> {
    const SHOWN: usize = 40;
    let ends = [("{{", "}}"), ("{%", "%}"), ("<%", "%>")];
    let (start, end) = ends.iter().filter_map(|(open, close)| Some((text.find(open)?, *close))).min()?;
    let line = text.get(start..)?.lines().next()?;
    let whole = line.find(end).and_then(|at| line.get(..at + end.len())).unwrap_or(line);
    Some(Marker { start, text: whole.chars().take(SHOWN).collect() })
}

/// Whether a scalar of a kustomization is the name of an image to which no tag belongs.
pub fn is_name_alone(source: &Source, scalar: Span) -> bool {
    let line = source.line_span(scalar.start);
    source.text.get(line.start as usize..scalar.start as usize).is_some_and(|before| before.contains("newName"))
}

/// The manifests that only kustomizations use of which nothing is known: they are not judged.
#[derive(Debug, Default)]
pub struct Unjudged {
    /// What others use too.
    judged: BTreeSet<String>,
    unknown: BTreeSet<String>,
}

impl Unjudged {
    /// Notes what is used by what these came from, before they are [added](super::Kept::add).
    pub fn note(&mut self, outputs: &[(Chart, Output)], sources: &[Source], units: &[Unit]) {
        let used = |is_unknown: bool| {
            let outputs =
                outputs.iter().map(|(_, output)| output).filter(move |output| output.is_unknown == is_unknown);
            outputs.flat_map(|output| output.files.iter().filter(|file| file.is_used).map(|file| file.path.as_str()))
        };
        self.judged.extend(used(false).map(str::to_owned));
        let unknown: BTreeSet<&str> = used(true).collect();
        let has_pods = |unit: &&Unit| matches!(&unit.content, Content::Kubernetes(file) if !file.pods.is_empty());
        let units = units.iter().filter(|_| !unknown.is_empty()).filter(has_pods);
        let paths = units.filter_map(|unit| sources.get(unit.source.0 as usize)).map(|source| source.path.as_str());
        self.unknown.extend(paths.filter(|path| unknown.contains(path)).map(str::to_owned));
    }

    /// Why they are not judged, once all was noted.
    pub fn skipped(self) -> impl Iterator<Item = Skipped> {
        let Self { judged, unknown } = self;
        let reason = || "kustomize: nothing is known of the kustomization that uses it".to_owned();
        let unknown = unknown.into_iter().filter(move |path| !judged.contains(path));
        unknown.map(move |path| Skipped { path, reason: reason(), line: None, lacks_dependencies: false })
    }
}
