//! Builds a kustomization.

use std::collections::BTreeSet;

use super::{
    fields::{Config, Purpose},
    file::{File, NAMES},
    order,
    resource::Resource,
    vars::{self, Var},
};
use crate::{
    fault::{Budget, Run, Stop},
    helm::{KubeVersion, Manifest, Rendering},
    node::{Data, Node},
    problem::{Problem, ProblemKind},
    template::Hole,
    text::{FileId, HoleId, Place, Text},
    tree::{self, FileTable, Tree, joined},
    value::Heap,
    yaml,
};

/// How many kustomizations may take part, each counted as often as it is used.
pub(super) const MAX_KUSTOMIZATIONS: usize = 1000;
/// How deep they may use each other.
pub(super) const MAX_DEEP: usize = 32;
/// How many objects there may be.
pub(super) const MAX_RESOURCES: usize = 10_000;

/// How a kustomization is built.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `.Capabilities.KubeVersion` of the charts of `helmCharts` that name none.
    pub kube_version: KubeVersion,
    /// Whether files outside of the folder of a kustomization are read, as Flux does and `kustomize build` with
    /// `--load-restrictor LoadRestrictionsNone`.
    pub reads_outside: bool,
    /// Whether definitions of custom resources are left out of the result, of which they are often the largest part.
    pub without_definitions: bool,
}

/// What a kustomization gives.
#[derive(Clone, Debug, Default)]
pub struct Building {
    /// One manifest for each object, in the order of the build; none where nothing is known. Their `template` is the
    /// file that the object was read from, or the kustomization that generates it.
    pub rendering: Rendering,
    /// The files that took part.
    pub files: Vec<FileId>,
    /// The folders of the other kustomizations that it uses, also through others.
    pub kustomizations: Vec<String>,
    /// The folders of the charts that it uses.
    pub charts: Vec<String>,
    /// Whether something that may change every object could not be evaluated, which leaves it without manifests.
    pub is_unknown: bool,
}

/// Builds the kustomization that lies in `folder`.
pub fn build(tree: &dyn Tree, folder: &str, table: &mut FileTable, options: &Options) -> Building {
    let mut builder = Builder {
        tree,
        table,
        options,
        budget: Budget::new(BUDGET),
        files: BTreeSet::new(),
        used: BTreeSet::new(),
        charts: BTreeSet::new(),
        holes: Vec::new(),
        problems: Vec::new(),
        visits: 0,
        bytes: 0,
        is_incomplete: false,
    };
    let manifests = builder.whole(folder);
    let is_unknown = manifests.is_none();
    Building {
        rendering: Rendering {
            manifests: manifests.unwrap_or_default(),
            holes: builder.holes,
            problems: builder.problems,
        },
        files: builder.files.into_iter().collect(),
        kustomizations: builder.used.into_iter().collect(),
        charts: builder.charts.into_iter().collect(),
        is_unknown,
    }
}

/// What all steps of one build may cost, as for a chart of so many bytes.
const BUDGET: usize = 8 * 1024 * 1024;

/// The files of a folder that are kustomizations; more than one is refused.
pub(super) fn find(tree: &dyn Tree, folder: &str) -> Vec<(String, String)> {
    let paths = NAMES.iter().filter_map(|name| joined(folder, name));
    let texts = paths.filter_map(|path| {
        let bytes = tree.read(&path).filter(|bytes| bytes.len() <= tree::MAX_FILE)?;
        Some((path, tree::decoded(bytes)))
    });
    texts.collect()
}

pub(super) fn read_file(id: FileId, text: &Text) -> Result<File, Problem> {
    let documents = yaml::read(text);
    if let Some(error) = documents.error {
        let place = Place::new(id, error.at..error.at);
        return Err(Problem::new(ProblemKind::Syntax, error.message, Some(place)));
    }
    File::new(id, documents.roots.into_iter().next().unwrap_or_default())
}

/// Nothing can be said of a kustomization; why is among the problems.
pub(super) struct Unknown;

pub(super) type Known<T> = Result<T, Unknown>;

/// Where instructions stand, and the folder that their paths are relative to.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) id: FileId,
    pub(super) folder: &'a str,
}

impl At<'_> {
    pub(super) fn place(self, node: &Node) -> Place {
        Place::new(self.id, node.range.clone())
    }
}

/// What has been put together so far.
#[derive(Default)]
pub(super) struct State {
    pub(super) resources: Vec<Resource>,
    pub(super) config: Config,
    pub(super) vars: Vec<Var>,
}

pub(super) struct Builder<'t> {
    pub(super) tree: &'t dyn Tree,
    pub(super) table: &'t mut FileTable,
    pub(super) options: &'t Options,
    pub(super) budget: Budget,
    pub(super) files: BTreeSet<FileId>,
    pub(super) used: BTreeSet<String>,
    pub(super) charts: BTreeSet<String>,
    pub(super) holes: Vec<Hole>,
    pub(super) problems: Vec<Problem>,
    pub(super) visits: usize,
    bytes: usize,
    /// Whether something is missing that may be what a patch or a replacement does not find.
    pub(super) is_incomplete: bool,
}

