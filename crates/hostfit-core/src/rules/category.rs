//! What rules have in common: the part of a deployment that they look at, whether they have fixes, whether they need hosts.

use crate::rule::Rule;

/// The part of a deployment that a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Names and tags of images.
    Images,
    /// Whether images fit the hosts and their isolation.
    Hosts,
    /// Where Kubernetes schedules pods.
    Kubernetes,
    /// Where Swarm schedules services.
    Swarm,
    /// What Compose runs on one engine.
    Compose,
    /// Where any orchestrator schedules.
    Placement,
    /// What a Dockerfile builds.
    Builds,
    /// The files themselves.
    Files,
}

impl Category {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Images,
        Self::Hosts,
        Self::Kubernetes,
        Self::Swarm,
        Self::Compose,
        Self::Placement,
        Self::Builds,
        Self::Files,
    ];

    /// Its name in lists of rules.
    pub fn name(self) -> &'static str {
        match self {
            Self::Images => "image references",
            Self::Hosts => "isolation and hosts",
            Self::Kubernetes => "placement: Kubernetes",
            Self::Swarm => "placement: Swarm",
            Self::Compose => "placement: Compose",
            Self::Placement => "placement: all",
            Self::Builds => "Dockerfile builds",
            Self::Files => "files",
        }
    }

    /// The ids of its rules.
    fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Images => &[
                "unpublished-latest",
                "retired-repository",
                "invalid-repository",
                "tag-release-mismatch",
                "insider-image",
                "unknown-tag",
                "retired-tag",
                "unsupported-release",
                "host-dependent-tag",
                "no-windows-variant",
                "floating-revision",
                "undeclared-image-os",
            ],
            Self::Hosts => &[
                "build-mismatch",
                "image-newer-than-host",
                "revision-mismatch",
                "hyperv-unsupported",
                "process-on-client",
                "runtime-refuses-image",
                "unsupported-host",
                "engine-refuses-host",
                "invalid-isolation",
                "isolation-conflict",
                "invalid-daemon-config",
            ],
            Self::Kubernetes => &[
                "missing-os-selector",
                "missing-build-selector",
                "deprecated-node-label",
                "unset-node-label",
                "os-field-mismatch",
                "linux-field-on-windows",
                "invalid-host-process",
                "invalid-selector-value",
                "invalid-toleration",
                "placement-image-mismatch",
                "overpinned-build",
                "missing-toleration",
                "linux-pod-unpinned",
                "eks-selector-in-affinity",
            ],
            Self::Swarm => &["missing-swarm-constraint", "invalid-constraint", "unset-constraint-label"],
            Self::Compose => &["mixed-os-project"],
            Self::Placement => &["unschedulable"],
            Self::Builds => &[
                "mixed-stage-builds",
                "platform-mismatch",
                "missing-in-nanoserver",
                "eaten-backslash",
                "exec-form-not-json",
            ],
            Self::Files => &["syntax-error", "unused-ignore"],
        }
    }
}

/// The rules of which no finding has a fix.
const WITHOUT_FIX: &[&str] = &[
    "tag-release-mismatch",
    "floating-revision",
    "undeclared-image-os",
    "runtime-refuses-image",
    "unsupported-host",
    "engine-refuses-host",
    "overpinned-build",
    "mixed-os-project",
    "mixed-stage-builds",
    "missing-in-nanoserver",
    "syntax-error",
];

/// The rules that find nothing where no host is declared.
const OF_FLEETS: &[&str] = &[
    "build-mismatch",
    "image-newer-than-host",
    "revision-mismatch",
    "process-on-client",
    "runtime-refuses-image",
    "unsupported-host",
    "engine-refuses-host",
    "overpinned-build",
    "missing-toleration",
    "linux-pod-unpinned",
    "unset-constraint-label",
    "unschedulable",
];

impl Rule {
    /// Returns its category; that of files for one that is in none.
    pub fn category(&self) -> Category {
        Category::ALL.into_iter().find(|it| it.rules().contains(&self.id)).unwrap_or(Category::Files)
    }

    /// Whether some of its findings have fixes.
    pub fn is_fixable(&self) -> bool {
        !WITHOUT_FIX.contains(&self.id)
    }

    /// Whether it finds nothing where no host is declared.
    pub fn needs_fleet(&self) -> bool {
        OF_FLEETS.contains(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn every_rule_is_in_one_category() {
        let listed: Vec<_> = Category::ALL.iter().flat_map(|category| category.rules()).copied().collect();
        let ids: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(listed.len(), ids.len());
        assert!(ids.iter().all(|id| listed.contains(id)), "{listed:?}");
        assert!(WITHOUT_FIX.iter().chain(OF_FLEETS).all(|id| ids.contains(id)));
    }
}
