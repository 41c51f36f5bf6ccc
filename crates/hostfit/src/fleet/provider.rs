//! Who runs a cluster, and what its pools are called, by the labels that it sets.

use hostfit_core::windows::platform::Platform;

use super::machine::Machine;

/// Who runs the cluster of this machine, if a label or its declaration says so.
///
/// Sources: <https://learn.microsoft.com/azure/aks/use-labels>,
/// <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>,
/// <https://cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels>,
/// <https://docs.openshift.com/container-platform/latest/nodes/nodes/nodes-nodes-viewing.html>.
pub(crate) fn platform(machine: &Machine) -> Option<Platform> {
    let has = |start: &str| machine.labels.iter().flatten().any(|(key, _)| key.starts_with(start));
    // OpenShift may run on the machines of the others; those of AKS Engine have no node image of AKS.
    if has("node.openshift.io/") {
        Some(Platform::OpenShift)
    } else if machine.platform.is_some() {
        machine.platform
    } else if ["agentpool", "nodepool-type", "node-image-version"]
        .iter()
        .any(|it| has(&format!("kubernetes.azure.com/{it}")))
    {
        Some(Platform::Aks)
    } else if has("eks.amazonaws.com/") || has("alpha.eksctl.io/") {
        Some(Platform::Eks)
    } else if has("cloud.google.com/gke-") {
        Some(Platform::Gke)
    } else {
        None
    }
}

/// Labels with the name of a node's pool, each with who sets it.
const POOL: [(&str, &str); 6] = [
    ("kubernetes.azure.com/agentpool", "aks"),
    ("agentpool", "aks"),
    ("eks.amazonaws.com/nodegroup", "eks"),
    ("alpha.eksctl.io/nodegroup-name", "eks"),
    ("karpenter.sh/nodepool", "karpenter"),
    ("cloud.google.com/gke-nodepool", "gke"),
];

/// Labels with the name of a node's cluster.
const CLUSTER: [&str; 2] = ["kubernetes.azure.com/cluster", "alpha.eksctl.io/cluster-name"];

/// Domains of the labels that platforms set. In one pool they differ for a while, where an upgrade is under way.
const DOMAINS: [&str; 5] = ["azure.com", "amazonaws.com", "google.com", "eksctl.io", "k8s.aws"];

/// A pool as labels name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PoolName {
    /// Who sets the label.
    pub(crate) by: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// The cluster, in lowercase, where a label names it.
    pub(crate) cluster: Option<String>,
}

impl PoolName {
    /// The pool that these labels name.
    pub(crate) fn of<'l>(label: impl Fn(&str) -> Option<&'l str>) -> Option<Self> {
        let named = |(key, by): &(&str, &'static str)| Some((*by, label(key).filter(|name| !name.is_empty())?));
        let (by, name) = POOL.iter().find_map(named)?;
        let cluster = CLUSTER.iter().find_map(|key| label(key)).map(str::to_ascii_lowercase);
        Some(Self { by, name: name.to_owned(), cluster })
    }

    /// Whether both may be of one cluster.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        let differs = |own: &String| other.cluster.as_ref().is_some_and(|other| other != own);
        self.by == other.by && !self.cluster.as_ref().is_some_and(differs)
    }

    /// Whether both may be one pool.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.is_beside(other)
    }
}

/// The pool that the labels of a machine name.
pub(crate) fn pool_name(machine: &Machine) -> Option<PoolName> {
    PoolName::of(|key| machine.label(key))
}

/// The name of a node's pool.
pub(crate) fn pool(machine: &Machine) -> Option<&str> {
    let labels = POOL.iter().find_map(|(key, _)| machine.label(key).filter(|name| !name.is_empty()));
    labels.or(machine.pool.as_deref()).filter(|name| !name.is_empty())
}

/// Whether a platform sets this label, and not somebody for workloads.
pub(crate) fn is_of_platform(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    DOMAINS.iter().any(|own| domain.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}
