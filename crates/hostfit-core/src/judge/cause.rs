//! The one cause of a failure: one cause, one finding.

use super::{
    case::Case,
    outcome::Reason,
    table::{Cause, Place},
};
use crate::{
    model::{Orchestrator, Placement, Workload},
    placement::{Allowed, kubernetes::HOSTNAME},
    windows::compat::Verdict,
};

/// The cases of a workload by where they are: on hosts of one class, or one build that the placement names.
pub(super) type ByClass = Vec<Vec<Case>>;

/// The cause, and what may fail, on other hosts too than those where something does for certain.
pub(super) fn of(places: &[Place], workload: &Workload, on_hosts: ByClass, on_named: ByClass) -> (Cause, Vec<Case>) {
    let names_only_misfits = !on_named.is_empty() && on_named.iter().all(|cases| cases.iter().any(Case::misfits));
    // Where nothing declared is surely allowed, the builds that the placement names speak for the hosts it means.
    let decisive = if on_hosts.is_empty() { on_named } else { on_hosts };
    let all_fail = decisive.iter().all(|cases| cases.iter().any(Case::fails));
    // What the runtime alone refuses runs on the same host with another runtime: no placement is to blame.
    let (refused, others): (Vec<_>, Vec<_>) =
        decisive.into_iter().flatten().partition(|case| case.outcome.reason == Reason::RuntimeRefuses);
    let (mut fails, others): (Vec<_>, Vec<_>) = others.into_iter().partition(Case::fails);
    let nothing_schedules = workload.orchestrator == Orchestrator::Docker;
    let cause = match () {
        () if nothing_schedules && !fails.is_empty() => Cause::Image(fails),
        () if nothing_schedules => Cause::None,
        () if fails.iter().any(Case::is_isolation) => {
            fails.retain(Case::is_isolation);
            Cause::Image(fails)
        }
        () if !fails.is_empty() && all_fail && names_only_misfits => Cause::Placement(fails),
        () if excluded_everywhere(places) => match taints_alone_exclude(places) {
            _ if names_undeclared_node(places, workload) => Cause::None,
            true => Cause::Untolerated,
            false => Cause::Unschedulable,
        },
        () if !fails.is_empty() && all_fail => Cause::Image(fails),
        () if !fails.is_empty() => Cause::MissingPin(fails),
        () => Cause::None,
    };
    let may_fail = others.into_iter().filter(|case| case.outcome.verdict == Verdict::Risk);
    let risks = may_fail.chain(refused).collect();
    (cause, risks)
}

/// Whether the placement asks for a node by a name that the fleet does not have. Names of hosts are free, so that any of
/// them may be meant.
fn names_undeclared_node(places: &[Place], workload: &Workload) -> bool {
    let Placement::Kubernetes(pod) = &workload.placement else { return false };
    let declared = |name: &str| {
        places.iter().any(|place| {
            let mut labels = place.host.labels.iter();
            place.host.name == name || labels.any(|(key, value)| key == HOSTNAME && value == name)
        })
    };
    let mut names = pod.node_names().peekable();
    names.peek().is_some() && !names.any(declared)
}

fn excluded_everywhere(places: &[Place]) -> bool {
    !places.is_empty() && places.iter().all(Place::is_excluded)
}

/// Taints are looked at last, so that a host which is excluded by one is excluded by nothing else.
fn taints_alone_exclude(places: &[Place]) -> bool {
    places.iter().any(|place| matches!(place.allowed, Allowed::No(why) if why.taint))
}
