use rustc_hash::FxHashSet;

use super::{rule, wording};
use crate::{
    finding::Severity,
    fleet::{Host, Orchestrator},
    model::{DockerfileBuild, ImageUse, Role, Stage},
    placement::{self, Allowed},
    rule::Cx,
    windows::{
        Os,
        image::{Proof, Shared},
        matcher::{Matcher, Pick},
    },
};

rule! {
    /// A multi-platform tag holds images of several Windows builds, often of Linux too. Which one is pulled depends on
    /// the host, or on the machine that builds: the same file gives different images on different days and machines,
    /// and on some hosts none.
    ///
    /// A note; a warning when the Windows hosts of the fleet on which it may land would get different builds, or
    /// some of them none.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8.1
    /// #                                              ^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022
    /// ```
    ///
    /// ## How to fix it
    /// Name the release in the tag: `4.8.1-windowsservercore-ltsc2022`, `1.27-nanoserver-ltsc2025`. A stage that is meant
    /// for the build machine says so with `FROM --platform=$BUILDPLATFORM`.
    ///
    /// ## Sources
    /// - <https://github.com/microsoft/dotnet-framework-docker/blob/main/README.aspnet.md>
    /// - <https://github.com/docker-library/official-images/tree/master/library>
    /// - <https://github.com/moby/moby/blob/master/daemon/internal/distribution/pull_v2_windows.go>
    id: "host-dependent-tag",
    summary: "a multi-platform tag: which Windows is pulled depends on the host",
    severity: Info,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(shared) = image.identity.shared else { return };
    // Of a list with one image nothing depends on anything.
    let choices = shared.builds.len() + usize::from(shared.linux);
    let is_pulled = image.is_pulled() && !image.identity.is_dead();
    if shared.builds.is_empty() || choices < 2 || !is_pulled || !is_for_windows(image, shared, cx) {
        return;
    }
    let reference = &image.identity.reference;
    let at = reference.tag.clone().unwrap_or(0..0);
    let mut holds: Vec<_> = shared.builds.iter().map(|build| cx.config.releases.title(*build).into_owned()).collect();
    if shared.linux {
        holds.push("Linux".to_owned());
    }
    let mut message =
        format!("`{}` is a multi-platform tag of {}: what is pulled depends on the host", image.text.value, wording::list(&holds));
    let picks = picks(image, shared, cx);
    let differ = picks.iter().any(|(_, pick)| Some(*pick) != picks.first().map(|(_, first)| *first));
    let fails = picks.iter().any(|(_, pick)| *pick == Pick::Nothing);
    if differ || fails {
        let said: Vec<_> = picks.iter().map(|(host, pick)| said(&host.name, *pick)).collect();
        message.push_str(&format!(" ({})", wording::list(&said)));
    }
    message.push_str("; name the release in the tag");
    // Those that find none fail; where none does, all of them take part.
    let concerned = picks.iter().filter(|(_, pick)| !fails || *pick == Pick::Nothing);
    let hosts: Vec<_> = concerned.map(|(host, _)| host.name.clone()).collect();
    let finding = wording::report_image(cx, image, at, message);
    if differ || fails {
        finding.severity(Severity::Warning).hosts(hosts);
    }
}

fn said(host: &str, pick: Pick) -> String {
    match pick {
        Pick::Build(build) => format!("{host} gets {build}"),
        Pick::Nothing => format!("{host} finds none that it can run"),
        Pick::Unclear => format!("{host} gets the first of the list"),
    }
}

/// Whether it is pulled for Windows at least perhaps. A tag that Linux shares is, in a Windows workload only, and in a
/// Dockerfile where a Windows stage needs it; `--platform` says which of its images is meant.
fn is_for_windows(image: &ImageUse, shared: Shared, cx: &Cx) -> bool {
    match image.role {
        Role::Container { container, .. } => wording::workload_of(cx, image).is_some_and(|workload| {
            let own = workload.containers.get(container as usize);
            let host_process = own.is_some_and(|it| matches!(it.host_process.known(), Some((true, _))));
            let linux = workload.evidence.iter().any(|it| it.os == Os::Linux);
            !host_process && (!shared.linux || workload.is_proven_windows() && !linux)
        }),
        Role::Base { build, stage } => cx.project.build(build).is_some_and(|build| {
            let own = build.stages.get(stage as usize);
            let chosen = own.is_none_or(|own| own.platform.is_some());
            !shared.linux || !chosen && windows_stage_needs(build, stage, cx)
        }),
        Role::CopiedFrom { build, stage } => cx
            .project
            .build(build)
            .is_some_and(|build| !shared.linux || is_windows_stage(build, stage, cx)),
    }
}

/// Whether a stage that is surely Windows starts from this one, or copies from it, through others too.
fn windows_stage_needs(build: &DockerfileBuild, stage: u32, cx: &Cx) -> bool {
    let mut users = FxHashSet::from_iter([stage]);
    // Stages need earlier ones only.
    for (number, later) in (0..).zip(&build.stages).skip(stage as usize + 1) {
        if later.needed().any(|needed| users.contains(&needed)) {
            if is_windows_stage(build, number, cx) {
                return true;
            }
            users.insert(number);
        }
    }
    false
}

fn is_windows_stage(build: &DockerfileBuild, stage: u32, cx: &Cx) -> bool {
    let base = build.base_of(stage).and_then(|image| cx.project.image(image));
    let by_name = base.is_some_and(|it| it.identity.os == Some(Os::Windows) && it.identity.proof != Proof::ThirdPartyName);
    let platform = build.stages.get(stage as usize).and_then(|it: &Stage| it.platform.as_ref());
    by_name || platform.and_then(crate::model::platform_os) == Some(Os::Windows)
}

/// What each Windows host pulls on which this image may run. Of an image that is only built with, the fleet says nothing.
fn picks<'c>(image: &ImageUse, shared: Shared, cx: &Cx<'c>) -> Vec<(&'c Host, Pick)> {
    let workload = wording::workload_of(cx, image);
    let runs = match image.role {
        Role::Container { .. } => true,
        Role::Base { build, stage } => cx
            .project
            .build(build)
            .is_some_and(|it| it.built_at.is_empty() && !it.used && it.final_stage.is_some_and(|last| it.base_of(last) == it.base_of(stage))),
        Role::CopiedFrom { .. } => false,
    };
    if !runs {
        return Vec::new();
    }
    let may_land = |host: &&Host| {
        workload.is_none_or(|it| host.serves(it.orchestrator) && placement::allows(&it.placement, host) == Allowed::Yes)
    };
    let pick = |host: &'c Host| {
        let kubernetes = host.orchestrator == Some(Orchestrator::Kubernetes);
        let matcher = match &host.runtime {
            Some(runtime) => runtime.matcher()?,
            None if kubernetes => Matcher::From2022,
            None => Matcher::Graphdriver,
        };
        let pick = matcher.picks(host.windows()?.build, shared.builds);
        (pick != Pick::Unclear).then_some((host, pick))
    };
    cx.config.fleet.hosts.iter().filter(may_land).filter_map(pick).collect()
}
