//! What Docker, the API server and log files print.

use super::{Object, Sink, lines::Lines};
use crate::{
    diagnose::{find, message::Message},
    fleet::Orchestrator,
};

/// Reads the lines from `first` up to `end`.
pub(super) fn read(sink: &mut Sink, lines: &Lines, first: usize, end: usize) {
    if first >= end {
        return;
    }
    let (start, stop) = (lines.get(first).start, lines.get(end - 1).end());
    let span = sink.span(start, stop);
    let message = Message::new(sink.source.slice(span), start);
    for found in find::all_in(&message) {
        let place = message.span(span, found.start, found.end);
        let mut object = object(&message, found.start, found.end);
        object.image = found.image.clone().or_else(|| message.image_near(found.start, found.end));
        sink.add(&found, object, &message, place);
    }
}

/// What the words around an error are about.
fn object(message: &Message, start: usize, end: usize) -> Object {
    let mut object = Object::default();
    let name = |words| message.quoted(words, start, end);
    if let Some(pod) = name("pod ") {
        // `web-5d4f8-x2x4z_default(733a9cfc-…)`
        let (pod, namespace) = pod.split_once('_').unwrap_or((&pod, ""));
        object.pod = Some(pod.to_owned());
        let namespace = namespace.split('(').next().unwrap_or_default();
        object.namespace = Some(namespace.to_owned()).filter(|it| !it.is_empty());
    }
    object.container = name("start container ").filter(|_| object.pod.is_some());
    if object.pod.is_none() {
        object.owner = KINDS.iter().find_map(|(words, kind)| Some(((*kind).to_owned(), name(words)?)));
    }
    if object.pod.is_some() || object.owner.is_some() {
        object.orchestrator = Some(Orchestrator::Kubernetes);
    } else {
        object.service = message
            .word_after(&["failed to create service ", "failed to update service "], start)
            .or_else(|| message.word_before(" additional property", start));
    }
    object
}

/// `The Deployment "web" is invalid`, `Deployment.apps "web" is invalid`.
const KINDS: &[(&str, &str)] = &[
    ("deployment ", "Deployment"),
    ("deployment.apps ", "Deployment"),
    ("statefulset ", "StatefulSet"),
    ("statefulset.apps ", "StatefulSet"),
    ("daemonset ", "DaemonSet"),
    ("daemonset.apps ", "DaemonSet"),
    ("replicaset ", "ReplicaSet"),
    ("replicaset.apps ", "ReplicaSet"),
    ("cronjob ", "CronJob"),
    ("cronjob.batch ", "CronJob"),
    ("job ", "Job"),
    ("job.batch ", "Job"),
];
