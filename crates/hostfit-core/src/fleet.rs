//! The declared hosts.

use crate::{
    model::Orchestrator,
    source::Span,
    windows::{HostKind, Isolation, OsVersion},
};

/// All declared hosts, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// The hosts.
    pub hosts: Vec<Host>,
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
    /// How many machines it stands for.
    pub count: u32,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Docker with its own image store.
    Docker,
    /// Docker with containerd's image store.
    DockerContainerd,
    /// containerd.
    Containerd,
}

/// `key=value:effect`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taint {
    /// The key.
    pub key: String,
    /// The value; empty where there is none.
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule`, `NoExecute`.
    pub effect: String,
}

impl Host {
    /// Whether `orchestrator` places workloads on it.
    pub fn serves(&self, orchestrator: Orchestrator) -> bool {
        self.orchestrator.is_none_or(|own| own == orchestrator)
    }

    /// Its Windows version; none for Linux.
    pub fn windows(&self) -> Option<OsVersion> {
        match self.os {
            HostOs::Windows(version) => Some(version),
            HostOs::Linux => None,
        }
    }
}

impl Fleet {
    /// The hosts on which `orchestrator` places workloads.
    pub fn of(&self, orchestrator: Orchestrator) -> impl Iterator<Item = &Host> {
        self.hosts.iter().filter(move |host| host.serves(orchestrator))
    }
}
