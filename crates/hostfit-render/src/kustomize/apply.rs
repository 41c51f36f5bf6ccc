//! Changes the objects of a kustomization, in kustomize's order.

use super::{
    build::{At, Builder, Known, State},
    fields::{FieldSpec, Purpose},
    file::File,
    images, json_patch, merge, replace,
    resource::{Resource, is_empty, size},
    schema::Schema,
    select::Selector,
    transform::{self, Side},
};
use crate::{
    fault::{Run, fail},
    node::{Data, Node},
    problem::ProblemKind,
    text::{FileId, Place, Text},
    yaml,
};

impl Builder<'_> {
    /// All that changes objects, in kustomize's order.
    pub(super) fn transform(&mut self, file: &File, folder: &str, state: &mut State) -> Known<()> {
        let at = At { id: file.id, folder };
        for entry in file.items("patchesStrategicMerge") {
            self.strategic_merge_file(at, entry, state)?;
        }
        for entry in file.items("patches") {
            self.patch(at, entry, state)?;
        }
        let State { resources, config, .. } = &mut *state;
        if let Some(namespace) = file.text("namespace") {
            transform::namespace(resources, namespace, &config.specs(Purpose::Namespace));
        }
        if let Some(prefix) = file.text("namePrefix") {
            transform::affix(resources, prefix, Side::Prefix, &config.specs(Purpose::NamePrefix));
        }
        if let Some(suffix) = file.text("nameSuffix") {
            transform::affix(resources, suffix, Side::Suffix, &config.specs(Purpose::NameSuffix));
        }
        for entry in file.items("labels") {
            let pairs = entry.get("pairs").map_or(&[][..], Node::entries);
            transform::pairs(resources, pairs, &transform::label_specs(entry, config));
        }
        transform::pairs(resources, file.entries("commonLabels"), &config.specs(Purpose::CommonLabels));
        transform::pairs(resources, file.entries("commonAnnotations"), &config.specs(Purpose::CommonAnnotations));
        let steps = resources.len() * (file.entries("commonLabels").len() + file.items("labels").len() + 1);
        self.cost(steps)?;
        for entry in file.items("patchesJson6902") {
            self.json_patch_file(at, entry, state)?;
        }
        let specs = state.config.specs(Purpose::Replicas);
        for entry in file.items("replicas") {
            self.replicas(at, entry, &specs, state)?;
        }
        let State { resources, config, .. } = &mut *state;
        let sizes: usize = resources.iter().map(|resource| size(&resource.node)).sum();
        let images = config.specs(Purpose::Images);
        for entry in file.images() {
            self.cost(sizes)?;
            images::apply(resources, entry, &images);
        }
        for entry in file.items("replacements") {
            self.replacement(at, entry, state)?;
        }
        Ok(())
    }

    /// An entry of `replicas`.
    pub(super) fn replicas(&mut self, at: At<'_>, entry: &Node, specs: &[FieldSpec], state: &mut State) -> Known<()> {
        self.cost(1 + state.resources.len())?;
        if !transform::replicas(&mut state.resources, entry, specs) && !self.is_incomplete {
            let message = "a resource with this name does not match a kind that has replicas";
            self.note(ProblemKind::Refused, message, Some(at.place(entry)));
        }
        Ok(())
    }

    pub(super) fn replacement(&mut self, at: At<'_>, entry: &Node, state: &mut State) -> Known<()> {
        let entries = match entry.get("path") {
            None => vec![entry.clone()],
            Some(path) => {
                let (id, text) = self.needed(at, path)?;
                let root = self.documents(id, &text)?.into_iter().next().unwrap_or_default();
                match root.data {
                    Data::List(items) => items,
                    _ => vec![root],
                }
            }
        };
        for replacement in entries {
            self.cost(1 + state.resources.len())?;
            let place = at.place(entry);
            let is_incomplete = self.is_incomplete;
            let mut budget = std::mem::take(&mut self.budget);
            let run = replace::apply(&mut state.resources, &replacement, &mut budget, &mut |reason| {
                is_incomplete.then(|| self.hole("replacements", reason, Some(place)))
            });
            self.budget = budget;
            self.unless_stopped(run, Some(place))?;
        }
        Ok(())
    }

    /// An entry of `patchesStrategicMerge`: a file, or the patch itself.
    pub(super) fn strategic_merge_file(&mut self, at: At<'_>, entry: &Node, state: &mut State) -> Known<()> {
        let Some(text) = entry.text() else { return Ok(()) };
        let inline = yaml::read(text);
        let is_inline = inline.error.is_none() && inline.roots.iter().any(|root| root.get("kind").is_some());
        let (id, text, roots) = if is_inline {
            (at.id, text.clone(), inline.roots)
        } else {
            let (id, text) = self.needed(at, entry)?;
            let roots = self.documents(id, &text)?;
            (id, text, roots)
        };
        for patch in self.objects(id, &text, roots)? {
            let run = self.strategic_merge(&patch, None, None, &mut state.resources);
            self.unless_stopped(run, Some(at.place(entry)))?;
        }
        Ok(())
    }

    /// The text of a patch: inline, or of a file.
    fn patch_text(&mut self, at: At<'_>, entry: &Node) -> Known<Option<(FileId, Text)>> {
        let inline = entry
            .get("patch")
            .or_else(|| entry.get("jsonOp"))
            .and_then(Node::text)
            .filter(|text| !text.as_str().trim().is_empty());
        let path = entry.get("path").filter(|path| path.str().is_some_and(|path| !path.is_empty()));
        match (inline, path) {
            (Some(text), None) => Ok(Some((at.id, text.clone()))),
            (None, Some(path)) => self.needed(at, path).map(Some),
            _ => {
                let message = "must specify one of patch and path";
                self.note(ProblemKind::Refused, message, Some(at.place(entry)));
                Ok(None)
            }
        }
    }

    /// An entry of `patches`.
    pub(super) fn patch(&mut self, at: At<'_>, entry: &Node, state: &mut State) -> Known<()> {
        let place = Some(at.place(entry));
        let Some((id, text)) = self.patch_text(at, entry)? else { return Ok(()) };
        let roots = self.documents(id, &text)?;
        if let Some(operations) = roots.first().filter(|root| matches!(root.data, Data::List(_))) {
            return self.json_patch(operations.items(), entry, place, true, state);
        }
        let selector = match entry.get("target").map(|it| Selector::new(it, &mut self.budget)).transpose() {
            Ok(selector) => selector,
            Err(stop) => return self.stopped(stop, place),
        };
        let patches = self.objects(id, &text, roots)?;
        if selector.is_some() && patches.len() > 1 {
            self.note(ProblemKind::Refused, "several strategic merge patches cannot have one target", place);
            return Ok(());
        }
        for patch in patches {
            let run = self.strategic_merge(&patch, selector.as_ref(), entry.get("options"), &mut state.resources);
            self.unless_stopped(run, place)?;
        }
        state.resources.retain(|resource| !is_empty(&resource.node));
        Ok(())
    }

    /// Merges a patch into the objects that `selector` selects, or into the one that it names itself.
    pub(super) fn strategic_merge(
        &mut self,
        patch: &Resource,
        selector: Option<&Selector>,
        options: Option<&Node>,
        resources: &mut Vec<Resource>,
    ) -> Run<()> {
        let id = &patch.id;
        self.budget.step(1 + resources.len() as u64 / 4)?;
        let meant: Vec<usize> = match selector {
            Some(selector) => {
                (0..resources.len()).filter(|&at| resources.get(at).is_some_and(|it| selector.selects(it))).collect()
            }
            None => (0..resources.len()).filter(|&at| resources.get(at).is_some_and(|it| it.had(id))).collect(),
        };
        if selector.is_none() && meant.len() != 1 {
            let matches = if meant.is_empty() { "no" } else { "multiple" };
            return fail(format!("{matches} matches for Id {}; failed to find unique target for patch", id.shown()));
        }
        let is = |option: &str| {
            matches!(options.and_then(|it| it.get(option)).map(|it| &it.data), Some(Data::Bool(true, _)))
        };
        for at in meant {
            let Some(resource) = resources.get_mut(at) else { continue };
            let cost = size(&resource.node).saturating_mul(1 + size(&patch.node) / 64);
            self.budget.step(cost as u64)?;
            patch_one(resource, patch, is("allowNameChange"), is("allowKindChange"))?;
        }
        resources.retain(|resource| !is_empty(&resource.node));
        Ok(())
    }

    /// An entry of `patchesJson6902`.
    pub(super) fn json_patch_file(&mut self, at: At<'_>, entry: &Node, state: &mut State) -> Known<()> {
        let Some((id, text)) = self.patch_text(at, entry)? else { return Ok(()) };
        let roots = self.documents(id, &text)?;
        let operations = roots.first().map_or(&[][..], Node::items);
        self.json_patch(operations, entry, Some(at.place(entry)), false, state)
    }

    fn json_patch(
        &mut self,
        operations: &[Node],
        entry: &Node,
        place: Option<Place>,
        stores_ids: bool,
        state: &mut State,
    ) -> Known<()> {
        let selector = match entry.get("target").map(|it| Selector::new(it, &mut self.budget)) {
            Some(Ok(selector)) => selector,
            Some(Err(stop)) => return self.stopped(stop, place),
            None => {
                self.note(ProblemKind::Refused, "must specify a target for a JSON patch", place);
                return Ok(());
            }
        };
        self.cost(1 + state.resources.len())?;
        for at in 0..state.resources.len() {
            let Some(resource) = state.resources.get_mut(at).filter(|resource| selector.selects(resource)) else {
                continue;
            };
            let cost = size(&resource.node);
            let run = self.budget.step(cost as u64).and_then(|()| {
                let patched = json_patch::apply(resource.node.clone(), operations, &mut self.budget)?;
                if stores_ids {
                    resource.store_id();
                }
                resource.node = patched;
                resource.refresh();
                Ok(())
            });
            self.unless_stopped(run, place)?;
        }
        state.resources.retain(|resource| !is_empty(&resource.node));
        Ok(())
    }
}

