//! Whether a workload is placed on a host, in words.

use std::borrow::Cow;

use crate::{
    fleet::{Host, Orchestrator},
    judge::{Outcome, Reason},
    model::{Placement, Workload},
    placement::Allowed,
    source::Span,
};

/// Whether a workload is placed on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lands {
    /// It may be.
    Maybe,
    /// Its placement keeps it off.
    Never,
    /// Another orchestrator places containers there, or other files are deployed there.
    Elsewhere,
    /// It depends on what the files do not say.
    Unknown,
}

/// Whether a workload is placed on a host, and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Placed {
    /// Whether it is.
    pub lands: Lands,
    /// Why, in one sentence without a full stop.
    pub why: Cow<'static, str>,
    /// The bytes that say so, where any do.
    pub span: Option<Span>,
}

impl Placed {
    /// Of a workload in a file that is judged against other fleets.
    pub(super) fn in_another_fleet() -> Self {
        Self { lands: Lands::Elsewhere, why: "its file is deployed to another fleet".into(), span: None }
    }

    /// Of a Dockerfile that is judged against other fleets.
    pub(super) fn judged_in_another_fleet() -> Self {
        Self { lands: Lands::Elsewhere, why: "its file is judged against another fleet".into(), span: None }
    }

    /// Nothing places it, so a Linux image is not reported on Windows hosts.
    pub(super) fn of_final_stage(outcome: Option<Outcome>, host: &Host) -> Self {
        let is_other = outcome.is_some_and(|outcome| outcome.reason == Reason::OtherOs);
        let (lands, why) = match (is_other, host.windows()) {
            (false, _) => (Lands::Maybe, "nothing in the files places it, so that any host may be meant"),
            (true, None) => (Lands::Never, "nothing places it, and a Windows image is not meant for a Linux host"),
            (true, Some(_)) => (Lands::Never, "nothing places it, and a Linux image is not meant for a Windows host"),
        };
        Self { lands, why: why.into(), span: None }
    }

    /// On a host that its orchestrator does not manage.
    pub(super) fn elsewhere(workload: &Workload, host: &Host) -> Self {
        let why = match host.orchestrator {
            Some(own) => {
                format!("the host is {}, and this is {}", host_of(own), workload_of(workload.orchestrator)).into()
            }
            None => "it is not judged against this host".into(),
        };
        Self { lands: Lands::Elsewhere, why, span: None }
    }

    /// On a host of its orchestrator, as its placement has it.
    pub(super) fn of_workload(workload: &Workload, allowed: &Allowed) -> Self {
        match allowed {
            Allowed::Yes => Self {
                lands: Lands::Maybe,
                why: left_by(&workload.placement).into(),
                span: workload.placement.anchor(),
            },
            Allowed::No(exclusion) => Self {
                lands: Lands::Never,
                why: format!("{} keeps it off", exclusion.why).into(),
                span: exclusion.span,
            },
            Allowed::Unknown(span) => {
                Self { lands: Lands::Unknown, why: doubt(&workload.placement, *span), span: Some(*span) }
            }
        }
    }
}

fn host_of(orchestrator: Orchestrator) -> &'static str {
    match orchestrator {
        Orchestrator::Kubernetes => "a Kubernetes node",
        Orchestrator::Swarm => "a Swarm node",
        Orchestrator::Docker => "a plain Docker host",
    }
}

fn workload_of(orchestrator: Orchestrator) -> &'static str {
    match orchestrator {
        Orchestrator::Kubernetes => "a pod",
        Orchestrator::Swarm => "a service of a stack",
        Orchestrator::Docker => "a Compose service",
    }
}

fn left_by(placement: &Placement) -> &'static str {
    match placement {
        Placement::Kubernetes(pod) if pod.selector_key.is_some() => "its nodeSelector allows this host",
        Placement::Kubernetes(pod) if pod.affinity_key.is_some() => "its affinity allows this host",
        Placement::Swarm(service) if service.constraints_key.is_some() => "its constraints allow this host",
        Placement::Kubernetes(_) | Placement::Swarm(_) => "nothing keeps it off this host",
        Placement::Anywhere => "nothing schedules it: it runs on whichever Docker host it is started on",
    }
}

fn doubt(placement: &Placement, span: Span) -> Cow<'static, str> {
    match placement {
        Placement::Kubernetes(pod) => match &pod.runtime_class {
            Some((class, false)) if class.span == span => {
                format!("RuntimeClass {} has a say in its placement and is in none of the files", class.value).into()
            }
            _ => "its placement depends on what the files do not say".into(),
        },
        Placement::Swarm(_) | Placement::Anywhere => "its placement depends on what the fleet does not say".into(),
    }
}
