//! Argo Workflows: each template that runs a container is a pod, with fields of its own beside the container.
//!
//! Source: <https://argo-workflows.readthedocs.io/en/latest/fields/>: a template's nodeSelector, affinity and
//! tolerations replace those of the workflow.

use std::sync::Arc;

use super::{
    field::{self, Reader},
    placement::placement,
    pod::{self, Container, Pod, Title},
};
use crate::{patch::Field, placement::kubernetes::PodPlacement, syntax::yaml::Node};

/// How an object holds a workflow.
pub(super) struct Workflow {
    path: &'static [&'static str],
    /// Whether workflows that refer to it bring a placement of their own.
    is_referred_to: bool,
}

/// The workflow that an object of this kind holds.
pub(super) fn workflow(kind: &str) -> Option<Workflow> {
    match kind {
        "Workflow" => Some(Workflow { path: &["spec"], is_referred_to: false }),
        "CronWorkflow" => Some(Workflow { path: &["spec", "workflowSpec"], is_referred_to: false }),
        "WorkflowTemplate" | "ClusterWorkflowTemplate" => Some(Workflow { path: &["spec"], is_referred_to: true }),
        _ => None,
    }
}

/// The pods of a workflow.
pub(super) fn pods(workflow: &Workflow, object: Node<'_>, title: &Title, reader: &Reader) -> Vec<Pod> {
    let Some(spec) = field::at(object, workflow.path) else { return Vec::new() };
    let mut outer = placement(spec, reader);
    outer.unreadable = outer.unreadable.or(patch(spec));
    if let Some(defaults) = field::field(spec, "templateDefaults") {
        outer = over(placement(defaults, reader), outer);
    }
    let templates = field::field(spec, "templates").into_iter().flat_map(|list| reader.items(list));
    templates
        .filter_map(|template| {
            let containers = containers(template, reader);
            if containers.is_empty() || !reader.spend_on(outer.size()) {
                return None;
            }
            let name = field::field(template, "name").and_then(Node::text);
            let title = title.member_or_self(name);
            let mut placement = over(placement(template, reader), outer.clone());
            placement.unreadable = placement.unreadable.or(patch(template));
            if workflow.is_referred_to && placement.anchor().is_none() {
                placement.unreadable = placement.unreadable.or(Some(title.span));
            }
            Some(Pod {
                name: title.name,
                name_span: title.span,
                namespace: title.namespace,
                containers,
                placement: Arc::new(placement),
                isolation: None,
                settings: None,
                hint: None,
            })
        })
        .collect()
}

/// `podSpecPatch` is a text that changes anything.
fn patch(object: Node<'_>) -> Option<crate::source::Span> {
    field::field(object, "podSpecPatch").map(Node::span)
}

fn over(inner: PodPlacement, outer: PodPlacement) -> PodPlacement {
    let mut placement = inner;
    if placement.selector_key.is_none() {
        placement.selector = outer.selector;
        placement.selector_key = outer.selector_key;
        // Every template shares it.
        placement.selector_place = Field::Elsewhere;
    }
    if placement.affinity_key.is_none() {
        placement.affinity = outer.affinity;
        placement.affinity_key = outer.affinity_key;
        if placement.affinity_key.is_some() {
            placement.affinity_place = Field::Elsewhere;
        }
    }
    if placement.tolerations_key.is_none() {
        placement.tolerations = outer.tolerations;
        placement.tolerations_key = outer.tolerations_key;
        placement.tolerations_place = Field::Elsewhere;
    }
    placement.unreadable = placement.unreadable.or(outer.unreadable);
    placement
}

fn containers(template: Node<'_>, reader: &Reader) -> Vec<Container> {
    let pod_wide = pod::host_process(template);
    let several = |object: Option<Node<'_>>, key: &str| -> Vec<Container> {
        let list = object.and_then(|object| field::field(object, key));
        let items = list.into_iter().flat_map(|list| reader.items(list));
        items.filter(|item| item.is_mapping()).map(|item| Container::read(item, pod_wide.as_ref())).collect()
    };
    let main: Vec<_> = ["container", "script"]
        .iter()
        .filter_map(|key| field::field(template, key))
        .filter(|container| container.is_mapping())
        .map(|container| Container::read(container, pod_wide.as_ref()))
        .chain(several(field::field(template, "containerSet"), "containers"))
        .collect();
    if main.is_empty() {
        return main;
    }
    let mut containers = several(Some(template), "initContainers");
    containers.extend(main);
    containers.extend(several(Some(template), "sidecars"));
    containers
}
