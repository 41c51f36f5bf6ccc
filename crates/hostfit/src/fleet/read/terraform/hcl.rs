//! Terraform files. Literal values are read, and locals that are literal; a variable may be anything.

use std::collections::BTreeMap;

use hcl_edit::{
    Span as _,
    expr::{Expression, ObjectKey, TraversalOperator},
    structure::Body,
    template::{Element, StringTemplate},
};
use hostfit_core::{
    source::{Source, SourceId},
    syntax::hcl::Tree,
};

use super::Resource;
use crate::fleet::read::given::Given;

/// More copies of a block than anybody writes down.
const MOST: usize = 100;

/// Locals that use each other deeper than this stay open.
const DEEPEST: usize = 16;

/// Values that no more than this many bytes of text state.
const LARGEST: usize = 4 << 20;

/// What a value costs of them beside its text.
const COST: usize = 64;

/// Whether a text looks like a Terraform file.
pub(crate) fn is_terraform(text: &str) -> bool {
    const BLOCKS: [&str; 8] =
        ["resource \"", "module \"", "variable \"", "data \"", "provider \"", "output \"", "locals {", "terraform {"];
    text.lines().any(|line| BLOCKS.iter().any(|block| line.starts_with(block)) && line.trim_end().ends_with(['{', '}']))
}

/// The files of one folder, which are one module.
#[derive(Debug, Default)]
pub(crate) struct Module {
    files: Vec<(Source, Tree)>,
}

impl Module {
    /// Adds a file; whether a part of it is broken.
    pub(crate) fn add(&mut self, text: &str) -> bool {
        let source = Source::from_text(SourceId(0), "", text);
        let tree = Tree::parse(&source);
        let is_broken = !tree.errors.is_empty();
        self.files.push((source, tree));
        is_broken
    }

    /// Adds the files of another part of the folder.
    pub(crate) fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
    }

    /// Its resources.
    pub(crate) fn resources(&self) -> Vec<Resource> {
        let mut reader = Reader { locals: BTreeMap::new(), defaults: BTreeMap::new(), left: LARGEST };
        for (text, body) in self.bodies() {
            for block in body.get_blocks("locals") {
                for attribute in block.body.attributes() {
                    reader.locals.insert(attribute.key.as_str().to_owned(), (text, &attribute.value));
                }
            }
            for block in body.get_blocks("variable") {
                let name = block.labels.first().map(|it| it.as_str().to_owned());
                let default = block.body.get_attribute("default").map(|it| &it.value);
                reader.defaults.extend(name.zip(default).map(|(name, default)| (name, (text, default))));
            }
        }
        let mut resources = Vec::new();
        for (text, body) in self.bodies() {
            for block in body.blocks() {
                let mut labels = block.labels.iter().map(|it| it.as_str().to_owned());
                let (kind, name) = match (block.ident.as_str(), labels.next(), labels.next()) {
                    ("resource", Some(kind), Some(name)) => (kind, name),
                    ("module", Some(name), None) => ("module".to_owned(), name),
                    _ => continue,
                };
                if !is_wanted(&kind) {
                    continue;
                }
                for each in reader.copies(text, &block.body) {
                    let values = reader.body(text, &block.body, each.as_ref());
                    resources.push(Resource { kind: kind.clone(), name: name.clone(), values });
                }
            }
        }
        resources
    }

    fn bodies(&self) -> impl Iterator<Item = (&str, &Body)> {
        self.files.iter().flat_map(|(source, tree)| {
            tree.parts.iter().map(|(start, body)| (source.text.get(*start..).unwrap_or_default(), body))
        })
    }
}

/// Whether hosts come of a resource of this kind.
fn is_wanted(kind: &str) -> bool {
    kind == "module"
        || kind.starts_with("azurerm_kubernetes_cluster")
        || matches!(
            kind,
            "aws_eks_node_group"
                | "aws_ecs_task_definition"
                | "google_container_node_pool"
                | "google_container_cluster"
        )
}

/// What `each.key` and `each.value` stand for.
#[derive(Clone, Debug)]
struct Each {
    key: Given,
    value: Given,
}

/// An expression, and the text that its bytes count from.
type Written<'m> = (&'m str, &'m Expression);

struct Reader<'m> {
    locals: BTreeMap<String, Written<'m>>,
    defaults: BTreeMap<String, Written<'m>>,
    /// How many bytes values may still take: locals of locals can make much of little.
    left: usize,
}

impl<'m> Reader<'m> {
    /// What each copy of a block has in its place: one for each entry of `for_each` where that is literal, else one.
    fn copies(&mut self, text: &'m str, body: &'m Body) -> Vec<Option<Each>> {
        let Some(attribute) = body.get_attribute("for_each") else { return vec![None] };
        let of_key = |key: &str| Given::Text(key.to_owned());
        match self.value(text, &attribute.value, None, 0) {
            Given::Map(map) if (1..=MOST).contains(&map.len()) => {
                map.into_iter().map(|(key, value)| Some(Each { key: of_key(&key), value })).collect()
            }
            Given::List(list) if (1..=MOST).contains(&list.len()) => {
                list.into_iter().map(|it| Some(Each { key: it.clone(), value: it })).collect()
            }
            _ => vec![None],
        }
    }

