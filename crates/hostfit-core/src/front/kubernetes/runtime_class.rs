//! RuntimeClasses: a handler, and where pods of the class may be scheduled.

use super::{
    field::{self, Reader},
    placement::placement,
};
use crate::{
    placement::kubernetes::{SelectorLabel, Toleration},
    source::Span,
    syntax::yaml,
    text::Text,
};

/// A RuntimeClass.
#[derive(Clone, Debug)]
pub struct RuntimeClass {
    /// `metadata.name`.
    pub name: Text,
    /// `handler`: which of the node's runtime configurations runs the pod.
    pub handler: Option<Text>,
    /// `scheduling.nodeSelector`, which joins that of the pod.
    pub selector: Vec<SelectorLabel>,
    /// `scheduling.tolerations`, which join those of the pod.
    pub tolerations: Vec<Toleration>,
    /// Something in `scheduling` that could not be read.
    pub unreadable: Option<Span>,
}

impl RuntimeClass {
    pub(super) fn read(object: yaml::Node<'_>, reader: &Reader) -> Option<Self> {
        let name = field::at(object, &["metadata", "name"]).and_then(field::text)?;
        // node.k8s.io/v1alpha1 has both under `spec`.
        let spec = field::field(object, "spec");
        let handler = field::field(object, "handler").or_else(|| field::field(spec?, "runtimeHandler"));
        let scheduling = field::field(object, "scheduling").or_else(|| field::field(spec?, "scheduling"));
        let mut placement = scheduling.map(|scheduling| placement(scheduling, reader)).unwrap_or_default();
        for label in &mut placement.selector {
            label.from_runtime_class = true;
        }
        Some(Self {
            name,
            handler: handler.and_then(field::text),
            selector: placement.selector,
            tolerations: placement.tolerations,
            unreadable: placement.unreadable,
        })
    }

    /// Whether two classes do the same to a pod.
    pub(in crate::front) fn is_like(&self, other: &Self) -> bool {
        let value = |text: &Option<Text>| text.as_ref().map(|it| it.value.clone());
        let labels = |class: &Self| -> Vec<_> {
            let mut labels: Vec<_> =
                class.selector.iter().map(|it| (it.key.value.clone(), it.value.text.value.clone())).collect();
            labels.sort();
            labels
        };
        let tolerations = |class: &Self| -> Vec<_> {
            class
                .tolerations
                .iter()
                .map(|it| [&it.key, &it.operator, &it.value, &it.effect, &it.seconds].map(value))
                .collect()
        };
        // Lengths first: comparing takes no longer than reading the shorter one took.
        self.selector.len() == other.selector.len()
            && self.tolerations.len() == other.tolerations.len()
            && value(&self.handler) == value(&other.handler)
            && labels(self) == labels(other)
            && tolerations(self) == tolerations(other)
            && self.unreadable.is_some() == other.unreadable.is_some()
    }
}
