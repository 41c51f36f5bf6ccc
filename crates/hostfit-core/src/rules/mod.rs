//! Every rule is one file of this folder and one line of this list.

use crate::{
    config::schema::{RuleName, json_schema},
    rule::{Rule, rule},
};

mod advice;
mod isolation;
mod mend;
pub mod pages;
mod pin;
mod refused;
mod stages;
mod wording;

pub(crate) use wording::list;

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
    tag_release_mismatch,
    insider_image,
    unknown_tag,
    retired_tag,
    unsupported_release,
    host_dependent_tag,
    no_windows_variant,
    floating_revision,
    undeclared_image_os,
    build_mismatch,
    image_newer_than_host,
    revision_mismatch,
    hyperv_unsupported,
    process_on_client,
    runtime_refuses_image,
    unsupported_host,
    engine_refuses_host,
    invalid_isolation,
    isolation_conflict,
    invalid_daemon_config,
    missing_os_selector,
    missing_build_selector,
    deprecated_node_label,
    unset_node_label,
    os_field_mismatch,
    linux_field_on_windows,
    invalid_host_process,
    invalid_selector_value,
    invalid_toleration,
    placement_image_mismatch,
    overpinned_build,
    missing_toleration,
    linux_pod_unpinned,
    eks_selector_in_affinity,
    missing_swarm_constraint,
    invalid_constraint,
    unset_constraint_label,
    mixed_os_project,
    unschedulable,
    mixed_stage_builds,
    platform_mismatch,
    missing_in_nanoserver,
    eaten_backslash,
    exec_form_not_json,
    syntax_error,
    unused_ignore,
}

/// The ids of all rules.
pub fn ids() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.id).collect()
}

/// The JSON Schema of `hostfit.toml`, which may name these rules, as it is published.
pub fn config_schema() -> String {
    let name = |rule: &&Rule| RuleName { id: rule.id, summary: rule.summary, url: rule.url() };
    let names: Vec<_> = RULES.iter().map(name).collect();
    format!("{:#}\n", json_schema(&names))
}

/// The rule called `id`.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests;
