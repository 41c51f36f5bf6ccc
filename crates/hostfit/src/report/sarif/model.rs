//! The part of SARIF 2.1.0 that is written, in the order in which it is:
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html>.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::report::{hosts::Hosts, json::Rendered, part::Part};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Log<'a, R> {
    #[serde(rename = "$schema")]
    pub(super) schema: Cow<'a, str>,
    pub(super) version: Cow<'a, str>,
    pub(super) runs: [R; 1],
}

/// `T` is [`Tool`] where it is written and [`ReadTool`] where it is read.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Analysis<'a, T, R> {
    pub(super) tool: T,
    pub(super) invocations: [Invocation<'a>; 1],
    pub(super) automation_details: AutomationDetails<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version_control_provenance: Option<[VersionControl<'a>; 1]>,
    pub(super) original_uri_base_ids: BTreeMap<Cow<'a, str>, ArtifactLocation<'a>>,
    pub(super) artifacts: Vec<Artifact<'a>>,
    pub(super) results: R,
    pub(super) column_kind: Cow<'a, str>,
    pub(super) default_encoding: Cow<'a, str>,
    pub(super) language: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) properties: Option<RunProperties<'a>>,
}

#[derive(Serialize)]
pub(super) struct Tool {
    pub(super) driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver {
    pub(super) name: &'static str,
    pub(super) full_name: &'static str,
    pub(super) version: &'static str,
    pub(super) semantic_version: &'static str,
    pub(super) information_uri: &'static str,
    pub(super) short_description: Text<'static>,
    pub(super) rules: Vec<Descriptor>,
    pub(super) notifications: Vec<Descriptor>,
}

/// As much of [`Tool`] as has to be read: the rest is the same in every report of one version.
#[derive(Deserialize)]
pub(super) struct ReadTool {
    pub(super) driver: ReadDriver,
}

#[derive(Deserialize)]
pub(super) struct ReadDriver {
    pub(super) name: String,
    pub(super) version: String,
}

/// What a report of a part of the run says of itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunProperties<'a> {
    pub(super) shard: Part<'a>,
    /// How many results are left out.
    pub(super) cut: usize,
    /// The places in `artifacts` of files of this part that were not checked and are named only, as the configuration is.
    pub(super) unchecked: Vec<usize>,
}

/// A rule, or a kind of notification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) id: &'static str,
    pub(super) name: String,
    pub(super) short_description: Text<'static>,
    pub(super) full_description: Text<'static>,
    pub(super) help: Text<'static>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help_uri: Option<String>,
    pub(super) default_configuration: Configuration,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) properties: Option<RuleProperties>,
}

#[derive(Serialize)]
pub(super) struct Configuration {
    pub(super) level: &'static str,
}

/// The names are GitHub's.
#[derive(Serialize)]
pub(super) struct RuleProperties {
    pub(super) tags: Vec<&'static str>,
    pub(super) precision: &'static str,
    #[serde(rename = "problem.severity")]
    pub(super) problem_severity: &'static str,
    #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
    pub(super) security_severity: Option<&'static str>,
}

/// A message, or a description.
#[derive(PartialEq, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) markdown: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Invocation<'a> {
    pub(super) execution_successful: bool,
    pub(super) exit_code: u8,
    pub(super) exit_code_description: Cow<'a, str>,
    pub(super) tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Notification<'a> {
    pub(super) descriptor: DescriptorReference<'a>,
    pub(super) level: Cow<'a, str>,
    pub(super) message: Text<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) locations: Vec<Location<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DescriptorReference<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) index: usize,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AutomationDetails<'a> {
    pub(super) id: Cow<'a, str>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct VersionControl<'a> {
    pub(super) repository_uri: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revision_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) branch: Option<Cow<'a, str>>,
    pub(super) mapped_to: ArtifactLocation<'a>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Artifact<'a> {
    pub(super) location: ArtifactLocation<'a>,
    pub(super) encoding: Cow<'a, str>,
    pub(super) roles: [Cow<'a, str>; 1],
}

#[derive(PartialEq, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ArtifactLocation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uri: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uri_base_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<Text<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SarifResult<'a> {
    pub(super) rule_id: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_index: Option<usize>,
    pub(super) level: Cow<'a, str>,
    pub(super) message: Text<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) related_locations: Vec<Location<'a>>,
    pub(super) partial_fingerprints: BTreeMap<Cow<'a, str>, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline_state: Option<Cow<'a, str>>,
    /// An empty list says that nobody took the finding away.
    pub(super) suppressions: Vec<Suppression<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) fixes: Vec<Fix<'a>>,
    #[serde(skip_serializing_if = "ResultProperties::is_empty", default)]
    pub(super) properties: ResultProperties<'a>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResultProperties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) workload: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Hosts::is_empty", default)]
    pub(super) hosts: Hosts<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fleet: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) rendered: Vec<Rendered<'a>>,
}

impl ResultProperties<'_> {
    fn is_empty(&self) -> bool {
        let says_nothing = self.workload.is_none() && self.image.is_none() && self.fleet.is_none();
        says_nothing && self.hosts.is_empty() && self.rendered.is_empty()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "SARIF names them")]
pub(super) struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<usize>,
    pub(super) physical_location: PhysicalLocation<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) logical_locations: Vec<LogicalLocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Text<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PhysicalLocation<'a> {
    pub(super) artifact_location: ArtifactLocation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<Region<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_region: Option<Region<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct LogicalLocation<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) fully_qualified_name: Cow<'a, str>,
    pub(super) kind: Cow<'a, str>,
}

/// Lines and columns from 1, offsets from 0, ends exclusive.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Region<'a> {
    pub(super) start_line: u32,
    pub(super) start_column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
    pub(super) char_offset: u32,
    pub(super) char_length: u32,
    pub(super) byte_offset: u32,
    pub(super) byte_length: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snippet: Option<Content<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content<'a> {
    pub(super) text: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Suppression<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) status: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) justification: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Location<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Fix<'a> {
    pub(super) description: Text<'a>,
    pub(super) artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ArtifactChange<'a> {
    pub(super) artifact_location: ArtifactLocation<'a>,
    pub(super) replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Replacement<'a> {
    pub(super) deleted_region: Region<'a>,
    pub(super) inserted_content: Content<'a>,
}
