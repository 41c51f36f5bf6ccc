//! Outputs and declarations to machines. Its content shows what an input is.

mod capi;
mod cloud;
mod docker;
mod documents;
mod eksctl;
mod given;
mod karpenter;
mod kubernetes;
mod pipeline;
mod terraform;
mod text;

use std::collections::BTreeMap;

use hostfit_core::{
    fleet::Orchestrator,
    source::{Source, SourceId},
    windows::platform::Platform,
};
use serde_json::Value;

use self::{cloud::aks::Cluster, given::Given, terraform::hcl::Module};
use super::{
    machine::{Machine, Os},
    provider,
};

/// What one or several inputs hold.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    /// What each states about machines, in order.
    pub(crate) machines: Vec<Machine>,
    /// Which kinds there were, in order, each once.
    pub(crate) kinds: Vec<Kind>,
    /// Of which orchestrators there was a list, and so all machines.
    pub(crate) lists: Vec<Orchestrator>,
    /// What was passed over, and what to do about it.
    pub(crate) notes: Vec<String>,
    /// What says something together with others only.
    parts: Parts,
}

/// Objects that name each other.
#[derive(Debug, Default)]
struct Parts {
    karpenter: Vec<(String, Given)>,
    capi: BTreeMap<String, Vec<Given>>,
    /// Pools and clusters of AKS.
    aks_pools: Vec<Given>,
    aks_clusters: Vec<Given>,
    /// The Terraform files of each folder.
    modules: BTreeMap<String, Module>,
}

/// The kinds of input, called as the command is that prints them, or by what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Node objects, in JSON or YAML, or the table.
    Nodes,
    /// The text for people.
    Describe,
    /// `docker node inspect`.
    SwarmNodes,
    /// `docker info --format json`.
    Info,
    /// `docker version --format json`.
    Version,
    /// `az aks nodepool list`.
    AksPools,
    /// `az aks show`.
    AksCluster,
    /// `aws eks describe-nodegroup`.
    EksGroup,
    /// `gcloud container node-pools list`.
    GkePools,
    /// `terraform show -json`.
    TerraformShow,
    /// Terraform files.
    Terraform,
    /// The `ClusterConfig` of eksctl.
    Eksctl,
    /// Objects of Karpenter.
    Karpenter,
    /// Objects of Cluster API.
    ClusterApi,
    /// Task definitions of ECS.
    Ecs,
    /// Pipelines of GitHub, Azure and GitLab.
    Pipeline,
}

impl Kind {
    /// The command, or what the files hold.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nodes => "kubectl get nodes",
            Self::Describe => "kubectl describe node",
            Self::SwarmNodes => "docker node inspect",
            Self::Info => "docker info",
            Self::Version => "docker version",
            Self::AksPools => "az aks nodepool list",
            Self::AksCluster => "az aks show",
            Self::EksGroup => "aws eks describe-nodegroup",
            Self::GkePools => "gcloud container node-pools list",
            Self::TerraformShow => "terraform show",
            Self::Terraform => "Terraform files",
            Self::Eksctl => "an eksctl ClusterConfig",
            Self::Karpenter => "objects of Karpenter",
            Self::ClusterApi => "objects of Cluster API",
            Self::Ecs => "ECS task definitions",
            Self::Pipeline => "CI pipelines",
        }
    }

    /// Whether a command prints it.
    pub(crate) fn is_command(self) -> bool {
        !matches!(
            self,
            Self::Terraform | Self::Eksctl | Self::Karpenter | Self::ClusterApi | Self::Ecs | Self::Pipeline
        )
    }
}

/// Whether objects of this kind declare machines.
pub(crate) fn is_declaring(kind: &str) -> bool {
    kind == "ClusterConfig" || karpenter::is_kind(kind) || capi::is_kind(kind)
}

