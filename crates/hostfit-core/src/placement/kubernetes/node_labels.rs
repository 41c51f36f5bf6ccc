//! Which labels a node carries: those the fleet declares and those Kubernetes sets by itself.
//!
//! What a cloud says of a node's place and size is on every node of it, be it declared or not, and differs between the
//! machines of a pool.
//!
//! Source: the kubelet's well-known labels, <https://kubernetes.io/docs/reference/labels-annotations-taints/>.

use std::borrow::Cow;

use crate::{
    fleet::{Host, HostOs},
    windows::{
        HostKind,
        node_label::{self, WINDOWS_BUILD},
    },
};

/// The label with a node's name.
pub const HOSTNAME: &str = "kubernetes.io/hostname";

/// The label with a node's operating system.
pub const OS: &str = "kubernetes.io/os";
/// The same under its deprecated name.
const BETA_OS: &str = "beta.kubernetes.io/os";
/// The label with a node's architecture.
pub const ARCH: &str = "kubernetes.io/arch";
/// The same under its deprecated name.
const BETA_ARCH: &str = "beta.kubernetes.io/arch";

/// Kubernetes sets none of these; people write them for `node.kubernetes.io/windows-build`.
const NEVER_SET: [&str; 6] = [
    "beta.kubernetes.io/osbuild",
    "kubernetes.io/osbuild",
    "node.kubernetes.io/osbuild",
    "beta.kubernetes.io/windows-build",
    "kubernetes.io/windows-build",
    "node.kubernetes.io/os-build",
];

/// Labels in which a cloud says where a node is and how large.
pub const OF_CLOUDS: [&str; 6] = [
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "node.kubernetes.io/instance-type",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "beta.kubernetes.io/instance-type",
];

/// Whether `key` is in Kubernetes' own name space and nothing but an administrator's hand ever sets it.
pub fn is_never_set(key: &str) -> bool {
    NEVER_SET.contains(&key)
}

/// Labels of clouds that name the pool a node is of. AKS sets two.
const POOLS: [&str; 4] =
    ["kubernetes.azure.com/agentpool", "agentpool", "eks.amazonaws.com/nodegroup", "cloud.google.com/gke-nodepool"];

/// Returns whether the label says a node's operating system, by its stable or its deprecated name.
pub fn is_os(key: &str) -> bool {
    matches!(key, OS | BETA_OS)
}

/// Returns whether the label's name is that of the operating system, whatever stands before it.
pub fn ends_as_os(key: &str) -> bool {
    key.ends_with(OS)
}

/// Returns the stable name of a deprecated label.
pub fn stable_name(key: &str) -> Option<&'static str> {
    match key {
        BETA_OS => Some(OS),
        BETA_ARCH => Some(ARCH),
        _ => None,
    }
}

/// Returns whether the label may mean anything to those who set it: not the operating system, architecture or place of a
/// node, which Kubernetes says itself.
pub fn is_free(key: &str) -> bool {
    !matches!(key, OS | BETA_OS | ARCH | BETA_ARCH) && !key.starts_with("topology.kubernetes.io/")
}

/// Returns whether the label names the node pool of a cloud.
pub fn names_pool(key: &str) -> bool {
    POOLS.contains(&key)
}

/// Returns whether the label is one that EKS, `eksctl` or the VPC CNI of AWS sets.
pub fn is_of_eks(key: &str) -> bool {
    ["eks.amazonaws.com/", "alpha.eksctl.io/", "vpc.amazonaws.com/"].iter().any(|prefix| key.starts_with(prefix))
}

/// Whether a node's label `key` can have this value, of labels that Kubernetes sets by itself: `10.0.` and digits
/// for a Windows build, lowercase for an operating system.
pub fn can_be(key: &str, value: &str) -> bool {
    match key {
        WINDOWS_BUILD => node_label::is_build(value),
        OS | BETA_OS => !value.bytes().any(|it| it.is_ascii_uppercase()),
        _ => true,
    }
}

