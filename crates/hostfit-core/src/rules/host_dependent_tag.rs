use super::{fixes, rule, stages, wording};
use crate::{
    finding::{Message, Severity},
    fleet::HostId,
    judge::{ClassId, Outcome, Place},
    model::{ImageUse, Role, platform_os},
    rule::Cx,
    windows::{
        Os,
        image::{Alternative, Variants},
    },
};

rule! {
    /// ## What it checks
    /// Whether a tag holds images of several Windows builds, often of Linux too. The host that pulls it, or the machine that
    /// builds on it, decides which one it gets.
    ///
    /// ## Why it matters
    /// The same file pulls different images on different machines and days, and on some hosts the pull fails with `no
    /// matching manifest`.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8.1
    /// #                                              ^^^^^
    /// ```
    ///
    /// ## Fix
    /// Name the release in the tag: `4.8.1-windowsservercore-ltsc2022`, `1.27-nanoserver-ltsc2025`.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022
    /// ```
    ///
    /// ## Configuration
    /// The finding is an info. It is a warning where the declared Windows hosts on which the image may land would pull
    /// different builds.
    ///
    /// ## Sources
    /// - <https://github.com/microsoft/dotnet-framework-docker/blob/main/README.aspnet.md>
    /// - <https://github.com/docker-library/official-images/tree/master/library>
    /// - <https://github.com/moby/moby/blob/master/daemon/internal/distribution/pull_v2_windows.go>
    id: "host-dependent-tag",
    summary: "a multi-platform tag whose Windows version depends on the host",
    severity: Info,
    check: Image(check),
    judges_hosts: true,
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(shared) = &image.identity.variants else { return };
    // Of a list with one image nothing depends on anything.
    let choices = shared.windows.len() + usize::from(shared.linux);
    if !image.identity.can_be_pulled() || !image.is_pulled() || shared.windows.is_empty() || choices < 2 {
        return;
    }
    if !is_for_windows(image, shared, cx) {
        return;
    }
    // Where there is no tag of one release, nothing else can be written.
    let has_others = || cx.alternatives(image).is_some_and(|of| of.iter().any(Alternative::is_same_version));
    if image.locked.is_none() && !has_others() {
        return;
    }
    let reference = &image.identity.reference;
    let at = reference.digest.clone().or_else(|| reference.tag.clone()).unwrap_or(0..0);
    let noun = if reference.digest.is_some() { "image" } else { "tag" };
    // Of images that nobody but their registry knows, nobody knows how their tags are made.
    let help = match image.locked {
        Some(_) => "name the tag or the digest of the one that is meant",
        None => "name the release in the tag",
    };
    let mut holds: Vec<_> = shared.builds().iter().map(|build| cx.config.releases.title(*build).into_owned()).collect();
    if shared.linux {
        holds.push("Linux".to_owned());
    }
    let gets = gets(image, cx);
    // Where one fails, that is what is wrong.
    if gets.iter().any(|(_, outcome)| outcome.is_blocked()) || fails_somewhere(image, cx) {
        return;
    }
    let builds = || gets.iter().filter_map(|(_, outcome)| outcome.image.map(|version| version.build));
    let differ = builds().any(|build| Some(build) != builds().next());
    let each: Vec<_> = gets.iter().map(|(_, outcome)| outcome.image.map(|version| version.build)).collect();
    let fix = fixes::out_of_several(cx, image, &each);
    let message = Message::new(format!(
        "`{}` is a multi-platform {noun}, so the host decides which Windows is pulled",
        image.text.value,
    ))
    .note(format!("it holds images of {}", wording::list(&holds)))
    .help_unless(fix.is_some(), help);
    let message = if differ { message.note(each_gets(&gets, cx)) } else { message };
    let finding = wording::report_image(cx, image, at, message);
    if differ && gets.iter().all(|(_, outcome)| outcome.verdict.starts()) {
        finding.severity(Severity::Warning);
    }
    if let Some(fix) = fix {
        fix.give(finding);
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

/// Whether a container of which the same bytes decide what it runs fails on a host where it surely may land.
fn fails_somewhere(image: &ImageUse, cx: &Cx) -> bool {
    let containers = wording::containers_of(cx, image).unwrap_or_default();
    containers.into_iter().any(|(workload, container)| {
        let places = cx.judgement(workload).into_iter().flat_map(|judgement| judgement.allowed_windows());
        let outcome = |(place, _): (Place<'_>, _)| place.outcomes.get(container as usize).copied();
        places.filter_map(outcome).any(|outcome| outcome.is_blocked())
    })
}

/// What each host gets.
fn each_gets(gets: &[(ClassId, Outcome)], cx: &Cx) -> String {
    let mut each: Vec<_> = gets
        .iter()
        .filter_map(|(class, outcome)| Some((cx.table.hosts(*class), outcome.image?.build)))
        .flat_map(|(hosts, build)| hosts.iter().map(move |id| (*id, build)))
        .collect();
    each.sort_unstable_by_key(|(id, _)| *id);
    let host = |id: HostId| cx.fleet.host(id).map_or("", |host| host.name.as_str());
    wording::list_of(each.len(), each.iter().map(|(id, build)| format!("`{}` gets {build}", host(*id))))
}

/// What comes of it on each class of Windows hosts where it may run. Of an image that is only built with, the fleet says
/// nothing.
fn gets(image: &ImageUse, cx: &Cx) -> Vec<(ClassId, Outcome)> {
    match image.role {
        Role::Container { workload, container } => {
            let Some(judgement) = cx.judgement(workload) else { return Vec::new() };
            let outcome = |(place, _): (Place<'_>, _)| Some((place.class, *place.outcomes.get(container as usize)?));
            judgement.allowed_windows().filter_map(outcome).collect()
        }
        Role::Base { build, stage } => {
            let is_final = cx
                .project
                .build(build)
                .is_some_and(|it| it.built_at.is_empty() && it.base_image() == it.base_of(stage));
            let host = |class| cx.fleet.host(*cx.table.hosts(class).first()?);
            let is_windows = |class| host(class).is_some_and(|host| host.windows().is_some());
            let on = cx.table.undeployed(build).filter(|_| is_final);
            on.filter(|(class, _)| is_windows(*class)).collect()
        }
        Role::CopiedFrom { .. } => Vec::new(),
    }
}
