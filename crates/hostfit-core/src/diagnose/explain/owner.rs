//! Which workload of the files an object is of.

use super::{Subject, Tree};
use crate::{
    diagnose::{Incident, Object},
    fleet::Orchestrator,
    model::Workload,
    text::Text,
    windows::{image, release::Releases},
};

/// The workloads that may be meant.
pub(super) enum Owners<'t> {
    None,
    One(Subject<'t>),
    Several(Vec<Subject<'t>>),
}

/// Looks for it by name, and without a name by its image.
pub(super) fn of<'t>(incident: &Incident, tree: Tree<'t>) -> Owners<'t> {
    let object = &incident.object;
    let workloads = || tree.workloads();
    let orchestrated = |workload: &Workload| match (object.orchestrator, workload.orchestrator) {
        // A Compose file is a stack where it is deployed as one.
        (Some(Orchestrator::Swarm), own) => own != Orchestrator::Kubernetes,
        (Some(own), other) => own == other,
        (None, _) => true,
    };
    let is_named = object.pod.is_some() || object.owner.is_some() || object.service.is_some();
    let mut found: Vec<_> = workloads()
        .filter(|it| orchestrated(it) && is_named && is_called(it, object))
        .map(|workload| Subject { workload, container: container_of(workload, object, tree) })
        .collect();
    if found.is_empty() && !is_named {
        found = by_image(workloads().filter(|it| orchestrated(it)), object, tree);
    }
    if found.len() > 1 {
        // Several of one name: the image may distinguish them.
        let fitting: Vec<_> = found.iter().copied().filter(|it| runs(tree, *it, object)).collect();
        if fitting.len() == 1 {
            found = fitting;
        }
    }
    match found.as_slice() {
        [] => Owners::None,
        [one] => Owners::One(*one),
        _ => Owners::Several(found),
    }
}

fn by_image<'t>(workloads: impl Iterator<Item = &'t Workload>, object: &Object, tree: Tree) -> Vec<Subject<'t>> {
    let Some(image) = object.image.as_deref() else { return Vec::new() };
    let mut found = Vec::new();
    for workload in workloads {
        for (place, container) in workload.containers.iter().enumerate() {
            let named = container.image.and_then(|it| tree.project().image(it));
            let base = container.image.and_then(|it| tree.project().deciding_image(it));
            let known = [named, base].into_iter().flatten().filter_map(|it| it.text.known());
            if known.into_iter().any(|it| same_image(it, image)) {
                found.push(Subject { workload, container: Some(place) });
            }
        }
    }
    found
}

fn runs(tree: Tree, subject: Subject, object: &Object) -> bool {
    let container = subject.container.and_then(|place| subject.workload.containers.get(place));
    let image = container.and_then(|it| it.image).and_then(|it| tree.project().image(it));
    let named = image.and_then(|it| it.text.known());
    named.zip(object.image.as_deref()).is_some_and(|(one, other)| same_image(one, other))
}

/// Which container: the one of that name, or of that image, or the only one.
fn container_of(workload: &Workload, object: &Object, tree: Tree) -> Option<usize> {
    let containers = &workload.containers;
    if let Some(name) = &object.container
        && let Some(place) = containers.iter().position(|it| it.name == *name)
    {
        return Some(place);
    }
    let image = |place: usize| containers.get(place)?.image.and_then(|it| tree.project().image(it))?.text.known();
    let image_is = |place: &usize| object.image.as_deref().zip(image(*place)).is_some_and(|(a, b)| same_image(a, b));
    (0..containers.len()).find(image_is).or((containers.len() == 1).then_some(0))
}

/// Whether the object was made of this workload, by the names that controllers give.
fn is_called(workload: &Workload, object: &Object) -> bool {
    if let Some(service) = workload.name.strip_prefix("service ") {
        let is =
            |name: &String| name == service || name.strip_suffix(service).is_some_and(|stack| stack.ends_with('_'));
        return object.service.as_ref().is_some_and(is);
    }
    let Some((kind, name)) = workload.name.split_once('/') else { return false };
    // One of several templates of an object.
    let name = name.split(" (").next().unwrap_or(name);
    match (&object.owner, &object.pod) {
        (Some((owner, made)), _) => is_made(kind, name, owner, made),
        (None, Some(pod)) => is_pod(kind, name, pod),
        (None, None) => false,
    }
}

/// Whether an object of `kind` made `made`, a ReplicaSet or the like, or is it.
fn is_made(kind: &str, name: &str, owner: &str, made: &str) -> bool {
    if kind == owner {
        return name == made;
    }
    let makes = match kind {
        "Deployment" | "Rollout" => owner == "ReplicaSet",
        "DeploymentConfig" => owner == "ReplicationController",
        "CronJob" | "ScheduledJob" | "ScaledJob" | "AdvancedCronJob" => owner == "Job" || owner == "BroadcastJob",
        // `kubectl run` and Helm make nothing; operators own what they like.
        "Pod" => false,
        _ => !matches!(owner, "ReplicaSet" | "Job" | "StatefulSet" | "DaemonSet" | "ReplicationController" | "Node"),
    };
    makes && suffixes(name, made).is_some_and(|it| it.len() == 1)
}

