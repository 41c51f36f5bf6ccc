//! Terraform: what `terraform show -json` prints of a state or a plan, and the files themselves.

pub(super) mod hcl;

use serde_json::Value;

use super::{
    cloud::{
        Builder,
        aks::{self, Cluster},
        ecs, eks, gke,
    },
    given::Given,
};
use crate::fleet::machine::Machine;
use hostfit_core::{fleet::Orchestrator, windows::platform::Platform};

/// A resource, or a module of the registry that makes some.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// `aws_eks_node_group`; `module` of a module.
    pub(super) kind: String,
    /// What it is called in the files.
    pub(super) name: String,
    /// Its arguments.
    pub(super) values: Given,
}

/// Whether an object is what `terraform show -json` prints, or a state as it is stored.
pub(super) fn is_shown(object: &Value) -> bool {
    is_stored(object)
        || object.get("format_version").is_some()
            && ["values", "planned_values", "terraform_version"].iter().any(|key| object.get(*key).is_some())
}

fn is_stored(object: &Value) -> bool {
    object.get("terraform_version").is_some() && object.get("resources").is_some_and(Value::is_array)
}

/// The resources of a state, or of what is planned.
pub(super) fn shown(object: &Value) -> Vec<Resource> {
    let mut resources = Vec::new();
    let list = |value: &'_ Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    for resource in if is_stored(object) { list(object, "resources") } else { Vec::new() } {
        let text = |key: &str| resource.get(key).and_then(Value::as_str);
        let (Some(kind), Some(name), Some("managed")) = (text("type"), text("name"), text("mode")) else { continue };
        for instance in list(&resource, "instances") {
            let values = instance.get("attributes").map_or(Given::Nothing, Given::from);
            resources.push(Resource { kind: kind.to_owned(), name: name.to_owned(), values });
        }
    }
    let root = ["planned_values", "values"].iter().find_map(|key| object.get(*key)?.get("root_module"));
    let mut modules: Vec<_> = root.into_iter().collect();
    while let Some(module) = modules.pop() {
        let list = |key: &str| module.get(key).and_then(Value::as_array).into_iter().flatten();
        modules.extend(list("child_modules"));
        for resource in list("resources") {
            let text = |key: &str| resource.get(key).and_then(Value::as_str);
            let (Some(kind), Some(name)) = (text("type"), text("name")) else { continue };
            if text("mode") == Some("data") {
                continue;
            }
            let values = resource.get("values").map_or(Given::Nothing, Given::from);
            resources.push(Resource { kind: kind.to_owned(), name: name.to_owned(), values });
        }
    }
    resources
}

/// The pools that resources of one configuration make, and what is not literal of others.
pub(super) fn pools(resources: &[Resource]) -> (Vec<Machine>, Vec<String>) {
    let of_kind = |kind: &'static str| resources.iter().filter(move |it| it.kind == kind);
    let clusters: Vec<_> = of_kind("azurerm_kubernetes_cluster").collect();
    let (mut pools, mut notes) = (Vec::new(), Vec::new());
    for resource in resources {
        let (values, name) = (&resource.values, resource.name.as_str());
        match resource.kind.as_str() {
            "azurerm_kubernetes_cluster" => {
                let own = values.at(&["default_node_pool"]);
                if *own != Given::Nothing && own.expression().is_none() {
                    pools.push(aks::pool(&of_system(own), &Cluster::of(values), name));
                }
            }
            "azurerm_kubernetes_cluster_node_pool" => {
                pools.push(aks::pool(&of_users(values), &cluster_of(values, &clusters), name));
            }
            "aws_eks_node_group" => pools.push(eks::group(values, name)),
            "aws_ecs_task_definition" => pools.extend(ecs::hosts(values)),
            "google_container_node_pool" => pools.push(gke::pool(values, name)),
            "google_container_cluster" => {
                pools.extend(values.at(&["node_pool"]).items().iter().map(|it| gke::pool(it, name)));
            }
            "module" => {
                pools.extend(of_module(values));
                let open = GROUPS.iter().find_map(|key| Some((key, values.at(&[key]).expression()?)));
                notes.extend(open.map(|(key, expression)| {
                    format!("`{key}` of the module `{name}` is {expression}: import `terraform show -json` for its node groups")
                }));
            }
            _ => {}
        }
    }
    (pools, notes)
}

