use super::{rule, wording};
use crate::{
    finding::{Message, Severity},
    model::{DockerfileBuild, ImageId, ProgramUse, Project, Workload},
    rule::Cx,
    windows::{
        Build, Os,
        image::{Family, Proof},
        nano_server,
    },
};

rule! {
    /// ## What it checks
    /// Programs that Nano Server lacks since version 1709: Windows PowerShell, Windows Installer, WMI and the servicing
    /// stack. Only images whose Nano Server release is known are checked; the one of Windows Server 2016 (`sac2016`)
    /// has them all. `pwsh` (PowerShell 7) is a different program, which some images include. HostProcess containers
    /// find the programs of their host.
    ///
    /// ## Why it matters
    /// A build that starts one of them fails with `'powershell' is not recognized as an internal or external command` or, in the exec
    /// form and under SHELL, with `The system cannot find the file specified` (0x2). A container fails the same way when it starts.
    /// The finding is an error in RUN and for the program that SHELL chooses, and a warning in CMD, ENTRYPOINT, HEALTHCHECK and the
    /// commands of Compose and Kubernetes.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// RUN powershell -Command "Expand-Archive a.zip C:/a"
    /// #   ^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Run the command in a Server Core stage and copy its result, start from an image with PowerShell 7 and call `pwsh`, or use
    /// what Nano Server has: `curl.exe`, `tar.exe`, `cmd`.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS unzip
    /// RUN powershell -Command "Expand-Archive a.zip C:/a"
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// COPY --from=unzip C:/a C:/a
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/manage-containers/container-base-images>
    /// - <https://github.com/microsoft/Windows-Containers/issues/252>
    id: "missing-in-nanoserver",
    summary: "a command that Nano Server of that release lacks: PowerShell, msiexec, wmic, dism",
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
            if runs_in_build || build.is_leaf_stage(number) && !is_for_hosts {
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
    let help = if program == "powershell" {
        "call `pwsh` in an image with PowerShell 7, or run the command in a Server Core stage"
    } else {
        "run the command in a Server Core stage, and copy its result"
    };
    let message = Message::new(format!("Nano Server of {} has no `{program}`", wording::release(cx, nano.build)))
        .label(match used.missing.part_of {
            "Windows PowerShell" => String::new(),
            part_of => format!("needs {part_of}"),
        })
        .note("the command fails with `is not recognized` or `The system cannot find the file specified` (0x2)")
        .help(help);
    cx.report(used.span, message).severity(if nano.is_proven { severity } else { Severity::Info });
}
