//! Multi-platform images of the Kubernetes project and of its drivers for Azure.
//!
//! Each row is what the build configuration of the repository says at the tags of those versions, unless its comment names
//! another source. Later versions than the last one that was read are not known.

use super::{
    identity::{Identity, Proof, Variants, unknown},
    official::whole_tag,
    reference::Parts,
};
use crate::windows::{Build, Os, OsVersion};

type Version = (u32, u32, u32);

/// Versions of one image that hold the same.
struct Versions {
    /// The first of them.
    since: Version,
    /// Its Windows images, newest first. Each has Linux images too.
    windows: &'static [OsVersion],
}

struct Image {
    repositories: &'static [&'static str],
    /// By version.
    versions: &'static [Versions],
    /// The last version that was read.
    last: Version,
}

const fn of_build(build: u16) -> OsVersion {
    OsVersion { build: Build(build), revision: None }
}

const B1809: OsVersion = of_build(17763);
const B1903: OsVersion = of_build(18362);
const B1909: OsVersion = of_build(18363);
const B2004: OsVersion = of_build(19041);
const B20H2: OsVersion = of_build(19042);
const B2022: OsVersion = of_build(20348);
const B2025: OsVersion = of_build(26100);

const UNTIL_2004: &[OsVersion] = &[B2004, B1909, B1903, B1809];
const UNTIL_20H2: &[OsVersion] = &[B20H2, B2004, B1909, B1809];
const UNTIL_20H2_AND_2022: &[OsVersion] = &[B2022, B20H2, B2004, B1909, B1809];
const ALL_UNTIL_2022: &[OsVersion] = &[B2022, B20H2, B2004, B1909, B1903, B1809];
const OF_20H2_AND_2022: &[OsVersion] = &[B2022, B20H2, B1809];
const OF_2022: &[OsVersion] = &[B2022, B1809];

