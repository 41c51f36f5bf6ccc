use super::{
    fixes::{self, Fix},
    invalid_constraint, invalid_selector_value, mixed_os_project, rule, unset_constraint_label, unset_node_label,
    wording,
};
use crate::{
    finding::{Finding, Message, Severity},
    fleet::HostId,
    judge::{Cause, ClassId, Judgement},
    model::{DockerfileBuild, ImageUse, Orchestrator, Placement, Workload},
    placement::{Allowed, Exclusion},
    rule::Cx,
    source::Span,
    windows::{Os, compat::HostFacts, image::Proof},
};

rule! {
    /// ## What it checks
    /// Whether a declared host satisfies the placement of a workload. The finding shows what excludes each host. A Compose
    /// project for Windows whose declared Docker hosts all run Linux containers is an error too. The opposite, a project for Linux
    /// on Windows hosts, is a warning, and so is a Dockerfile of a Linux image that no declared host can run.
    ///
    /// ## Why it matters
    /// A pod stays Pending with `node(s) didn't match Pod's node affinity/selector`, a service with `no suitable node`. On a
    /// Docker host the pull fails with `no matching manifest for windows/amd64` (or `linux/amd64`).
    ///
    /// ## Example
    /// ```toml fleet
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "kubernetes"
    /// ```
    ///
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
    /// # ^^^^^^^^^^^^
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.26100
    /// ```
    ///
    /// ## Fix
    /// Change the placement, or add the missing hosts to `hostfit.toml`.
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
    ///     node.kubernetes.io/windows-build: 10.0.20348
    /// ```
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>
    /// - <https://docs.docker.com/reference/cli/docker/service/create/#constraint>
    /// - <https://github.com/docker/for-win/issues/6128>
    /// - <https://github.com/dotnet/dotnet-docker/issues/5009>
    id: "unschedulable",
    summary: "no declared host satisfies the placement of a workload",
    severity: Error,
    check: WorkloadOrBuild(check, check_build),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    if workload.orchestrator == Orchestrator::Docker {
        linux_project(workload, judgement, cx);
        windows_project(workload, judgement, cx);
        return;
    }
    if !matches!(judgement.cause(), Cause::Unschedulable) || is_reported(workload, judgement) {
        return;
    }
    let Some(span) = wording::absence(workload, cx) else { return };
    let seen = match workload.orchestrator {
        Orchestrator::Kubernetes => "the pod stays Pending with `node(s) didn't match Pod's node affinity/selector`",
        Orchestrator::Swarm | Orchestrator::Docker => "the service stays pending with `no suitable node`",
    };
    // Each is excluded, or there would be another cause.
    let hosts = cx.hosts(judgement.classes().map(|place| place.class));
    let message = Message::new("no declared host satisfies this placement")
        .note(seen)
        .help("change the placement, or add the missing hosts to hostfit.toml");
    let (related, others) = exclusions(judgement, span, cx);
    let message = if others.is_empty() { message } else { message.note(wording::list(&others)) };
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_part(workload, cx));
    let finding = cx.report(span, message).absence();
    finding.image = image;
    finding.workload(name).hosts(hosts);
    wording::unless_proven(workload, finding);
    for (at, excludes) in related {
        finding.related(at, excludes);
    }
}

/// What excludes the hosts: places other than `span`, and in words what has no such place.
fn exclusions(judgement: &Judgement, span: Span, cx: &Cx) -> (Vec<(Span, String)>, Vec<String>) {
    let mut causes: Vec<(&Exclusion, Vec<ClassId>)> = Vec::new();
    for place in judgement.classes() {
        let Allowed::No(why) = place.allowed else { continue };
        match causes
            .iter_mut()
            .find(|(first, _)| first.span == why.span && (why.span.is_some() || first.why == why.why))
        {
            Some((_, classes)) => classes.push(place.class),
            None => causes.push((why, vec![place.class])),
        }
    }
    let (mut related, mut others) = (Vec::new(), Vec::new());
    for (why, classes) in causes {
        let excludes = format!("excludes {}", wording::host_list(cx, &cx.hosts(classes)));
        match why.span.filter(|at| *at != span) {
            Some(at) => related.push((at, excludes)),
            None => others.push(format!("{} {excludes}", why.why)),
        }
    }
    (related, others)
}

/// A Compose project that is surely for Linux, where every Docker host runs Windows containers: reported at its first service.
fn linux_project(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let only_windows = judgement.has_hosts() && !judgement.has_linux_host();
    let Some(services) = mixed_os_project::project_of(workload, cx).filter(|_| only_windows) else { return };
    if services.iter().any(Workload::is_windows) {
        return;
    }
    let mut proven = services.iter().filter_map(|service| Some((service, mixed_os_project::proof(service)?)));
    let Some((service, proof)) = proven.next() else { return };
    let span = mixed_os_project::place(service, proof, cx);
    let image = decider(service, cx);
    // Of several Linux images a Windows variant of one is of no use.
    let hosts: Vec<_> = judgement.places().map(|place| place.id).collect();
    let variant = image.filter(|_| services.len() == 1).and_then(|image| windows_variant(image, &hosts, cx));
    let what = format!("no declared Docker host runs Linux containers, and {} is for Linux", service.name);
    report(span, what, variant, image, hosts, cx).workload(service.whole());
}

