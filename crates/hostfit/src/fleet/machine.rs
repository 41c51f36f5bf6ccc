//! One machine, as far as outputs tell of it.

use std::{collections::BTreeMap, fmt};

use hostfit_core::{
    fleet::{Orchestrator, Taint},
    windows::{HostKind, Isolation, OsVersion, platform::Platform},
};

/// What outputs tell of one machine.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// Its own name; none where the output has none, as `docker version`.
    pub(crate) name: Option<String>,
    /// What places containers on it.
    pub(crate) orchestrator: Orchestrator,
    /// What it runs; none where that is not known.
    pub(crate) os: Option<Os>,
    /// Server or client, where known.
    pub(crate) kind: Option<HostKind>,
    /// Its container engine.
    pub(crate) runtime: Option<Runtime>,
    /// The engine's default isolation.
    pub(crate) isolation: Option<Isolation>,
    /// Labels of the node; none where the output does not list them.
    pub(crate) labels: Option<BTreeMap<String, String>>,
    /// Labels of the engine; none where the output does not list them.
    pub(crate) engine_labels: Option<BTreeMap<String, String>>,
    /// Lasting taints; none where the output does not list them.
    pub(crate) taints: Option<Vec<Taint>>,
    /// What only this machine is called: addresses, instance ids.
    pub(crate) ids: Vec<String>,
    /// What the swarm calls it.
    pub(crate) swarm_id: Option<String>,
    /// The pool that it belongs to, where no label says so.
    pub(crate) pool: Option<String>,
    /// Who runs its cluster, where a label does not say so.
    pub(crate) platform: Option<Platform>,
    /// What is declared of a pool that need not run yet; none for a machine that runs.
    pub(crate) declared: Option<Declared>,
}

/// A pool as a cloud or a file declares it: it stands for as many machines as are stated there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declared {
    /// How many machines it has; none where that is not stated.
    pub(crate) count: Option<usize>,
    /// The name of its cluster, where stated.
    pub(crate) cluster: Option<String>,
    /// What is said beside `os`, as a comment.
    pub(crate) note: Option<String>,
    /// What has to be looked up.
    pub(crate) open: Vec<Open>,
}

/// A value that is not stated literally.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Open {
    /// The key of the host that it would be.
    pub(crate) key: &'static str,
    /// What is stated, and where to look the value up.
    pub(crate) why: String,
}

/// What a machine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Os {
    /// Linux.
    Linux,
    /// Windows; its version where it is known.
    Windows(Option<KnownVersion>),
}

/// A version, and how far it can be relied upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KnownVersion {
    /// The version.
    pub(crate) version: OsVersion,
    /// Who says so.
    pub(crate) by: By,
}

/// Who says what version a machine has; the later the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    /// A label that somebody set by hand.
    Label,
    /// The name of the product, which has no build.
    Product,
    /// The machine itself.
    Machine,
}

/// A container engine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Runtime {
    /// Which.
    pub(crate) engine: Engine,
    /// Its version, where known.
    pub(crate) version: Option<String>,
    /// Of Docker: whether containerd keeps the images, where known.
    pub(crate) containerd_store: Option<bool>,
}

/// Container engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Engine {
    /// containerd.
    Containerd,
    /// Docker.
    Docker,
}

impl Machine {
    /// A machine of which nothing is known yet.
    pub(crate) fn new(name: Option<String>, orchestrator: Orchestrator) -> Self {
        Self {
            name,
            orchestrator,
            os: None,
            kind: None,
            runtime: None,
            isolation: None,
            labels: None,
            engine_labels: None,
            taints: None,
            ids: Vec::new(),
            swarm_id: None,
            pool: None,
            platform: None,
            declared: None,
        }
    }

    /// It, declared in a folder: of two folders each may have a cluster with the same pools.
    pub(crate) fn in_folder(mut self, folder: &str) -> Self {
        if let Some(declared) = &mut self.declared {
            declared.cluster = Some(format!("{folder}:{}", declared.cluster.as_deref().unwrap_or_default()));
        }
        self
    }

