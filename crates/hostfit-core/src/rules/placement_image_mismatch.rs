use std::sync::Arc;

use super::{
    fixes::{self, Fix},
    rule, wording,
};
use crate::{
    finding::Message,
    fleet::Host,
    judge::{Case, Cause, Judgement, Place},
    model::{Placement, Workload},
    placement::{
        self, Allowed,
        kubernetes::{HOSTNAME, LabelUse, Operator, PodPlacement, SelectorLabel, declared, items_removal},
        swarm::{Constraint, SwarmPlacement},
    },
    rule::Cx,
    source::Span,
    windows::{image::Proof, node_label::value_of},
};

rule! {
    /// ## What it checks
    /// Whether one of the Windows builds that the placement selects can run the image.
    ///
    /// ## Why it matters
    /// Wherever the workload lands, it does not start: `CrashLoopBackOff` (in Swarm 0/1) with `The operating system of
    /// the container does not match the operating system of the host. (0xc0370101)`, or a pull that fails with `no
    /// match for platform in manifest: not found` or `no matching manifest`.
    ///
    /// ## Example
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.17763
    /// #                                     ^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Select the build of the image, or build on the release that the placement selects. Where the fleet has nodes that run
    /// the image but the placement selects none of them, `hostfit fix` corrects the placement. Otherwise both fixes are
    /// offered, and `--unsafe` applies the first.
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.26100
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    /// - <https://kubernetes.io/docs/concepts/windows/user-guide/>
    id: "placement-image-mismatch",
    summary: "a placement that selects only Windows builds that cannot run the image",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Cause::Placement(cases) = judgement.cause() else { return };
    let (Some(first), Some(&(_, named_at))) = (cases.first(), judgement.named().first()) else { return };
    let misfit = misfit(workload, named_at, first, cx);
    let span = misfit.unwrap_or(named_at);
    let (image, hosts) = (wording::reference(cx, first.image), wording::host_ids(cx, cases));
    let own: Vec<_> = cases.iter().filter(|case| case.container == first.container).copied().collect();
    let fixes = fixes(workload, judgement, cases, misfit.is_some(), cx);
    let help = match misfit {
        Some(_) => format!("use a RuntimeClass that selects {}, or change the image", first.version.build),
        None if is_declared(first, judgement) => format!("select {} instead, or change the image", first.version.build),
        None => "change the image, or select a build that runs it".to_owned(),
    };
    let message =
        Message::new(format!("this placement selects {}, which cannot run `{image}`", wording::host_names(cx, &own)))
            .help_unless(!fixes.is_empty(), help);
    let notes = wording::symptoms(cx, Some(workload.orchestrator), &own);
    let message = notes.into_iter().fold(message, Message::note);
    let decides = wording::decides(cx, first);
    let locked = wording::decided_by_registry(cx, first.image);
    let finding = cx.report(span, message);
    finding.workload(workload.part(first.container)).image(image).hosts(hosts);
    finding.related(first.span, decides);
    if misfit.is_some() {
        finding.related(named_at, "its RuntimeClass selects this build, for other pods too");
    }
    if let Some((at, label)) = locked {
        finding.related(at, label);
    }
    for fix in fixes {
        fix.give(finding);
    }
    wording::unless_proven(workload, finding);
}

/// Whether a host of the image's build is declared, or nothing at all.
fn is_declared(failing: &Case, judgement: &Judgement) -> bool {
    !judgement.has_hosts() || judgement.classes().any(|place| place.host.is_of(failing.version.build))
}

/// The caveat of a fix of the placement.
const NOT_THE_IMAGE: &str = "check that the placement is wrong, not the image";

/// How many pods of a RuntimeClass are asked; real ones have fewer, and hostile ones end in time.
const MAX_PODS: usize = 100;

/// The name of the RuntimeClass that a pod has, where that names the build at `at` for another pod which does not run on the
/// build of this one: then the class is right for one of them at most.
fn misfit(workload: &Workload, at: Span, failing: &Case, cx: &Cx) -> Option<Span> {
    let Placement::Kubernetes(pod) = &workload.placement else { return None };
    let names_it = |label: &SelectorLabel| label.from_runtime_class && label.value.text.place() == at;
    let (class, _) = pod.runtime_class.as_ref().filter(|_| pod.selector.iter().any(names_it))?;
    let others = cx.project.readers_of(at).into_iter().filter(|id| *id != workload.id).take(MAX_PODS);
    let mut others = others.filter_map(|id| cx.judgement(id));
    let is_broken = |other: Judgement| !other.runs_on_build(failing.version.build, cx.project);
    others.any(is_broken).then(|| class.place())
}