/// Whether a pod of an object of `kind` is called so.
fn is_pod(kind: &str, name: &str, pod: &str) -> bool {
    if kind == "Pod" {
        return name == pod
            || name.strip_suffix('*').is_some_and(|prefix| !prefix.is_empty() && pod.starts_with(prefix));
    }
    let Some(suffixes) = suffixes(name, pod) else { return false };
    let random = |it: &str| it.len() == 5 && it.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let number = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    let hash = |it: &str| {
        (1..=10).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    match (kind, suffixes.as_slice()) {
        ("Deployment" | "Rollout", [made, last]) => hash(made) && random(last),
        ("CronJob" | "ScheduledJob" | "DeploymentConfig", [made, last]) => number(made) && random(last),
        ("StatefulSet", [last]) => number(last),
        // An indexed Job.
        ("Job", [index, last]) => number(index) && random(last),
        ("Job" | "DaemonSet" | "ReplicaSet" | "ReplicationController", [last]) => random(last),
        _ => false,
    }
}

/// What `made` has behind `name`, without hyphens.
fn suffixes<'n>(name: &str, made: &'n str) -> Option<Vec<&'n str>> {
    let rest = made.strip_prefix(name)?.strip_prefix('-')?;
    Some(rest.split('-').collect())
}

/// Whether two references name one image. One may lack its registry, its tag where that is `latest`, or its digest.
pub(super) fn same_image(one: &str, other: &str) -> bool {
    let (one, other) = (parts(one), parts(other));
    let named = one.name == other.name || is_tail(&one.name, &other.name) || is_tail(&other.name, &one.name);
    let by_digest = one.digest.is_some() && one.digest == other.digest;
    // What is pinned by its digest alone has no tag.
    let lacks_tag = one.tag.is_none() && one.digest.is_some() || other.tag.is_none() && other.digest.is_some();
    named && (by_digest || lacks_tag || tag(&one) == tag(&other))
}

struct Parts {
    name: String,
    tag: Option<String>,
    digest: Option<String>,
}

fn tag(parts: &Parts) -> &str {
    parts.tag.as_deref().unwrap_or("latest")
}

fn is_tail(tail: &str, whole: &str) -> bool {
    whole.strip_suffix(tail).is_some_and(|before| before.ends_with('/') && before.matches('/').count() == 1)
}

fn parts(reference: &str) -> Parts {
    let reference = reference.trim_start_matches("docker-pullable://");
    let text = Text::literal(reference, crate::source::Span::NOWHERE);
    let found = image::identify(&text, &[], &Releases::default()).reference;
    let part = |range: &std::ops::Range<usize>| reference.get(range.clone()).unwrap_or_default().to_owned();
    let registry = found.registry.as_ref().map(part).filter(|it| it != "docker.io" && it != "index.docker.io");
    let repository = part(&found.repository);
    let repository = repository.strip_prefix("library/").map_or(repository.clone(), str::to_owned);
    let name = registry.map_or(repository.clone(), |registry| format!("{registry}/{repository}"));
    Parts { name, tag: found.tag.as_ref().map(part), digest: found.digest.as_ref().map(part) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names are those of real listings: kubernetes' `GenerateName`, ReplicaSet hashes, StatefulSet ordinals and
    /// CronJob times.
    #[test]
    fn pods_are_known_by_the_names_their_controllers_give() {
        let table = [
            ("Deployment", "fabrikamfiber.web", "fabrikamfiber.web-789699744-rqv6p", true),
            ("Deployment", "web", "web-admin-6d4cf56db6-abcde", false),
            ("Deployment", "web-admin", "web-admin-6d4cf56db6-abcde", true),
            ("Deployment", "web", "web-6d4cf56db6-abcdef", false),
            ("StatefulSet", "db", "db-0", true),
            ("StatefulSet", "db", "db-x2x4z", false),
            ("DaemonSet", "kube-flannel-ds-windows-amd64", "kube-flannel-ds-windows-amd64-9tffg", true),
            ("DaemonSet", "kube-flannel-ds", "kube-flannel-ds-windows-amd64-9tffg", false),
            ("Job", "ngf-nginx-gateway-fabric-cert-generator", "ngf-nginx-gateway-fabric-cert-generator-gwg9d", true),
            ("CronJob", "backup", "backup-28391040-4ktqz", true),
            ("CronJob", "backup", "backup-nightly-4ktqz", false),
            ("Pod", "web", "web", true),
            ("Pod", "web", "web-1", false),
            ("Pod", "web-*", "web-1", true),
        ];
        for (kind, name, pod, expected) in table {
            assert_eq!(is_pod(kind, name, pod), expected, "{kind}/{name}: {pod}");
        }
        let table = [
            ("Deployment", "web", "ReplicaSet", "web-789699744", true),
            ("Deployment", "web", "ReplicaSet", "web-admin-789699744", false),
            ("Deployment", "web", "StatefulSet", "web-0", false),
            ("ReplicaSet", "web", "ReplicaSet", "web", true),
            ("CronJob", "backup", "Job", "backup-28391040", true),
            ("DaemonSet", "agent", "DaemonSet", "agent", true),
            ("DeploymentConfig", "web", "ReplicationController", "web-3", true),
        ];
        for (kind, name, owner, made, expected) in table {
            assert_eq!(is_made(kind, name, owner, made), expected, "{kind}/{name}: {owner}/{made}");
        }
    }

    #[test]
    fn one_image_has_several_spellings() {
        let table = [
            ("acme/web:1", "acme/web:1@sha256:0f", true),
            ("acme/web", "acme/web:latest", true),
            ("docker.io/acme/web:1", "acme/web:1", true),
            ("golang:1.27", "docker.io/library/golang:1.27", true),
            ("mcr.microsoft.com/windows/nanoserver:ltsc2022", "windows/nanoserver:ltsc2022", true),
            ("acme/web@sha256:0f", "acme/web:1@sha256:0f", true),
            ("acme/web:1", "acme/web:2", false),
            ("acme/web:1", "acme/db:1", false),
            ("registry.contoso.com/team/web:1", "web:1", false),
        ];
        for (one, other, expected) in table {
            assert_eq!(same_image(one, other), expected, "{one} {other}");
            assert_eq!(same_image(other, one), expected, "{other} {one}");
        }
    }
}
