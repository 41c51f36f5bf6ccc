use super::{mend::Fix, refused, rule, wording};
use crate::{
    judge::Judgement,
    model::{Placement, Workload},
    placement::kubernetes::{
        Operator, PodPlacement, Refusal, Requirement, ValueUse, WINDOWS_BUILD, can_be, is_label_value,
    },
    rule::Cx,
    source::Span,
    text::Text,
    windows::{node_label, version},
};

rule! {
    /// A value that no node label can have. Selectors compare the whole text: there are no globs, and
    /// `node.kubernetes.io/windows-build` is `10.0.BUILD`, without a revision. A value that YAML takes for a number or a
    /// Boolean is refused by the API server, and so is what is not a label key or a label value, an operator that node
    /// affinity does not have, and as many values as the operator does not take.
    ///
    /// At run time: `node(s) didn't match Pod's node affinity/selector`, or
    /// `cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type string`.
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
    ///     node.kubernetes.io/windows-build: 10.0.20348.2113
    /// #                                     ^^^^^^^^^^^^^^^
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
    /// ```
    ///
    /// ## How to fix it
    /// Write the build as the kubelet does, `10.0.20348`; several builds go into a node affinity with `In`; numbers go
    /// into quotes.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
    id: "invalid-selector-value",
    summary: "a selector value that no node label can have",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    for fault in faults(pod) {
        let name = wording::first_windows_part(workload, cx);
        let fix = fault.fix(cx);
        let finding = cx.report(fault.at(), fault.message());
        finding.workload(name);
        if let Some(fix) = fix {
            fix.give(finding);
        }
    }
}

/// What is wrong with a selector.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault<'p> {
    /// The API server refuses it.
    Refused(Refusal<'p>),
    /// The kubelet never sets this value under this key.
    NeverSet(&'p Text, ValueUse<'p>),
}

/// Everything that no node has, and everything that is refused.
pub(super) fn faults(pod: &PodPlacement) -> impl Iterator<Item = Fault<'_>> {
    let compared = pod.labels().filter(|label| matches!(label.operator, Operator::In | Operator::NotIn));
    let values = compared.flat_map(|label| label.values.clone().into_iter().map(move |value| (label.key, value)));
    let never_set = values.filter(|(key, value)| {
        let (Some(key), Some(text)) = (key.known(), value.text.known()) else { return false };
        value.is_text && is_label_value(text) && !can_be(key, text)
    });
    let refused = pod.refusals().map(Fault::Refused);
    refused.chain(never_set.map(|(key, value)| Fault::NeverSet(key, value)))
}

impl Fault<'_> {
    fn at(self) -> Span {
        match self {
            Self::Refused(Refusal::Type(text) | Refusal::Key(text)) => text.place(),
            Self::Refused(Refusal::Value(_, value)) | Self::NeverSet(_, value) => value.text.place(),
            Self::Refused(Refusal::Operator(requirement)) => requirement.written_operator.place(),
            Self::Refused(Refusal::Values(requirement) | Refusal::Field(requirement)) => requirement.key.place(),
        }
    }

    fn message(self) -> String {
        match self {
            Self::Refused(Refusal::Type(text)) => refused::not_a_string("key", &text.value),
            Self::Refused(Refusal::Key(text)) => {
                refused::not_a_key(&text.value, refused::meant_key(&text.value).as_deref())
            }
            Self::Refused(Refusal::Operator(requirement)) => {
                let operator = &requirement.written_operator.value;
                let meant = refused::in_right_case(operator, &Operator::NAMES);
                refused::not_one_of(operator, "an operator of node affinity", meant, &Operator::NAMES)
            }
            Self::Refused(Refusal::Values(requirement)) => wrong_count(requirement),
            Self::Refused(Refusal::Field(_)) => {
                "`matchFields` compares `metadata.name` with one name, by `In` or `NotIn`, so the API server refuses the object; \
                 write labels into `matchExpressions`"
                    .to_owned()
            }
            Self::Refused(Refusal::Value(key, value)) | Self::NeverSet(key, value) => of_value(&key.value, value),
        }
    }

    fn fix(self, cx: &Cx) -> Option<Fix> {
        let replace =
            |text: &Text, right: &str| Fix::new(format!("write `{right}`")).write(cx, text, 0..text.value.len(), right);
        match self {
            Self::Refused(Refusal::Type(text)) => replace(text, &format!("\"{}\"", text.value)),
            Self::Refused(Refusal::Key(text)) => replace(text, &refused::meant_key(&text.value)?),
            Self::Refused(Refusal::Operator(requirement)) => {
                let operator = &requirement.written_operator;
                replace(operator, refused::in_right_case(&operator.value, &Operator::NAMES)?)
            }
            Self::Refused(Refusal::Values(_) | Refusal::Field(_)) => None,
            Self::Refused(Refusal::Value(key, value)) | Self::NeverSet(key, value) => {
                replace(value.text, &meant_value(key.known()?, value, cx)?)
            }
        }
    }
}

/// The value that was meant, where it is plain, as it has to be written.
fn meant_value(key: &str, value: ValueUse<'_>, cx: &Cx) -> Option<String> {
    let text = value.text.known()?;
    if !value.is_text && can_be(key, text) && is_label_value(text) {
        return Some(format!("\"{text}\""));
    }
    if key == WINDOWS_BUILD {
        // `10.0.20348` is text without quotes too.
        let whole = text.trim_end_matches(".*");
        return Some(version::parse(whole, &cx.config.releases)?.build.to_string());
    }
    let small = text.to_ascii_lowercase();
    (key.ends_with("/os") && small != text && is_label_value(&small) && can_be(key, &small)).then_some(small)
}

fn wrong_count(requirement: &Requirement) -> String {
    let (key, name) = (&requirement.key.value, requirement.operator.name());
    let takes = match requirement.operator {
        Operator::Exists | Operator::DoesNotExist => {
            "takes no values, so the API server refuses the object; remove them"
        }
        Operator::Gt | Operator::Lt => {
            "takes one value, so the API server refuses the object; write one integer in quotes"
        }
        Operator::In | Operator::NotIn | Operator::Invalid => {
            "needs a value, so the API server refuses the object; write it in `values`"
        }
    };
    format!("`{key}`: `{name}` {takes}")
}

fn of_value(key: &str, value: ValueUse<'_>) -> String {
    let text = value.text.value.as_str();
    if !value.is_text {
        return refused::not_a_string(key, text);
    }
    if text.contains(['*', '?']) {
        return format!(
            "`{key}: {text}` matches no node: selectors know no globs, the pod is refused or stays Pending; write the whole \
             value"
        );
    }
    if can_be(key, text) {
        return refused::not_a_value(key, text);
    }
    if key.ends_with("/os") {
        let small = text.to_ascii_lowercase();
        return format!(
            "`{key}: {text}` matches no node: the kubelet sets small letters, and the pod stays Pending; write `{small}`"
        );
    }
    let hint = match node_label::meant_by(text) {
        Some(build) => format!("write `{build}`"),
        None => "write it as in `10.0.20348`".to_owned(),
    };
    format!(
        "`{key}: {text}` matches no node: the kubelet sets `10.0.BUILD`, no more and no less, and the pod stays Pending; {hint}"
    )
}
