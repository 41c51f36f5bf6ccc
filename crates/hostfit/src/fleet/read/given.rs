//! Values of declarations, in whatever language they are written: JSON of a cloud, YAML of a cluster, HCL.

use std::collections::BTreeMap;

use serde_json::Value;

/// A value that a declaration states, or leaves open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Given {
    /// Not stated.
    #[default]
    Nothing,
    /// Text; numbers and Booleans as text too.
    Text(String),
    /// Values in order. A block of Terraform is a list of one.
    List(Vec<Given>),
    /// Values by key.
    Map(BTreeMap<String, Given>),
    /// An expression that is known later, as it is written, between backticks.
    Open(String),
}

static NOTHING: Given = Given::Nothing;

/// A longer expression says nothing more.
const LONGEST: usize = 60;

impl Given {
    /// An expression, on one line and not too long.
    pub(super) fn open(expression: &str) -> Self {
        Self::Open(quoted(expression))
    }

    /// A variable with its default, which need not be what it stands for.
    pub(super) fn variable(name: &str, default: &str) -> Self {
        Self::Open(format!("{} (default {})", quoted(name), quoted(default)))
    }

    /// A text, open where it is a template of something else: `${CLUSTER_NAME}`, `{{ .Values.os }}`.
    pub(super) fn text_or_template(text: &str) -> Self {
        if text.contains("${") || text.contains("{{") { Self::open(text) } else { Self::Text(text.to_owned()) }
    }

    /// The value under one of these keys, the first that is there. A list of one is looked into.
    pub(super) fn at(&self, keys: &[&str]) -> &Self {
        let map = match self {
            Self::List(list) => match list.as_slice() {
                [Self::Map(map)] => map,
                _ => return &NOTHING,
            },
            Self::Map(map) => map,
            open @ Self::Open(_) => return open,
            _ => return &NOTHING,
        };
        let given = keys.iter().filter_map(|key| map.get(*key));
        given.into_iter().find(|it| **it != Self::Nothing).unwrap_or(&NOTHING)
    }

    /// Its text, where that is stated and not empty.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// Its expression between backticks, where it is open.
    pub(super) fn expression(&self) -> Option<&str> {
        match self {
            Self::Open(expression) => Some(expression),
            _ => None,
        }
    }

    /// A number that a count may be.
    pub(super) fn count(&self) -> Option<usize> {
        self.text()?.parse().ok().filter(|count| *count <= 100_000)
    }

    /// Whether it says yes.
    pub(super) fn is_true(&self) -> bool {
        self.text().is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    /// The items of a list; of everything else none.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    /// The entries of a mapping, or of the one that is all of a list.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&String, &Self)> {
        let map = match self {
            Self::Map(map) => Some(map),
            Self::List(list) => match list.as_slice() {
                [Self::Map(map)] => Some(map),
                _ => None,
            },
            _ => None,
        };
        map.into_iter().flatten()
    }
}

impl From<&Value> for Given {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Bool(it) => Self::Text(it.to_string()),
            Value::Number(it) => Self::Text(it.to_string()),
            Value::String(it) => Self::text_or_template(it),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect())
            }
        }
    }
}

/// A text from outside between backticks, on one line and not too long.
pub(super) fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
    let short: String = line.chars().take(LONGEST).collect();
    let more = if short.len() < line.len() { "…" } else { "" };
    format!("`{short}{more}`")
}
