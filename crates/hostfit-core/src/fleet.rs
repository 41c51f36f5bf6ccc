//! The declared hosts.

use crate::{
    source::Span,
    windows::{Build, HostKind, Isolation, OsVersion, compat::HostFacts, matcher::Matcher, platform::Platform},
};

/// All declared hosts, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// The hosts.
    pub hosts: Vec<Host>,
}

/// What runs workloads of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Orchestrator {
    /// Kubernetes.
    Kubernetes,
    /// Docker Swarm.
    Swarm,
    /// One Docker engine: plain Docker, Compose.
    Docker,
}

impl Orchestrator {
    /// Every orchestrator, by the name that configuration and reports have for it.
    pub const NAMED: &[(&str, Self)] =
        &[("kubernetes", Self::Kubernetes), ("swarm", Self::Swarm), ("docker", Self::Docker)];

    /// The name of the orchestrator in configuration and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kubernetes => "kubernetes",
            Self::Swarm => "swarm",
            Self::Docker => "docker",
        }
    }
}

/// What a host runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostOs {
    /// Linux.
    Linux,
    /// Windows, of this version.
    Windows(OsVersion),
}

/// One machine, or one pool of equal machines.
#[derive(Clone, Debug)]
pub struct Host {
    /// Free name, shown in findings.
    pub name: String,
    /// What it runs.
    pub os: HostOs,
    /// The bytes of `os` in the fleet file.
    pub os_span: Span,
    /// Server or client; a build that only clients have makes it a client where the file does not say.
    pub kind: HostKind,
    /// What places containers on it; none: it stands for all of them.
    pub orchestrator: Option<Orchestrator>,
    /// Engine and version, where given.
    pub runtime: Option<Runtime>,
    /// The engine's default isolation.
    pub isolation: Isolation,
    /// Whether the Hyper-V role is there, where given.
    pub hyperv: Option<bool>,
    /// Node labels as declared.
    pub labels: Vec<(String, String)>,
    /// Docker engine labels.
    pub engine_labels: Vec<(String, String)>,
    /// Kubernetes taints.
    pub taints: Vec<Taint>,
    /// Who runs its cluster, where given: the support dates of that platform apply beside Microsoft's.
    pub platform: Option<Platform>,
    /// How many machines it stands for.
    pub count: u32,
    /// Where all that is said.
    pub places: HostPlaces,
}

/// Where a host of a fleet file is declared.
#[derive(Clone, Debug, Default)]
pub struct HostPlaces {
    /// The bytes of its name; none of a Node object.
    pub name: Option<Span>,
    /// Those of the values of [`Host::labels`], in the same order.
    pub labels: Vec<Span>,
    /// Those of the values of [`Host::engine_labels`].
    pub engine_labels: Vec<Span>,
    /// Those of the value of [`Host::platform`].
    pub platform: Option<Span>,
}

/// A container engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// Which.
    pub engine: Engine,
    /// `29.6.2`, as numbers.
    pub version: Option<(u32, u32, u32)>,
    /// The bytes in the fleet file.
    pub span: Span,
}

/// Container engines, by how they match images with hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// Docker with its own image store.
    Docker,
    /// Docker with containerd's image store.
    DockerContainerd,
    /// containerd.
    Containerd,
}

/// `key=value:effect`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Taint {
    /// The key.
    pub key: String,
    /// The value; empty where there is none.
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
    pub effect: String,
}

/// What a taint does to pods that don't tolerate it.
pub const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

impl Taint {
    /// Reads `key=value:effect` or `key:effect`, as `kubectl taint` and `kubectl describe node` write them.
    pub fn parse(text: &str) -> Option<Self> {
        let (left, effect) = text.trim().rsplit_once(':')?;
        let (key, value) = left.split_once('=').unwrap_or((left, ""));
        let named = !key.is_empty() && !key.contains(char::is_whitespace) && !value.contains(char::is_whitespace);
        let known = EFFECTS.contains(&effect);
        (named && known).then(|| Self { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() })
    }