#[rustfmt::skip]
const IMAGES: [Image; 13] = [
    // kubernetes-csi/livenessprobe: CSI_PROW_BUILD_PLATFORMS in release-tools/prow.sh, and Dockerfile.Windows.
    Image {
        repositories: &["registry.k8s.io/sig-storage/livenessprobe", "k8s.gcr.io/sig-storage/livenessprobe"],
        versions: &[
            Versions { since: (2, 4, 0), windows: UNTIL_20H2 },
            Versions { since: (2, 5, 0), windows: UNTIL_20H2_AND_2022 },
            Versions { since: (2, 7, 0), windows: OF_20H2_AND_2022 },
            Versions { since: (2, 11, 0), windows: OF_2022 },
        ],
        last: (2, 19, u32::MAX),
    },
    // kubernetes-csi/node-driver-registrar: the same.
    Image {
        repositories: &[
            "registry.k8s.io/sig-storage/csi-node-driver-registrar",
            "k8s.gcr.io/sig-storage/csi-node-driver-registrar",
        ],
        versions: &[
            Versions { since: (2, 3, 0), windows: UNTIL_20H2 },
            Versions { since: (2, 4, 0), windows: UNTIL_20H2_AND_2022 },
            Versions { since: (2, 6, 0), windows: OF_20H2_AND_2022 },
            Versions { since: (2, 9, 0), windows: OF_2022 },
        ],
        last: (2, 17, u32::MAX),
    },
    // Azure's own builds of these two: AKS's release notes (Azure/AgentBaker 06836ee, vhdbuilder/release-notes/AKSWindows) list
    // which indexes of Linux and Windows nodes of 2019, 2022, 23H2 and 2025 had pulled. `since` and `last` are the first and
    // the last version that those of 2019 and 2022 both had.
    Image {
        repositories: &["mcr.microsoft.com/oss/kubernetes-csi/livenessprobe"],
        versions: &[Versions { since: (2, 5, 0), windows: OF_2022 }],
        last: (2, 15, u32::MAX),
    },
    Image {
        repositories: &["mcr.microsoft.com/oss/v2/kubernetes-csi/livenessprobe"],
        versions: &[Versions { since: (2, 15, 0), windows: OF_2022 }],
        last: (2, 17, u32::MAX),
    },
    Image {
        repositories: &["mcr.microsoft.com/oss/kubernetes-csi/csi-node-driver-registrar"],
        versions: &[Versions { since: (2, 4, 0), windows: OF_2022 }],
        last: (2, 13, u32::MAX),
    },
    Image {
        repositories: &["mcr.microsoft.com/oss/v2/kubernetes-csi/csi-node-driver-registrar"],
        versions: &[Versions { since: (2, 13, 0), windows: OF_2022 }],
        last: (2, 15, u32::MAX),
    },
    // kubernetes-csi/csi-driver-smb: ALL_OSVERSIONS.windows in the Makefile.
    Image {
        repositories: &["registry.k8s.io/sig-storage/smbplugin", "k8s.gcr.io/sig-storage/smbplugin"],
        versions: &[
            Versions { since: (0, 5, 0), windows: UNTIL_2004 },
            Versions { since: (1, 3, 0), windows: ALL_UNTIL_2022 },
            Versions { since: (1, 5, 0), windows: OF_20H2_AND_2022 },
            Versions { since: (1, 11, 0), windows: OF_2022 },
        ],
        last: (1, 20, u32::MAX),
    },
    // The same under its first name, to which its documents point up to 1.3; the manifests up to 0.4 name 1809 alone.
    Image {
        repositories: &["mcr.microsoft.com/k8s/csi/smb-csi"],
        versions: &[
            Versions { since: (0, 1, 0), windows: &[B1809] },
            Versions { since: (0, 5, 0), windows: UNTIL_2004 },
            Versions { since: (1, 3, 0), windows: ALL_UNTIL_2022 },
        ],
        last: (1, 3, u32::MAX),
    },
    // kubernetes-sigs/azuredisk-csi-driver: the same.
    Image {
        repositories: &[
            "mcr.microsoft.com/oss/v2/kubernetes-csi/azuredisk-csi",
            "mcr.microsoft.com/oss/kubernetes-csi/azuredisk-csi",
            "mcr.microsoft.com/k8s/csi/azuredisk-csi",
        ],
        versions: &[
            Versions { since: (0, 10, 0), windows: UNTIL_2004 },
            Versions { since: (1, 8, 0), windows: ALL_UNTIL_2022 },
            Versions { since: (1, 10, 0), windows: OF_20H2_AND_2022 },
            Versions { since: (1, 28, 0), windows: OF_2022 },
        ],
        last: (1, 34, u32::MAX),
    },
    // kubernetes-sigs/azurefile-csi-driver: the same.
    Image {
        repositories: &[
            "mcr.microsoft.com/oss/v2/kubernetes-csi/azurefile-csi",
            "mcr.microsoft.com/oss/kubernetes-csi/azurefile-csi",
            "mcr.microsoft.com/k8s/csi/azurefile-csi",
        ],
        versions: &[
            Versions { since: (0, 10, 0), windows: UNTIL_2004 },
            Versions { since: (1, 7, 0), windows: ALL_UNTIL_2022 },
            Versions { since: (1, 9, 0), windows: OF_20H2_AND_2022 },
            Versions { since: (1, 26, 2), windows: OF_2022 },
        ],
        last: (1, 35, u32::MAX),
    },
    // kubernetes-sigs/secrets-store-csi-driver: the same.
    Image {
        repositories: &["registry.k8s.io/csi-secrets-store/driver", "k8s.gcr.io/csi-secrets-store/driver"],
        versions: &[
            Versions { since: (0, 0, 20), windows: UNTIL_2004 },
            Versions { since: (1, 0, 0), windows: &[B2022, B2004, B1909, B1903, B1809] },
            Versions { since: (1, 4, 0), windows: OF_2022 },
            Versions { since: (1, 5, 0), windows: &[B2025, B2022, B1809] },
        ],
        last: (1, 6, u32::MAX),
    },
    // Azure/secrets-store-csi-driver-provider-azure: the same.
    Image {
        repositories: &[
            "mcr.microsoft.com/oss/v2/azure/secrets-store/provider-azure",
            "mcr.microsoft.com/oss/azure/secrets-store/provider-azure",
        ],
        versions: &[
            Versions { since: (0, 0, 12), windows: UNTIL_2004 },
            Versions { since: (1, 0, 0), windows: &[B2022, B2004, B1909, B1903, B1809] },
            Versions { since: (1, 5, 0), windows: OF_2022 },
            Versions { since: (1, 7, 0), windows: &[B2025, B2022, B1809] },
        ],
        last: (1, 8, u32::MAX),
    },
    // kubernetes-sigs/cloud-provider-azure: the same, from 1.23.0 on without a change.
    Image {
        repositories: &[
            "mcr.microsoft.com/oss/v2/kubernetes/azure-cloud-node-manager",
            "mcr.microsoft.com/oss/kubernetes/azure-cloud-node-manager",
        ],
        versions: &[Versions { since: (1, 23, 0), windows: &[B2022, B20H2, B2004, B1809] }],
        last: (1, 36, u32::MAX),
    },
];

/// Images of kubernetes-csi/external-provisioner, -attacher, -resizer and -snapshotter: no tag of theirs has a
/// Dockerfile.Windows.
const LINUX_ONLY: [&str; 5] =
    ["csi-provisioner", "csi-attacher", "csi-resizer", "csi-snapshotter", "snapshot-controller"];

