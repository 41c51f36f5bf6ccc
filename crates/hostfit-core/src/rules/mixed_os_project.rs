use rustc_hash::FxHashMap;

use super::rule;
use crate::{
    finding::{Message, Severity},
    judge::Judgement,
    model::{EvidenceKind, Orchestrator, OsEvidence, SettingKey, Workload},
    rule::Cx,
    source::Span,
    windows::Os,
};

rule! {
    /// ## What it checks
    /// Whether a Compose project has both Windows and Linux services. `docker compose up` starts all of them on one
    /// engine, which runs containers of one operating system. Stacks are not checked, because a swarm may have nodes of
    /// both. Services with `profiles` are not checked either.
    ///
    /// ## Why it matters
    /// Services of the other operating system fail with `no matching manifest for windows/amd64` (or `linux/amd64`) or
    /// `image operating system "linux" cannot be used on this platform`. If a service depends on one of the other
    /// operating system, they cannot be started separately either, and the finding is an error.
    ///
    /// ## Example
    /// ```yaml bad
    /// services:
    ///   db:
    ///     image: mcr.microsoft.com/mssql/server:2022-latest
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// #          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Use images of one operating system, split the project for two engines, or deploy a stack to a swarm with nodes of both.
    ///
    /// ```yaml good
    /// services:
    ///   cache:
    ///     image: mcr.microsoft.com/windows/nanoserver:ltsc2022
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/linux-containers>
    /// - <https://github.com/actions/runner-images/issues/1143>
    id: "mixed-os-project",
    summary: "a Compose project has both Windows and Linux services",
    severity: Warning,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    let Some(services) = project_of(workload, cx) else { return };
    let services = || services.iter();
    let proven = || services().filter_map(|service| Some((service, proof(service)?)));
    let Some((first, os)) = proven().next() else { return };
    let Some((later, other)) = proven().find(|(_, it)| it.os != os.os) else { return };
    let by_name: FxHashMap<&str, (&Workload, Os)> = proven()
        .filter_map(|(service, proof)| Some((service.containers.first()?.name.as_str(), (service, proof.os))))
        .collect();
    let dependence = proven().find_map(|(service, own)| {
        let mut others = service.depends_on.iter().filter_map(|name| by_name.get(name.as_str()));
        let (needed, _) = others.find(|(_, os)| *os != own.os)?;
        Some((service, *needed))
    });
    let message = Message::new(format!(
        "{} is for {} and {} for {}, so one engine cannot run both",
        later.name,
        name(other.os),
        first.name,
        name(os.os),
    ))
    .label(format!("{} is for {}", later.name, name(other.os)))
    .note("`docker compose up` fails with `no matching manifest` or `image operating system … cannot be used on this platform`")
    .help("use images of one operating system, or split the project for two engines");
    let message = match &dependence {
        Some((service, needed)) => message.note(format!("{} depends on {}", service.name, needed.name)),
        None => message,
    };
    let (span, earlier) = (place(later, other, cx), place(first, os, cx));
    let (subject, label) = (later.whole(), format!("{} is for {}", first.name, name(os.os)));
    let finding = cx.report(span, message);
    finding.workload(subject).related(earlier, label);
    if dependence.is_some() {
        finding.severity(Severity::Error);
    }
}

/// The services of the Compose project of which a service is the first, so that each project is looked at once.
pub(super) fn project_of<'p>(workload: &Workload, cx: &Cx<'p>) -> Option<&'p [Workload]> {
    let number = workload.project.filter(|_| workload.orchestrator == Orchestrator::Docker)?;
    // Services of one project stand together.
    let workloads = &cx.project.workloads;
    let start = workloads.element_offset(workload)?;
    let before = start.checked_sub(1).and_then(|before| workloads.get(before));
    if before.is_some_and(|it| it.project == Some(number)) {
        return None;
    }
    let from = workloads.get(start..)?;
    let end = from.iter().position(|it| it.project != Some(number)).unwrap_or(from.len());
    from.get(..end)
}

/// What shows its operating system for certain; none where statements disagree, which other rules report.
pub(super) fn proof(service: &Workload) -> Option<&OsEvidence> {
    // Whether it comes up with the others is decided elsewhere.
    let is_optional = |key| matches!(key, SettingKey::Profiles | SettingKey::NoReplicas);
    if service.known_settings().iter().any(|it| is_optional(it.key)) {
        return None;
    }
    let mut surely = service.evidence.iter().filter(|it| it.kind.is_proof());
    let first = surely.next()?;
    surely.all(|it| it.os == first.os).then_some(first)
}

/// The bytes in the Compose file: the image or the statement, or the service whose Dockerfile makes it.
pub(super) fn place(service: &Workload, proof: &OsEvidence, cx: &Cx) -> Span {
    let image = service.containers.iter().find_map(|it| cx.project.image(it.image?));
    match image {
        _ if proof.span.source != service.name_span.source => service.name_span,
        Some(image) if proof.kind == EvidenceKind::Image => image.text.span,
        _ => proof.span,
    }
}

fn name(os: Os) -> &'static str {
    match os {
        Os::Windows => "Windows",
        Os::Linux => "Linux",
    }
}
