use std::ops::Range;

use super::{mend::Fix, rule};
use crate::{
    fleet::Host,
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
    for Fault { constraint, key_at, instead, message } in faults(service, judgement) {
        let mend =
            instead.and_then(|(at, name)| Fix::new(format!("write `{name}`")).write(cx, &constraint.text, at, &name));
        let finding = cx.report(constraint.text.locate(key_at), message);
        finding.workload(workload.whole());
        if let Some(mend) = mend {
            mend.give(finding);
        }
    }
}

/// A constraint on a label that no declared host carries.
pub(super) struct Fault<'p> {
    constraint: &'p Constraint,
    /// The bytes of its key.
    key_at: Range<usize>,
    /// What to write in place of which bytes, if a label that hosts carry is meant.
    instead: Option<(Range<usize>, String)>,
    /// What is wrong, and what to do about it.
    message: String,
}

/// Each constraint on a label that no declared host carries.
pub(super) fn faults<'p>(service: &'p SwarmPlacement, judgement: &Judgement<'p>) -> impl Iterator<Item = Fault<'p>> {
    let declared = judgement.has_hosts();
    service.constraints.iter().filter(move |_| declared).filter_map(|constraint| {
        let expression = constraint.parsed.as_ref().ok().filter(|it| it.equal)?;
        let (label, is_of_node) = match expression.subject() {
            Subject::NodeLabel(label) => (label, true),
            Subject::EngineLabel(label) => (label, false),
            _ => return None,
        };
        let names = |of: fn(&Host) -> &[(String, String)]| -> Vec<&str> {
            let labels = judgement.classes().flat_map(|place| of(place.host));
            labels.map(|(name, _)| name.as_str()).collect()
        };
        let (of_nodes, of_engines) = (names(|host| &host.labels), names(|host| &host.engine_labels));
        let (own, other) = if is_of_node { (of_nodes, of_engines) } else { (of_engines, of_nodes) };
        if own.contains(&label) {
            return None;
        }
        let (key_at, value) = (expression.key_at.clone(), &expression.value);
        let nearest = own.iter().copied().find(|name| name.eq_ignore_ascii_case(label));
        let (instead, hint) = if let Some(name) = nearest {
            let at = key_at.end.saturating_sub(name.len())..key_at.end;
            (Some((at, name.to_owned())), format!("letter case counts, the label is `{name}`"))
        } else if other.contains(&label) {
            let (whose, key) = if is_of_node { ("engines", "engine") } else { ("nodes", "node") };
            let right = format!("{key}.labels.{label}");
            let hint = format!("it is a label of the {whose}: write `{right}`");
            (Some((key_at.clone(), right)), hint)
        } else if is_of_node {
            (None, format!("put it on the nodes with `docker node update --label-add {label}={value} NODE`"))
        } else {
            (
                None,
                format!(
                    "add `\"labels\": [\"{label}={value}\"]` to daemon.json of the hosts, and restart their engines"
                ),
            )
        };
        let whose = if is_of_node { "Swarm node" } else { "engine of a Swarm node" };
        let message = format!(
            "no declared {whose} carries the label `{label}`: the service stays pending with `no suitable node`; {hint}"
        );
        Some(Fault { constraint, key_at, instead, message })
    })
}
