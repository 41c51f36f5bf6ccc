//! Placements with the answers of Kubernetes' own code.

use std::{collections::BTreeMap, fmt::Write};

use super::super::{field::Reader, placement::placement};
use crate::{
    fleet::{Host, HostOs, Taint},
    model::Orchestrator,
    placement::{
        Allowed,
        kubernetes::{self, PodPlacement},
    },
    source::{Source, SourceId},
    syntax::yaml::Tree,
    windows::{Isolation, release::Releases, version},
};

/// A line `node`, name, labels, taints. What Kubernetes sets by itself is not declared, as in most fleets.
fn host(cells: &[&str]) -> Host {
    let mut labels: BTreeMap<String, String> = serde_json::from_str(cells[2]).expect("a JSON object");
    let os = labels.remove("kubernetes.io/os").expect("each has one");
    let build = labels.remove("node.kubernetes.io/windows-build");
    let name = labels.remove("kubernetes.io/hostname").expect("each has one");
    assert_eq!((name.as_str(), build.is_some()), (cells[1], os == "windows"));
    let taint = |text: &str| Taint::parse(text).expect("a taint");
    let os = match build {
        Some(build) => HostOs::Windows(version::parse(&build, &Releases::default()).expect("a build")),
        None => HostOs::Linux,
    };
    Host {
        isolation: Isolation::Process,
        labels: labels.into_iter().collect(),
        taints: cells[3].split_whitespace().map(taint).collect(),
        ..Host::bare(&name, os, Some(Orchestrator::Kubernetes))
    }
}

fn of_spec(spec: &str) -> PodPlacement {
    let source = Source::from_text(SourceId(0), "pod.yaml", format!("spec: {spec}\n"));
    let tree = Tree::parse(&source);
    assert!(tree.errors.is_empty(), "{spec}");
    let pod = tree.documents().next().and_then(|document| document.get("spec")).expect("a spec");
    placement(pod, &Reader::default())
}

/// The number of cases, and what differs: `refused` is what the API server does not accept, else each node is `y` or `n`.
fn compare(table: &str, is_refused: impl Fn(&PodPlacement) -> bool) -> (usize, String) {
    let (mut hosts, mut cases, mut wrong) = (Vec::new(), 0, String::new());
    for cells in crate::upstream::cells(table) {
        if let ["node", ..] = *cells.as_slice() {
            hosts.push(host(&cells));
            continue;
        }
        let pod = of_spec(cells[0]);
        let answer = |host| match kubernetes::allows(&pod, host) {
            Allowed::Yes => 'y',
            Allowed::No(_) => 'n',
            Allowed::Unknown(_) => '?',
        };
        let answers: String = hosts.iter().map(answer).collect();
        let found = match (cells[1], is_refused(&pod)) {
            (_, true) => "refused",
            // What the scheduler makes of these depends on the cluster.
            ("gated", false) => "gated",
            _ => answers.as_str(),
        };
        if found != cells[1] {
            writeln!(wrong, "{}: {found}", cells.join("\t")).expect("a string");
        }
        cases += 1;
    }
    (cases, wrong)
}

#[test]
fn node_selectors_and_affinities_are_those_of_kubernetes() {
    let table = include_str!("../../../../tests/data/upstream/node-affinity.tsv");
    let (cases, wrong) = compare(table, |pod| {
        // Without a term nothing is asked for, which hostfit reports as what no host satisfies.
        pod.refusals().next().is_some() || pod.affinity.as_ref().is_some_and(Vec::is_empty)
    });
    assert!(wrong.is_empty(), "{wrong}");
    assert!(cases >= 200, "{cases}");
}

#[test]
fn tolerations_are_those_of_kubernetes() {
    let table = include_str!("../../../../tests/data/upstream/tolerations.tsv");
    let (cases, wrong) = compare(table, |pod| pod.tolerations.iter().any(|it| !it.refusals().is_empty()));
    assert!(wrong.is_empty(), "{wrong}");
    assert!(cases >= 40, "{cases}");
}
