//! The order of the objects of a build.

use super::resource::{Id, Resource, scalar};
use crate::node::Node;

/// Sorts objects as `sortOptions` asks; else as kustomize does by itself, which it calls the legacy order.
pub(super) fn sort(resources: &mut [Resource], options: Option<&Node>) {
    if options.is_some_and(|options| options.get("order").map(scalar).as_deref() == Some("fifo")) {
        return;
    }
    let own = options.and_then(|options| options.get("legacySortOptions"));
    let kinds = |key: &str, default: &[&str]| match own {
        Some(own) => own.get(key).map_or(&[][..], Node::items).iter().map(scalar).collect(),
        None => default.iter().map(|&kind| kind.to_owned()).collect::<Vec<_>>(),
    };
    let (first, last) = (kinds("orderFirst", FIRST), kinds("orderLast", LAST));
    let rank = |kind: &str| match (last.iter().rposition(|it| it == kind), first.iter().rposition(|it| it == kind)) {
        (Some(at), _) => 1 + first.len() + at,
        (None, Some(at)) => at,
        (None, None) => first.len(),
    };
    resources.sort_by_cached_key(|resource| (rank(&resource.id.kind), types(&resource.id), names(&resource.id)));
}

fn or<'t>(text: &'t str, none: &'t str) -> &'t str {
    if text.is_empty() { none } else { text }
}

fn types(id: &Id) -> String {
    format!("{}_{}_{}", or(&id.group, "~G"), or(&id.version, "~V"), or(&id.kind, "~K"))
}

fn names(id: &Id) -> String {
    format!("{}|{}", or(&id.namespace, "~X"), or(&id.name, "~N"))
}

const FIRST: &[&str] = &[
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];

const LAST: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
