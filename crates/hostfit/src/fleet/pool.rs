//! Equal machines as one pool, with a name.

use std::collections::{BTreeMap, BTreeSet};

use hostfit_core::{
    fleet::{Orchestrator, Taint},
    windows::{Build, HostKind, Isolation, OsVersion, platform::Platform, release::Releases},
};

use super::{
    label::LabelSelection,
    machine::{By, Declared, Machine, Open, Os, Runtime},
    provider::{self, PoolName},
};

/// How a comment about several revisions begins.
pub(crate) const REVISIONS: &str = "revisions ";

/// A `[[host]]` to be: one machine or several equal ones.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// Its name, which no other pool has.
    pub(crate) name: String,
    /// What it runs; none: Windows of a version that is not known. Of several revisions the oldest: images have to fit it too.
    pub(crate) os: Option<HostOs>,
    /// The newest revision, where its machines have several.
    pub(crate) newest: Option<u16>,
    /// Whether only a label that somebody set says so.
    pub(crate) by_label: bool,
    /// Server or client, where known.
    pub(crate) kind: Option<HostKind>,
    /// What places containers on it.
    pub(crate) orchestrator: Orchestrator,
    /// Its container engine.
    pub(crate) runtime: Option<Runtime>,
    /// The engine's default isolation.
    pub(crate) isolation: Option<Isolation>,
    /// Labels of the nodes that matter; none where not known.
    pub(crate) labels: Option<BTreeMap<String, String>>,
    /// Labels of the engine; none where not known.
    pub(crate) engine_labels: Option<BTreeMap<String, String>>,
    /// Lasting taints; none where not known.
    pub(crate) taints: Option<Vec<Taint>>,
    /// Who runs its cluster.
    pub(crate) platform: Option<Platform>,
    /// How many machines it stands for, where that is known.
    pub(crate) count: Option<usize>,
    /// Whether it is one machine with a name of its own, which is not any other of its pool.
    pub(crate) is_named_machine: bool,
    /// The machines, or its one declaration.
    pub(crate) machines: Vec<Machine>,
}

/// What a host runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HostOs {
    /// Windows, of this version. Before Linux: it is what the fleet is for.
    Windows(OsVersion),
    /// Linux.
    Linux,
}

/// What machines of one pool have in common; its order is that of the hosts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    orchestrator: u8,
    /// Those of which nothing is known, last.
    is_unknown: bool,
    os: Option<HostOs>,
    by_label: bool,
    /// The machine itself, where each is a host of its own.
    own: Option<String>,
    pool: Option<(Option<String>, String)>,
    kind: Option<u8>,
    runtime: Option<Runtime>,
    isolation: Option<u8>,
    labels: Option<BTreeMap<String, String>>,
    engine_labels: Option<BTreeMap<String, String>>,
    taints: Option<BTreeSet<String>>,
}

/// Puts equal machines together; or, with `names`, makes a host of each. What runs neither Windows nor Linux is left out, and
/// so is the declaration of a pool whose machines are there.
pub(crate) fn pools(machines: Vec<Machine>, selection: &LabelSelection, names: bool) -> Vec<Pool> {
    let running: BTreeSet<_> =
        machines.iter().filter(|it| it.declared.is_none()).filter_map(provider::pool_name).collect();
    let runs = |machine: &Machine| {
        let name = provider::pool_name(machine).filter(|_| machine.declared.is_some());
        name.is_some_and(|name| running.iter().any(|it| it.is(&name)))
    };
    let mut groups: BTreeMap<Likeness, Vec<Machine>> = BTreeMap::new();
    for machine in machines.into_iter().filter(|it| it.os.is_some() && !runs(it)) {
        groups.entry(Likeness::of(&machine, selection, names)).or_default().push(machine);
    }
    let mut pools: Vec<Pool> =
        groups.into_iter().filter_map(|(likeness, machines)| Pool::of(likeness, machines, selection)).collect();
    name(&mut pools, names);
    pools
}

