//! Hosts that no placement tells apart are judged once: what is decided of a class holds on each of its hosts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[expect(dead_code, reason = "other tests show more")]
mod common;

use hostfit_core::placement;

/// Two machines of each kind, with a label of their own.
fn fleet(kinds: &[&str]) -> String {
    let host = |(number, kind): (usize, &&str)| {
        let twin = |twin: usize| {
            let own = format!("machine = \"m{twin}-{number}\"");
            format!("[[host]]\nname = \"h{twin}-{number}\"\n{}\n", kind.replace("OWN", &own))
        };
        twin(0) + &twin(1)
    };
    kinds.iter().enumerate().map(host).collect()
}

const KINDS: [&str; 8] = [
    "os = \"ltsc2022\"\norchestrator = \"kubernetes\"\nlabels = { OWN }",
    "os = \"ltsc2022\"\norchestrator = \"kubernetes\"\nlabels = { OWN, pool = \"a\" }",
    "os = \"ltsc2022\"\norchestrator = \"kubernetes\"\nlabels = { pool = \"b\", OWN }",
    "os = \"ltsc2019\"\norchestrator = \"kubernetes\"\nlabels = { OWN }",
    "os = \"ltsc2022\"\norchestrator = \"kubernetes\"\ntaints = [\"os=windows:NoSchedule\"]",
    "os = \"ltsc2022\"\norchestrator = \"kubernetes\"\nruntime = \"containerd 1.6.0\"",
    "os = \"ltsc2022\"\norchestrator = \"kubernetes\"\nlabels = { OWN, \"kubernetes.io/hostname\" = \"other\" }",
    "os = \"linux\"\norchestrator = \"kubernetes\"\nlabels = { OWN, \"beta.kubernetes.io/os\" = \"windows\" }",
];

const PLACEMENTS: [&str; 9] = [
    "{}",
    "{nodeSelector: {kubernetes.io/os: windows}}",
    "{nodeSelector: {pool: a}}",
    "{nodeSelector: {node.kubernetes.io/windows-build: 10.0.20348}}",
    "{nodeSelector: {kubernetes.io/hostname: h1-1}}",
    "{nodeSelector: {kubernetes.io/hostname: other}}",
    "{nodeName: h0-2}",
    "{tolerations: [{key: os, operator: Exists}]}",
    "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [\
     {matchFields: [{key: metadata.name, operator: NotIn, values: [h0-3]}]}]}}}}",
];

fn checked(placements: &[&str]) -> common::Run {
    let pod = |(number, placement): (usize, &&str)| {
        let spec = placement.strip_suffix('}').unwrap();
        let comma = if spec == "{" { "" } else { ", " };
        let containers = "containers: [{name: c, image: \"mcr.microsoft.com/windows/servercore:ltsc2019\"}]";
        format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\nspec: {spec}{comma}{containers}}}\n")
    };
    let pods: String = placements.iter().enumerate().map(pod).collect();
    common::run(vec![
        ("hostfit.toml".to_owned(), fleet(&KINDS).into_bytes()),
        ("pods.yaml".to_owned(), pods.into_bytes()),
    ])
}

#[test]
fn what_is_decided_of_a_class_holds_on_each_of_its_hosts() {
    let run = checked(&PLACEMENTS);
    assert_eq!(run.report.project.workloads.len(), PLACEMENTS.len(), "{:?}", run.passed_over);
    for judgement in run.report.tables[0].judgements(&run.report.project, &run.config.fleet) {
        let places: Vec<_> = judgement.places().collect();
        assert_eq!(places.len(), 2 * KINDS.len());
        for (number, place) in places.iter().enumerate() {
            let host = &run.config.fleet.hosts[number];
            assert_eq!(place.host.name, host.name);
            assert_eq!(*place.allowed, placement::allows(&judgement.workload.placement, host), "{}", host.name);
        }
        for class in judgement.classes() {
            let members = places.iter().filter(|place| place.class == class.class);
            assert!(members.clone().all(|it| (it.allowed, it.outcomes) == (class.allowed, class.outcomes)));
            assert_eq!(members.map(|it| it.id).next(), Some(class.id));
        }
    }
}

#[test]
fn names_and_labels_that_no_placement_asks_for_make_no_class() {
    let count = |placements: &[&str]| {
        let run = checked(placements);
        let table = &run.report.tables[0];
        table.judgements(&run.report.project, &run.config.fleet).next().unwrap().classes().count()
    };
    // The facts, taints and systems of the eight kinds.
    assert_eq!(count(&PLACEMENTS[..1]), 5);
    // Two pools more.
    assert_eq!(count(&PLACEMENTS[1..3]), 7);
    // One host by its name, and two of which a label says another.
    assert_eq!(count(&["{nodeName: h0-2}"]), 7);
    // Twelve by a label of their own.
    assert_eq!(count(&["{nodeSelector: {machine: m0-0}}"]), 14);
}
