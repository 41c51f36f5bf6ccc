//! `.Capabilities`: what Helm takes for granted of a cluster that it does not ask.

use crate::object::Capabilities;

/// The version of Kubernetes that charts are rendered for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeVersion {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Default for KubeVersion {
    /// That of Helm v4.2.
    fn default() -> Self {
        Self { major: 1, minor: 36, patch: 0 }
    }
}

impl KubeVersion {
    /// Reads `1.34`, `v1.34.2`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut number = || numbers.next().map(str::parse);
        let (major, minor) = (number()?.ok()?, number()?.ok()?);
        let patch = number().unwrap_or(Ok(0)).ok()?;
        Some(Self { major, minor, patch })
    }

    /// What templates see of it. `kinds` are those of the chart's own definitions.
    pub(super) fn capabilities(&self, kinds: Vec<String>) -> Capabilities {
        let known = API_VERSIONS.iter().map(|&it| it.to_owned());
        Capabilities {
            version: format!("v{}.{}.{}", self.major, self.minor, self.patch),
            major: self.major.to_string(),
            minor: self.minor.to_string(),
            api_versions: known.chain(kinds).collect(),
        }
    }
}

/// What `{{ .Capabilities.APIVersions }}` prints in Helm v4.2.3, for every `--kube-version`.
const API_VERSIONS: &[&str] = &[
    "v1",
    "admissionregistration.k8s.io/v1",
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "internal.apiserver.k8s.io/v1alpha1",
    "apps/v1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v1",
    "autoscaling/v2",
    "batch/v1",
    "batch/v1beta1",
    "certificates.k8s.io/v1",
    "certificates.k8s.io/v1beta1",
    "certificates.k8s.io/v1alpha1",
    "coordination.k8s.io/v1alpha2",
    "coordination.k8s.io/v1beta1",
    "coordination.k8s.io/v1",
    "discovery.k8s.io/v1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1",
    "node.k8s.io/v1alpha1",
    "node.k8s.io/v1beta1",
    "policy/v1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "resource.k8s.io/v1",
    "resource.k8s.io/v1beta2",
    "resource.k8s.io/v1beta1",
    "resource.k8s.io/v1alpha3",
    "scheduling.k8s.io/v1alpha2",
    "scheduling.k8s.io/v1beta1",
    "scheduling.k8s.io/v1",
    "storage.k8s.io/v1beta1",
    "storage.k8s.io/v1",
    "storage.k8s.io/v1alpha1",
    "storagemigration.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1",
];
