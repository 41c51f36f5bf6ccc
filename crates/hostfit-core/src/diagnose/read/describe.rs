//! What `kubectl describe pod` and `kubectl describe node` print.

use super::{
    Object, Sink,
    lines::{Line, Lines, columns, parts},
};
use crate::fleet::Orchestrator;

/// Where the description that begins at this line ends, if one does.
pub(super) fn length(lines: &Lines, at: usize) -> Option<usize> {
    // People paste the events alone too.
    let is_alone = lines.get(at).text.trim() == "Events:" && is_header(lines.get(at + 1));
    let is_described = || is_name(lines.get(at)) && (at + 1..at + 40).any(|it| marks(lines.get(it)));
    if !is_alone && !is_described() {
        return None;
    }
    let is_other = |it: &usize| {
        let line = lines.get(*it);
        is_name(line) || is_alone && line.text.is_empty() || line.is_prompt() || super::table::of(line).is_some()
    };
    Some((at + 1..lines.len()).find(is_other).unwrap_or(lines.len()))
}

fn is_name(line: Line) -> bool {
    line.text.starts_with("Name:") && line.entry().is_some_and(|(_, name)| !name.is_empty())
}

/// What stands in descriptions of pods and nodes soon after the name.
fn marks(line: Line) -> bool {
    ["Namespace:", "Roles:", "Role:", "Containers:"].iter().any(|it| line.text.starts_with(it))
}

/// Which part of a description a line is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Head,
    Containers,
    Events,
    Other,
}

pub(super) fn read(sink: &mut Sink, lines: &Lines, first: usize, end: usize) {
    let name = lines.get(first).entry().map_or("", |(_, name)| name);
    let mut pod = Object {
        orchestrator: Some(Orchestrator::Kubernetes),
        pod: Some(name.to_owned()).filter(|it| !it.is_empty()),
        ..Object::default()
    };
    let mut part = if name.is_empty() { Part::Events } else { Part::Head };
    let mut images: Vec<(String, String)> = Vec::new();
    let mut container = pod.clone();
    let mut at = first + 1;
    let mut header = Vec::new();
    // Lines that say nothing of the pod may say what happened, as people write between them.
    let mut loose = at;
    while at < end {
        let line = lines.get(at);
        let entry = line.entry();
        let here = at;
        let mut is_taken = true;
        if line.indent() == 0 && !line.text.is_empty() {
            part = match entry {
                Some(("Containers" | "Init Containers" | "Ephemeral Containers", "")) => Part::Containers,
                Some(("Events", _)) => Part::Events,
                Some((_, _)) => Part::Other,
                None => part,
            };
        }
        let next = at + 1;
        at = match (part, entry) {
            (Part::Containers, Some((name, ""))) if line.indent() == 2 => {
                container = Object { container: Some(name.to_owned()), image: None, ..pod.clone() };
                next
            }
            (Part::Containers, Some(("Image", image))) if line.indent() > 2 => {
                container.image = Some(image.to_owned());
                images.extend(container.container.clone().map(|name| (name, image.to_owned())));
                next
            }
            (Part::Containers, Some(("Message" | "Exit Code" | "Reason", _))) => {
                let last = unfinished(lines, next, end, line.indent());
                let span = sink.span(line.start, lines.get(last - 1).end());
                sink.message(&container, span);
                last
            }
            (Part::Events, _) if is_header(line) => {
                header = columns(line.text);
                next
            }
            (Part::Events, _) if is_event(line) => {
                let last =
                    (next..end).find(|it| is_event(lines.get(*it)) || lines.get(*it).text.is_empty()).unwrap_or(end);
                pod.assign(line.text);
                event(sink, &pod, &images, line, lines.get(last - 1).end(), &header);
                last
            }
            (Part::Other | Part::Head, Some((key, value))) => {
                match key {
                    "Namespace" => pod.namespace = Some(value.to_owned()),
                    "Node" if value != "<none>" => {
                        pod.node = value.split('/').next().filter(|it| !it.is_empty()).map(str::to_owned);
                    }
                    "Controlled By" | "Created By" => {
                        pod.owner = value.split_once('/').map(|(a, b)| (a.to_owned(), b.to_owned()));
                    }
                    "Kernel Version" | "OS Image" => sink.node(name, value),
                    _ => is_taken = false,
                }
                next
            }
            _ => {
                is_taken = false;
                next
            }
        };
        if is_taken {
            collect_message(sink, &pod, lines, loose, here);
            loose = at;
        }
    }
    collect_message(sink, &pod, lines, loose, end);
}

