//! Kubernetes manifests: everything that carries a pod template, RuntimeClasses, Nodes.

/// The objects of a file that matter.
#[derive(Debug, Default)]
pub struct File {}
