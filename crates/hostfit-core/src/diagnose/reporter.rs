//! The program that reports an error, as far as its words say.

use super::{
    Error, Object,
    message::{Message, floor},
};
use crate::fleet::Orchestrator;

/// Who reports an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reporter {
    /// The Docker engine.
    Docker,
    /// What builds images for Docker.
    BuildKit,
    /// Docker Swarm.
    Swarm,
    /// containerd, or one of its clients.
    Containerd,
    /// The agent of Kubernetes on a node.
    Kubelet,
    /// The part of Kubernetes that places pods.
    Scheduler,
    /// The part of Kubernetes that takes manifests.
    ApiServer,
    /// Amazon ECS.
    Ecs,
    /// Azure Service Fabric.
    ServiceFabric,
    /// Azure App Service.
    AppService,
    /// Azure Container Instances.
    ContainerInstances,
}

use Reporter as R;

/// Words that only one of them writes; those in front count first.
const WORDS: &[(&str, Reporter)] = &[
    ("system.fabric", R::ServiceFabric),
    ("=fabric:/", R::ServiceFabric),
    ("image history check failed", R::ServiceFabric),
    ("cannotpullcontainererror", R::Ecs),
    ("cannotstartcontainererror", R::Ecs),
    ("cannotcreatecontainererror", R::Ecs),
    ("dockergoclient", R::Ecs),
    ("failed to solve", R::BuildKit),
    ("source metadata for", R::BuildKit),
    ("load metadata for", R::BuildKit),
    ("llb definition", R::BuildKit),
    ("failed to pull image \"", R::Kubelet),
    ("pod sandbox", R::Kubelet),
    ("podsandbox", R::Kubelet),
    ("back-off pulling image", R::Kubelet),
    ("error response from daemon", R::Docker),
    ("failed to register layer", R::Docker),
    ("docker", R::Docker),
    ("failed to pull and unpack image", R::Containerd),
    ("failed to extract layer", R::Containerd),
    ("containerd", R::Containerd),
    ("nerdctl", R::Containerd),
    (": pulling from ", R::Docker),
];

impl Reporter {
    /// What documentation calls it, with its article.
    pub fn name(self) -> &'static str {
        match self {
            R::Docker => "Docker",
            R::BuildKit => "BuildKit",
            R::Swarm => "Docker Swarm",
            R::Containerd => "containerd",
            R::Kubelet => "the kubelet",
            R::Scheduler => "the scheduler",
            R::ApiServer => "the API server",
            R::Ecs => "Amazon ECS",
            R::ServiceFabric => "Service Fabric",
            R::AppService => "App Service",
            R::ContainerInstances => "Azure Container Instances",
        }
    }

    /// Who reports the error at a place of a message; none where nothing there says so.
    pub(super) fn of(error: Error, message: &Message, start: usize, end: usize, object: &Object) -> Option<Self> {
        let lower = message.lower();
        let window = |from: usize, to: usize| lower.get(floor(lower, from)..floor(lower, to.min(lower.len())));
        let (line, line_end) = message.line_of(start);
        // Logs have lines of any length.
        let near = window(line.max(start.saturating_sub(NEAR)), line_end.clamp(end, end + NEAR))?;
        match error {
            Error::NodeSelector | Error::Taint => return Some(R::Scheduler),
            Error::PodField | Error::HostProcess => return Some(R::ApiServer),
            Error::OsField | Error::OsLabel | Error::Chown | Error::EksSelector => return Some(R::Kubelet),
            Error::NoSuitableNode | Error::ConstraintOperator => return Some(R::Swarm),
            Error::HistoryCheck => return Some(R::ServiceFabric),
            Error::PlatformVersion if near.contains("in windows containers") => return Some(R::AppService),
            Error::PlatformVersion => return Some(R::ContainerInstances),
            Error::LinuxEngine | Error::WindowsEngine if near.contains("specified os") => {
                return Some(R::ContainerInstances);
            }
            _ => {}
        }
        if object.pod.is_some() {
            return Some(R::Kubelet);
        }
        if object.orchestrator == Some(Orchestrator::Swarm) {
            return Some(R::Swarm);
        }
        let by = |text: &str| WORDS.iter().find(|(words, _)| text.contains(words)).map(|(_, reporter)| *reporter);
        if is_step(near) {
            return Some(R::BuildKit);
        }
        by(near).or_else(|| by(window(start.saturating_sub(NEAR), end)?))
    }
}

/// Words within so many bytes are about the error.
const NEAR: usize = 400;

/// Whether a line is one of BuildKit's progress: `#7 0.412 …`.
fn is_step(line: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let mut words = line.trim_start().splitn(3, ' ');
    let step = words.next().and_then(|it| it.strip_prefix('#'));
    step.is_some_and(number) && words.next().is_some_and(number)
}
