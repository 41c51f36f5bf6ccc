//! Which lists of built-in kinds a strategic merge patch merges, and by which keys: the schema that kustomize 5.8 has
//! built in, as far as lists are merged. Every other list is replaced.

/// A part of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    Object(&'static str),
    /// A list that is merged: its keys, none for a list of scalars, and what its items are.
    List(&'static [&'static str], &'static str),
}

impl Schema {
    /// The schema of a kind, if it is built in.
    pub(super) fn of(api_version: &str, kind: &str) -> Option<Self> {
        let row = KINDS.iter().find(|(version, kinds, _)| *version == api_version && kinds.contains(&kind));
        row.map(|(_, _, name)| Self::Object(name))
    }

    pub(super) fn field(self, field: &str) -> Option<Self> {
        let Self::Object(name) = self else { return None };
        let found = FIELDS.iter().find(|(of, at, _)| *of == name && *at == field);
        found.map(|(_, _, schema)| *schema)
    }

    /// The schema of the items of a list.
    pub(super) fn items(self) -> Option<Self> {
        match self {
            Self::List(_, name) => Some(Self::Object(name)),
            Self::Object(_) => None,
        }
    }
}

const KINDS: &[(&str, &[&str], &str)] = &[
    ("apps/v1", &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"], "Workload"),
    ("batch/v1", &["Job"], "Workload"),
    ("batch/v1", &["CronJob"], "CronJob"),
    ("batch/v1beta1", &["CronJob"], "CronJob"),
    ("v1", &["ReplicationController"], "Workload"),
    ("v1", &["Pod"], "PodTemplate"),
    ("v1", &["PodTemplate"], "WorkloadSpec"),
    ("v1", &["Service"], "Service"),
    ("v1", &["ServiceAccount"], "ServiceAccount"),
    ("v1", &["Node"], "Node"),
    ("admissionregistration.k8s.io/v1", WEBHOOKS, "Webhooks"),
    ("admissionregistration.k8s.io/v1beta1", WEBHOOKS, "Webhooks"),
    ("v1", &["ConfigMap", "Endpoints", "LimitRange", "Namespace", "PersistentVolume"], "Other"),
    ("v1", &["PersistentVolumeClaim", "ResourceQuota", "Secret"], "Other"),
    ("rbac.authorization.k8s.io/v1", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"], "Other"),
    ("policy/v1", &["PodDisruptionBudget"], "Other"),
    ("policy/v1beta1", &["PodDisruptionBudget", "PodSecurityPolicy"], "Other"),
    ("networking.k8s.io/v1", &["Ingress", "IngressClass", "NetworkPolicy"], "Other"),
    ("storage.k8s.io/v1", &["CSIDriver", "StorageClass"], "Other"),
    ("apiextensions.k8s.io/v1", &["CustomResourceDefinition"], "Other"),
    ("apiregistration.k8s.io/v1", &["APIService"], "Other"),
    ("node.k8s.io/v1", &["RuntimeClass"], "Other"),
    ("scheduling.k8s.io/v1", &["PriorityClass"], "Other"),
];

const WEBHOOKS: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

const FIELDS: &[(&str, &str, Schema)] = &[
    ("Workload", "metadata", Schema::Object("ObjectMeta")),
    ("Workload", "spec", Schema::Object("WorkloadSpec")),
    ("WorkloadSpec", "metadata", Schema::Object("ObjectMeta")),
    ("WorkloadSpec", "template", Schema::Object("PodTemplate")),
    ("CronJob", "metadata", Schema::Object("ObjectMeta")),
    ("CronJob", "spec", Schema::Object("CronJobSpec")),
    ("CronJobSpec", "jobTemplate", Schema::Object("Workload")),
    ("PodTemplate", "metadata", Schema::Object("ObjectMeta")),
    ("PodTemplate", "spec", Schema::Object("PodSpec")),
    ("ObjectMeta", "finalizers", Schema::List(&[], "Scalar")),
    ("ObjectMeta", "ownerReferences", Schema::List(&["uid"], "Plain")),
    ("PodSpec", "containers", Schema::List(&["name"], "Container")),
    ("PodSpec", "initContainers", Schema::List(&["name"], "Container")),
    ("PodSpec", "ephemeralContainers", Schema::List(&["name"], "EphemeralContainer")),
    ("PodSpec", "volumes", Schema::List(&["name"], "Plain")),
    ("PodSpec", "hostAliases", Schema::List(&["ip"], "Plain")),
    ("PodSpec", "imagePullSecrets", Schema::List(&["name"], "Plain")),
    ("PodSpec", "topologySpreadConstraints", Schema::List(&["topologyKey", "whenUnsatisfiable"], "Plain")),
    ("Container", "env", Schema::List(&["name"], "Plain")),
    ("Container", "ports", Schema::List(&["containerPort", "protocol"], "Plain")),
    ("Container", "volumeDevices", Schema::List(&["devicePath"], "Plain")),
    ("Container", "volumeMounts", Schema::List(&["mountPath"], "Plain")),
    ("EphemeralContainer", "env", Schema::List(&["name"], "Plain")),
    ("EphemeralContainer", "volumeDevices", Schema::List(&["devicePath"], "Plain")),
    ("EphemeralContainer", "volumeMounts", Schema::List(&["mountPath"], "Plain")),
    ("Service", "metadata", Schema::Object("ObjectMeta")),
    ("Service", "spec", Schema::Object("ServiceSpec")),
    ("ServiceSpec", "ports", Schema::List(&["port", "protocol"], "Plain")),
    ("ServiceAccount", "metadata", Schema::Object("ObjectMeta")),
    ("ServiceAccount", "secrets", Schema::List(&["name"], "Plain")),
    ("Node", "metadata", Schema::Object("ObjectMeta")),
    ("Node", "spec", Schema::Object("NodeSpec")),
    ("NodeSpec", "podCIDRs", Schema::List(&[], "Scalar")),
    ("Webhooks", "metadata", Schema::Object("ObjectMeta")),
    ("Webhooks", "webhooks", Schema::List(&["name"], "Plain")),
    ("Other", "metadata", Schema::Object("ObjectMeta")),
];
