//! The Kubernetes scheduler's filters: node selector, required node affinity, taints, node name, RuntimeClass.

use super::Allowed;
use crate::{fleet::Host, source::Span, text::Text};

/// Everything in a pod (template) that decides on which nodes it may run.
#[derive(Clone, Debug, Default)]
pub struct PodPlacement {
    /// `nodeSelector` of the pod, then of `scheduling` of its RuntimeClass. All have to match.
    pub selector: Vec<SelectorLabel>,
    /// The `nodeSelector` key, where there is one.
    pub selector_key: Option<Span>,
    /// Terms of `requiredDuringSchedulingIgnoredDuringExecution`, of which one has to match; none if there is no
    /// such field.
    pub affinity: Option<Vec<Term>>,
    /// The `affinity` key, where there is one.
    pub affinity_key: Option<Span>,
    /// Tolerations of the pod and of its RuntimeClass.
    pub tolerations: Vec<Toleration>,
    /// The `tolerations` key, where there is one.
    pub tolerations_key: Option<Span>,
    /// `nodeName`: the scheduler is bypassed.
    pub node_name: Option<Text>,
    /// `runtimeClassName`, and whether its object is in the scanned set.
    pub runtime_class: Option<(Text, bool)>,
    /// `spec.os.name`. Does not schedule.
    pub os_name: Option<Text>,
    /// Something in it could not be read (a template, a wrong type): placement is unknown.
    pub unreadable: Option<Span>,
}

/// One `key: value` of a nodeSelector.
#[derive(Clone, Debug)]
pub struct SelectorLabel {
    /// The label's name.
    pub key: Text,
    /// Its value.
    pub value: Text,
    /// Whether the API server takes the value for text; `14393.1715` unquoted is a number.
    pub is_text: bool,
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
    /// The label's name.
    pub key: Text,
    /// How values are compared.
    pub operator: Operator,
    /// What with.
    pub values: Vec<SelectorValue>,
    /// The whole requirement.
    pub span: Span,
}

/// A value in a requirement.
#[derive(Clone, Debug)]
pub struct SelectorValue {
    /// The value.
    pub text: Text,
    /// Whether the API server takes it for text.
    pub is_text: bool,
}

/// Operators of node affinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The label is one of the values.
    In,
    /// It is none of them, or not there.
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

/// A toleration.
#[derive(Clone, Debug)]
pub struct Toleration {
    /// The taint's key; none tolerates all.
    pub key: Option<Text>,
    /// `operator: Exists`.
    pub exists: bool,
    /// The taint's value.
    pub value: Option<Text>,
    /// The taint's effect; none tolerates all.
    pub effect: Option<Text>,
}

impl PodPlacement {
    /// The key of the file that a finding about a missing pin stands on.
    pub fn anchor(&self) -> Option<Span> {
        self.selector_key.or(self.affinity_key)
    }
}

/// Whether a pod may be placed on `host`.
pub fn allows(_pod: &PodPlacement, _host: &Host) -> Allowed {
    Allowed::Yes
}
