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
    /// Whether one of the constraints may tell Windows builds apart: anything but those on the operating system and the role.
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

/// Why Swarm refuses a constraint.
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
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && key.len() > 1
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// `^(?i)[a-z0-9:\-_\s\.\*\(\)\?\+\[\]\\\^\$\|\/]+$`
fn is_value(value: &str) -> bool {
    !value.is_empty()
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":-_ \t\n\r\x0c.*()?+[]\\^$|/".contains(&byte))
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
    /// No key that Swarm knows: it never matches.
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
        match self.key.to_ascii_lowercase().as_str() {
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
        self.value.eq_ignore_ascii_case(actual) == self.equal
    }

    /// Whether `host` satisfies it; none where the fleet can't tell.
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
                let is_role = ["manager", "worker"].iter().any(|role| self.value.eq_ignore_ascii_case(role));
                let asks_for_workers = self.value.eq_ignore_ascii_case("worker") == self.equal;
                // Every node that nobody promotes is a worker, which a fleet has no word for.
                if is_role { asks_for_workers.then_some(true) } else { Some(!self.equal) }
            }
            // An address that is none never matches, whatever the operator.
            Subject::Ip => (!is_address(&self.value)).then_some(false),
            Subject::Identity => None,
            Subject::Unknown => Some(false),
        }
    }

    /// Nodes call one architecture `x86_64` or `amd64`, as their engine does; the fleet can only tell families apart.
    fn arch_holds_on(&self, host: &Host) -> Option<bool> {
        let Some(declared) = host.labels.iter().find(|(key, _)| key.ends_with("kubernetes.io/arch")) else {
            // Windows Server is a container host on one architecture only, which its engine calls `x86_64`.
            let windows = matches!(host.os, HostOs::Windows(_));
            let same_family = arch_family(&self.value) == "amd64";
            let told = windows && (!same_family || self.value.eq_ignore_ascii_case("x86_64"));
            return told.then(|| self.matches("x86_64"));
        };
        (arch_family(&declared.1) != arch_family(&self.value)).then_some(!self.equal)
    }
}

fn label<'k>(key: &'k str, prefix: &str) -> Option<&'k str> {
    let (head, name) = key.split_at_checked(prefix.len())?;
    (head.eq_ignore_ascii_case(prefix) && !name.is_empty()).then_some(name)
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

/// Whether a service may be placed on `host`. A constraint that Swarm refuses leaves it unknown: nothing is deployed.
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
mod tests {
    use super::*;
    use crate::{
        model::Orchestrator,
        source::SourceId,
        windows::{Build, HostKind, Isolation, OsVersion},
    };

    fn constraint(value: &str) -> Constraint {
        Constraint::parse(Text::literal(value, Span::new(SourceId(0), 0..value.len())))
    }

    fn host(os: HostOs, labels: &[(&str, &str)], engine_labels: &[(&str, &str)]) -> Host {
        let own = |list: &[(&str, &str)]| list.iter().map(|&(key, value)| (key.into(), value.into())).collect();
        Host {
            name: "node".into(),
            os,
            os_span: Span::new(SourceId(1), 0..0),
            kind: HostKind::Server,
            orchestrator: Some(Orchestrator::Swarm),
            runtime: None,
            isolation: Isolation::Default,
            hyperv: None,
            labels: own(labels),
            engine_labels: own(engine_labels),
            taints: Vec::new(),
            platform: None,
            count: 1,
            places: crate::fleet::HostPlaces::default(),
        }
    }

    fn windows(labels: &[(&str, &str)]) -> Host {
        host(HostOs::Windows(OsVersion { build: Build(17763), revision: None }), labels, &[])
    }

    /// `Ok(true)` etc. as (key, equal, value), or the kind of refusal.
    fn parsed(value: &str) -> String {
        match constraint(value).parsed {
            Ok(it) => format!("{} {} {}", it.key, if it.equal { "==" } else { "!=" }, it.value),
            Err(ConstraintError::Operator(at)) => format!("operator {at:?}"),
            Err(ConstraintError::Key(key)) => format!("key '{key}'"),
            Err(ConstraintError::Value(value)) => format!("value '{value}'"),
            Err(ConstraintError::Unresolved(name)) => format!("unresolved {name}"),
        }
    }

    #[test]
    fn the_grammar_is_swarmkits() {
        for (text, expected) in [
            ("", "operator None"),
            (" ", "operator None"),
            ("nodeabc", "operator None"),
            ("node ~ abc", "operator None"),
            ("node.labels.os=windows", "operator Some(14)"),
            ("1node==a2", "key '1node'"),
            (" node == node1", "node == node1"),
            ("no de== node1", "key 'no de'"),
            ("no*de==node1", "key 'no*de'"),
            ("==node1", "key ''"),
            ("n==node1", "key 'n'"),
            ("no$de==node1", "key 'no$de'"),
            ("node==", "value ''"),
            ("node== ", "value ''"),
            ("node==a,b", "value 'a,b'"),
            ("node==>5", "value '>5'"),
            ("node===a", "value '=a'"),
            ("NoDe==node1", "NoDe == node1"),
            ("no.de==node1", "no.de == node1"),
            ("_node==_node1", "_node == _node1"),
            ("node==[a-b]+c*(n|b)/", "node == [a-b]+c*(n|b)/"),
            ("node==node 1", "node == node 1"),
            ("node.labels.OsVersion != 10.0.14393", "node.labels.OsVersion != 10.0.14393"),
            // `==` is searched first.
            ("a!=b==c", "key 'a!=b'"),
        ] {
            assert_eq!(parsed(text), expected, "{text}");
        }
    }

