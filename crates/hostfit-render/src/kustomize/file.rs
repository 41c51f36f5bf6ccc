//! `kustomization.yaml`.

use crate::{
    node::{Data, Node},
    problem::{Problem, ProblemKind},
    text::{FileId, Place, Text},
};

/// The names of files that kustomize looks for.
pub const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What a field holds.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Texts,
    /// A mapping of strings.
    Pairs,
    Map,
    Maps,
    /// A list of mappings whose values are strings.
    Rows,
}

const FIELDS: &[(&str, Shape)] = &[
    ("apiVersion", Shape::Text),
    ("kind", Shape::Text),
    ("metadata", Shape::Map),
    ("openapi", Shape::Pairs),
    ("namePrefix", Shape::Text),
    ("nameSuffix", Shape::Text),
    ("namespace", Shape::Text),
    ("commonLabels", Shape::Pairs),
    ("labels", Shape::Maps),
    ("commonAnnotations", Shape::Pairs),
    ("patchesStrategicMerge", Shape::Texts),
    ("patchesJson6902", Shape::Maps),
    ("patches", Shape::Maps),
    ("images", Shape::Rows),
    ("imageTags", Shape::Rows),
    ("replacements", Shape::Maps),
    ("replicas", Shape::Maps),
    ("vars", Shape::Maps),
    ("sortOptions", Shape::Map),
    ("resources", Shape::Texts),
    ("components", Shape::Texts),
    ("crds", Shape::Texts),
    ("bases", Shape::Texts),
    ("configMapGenerator", Shape::Maps),
    ("secretGenerator", Shape::Maps),
    ("helmGlobals", Shape::Map),
    ("helmCharts", Shape::Maps),
    ("helmChartInflationGenerator", Shape::Maps),
    ("generatorOptions", Shape::Map),
    ("configurations", Shape::Texts),
    ("generators", Shape::Texts),
    ("transformers", Shape::Texts),
    ("validators", Shape::Texts),
    ("buildMetadata", Shape::Texts),
];

/// A kustomization as it is written.
#[derive(Debug)]
pub(super) struct File {
    pub(super) id: FileId,
    node: Node,
}

impl File {
    /// Reads the root of `kustomization.yaml`.
    ///
    /// # Errors
    /// When kustomize would not read it.
    pub(super) fn new(id: FileId, mut node: Node) -> Result<Self, Problem> {
        let Data::Map(entries) = &mut node.data else {
            return Err(refused(id, &node, "kustomization.yaml is empty"));
        };
        let version = entries.iter().find(|entry| entry.key.as_str() == "apiVersion").and_then(|it| it.value.str());
        if version.is_some_and(|it| !it.is_empty() && !it.starts_with("kustomize.config.k8s.io/")) {
            return Err(Problem::new(ProblemKind::Unreadable, "not a kustomization of kustomize", None));
        }
        for entry in entries {
            let written = entry.key.as_str();
            // As Go reads JSON, whatever the case of its letters.
            let Some((name, shape)) = FIELDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(written)) else {
                let message = format!("invalid Kustomization: unknown field \"{written}\"");
                let place = Place::new(id, entry.key_range.clone());
                return Err(Problem::new(ProblemKind::Syntax, message, Some(place)));
            };
            if *name != written {
                entry.key = Text::given(*name);
            }
            if let Some(wrong) = misfit(&entry.value, *shape) {
                return Err(refused(id, wrong, &format!("invalid Kustomization: wrong type in field \"{name}\"")));
            }
        }
        let file = Self { id, node };
        let kind = file.text("kind").map(Text::as_str).unwrap_or_default();
        if !matches!(kind, "" | "Kustomization" | "Component") {
            return Err(refused(id, &file.node, "kind should be Kustomization or Component"));
        }
        let version = file.text("apiVersion").map(Text::as_str).unwrap_or_default();
        let required = if kind == "Component" { "v1alpha1" } else { "v1beta1" };
        if !version.is_empty() && version != format!("kustomize.config.k8s.io/{required}") {
            return Err(refused(id, &file.node, "apiVersion should be that of kustomize.config.k8s.io"));
        }
        Ok(file)
    }

    pub(super) fn is_component(&self) -> bool {
        self.text("kind").is_some_and(|kind| kind.as_str() == "Component")
    }

    pub(super) fn get(&self, field: &str) -> Option<&Node> {
        self.node.get(field)
    }

    /// A string that is not empty.
    pub(super) fn text(&self, field: &str) -> Option<&Text> {
        self.node.get(field).and_then(Node::text).filter(|text| !text.is_empty())
    }

    pub(super) fn items(&self, field: &str) -> &[Node] {
        self.node.get(field).map_or(&[], Node::items)
    }

    pub(super) fn entries(&self, field: &str) -> &[crate::node::Entry] {
        self.node.get(field).map_or(&[], Node::entries)
    }

    /// `resources`, and `bases` behind them.
    pub(super) fn resources(&self) -> impl Iterator<Item = &Node> {
        self.items("resources").iter().chain(self.items("bases"))
    }

    /// `images`, and `imageTags` behind them.
    pub(super) fn images(&self) -> impl Iterator<Item = &Node> {
        self.items("images").iter().chain(self.items("imageTags"))
    }

    /// The place of a node of it.
    pub(super) fn place(&self, node: &Node) -> Place {
        Place::new(self.id, node.range.clone())
    }
}

fn refused(id: FileId, node: &Node, message: &str) -> Problem {
    Problem::new(ProblemKind::Syntax, message, Some(Place::new(id, node.range.clone())))
}

fn misfit(node: &Node, shape: Shape) -> Option<&Node> {
    let is_text = |node: &Node| matches!(node.data, Data::String(_) | Data::Null);
    let values = |node: &'_ Node| node.entries().iter().all(|entry| is_text(&entry.value));
    let all = |fits: fn(&Node) -> bool| match &node.data {
        Data::List(items) => items.iter().find(|item| !fits(item)),
        Data::Null => None,
        _ => Some(node),
    };
    match shape {
        Shape::Text => (!is_text(node)).then_some(node),
        Shape::Texts => all(|item| matches!(item.data, Data::String(_) | Data::Null)),
        Shape::Map => (!matches!(node.data, Data::Map(_) | Data::Null)).then_some(node),
        Shape::Pairs => (!(matches!(node.data, Data::Map(_) | Data::Null) && values(node))).then_some(node),
        Shape::Maps => all(Node::is_map),
        Shape::Rows => all(|item| {
            item.is_map() && item.entries().iter().all(|it| matches!(it.value.data, Data::String(_) | Data::Null))
        }),
    }
}
