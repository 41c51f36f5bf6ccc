//! Platforms that bring hosts, and when each stops to support a release of Windows before Microsoft does.

use super::{Build, Date};

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
        RETIREMENTS.iter().find(|it| it.platform == self && it.build == build)
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
}

/// Only dates that the platform has announced. Read 2026-11-27.
///
/// Sources: <https://github.com/Azure/AKS/issues/4091> and <https://github.com/Azure/AKS/issues/4268> (Windows Server 2019),
/// <https://github.com/Azure/AKS/issues/5608> (Annual Channel), <https://github.com/Azure/AKS/issues/4168> and
/// <https://github.com/Azure/AKS/issues/4447> (Windows Server 2022).
const RETIREMENTS: &[Retirement] = &[
    Retirement {
        platform: Platform::Aks,
        build: Build(17763),
        end: day(2026, 3, 1),
        images_deleted: Some(day(2027, 4, 1)),
    },
    Retirement {
        platform: Platform::Aks,
        build: Build(25398),
        end: day(2026, 5, 15),
        images_deleted: Some(day(2027, 5, 15)),
    },
    Retirement { platform: Platform::Aks, build: Build(20348), end: day(2028, 6, 30), images_deleted: None },
];

const fn day(year: u16, month: u8, day: u8) -> Date {
    Date { year, month, day }
}