/// What can be taken, for those who gave something else.
pub(crate) const EXPECTED: &str = "expected the output of one of `kubectl get nodes -o json` (or `-o yaml`, `--show-labels`), \
                        `kubectl describe node`, `docker node inspect $(docker node ls -q)`, \
                        `docker info --format json`, `docker version --format json`, or another input that \
                        `hostfit fleet import --help` lists";

/// What can be taken from a folder.
pub(crate) const DECLARING: &str = "Terraform, eksctl, Karpenter, Cluster API for Azure, an ECS task definition, a GitHub workflow, \
                         Azure Pipelines, GitLab CI";

/// Reads one input, which is called `name`.
///
/// # Errors
/// Why it cannot be taken, to follow its name.
pub(crate) fn read(output: &str, name: &str) -> Result<Outputs, String> {
    let output = output.trim_start_matches('\u{feff}');
    let folder = name.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
    let mut outputs = Outputs::default();
    if output.trim().is_empty() {
        return Err(format!("is empty; {EXPECTED}"));
    }
    if documents::is_toml(output) {
        return Err(toml(output, name));
    }
    if let Some(documents) = documents::json(output) {
        outputs.documents(&documents?, folder)?;
    } else if terraform::hcl::is_terraform(output) {
        outputs.is_of(Kind::Terraform);
        if outputs.parts.modules.entry(folder.to_owned()).or_default().add(output) {
            outputs.notes.push(format!("{name} is not valid HCL in parts; the blocks that are were read"));
        }
    } else if !text::read(output, &mut outputs) {
        let is_objects = documents::is_yaml(output) || is_cloud_yaml(output);
        if !is_objects && !pipeline::may_be(output) {
            let nothing = || format!("is not node or engine data; {EXPECTED}");
            return Err(text::advice(output).map_or_else(nothing, str::to_owned));
        }
        let documents = documents::yaml(output)?;
        if is_objects {
            outputs.documents(&documents, folder)?;
        } else {
            outputs.pipelines(&documents, name)?;
        }
    }
    outputs.find_lists();
    Ok(outputs)
}

/// Whether it may be what the command line tool of a cloud prints as YAML.
fn is_cloud_yaml(text: &str) -> bool {
    const KEYS: [&str; 6] =
        ["nodegroup:", "nodegroupName:", "agentPoolProfiles:", "osType:", "initialNodeCount:", "taskDefinition:"];
    text.lines().any(|line| {
        let line = line.strip_prefix("- ").or_else(|| line.strip_prefix("  ")).unwrap_or(line);
        KEYS.iter().any(|key| line.starts_with(key))
    })
}

/// What to say of TOML.
fn toml(text: &str, name: &str) -> String {
    let source = Source::from_text(SourceId(0), name, text);
    let config = hostfit_core::config::Config::parse(&source, &hostfit_core::rules::ids());
    match config.map(|config| config.fleet.hosts.len()) {
        Ok(hosts @ 1..) => {
            let hosts = crate::report::human::number(hosts, "host");
            let file = if name == "stdin" { "FILE" } else { name };
            format!(
                "is already a fleet ({hosts}): `hostfit check --fleet {file}` uses it, and `hostfit fleet import NODES --merge \
                 {file}` updates it"
            )
        }
        _ => "is TOML, not node or engine data; `--fleet` of `hostfit check` takes a file with [[host]] entries, and \
              `hostfit fleet import --merge` updates one"
            .to_owned(),
    }
}

impl Outputs {
    /// Whether there may be Windows among what it declares, alone or with others.
    pub(crate) fn may_declare_windows(&self) -> bool {
        let parts = &self.parts;
        let is_alone = parts.karpenter.is_empty() && parts.capi.is_empty() && parts.aks_pools.is_empty();
        let is_windows = |it: &Machine| matches!(it.os, Some(Os::Windows(_))) && it.declared.is_some();
        !is_alone || !parts.aks_clusters.is_empty() || self.machines.iter().any(is_windows)
    }

