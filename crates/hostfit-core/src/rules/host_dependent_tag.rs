use super::{mend, rule, stages, wording};
use crate::{
    finding::Severity,
    fleet::{Host, Orchestrator},
    model::{ImageUse, Role, platform_os},
    placement::{self, Allowed},
    rule::Cx,
    windows::{
        Os,
        image::Variants,
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
    /// Name the release in the tag: `4.8.1-windowsservercore-ltsc2022`, `1.27-nanoserver-ltsc2025`.
    ///
    /// ## Sources
    /// - <https://github.com/microsoft/dotnet-framework-docker/blob/main/README.aspnet.md>
    /// - <https://github.com/docker-library/official-images/tree/master/library>
    /// - <https://github.com/moby/moby/blob/master/daemon/internal/distribution/pull_v2_windows.go>
    id: "host-dependent-tag",
    summary: "a multi-platform tag: which Windows is pulled depends on the host",
    severity: Info,
    check: Image(check),
    judges_hosts: true,
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(shared) = &image.identity.variants else { return };
    // Of a list with one image nothing depends on anything.
    let choices = shared.windows.len() + usize::from(shared.linux);
    if image.identity.is_dead() || !image.is_pulled() || shared.windows.is_empty() || choices < 2 {
        return;
    }
    if !is_for_windows(image, shared, cx) {
        return;
    }
    let reference = &image.identity.reference;
    let at = reference.digest.clone().or_else(|| reference.tag.clone()).unwrap_or(0..0);
    let noun = if reference.digest.is_some() { "image" } else { "tag" };
    // Of images that nobody but their registry knows, nobody knows how their tags are made.
    let advice = match image.locked {
        Some(_) => "name the tag or the digest of the one that is meant",
        None => "name the release in the tag",
    };
    let mut holds: Vec<_> = shared.builds().iter().map(|build| cx.config.releases.title(*build).into_owned()).collect();
    if shared.linux {
        holds.push("Linux".to_owned());
    }
    let picks = picks(image, shared, cx);
    let differ = picks.iter().any(|(_, pick)| Some(*pick) != picks.first().map(|(_, first)| *first));
    let fails = picks.iter().any(|(_, pick)| *pick == Pick::Nothing);
    let said: Vec<_> = picks.iter().map(|(host, pick)| said(&host.name, *pick)).collect();
    let said = if differ || fails { format!(" ({})", wording::list(&said)) } else { String::new() };
    let message = format!(
        "`{}` is a multi-platform {noun} of {}: what is pulled depends on the host{said}; {advice}",
        image.text.value,
        wording::list(&holds)
    );
    let picked: Vec<_> = picks.iter().map(|(_, pick)| *pick).collect();
    let mend = mend::out_of_several(cx, image, &picked);
    // Those that find none fail; where none does, all of them take part.
    let concerned = picks.iter().filter(|(_, pick)| !fails || *pick == Pick::Nothing);
    let hosts: Vec<_> = concerned.map(|(host, _)| host.name.clone()).collect();
    let finding = wording::report_image(cx, image, at, message);
    if differ || fails {
        finding.severity(Severity::Warning).hosts(hosts);
    }
    if let Some(mend) = mend {
        mend.give(finding);
    }
}

fn said(host: &str, pick: Pick) -> String {
    match pick {
        Pick::Build(build) => format!("{host} gets {build}"),
        Pick::Nothing => format!("{host} finds none that it can run"),
        Pick::Unclear => format!("{host} gets the first of the list"),
    }
}

/// Whether it is pulled for Windows. A tag that Linux shares is in a Windows workload, and where only a Windows builder can
/// build it; a stage that only feeds `COPY` may be Linux. `--platform=windows/amd64` says that it is not, but not which
/// Windows.
fn is_for_windows(image: &ImageUse, shared: &Variants, cx: &Cx) -> bool {
    match image.role {
        Role::Container { container, .. } => wording::workload_of(cx, image).is_some_and(|workload| {
            let own = workload.containers.get(container as usize);
            let host_process = own.is_some_and(|it| matches!(it.host_process.known(), Some((true, _))));
            let linux = workload.evidence.iter().any(|it| it.os == Os::Linux);
            !host_process && (!shared.linux || workload.is_proven_windows() && !linux)
        }),
        Role::Base { build, stage } => cx.project.build(build).is_some_and(|build| {
            let platform = build.stages.get(stage as usize).and_then(|own| own.platform.as_ref());
            match platform.map(platform_os) {
                None => !shared.linux || stages::ends_on_windows_builder(build, stage, cx),
                Some(Some(Os::Windows)) => shared.windows.len() > 1,
                Some(_) => !shared.linux,
            }
        }),
        Role::CopiedFrom { .. } => !shared.linux,
    }
}

/// What each Windows host pulls on which this image may run. Of an image that is only built with, the fleet says nothing.
fn picks<'c>(image: &ImageUse, shared: &Variants, cx: &Cx<'c>) -> Vec<(&'c Host, Pick)> {
    let workload = wording::workload_of(cx, image);
    let runs = match image.role {
        Role::Container { .. } => true,
        Role::Base { build, stage } => cx
            .project
            .build(build)
            .is_some_and(|it| it.built_at.is_empty() && !it.used && it.base_image() == it.base_of(stage)),
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
        let pick = matcher.picks(host.windows()?.build, &shared.builds());
        (pick != Pick::Unclear).then_some((host, pick))
    };
    cx.fleet.hosts.iter().filter(may_land).filter_map(pick).collect()
}
