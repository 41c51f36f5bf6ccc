//! `images`: other names, tags and digests.

use regex::Regex;

use super::{fields::FieldSpec, resource::Resource, select::regex};
use crate::{
    node::{Data, Node},
    text::Text,
};

/// An entry of `images`.
struct Change<'n> {
    name: Option<Regex>,
    plain_name: &'n str,
    new_name: Option<&'n Text>,
    new_tag: Option<&'n Text>,
    tag_suffix: Option<&'n Text>,
    digest: Option<&'n Text>,
}

/// Changes the images of all objects as an entry of `images` says.
pub(super) fn apply(resources: &mut [Resource], entry: &Node, specs: &[FieldSpec]) {
    let text = |key: &str| entry.get(key).and_then(Node::text).filter(|text| !text.is_empty());
    let name = entry.get("name").and_then(Node::str).unwrap_or_default();
    // As kustomize writes it, so that `name` is an expression.
    let pattern = format!("^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{{}}-]*)?$");
    let change = Change {
        name: regex(&pattern),
        plain_name: name,
        new_name: text("newName"),
        new_tag: text("newTag"),
        tag_suffix: text("tagSuffix"),
        digest: text("digest"),
    };
    for resource in resources.iter_mut().filter(|resource| resource.id.kind != "CustomResourceDefinition") {
        containers(&mut resource.node, &change);
        for spec in specs {
            spec.visit(resource, None, &mut |node| change.set(node));
        }
    }
}

/// Changes the images in every list `containers` and `initContainers`, wherever it is.
fn containers(node: &mut Node, change: &Change<'_>) {
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(|item| containers(item, change)),
        Data::Map(entries) => {
            for entry in entries {
                containers(&mut entry.value, change);
                let is_list = matches!(entry.key.as_str(), "containers" | "initContainers");
                if let (true, Data::List(items)) = (is_list, &mut entry.value.data) {
                    let fields = items.iter_mut().filter_map(|item| match &mut item.data {
                        Data::Map(fields) => fields.iter_mut().find(|field| field.key.as_str() == "image"),
                        _ => None,
                    });
                    fields.for_each(|field| change.set(&mut field.value));
                }
            }
        }
        _ => {}
    }
}

impl Change<'_> {
    fn is_meant(&self, image: &Text) -> bool {
        // Where a part is not known, its name alone decides.
        if image.hole().is_some() {
            let parts = Parts::of(image.as_str());
            return image.as_str().get(..parts.name) == Some(self.plain_name);
        }
        self.name.as_ref().is_some_and(|name| name.is_match(image.as_str()))
    }

    fn set(&self, node: &mut Node) {
        let Data::String(image) = &node.data else { return };
        if !self.is_meant(image) {
            return;
        }
        let parts = Parts::of(image.as_str());
        let mut changed = match self.new_name {
            Some(name) => name.clone(),
            None => image.part(0..parts.name),
        };
        let own_tag = parts.tag.map(|tag| image.part(tag..parts.tag_end)).filter(|tag| !tag.is_empty());
        let own_digest = parts.digest.map(|digest| image.part(digest..image.len())).filter(|it| !it.is_empty());
        let (tag, digest) = match (self.new_tag, self.digest, self.tag_suffix) {
            (Some(tag), digest, _) => (Some(tag.clone()), digest.cloned()),
            (None, Some(digest), _) => (None, Some(digest.clone())),
            (None, None, Some(suffix)) => {
                let mut tag = own_tag.unwrap_or_default();
                tag.push_text(suffix);
                (Some(tag), None)
            }
            (None, None, None) => (own_tag, own_digest),
        };
        // The separator of the image as it was stays where it was written.
        let separator = |at: Option<usize>, written: &str| match at.and_then(|at| at.checked_sub(1)) {
            Some(at) => image.part(at..at + 1),
            None => Text::given(written),
        };
        if let Some(tag) = tag {
            changed.push_text(&separator(parts.tag, ":"));
            changed.push_text(&tag);
        }
        if let Some(digest) = digest {
            changed.push_text(&separator(parts.digest, "@"));
            changed.push_text(&digest);
        }
        node.data = Data::String(changed);
    }
}

/// Where the parts of an image are.
struct Parts {
    /// Where its name ends.
    name: usize,
    /// Where its tag starts.
    tag: Option<usize>,
    tag_end: usize,
    /// Where its digest starts.
    digest: Option<usize>,
}

impl Parts {
    fn of(image: &str) -> Self {
        let path = image.find('/').unwrap_or(0);
        let rest = image.get(path..).unwrap_or_default();
        let (colon, at) = (rest.find(':').map(|it| it + path), rest.find('@').map(|it| it + path));
        match (colon, at) {
            (None, None) => Self { name: image.len(), tag: None, tag_end: image.len(), digest: None },
            (Some(colon), Some(at)) if colon < at => {
                Self { name: colon, tag: Some(colon + 1), tag_end: at, digest: Some(at + 1) }
            }
            (_, Some(at)) => Self { name: at, tag: None, tag_end: at, digest: Some(at + 1) },
            (Some(colon), None) => Self { name: colon, tag: Some(colon + 1), tag_end: image.len(), digest: None },
        }
    }
}
