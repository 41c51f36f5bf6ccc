use std::ops::Range;

use super::{fixes::Fix, rule};
use crate::{
    finding::Message,
    fleet::Host,
    judge::Judgement,
    model::{Placement, Workload},
    placement::swarm::{Constraint, Subject, SwarmPlacement},
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// Whether a declared Swarm node has the label that a constraint asks for. Names of labels are case-sensitive:
    /// `node.labels.os` is not `node.labels.OS`.
    ///
    /// ## Why it matters
    /// The service stays pending with `no suitable node (scheduling constraints not satisfied on 3 nodes)`.
    ///
    /// ## Example
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
    /// ## Fix
    /// Write the label as the nodes have it, or add it to them: `docker node update --label-add OS=windows NODE`.
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
    /// ## Sources
    /// - <https://docs.docker.com/reference/cli/docker/service/create/#constraint>
    id: "unset-constraint-label",
    summary: "a constraint asks for a label that no declared Swarm node has",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Swarm(service) = &workload.placement else { return };
    for Fault { constraint, key_at, instead, mut message } in faults(service, judgement) {
        let title = || message.help.clone().unwrap_or_default();
        let fix = instead.and_then(|(at, right)| Fix::new(title()).write(cx, &constraint.text, at, &right));
        message.help = message.help.filter(|_| fix.is_none());
        let finding = cx.report(constraint.text.locate(key_at), message);
        finding.workload(workload.whole());
        if let Some(fix) = fix {
            fix.give(finding);
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
    message: Message,
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
        let (node, engine) = (("Swarm node", "node"), ("engine of a Swarm node", "engine"));
        let ((whose, scope), (_, other_scope)) = if is_of_node { (node, engine) } else { (engine, node) };
        let message = Message::new(format!("no declared {whose} has the label `{label}`"))
            .note("the service stays pending with `no suitable node`");
        let (instead, message) = if let Some(name) = nearest {
            let at = key_at.end.saturating_sub(name.len())..key_at.end;
            let message = message.label(format!("differs from `{name}` in letter case"));
            (Some((at, name.to_owned())), message.help(format!("write `{scope}.labels.{name}`")))
        } else if other.contains(&label) {
            let right = format!("{other_scope}.labels.{label}");
            let message =
                message.label(format!("this label is on the {other_scope}s")).help(format!("write `{right}`"));
            (Some((key_at.clone(), right)), message)
        } else if is_of_node {
            let help = format!("add it to the nodes: `docker node update --label-add {label}={value} NODE`");
            (None, message.help(help))
        } else {
            let help = format!(
                "add `\"labels\": [\"{label}={value}\"]` to the daemon.json of the hosts, and restart their engines"
            );
            (None, message.help(help))
        };
        Some(Fault { constraint, key_at, instead, message })
    })
}
