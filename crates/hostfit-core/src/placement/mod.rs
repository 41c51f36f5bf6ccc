//! Which hosts a workload may land on, decided as the real schedulers decide it.
//!
//! Only this module knows how schedulers match.

mod asked;
pub mod kubernetes;
pub mod swarm;

use std::sync::Arc;

pub(crate) use asked::Asked;

use self::{kubernetes::PodPlacement, swarm::SwarmPlacement};
use crate::{fleet::Host, source::Span};

/// Where a workload may run.
#[derive(Clone, Debug)]
pub enum Placement {
    /// By the Kubernetes scheduler.
    Kubernetes(Arc<PodPlacement>),
    /// By Swarm's.
    Swarm(SwarmPlacement),
    /// On every Docker host.
    Anywhere,
}

impl Placement {
    /// The key of the file that a finding about a missing pin stands on, where there is one.
    pub fn anchor(&self) -> Option<Span> {
        match self {
            Self::Kubernetes(pod) => pod.anchor(),
            Self::Swarm(service) => service.constraints_key,
            Self::Anywhere => None,
        }
    }

    /// The placement without the requirements of which one of these bytes is a value.
    #[must_use]
    pub fn without(&self, values: &[Span]) -> Self {
        match self {
            Self::Kubernetes(pod) => Self::Kubernetes(Arc::new(pod.without(values))),
            Self::Swarm(service) => {
                let mut service = service.clone();
                service.constraints.retain(|it| !it.value_place().is_some_and(|place| values.contains(&place)));
                Self::Swarm(service)
            }
            Self::Anywhere => Self::Anywhere,
        }
    }

    /// Whether a RuntimeClass that is in none of the files takes part: it may bring labels, tolerations, and a
    /// handler with another isolation.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Kubernetes(pod) if pod.runtime_class.as_ref().is_some_and(|(_, found)| !found))
    }
}

/// Whether a workload may land on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It may.
    Yes,
    /// Never, because of this.
    No(Exclusion),
    /// It depends on what the files do not say, at the span.
    Unknown(Span),
}

/// What keeps a workload off a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// In words, ready for a message: `nodeSelector kubernetes.io/os=windows`, `taint os=windows:NoSchedule`.
    pub why: String,
    /// The bytes that exclude it; none for taints.
    pub span: Option<Span>,
    /// Whether it is a taint that the workload does not tolerate.
    pub taint: bool,
}

/// Whether a workload that is placed so may land on `host`. The host's orchestrator is not looked at.
pub fn allows(placement: &Placement, host: &Host) -> Allowed {
    match placement {
        Placement::Kubernetes(pod) => kubernetes::allows(pod, host),
        Placement::Swarm(service) => swarm::allows(service, host),
        Placement::Anywhere => Allowed::Yes,
    }
}
