//! Helm charts and kustomizations of the tree: each chart is rendered with every set of values that the tree states, each
//! kustomization is built, and what comes out is read as the manifests that it is.
//!
//! Four steps, so that who has threads can use them: [`Charts::find`] says which charts and kustomizations are judged by
//! themselves, [`Charts::render`] renders one of them, [`Kept::add`] gives each text that has something to judge a source of
//! its own, and [`lower`] reads such a source. Who goes on with what it has keeps the [`Kept`], so that after an edit only
//! what is concerned is rendered again.

mod alone;
mod convert;
mod deployed;
mod folders;
mod gaps;
mod kept;
mod keys;
mod kustomize;
mod print;
mod seen;
mod sets;
mod skipped;

use std::{collections::BTreeSet, ops::Range, sync::Arc};

pub use deployed::typed;
pub use folders::Folders;
pub use hostfit_render::Tree;
use hostfit_render::{FileTable, Node, Problem, ProblemKind, Text, yaml};
pub use kept::{Concern, Kept};
pub use kustomize::{Unjudged, is_name_alone};
pub use print::{Asked, Document, Printed};
pub use seen::{Key, Place, Stated, shorten};
pub use skipped::Skipped;

use self::{
    deployed::Deployment,
    sets::Set,
    skipped::{brief, one_line, written_by},
};
use super::{Content, Unit, kubernetes};
use crate::{
    config::Config,
    model::Workload,
    source::{
        Source, SourceId, Sources, Span,
        rendered::{Rendered, Renderer, Rendering},
    },
    syntax::yaml::Tree as Yaml,
};

/// A file that takes part in a rendering: a template, values, what a chart says of itself, a base, a patch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Member {
    /// Whether it is a template.
    pub is_template: bool,
}

/// The texts that stand for those of the disk, by [`Source::path`].
pub type Texts<'t> = &'t (dyn Fn(&str) -> Option<&'t str> + Sync);

/// The charts of a tree.
pub struct Charts<'a> {
    /// The files. Its paths are relative to a folder that holds all of them.
    pub tree: &'a (dyn Tree + Sync),
    /// The path of a file of it as [`Source::path`] has it.
    pub shown: &'a (dyn Fn(&str) -> String + Sync),
    /// The path in it of what is shown so.
    pub in_tree: &'a (dyn Fn(&str) -> String + Sync),
    /// The folder in it that objects name charts from: that of the repository.
    pub root: &'a str,
    /// The configuration.
    pub config: &'a Config,
}

impl std::fmt::Debug for Charts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Charts").finish_non_exhaustive()
    }
}

/// A chart or a kustomization that is judged by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Its folder in the tree; of a template that lies in no chart its file.
    folder: String,
    /// What it is rendered as.
    by: Renderer,
    /// The objects that deploy a chart.
    deployments: Vec<Deployment>,
}

/// What a chart or a kustomization yields.
#[derive(Debug, Default)]
pub struct Output {
    /// The files that take part, as [`Source::path`] has them; spans of what follows have their numbers as sources.
    files: Vec<File>,
    texts: Vec<Made>,
    /// What is not judged, and why.
    pub skipped: BTreeSet<Skipped>,
    errors: Vec<(usize, Range<usize>, String)>,
    /// Whether its files are judged through it alone, and nothing is known of what it yields.
    is_unknown: bool,
    /// Whether it is a template that cannot be rendered: that of another language, perhaps.
    pub is_unread: bool,
}

#[derive(Debug)]
struct File {
    path: String,
    /// Its path in the tree, where a file of the tree it is.
    in_tree: String,
    /// The text of a member of an archive.
    archived: Option<String>,
    is_template: bool,
    /// Whether it is not judged on its own, whatever it is.
    is_used: bool,
}

/// A text that has something to judge.
#[derive(Debug)]
struct Made {
    template: usize,
    text: String,
    rendered: Rendered,
}

