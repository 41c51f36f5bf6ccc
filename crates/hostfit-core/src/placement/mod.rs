//! Which hosts a workload may land on, decided as the real schedulers decide it.
//!
//! Only this module knows how schedulers match.

pub mod kubernetes;
pub mod swarm;

use crate::{
    fleet::Host,
    model::{Placement, Workload},
    source::Span,
};

/// Whether a workload may land on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It may.
    Yes,
    /// Never, because of this.
    No(Exclusion),
    /// It depends on what the files do not tell, at the span.
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

/// Whether `workload` may land on `host`. The host's orchestrator is not looked at.
pub fn allows(workload: &Workload, host: &Host) -> Allowed {
    match &workload.placement {
        Placement::Kubernetes(pod) => kubernetes::allows(pod, host),
        Placement::Swarm(service) => swarm::allows(service, host),
        Placement::Anywhere => Allowed::Yes,
    }
}
