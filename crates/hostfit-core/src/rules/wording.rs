//! What several rules say in the same words.

use rustc_hash::FxHashSet;

use crate::{
    finding::{Finding, Severity},
    judge::{Failing, Pair},
    model::{Container, ImageId, ImageUse, Orchestrator, Role, Workload},
    rule::Cx,
    source::Span,
    text::Text,
    windows::{
        Build, Os,
        compat::{HostFacts, Step},
        image::{Family, Proof, Variants},
    },
};

/// `web (10.0.20348) and db (10.0.26100)`; `hosts of build 10.0.17763` where none is declared.
pub(super) fn hosts(pairs: &[Pair]) -> String {
    let mut named: Vec<_> = pairs
        .iter()
        .map(|pair| match &pair.host {
            Some(host) => format!("{host} ({})", pair.facts.version),
            None => pair.facts.version.to_string(),
        })
        .collect();
    let mut seen = FxHashSet::default();
    named.retain(|name| seen.insert(name.clone()));
    match pairs.first() {
        Some(Pair { host: None, .. }) if named.len() == 1 => format!("hosts of build {}", list(&named)),
        Some(Pair { host: None, .. }) => format!("hosts of builds {}", list(&named)),
        _ => list(&named),
    }
}

/// Names of the hosts of `pairs`, each once.
pub(super) fn host_names(cx: &Cx, pairs: &[Pair]) -> Vec<String> {
    let declared = cx.fleet.hosts.iter().map(|host| &host.name);
    declared.filter(|name| pairs.iter().any(|pair| pair.host.as_ref() == Some(*name))).cloned().collect()
}

/// `a`, `a and b`, `a, b and c`; of many the first three and how many more.
pub(super) fn list<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [head @ .., last] if words.len() <= 4 => {
            let head: Vec<_> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
        [a, b, c, rest @ ..] => {
            format!("{}, {}, {} and {} more", a.as_ref(), b.as_ref(), c.as_ref(), rest.len())
        }
        [a, b] => format!("{} and {}", a.as_ref(), b.as_ref()),
    }
}

/// `Windows Server 2022 (10.0.20348)`.
pub(super) fn release(cx: &Cx, build: Build) -> String {
    let title = cx.config.releases.title(build);
    if title.starts_with("10.0.") { title.into_owned() } else { format!("{title} ({build})") }
}

/// The image reference as messages show it: of an image that the tree builds and does not name, the base that decides.
pub(super) fn reference<'p>(cx: &Cx<'p>, image: ImageId) -> &'p str {
    cx.project.reference(image).unwrap_or("the image")
}

/// `Deployment/web: container web`, or `service web`.
pub(super) fn container_name(workload: &Workload, container: usize) -> String {
    workload.container_name(container)
}

/// What people see when this happens.
pub(super) fn seen(orchestrator: Option<Orchestrator>, pair: &Pair) -> String {
    let newer = matches!(pair.judged.step, Step::NewerThanHost);
    if pair.judged.step == Step::HypervRole {
        return "the container does not start, since Hyper-V isolation needs the Hyper-V role".into();
    }
    match (orchestrator, newer) {
        (Some(Orchestrator::Kubernetes), true) => {
            "the pull fails with `no match for platform in manifest: not found` (ImagePullBackOff)".into()
        }
        (Some(Orchestrator::Kubernetes), false) => {
            "the pod goes to CrashLoopBackOff with `The operating system of the container does not match the operating \
             system of the host. (0xc0370101)`"
                .into()
        }
        (Some(Orchestrator::Swarm), true) => {
            format!("the service stays at 0/1 with `no matching manifest for windows/amd64 {}`", pair.facts.version.build)
        }
        (Some(Orchestrator::Swarm), false) => {
            "the service stays at 0/1 with `starting container failed: … The operating system of the container does not \
             match the operating system of the host. (0xc0370101)`"
                .into()
        }
        (Some(Orchestrator::Docker) | None, true) => {
            format!("the pull fails with `no matching manifest for windows/amd64 {}`", pair.facts.version.build)
        }
        (Some(Orchestrator::Docker) | None, false) => {
            "it does not start: `The operating system of the container does not match the operating system of the host. \
             (0xc0370101)`"
                .into()
        }
    }
}

