//! Which fields of which objects kustomize changes: its field specs, and how it finds what they name.

use super::resource::{Id, Resource, scalar};
use crate::{
    node::{Data, Entry, Node},
    text::Text,
};

/// What a field spec is for: the keys of a file that `configurations` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    NamePrefix,
    NameSuffix,
    Namespace,
    /// Labels with selectors.
    CommonLabels,
    /// What every entry of `labels` changes.
    Labels,
    TemplateLabels,
    VolumeClaimTemplateLabels,
    CommonAnnotations,
    Images,
    Replicas,
    VarReference,
}

const KEYS: &[(&str, Purpose)] = &[
    ("namePrefix", Purpose::NamePrefix),
    ("nameSuffix", Purpose::NameSuffix),
    ("namespace", Purpose::Namespace),
    ("commonLabels", Purpose::CommonLabels),
    ("labels", Purpose::Labels),
    ("templateLabels", Purpose::TemplateLabels),
    ("volumeClaimTemplateLabels", Purpose::VolumeClaimTemplateLabels),
    ("commonAnnotations", Purpose::CommonAnnotations),
    ("images", Purpose::Images),
    ("replicas", Purpose::Replicas),
    ("varReference", Purpose::VarReference),
];

/// A field of some kinds of objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSpec {
    group: String,
    version: String,
    kind: String,
    path: String,
    create: bool,
}

impl FieldSpec {
    pub(super) fn new(node: &Node) -> Self {
        let text = |key: &str| node.get(key).map(scalar).unwrap_or_default();
        let create = matches!(node.get("create").map(|it| &it.data), Some(Data::Bool(true, _)));
        Self { group: text("group"), version: text("version"), kind: text("kind"), path: text("path"), create }
    }

    pub(super) fn everywhere(path: &str, create: bool) -> Self {
        Self { path: path.to_owned(), create, ..Self::default() }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn is_for(&self, id: &Id) -> bool {
        let fits = |own: &str, theirs: &str| own.is_empty() || own == theirs;
        fits(&self.group, &id.group) && fits(&self.version, &id.version) && fits(&self.kind, &id.kind)
    }

    /// Calls `set` with each field that it names, and makes fields that are not there if it may.
    pub(super) fn visit(&self, resource: &mut Resource, made: Option<Made>, set: &mut dyn FnMut(&mut Node)) {
        if self.is_for(&resource.id) {
            let path: Vec<String> = split(&self.path, '/');
            // Nothing is made on a path so long that nothing could be read below it.
            let made = made.filter(|_| self.create && path.len() <= MAX_PARTS);
            visit(&mut resource.node, &path, made, set);
        }
    }
}

/// How many parts a path may have.
const MAX_PARTS: usize = 64;

/// What a field becomes that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    Map,
    Scalar,
}

/// Cuts a path at a separator; one behind `\` is a part of a name.
pub(super) fn split(path: &str, separator: char) -> Vec<String> {
    let path = path.strip_prefix(separator).unwrap_or(path);
    let mut parts: Vec<String> = Vec::new();
    for part in path.split(separator) {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push(separator);
                last.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts
}

fn visit(node: &mut Node, path: &[String], made: Option<Made>, set: &mut dyn FnMut(&mut Node)) {
    let Some((first, rest)) = path.split_first() else { return set(node) };
    if let Data::List(items) = &mut node.data {
        for item in items {
            visit(item, path, made, set);
        }
        return;
    }
    let Data::Map(entries) = &mut node.data else { return };
    let (name, is_list) = first.strip_suffix("[]").map_or((first.as_str(), false), |name| (name, true));
    let new = match made {
        Some(_) if is_list => None,
        Some(Made::Scalar) if rest.is_empty() => Some(Data::String(Text::default())),
        Some(_) => Some(Data::Map(Vec::new())),
        None => None,
    };
    let at = entries.iter().position(|entry| entry.key.as_str() == name);
    match (at.and_then(|at| entries.get_mut(at)), new) {
        (Some(entry), new) => {
            if let (Data::Null, Some(new)) = (&entry.value.data, new) {
                entry.value.data = new;
            }
            visit(&mut entry.value, rest, made, set);
        }
        (None, Some(new)) => {
            let mut value = Node::new(new);
            visit(&mut value, rest, made, set);
            entries.push(Entry { key: Text::given(name), key_range: 0..0, value });
        }
        (None, None) => {}
    }
}

/// The field specs of a build: kustomize's own, and those of `configurations`.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    own: Vec<(Purpose, FieldSpec)>,
}

