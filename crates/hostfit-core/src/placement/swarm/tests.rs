use super::*;
use crate::{
    model::Orchestrator,
    source::SourceId,
    windows::{Build, OsVersion},
};

fn constraint(value: &str) -> Constraint {
    Constraint::parse(Text::literal(value, Span::new(SourceId(0), 0..value.len())))
}

fn host(os: HostOs, labels: &[(&str, &str)], engine_labels: &[(&str, &str)]) -> Host {
    let own = |list: &[(&str, &str)]| list.iter().map(|&(key, value)| (key.into(), value.into())).collect();
    Host { labels: own(labels), engine_labels: own(engine_labels), ..Host::bare("node", os, Some(Orchestrator::Swarm)) }
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

fn pairs(json: &str) -> Vec<(String, String)> {
    let map: std::collections::BTreeMap<String, String> = serde_json::from_str(json).expect("a JSON object");
    map.into_iter().collect()
}

/// Where hostfit does not know what a node is, it does not have to answer.
#[test]
fn constraints_are_parsed_and_matched_as_by_swarmkit() {
    let (mut hosts, mut matched, mut wrong) = (Vec::new(), 0, Vec::new());
    let table = include_str!("../../../tests/data/upstream/swarm-constraints.tsv");
    for cells in crate::upstream::cells(table) {
        if let ["node", name, os, labels, engine_labels] = *cells.as_slice() {
            let os = match os {
                "windows" => HostOs::Windows(OsVersion { build: Build(17763), revision: None }),
                _ => HostOs::Linux,
            };
            let (labels, engine_labels) = (pairs(labels), pairs(engine_labels));
            hosts.push(Host { name: name.into(), labels, engine_labels, ..host(os, &[], &[]) });
            continue;
        }
        let text: String = serde_json::from_str(cells[0]).expect("a JSON string");
        let constraint = constraint(&text);
        let found = match &constraint.parsed {
            Ok(_) => "matches",
            Err(ConstraintError::Operator(_)) => "operator",
            Err(ConstraintError::Key(_)) => "key",
            Err(ConstraintError::Value(_)) => "value",
            Err(ConstraintError::Unresolved(_)) => "unresolved",
        };
        if found != cells[1] {
            wrong.push(format!("{cells:?}: {found}"));
        }
        let Ok(expression) = &constraint.parsed else { continue };
        for (host, expected) in hosts.iter().zip(cells[2].chars()) {
            let holds = expression.holds_on(host);
            let may_be_unknown =
                matches!(expression.subject(), Subject::Identity | Subject::Ip | Subject::Role | Subject::Arch);
            matched += usize::from(holds.is_some());
            if holds != Some(expected == 'y') && !(holds.is_none() && may_be_unknown) {
                wrong.push(format!("{cells:?}: {holds:?} on {}", host.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(matched > 800, "{matched}");
}
