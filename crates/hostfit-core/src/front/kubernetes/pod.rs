//! Pods and pod templates: what they run, and everything that decides where.

use std::sync::Arc;

use super::{
    field::{self, Reader},
    placement::placement,
    settings,
};
use crate::{
    front::{
        command,
        hints::{self, Hints},
        scalar,
    },
    model::{Known, OnWindows, ProgramUse, Setting},
    patch::{self, Field, Place},
    placement::kubernetes::{PodPlacement, Term},
    source::{
        Span,
        rendered::{Guessed, Rendered},
    },
    syntax::yaml::{Dialect, Node, Scalar},
    text::{Origin, Text},
    windows::Os,
};

/// The annotation with which the alpha feature `HyperVContainer` (Kubernetes 1.10 to 1.20) was asked for.
const ISOLATION_ANNOTATION: &str = "experimental.windows.kubernetes.io/isolation-type";

/// A pod, or the pod template of a controller.
#[derive(Clone, Debug)]
pub struct Pod {
    /// `Deployment/web`; with the member's name, where one object has several templates: `RayCluster/r (headGroup)`.
    pub name: String,
    /// Its name in the file; the bytes of its kind if it has none.
    pub name_span: Span,
    /// The namespace of its object, if that names one.
    pub namespace: Option<String>,
    /// Init containers, containers, ephemeral containers.
    pub containers: Vec<Container>,
    /// Where it may run. The RuntimeClass has not joined yet.
    pub placement: Arc<PodPlacement>,
    /// The annotation that asks for an isolation mode.
    pub isolation: Option<IsolationAnnotation>,
    /// What Windows treats differently; none where it is not known whole.
    pub settings: Option<Arc<[Setting]>>,
    /// What only Windows or only Linux has, where nothing in it is of the other.
    pub hint: Option<(Os, Span)>,
}

/// The annotation that asks for an isolation mode.
#[derive(Clone, Debug)]
pub struct IsolationAnnotation {
    /// What is written.
    pub value: Text,
    /// What to take out to be rid of it.
    pub entry: Option<patch::Entry>,
}

/// A container.
#[derive(Clone, Debug)]
pub struct Container {
    /// Its name; empty if it has none.
    pub name: String,
    /// Its name's, or else its first, bytes.
    pub span: Span,
    /// The image; none where the file gives none.
    pub image: Option<Text>,
    /// Its own `windowsOptions.hostProcess`, else the pod's.
    pub host_process: Known<bool>,
    /// Programs that `command` starts and Nano Server may lack.
    pub programs: Vec<ProgramUse>,
}

/// What an object is called.
pub(super) struct Title {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) namespace: Option<String>,
}

impl Title {
    pub(super) fn of(object: Node<'_>, kind: &str) -> Self {
        let metadata = field::field(object, "metadata");
        let named = |key| metadata.and_then(|metadata| field::field(metadata, key)).and_then(field::plain);
        let namespace = named("namespace").map(|(namespace, _)| namespace).filter(|it| !it.is_empty());
        if let Some((name, span)) = named("name").filter(|(name, _)| !name.is_empty()) {
            return Self { name: format!("{kind}/{name}"), span, namespace };
        }
        if let Some((prefix, span)) = named("generateName") {
            return Self { name: format!("{kind}/{prefix}*"), span, namespace };
        }
        let span = object.get("kind").map_or_else(|| object.span(), Node::span);
        Self { name: format!("{kind}/(unnamed)"), span, namespace }
    }

    /// With the name of one of several templates, if there is one.
    pub(super) fn member_or_self(&self, member: Option<&str>) -> Self {
        let name = match member {
            Some(member) => format!("{} ({member})", self.name),
            None => self.name.clone(),
        };
        Self { name, span: self.span, namespace: self.namespace.clone() }
    }
}

