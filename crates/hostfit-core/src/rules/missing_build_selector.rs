use super::{mend, missing_swarm_constraint, rule, wording};
use crate::{
    finding::Severity,
    judge::{Cause, Judgement},
    model::{Orchestrator, Placement, Workload},
    rule::Cx,
    windows::Os,
};

rule! {
    /// The placement of this Windows pod does not tell Windows builds apart, so that it may land on a node of another
    /// build than its image's.
    ///
    /// An error where some of the declared nodes can run the image and some can't: the pod works until the scheduler
    /// picks the wrong one, and then goes to `CrashLoopBackOff` with 0xc0370101. A warning where the nodes differ and the
    /// image's build is unknown. A note without a fleet.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2019"
    /// os = "ltsc2019"
    /// orchestrator = "kubernetes"
    ///
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
    /// Add `node.kubernetes.io/windows-build` with the build of the image to the nodeSelector, or an affinity with all
    /// builds that can run it. Builds that can't run it have to go out of an affinity that names them. HostProcess pods run on
    /// every build and need none.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/reference/labels-annotations-taints/#nodekubernetesiowindows-build>
    /// - <https://kubernetes.io/docs/concepts/windows/user-guide/>
    id: "missing-build-selector",
    summary: "the placement of a Windows pod doesn't tell Windows builds apart",
    severity: Info,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    // One that goes to Linux nodes has another fault.
    let to_linux = matches!(&workload.placement, Placement::Kubernetes(pod) if pod.pins_os(Os::Linux));
    if workload.orchestrator == Orchestrator::Kubernetes && !workload.is_host_process() && !to_linux {
        missing_pin(workload, judgement, cx);
    }
}

/// Both schedulers' rule; their placements differ in what pins and in where it is written.
pub(super) fn missing_pin(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    if !workload.is_windows() {
        return;
    }
    let Some(span) = wording::absence(workload, cx) else { return };
    let (pin, key) = match workload.orchestrator {
        Orchestrator::Kubernetes => ("`node.kubernetes.io/windows-build`", "nodeSelector"),
        Orchestrator::Swarm | Orchestrator::Docker => ("a label that holds the OS version", "constraints"),
    };
    if let Cause::MissingPin(pairs) = &judgement.cause {
        let Some(first) = pairs.first() else { return };
        let subject = first.subject;
        let message = if pairs.iter().any(|pair| pair.subject.version.build != pair.facts.version.build) {
            format!(
                "`{}` is {}, and nothing keeps this off {}, where it can't run: {}; pin it with {pin} in its {key}{}",
                wording::reference(cx, subject.image),
                wording::release(cx, subject.version.build),
                wording::hosts(pairs),
                wording::seen(Some(workload.orchestrator), first),
                missing_swarm_constraint::how_to_label(workload, judgement, subject.version.build, cx),
            )
        } else {
            format!(
                "`{}` is {}, and nothing keeps this off {}, where only images of the host's own revision run: {}; update \
                 the hosts to one revision, or pin it in its {key} with a label of your own that holds the revision",
                wording::reference(cx, subject.image),
                subject.version,
                wording::hosts(pairs),
                wording::seen(Some(workload.orchestrator), first),
            )
        };
        let hosts = wording::host_names(cx, pairs);
        let (image, name) = (wording::reference(cx, subject.image), wording::container_name(workload, subject.container));
        let mend = match &workload.placement {
            Placement::Swarm(service) => missing_swarm_constraint::mend(workload, service, judgement, pairs, cx),
            _ => mend::pin(workload, judgement, pairs, cx),
        };
        let locked = wording::decided_by_registry(cx, subject.image);
        let finding = cx.report(span, message).absence();
        finding.severity(Severity::Error).workload(name).image(image).hosts(hosts);
        if let Some(mend) = mend {
            mend.give(finding);
        }
        if !span.holds(subject.span) {
            finding.related(subject.span, "this decides the image's Windows");
        }
        if let Some((at, said)) = locked {
            finding.related(at, said);
        }
        wording::unless_proven(workload, finding);
        return;
    }
    let (image, name) = (wording::first_image(workload, cx), wording::first_windows_name(workload, cx));
    if judgement.landings.is_empty() {
        if !may_pin(&workload.placement) {
            let message = format!(
                "the placement doesn't tell Windows builds apart: on a host of another build the container does not start \
                 (0xc0370101); pin it with {pin} in its {key}, or declare your hosts in hostfit.toml"
            );
            let finding = cx.report(span, message).absence();
            finding.workload(name);
            finding.image = image;
        }
        return;
    }
    let mut builds: Vec<_> = judgement.allowed_windows().map(|(_, version)| version.build).collect();
    builds.sort_unstable();
    builds.dedup();
    if builds.len() > 1 && wording::some_version_is_unknown(workload, &builds, cx) {
        let names: Vec<_> = builds.iter().map(ToString::to_string).collect();
        let message = format!(
            "this may land on hosts of builds {}, and nothing tells which of them its image fits: elsewhere it does not \
             start (0xc0370101); pin it with {pin} in its {key}, and declare the image under `[images]`",
            wording::list(&names)
        );
        let finding = cx.report(span, message).absence();
        finding.severity(Severity::Warning).workload(name);
        finding.image = image;
        wording::unless_proven(workload, finding);
    }
}

/// Whether something in the placement may tell builds apart: anything but the labels that surely do not.
fn may_pin(placement: &Placement) -> bool {
    match placement {
        Placement::Kubernetes(pod) => {
            let elsewhere = placement.is_elsewhere() || pod.unreadable.is_some() || pod.node_name.is_some();
            elsewhere || pod.labels().any(|label| label.may_tell_builds_apart())
        }
        Placement::Swarm(service) => service.constraints.iter().any(|constraint| match &constraint.parsed {
            Ok(expression) => {
                let key = expression.key.to_ascii_lowercase();
                let os = ["windows", "linux"].iter().any(|os| expression.value.eq_ignore_ascii_case(os));
                !(os || key == "node.role" || key.starts_with("node.platform."))
            }
            Err(_) => true,
        }),
        Placement::Anywhere => false,
    }
}