impl Charts<'_> {
    /// The charts and kustomizations among these folders that are judged by themselves: those that no other one uses.
    /// `manifests` are files that may deploy charts; what of these cannot be read is returned too.
    pub fn find<'s>(
        &self,
        folders: &Folders,
        manifests: impl Iterator<Item = &'s Source>,
    ) -> (Vec<Chart>, Vec<Skipped>) {
        let (mut deployed, skipped) = deployed::find(self, manifests, &folders.charts);
        let (kustomizations, used_by_them) = kustomize::roots(self.tree, &folders.kustomizations);
        let is_inside = |folder: &str| {
            let mut above = folder;
            while let Some((outer, _)) = above.rsplit_once('/') {
                above = outer;
                if let Some(parent) = outer.strip_suffix("/charts").or_else(|| (outer == "charts").then_some(""))
                    && folders.charts.contains(parent)
                {
                    return true;
                }
            }
            false
        };
        let roots: Vec<_> = folders.charts.iter().filter(|folder| !is_inside(folder)).collect();
        let used: BTreeSet<String> = roots.iter().flat_map(|folder| self.local_dependencies(folder)).collect();
        let own = roots.into_iter().filter(|folder| !used.contains(*folder) && !used_by_them.contains(*folder));
        let chart = |folder: &String| {
            let deployments = deployed.remove(folder).unwrap_or_default();
            Chart { folder: folder.clone(), by: Renderer::Helm, deployments }
        };
        let alone = folders.alone.iter().cloned().map(Chart::alone);
        let charts = own.map(chart).chain(kustomizations.into_iter().map(Chart::kustomization)).chain(alone).collect();
        (charts, skipped)
    }

    /// The chart or the kustomization of a folder, whoever uses it.
    pub fn at<'s>(&self, folder: &str, folders: &Folders, manifests: impl Iterator<Item = &'s Source>) -> Chart {
        if !folders.charts.contains(folder) {
            return Chart::kustomization(folder.to_owned());
        }
        let deployments = deployed::find(self, manifests, &folders.charts).0.remove(folder).unwrap_or_default();
        Chart { folder: folder.to_owned(), by: Renderer::Helm, deployments }
    }

    /// The folder of a chart as it is shown, or the file of a template that lies in none.
    pub fn folder(&self, chart: &Chart) -> String {
        if chart.by == Renderer::Template {
            return (self.shown)(&chart.folder);
        }
        let own = (self.shown)(&within(&chart.folder, "Chart.yaml"));
        own.rsplit_once('/').map_or_else(|| ".".to_owned(), |(folder, _)| folder.to_owned())
    }

    /// The folders that the `file://` dependencies of a chart lie in.
    fn local_dependencies(&self, folder: &str) -> Vec<String> {
        let files = ["Chart.yaml", "requirements.yaml"].map(|name| within(folder, name));
        let texts = files.iter().filter_map(|path| self.tree.read(path));
        let texts = texts.filter(|bytes| memchr::memmem::find(bytes, b"file://").is_some());
        let roots = texts.flat_map(|bytes| yaml::read(&Text::given(String::from_utf8_lossy(&bytes))).roots);
        let dependencies = roots.flat_map(|root| root.get("dependencies").map_or(Vec::new(), |it| it.items().to_vec()));
        let repositories = dependencies.filter_map(|it| it.get("repository").and_then(Node::str).map(str::to_owned));
        repositories.filter_map(|it| super::link::path::join(folder, it.strip_prefix("file://")?)).collect()
    }

    /// Renders a chart with each of its sets of values, builds a kustomization, or renders a template by itself.
    pub fn render(&self, chart: &Chart) -> Output {
        match chart.by {
            Renderer::Kustomize => return self.build(chart),
            Renderer::Template => return self.render_alone(chart),
            Renderer::Helm => {}
        }
        let mut table = FileTable::default();
        let mut output = Output::default();
        let folder = (self.shown)(&within(&chart.folder, "Chart.yaml"));
        let loaded = match hostfit_render::load(self.tree, &chart.folder, &mut table) {
            Ok(loaded) => loaded,
            Err(problem) => {
                self.problem(&problem, Renderer::Helm, &table, &folder, &mut output);
                self.add_files(&table, chart, &mut output);
                return output;
            }
        };
        for problem in loaded.problems() {
            self.problem(&problem, Renderer::Helm, &table, &folder, &mut output);
        }
        if !loaded.is_library() {
            let stated = sets::of(self, chart);
            if stated.len() > MAX_SETS {
                let reason = format!("only the first {MAX_SETS} of {} sets of values are rendered", stated.len());
                output.skip(folder.clone(), Renderer::Helm, &reason, None, false);
            }
            for set in stated.iter().take(MAX_SETS) {
                self.render_with(set, chart, &loaded, &mut table, &mut output);
            }
            self.render_with_windows(chart, &loaded, &mut table, &mut output);
        }
        self.add_files(&table, chart, &mut output);
        output
    }

    /// Switches on what the chart has for Windows, where nothing that was rendered runs there.
    fn render_with_windows(
        &self,
        chart: &Chart,
        loaded: &hostfit_render::Chart,
        table: &mut FileTable,
        output: &mut Output,
    ) {
        let Some(set) = sets::all_windows(loaded) else { return };
        if self.has_windows_pod(&output.texts) {
            return;
        }
        let mut switched = Output::default();
        self.render_with(&set, chart, loaded, table, &mut switched);
        if self.has_windows_pod(&switched.texts) {
            output.texts.append(&mut switched.texts);
            output.skipped.append(&mut switched.skipped);
        }
    }

    fn has_windows_pod(&self, texts: &[Made]) -> bool {
        let texts = texts.iter().filter(|made| may_name_windows(&made.text));
        let sources: Vec<_> = texts
            .zip(0..)
            .map(|(made, id)| {
                let rendered = Rendered { holes: Vec::new(), ..made.rendered.clone() };
                Source::from_text(SourceId(id), "", made.text.clone()).rendered_from(rendered)
            })
            .collect();
        if sources.is_empty() {
            return false;
        }
        let units: Vec<_> = sources.iter().map(lower).collect();
        let project = super::link::link(&Sources::new(sources), &units, self.config);
        project.workloads.iter().any(Workload::is_windows)
    }

    fn render_with(
        &self,
        set: &Set,
        chart: &Chart,
        loaded: &hostfit_render::Chart,
        table: &mut FileTable,
        output: &mut Output,
    ) {
        let by = Arc::new(set.rendering(self, chart));
        let rendering = match self.rendered(set, loaded, table) {
            Ok(rendering) => rendering,
            Err((path, reason)) => {
                output.skip((self.shown)(&path), Renderer::Helm, &brief(&reason), None, false);
                return;
            }
        };
        let own = (self.shown)(&within(&chart.folder, "Chart.yaml"));
        for problem in &rendering.problems {
            self.problem(problem, Renderer::Helm, table, &own, output);
        }
        self.add_texts(&rendering, Renderer::Helm, Some(&by), table, output);
    }

    /// Adds the texts of a rendering that have something to judge.
    fn add_texts(
        &self,
        rendering: &hostfit_render::Rendering,
        renderer: Renderer,
        by: Option<&Arc<Rendering>>,
        table: &FileTable,
        output: &mut Output,
    ) {
        let holes: Vec<Arc<str>> = rendering.holes.iter().map(|hole| one_line(&hole.expression).into()).collect();
        for manifest in &rendering.manifests {
            if manifest.stopped.is_some() {
                continue;
            }
            let template = || {
                let bytes = self.tree.read(table.path(manifest.template));
                let archived = || table.archived(manifest.template).map(str::to_owned);
                bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).or_else(archived)
            };
            let mut gaps = gaps::Gaps::of(&manifest.text, renderer == Renderer::Template, template);
            let looked = match renderer {
                Renderer::Template => {
                    alone::Looked::at(manifest, table.path(manifest.template), &rendering.holes, &mut gaps)
                }
                Renderer::Helm | Renderer::Kustomize => alone::Looked::default(),
            };
            for (at, reason) in &looked.skipped {
                let path = table.path(manifest.template);
                let place = written_by(&manifest.uses, *at);
                let line = place.and_then(|place| self.line(path, place.start as usize));
                output.skip((self.shown)(path), renderer, reason, line, false);
            }
            for (hole, at) in &gaps.skipped {
                let Some(hole) = rendering.holes.get(hole.0 as usize) else { continue };
                let path = table.path(manifest.template);
                let place = written_by(&manifest.uses, *at).or(hole.place);
                let place = place.filter(|place| place.file == manifest.template);
                let line = place.and_then(|place| self.line(path, place.start as usize));
                output.skip((self.shown)(path), renderer, &brief(&hole.reason), line, false);
            }
            if !gaps::has_something(manifest.text.as_str()) {
                continue;
            }
            if renderer == Renderer::Kustomize
                && let Some((path, marker, line)) = self.to_be_filled_in(&manifest.text, table)
            {
                output.skip((self.shown)(&path), renderer, &format!("`{marker}` is not filled in"), line, false);
                continue;
            }
            let (pieces, uses) = (convert::pieces(&manifest.text), convert::uses(&manifest.uses));
            let same = output.texts.iter_mut().find(|made| {
                made.template == manifest.template.0 as usize
                    && made.text == manifest.text.as_str()
                    && made.rendered.pieces == pieces
                    && may_be_shared(&made.text, self.config)
            });
            if let (Some(made), Some(by)) = (same, by) {
                made.rendered.renderings.push(Arc::clone(by));
                continue;
            }
            output.texts.push(Made {
                template: manifest.template.0 as usize,
                text: manifest.text.as_str().to_owned(),
                rendered: Rendered {
                    renderings: by.into_iter().map(Arc::clone).collect(),
                    pieces,
                    uses,
                    base: (renderer == Renderer::Kustomize).then_some(SourceId(manifest.template.0)),
                    left_out: gaps.left_out,
                    unknown_placements: gaps.unknown_placements,
                    holes: holes.clone(),
                    guessed: looked.guessed,
                },
            });
        }
    }

    /// What a chart yields with one set of values; or the file of values that cannot be read, and why.
    fn rendered(
        &self,
        set: &Set,
        loaded: &hostfit_render::Chart,
        table: &mut FileTable,
    ) -> Result<hostfit_render::Rendering, (String, String)> {
        Ok(hostfit_render::render(loaded, &set.options(self, loaded, table)?))
    }

    fn problem(&self, problem: &Problem, by: Renderer, table: &FileTable, root: &str, output: &mut Output) {
        if let (ProblemKind::Syntax, Some(place)) = (problem.kind, problem.place) {
            let error = (place.file.0 as usize, place.range(), problem.message.clone());
            if !output.errors.contains(&error) {
                output.errors.push(error);
            }
            return;
        }
        let path = problem.place.map(|place| table.path(place.file).to_owned());
        let line = problem.place.zip(path.as_ref()).and_then(|(place, path)| self.line(path, place.start as usize));
        let path = path.map_or_else(|| root.to_owned(), |path| (self.shown)(&path));
        output.skip(path, by, &brief(&problem.message), line, problem.kind == ProblemKind::Missing);
    }

    fn line(&self, path: &str, at: usize) -> Option<u32> {
        let bytes = self.tree.read(path)?;
        let before = bytes.get(..at.min(bytes.len()))?;
        u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).ok()
    }

    fn add_files(&self, table: &FileTable, chart: &Chart, output: &mut Output) {
        let prefix = within(&chart.folder, "");
        let is_template = |path: &str| is_in_templates(path.strip_prefix(&*prefix).unwrap_or(path));
        self.add_files_that(table, &is_template, &|_| false, output);
    }

    /// Adds the files of a table, and says which of them are templates and which are judged through what uses them alone.
    fn add_files_that(
        &self,
        table: &FileTable,
        is_template: &dyn Fn(&str) -> bool,
        is_used: &dyn Fn(hostfit_render::FileId) -> bool,
        output: &mut Output,
    ) {
        let file = |number: u32| {
            let id = hostfit_render::FileId(number);
            let path = table.path(id);
            File {
                path: (self.shown)(path),
                in_tree: path.to_owned(),
                archived: table.archived(id).map(str::to_owned),
                is_template: is_template(path),
                is_used: is_used(id),
            }
        };
        let count = u32::try_from(table.len()).unwrap_or(u32::MAX);
        output.files = (0..count).map(file).collect();
    }
}