/// A Compose project for Windows, where every Docker host runs Linux containers: reported at its first service that is surely
/// for Windows.
fn windows_project(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    let only_linux = judgement.has_hosts() && judgement.classes().all(|place| place.host.windows().is_none());
    let Some(services) = mixed_os_project::project_of(workload, cx).filter(|_| only_linux) else { return };
    let proven = || services.iter().filter_map(|service| Some((service, mixed_os_project::proof(service)?)));
    // Beside one for Linux it is mixed-os-project.
    if proven().any(|(_, proof)| proof.os == Os::Linux) {
        return;
    }
    let is_kept_off =
        |service: &Workload| cx.judgement(service.id).is_some_and(|own| own.classes().all(|place| place.is_excluded()));
    let Some((service, proof)) = proven().find(|(service, _)| is_kept_off(service)) else { return };
    let span = mixed_os_project::place(service, proof, cx);
    let image = decider(service, cx).map(|image| image.text.value.clone());
    let hosts: Vec<_> = judgement.places().map(|place| place.id).collect();
    let message =
        Message::new(format!("no declared Docker host runs Windows containers, and {} is for Windows", service.name))
            .note("the pull fails with `no matching manifest for linux/amd64`")
            .help("add the Windows host that runs it to hostfit.toml");
    let subject = service.whole();
    let finding = cx.report(span, message);
    finding.image = image;
    finding.hosts(hosts).workload(subject);
}

/// The image that decides what the first container of a service runs.
fn decider<'p>(service: &Workload, cx: &Cx<'p>) -> Option<&'p ImageUse> {
    cx.project.deciding_image(service.containers.first()?.image?)
}

/// The image of a Dockerfile that nothing deploys, where no host at all runs Linux containers.
fn check_build(build: &DockerfileBuild, cx: &mut Cx) {
    let is_windows_only = cx.fleet.hosts.iter().all(|host| host.windows().is_some());
    let is_known =
        |image: &&ImageUse| image.identity.os == Some(Os::Linux) && image.identity.proof != Proof::ThirdPartyName;
    let image = build.base_image().and_then(|id| cx.project.image(id)).filter(|it| it.is_pulled()).filter(is_known);
    let Some(image) = image.filter(|_| is_windows_only && !build.used) else { return };
    // A host of any orchestrator may be one that builds nothing.
    let docker = cx.fleet.numbered().filter(|(_, host)| host.orchestrator == Some(Orchestrator::Docker));
    let hosts: Vec<_> = docker.map(|(id, _)| id).collect();
    if hosts.is_empty() {
        return;
    }
    let variant = windows_variant(image, &hosts, cx);
    let what = format!("no declared host runs Linux containers, and `{}` has no Windows image", image.text.value);
    report(image.text.place(), what, variant, Some(image), hosts, cx);
}

/// The tag of the same image that has Windows for these hosts.
fn windows_variant(image: &ImageUse, hosts: &[HostId], cx: &Cx) -> Option<(String, Fix)> {
    let facts = hosts.iter().filter_map(|id| HostFacts::of(cx.fleet.host(*id)?, Orchestrator::Docker));
    fixes::windows_variant(cx, image, &facts.collect::<Vec<_>>())
}

fn report<'f>(
    span: Span,
    what: String,
    variant: Option<(String, Fix)>,
    image: Option<&ImageUse>,
    hosts: Vec<HostId>,
    cx: &'f mut Cx,
) -> &'f mut Finding {
    let message = Message::new(what)
        .note("the pull fails with `no matching manifest for windows/amd64`")
        .help_unless(variant.is_some(), "add the Linux host that runs it to hostfit.toml");
    let finding = cx.report(span, message);
    finding.severity(Severity::Warning).hosts(hosts);
    finding.image = image.map(|image| image.text.value.clone());
    finding.fixes.extend(variant.map(|(_, fix)| fix));
    finding
}

/// Whether what excludes the hosts is reported by itself: a label that nothing sets, a value that cannot match.
fn is_reported(workload: &Workload, judgement: &Judgement) -> bool {
    match &workload.placement {
        Placement::Kubernetes(pod) => {
            invalid_selector_value::faults(pod).next().is_some()
                || unset_node_label::unset(pod, judgement).next().is_some()
        }
        Placement::Swarm(service) => {
            invalid_constraint::faults(service).next().is_some()
                || unset_constraint_label::faults(service, judgement).next().is_some()
        }
        Placement::Anywhere => false,
    }
}
