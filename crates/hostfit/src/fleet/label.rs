//! Which labels of nodes go into the fleet: those that workloads may be placed by.
//!
//! To leave out one that somebody selects by makes hostfit say that nothing fits, and to keep one that differs between
//! equal machines parts a pool. So what is left out is a closed list of what nobody selects by, or what needs not be
//! declared; all else is kept.

use std::collections::BTreeMap;

use globset::{Glob, GlobSet, GlobSetBuilder};
use hostfit_core::placement::kubernetes as node_labels;

use super::machine::{Machine, Os};

/// What providers and controllers note down for themselves. A star stands for any letters.
const PLUMBING: [&str; 34] = [
    // AKS, <https://learn.microsoft.com/azure/aks/use-labels>
    "kubernetes.azure.com/consolidated-additional-properties",
    "kubernetes.azure.com/ebpf-dataplane",
    "kubernetes.azure.com/kubelet-identity-client-id",
    "kubernetes.azure.com/kubelet-serving-ca",
    "kubernetes.azure.com/localdns-state",
    "kubernetes.azure.com/network-*",
    "kubernetes.azure.com/node-image-version",
    "kubernetes.azure.com/nodenetwork-*",
    "kubernetes.azure.com/nodepool-type",
    "kubernetes.azure.com/podnetwork-*",
    "kubernetes.azure.com/role",
    "kubernetes.azure.com/storage*",
    "kubernetes.azure.com/windows-password-version",
    "storageprofile",
    "storagetier",
    "topology.*csi*/*",
    // EKS
    "eks.amazonaws.com/nodegroup-image",
    "eks.amazonaws.com/sourceLaunchTemplate*",
    "alpha.eksctl.io/instance-id",
    "k8s.io/cloud-provider-aws",
    "topology.k8s.aws/*",
    // Karpenter
    "karpenter.sh/initialized",
    "karpenter.sh/registered",
    // GKE
    "cloud.google.com/gke-boot-disk",
    "cloud.google.com/gke-container-runtime",
    "cloud.google.com/gke-cpu-scaling-level",
    "cloud.google.com/gke-logging-variant",
    "cloud.google.com/gke-max-pods-per-node",
    "cloud.google.com/gke-memory-gb-scaling-level",
    "cloud.google.com/gke-netd-ready",
    "cloud.google.com/gke-stack-type",
    "topology.gke.io/zone",
    // everybody
    "node.kubernetes.io/exclude-from-external-load-balancers",
    "alpha.service-controller.kubernetes.io/exclude-balancer",
];

/// Labels that name the image of a node, of which every upgrade makes another.
pub(crate) const OF_IMAGES: [&str; 2] =
    ["kubernetes.azure.com/node-image-version", "eks.amazonaws.com/nodegroup-image"];

/// Which labels to keep.
#[derive(Debug)]
pub(crate) struct LabelSelection {
    plumbing: GlobSet,
    asked: GlobSet,
}

impl LabelSelection {
    /// The usual ones, and those that somebody asked for.
    ///
    /// # Errors
    /// Which of those is not a pattern, and why.
    pub(crate) fn new<'p>(asked: impl IntoIterator<Item = &'p str>) -> Result<Self, String> {
        Ok(Self { plumbing: patterns(PLUMBING)?, asked: patterns(asked)? })
    }

    /// The labels of a node that go into the fleet.
    pub(crate) fn of(&self, machine: &Machine) -> BTreeMap<String, String> {
        let labels = machine.labels.iter().flatten();
        let kept = labels.filter(|(key, value)| self.asked.is_match(key) || self.matters(machine, key, value));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    fn matters(&self, machine: &Machine, key: &str, value: &str) -> bool {
        let is_known = match key {
            node_labels::HOSTNAME | "kubernetes.io/os" | "beta.kubernetes.io/os" => true,
            "kubernetes.io/arch" | "beta.kubernetes.io/arch" => value == "amd64",
            node_labels::WINDOWS_BUILD => match machine.os {
                // Where a declaration has it, it is written down, so that people see what the platform sets.
                Some(Os::Windows(Some(known))) => {
                    machine.declared.is_none() && known.version.build.to_string() == value
                }
                _ => true,
            },
            _ => node_labels::OF_CLOUDS.contains(&key),
        };
        // Names of machines have numbers; `web` may be a name too, and is what people select by.
        let is_id = |id: &str| id.len() > 3 && id.bytes().any(|it| it.is_ascii_digit());
        let is_own = |id: &str| is_id(id) && (value == id || id.len() > 7 && value.contains(id));
        let is_unique = machine.name.as_deref().is_some_and(is_own) || machine.ids.iter().any(|id| is_own(id));
        !(is_known || is_unique || is_uuid(value) || self.plumbing.is_match(key))
    }
}

/// `34f5d97c-6525-11ef-949f-9294afc7e214`: nobody selects by what nobody can read.
fn is_uuid(value: &str) -> bool {
    let lengths = value.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && value.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit())
}

fn patterns<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| format!("`{pattern}` is not a pattern: {}", error.kind()))?);
    }
    set.build().map_err(|error| error.to_string())
}
