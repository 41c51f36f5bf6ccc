//! Names of machine images, as clouds and CI services call them: all of them are servers.
//!
//! Sources: `osSKU` of <https://learn.microsoft.com/azure/templates/microsoft.containerservice/managedclusters/agentpools>,
//! `amiType` of <https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html>, `amiFamily` of
//! <https://eksctl.io/usage/custom-ami-support/> and <https://karpenter.sh/docs/concepts/nodeclasses/>, `osVersion` of
//! <https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters.nodePools>,
//! `operatingSystemFamily` of <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html>, labels of
//! <https://github.com/actions/runner-images>.

/// What stands before and after the year, in lowercase.
const FORMS: &[(&str, &str)] = &[
    // AKS and Karpenter.
    ("windows", ""),
    // GitHub and Azure Pipelines.
    ("windows-", ""),
    // EKS.
    ("windows_core_", "_x86_64"),
    ("windows_full_", "_x86_64"),
    // eksctl.
    ("windowsserver", "corecontainer"),
    ("windowsserver", "fullcontainer"),
    // GKE.
    ("os_version_ltsc", ""),
    // ECS.
    ("windows_server_", "_core"),
    ("windows_server_", "_full"),
];

const YEARS: &[(&str, &str)] =
    &[("2016", "ltsc2016"), ("2019", "ltsc2019"), ("2022", "ltsc2022"), ("2025", "ltsc2025")];

/// Returns the release that a machine image has, letter case ignored. `windows-latest` is another one every few years, and
/// none.
pub(super) fn release_of(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    match text.as_str() {
        "windowsannual" => return Some("ws-23h2-ac"),
        "windowsserver2004corecontainer" | "windows_server_2004_core" => return Some("2004"),
        "windowsserver20h2corecontainer" | "windows_server_20h2_core" => return Some("20H2"),
        _ => {}
    }
    FORMS.iter().find_map(|(before, after)| {
        let year = text.strip_prefix(before)?.strip_suffix(after)?;
        YEARS.iter().find(|(of, _)| *of == year).map(|(_, release)| *release)
    })
}
