//! What becomes of a document in which whole lines are not known.

use std::ops::Range;

use hostfit_render::{Data, HoleId, Node, Text, yaml};
use memchr::memmem;

/// Fields that no rule reads, with all that is below them.
pub(super) const UNREAD: &[&str] = &[
    "args",
    "data",
    "dnsConfig",
    "env",
    "envFrom",
    "hostAliases",
    "imagePullSecrets",
    "lifecycle",
    "livenessProbe",
    "matchLabels",
    "metadata",
    "ordinals",
    "persistentVolumeClaimRetentionPolicy",
    "ports",
    "readinessProbe",
    "resources",
    "selector",
    "startupProbe",
    "strategy",
    "stringData",
    "topologySpreadConstraints",
    "updateStrategy",
    "volumeClaimTemplates",
    "volumeDevices",
    "volumeMounts",
    "volumes",
];

/// Fields that say where a pod may run.
pub(super) const PLACEMENT: &[&str] = &["nodeSelector", "affinity", "tolerations", "runtimeClassName", "nodeName"];

/// Fields that say how a container runs: rules read them together with an image that is known.
const SETTINGS: &[&str] = &["command", "securityContext"];

/// Kinds of objects without pods.
const WITHOUT_PODS: &[&str] = &[
    "APIService",
    "Certificate",
    "ClusterIssuer",
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "CustomResourceDefinition",
    "ExternalSecret",
    "GRPCRoute",
    "Gateway",
    "HTTPRoute",
    "HorizontalPodAutoscaler",
    "Ingress",
    "IngressClass",
    "Issuer",
    "Lease",
    "LimitRange",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "PodMonitor",
    "PodSecurityPolicy",
    "PriorityClass",
    "PrometheusRule",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Route",
    "SealedSecret",
    "Secret",
    "SecretProviderClass",
    "SecurityContextConstraints",
    "Service",
    "ServiceAccount",
    "ServiceMonitor",
    "StorageClass",
    "ValidatingWebhookConfiguration",
    "VerticalPodAutoscaler",
    "VirtualService",
];

/// The group whose `Service` has pods, which that of the core has not.
const KNATIVE: &str = "serving.knative.dev";

/// Whether an object is of a kind without pods.
pub(super) fn is_without_pods(object: &Node) -> bool {
    let text = |key: &str| object.get(key).and_then(Node::str).unwrap_or_default();
    WITHOUT_PODS.contains(&text("kind")) && !text("apiVersion").starts_with(KNATIVE)
}

/// Whether all objects that a template may write are of kinds without pods, as far as their kinds are written in it.
fn writes_no_pods(template: &str) -> bool {
    let kinds = || {
        let kind = |line: &str| {
            let rest = line.trim_start();
            Some((line.len() - rest.len(), rest.strip_prefix("kind:")?.trim().trim_matches(['"', '\'']).to_owned()))
        };
        template.lines().filter_map(kind)
    };
    // Those that are deeper are of what an object refers to.
    let Some(outermost) = kinds().map(|(indent, _)| indent).min() else { return false };
    !template.contains(KNATIVE)
        && kinds().filter(|(indent, _)| *indent == outermost).all(|(_, kind)| WITHOUT_PODS.contains(&kind.as_str()))
}

/// Whether a text may hold a pod, a RuntimeClass or a Node. The schema of a custom resource names all that pods have, and has
/// none.
pub(super) fn has_something(text: &str) -> bool {
    let holds = |text: &str, word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let may_have = |text: &str| {
        holds(text, "image") && (holds(text, "image:") || holds(text, "image\""))
            || holds(text, "RuntimeClass")
            || holds(text, "kind: Node")
    };
    let is_of_others = |document: &str| may_have(document) && !is_definition(document);
    may_have(text) && (!holds(text, DEFINITION) || text.split("\n---").any(is_of_others))
}

/// The kind of what defines a custom resource.
const DEFINITION: &str = "CustomResourceDefinition";

/// Whether a document is a block mapping of this kind, and nothing else can be.
fn is_definition(document: &str) -> bool {
    let mut kinds = document.lines().filter_map(|line| line.strip_prefix("kind:"));
    let is_it = kinds.next().is_some_and(|kind| kind.trim().trim_matches(['"', '\'']) == DEFINITION);
    is_it && kinds.next().is_none()
}

/// What the missing lines of a text mean.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// The documents that are not judged.
    pub(super) left_out: Vec<Range<u32>>,
    /// Why, and where in the text.
    pub(super) skipped: Vec<(HoleId, u32)>,
    /// Where what a placement says is not known.
    pub(super) unknown_placements: Vec<u32>,
    /// Where it is not known how the containers of a pod run of which no image is known.
    pub(super) unknown_settings: Vec<u32>,
}

