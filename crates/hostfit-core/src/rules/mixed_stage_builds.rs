use super::{rule, wording};
use crate::{
    finding::{Message, Severity},
    judge::{self, RunningStage},
    model::DockerfileBuild,
    rule::Cx,
};

rule! {
    /// Stages on different Windows builds that both RUN something. Each RUN is a container on the machine that builds, and
    /// no single machine runs both process-isolated.
    ///
    /// Stages that only COPY start no container; alternative final stages are never built together; images of `ltsc2022`
    /// and `ltsc2025` both run on Windows Server 2025.
    ///
    /// ```dockerfile bad also:unsupported-release
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2019 AS build
    /// RUN build.cmd
    /// FROM mcr.microsoft.com/windows/nanoserver:1903
    /// #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// COPY --from=build C:/out C:/app
    /// RUN setup.cmd
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2019 AS build
    /// RUN build.cmd
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// COPY --from=build C:/out C:/app
    /// ```
    ///
    /// ## How to fix it
    /// Use one release in all stages that RUN, or build with `--isolation hyperv`.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "mixed-stage-builds",
    summary: "stages on different Windows builds that both RUN: no one host builds them process-isolated",
    severity: Warning,
    check: Build(check),
}

fn check(build: &DockerfileBuild, cx: &mut Cx) {
    let mut found: Vec<(RunningStage, RunningStage)> = Vec::new();
    let mut steps = judge::MAX_STEPS;
    for target in (0..).take(build.stages.len()).filter(|&stage| build.is_target(stage)) {
        let stages = judge::needed(build, target, &mut steps);
        let running = judge::running_stages(build, &stages, cx.project);
        for (first, later) in judge::at_odds(&running, &cx.config.releases) {
            if !found.iter().any(|(_, it)| it.span == later.span) {
                found.push((first, later));
            }
        }
    }
    for (first, later) in found {
        let message = Message::new("this stage and an earlier one run on Windows builds that no single host can run")
            .label(format!("runs on {}", wording::release(cx, later.build)))
            .note("under process isolation one of them fails with 0xc0370101")
            .help("use one release for both stages, or build with `--isolation hyperv`");
        let earlier = format!("the earlier stage runs on {}", wording::release(cx, first.build));
        let weak = cx.project.image(later.image).is_some_and(|it| !wording::is_in_proven_windows(cx, it));
        let finding = cx.report(later.span, message);
        finding.related(first.span, earlier);
        if weak {
            finding.severity(Severity::Info);
        }
    }
}
