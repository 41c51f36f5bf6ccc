//! The objects of a build, and what identifies them.

use crate::{
    fault::{Run, Stop},
    node::{Data, Node},
    text::{FileId, Text},
};

/// What identifies an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) namespace: String,
}

impl Id {
    pub(super) fn of(node: &Node) -> Self {
        let text = |node: Option<&Node>| node.map(scalar).unwrap_or_default();
        let metadata = node.get("metadata");
        let (group, version) = group_and_version(&text(node.get("apiVersion")));
        Self {
            group,
            version,
            kind: text(node.get("kind")),
            name: text(metadata.and_then(|it| it.get("name"))),
            namespace: text(metadata.and_then(|it| it.get("namespace"))),
        }
    }

    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    pub(super) fn is_cluster_scoped(&self) -> bool {
        let versions =
            CLUSTER_SCOPED.iter().find(|(group, kinds, _)| *group == self.group && kinds.contains(&&*self.kind));
        versions.is_some_and(|(_, _, versions)| versions.contains(&&*self.version))
    }

    /// The namespace that it is compared by.
    pub(super) fn effective_namespace(&self) -> &str {
        match &*self.namespace {
            _ if self.is_cluster_scoped() => "_non_namespaceable_",
            "" => "default",
            namespace => namespace,
        }
    }

    /// Whether both are one object.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.kind == other.kind
            && self.version == other.version
            && self.group == other.group
            && self.effective_namespace() == other.effective_namespace()
    }

    /// `Deployment web`.
    pub(super) fn shown(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }
}

pub(super) fn group_and_version(api_version: &str) -> (String, String) {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    (group.to_owned(), version.to_owned())
}

/// An object of a build.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) node: Node,
    /// The file that it was read from.
    pub(super) file: FileId,
    /// What identifies it now.
    pub(super) id: Id,
    /// Kind, name and namespace that it had before, oldest first.
    pub(super) before: Vec<(String, String, String)>,
    /// Helm gives it its namespace.
    pub(super) is_from_helm: bool,
    /// How a generated object meets one that is there already.
    pub(super) behavior: Behavior,
    /// The variables whose value it has.
    pub(super) vars: Vec<String>,
}

/// How a generated object meets one that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Behavior {
    #[default]
    Create,
    Replace,
    Merge,
}

impl Resource {
    pub(super) fn new(node: Node, file: FileId) -> Self {
        let id = Id::of(&node);
        Self { node, file, id, before: Vec::new(), is_from_helm: false, behavior: Behavior::Create, vars: Vec::new() }
    }

    /// Reads again what identifies it.
    pub(super) fn refresh(&mut self) {
        self.id = Id::of(&self.node);
    }

    pub(super) fn store_id(&mut self) {
        let namespace = self.id.effective_namespace().to_owned();
        self.before.push((self.id.kind.clone(), self.id.name.clone(), namespace));
    }

    /// What it was called before and is called now, oldest first.
    pub(super) fn ids(&self) -> impl Iterator<Item = Id> {
        let before = self.before.iter().map(|(kind, name, namespace)| Id {
            kind: kind.clone(),
            name: name.clone(),
            namespace: namespace.clone(),
            ..self.id.clone()
        });
        before.chain(std::iter::once(self.id.clone()))
    }

    pub(super) fn original(&self) -> Id {
        self.ids().next().unwrap_or_default()
    }

    /// Whether one of its names is this.
    pub(super) fn had(&self, id: &Id) -> bool {
        self.id.is_same(id) || (!self.before.is_empty() && self.ids().any(|own| own.is_same(id)))
    }

    /// The strings under a key of its metadata.
    pub(super) fn strings(&self, key: &str) -> impl Iterator<Item = (&str, String)> {
        let entries = self.node.get("metadata").and_then(|it| it.get(key)).map_or(&[][..], Node::entries);
        entries.iter().map(|entry| (entry.key.as_str(), scalar(&entry.value)))
    }
}

/// A scalar as it is compared.
pub(super) fn scalar(node: &Node) -> String {
    scalar_text(node).map(|text| text.as_str().to_owned()).unwrap_or_default()
}

/// A scalar as text, with its origin.
pub(super) fn scalar_text(node: &Node) -> Option<Text> {
    match &node.data {
        Data::String(text) => Some(text.clone()),
        Data::Bool(is, origin) => Some(Text::new(is.to_string(), origin.clone())),
        Data::Number(it, origin) => Some(Text::new(written(*it), origin.clone())),
        Data::Null | Data::List(_) | Data::Map(_) | Data::Hole(_) => None,
    }
}

/// A number as files have it.
fn written(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.0}") } else { crate::number::printed(number) }
}

pub(super) fn is_empty(node: &Node) -> bool {
    match &node.data {
        Data::Null => true,
        Data::Map(entries) => entries.is_empty(),
        Data::List(items) => items.is_empty(),
        _ => false,
    }
}

/// How many nodes a node has.
pub(super) fn size(node: &Node) -> usize {
    let items = node.items().iter().map(size).sum::<usize>();
    1 + items + node.entries().iter().map(|entry| size(&entry.value)).sum::<usize>()
}

/// How deep an object may nest.
const MAX_DEPTH: usize = 200;

/// # Errors
/// When an object nests too deep, as copies of copies do.
pub(super) fn check_depth(node: &Node) -> Run<()> {
    if is_deeper(node, MAX_DEPTH) { Err(Stop::Limit("objects nest over 200 levels deep")) } else { Ok(()) }
}

fn is_deeper(node: &Node, left: usize) -> bool {
    let Some(left) = left.checked_sub(1) else { return true };
    node.items().iter().chain(node.entries().iter().map(|entry| &entry.value)).any(|inner| is_deeper(inner, left))
}

/// Group, kinds and versions of what has no namespace.
const CLUSTER_SCOPED: &[(&str, &[&str], &[&str])] = &[
    ("", &["ComponentStatus", "Namespace", "Node", "PersistentVolume"], &["v1"]),
    (
        "admissionregistration.k8s.io",
        &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
        &["v1", "v1beta1"],
    ),
    ("admissionregistration.k8s.io", &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"], &["v1"]),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"], &["v1", "v1beta1"]),
    ("apiregistration.k8s.io", &["APIService"], &["v1", "v1beta1"]),
    ("certificates.k8s.io", &["CertificateSigningRequest"], &["v1", "v1beta1"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"], &["v1beta1"]),
    ("networking.k8s.io", &["IngressClass"], &["v1", "v1beta1"]),
    ("node.k8s.io", &["RuntimeClass"], &["v1", "v1beta1"]),
    ("policy", &["PodSecurityPolicy"], &["v1beta1"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding"], &["v1", "v1beta1"]),
    ("scheduling.k8s.io", &["PriorityClass"], &["v1", "v1beta1"]),
    ("storage.k8s.io", &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"], &["v1", "v1beta1"]),
];