impl Builder<'_> {
    fn whole(&mut self, folder: &str) -> Option<Vec<Manifest>> {
        let mut open = vec![folder.to_owned()];
        let file = self.kustomization(folder).ok()?;
        // What a component changes is in the kustomization that uses it.
        self.is_incomplete = file.is_component();
        let mut state = self.target(&file, State::default(), None, &mut open).ok()?;
        self.resolve(&mut state);
        state.resources.retain(|resource| {
            let local = resource.strings("annotations").find(|(key, _)| *key == "config.kubernetes.io/local-config");
            local.is_none_or(|(_, value)| value == "false")
        });
        order::sort(&mut state.resources, file.get("sortOptions"));
        let mut manifests = Vec::with_capacity(state.resources.len());
        for resource in &state.resources {
            if self.options.without_definitions && resource.id.kind == "CustomResourceDefinition" {
                continue;
            }
            match self.manifest(resource) {
                Ok(manifest) => manifests.push(manifest),
                Err(stop) => {
                    self.stopped(stop, None).ok()?;
                }
            }
        }
        Some(manifests)
    }

    fn manifest(&mut self, resource: &Resource) -> Run<Manifest> {
        let mut heap = Heap::new(BUDGET);
        let value = heap.value(&resource.node);
        let text = yaml::yaml(&heap, &value)?;
        self.budget.take(text.len())?;
        Ok(Manifest {
            template: resource.file,
            name: resource.id.shown(),
            text,
            uses: Vec::new(),
            stopped: None,
            guesses: Vec::new(),
        })
    }

    /// Takes a note of what is wrong.
    pub(super) fn note(&mut self, kind: ProblemKind, message: impl Into<String>, place: Option<Place>) {
        self.problems.push(Problem::new(kind, message, place));
    }

    /// Takes a note of what is left out.
    pub(super) fn missing(&mut self, message: impl Into<String>, place: Option<Place>) {
        self.note(ProblemKind::Missing, message, place);
        self.is_incomplete = true;
    }

    /// What becomes of a step that ended early: what kustomize refuses leaves the objects as they are, and after a limit
    /// nothing is known.
    pub(super) fn stopped(&mut self, stop: Stop, place: Option<Place>) -> Known<()> {
        match stop {
            Stop::Limit(limit) => {
                self.note(ProblemKind::Limit, limit, place);
                Err(Unknown)
            }
            Stop::Fault(fault) => {
                let kind = if self.is_incomplete { ProblemKind::Consequence } else { ProblemKind::Refused };
                self.note(kind, fault.message, place);
                Ok(())
            }
            Stop::Break | Stop::Continue => Ok(()),
        }
    }

    pub(super) fn unless_stopped(&mut self, run: Run<()>, place: Option<Place>) -> Known<()> {
        run.or_else(|stop| self.stopped(stop, place))
    }

    pub(super) fn cost(&mut self, steps: usize) -> Known<()> {
        let run = self.budget.step(steps as u64);
        self.unless_stopped(run, None)
    }

    /// Something that cannot be evaluated.
    pub(super) fn hole(&mut self, expression: &str, reason: impl Into<String>, place: Option<Place>) -> HoleId {
        let id = HoleId(crate::text::saturating_u32(self.holes.len()));
        self.holes.push(Hole { expression: expression.to_owned(), reason: reason.into(), place });
        id
    }

    /// A file of the tree, which takes part.
    pub(super) fn read(&mut self, path: &str) -> Known<Option<(FileId, Text)>> {
        let Some(bytes) = self.tree.read(path).filter(|bytes| bytes.len() <= tree::MAX_FILE) else { return Ok(None) };
        self.bytes += bytes.len();
        if self.bytes > tree::MAX_BYTES {
            self.note(ProblemKind::Limit, "the kustomization has over 64 MiB of files", None);
            return Err(Unknown);
        }
        let id = self.table.id(path);
        self.files.insert(id);
        Ok(Some((id, Text::file(id, tree::decoded(bytes)))))
    }

    /// A file that a kustomization names, which has to lie in its folder or below.
    pub(super) fn read_below(&mut self, folder: &str, path: &str) -> Known<Result<(FileId, Text), String>> {
        if is_remote(path) {
            return Ok(Err(format!("\"{path}\" is not in the tree")));
        }
        let Some(joined) = joined(folder, path) else { return Ok(Err(format!("\"{path}\" is not in the tree"))) };
        if !self.options.reads_outside && !folder.is_empty() && !joined.starts_with(&format!("{folder}/")) {
            return Ok(Err(format!("\"{path}\" is not in or below the folder of the kustomization")));
        }
        Ok(self.read(&joined)?.ok_or_else(|| format!("\"{path}\" is not in the tree")))
    }

    /// As [`Self::read_below`], where nothing is known without the file.
    pub(super) fn needed(&mut self, at: At<'_>, path: &Node) -> Known<(FileId, Text)> {
        let name = path.str().unwrap_or_default();
        match self.read_below(at.folder, name)? {
            Ok(read) => Ok(read),
            Err(reason) => {
                self.note(ProblemKind::Missing, reason, Some(at.place(path)));
                Err(Unknown)
            }
        }
    }

    /// Puts the values of variables where they are named.
    fn resolve(&mut self, state: &mut State) {
        let mut values: Vec<(String, Node)> = Vec::new();
        for var in &state.vars {
            if values.iter().any(|(name, _)| *name == var.name) {
                continue;
            }
            let object = state.resources.iter().find(|resource| resource.vars.contains(&var.name));
            let value = object.and_then(|object| var.value(object)).unwrap_or_else(|| {
                let reason = format!("var '{}' cannot be mapped to a field in the set of known resources", var.name);
                Node::new(Data::Hole(self.hole(&format!("$({})", var.name), reason, None)))
            });
            values.push((var.name.clone(), value));
        }
        if !values.is_empty() {
            vars::resolve(&mut state.resources, &values, &state.config.specs(Purpose::VarReference));
        }
    }
}

/// Whether a path is for git or the network.
pub(super) fn is_remote(path: &str) -> bool {
    path.contains("://") || path.contains("git@") || path.contains("?ref=") || path.starts_with("github.com/")
}
