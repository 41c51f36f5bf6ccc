//! What the API server rejects of selectors: with a part of them the whole object.
//!
//! Source: `IsLabelKey` and `IsLabelValue` of k8s.io/apimachinery, `ValidateNodeSelector` of pkg/apis/core/validation,
//! Kubernetes 1.36.

use super::{Operator, PodPlacement, Requirement, SelectorValue};
use crate::text::Text;

/// The only field that `matchFields` knows.
pub(super) const NODE_NAME: &str = "metadata.name";

/// What the API server rejects of a nodeSelector or a required node affinity.
#[derive(Clone, Copy, Debug)]
pub enum Refusal<'p> {
    /// It is a number or a Boolean for YAML, where there has to be a string.
    Type(&'p Text),
    /// It is not a label key.
    Key(&'p Text),
    /// No label can have this value, or it is not a string for YAML.
    Value(&'p Text, &'p SelectorValue),
    /// It has no operator that node affinity knows.
    Operator(&'p Requirement),
    /// As many values do not go with the operator.
    Values(&'p Requirement),
    /// In `matchFields`: another field than the node's name, or not compared with one name.
    Field(&'p Requirement),
}

impl PodPlacement {
    /// What the API server rejects of its selectors. What is not known is not judged.
    pub fn refusals(&self) -> impl Iterator<Item = Refusal<'_>> {
        let selector = self.selector.iter().flat_map(|label| {
            key(&label.key).into_iter().chain(values(&label.key, std::slice::from_ref(&label.value)))
        });
        let terms = self.affinity.iter().flatten();
        selector.chain(
            terms.flat_map(|term| {
                term.expressions.iter().flat_map(expression).chain(term.fields.iter().filter_map(field))
            }),
        )
    }
}

fn key(text: &Text) -> Option<Refusal<'_>> {
    text.known().is_some_and(|key| !is_label_key(key)).then_some(Refusal::Key(text))
}

fn values<'p>(key: &'p Text, values: &'p [SelectorValue]) -> impl Iterator<Item = Refusal<'p>> {
    let is_refused =
        |value: &&SelectorValue| value.text.known().is_some_and(|it| !value.is_text || !is_label_value(it));
    values.iter().filter(is_refused).map(|value| Refusal::Value(key, value))
}

fn expression(requirement: &Requirement) -> impl Iterator<Item = Refusal<'_>> {
    let count = requirement.values.len();
    let counts = match requirement.operator {
        Operator::In | Operator::NotIn => count > 0,
        Operator::Exists | Operator::DoesNotExist => count == 0,
        Operator::Gt | Operator::Lt => count == 1,
        Operator::Invalid => true,
    };
    let is_operator = requirement.operator != Operator::Invalid || requirement.written_operator.hole().is_some();
    let parts = [
        (!requirement.key_is_text).then_some(Refusal::Type(&requirement.key)),
        key(&requirement.key),
        (!is_operator).then_some(Refusal::Operator(requirement)),
        (!counts).then_some(Refusal::Values(requirement)),
    ];
    // Values that must not be there are rejected for that.
    let counted = if counts { requirement.values.as_slice() } else { &[] };
    parts.into_iter().flatten().chain(values(&requirement.key, counted))
}

fn field(requirement: &Requirement) -> Option<Refusal<'_>> {
    let is_name = |it: &SelectorValue| it.text.known().is_none_or(|name| it.is_text && is_domain(name));
    let is_right = requirement.key.known().is_none_or(|key| key == NODE_NAME)
        && requirement.key_is_text
        && (matches!(requirement.operator, Operator::In | Operator::NotIn)
            || requirement.written_operator.hole().is_some())
        && requirement.values.len() == 1
        && requirement.values.iter().all(is_name);
    (!is_right).then_some(Refusal::Field(requirement))
}

/// Whether a label can have this key: `NAME` or `DOMAIN/NAME`.
pub fn is_label_key(key: &str) -> bool {
    let name = match key.split_once('/') {
        Some((domain, _)) if !is_domain(domain) => return false,
        Some((_, name)) => name,
        None => key,
    };
    !name.is_empty() && is_label_value(name)
}

/// A subdomain by RFC 1123, as nodes are named.
fn is_domain(domain: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        is_end(bytes.first())
            && is_end(bytes.last())
            && bytes.iter().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || *it == b'-')
    };
    domain.len() <= 253 && domain.split('.').all(is_label)
}

/// Whether a label can have this value: at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends; or
/// nothing.
pub fn is_label_value(value: &str) -> bool {
    let ends = value.chars().next().into_iter().chain(value.chars().next_back());
    value.len() <= 63
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && ends.into_iter().all(|end| end.is_ascii_alphanumeric())
}
