//! Which objects carry pod templates, and where.

use super::{
    argo,
    field::{self, Reader},
    pod::{Pod, Title},
};
use crate::syntax::yaml::Node;

/// Where a kind of object has its pod templates.
struct Kind {
    /// The API group that it has to belong to. With `None` the name of the kind is enough.
    group: Option<&'static str>,
    /// `kind`.
    name: &'static str,
    /// Paths to things with `metadata` and `spec`, keys split by dots: `tasks[]` is every item of the sequence,
    /// `replicas{}` every value of the mapping. An empty path is the object itself.
    paths: &'static [&'static str],
}

const fn any(name: &'static str, paths: &'static [&'static str]) -> Kind {
    Kind { group: None, name, paths }
}

const fn of(group: &'static str, name: &'static str, paths: &'static [&'static str]) -> Kind {
    Kind { group: Some(group), name, paths }
}

/// The rows of a group stand before those of any group, so that a Volcano Job is not read as a batch Job.
const KINDS: &[Kind] = &[
    // https://volcano.sh/en/docs/vcjob/
    of("batch.volcano.sh", "Job", &["spec.tasks[].template"]),
    // https://knative.dev/docs/serving/reference/serving-api/ ; the core Service has no pods.
    of("serving.knative.dev", "Service", &["spec.template"]),
    of("serving.knative.dev", "Configuration", &["spec.template"]),
    of("serving.knative.dev", "Revision", &[""]),
    // https://keda.sh/docs/latest/reference/scaledjob-spec/
    of("keda.sh", "ScaledJob", &["spec.jobTargetRef.template"]),
    // https://agones.dev/site/docs/reference/gameserver/ and …/fleet/
    of("agones.dev", "GameServer", &["spec.template"]),
    of("agones.dev", "GameServerSet", &["spec.template.spec.template"]),
    of("agones.dev", "Fleet", &["spec.template.spec.template"]),
    // https://argoproj.github.io/argo-rollouts/features/specification/ and …/features/analysis/
    of("argoproj.io", "Rollout", &["spec.template"]),
    of("argoproj.io", "AnalysisTemplate", &["spec.metrics[].provider.job.spec.template"]),
    of("argoproj.io", "ClusterAnalysisTemplate", &["spec.metrics[].provider.job.spec.template"]),
    // https://openkruise.io/docs/user-manuals/ (its StatefulSet and DaemonSet are as the built-in ones)
    of("apps.kruise.io", "CloneSet", &["spec.template"]),
    of("apps.kruise.io", "BroadcastJob", &["spec.template"]),
    of(
        "apps.kruise.io",
        "AdvancedCronJob",
        &["spec.template.jobTemplate.spec.template", "spec.template.broadcastJobTemplate.spec.template"],
    ),
    of(
        "apps.kruise.io",
        "UnitedDeployment",
        &[
            "spec.template.statefulSetTemplate.spec.template",
            "spec.template.advancedStatefulSetTemplate.spec.template",
            "spec.template.cloneSetTemplate.spec.template",
            "spec.template.deploymentTemplate.spec.template",
        ],
    ),
    // https://www.kubeflow.org/docs/components/trainer/legacy-v1/user-guides/
    of("kubeflow.org", "PyTorchJob", &["spec.pytorchReplicaSpecs{}.template"]),
    of("kubeflow.org", "TFJob", &["spec.tfReplicaSpecs{}.template"]),
    of("kubeflow.org", "XGBoostJob", &["spec.xgbReplicaSpecs{}.template"]),
    of("kubeflow.org", "PaddleJob", &["spec.paddleReplicaSpecs{}.template"]),
    of("kubeflow.org", "MPIJob", &["spec.mpiReplicaSpecs{}.template"]),
    of("kubeflow.org", "Notebook", &["spec.template"]),
    // https://docs.ray.io/en/latest/cluster/kubernetes/references.html
    of("ray.io", "RayCluster", &["spec.headGroupSpec.template", "spec.workerGroupSpecs[].template"]),
    of(
        "ray.io",
        "RayJob",
        &["spec.rayClusterSpec.headGroupSpec.template", "spec.rayClusterSpec.workerGroupSpecs[].template"],
    ),
    of(
        "ray.io",
        "RayService",
        &["spec.rayClusterConfig.headGroupSpec.template", "spec.rayClusterConfig.workerGroupSpecs[].template"],
    ),
    // https://jobset.sigs.k8s.io/docs/reference/jobset.v1alpha2/
    of("jobset.x-k8s.io", "JobSet", &["spec.replicatedJobs[].template.spec.template"]),
    // https://lws.sigs.k8s.io/docs/reference/leaderworkerset.v1/
    of(
        "leaderworkerset.x-k8s.io",
        "LeaderWorkerSet",
        &["spec.leaderWorkerTemplate.leaderTemplate", "spec.leaderWorkerTemplate.workerTemplate"],
    ),
    // https://docs.github.com/actions/hosting-your-own-runners (AutoscalingRunnerSet's CRD)
    of("actions.github.com", "AutoscalingRunnerSet", &["spec.template"]),
    // https://docs.openshift.com/container-platform/latest/rest_api/workloads_apis/deploymentconfig-apps-openshift-io-v1.html
    any("DeploymentConfig", &["spec.template"]),
    // https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/
    any("Pod", &[""]),
    any("PodTemplate", &["template"]),
    any("Deployment", &["spec.template"]),
    any("StatefulSet", &["spec.template"]),
    any("DaemonSet", &["spec.template"]),
    any("ReplicaSet", &["spec.template"]),
    any("ReplicationController", &["spec.template"]),
    any("Job", &["spec.template"]),
    any("CronJob", &["spec.jobTemplate.spec.template"]),
    // What CronJob was called in batch/v2alpha1, up to Kubernetes 1.4.
    any("ScheduledJob", &["spec.jobTemplate.spec.template"]),
];

