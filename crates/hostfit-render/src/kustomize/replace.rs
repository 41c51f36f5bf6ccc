//! `replacements`: a field's value put into other fields.

use super::{
    fields::split,
    resource::{Id, Resource, check_depth, scalar, scalar_text, size},
    select::{self, Selector},
};
use crate::{
    fault::{Budget, Run, fail},
    node::{Data, Entry, Node},
    text::{HoleId, Text},
    yaml::plain_data,
};

/// Carries out one replacement. Where its source may be among what is not known, `hole` takes its place.
///
/// # Errors
/// When kustomize refuses it.
pub(super) fn apply(
    resources: &mut [Resource],
    replacement: &Node,
    budget: &mut Budget,
    hole: &mut dyn FnMut(String) -> Option<HoleId>,
) -> Run<()> {
    let targets = replacement.get("targets").map_or(&[][..], Node::items);
    let value = match source(resources, replacement) {
        Ok(value) => value,
        Err(reason) => match hole(reason.clone()) {
            Some(hole) => Node::new(Data::Hole(hole)),
            None => return fail(reason),
        },
    };
    let cost = size(&value) as u64;
    for target in targets {
        let Some(select) = target.get("select") else { return fail("target must specify resources to select") };
        let selector = Selector::new(select, budget)?;
        let reject = target.get("reject").map_or(&[][..], Node::items).iter();
        let reject = reject.map(|it| Selector::new(it, budget)).collect::<Run<Vec<_>>>()?;
        let paths = target.get("fieldPaths").map_or(&[][..], Node::items).iter().map(scalar);
        let mut paths: Vec<_> = paths.collect();
        if paths.is_empty() {
            paths.push("metadata.name".to_owned());
        }
        let options = Options::new(target.get("options"));
        for resource in &mut *resources {
            let ids: Vec<Id> = resource.ids().collect();
            let is_rejected = reject.iter().any(|reject| {
                (reject.asks_id() && ids.iter().any(|id| reject.selects_id(id)))
                    || (reject.asks_metadata() && reject.fits(resource))
            });
            if is_rejected || !selector.fits(resource) || !ids.iter().any(|id| selector.selects_id(id)) {
                continue;
            }
            for path in &paths {
                let parts = path_parts(path);
                if parts.len() > MAX_PARTS {
                    return fail("a path of over 64 parts");
                }
                let mut walk = Walk { options: &options, value: &value, cost, found: 0, budget: &mut *budget };
                walk.visit(&mut resource.node, &parts)?;
                if walk.found == 0 {
                    return fail(format!("unable to find field \"{path}\" in replacement target"));
                }
            }
            check_depth(&resource.node)?;
            resource.refresh();
        }
    }
    Ok(())
}

fn source(resources: &[Resource], replacement: &Node) -> Result<Node, String> {
    if let Some(value) = replacement.get("sourceValue").and_then(scalar_text) {
        return Ok(Node::new(Data::String(value)));
    }
    let Some(source) = replacement.get("source") else {
        return Err("replacements must specify a source and at least one target".to_owned());
    };
    let text = |key: &str| source.get(key).map(scalar).unwrap_or_default();
    let wanted = Id {
        group: text("group"),
        version: text("version"),
        kind: text("kind"),
        name: text("name"),
        namespace: text("namespace"),
    };
    let fits = |own: &str, wanted: &str| wanted.is_empty() || own == wanted;
    let is_wanted = |id: Id| {
        fits(&id.name, &wanted.name)
            && (wanted.namespace.is_empty() || wanted.effective_namespace() == id.effective_namespace())
            && fits(&id.group, &wanted.group)
            && fits(&id.version, &wanted.version)
            && fits(&id.kind, &wanted.kind)
    };
    let mut found = resources.iter().filter(|resource| resource.ids().any(is_wanted));
    let first = found.next().ok_or_else(|| format!("nothing selected by {}", wanted.shown()))?;
    if found.next().is_some() {
        return Err(format!("multiple matches for selector {}", wanted.shown()));
    }
    let path = text("fieldPath");
    let path = if path.is_empty() { "metadata.name".to_owned() } else { path };
    let value = look_up(&first.node, &path_parts(&path))
        .filter(|value| !matches!(&value.data, Data::Null))
        .ok_or_else(|| format!("fieldPath `{path}` is missing for replacement source {}", wanted.shown()))?;
    let options = Options::new(source.get("options"));
    if options.delimiter.is_empty() {
        return Ok(value.clone());
    }
    let whole = scalar_text(value).ok_or("delimiter option can only be used with scalar nodes")?;
    let part = usize::try_from(options.index).ok().and_then(|index| options.parts(&whole).into_iter().nth(index));
    let part = part.ok_or_else(|| format!("options.index {} is out of bounds", options.index))?;
    Ok(Node::new(Data::String(part)))
}

/// The field that a path leads to, without lists.
pub(super) fn look_up<'n>(node: &'n Node, path: &[String]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, part| match &node.data {
        Data::List(items) => match part.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            Some(pair) => {
                let (key, value) = pair.split_once('=')?;
                items.iter().find(|item| item.get(key).is_some_and(|it| scalar(it) == value))
            }
            None => items.get(part.parse::<usize>().ok()?),
        },
        _ => node.get(part),
    })
}

/// Cuts a path at its dots; what stands in brackets is one part.
pub(super) fn path_parts(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut split = split(path, '.').into_iter();
    while let Some(mut part) = split.next() {
        if part.starts_with('[') && !part.ends_with(']') {
            for more in split.by_ref() {
                part = format!("{part}.{more}");
                if part.ends_with(']') {
                    break;
                }
            }
            if !part.contains('=') {
                part = part.trim_matches(['[', ']']).into();
            }
        }
        parts.push(part);
    }
    parts
}