    /// Whether a controller set it for what the node is like at the moment: cordoned, out of memory, not ready, about to
    /// be deleted.
    ///
    /// Sources: <https://kubernetes.io/docs/reference/labels-annotations-taints/>; the cluster autoscaler's
    /// `utils/taints/taints.go`; Karpenter's `pkg/apis/v1/taints.go`.
    pub fn is_passing(&self) -> bool {
        const CONDITIONS: [&str; 8] = [
            "unschedulable",
            "not-ready",
            "unreachable",
            "memory-pressure",
            "disk-pressure",
            "pid-pressure",
            "network-unavailable",
            "out-of-service",
        ];
        match self.key.split_once('/') {
            Some(("node.kubernetes.io", name)) => CONDITIONS.contains(&name),
            Some(("node.cloudprovider.kubernetes.io", name)) => matches!(name, "uninitialized" | "shutdown"),
            Some(("karpenter.sh", name)) => matches!(name, "disrupted" | "unregistered"),
            Some(_) => false,
            None => {
                matches!(self.key.as_str(), "ToBeDeletedByClusterAutoscaler" | "DeletionCandidateOfClusterAutoscaler")
            }
        }
    }
}

impl std::fmt::Display for Taint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { key, value, effect } = self;
        if value.is_empty() { write!(f, "{key}:{effect}") } else { write!(f, "{key}={value}:{effect}") }
    }
}

impl Runtime {
    /// Reads `containerd 2.1.6`, `docker 29.6.2`, `docker 29.6.2 (containerd)`, and `containerd://2.1.6` as kubelets
    /// report it. The version may be absent.
    pub fn parse(text: &str, span: Span) -> Option<Self> {
        let text = text.trim();
        let (text, store) = match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
            Some((text, store)) => (text.trim_end(), Some(store.trim())),
            None => (text, None),
        };
        let (engine, version) =
            text.split_once("://").or_else(|| text.split_once(char::is_whitespace)).unwrap_or((text, ""));
        let engine = match (engine.to_ascii_lowercase().as_str(), store) {
            ("docker", None | Some("graphdriver")) => Engine::Docker,
            ("docker", Some("containerd")) => Engine::DockerContainerd,
            ("containerd", None) => Engine::Containerd,
            _ => return None,
        };
        let version = version.trim();
        let version = if version.is_empty() { None } else { Some(numbers(version)?) };
        Some(Self { engine, version, span })
    }
}

impl Runtime {
    /// How it compares an image's build with the host's; none where that is not known of this version.
    pub fn matcher(&self) -> Option<Matcher> {
        match self.engine {
            Engine::Docker => Some(Matcher::Graphdriver),
            Engine::DockerContainerd => Matcher::of_docker_with_containerd(self.version?),
            Engine::Containerd => Matcher::of_containerd(self.version?),
        }
    }
}

/// `29.6.2`, `29.6`, `v1.7.20`, `2.1.6-rc.1`, `1.6.6+azure`.
fn numbers(version: &str) -> Option<(u32, u32, u32)> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let core = version.split(['-', '+', '~']).next()?;
    let mut fields = core.split('.').map(|field| field.parse().ok());
    let numbers = (fields.next()??, fields.next().unwrap_or(Some(0))?, fields.next().unwrap_or(Some(0))?);
    fields.next().is_none().then_some(numbers)
}

impl Host {
    /// Whether `orchestrator` places workloads on it.
    pub fn serves(&self, orchestrator: Orchestrator) -> bool {
        self.orchestrator.is_none_or(|own| own == orchestrator)
    }

    /// What places containers on it; one that all of them use is a plain Docker host to who asks of an image alone.
    pub fn orchestrator_or_docker(&self) -> Orchestrator {
        self.orchestrator.unwrap_or(Orchestrator::Docker)
    }

    /// Whether it is Windows of this build.
    pub fn is_of(&self, build: Build) -> bool {
        self.windows().is_some_and(|version| version.build == build)
    }

    /// Its Windows version; none for Linux.
    pub fn windows(&self) -> Option<OsVersion> {
        match self.os {
            HostOs::Windows(version) => Some(version),
            HostOs::Linux => None,
        }
    }
}

#[cfg(test)]
impl Host {
    /// One of which nothing else is declared.
    pub(crate) fn bare(name: &str, os: HostOs, orchestrator: Option<Orchestrator>) -> Self {
        Self {
            name: name.into(),
            os,
            os_span: Span::NOWHERE,
            kind: HostKind::Server,
            orchestrator,
            runtime: None,
            isolation: Isolation::Default,
            hyperv: None,
            labels: Vec::new(),
            engine_labels: Vec::new(),
            taints: Vec::new(),
            platform: None,
            count: 1,
            places: HostPlaces::default(),
        }
    }
}