fn collect_message(sink: &mut Sink, pod: &Object, lines: &Lines, first: usize, end: usize) {
    if first < end {
        let span = sink.span(lines.get(first).start, lines.get(end - 1).end());
        sink.message(pod, span);
    }
}

impl Object {
    /// Takes in what the scheduler says: `Successfully assigned shop/web-x2x4z to win2019`.
    fn assign(&mut self, event: &str) {
        let Some((_, rest)) = event.split_once("Successfully assigned ") else { return };
        let Some((pod, node)) = rest.trim_end().split_once(" to ") else { return };
        let (namespace, pod) = pod.split_once('/').map_or((None, pod), |(namespace, pod)| (Some(namespace), pod));
        self.pod.get_or_insert_with(|| pod.to_owned());
        self.namespace = self.namespace.take().or_else(|| namespace.map(str::to_owned));
        self.node.get_or_insert_with(|| node.to_owned());
    }
}

/// The line after a value of several lines, which ends at the next key of the container or above it.
fn unfinished(lines: &Lines, from: usize, end: usize, indent: usize) -> usize {
    let is_next = |at: &usize| {
        let line = lines.get(*at);
        line.entry().is_some_and(|(key, _)| key.len() < 30 && !key.contains(['"', '{', '(', '\\'])) && line.indent() > 0
            || line.text.ends_with(':')
            || line.indent() + 4 < indent && line.text.starts_with(|it: char| it.is_ascii_uppercase())
    };
    (from..end).find(is_next).unwrap_or(end)
}

fn is_header(line: Line) -> bool {
    line.text.contains("Reason") && line.text.trim_end().ends_with("Message")
}

/// `  Warning  Failed  …`, or with ages before it as older ones print it.
fn is_event(line: Line) -> bool {
    line.indent() > 0 && parts(line.text).iter().take(6).any(|it| matches!(*it, "Warning" | "Normal"))
}

fn event(
    sink: &mut Sink,
    pod: &Object,
    images: &[(String, String)],
    line: Line,
    end: usize,
    header: &[super::lines::Column],
) {
    let cells = parts(line.text);
    let mut object = pod.clone();
    // `spec.containers{web}`, where older ones tell it.
    let field = cells.iter().find_map(|it| it.strip_prefix("spec.")?.split_once('{')?.1.strip_suffix('}'));
    object.container = field.map(str::to_owned);
    let image_of = |name: &String| images.iter().find(|(own, _)| own == name).map(|(_, image)| image.clone());
    object.image = object.container.as_ref().and_then(image_of);
    if object.node.is_none() {
        object.node = cells.iter().find_map(|it| it.strip_prefix("kubelet, ")).map(str::to_owned);
    }
    // The message is the last column; its own blanks may be as wide as those between columns.
    let before = header.len().saturating_sub(1);
    let mut start = line.start + line.indent();
    let mut rest = line.text.trim_start();
    for _ in 0..before.min(cells.len().saturating_sub(1)) {
        let Some((cell, after)) = rest.split_once("  ") else { break };
        let after_trimmed = after.trim_start();
        start += cell.len() + 2 + (after.len() - after_trimmed.len());
        rest = after_trimmed;
    }
    // An empty column makes the message seem to begin behind its start.
    let reason = line.text.find("Warning").or_else(|| line.text.find("Normal")).map_or(0, |at| line.start + at);
    let start = if header.is_empty() { reason } else { start.min(end) };
    let start = if start > reason && is_in_message(sink, start, end) { start } else { reason };
    let span = sink.span(start, end);
    let known = sink.reading.incidents.len();
    sink.message(&object, span);
    for incident in sink.reading.incidents.iter_mut().skip(known) {
        if incident.object.container.is_none() && !incident.sandbox {
            let image = incident.object.image.as_ref();
            let of = images.iter().find(|(_, own)| Some(own) == image);
            incident.object.container = of.map(|(name, _)| name.clone());
        }
        if incident.object.image.is_none() && !incident.sandbox {
            incident.object.image = incident.object.container.as_ref().and_then(image_of);
        }
    }
}

/// Whether the part has anything to tell.
fn is_in_message(sink: &Sink, start: usize, end: usize) -> bool {
    let span = sink.span(start, end);
    let message = crate::diagnose::message::Message::new(sink.source.slice(span), start);
    !crate::diagnose::find::all_in(&message).is_empty()
}