    /// Whether both may run the same.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        match (self.os, other.os) {
            (Some(Os::Windows(Some(own))), Some(Os::Windows(Some(others)))) => {
                own.version.build == others.version.build
            }
            (own, others) => (own == Some(Os::Linux)) == (others == Some(Os::Linux)),
        }
    }

    /// Whether it is what jobs of a CI pipeline run on.
    pub(crate) fn is_runner(&self) -> bool {
        self.declared.is_some() && self.orchestrator == Orchestrator::Docker && self.platform.is_none()
    }

    /// The value of a label of the node.
    pub(crate) fn label(&self, key: &str) -> Option<&str> {
        self.labels.as_ref()?.get(key).map(String::as_str)
    }

    /// Whether both outputs tell of one machine.
    fn is(&self, other: &Self) -> bool {
        match (&self.swarm_id, &other.swarm_id) {
            (Some(own), Some(others)) => own == others,
            (None, None) if self.orchestrator == other.orchestrator => match (&self.name, &other.name) {
                (Some(own), Some(others)) => own == others,
                // `docker version` names no machine; where another output of the same engine does, it is that one.
                (Some(_), None) => other.runtime.is_some() && self.is_alike(other),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_alike(&self, other: &Self) -> bool {
        let version = |it: &Self| it.runtime.as_ref().and_then(|it| it.version.clone());
        let build = |it: &Self| match it.os {
            Some(Os::Windows(known)) => Some(known.map(|known| known.version.build)),
            _ => None,
        };
        version(self) == version(other) && build(self) == build(other)
    }

    /// Adds what another output states about it; of two values the later one, unless the earlier is better known.
    fn add(&mut self, other: Self) {
        self.os = best(self.os, other.os);
        self.kind = other.kind.or(self.kind);
        self.runtime = match (self.runtime.take(), other.runtime) {
            (Some(own), Some(mut others)) => {
                if own.engine == others.engine && own.version == others.version {
                    others.containerd_store = others.containerd_store.or(own.containerd_store);
                }
                Some(others)
            }
            (own, others) => others.or(own),
        };
        self.isolation = other.isolation.or(self.isolation);
        extend(&mut self.labels, other.labels);
        extend(&mut self.engine_labels, other.engine_labels);
        self.taints = other.taints.or(self.taints.take());
        self.ids.extend(other.ids);
        self.pool = other.pool.or(self.pool.take());
        self.platform = other.platform.or(self.platform);
    }
}

fn extend(own: &mut Option<BTreeMap<String, String>>, others: Option<BTreeMap<String, String>>) {
    match (own.as_mut(), others) {
        (Some(own), Some(others)) => own.extend(others),
        (None, others) => *own = others,
        (Some(_), None) => {}
    }
}

fn best(own: Option<Os>, others: Option<Os>) -> Option<Os> {
    match (own, others) {
        (Some(Os::Windows(Some(own))), Some(Os::Windows(Some(others)))) => Some(Os::Windows(Some(own.or(others)))),
        (own @ Some(Os::Windows(Some(_))), Some(Os::Windows(None))) | (own, None) => own,
        (_, others) => others,
    }
}

impl KnownVersion {
    /// The better known of two; the later one where they are alike.
    pub(crate) fn or(self, later: Self) -> Self {
        let more_exact = self.version.build == later.version.build
            && self.version.revision.is_some()
            && later.version.revision.is_none();
        if self.by > later.by || self.by == later.by && more_exact { self } else { later }
    }
}

/// Each machine once, with all that is known of it, in the order in which they were first mentioned.
pub(crate) fn join(mentioned: impl IntoIterator<Item = Machine>) -> Vec<Machine> {
    let mut machines: Vec<Machine> = Vec::new();
    // What has no name comes last: by then those that have one are known.
    let (named, nameless): (Vec<_>, Vec<_>) = mentioned.into_iter().partition(|it| it.name.is_some());
    let mut places = BTreeMap::new();
    for machine in named {
        // A cluster has thousands of nodes.
        let key = (machine.swarm_id.clone().or_else(|| machine.name.clone()), machine.orchestrator as u8);
        match places.get(&key).and_then(|&place: &usize| machines.get_mut(place)) {
            Some(known) if known.is(&machine) => known.add(machine),
            _ => {
                places.insert(key, machines.len());
                machines.push(machine);
            }
        }
    }
    for machine in nameless {
        match machines.iter_mut().find(|known| known.is(&machine)) {
            Some(known) => known.add(machine),
            None => machines.push(machine),
        }
    }
    machines
}

impl Runtime {
    /// Reads what kubelets report: `containerd://1.7.20+azure`, `docker://24.0.7`, `docker://Unknown`. None for engines
    /// that run no Windows containers.
    pub(crate) fn of_kubelet(text: &str) -> Option<Self> {
        let (engine, version) = text.split_once("://")?;
        let engine = match engine {
            "containerd" => Engine::Containerd,
            "docker" => Engine::Docker,
            _ => return None,
        };
        Some(Self { engine, version: plain_version(version), containerd_store: None })
    }

    /// Its version as numbers, to compare.
    pub(crate) fn age(&self) -> Vec<u32> {
        let version = self.version.as_deref().unwrap_or_default();
        version.split('.').filter_map(|it| it.parse().ok()).collect()
    }

    /// Docker of that version.
    pub(crate) fn docker(version: &str, containerd_store: Option<bool>) -> Self {
        Self { engine: Engine::Docker, version: plain_version(version), containerd_store }
    }
}

/// The numbers of a version; none for `Unknown` and what else has none.
fn plain_version(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('v');
    let version = text.split(|it: char| !(it.is_ascii_digit() || it == '.')).next()?.trim_end_matches('.');
    let numbers: Vec<_> = version.split('.').collect();
    let fits = (2..=3).contains(&numbers.len()) && numbers.iter().all(|it| it.parse::<u32>().is_ok());
    fits.then(|| version.to_owned())
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.engine {
            Engine::Containerd => "containerd",
            Engine::Docker => "docker",
        })?;
        if let Some(version) = &self.version {
            write!(f, " {version}")?;
        }
        if self.containerd_store == Some(true) { f.write_str(" (containerd)") } else { Ok(()) }
    }
}
