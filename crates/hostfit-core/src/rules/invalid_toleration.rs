use super::{mend, mend::Fix, refused, rule, wording};
use crate::{
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
    /// A toleration for which the API server refuses the whole object: `Exists` with a value, an effect or operator that
    /// does not exist, no key without `Exists`, `tolerationSeconds` without `NoExecute`, a key or value that no taint can
    /// have, a number or a Boolean where there has to be a string. `Lt` and `Gt` are accepted with an integer, since
    /// clusters may have the feature gate `TaintTolerationComparisonOperators`.
    ///
    /// When it is applied: `spec.tolerations[0].operator: Invalid value: "windows": value must be empty when `operator` is
    /// 'Exists'`, or `cannot unmarshal bool into Go struct field Toleration.spec.tolerations.value of type string`.
    ///
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
    /// ## How to fix it
    /// Remove the value of `Exists`, or write `Equal`. Effects are `NoSchedule`, `PreferNoSchedule` and `NoExecute`, in this
    /// letter case. `true` and numbers go into quotes. A toleration of every taint is `operator: Exists` without a key.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>
    /// - <https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/apis/core/validation/validation.go>,
    ///   `ValidateTolerations`
    id: "invalid-toleration",
    summary: "a toleration that the API server refuses",
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
            let finding = cx.report(at(toleration, refusal), message(toleration, refusal));
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

fn message(toleration: &Toleration, refusal: TolerationRefusal<'_>) -> String {
    use TolerationRefusal as R;
    let is = |text: &Text, part: &Option<Text>| part.as_ref().is_some_and(|part| part.span == text.span);
    match refusal {
        R::Type(text) if is(text, &toleration.seconds) => format!(
            "`tolerationSeconds: \"{0}\"` is not a number for YAML, so the API server refuses the object; write it without quotes: \
             `{0}`",
            text.value
        ),
        R::Type(text) => {
            let parts = [("key", &toleration.key), ("operator", &toleration.operator), ("value", &toleration.value)];
            let part = parts.into_iter().find(|(_, part)| is(text, part)).map_or("effect", |(name, _)| name);
            refused::not_a_string(part, &text.value)
        }
        R::Key(text) => refused::not_a_key(&text.value, refused::meant_key(&text.value).as_deref()),
        R::NoKey => {
            "only `Exists` may stand without a key, so the API server refuses the object; write the key, or `operator: \
                     Exists` to tolerate every taint"
                .to_owned()
        }
        R::Operator(text) => {
            let meant = nearest(&text.value, Toleration::OPERATORS);
            refused::not_one_of(&text.value, "an operator of tolerations", meant, &Toleration::OPERATORS)
        }
        R::ValueOfExists(text) => format!(
            "`Exists` takes no value, so the API server refuses the object; remove `value: {}`, or write `operator: Equal`",
            text.value
        ),
        R::Value(text) if text.value.contains(['*', '?']) => format!(
            "`value: {}` is not a label value, since tolerations know no globs, so the API server refuses the object; write the \
             whole value, or `operator: Exists` alone",
            text.value
        ),
        R::Value(text) => refused::not_a_value("value", &text.value),
        R::NotInteger(text) => {
            let operator = toleration.operator.as_ref().map_or("Gt", |text| text.value.as_str());
            if is(text, &toleration.operator) {
                return format!(
                    "`{operator}` compares with an integer, and there is no value, so the API server refuses the object; write one in quotes"
                );
            }
            format!(
                "`{operator}` compares with an integer, which `{}` is not, so the API server refuses the object; write an \
                 integer in quotes",
                text.value
            )
        }
        R::Effect(text) => {
            let meant = nearest(&text.value, EFFECTS.iter().copied());
            refused::not_one_of(&text.value, "an effect of taints", meant, EFFECTS)
        }
        R::Seconds(_) => {
            "`tolerationSeconds` goes with `effect: NoExecute` alone, so the API server refuses the object; remove \
                          it, or write that effect"
                .to_owned()
        }
    }
}

/// What was meant, where that is plain; with a doubt, where it is only likely.
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
            let fix = Fix::new("remove the value of `Exists`").delete(entry.removal(cx.sources)?);
            Some(fix.unless_doubtful(mend::may_be_repeated(cx.sources, text.span)))
        }
        R::NoKey => {
            // With a value, the key was forgotten.
            let operator = toleration.operator.as_ref().filter(|it| it.known() == Some("Equal"))?;
            let is_free = toleration.value.as_ref().is_none_or(|value| value.value.is_empty());
            let fix = is_free.then(|| replace(operator, "Exists"))??;
            Some(fix.unless_doubtful(Some("it then tolerates every taint".to_owned())))
        }
        R::Type(_) | R::Value(_) | R::NotInteger(_) | R::Seconds(_) => None,
    }
}

/// One of these words: the one that differs in letter case alone, else the nearest.
fn known(text: &Text, known: &[&str], replace: &dyn Fn(&Text, &str) -> Option<Fix>) -> Option<Fix> {
    if let Some(right) = refused::in_right_case(&text.value, known) {
        return replace(text, right);
    }
    let doubt = "another one may be meant".to_owned();
    Some(replace(text, nearest(&text.value, known.iter().copied())?)?.unless_doubtful(Some(doubt)))
}
