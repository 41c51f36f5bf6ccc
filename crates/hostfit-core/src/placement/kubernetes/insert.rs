//! What can be written into a pod that lacks it: a place in the text as it stands, and the text that comes there; none where
//! the place is not certain.

use super::PodPlacement;
use crate::{
    fleet::Taint,
    patch::{Field, Value},
    source::{Sources, Span},
};

/// The field of a node affinity that excludes nodes.
const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";

impl PodPlacement {
    /// Where `key: value` goes into the pod's nodeSelector, and the text to insert there: with the `nodeSelector` itself
    /// where there is none.
    pub fn label_insertion(&self, sources: &Sources, key: &str, value: &str) -> Option<(Span, String)> {
        match self.selector_place {
            Field::Here(place) => place.insert_label(sources, key, value),
            Field::Missing => {
                self.field_insertion(sources, "nodeSelector", &Value::Label(key.to_owned(), value.to_owned()))
            }
            Field::Elsewhere => None,
        }
    }

    /// Where the requirement that a node has one of `values` as its label `key` goes into the pod's node affinity, and the
    /// text to insert there: with as much of the affinity as there is not.
    pub fn requirement_insertion(&self, sources: &Sources, key: &str, values: &[String]) -> Option<(Span, String)> {
        let text = |text: &str| Value::Text(text.to_owned());
        let values = values.iter().map(|value| text(value)).collect();
        let expression =
            Value::Mapping(vec![("key", text(key)), ("operator", text("In")), ("values", Value::List(values))]);
        let in_list = |key, item| Value::Mapping(vec![(key, Value::List(vec![item]))]);
        let required = |expression| in_list("nodeSelectorTerms", in_list("matchExpressions", expression));
        let node_affinity = |expression| Value::Mapping(vec![(REQUIRED, required(expression))]);
        match (self.affinity_place, self.node_affinity_place, self.expressions_place) {
            (Field::Missing, _, _) => {
                let affinity = Value::Mapping(vec![("nodeAffinity", node_affinity(expression))]);
                self.field_insertion(sources, "affinity", &affinity)
            }
            (Field::Here(place), Field::Missing, _) => {
                place.insert_field(sources, "nodeAffinity", &node_affinity(expression), self.containers_place)
            }
            (_, Field::Here(place), Field::Missing) => {
                place.insert_field(sources, REQUIRED, &required(expression), self.containers_place)
            }
            (_, _, Field::Here(place)) => place.insert_items(sources, &[expression]),
            _ => None,
        }
    }

    /// Where tolerations of `taints`, of nothing but them, go into the pod, and the text to insert there.
    pub fn toleration_insertion(&self, sources: &Sources, taints: &[&Taint]) -> Option<(Span, String)> {
        let text = |text: &str| Value::Text(text.to_owned());
        let toleration = |taint: &&Taint| {
            let mut entries = vec![("key", text(&taint.key))];
            if taint.value.is_empty() {
                entries.push(("operator", text("Exists")));
            } else {
                entries.extend([("operator", text("Equal")), ("value", text(&taint.value))]);
            }
            entries.push(("effect", text(&taint.effect)));
            Value::Mapping(entries)
        };
        let items: Vec<_> = taints.iter().map(toleration).collect();
        match self.tolerations_place {
            Field::Here(place) => place.insert_items(sources, &items),
            Field::Missing => self.field_insertion(sources, "tolerations", &Value::List(items)),
            Field::Elsewhere => None,
        }
    }

    /// Where `key: true` goes into the pod's spec, which lacks it, and the text to insert there.
    pub fn flag_insertion(&self, sources: &Sources, key: &'static str) -> Option<(Span, String)> {
        self.field_insertion(sources, key, &Value::Bool(true))
    }

    fn field_insertion(&self, sources: &Sources, key: &'static str, value: &Value) -> Option<(Span, String)> {
        self.spec_place?.insert_field(sources, key, value, self.containers_place)
    }
}
