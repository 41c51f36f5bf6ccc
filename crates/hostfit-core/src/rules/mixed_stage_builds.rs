use rustc_hash::FxHashSet;

use super::{rule, wording};
use crate::{
    finding::Severity,
    model::{DockerfileBuild, ImageId, Known},
    rule::Cx,
    source::Span,
    windows::{Build, Os, compat},
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
    let mut found: Vec<(Runs, Runs)> = Vec::new();
    let mut steps = MAX_STEPS;
    for target in (0..).take(build.stages.len()).filter(|&stage| build.is_target(stage)) {
        let running = running_stages(build, target, cx, &mut steps);
        let Some(&first) = running.first() else { continue };
        for &later in &running {
            if !compat::share_a_host(first.build, later.build, &cx.config.releases)
                && !found.iter().any(|(_, it)| it.span == later.span)
            {
                found.push((first, later));
            }
        }
    }
    for (first, later) in found {
        let message = format!(
            "this stage runs on {}, an earlier one on {}: no single host builds both process-isolated, the second RUN fails \
             with 0xc0370101; use one release, or build with `--isolation hyperv`",
            wording::release(cx, later.build),
            wording::release(cx, first.build),
        );
        let weak = cx.project.image(later.image).is_some_and(|it| !wording::is_in_proven_windows(cx, it));
        let finding = cx.report(later.span, message);
        finding.related(first.span, "the earlier stage starts here");
        if weak {
            finding.severity(Severity::Info);
        }
    }
}

/// A stage that RUNs on a known build.
#[derive(Clone, Copy)]
struct Runs {
    build: Build,
    image: ImageId,
    span: Span,
}

/// How many stages all targets together may need, so that a file of many stages ends in time.
const MAX_STEPS: usize = 100_000;

/// The stages that building `target` runs, in order.
fn running_stages(build: &DockerfileBuild, target: u32, cx: &Cx, steps: &mut usize) -> Vec<Runs> {
    let mut seen = FxHashSet::from_iter([target]);
    let mut needed = vec![target];
    let mut next = 0;
    while let Some(stage) = needed.get(next).and_then(|&stage| build.stages.get(stage as usize))
        && *steps > 0
    {
        next += 1;
        *steps -= 1;
        needed.extend(stage.needed().filter(|&earlier| seen.insert(earlier)));
    }
    needed.sort_unstable();
    let runs = |&number: &u32| {
        let stage = build.stages.get(number as usize).filter(|stage| !stage.runs.is_empty())?;
        let image = build.base_of(number)?;
        match cx.project.image_os(image) {
            Known::Stated(os, _) | Known::Inferred(os, _) if os.os == Os::Windows => {
                let used = cx.project.image(image)?.text.span;
                let span = if build.stages.get(number as usize)?.base_is_image() { used } else { stage.span };
                Some(Runs { build: os.version?.build, image, span })
            }
            _ => None,
        }
    };
    needed.iter().filter_map(runs).collect()
}
