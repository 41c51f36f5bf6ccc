//! What placements say of builds: pins to the hosts as they are, to the hosts as they will be, and what becomes of those that
//! are written already.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::{Class, Cx, Landed, change::Change, landing::Of};
use crate::{
    finding::Edit,
    fleet::{Host, Orchestrator},
    judge::Judgement,
    model::{Placement, Workload, WorkloadId},
    placement::{self, Allowed, kubernetes::WINDOWS_BUILD, swarm::SwarmPlacement},
    rules,
    source::Span,
    windows::{Build, node_label::build_of, respell::respelled},
};

/// What becomes of the placement of one workload.
pub(super) struct Pin {
    /// The items that it is for.
    pub(super) items: Vec<usize>,
    /// Where.
    pub(super) place: Span,
    /// Whether it can be made before the hosts move.
    pub(super) is_before: bool,
    /// What it is.
    pub(super) what: What,
}

pub(super) enum What {
    /// Builds in the placement are replaced; each with its edit.
    Respelled(Vec<(String, Edit)>),
    /// Its placement leaves hosts of every build: what is written for the hosts as they are, and for those as they will be.
    Inserted { old: Option<(String, Edit)>, new: Option<(String, Edit)>, old_text: String, new_text: String },
    /// It selects a build, which its image does not need: what to remove, and the edit.
    Removed(String, Edit),
    /// A person has to do it; what.
    ByHand(String),
}

/// What becomes of the placements, in the order of the items; fills in the classes of items of which nothing else changes.
pub(super) fn pins(cx: &Cx, landed: &mut [Landed], changes: &[Change]) -> Vec<Pin> {
    let mut by_workload: BTreeMap<WorkloadId, Vec<usize>> = BTreeMap::new();
    for (number, it) in landed.iter().enumerate() {
        if let Of::Container(workload, _) = it.of {
            by_workload.entry(workload).or_default().push(number);
        }
    }
    let mut workloads: Vec<_> = by_workload.into_iter().collect();
    workloads.sort_by_key(|(_, items)| items.first().copied());
    let done = changes.iter().filter(|it| it.by_hand.is_none()).flat_map(|it| it.items.iter().copied()).collect();
    let of = |(id, items)| {
        let (_, judgement) = cx.now.judgements_of(id).next()?;
        pin(cx, cx.project.workload(id)?, &judgement, items, landed, &done)
    };
    workloads.into_iter().filter_map(of).collect()
}

/// `done` are the items whose images nobody has to change by hand.
fn pin(
    cx: &Cx,
    workload: &Workload,
    judgement: &Judgement,
    items: Vec<usize>,
    landed: &mut [Landed],
    done: &FxHashSet<usize>,
) -> Option<Pin> {
    let place = workload.placement.anchor().unwrap_or(workload.name_span);
    let first = landed.get(*items.first()?)?;
    let (now, next) = (first.builds_now(), first.builds_next());
    if first.is_pinned_away {
        let mut what = respell(cx, judgement, &now, &next);
        let is_blocked = items.iter().any(|item| landed.get(*item).is_some_and(|it| it.is_blocked));
        let is_before = if is_blocked {
            items
                .iter()
                .all(|item| landed.get(*item).is_some_and(|it| !it.is_blocked || it.item.class == Class::Before))
        } else if let Some((text, edit)) = removal(cx, workload, judgement) {
            what = What::Removed(text, edit);
            true
        } else {
            runs_elsewhere_now(workload, judgement, &next)
        };
        for item in &items {
            if let Some(it) = landed.get_mut(*item).filter(|it| it.item.class == Class::Unchanged) {
                it.item.class = if is_before { Class::Before } else { Class::WithHosts };
                let builds: Vec<_> = now.iter().map(|build| cx.title(*build)).collect();
                it.item.why = format!("its image runs there, but its placement selects {}", rules::list(&builds));
            }
        }
        return Some(Pin { items, place, is_before, what });
    }
    let blocked: Vec<_> =
        items.iter().copied().filter(|item| landed.get(*item).is_some_and(|it| it.is_blocked)).collect();
    if blocked.is_empty() || workload.orchestrator == Orchestrator::Docker {
        return None;
    }
    let is_before = blocked.iter().all(|item| landed.get(*item).is_some_and(|it| it.item.class == Class::Before));
    let [new] = next.as_slice() else {
        // With hosts of several releases left, the change says which of them run the image.
        return None;
    };
    let old = match now.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    let insertion = |build: Build| insertion(cx, workload, judgement, build);
    let old_text = old.map_or_else(String::new, |old| words(workload, old));
    let new_text = words(workload, *new);
    // What a person has to change moves when that is done.
    let insert_new = if blocked.iter().all(|item| done.contains(item)) { insertion(*new) } else { None };
    let what = What::Inserted { old: old.and_then(insertion), new: insert_new, old_text, new_text };
    (is_before || old.is_some()).then_some(Pin { items: blocked, place, is_before, what })
}

/// What has to be written so that a workload stays on hosts of a build.
fn words(workload: &Workload, build: Build) -> String {
    match workload.orchestrator {
        Orchestrator::Kubernetes => format!("add `{WINDOWS_BUILD}: \"{build}\"` to the nodeSelector"),
        Orchestrator::Swarm | Orchestrator::Docker => {
            format!(
                "add a constraint on a node label that stands for {build}, such as `node.labels.OsVersion == {build}`"
            )
        }
    }
}