    /// Adds those of another output.
    pub(crate) fn add(&mut self, other: Self) {
        other.kinds.into_iter().for_each(|kind| self.is_of(kind));
        self.lists.extend(other.lists);
        self.machines.extend(other.machines);
        self.notes.extend(other.notes.into_iter().filter(|note| !self.notes.contains(note)).collect::<Vec<_>>());
        self.parts.karpenter.extend(other.parts.karpenter);
        for (folder, objects) in other.parts.capi {
            self.parts.capi.entry(folder).or_default().extend(objects);
        }
        self.parts.aks_pools.extend(other.parts.aks_pools);
        self.parts.aks_clusters.extend(other.parts.aks_clusters);
        for (folder, module) in other.parts.modules {
            self.parts.modules.entry(folder).or_default().extend(module);
        }
    }

    /// Reads what says something together with others only, when all is there. Of one folder all is there.
    pub(crate) fn finish(&mut self, is_folder: bool) {
        let parts = std::mem::take(&mut self.parts);
        let own = self.machines.len();
        self.machines.extend(karpenter::pools(&parts.karpenter));
        for (folder, objects) in &parts.capi {
            self.machines.extend(capi::pools(objects).into_iter().map(|it| it.in_folder(folder)));
        }
        for (folder, module) in &parts.modules {
            let (machines, notes) = terraform::pools(&module.resources());
            self.machines.extend(machines.into_iter().map(|it| it.in_folder(folder)));
            self.notes.extend(notes);
        }
        if is_folder && self.machines.len() > own {
            self.lists.push(Orchestrator::Kubernetes);
        }
        self.aks(&parts);
        // Node groups are described one by one; nobody describes two and leaves out the others.
        let groups = self.machines.iter().filter(|it| it.platform == Some(Platform::Eks)).count();
        if self.kinds.contains(&Kind::EksGroup) && groups > 1 {
            self.lists.push(Orchestrator::Kubernetes);
        }
        self.machines = declared_once(std::mem::take(&mut self.machines));
    }

    /// Pools, each with what is known of its cluster; those of a cluster that is shown, unless they are listed.
    fn aks(&mut self, parts: &Parts) {
        let clusters: Vec<_> = parts.aks_clusters.iter().map(Cluster::of).collect();
        for pool in &parts.aks_pools {
            let name = pool.at(&["id"]).text().and_then(cloud::aks::cluster_in);
            let is_own = |it: &&Cluster| match (&it.name, &name) {
                (Some(own), Some(name)) => own.eq_ignore_ascii_case(name),
                _ => clusters.len() == 1,
            };
            let cluster = clusters.iter().find(is_own).cloned();
            let cluster = cluster.unwrap_or(Cluster { name, ..Cluster::default() });
            self.machines.push(cloud::aks::pool(pool, &cluster, "nodepool"));
        }
        for (given, cluster) in parts.aks_clusters.iter().zip(&clusters) {
            let pools = given.at(&["agentPoolProfiles"]).items();
            self.machines.extend(pools.iter().map(|pool| cloud::aks::pool(pool, cluster, "nodepool")));
        }
    }

    /// A single node may have been asked for by name; nobody asks for two. Engines tell of themselves only.
    fn find_lists(&mut self) {
        for orchestrator in [Orchestrator::Kubernetes, Orchestrator::Swarm] {
            let of_one = [Kind::Info, Kind::Version].iter().any(|kind| self.kinds.contains(kind));
            if !of_one && self.machines.iter().filter(|it| it.orchestrator == orchestrator).count() > 1 {
                self.lists.push(orchestrator);
            }
        }
    }

    fn is_of(&mut self, kind: Kind) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    fn machine(&mut self, kind: Kind, machine: Machine) {
        self.is_of(kind);
        self.machines.push(machine);
    }

    /// Takes pools of which there are no more in their cluster.
    fn list(&mut self, kind: Kind, machines: Vec<Machine>) {
        self.listed(kind, true);
        self.machines.extend(machines);
    }

