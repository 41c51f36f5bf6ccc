//! `generators` and `transformers`: kustomize's own, configured by objects of files.

use super::{
    build::{At, Builder, Known, State, Unknown},
    fields::FieldSpec,
    file::File,
    generate::Kind,
    images,
    resource::Resource,
    transform::{self, Side},
};
use crate::{
    node::{Data, Node},
    problem::ProblemKind,
    text::{Place, Text},
    yaml,
};

impl Builder<'_> {
    /// The objects that a field names, which configure generators or transformers: in files, in other kustomizations,
    /// or inline.
    pub(super) fn plugins(
        &mut self,
        file: &File,
        field: &str,
        namespace: Option<&Text>,
        open: &mut Vec<String>,
    ) -> Known<Vec<Resource>> {
        let was_incomplete = std::mem::take(&mut self.is_incomplete);
        let mut found = State::default();
        for entry in file.items(field) {
            let Some(text) = entry.text() else { continue };
            let inline = yaml::read(text);
            if inline.error.is_none() && inline.roots.iter().any(Node::is_map) {
                let objects = self.objects(file.id, text, inline.roots)?;
                found.resources.extend(objects);
            } else {
                self.resource(file, entry, namespace, &mut found, open)?;
            }
        }
        if self.is_incomplete {
            return Err(Unknown);
        }
        self.is_incomplete = was_incomplete;
        Ok(found.resources)
    }

    /// Runs a generator.
    pub(super) fn generator(
        &mut self,
        plugin: &Resource,
        folder: &str,
        namespace: Option<&Text>,
        state: &mut State,
    ) -> Known<()> {
        let at = At { id: plugin.file, folder };
        let mut node = plugin.node.clone();
        match self.built_in(plugin)? {
            "HelmChartInflationGenerator" => self.chart(at, None, &node, namespace, state),
            kind @ ("ConfigMapGenerator" | "SecretGenerator") => {
                let metadata = node.get("metadata").cloned().unwrap_or_default();
                for key in ["name", "namespace"] {
                    if let Some(value) = metadata.get(key) {
                        node.put(Text::given(key), value.clone());
                    }
                }
                let kind = if kind == "SecretGenerator" { Kind::Secret } else { Kind::ConfigMap };
                self.generate(at, &node, None, kind, state)
            }
            // It makes a service account, which nothing judges.
            "IAMPolicyGenerator" => Ok(()),
            _ => self.not_evaluated(plugin),
        }
    }

    /// Runs a transformer.
    pub(super) fn transformer(&mut self, plugin: &Resource, folder: &str, state: &mut State) -> Known<()> {
        let at = At { id: plugin.file, folder };
        let node = &plugin.node;
        let text = |key: &str| node.get(key).and_then(Node::text).filter(|text| !text.is_empty());
        let items = |key: &str| node.get(key).map_or(&[][..], Node::items);
        let specs: Vec<_> = items("fieldSpecs").iter().map(FieldSpec::new).collect();
        self.cost(1 + state.resources.len())?;
        let resources = &mut state.resources;
        match self.built_in(plugin)? {
            "NamespaceTransformer" => {
                let is_set = |key: &str| node.get(key).is_some_and(|it| !matches!(it.data, Data::Bool(false, _)));
                if is_set("unsetOnly") || is_set("setRoleBindingSubjects") {
                    return self.not_evaluated(plugin);
                }
                let namespace = node.get("metadata").and_then(|it| it.get("namespace")).and_then(Node::text);
                if let Some(namespace) = namespace {
                    transform::namespace(resources, namespace, &specs);
                }
            }
            kind @ ("PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer") => {
                if let Some(prefix) = text("prefix").filter(|_| kind != "SuffixTransformer") {
                    transform::affix(resources, prefix, Side::Prefix, &specs);
                }
                if let Some(suffix) = text("suffix").filter(|_| kind != "PrefixTransformer") {
                    transform::affix(resources, suffix, Side::Suffix, &specs);
                }
            }
            kind @ ("LabelTransformer" | "AnnotationsTransformer") => {
                let key = if kind == "LabelTransformer" { "labels" } else { "annotations" };
                transform::pairs(resources, node.get(key).map_or(&[][..], Node::entries), &specs);
            }
            "ImageTagTransformer" => {
                if let Some(image) = node.get("imageTag") {
                    images::apply(resources, image, &specs);
                }
            }
            "ReplicaCountTransformer" => {
                if let Some(replica) = node.get("replica") {
                    self.replicas(at, replica, &specs, state)?;
                }
            }
            "PatchTransformer" => self.patch(at, node, state)?,
            "PatchJson6902Transformer" => self.json_patch_file(at, node, state)?,
            "PatchStrategicMergeTransformer" => {
                for entry in items("paths").iter().chain(node.get("patches")) {
                    self.strategic_merge_file(at, entry, state)?;
                }
            }
            "ReplacementTransformer" => {
                for entry in items("replacements") {
                    self.replacement(at, entry, state)?;
                }
            }
            _ => return self.not_evaluated(plugin),
        }
        Ok(())
    }

    /// The kind of a plugin that kustomize brings; any other is a program of somebody.
    fn built_in<'p>(&mut self, plugin: &'p Resource) -> Known<&'p str> {
        if plugin.id.api_version() == "builtin" {
            return Ok(&plugin.id.kind);
        }
        self.not_evaluated(plugin)
    }

    fn not_evaluated<T>(&mut self, plugin: &Resource) -> Known<T> {
        let place = Place::new(plugin.file, plugin.node.range.clone());
        self.note(ProblemKind::Missing, format!("{} is not evaluated", plugin.id.shown()), Some(place));
        Err(Unknown)
    }
}
