//! Names, namespaces, labels, annotations and replicas.

use super::{
    fields::{Config, FieldSpec, Made, Purpose},
    resource::{Resource, scalar},
};
use crate::{
    node::{Data, Entry, Node},
    text::Text,
};

/// Where an addition to a name goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Prefix,
    Suffix,
}

/// `namePrefix` and `nameSuffix`.
pub(super) fn affix(resources: &mut [Resource], affix: &Text, side: Side, specs: &[FieldSpec]) {
    for resource in resources {
        let first = resource.original();
        let is_skipped = matches!(&*first.kind, "CustomResourceDefinition" | "Namespace")
            || (first.group == "apiregistration.k8s.io" && first.kind == "APIService");
        if is_skipped {
            continue;
        }
        for spec in specs.iter().filter(|spec| spec.is_for(&first)) {
            if spec.path() == "metadata/name" {
                resource.store_id();
            }
            spec.visit(resource, Some(Made::Scalar), &mut |node| {
                let Data::String(name) = &node.data else { return };
                let (first, second) = if side == Side::Prefix { (affix, name) } else { (name, affix) };
                let mut changed = first.clone();
                changed.push_text(second);
                node.data = Data::String(changed);
            });
            resource.refresh();
        }
    }
}

/// `namespace`: gives each object that has one its namespace. Says which objects are then one with another.
pub(super) fn namespace(resources: &mut [Resource], namespace: &Text, specs: &[FieldSpec]) {
    let whole = Data::String(namespace.clone());
    for resource in resources.iter_mut().filter(|resource| !resource.is_from_helm) {
        resource.store_id();
        let is_binding = matches!(&*resource.id.kind, "RoleBinding" | "ClusterRoleBinding");
        if !resource.id.is_cluster_scoped() {
            let own = FieldSpec::everywhere("metadata/namespace", true);
            own.visit(resource, Some(Made::Scalar), &mut |node| node.data = whole.clone());
        }
        if is_binding {
            let subjects = FieldSpec::everywhere("subjects", false);
            subjects.visit(resource, None, &mut |node| {
                let Data::List(items) = &mut node.data else { return };
                for item in items.iter_mut().filter(|item| item.get("name").is_some_and(|it| scalar(it) == "default")) {
                    item.put(Text::given("namespace"), Node::new(whole.clone()));
                }
            });
        }
        let is_core = resource.id.api_version() == "v1";
        let others = specs.iter().filter(|spec| match spec.path() {
            "metadata/namespace" => false,
            "metadata/name" => is_core,
            "subjects/namespace" => !is_binding,
            _ => true,
        });
        for spec in others {
            spec.visit(resource, Some(Made::Scalar), &mut |node| {
                if !matches!(node.data, Data::Map(_) | Data::List(_)) {
                    node.data = whole.clone();
                }
            });
        }
        resource.refresh();
    }
}

/// Adds labels or annotations.
pub(super) fn pairs(resources: &mut [Resource], pairs: &[Entry], specs: &[FieldSpec]) {
    for resource in resources {
        for pair in pairs {
            let value = match &pair.value.data {
                Data::Null => Data::String(Text::default()),
                other => other.clone(),
            };
            for spec in specs {
                spec.visit(resource, Some(Made::Map), &mut |node| {
                    node.put(pair.key.clone(), Node::new(value.clone()));
                });
            }
        }
    }
}

/// The field specs of an entry of `labels`.
pub(super) fn label_specs(entry: &Node, config: &Config) -> Vec<FieldSpec> {
    let is = |key: &str| matches!(entry.get(key).map(|it| &it.data), Some(Data::Bool(true, _)));
    let own = entry.get("fields").map_or(&[][..], Node::items).iter().map(FieldSpec::new);
    let mut specs: Vec<_> = own.chain(config.specs(Purpose::Labels)).collect();
    if is("includeSelectors") {
        specs.extend(config.specs(Purpose::CommonLabels));
        return specs;
    }
    if is("includeTemplates") {
        specs.extend(config.specs(Purpose::TemplateLabels));
    }
    if is("includeVolumeClaimTemplates") {
        specs.extend(config.specs(Purpose::VolumeClaimTemplateLabels));
    }
    specs.push(FieldSpec::everywhere("metadata/labels", true));
    specs
}

/// An entry of `replicas`. Says whether it found an object.
pub(super) fn replicas(resources: &mut [Resource], entry: &Node, specs: &[FieldSpec]) -> bool {
    let name = entry.get("name").map(scalar).unwrap_or_default();
    let count = entry.get("count").cloned().unwrap_or_default();
    let mut found = false;
    for spec in specs {
        let meant = resources.iter_mut().filter(|it| it.ids().any(|id| id.name == name && spec.is_for(&id)));
        for resource in meant {
            found = true;
            spec.visit(resource, Some(Made::Scalar), &mut |node| node.data = count.data.clone());
        }
    }
    found
}
