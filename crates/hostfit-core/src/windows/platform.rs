//! Platforms that bring hosts, and when each stops to support a release of Windows before Microsoft does.

mod table;

use super::{Build, Date};
use table::TABLE;

/// Who runs the cluster or the machine image of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Platform {
    /// Azure Kubernetes Service.
    Aks,
    /// Amazon Elastic Kubernetes Service.
    Eks,
    /// Google Kubernetes Engine.
    Gke,
    /// Amazon Elastic Container Service.
    Ecs,
    /// Red Hat OpenShift.
    OpenShift,
}

impl Platform {
    /// `aks`: as fleet files call it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Aks => "aks",
            Self::Eks => "eks",
            Self::Gke => "gke",
            Self::Ecs => "ecs",
            Self::OpenShift => "openshift",
        }
    }

    /// `AKS`: as messages call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Aks => "AKS",
            Self::Eks => "EKS",
            Self::Gke => "GKE",
            Self::Ecs => "ECS",
            Self::OpenShift => "OpenShift",
        }
    }

    /// When it retires hosts of this build; none where no date is known.
    pub fn retirement(self, build: Build) -> Option<&'static Retirement> {
        TABLE.iter().find(|it| it.platform == self && it.build == build)
    }
}

/// That a platform retires a release of Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retirement {
    /// The platform.
    pub platform: Platform,
    /// The build of the release.
    pub build: Build,
    /// The last day on which it is supported there.
    pub end: Date,
    /// The day on which its node images are deleted, so that pools of it cannot be scaled any more.
    pub images_deleted: Option<Date>,
    /// `1.33`: the first version of Kubernetes with which it is not offered.
    pub not_offered_from: Option<&'static str>,
    /// The addresses of the announcements; never none.
    pub sources: &'static [&'static str],
}

/// The day on which the table was compared with its sources.
pub const TABLE_DATE: Date = table::CHECKED;

/// All that is known, platform by platform.
pub fn retirements() -> &'static [Retirement] {
    TABLE
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::windows::release::Releases;

    #[test]
    fn every_row_names_its_sources_and_a_known_release() {
        let releases = Releases::default();
        for row in retirements() {
            assert!(!row.sources.is_empty() && row.sources.iter().all(|it| it.starts_with("https://")), "{row:?}");
            assert!(releases.by_build(row.build).is_some(), "{row:?}");
            assert!(row.images_deleted.is_none_or(|day| day >= row.end), "{row:?}");
            assert_eq!(row.platform.retirement(row.build), Some(row), "two rows of one release");
        }
        assert!(releases.iter().all(|release| !release.host_sources.is_empty()));
    }
}
