//! Which objects a patch or a replacement is for.

use regex::{Regex, RegexBuilder};

use super::resource::{Id, Resource, scalar};
use crate::{
    fault::{Budget, Run, fail},
    node::Node,
};

/// How much memory one expression may take when it is compiled.
const MAX_SIZE: usize = 64 * 1024;

/// `target` of a patch, `select` of a replacement.
#[derive(Clone, Debug, Default)]
pub(super) struct Selector {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

/// One requirement of a label selector.
#[derive(Clone, Debug)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    DoesNotExist(String),
}

impl Selector {
    /// # Errors
    /// When a part of it is neither an expression nor a label selector.
    pub(super) fn new(node: &Node, budget: &mut Budget) -> Run<Self> {
        let text = |key: &str| node.get(key).map(scalar).unwrap_or_default();
        let mut regex = |key: &str| anchored(&text(key), budget);
        Ok(Self {
            group: regex("group")?,
            version: regex("version")?,
            kind: regex("kind")?,
            name: regex("name")?,
            namespace: regex("namespace")?,
            labels: requirements(&text("labelSelector"))?,
            annotations: requirements(&text("annotationSelector"))?,
        })
    }

    fn selects_type(&self, id: &Id) -> bool {
        matches(self.group.as_ref(), &id.group)
            && matches(self.version.as_ref(), &id.version)
            && matches(self.kind.as_ref(), &id.kind)
    }

    /// Whether labels and annotations are as they should be.
    pub(super) fn fits(&self, resource: &Resource) -> bool {
        self.labels.iter().all(|it| it.holds(resource, "labels"))
            && self.annotations.iter().all(|it| it.holds(resource, "annotations"))
    }

    /// Whether it says anything of labels or annotations.
    pub(super) fn asks_metadata(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }

    /// Whether it says anything of what identifies an object.
    pub(super) fn asks_id(&self) -> bool {
        [&self.group, &self.version, &self.kind, &self.name, &self.namespace].iter().any(|it| it.is_some())
    }

    /// Whether an object is meant by a patch, under its first or its present name.
    pub(super) fn selects(&self, resource: &Resource) -> bool {
        let (now, first) = (&resource.id, resource.original());
        let either = |regex: Option<&Regex>, first: &str, now: &str| matches(regex, first) || matches(regex, now);
        self.selects_type(now)
            && either(self.name.as_ref(), &first.name, &now.name)
            && either(self.namespace.as_ref(), first.effective_namespace(), now.effective_namespace())
            && self.fits(resource)
    }

    /// Whether an object is meant by a replacement.
    pub(super) fn selects_id(&self, id: &Id) -> bool {
        self.selects_type(id)
            && matches(self.name.as_ref(), &id.name)
            && matches(self.namespace.as_ref(), &id.namespace)
    }
}

fn matches(regex: Option<&Regex>, text: &str) -> bool {
    regex.is_none_or(|regex| regex.is_match(text))
}

fn anchored(pattern: &str, budget: &mut Budget) -> Run<Option<Regex>> {
    if pattern.is_empty() {
        return Ok(None);
    }
    budget.step(cost(pattern.len()))?;
    match regex(&format!("^(?:{pattern})$")) {
        Some(regex) => Ok(Some(regex)),
        None => fail(format!("`{pattern}` is not a regular expression")),
    }
}

/// An expression, if it is one and takes little memory.
pub(super) fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(MAX_SIZE).dfa_size_limit(MAX_SIZE).build().ok()
}

/// How many steps it costs to read expressions of so many bytes.
pub(super) fn cost(patterns: usize) -> u64 {
    500 + 20 * patterns as u64
}

impl Requirement {
    fn holds(&self, resource: &Resource, of: &str) -> bool {
        let value = |key: &str| resource.strings(of).find(|(own, _)| *own == key).map(|(_, value)| value);
        match self {
            Self::In(key, values) => value(key).is_some_and(|value| values.contains(&value)),
            Self::NotIn(key, values) => value(key).is_none_or(|value| !values.contains(&value)),
            Self::Exists(key) => value(key).is_some(),
            Self::DoesNotExist(key) => value(key).is_none(),
        }
    }
}

/// Reads `a=b,c!=d,e in (f,g),h,!i`.
fn requirements(text: &str) -> Run<Vec<Requirement>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = end_of_requirement(rest);
        let (one, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = after.strip_prefix(',').unwrap_or(after).trim();
        match requirement(one.trim()) {
            Some(requirement) => found.push(requirement),
            None => return fail(format!("`{text}` is not a label selector")),
        }
    }
    Ok(found)
}

/// Where the first comma is that is not in parentheses.
fn end_of_requirement(text: &str) -> usize {
    let mut is_inside = false;
    for (at, next) in text.char_indices() {
        match next {
            '(' => is_inside = true,
            ')' => is_inside = false,
            ',' if !is_inside => return at,
            _ => {}
        }
    }
    text.len()
}

fn requirement(text: &str) -> Option<Requirement> {
    let owned = |text: &str| text.trim().to_owned();
    if let Some(key) = text.strip_prefix('!') {
        return Some(Requirement::DoesNotExist(owned(key)));
    }
    if let Some(values) = text.strip_suffix(')') {
        let (head, values) = values.split_once('(')?;
        let values = values.split(',').map(owned).collect();
        let mut words = head.split_whitespace();
        return match (words.next()?, words.next()?, words.next()) {
            (key, "in", None) => Some(Requirement::In(owned(key), values)),
            (key, "notin", None) => Some(Requirement::NotIn(owned(key), values)),
            _ => None,
        };
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Some(Requirement::NotIn(owned(key), vec![owned(value)]));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Some(Requirement::In(owned(key), vec![owned(value)]));
    }
    (!text.is_empty() && !text.contains(char::is_whitespace)).then(|| Requirement::Exists(owned(text)))
}
