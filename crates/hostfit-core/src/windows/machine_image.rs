//! Names of machine images, as clouds and CI services call them: all of them are servers.
//!
//! Sources: `osSKU` of <https://learn.microsoft.com/azure/templates/microsoft.containerservice/managedclusters/agentpools>,
//! `amiType` of <https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html>, `amiFamily` of
//! <https://eksctl.io/usage/custom-ami-support/> and <https://karpenter.sh/docs/concepts/nodeclasses/>, `osVersion` of
//! <https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters.nodePools>,
//! `operatingSystemFamily` of <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html>, labels of
//! <https://github.com/actions/runner-images>.

use super::{Build, OsVersion};

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

/// Returns the build of an AKS pool that states no OS SKU, by the Kubernetes version with which it was made: `1.29`, `1.29.7`.
/// None where that is not certain: of 1.36 two sources of Microsoft say different things.
///
/// Sources: <https://learn.microsoft.com/azure/aks/upgrade-windows-os>, the changelog of <https://github.com/Azure/AKS> of
/// 2026-07-17, Azure/azure-aks-docs fb060abe6 of 2026-08-21.
pub fn aks_default(kubernetes: &str) -> Option<Build> {
    let mut fields = kubernetes.trim().trim_start_matches('v').split('.');
    let (major, minor) = (fields.next()?.parse::<u16>().ok()?, fields.next()?.parse::<u16>().ok()?);
    match (major, minor) {
        (1, ..=24) => Some(Build::WS2019),
        (1, 25..=35) => Some(Build::WS2022),
        (1, 37..) => Some(Build::WS2025),
        _ => None,
    }
}

/// Returns the version in the name of a node image of AKS: `AKSWindows-2022-containerd-20348.2655.240814`.
///
/// Source: <https://github.com/Azure/AKS/tree/master/vhd-notes/AKSWindows>.
pub fn aks_node_image(name: &str) -> Option<OsVersion> {
    let rest = name.get(.."akswindows".len()).filter(|it| it.eq_ignore_ascii_case("akswindows")).and(Some(name))?;
    rest.split('-').find_map(|part| {
        let mut fields = part.split('.');
        let (build, revision, _day) = (fields.next()?, fields.next()?, fields.next()?);
        let build = (build.len() == 5).then(|| build.parse().ok())?.map(Build)?;
        Some(OsVersion { build, revision: Some(revision.parse().ok()?) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_of_aks_follows_kubernetes_and_is_not_guessed() {
        let cases = [
            ("1.24.17", Some(17763)),
            ("1.25", Some(20348)),
            ("v1.35.1", Some(20348)),
            ("1.36.0", None),
            ("1.37", Some(26100)),
            ("1", None),
            ("", None),
            ("latest", None),
        ];
        for (version, build) in cases {
            assert_eq!(aks_default(version).map(|it| it.0), build, "{version}");
        }
    }

    #[test]
    fn node_images_of_aks_name_their_version() {
        let cases = [
            ("AKSWindows-2022-containerd-20348.2655.240814", Some("10.0.20348.2655")),
            ("AKSWindows-2022-containerd-gen2-20348.2655.240814", Some("10.0.20348.2655")),
            ("AKSWindows-2019-containerd-17763.3887.230111", Some("10.0.17763.3887")),
            ("AKSWindows-2025", None),
            ("AKSUbuntu-2204gen2containerd-202408.14.0", None),
            ("", None),
        ];
        for (name, version) in cases {
            assert_eq!(aks_node_image(name).map(|it| it.to_string()).as_deref(), version, "{name}");
        }
    }
}
