use super::{
    fixes::Fix,
    pin::{self, Either, Missing},
    rule, wording,
};
use crate::{
    finding::Edit,
    fleet::{Host, HostId},
    judge::{Case, Cause, ClassId, Judgement, On},
    model::{Placement, Workload},
    placement::swarm::{Constraint, ENGINE_LABELS, NODE_LABELS, SwarmPlacement},
    rule::Cx,
    source::Span,
    text::Text,
    windows::{Build, node_label::build_of},
};

rule! {
    /// ## What it checks
    /// Whether the constraints of a Windows service keep it on nodes whose build runs its image. Swarm compares the
    /// operating system of image and node, never the build. Where nothing states the operating system of a service and
    /// its multi-platform image has no variant for some of the Windows nodes, the finding is an info.
    ///
    /// ## Why it matters
    /// On the wrong node the service stays at 0/1 with `starting container failed` or `no matching manifest`.
    ///
    /// ## Example
    /// ```toml fleet
    /// [[host]]
    /// name = "win2019"
    /// os = "ltsc2019"
    /// orchestrator = "swarm"
    /// engine-labels = {}
    /// labels = { OsVersion = "10.0.17763" }
    ///
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "swarm"
    /// labels = { OsVersion = "10.0.20348" }
    /// ```
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     deploy:
    ///       placement:
    ///         constraints:
    /// #       ^^^^^^^^^^^
    ///         - node.platform.os == windows
    /// ```
    ///
    /// ## Fix
    /// Label each node with its OS version (`docker node update --label-add OsVersion=10.0.20348 NODE`) and add a constraint
    /// on that label. Where the declared nodes have such a label, `hostfit fix` writes the constraint.
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     deploy:
    ///       placement:
    ///         constraints:
    ///         - node.platform.os == windows
    ///         - node.labels.OsVersion == 10.0.20348
    /// ```
    ///
    /// ## Configuration
    /// With a fleet it is an error where some of the nodes can run the image and some cannot. Without one it is an info.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>,
    ///   "Use labels and constraints"
    id: "missing-swarm-constraint",
    summary: "a Windows service that may land on a node of another Windows build",
    severity: Info,
    check: Workload(check),
}

const EITHER: Either = Either {
    what: "service",
    seen: "the service stays at 0/1 with `no matching manifest`",
    advice: "add `node.platform.os` to its constraints",
};

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let Placement::Swarm(service) = &workload.placement else { return };
    if !workload.is_windows() {
        if workload.evidence.is_empty() {
            pin::either(workload, judgement, &EITHER, cx);
        }
        return;
    }
    let missing = |help| Missing { names_builds: service.may_tell_builds_apart(), help };
    match judgement.cause() {
        Cause::MissingPin(cases) => {
            let fix = fix(workload, service, judgement, cases, cx);
            let help = match cases.first() {
                Some(case) if !is_labelled(judgement, cx) => how_to_label(case.version.build),
                _ => "add a constraint on the label that holds the OS version".to_owned(),
            };
            pin::error(workload, cases, missing(help), fix, cx);
        }
        _ if !judgement.has_hosts() && !service.may_tell_builds_apart() => {
            let build = wording::first_windows_build(workload, cx);
            let help =
                build.map_or_else(|| "add a constraint on a label that holds the OS version".to_owned(), how_to_label);
            pin::note(workload, &missing(help), cx);
        }
        _ => {}
    }
}

/// Whether a node has a label that names its build.
fn is_labelled(judgement: &Judgement, cx: &Cx) -> bool {
    judgement.allowed_windows().any(|(place, version)| {
        let mut labels = place.host.labels.iter().chain(&place.host.engine_labels);
        labels
            .any(|(name, value)| build_of(name, value, &cx.config.releases).is_some_and(|it| it.build == version.build))
    })
}

/// How to label nodes of a build and to select them.
fn how_to_label(build: Build) -> String {
    format!(
        "add the constraint `node.labels.OsVersion == {build}` and label the nodes with `docker node update --label-add \
         OsVersion={build} NODE`"
    )
}

/// A constraint on a label that exactly those nodes carry which can run it; else on one of those of the image's own build.
fn fix(workload: &Workload, service: &SwarmPlacement, judgement: &Judgement, failing: &[Case], cx: &Cx) -> Option<Fix> {
    if !workload.is_proven_windows() {
        return None;
    }
    let fails = |class: ClassId| failing.iter().any(|case| case.on == On::Hosts(class));
    let (misfits, fits): (Vec<_>, Vec<_>) = judgement.allowed_windows().partition(|(place, _)| fails(place.class));
    let misfits = cx.hosts(misfits.into_iter().map(|(place, _)| place.class));
    let own = failing.first()?.version.build;
    let of = |build: Option<Build>| {
        let is_meant = |version: Build| build.is_none_or(|build| build == version);
        cx.hosts(fits.iter().filter(|(_, version)| is_meant(version.build)).map(|(place, _)| place.class))
    };
    let fewer = "check that it may stay off other nodes that could run it";
    let ((constraint, names_build), fewer) = constraint(&of(None), &misfits, cx)
        .map(|found| (found, None))
        .or_else(|| Some((constraint(&of(Some(own)), &misfits, cx)?, Some(fewer))))?;
    let unclear = (!names_build).then_some("check that the label stands for the build");
    let (span, text) = service.insertion(cx.sources, &constraint)?;
    let fix = Fix { edits: vec![Edit { span, text }], ..Fix::new(format!("add the constraint `{constraint}`")) };
    Some(fix.with_caveat(fewer.or(unclear).map(str::to_owned)))
}

/// The constraint that holds on all of `fits` and on none of `misfits`, and whether it names their build. Of several, one
/// that does; of those that do not, only one alone.
fn constraint(fits: &[HostId], misfits: &[HostId], cx: &Cx) -> Option<(String, bool)> {
    let first = cx.fleet.host(*fits.first()?)?;
    let labels = [(NODE_LABELS, &first.labels), (ENGINE_LABELS, &first.engine_labels)];
    let labels = labels.into_iter().flat_map(|(kind, labels)| labels.iter().map(move |label| (kind, label)));
    let mut others = Vec::new();
    for (kind, (name, value)) in labels {
        let key = format!("{kind}{name}");
        let constraint = format!("{key} == {value}");
        let parsed = Constraint::parse(Text::literal(constraint.clone(), Span::NOWHERE)).parsed;
        let Some(parsed) = parsed.ok().filter(|parsed| parsed.key == key && parsed.value == *value) else { continue };
        let host = |id: &HostId| cx.fleet.host(*id);
        let holds = |id: &HostId| host(id).is_some_and(|host| parsed.holds_on(host) == Some(true));
        if !fits.iter().all(holds) || misfits.iter().any(holds) || value.contains(['*', '?']) {
            continue;
        }
        let build = build_of(&key, value, &cx.config.releases).map(|version| version.build);
        if build.is_some()
            && fits.iter().all(|id| host(id).and_then(Host::windows).map(|version| version.build) == build)
        {
            return Some((constraint, true));
        }
        others.extend(build.is_none().then_some(constraint));
    }
    let [only] = others.as_slice() else { return None };
    Some((only.clone(), false))
}
