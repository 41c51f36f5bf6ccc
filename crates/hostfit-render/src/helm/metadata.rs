//! `Chart.yaml` and `requirements.yaml`.

use std::rc::Rc;

use crate::{
    node::{Data, Node},
    text::{Origin, Text},
    value::{Heap, Kind, Map, Slot, Value},
};

/// What `Chart.yaml` says of a chart.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    /// The name; an alias in its place for a subchart that has one.
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) is_library: bool,
    pub(super) dependencies: Vec<Dependency>,
    pub(super) node: Node,
}

/// A dependency as it is declared.
#[derive(Clone, Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) repository: String,
    pub(super) condition: String,
    pub(super) tags: Vec<String>,
    pub(super) alias: String,
    pub(super) imports: Vec<Import>,
    node: Node,
}

/// An entry of `import-values`.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) child: String,
    pub(super) parent: String,
}

/// A field that is a string in Go: numbers and Booleans are written as one.
fn text(node: &Node, key: &str) -> Text {
    match node.get(key).map(|value| &value.data) {
        Some(Data::String(text)) => text.clone(),
        Some(Data::Bool(is, origin)) => Text::new(is.to_string(), origin.clone()),
        Some(Data::Number(it, origin)) => Text::new(crate::number::printed(*it), origin.clone()),
        _ => Text::default(),
    }
}

fn string(node: &Node, key: &str) -> String {
    text(node, key).as_str().to_owned()
}

impl Metadata {
    /// Reads the root of `Chart.yaml`. Dependencies may stand in `requirements.yaml`.
    pub(super) fn new(node: Node, requirements: Option<&Node>) -> Self {
        let own = node.get("dependencies");
        let listed = requirements.and_then(|it| it.get("dependencies")).or(own);
        let dependencies = listed.map_or(&[][..], Node::items).iter().filter(|it| it.is_map()).map(Dependency::new);
        Self {
            name: text(&node, "name"),
            version: text(&node, "version"),
            is_library: string(&node, "type").eq_ignore_ascii_case("library"),
            dependencies: dependencies.collect(),
            node,
        }
    }

    /// `.Chart`.
    pub(super) fn value(&self, heap: &mut Heap, is_root: bool) -> Value {
        let mut map = Map::default();
        map.put("Name", Value::text(self.name.clone()));
        for (field, key) in [
            ("Home", "home"),
            ("Version", "version"),
            ("Description", "description"),
            ("Icon", "icon"),
            ("APIVersion", "apiVersion"),
            ("Condition", "condition"),
            ("Tags", "tags"),
            ("AppVersion", "appVersion"),
            ("KubeVersion", "kubeVersion"),
            ("Type", "type"),
        ] {
            map.put(field, Value::text(text(&self.node, key)));
        }
        if let Some(Value::Str(version)) = map.get("APIVersion")
            && version.is_empty()
        {
            map.put("APIVersion", Value::given("v1"));
        }
        for (field, key) in [("Sources", "sources"), ("Keywords", "keywords")] {
            let list = self.node.get(key).map_or(Value::Nil, |node| heap.value(node));
            let list = if matches!(list, Value::List(_)) { list } else { heap.new_list(Vec::new()) };
            map.put(field, list);
        }
        let maintainers = self.node.get("maintainers").map_or(&[][..], Node::items);
        let maintainers =
            maintainers.iter().map(|it| strings(heap, it, &[("Name", "name"), ("Email", "email"), ("URL", "url")]));
        let maintainers: Vec<_> = maintainers.collect();
        let maintainers = heap.new_list(maintainers);
        map.put("Maintainers", maintainers);
        let dependencies: Vec<_> = self.dependencies.iter().map(|it| it.value(heap)).collect();
        let dependencies = heap.new_list(dependencies);
        map.put("Dependencies", dependencies);
        let annotations = self.node.get("annotations").map(|node| heap.map_of(node)).unwrap_or_default();
        let annotations = heap.new_map(Map { kind: Kind::Strings, ..annotations });
        map.put("Annotations", annotations);
        let is_deprecated = matches!(self.node.get("deprecated").map(|it| &it.data), Some(Data::Bool(true, _)));
        map.put("Deprecated", Value::bool(is_deprecated));
        map.put("IsRoot", Value::bool(is_root));
        heap.new_map(map)
    }
}

/// A mapping of fields that are strings.
fn strings(heap: &mut Heap, node: &Node, fields: &[(&str, &str)]) -> Value {
    let mut map = Map::default();
    for (field, key) in fields {
        map.put(field, Value::text(text(node, key)));
    }
    heap.new_map(map)
}

impl Dependency {
    fn new(node: &Node) -> Self {
        let tags = node.get("tags").map_or(&[][..], Node::items);
        let imports = node.get("import-values").map_or(&[][..], Node::items).iter().filter_map(Import::new);
        Self {
            name: string(node, "name"),
            version: string(node, "version"),
            repository: string(node, "repository"),
            condition: string(node, "condition"),
            tags: tags.iter().filter_map(Node::str).map(str::to_owned).collect(),
            alias: string(node, "alias"),
            imports: imports.collect(),
            node: node.clone(),
        }
    }

    /// The name that it goes by in the parent.
    pub(super) fn key(&self) -> &str {
        if self.alias.is_empty() { &self.name } else { &self.alias }
    }

    fn value(&self, heap: &mut Heap) -> Value {
        let fields = [
            ("Name", "name"),
            ("Version", "version"),
            ("Repository", "repository"),
            ("Condition", "condition"),
            ("Alias", "alias"),
        ];
        let value = strings(heap, &self.node, &fields);
        if let Value::Map(map) = value {
            let key = Slot { key: Origin::Given, value: Value::given(self.key()) };
            heap.map_mut(map).put_slot(Rc::from("Name"), key);
            heap.map_mut(map).put("Enabled", Value::bool(true));
            let tags = self.node.get("tags").map_or(Value::Nil, |node| heap.value(node));
            heap.map_mut(map).put("Tags", tags);
        }
        value
    }
}

impl Import {
    fn new(node: &Node) -> Option<Self> {
        match &node.data {
            Data::String(text) => Some(Self { child: format!("exports.{}", text.as_str()), parent: ".".to_owned() }),
            Data::Map(_) => Some(Self { child: string(node, "child"), parent: string(node, "parent") }),
            _ => None,
        }
    }
}
