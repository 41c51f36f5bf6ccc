//! Who runs a cluster, and what its pools are called, by the labels that it sets.

use super::machine::Machine;

/// Who runs a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Provider {
    /// Azure Kubernetes Service.
    Aks,
    /// Amazon Elastic Kubernetes Service.
    Eks,
    /// Google Kubernetes Engine.
    Gke,
    /// OpenShift.
    OpenShift,
}

impl Provider {
    /// Who runs the cluster of this node, if a label says so.
    ///
    /// Sources: <https://learn.microsoft.com/azure/aks/use-labels>,
    /// <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>,
    /// <https://cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels>,
    /// <https://docs.openshift.com/container-platform/latest/nodes/nodes/nodes-nodes-viewing.html>.
    pub(crate) fn of(machine: &Machine) -> Option<Self> {
        let has = |start: &str| machine.labels.iter().flatten().any(|(key, _)| key.starts_with(start));
        // OpenShift may run on the machines of the others; those of AKS Engine have no node image of AKS.
        if has("node.openshift.io/") {
            Some(Self::OpenShift)
        } else if ["agentpool", "nodepool-type", "node-image-version"]
            .iter()
            .any(|it| has(&format!("kubernetes.azure.com/{it}")))
        {
            Some(Self::Aks)
        } else if has("eks.amazonaws.com/") || has("alpha.eksctl.io/") {
            Some(Self::Eks)
        } else if has("cloud.google.com/gke-") {
            Some(Self::Gke)
        } else {
            None
        }
    }

    /// As people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Aks => "AKS",
            Self::Eks => "EKS",
            Self::Gke => "GKE",
            Self::OpenShift => "OpenShift",
        }
    }
}

/// Labels with the name of a node's pool.
pub(crate) const POOL: [&str; 6] = [
    "kubernetes.azure.com/agentpool",
    "agentpool",
    "eks.amazonaws.com/nodegroup",
    "alpha.eksctl.io/nodegroup-name",
    "karpenter.sh/nodepool",
    "cloud.google.com/gke-nodepool",
];

/// The name of a node's pool.
pub(crate) fn pool(machine: &Machine) -> Option<&str> {
    POOL.iter().find_map(|key| machine.label(key)).or(machine.pool.as_deref()).filter(|name| !name.is_empty())
}