    /// Notes a kind of pools, and whether there are no more of them.
    fn listed(&mut self, kind: Kind, is_listed: bool) {
        self.is_of(kind);
        if is_listed {
            self.lists.push(Orchestrator::Kubernetes);
        }
    }

    /// Takes the documents of CI pipelines.
    fn pipelines(&mut self, documents: &[Value], name: &str) -> Result<(), String> {
        let all: Vec<_> = documents.iter().map(pipeline::Runners::of).filter(pipeline::Runners::is_pipeline).collect();
        if all.is_empty() {
            return Err(format!("is not node or engine data; {EXPECTED}"));
        }
        self.is_of(Kind::Pipeline);
        for runners in all {
            let (machines, notes) = runners.machines(name);
            self.machines.extend(machines);
            self.notes.extend(notes);
        }
        Ok(())
    }

    /// Takes JSON and YAML documents: Kubernetes objects, what docker and clouds print, also mixed.
    fn documents(&mut self, documents: &[Value], folder: &str) -> Result<(), String> {
        let mut others: BTreeMap<String, usize> = BTreeMap::new();
        let mut known = false;
        for document in documents {
            // `docker node inspect` and a list of kubectl's hold many.
            for (object, kind) in items(document) {
                // A cluster of AKS has a `kind` of its own.
                if object.get("apiVersion").is_none() && self.cloud(object, document.is_array()) {
                    known = true;
                    continue;
                }
                let own = object.get("kind").and_then(Value::as_str);
                match own.or(kind) {
                    Some("Node") => {
                        known = true;
                        self.is_of(Kind::Nodes);
                        self.machines.extend(kubernetes::node(object));
                    }
                    Some("RuntimeClass") => {
                        known = true;
                        let note = "`check` reads RuntimeClasses from the manifests: save the output of \
                                    `kubectl get runtimeclasses -o yaml` in the tree that it checks";
                        self.add(Self { notes: vec![note.to_owned()], ..Self::default() });
                    }
                    Some("ClusterConfig") if is_of(object, "eksctl.io") => {
                        known = true;
                        self.list(Kind::Eksctl, eksctl::pools(&object.into()));
                    }
                    Some(kind) if karpenter::is_kind(kind) && is_of(object, "karpenter.") => {
                        known = true;
                        self.is_of(Kind::Karpenter);
                        self.parts.karpenter.push((folder.to_owned(), object.into()));
                    }
                    Some(kind) if capi::is_kind(kind) && is_of(object, "cluster.x-k8s.io") => {
                        known = true;
                        self.is_of(Kind::ClusterApi);
                        self.parts.capi.entry(folder.to_owned()).or_default().push(object.into());
                    }
                    Some(kind) => *others.entry(kind.to_owned()).or_default() += 1,
                    None => known |= docker::read(object, self)?,
                }
            }
            if kubernetes::is_list_of_nodes(document) {
                known = true;
                self.lists.push(Orchestrator::Kubernetes);
            }
        }
        // Somebody else's kinds may be many, and long.
        let brief = |kind: &str| kind.chars().take(40).collect::<String>();
        let listed = others.iter().take(3).map(|(kind, count)| format!("{count} {}", brief(kind)));
        let more = (others.len() > 3).then(|| "others".to_owned());
        let listed: Vec<_> = listed.chain(more).collect();
        match (known, listed.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => {
                let is_declared = self.kinds.iter().any(|it| !it.is_command());
                // Manifests of a cluster hold much beside its pools.
                if !is_declared {
                    self.notes.push(format!("skipped {}: only nodes are hosts", listed.join(", ")));
                }
                Ok(())
            }
            (false, false) => Err(format!("holds {} and no node; {EXPECTED}", listed.join(", "))),
            (false, true) => Err(format!("is not node or engine data; {EXPECTED}")),
        }
    }

