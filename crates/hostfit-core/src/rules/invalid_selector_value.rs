use super::{fixes::Fix, refused, rule, wording};
use crate::{
    finding::Message,
    judge::Judgement,
    model::{Placement, Workload},
    placement::kubernetes::{
        Operator, PodPlacement, Refusal, Requirement, SelectorValue, WINDOWS_BUILD, can_be, is_label_value,
    },
    rule::Cx,
    source::Span,
    text::Text,
    windows::{node_label, version},
};

rule! {
    /// ## What it checks
    /// Whether a nodeSelector or a required node affinity can match at all. Selectors compare whole strings, without
    /// globs, and the kubelet sets `node.kubernetes.io/windows-build` to `10.0.BUILD`, without a revision. Numbers and
    /// Booleans without quotes, malformed keys and values, unknown operators and a wrong number of values are reported
    /// too.
    ///
    /// ## Why it matters
    /// The pod stays Pending with `node(s) didn't match Pod's node affinity/selector`, or the API server rejects it, for example
    /// with `cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type string`.
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
    ///     node.kubernetes.io/windows-build: 10.0.20348.2113
    /// #                                     ^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Write the build as the kubelet does: `10.0.20348`. Put numbers into quotes. For several builds, use a node affinity with
    /// `In`.
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
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>
    /// - <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
    id: "invalid-selector-value",
    summary: "a node selector has a value that no node label can have",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Placement::Kubernetes(pod) = &workload.placement else { return };
    for fault in faults(pod) {
        let name = wording::first_windows_part(workload, cx);
        let fix = fault.fix(cx);
        let mut message = fault.message();
        message.help = message.help.filter(|_| fix.is_none());
        let finding = cx.report(fault.at(), message);
        finding.workload(name);
        if let Some(fix) = fix {
            fix.give(finding);
        }
    }
}

/// What is wrong with a selector.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault<'p> {
    /// The API server rejects it.
    Refused(Refusal<'p>),
    /// The kubelet never sets this value under this key.
    NeverSet(&'p Text, &'p SelectorValue),
}

/// Everything that no node has, and everything that is refused.
pub(super) fn faults(pod: &PodPlacement) -> impl Iterator<Item = Fault<'_>> {
    let compared = pod.labels().filter(|label| matches!(label.operator, Operator::In | Operator::NotIn));
    let values = compared.flat_map(|label| label.values.iter().map(move |value| (label.key, value)));
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

    /// What is wrong, with the advice for where no fix can be made.
    fn message(self) -> Message {
        match self {
            Self::Refused(Refusal::Type(text)) => refused::not_a_string("key", &text.value),
            Self::Refused(Refusal::Key(text)) => {
                refused::not_a_key(&text.value, refused::meant_key(&text.value).as_deref())
            }
            Self::Refused(Refusal::Operator(requirement)) => {
                let operator = &requirement.written_operator.value;
                let meant = refused::in_right_case(operator, &Operator::NAMES);
                refused::not_one_of(operator, "a node affinity operator", meant, &Operator::NAMES)
            }
            Self::Refused(Refusal::Values(requirement)) => wrong_count(requirement),
            Self::Refused(Refusal::Field(_)) => {
                refused::rejected("`matchFields` takes `metadata.name` only, with `In` or `NotIn` and one name")
                    .help("move requirements on labels to `matchExpressions`")
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
                replace(&value.text, &meant_value(key.known()?, value, cx)?)
            }
        }
    }
}

/// The value that was meant, where it is plain, as it has to be written.
fn meant_value(key: &str, value: &SelectorValue, cx: &Cx) -> Option<String> {
    let text = value.text.known()?;
    if !value.is_text && can_be(key, text) && is_label_value(text) {
        return Some(format!("\"{text}\""));
    }
    if key == WINDOWS_BUILD {
        // `10.0.20348` is text without quotes too.
        let whole = text.trim_end_matches(".*");
        return Some(version::parse(whole, &cx.config.releases)?.build.to_string());
    }
    let lower = text.to_ascii_lowercase();
    (key.ends_with("/os") && lower != text && is_label_value(&lower) && can_be(key, &lower)).then_some(lower)
}

fn wrong_count(requirement: &Requirement) -> Message {
    let (takes, help) = match requirement.operator {
        Operator::Exists | Operator::DoesNotExist => ("takes no values", "remove `values`"),
        Operator::Gt | Operator::Lt => ("takes one value", "write one integer in quotes"),
        Operator::In | Operator::NotIn | Operator::Invalid => ("needs at least one value", "write it in `values`"),
    };
    refused::rejected(format!("the operator `{}` {takes}", requirement.operator.name())).help(help)
}

fn of_value(key: &str, value: &SelectorValue) -> Message {
    let text = value.text.value.as_str();
    if !value.is_text {
        return refused::not_a_string(key, text);
    }
    if text.contains(['*', '?']) {
        return Message::new(format!("`{key}: {text}` is a glob, which selectors do not support"))
            .note("the API server rejects the pod, or it stays Pending")
            .help("write the whole value");
    }
    if can_be(key, text) {
        return refused::not_a_value(key, text);
    }
    let message = Message::new(format!("no node has the label `{key}: {text}`"))
        .note("the pod stays Pending with `node(s) didn't match Pod's node affinity/selector`");
    if key.ends_with("/os") {
        return message.label("the kubelet writes lowercase").help(format!("write `{}`", text.to_ascii_lowercase()));
    }
    message.label("the kubelet writes `10.0.BUILD`").help(match node_label::meant_by(text) {
        Some(build) => format!("write `{build}`"),
        None => "write a build, as in `10.0.20348`".to_owned(),
    })
}