impl Pod {
    /// Reads something with `metadata` and `spec`.
    pub(super) fn read(title: Title, template: Node<'_>, reader: &Reader) -> Option<Self> {
        let (spec_key, spec) = field::entry(template, "spec").filter(|(_, spec)| spec.is_mapping())?;
        let pod_wide = host_process(spec);
        let mut containers = Vec::new();
        let mut placement = placement(spec, reader);
        let mut settings = settings::of_pod(spec, reader);
        placement.spec_place = Place::of(spec_key, spec).filter(|place| template.span().holds(place.key));
        placement.containers_place = match patch::field(spec, "containers") {
            Field::Here(place) => Some(place),
            Field::Missing | Field::Elsewhere => None,
        };
        for container in items_of(spec, &CONTAINERS, reader).filter(|it| it.is_mapping()) {
            settings.extend(settings::of_container(container, containers.len(), reader));
            containers.push(Container::read(container, pod_wide.as_ref()));
        }
        containers.shrink_to_fit();
        // The API server refuses a container without an image: this is a patch, and the rest of the pod is elsewhere.
        let incomplete = containers.iter().find(|container| container.image.is_none()).map(|container| container.span);
        let incomplete = incomplete.or_else(|| containers.is_empty().then_some(title.span));
        placement.unreadable = placement.unreadable.or(incomplete);
        placement.os_name = field::at(spec, &["os", "name"]).and_then(field::text);
        let annotation = ["metadata", "annotations", ISOLATION_ANNOTATION];
        let isolation = field::at(template, &annotation)
            .and_then(field::text)
            .map(|value| IsolationAnnotation { value, entry: patch::entry(template, &annotation) });
        let hint = hint(spec, &placement, &settings, reader);
        Some(Self {
            hint,
            name: title.name,
            name_span: title.span,
            namespace: title.namespace,
            containers,
            placement: Arc::new(placement),
            isolation,
            settings: Some(settings.into()),
        })
    }
}

impl Pod {
    /// Calls what a template leaves unknown of images by the expressions that stand there.
    pub(super) fn name_holes(&mut self, rendered: &Rendered) {
        for image in self.containers.iter_mut().filter_map(|container| container.image.as_mut()) {
            let is_literal = rendered.literal(image.span.start..image.span.end).is_some();
            if !is_literal && SCAFFOLD.contains(&image.value.as_str()) {
                // It stands for an image that is given when the chart is deployed.
                let hole = Origin::Hole("image.repository".to_owned());
                image.pieces.iter_mut().for_each(|piece| piece.origin.clone_from(&hole));
            }
            for piece in &mut image.pieces {
                if let (Origin::Hole(name), Some(expression)) = (&mut piece.origin, rendered.hole_at(piece.at.start)) {
                    expression.clone_into(name);
                }
            }
        }
    }
}

impl Pod {
    /// Forgets what is there only under conditions that are not known. That something is not there is known neither.
    pub(super) fn doubt(&mut self, guessed: &[&Guessed]) {
        let is_guessed = |span: Span| guessed.iter().any(|it| it.range.contains(&span.start));
        let hides = |span: Span| guessed.iter().any(|it| it.hides_images && it.range.contains(&span.start));
        self.settings = None;
        self.hint = None;
        self.isolation = self.isolation.take().filter(|it| !is_guessed(it.value.span));
        for container in &mut self.containers {
            container.programs.clear();
            if let Some(image) = container.image.as_mut().filter(|image| hides(image.span)) {
                let hole = Origin::Hole(image.value.clone());
                image.pieces.iter_mut().for_each(|piece| piece.origin.clone_from(&hole));
            }
            if let Some((_, span)) = container.host_process.known().filter(|(_, span)| is_guessed(*span)) {
                container.host_process = Known::Unresolved(span, "it depends on a condition".to_owned());
            }
        }
        let placement = Arc::make_mut(&mut self.placement);
        if placement.selector_key.is_some_and(is_guessed) {
            placement.selector_key = None;
        }
        placement.selector.retain(|label| !is_guessed(label.key.span) && !is_guessed(label.value.text.span));
        let in_affinity = |term: &Term| term.expressions.iter().chain(&term.fields).any(|it| is_guessed(it.span));
        if placement.affinity_key.is_some_and(is_guessed) || placement.affinity.iter().flatten().any(in_affinity) {
            placement.affinity_key = None;
            placement.affinity = None;
        }
        if placement.tolerations_key.is_some_and(is_guessed) {
            placement.tolerations_key = None;
        }
        placement.tolerations.retain(|it| !is_guessed(it.span));
        placement.node_name = placement.node_name.take().filter(|name| !is_guessed(name.span));
        placement.runtime_class = placement.runtime_class.take().filter(|(name, _)| !is_guessed(name.span));
        placement.os_name = placement.os_name.take().filter(|name| !is_guessed(name.span));
    }
}

