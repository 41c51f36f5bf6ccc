use super::{rule, wording};
use crate::{
    finding::Severity,
    model::{DockerfileBuild, ImageId, ProgramUse, Project, Workload},
    rule::Cx,
    windows::{
        Build, Os,
        image::{Family, Proof},
        nano_server,
    },
};

rule! {
    /// Nano Server since version 1709 has no Windows PowerShell, no Windows Installer, no WMI and no servicing stack. What
    /// starts one of them fails: the build with `'powershell' is not recognized as an internal or external command` or,
    /// in the exec form and under SHELL, at once with `The system cannot find the file specified` (0x2); a container the
    /// same way when it starts.
    ///
    /// Only where the release of the Nano Server is known: that of Windows Server 2016 (`sac2016`) has them all. `pwsh`
    /// is another program, which images bring with them. `HostProcess` containers find the programs of their host.
    ///
    /// An error in RUN and for the program that SHELL chooses; a warning in CMD, ENTRYPOINT, HEALTHCHECK and the commands
    /// of Compose and Kubernetes.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// RUN powershell -Command "Expand-Archive a.zip C:/a"
    /// #   ^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS unzip
    /// RUN powershell -Command "Expand-Archive a.zip C:/a"
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// COPY --from=unzip C:/a C:/a
    /// ```
    ///
    /// ## How to fix it
    /// Do it in a stage on Server Core and copy what comes of it, start from an image with PowerShell 7 and call `pwsh`,
    /// or use what Nano Server has: `curl.exe`, `tar.exe`, `cmd`.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images>
    /// - <https://github.com/microsoft/Windows-Containers/issues/252>
    id: "missing-in-nanoserver",
    summary: "starts what the Nano Server of that release lacks: PowerShell, msiexec, WMI",
    severity: Error,
    check: Project(check),
}

fn check(project: &Project, cx: &mut Cx) {
    project.builds.iter().for_each(|build| check_build(build, cx));
    project.workloads.iter().for_each(|workload| check_workload(workload, cx));
}

fn check_build(build: &DockerfileBuild, cx: &mut Cx) {
    if build.stages.iter().all(|stage| stage.programs.is_empty()) {
        return;
    }
    let path = cx.sources.get(build.source).map(|source| source.path.to_ascii_lowercase()).unwrap_or_default();
    let is_for_hosts = ["hostprocess", "host-process"].iter().any(|it| path.contains(it)) || runs_on_hosts(build, cx);
    for (number, stage) in (0..).zip(&build.stages).filter(|(_, stage)| !stage.programs.is_empty()) {
        let Some(nano) = build.base_of(number).and_then(|image| nano_server_of(image, cx)) else { continue };
        for used in stage.lost_on_nano_server() {
            let runs_in_build = matches!(used.by, "RUN" | "SHELL");
            // What an earlier stage would run is never run.
            if runs_in_build || build.is_target(number) && !is_for_hosts {
                let severity = if runs_in_build { Severity::Error } else { Severity::Warning };
                report(used, &nano, severity, cx);
            }
        }
    }
}

fn check_workload(workload: &Workload, cx: &mut Cx) {
    for container in &workload.containers {
        let is_on_host = container.may_be_host_process();
        let Some(image) = container.image.filter(|_| !is_on_host && !container.programs.is_empty()) else { continue };
        let Some(nano) = nano_server_of(image, cx) else { continue };
        let built_by = cx.project.image(image).and_then(|image| cx.project.build(image.built_by?));
        let stage = built_by.and_then(|build| build.stages.get(build.final_stage? as usize));
        let may_have_powershell = stage.is_some_and(|stage| stage.may_have_powershell);
        for used in &container.programs {
            if !(may_have_powershell && used.missing.program == "powershell") {
                report(used, &nano, Severity::Warning, cx);
            }
        }
    }
}

/// Whether a `HostProcess` container runs what it makes.
fn runs_on_hosts(build: &DockerfileBuild, cx: &Cx) -> bool {
    build.used
        && cx.project.workloads.iter().flat_map(|workload| &workload.containers).any(|container| {
            let image =
                container.image.filter(|_| container.is_host_process()).and_then(|image| cx.project.image(image));
            let made_by = image.and_then(|image| cx.project.build(image.built_by?));
            made_by.is_some_and(|it| it.source == build.source)
        })
}

struct NanoServer {
    build: Build,
    is_proven: bool,
}

/// The Nano Server that `image` is known to be, if that lacks programs.
fn nano_server_of(image: ImageId, cx: &Cx) -> Option<NanoServer> {
    let identity = &cx.project.deciding_image(image)?.identity;
    let known = cx.project.image_os(image);
    let (os, _) = known.known()?;
    let build = os.version?.build;
    let is_nano_server = os.os == Os::Windows && identity.family == Some(Family::NanoServer);
    let is_proven = identity.proof != Proof::ThirdPartyName;
    (is_nano_server && nano_server::lacks_programs(build)).then_some(NanoServer { build, is_proven })
}

fn report(used: &ProgramUse, nano: &NanoServer, severity: Severity, cx: &mut Cx) {
    let program = used.missing.program;
    let instead = if program == "powershell" {
        "call `pwsh` of an image with PowerShell 7, or do it in a stage on Server Core"
    } else {
        "do it in a stage on Server Core, and copy what comes of it"
    };
    let message = format!(
        "`{program}` is not there: the Nano Server of {} has no {}, the command fails with 0x2 (cannot find the file \
         specified) or `is not recognized`; {instead}",
        wording::release(cx, nano.build),
        used.missing.part_of,
    );
    cx.report(used.span, message).severity(if nano.is_proven { severity } else { Severity::Info });
}