/// The pods and pod templates of an object.
pub(super) fn pods(kind: &str, group: &str, object: Node<'_>, reader: &Reader) -> Vec<Pod> {
    if group == "argoproj.io"
        && let Some(workflow) = argo::workflow(kind)
    {
        return argo::pods(&workflow, object, &Title::of(object, kind), reader);
    }
    let row = KINDS.iter().find(|row| row.name == kind && row.group.is_none_or(|own| own == group));
    let Some(row) = row else { return Vec::new() };
    let title = Title::of(object, kind);
    let mut pods = Vec::new();
    for path in row.paths {
        for template in templates(object, path, reader) {
            let title = title.member_or_self(template.member.as_deref());
            pods.extend(Pod::read(title, template.node, reader));
        }
    }
    pods
}

struct Template<'t> {
    node: Node<'t>,
    /// Its name among several of its object.
    member: Option<String>,
}

/// What stands at `path`.
fn templates<'t>(object: Node<'t>, path: &str, reader: &Reader) -> Vec<Template<'t>> {
    let mut found = vec![Template { node: object, member: None }];
    for segment in path.split('.').filter(|segment| !segment.is_empty()) {
        let key = segment.trim_end_matches(['[', ']', '{', '}']);
        let below =
            found.into_iter().filter_map(|it| Some(Template { node: field::field(it.node, key)?, member: it.member }));
        found = if segment.ends_with(']') {
            below.flat_map(|it| reader.items(it.node).map(member_of_sequence).collect::<Vec<_>>()).collect()
        } else if segment.ends_with('}') {
            below
                .flat_map(|it| {
                    reader
                        .entries(it.node)
                        .map(|(key, node)| Template { node, member: key.text().map(str::to_owned) })
                        .collect::<Vec<_>>()
                })
                .collect()
        } else {
            below.collect()
        };
    }
    found
}

fn member_of_sequence(node: Node<'_>) -> Template<'_> {
    let name = ["name", "groupName"].iter().find_map(|key| field::field(node, key)).and_then(Node::text);
    Template { node, member: name.map(str::to_owned) }
}