fn patch_one(resource: &mut Resource, patch: &Resource, renames: bool, changes_kind: bool) -> Run<()> {
    let before = resource.id.clone();
    let schema =
        Schema::of(&before.api_version(), &before.kind).or_else(|| Schema::of(&patch.id.api_version(), &patch.id.kind));
    let mut changes = patch.node.clone();
    if let (Data::Map(entries), Data::Map(own)) = (&mut changes.data, &resource.node.data) {
        // The version is that of the object, and so are kind and names where they may not change.
        entries.retain(|entry| entry.key.as_str() != "apiVersion" && (changes_kind || entry.key.as_str() != "kind"));
        let metadata = entries.iter_mut().find(|entry| entry.key.as_str() == "metadata");
        if let (Some(metadata), true) = (metadata, own.iter().any(|entry| entry.key.as_str() == "metadata"))
            && let Data::Map(entries) = &mut metadata.value.data
        {
            entries.retain(|entry| match entry.key.as_str() {
                "name" => renames,
                "namespace" => false,
                _ => true,
            });
        }
    }
    if renames || changes_kind {
        resource.store_id();
    }
    resource.node = merge::merge(resource.node.clone(), &changes, schema).or_else(fail)?.unwrap_or_default();
    if !is_empty(&resource.node) {
        resource.refresh();
    }
    Ok(())
}
