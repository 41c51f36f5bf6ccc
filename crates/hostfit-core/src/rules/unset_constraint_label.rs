use std::ops::Range;

use super::{mend::Fix, rule};
use crate::{
    judge::Judgement,
    model::{Placement, Workload},
    placement::swarm::{Constraint, Subject, SwarmPlacement},
    rule::Cx,
};

rule! {
    /// No declared Swarm node carries this label. Letter case counts in label names: `node.labels.os` is not
    /// `node.labels.OS`.
    ///
    /// At run time the service stays pending: `no suitable node (scheduling constraints not satisfied on 3 nodes)`.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "swarm"
    /// labels = { OS = "windows" }
    /// ```
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     deploy:
    ///       placement:
    ///         constraints:
    ///         - node.labels.os == windows
    /// #         ^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     deploy:
    ///       placement:
    ///         constraints:
    ///         - node.labels.OS == windows
    /// ```
    ///
    /// ## How to fix it
    /// Write the label as the nodes carry it, or put it on them: `docker node update --label-add OS=windows NODE`.
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/cli/docker/service/create/#constraint>
    id: "unset-constraint-label",
    summary: "a constraint on a label that no declared Swarm node carries",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Swarm(service) = &workload.placement else { return };
    for (constraint, key_at, nearest, message) in faults(service, judgement) {
        let label_at = nearest.map(|name| (key_at.end.saturating_sub(name.len())..key_at.end, name));
        let mend =
            label_at.and_then(|(at, name)| Fix::new(format!("write `{name}`")).write(cx, &constraint.text, at, name));
        let finding = cx.report(constraint.text.locate(key_at), message);
        finding.workload(workload.whole());
        if let Some(mend) = mend {
            mend.give(finding);
        }
    }
}

/// Each constraint on a label that no declared host carries: its key, the label that differs from it in letter case
/// only, and what to do about it.
pub(super) fn faults<'p>(
    service: &'p SwarmPlacement,
    judgement: &Judgement<'p>,
) -> impl Iterator<Item = (&'p Constraint, Range<usize>, Option<&'p str>, String)> {
    let declared = judgement.has_hosts();
    service.constraints.iter().filter(move |_| declared).filter_map(|constraint| {
        let expression = constraint.parsed.as_ref().ok().filter(|it| it.equal)?;
        let hosts = judgement.classes().map(|place| place.host);
        let (label, own): (_, Vec<_>) = match expression.subject() {
            Subject::NodeLabel(label) => (label, hosts.flat_map(|host| &host.labels).collect()),
            Subject::EngineLabel(label) => (label, hosts.flat_map(|host| &host.engine_labels).collect()),
            _ => return None,
        };
        let own: Vec<_> = own.into_iter().map(|(name, _)| name.as_str()).collect();
        if own.contains(&label) {
            return None;
        }
        let nearest = own.iter().copied().find(|name| name.eq_ignore_ascii_case(label));
        let hint = match nearest {
            Some(name) => format!("letter case counts, the label is `{name}`"),
            None => format!("put it on the nodes with `docker node update --label-add {label}={} NODE`", expression.value),
        };
        let message = format!(
            "no declared Swarm node carries the label `{label}`: the service stays pending with `no suitable node`; {hint}"
        );
        Some((constraint, expression.key_at.clone(), nearest, message))
    })
}
