//! Node pools of AKS: `az aks nodepool list`, `az aks show`, `azurerm_kubernetes_cluster_node_pool`.
//!
//! Sources: <https://learn.microsoft.com/rest/api/aks/agent-pools/get>, <https://learn.microsoft.com/azure/aks/use-labels>,
//! <https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/resources/kubernetes_cluster_node_pool>.

use hostfit_core::{
    fleet::Orchestrator,
    windows::{Build, OsVersion, machine_image, node_label, platform::Platform, release::Releases, version},
};

use super::Builder;
use crate::fleet::{machine::Machine, read::given::Given};

const COMMAND: &str = "`az aks nodepool list -o json`";
const SKU: &str = "kubernetes.azure.com/os-sku";
const SPOT: &str = "kubernetes.azure.com/scalesetpriority";

/// What is known of the cluster of a pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cluster {
    /// Its name.
    pub(crate) name: Option<String>,
    /// The resource group of its nodes, which is the value of a label.
    pub(crate) node_group: Option<String>,
    /// Its Kubernetes version.
    pub(crate) kubernetes: Given,
}

impl Cluster {
    /// A cluster as `az aks show` prints it, or Terraform declares it.
    pub(crate) fn of(given: &Given) -> Self {
        let text = |keys: &[&str]| given.at(keys).text().map(str::to_owned);
        Self {
            name: text(&["name"]),
            node_group: text(&["nodeResourceGroup", "node_resource_group"]),
            kubernetes: given.at(&["currentKubernetesVersion", "kubernetesVersion", "kubernetes_version"]).clone(),
        }
    }
}

/// The name of the cluster in the id of a pool.
pub(crate) fn cluster_in(id: &str) -> Option<String> {
    let mut parts = id.split('/').skip_while(|part| !part.eq_ignore_ascii_case("managedClusters"));
    parts.nth(1).map(str::to_owned)
}

/// A pool of a cluster; `name` is what it is called where its own name is open.
pub(crate) fn pool(given: &Given, cluster: &Cluster, name: &str) -> Machine {
    let mut pool = Builder::new(Orchestrator::Kubernetes, Some(Platform::Aks));
    let own_name = given.at(&["name"]);
    pool.is_open(own_name, "name", "the name of the pool");
    if let Some(name) = own_name.text() {
        pool.label("kubernetes.azure.com/agentpool", name);
        pool.label("agentpool", name);
    }
    pool.name(own_name.text().unwrap_or(name));
    pool.cluster(cluster.name.as_deref());
    if let Some(group) = &cluster.node_group {
        pool.label("kubernetes.azure.com/cluster", group);
    }
    if let Some(mode) = given.at(&["mode"]).text() {
        pool.label("kubernetes.azure.com/mode", &mode.to_ascii_lowercase());
    }
    system(&mut pool, given, cluster);
    if given.at(&["scaleSetPriority", "priority"]).text().is_some_and(|it| it.eq_ignore_ascii_case("spot")) {
        pool.label(SPOT, "spot");
        pool.taint(&Given::Text(format!("{SPOT}=spot:NoSchedule")), "node_taints");
    }
    pool.labels(given.at(&["nodeLabels", "node_labels"]), "node_labels");
    let taints = given.at(&["nodeTaints", "node_taints"]);
    pool.is_open(taints, "taints", "node_taints");
    for taint in taints.items().iter().filter(|it| it.text() != Some(&format!("{SPOT}=spot:NoSchedule"))) {
        pool.taint(taint, "node_taints");
    }
    // What Terraform declares of a pool that scales is its size at the beginning.
    if !given.at(&["auto_scaling_enabled", "enable_auto_scaling"]).is_true() {
        pool.count(given.at(&["count", "node_count"]), "node_count");
    }
    pool.build()
}

/// Which operating system, and which version of it.
fn system(pool: &mut Builder, given: &Given, cluster: &Cluster) {
    let sku = given.at(&["osSku", "osSKU", "os_sku"]);
    let named = sku.text().and_then(|it| version::of_host(it, &Releases::default()));
    let os = given.at(&["osType", "os_type"]);
    let is_windows =
        named.is_some() || os.expression().is_some() || os.text().is_some_and(|it| it.eq_ignore_ascii_case("windows"));
    if !is_windows {
        pool.linux();
        if let Some(sku) = sku.text() {
            pool.label(SKU, sku);
        }
        return;
    }
    let image = given.at(&["nodeImageVersion"]).text().and_then(machine_image::aks_node_image);
    let version = match (image, named) {
        // The image may be that of before an upgrade.
        (Some(image), Some(named)) if image.build != named.build => Some(named),
        (image, named) => image.or(named),
    };
    if let Some(version) = version {
        pool.windows(version);
    } else if os.expression().is_some() && sku.text().is_none() {
        pool.image(os, "os_type", COMMAND);
    } else if *sku == Given::Nothing {
        without_sku(pool, given, cluster);
    } else {
        pool.image(sku, "os_sku", COMMAND);
    }
    let build = version.map(|it| it.build);
    if let Some(sku) = build.and_then(|build| node_label::value_of(SKU, build, &Releases::default())) {
        pool.label(SKU, &sku);
    }
}

/// A pool without an OS SKU has the Windows that was the default of its Kubernetes version.
fn without_sku(pool: &mut Builder, given: &Given, cluster: &Cluster) {
    let own = given.at(&["currentOrchestratorVersion", "orchestratorVersion", "orchestrator_version"]);
    let kubernetes = if own.text().is_some() { own } else { &cluster.kubernetes };
    let default = |build: Build| OsVersion { build, revision: None };
    match (kubernetes.text(), kubernetes.text().and_then(machine_image::aks_default)) {
        (Some(kubernetes), Some(build)) => {
            pool.windows(default(build));
            if let Some(sku) = node_label::value_of(SKU, build, &Releases::default()) {
                pool.label(SKU, &sku);
            }
            pool.note(format!("no OS SKU: the default of Kubernetes {kubernetes}"));
        }
        (Some(kubernetes), None) => pool.unknown_windows(format!(
            "os_sku is not set, and the default of Kubernetes {kubernetes} is not certain: look it up with {COMMAND}"
        )),
        (None, _) => pool.unknown_windows(format!(
            "os_sku is not set, so the Kubernetes version decides: look it up with {COMMAND}"
        )),
    }
}
