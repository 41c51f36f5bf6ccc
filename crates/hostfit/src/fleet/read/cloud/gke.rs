//! Node pools of GKE: `gcloud container node-pools list`, `google_container_node_pool`.
//!
//! Sources: <https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters.nodePools>,
//! <https://cloud.google.com/kubernetes-engine/docs/how-to/creating-a-cluster-windows> (the taint),
//! <https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/container_node_pool>.

use hostfit_core::{
    fleet::Orchestrator,
    windows::{node_label, platform::Platform, release::Releases},
};

use super::Builder;
use crate::fleet::{machine::Machine, read::given::Given};

const COMMAND: &str = "`gcloud container node-pools list --format json`";
const VERSION: &str = "cloud.google.com/gke-windows-os-version";

/// A node pool; `name` is what it is called where its own name is open.
pub(crate) fn pool(given: &Given, name: &str) -> Machine {
    let mut pool = Builder::new(Orchestrator::Kubernetes, Some(Platform::Gke));
    let own_name = given.at(&["name"]);
    pool.is_open(own_name, "name", "the name of the node pool");
    if let Some(name) = own_name.text() {
        pool.label("cloud.google.com/gke-nodepool", name);
    }
    pool.name(own_name.text().unwrap_or(name));
    let cluster = given.at(&["cluster"]).text().or_else(|| cluster_in(given.at(&["selfLink"]).text()?));
    pool.cluster(cluster);
    let config = given.at(&["config", "node_config"]);
    pool.labels(config.at(&["labels"]), "labels");
    pool.taints(config.at(&["taints", "taint"]), "taint");
    for (key, label) in [("spot", "cloud.google.com/gke-spot"), ("preemptible", "cloud.google.com/gke-preemptible")] {
        if config.at(&[key]).is_true() {
            pool.label(label, "true");
        }
    }
    let image = config.at(&["imageType", "image_type"]);
    let version = config.at(&["windowsNodeConfig", "windows_node_config"]).at(&["osVersion", "osversion"]);
    let is_windows = image.text().is_some_and(|it| it.to_ascii_lowercase().starts_with("windows"));
    if is_windows || image.expression().is_some() || version.text().is_some() {
        let known = if version.text().is_none() && image.expression().is_some() {
            pool.image(image, "image_type", COMMAND)
        } else {
            pool.image(version, "windows_node_config.osversion", COMMAND)
        };
        let value = known.and_then(|it| node_label::value_of(VERSION, it.build, &Releases::default()));
        if let Some(value) = value {
            pool.label(VERSION, &value);
        }
        pool.taint(&Given::Text("node.kubernetes.io/os=windows:NoSchedule".to_owned()), "taint");
    } else {
        pool.linux();
    }
    pool.count(given.at(&["node_count"]), "node_count");
    pool.build()
}

/// The cluster in the address of a pool.
fn cluster_in(link: &str) -> Option<&str> {
    link.split('/').skip_while(|part| *part != "clusters").nth(1)
}