#[derive(Debug, Default)]
struct Options {
    delimiter: String,
    index: i64,
    create: bool,
}

impl Options {
    fn new(node: Option<&Node>) -> Self {
        let get = |key: &str| node.and_then(|node| node.get(key));
        Self {
            delimiter: get("delimiter").map(scalar).unwrap_or_default(),
            index: get("index").map(scalar).and_then(|index| index.parse().ok()).unwrap_or(0),
            create: matches!(get("create").map(|it| &it.data), Some(Data::Bool(true, _))),
        }
    }

    /// The parts of a text between delimiters.
    fn parts(&self, text: &Text) -> Vec<Text> {
        let mut at = 0;
        let ranges = text.as_str().split(&self.delimiter).map(|part| {
            let range = at..at + part.len();
            at = range.end + self.delimiter.len();
            range
        });
        ranges.map(|range| text.part(range)).collect()
    }

    fn set(&self, node: &mut Node, value: &Node) -> Run<()> {
        let is_scalar = !matches!(node.data, Data::Map(_) | Data::List(_));
        if matches!(value.data, Data::Hole(_)) {
            node.data = value.data.clone();
            return Ok(());
        }
        let mut text = scalar_text(value);
        if !self.delimiter.is_empty() {
            let (true, Some(value)) = (is_scalar, text.take()) else {
                return fail("delimiter option can only be used with scalar nodes");
            };
            let mut parts = self.parts(&scalar_text(node).unwrap_or_default());
            match usize::try_from(self.index) {
                Err(_) => parts.insert(0, value),
                Ok(at) => match parts.get_mut(at) {
                    Some(part) => *part = value,
                    None => parts.push(value),
                },
            }
            let mut joined = Text::default();
            for (number, part) in parts.iter().enumerate() {
                if number > 0 {
                    joined.push_given(&self.delimiter);
                }
                joined.push_text(part);
            }
            text = Some(joined);
        }
        // A scalar keeps its type; what was not there gets the one that its text has.
        node.data = match (&node.data, text) {
            (Data::String(_), text) => Data::String(text.unwrap_or_default()),
            (Data::Map(_) | Data::List(_), _) | (_, None) => value.data.clone(),
            (_, Some(text)) => plain_data(text),
        };
        Ok(())
    }
}

/// Puts a value into all fields that a path leads to.
struct Walk<'w> {
    options: &'w Options,
    value: &'w Node,
    /// How many nodes the value has.
    cost: u64,
    /// How many fields there were.
    found: usize,
    budget: &'w mut Budget,
}

impl Walk<'_> {
    fn visit(&mut self, node: &mut Node, path: &[String]) -> Run<()> {
        let Some((first, rest)) = path.split_first() else {
            self.found += 1;
            // Copies of copies grow without end.
            self.budget.step(1 + 8 * self.cost)?;
            return self.options.set(node, self.value);
        };
        match &mut node.data {
            Data::List(items) => self.visit_items(items, first, rest),
            Data::Map(entries) => {
                if let Some(entry) = entries.iter_mut().find(|entry| entry.key.as_str() == first) {
                    return self.visit(&mut entry.value, rest);
                }
                if self.options.create {
                    let mut value = Node::new(self.made_for(rest));
                    self.visit(&mut value, rest)?;
                    entries.push(Entry { key: Text::given(first), key_range: 0..0, value });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn visit_items(&mut self, items: &mut Vec<Node>, first: &str, rest: &[String]) -> Run<()> {
        if let Ok(at) = first.parse::<usize>() {
            if at == items.len() && self.options.create {
                items.push(Node::new(self.made_for(rest)));
            }
            return items.get_mut(at).map_or(Ok(()), |item| self.visit(item, rest));
        }
        if first == "*" {
            return items.iter_mut().try_for_each(|item| self.visit(item, rest));
        }
        let pair = first.strip_prefix('[').and_then(|it| it.strip_suffix(']')).and_then(|it| it.split_once('='));
        let Some((key, pattern)) = pair else { return fail(format!("wrong node kind at \"{first}\"")) };
        self.budget.step(select::cost(pattern.len()))?;
        let Some(regex) = select::regex(pattern) else {
            return fail(format!("`{pattern}` is not a regular expression"));
        };
        let is_meant = |item: &Node| match key {
            "" => regex.is_match(&scalar(item)),
            key => item.get(key).is_some_and(|it| regex.is_match(&scalar(it))),
        };
        if self.options.create && !items.iter().any(is_meant) {
            let value = Node::new(Data::String(Text::given(pattern)));
            let entry = Entry { key: Text::given(key), key_range: 0..0, value: value.clone() };
            items.push(if key.is_empty() { value } else { Node::new(Data::Map(vec![entry])) });
        }
        // An item that is a scalar is the field itself.
        let rest = if key.is_empty() { &[] } else { rest };
        items.iter_mut().filter(|item| is_meant(item)).try_for_each(|item| self.visit(item, rest))
    }

    /// What has to be there for the rest of a path.
    fn made_for(&self, rest: &[String]) -> Data {
        match (rest.first(), &self.value.data) {
            (Some(next), _) if next.starts_with('[') || next.parse::<usize>().is_ok() => Data::List(Vec::new()),
            (Some(_), _) | (None, Data::Map(_)) => Data::Map(Vec::new()),
            (None, Data::List(_)) => Data::List(Vec::new()),
            (None, _) => Data::Null,
        }
    }
}

/// How many parts a path may have.
const MAX_PARTS: usize = 64;