impl Config {
    /// Adds those of a file that `configurations` names.
    pub(super) fn add_file(&mut self, node: &Node) {
        for (key, purpose) in KEYS {
            for spec in node.get(key).map_or(&[][..], Node::items) {
                self.add(*purpose, FieldSpec::new(spec));
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (purpose, spec) in other.own {
            self.add(purpose, spec);
        }
    }

    fn add(&mut self, purpose: Purpose, spec: FieldSpec) {
        if !self.own.contains(&(purpose, spec.clone())) {
            self.own.push((purpose, spec));
        }
    }

    pub(super) fn specs(&self, purpose: Purpose) -> Vec<FieldSpec> {
        let mut specs = defaults(purpose);
        for (_, spec) in self.own.iter().filter(|(own, _)| *own == purpose) {
            if !specs.contains(spec) {
                specs.push(spec.clone());
            }
        }
        specs
    }
}

/// Group, version, kind, path, and whether it is made where it is not there.
type Row = (&'static str, &'static str, &'static str, &'static str, bool);

/// The field specs that kustomize has built in.
fn defaults(purpose: Purpose) -> Vec<FieldSpec> {
    let tables: &[&[Row]] = match purpose {
        Purpose::NamePrefix | Purpose::NameSuffix => &[&[("", "", "", "metadata/name", false)]],
        Purpose::Namespace => &[NAMESPACE],
        Purpose::CommonLabels => &[SELECTORS, LABELS, CLAIMS],
        Purpose::TemplateLabels => &[LABELS],
        Purpose::VolumeClaimTemplateLabels => &[CLAIMS],
        Purpose::CommonAnnotations => &[ANNOTATIONS],
        Purpose::Images => &[IMAGES],
        Purpose::Replicas => &[REPLICAS],
        Purpose::VarReference => return var_references(),
        Purpose::Labels => &[],
    };
    let spec = |&(group, version, kind, path, create): &Row| FieldSpec {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        path: path.to_owned(),
        create,
    };
    let mut specs: Vec<FieldSpec> = tables.iter().flat_map(|table| table.iter()).map(spec).collect();
    if purpose == Purpose::CommonLabels {
        for kind in ["Deployment", "StatefulSet"] {
            let affinity = AFFINITY_SELECTORS.iter().map(|path| spec(&("apps", "", kind, path, false)));
            specs.extend(affinity);
        }
    }
    specs
}

const NAMESPACE: &[Row] = &[
    ("", "", "Namespace", "metadata/name", true),
    ("apiregistration.k8s.io", "", "APIService", "spec/service/namespace", true),
    (
        "apiextensions.k8s.io",
        "",
        "CustomResourceDefinition",
        "spec/conversion/webhook/clientConfig/service/namespace",
        false,
    ),
];

const IMAGES: &[Row] = &[
    ("", "", "", "spec/containers[]/image", true),
    ("", "", "", "spec/initContainers[]/image", true),
    ("", "", "", "spec/volumes[]/image/reference", true),
    ("", "", "", "spec/template/spec/containers[]/image", true),
    ("", "", "", "spec/template/spec/initContainers[]/image", true),
    ("", "", "", "spec/template/spec/volumes[]/image/reference", true),
];

const REPLICAS: &[Row] = &[
    ("", "", "Deployment", "spec/replicas", true),
    ("", "", "ReplicationController", "spec/replicas", true),
    ("", "", "ReplicaSet", "spec/replicas", true),
    ("", "", "StatefulSet", "spec/replicas", true),
];

const LABELS: &[Row] = &[
    ("", "", "", "metadata/labels", true),
    ("", "v1", "ReplicationController", "spec/template/metadata/labels", true),
    ("", "", "Deployment", "spec/template/metadata/labels", true),
    ("", "", "ReplicaSet", "spec/template/metadata/labels", true),
    ("", "", "DaemonSet", "spec/template/metadata/labels", true),
    ("apps", "", "StatefulSet", "spec/template/metadata/labels", true),
    ("batch", "", "Job", "spec/template/metadata/labels", true),
    ("batch", "", "CronJob", "spec/jobTemplate/metadata/labels", true),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/labels", true),
];

const CLAIMS: &[Row] = &[("apps", "", "StatefulSet", "spec/volumeClaimTemplates[]/metadata/labels", true)];

const ANNOTATIONS: &[Row] = &[
    ("", "", "", "metadata/annotations", true),
    ("", "v1", "ReplicationController", "spec/template/metadata/annotations", true),
    ("", "", "Deployment", "spec/template/metadata/annotations", true),
    ("", "", "ReplicaSet", "spec/template/metadata/annotations", true),
    ("", "", "DaemonSet", "spec/template/metadata/annotations", true),
    ("", "", "StatefulSet", "spec/template/metadata/annotations", true),
    ("batch", "", "Job", "spec/template/metadata/annotations", true),
    ("batch", "", "CronJob", "spec/jobTemplate/metadata/annotations", true),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/template/metadata/annotations", true),
];

const SELECTORS: &[Row] = &[
    ("", "v1", "Service", "spec/selector", true),
    ("", "v1", "ReplicationController", "spec/selector", true),
    ("", "", "Deployment", "spec/selector/matchLabels", true),
    ("", "", "ReplicaSet", "spec/selector/matchLabels", true),
    ("", "", "DaemonSet", "spec/selector/matchLabels", true),
    ("apps", "", "StatefulSet", "spec/selector/matchLabels", true),
    ("batch", "", "Job", "spec/selector/matchLabels", false),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/selector/matchLabels", false),
    ("policy", "", "PodDisruptionBudget", "spec/selector/matchLabels", false),
    ("networking.k8s.io", "", "NetworkPolicy", "spec/podSelector/matchLabels", false),
    ("networking.k8s.io", "", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels", false),
    ("networking.k8s.io", "", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels", false),
];

const AFFINITY_SELECTORS: &[&str] = &[
    "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
    "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
    "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
];

/// Where `$(NAME)` is replaced.
fn var_references() -> Vec<FieldSpec> {
    let kinds = [
        ("CronJob", "spec/jobTemplate/spec/template/spec"),
        ("DaemonSet", "spec/template/spec"),
        ("Deployment", "spec/template/spec"),
        ("Job", "spec/template/spec"),
        ("Pod", "spec"),
        ("ReplicaSet", "spec/template/spec"),
        ("StatefulSet", "spec/template/spec"),
    ];
    let fields = ["args", "command", "env/value", "volumeMounts/mountPath"];
    let of = |kind: &str, path: String| FieldSpec { kind: kind.to_owned(), path, ..FieldSpec::default() };
    let mut specs = Vec::new();
    for (kind, pod) in kinds {
        for containers in ["containers", "initContainers"] {
            specs.extend(fields.iter().map(|field| of(kind, format!("{pod}/{containers}/{field}"))));
        }
        match kind {
            // As kustomize has it, where no job has volumes.
            "CronJob" => specs.push(of(kind, "spec/jobTemplate/spec/template/volumes/nfs/server".to_owned())),
            "StatefulSet" => specs.push(of(kind, "spec/volumeClaimTemplates/spec/nfs/server".to_owned())),
            _ => specs.push(of(kind, format!("{pod}/volumes/nfs/server"))),
        }
    }
    for (kind, path) in [
        ("Deployment", "spec/template/metadata/annotations"),
        ("Ingress", "spec/rules/host"),
        ("Ingress", "spec/tls/hosts"),
        ("Ingress", "spec/tls/secretName"),
        ("Service", "spec/ports/port"),
        ("Service", "spec/ports/targetPort"),
        ("PersistentVolume", "spec/nfs/server"),
        ("", "metadata/labels"),
        ("", "metadata/annotations"),
    ] {
        specs.push(of(kind, path.to_owned()));
    }
    specs
}
