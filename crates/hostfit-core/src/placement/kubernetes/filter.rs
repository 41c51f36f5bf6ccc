//! The filters themselves: the scheduler's plugins `NodeName`, `NodeAffinity` (with nodeSelector), `TaintToleration`.
//!
//! Source: the API reference of core/v1 (`NodeSelectorRequirement`, `Toleration`, `Taint`) and
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/>.

use super::{
    LabelUse, OS, Operator, PodPlacement, Requirement, SelectorLabel, SelectorValue, Term,
    node_labels::{self, NodeLabel},
    toleration::tolerates,
    valid::{NODE_NAME, is_label_key, is_label_value},
};
use crate::{
    fleet::{Host, Taint},
    placement::{Allowed, Exclusion},
    source::Span,
    windows::platform::Platform,
};

/// Whether a pod may be placed on `host`. What is not known makes it unknown, unless something else excludes it.
pub fn allows(pod: &PodPlacement, host: &Host) -> Allowed {
    let labels = pod.labels().filter(|label| !label.is_affinity()).map(|label| selector(pod, &label, host));
    all(node_name(pod, host)
        .into_iter()
        .chain(labels)
        .chain(pod.affinity.as_ref().map(|terms| affinity(pod, terms, host)))
        .chain(host.taints.iter().map(|taint| taint_filter(pod, taint, host)))
        .chain(unread(pod).map(Allowed::Unknown)))
}

/// What of the placement could not be read.
fn unread(pod: &PodPlacement) -> Option<Span> {
    let class = pod.runtime_class.as_ref().filter(|(_, found)| !found).map(|(name, _)| name.span);
    pod.unreadable.or(class)
}

/// The first exclusion, else the first doubt.
fn all(verdicts: impl Iterator<Item = Allowed>) -> Allowed {
    let mut doubt = Allowed::Yes;
    for verdict in verdicts {
        match verdict {
            Allowed::No(_) => return verdict,
            Allowed::Unknown(_) if doubt == Allowed::Yes => doubt = verdict,
            Allowed::Unknown(_) | Allowed::Yes => {}
        }
    }
    doubt
}

/// `nodeName` goes past the scheduler, straight to the kubelet of that node.
fn node_name(pod: &PodPlacement, host: &Host) -> Option<Allowed> {
    let name = pod.node_name.as_ref()?;
    Some(match name.known() {
        Some(known) if known == host.name => Allowed::Yes,
        Some(known) if host.count == 1 => excluded(format!("nodeName {known}"), name.place()),
        None | Some(_) => Allowed::Unknown(name.place()),
    })
}

fn selector(pod: &PodPlacement, label: &LabelUse<'_>, host: &Host) -> Allowed {
    verdict(label, host, || {
        let value = label.values.first().map_or("", |it| it.text.value.as_str());
        let by = match &pod.runtime_class {
            Some((class, _)) if label.from_runtime_class => format!(" of RuntimeClass {}", class.value),
            _ => String::new(),
        };
        format!("nodeSelector {}={value}{by}", label.key.value)
    })
}

/// One term has to match; no term, or one that requires nothing, matches no node.
fn affinity(pod: &PodPlacement, terms: &[Term], host: &Host) -> Allowed {
    let mut doubt = None;
    let mut exclusion = None;
    for (number, term) in terms.iter().enumerate().filter(|(_, term)| !term.is_empty()) {
        let expressions = term.labels(number).map(|label| verdict(&label, host, || describe(&label)));
        let fields = term.fields.iter().map(|field| field_verdict(field, host));
        match all(expressions.chain(fields)) {
            Allowed::Yes => return Allowed::Yes,
            Allowed::Unknown(span) => doubt = doubt.or(Some(span)),
            Allowed::No(first) => exclusion = exclusion.or(Some(first)),
        }
    }
    match (doubt, exclusion) {
        (Some(span), _) => Allowed::Unknown(span),
        (None, Some(first)) if terms.len() == 1 => Allowed::No(first),
        (None, Some(first)) => {
            Allowed::No(Exclusion { why: format!("each of the {} nodeAffinity terms", terms.len()), ..first })
        }
        (None, None) => Allowed::No(Exclusion {
            why: "nodeAffinity without a term that matches any node".to_owned(),
            span: pod.affinity_key,
            taint: false,
        }),
    }
}

fn describe(label: &LabelUse<'_>) -> String {
    let operator = label.operator.name();
    if label.values.is_empty() {
        return format!("nodeAffinity {} {operator}", label.key.value);
    }
    let values: Vec<_> = label.values.iter().map(|it| it.text.value.as_str()).collect();
    format!("nodeAffinity {} {operator} [{}]", label.key.value, values.join(", "))
}

/// Whether `host` satisfies one requirement on a node label; none if that is not known.
pub fn satisfies(label: &LabelUse<'_>, host: &Host) -> Option<bool> {
    let key = label.key.known()?;
    match node_labels::of(host, key) {
        // A key that no label can have spoils the whole requirement, as such a value does.
        NodeLabel::Missing if !is_label_key(key) => Some(false),
        node => matches(label.operator, label.values, &node),
    }
}

fn verdict(label: &LabelUse<'_>, host: &Host, why: impl FnOnce() -> String) -> Allowed {
    if label.key.known().is_none() {
        return Allowed::Unknown(label.key.place());
    }
    match satisfies(label, host) {
        Some(true) => Allowed::Yes,
        Some(false) => excluded(why(), label.span()),
        None => Allowed::Unknown(label.span()),
    }
}

