//! Hosts that do not differ in anything that matters: each table has one column for all of them, since fleets of
//! thousands of hosts are made of a few kinds of machines.

use std::{hash::Hash, ops::Range};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    fleet::{Engine, Fleet, Host, HostId, HostOs, Orchestrator},
    model::Workload,
    placement::Asked,
    windows::{HostKind, Isolation, OsVersion, compat::HostFacts, release::Releases},
};

/// Number of a class of hosts in the table of its fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(u32);

/// The classes of one fleet: those of each orchestrator, whose workloads ask for different labels, and those of images by
/// themselves, which ask for none.
#[derive(Debug, Default)]
pub(super) struct Classes {
    /// The hosts of each class, in the order of the fleet; never none.
    hosts: Vec<Vec<HostId>>,
    kubernetes: View,
    swarm: View,
    docker: View,
    pub(super) images: View,
    pub(super) builders: Builders,
}

/// The hosts of one orchestrator, or all, by class.
#[derive(Debug, Default)]
pub(super) struct View {
    /// In the order of their first hosts.
    classes: Range<u32>,
    /// Every host with its class, in the order of the fleet.
    hosts: Vec<(HostId, ClassId)>,
}

impl View {
    pub(super) fn classes(&self) -> impl Iterator<Item = ClassId> + Clone + use<> {
        self.classes.clone().map(ClassId)
    }

    pub(super) fn hosts(&self) -> impl Iterator<Item = (HostId, ClassId)> + Clone + use<'_> {
        self.hosts.iter().copied()
    }

    /// The place of a class among these.
    pub(super) fn place(&self, class: ClassId) -> Option<usize> {
        class.0.checked_sub(self.classes.start).map(|place| place as usize)
    }
}

/// The classes of one host: one for each orchestrator that uses it, and one for images by themselves. Hosts with the same
/// ones are alike to every workload and image of the project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HostClasses {
    kubernetes: Option<ClassId>,
    swarm: Option<ClassId>,
    docker: Option<ClassId>,
    /// The one for images.
    pub for_images: Option<ClassId>,
}

impl HostClasses {
    /// The one for workloads of an orchestrator; none where that does not use the host.
    pub fn of(self, orchestrator: Orchestrator) -> Option<ClassId> {
        match orchestrator {
            Orchestrator::Kubernetes => self.kubernetes,
            Orchestrator::Swarm => self.swarm,
            Orchestrator::Docker => self.docker,
        }
    }
}

impl Classes {
    /// Those of the hosts on which `workloads` may be placed.
    pub(super) fn of<'a>(
        fleet: &Fleet,
        workloads: &(impl Iterator<Item = &'a Workload> + Clone),
        releases: &Releases,
    ) -> Self {
        let mut classes = Self { builders: Builders::of(fleet), ..Self::default() };
        let view = |orchestrator, classes: &mut Self| {
            let own = workloads.clone().filter(|it| it.orchestrator == orchestrator);
            let asked = Asked::of(own.map(|it| &it.placement));
            let serving = fleet.numbered().filter(|(_, host)| host.serves(orchestrator));
            classes.add(serving.map(|(id, host)| (id, (Facts::of(host), asked.of_host(host, releases)))))
        };
        classes.kubernetes = view(Orchestrator::Kubernetes, &mut classes);
        classes.swarm = view(Orchestrator::Swarm, &mut classes);
        classes.docker = view(Orchestrator::Docker, &mut classes);
        let by_facts = |host| (Facts::of(host), host.orchestrator_or_docker());
        classes.images = classes.add(fleet.numbered().map(|(id, host)| (id, by_facts(host))));
        classes
    }

    fn add<K: Eq + Hash>(&mut self, hosts: impl Iterator<Item = (HostId, K)>) -> View {
        let start = self.next();
        let mut known = FxHashMap::default();
        let mut of = |(id, key)| {
            let class = *known.entry(key).or_insert_with(|| {
                self.hosts.push(Vec::new());
                ClassId(u32::try_from(self.hosts.len() - 1).unwrap_or(u32::MAX))
            });
            if let Some(hosts) = self.hosts.get_mut(class.0 as usize) {
                hosts.push(id);
            }
            (id, class)
        };
        let hosts = hosts.map(&mut of).collect();
        View { classes: start..self.next(), hosts }
    }

    fn next(&self) -> u32 {
        u32::try_from(self.hosts.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn view(&self, orchestrator: Orchestrator) -> &View {
        match orchestrator {
            Orchestrator::Kubernetes => &self.kubernetes,
            Orchestrator::Swarm => &self.swarm,
            Orchestrator::Docker => &self.docker,
        }
    }

    /// Its hosts, in the order of the fleet.
    pub(super) fn hosts(&self, class: ClassId) -> &[HostId] {
        self.hosts.get(class.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Every host with its classes.
    pub(super) fn by_host(&self) -> FxHashMap<HostId, HostClasses> {
        let mut by_host: FxHashMap<HostId, HostClasses> = FxHashMap::default();
        for (id, class) in self.images.hosts() {
            by_host.entry(id).or_default().for_images = Some(class);
        }
        for (id, class) in self.kubernetes.hosts() {
            by_host.entry(id).or_default().kubernetes = Some(class);
        }
        for (id, class) in self.swarm.hosts() {
            by_host.entry(id).or_default().swarm = Some(class);
        }
        for (id, class) in self.docker.hosts() {
            by_host.entry(id).or_default().docker = Some(class);
        }
        by_host
    }

    /// The first of its hosts, which stands for the others.
    pub(super) fn first<'f>(&self, class: ClassId, fleet: &'f Fleet) -> Option<(HostId, &'f Host)> {
        let id = *self.hosts(class).first()?;
        Some((id, fleet.host(id)?))
    }
}

/// The Docker hosts that may build an image, of several that pick the same variants the first.
#[derive(Debug, Default)]
pub(super) struct Builders(Vec<(HostId, HostFacts)>);

impl Builders {
    pub(super) fn of(fleet: &Fleet) -> Self {
        let docker = fleet.numbered().filter(|(_, host)| host.serves(Orchestrator::Docker));
        let facts = docker.filter_map(|(id, host)| Some((id, HostFacts::of(host, Orchestrator::Docker)?)));
        let mut seen = FxHashSet::default();
        Self(facts.filter(|(_, facts)| seen.insert((facts.picks_by(), facts.version.build))).collect())
    }

    /// What each of them picks out of these variants. One that finds none builds nothing.
    pub(super) fn picked(&self, variants: &[OsVersion]) -> Vec<(HostId, Vec<OsVersion>)> {
        let pick = |facts: &HostFacts| facts.picks_by().may_pick(facts.version.build, variants).collect::<Vec<_>>();
        let picked = self.0.iter().map(|(id, facts)| (*id, pick(facts)));
        picked.filter(|(_, picked)| !picked.is_empty()).collect()
    }
}

/// What a host is, whatever is placed on it.
#[derive(PartialEq, Eq, Hash)]
struct Facts {
    os: HostOs,
    kind: HostKind,
    isolation: Isolation,
    hyperv: Option<bool>,
    engine: Option<Engine>,
    engine_version: Option<(u32, u32, u32)>,
}

impl Facts {
    fn of(host: &Host) -> Self {
        let runtime = host.runtime.as_ref();
        Self {
            os: host.os,
            kind: host.kind,
            isolation: host.isolation,
            hyperv: host.hyperv,
            engine: runtime.map(|runtime| runtime.engine),
            engine_version: runtime.and_then(|runtime| runtime.version),
        }
    }
}
