//! The `ClusterConfig` of eksctl.
//!
//! Sources: <https://schema.eksctl.io/>, <https://docs.aws.amazon.com/eks/latest/eksctl/windows-worker-nodes.html>,
//! `pkg/apis/eksctl.io/v1alpha5/types.go` of eksctl (the labels).

use hostfit_core::{
    fleet::{Orchestrator, Taint},
    windows::platform::Platform,
};

use super::{cloud::Builder, given::Given};
use crate::fleet::machine::Machine;

/// The node groups of a cluster.
pub(super) fn pools(config: &Given) -> Vec<Machine> {
    let cluster = config.at(&["metadata"]).at(&["name"]);
    let managed = config.at(&["managedNodeGroups"]).items().iter().map(|group| (group, true));
    let own = config.at(&["nodeGroups"]).items().iter().map(|group| (group, false));
    managed.chain(own).map(|(group, is_managed)| pool(group, is_managed, cluster)).collect()
}

fn pool(group: &Given, is_managed: bool, cluster: &Given) -> Machine {
    let mut pool = Builder::new(Orchestrator::Kubernetes, Some(Platform::Eks));
    let name = group.at(&["name"]);
    pool.is_open(name, "name", "the name of the node group");
    pool.name(name.text().unwrap_or("nodegroup"));
    if let Some(name) = name.text() {
        pool.label("alpha.eksctl.io/nodegroup-name", name);
        if is_managed {
            pool.label("eks.amazonaws.com/nodegroup", name);
        }
    }
    if let Some(cluster) = cluster.text() {
        pool.label("alpha.eksctl.io/cluster-name", cluster);
        pool.cluster(Some(cluster));
    }
    if is_managed {
        let capacity = if group.at(&["spot"]).is_true() { "SPOT" } else { "ON_DEMAND" };
        pool.label("eks.amazonaws.com/capacityType", capacity);
    }
    let family = group.at(&["amiFamily"]);
    let is_windows = family.text().is_some_and(|it| it.to_ascii_lowercase().starts_with("windows"));
    if is_windows || family.expression().is_some() {
        pool.image(family, "amiFamily", "`aws eks describe-nodegroup`, or `kubectl get nodes -o json`");
    } else {
        // Without a family it is Amazon Linux.
        pool.linux();
    }
    pool.labels(group.at(&["labels"]), "labels");
    match group.at(&["taints"]) {
        // Formerly a mapping: `os: "windows:NoSchedule"`.
        Given::Map(map) => {
            for (key, value) in map {
                let text = value.text().unwrap_or_default();
                let taint = Taint::parse(&format!("{key}={text}")).map(|it| Given::Text(it.to_string()));
                pool.taint(taint.as_ref().unwrap_or(value), "taints");
            }
        }
        list => pool.taints(list, "taints"),
    }
    pool.count(group.at(&["desiredCapacity"]), "desiredCapacity");
    pool.build()
}
