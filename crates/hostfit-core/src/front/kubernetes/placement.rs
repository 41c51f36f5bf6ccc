//! What of a pod decides where it may run.

use super::field::{self, Reader};
use crate::{
    patch::{self, Field},
    placement::kubernetes::{Operator, PodPlacement, Requirement, SelectorLabel, SelectorValue, Term, Toleration},
    source::Span,
    syntax::yaml::{Dialect, Node, Scalar},
    text::{Origin, Text},
};

/// Everything in a pod spec (or something that shares these fields with it) that decides where it may run.
pub(super) fn placement(spec: Node<'_>, reader: &Reader) -> PodPlacement {
    let mut pod = PodPlacement {
        selector_place: patch::field(spec, "nodeSelector"),
        affinity_place: patch::field(spec, "affinity"),
        tolerations_place: patch::field(spec, "tolerations"),
        ..PodPlacement::default()
    };
    if let Some((key, selector)) = field::entry(spec, "nodeSelector") {
        pod.selector_key = Some(key.span());
        selector_labels(selector, &mut pod, reader);
    }
    if let Some((key, affinity)) = field::entry(spec, "affinity") {
        pod.affinity_key = Some(key.span());
        pod.affinity = node_affinity(affinity, &mut pod.unreadable, reader);
        (pod.node_affinity_place, pod.expressions_place) = affinity_places(affinity);
    }
    if let Some((key, tolerations)) = field::entry(spec, "tolerations") {
        pod.tolerations_key = Some(key.span());
        let list = sequence(tolerations, &mut pod.unreadable);
        let items = list.into_iter().flat_map(|list| reader.items(list));
        pod.tolerations = items.filter_map(|item| toleration(item, &mut pod.unreadable, reader)).collect();
    }
    pod.selector.shrink_to_fit();
    pod.tolerations.shrink_to_fit();
    pod.node_name = scalar(spec, "nodeName", &mut pod.unreadable).filter(|name| !name.value.is_empty());
    pod.runtime_class = scalar(spec, "runtimeClassName", &mut pod.unreadable).map(|name| (name, false));
    pod
}

fn selector_labels(selector: Node<'_>, pod: &mut PodPlacement, reader: &Reader) {
    if !selector.is_mapping() {
        doubt(&mut pod.unreadable, selector);
    }
    for (key, value) in reader.entries(selector) {
        match (field::text(key), selector_value(value)) {
            (Some(key), Some(value)) => {
                pod.selector.push(SelectorLabel { key, value, from_runtime_class: false });
            }
            // `{{ … }}` is a mapping.
            (None, _) => doubt(&mut pod.unreadable, key),
            (_, None) => doubt(&mut pod.unreadable, value),
        }
    }
}

/// A value of a label. The API server reads null as the empty value.
fn selector_value(value: Node<'_>) -> Option<SelectorValue> {
    if value.is_null() {
        return Some(SelectorValue { text: Text::empty(value.span()), is_text: true });
    }
    Some(SelectorValue { text: field::text(value)?, is_text: field::is_text(value) })
}

/// A value in the place of what could not be read.
fn unknown_value(at: Node<'_>) -> SelectorValue {
    let mut text = Text::empty(at.span());
    text.push("?", at.span(), at.span(), Origin::Hole(String::new()));
    SelectorValue { text, is_text: true }
}

/// The terms of required node affinity. What is merely preferred excludes no node.
fn node_affinity(affinity: Node<'_>, unreadable: &mut Option<Span>, reader: &Reader) -> Option<Vec<Term>> {
    let affinity = mapping(affinity, unreadable)?;
    let node_affinity = mapping(field::field(affinity, "nodeAffinity")?, unreadable)?;
    let required = field::field(node_affinity, "requiredDuringSchedulingIgnoredDuringExecution")?;
    let required = mapping(required, unreadable)?;
    let Some(terms) = field::field(required, "nodeSelectorTerms") else { return Some(Vec::new()) };
    let terms = sequence(terms, unreadable)?;
    let mut read = Vec::new();
    for term in reader.items(terms) {
        let has_parts = ["matchExpressions", "matchFields"].iter().any(|key| field::field(term, key).is_some());
        if !has_parts && object(term, unreadable, reader).is_none() {
            continue;
        }
        let mut requirements = |key| -> Vec<Requirement> {
            let list = field::field(term, key).and_then(|list| sequence(list, unreadable));
            let items = list.into_iter().flat_map(|list| reader.items(list));
            items.filter_map(|item| requirement(item, unreadable, reader)).collect()
        };
        read.push(Term { expressions: requirements("matchExpressions"), fields: requirements("matchFields") });
    }
    Some(read)
}