    fn body(&mut self, text: &'m str, body: &'m Body, each: Option<&Each>) -> Given {
        let mut values = BTreeMap::new();
        for attribute in body.attributes() {
            values.insert(attribute.key.as_str().to_owned(), self.value(text, &attribute.value, each, 0));
        }
        for block in body.blocks() {
            let (name, value) = match (block.ident.as_str(), block.labels.first()) {
                // What it makes is stated in `content`, with variables of its own.
                ("dynamic", Some(label)) => (label.as_str(), Given::open(&format!("dynamic \"{}\"", label.as_str()))),
                (name, _) => (name, self.body(text, &block.body, each)),
            };
            match values.entry(name.to_owned()).or_insert_with(|| Given::List(Vec::new())) {
                Given::List(list) => list.push(value),
                other => *other = value,
            }
        }
        Given::Map(values)
    }

    fn value(&mut self, text: &'m str, expression: &'m Expression, each: Option<&Each>, depth: usize) -> Given {
        let written = || text.get(expression.span().unwrap_or_default()).unwrap_or_default();
        self.left = self.left.saturating_sub(COST);
        if depth > DEEPEST || self.left == 0 {
            return Given::open(written());
        }
        match expression {
            Expression::Null(_) => Given::Nothing,
            Expression::Bool(value) => Given::Text(value.value().to_string()),
            Expression::Number(value) => Given::Text(value.value().to_string()),
            Expression::String(value) => self.text(value.value()),
            Expression::Array(items) => {
                Given::List(items.iter().map(|item| self.value(text, item, each, depth + 1)).collect())
            }
            Expression::Object(entries) => {
                let mut map = BTreeMap::new();
                for (key, value) in entries {
                    let key = match key {
                        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
                        ObjectKey::Expression(key) => self.value(text, key, each, depth + 1).text().map(str::to_owned),
                    };
                    // An entry whose name is open may be any.
                    let Some(key) = key else { return Given::open(written()) };
                    map.insert(key, self.value(text, value.expr(), each, depth + 1));
                }
                Given::Map(map)
            }
            Expression::StringTemplate(template) => {
                self.template(text, template, each, depth).unwrap_or_else(|| Given::open(written()))
            }
            Expression::Parenthesis(inner) => self.value(text, inner.inner(), each, depth + 1),
            Expression::FuncCall(call)
                if call.name.namespace.is_empty()
                    && ["toset", "tolist", "tomap", "tostring", "tonumber"].contains(&call.name.name.as_str()) =>
            {
                match call.args.iter().next() {
                    Some(argument) => self.value(text, argument, each, depth + 1),
                    None => Given::open(written()),
                }
            }
            Expression::Traversal(traversal) => {
                let mut names = Vec::new();
                for operator in &traversal.operators {
                    match operator.value() {
                        TraversalOperator::GetAttr(name) => names.push(name.as_str()),
                        TraversalOperator::Index(Expression::String(name)) => names.push(name.value().as_str()),
                        _ => return Given::open(written()),
                    }
                }
                let Expression::Variable(root) = &traversal.expr else { return Given::open(written()) };
                self.reference(root.as_str(), &names, each, depth).unwrap_or_else(|| Given::open(written()))
            }
            _ => Given::open(written()),
        }
    }

    fn text(&mut self, text: &str) -> Given {
        self.left = self.left.saturating_sub(text.len());
        Given::Text(text.to_owned())
    }

    /// What a reference stands for; none where that is known to Terraform only.
    fn reference(&mut self, root: &str, names: &[&str], each: Option<&Each>, depth: usize) -> Option<Given> {
        let (mut value, rest) = match (root, names) {
            ("local", [name, rest @ ..]) => {
                let (text, expression) = *self.locals.get(*name)?;
                (self.value(text, expression, None, depth + 1), rest)
            }
            ("each", ["key", rest @ ..]) => (each?.key.clone(), rest),
            ("each", ["value", rest @ ..]) => (each?.value.clone(), rest),
            ("var", [name]) => {
                let (text, expression) = *self.defaults.get(*name)?;
                let default = self.value(text, expression, None, depth + 1);
                return Some(Given::variable(&format!("var.{name}"), default.text()?));
            }
            _ => return None,
        };
        for name in rest {
            if !matches!(value, Given::Map(_)) {
                return None;
            }
            value = value.at(&[name]).clone();
        }
        (value.expression().is_none()).then_some(value)
    }

    /// A text with references, where all of them are known.
    fn template(
        &mut self,
        text: &'m str,
        template: &'m StringTemplate,
        each: Option<&Each>,
        depth: usize,
    ) -> Option<Given> {
        let mut whole = String::new();
        for element in template {
            match element {
                Element::Literal(literal) => whole.push_str(literal.value()),
                Element::Interpolation(inner) => {
                    whole.push_str(self.value(text, &inner.expr, each, depth + 1).text()?);
                }
                Element::Directive(_) => return None,
            }
        }
        Some(self.text(&whole))
    }
}
