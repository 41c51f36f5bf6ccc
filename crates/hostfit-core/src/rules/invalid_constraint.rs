use std::ops::Range;

use super::{mend::Fix, rule};
use crate::{
    judge::Judgement,
    model::{Placement, Workload},
    placement::swarm::{Constraint, ConstraintError, Expression, Subject, SwarmPlacement},
    rule::Cx,
    text::Text,
};

rule! {
    /// A constraint that Swarm refuses, or that matches no node. There are two operators, `==` and `!=`; values are
    /// compared as a whole, so that globs never match; keys that Swarm does not know match nothing, without an error.
    ///
    /// At run time: `constraint expected one operator from ==, !=`, or a service that stays pending with `no suitable node
    /// (scheduling constraints not satisfied on 3 nodes)`.
    ///
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
    /// ## How to fix it
    /// Write `==` or `!=`, a key out of `node.id`, `node.hostname`, `node.ip`, `node.role`, `node.platform.os`,
    /// `node.platform.arch`, `node.labels.…`, `engine.labels.…`, and the whole value.
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/cli/docker/service/create/#constraint>
    /// - <https://github.com/moby/swarmkit/blob/master/manager/constraint/constraint.go>
    id: "invalid-constraint",
    summary: "a Swarm constraint that is refused, or matches no node",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Placement::Swarm(service) = &workload.placement else { return };
    for (constraint, range, message) in faults(service) {
        let mend = mend(constraint, cx);
        let finding = cx.report(constraint.text.locate(range), message);
        finding.workload(workload.whole());
        if let Some(mend) = mend {
            mend.give(finding);
        }
    }
}

/// `==` for `=`, where that is all that is wrong.
fn mend(constraint: &Constraint, cx: &Cx) -> Option<Fix> {
    let Err(ConstraintError::Operator(Some(at))) = constraint.parsed else { return None };
    let whole = &constraint.text.value;
    let right = format!("{}=={}", whole.get(..at)?, whole.get(at + 1..)?);
    let parsed = Constraint::parse(Text::literal(right, constraint.text.span)).parsed.ok()?;
    let sound = never_matches(&parsed).is_none();
    sound.then(|| Fix::new("write `==`").write(cx, &constraint.text, at..at + 1, "=="))?
}

/// Each constraint that is refused or matches no node, and what is wrong with it.
pub(super) fn faults(service: &SwarmPlacement) -> impl Iterator<Item = (&Constraint, Range<usize>, String)> {
    service.constraints.iter().filter_map(|constraint| {
        let whole = constraint.text.value.as_str();
        let (range, message) = match &constraint.parsed {
            Err(ConstraintError::Unresolved(_)) => return None,
            Err(ConstraintError::Operator(_)) => {
                let message =
                    "Swarm refuses it with `constraint expected one operator from ==, !=`; write `==` or `!=`";
                (0..whole.len(), message.to_owned())
            }
            Err(ConstraintError::Key(key)) => {
                (0..whole.len(), format!("Swarm refuses it with `key '{key}' is invalid`; write one of its keys"))
            }
            Err(ConstraintError::Value(value)) => {
                (0..whole.len(), format!("Swarm refuses it with `value '{value}' is invalid`; write plain text"))
            }
            Ok(expression) => never_matches(expression)?,
        };
        Some((constraint, range, format!("`{whole}`: {message}")))
    })
}

fn never_matches(expression: &Expression) -> Option<(Range<usize>, String)> {
    const PENDING: &str = "the service stays pending with `no suitable node`";
    if expression.subject() == Subject::Unknown {
        let message = format!(
            "Swarm has no key `{}`, so no node matches and {PENDING}; write `node.labels.NAME`, `engine.labels.NAME`, \
             `node.platform.os` or another of its keys",
            expression.key
        );
        return Some((expression.key_at.clone(), message));
    }
    if expression.value.contains(['*', '?']) {
        let message = format!(
            "Swarm compares the whole value and knows no globs, so {}; write the label's whole value",
            if expression.equal {
                format!("no node matches and {PENDING}")
            } else {
                "this excludes no node".to_owned()
            },
        );
        return Some((expression.value_at.clone(), message));
    }
    let is_role = ["manager", "worker"].iter().any(|role| expression.value.eq_ignore_ascii_case(role));
    if expression.subject() == Subject::Role && expression.equal && !is_role {
        let message = format!("a node is `manager` or `worker`, so no node matches and {PENDING}; write one of these");
        return Some((expression.value_at.clone(), message));
    }
    None
}
