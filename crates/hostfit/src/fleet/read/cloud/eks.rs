//! Managed node groups of EKS: `aws eks describe-nodegroup`, `aws_eks_node_group`.
//!
//! Sources: <https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html>,
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_node_group>.

use hostfit_core::{fleet::Orchestrator, windows::platform::Platform};

use super::Builder;
use crate::fleet::{machine::Machine, read::given::Given};

const COMMAND: &str = "`aws eks describe-nodegroup`";

/// A node group; `name` is what it is called where its own name is open.
pub(crate) fn group(given: &Given, name: &str) -> Machine {
    let mut pool = Builder::new(Orchestrator::Kubernetes, Some(Platform::Eks));
    let own_name = given.at(&["nodegroupName", "node_group_name"]);
    pool.is_open(own_name, "name", "the name of the node group");
    if let Some(name) = own_name.text() {
        pool.label("eks.amazonaws.com/nodegroup", name);
    }
    pool.name(own_name.text().unwrap_or(name));
    pool.cluster(given.at(&["clusterName", "cluster_name"]).text());
    image(&mut pool, given.at(&["amiType", "ami_type"]));
    if let Some(capacity) = given.at(&["capacityType", "capacity_type"]).text() {
        pool.label("eks.amazonaws.com/capacityType", capacity);
    }
    pool.labels(given.at(&["labels"]), "labels");
    pool.taints(given.at(&["taints", "taint"]), "taint");
    let size = given.at(&["scalingConfig", "scaling_config"]).at(&["desiredSize", "desired_size"]);
    pool.count(size, "desired_size");
    pool.build()
}

/// Which operating system a type of machine image has. Without one it is Amazon Linux.
pub(crate) fn image(pool: &mut Builder, ami_type: &Given) {
    let starts = |start: &str| ami_type.text().is_some_and(|it| it.to_ascii_uppercase().starts_with(start));
    if starts("CUSTOM") {
        pool.unknown_windows(
            "the machine image is one of your own: if it has Windows, `kubectl get nodes -o json` shows its version"
                .to_owned(),
        );
    } else if ami_type.expression().is_some() || starts("WINDOWS") {
        pool.image(ami_type, "ami_type", COMMAND);
    } else {
        pool.linux();
    }
}
