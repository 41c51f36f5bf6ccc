//! What keeps a pod on the nodes that run it.

use std::borrow::Cow;

use super::{super::wording, Fix, add_label, may_be_repeated};
use crate::{
    fleet::Host,
    judge::{Case, ClassId, Judgement, On, Outcome},
    model::{Placement, Workload},
    placement::kubernetes::{Operator, PodPlacement, WINDOWS_BUILD, declared, items_removal},
    rule::Cx,
    windows::{OsVersion, compat::Verdict},
};

/// The label with the one build that can run all of it; where an affinity lists several, only those that do.
pub(in crate::rules) fn pin(workload: &Workload, judgement: &Judgement, failing: &[Case], cx: &Cx) -> Option<Fix> {
    let Placement::Kubernetes(pod) = &workload.placement else { return None };
    if let Some(narrowed) = narrow(workload, pod, judgement, failing, cx) {
        return Some(narrowed);
    }
    if !workload.is_proven_windows() || pod.labels().any(|label| label.key.value == WINDOWS_BUILD) {
        return None;
    }
    let runs = |class: ClassId| !failing.iter().any(|case| case.on == On::Hosts(class));
    let mut builds: Vec<_> = judgement
        .allowed_windows()
        .filter(|(place, _)| runs(place.class))
        .map(|(_, version)| version.build)
        .filter(|build| !failing.iter().any(|case| case.facts.version.build == *build))
        .collect();
    builds.sort_unstable();
    builds.dedup();
    let own = failing.first()?.version.build;
    let (build, doubt) = match builds.as_slice() {
        [only] => (*only, None),
        several if several.contains(&own) => (own, Some("check that it may stay off the other builds that can run it")),
        _ => return None,
    };
    let on_build = |version: OsVersion| version.build == build;
    let mut pinned = judgement.allowed_windows().filter(|(place, version)| runs(place.class) && on_build(*version));
    let depends = |outcome: &Outcome| outcome.built_on.is_some() && outcome.verdict != Verdict::Runs;
    let may_fail = pinned.any(|(place, _)| place.outcomes.iter().any(depends));
    let may_fail = may_fail.then_some("check which host builds it");
    let fix = add_label(cx, pod, WINDOWS_BUILD, &build.to_string())?;
    Some(fix.with_caveat(doubt.or(may_fail).map(str::to_owned)))
}

/// The values out of a node affinity that bring it to nodes on which it can't run.
fn narrow(workload: &Workload, pod: &PodPlacement, judgement: &Judgement, failing: &[Case], cx: &Cx) -> Option<Fix> {
    let [_] = pod.affinity.as_deref()? else { return None };
    // The labels that the placement asks for are the same on all hosts of a class.
    let (fails, runs): (Vec<_>, Vec<_>) = judgement
        .allowed_windows()
        .map(|(place, _)| (place.class, place.host))
        .partition(|(class, _)| failing.iter().any(|case| case.on == On::Hosts(*class)));
    let (fails, runs) = (hosts(fails), hosts(runs));
    pod.labels()
        .filter(|label| label.is_affinity() && label.operator == Operator::In)
        .find_map(|label| {
            let key = label.key.known()?;
            let (wrong, right) = (values(&fails, key)?, values(&runs, key)?);
            let is_wrong = |text: &str| wrong.iter().any(|value| value == text);
            if right.iter().any(|value| is_wrong(value)) {
                return None;
            }
            let spans: Vec<_> = label.values.iter().map(|value| value.text.place()).collect();
            let texts: Option<Vec<_>> = label.values.iter().map(|value| value.text.known()).collect();
            let texts = texts?;
            let removals =
                items_removal(cx.sources, &spans, |number| !texts.get(number).is_some_and(|it| is_wrong(it)))?;
            let gone: Vec<_> = texts.iter().filter(|it| is_wrong(it)).map(|it| format!("`{it}`")).collect();
            let fix = Fix::new(format!("remove {} from the values", wording::list(&gone)));
            let fix = removals.into_iter().fold(fix, Fix::delete);
            Some(fix.with_caveat(may_be_repeated(cx.sources, label.span())))
        })
        .filter(|_| workload.is_proven_windows())
}

fn hosts(numbered: Vec<(ClassId, &Host)>) -> Vec<&Host> {
    numbered.into_iter().map(|(_, host)| host).collect()
}

fn values<'h>(hosts: &[&'h Host], key: &str) -> Option<Vec<Cow<'h, str>>> {
    hosts.iter().map(|host| declared(host, key)).collect()
}
