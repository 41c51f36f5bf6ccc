use super::{rule, wording};
use crate::{
    finding::Message,
    fleet::{Engine, Runtime},
    judge::{Case, Failing, Fault},
    rule::Cx,
    windows::{image::Family, matcher::Matcher},
};

rule! {
    /// ## What it checks
    /// Whether the container runtime of a host pulls an image that Windows would run. Runtimes compare builds by their
    /// own rules:
    ///
    /// - containerd before 1.6.23 and 1.7.6 accepts images of the host's own build only.
    /// - containerd 2.1.6 to 2.3.4, and Docker 29.0 to 29.7.2 with the containerd image store, refuse images of Windows
    /// Server 2022 on Windows 11 25H2 and later.
    ///
    /// ## Why it matters
    /// The pull fails with `no match for platform in manifest: not found`.
    ///
    /// ## Example
    /// ```toml fleet
    /// [[host]]
    /// name = "laptop"
    /// os = "10.0.26200"
    /// kind = "client"
    /// runtime = "docker 29.6.2 (containerd)"
    /// ```
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    /// #                                               ^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Update the runtime, switch Docker back to its own image store (`"features": {"containerd-snapshotter": false}`),
    /// or use an image that the runtime accepts: one of the host's build, or `ltsc2025` on Windows 11 25H2.
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2025
    /// ```
    ///
    /// ## Configuration
    /// The check needs a fleet that states the host's `runtime` with its version.
    ///
    /// ## Sources
    /// - <https://github.com/containerd/platforms/blob/main/platform_windows_compat.go>
    /// - <https://github.com/moby/moby/issues/53397>
    /// - <https://github.com/containerd/containerd/issues/6508>
    id: "runtime-refuses-image",
    summary: "an image that Windows would run, but the host's container runtime refuses",
    severity: Error,
    check: Failing(check),
}

fn check(failing: &Failing, cx: &mut Cx) {
    let cases = &failing.cases;
    let Some(first) = cases.first().filter(|_| failing.fault == Fault::Runtime) else { return };
    let host = first.on.class().and_then(|class| cx.fleet.host(*cx.table.hosts(class).first()?));
    let runtime = host.and_then(|host| host.runtime.as_ref());
    let Some(runtime) = runtime else { return };
    let message = Message::new(format!(
        "{} on {} refuses `{}`, which Windows would run",
        name(runtime),
        wording::host_names(cx, cases),
        wording::reference(cx, first.image),
    ))
    .note(format!(
        "on {} the pull fails with `no match for platform in manifest: not found`",
        wording::hosts(cx, cases)
    ))
    .help(match (update(runtime, cases), newest_pulled(cases, cx)) {
        (Some(to), Some(tag)) => format!("update to {to} or later, or use an image built on `{tag}`"),
        (Some(to), None) => format!("update to {to} or later"),
        (None, Some(tag)) => format!("use an image built on `{tag}`"),
        (None, None) => "run it on another host".to_owned(),
    });
    wording::report_failing(cx, failing, cases, message);
}

/// The release of the runtime that pulls the image on all these hosts; none where no release is known to.
fn update(runtime: &Runtime, cases: &[Case]) -> Option<String> {
    let is_exact = runtime.matcher() == Some(Matcher::Exact);
    let pulls = |case: &Case| Matcher::From2022.pulls(case.facts.version.build, case.version.build);
    let version = runtime.version.filter(|_| is_exact && cases.iter().all(pulls))?;
    let to = match runtime.engine {
        Engine::Containerd => Matcher::containerd_after_exact(version),
        Engine::Docker | Engine::DockerContainerd => Matcher::DOCKER_AFTER_EXACT,
    };
    Some(name(&Runtime { version: Some(to), ..runtime.clone() }))
}

/// The release of the newest image that all these hosts pull. There are none of Windows 11's own builds.
fn newest_pulled<'c>(cases: &[Case], cx: &'c Cx) -> Option<&'c str> {
    let pulls = |build| cases.iter().all(|case| !case.facts.refuses(build));
    let published = cx.config.releases.published_tags(Family::ServerCore);
    let pulled = published.filter(|(_, release)| release.ltsc && pulls(release.build));
    pulled.reduce(|best, next| if next.1.build > best.1.build { next } else { best }).map(|(tag, _)| tag)
}

/// `containerd 1.7.4`, `Docker 29.6.2 with the containerd image store`.
fn name(runtime: &Runtime) -> String {
    let version = runtime.version.map(|(major, minor, patch)| format!(" {major}.{minor}.{patch}")).unwrap_or_default();
    match runtime.engine {
        Engine::Docker => format!("Docker{version}"),
        Engine::DockerContainerd => format!("Docker{version} with the containerd image store"),
        Engine::Containerd => format!("containerd{version}"),
    }
}