impl Output {
    /// Whether it has something only with what the chart has for Windows switched on.
    fn is_switched_on(&self) -> bool {
        let mut renderings = self.texts.iter().flat_map(|made| &made.rendered.renderings);
        renderings.any(|rendering| rendering.is_synthetic)
    }

    /// Counts a file among those that take part: it is shown as `shown`, and lies at `path` of the tree.
    pub fn add_file(&mut self, shown: &str, path: &str) {
        self.files.push(File {
            path: shown.to_owned(),
            in_tree: path.to_owned(),
            archived: None,
            is_template: false,
            is_used: false,
        });
    }

    /// The files that are judged through it alone.
    pub fn used(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|file| file.is_used).map(|file| &*file.path)
    }

    fn skip(&mut self, path: String, by: Renderer, reason: &str, line: Option<u32>, lacks_dependencies: bool) {
        self.skipped.insert(Skipped { path, reason: format!("{}: {reason}", by.name()), line, lacks_dependencies });
    }
}

/// So many sets of values of one chart are rendered; real ones have 40 at most.
const MAX_SETS: usize = 100;

/// Whether a text may have a pod for Windows: cheap, and right in doubt.
fn may_name_windows(text: &str) -> bool {
    let holds = |word: &str| text.as_bytes().windows(word.len()).any(|it| it.eq_ignore_ascii_case(word.as_bytes()));
    ["windows", "nanoserver", "ltsc", "wcow", "hostProcess", "os-sku", "C:\\"].iter().any(|word| holds(word))
}

