//! Findings of several workloads and fleets that stand in one place.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::{
    config::{Config, DeclaredFleet},
    finding::{Finding, Fix},
    fleet::{FleetId, HostId},
    model::Project,
    rules,
    source::{SourceId, Span},
};

/// One place is reported once by a rule for each fleet that it names, however many workloads come to it: the later ones
/// become related places, and their hosts join.
pub(super) fn same_places(findings: Vec<Finding>, config: &Config) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut places: FxHashMap<(&str, Span, Option<FleetId>), Vec<usize>> = FxHashMap::default();
    for finding in findings {
        let key = (finding.rule, finding.span, Some(finding.fleet).filter(|_| finding.is_of_fleet));
        let here = places.entry(key).or_default();
        // Of several images that fail on different hosts each is reported: no host stands for one that runs there.
        let is_one = |first: &Finding| first.image == finding.image || first.hosts == finding.hosts;
        let same = here.iter().copied().find(|place| merged.get(*place).is_some_and(is_one));
        let Some(first) = same.and_then(|place| merged.get_mut(place)) else {
            here.push(merged.len());
            merged.push(finding);
            continue;
        };
        first.severity = first.severity.max(finding.severity);
        // What is right for one of them may be wrong for another.
        first.fixes.retain(|fix| finding.fixes.contains(fix));
        if first.fleet != finding.fleet && first.message.help != finding.message.help {
            first.message.help = None;
        }
        let is_new = |host: &&HostId| first.hosts.binary_search(host).is_err();
        let is_same = Arc::ptr_eq(&first.hosts, &finding.hosts);
        let new: Vec<_> = finding.hosts.iter().filter(|_| !is_same).filter(is_new).copied().collect();
        if !new.is_empty() && !first.hosts.is_empty() {
            let fleet = config.fleet(first.fleet);
            let names = new.iter().filter_map(|id| Some(format!("`{}`", fleet?.fleet.host(*id)?.name)));
            let names: Vec<_> = names.collect();
            // Of two notes the first says what happens.
            first.message.notes.truncate(1);
            first.message.notes.push(format!("the same holds on {}", rules::list(&names)));
        }
        if !new.is_empty() {
            let mut all = [&*first.hosts, &new].concat();
            all.sort_unstable();
            first.hosts = all.into();
        }
        for rendering in finding.rendered {
            if !first.rendered.contains(&rendering) {
                first.rendered.push(rendering);
            }
        }
        for part in finding.parts {
            if !first.parts.contains(&part) {
                first.parts.push(part);
            }
        }
        for related in finding.related {
            if !first.related.iter().any(|it| it.span == related.span) {
                first.related.push(related);
            }
        }
    }
    merged
}

/// What fixes a place for one of its fleets.
struct Asked {
    fleet: FleetId,
    fixes: Vec<Fix>,
}

/// What fixes a file for one of its fleets may break it for another: a fix that not all of them ask for is applied only
/// where somebody looked at it.
pub(super) fn doubt_fixes(findings: &mut [Finding], project: &Project, config: &Config) {
    if config.targets.is_empty() {
        return;
    }
    let judges_hosts = |id: &str| rules::find(id).is_some_and(|rule| rule.judges_hosts);
    let concerned = |finding: &Finding| !finding.fixes.is_empty() && judges_hosts(finding.rule);
    let mut asked: FxHashMap<(&str, Span), Vec<Asked>> = FxHashMap::default();
    for finding in findings.iter().filter(|it| concerned(it)) {
        let by = Asked { fleet: finding.fleet, fixes: finding.fixes.clone() };
        asked.entry((finding.rule, finding.span)).or_default().push(by);
    }
    let mut fleets: FxHashMap<SourceId, Vec<DeclaredFleet<'_>>> = FxHashMap::default();
    for finding in findings.iter_mut().filter(|it| concerned(it)) {
        let file = finding.span.source;
        let fleets = if finding.rendered.is_empty() {
            fleets.entry(file).or_insert_with(|| fleets_of(&project.users_of_file(file), config))
        } else {
            // Whatever else reads the file has its own doubts.
            let workloads = finding.parts.iter().filter_map(|part| project.workload(part.workload));
            let texts: Vec<_> = workloads.map(|workload| workload.source).collect();
            &mut fleets_of(&texts, config)
        };
        let asked = asked.get(&(finding.rule, finding.span)).map_or(&[][..], Vec::as_slice);
        for fix in &mut finding.fixes {
            let is_same = |by: &Asked| by.fixes.iter().any(|other| other.edits == fix.edits);
            let is_asked = |fleet: FleetId| asked.iter().any(|by| by.fleet == fleet && is_same(by));
            let other = fleets.iter().find(|fleet| !is_asked(fleet.id));
            if let Some(other) = other {
                let other = other.name.unwrap_or("the hosts of the configuration");
                fix.doubt(&format!("check it against {other} too, which does not ask for it"));
            }
        }
    }
}

/// The fleets that the workloads in these files are judged against; all fleets where there are no such files. On one
/// without hosts nothing breaks.
fn fleets_of<'c>(users: &[SourceId], config: &'c Config) -> Vec<DeclaredFleet<'c>> {
    let is_of = |fleet: &DeclaredFleet<'_>| users.is_empty() || config.judges(fleet, users);
    let has_hosts = |fleet: &DeclaredFleet<'_>| !fleet.fleet.hosts.is_empty();
    config.fleets().filter(has_hosts).filter(is_of).collect()
}