impl HostFacts {
    /// What a Windows host is to the compatibility rule when `orchestrator` places containers on it; none for Linux.
    pub fn of(host: &Host, orchestrator: Orchestrator) -> Option<Self> {
        Some(Self {
            version: host.windows()?,
            kind: host.kind,
            default_isolation: host.isolation,
            kubernetes: orchestrator == Orchestrator::Kubernetes,
            hyperv: host.hyperv,
            containerd: host.runtime.as_ref().is_some_and(|runtime| runtime.engine == Engine::Containerd),
            matcher: host.runtime.as_ref().and_then(Runtime::matcher),
        })
    }
}

/// Number of a fleet of the configuration: 0 is that of `[[host]]`, the others are those of the targets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FleetId(pub u32);

/// Index of a [`Host`] in [`Fleet::hosts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(pub u32);

impl Fleet {
    /// The host, unless the id is of another fleet.
    pub fn host(&self, id: HostId) -> Option<&Host> {
        self.hosts.get(id.0 as usize)
    }

    /// All hosts with their ids.
    pub fn numbered(&self) -> impl Iterator<Item = (HostId, &Host)> {
        (0..).map(HostId).zip(&self.hosts)
    }

    /// The hosts on which `orchestrator` places workloads.
    pub fn of(&self, orchestrator: Orchestrator) -> impl Iterator<Item = &Host> {
        self.hosts.iter().filter(move |host| host.serves(orchestrator))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn runtimes_are_read_as_people_and_kubelets_write_them() {
        let cases = [
            ("containerd 2.1.6", Some((Engine::Containerd, Some((2, 1, 6))))),
            ("containerd://1.7.20+azure", Some((Engine::Containerd, Some((1, 7, 20))))),
            ("docker://24.0.7", Some((Engine::Docker, Some((24, 0, 7))))),
            ("docker 29.6.2", Some((Engine::Docker, Some((29, 6, 2))))),
            ("Docker 29.6.2 (containerd)", Some((Engine::DockerContainerd, Some((29, 6, 2))))),
            ("docker 29.6", Some((Engine::Docker, Some((29, 6, 0))))),
            ("docker", Some((Engine::Docker, None))),
            ("containerd v2.0.0-rc.1", Some((Engine::Containerd, Some((2, 0, 0))))),
            ("podman 5.0", None),
            ("containerd 2.1.6 (containerd)", None),
            ("docker new", None),
            ("docker 1.2.3.4", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let runtime = Runtime::parse(text, Span::at(SourceId(0), 0));
            assert_eq!(runtime.map(|it| (it.engine, it.version)), expected, "{text}");
        }
    }

    #[test]
    fn taints_are_read_as_kubectl_writes_them() {
        let taint = |key: &str, value: &str, effect: &str| {
            Some(Taint { key: key.into(), value: value.into(), effect: effect.into() })
        };
        let cases = [
            ("os=windows:NoSchedule", taint("os", "windows", "NoSchedule")),
            ("node.kubernetes.io/os=windows:NoExecute", taint("node.kubernetes.io/os", "windows", "NoExecute")),
            ("os:PreferNoSchedule", taint("os", "", "PreferNoSchedule")),
            ("os=:NoSchedule", taint("os", "", "NoSchedule")),
            ("os=windows", None),
            ("os=windows:noschedule", None),
            ("=windows:NoSchedule", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Taint::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn passing_taints_are_those_that_controllers_take_away_again() {
        let passing = [
            "node.kubernetes.io/not-ready:NoExecute",
            "node.kubernetes.io/unschedulable:NoSchedule",
            "node.cloudprovider.kubernetes.io/uninitialized=true:NoSchedule",
            "ToBeDeletedByClusterAutoscaler=1700000000:NoSchedule",
            "karpenter.sh/disrupted:NoSchedule",
        ];
        let lasting = [
            "os=windows:NoSchedule",
            "node.kubernetes.io/os=windows:NoSchedule",
            "node-role.kubernetes.io/control-plane:NoSchedule",
            "kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
            "not-ready:NoSchedule",
        ];
        let is_passing = |text: &str| Taint::parse(text).expect(text).is_passing();
        assert_eq!(passing.map(is_passing), [true; 5]);
        assert_eq!(lasting.map(is_passing), [false; 5]);
    }
}
