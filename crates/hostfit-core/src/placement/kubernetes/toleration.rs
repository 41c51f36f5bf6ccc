//! Tolerations: which taints they take, and what the API server rejects of them.
//!
//! Sources: the API reference of core/v1 (`Toleration`); `ToleratesTaint` of k8s.io/api/core/v1 and `ValidateTolerations` of
//! pkg/apis/core/validation, Kubernetes 1.36.

use super::valid::{is_label_key, is_label_value};
use crate::{
    fleet::{EFFECTS, Taint},
    patch::Entry,
    source::Span,
    text::Text,
    windows::Os,
};

/// A toleration as it is written. A field that is null is `None`.
#[derive(Clone, Debug)]
pub struct Toleration {
    /// The taint's key; none tolerates all.
    pub key: Option<Text>,
    /// How values are compared.
    pub operator: Option<Text>,
    /// The taint's value.
    pub value: Option<Text>,
    /// The taint's effect; none tolerates all.
    pub effect: Option<Text>,
    /// `tolerationSeconds`.
    pub seconds: Option<Text>,
    /// Which of these are of another type for YAML than the API server takes: a number or a Boolean for a string, a string for
    /// the seconds.
    pub mistyped: Vec<Text>,
    /// What has to be deleted to be rid of the value.
    pub value_entry: Option<Entry>,
    /// Its first key; all of it where it has none.
    pub span: Span,
}

/// Operators of tolerations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TolerationOperator {
    /// The value is that of the taint.
    Equal,
    /// Any value.
    Exists,
    /// `Lt` or `Gt`: both values are integers. Clusters know it with the feature gate `TaintTolerationComparisonOperators`
    /// only.
    Compares,
    /// Anything else.
    Invalid,
}

/// What the API server rejects of a toleration, and with it the whole object.
#[derive(Clone, Copy, Debug)]
pub enum TolerationRefusal<'p> {
    /// It is of the wrong type.
    Type(&'p Text),
    /// It is not a label key.
    Key(&'p Text),
    /// There is no key, and the operator is not `Exists`.
    NoKey,
    /// It is not an operator.
    Operator(&'p Text),
    /// It is a value beside `Exists`.
    ValueOfExists(&'p Text),
    /// No label can have this value.
    Value(&'p Text),
    /// `Lt` or `Gt` compares with something else than an integer, or with nothing.
    NotInteger(&'p Text),
    /// It is not an effect.
    Effect(&'p Text),
    /// The seconds are not of `NoExecute`.
    Seconds(&'p Text),
}

impl Toleration {
    /// The operators that every cluster knows.
    pub const OPERATORS: [&str; 2] = ["Equal", "Exists"];

    /// Its operator; none where it is not known.
    pub fn operator(&self) -> Option<TolerationOperator> {
        Some(match self.operator.as_ref().map_or(Some(""), Text::known)? {
            "" | "Equal" => TolerationOperator::Equal,
            "Exists" => TolerationOperator::Exists,
            "Lt" | "Gt" => TolerationOperator::Compares,
            _ => TolerationOperator::Invalid,
        })
    }

    /// The operating system in the taint that people set on its nodes: `os=windows:NoSchedule`. Who tolerates every value
    /// tolerates none in particular.
    pub fn os(&self) -> Option<Os> {
        let key = self.key.as_ref()?.known()?;
        let compares = self.operator() == Some(TolerationOperator::Equal);
        if !compares || !matches!(key, "os" | "node.kubernetes.io/os" | "kubernetes.io/os") {
            return None;
        }
        match self.value.as_ref()?.known()?.to_ascii_lowercase().as_str() {
            "windows" => Some(Os::Windows),
            "linux" => Some(Os::Linux),
            _ => None,
        }
    }

    /// What the API server rejects of it. What is not known is not judged.
    pub fn refusals(&self) -> Vec<TolerationRefusal<'_>> {
        use TolerationRefusal as R;
        let operator = self.operator();
        let no_value = self.value.as_ref().filter(|_| operator == Some(TolerationOperator::Exists));
        let is_mistyped = |text: &Text| self.mistyped.iter().any(|it| it.span == text.span);
        let mistyped = self.mistyped.iter().filter(|it| no_value.is_none_or(|value| value.span != it.span));
        let mut refused: Vec<_> = mistyped.map(R::Type).collect();
        // What is of the wrong type is rejected for that alone.
        let part = |text| stated(text).filter(|text| !is_mistyped(text)).and_then(|text| Some((text, text.known()?)));
        if stated(&self.key).is_none() && operator.is_some_and(|it| it != TolerationOperator::Exists) {
            refused.push(R::NoKey);
        }
        refused.extend(part(&self.key).filter(|(_, key)| !is_label_key(key)).map(|(text, _)| R::Key(text)));
        let value = part(&self.value);
        let of_value = match operator {
            Some(TolerationOperator::Equal) => {
                value.filter(|(_, value)| !is_label_value(value)).map(|it| R::Value(it.0))
            }
            Some(TolerationOperator::Exists) => {
                stated(&self.value).filter(|it| it.known().is_some()).map(R::ValueOfExists)
            }
            Some(TolerationOperator::Compares) if stated(&self.value).is_none() => {
                self.operator.as_ref().map(R::NotInteger)
            }
            Some(TolerationOperator::Compares) => value.filter(|(_, it)| !is_integer(it)).map(|it| R::NotInteger(it.0)),
            Some(TolerationOperator::Invalid) => part(&self.operator).map(|(text, _)| R::Operator(text)),
            None => None,
        };
        refused.extend(of_value);
        let effect = self.effect.as_ref().map_or(Some(""), Text::known);
        if let Some((text, _)) = part(&self.effect).filter(|(_, effect)| !EFFECTS.contains(effect)) {
            refused.push(R::Effect(text));
        } else if effect.is_some_and(|effect| effect != "NoExecute") {
            refused.extend(self.seconds.as_ref().map(R::Seconds));
        }
        refused
    }
}

/// What is written and not empty.
#[expect(clippy::ref_option, reason = "the fields are asked")]
fn stated(text: &Option<Text>) -> Option<&Text> {
    text.as_ref().filter(|text| !text.value.is_empty())
}

/// A decimal integer of 64 bits in its shortest form.
fn is_integer(value: &str) -> bool {
    value.parse::<i64>().is_ok_and(|number| number.to_string() == value)
}

/// Whether a toleration takes a taint; none if that is not known. No key tolerates every key (with `Exists`), no effect
/// every effect. Of one that the API server rejects, what it asks for counts where that is plain.
pub fn tolerates(toleration: &Toleration, taint: &Taint) -> Option<bool> {
    let operator = toleration.operator();
    let effect = match stated(&toleration.effect).map_or(Some(""), Text::known) {
        Some("") => Some(true),
        Some(effect) if EFFECTS.contains(&effect) => Some(effect == taint.effect),
        Some(_) | None => None,
    };
    let key = match stated(&toleration.key) {
        Some(key) => key.known().map(|key| key == taint.key),
        None => (operator == Some(TolerationOperator::Exists)).then_some(true),
    };
    let value = match operator {
        Some(TolerationOperator::Exists) => Some(true),
        Some(TolerationOperator::Equal) => {
            stated(&toleration.value).map_or(Some(""), Text::known).map(|value| value == taint.value)
        }
        Some(TolerationOperator::Compares | TolerationOperator::Invalid) | None => None,
    };
    let parts = [effect, key, value];
    if parts.contains(&Some(false)) {
        return Some(false);
    }
    if parts.contains(&None) { None } else { Some(true) }
}
