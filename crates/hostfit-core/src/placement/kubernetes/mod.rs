//! The Kubernetes scheduler's filters: node selector, required node affinity, taints, node name, RuntimeClass.

mod filter;
mod insert;
mod node_labels;
mod os;
#[cfg(test)]
mod tests;
mod toleration;
mod valid;

pub use filter::{allows, satisfies, untolerated};
pub use node_labels::{
    ARCH, HOSTNAME, OF_CLOUDS, OS, UnwrittenLabel, can_be, declared, ends_as_os, is_free, is_never_set, is_of_eks,
    is_os, names_pool, stable_name, unwritten,
};
pub use os::OsStatement;
pub use toleration::{Toleration, TolerationOperator, TolerationRefusal, tolerates};
pub use valid::{Refusal, is_label_key, is_label_value};

pub use crate::{patch::items_removal, windows::node_label::WINDOWS_BUILD};

use crate::{
    patch::{Field, Place},
    source::Span,
    text::Text,
};

/// Everything in a pod (template) that decides on which nodes it may run.
#[derive(Clone, Debug, Default)]
pub struct PodPlacement {
    /// `nodeSelector` of the pod, then of `scheduling` of its RuntimeClass. All have to match.
    pub selector: Vec<SelectorLabel>,
    /// The `nodeSelector` key, where there is one.
    pub selector_key: Option<Span>,
    /// Where the labels of that nodeSelector stand, be it null.
    pub selector_place: Field,
    /// Where the fields of the pod's spec stand.
    pub spec_place: Option<Place>,
    /// Where its containers stand.
    pub containers_place: Option<Place>,
    /// Terms of `requiredDuringSchedulingIgnoredDuringExecution`, of which one has to match; none if there is no
    /// such field.
    pub affinity: Option<Vec<Term>>,
    /// The `affinity` key, where there is one.
    pub affinity_key: Option<Span>,
    /// Where the entries of that affinity stand.
    pub affinity_place: Field,
    /// Where those of its `nodeAffinity` stand.
    pub node_affinity_place: Field,
    /// Where the `matchExpressions` of its only term stand; missing where no node affinity is required.
    pub expressions_place: Field,
    /// Tolerations of the pod and of its RuntimeClass.
    pub tolerations: Vec<Toleration>,
    /// The `tolerations` key, where there is one.
    pub tolerations_key: Option<Span>,
    /// Where the tolerations of the pod stand, be they null.
    pub tolerations_place: Field,
    /// `nodeName`: the scheduler is bypassed.
    pub node_name: Option<Text>,
    /// `runtimeClassName`, and whether its object is in the scanned set.
    pub runtime_class: Option<(Text, bool)>,
    /// `spec.os.name`. Does not schedule.
    pub os_name: Option<Text>,
    /// Something in it could not be read (a template, a wrong type), or is elsewhere (it is a patch of another
    /// object): placement is unknown.
    pub unreadable: Option<Span>,
}

/// One `key: value` of a nodeSelector.
#[derive(Clone, Debug)]
pub struct SelectorLabel {
    /// The label's name.
    pub key: Text,
    /// Its value.
    pub value: SelectorValue,
    /// Whether it comes from the RuntimeClass.
    pub from_runtime_class: bool,
}

/// A nodeSelectorTerm: all of its requirements have to match.
#[derive(Clone, Debug, Default)]
pub struct Term {
    /// `matchExpressions`.
    pub expressions: Vec<Requirement>,
    /// `matchFields` (`metadata.name`).
    pub fields: Vec<Requirement>,
}

/// One requirement of a term.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The label's name; empty where it is not written.
    pub key: Text,
    /// Whether the API server takes the key for text.
    pub key_is_text: bool,
    /// How values are compared.
    pub operator: Operator,
    /// The operator as written; empty where it is not written.
    pub written_operator: Text,
    /// What with.
    pub values: Vec<SelectorValue>,
    /// The whole requirement.
    pub span: Span,
}

/// A value in a nodeSelector or in a requirement.
#[derive(Clone, Debug)]
pub struct SelectorValue {
    /// The value.
    pub text: Text,
    /// Whether the API server takes it for text; `14393.1715` unquoted is a number.
    pub is_text: bool,
}

/// Operators of node affinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The label is one of the values.
    In,
    /// The label is not one of the values, or not there.
    NotIn,
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
    /// It is an integer above the value.
    Gt,
    /// It is an integer below the value.
    Lt,
    /// Anything else: the API server rejects it.
    Invalid,
}

impl Operator {
    /// Those that there are, as manifests write them.
    pub const NAMES: [&str; 6] = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

    /// The operator that manifests write so.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::In, Self::NotIn, Self::Exists, Self::DoesNotExist, Self::Gt, Self::Lt];
        all.into_iter().find(|operator| operator.name() == name)
    }

    /// As manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::In => "In",
            Self::NotIn => "NotIn",
            Self::Exists => "Exists",
            Self::DoesNotExist => "DoesNotExist",
            Self::Gt => "Gt",
            Self::Lt => "Lt",
            Self::Invalid => "with an unknown operator",
        }
    }
}