impl Gaps {
    /// `template` is the text of the template that wrote it, `is_alone` whether it lies in no chart.
    pub(super) fn of(text: &Text, is_alone: bool, template: impl FnOnce() -> Option<String>) -> Self {
        let mut gaps = Self::default();
        if text.hole().is_none() || template().is_some_and(|template| writes_no_pods(&template)) {
            return gaps;
        }
        let all: Vec<_> = text.gaps().collect();
        let documents = yaml::read(text);
        for document in parts(text.as_str()) {
            let is_here = |at: usize| document.start <= at && (at < document.end || at == text.len());
            let here = || all.iter().filter(|(at, _)| is_here(*at)).map(|(_, hole)| *hole);
            let root = documents.roots.iter().find(|root| is_here(root.range.start));
            let kind = root.and_then(|root| root.get("kind"));
            if root.is_some_and(is_without_pods) {
                continue;
            }
            let reason = match root {
                Some(root) => {
                    let mut seen = Seen { gaps: here().collect(), unknown: None, placement: None, settings: None };
                    seen.look(root, Part::Read);
                    if let Some(at) = seen.placement {
                        gaps.unknown_placements.push(small(at.max(document.start)));
                    }
                    let settings = seen.settings.filter(|_| !is_alone || states_image(root)).map(|(hole, _)| hole);
                    if let (None, Some((_, at))) = (settings, seen.settings) {
                        gaps.unknown_settings.push(small(at.max(document.start)));
                    }
                    // Of a kind that is not known nothing else is.
                    kind.and_then(Node::hole).or(seen.unknown).or(settings).or_else(|| seen.gaps.first().copied())
                }
                None => here().next(),
            };
            if let Some(hole) = reason {
                gaps.left_out.push(small(document.start)..small(document.end));
                let at = all.iter().find(|(at, it)| *it == hole && is_here(*at)).map(|(at, _)| *at);
                gaps.skipped.push((hole, small(at.unwrap_or(document.start))));
            }
        }
        gaps
    }
}

/// The bytes of each document of a text.
pub(super) fn parts(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && (line.trim_end() == "---" || line.starts_with("--- ")) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends: Vec<_> = starts.iter().skip(1).copied().chain([text.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| start..end).collect()
}

/// Whether an image in it is known, with which others have to agree.
fn states_image(node: &Node) -> bool {
    let is_known =
        |key: &Text, value: &Node| key.as_str() == "image" && value.str().is_some() && value.hole().is_none();
    node.items().iter().any(states_image)
        || node.entries().iter().any(|entry| is_known(&entry.key, &entry.value) || states_image(&entry.value))
}

/// What the part of a document means in which something is missing.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Read,
    Settings,
    Placement,
    Unread,
}

struct Seen {
    /// The gaps of the document that were not met yet.
    gaps: Vec<HoleId>,
    unknown: Option<HoleId>,
    placement: Option<usize>,
    settings: Option<(HoleId, usize)>,
}

impl Seen {
    fn look(&mut self, node: &Node, part: Part) {
        for hole in &node.gaps {
            self.note(*hole, node, part);
        }
        match &node.data {
            Data::Hole(hole) if self.gaps.contains(hole) => self.note(*hole, node, part),
            Data::Map(entries) => {
                for entry in entries {
                    let key = entry.key.as_str();
                    let part = match part {
                        Part::Read if UNREAD.contains(&key) => Part::Unread,
                        Part::Read if PLACEMENT.contains(&key) => Part::Placement,
                        Part::Read if SETTINGS.contains(&key) => Part::Settings,
                        part => part,
                    };
                    self.look(&entry.value, part);
                }
            }
            Data::List(items) => items.iter().for_each(|item| self.look(item, part)),
            _ => {}
        }
    }

    fn note(&mut self, hole: HoleId, node: &Node, part: Part) {
        self.gaps.retain(|it| *it != hole);
        match part {
            Part::Read => _ = self.unknown.get_or_insert(hole),
            Part::Settings => _ = self.settings.get_or_insert((hole, node.range.start)),
            Part::Placement => _ = self.placement.get_or_insert(node.range.start),
            Part::Unread => {}
        }
    }
}

pub(super) fn small(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_defines_a_resource_has_nothing_however_much_of_a_pod_it_names() {
        let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  image: {}\n";
        let pod = "kind: Pod\nspec:\n  containers:\n  - image: a\n";
        assert!(!has_something(definition));
        assert!(!has_something(&format!("---\n{definition}---\n{definition}")));
        assert!(!has_something(&format!("{definition}--- # service\nkind: Service\n")));
        for text in [
            pod.to_owned(),
            format!("{definition}---\n{pod}"),
            format!("{pod}--- # the other one\n{definition}"),
            // Neither of these is a document whose kind is certain.
            format!("{definition}{pod}"),
            format!("kind: List\nitems:\n- {}", definition.replace('\n', "\n  ")),
            r#"{"kind": "CustomResourceDefinition", "spec": {"image": 1}}"#.to_owned(),
        ] {
            assert!(has_something(&text), "{text}");
        }
    }
}