impl Likeness {
    fn of(machine: &Machine, selection: &LabelSelection, names: bool) -> Self {
        let (os, by_label) = match machine.os {
            Some(Os::Windows(Some(known))) => (Some(HostOs::Windows(of_pool(known.version))), known.by == By::Label),
            Some(Os::Linux) => (Some(HostOs::Linux), false),
            Some(Os::Windows(None)) | None => (None, false),
        };
        let of_platform = provider::pool_name(machine).filter(|_| !names);
        let mut labels = machine.labels.is_some().then(|| selection.of(machine));
        let mut runtime = machine.runtime.clone();
        if of_platform.is_some() {
            // The upgrade of a pool reaches one machine after the other; what it changes is not what parts a pool.
            labels = labels.map(|it| it.into_iter().filter(|(key, _)| !provider::is_of_platform(key)).collect());
            runtime = runtime.map(|it| Runtime { version: None, ..it });
        }
        let by_declaration = machine.pool.clone().filter(|_| machine.declared.is_some()).map(|name| (None, name));
        Self {
            orchestrator: machine.orchestrator as u8,
            is_unknown: os.is_none(),
            os: if names { exactly(machine).or(os) } else { os },
            by_label,
            pool: of_platform.map(|it| (it.cluster, it.name)).or(by_declaration),
            kind: machine.kind.map(|kind| kind as u8),
            runtime,
            isolation: machine.isolation.map(|it| it as u8),
            labels,
            engine_labels: machine.engine_labels.clone(),
            taints: machine.taints.as_ref().map(|taints| taints.iter().map(ToString::to_string).collect()),
            own: machine.name.clone().filter(|_| names),
        }
    }
}

/// The version that parts pools: where revisions need not be equal, that of the build.
fn of_pool(version: OsVersion) -> OsVersion {
    OsVersion { revision: version.revision.filter(|_| version.build < Build::WS2019), ..version }
}

fn exactly(machine: &Machine) -> Option<HostOs> {
    match machine.os {
        Some(Os::Windows(Some(known))) => Some(HostOs::Windows(known.version)),
        _ => None,
    }
}

impl Pool {
    fn of(likeness: Likeness, machines: Vec<Machine>, selection: &LabelSelection) -> Option<Self> {
        let first = machines.first()?;
        let versions = machines.iter().filter_map(exactly);
        let oldest = versions.clone().min();
        let newest = versions.max().filter(|it| Some(*it) != oldest);
        let mut labels = machines.iter().map(|it| it.labels.is_some().then(|| selection.of(it)));
        let mut common = labels.next().flatten();
        for other in labels {
            // What only some of them have is not a label of the pool.
            let is_there = |key: &String, value: &mut String| other.as_ref().and_then(|it| it.get(key)) == Some(value);
            if let Some(common) = &mut common {
                common.retain(is_there);
            }
        }
        let declared = machines.iter().map(|it| it.declared.as_ref().map(|it| it.count));
        let count = declared.map(|it| it.unwrap_or(Some(1))).sum();
        Some(Self {
            name: String::new(),
            os: oldest.or(likeness.os),
            newest: match newest {
                Some(HostOs::Windows(version)) => version.revision,
                _ => None,
            },
            by_label: likeness.by_label,
            kind: first.kind,
            orchestrator: first.orchestrator,
            runtime: machines.iter().filter_map(|it| it.runtime.clone()).min_by_key(Runtime::age),
            isolation: first.isolation,
            labels: common,
            engine_labels: likeness.engine_labels,
            taints: first.taints.clone(),
            platform: provider::platform(first),
            count,
            is_named_machine: likeness.own.is_some(),
            machines,
        })
    }

    /// Which revisions its machines have, where there are several.
    pub(crate) fn revisions(&self) -> Option<String> {
        match self.os {
            Some(HostOs::Windows(OsVersion { revision: Some(oldest), .. })) => {
                self.newest.map(|newest| format!("{REVISIONS}{oldest} to {newest}"))
            }
            _ => None,
        }
    }

