use std::ops::Range;

use super::{fixes::Fix, rule};
use crate::{
    finding::Message,
    judge::Judgement,
    model::{Placement, Workload},
    placement::swarm::{Constraint, ConstraintError, Expression, Subject, SwarmPlacement},
    rule::Cx,
    text::Text,
};

rule! {
    /// ## What it checks
    /// Whether Swarm accepts a placement constraint, and whether it can match a node. The operators are `==` and `!=`. Values
    /// are compared as a whole, so a glob never matches. An unknown key matches no node, without an error.
    ///
    /// ## Why it matters
    /// The deployment fails with `constraint expected one operator from ==, !=`, or the service stays pending with
    /// `no suitable node (scheduling constraints not satisfied on 3 nodes)`.
    ///
    /// ## Example
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     deploy:
    ///       placement:
    ///         constraints:
    ///         - node.labels.OsVersion = 10.0.20348
    /// #         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Write `==` or `!=`, the whole value, and one of these keys: `node.id`, `node.hostname`, `node.ip`, `node.role`,
    /// `node.platform.os`, `node.platform.arch`, `node.labels.NAME`, `engine.labels.NAME`.
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     deploy:
    ///       placement:
    ///         constraints:
    ///         - node.labels.OsVersion == 10.0.20348
    /// ```
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/cli/docker/service/create/#constraint>
    /// - <https://github.com/moby/swarmkit/blob/master/manager/constraint/constraint.go>
    id: "invalid-constraint",
    summary: "a Swarm constraint is invalid or cannot match any node",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Placement::Swarm(service) = &workload.placement else { return };
    for (constraint, range, mut message) in faults(service) {
        let fix = fix(constraint, cx);
        message.help = message.help.filter(|_| fix.is_none());
        let finding = cx.report(constraint.text.locate(range), message);
        finding.workload(workload.whole());
        if let Some(fix) = fix {
            fix.give(finding);
        }
    }
}

/// `==` for `=`, where that is all that is wrong.
fn fix(constraint: &Constraint, cx: &Cx) -> Option<Fix> {
    let Err(ConstraintError::Operator(Some(at))) = constraint.parsed else { return None };
    let whole = &constraint.text.value;
    let right = format!("{}=={}", whole.get(..at)?, whole.get(at + 1..)?);
    let parsed = Constraint::parse(Text::literal(right, constraint.text.span)).parsed.ok()?;
    let sound = never_matches(&parsed).is_none();
    sound.then(|| Fix::new("write `==`").write(cx, &constraint.text, at..at + 1, "=="))?
}

/// Each constraint that is rejected or matches no node, and what is wrong with it: the advice is for where no fix can be made.
pub(super) fn faults(service: &SwarmPlacement) -> impl Iterator<Item = (&Constraint, Range<usize>, Message)> {
    service.constraints.iter().filter_map(|constraint| {
        let whole = constraint.text.value.as_str();
        let rejected = |error: &str| format!("Swarm rejects the service with `{error}`");
        let message = match &constraint.parsed {
            Err(ConstraintError::Unresolved(_)) => return None,
            Err(ConstraintError::Operator(_)) => {
                Message::new(format!("the constraint `{whole}` has neither `==` nor `!=`"))
                    .note(rejected("constraint expected one operator from ==, !="))
                    .help("write `==` or `!=`")
            }
            Err(ConstraintError::Key(key)) => Message::new(format!("`{key}` is not a constraint key"))
                .note(rejected(&format!("key '{key}' is invalid")))
                .help(KEYS),
            Err(ConstraintError::Value(value)) => Message::new(format!("`{value}` is not a constraint value"))
                .note(rejected(&format!("value '{value}' is invalid")))
                .help("write letters, digits, spaces, `-`, `_`, `.`, `:` and `/` only"),
            Ok(expression) => return never_matches(expression).map(|(range, message)| (constraint, range, message)),
        };
        Some((constraint, 0..whole.len(), message))
    })
}

const KEYS: &str = "write `node.platform.os`, `node.labels.NAME`, `engine.labels.NAME` or another key of Swarm";

fn never_matches(expression: &Expression) -> Option<(Range<usize>, Message)> {
    const PENDING: &str = "no node matches, and the service stays pending with `no suitable node`";
    if expression.subject() == Subject::Unknown {
        let message = Message::new(format!("Swarm does not know the constraint key `{}`", expression.key));
        return Some((expression.key_at.clone(), message.note(PENDING).help(KEYS)));
    }
    let value = &expression.value;
    if value.contains(['*', '?']) {
        let message = Message::new(format!("`{value}` is a glob, which constraints do not support"))
            .label("compared as a whole")
            .note(if expression.equal { PENDING } else { "the constraint excludes no node" })
            .help("write the whole value of the label");
        return Some((expression.value_at.clone(), message));
    }
    let is_role = ["manager", "worker"].iter().any(|role| value.eq_ignore_ascii_case(role));
    if expression.subject() == Subject::Role && expression.equal && !is_role {
        let message = Message::new(format!("`{value}` is not the role of a node"))
            .note(PENDING)
            .help("write `manager` or `worker`");
        return Some((expression.value_at.clone(), message));
    }
    None
}
