//! Every example and every case of `fixtures/rules` again, with its hosts in targets.

use super::*;
use crate::{config::Target, finding::Message, fleet::Fleet, source::Span};

/// All files judged against these hosts, each under its name, and against no others.
fn run_with_targets(case: &Example, fleets: impl Fn(&Fleet) -> Vec<(&'static str, Fleet)>) -> Vec<Finding> {
    let (sources, units, mut config) = read(case, utf8);
    let own = std::mem::take(&mut config.fleet);
    let target = |(name, fleet): (&str, Fleet)| Target {
        paths: Vec::new(),
        name: name.to_owned(),
        file: name.to_owned(),
        span: Span::NOWHERE,
        fleet: fleet.into(),
        files: units.iter().map(|unit| unit.source).collect(),
    };
    config.targets = fleets(&own).into_iter().map(target).collect();
    let mut report = check(&sources, &units, &config, TODAY);
    report.identify(&sources, &units, &config);
    report.findings
}

pub(super) fn all_cases() -> impl Iterator<Item = (&'static str, Example)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/rules");
    RULES.iter().flat_map(move |rule| {
        let page = std::fs::read_to_string(folder.join(format!("{}.md", rule.id))).unwrap_or_default();
        let cases: Vec<_> = examples(rule.docs).into_iter().chain(examples(&page)).collect();
        cases.into_iter().map(|case| (rule.id, case))
    })
}

fn fleet(finding: &Finding) -> Option<&str> {
    finding.identity.as_ref().unwrap().fleet.as_deref()
}

/// A finding but for its fleet, and with it its identity.
fn summary(finding: &Finding) -> String {
    let Finding { rule, severity, span, message, related, fixes, parts, image, hosts, .. } = finding;
    format!("{rule} {severity:?} {span:?} {message} {related:?} {fixes:?} {parts:?} {image:?} {hosts:?}")
}

fn judges_hosts(finding: &Finding) -> bool {
    super::super::find(finding.rule).unwrap().judges_hosts
}

#[test]
fn a_target_judges_as_the_hosts_of_the_configuration_do() {
    let (mut wrong, mut named) = (String::new(), 0);
    for (id, case) in all_cases() {
        let (_, before) = run(&case);
        let after = run_with_targets(&case, |own| vec![("prod", own.clone())]);
        let (before, now): (Vec<_>, Vec<_>) =
            (before.iter().map(summary).collect(), after.iter().map(summary).collect());
        if before != now {
            writeln!(wrong, "{id}, {}:\n{before:#?}\n{now:#?}", case.title).unwrap();
        }
        for finding in &after {
            let expected = judges_hosts(finding).then_some("prod");
            assert_eq!(fleet(finding), expected, "{id}, {}: {finding:?}", case.title);
        }
        named += after.iter().filter(|it| fleet(it).is_some()).count();
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(named > 300, "{named}");
}

#[test]
fn a_file_of_two_targets_is_judged_against_each() {
    for (id, case) in all_cases() {
        let (_, before) = run(&case);
        let twice = run_with_targets(&case, |own| vec![("prod", own.clone()), ("staging", own.clone())]);
        for finding in &before {
            let same: Vec<_> = twice.iter().filter(|it| summary(it) == summary(finding)).map(fleet).collect();
            let expected = if judges_hosts(finding) { vec![Some("prod"), Some("staging")] } else { vec![None] };
            assert_eq!(same, expected, "{id}, {}: {finding:?}", case.title);
        }
        let hosts = before.iter().filter(|it| judges_hosts(it)).count();
        assert_eq!(twice.len(), before.len() + hosts, "{id}, {}", case.title);
    }
}

/// What a rule finds that names no fleet, it finds whatever the hosts are.
#[test]
fn rules_that_name_no_fleet_ask_for_none() {
    // A comment is of no use only where somebody looked; engines and releases of hosts are the fleet's own; a field is worse
    // where some fleet has a node for the pod.
    const OF_HOSTS: [&str; 5] =
        ["unused-ignore", "engine-refuses-host", "unsupported-host", "undeclared-image-os", "linux-field-on-windows"];
    let mut wrong = String::new();
    for (id, case) in all_cases() {
        let (_, with) = run(&case);
        let without = run_with_targets(&case, |_| vec![("none", Fleet::default())]);
        let others = |it: &&Finding| !judges_hosts(it) && !OF_HOSTS.contains(&it.rule);
        // What to write may depend on the hosts.
        let summary = |finding: &Finding| {
            let message = Message { help: None, ..finding.message.clone() };
            summary(&Finding { fixes: Vec::new(), message, ..finding.clone() })
        };
        let with: Vec<_> = with.iter().filter(others).map(summary).collect();
        let without: Vec<_> = without.iter().filter(others).map(summary).collect();
        if with != without {
            writeln!(wrong, "{id}, {}:\n{with:#?}\n{without:#?}", case.title).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