    /// What its declaration leaves open.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Open> {
        self.declarations().flat_map(|it| &it.open)
    }

    /// What its declaration says beside `os`.
    pub(crate) fn note(&self) -> Option<&str> {
        self.declarations().find_map(|it| it.note.as_deref())
    }

    /// Whether it is declared, and its machines are not listed.
    pub(crate) fn is_declared(&self) -> bool {
        self.declarations().next().is_some()
    }

    fn declarations(&self) -> impl Iterator<Item = &Declared> {
        self.machines.iter().filter_map(|it| it.declared.as_ref())
    }

    /// What its labels call it.
    pub(crate) fn pool_name(&self) -> Option<PoolName> {
        self.machines.first().and_then(provider::pool_name)
    }

    /// What it would be called if no other pool were called so.
    fn plain_name(&self, names: bool) -> String {
        let own = self.machines.first().and_then(|it| it.name.clone()).filter(|_| names);
        // A label may hold nothing but blanks, and a host has a name.
        let own = own.or_else(|| self.of_provider()).filter(|name| !name.trim().is_empty());
        own.unwrap_or_else(|| match self.os {
            Some(HostOs::Windows(version)) => {
                let releases = Releases::default();
                match releases
                    .by_host(version.build, self.kind.unwrap_or_default())
                    .or(releases.by_build(version.build))
                {
                    // Those of clients are called `win11-24h2`.
                    Some(release) if release.id.starts_with("win") => release.id.to_string(),
                    Some(release) => format!("win-{}", release.id),
                    None => format!("win-{}", version.build.0),
                }
            }
            Some(HostOs::Linux) => match self.role() {
                Some(role) => format!("linux-{role}"),
                None => "linux".to_owned(),
            },
            None => "win".to_owned(),
        })
    }

    /// The name that all its machines have of their provider.
    fn of_provider(&self) -> Option<String> {
        let mut names = self.machines.iter().map(provider::pool);
        let first = names.next()??;
        names.all(|name| name == Some(first)).then(|| first.to_owned())
    }

    /// `control-plane`, `infra`, `master`: not what every node is.
    fn role(&self) -> Option<&str> {
        let roles = self.labels.iter().flatten().filter_map(|(key, value)| match key.as_str() {
            "kubernetes.io/role" => Some(value.as_str()),
            key => key.strip_prefix("node-role.kubernetes.io/"),
        });
        roles.filter(|role| !["", "agent", "worker", "node"].contains(role)).min()
    }

    /// What distinguishes it from a pool of the same name: its version.
    fn version(&self) -> Option<String> {
        match self.os {
            Some(HostOs::Windows(OsVersion { revision: Some(revision), build })) => {
                Some(format!("{}.{revision}", build.0))
            }
            Some(HostOs::Windows(OsVersion { build, .. })) => Some(build.0.to_string()),
            _ => None,
        }
    }
}

/// Gives each pool a name of its own: where several would have one, their versions part them, or else numbers.
fn name(pools: &mut [Pool], names: bool) {
    let plain: Vec<_> = pools.iter().map(|pool| pool.plain_name(names)).collect();
    let versions: Vec<_> = pools.iter().map(Pool::version).collect();
    let mut same: BTreeMap<&String, (usize, BTreeSet<&Option<String>>)> = BTreeMap::new();
    for (own, version) in plain.iter().zip(&versions) {
        let (count, different) = same.entry(own).or_default();
        *count += 1;
        different.insert(version);
    }
    let mut taken = Names::default();
    for ((pool, own), version) in pools.iter_mut().zip(&plain).zip(&versions) {
        let is_parted = same.get(own).is_some_and(|(count, different)| *count > 1 && different.len() == *count);
        let base = match version {
            Some(version) if is_parted => format!("{own}-{version}"),
            _ => own.clone(),
        };
        pool.name = taken.take(&base);
    }
}

/// Names that are taken.
#[derive(Default)]
pub(crate) struct Names {
    taken: BTreeSet<String>,
    /// By name the number that was tried last.
    numbers: BTreeMap<String, u32>,
}

impl Names {
    /// Takes the name, or with the first number that makes it one which is not taken.
    pub(crate) fn take(&mut self, base: &str) -> String {
        let mut name = base.to_owned();
        while self.taken.contains(&name) {
            let number = self.numbers.entry(base.to_owned()).or_insert(1);
            *number += 1;
            name = format!("{base}-{number}");
        }
        self.taken.insert(name.clone());
        name
    }
}

impl FromIterator<String> for Names {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self { taken: names.into_iter().collect(), ..Self::default() }
    }
}
