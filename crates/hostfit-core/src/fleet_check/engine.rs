//! Engines that are too old for their host, or for their project.

use super::{Kind, Problem};
use crate::{
    finding::{Message, Severity},
    fleet::{Engine, Host, Orchestrator, Runtime},
    windows::{
        Date,
        engine::{self, OLDEST_FOR_DOCKER_23},
    },
};

/// The version of the host's Docker, if that is known not to start on the host's release.
pub fn engine_that_does_not_start(host: &Host) -> Option<(u32, u32, u32)> {
    let runtime = host.runtime.as_ref().filter(|it| is_docker(it))?;
    let build = host.windows()?.build;
    runtime.version.filter(|version| !engine::docker_starts(*version, build))
}

fn is_docker(runtime: &Runtime) -> bool {
    matches!(runtime.engine, Engine::Docker | Engine::DockerContainerd)
}

pub(super) fn check(host: &Host, today: Date) -> Vec<Problem> {
    let Some(runtime) = host.runtime.as_ref().filter(|_| host.windows().is_some()) else { return Vec::new() };
    let Some(version) = runtime.version else { return Vec::new() };
    let problem = |kind, severity, message: Message| Problem { kind, severity, span: runtime.span, message };
    let mut found = Vec::new();
    if let Some((major, minor, patch)) = engine_that_does_not_start(host) {
        let message = Message::new(format!("Docker {major}.{minor}.{patch} does not start on this host"))
            .note(format!("since 23.0 it needs build {} or newer", OLDEST_FOR_DOCKER_23.0))
            .help("keep Docker 20.10 there, or move the host to Windows Server 2019 or later");
        found.push(problem(Kind::EngineTooOld, Severity::Warning, message));
    }
    if runtime.engine == Engine::Containerd
        && version < engine::CONTAINERD_FOR_HOST_PROCESS
        && host.serves(Orchestrator::Kubernetes)
    {
        let message = Message::new("HostProcess containers do not start on this host")
            .note("they need containerd 1.6 or newer")
            .help("update containerd to 1.6 or newer");
        found.push(problem(Kind::EngineTooOld, Severity::Warning, message));
    }
    found.extend(ended(runtime, version, today).map(|message| problem(Kind::EngineEnded, Severity::Info, message)));
    found
}

/// That the project behind the engine no longer fixes this version. Vendors of clusters may still do so.
fn ended(runtime: &Runtime, (major, minor, _): (u32, u32, u32), today: Date) -> Option<Message> {
    if is_docker(runtime) {
        return (!engine::is_docker_maintained(major, minor) && today >= engine::DOCKER_READ).then(|| {
            let (maintained, read) = (engine::DOCKER_MAINTAINED, engine::DOCKER_READ);
            Message::new(format!("the Moby project no longer maintains Docker {major}.{minor}"))
                .note(format!("as of {read} it maintains {maintained}"))
        });
    }
    let end = engine::containerd_end(major, minor)?;
    (end < today).then(|| Message::new(format!("the containerd project ended its support of {major}.{minor} on {end}")))
}
