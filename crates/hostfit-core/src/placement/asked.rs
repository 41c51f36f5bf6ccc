//! What placements ask about hosts. Hosts with the same answers are one host to all of them.

use rustc_hash::FxHashSet;

use super::{
    Placement,
    kubernetes::{ARCH, HOSTNAME, Operator, PodPlacement, is_of_eks, stable_name},
    swarm::{Subject, SwarmPlacement},
};
use crate::{
    fleet::{Host, Taint},
    windows::{node_label::build_of, release::Releases},
};

/// What several placements ask about a host, or a message about one of them.
#[derive(Debug, Default)]
pub(crate) struct Asked<'w> {
    /// Whether they are of pods.
    pods: bool,
    /// Whether they are of services.
    services: bool,
    /// Labels of nodes that pods name, by their stable names.
    labels: FxHashSet<&'w str>,
    /// Those that services name, in lowercase, because a message names one that differs in letter case.
    node_labels: FxHashSet<String>,
    /// The same of labels of engines.
    engine_labels: FxHashSet<String>,
    /// Names of single nodes.
    names: FxHashSet<&'w str>,
    /// Whether a name is compared otherwise than with one of these.
    every_name: bool,
}

impl<'w> Asked<'w> {
    /// By any of these.
    pub(crate) fn of(placements: impl Iterator<Item = &'w Placement>) -> Self {
        let mut asked = Self::default();
        for placement in placements {
            match placement {
                Placement::Kubernetes(pod) => asked.add_pod(pod),
                Placement::Swarm(service) => asked.add_service(service),
                Placement::Anywhere => {}
            }
        }
        asked
    }

    fn add_pod(&mut self, pod: &'w PodPlacement) {
        self.pods = true;
        for label in pod.labels() {
            let Some(key) = label.key.known() else { continue };
            if key == HOSTNAME {
                self.names.extend(label.values.iter().filter_map(|value| value.text.known()));
                self.every_name |= matches!(label.operator, Operator::Gt | Operator::Lt);
            } else {
                self.labels.insert(stable_name(key).unwrap_or(key));
            }
        }
        let fields = pod.affinity.iter().flatten().flat_map(|term| &term.fields).flat_map(|field| &field.values);
        let names = pod.node_name.iter().chain(fields.map(|value| &value.text));
        self.names.extend(names.filter_map(|name| name.known()));
    }

    fn add_service(&mut self, service: &SwarmPlacement) {
        self.services = true;
        for expression in service.constraints.iter().filter_map(|it| it.parsed.as_ref().ok()) {
            match expression.subject() {
                Subject::NodeLabel(name) => _ = self.node_labels.insert(name.to_ascii_lowercase()),
                Subject::EngineLabel(name) => _ = self.engine_labels.insert(name.to_ascii_lowercase()),
                _ => {}
            }
        }
    }

    fn names(&self, name: &str) -> bool {
        self.every_name || self.names.contains(name)
    }

    /// Whether a placement, or a message about one, may depend on a label of a node.
    fn concerns(&self, key: &str, value: &str, releases: &Releases) -> bool {
        let by_pods = || self.labels.contains(stable_name(key).unwrap_or(key)) || key == HOSTNAME && self.names(value);
        let by_services = || {
            let is_named = self.node_labels.contains(&key.to_ascii_lowercase());
            is_named || key.ends_with(ARCH) || build_of(key, value, releases).is_some()
        };
        self.pods && by_pods() || self.services && by_services()
    }

    fn concerns_engine(&self, key: &str, value: &str, releases: &Releases) -> bool {
        self.services
            && (self.engine_labels.contains(&key.to_ascii_lowercase()) || build_of(key, value, releases).is_some())
    }

    /// The traits of a host that are asked for.
    pub(crate) fn of_host<'h>(&self, host: &'h Host, releases: &Releases) -> HostTraits<'h> {
        let pairs = |labels: &'h [(String, String)], concerns: &dyn Fn(&str, &str) -> bool| -> Vec<_> {
            let pairs = labels.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            pairs.filter(|(key, value)| concerns(key, value)).collect()
        };
        let declares = |is_meant: &dyn Fn(&str) -> bool| self.pods && host.labels.iter().any(|(key, _)| is_meant(key));
        let asks_names = self.every_name || !self.names.is_empty();
        HostTraits {
            labels: pairs(&host.labels, &|key, value| self.concerns(key, value, releases)),
            engine_labels: pairs(&host.engine_labels, &|key, value| self.concerns_engine(key, value, releases)),
            taints: if self.pods { &host.taints } else { &[] },
            name: Some(host.name.as_str()).filter(|name| self.names(name)),
            is_pool: asks_names && host.count != 1,
            declares_name: asks_names && declares(&|key| key == HOSTNAME),
            is_on_eks: declares(&is_of_eks),
        }
    }
}

/// What placements can see of a host: hosts of one kind with equal traits are one to all of them.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct HostTraits<'h> {
    labels: Vec<(&'h str, &'h str)>,
    engine_labels: Vec<(&'h str, &'h str)>,
    taints: &'h [Taint],
    /// Its name, where a placement may mean it.
    name: Option<&'h str>,
    /// Whether it has several names, where placements ask for some.
    is_pool: bool,
    /// Whether a label says its name.
    declares_name: bool,
    is_on_eks: bool,
}
