//! Every rule is one file of this folder and one line of this list.

use crate::rule::{Rule, rule};

mod mend;
mod wording;

macro_rules! rules {
    ($($file:ident,)*) => {
        $(mod $file;)*
        /// All rules, in the order of the documentation.
        pub static RULES: &[&Rule] = &[$(&$file::RULE),*];
    };
}

rules! {
    unpublished_latest,
    retired_repository,
    invalid_repository,
    unknown_tag,
    unsupported_release,
    floating_revision,
    undeclared_image_os,
    build_mismatch,
    image_newer_than_host,
    revision_mismatch,
    hyperv_unsupported,
    process_on_client,
    invalid_isolation,
    invalid_daemon_config,
    missing_os_selector,
    missing_build_selector,
    deprecated_node_label,
    unset_node_label,
    invalid_selector_value,
    placement_image_mismatch,
    missing_toleration,
    missing_swarm_constraint,
    invalid_constraint,
    unset_constraint_label,
    unschedulable,
    mixed_stage_builds,
    syntax_error,
}

/// Ids of rules that are promised and not there yet. A configuration may name them already.
const PROMISED: [&str; 19] = [
    "retired-tag",
    "host-dependent-tag",
    "no-windows-variant",
    "insider-image",
    "runtime-refuses-image",
    "engine-refuses-host",
    "isolation-conflict",
    "overpinned-build",
    "os-field-mismatch",
    "linux-field-on-windows",
    "invalid-host-process",
    "linux-pod-unpinned",
    "eks-selector-in-affinity",
    "missing-in-nanoserver",
    "eaten-backslash",
    "exec-form-not-json",
    "platform-mismatch",
    "mixed-os-project",
    "unused-ignore",
];

/// The ids that a configuration or an option may name.
pub fn ids() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.id).chain(PROMISED).collect()
}

/// The rule called `id`.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests;
