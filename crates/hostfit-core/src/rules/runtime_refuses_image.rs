use super::{rule, wording};
use crate::{
    fleet::{Engine, Host, Runtime},
    judge::{Failing, Judgement, Pair, pairs_on},
    model::{Orchestrator, Workload},
    rule::Cx,
    windows::{compat::Verdict, image::Family, matcher::Matcher},
};

rule! {
    /// Windows would run the image on this host, but the container runtime there does not pull it: before the pull it
    /// compares builds by a rule of its own, and older and some newer versions of that rule are narrower than Windows.
    ///
    /// - containerd before 1.6.23 and 1.7.6 takes images of the host's own build only.
    /// - containerd 2.2 to 2.3.4, and Docker 29.0 to 29.7.2 with the containerd image store, refuse images of Windows Server
    ///   2022 on Windows 11 25H2 and later.
    ///
    /// At run time: `no match for platform in manifest: not found`.
    ///
    /// Needs a fleet that gives the host's `runtime` with its version.
    ///
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
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2025
    /// ```
    ///
    /// ## How to fix it
    /// Update the runtime, give Docker its own image store back (`"features": {"containerd-snapshotter": false}`), or use an
    /// image that it pulls: one of the host's build, `ltsc2025` on Windows 11 25H2.
    ///
    /// ## Sources
    /// - <https://github.com/containerd/platforms/blob/main/platform_windows_compat.go>
    /// - <https://github.com/moby/moby/issues/53397>
    /// - <https://github.com/containerd/containerd/issues/6508>
    id: "runtime-refuses-image",
    summary: "the host's container runtime refuses an image that Windows would run",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    if !workload.is_windows() {
        return;
    }
    let mut refused: Vec<(Pair, &Host)> = Vec::new();
    for (host, _) in judgement.allowed_windows().filter(|(host, _)| host.runtime.is_some()) {
        let pairs = pairs_on(workload, cx.project, host);
        refused.extend(pairs.into_iter().filter(|pair| is_refused(pair, host, workload, cx)).map(|pair| (pair, host)));
    }
    for container in 0..workload.containers.len() {
        let (pairs, hosts): (Vec<_>, Vec<_>) =
            refused.iter().filter(|(pair, _)| pair.subject.container == container).cloned().unzip();
        let (Some(first), Some(runtime)) = (pairs.first(), hosts.first().and_then(|host| host.runtime.as_ref())) else {
            continue;
        };
        // The newest rule of all takes more than this one, but not everything.
        let newest = |pair: &Pair| Matcher::FromLtscBefore.pulls(pair.facts.version.build, pair.subject.version.build);
        let message = format!(
            "{} does not pull `{}` on {}, although Windows would run it: `no match for platform in manifest: not found`; {}",
            name(runtime),
            wording::reference(cx, first.subject.image),
            wording::hosts(&pairs),
            match (pairs.iter().all(newest), newest_pulled(&hosts, cx)) {
                (true, Some(tag)) => format!("update it, or use an image on `{tag}`"),
                (true, None) => "update it".to_owned(),
                (false, Some(tag)) => format!("use an image on `{tag}`"),
                (false, None) => "run it on another host".to_owned(),
            },
        );
        let failing = Failing { workload: Some(workload), pairs };
        wording::report_failing(cx, &failing, &failing.pairs, message);
    }
}

fn is_refused(pair: &Pair, host: &Host, workload: &Workload, cx: &Cx) -> bool {
    let runs = matches!(pair.judged.verdict, Verdict::Runs | Verdict::Preview);
    // What Docker builds on the host itself it does not pull.
    let built = workload.orchestrator == Orchestrator::Docker
        && cx.project.image(pair.subject.image).is_none_or(|image| !image.is_pulled());
    let dead = cx.project.image(pair.subject.image).is_some_and(|image| image.identity.is_dead());
    runs && !built && !dead && host.refuses(pair.subject.version.build)
}

/// The release of the newest image that all these hosts pull. There are none of Windows 11's own builds.
fn newest_pulled<'c>(hosts: &[&Host], cx: &'c Cx) -> Option<&'c str> {
    let pulls = |build| hosts.iter().all(|host| !host.refuses(build));
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