/// The builds that the placement names and that are gone, as those that take their place.
fn respell(cx: &Cx, judgement: &Judgement, now: &[Build], next: &[Build]) -> What {
    let [to] = next else {
        return What::ByHand("select one of the releases that the new hosts have".to_owned());
    };
    let mut edits: Vec<(String, Edit)> = Vec::new();
    for (version, span) in judgement.named().iter().filter(|(version, _)| now.contains(&version.build)) {
        let raw = cx.sources.slice(*span);
        let Some(text) = respelled(raw, version.build, *to, cx.releases) else {
            return What::ByHand(format!("select {to} in the place of {}", version.build));
        };
        let edit = Edit { span: *span, text: text.clone() };
        if edits.iter().all(|(_, own)| *own != edit) {
            edits.push((format!("write `{text}` in the place of `{raw}`"), edit));
        }
    }
    if edits.is_empty() {
        return What::ByHand("change what keeps it off the new hosts".to_owned());
    }
    What::Respelled(edits)
}

/// What removes a pin that the image does not need, since it runs on all the hosts that would be left, as they are and as they
/// will be: an entry of a nodeSelector with others in lines of their own.
fn removal(cx: &Cx, workload: &Workload, judgement: &Judgement) -> Option<(String, Edit)> {
    let Placement::Kubernetes(pod) = &workload.placement else { return None };
    let [(_, span)] = judgement.named() else { return None };
    let label = pod.selector.iter().find(|label| label.value.text.place() == *span && !label.from_runtime_class)?;
    let free = workload.placement.without(&[*span]);
    let runs = |it: &Judgement| {
        let mut left = it.classes().filter(|place| !matches!(placement::allows(&free, place.host), Allowed::No(_)));
        left.all(|place| place.runs_known() && place.outcomes.iter().all(|outcome| outcome.verdict.starts()))
    };
    if !runs(judgement) || !cx.next.judgements_of(workload.id).all(|(_, it)| runs(&it)) {
        return None;
    }
    let source = cx.sources.get(span.source)?;
    let line = source.line_span(span.start);
    let is_whole = source.slice(line).trim_start().starts_with(label.key.value.as_str());
    let has_others =
        pod.selector.iter().any(|other| other.value.text.place() != *span && !line.holds(other.value.text.place()));
    let end = source.text.get(line.range().end..)?.find('\n').map(|at| line.range().end + at + 1)?;
    let at = Span::new(span.source, line.range().start..end);
    let is_shared = rules::may_be_repeated(cx.sources, *span).is_some();
    (is_whole && has_others && !is_shared).then(|| {
        (
            format!("remove `{}`: its image runs on the hosts of both releases", source.slice(line).trim()),
            Edit { span: at, text: String::new() },
        )
    })
}

/// Whether hosts of a build that stays run all of it today and its placement leaves them, but for the build that it names.
fn runs_elsewhere_now(workload: &Workload, judgement: &Judgement, next: &[Build]) -> bool {
    let spans: Vec<_> = judgement.named().iter().map(|(_, span)| *span).collect();
    let free = workload.placement.without(&spans);
    judgement.classes().any(|place| {
        let stays = place.host.windows().is_some_and(|version| next.contains(&version.build));
        stays && place.is_excluded() && place.runs_known() && placement::allows(&free, place.host) == Allowed::Yes
    })
}

/// What pins a workload to hosts of a build: the text, and the edit.
fn insertion(cx: &Cx, workload: &Workload, judgement: &Judgement, build: Build) -> Option<(String, Edit)> {
    let of = |text: String, (span, inserted): (Span, String)| (text, Edit { span, text: inserted });
    match &workload.placement {
        Placement::Kubernetes(pod) if workload.is_proven_windows() => {
            let is_shared =
                rules::may_be_repeated(cx.sources, workload.placement.anchor().unwrap_or(workload.name_span));
            let inserted =
                pod.label_insertion(cx.sources, WINDOWS_BUILD, &build.to_string()).filter(|_| is_shared.is_none())?;
            Some(of(words(workload, build), inserted))
        }
        Placement::Swarm(service) => {
            let constraint = constraint(cx, workload, judgement, build)?;
            let inserted = SwarmPlacement::insertion(service, cx.sources, &constraint)?;
            Some(of(format!("add the constraint `{constraint}`"), inserted))
        }
        Placement::Kubernetes(_) | Placement::Anywhere => None,
    }
}

/// The constraint that holds on all Swarm nodes of a build and that names it, by a label that they have.
fn constraint(cx: &Cx, workload: &Workload, judgement: &Judgement, build: Build) -> Option<String> {
    let here = judgement.places().map(|place| place.host);
    let later = cx.next.judgements_of(workload.id).flat_map(|(_, it)| it.places()).map(|place| place.host);
    let hosts: Vec<&Host> = here.chain(later).filter(|host| host.is_of(build)).collect();
    let first = hosts.first()?;
    let names =
        |(key, value): &&(String, String)| build_of(key, value, cx.releases).is_some_and(|it| it.build == build);
    let (key, value) = first.labels.iter().find(names)?;
    let all = hosts.iter().all(|host| host.labels.iter().any(|(own, of)| own == key && of == value));
    all.then(|| format!("node.labels.{key} == {value}"))
}
