//! Bake files as they are written: blocks and attributes, before anything is evaluated.

use hcl_edit::{
    Span as _,
    expr::Expression,
    structure::{Block as HclBlock, BlockLabel, Structure},
    template::Template,
};

use super::value::{Kind, Value, hole, number};
use crate::{
    front::scalar::text,
    source::{Source, SourceId, Span},
    syntax::{
        SyntaxError, hcl, json,
        yaml::{Dialect, Node, Scalar, Tree},
    },
    text::Text,
};

/// What an attribute is given.
#[derive(Debug)]
pub(super) enum Written {
    /// An expression of HCL.
    Expression(Expression, Place),
    /// A text of JSON, which is a template.
    Template(Template, Place),
    /// A text of JSON without variables, a number, `true`, `null`.
    Value(Value),
    /// A list of JSON.
    List(Vec<Written>),
    /// An object of JSON; its keys are templates too.
    Map(Vec<(Written, Written)>, Span),
}

/// What the spans of an expression count from.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A byte of a file.
    File(SourceId, usize),
    /// A text, which has escapes of its own.
    Text(Text),
}

impl Place {
    /// The bytes that a node stands on.
    pub(super) fn span(&self, node: &impl hcl_edit::Span) -> Span {
        let range = node.span().unwrap_or_default();
        match self {
            Self::File(source, start) => Span::new(*source, start + range.start..start + range.end),
            Self::Text(text) => text.used_at(range),
        }
    }

    /// What `value` is, which stands on these bytes with escapes or without.
    pub(super) fn literal(&self, value: &str, range: std::ops::Range<usize>) -> Text {
        match self {
            Self::File(source, start) => {
                Text::literal(value, Span::new(*source, start + range.start..start + range.end))
            }
            Self::Text(text) if range.len() == value.len() => text.part(range),
            Self::Text(text) => Text::literal(value, text.used_at(range)),
        }
    }
}

/// A block that bake knows, or an attribute beside the blocks.
#[derive(Debug)]
pub(super) struct Block {
    /// `target`, `variable`, `function`; empty of an attribute beside the blocks.
    pub(super) kind: String,
    pub(super) name: Text,
    /// Of an attribute beside the blocks the one, `default`.
    pub(super) attributes: Vec<(String, Written)>,
}

/// JSON that is nested deeper is unknown.
const MAX_DEPTH: usize = 32;

const KINDS: [&str; 3] = ["variable", "function", "target"];

/// The blocks of a file, and what its reader refuses.
pub(super) fn read(source: &Source) -> (Vec<Block>, Vec<SyntaxError>) {
    let is_json = source.path.rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    if is_json { (of_json(source), json::error(source).into_iter().collect()) } else { of_hcl(source) }
}

fn of_hcl(source: &Source) -> (Vec<Block>, Vec<SyntaxError>) {
    let tree = hcl::Tree::parse(source);
    let mut blocks = Vec::new();
    for (start, body) in tree.parts {
        let place = Place::File(source.id, start);
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let name = Text::literal(attribute.key.as_str(), place.span(&attribute.key));
                    let attributes = vec![("default".to_owned(), Written::Expression(attribute.value, place.clone()))];
                    blocks.push(Block { kind: String::new(), name, attributes });
                }
                Structure::Block(block) => blocks.extend(of_block(block, &place)),
            }
        }
    }
    (blocks, tree.errors)
}

fn of_block(block: HclBlock, place: &Place) -> Option<Block> {
    let kind = KINDS.into_iter().find(|kind| block.ident.as_str() == *kind)?;
    let label = block.labels.first()?;
    let name = match label {
        BlockLabel::Ident(ident) => Text::literal(ident.as_str(), place.span(ident)),
        BlockLabel::String(quoted) => place.literal(quoted.as_str(), within_quotes(quoted.span().unwrap_or_default())),
    };
    let attributes = block.body.into_attributes();
    let attributes =
        attributes.map(|it| (it.key.as_str().to_owned(), Written::Expression(it.value, place.clone()))).collect();
    Some(Block { kind: kind.to_owned(), name, attributes })
}

/// The range of what stands between quotes.
pub(super) fn within_quotes(range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    if range.len() < 2 { range } else { range.start + 1..range.end - 1 }
}

fn of_json(source: &Source) -> Vec<Block> {
    let tree = Tree::parse(source);
    let mut blocks = Vec::new();
    let Some(root) = tree.documents().next() else { return blocks };
    for (key, node) in bodies(root) {
        let Some(kind) = key.text() else { continue };
        if !KINDS.contains(&kind) {
            let Some(name) = text(key).filter(|_| kind != "group") else { continue };
            blocks.push(Block {
                kind: String::new(),
                name,
                attributes: vec![("default".to_owned(), written(node, 0))],
            });
            continue;
        }
        for (name, body) in bodies(node) {
            let Some(name) = text(name) else { continue };
            let mut add = |body: Node| {
                let entries = body.entries();
                let attributes = entries.filter_map(|(key, node)| Some((key.text()?.to_owned(), written(node, 0))));
                blocks.push(Block { kind: kind.to_owned(), name: name.clone(), attributes: attributes.collect() });
            };
            if body.is_sequence() { body.items().for_each(add) } else { add(body) }
        }
    }
    blocks
}

/// The entries of an object, or of all objects in a list.
fn bodies(node: Node<'_>) -> impl Iterator<Item = (Node<'_>, Node<'_>)> {
    let items: Vec<_> = if node.is_sequence() { node.items().collect() } else { vec![node] };
    items.into_iter().flat_map(|item| item.entries().collect::<Vec<_>>())
}

fn written(node: Node, depth: usize) -> Written {
    let at = node.span();
    if depth > MAX_DEPTH {
        return Written::Value(Value::unknown("…", at));
    }
    let inner = |node| written(node, depth + 1);
    if node.is_sequence() {
        return Written::List(node.items().map(inner).collect());
    }
    if node.is_mapping() {
        return Written::Map(node.entries().map(|(key, value)| (inner(key), inner(value))).collect(), at);
    }
    let value = match node.scalar(Dialect::Compose) {
        Some(Scalar::Str(_)) => return text(node).map_or(Written::Value(Value::unknown("", at)), template),
        Some(Scalar::Null) | None => Value::Null,
        Some(Scalar::Bool(value)) => Value::Scalar(Kind::Bool, Text::literal(value.to_string(), at)),
        Some(_) => match node.text().and_then(number) {
            Some(number) => Value::Scalar(Kind::Number, Text::literal(number, at)),
            None => Value::unknown(node.text().unwrap_or_default(), at),
        },
    };
    Written::Value(value)
}

fn template(text: Text) -> Written {
    if !text.value.contains("${") && !text.value.contains("%{") {
        return Written::Value(Value::text(text));
    }
    match text.value.parse() {
        Ok(template) => Written::Template(template, Place::Text(text)),
        Err(_) => Written::Value(Value::Unknown(hole(&text.value, text.span))),
    }
}