/// A requirement on a node label, whether a nodeSelector or a node affinity makes it.
#[derive(Clone, Copy, Debug)]
pub struct LabelUse<'p> {
    /// The label's name.
    pub key: &'p Text,
    /// How values are compared; [`Operator::In`] for a nodeSelector.
    pub operator: Operator,
    /// What with; one for a nodeSelector.
    pub values: &'p [SelectorValue],
    /// The number of the node affinity term it is of; none for a nodeSelector.
    pub term: Option<usize>,
    /// Whether the RuntimeClass makes it.
    pub from_runtime_class: bool,
}

impl LabelUse<'_> {
    /// The bytes that decide: the first value's, or the key's where there is no value.
    pub fn span(&self) -> Span {
        let decisive = self.values.first().map_or(self.key, |value| &value.text);
        decisive.place()
    }

    /// Whether node affinity makes it, not a nodeSelector.
    pub fn is_affinity(&self) -> bool {
        self.term.is_some()
    }
}

impl PodPlacement {
    /// The key of the file that a finding about a missing pin stands on.
    pub fn anchor(&self) -> Option<Span> {
        self.selector_key.or(self.affinity_key)
    }

    /// Names of single nodes that it asks for, by `nodeName` or by the label that holds the name.
    pub fn node_names(&self) -> impl Iterator<Item = &str> {
        let labels =
            self.labels().filter(|label| label.operator == Operator::In && label.key.known() == Some(HOSTNAME));
        let fields = self.affinity.iter().flatten().flat_map(|term| &term.fields);
        let fields = fields.filter(|field| field.operator == Operator::In).flat_map(|field| &field.values);
        let named = labels.flat_map(|label| label.values);
        self.node_name.iter().chain(named.chain(fields).map(|value| &value.text)).filter_map(Text::known)
    }

    /// The placement without the requirements of which one of these bytes is a value.
    #[must_use]
    pub fn without(&self, values: &[Span]) -> Self {
        let mut pod = self.clone();
        let is_meant = |text: &Text| values.contains(&text.place());
        pod.selector.retain(|label| !is_meant(&label.value.text));
        for term in pod.affinity.iter_mut().flatten() {
            term.expressions.retain(|it| !it.values.iter().any(|value| is_meant(&value.text)));
        }
        // A term that requires nothing matches no node; here it stands for one that is gone.
        if pod.affinity.as_ref().is_some_and(|terms| terms.iter().any(Term::is_empty)) {
            pod.affinity = None;
        }
        pod
    }

    /// How many things it is made of.
    pub fn size(&self) -> usize {
        let terms = self.affinity.iter().flatten();
        let requirements = terms.flat_map(|term| term.expressions.iter().chain(&term.fields));
        self.selector.len() + self.tolerations.len() + requirements.map(|it| 1 + it.values.len()).sum::<usize>()
    }

    /// Every requirement on a node label: those of the nodeSelector, then those of node affinity. `matchFields` are
    /// none.
    pub fn labels(&self) -> impl Iterator<Item = LabelUse<'_>> {
        let selector = self.selector.iter().map(|label| LabelUse {
            key: &label.key,
            operator: Operator::In,
            values: std::slice::from_ref(&label.value),
            term: None,
            from_runtime_class: label.from_runtime_class,
        });
        let affinity = self.affinity.iter().flatten().enumerate().flat_map(|(number, term)| term.labels(number));
        selector.chain(affinity)
    }

    /// Whether a node has to satisfy a requirement that passes `test`: one of the nodeSelector does, or in every
    /// node affinity term one does. Terms that match no node do not count.
    pub fn requires(&self, test: impl Fn(&LabelUse<'_>) -> bool) -> bool {
        self.labels().filter(|label| !label.is_affinity()).any(|label| test(&label)) || self.every_term(test)
    }

    /// Whether there is a node affinity, and each of its terms holds a requirement that passes `test`. Terms that
    /// match no node do not count.
    fn every_term(&self, test: impl Fn(&LabelUse<'_>) -> bool) -> bool {
        let mut terms = self.affinity.iter().flatten().enumerate().filter(|(_, term)| !term.is_empty()).peekable();
        terms.peek().is_some() && terms.all(|(number, term)| term.labels(number).any(|label| test(&label)))
    }
}

impl Term {
    /// Whether it requires nothing, in which case it matches no node at all.
    pub fn is_empty(&self) -> bool {
        self.expressions.is_empty() && self.fields.is_empty()
    }

    fn labels(&self, number: usize) -> impl Iterator<Item = LabelUse<'_>> {
        self.expressions.iter().map(move |requirement| LabelUse {
            key: &requirement.key,
            operator: requirement.operator,
            values: &requirement.values,
            term: Some(number),
            from_runtime_class: false,
        })
    }
}