/// Reports a failing container on the bytes that decide its image's version, with its use as a related place.
pub(super) fn report_failing<'f>(
    cx: &'f mut Cx,
    failing: &Failing,
    pairs: &[Pair],
    message: String,
) -> Option<&'f mut Finding> {
    let span = pairs.first()?.subject.span;
    report_failing_at(cx, failing, pairs, span, message)
}

/// Reports a failing container at `span`, with the bytes that decide its image's version, the reference they are part
/// of and the container as related places.
pub(super) fn report_failing_at<'f>(
    cx: &'f mut Cx,
    failing: &Failing,
    pairs: &[Pair],
    span: Span,
    message: String,
) -> Option<&'f mut Finding> {
    let project = cx.project;
    let subject = pairs.first()?.subject;
    let image = project.image(subject.image)?;
    let decider = project.decider(subject.image).and_then(|decider| project.image(decider)).unwrap_or(image);
    let used_in = decider.text.used_at(0..decider.text.value.len());
    let locked = said_by_registry(decider);
    let value = reference(cx, subject.image).to_owned();
    let hosts = host_names(cx, pairs);
    let name = failing.workload.map(|workload| container_name(workload, subject.container));
    let weak = match failing.workload {
        Some(workload) => !workload.is_proven_windows(),
        None => is_unproven(cx, decider),
    };
    let finding = cx.report(span, message);
    finding.image(value).hosts(hosts).decided_by(decider.text.value.clone());
    if weak {
        finding.severity(Severity::Info);
    }
    if subject.span != span {
        finding.related(subject.span, "this decides the image's Windows");
    }
    if let Some(name) = name {
        if !image.text.span.holds(subject.span) {
            finding.related(image.text.span, format!("{name} runs it"));
        }
        finding.workload(name);
    }
    // A variable's value, from an ARG, a build arg or `.env`, is of use in a reference that stands elsewhere.
    if !used_in.holds(subject.span) && used_in != image.text.span {
        finding.related(used_in, "used here");
    }
    if let Some((at, said)) = locked {
        finding.related(at, said);
    }
    Some(finding)
}

/// Reports what is wrong with an image reference, on the bytes of the value's `range` that decide it. An empty range
/// is something missing: then it stands on the whole reference.
pub(super) fn report_image<'f>(
    cx: &'f mut Cx,
    image: &ImageUse,
    range: std::ops::Range<usize>,
    message: String,
) -> &'f mut Finding {
    let container = match image.role {
        Role::Container { container, .. } => container as usize,
        Role::Base { .. } | Role::CopiedFrom { .. } => 0,
    };
    let workload = workload_of(cx, image).map(|workload| container_name(workload, container));
    let locked = said_by_registry(image);
    let finding = report_text(cx, &image.text, range, message);
    finding.image(image.text.value.clone());
    finding.workload = workload;
    if let Some((at, said)) = locked {
        finding.related(at, said);
    }
    finding
}

/// The place in the lock file that tells what an image is, with when its registry said so.
fn said_by_registry(image: &ImageUse) -> Option<(Span, String)> {
    let locked = image.locked?;
    Some((locked.at, format!("its registry said so on {}", locked.date)))
}

/// The same of the image that decides what `image` is.
pub(super) fn decided_by_registry(cx: &Cx, image: ImageId) -> Option<(Span, String)> {
    said_by_registry(cx.project.decider(image).and_then(|id| cx.project.image(id))?)
}

/// Reports at the bytes that decide `range` of a text, or all of it where that is empty, with its use as a related place.
pub(super) fn report_text<'f>(
    cx: &'f mut Cx,
    text: &Text,
    range: std::ops::Range<usize>,
    message: String,
) -> &'f mut Finding {
    let span = if range.is_empty() { text.place() } else { text.locate(range) };
    let used_at = text.used_at(0..text.value.len());
    let finding = cx.report(span, message);
    if !used_at.holds(span) {
        finding.related(used_at, "used here");
    }
    finding
}

/// The workload that runs this image.
pub(super) fn workload_of<'p>(cx: &Cx<'p>, image: &ImageUse) -> Option<&'p Workload> {
    match image.role {
        Role::Container { workload, .. } => cx.project.workloads.get(workload.0 as usize),
        Role::Base { .. } | Role::CopiedFrom { .. } => None,
    }
}

/// Whether a third party's name is all that tells of the Windows in this image.
pub(super) fn is_unproven(cx: &Cx, image: &ImageUse) -> bool {
    image.identity.proof == Proof::ThirdPartyName && !is_in_proven_windows(cx, image)
}

