//! Swarm's constraint filter.
//!
//! The grammar and the way of matching are those of swarmkit, `manager/constraint/constraint.go`.

use std::{net::IpAddr, ops::Range};

use super::{Allowed, Exclusion};
use crate::{
    fleet::{Host, HostOs},
    patch::{Nested, Place},
    source::{Sources, Span},
    text::Text,
};

/// What the key of a constraint on a node label starts with.
pub const NODE_LABELS: &str = "node.labels.";
/// The same of a label of the engine.
pub const ENGINE_LABELS: &str = "engine.labels.";

/// Everything in a service of a stack that decides on which nodes it may run.
#[derive(Clone, Debug, Default)]
pub struct SwarmPlacement {
    /// `deploy.placement.constraints`. All have to match.
    pub constraints: Vec<Constraint>,
    /// The `constraints` key, where there is one.
    pub constraints_key: Option<Span>,
    /// Where the service, its `deploy`, `placement` and `constraints` stand, as deep as they are there; none where
    /// others may share them.
    pub places: Vec<Place>,
}

/// The keys that lead from a service to its constraints.
pub const CONSTRAINTS: [&str; 3] = ["deploy", "placement", "constraints"];

impl SwarmPlacement {
    /// Whether one of the constraints may distinguish Windows builds: anything but those on the operating system and the role.
    pub fn may_tell_builds_apart(&self) -> bool {
        self.constraints.iter().any(|constraint| match &constraint.parsed {
            Ok(expression) => {
                let key = expression.key.to_ascii_lowercase();
                let is_os = ["windows", "linux"].iter().any(|os| expression.value.eq_ignore_ascii_case(os));
                !(is_os || key == "node.role" || key.starts_with("node.platform."))
            }
            Err(_) => true,
        })
    }

    /// Where `constraint` goes into the service's constraints, and the text to insert there: with the keys that are not
    /// there yet.
    pub fn insertion(&self, sources: &Sources, constraint: &str) -> Option<(Span, String)> {
        let innermost = self.places.last()?;
        let keys = CONSTRAINTS.get(self.places.len() - 1..)?;
        let plain = self.places.iter().all(|place| place.is_plain(sources));
        plain.then(|| innermost.append(sources, Nested { keys, item: constraint }))?
    }
}

/// One constraint.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// As written.
    pub text: Text,
    /// What Swarm makes of it.
    pub parsed: Result<Expression, ConstraintError>,
}

impl Constraint {
    /// The bytes that state its value, if it has one.
    pub fn value_place(&self) -> Option<Span> {
        Some(self.text.locate(self.parsed.as_ref().ok()?.value_at.clone()))
    }
}

/// `key == value` or `key != value`, spaces trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// `node.labels.os`.
    pub key: String,
    /// `==`, not `!=`.
    pub equal: bool,
    /// What it is compared with.
    pub value: String,
    /// The key's bytes in the value of [`Constraint::text`].
    pub key_at: Range<usize>,
    /// The value's bytes there.
    pub value_at: Range<usize>,
}

/// Why Swarm rejects a constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintError {
    /// Neither `==` nor `!=`. Holds the offset of a single `=`, if there is one.
    Operator(Option<usize>),
    /// The key is not a key.
    Key(String),
    /// The value is not a value.
    Value(String),
    /// It holds a variable that is not known.
    Unresolved(String),
}

impl Constraint {
    /// Reads a constraint as Swarm does.
    pub fn parse(text: Text) -> Self {
        let parsed = parse(&text);
        Self { text, parsed }
    }
}

fn parse(text: &Text) -> Result<Expression, ConstraintError> {
    if let Some(name) = text.hole() {
        return Err(ConstraintError::Unresolved(name.to_owned()));
    }
    let whole = text.value.as_str();
    // `==` is looked for in the whole constraint before `!=` is, so that `a!=b==c` has the bad key `a!=b`.
    let Some((operator, at)) = ["==", "!="].into_iter().find_map(|it| Some((it, whole.find(it)?))) else {
        return Err(ConstraintError::Operator(whole.find('=')));
    };
    let key_at = trimmed(whole, 0..at);
    let value_at = trimmed(whole, at + operator.len()..whole.len());
    let key = whole.get(key_at.clone()).unwrap_or_default().to_owned();
    let value = whole.get(value_at.clone()).unwrap_or_default().to_owned();
    if !is_key(&key) {
        return Err(ConstraintError::Key(key));
    }
    if !is_value(&value) {
        return Err(ConstraintError::Value(value));
    }
    Ok(Expression { key, equal: operator == "==", value, key_at, value_at })
}

fn trimmed(whole: &str, range: Range<usize>) -> Range<usize> {
    let part = whole.get(range.clone()).unwrap_or_default();
    let start = range.start + (part.len() - part.trim_start().len());
    start..start + part.trim().len()
}

/// `^(?i)[a-z_][a-z0-9\-_.]+$`
fn is_key(key: &str) -> bool {
    let mut chars = key.chars().map(folded);
    chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && key.chars().nth(1).is_some()
        && chars.all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it))
}

/// `^(?i)[a-z0-9:\-_\s\.\*\(\)\?\+\[\]\\\^\$\|\/]+$`
fn is_value(value: &str) -> bool {
    !value.is_empty()
        && value.chars().map(folded).all(|it| it.is_ascii_alphanumeric() || ":-_ \t\n\r\x0c.*()?+[]\\^$|/".contains(it))
}

/// The lowercase form in which Swarm compares. A constraint can only hold ASCII and the two letters that Unicode folds into
/// ASCII, so that other letters of a label are equal to nothing in it, whatever their case.
fn folded(letter: char) -> char {
    match letter {
        'ſ' => 's',
        '\u{212a}' => 'k', // KELVIN SIGN
        _ => letter.to_ascii_lowercase(),
    }
}

