use super::{advice, fixes::Fix, isolation, rule, wording};
use crate::{
    finding::Message,
    judge::{Case, Cause, Failing, Fault, Judgement, Outcome},
    model::{IsolationBy, IsolationSetting, Orchestrator, Placement, Workload},
    rule::Cx,
    source::Span,
    windows::{Isolation, compat::Verdict},
};

rule! {
    /// ## What it checks
    /// Whether Hyper-V isolation is requested where it is not available. Kubernetes does not support it for Windows
    /// containers: it has ignored the alpha annotation since 1.21, and a RuntimeClass with a Hyper-V handler relies on
    /// containerd alone. On Docker the host needs the Hyper-V role, and a virtual machine needs nested virtualization.
    /// Where Hyper-V isolation is the engine's default, this applies to every image, also to that of a Dockerfile which nothing
    /// in the repository deploys: an info where another declared Windows host runs it.
    ///
    /// ## Why it matters
    /// In Kubernetes the pod runs process-isolated, so an image of another build goes to `CrashLoopBackOff` (0xc0370101). On
    /// a Docker host without the role the container does not start.
    ///
    /// ## Example
    /// ```yaml bad
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    ///   annotations:
    ///     experimental.windows.kubernetes.io/isolation-type: hyperv
    /// #                                                      ^^^^^^
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2019
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.17763
    /// ```
    ///
    /// ## Fix
    /// In Kubernetes, use an image of the node's build and remove the annotation. On Docker, add the Hyper-V role, or use an
    /// image of the host's build with `isolation: process`, which shares the host's kernel.
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2019
    ///     isolation: hyperv
    /// ```
    ///
    /// ## Configuration
    /// `hyperv = true` or `hyperv = false` of a `[[host]]` states whether it has the role.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/windows/intro/>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/hyperv-container>
    id: "hyperv-unsupported",
    summary: "Hyper-V isolation where it is not available",
    severity: Error,
    check: WorkloadOrFailing(check, by_default),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    for (number, container) in workload.containers.iter().enumerate() {
        let Some(setting) = &container.isolation else { continue };
        // HostProcess containers run on every build, whatever isolation the pod asks for.
        if setting.mode != Some(Isolation::Hyperv) || container.is_host_process() {
            continue;
        }
        let lacking = judgement.allowed_windows().filter(|(place, _)| place.host.hyperv == Some(false));
        let mut lacking = cx.hosts(lacking.map(|(place, _)| place.class));
        if workload.orchestrator == Orchestrator::Kubernetes {
            lacking = cx.hosts(judgement.allowed_windows().map(|(place, _)| place.class));
        }
        let fix = fix(setting, cx);
        let on = if lacking.is_empty() { String::new() } else { format!(" on {}", wording::host_list(cx, &lacking)) };
        let message = match &setting.by {
            IsolationBy::Annotation(_) => {
                Message::new(format!("Kubernetes ignores this annotation, so the pod runs process-isolated{on}"))
                    .note("Kubernetes removed the annotation in 1.21")
                    .note("with an image of another build the pod goes to CrashLoopBackOff (0xc0370101)")
                    .help("remove the annotation, and use an image of the node's build")
            }
            IsolationBy::RuntimeHandler => Message::new(format!(
                "Kubernetes does not support Hyper-V isolation of Windows containers{on}"
            ))
            .note("the pull of an image of another build fails with `no match for platform in manifest: not found`")
            .help_unless(fix.is_some(), "use a handler without Hyper-V, and an image of the node's build"),
            // Where some hosts have the role, the missing pin is the cause.
            IsolationBy::Compose { .. } if lacking.is_empty() || matches!(judgement.cause(), Cause::MissingPin(_)) => {
                continue;
            }
            IsolationBy::Compose { .. } => Message::new(format!(
                "Hyper-V isolation needs the Hyper-V role, which is missing on {}",
                wording::host_list(cx, &lacking)
            ))
            .note("without the role the container does not start")
            .help_unless(fix.is_some(), "add the Hyper-V role, or use an image of the host's build"),
        };
        let finding = wording::report_text(cx, &setting.value, 0..0, message);
        finding.hosts(lacking).workload(workload.part(number));
        if let (IsolationBy::RuntimeHandler, Some(at)) = (&setting.by, class_used_at(workload)) {
            finding.related(at, format!("{} uses this RuntimeClass", workload.name));
        }
        if let Some(fix) = fix {
            fix.give(finding);
        }
    }
}

/// Where a pod names its RuntimeClass.
fn class_used_at(workload: &Workload) -> Option<Span> {
    let Placement::Kubernetes(pod) = &workload.placement else { return None };
    pod.runtime_class.as_ref().map(|(name, _)| name.place())
}

/// Without the annotation, which nothing reads; with the handler that containerd calls the other one; with process
/// isolation.
fn fix(setting: &IsolationSetting, cx: &Cx) -> Option<Fix> {
    match &setting.by {
        IsolationBy::Annotation(entry) => {
            let removal = entry.as_ref()?.removal(cx.sources)?;
            Some(Fix::new("remove the annotation").delete(removal))
        }
        IsolationBy::RuntimeHandler if setting.value.known() == Some("runhcs-wcow-hypervisor") => {
            let process = "runhcs-wcow-process";
            Fix::new(format!("write `{process}`"))
                .with_caveat(Some("check the other pods of this RuntimeClass".to_owned()))
                .write(cx, &setting.value, 0..setting.value.value.len(), process)
        }
        IsolationBy::RuntimeHandler => None,
        IsolationBy::Compose { .. } => {
            let (fix, _) = isolation::instead(setting, Isolation::Process, cx)?;
            Some(fix.with_caveat(Some(isolation::SHARES_KERNEL.to_owned())))
        }
    }
}

/// Containers, and Dockerfiles that nothing deploys, for which the engine, not the file, asks for Hyper-V isolation. They stand
/// on the image.
fn by_default(failing: &Failing, cx: &mut Cx) {
    let cases = &failing.cases;
    let is_default = isolation::asked(failing, Isolation::Hyperv).is_none();
    let Some(first) = cases.first().filter(|_| failing.fault == Fault::Hyperv && is_default) else { return };
    let message = Message::new(format!(
        "Hyper-V isolation is the default on {}, but the Hyper-V role is missing there",
        wording::host_names(cx, cases)
    ))
    .label(wording::decides(cx, first))
    .note("without the role the container does not start");
    let message = match advice::other_hosts(failing) {
        Some(other) => other.complete(message, false),
        None => message.help(instead_of_default(failing)),
    };
    wording::report_failing(cx, failing, cases, message);
}

fn instead_of_default(failing: &Failing) -> &'static str {
    let runs = |case: &Case| {
        let is_pulled = failing.workload.is_none_or(|workload| workload.orchestrator != Orchestrator::Docker);
        Outcome::of(&case.facts, case.version, Some(Isolation::Process), is_pulled).verdict == Verdict::Runs
    };
    match (failing.workload, failing.cases.iter().all(runs)) {
        (Some(_), true) => "add the Hyper-V role, or write `isolation: process`",
        (Some(_), false) => "add the Hyper-V role, or use an image of the host's build with `isolation: process`",
        (None, true) => "add the Hyper-V role, or run it with `--isolation process`",
        (None, false) => "add the Hyper-V role, or use an image of the host's build with `--isolation process`",
    }
}