/// Whether something better than a third party's name tells that this image is used on Windows.
pub(super) fn is_in_proven_windows(cx: &Cx, image: &ImageUse) -> bool {
    match image.role {
        Role::Container { .. } => workload_of(cx, image).is_some_and(Workload::is_proven_windows),
        Role::Base { build, .. } | Role::CopiedFrom { build, .. } => {
            cx.project.build(build).is_some_and(|build| build.is_proven_windows)
        }
    }
}

/// What to do about an image that fits none of the hosts of `pairs`.
pub(super) fn use_instead(cx: &Cx, orchestrator: Option<Orchestrator>, pairs: &[Pair]) -> String {
    let newer = pairs.iter().any(|pair| pair.judged.step == Step::NewerThanHost);
    let mut hosts: Vec<_> = pairs.iter().map(|pair| pair.facts).collect();
    let tag = |hosts: &[HostFacts]| {
        let found = cx.config.releases.newest_long_term_for(Family::ServerCore, hosts);
        found.map(|(_, tag)| format!("`{tag}`"))
    };
    let image = if let Some(tag) = tag(&hosts) {
        format!("build on {tag}")
    } else {
        hosts.sort_unstable_by_key(|host| host.version.build);
        hosts.dedup_by_key(|host| host.version.build);
        let each: Option<Vec<_>> = hosts.iter().map(|host| tag(&[*host])).collect();
        match each.as_deref() {
            Some(tags @ [_, _, ..]) => format!("build one image each on {}", list(tags)),
            _ => "build on a release that the host runs".to_owned(),
        }
    };
    match orchestrator {
        Some(Orchestrator::Kubernetes) => format!("{image}, or place the pod on nodes that fit"),
        _ if newer => image,
        Some(Orchestrator::Swarm | Orchestrator::Docker) => format!("{image}, or ask for `isolation: hyperv`"),
        None => format!("{image}, or run it with `--isolation hyperv`"),
    }
}

/// Where a finding about something missing in a placement stands: on its key, else on the image of the first container
/// concerned.
pub(super) fn absence(workload: &Workload, cx: &Cx) -> Option<Span> {
    workload.placement.anchor().or_else(|| {
        let container = workload.containers.get(first_windows(workload, cx))?;
        let image = container.image.and_then(|image| cx.project.image(image));
        Some(image.map_or(container.span, |image| image.text.span))
    })
}

/// The first container whose image is Windows, else the first.
fn first_windows(workload: &Workload, cx: &Cx) -> usize {
    let windows = |container: &Container| {
        let known = container.image.map(|image| cx.project.image_os(image));
        known.is_some_and(|it| it.known().is_some_and(|(os, _)| os.os == Os::Windows))
    };
    workload.containers.iter().position(windows).unwrap_or(0)
}

/// What the JSON names as the workload of a finding about all of it: its first container concerned.
pub(super) fn first_windows_name(workload: &Workload, cx: &Cx) -> String {
    container_name(workload, first_windows(workload, cx))
}

/// Lowers a finding about a workload of which only a third party's name says that it is Windows.
pub(super) fn unless_proven(workload: &Workload, finding: &mut Finding) {
    if workload.is_windows() && !workload.is_proven_windows() {
        finding.severity(Severity::Info);
    }
}

/// The reference of the first container's image.
pub(super) fn first_image(workload: &Workload, cx: &Cx) -> Option<String> {
    let image = workload.containers.get(first_windows(workload, cx))?.image?;
    cx.project.image(image).map(|image| image.text.value.clone())
}

/// Whether a container does not tell which of the builds `on` it fits. Of a name under which nothing is published
/// that is no question, and neither is it of a multi-platform tag that has an image for each.
pub(super) fn some_version_is_unknown(workload: &Workload, on: &[Build], cx: &Cx) -> bool {
    workload.containers.iter().any(|container| {
        let in_question = |id: &ImageId| {
            cx.project.image(*id).is_some_and(|image| {
                let has_all = |shared: &Variants| on.iter().all(|build| shared.builds().contains(build));
                !image.identity.is_dead() && !image.identity.variants.as_ref().is_some_and(has_all)
            })
        };
        let image = container.image.filter(in_question);
        image.is_some_and(|image| match cx.project.image_os(image).known() {
            Some((os, _)) => os.os == Os::Windows && os.version.is_none(),
            None => true,
        })
    })
}