/// Whether two texts, of which a constraint holds one, are equal to Swarm.
fn is_same(a: &str, b: &str) -> bool {
    a.chars().map(folded).eq(b.chars().map(folded))
}

/// What a constraint's key asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'k> {
    /// `node.labels.NAME`. Letter case of the name counts.
    NodeLabel(&'k str),
    /// `engine.labels.NAME`. Letter case of the name counts.
    EngineLabel(&'k str),
    /// `node.platform.os`.
    Os,
    /// `node.platform.arch`.
    Arch,
    /// `node.role`.
    Role,
    /// `node.ip`.
    Ip,
    /// `node.id` and `node.hostname`: nothing that a fleet declares.
    Identity,
    /// A key that Swarm does not know: it never matches.
    Unknown,
}

impl Expression {
    /// What its key asks about. Letter case counts in names of labels only.
    pub fn subject(&self) -> Subject<'_> {
        if let Some(name) = label(&self.key, NODE_LABELS) {
            return Subject::NodeLabel(name);
        }
        if let Some(name) = label(&self.key, ENGINE_LABELS) {
            return Subject::EngineLabel(name);
        }
        match self.key.chars().map(folded).collect::<String>().as_str() {
            "node.platform.os" => Subject::Os,
            "node.platform.arch" => Subject::Arch,
            "node.role" => Subject::Role,
            "node.ip" => Subject::Ip,
            "node.id" | "node.hostname" => Subject::Identity,
            _ => Subject::Unknown,
        }
    }

    /// What the label that it asks about is on `host`; none where it asks about something else, or there is no such label.
    pub fn label_of<'h>(&self, host: &'h Host) -> Option<&'h str> {
        let (name, labels) = match self.subject() {
            Subject::NodeLabel(name) => (name, &host.labels),
            Subject::EngineLabel(name) => (name, &host.engine_labels),
            _ => return None,
        };
        labels.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether a node of which the subject is `actual` satisfies it: the whole value, letter case ignored.
    pub fn matches(&self, actual: &str) -> bool {
        is_same(&self.value, actual) == self.equal
    }

    /// Whether `host` satisfies it; none where the fleet does not say.
    pub fn holds_on(&self, host: &Host) -> Option<bool> {
        let find = |labels: &[(String, String)], name: &str| {
            let value = labels.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            // A missing label is an empty one.
            self.matches(value.unwrap_or_default())
        };
        match self.subject() {
            Subject::NodeLabel(name) => Some(find(&host.labels, name)),
            Subject::EngineLabel(name) => Some(find(&host.engine_labels, name)),
            Subject::Os => Some(self.matches(match host.os {
                HostOs::Windows(_) => "windows",
                HostOs::Linux => "linux",
            })),
            Subject::Arch => self.arch_holds_on(host),
            Subject::Role => {
                let is_role = ["manager", "worker"].iter().any(|role| is_same(&self.value, role));
                let asks_for_workers = self.matches("worker");
                // Every node that nobody promotes is a worker, which a fleet has no word for.
                if is_role { asks_for_workers.then_some(true) } else { Some(!self.equal) }
            }
            // An address that is none never matches, whatever the operator.
            Subject::Ip => (!is_address(&self.value)).then_some(false),
            Subject::Identity => None,
            Subject::Unknown => Some(false),
        }
    }

    /// Nodes call one architecture `x86_64` or `amd64`, as their engine does; the fleet only distinguishes families.
    fn arch_holds_on(&self, host: &Host) -> Option<bool> {
        let Some(declared) = host.labels.iter().find(|(key, _)| key.ends_with("kubernetes.io/arch")) else {
            // Windows Server is a container host on one architecture only, which its engine calls `x86_64`.
            let windows = matches!(host.os, HostOs::Windows(_));
            let same_family = arch_family(&self.value) == "amd64";
            let is_known = windows && (!same_family || self.value.eq_ignore_ascii_case("x86_64"));
            return is_known.then(|| self.matches("x86_64"));
        };
        (arch_family(&declared.1) != arch_family(&self.value)).then_some(!self.equal)
    }
}

fn label<'k>(key: &'k str, prefix: &str) -> Option<&'k str> {
    let (head, name) = key.split_at_checked(prefix.len())?;
    (is_same(head, prefix) && !name.is_empty()).then_some(name)
}

fn arch_family(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "x86_64" | "x86-64" | "amd64" => "amd64".to_owned(),
        "aarch64" | "arm64" => "arm64".to_owned(),
        other => other.to_owned(),
    }
}

/// An IP address, or a subnet as `210.8.4.0/24`.
fn is_address(value: &str) -> bool {
    let Some((address, bits)) = value.split_once('/') else {
        return value.parse::<IpAddr>().is_ok();
    };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.bytes().all(|byte| byte.is_ascii_digit()) && bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

/// Whether a service may be placed on `host`. A constraint that Swarm rejects leaves it unknown: nothing is deployed.
pub fn allows(service: &SwarmPlacement, host: &Host) -> Allowed {
    let mut unknown = None;
    for constraint in &service.constraints {
        let holds = constraint.parsed.as_ref().ok().and_then(|expression| expression.holds_on(host));
        match holds {
            Some(true) => {}
            Some(false) => {
                return Allowed::No(Exclusion {
                    why: format!("constraint {}", constraint.text.value.trim()),
                    span: Some(constraint.text.place()),
                    taint: false,
                });
            }
            None => _ = unknown.get_or_insert(constraint.text.span),
        }
    }
    unknown.map_or(Allowed::Yes, Allowed::Unknown)
}

#[cfg(test)]
mod tests;