/// Arguments of modules that hold the node groups of EKS.
const GROUPS: [&str; 2] = ["eks_managed_node_groups", "self_managed_node_groups"];

/// The default pool of a cluster, with what it always is.
fn of_system(pool: &Given) -> Given {
    with(pool, "mode", "System")
}

/// Another pool, with what it is where its resource does not say so.
fn of_users(pool: &Given) -> Given {
    if *pool.at(&["mode"]) == Given::Nothing { with(pool, "mode", "User") } else { pool.clone() }
}

fn with(given: &Given, key: &str, value: &str) -> Given {
    let mut entries: std::collections::BTreeMap<_, _> =
        given.entries().map(|(key, value)| (key.clone(), value.clone())).collect();
    entries.insert(key.to_owned(), Given::Text(value.to_owned()));
    Given::Map(entries)
}

/// The cluster of a pool, by its id or by a reference: `azurerm_kubernetes_cluster.main.id`.
fn cluster_of(pool: &Given, clusters: &[&Resource]) -> Cluster {
    let id = pool.at(&["kubernetes_cluster_id"]);
    if let Some(expression) = id.expression() {
        let mut names = expression.trim_matches('`').strip_prefix("azurerm_kubernetes_cluster.").into_iter();
        let name = names.next().and_then(|it| it.split(['.', '[']).next());
        let cluster = clusters.iter().find(|it| Some(it.name.as_str()) == name);
        return cluster.map(|it| Cluster::of(&it.values)).unwrap_or_default();
    }
    let name = id.text().and_then(aks::cluster_in);
    let of = |it: &&&Resource| it.values.at(&["name"]).text().is_some_and(|own| Some(own) == name.as_deref());
    // The id is known after apply only; with one cluster there is no other that it may be.
    let cluster = clusters.iter().find(of).or(clusters.first().filter(|_| clusters.len() == 1 && name.is_none()));
    cluster.map(|it| Cluster::of(&it.values)).unwrap_or(Cluster { name, ..Cluster::default() })
}

/// The pools that are handed to a module: those of terraform-aws-modules/eks, and of Azure/aks.
fn of_module(values: &Given) -> Vec<Machine> {
    let mut pools = Vec::new();
    for key in GROUPS {
        for (name, group) in values.at(&[key]).entries() {
            let mut pool = Builder::new(Orchestrator::Kubernetes, Some(Platform::Eks));
            pool.name(group.at(&["name"]).text().unwrap_or(name));
            eks::image(&mut pool, group.at(&["ami_type"]));
            pool.labels(group.at(&["labels"]), "labels");
            // A list in older versions, a mapping in newer ones.
            let taints = group.at(&["taints"]);
            match taints {
                Given::Map(map) => map.values().for_each(|taint| pool.taints(taint, "taints")),
                other => pool.taints(other, "taints"),
            }
            pool.count(group.at(&["desired_size"]), "desired_size");
            pools.push(pool.build());
        }
    }
    let is_aks = |pool: &Given| ["os_type", "os_sku", "vm_size"].iter().any(|key| *pool.at(&[key]) != Given::Nothing);
    for (name, pool) in values.at(&["node_pools"]).entries().filter(|(_, pool)| is_aks(pool)) {
        let cluster = Cluster { kubernetes: values.at(&["kubernetes_version"]).clone(), ..Cluster::default() };
        pools.push(aks::pool(&of_users(pool), &cluster, name));
    }
    pools
}
