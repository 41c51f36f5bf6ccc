use super::{fixes, fixes::Fix, refused, rule, wording};
use crate::{
    finding::Message,
    fleet::EFFECTS,
    judge::Judgement,
    model::{Placement, Workload},
    nearest::nearest,
    placement::kubernetes::{Toleration, TolerationRefusal},
    rule::Cx,
    source::Span,
    text::Text,
};

rule! {
    /// ## What it checks
    /// Whether the API server accepts each toleration. It rejects `Exists` with a value, unknown effects and operators, a
    /// missing key without `Exists`, `tolerationSeconds` without `NoExecute`, malformed keys and values, and numbers or Booleans
    /// without quotes. `Lt` and `Gt` are accepted with an integer, because a cluster may have the feature gate
    /// `TaintTolerationComparisonOperators`.
    ///
    /// ## Why it matters
    /// The API server rejects the whole object with `Invalid value: "windows": value must be empty when … is 'Exists'`, or with
    /// `cannot unmarshal bool into Go struct field Toleration.spec.tolerations.value of type string`.
    ///
    /// ## Example
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    ///   tolerations:
    ///   - key: os
    ///     operator: Exists
    ///     value: windows
    /// #          ^^^^^^^
    ///     effect: NoSchedule
    /// ```
    ///
    /// ## Fix
    /// Remove the value of `Exists`, or write `Equal`. Effects are `NoSchedule`, `PreferNoSchedule` and `NoExecute`,
    /// spelled exactly like this. Put numbers and Booleans into quotes. To tolerate every taint, write `operator:
    /// Exists` without a key.
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    ///   tolerations:
    ///   - key: os
    ///     operator: Equal
    ///     value: windows
    ///     effect: NoSchedule
    /// ```
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
    /// - <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
    ///   `ValidateTolerations`
    id: "invalid-toleration",
    summary: "the API server rejects a toleration",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    for toleration in &pod.tolerations {
        for refusal in toleration.refusals() {
            let name = wording::first_windows_part(workload, cx);
            let fix = fix(toleration, refusal, cx);
            let mut message = message(toleration, refusal);
            message.help = message.help.filter(|_| fix.is_none());
            let finding = cx.report(at(toleration, refusal), message);
            finding.workload(name);
            if let Some(fix) = fix {
                fix.give(finding);
            }
        }
    }
}

fn at(toleration: &Toleration, refusal: TolerationRefusal<'_>) -> Span {
    use TolerationRefusal as R;
    match refusal {
        R::NoKey => toleration.operator.as_ref().map_or(toleration.span, Text::place),
        R::Type(text)
        | R::Key(text)
        | R::Operator(text)
        | R::ValueOfExists(text)
        | R::Value(text)
        | R::NotInteger(text)
        | R::Effect(text)
        | R::Seconds(text) => text.place(),
    }
}

/// What is wrong, with the advice for where no fix can be made.
fn message(toleration: &Toleration, refusal: TolerationRefusal<'_>) -> Message {
    use TolerationRefusal as R;
    let is = |text: &Text, part: &Option<Text>| part.as_ref().is_some_and(|part| part.span == text.span);
    match refusal {
        R::Type(text) if is(text, &toleration.seconds) => {
            refused::rejected(format!("`tolerationSeconds: \"{}\"` is a string, not a number", text.value))
                .help(format!("write `{}` without quotes", text.value))
        }
        R::Type(text) => {
            let parts = [("key", &toleration.key), ("operator", &toleration.operator), ("value", &toleration.value)];
            let part = parts.into_iter().find(|(_, part)| is(text, part)).map_or("effect", |(name, _)| name);
            refused::not_a_string(part, &text.value)
        }
        R::Key(text) => refused::not_a_key(&text.value, refused::meant_key(&text.value).as_deref()),
        R::NoKey => refused::rejected("a toleration without a key needs the operator `Exists`")
            .help("write the key, or `operator: Exists` to tolerate every taint"),
        R::Operator(text) => {
            let meant = nearest(&text.value, Toleration::OPERATORS);
            refused::not_one_of(&text.value, "a toleration operator", meant, &Toleration::OPERATORS)
        }
        R::ValueOfExists(text) => refused::rejected("a toleration with the operator `Exists` cannot have a value")
            .help(format!("remove `value: {}`, or write `operator: Equal`", text.value)),
        R::Value(text) if text.value.contains(['*', '?']) => {
            refused::rejected(format!("`value: {}` is a glob, which tolerations do not support", text.value))
                .help("write the whole value, or `operator: Exists` without a value")
        }
        R::Value(text) => refused::not_a_value("value", &text.value),
        R::NotInteger(text) => {
            let operator = toleration.operator.as_ref().map_or("Gt", |text| text.value.as_str());
            let but = if is(text, &toleration.operator) {
                "there is none".to_owned()
            } else {
                format!("`{}` is not one", text.value)
            };
            refused::rejected(format!("the operator `{operator}` needs an integer as its value, and {but}"))
                .help("write an integer in quotes")
        }
        R::Effect(text) => {
            let meant = nearest(&text.value, EFFECTS.iter().copied());
            refused::not_one_of(&text.value, "a taint effect", meant, EFFECTS)
        }
        R::Seconds(_) => refused::rejected("`tolerationSeconds` is allowed with `effect: NoExecute` only")
            .help("remove `tolerationSeconds`, or write `effect: NoExecute`"),
    }
}

/// What was meant, where that is plain; unsafe, where it is only likely.
fn fix(toleration: &Toleration, refusal: TolerationRefusal<'_>, cx: &Cx) -> Option<Fix> {
    use TolerationRefusal as R;
    let replace =
        |text: &Text, right: &str| Fix::new(format!("write `{right}`")).write(cx, text, 0..text.value.len(), right);
    match refusal {
        R::Type(text) if toleration.seconds.as_ref().is_none_or(|it| it.span != text.span) => {
            replace(text, &format!("\"{}\"", text.value))
        }
        R::Key(text) => replace(text, &refused::meant_key(&text.value)?),
        R::Operator(text) => known(text, &Toleration::OPERATORS, &replace),
        R::Effect(text) => known(text, EFFECTS, &replace),
        R::ValueOfExists(text) => {
            let entry = toleration.value_entry?;
            let fix = Fix::new(format!("remove `value: {}`", text.value)).delete(entry.removal(cx.sources)?);
            Some(fix.with_caveat(fixes::may_be_repeated(cx.sources, text.span)))
        }
        R::NoKey => {
            // With a value, the key was forgotten.
            let operator = toleration.operator.as_ref().filter(|it| it.known() == Some("Equal"))?;
            let is_free = toleration.value.as_ref().is_none_or(|value| value.value.is_empty());
            let fix = is_free.then(|| replace(operator, "Exists"))??;
            Some(fix.with_caveat(Some("check that the pod may tolerate every taint".to_owned())))
        }
        R::Type(_) | R::Value(_) | R::NotInteger(_) | R::Seconds(_) => None,
    }
}

/// One of these words: the one that differs in letter case alone, else the nearest.
fn known(text: &Text, known: &[&str], replace: &dyn Fn(&Text, &str) -> Option<Fix>) -> Option<Fix> {
    if let Some(right) = refused::in_right_case(&text.value, known) {
        return replace(text, right);
    }
    let caveat = "check that it is the one you mean".to_owned();
    Some(replace(text, nearest(&text.value, known.iter().copied())?)?.with_caveat(Some(caveat)))
}
