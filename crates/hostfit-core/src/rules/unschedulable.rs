use super::{
    invalid_constraint, invalid_selector_value,
    mend::{self, Fix},
    mixed_os_project, rule, unset_constraint_label, unset_node_label, wording,
};
use crate::{
    finding::{Finding, Severity},
    fleet::HostId,
    judge::{Cause, Judgement},
    model::{DockerfileBuild, ImageUse, Orchestrator, Placement, Workload},
    placement::Allowed,
    rule::Cx,
    source::Span,
    windows::{Os, compat::HostFacts, image::Proof},
};

rule! {
    /// No host of the fleet satisfies the placement. The message names what excludes each.
    ///
    /// At run time: a pod that stays Pending with `node(s) didn't match Pod's node affinity/selector`; a service with
    /// `no suitable node`.
    ///
    /// A warning says that a Compose project is for Linux where every declared Docker host runs Windows containers, or that a
    /// Dockerfile makes a Linux image where no declared host runs one: `no matching manifest for windows/amd64`.
    ///
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
    /// ## How to fix it
    /// Fix the placement, or declare the hosts it means in `hostfit.toml`.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/>
    /// - <https://docs.docker.com/reference/cli/docker/service/create/#constraint>
    /// - <https://github.com/docker/for-win/issues/6128>
    /// - <https://github.com/dotnet/dotnet-docker/issues/5009>
    id: "unschedulable",
    summary: "no host of the fleet satisfies the placement",
    severity: Error,
    check: WorkloadOrBuild(check, check_build),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    if workload.orchestrator == Orchestrator::Docker && !workload.is_windows() {
        linux_project(workload, judgement, cx);
        return;
    }
    if !matches!(judgement.cause(), Cause::Unschedulable) || is_reported(workload, judgement) {
        return;
    }
    let Some(span) = wording::absence(workload, cx) else { return };
    let why = judgement.places().filter_map(|place| match place.allowed {
        Allowed::No(why) => Some(format!("{} by {}", place.host.name, why.why)),
        Allowed::Yes | Allowed::Unknown(_) => None,
    });
    let seen = match workload.orchestrator {
        Orchestrator::Kubernetes => "the pod stays Pending with `node(s) didn't match Pod's node affinity/selector`",
        Orchestrator::Swarm | Orchestrator::Docker => "the service stays pending with `no suitable node`",
    };
    // Each is excluded, or there would be another cause.
    let hosts = cx.hosts(judgement.classes().map(|place| place.class));
    let message = format!(
        "no declared host satisfies this placement, so that {seen}; excluded are {}",
        wording::list_of(hosts.len(), why)
    );
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_part(workload, cx));
    let finding = cx.report(span, message).absence();
    finding.image = image;
    finding.workload(name).hosts(hosts);
    wording::unless_proven(workload, finding);
    for place in judgement.classes() {
        if let Allowed::No(why) = place.allowed
            && let Some(at) = why.span.filter(|at| *at != span)
            && !finding.related.iter().any(|it| it.span == at)
        {
            finding.related(at, format!("excludes {}", place.host.name));
        }
    }
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
    let image = service.containers.first().and_then(|it| it.image).and_then(|id| cx.project.deciding_image(id));
    // Of several Linux images a Windows variant of one is of no use.
    let hosts: Vec<_> = judgement.places().map(|place| place.id).collect();
    let variant = image.filter(|_| services.len() == 1).and_then(|image| windows_variant(image, &hosts, cx));
    let what = format!("no declared Docker host runs Linux containers, and {} is for Linux", service.name);
    report(span, &what, variant, image, hosts, cx).workload(service.whole());
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
    report(image.text.place(), &what, variant, Some(image), hosts, cx);
}

/// The tag of the same image that has Windows for these hosts.
fn windows_variant(image: &ImageUse, hosts: &[HostId], cx: &Cx) -> Option<(String, Fix)> {
    let facts = hosts.iter().filter_map(|id| HostFacts::of(cx.fleet.host(*id)?, Orchestrator::Docker));
    mend::windows_variant(cx, image, &facts.collect::<Vec<_>>())
}

fn report<'f>(
    span: Span,
    what: &str,
    variant: Option<(String, Fix)>,
    image: Option<&ImageUse>,
    hosts: Vec<HostId>,
    cx: &'f mut Cx,
) -> &'f mut Finding {
    let advice = match &variant {
        Some((tag, _)) => format!("use the tag `{tag}`, or declare the host that runs it"),
        None => "declare the Linux host that runs it".to_owned(),
    };
    let message = format!("{what}: the pull fails with `no matching manifest for windows/amd64`; {advice}");
    let finding = cx.report(span, message);
    finding.severity(Severity::Warning).hosts(hosts);
    finding.image = image.map(|image| image.text.value.clone());
    finding.fixes.extend(variant.map(|(_, fix)| fix));
    finding
}

/// Whether what excludes the hosts is reported by itself: a label that nothing sets, a value that can't match.
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