/// Another value in the placement, another release of the image, or both for the reader to choose from.
fn fixes(workload: &Workload, judgement: &Judgement, cases: &[Case], is_misfit: bool, cx: &Cx) -> Vec<Fix> {
    let Some(first) = cases.first() else { return Vec::new() };
    let is_named = |build| judgement.named().iter().any(|(named, _)| named.build == build);
    let mut hosts = judgement.classes().filter_map(|place| place.host.windows());
    let has_named = hosts.any(|version| is_named(version.build));
    let image = (!judgement.has_hosts() || has_named)
        .then(|| cases.iter().all(|case| case.image == first.image))
        .filter(|is_one| *is_one)
        .and_then(|_| fixes::fitting(cx, first.image));
    let placement = match &workload.placement {
        _ if is_misfit => None,
        Placement::Kubernetes(pod) => another_value(pod, judgement, first, cx),
        Placement::Swarm(service) => another_constraint(service, judgement, cx),
        Placement::Anywhere => None,
    };
    let placement = placement.map(|fix| {
        let alone = judgement.has_hosts() && !has_named;
        fix.with_caveat((!alone).then(|| NOT_THE_IMAGE.to_owned()))
    });
    placement.into_iter().chain(image).collect()
}

/// The value of the one label that names builds, as nodes have it that run everything.
fn another_value(pod: &PodPlacement, judgement: &Judgement, failing: &Case, cx: &Cx) -> Option<Fix> {
    let meant: Vec<Span> = judgement.named().iter().map(|(_, span)| *span).collect();
    let names = |label: &LabelUse<'_>| label.values.iter().any(|value| meant.contains(&value.text.place()));
    let mut labels = pod.labels().filter(names);
    let (Some(label), None) = (labels.next(), labels.next()) else { return None };
    let (key, values) = (label.key.known().filter(|_| label.operator == Operator::In)?, label.values);
    let value = if judgement.has_hosts() {
        value_of_nodes(&pod.without(&meant), key, judgement, failing)?
    } else {
        let build = failing.version.build;
        judgement.runs_on_build(build, cx.project).then(|| value_of(key, build, &cx.config.releases))??
    };
    let (old, rest) = values.split_first()?;
    let mut fix = Fix::new(format!("write `{value}`")).write(cx, &old.text, 0..old.text.known()?.len(), &value)?;
    if !rest.is_empty() {
        // The others name builds that can't run it either.
        let spans: Vec<_> = values.iter().map(|value| value.text.place()).collect();
        let removals = items_removal(cx.sources, &spans, |number| number == 0)?;
        fix = removals.into_iter().fold(fix, Fix::delete);
    }
    let doubt = if label.from_runtime_class {
        Some("check the other pods of this RuntimeClass".to_owned())
    } else if cx.project.image_proof(failing.image) == Some(Proof::ThirdPartyName) {
        Some("check the image's Windows version, which only its name states".to_owned())
    } else {
        fixes::may_be_repeated(cx.sources, old.text.place())
    };
    Some(fix.with_caveat(doubt))
}

/// What the nodes call it that run everything and that the rest of the placement leaves: all of them one thing, or those
/// of the image's own build.
fn value_of_nodes(free: &PodPlacement, key: &str, judgement: &Judgement, failing: &Case) -> Option<String> {
    let free = Placement::Kubernetes(Arc::new(free.clone()));
    let fits = |place: &Place| place.runs_known() && placement::allows(&free, place.host) == Allowed::Yes;
    // Of the labels that placements ask for, hosts of a class may differ in their name.
    let hosts: Vec<_> = match key {
        HOSTNAME => judgement.places().filter(fits).map(|place| place.host).collect(),
        _ => judgement.classes().filter(fits).map(|place| place.host).collect(),
    };
    let own: Vec<_> = hosts.iter().copied().filter(|host| host.is_of(failing.version.build)).collect();
    let one = |hosts: &[&Host]| -> Option<String> {
        let values: Option<Vec<_>> = hosts.iter().map(|host| declared(host, key)).collect();
        let values = values?;
        let first = values.first()?;
        values.iter().all(|value| value == first).then(|| first.clone().into_owned())
    };
    one(&hosts).or_else(|| one(&own))
}

/// The value that the constraint's label has on the declared nodes which can run the image, if they have one.
fn another_constraint(service: &SwarmPlacement, judgement: &Judgement, cx: &Cx) -> Option<Fix> {
    let [(_, named)] = judgement.named() else { return None };
    let mut parsed = service.constraints.iter().filter_map(|it| Some((it, it.parsed.as_ref().ok()?)));
    let (constraint, expression) = parsed.find(|(it, parsed)| it.text.locate(parsed.value_at.clone()) == *named)?;
    let others = || service.constraints.iter().filter(|it| it.text.span != constraint.text.span);
    let left = |host: &Host| {
        let holds = |it: &Constraint| it.parsed.as_ref().is_ok_and(|parsed| parsed.holds_on(host) != Some(false));
        others().all(holds)
    };
    let places = judgement.classes().filter(|place| left(place.host));
    let (fit, misfit): (Vec<_>, Vec<_>) = places
        .filter_map(|place| Some((place, expression.label_of(place.host)?)))
        .partition(|(place, _)| place.runs_known());
    let (_, value) = fit.first()?;
    let is_same = |(_, other): &(Place, &str)| other.eq_ignore_ascii_case(value);
    if !fit.iter().all(is_same) || misfit.iter().any(is_same) {
        return None;
    }
    let fix = Fix::new(format!("write `{value}`")).write(cx, &constraint.text, expression.value_at.clone(), value)?;
    Some(fix.with_caveat(Some(NOT_THE_IMAGE.to_owned())))
}