/// What a node says under one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NodeLabel<'h> {
    /// It has no such label.
    Missing,
    /// This.
    Is(Cow<'h, str>),
    /// Very likely this: the fleet does not say, and nearly every node is alike.
    Likely(&'static str),
    /// Something or nothing; the machines of the pool differ in it, or the fleet does not say.
    Varies,
}

/// The label `key` of `host`. What the fleet declares goes before what Kubernetes sets.
pub(super) fn of<'h>(host: &'h Host, key: &str) -> NodeLabel<'h> {
    if let Some((_, value)) = host.labels.iter().find(|(name, _)| name == key) {
        return NodeLabel::Is(Cow::Borrowed(value));
    }
    // The stable and the deprecated name of a label are set to one value; the fleet may declare either.
    if let Some(twin) = twin(key)
        && let Some((_, value)) = host.labels.iter().find(|(name, _)| name == twin)
    {
        return NodeLabel::Is(Cow::Borrowed(value));
    }
    match (key, host.os) {
        (OS | BETA_OS, HostOs::Windows(_)) => NodeLabel::Is(Cow::Borrowed("windows")),
        (OS | BETA_OS, HostOs::Linux) => NodeLabel::Is(Cow::Borrowed("linux")),
        // Windows Server is a container host on one architecture only.
        (ARCH | BETA_ARCH, HostOs::Windows(_)) if host.kind == HostKind::Server => {
            NodeLabel::Is(Cow::Borrowed("amd64"))
        }
        (ARCH | BETA_ARCH, _) => NodeLabel::Likely("amd64"),
        (WINDOWS_BUILD, HostOs::Windows(version)) => NodeLabel::Is(Cow::Owned(version.build.to_string())),
        (HOSTNAME, _) => name(host),
        (key, _) if OF_CLOUDS.contains(&key) => NodeLabel::Varies,
        _ => NodeLabel::Missing,
    }
}

/// The value of the label `key` of `host`, where that is known.
pub fn declared<'h>(host: &'h Host, key: &str) -> Option<Cow<'h, str>> {
    match of(host, key) {
        NodeLabel::Is(value) => Some(value),
        NodeLabel::Missing | NodeLabel::Likely(_) | NodeLabel::Varies => None,
    }
}

/// A label that Kubernetes sets by itself, and nobody wrote down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnwrittenLabel<'h> {
    /// Its key.
    pub key: &'static str,
    /// Its value; none where the machines of a pool have different ones.
    pub value: Option<Cow<'h, str>>,
    /// Whether it can have no other.
    pub is_sure: bool,
}

/// The labels of a node of `host` that the fleet does not declare. The deprecated twins of the first two are left out.
pub fn unwritten(host: &Host) -> Vec<UnwrittenLabel<'_>> {
    let known = [OS, ARCH, WINDOWS_BUILD, HOSTNAME];
    let declares = |key: &str| host.labels.iter().any(|(own, _)| own == key);
    let is_unwritten = |key: &&'static str| !declares(key) && !twin(key).is_some_and(declares);
    let label = |key: &'static str| {
        let (value, is_sure) = match of(host, key) {
            NodeLabel::Missing => return None,
            NodeLabel::Is(value) => (Some(value), true),
            NodeLabel::Likely(value) => (Some(Cow::Borrowed(value)), false),
            NodeLabel::Varies => (None, true),
        };
        Some(UnwrittenLabel { key, value, is_sure })
    };
    known.into_iter().filter(is_unwritten).filter_map(label).collect()
}

/// The node's name. A pool has as many as machines.
pub(super) fn name(host: &Host) -> NodeLabel<'_> {
    if host.count == 1 { NodeLabel::Is(Cow::Borrowed(&host.name)) } else { NodeLabel::Varies }
}

fn twin(key: &str) -> Option<&'static str> {
    match key {
        OS => Some(BETA_OS),
        BETA_OS => Some(OS),
        ARCH => Some(BETA_ARCH),
        BETA_ARCH => Some(ARCH),
        _ => None,
    }
}
