//! Which findings speak of a workload on a host.

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Column, Row, Verdict, What};
use crate::{
    finding::Finding,
    knowledge::hosts::Outcome,
    model::Project,
    source::{SourceId, Span},
};

/// Faults of a name: what bears one is pulled nowhere.
const DEAD_NAMES: [&str; 5] =
    ["invalid-repository", "retired-repository", "insider-image", "unpublished-latest", "unknown-tag"];

/// All findings of a run, by what they say.
#[derive(Debug)]
pub(super) struct Spoken<'a> {
    findings: Vec<Said<'a>>,
    by_workload: FxHashMap<&'a str, Vec<usize>>,
    by_place: FxHashMap<Span, Vec<usize>>,
    by_image: FxHashMap<&'a str, Vec<usize>>,
    /// How many rows of a file bear one name: several namespaces may have a `web`.
    namesakes: FxHashMap<(SourceId, String), usize>,
}

/// A finding, and the hosts that it names.
#[derive(Debug)]
struct Said<'a> {
    finding: &'a Finding,
    hosts: FxHashSet<&'a str>,
}

/// The findings that may speak of one workload.
pub(super) struct About<'s, 'a> {
    /// They name it.
    own: Vec<&'s Said<'a>>,
    /// They stand where its image is decided, and may name another one that shares it.
    shared: Vec<&'s Said<'a>>,
    /// They say that nothing is published under the name of its image.
    dead: Vec<&'s Said<'a>>,
}

impl<'a> Spoken<'a> {
    pub(super) fn new(findings: &'a [Finding], rows: &[Row]) -> Self {
        let mut spoken = Self {
            findings: findings.iter().map(Said::new).collect(),
            by_workload: FxHashMap::default(),
            by_place: FxHashMap::default(),
            by_image: FxHashMap::default(),
            namesakes: FxHashMap::default(),
        };
        for (number, finding) in findings.iter().enumerate() {
            if DEAD_NAMES.contains(&finding.rule) {
                spoken.by_image.entry(finding.image.as_deref().unwrap_or_default()).or_default().push(number);
            }
            if finding.hosts.is_empty() {
                continue;
            }
            if let Some(workload) = &finding.workload {
                spoken.by_workload.entry(workload).or_default().push(number);
            }
            for place in places(finding) {
                spoken.by_place.entry(place).or_default().push(number);
            }
        }
        for row in rows {
            *spoken.namesakes.entry((row.source, row.workload.clone())).or_default() += 1;
        }
        spoken
    }

    pub(super) fn about(&self, row: &Row, project: &Project) -> About<'_, 'a> {
        let decided_at = row.image.map(|image| project.image_os(image).span());
        let at = |place: Option<Span>| place.and_then(|place| self.by_place.get(&place)).into_iter().flatten();
        let named = self.by_workload.get(row.workload.as_str()).into_iter().flatten();
        let own =
            named.filter(|number| self.finding(**number).is_some_and(|it| self.is_meant(it.finding, row, project)));
        let decider = row.image.and_then(|image| project.decider(image)).and_then(|image| project.image(image));
        let dead = decider.and_then(|image| self.by_image.get(image.text.value.as_str())).into_iter().flatten();
        About { own: self.worst_first(own), shared: self.worst_first(at(decided_at)), dead: self.worst_first(dead) }
    }

    /// Whether a finding that names a workload so means this one.
    fn is_meant(&self, finding: &Finding, row: &Row, project: &Project) -> bool {
        let in_file = places(finding).any(|place| place.source == row.source);
        let namesakes = self.namesakes.get(&(row.source, row.workload.clone())).copied().unwrap_or(1);
        if namesakes < 2 {
            return in_file;
        }
        let image = row.image.and_then(|image| project.image(image)).map(|image| image.text.span);
        let anchor = match row.what {
            What::Container(workload, _) => workload.placement.anchor(),
            What::FinalStage => None,
        };
        let own = [Some(row.span), image, anchor];
        places(finding).any(|place| own.contains(&Some(place)))
    }

    fn finding(&self, number: usize) -> Option<&Said<'a>> {
        self.findings.get(number)
    }

    fn worst_first<'n>(&self, numbers: impl Iterator<Item = &'n usize>) -> Vec<&Said<'a>> {
        let mut numbers: Vec<_> = numbers.copied().collect();
        numbers.sort_by_key(|number| (Reverse(self.finding(*number).map(|it| it.finding.severity)), *number));
        numbers.dedup();
        numbers.into_iter().filter_map(|number| self.finding(number)).collect()
    }
}

impl<'a> Said<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self { finding, hosts: finding.hosts.iter().map(String::as_str).collect() }
    }
}

impl<'a> About<'_, 'a> {
    /// Those that speak of it on this host. What runs, and what nobody can say, has none.
    pub(super) fn on(&self, column: &Column, verdict: Verdict, outcome: Option<&Outcome>) -> Vec<&'a Finding> {
        let names_host = |said: &&&Said<'a>| {
            let fleet = said.finding.fleet.as_deref();
            said.hosts.contains(column.host.name.as_str()) && (fleet.is_none() || fleet == column.fleet.name)
        };
        let (own, shared) = match verdict {
            Verdict::Runs | Verdict::Preview | Verdict::Unknown => return Vec::new(),
            Verdict::Excluded => (&self.own, None),
            Verdict::Risk | Verdict::Blocked => (&self.own, Some(&self.shared)),
        };
        let mut found: Vec<_> = own.iter().filter(names_host).map(|said| said.finding).collect();
        for said in shared.into_iter().flatten().filter(names_host) {
            if !found.iter().any(|it| std::ptr::eq(*it, said.finding)) {
                found.push(said.finding);
            }
        }
        if found.is_empty() && matches!(outcome, Some(Outcome::Unpublished)) && verdict == Verdict::Blocked {
            found.extend(self.dead.iter().map(|said| said.finding));
        }
        found
    }
}

fn places(finding: &Finding) -> impl Iterator<Item = Span> {
    std::iter::once(finding.span).chain(finding.related.iter().map(|related| related.span))
}
