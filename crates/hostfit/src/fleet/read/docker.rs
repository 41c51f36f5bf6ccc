//! What docker prints as JSON.

use std::collections::BTreeMap;

use hostfit_core::{
    fleet::Orchestrator,
    windows::{Isolation, release::Releases, version},
};
use serde_json::Value;

use super::{Kind, Outputs};
use crate::fleet::machine::{By, KnownVersion, Machine, Os, Runtime};

/// Takes one object, if it is one of docker's.
///
/// # Errors
/// Why one that is cannot be taken, to follow its name.
pub(super) fn read(object: &Value, outputs: &mut Outputs) -> Result<bool, String> {
    let has = |key: &str| object.get(key).is_some();
    if has("Description") && has("Spec") {
        outputs.machine(Kind::SwarmNodes, swarm_node(object));
    } else if has("OperatingSystem") || has("OSType") {
        let machine = info(object).ok_or_else(|| silent("docker info"))?;
        outputs.machine(Kind::Info, machine);
    } else if has("ServerErrors") {
        return Err(silent("docker info"));
    } else if has("Server") || has("Client") {
        let server = object.get("Server").filter(|it| it.is_object()).ok_or_else(|| silent("docker version"))?;
        outputs.machine(Kind::Version, engine(server));
    } else if has("KernelVersion") && has("Os") {
        outputs.machine(Kind::Version, engine(object));
    } else if has("Hostname") && has("TLSStatus") {
        return Err("is of `docker node ls`, which does not tell what nodes run; take \
                    `docker node inspect $(docker node ls -q)`"
            .to_owned());
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn silent(command: &str) -> String {
    format!("is of `{command}`, but no engine answered it; run it where the engine runs")
}

fn text<'v>(object: &'v Value, path: &[&str]) -> Option<&'v str> {
    let value = path.iter().try_fold(object, |value, key| value.get(key))?.as_str()?;
    (!value.is_empty()).then_some(value)
}

/// A node as managers see it. They know no version of Windows.
fn swarm_node(object: &Value) -> Machine {
    let name = text(object, &["Description", "Hostname"]).or_else(|| text(object, &["ID"]));
    let mut machine = Machine::new(name.map(str::to_owned), Orchestrator::Swarm);
    machine.swarm_id = text(object, &["ID"]).map(str::to_owned);
    let labels = labels(object, &["Spec", "Labels"]);
    machine.os = match text(object, &["Description", "Platform", "OS"]) {
        Some("windows") => Some(Os::Windows(by_label(&labels))),
        Some("linux") => Some(Os::Linux),
        _ => None,
    };
    machine.runtime = text(object, &["Description", "Engine", "EngineVersion"]).map(|it| Runtime::docker(it, None));
    machine.labels = Some(labels);
    machine.engine_labels = Some(self::labels(object, &["Description", "Engine", "Labels"]));
    machine.ids = text(object, &["Status", "Addr"]).map(str::to_owned).into_iter().collect();
    machine
}

fn labels(object: &Value, path: &[&str]) -> BTreeMap<String, String> {
    let labels = path.iter().try_fold(object, |value, key| value.get(key)).and_then(Value::as_object);
    let pair = |(key, value): (&String, &Value)| (key.clone(), value.as_str().unwrap_or_default().to_owned());
    labels.into_iter().flatten().map(pair).collect()
}

/// What Microsoft's page on version compatibility has people set with `docker node update --label-add`.
fn by_label(labels: &BTreeMap<String, String>) -> Option<KnownVersion> {
    let (_, value) = labels.iter().find(|(key, _)| key.eq_ignore_ascii_case("osversion"))?;
    Some(KnownVersion { version: version::parse(value, &Releases::default())?, by: By::Label })
}

/// `docker info`; none where only the client answers.
fn info(object: &Value) -> Option<Machine> {
    let os = text(object, &["OSType"])?;
    let swarm =
        text(object, &["Swarm", "NodeID"]).filter(|_| text(object, &["Swarm", "LocalNodeState"]) == Some("active"));
    let orchestrator = if swarm.is_some() { Orchestrator::Swarm } else { Orchestrator::Docker };
    let mut machine = Machine::new(text(object, &["Name"]).map(str::to_owned), orchestrator);
    machine.swarm_id = swarm.map(str::to_owned);
    machine.os = match os {
        "windows" => Some(Os::Windows(windows(object))),
        "linux" => Some(Os::Linux),
        _ => None,
    };
    machine.kind = text(object, &["OperatingSystem"]).and_then(|it| version::kind(it, &Releases::default()));
    machine.runtime =
        text(object, &["ServerVersion"]).map(|version| Runtime::docker(version, Some(containerd_store(object))));
    machine.isolation = match text(object, &["Isolation"]) {
        Some("process") => Some(Isolation::Process),
        Some("hyperv") => Some(Isolation::Hyperv),
        _ => None,
    };
    machine.engine_labels = Some(engine_labels(object));
    machine.ids = text(object, &["ID"]).map(str::to_owned).into_iter().collect();
    Some(machine)
}

/// The version of Windows. `OSVersion` does not tell it: that is `2009` on Windows Server 2022 and on Windows 11 too.
fn windows(object: &Value) -> Option<KnownVersion> {
    let releases = Releases::default();
    let read = |key, by| Some(KnownVersion { version: version::parse(text(object, &[key])?, &releases)?, by });
    // Only the product's name ends with the revision: `… (OS Build 17763.1282)`; engines of 2019 wrote `… (Build 17763)`.
    let has_build = text(object, &["OperatingSystem"]).is_some_and(|name| name.contains("Build "));
    let name = read("OperatingSystem", if has_build { By::Machine } else { By::Product });
    let kernel = read("KernelVersion", By::Machine);
    name.into_iter().chain(kernel).reduce(KnownVersion::or)
}

/// Whether containerd keeps the images: it says so itself; on Windows its driver is called `windows`, and Docker's own
/// `windowsfilter`.
fn containerd_store(object: &Value) -> bool {
    let status = object.get("DriverStatus").and_then(Value::as_array);
    let says = status.into_iter().flatten().flat_map(|pair| pair.as_array().into_iter().flatten());
    text(object, &["Driver"]) == Some("windows")
        || says.filter_map(Value::as_str).any(|it| it.starts_with("io.containerd.snapshotter"))
}

/// `Labels` are `key=value` here.
fn engine_labels(object: &Value) -> BTreeMap<String, String> {
    let labels = object.get("Labels").and_then(Value::as_array);
    let labels = labels.into_iter().flatten().filter_map(Value::as_str);
    labels
        .map(|label| label.split_once('=').unwrap_or((label, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// The engine's part of `docker version`, which names no machine.
fn engine(server: &Value) -> Machine {
    let mut machine = Machine::new(None, Orchestrator::Docker);
    machine.os = match text(server, &["Os"]) {
        Some("windows") => {
            let kernel = text(server, &["KernelVersion"]).and_then(|it| version::parse(it, &Releases::default()));
            Some(Os::Windows(kernel.map(|version| KnownVersion { version, by: By::Machine })))
        }
        Some("linux") => Some(Os::Linux),
        _ => None,
    };
    machine.runtime = text(server, &["Version"]).map(|version| Runtime::docker(version, None));
    machine
}