/// `metadata.name` is the only field the API server accepts.
fn field_verdict(field: &Requirement, host: &Host) -> Allowed {
    let label = LabelUse {
        key: &field.key,
        operator: field.operator,
        values: &field.values,
        term: Some(0),
        from_runtime_class: false,
    };
    let supported = field.key.known() == Some(NODE_NAME)
        && matches!(field.operator, Operator::In | Operator::NotIn)
        && field.values.len() == 1;
    if !supported {
        return Allowed::Unknown(field.span);
    }
    match matches(field.operator, label.values, &node_labels::name(host)) {
        Some(true) => Allowed::Yes,
        Some(false) => excluded(describe(&label), label.span()),
        None => Allowed::Unknown(label.span()),
    }
}

/// Whether a node with `label` satisfies a requirement; none if it is not known, or if the API server rejects the
/// requirement, so that there is no pod to be placed.
fn matches(operator: Operator, values: &[SelectorValue], label: &NodeLabel<'_>) -> Option<bool> {
    let known = || values.iter().filter_map(|value| value.text.known());
    match operator {
        Operator::Invalid => return None,
        Operator::Exists | Operator::DoesNotExist if !values.is_empty() => return None,
        Operator::Exists => return Some(*label != NodeLabel::Missing),
        Operator::DoesNotExist => return Some(*label == NodeLabel::Missing),
        Operator::In | Operator::NotIn if values.is_empty() => return None,
        Operator::Gt | Operator::Lt if values.len() != 1 => return None,
        // A value that no label can have spoils the whole requirement: the scheduler's parser rejects it.
        _ if known().any(|value| !is_label_value(value)) => return Some(false),
        Operator::In | Operator::NotIn | Operator::Gt | Operator::Lt => {}
    }
    let holes = values.iter().any(|value| value.text.hole().is_some());
    let compare = |node: &str| match operator {
        Operator::In if known().any(|value| value == node) => Some(true),
        Operator::NotIn if known().any(|value| value == node) => Some(false),
        Operator::In | Operator::NotIn if holes => None,
        Operator::In => Some(false),
        Operator::NotIn => Some(true),
        _ => above_or_below(operator, node, values.first().and_then(|value| value.text.known())),
    };
    match label {
        // A variable is unknown: nobody says that what it stands for is asked for at all.
        NodeLabel::Missing if holes && operator == Operator::In => None,
        NodeLabel::Missing => Some(operator == Operator::NotIn),
        NodeLabel::Is(node) => compare(node),
        NodeLabel::Likely(node) => compare(node).filter(|matched| *matched),
        NodeLabel::Varies => None,
    }
}

/// `Gt` and `Lt`: both sides are integers, or it does not match.
fn above_or_below(operator: Operator, node: &str, value: Option<&str>) -> Option<bool> {
    let Ok(node) = node.parse::<i64>() else { return Some(false) };
    let Ok(value) = value?.parse::<i64>() else { return Some(false) };
    Some(if operator == Operator::Gt { node > value } else { node < value })
}

/// `NoSchedule` and `NoExecute` keep a pod away that does not tolerate them; who names its node only meets
/// `NoExecute`.
fn taint_filter(pod: &PodPlacement, taint: &Taint, host: &Host) -> Allowed {
    if !counts(pod, taint) || is_tolerated_by_gke(pod, taint, host) {
        return Allowed::Yes;
    }
    let mut doubt = None;
    for toleration in &pod.tolerations {
        match tolerates(toleration, taint) {
            Some(true) => return Allowed::Yes,
            Some(false) => {}
            None => doubt = doubt.or(pod.tolerations_key).or(Some(toleration.span)),
        }
    }
    // What could not be read may hold the toleration.
    if let Some(span) = doubt.or_else(|| unread(pod)) {
        return Allowed::Unknown(span);
    }
    Allowed::No(Exclusion { why: format!("taint {taint}"), span: None, taint: true })
}

/// Whether GKE's admission webhook adds the toleration: that of the taint of its Windows nodes, to pods with the nodeSelector
/// `kubernetes.io/os: windows`.
///
/// Source: <https://cloud.google.com/kubernetes-engine/docs/how-to/creating-a-cluster-windows>.
fn is_tolerated_by_gke(pod: &PodPlacement, taint: &Taint, host: &Host) -> bool {
    let is_taint = (&*taint.key, &*taint.value, &*taint.effect) == ("node.kubernetes.io/os", "windows", "NoSchedule");
    let is_gke = || {
        host.platform == Some(Platform::Gke)
            || host.labels.iter().any(|(key, _)| key.starts_with("cloud.google.com/gke-"))
    };
    let selects = |label: &SelectorLabel| label.key.known() == Some(OS) && label.value.text.known() == Some("windows");
    is_taint && is_gke() && pod.selector.iter().any(|label| !label.from_runtime_class && selects(label))
}

fn counts(pod: &PodPlacement, taint: &Taint) -> bool {
    match taint.effect.as_str() {
        "NoSchedule" => pod.node_name.is_none(),
        "NoExecute" => true,
        _ => false,
    }
}

/// The taints of `host` that keep the pod off it.
pub fn untolerated<'h>(pod: &PodPlacement, host: &'h Host) -> impl Iterator<Item = &'h Taint> {
    host.taints.iter().filter(|taint| matches!(taint_filter(pod, taint, host), Allowed::No(_)))
}

fn excluded(why: String, span: Span) -> Allowed {
    Allowed::No(Exclusion { why, span: Some(span), taint: false })
}