/// Whether a text that several sets of values yield is judged once: what it means depends on nothing else of the set.
fn may_be_shared(text: &str, config: &Config) -> bool {
    config.targets.is_empty() && memchr::memmem::find(text.as_bytes(), b"untimeClass").is_none()
}

/// A file of the tree, with the number of it.
fn text_of(charts: &Charts<'_>, path: &str, table: &mut FileTable) -> Option<Text> {
    let bytes = charts.tree.read(path)?;
    Some(Text::file(table.id(path), String::from_utf8_lossy(&bytes)))
}

/// Whether a path in a chart leads through its folder of templates, or that of a subchart.
fn is_in_templates(path: &str) -> bool {
    path.split('/').rev().skip(1).any(|folder| folder == "templates")
}

fn within(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Whether a file that states a value is the configuration.
fn is_configuration(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "toml")
}

/// The files that may hold objects that deploy a chart: manifests, those too that kustomizations use.
pub fn manifests<'s>(sources: &'s [Source], units: &'s [Unit]) -> impl Iterator<Item = &'s Source> {
    units.iter().filter_map(|unit| {
        let source = sources.get(unit.source.0 as usize).filter(|source| source.rendered.is_none())?;
        let may_deploy = match &unit.content {
            Content::Kubernetes(file) => file.may_deploy,
            Content::Chart(member) => !member.is_template && kubernetes::may_deploy(&source.text),
            _ => false,
        };
        may_deploy.then_some(source)
    })
}