/// The images that `helm create` writes into the values of a new chart.
const SCAFFOLD: [&str; 2] = ["nginx:1.16.0", "nginx:stable"];

impl Container {
    pub(super) fn read(container: Node<'_>, pod_wide: Option<&Known<bool>>) -> Self {
        let name = field::field(container, "name").and_then(field::plain);
        let (name, span) = name.unwrap_or_else(|| (String::new(), field::first(container)));
        let image = field::field(container, "image").and_then(field::text).filter(|image| !image.value.is_empty());
        let host_process = host_process(container).or_else(|| pod_wide.cloned()).unwrap_or(Known::Absent(span));
        let programs = field::field(container, "command").map(programs).unwrap_or_default();
        Self { name, span, image, host_process, programs }
    }
}

/// The lists of containers in a pod, in the order in which these start.
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// The items of several lists of a pod.
fn items_of<'t>(spec: Node<'t>, lists: &[&str], reader: &Reader) -> impl Iterator<Item = Node<'t>> {
    lists.iter().filter_map(move |key| field::field(spec, key)).flat_map(|list| reader.items(list))
}

/// What shows the operating system of a pod that does not name it.
fn hint(spec: Node<'_>, placement: &PodPlacement, settings: &[Setting], reader: &Reader) -> Option<(Os, Span)> {
    let mut hints = Hints::default();
    let mut path = |path: Option<Node<'_>>| {
        if let Some((node, path)) = path.and_then(|node| Some((node, node.text()?))) {
            hints.note_path(path, node.span());
        }
    };
    for container in items_of(spec, &CONTAINERS, reader) {
        path(field::field(container, "workingDir"));
        let mounts = field::field(container, "volumeMounts").into_iter().flat_map(|list| reader.items(list));
        mounts.for_each(|mount| path(field::field(mount, "mountPath")));
    }
    // What is mounted at a drive may come from any folder of the node.
    let is_mounted = hints.windows().is_some();
    for node in items_of(spec, &["volumes"], reader).filter_map(|volume| field::at(volume, &["hostPath", "path"])) {
        match node.text().and_then(hints::of_path) {
            Some(Os::Linux) if is_mounted => {}
            Some(Os::Linux) => hints.note_linux(node.span()),
            os => hints.note(os, node.span()),
        }
    }
    let started = items_of(spec, &["initContainers", "containers"], reader);
    for command in started.filter_map(|container| field::field(container, "command")) {
        let first = command.items().next();
        let Some((program, at)) = first.and_then(|first| Some((first.text()?, first.span()))) else { continue };
        match hints::of_program(program) {
            Some(Os::Linux) if !program.starts_with('/') || hints::is_of_linux(program) => {
                hints.note_linux(at);
            }
            os => hints.note(os, at),
        }
    }
    for toleration in &placement.tolerations {
        hints.note(toleration.os(), toleration.key.as_ref().map_or(Span::NOWHERE, Text::place));
    }
    let of_linux =
        |it: &Setting| matches!(it.on_windows, OnWindows::Refused | OnWindows::RefusedIfTrue) && it.is != Some(false);
    if let Some(setting) = settings.iter().find(|it| of_linux(it)) {
        hints.note_linux(setting.span);
    }
    hints.os()
}

/// As many words of a command are looked at.
const MAX_COMMAND: usize = 16;

fn programs(command: Node<'_>) -> Vec<ProgramUse> {
    let command: Vec<_> = command.items().take(MAX_COMMAND).collect();
    let words: Vec<_> = command.iter().map(|word| word.text().unwrap_or_default()).collect();
    let found = command::in_words(&words)
        .and_then(|(at, range, missing)| Some((scalar::text(*command.get(at)?)?.locate(range), missing)));
    found.map(|(span, missing)| ProgramUse { missing, by: "command", span }).into_iter().collect()
}

/// `securityContext.windowsOptions.hostProcess` of a pod or a container.
pub(super) fn host_process(object: Node<'_>) -> Option<Known<bool>> {
    let value = field::at(object, &["securityContext", "windowsOptions", "hostProcess"])?;
    Some(match value.scalar(Dialect::Kubernetes) {
        Some(Scalar::Bool(value_is)) => Known::Stated(value_is, value.span()),
        _ => Known::Unresolved(value.span(), "hostProcess is not a Boolean".to_owned()),
    })
}
