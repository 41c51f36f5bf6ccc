//! Every rule is one file of this folder, and one line of the list.

use crate::{
    config::schema::{RuleName, json_schema},
    rule::{Rule, rule},
};

mod advice;
mod build_mismatch;
mod category;
mod deprecated_node_label;
mod eaten_backslash;
mod eks_selector_in_affinity;
mod engine_refuses_host;
pub mod examples;
mod exec_form_not_json;
mod fixes;
mod floating_revision;
mod host_dependent_tag;
mod hyperv_unsupported;
mod image_newer_than_host;
mod insider_image;
mod invalid_constraint;
mod invalid_daemon_config;
mod invalid_host_process;
mod invalid_isolation;
mod invalid_repository;
mod invalid_selector_value;
mod invalid_toleration;
mod isolation;
mod isolation_conflict;
mod linux_field_on_windows;
mod linux_pod_unpinned;
mod missing_build_selector;
mod missing_in_nanoserver;
mod missing_os_selector;
mod missing_swarm_constraint;
mod missing_toleration;
mod mixed_os_project;
mod mixed_stage_builds;
mod no_windows_variant;
mod os_field_mismatch;
mod overpinned_build;
pub mod pages;
mod pin;
mod placement_image_mismatch;
mod platform_mismatch;
mod process_on_client;
mod refused;
mod retired_repository;
mod retired_tag;
mod revision_mismatch;
mod runtime_refuses_image;
mod stages;
mod syntax_error;
mod tag_release_mismatch;
mod tags;
mod undeclared_image_os;
mod unknown_tag;
mod unpublished_latest;
mod unschedulable;
mod unset_constraint_label;
mod unset_node_label;
mod unsupported_host;
mod unsupported_release;
mod unused_ignore;
mod wording;

pub use category::Category;
pub(crate) use fixes::{edit, may_be_repeated, uses_of};
pub(crate) use wording::list;

/// All rules, in the order of the documentation.
pub static RULES: &[&Rule] = &[
    &unpublished_latest::RULE,
    &retired_repository::RULE,
    &invalid_repository::RULE,
    &tag_release_mismatch::RULE,
    &insider_image::RULE,
    &unknown_tag::RULE,
    &retired_tag::RULE,
    &unsupported_release::RULE,
    &host_dependent_tag::RULE,
    &no_windows_variant::RULE,
    &floating_revision::RULE,
    &undeclared_image_os::RULE,
    &build_mismatch::RULE,
    &image_newer_than_host::RULE,
    &revision_mismatch::RULE,
    &hyperv_unsupported::RULE,
    &process_on_client::RULE,
    &runtime_refuses_image::RULE,
    &unsupported_host::RULE,
    &engine_refuses_host::RULE,
    &invalid_isolation::RULE,
    &isolation_conflict::RULE,
    &invalid_daemon_config::RULE,
    &missing_os_selector::RULE,
    &missing_build_selector::RULE,
    &deprecated_node_label::RULE,
    &unset_node_label::RULE,
    &os_field_mismatch::RULE,
    &linux_field_on_windows::RULE,
    &invalid_host_process::RULE,
    &invalid_selector_value::RULE,
    &invalid_toleration::RULE,
    &placement_image_mismatch::RULE,
    &overpinned_build::RULE,
    &missing_toleration::RULE,
    &linux_pod_unpinned::RULE,
    &eks_selector_in_affinity::RULE,
    &missing_swarm_constraint::RULE,
    &invalid_constraint::RULE,
    &unset_constraint_label::RULE,
    &mixed_os_project::RULE,
    &unschedulable::RULE,
    &mixed_stage_builds::RULE,
    &platform_mismatch::RULE,
    &missing_in_nanoserver::RULE,
    &eaten_backslash::RULE,
    &exec_form_not_json::RULE,
    &syntax_error::RULE,
    &unused_ignore::RULE,
];

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
