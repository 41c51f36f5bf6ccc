//! Which kind a file is: by its name where the name decides, else by its content.

mod content;
mod names;
mod template;
#[cfg(test)]
mod tests;

pub use names::{NameHint, may_be_ours};

pub(super) use content::{
    is_compose, is_kubeconfig, is_kubernetes, looks_like, reads_like_kubeconfig, reads_like_kubernetes, reads_like_ours,
};
pub(super) use names::{by_name, is_nameless, is_plain_dockerfile, is_structured, is_template};
pub(super) use template::{
    has_markers, is_dockerfile_template, is_go_template, is_helm_template, is_text_template, is_to_be_filled_in,
    is_tree_template,
};

/// The kinds of file that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Dockerfile.
    Dockerfile,
    /// A Compose file or Swarm stack.
    Compose,
    /// Kubernetes manifests.
    Kubernetes,
    /// A `daemon.json`.
    Daemon,
    /// A `.env` file.
    Env,
    /// A bake file.
    Bake,
}
