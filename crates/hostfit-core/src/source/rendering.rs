//! Charts with their values, and overlays: what yields a rendered text.

use std::collections::BTreeMap;

/// What renders manifests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Renderer {
    /// A chart.
    #[default]
    Helm,
    /// A kustomization.
    Kustomize,
    /// A template that lies in no chart, of whose values nothing is known.
    Template,
}

impl Renderer {
    /// As reports name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Helm => "helm",
            Self::Kustomize => "kustomize",
            Self::Template => "template",
        }
    }
}

/// One rendering: a chart with one set of values, or an overlay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendering {
    /// What renders it.
    pub by: Renderer,
    /// The folder of the chart or the kustomization.
    pub root: String,
    /// The values files, the chart's own first.
    pub values: Vec<String>,
    /// Single values that are set over them.
    pub set: BTreeMap<String, serde_json::Value>,
    /// Whether hostfit made the set up, since no other one yields a Windows pod.
    pub is_synthetic: bool,
    /// The object that states it.
    pub source: Option<String>,
    /// The files that a kustomization is built from, of which some leave no bytes in any text.
    pub parts: Vec<String>,
}

impl Rendering {
    /// What people call it.
    pub fn words(&self) -> String {
        match self.further() {
            None => format!("`{}`", self.root),
            Some(further) => format!("`{}` with {further}", self.root),
        }
    }

    /// What distinguishes it from other renderings of the same workload: an overlay's folder, a chart's values.
    pub fn distinction(&self) -> Option<String> {
        match self.by {
            Renderer::Helm | Renderer::Template => self.further().map(|further| format!("with {further}")),
            Renderer::Kustomize => Some(format!("of `{}`", self.root)),
        }
    }

    /// Which values it has over the chart's own, if any.
    pub fn further(&self) -> Option<String> {
        let own = if self.root == "." { "values.yaml".to_owned() } else { format!("{}/values.yaml", self.root) };
        let files = self.values.iter().filter(|path| **path != own).cloned();
        let set = self.set.iter().map(|(key, value)| format!("{key}={value}"));
        let all: Vec<_> = self.source.iter().cloned().chain(files).chain(set).map(|it| format!("`{it}`")).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }
}
