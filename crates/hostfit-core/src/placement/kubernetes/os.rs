//! The operating system of the nodes that requirements on node labels leave.
//!
//! Sources: <https://kubernetes.io/docs/reference/labels-annotations-taints/>, the node label pages of AKS and GKE.

use super::{LabelUse, Operator, PodPlacement};
use crate::{source::Span, windows::Os};

/// A placement leaves only nodes of one operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OsStatement {
    /// Which.
    pub os: Os,
    /// The bytes that say so.
    pub span: Span,
    /// Whether the RuntimeClass says so.
    pub from_runtime_class: bool,
}

impl PodPlacement {
    /// Everything that leaves only nodes of one operating system. Node affinity does when all of its terms agree.
    pub fn os_statements(&self) -> Vec<OsStatement> {
        let state = |label: &LabelUse<'_>| {
            let (os, span) = label.os()?;
            Some(OsStatement { os, span, from_runtime_class: label.from_runtime_class })
        };
        let mut statements: Vec<_> =
            self.labels().filter(|label| !label.is_affinity()).filter_map(|label| state(&label)).collect();
        let first = self.labels().filter(LabelUse::is_affinity).find_map(|label| state(&label));
        if let Some(first) = first
            && self.every_term(|label| label.os().is_some_and(|(os, _)| os == first.os))
        {
            statements.push(first);
        }
        statements
    }

    /// Whether something leaves only nodes of `os`. `spec.os.name` does not: it schedules nothing.
    pub fn pins_os(&self, os: Os) -> bool {
        self.os_statements().iter().any(|statement| statement.os == os)
    }
}

impl LabelUse<'_> {
    /// Whether nodes that satisfy it may all be of one Windows build. Anybody's own label may be a pool of equal
    /// machines; labels of Kubernetes that say where a node is, or which kind of machine, are not.
    pub fn may_tell_builds_apart(&self) -> bool {
        const ABOUT_SOMETHING_ELSE: [&str; 7] = [
            "kubernetes.io/os",
            "beta.kubernetes.io/os",
            "kubernetes.io/arch",
            "beta.kubernetes.io/arch",
            "node.kubernetes.io/instance-type",
            "beta.kubernetes.io/instance-type",
            "kubernetes.azure.com/mode",
        ];
        let key = self.key.value.as_str();
        let on_every_windows_node = key == "node.kubernetes.io/windows-build"
            && matches!(self.operator, Operator::Exists | Operator::DoesNotExist);
        let of_place = ["topology.kubernetes.io/", "failure-domain.beta.kubernetes.io/", "node-role.kubernetes.io/"];
        !on_every_windows_node
            && !ABOUT_SOMETHING_ELSE.contains(&key)
            && !of_place.iter().any(|prefix| key.starts_with(prefix))
    }

    /// The operating system of the nodes that satisfy it, where that is one, and the bytes that decide.
    pub fn os(&self) -> Option<(Os, Span)> {
        let by_value: fn(&str) -> Option<Os> = match self.key.known()? {
            "kubernetes.io/os" | "beta.kubernetes.io/os" => by_os_name,
            "kubernetes.azure.com/os-sku"
            | "kubernetes.azure.com/os-sku-effective"
            | "kubernetes.azure.com/os-sku-requested" => by_aks_sku,
            "kubernetes.azure.com/node-image-version" => by_aks_image,
            "cloud.google.com/gke-os-distribution" => by_gke_distribution,
            // Only Windows nodes carry these.
            "node.kubernetes.io/windows-build"
            | "beta.kubernetes.io/osbuild"
            | "kubernetes.io/osbuild"
            | "cloud.google.com/gke-windows-os-version" => {
                let positive = matches!(self.operator, Operator::In | Operator::Exists | Operator::Gt | Operator::Lt);
                return positive.then_some((Os::Windows, self.span()));
            }
            _ => return None,
        };
        let mut all = self.values.iter().map(|value| value.text.known().and_then(by_value));
        let first = all.next()??;
        if !all.all(|os| os == Some(first)) {
            return None;
        }
        match self.operator {
            Operator::In => Some((first, self.span())),
            // Every node is one or the other, so whoever refuses the one wants the other.
            Operator::NotIn if matches!(self.key.known(), Some("kubernetes.io/os" | "beta.kubernetes.io/os")) => {
                let other = if first == Os::Windows { Os::Linux } else { Os::Windows };
                Some((other, self.span()))
            }
            _ => None,
        }
    }
}

/// The scheduler compares exactly; what is meant by `Windows` is plain nevertheless.
fn by_os_name(value: &str) -> Option<Os> {
    if value.eq_ignore_ascii_case("windows") {
        Some(Os::Windows)
    } else if value.eq_ignore_ascii_case("linux") {
        Some(Os::Linux)
    } else {
        None
    }
}

fn by_aks_sku(value: &str) -> Option<Os> {
    const LINUX: [&str; 5] = ["AzureLinux", "Ubuntu", "CBLMariner", "Mariner", "Flatcar"];
    if starts_with(value, "Windows") {
        Some(Os::Windows)
    } else {
        LINUX.iter().any(|name| starts_with(value, name)).then_some(Os::Linux)
    }
}

fn by_aks_image(value: &str) -> Option<Os> {
    if starts_with(value, "AKSWindows") {
        Some(Os::Windows)
    } else {
        (starts_with(value, "AKSUbuntu") || starts_with(value, "AKSAzureLinux")).then_some(Os::Linux)
    }
}

fn by_gke_distribution(value: &str) -> Option<Os> {
    match value {
        "cos" | "ubuntu" => Some(Os::Linux),
        _ => starts_with(value, "windows").then_some(Os::Windows),
    }
}

fn starts_with(value: &str, prefix: &str) -> bool {
    value.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}
