//! Collects the objects of a kustomization: of files, of other kustomizations, of generators.

use std::collections::VecDeque;

use super::{
    build::{
        At, Builder, Known, MAX_DEEP, MAX_KUSTOMIZATIONS, MAX_RESOURCES, State, Unknown, find, is_remote, read_file,
    },
    charts,
    file::File,
    generate::{self, Kind},
    resource::{Behavior, Resource, is_empty, size},
    vars::Var,
};
use crate::{
    node::{Data, Node},
    problem::ProblemKind,
    text::{FileId, Place, Text},
    tree::{Tree, joined},
    yaml,
};

/// The folders that the kustomization in `folder` names itself: of other kustomizations, and of charts.
pub fn references(tree: &dyn Tree, folder: &str) -> Vec<String> {
    let Some((_, text)) = find(tree, folder).into_iter().next() else { return Vec::new() };
    let id = FileId(0);
    let Ok(file) = read_file(id, &Text::file(id, text)) else { return Vec::new() };
    let named = ["components", "generators", "transformers"].into_iter().flat_map(|field| file.items(field));
    let named = file.resources().chain(named).filter_map(Node::str).filter(|path| !path.contains('\n'));
    let folders = named.filter_map(|path| joined(folder, path)).filter(|path| !find(tree, path).is_empty());
    folders.chain(charts::folders(&file, folder)).collect()
}