/// What is known of an image by its name, if it is one of these.
pub(super) fn identify(parts: &Parts<'_>) -> Option<Identity> {
    let registry = parts.registry()?.to_ascii_lowercase();
    let name = format!("{registry}/{}", parts.repository());
    let known = || Identity { proof: Proof::Known, ..unknown(parts) };
    let sig_storage = ["registry.k8s.io/sig-storage/", "k8s.gcr.io/sig-storage/"];
    if sig_storage.iter().any(|it| name.strip_prefix(it).is_some_and(|name| LINUX_ONLY.contains(&name))) {
        return Some(Identity { os: Some(Os::Linux), ..known() });
    }
    let image = IMAGES.iter().find(|image| image.repositories.contains(&name.as_str()))?;
    let tag = whole_tag(parts)?;
    if let Some(version) = tag.strip_suffix("-windows-hp") {
        // Built on the base of HostProcess images, which carries no OS version.
        version_of(version)?;
        return Some(Identity { os: Some(Os::Windows), fits_every_build: true, ..known() });
    }
    let version = version_of(tag).filter(|version| *version <= image.last)?;
    let versions = image.versions.iter().rev().find(|versions| versions.since <= version)?;
    Some(Identity { variants: Some(Variants { windows: versions.windows.into(), linux: true }), ..known() })
}

/// `v2.11.0`, `2.11.0`.
fn version_of(tag: &str) -> Option<Version> {
    let mut numbers = tag.strip_prefix('v').unwrap_or(tag).split('.');
    let version = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    numbers.next().is_none().then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::image::reference;

    fn identity(value: &str) -> Option<Identity> {
        identify(&Parts { value, reference: reference::parse(value) })
    }

    #[test]
    fn a_version_has_the_variants_that_its_build_configuration_names() {
        let table: [(&str, Option<&[u16]>); 24] = [
            ("registry.k8s.io/sig-storage/livenessprobe:v2.12.0", Some(&[20348, 17763])),
            ("k8s.gcr.io/sig-storage/livenessprobe:v2.6.0", Some(&[20348, 19042, 19041, 18363, 17763])),
            ("registry.k8s.io/sig-storage/livenessprobe:v2.3.0", None),
            ("registry.k8s.io/sig-storage/livenessprobe:v2.20.0", None),
            ("registry.k8s.io/sig-storage/livenessprobe:canary", None),
            ("registry.k8s.io/sig-storage/livenessprobe", None),
            ("registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.8.0", Some(&[20348, 19042, 17763])),
            ("registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.10.1", Some(&[20348, 17763])),
            ("registry.k8s.io/sig-storage/smbplugin:v1.17.0", Some(&[20348, 17763])),
            ("mcr.microsoft.com/oss/kubernetes-csi/azurefile-csi:v1.26.1", Some(&[20348, 19042, 17763])),
            ("mcr.microsoft.com/oss/v2/kubernetes-csi/azurefile-csi:v1.33.2", Some(&[20348, 17763])),
            ("mcr.microsoft.com/oss/kubernetes-csi/livenessprobe:v2.15.0", Some(&[20348, 17763])),
            ("mcr.microsoft.com/oss/kubernetes-csi/livenessprobe:v2.16.0", None),
            ("mcr.microsoft.com/oss/v2/kubernetes-csi/livenessprobe:v2.17.0", Some(&[20348, 17763])),
            ("mcr.microsoft.com/oss/kubernetes-csi/csi-node-driver-registrar:v2.8.0", Some(&[20348, 17763])),
            ("mcr.microsoft.com/oss/kubernetes-csi/csi-node-driver-registrar:v2.3.0", None),
            ("mcr.microsoft.com/oss/v2/kubernetes-csi/csi-node-driver-registrar:v2.16.0", None),
            ("mcr.microsoft.com/oss/v3/kubernetes-csi/livenessprobe:v2.12.0", None),
            ("mcr.microsoft.com/k8s/csi/smb-csi:v0.3.0", Some(&[17763])),
            ("mcr.microsoft.com/k8s/csi/smb-csi:v1.2.0", Some(&[19041, 18363, 18362, 17763])),
            ("mcr.microsoft.com/k8s/csi/smb-csi:v1.4.0", None),
            ("registry.k8s.io/csi-secrets-store/driver:v1.5.4", Some(&[26100, 20348, 17763])),
            ("registry.contoso.com/sig-storage/livenessprobe:v2.12.0", None),
            ("livenessprobe:v2.12.0", None),
        ];
        for (value, builds) in table {
            let variants = identity(value).and_then(|identity| identity.variants);
            let builds = builds.map(|builds| (builds.to_vec(), true));
            let found = variants.map(|it| (it.windows.iter().map(|version| version.build.0).collect(), it.linux));
            assert_eq!(found, builds, "{value}");
        }
    }

    #[test]
    fn the_others_are_linux_or_for_host_process() {
        let provisioner = identity("registry.k8s.io/sig-storage/csi-provisioner:v5.0.1").unwrap();
        assert_eq!((provisioner.os, provisioner.variants), (Some(Os::Linux), None));
        let host_process =
            identity("mcr.microsoft.com/oss/v2/kubernetes-csi/azuredisk-csi:v1.33.0-windows-hp").unwrap();
        assert_eq!((host_process.os, host_process.fits_every_build), (Some(Os::Windows), true));
    }
}