    #[test]
    fn ranges_are_those_of_key_and_value() {
        let text = "  node.labels.os  ==  windows ";
        let Ok(expression) = constraint(text).parsed else { panic!("refused") };
        assert_eq!(text.get(expression.key_at), Some("node.labels.os"));
        assert_eq!(text.get(expression.value_at), Some("windows"));
    }

    #[test]
    fn whole_values_are_compared_without_case() {
        for (text, actual, expected) in [
            ("node.name==foo", "foo", true),
            ("node.name==foo", "fo", false),
            ("node.name==foo", "fooE", false),
            ("node.name!=foo", "foo", false),
            ("node.name!=foo", "bar", true),
            ("node.name!=foo", "fooExtra", true),
            ("node.name==f*o", "fo", false),
            ("node.name==f*o", "F*o", true),
            ("node.name==f.-$o", "fa-$o", false),
            ("node.name==f.-$o", "f.-$o", true),
        ] {
            let Ok(expression) = constraint(text).parsed else { panic!("refused {text}") };
            assert_eq!(expression.matches(actual), expected, "{text} on {actual}");
        }
    }

    fn answer(text: &str, host: &Host) -> char {
        let service = SwarmPlacement { constraints: vec![constraint(text)], ..SwarmPlacement::default() };
        match allows(&service, host) {
            Allowed::Yes => 'y',
            Allowed::No(_) => 'n',
            Allowed::Unknown(_) => '?',
        }
    }

    #[test]
    fn each_key_is_matched_with_what_the_fleet_declares() {
        let on_windows = windows(&[("os", "windows"), ("OsVersion", "10.0.17763"), ("kubernetes.io/arch", "amd64")]);
        let on_linux = host(HostOs::Linux, &[], &[("storage", "SSD")]);
        for (text, of_windows, of_linux) in [
            ("node.platform.os == windows", 'y', 'n'),
            ("NODE.PLATFORM.OS == Windows", 'y', 'n'),
            ("node.platform.os != windows", 'n', 'y'),
            ("node.labels.os == WINDOWS", 'y', 'n'),
            ("Node.Labels.os == windows", 'y', 'n'),
            ("node.labels.OS == windows", 'n', 'n'),
            ("node.labels.os != windows", 'n', 'y'),
            ("node.labels.OsVersion == 10.0.177*", 'n', 'n'),
            ("node.labels.OsVersion == 10.0.17763", 'y', 'n'),
            ("engine.labels.storage == ssd", 'n', 'y'),
            ("node.labels.storage == ssd", 'n', 'n'),
            ("node.hostname == web1", '?', '?'),
            ("node.id != abc", '?', '?'),
            ("node.role == manager", '?', '?'),
            ("node.role == master", 'n', 'n'),
            ("node.role != master", 'y', 'y'),
            ("node.ip == 10.0.0.0/8", '?', '?'),
            ("node.ip != 10.0.0", 'n', 'n'),
            ("node.platform.arch == x86_64", '?', '?'),
            ("node.platform.arch == arm64", 'n', '?'),
            ("node.os == windows", 'n', 'n'),
            ("node.labels. == windows", 'n', 'n'),
            ("node.labels.os = windows", '?', '?'),
        ] {
            assert_eq!(answer(text, &on_windows), of_windows, "{text} on Windows");
            assert_eq!(answer(text, &on_linux), of_linux, "{text} on Linux");
        }
    }

    #[test]
    fn one_constraint_that_fails_outweighs_doubt() {
        let constraints = vec![constraint("node.role == manager"), constraint("node.platform.os == linux")];
        let service = SwarmPlacement { constraints, ..SwarmPlacement::default() };
        assert!(matches!(allows(&service, &windows(&[])), Allowed::No(_)));
    }

    #[test]
    fn an_unknown_variable_leaves_it_unknown() {
        let mut text = Text::empty(Span::new(SourceId(0), 0..20));
        text.push_literal("node.labels.os==", Span::new(SourceId(0), 0..16));
        let used = Span::new(SourceId(0), 16..20);
        text.push("${O}", used, used, crate::text::Origin::Hole("O".into()));
        let constraint = Constraint::parse(text);
        assert_eq!(constraint.parsed, Err(ConstraintError::Unresolved("O".into())));
        let service = SwarmPlacement { constraints: vec![constraint], ..SwarmPlacement::default() };
        assert!(matches!(allows(&service, &windows(&[])), Allowed::Unknown(_)));
    }
}
