use super::{fixes, rule, stages, wording};
use crate::{
    finding::{Finding, Message, Severity},
    model::{EvidenceKind, ImageUse, Role, Workload},
    rule::Cx,
    windows::{Os, image::Proof},
};

rule! {
    /// ## What it checks
    /// Images without a Windows variant in workloads that need one. Since .NET 8 the plain tags (`8.0`, `latest`) hold
    /// only Linux images, and SQL Server no longer has a Windows image. A stage that other stages only copy from may be
    /// Linux.
    ///
    /// ## Why it matters
    /// The pull fails with `no matching manifest for windows/amd64`, or in Kubernetes with `no match for platform in manifest: not
    /// found` (ImagePullBackOff).
    ///
    /// The finding is an info where only the project's build configuration says that the image is for Linux (`hostfit
    /// images` names the source).
    ///
    /// ## Example
    /// ```yaml bad also:missing-build-selector
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/dotnet/aspnet:8.0
    /// #                                          ^^^
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    /// ```
    ///
    /// ## Fix
    /// Write a tag that names the Windows variant, such as `8.0-nanoserver-ltsc2022`, or run the workload on Linux.
    ///
    /// ```yaml good
    /// apiVersion: v1
    /// kind: Pod
    /// metadata:
    ///   name: web
    /// spec:
    ///   containers:
    ///   - name: web
    ///     image: mcr.microsoft.com/dotnet/aspnet:8.0-nanoserver-ltsc2022
    ///   nodeSelector:
    ///     kubernetes.io/os: windows
    ///     node.kubernetes.io/windows-build: 10.0.20348
    /// ```
    ///
    /// ## Configuration
    /// If a mirror has other images under the same name, declare them under `[images]`.
    ///
    /// ## Sources
    /// - <https://github.com/dotnet/dotnet-docker/blob/main/documentation/supported-tags.md>
    /// - <https://github.com/dotnet/dotnet-docker/issues/4492>
    /// - <https://github.com/microsoft/mssql-docker/issues/799>
    id: "no-windows-variant",
    summary: "a Windows workload whose image has no Windows variant",
    severity: Error,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    match image.role {
        Role::Container { container, .. } => of_workload(image, container as usize, cx),
        Role::Base { build, stage } => {
            let Some(build) = cx.project.build(build) else { return };
            let linux = image.is_pulled() && image.identity.os == Some(Os::Linux);
            let chosen = build.stages.get(stage as usize).is_none_or(|own| own.platform.is_some());
            if linux && !chosen && stages::ends_on_windows_builder(build, stage, cx) {
                report(image, "a stage before it runs on Windows", cx);
            }
        }
        Role::CopiedFrom { .. } => {}
    }
}

fn of_workload(image: &ImageUse, container: usize, cx: &mut Cx) {
    let Some(workload) = wording::workload_of(cx, image) else { return };
    let Some(own) = workload.containers.get(container) else { return };
    if own.is_host_process() || !asks_for_windows(workload) {
        return;
    }
    let project = cx.project;
    let Some(decider) = own.image.and_then(|id| project.deciding_image(id)) else { return };
    if decider.identity.os != Some(Os::Linux) || decider.names_build_result {
        return;
    }
    let part = workload.part(container);
    let used_at = image.text.span;
    let elsewhere = decider.text.span != used_at;
    let finding = report(decider, "its workload is for Windows", cx);
    if elsewhere {
        finding.related(used_at, format!("{} runs it", project.name_of(part)));
    }
    finding.workload(part);
}

fn report<'f>(image: &ImageUse, why: &str, cx: &'f mut Cx) -> &'f mut Finding {
    let at = image.identity.reference.tag.clone().filter(|_| image.identity.variants.is_some());
    let fix = fixes::out_of_several(cx, image, &[]);
    let mut message = Message::new(format!("`{}` has no Windows image, but {why}", image.text.value))
        .note("the pull fails with `no matching manifest for windows/amd64`");
    if fix.is_none() {
        message = message.help(match image.identity.variants {
            Some(_) => "write a tag that names a Windows variant, such as one that ends in `-nanoserver-ltsc2022`",
            None => "use a Windows image, or run the workload on Linux",
        });
    }
    let finding = wording::report_image(cx, image, at.unwrap_or_else(|| image.identity.reference.name()), message);
    if image.identity.proof == Proof::ThirdPartyName {
        finding.severity(Severity::Info);
    }
    if let Some(fix) = fix {
        fix.give(finding);
    }
    finding
}

/// Whether a placement or another image asks for Windows, and nothing for Linux. `os.name`, `platform` and `isolation` have
/// rules of their own for an image that contradicts them.
fn asks_for_windows(workload: &Workload) -> bool {
    let placed = [EvidenceKind::Selector, EvidenceKind::RuntimeClass, EvidenceKind::Constraint, EvidenceKind::Image];
    let windows = workload.evidence.iter().any(|it| it.os == Os::Windows && placed.contains(&it.kind));
    let linux = workload.evidence.iter().any(|it| it.os == Os::Linux && !it.kind.is_of_image());
    windows && !linux
}