/// Reads a text that a chart yields.
pub fn lower(source: &Source) -> Unit {
    let tree = Yaml::parse(source);
    let content = Content::Kubernetes(kubernetes::File::read(source, &tree));
    Unit { source: source.id, content, errors: Vec::new(), comments: Vec::new() }
}

/// Whether a text that a chart yields, as it was [lowered](lower), has nothing that is judged.
pub fn has_nothing(unit: &Unit) -> bool {
    let Content::Kubernetes(file) = &unit.content else { return false };
    file.pods.is_empty() && file.runtime_classes.is_empty() && file.nodes.is_empty()
}

/// The comments of a template or of values that are for hostfit, from `#` on; in a comment of the template language what it
/// says.
pub fn comments(source: &Source) -> Vec<Span> {
    let text = source.text.as_str();
    let found = text.match_indices("hostfit:").filter_map(|(at, _)| {
        let line = source.line_span(u32::try_from(at).ok()?);
        let before = text.get(line.start as usize..at)?.trim_end();
        if before.ends_with('#') {
            let start = line.start as usize + before.trim_end_matches('#').len();
            return Some(Span::new(source.id, start..line.end as usize));
        }
        let is_comment = before.strip_suffix("/*")?.trim_end_matches(['-', ' ']).ends_with("{{");
        let said = text.get(at..line.end as usize)?.split_once("*/").filter(|_| is_comment)?.0;
        Some(Span::new(source.id, at..at + said.trim_end().len()))
    });
    found.collect()
}

/// Reads a file of a chart again that was edited.
pub(super) fn edited(source: &Source, member: Member) -> Unit {
    let content = Content::Chart(member);
    Unit { source: source.id, content, errors: Vec::new(), comments: comments(source) }
}
