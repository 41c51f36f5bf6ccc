//! Pools as clouds call them, whether a command line tool prints them or Terraform declares them: the keys are the same but
//! for their spelling.

pub(super) mod aks;
pub(super) mod ecs;
pub(super) mod eks;
pub(super) mod gke;

use std::collections::BTreeMap;

use hostfit_core::{
    fleet::{Orchestrator, Taint},
    windows::{HostKind, OsVersion, platform::Platform, release::Releases, version},
};

use super::given::{Given, quoted};
use crate::fleet::machine::{By, Declared, KnownVersion, Machine, Open, Os};

/// A pool, bit by bit.
pub(super) struct Builder {
    machine: Machine,
    labels: BTreeMap<String, String>,
    taints: Vec<Taint>,
    declared: Declared,
}

impl Builder {
    /// A pool of which nothing is known yet.
    pub(super) fn new(orchestrator: Orchestrator, platform: Option<Platform>) -> Self {
        let mut machine = Machine::new(None, orchestrator);
        machine.platform = platform;
        Self { machine, labels: BTreeMap::new(), taints: Vec::new(), declared: Declared::default() }
    }

    /// Its name, where no label has it.
    pub(super) fn name(&mut self, name: &str) {
        self.machine.pool = Some(name.to_owned());
    }

    /// A label that the platform sets.
    pub(super) fn label(&mut self, key: &str, value: &str) {
        self.labels.insert(key.to_owned(), value.to_owned());
    }

    /// The labels of a mapping.
    pub(super) fn labels(&mut self, given: &Given, what: &str) {
        self.is_open(given, "labels", what);
        for (key, value) in given.entries() {
            match value.text() {
                Some(text) => self.label(key, text),
                None if *value == Given::Text(String::new()) => self.label(key, ""),
                None => self.is_open(value, "labels", &format!("{what}.{key}")),
            }
        }
    }

    /// A taint in the form of `kubectl`, as AKS writes them.
    pub(super) fn taint(&mut self, given: &Given, what: &str) {
        self.is_open(given, "taints", what);
        self.taints.extend(given.text().and_then(Taint::parse));
    }

    /// Taints as mappings of key, value and effect: of Kubernetes, EKS and GKE.
    pub(super) fn taints(&mut self, given: &Given, what: &str) {
        self.is_open(given, "taints", what);
        let listed = match given {
            Given::List(items) => items.as_slice(),
            map @ Given::Map(_) => std::slice::from_ref(map),
            _ => &[],
        };
        for taint in listed {
            let part = |key: &str| taint.at(&[key]);
            let parts = [part("key"), part("value"), part("effect")];
            if let Some(open) = parts.into_iter().find(|it| it.expression().is_some()) {
                self.is_open(open, "taints", what);
            } else if let (Some(key), Some(effect)) = (part("key").text(), part("effect").text()) {
                let value = part("value").text().unwrap_or_default().to_owned();
                self.taints.push(Taint { key: key.to_owned(), value, effect: effect_of(effect) });
            }
        }
    }

    /// How many machines it has.
    pub(super) fn count(&mut self, given: &Given, what: &str) {
        self.declared.count = given.count();
        self.is_open(given, "count", what);
    }

    /// The name of its cluster.
    pub(super) fn cluster(&mut self, name: Option<&str>) {
        self.declared.cluster = name.map(str::to_ascii_lowercase);
    }

    /// What is said beside `os`.
    pub(super) fn note(&mut self, note: String) {
        self.declared.note = Some(note);
    }

    /// It runs Linux.
    pub(super) fn linux(&mut self) {
        self.machine.os = Some(Os::Linux);
    }

    /// It runs this Windows Server.
    pub(super) fn windows(&mut self, version: OsVersion) {
        self.machine.os = Some(Os::Windows(Some(KnownVersion { version, by: By::Product })));
        self.machine.kind = Some(HostKind::Server);
    }

    /// It runs Windows, but which is to be looked up.
    pub(super) fn unknown_windows(&mut self, why: String) {
        self.machine.os = Some(Os::Windows(None));
        self.machine.kind = Some(HostKind::Server);
        self.declared.open.push(Open { key: "os", why });
    }

    /// It runs the Windows that a machine image is called by; or that has to be looked up, with `command`.
    pub(super) fn image(&mut self, given: &Given, key: &str, command: &str) -> Option<OsVersion> {
        let known = given.text().and_then(|name| version::of_host(name, &Releases::default()));
        match (known, given.text(), given.expression()) {
            (Some(version), ..) => self.windows(version),
            (None, Some(name), _) => self.unknown_windows(format!(
                "hostfit does not know the {key} {}: look its version up with `kubectl get nodes -o wide`",
                quoted(name)
            )),
            (None, None, Some(open)) => self.unknown_windows(format!("{key} is {open}: look it up with {command}")),
            (None, None, None) => self.unknown_windows(format!("{key} is not set: look it up with {command}")),
        }
        known
    }

    /// Notes that a value has to be looked up, where it has to.
    pub(super) fn is_open(&mut self, given: &Given, key: &'static str, what: &str) {
        if let Some(expression) = given.expression()
            && !self.declared.open.iter().any(|it| it.key == key)
        {
            self.declared.open.push(Open { key, why: format!("{what} is {expression}: write what it stands for") });
        }
    }

    /// The pool.
    pub(super) fn build(mut self) -> Machine {
        if self.machine.orchestrator == Orchestrator::Kubernetes {
            self.machine.labels = Some(self.labels);
            let open = self.declared.open.iter().any(|it| it.key == "taints");
            self.machine.taints = (!open || !self.taints.is_empty()).then_some(self.taints);
        }
        self.machine.declared = Some(self.declared);
        self.machine
    }
}

/// `NO_SCHEDULE` as Kubernetes writes it.
fn effect_of(text: &str) -> String {
    match text {
        "NO_SCHEDULE" => "NoSchedule",
        "NO_EXECUTE" => "NoExecute",
        "PREFER_NO_SCHEDULE" => "PreferNoSchedule",
        other => other,
    }
    .to_owned()
}