    /// Takes an object that the command line tool of a cloud or Terraform prints, alone or in a list of all; whether it is one.
    fn cloud(&mut self, object: &Value, is_listed: bool) -> bool {
        let has = |key: &str| object.get(key).is_some();
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        if terraform::is_shown(object) {
            let (machines, notes) = terraform::pools(&terraform::shown(object));
            self.list(Kind::TerraformShow, machines);
            self.notes.extend(notes);
        } else if has("agentPoolProfiles") || object.pointer("/properties/agentPoolProfiles").is_some() {
            self.list(Kind::AksCluster, Vec::new());
            self.parts.aks_clusters.push(flat(object));
        } else if text("id").to_ascii_lowercase().contains("/agentpools/") || has("osType") && has("vmSize") {
            self.listed(Kind::AksPools, is_listed);
            self.parts.aks_pools.push(flat(object));
        } else if let Some(group) = object.get("nodegroup").or(has("nodegroupName").then_some(object)) {
            self.machine(Kind::EksGroup, cloud::eks::group(&group.into(), "nodegroup"));
        } else if text("selfLink").contains("/nodePools/") || has("config") && has("initialNodeCount") {
            self.listed(Kind::GkePools, is_listed);
            self.machines.push(cloud::gke::pool(&object.into(), "nodepool"));
        } else if has("nodePools") && has("currentMasterVersion") {
            let pools = object.get("nodePools").and_then(Value::as_array).into_iter().flatten();
            self.list(Kind::GkePools, pools.map(|it| cloud::gke::pool(&it.into(), "nodepool")).collect());
        } else if let Some(task) = object.get("taskDefinition").or(has("containerDefinitions").then_some(object)) {
            self.is_of(Kind::Ecs);
            self.machines.extend(cloud::ecs::hosts(&task.into()));
        } else {
            return false;
        }
        true
    }
}

/// Whether an object is of this group of kinds; others have kinds of the same names.
fn is_of(object: &Value, group: &str) -> bool {
    object.get("apiVersion").and_then(Value::as_str).is_some_and(|version| version.contains(group))
}

/// An object of Azure, whose interface has what matters one level deeper than its command line tool.
fn flat(object: &Value) -> Given {
    let mut given = Given::from(object);
    let properties = object.get("properties").map(Given::from);
    if let (Given::Map(own), Some(Given::Map(properties))) = (&mut given, properties) {
        own.extend(properties);
    }
    given
}

/// Declarations of one pool as one: `az aks show` and `az aks nodepool list` state the same, many workflows one label.
fn declared_once(machines: Vec<Machine>) -> Vec<Machine> {
    let key = |machine: &Machine| {
        let declared = machine.declared.as_ref()?;
        let name = provider::pool(machine)?.to_owned();
        Some((machine.orchestrator as u8, machine.platform.map(Platform::id), declared.cluster.clone(), name))
    };
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut once: Vec<Machine> = Vec::new();
    for machine in machines {
        let Some(key) = key(&machine) else {
            once.push(machine);
            continue;
        };
        let known = places.get(&key).and_then(|&place| once.get_mut(place));
        if let Some(known) = known.filter(|it| it.may_be(&machine)) {
            // What is open in one of them may be stated in the other.
            let opens = |it: &Machine| it.declared.as_ref().map_or(0, |it| it.open.len());
            if opens(&machine) < opens(known) {
                *known = machine;
            }
        } else {
            places.insert(key, once.len());
            once.push(machine);
        }
    }
    once
}

/// The objects of a document, and of what kind they are if they do not say so themselves: raw lists leave it out.
fn items(document: &Value) -> Vec<(&Value, Option<&str>)> {
    if let Some(array) = document.as_array() {
        return array.iter().map(|it| (it, None)).collect();
    }
    let kind = document.get("kind").and_then(Value::as_str);
    match kind.and_then(|kind| kind.strip_suffix("List")) {
        Some(of) => {
            let items = document.get("items").and_then(Value::as_array);
            items.into_iter().flatten().map(|it| (it, Some(of).filter(|of| !of.is_empty()))).collect()
        }
        None => vec![(document, None)],
    }
}
