//! Labels of nodes that name a Windows build: the one that the kubelet sets, those of AKS and GKE, and those that people
//! write by hand.
//!
//! Sources: <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>,
//! <https://learn.microsoft.com/azure/aks/upgrade-windows-os>, `windows/aspnet-gmsa` of
//! <https://github.com/GoogleCloudPlatform/kubernetes-engine-samples>.

use super::{Build, OsVersion, release::Releases, version};

/// The label in which the kubelet of a Windows node says its build, as `10.0.BUILD`.
pub const WINDOWS_BUILD: &str = "node.kubernetes.io/windows-build";

/// Labels of clouds whose value is a word for a Windows build, with the release that each word means.
const WORDS: &[(&str, &[(&str, &str)])] = &[
    (
        "kubernetes.azure.com/os-sku",
        &[
            ("Windows2019", "ltsc2019"),
            ("Windows2022", "ltsc2022"),
            ("Windows2025", "ltsc2025"),
            ("WindowsAnnual", "ws-23h2-ac"),
        ],
    ),
    ("cloud.google.com/gke-windows-os-version", &[("2019", "ltsc2019"), ("2022", "ltsc2022"), ("2025", "ltsc2025")]),
];

/// What people call labels that hold a Windows build or version, in lowercase and without `-`, `_` and prefix.
const NAMES: [&str; 6] = ["osbuild", "osversion", "windowsbuild", "windowsversion", "winbuild", "winversion"];

/// Returns the value with which the label `key` names a build on every cluster, or none for labels that people set
/// themselves.
pub fn value_of(key: &str, build: Build, releases: &Releases) -> Option<String> {
    if key == WINDOWS_BUILD {
        return Some(build.to_string());
    }
    let names_it = |release: &str| version::parse(release, releases).is_some_and(|it| it.build == build);
    words_of(key)?.iter().find(|(_, release)| names_it(release)).map(|(word, _)| (*word).to_owned())
}

/// Returns the version that a label's value names, by a label that is known to hold one or by a value that can be nothing
/// else.
pub fn build_of(key: &str, value: &str, releases: &Releases) -> Option<OsVersion> {
    if let Some(words) = words_of(key) {
        let (_, release) = words.iter().find(|(word, _)| *word == value)?;
        return version::parse(release, releases);
    }
    let name = key.rsplit(['/', '.']).next().unwrap_or_default().replace(['-', '_'], "").to_ascii_lowercase();
    let holds_build = value.starts_with("10.0.") || NAMES.contains(&&*name);
    holds_build.then(|| version::parse(value, releases))?
}

/// Returns whether [`WINDOWS_BUILD`] can have this value: `10.0.` and digits.
pub fn is_build(value: &str) -> bool {
    value.strip_prefix("10.0.").is_some_and(|build| !build.is_empty() && build.bytes().all(|it| it.is_ascii_digit()))
}

/// Returns the build that is meant by a value that [`WINDOWS_BUILD`] never has: five digits, alone or within a version.
pub fn meant_by(value: &str) -> Option<Build> {
    let number = value.trim_start_matches("10.0.").split('.').next().filter(|number| number.len() == 5)?;
    number.parse().ok().map(Build)
}

fn words_of(key: &str) -> Option<&'static [(&'static str, &'static str)]> {
    WORDS.iter().find(|(label, _)| *label == key).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_clouds_and_of_people_name_builds() {
        let releases = Releases::default();
        let table = [
            ("kubernetes.azure.com/os-sku", "Windows2022", Some(20348)),
            ("kubernetes.azure.com/os-sku", "AzureLinux", None),
            ("cloud.google.com/gke-windows-os-version", "2019", Some(17763)),
            (WINDOWS_BUILD, "10.0.20348", Some(20348)),
            ("node.labels.OsVersion", "10.0.14393", Some(14393)),
            ("contoso.com/os_version", "ltsc2025", Some(26100)),
            ("contoso.com/pool", "10.0.17763", Some(17763)),
            ("contoso.com/pool", "ltsc2019", None),
        ];
        for (key, value, build) in table {
            assert_eq!(build_of(key, value, &releases).map(|it| it.build.0), build, "{key}={value}");
        }
    }

    #[test]
    fn a_build_has_a_value_under_labels_that_every_cluster_sets() {
        let value = |key, build| value_of(key, Build(build), &Releases::default());
        assert_eq!(value(WINDOWS_BUILD, 20348).as_deref(), Some("10.0.20348"));
        assert_eq!(value("kubernetes.azure.com/os-sku", 26100).as_deref(), Some("Windows2025"));
        assert_eq!(value("kubernetes.azure.com/os-sku", 14393), None);
        assert_eq!(value("contoso.com/os-version", 20348), None);
    }
}
