//! Kubernetes manifests: everything that carries a pod template, RuntimeClasses, Nodes.
//!
//! [`File::read`] lowers one file.

mod argo;
mod field;
mod kinds;
mod node;
mod placement;
mod pod;
mod runtime_class;
mod settings;
mod shift;
#[cfg(test)]
mod tests;

use std::{ops::Range, sync::Arc};

use field::Reader;
use memchr::memmem;
pub use node::{Node, nodes_as_hosts};
pub use pod::{Container, Pod};
pub use runtime_class::RuntimeClass;
pub(super) use {field::BUDGET, shift::Shift};

use crate::{
    source::{Source, Span, rendered::Rendered},
    syntax::yaml::{self, Tree},
};

/// The objects of a file that matter.
#[derive(Debug, Default)]
pub struct File {
    /// Pods and pod templates, in order.
    pub pods: Vec<Pod>,
    /// RuntimeClasses, in order.
    pub runtime_classes: Vec<RuntimeClass>,
    /// Nodes, in order.
    pub nodes: Vec<Node>,
    /// Whether it names what deploys charts (a `HelmRelease`, an Application of Argo CD), or a `ConfigMap`, which may hold
    /// values for that.
    pub may_deploy: bool,
}

/// Whether a text names what deploys charts.
pub(crate) fn deploys(text: &str) -> bool {
    let holds = |word: &[u8]| memmem::find(text.as_bytes(), word).is_some();
    holds(b"HelmRelease") || holds(b"argoproj.io") && holds(b"Application")
}

/// The same, or it may hold values for that.
pub(crate) fn may_deploy(text: &str) -> bool {
    deploys(text) || memmem::find(text.as_bytes(), b"ConfigMap").is_some()
}

/// The words of documents that [`may_deploy`] looks for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Words {
    /// One that is enough.
    is_enough: bool,
    argo: bool,
    application: bool,
}

impl Words {
    pub(super) fn of(text: &str) -> Self {
        let holds = |word: &[u8]| memmem::find(text.as_bytes(), word).is_some();
        let (argo, application) = (holds(b"argoproj.io"), holds(b"Application"));
        Self { is_enough: holds(b"HelmRelease") || holds(b"ConfigMap"), argo, application }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.is_enough |= other.is_enough;
        self.argo |= other.argo;
        self.application |= other.application;
    }

    pub(super) fn may_deploy(self) -> bool {
        self.is_enough || self.argo && self.application
    }
}

/// The first syntax error in these bytes; errors are in order.
fn first_error(tree: &Tree, bytes: Range<u32>) -> Option<Span> {
    let first = tree.errors.partition_point(|error| error.span.start < bytes.start);
    tree.errors.get(first).map(|error| error.span).filter(|span| span.start < bytes.end)
}

/// Whether a rendered object is judged: it is known as a whole, and no test that runs when a person asks for it.
fn is_judged(object: yaml::Node<'_>, rendered: &Rendered) -> bool {
    let start = object.span().start;
    let hook = object.at(&["metadata", "annotations", HOOK]).and_then(yaml::Node::text).unwrap_or_default();
    let is_test = hook.split(',').any(|event| event.trim().starts_with("test"));
    !is_test && !rendered.left_out.iter().any(|range| range.contains(&start))
}

/// The annotation that says when Helm applies an object.
const HOOK: &str = "helm.sh/hook";

/// `List` in `List` and so on; nobody writes more.
const MAX_LISTS: u32 = 4;

impl File {
    /// Lowers the documents of a file. What is wrong in it never stops the rest.
    pub fn read(source: &Source, tree: &Tree) -> Self {
        let mut file = Self { may_deploy: may_deploy(&source.text), ..Self::default() };
        let reader = Reader::default();
        let rendered = source.rendered.as_deref();
        let mut documents = tree.documents().peekable();
        while let Some(document) = documents.next() {
            let known = file.pods.len();
            if rendered.is_none_or(|rendered| is_judged(document, rendered)) {
                file.object(document, None, MAX_LISTS, &reader);
            }
            let end = documents.peek().map_or(u32::MAX, |next| next.span().start);
            let bytes = document.span().start..end;
            let unknown = || {
                let at = rendered?.unknown_placements.iter().find(|at| bytes.contains(at))?;
                Some(Span::at(source.id, *at as usize))
            };
            if let Some(error) = first_error(tree, bytes.clone()).or_else(unknown) {
                // What the parser had to leave out may be the pin that seems to be missing.
                for pod in file.pods.iter_mut().skip(known) {
                    Arc::make_mut(&mut pod.placement).unreadable.get_or_insert(error);
                }
            }
            if let Some(rendered) = rendered {
                let guessed = rendered.guessed.iter().filter(|it| it.range.start < end && bytes.start < it.range.end);
                let guessed: Vec<_> = guessed.collect();
                file.pods.iter_mut().skip(known).filter(|_| !guessed.is_empty()).for_each(|pod| pod.doubt(&guessed));
            }
        }
        if let Some(rendered) = rendered {
            file.pods.iter_mut().for_each(|pod| pod.name_holes(rendered));
        }
        file.pods.shrink_to_fit();
        file
    }

    /// Lowers a document without errors that stands in no rendered text; gives how much that was of [`BUDGET`].
    /// [`File::may_deploy`] is of the whole file.
    pub(super) fn read_document(tree: &Tree) -> (Self, usize) {
        let mut file = Self::default();
        let reader = Reader::default();
        tree.documents().for_each(|document| file.object(document, None, MAX_LISTS, &reader));
        file.pods.shrink_to_fit();
        (file, reader.spent())
    }

    /// One object. `listed_as` is the kind that its list gives it.
    fn object(&mut self, object: yaml::Node<'_>, listed_as: Option<&str>, lists_left: u32, reader: &Reader) {
        let Some(kind) = object.get("kind").and_then(yaml::Node::text).or(listed_as) else { return };
        if !reader.spend() {
            return;
        }
        let group = object
            .get("apiVersion")
            .and_then(yaml::Node::text)
            .and_then(|version| version.split_once('/'))
            .map_or("", |(group, _)| group);
        match kind {
            "Node" if group.is_empty() => self.nodes.extend(Node::read(object, reader)),
            "RuntimeClass" => self.runtime_classes.extend(RuntimeClass::read(object, reader)),
            // An OpenShift Template: objects with `${PARAMETER}`s.
            "Template" if lists_left > 0 => self.list(object, "objects", None, lists_left, reader),
            _ if lists_left > 0 && kind.ends_with("List") => {
                self.list(object, "items", kind.strip_suffix("List").filter(|it| !it.is_empty()), lists_left, reader);
            }
            _ => self.pods.extend(kinds::pods(kind, group, object, reader)),
        }
    }

    fn list(&mut self, list: yaml::Node<'_>, key: &str, kind: Option<&str>, lists_left: u32, reader: &Reader) {
        for item in list.get(key).into_iter().flat_map(yaml::Node::items) {
            self.object(item, kind, lists_left - 1, reader);
        }
    }
}
