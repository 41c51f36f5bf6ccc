//! Node objects, and what every output of kubectl states about a node.

use std::collections::BTreeMap;

use hostfit_core::{
    fleet::{Orchestrator, Taint},
    windows::{release::Releases, version},
};
use serde_json::Value;

use crate::fleet::machine::{By, KnownVersion, Machine, Os, Runtime};

/// What an output of kubectl states about a node.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) name: String,
    /// None: it does not list them.
    pub(super) labels: Option<BTreeMap<String, String>>,
    /// None: it does not list them.
    pub(super) taints: Option<Vec<Taint>>,
    pub(super) kernel_version: Option<String>,
    pub(super) os_image: Option<String>,
    pub(super) operating_system: Option<String>,
    pub(super) runtime: Option<String>,
    /// What only this machine is called.
    pub(super) ids: Vec<String>,
    /// The Machine object behind it, in OpenShift.
    pub(super) machine: Option<String>,
}

/// A Node object.
pub(super) fn node(object: &Value) -> Option<Machine> {
    let at = |path: &[&str]| path.iter().try_fold(object, |value, key| value.get(key));
    let text = |path: &[&str]| at(path).and_then(Value::as_str).map(str::to_owned);
    let labels = at(&["metadata", "labels"]).and_then(Value::as_object);
    let labels =
        labels.into_iter().flatten().map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()));
    let taints = at(&["spec", "taints"]).and_then(Value::as_array);
    let taint = |taint: &Value| {
        let part = |key| taint.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Taint { key: part("key")?, value: part("value").unwrap_or_default(), effect: part("effect")? })
    };
    let addresses = at(&["status", "addresses"]).and_then(Value::as_array);
    let addresses = addresses.into_iter().flatten().filter_map(|it| it.get("address")?.as_str());
    let provider_id = text(&["spec", "providerID"]);
    let ids = addresses
        .map(str::to_owned)
        .chain(provider_id.as_deref().and_then(instance))
        .chain(["machineID", "systemUUID"].iter().filter_map(|key| text(&["status", "nodeInfo", key])));
    Facts {
        name: text(&["metadata", "name"])?,
        labels: Some(labels.collect()),
        taints: Some(taints.into_iter().flatten().filter_map(taint).collect()),
        kernel_version: text(&["status", "nodeInfo", "kernelVersion"]),
        os_image: text(&["status", "nodeInfo", "osImage"]),
        operating_system: text(&["status", "nodeInfo", "operatingSystem"]),
        runtime: text(&["status", "nodeInfo", "containerRuntimeVersion"]),
        ids: ids.collect(),
        machine: text(&["metadata", "annotations", "machine.openshift.io/machine"]),
    }
    .machine()
}

/// The last part of a provider's id: `i-0abc…`.
pub(super) fn instance(provider_id: &str) -> Option<String> {
    let (_, last) = provider_id.trim().rsplit_once('/')?;
    Some(last.to_owned())
}

/// Whether the document is a list in which nodes would be, even if it is empty.
pub(super) fn is_list_of_nodes(document: &Value) -> bool {
    let is = |object: &Value, kind: &str| object.get("kind").and_then(Value::as_str) == Some(kind);
    let holds =
        |of: &str| document.get("items").and_then(Value::as_array).is_some_and(|it| it.iter().any(|it| is(it, of)));
    // What is asked for by its name is no list.
    is(document, "NodeList") || is(document, "List") && holds("Node")
}

const OS: [&str; 2] = ["kubernetes.io/os", "beta.kubernetes.io/os"];

impl Facts {
    /// The machine; none for a node without a name.
    pub(super) fn machine(self) -> Option<Machine> {
        if self.name.is_empty() {
            return None;
        }
        let mut machine = Machine::new(Some(self.name.clone()), Orchestrator::Kubernetes);
        machine.os = self.os();
        machine.kind = self.os_image.as_deref().and_then(|image| version::kind(image, &Releases::default()));
        machine.runtime = self.runtime.as_deref().and_then(Runtime::of_kubelet);
        machine.pool = self.machine.as_deref().and_then(machine_set);
        machine.taints = self.taints.map(|taints| taints.into_iter().filter(|it| !it.is_passing()).collect());
        machine.ids = self.ids.into_iter().filter(|id| id.len() > 3).collect();
        machine.labels = self.labels;
        Some(machine)
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.labels.as_ref()?.get(key).map(String::as_str)
    }

    fn os(&self) -> Option<Os> {
        let named = self.operating_system.as_deref().or_else(|| OS.iter().find_map(|key| self.label(key)));
        let windows = match named.map(str::to_ascii_lowercase).as_deref() {
            Some("windows") => true,
            Some("linux") => false,
            Some(_) => return None,
            // A table without labels has the names of products and kernels.
            None => {
                let image = self.os_image.as_deref().filter(|it| *it != "<unknown>");
                image.or(self.kernel_version.as_deref())?;
                self.version().is_some() || image.is_some_and(|it| it.contains("Windows"))
            }
        };
        Some(if windows { Os::Windows(self.version()) } else { Os::Linux })
    }

    fn version(&self) -> Option<KnownVersion> {
        let releases = Releases::default();
        let read = |text: Option<&str>, by| Some(KnownVersion { version: version::parse(text?, &releases)?, by });
        // The most exact first: the label has no revision, the image is a product's name.
        read(self.kernel_version.as_deref(), By::Machine)
            .or_else(|| read(self.label("node.kubernetes.io/windows-build"), By::Machine))
            .or_else(|| read(self.os_image.as_deref(), By::Product))
    }
}

/// The machine set of `openshift-machine-api/winworker-us-east-1a-x7k2p`: machines are called by it and five letters.
fn machine_set(machine: &str) -> Option<String> {
    let (_, name) = machine.rsplit_once('/').unwrap_or(("", machine));
    let (set, own) = name.rsplit_once('-')?;
    (own.len() == 5 && !set.is_empty()).then(|| set.to_owned())
}
