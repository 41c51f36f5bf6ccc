//! Which labels a node carries: those the fleet declares and those Kubernetes sets by itself.
//!
//! Source: the kubelet's well-known labels, <https://kubernetes.io/docs/reference/labels-annotations-taints/>.

use std::borrow::Cow;

use crate::fleet::{Host, HostOs};

/// What a node says under one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NodeLabel<'h> {
    /// It has no such label.
    Missing,
    /// This.
    Is(Cow<'h, str>),
    /// Very likely this: the fleet does not say, and nearly every node is alike.
    Likely(&'static str),
    /// Something; which, differs between the machines of the pool.
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
        ("kubernetes.io/os" | "beta.kubernetes.io/os", HostOs::Windows(_)) => NodeLabel::Is(Cow::Borrowed("windows")),
        ("kubernetes.io/os" | "beta.kubernetes.io/os", HostOs::Linux) => NodeLabel::Is(Cow::Borrowed("linux")),
        ("kubernetes.io/arch" | "beta.kubernetes.io/arch", _) => NodeLabel::Likely("amd64"),
        ("node.kubernetes.io/windows-build", HostOs::Windows(version)) => {
            NodeLabel::Is(Cow::Owned(version.build.to_string()))
        }
        ("kubernetes.io/hostname", _) => name(host),
        _ => NodeLabel::Missing,
    }
}

/// The node's name. A pool has as many as machines.
pub(super) fn name(host: &Host) -> NodeLabel<'_> {
    if host.count == 1 { NodeLabel::Is(Cow::Borrowed(&host.name)) } else { NodeLabel::Varies }
}

fn twin(key: &str) -> Option<&'static str> {
    match key {
        "kubernetes.io/os" => Some("beta.kubernetes.io/os"),
        "beta.kubernetes.io/os" => Some("kubernetes.io/os"),
        "kubernetes.io/arch" => Some("beta.kubernetes.io/arch"),
        "beta.kubernetes.io/arch" => Some("kubernetes.io/arch"),
        _ => None,
    }
}
