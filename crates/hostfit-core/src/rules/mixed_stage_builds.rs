use super::{rule, wording};
use crate::{
    finding::{Message, Severity},
    judge::{self, RunningStage},
    model::DockerfileBuild,
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// Whether one host can build all stages of a Dockerfile process-isolated. Each RUN is a container on the machine
    /// that builds. Not reported: stages that only COPY, since they start no container; alternative final stages, which
    /// are not built together; and `ltsc2022` beside `ltsc2025`, which both run on Windows Server 2025.
    ///
    /// ## Why it matters
    /// A RUN instruction of one stage fails with 0xc0370101 on the machine that can run the other stage.
    ///
    /// ## Example
    /// ```dockerfile bad also:unsupported-release
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2019 AS build
    /// RUN build.cmd
    /// FROM mcr.microsoft.com/windows/nanoserver:1903
    /// #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// COPY --from=build C:/out C:/app
    /// RUN setup.cmd
    /// ```
    ///
    /// ## Fix
    /// Use one release in all stages with RUN instructions, or build with `--isolation hyperv`.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2019 AS build
    /// RUN build.cmd
    /// FROM mcr.microsoft.com/windows/nanoserver:ltsc2022
    /// COPY --from=build C:/out C:/app
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "mixed-stage-builds",
    summary: "stages with RUN instructions on Windows builds that no single host can run",
    severity: Warning,
    check: Build(check),
}

fn check(build: &DockerfileBuild, cx: &mut Cx) {
    let mut found: Vec<(RunningStage, RunningStage)> = Vec::new();
    let mut steps = judge::MAX_STEPS;
    for target in (0..).take(build.stages.len()).filter(|&stage| build.is_leaf_stage(stage)) {
        let stages = judge::needed(build, target, &mut steps);
        let running = judge::running_stages(build, &stages, cx.project);
        for (first, later) in judge::at_odds(&running, &cx.config.releases) {
            if !found.iter().any(|(_, it)| it.span == later.span) {
                found.push((first, later));
            }
        }
    }
    for (first, later) in found {
        let message = Message::new("no host can run both this stage and an earlier one process-isolated")
            .label(format!("runs on {}", wording::release(cx, later.build)))
            .note("one of the RUN instructions fails with 0xc0370101")
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