/// Where `nodeAffinity` and the expressions of its only required term stand.
fn affinity_places(affinity: Node<'_>) -> (Field, Field) {
    let node_affinity = patch::field(affinity, "nodeAffinity");
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let Some(object) = field::field(affinity, "nodeAffinity") else { return (node_affinity, Field::Missing) };
    let is_missing = patch::field(object, required) == Field::Missing;
    let expressions = || {
        let is_here = |object: Node<'_>, key: &str| matches!(patch::field(object, key), Field::Here(_));
        let terms = field::field(object, required).filter(|_| is_here(object, required))?;
        let list = field::field(terms, "nodeSelectorTerms").filter(|_| is_here(terms, "nodeSelectorTerms"))?;
        let mut items = list.items();
        let term = items.next().filter(|term| term.span() == term.written_at())?;
        let place = patch::field(term, "matchExpressions");
        (items.next().is_none() && place != Field::Missing).then_some(place)
    };
    let expressions = if is_missing { Field::Missing } else { expressions().unwrap_or(Field::Elsewhere) };
    (node_affinity, expressions)
}

fn requirement(item: Node<'_>, unreadable: &mut Option<Span>, reader: &Reader) -> Option<Requirement> {
    let [key, operator] = ["key", "operator"].map(|key| field::field(item, key));
    if key.is_none() || operator.is_none() {
        object(item, unreadable, reader)?;
    }
    let text = |part: Option<Node<'_>>, unreadable: &mut Option<Span>| {
        let text = part.map_or_else(|| Some(Text::empty(field::first(item))), field::text);
        if text.is_none() {
            doubt(unreadable, item);
        }
        text
    };
    let (key_is_text, written_operator) = (key.is_none_or(field::is_text), text(operator, unreadable)?);
    let key = text(key, unreadable)?;
    if written_operator.hole().is_some() {
        unreadable.get_or_insert(written_operator.span);
    }
    let mut values = Vec::new();
    let mut value = |value: Node<'_>| {
        values.push(selector_value(value).unwrap_or_else(|| {
            doubt(unreadable, value);
            unknown_value(value)
        }));
    };
    match field::field(item, "values") {
        Some(list) if list.is_sequence() => reader.items(list).for_each(value),
        Some(list) => value(list),
        None => {}
    }
    let operator = Operator::named(&written_operator.value).unwrap_or(Operator::Invalid);
    Some(Requirement { key, key_is_text, operator, written_operator, values, span: item.span() })
}

fn toleration(item: Node<'_>, unreadable: &mut Option<Span>, reader: &Reader) -> Option<Toleration> {
    if field::field(item, "key").is_none() {
        object(item, unreadable, reader)?;
    }
    let mut mistyped = Vec::new();
    let mut part = |key: &str, is_right: fn(Node<'_>) -> bool| {
        let Some(value) = field::field(item, key) else { return Some(None) };
        let Some(text) = field::text(value) else {
            doubt(unreadable, value);
            return None;
        };
        if !is_right(value) && text.hole().is_none() {
            mistyped.push(text.clone());
        }
        Some(Some(text))
    };
    // A toleration has five fields: what has more is not written by a person, and may be repeated by aliases.
    let is_short = item.entries().nth(8).is_none();
    let is_number = |value: Node<'_>| matches!(value.scalar(Dialect::Kubernetes), Some(Scalar::Number));
    Some(Toleration {
        key: part("key", field::is_text)?,
        operator: part("operator", field::is_text)?,
        value: part("value", field::is_text)?,
        effect: part("effect", field::is_text)?,
        seconds: part("tolerationSeconds", is_number)?,
        mistyped,
        value_entry: is_short.then(|| patch::entry(item, &["value"])).flatten(),
        span: field::first(item),
    })
}

/// An item of a list, of which null is one without fields; none for a placeholder (`{{ … }}` has a mapping as its key) and for
/// the directives of a patch.
fn object<'t>(item: Node<'t>, unreadable: &mut Option<Span>, reader: &Reader) -> Option<Node<'t>> {
    let is_field = |(key, _): (Node<'_>, Node<'_>)| key.text().is_some_and(|key| !key.starts_with('$'));
    let is_known = item.is_null() || item.is_mapping() && reader.entries(item).all(is_field);
    if !is_known {
        doubt(unreadable, item);
    }
    is_known.then_some(item)
}

fn scalar(object: Node<'_>, key: &str, unreadable: &mut Option<Span>) -> Option<Text> {
    let value = field::field(object, key)?;
    let text = field::text(value);
    if text.is_none() {
        doubt(unreadable, value);
    }
    text
}

fn mapping<'t>(node: Node<'t>, unreadable: &mut Option<Span>) -> Option<Node<'t>> {
    if !node.is_mapping() {
        doubt(unreadable, node);
    }
    node.is_mapping().then_some(node)
}

fn sequence<'t>(node: Node<'t>, unreadable: &mut Option<Span>) -> Option<Node<'t>> {
    if !node.is_sequence() {
        doubt(unreadable, node);
    }
    node.is_sequence().then_some(node)
}

fn doubt(unreadable: &mut Option<Span>, node: Node<'_>) {
    unreadable.get_or_insert(node.span());
}
