//! Objects of the Kubernetes API, as JSON or YAML: events, pods and nodes, single or in lists.

use super::{Object, Sink};
use crate::{
    fleet::Orchestrator,
    source::Span,
    syntax::yaml::{Node, Tree},
};

/// Whether the text is one of objects.
pub(super) fn looks_like(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let head = text.lines().take(20);
    let mut keys = head.filter(|line| line.starts_with("apiVersion:") || line.starts_with("kind:"));
    text.starts_with('{') || text.starts_with("[{") || keys.next().is_some()
}

pub(super) fn read(sink: &mut Sink) {
    let tree = Tree::parse(sink.source);
    for document in tree.documents() {
        object(sink, document, 0);
    }
    let is_whole = tree.errors.is_empty();
    // Of a text that was cut off, or is something else, the words count.
    if !is_whole || sink.reading.incidents.is_empty() && sink.reading.nodes.is_empty() {
        let mut words = Sink { source: sink.source, releases: sink.releases, reading: super::Reading::default() };
        let lines = super::Lines::new(&sink.source.text);
        super::plain::read(&mut words, &lines, 0, lines.len());
        for incident in words.reading.incidents {
            let is_known = sink.reading.incidents.iter().any(|it| it.error == incident.error);
            if !is_known {
                sink.push(incident);
            }
        }
    }
}

/// Deepest list that is read; the API has no lists in lists.
const DEEPEST: usize = 3;

fn object(sink: &mut Sink, node: Node, depth: usize) {
    let list = if node.is_sequence() { Some(node) } else { node.get("items").filter(|it| it.is_sequence()) };
    if let Some(list) = list {
        if depth < DEEPEST {
            list.items().for_each(|item| object(sink, item, depth + 1));
        }
        return;
    }
    let has = |path: &[&str]| node.at(path).is_some();
    if has(&["involvedObject"]) || has(&["regarding"]) {
        event(sink, node);
    } else if has(&["status", "nodeInfo"]) {
        let name = text(node, &["metadata", "name"]).unwrap_or_default();
        for key in ["kernelVersion", "osImage"] {
            if let Some(version) = text(node, &["status", "nodeInfo", key]) {
                sink.node(&name, &version);
            }
        }
    } else if has(&["spec", "containers"]) {
        pod(sink, node);
    }
}

fn event(sink: &mut Sink, event: Node) {
    let about = if event.get("involvedObject").is_some() { "involvedObject" } else { "regarding" };
    let mut object = Object {
        orchestrator: Some(Orchestrator::Kubernetes),
        namespace: text(event, &[about, "namespace"]),
        node: text(event, &["source", "host"]).or_else(|| text(event, &["deprecatedSource", "host"])),
        ..Object::default()
    };
    if object.node.is_none() && text(event, &["reportingComponent"]).as_deref() == Some("kubelet") {
        object.node = text(event, &["reportingInstance"]).filter(|it| !it.is_empty());
    }
    let (kind, name) = (text(event, &[about, "kind"]), text(event, &[about, "name"]));
    if let (Some(kind), Some(name)) = (kind, name) {
        set_subject(&mut object, &kind, &name);
    }
    let field = text(event, &[about, "fieldPath"]);
    object.container = field.and_then(|it| Some(it.split_once('{')?.1.strip_suffix('}')?.to_owned()));
    for key in ["message", "note", "reason"] {
        collect_message(sink, &object, event.get(key));
    }
}

/// The object that an event is about, as it is called there.
pub(super) fn set_subject(object: &mut Object, kind: &str, name: &str) {
    let kinds = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "CronJob", "Job"];
    if kind.eq_ignore_ascii_case("pod") {
        object.pod = Some(name.to_owned());
    } else {
        let kind = kinds.iter().find(|it| it.eq_ignore_ascii_case(kind)).map_or(kind, |it| it);
        object.owner = Some((kind.to_owned(), name.to_owned()));
    }
}

fn pod(sink: &mut Sink, pod: Node) {
    let owner = pod.at(&["metadata", "ownerReferences"]).and_then(|it| it.items().next());
    let object = Object {
        orchestrator: Some(Orchestrator::Kubernetes),
        namespace: text(pod, &["metadata", "namespace"]),
        pod: text(pod, &["metadata", "name"]),
        owner: owner.and_then(|it| Some((text(it, &["kind"])?, text(it, &["name"])?))),
        node: text(pod, &["spec", "nodeName"]),
        ..Object::default()
    };
    for key in ["message", "reason"] {
        collect_message(sink, &object, pod.at(&["status", key]));
    }
    for condition in pod.at(&["status", "conditions"]).into_iter().flat_map(Node::items) {
        collect_message(sink, &object, condition.get("message"));
    }
    for list in ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"] {
        for status in pod.at(&["status", list]).into_iter().flat_map(Node::items) {
            let name = text(status, &["name"]);
            let specified = pod.get("spec").into_iter().flat_map(Node::entries).flat_map(|(_, list)| list.items());
            let mut specified = specified.filter(|it| name.is_some() && text(*it, &["name"]) == name);
            let image = specified.find_map(|it| text(it, &["image"])).or_else(|| text(status, &["image"]));
            let own = Object { container: name, image, ..object.clone() };
            for state in ["state", "lastState"] {
                for phase in ["waiting", "terminated"] {
                    for key in ["message", "exitCode"] {
                        collect_message(sink, &own, status.at(&[state, phase, key]));
                    }
                }
            }
        }
    }
}

fn collect_message(sink: &mut Sink, object: &Object, node: Option<Node>) {
    let Some((text, span)) = node.and_then(|it| Some((it.text()?, it.span()))) else { return };
    if sink.source.slice(span) == text {
        sink.message(object, span);
    } else {
        sink.decoded(object, text, Span { ..span });
    }
}

fn text(node: Node, path: &[&str]) -> Option<String> {
    node.at(path).and_then(Node::text).map(str::to_owned)
}
