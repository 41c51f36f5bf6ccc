//! What keeps a pod on the nodes that run it.

use std::borrow::Cow;

use super::{super::wording, Fix, entry, may_be_repeated};
use crate::{
    fleet::Host,
    judge::{Case, ClassId, Judgement, On, Outcome},
    model::{Placement, Workload},
    placement::kubernetes::{Operator, PodPlacement, WINDOWS_BUILD, declared, items_removal},
    rule::Cx,
    windows::{Build, compat::Verdict},
};

/// The builds that run a workload, in order; one at least.
pub(in crate::rules) struct Builds(Vec<Build>);

impl Builds {
    /// Those of a nodeSelector, which takes one.
    pub(in crate::rules) fn one(build: Build) -> Self {
        Self(vec![build])
    }

    /// What to write into a placement that selects nothing of the kind: only an affinity names several.
    pub(in crate::rules) fn advice(&self, pod: &PodPlacement) -> String {
        match (self.0.as_slice(), pod.affinity.as_deref()) {
            ([build], _) => format!("add `{}` to the nodeSelector", entry(WINDOWS_BUILD, &build.to_string())),
            (builds, Some([_, _, ..])) => {
                format!("add {} to each term of the required node affinity", requirement(builds))
            }
            (builds, _) => format!("add {} to a required node affinity", requirement(builds)),
        }
    }
}

/// The requirement that a node is of one of these builds, as an affinity has it.
pub(in crate::rules) fn requirement(builds: &[Build]) -> String {
    let values: Vec<_> = builds.iter().map(|build| format!("\"{build}\"")).collect();
    format!("`{{key: {WINDOWS_BUILD}, operator: In, values: [{}]}}`", values.join(", "))
}

/// The builds of the allowed nodes of which none is among the `failing` ones.
pub(in crate::rules) fn builds_that_run(judgement: &Judgement, failing: &[Case]) -> Option<Builds> {
    let runs = |class: ClassId| !failing.iter().any(|case| case.on == On::Hosts(class));
    let mut builds: Vec<_> = judgement
        .allowed_windows()
        .filter(|(place, _)| runs(place.class))
        .map(|(_, version)| version.build)
        .filter(|build| !failing.iter().any(|case| case.facts.version.build == *build))
        .collect();
    builds.sort_unstable();
    builds.dedup();
    (!builds.is_empty()).then_some(Builds(builds))
}

/// What keeps the workload on the builds that can run all of it: the label with the only one, or an affinity that names them;
/// where an affinity lists several builds, only those that do.
pub(in crate::rules) fn pin(workload: &Workload, judgement: &Judgement, failing: &[Case], cx: &Cx) -> Option<Fix> {
    let Placement::Kubernetes(pod) = &workload.placement else { return None };
    if let Some(narrowed) = narrow(workload, pod, judgement, failing, cx) {
        return Some(narrowed);
    }
    if !workload.is_proven_windows() || pod.labels().any(|label| label.key.value == WINDOWS_BUILD) {
        return None;
    }
    let builds = builds_that_run(judgement, failing)?;
    let values: Vec<_> = builds.0.iter().map(ToString::to_string).collect();
    let inserted = match values.as_slice() {
        [build] => pod.label_insertion(cx.sources, WINDOWS_BUILD, build)?,
        several => pod.requirement_insertion(cx.sources, WINDOWS_BUILD, several)?,
    };
    let depends = |outcome: &Outcome| outcome.built_on.is_some() && outcome.verdict != Verdict::Runs;
    let mut pinned = judgement.allowed_windows().filter(|(_, version)| builds.0.contains(&version.build));
    let may_fail = pinned.any(|(place, _)| place.outcomes.iter().any(depends));
    let doubt = may_fail.then(|| "check which host builds it".to_owned());
    Some(Fix::new(builds.advice(pod)).insert(inserted).with_caveat(doubt))
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