impl Builder<'_> {
    /// Reads the kustomization of a folder.
    pub(super) fn kustomization(&mut self, folder: &str) -> Known<File> {
        self.visits += 1;
        if self.visits > MAX_KUSTOMIZATIONS {
            self.note(ProblemKind::Limit, "too many kustomizations that use each other", None);
            return Err(Unknown);
        }
        let mut found = find(self.tree, folder).into_iter();
        let Some((path, _)) = found.next() else {
            self.note(ProblemKind::Missing, format!("\"{folder}\" has no kustomization.yaml"), None);
            return Err(Unknown);
        };
        let Some((id, text)) = self.read(&path)? else { return Err(Unknown) };
        if found.next().is_some() {
            let message = format!("Found multiple kustomization files under: {folder}");
            self.note(ProblemKind::Refused, message, Some(Place::new(id, 0..0)));
            return Err(Unknown);
        }
        read_file(id, &text).map_err(|problem| {
            self.problems.push(problem);
            Unknown
        })
    }

    /// What a kustomization makes of `state`, which holds the objects of the one whose component it is.
    pub(super) fn target(
        &mut self,
        file: &File,
        mut state: State,
        parent_namespace: Option<&Text>,
        open: &mut Vec<String>,
    ) -> Known<State> {
        let folder = open.last().cloned().unwrap_or_default();
        let at = At { id: file.id, folder: &folder };
        let namespace = file.text("namespace").or(parent_namespace);
        self.check(file)?;
        for path in file.resources() {
            self.resource(file, path, namespace, &mut state, open)?;
        }
        for path in file.items("configurations") {
            let (id, text) = self.needed(at, path)?;
            for root in self.documents(id, &text)? {
                state.config.add_file(&root);
            }
        }
        self.generators(file, at, namespace, &mut state)?;
        for plugin in self.plugins(file, "generators", namespace, open)? {
            self.generator(&plugin, &folder, namespace, &mut state)?;
        }
        for path in file.items("components") {
            state = self.component(file, path, namespace, state, open)?;
        }
        self.transform(file, &folder, &mut state)?;
        for plugin in self.plugins(file, "transformers", namespace, open)? {
            self.transformer(&plugin, &folder, &mut state)?;
        }
        for entry in file.items("vars") {
            let var = Var::new(entry);
            for resource in state.resources.iter_mut().filter(|resource| var.is_of(resource)).take(1) {
                resource.vars.push(var.name.clone());
            }
            state.vars.push(var);
        }
        Ok(state)
    }

    /// What may change every object and is not evaluated.
    fn check(&mut self, file: &File) -> Known<()> {
        if let Some(path) = file.get("openapi").and_then(|it| it.get("path")) {
            self.note(ProblemKind::Missing, "`openapi.path` is not evaluated", Some(file.place(path)));
            return Err(Unknown);
        }
        Ok(())
    }

    /// The documents of a file that is needed whole.
    pub(super) fn documents(&mut self, id: FileId, text: &Text) -> Known<Vec<Node>> {
        let documents = yaml::read(text);
        if let Some(error) = documents.error {
            let place = text.origin_of(error.at..error.at).places().first().copied();
            let place = place.or_else(|| Some(Place::new(id, error.at..error.at)));
            self.note(ProblemKind::Unreadable, error.message, place);
            return Err(Unknown);
        }
        Ok(documents.roots)
    }

    /// One entry of `resources`: a file, or another kustomization.
    pub(super) fn resource(
        &mut self,
        file: &File,
        path: &Node,
        namespace: Option<&Text>,
        state: &mut State,
        open: &mut Vec<String>,
    ) -> Known<()> {
        let Some(name) = path.str() else { return Ok(()) };
        let folder = open.last().cloned().unwrap_or_default();
        let place = file.place(path);
        let target = joined(&folder, name).filter(|_| !is_remote(name));
        let is_folder = target.as_ref().is_some_and(|target| !find(self.tree, target).is_empty());
        let Some(target) = target.filter(|_| is_folder) else {
            match self.read_below(&folder, name)? {
                Ok((id, text)) => {
                    let documents = yaml::read(&text);
                    if let Some(error) = documents.error {
                        let place = Place::new(id, error.at..error.at);
                        self.note(ProblemKind::Unreadable, error.message, Some(place));
                        self.is_incomplete = true;
                        return Ok(());
                    }
                    self.add_all(id, &text, documents.roots, false, state)?;
                }
                Err(reason) => {
                    self.note(ProblemKind::Missing, reason, Some(place));
                    self.is_incomplete = true;
                }
            }
            return Ok(());
        };
        // A kustomization of which nothing is known leaves the others.
        let problems = self.problems.len();
        if let Ok(other) = self.other(&target, false, State::default(), namespace, place, open) {
            for resource in other.resources {
                self.add(resource, state)?;
            }
            state.config.merge(other.config);
            state.vars.extend(other.vars);
            return Ok(());
        }
        self.is_incomplete = true;
        let is_over = self.problems.iter().skip(problems).any(|it| it.kind == ProblemKind::Limit);
        if is_over { Err(Unknown) } else { Ok(()) }
    }

    fn component(
        &mut self,
        file: &File,
        path: &Node,
        namespace: Option<&Text>,
        state: State,
        open: &mut Vec<String>,
    ) -> Known<State> {
        let Some(name) = path.str() else { return Ok(state) };
        let folder = open.last().cloned().unwrap_or_default();
        let place = file.place(path);
        let target = joined(&folder, name).filter(|_| !is_remote(name));
        let Some(target) = target.filter(|target| !find(self.tree, target).is_empty()) else {
            self.note(ProblemKind::Missing, format!("\"{name}\" is not in the tree"), Some(place));
            return Err(Unknown);
        };
        self.other(&target, true, state, namespace, place, open)
    }

    /// What the kustomization of another folder makes of `state`.
    fn other(
        &mut self,
        folder: &str,
        is_component: bool,
        state: State,
        namespace: Option<&Text>,
        place: Place,
        open: &mut Vec<String>,
    ) -> Known<State> {
        let is_above = |own: &String| own == folder || folder.is_empty() || own.starts_with(&format!("{folder}/"));
        if open.iter().any(is_above) {
            let message = format!("cycle detected: \"{folder}\" is used by itself");
            self.note(ProblemKind::Refused, message, Some(place));
            return Err(Unknown);
        }
        if open.len() >= MAX_DEEP {
            self.note(ProblemKind::Limit, "kustomizations use each other over 32 levels deep", Some(place));
            return Err(Unknown);
        }
        self.used.insert(folder.to_owned());
        let file = self.kustomization(folder)?;
        if file.is_component() != is_component {
            let message = if is_component { "expected kind 'Component'" } else { "expected kind != 'Component'" };
            self.note(ProblemKind::Refused, format!("{message} for \"{folder}\""), Some(place));
            return Err(Unknown);
        }
        open.push(folder.to_owned());
        let state = self.target(&file, state, namespace, open);
        open.pop();
        state
    }

    /// Adds the objects of documents, lists item by item.
    fn add_all(
        &mut self,
        id: FileId,
        text: &Text,
        roots: Vec<Node>,
        is_from_helm: bool,
        state: &mut State,
    ) -> Known<()> {
        for resource in self.objects(id, text, roots)? {
            self.add(Resource { is_from_helm, ..resource }, state)?;
        }
        Ok(())
    }

    /// The objects of documents: first those that are not in lists, as kustomize orders them.
    pub(super) fn objects(&mut self, id: FileId, text: &Text, roots: Vec<Node>) -> Known<Vec<Resource>> {
        let mut open: VecDeque<Node> = roots.into();
        let mut found = Vec::new();
        while let Some(mut node) = open.pop_front() {
            self.cost(1 + 2 * size(&node))?;
            keep_words(&mut node, text);
            if is_empty(&node) {
                continue;
            }
            if matches!(node.data, Data::Hole(_)) {
                self.is_incomplete = true;
                continue;
            }
            let range = node.range.clone();
            let resource = Resource::new(node, id);
            let is_list = resource.id.kind.ends_with("List");
            if is_list && let Some(items) = resource.node.get("items") {
                open.extend(items.items().iter().cloned());
                continue;
            }
            if resource.id.kind.is_empty() || (resource.id.name.is_empty() && !is_list) {
                let missing = if resource.id.kind.is_empty() { "kind" } else { "metadata.name" };
                self.note(ProblemKind::Refused, format!("missing {missing} in object"), Some(Place::new(id, range)));
                self.is_incomplete = true;
                continue;
            }
            found.push(resource);
        }
        Ok(found)
    }

    /// Adds an object; one that is there already is refused.
    fn add(&mut self, resource: Resource, state: &mut State) -> Known<()> {
        self.cost(1 + state.resources.len() / 16)?;
        if state.resources.len() >= MAX_RESOURCES {
            self.note(ProblemKind::Limit, "over 10,000 objects", None);
            return Err(Unknown);
        }
        if state.resources.iter().any(|own| own.id.is_same(&resource.id)) {
            let message = format!("may not add resource with an already registered id: {}", resource.id.shown());
            let place = Place::new(resource.file, resource.node.range.clone());
            self.note(ProblemKind::Refused, message, Some(place));
            return Ok(());
        }
        state.resources.push(resource);
        Ok(())
    }

    /// The objects that fields of a kustomization make.
    fn generators(&mut self, file: &File, at: At<'_>, namespace: Option<&Text>, state: &mut State) -> Known<()> {
        let options = file.get("generatorOptions");
        for (field, kind) in [("configMapGenerator", Kind::ConfigMap), ("secretGenerator", Kind::Secret)] {
            for entry in file.items(field) {
                self.generate(at, entry, options, kind, state)?;
            }
        }
        let charts = file.items("helmCharts").iter().chain(file.items("helmChartInflationGenerator"));
        for entry in charts {
            self.chart(at, file.get("helmGlobals"), entry, namespace, state)?;
        }
        Ok(())
    }

    /// Makes an object of literals and files.
    pub(super) fn generate(
        &mut self,
        at: At<'_>,
        entry: &Node,
        options: Option<&Node>,
        kind: Kind,
        state: &mut State,
    ) -> Known<()> {
        let mut stop = Ok(());
        let object = generate::object(entry, options, kind, &mut |source| {
            let path = source.str().unwrap_or_default();
            let reason = match self.read_below(at.folder, path) {
                Ok(Ok((_, text))) if text.as_str().contains(char::REPLACEMENT_CHARACTER) => {
                    return Err(self.hole(path, "not UTF-8", Some(at.place(source))));
                }
                Ok(Ok((_, text))) => return Ok(text),
                Ok(Err(reason)) => reason,
                Err(Unknown) => {
                    stop = Err(Unknown);
                    String::new()
                }
            };
            let place = Some(at.place(source));
            self.note(ProblemKind::MissingData, reason.clone(), place);
            Err(self.hole(path, reason, place))
        });
        stop?;
        let mut made = Resource::new(object, at.id);
        made.node.range = entry.range.clone();
        made.behavior = generate::behavior(entry);
        self.absorb(made, state)
    }

    /// Adds the objects of a chart.
    pub(super) fn chart(
        &mut self,
        at: At<'_>,
        globals: Option<&Node>,
        entry: &Node,
        namespace: Option<&Text>,
        state: &mut State,
    ) -> Known<()> {
        for manifest in charts::manifests(self, at, globals, entry, namespace)? {
            let documents = yaml::read(&manifest.text);
            if let Some(error) = documents.error {
                let place = manifest.text.origin_of(error.at..error.at).places().first().copied();
                self.missing(error.message, place);
            }
            self.add_all(manifest.template, &manifest.text, documents.roots, true, state)?;
        }
        Ok(())
    }

    /// Adds a generated object to those that are there, or changes one of them.
    fn absorb(&mut self, mut made: Resource, state: &mut State) -> Known<()> {
        let own = state.resources.iter_mut().find(|own| own.had(&made.id));
        match (own, made.behavior) {
            (None, Behavior::Create) => self.add(made, state),
            (None, _) if self.is_incomplete => self.add(made, state),
            (None, _) => {
                let message = format!("{} does not exist; cannot merge or replace", made.id.shown());
                let place = Place::new(made.file, made.node.range.clone());
                self.note(ProblemKind::Refused, message, Some(place));
                Ok(())
            }
            (Some(own), behavior) => {
                if behavior == Behavior::Create {
                    let message = format!("{} exists; behavior must be merge or replace", made.id.shown());
                    let place = Place::new(made.file, made.node.range.clone());
                    self.note(ProblemKind::Refused, message, Some(place));
                    return Ok(());
                }
                let kept: &[&str] = if behavior == Behavior::Merge { &["data", "binaryData"] } else { &[] };
                generate::onto(&own.node, &mut made.node, kept);
                own.node = made.node;
                Ok(())
            }
        }
    }
}

/// Makes strings of `yes`, `on` and their like, which are not Booleans where kustomize reads objects and patches.
fn keep_words(node: &mut Node, text: &Text) {
    match &mut node.data {
        Data::Bool(..) => {
            let written = text.as_str().get(node.range.clone()).unwrap_or_default();
            if !matches!(written, "true" | "True" | "TRUE" | "false" | "False" | "FALSE") {
                node.data = Data::String(text.part(node.range.clone()));
            }
        }
        Data::List(items) => items.iter_mut().for_each(|item| keep_words(item, text)),
        Data::Map(entries) => entries.iter_mut().for_each(|entry| keep_words(&mut entry.value, text)),
        _ => {}
    }
}
