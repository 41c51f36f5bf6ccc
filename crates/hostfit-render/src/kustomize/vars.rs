//! `vars`: `$(NAME)` in some fields is a field of an object.

use super::{
    fields::FieldSpec,
    replace::{look_up, path_parts},
    resource::{Id, Resource, group_and_version, scalar, scalar_text},
};
use crate::{
    node::{Data, Node},
    text::{Origin, Text},
};

/// An entry of `vars`.
#[derive(Clone, Debug)]
pub(super) struct Var {
    pub(super) name: String,
    /// The object that has its value, as it was called where the variable is declared.
    object: Id,
    path: Vec<String>,
}

impl Var {
    pub(super) fn new(node: &Node) -> Self {
        let text = |node: Option<&Node>, key: &str| node.and_then(|it| it.get(key)).map(scalar).unwrap_or_default();
        let object = node.get("objref");
        let (group, version) = group_and_version(&text(object, "apiVersion"));
        let or = |first: String, second: String| if first.is_empty() { second } else { first };
        let object = Id {
            group: or(text(object, "group"), group),
            version: or(text(object, "version"), version),
            kind: text(object, "kind"),
            name: text(object, "name"),
            namespace: text(object, "namespace"),
        };
        let path = or(text(node.get("fieldref"), "fieldpath"), text(node.get("fieldref"), "fieldPath"));
        // `rules[0].host` is `rules.0.host`.
        let path = path_parts(&or(path, "metadata.name".to_owned())).into_iter().flat_map(|part| {
            let index = part.strip_suffix(']').and_then(|it| it.rsplit_once('['));
            match index.filter(|(_, index)| index.parse::<usize>().is_ok()) {
                Some((name, index)) => vec![name.to_owned(), index.to_owned()],
                None => vec![part],
            }
        });
        let path = path.filter(|part| !part.is_empty()).collect();
        Self { name: text(Some(node), "name"), object, path }
    }

    /// Whether an object has its value.
    pub(super) fn is_of(&self, resource: &Resource) -> bool {
        resource.ids().any(|id| {
            let is_one = id.name == self.object.name
                && id.kind == self.object.kind
                && id.group == self.object.group
                && id.version == self.object.version;
            let anywhere = self.object.namespace.is_empty() && !self.object.is_cluster_scoped();
            is_one && (anywhere || id.effective_namespace() == self.object.effective_namespace())
        })
    }

    /// Its value in that object.
    pub(super) fn value(&self, resource: &Resource) -> Option<Node> {
        let value = look_up(&resource.node, &self.path)?;
        (!matches!(value.data, Data::Map(_) | Data::List(_))).then(|| value.clone())
    }
}

/// Replaces all `$(NAME)` by the values of their variables.
pub(super) fn resolve(resources: &mut [Resource], values: &[(String, Node)], specs: &[FieldSpec]) {
    for resource in resources {
        for spec in specs {
            spec.visit(resource, None, &mut |node| match &mut node.data {
                Data::Map(entries) => entries.iter_mut().for_each(|entry| expand(&mut entry.value, values)),
                Data::List(items) => items.iter_mut().for_each(|item| expand(item, values)),
                _ => expand(node, values),
            });
        }
    }
}

fn expand(node: &mut Node, values: &[(String, Node)]) {
    let Data::String(text) = &node.data else { return };
    let written = text.as_str();
    if !written.contains("$(") {
        return;
    }
    let mut out = Text::default();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = written.get(at..).and_then(|rest| rest.find('$')).map(|it| it + at) {
        let rest = written.get(found + 1..).unwrap_or_default();
        if rest.starts_with('$') {
            out.push_part(text, from..found + 1);
            (from, at) = (found + 2, found + 2);
            continue;
        }
        let name = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(name, _)| name);
        let Some(name) = name else {
            at = found + 1;
            continue;
        };
        let end = found + name.len() + 3;
        let value = values.iter().find(|(own, _)| own == name).map(|(_, value)| value);
        at = end;
        let Some(value) = value else { continue };
        if found == 0 && end == written.len() {
            node.data = value.data.clone();
            return;
        }
        out.push_part(text, from..found);
        match (&value.data, scalar_text(value)) {
            (Data::Hole(hole), _) => out.push(crate::text::UNKNOWN, Origin::Hole(*hole)),
            (_, Some(value)) => out.push_text(&value),
            (_, None) => out.push_part(text, found..end),
        }
        from = end;
    }
    out.push_part(text, from..text.len());
    node.data = Data::String(out);
}
