//! `docker-bake.hcl` and `docker-bake.json`: which image names the tree builds, and from which Dockerfile.
//!
//! Read as docker/buildx reads them (`bake/bake.go`, `bake/hclparser`): blocks of one name are merged, also over the files of a
//! folder, targets inherit, and a target with a matrix is several. The environment of the process is not read: a
//! variable has its default, and without one it is unknown.

mod eval;
mod functions;
mod read;
#[cfg(test)]
mod tests;
mod value;

use std::{cell::Cell, collections::BTreeMap};

use rustc_hash::FxHashMap;

use self::{
    eval::{Evaluator, Scope},
    read::{Block, Written},
    value::{Value, hole, is_waiting},
};
use crate::{
    source::{Source, Span},
    syntax::SyntaxError,
    text::{Origin, Text},
};

/// A bake file as it is written.
#[derive(Debug, Default)]
pub struct File {
    blocks: Vec<Block>,
}

/// One target, with what it inherits.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name.
    pub name: Text,
    /// Image names it builds.
    pub tags: Vec<Text>,
    /// The build context, relative to the bake file.
    pub context: Option<Text>,
    /// The Dockerfile, relative to the context.
    pub dockerfile: Option<Text>,
    /// A Dockerfile in the bake file itself, instead of another.
    pub inline: Option<Text>,
    /// The stage to build.
    pub target: Option<Text>,
    /// Build args.
    pub args: Vec<(String, Text)>,
    /// What any further build arg may be, where it is not known which there are.
    pub other_args: Option<Text>,
}

/// The files that bake looks for in a folder, in the order in which it reads them (docker/buildx, `defaultFilenames`).
pub const NAMES: [&str; 4] =
    ["docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"];

/// Targets that inherit from targets that inherit … beyond this depth are unknown.
const MAX_INHERITS: usize = 16;

/// How much targets may inherit together: bases that name each other twice would go on for ever.
const MAX_BASES: usize = 200_000;

/// More targets than this are not made of one matrix.
const MAX_MATRIX: usize = 1000;

impl File {
    /// Reads a bake file, and what bake refuses in it.
    pub fn read(source: &Source) -> (Self, Vec<SyntaxError>) {
        let (blocks, errors) = read::read(source);
        (Self { blocks }, errors)
    }

    /// The targets of the file by itself.
    pub fn targets(&self) -> Vec<Target> {
        targets(&[self])
    }
}

/// What a target called `name` does not say itself, and nobody can know.
pub fn unknown(name: &Text) -> Text {
    hole(&name.value, name.span)
}

/// The targets of files that are read together, later ones over earlier ones.
pub fn targets(files: &[&File]) -> Vec<Target> {
    let blocks = files.iter().flat_map(|file| &file.blocks);
    let evaluator = Evaluator::new(&blocks);
    let mut all = Targets { budget: Cell::new(MAX_BASES), own: Vec::new(), by_name: FxHashMap::default() };
    for block in blocks.filter(|block| block.kind == "target") {
        all.add(block, &evaluator);
    }
    all.own.iter().map(|own| all.resolve(own)).collect()
}

/// What the blocks of a target say, without what it inherits. What is not set is inherited.
#[derive(Clone, Debug)]
struct Own {
    name: Text,
    inherits: Vec<Text>,
    tags: Option<Vec<Text>>,
    context: Option<Text>,
    dockerfile: Option<Text>,
    inline: Option<Text>,
    target: Option<Text>,
    args: BTreeMap<String, Text>,
    other_args: Option<Text>,
}

impl Own {
    /// A target that says nothing.
    fn new(name: Text) -> Self {
        Self {
            name,
            inherits: Vec::new(),
            tags: None,
            context: None,
            dockerfile: None,
            inline: None,
            target: None,
            args: BTreeMap::new(),
            other_args: None,
        }
    }

    /// A target of which nothing is known.
    fn unknown(name: &Text) -> Self {
        let unknown = unknown(name);
        Self {
            tags: Some(vec![unknown.clone()]),
            context: Some(unknown.clone()),
            dockerfile: Some(unknown.clone()),
            target: Some(unknown.clone()),
            other_args: Some(unknown),
            ..Self::new(name.clone())
        }
    }

    fn read(name: Text, block: &Block, evaluator: &Evaluator, scope: &Scope) -> Self {
        let value = |name: &str| {
            let (_, written) = block.attributes.iter().find(|(it, _)| it == name)?;
            Some(evaluator.written(written, scope)).filter(|it| !matches!(it, Value::Null))
        };
        let at = name.span;
        let text = |name: &str| value(name).map(|value| as_text(value, at));
        let list = |name: &str| {
            value(name).map(|value| match value {
                Value::List(items) => items.into_iter().map(|item| as_text(item, at)).collect(),
                other => vec![as_hole(&other, at)],
            })
        };
        let (args, other_args) = match value("args") {
            None => (BTreeMap::new(), None),
            Some(Value::Map(args)) => {
                let set = args.into_iter().filter(|(_, value)| !matches!(value, Value::Null));
                (set.map(|(name, value)| (name, as_arg(value, at))).collect(), None)
            }
            Some(other) => (BTreeMap::new(), Some(as_hole(&other, at))),
        };
        Self {
            inherits: list("inherits").unwrap_or_default(),
            tags: list("tags"),
            context: text("context"),
            dockerfile: text("dockerfile"),
            inline: text("dockerfile-inline"),
            target: text("target"),
            args,
            other_args,
            name,
        }
    }

    /// Puts `over` over it, as `Target.Merge` does.
    fn merge(&mut self, over: Self) {
        let replace = |own: &mut Option<Text>, over: Option<Text>| *own = over.or(own.take());
        replace(&mut self.context, over.context);
        replace(&mut self.dockerfile, over.dockerfile);
        replace(&mut self.inline, over.inline);
        replace(&mut self.target, over.target);
        self.tags = over.tags.or(self.tags.take());
        if over.other_args.is_some() {
            self.args.clear();
            self.other_args = over.other_args;
        }
        self.args.extend(over.args);
        self.inherits.extend(over.inherits);
    }
}

/// A value where text is expected.
fn as_text(value: Value, at: Span) -> Text {
    match value {
        Value::Scalar(_, text) => text,
        other => as_hole(&other, at),
    }
}

/// The value of a build arg. `default = ""` is how people write that the environment gives it.
fn as_arg(value: Value, at: Span) -> Text {
    let text = as_text(value, at);
    match text.pieces.first() {
        Some(piece) if is_waiting(&text) => match &piece.origin {
            Origin::Variable(name) => hole(name, piece.used_at),
            _ => text,
        },
        _ => text,
    }
}

/// A value that bake refuses, or that is unknown.
fn as_hole(value: &Value, at: Span) -> Text {
    match value {
        Value::Unknown(hole) => hole.clone(),
        _ => hole("…", at),
    }
}

struct Targets {
    budget: Cell<usize>,
    own: Vec<Own>,
    by_name: FxHashMap<String, usize>,
}

impl Targets {
    fn add(&mut self, block: &Block, evaluator: &Evaluator) {
        let attribute = |wanted: &str| block.attributes.iter().find(|(name, _)| name == wanted).map(|(_, it)| it);
        let scopes = attribute("matrix").map_or_else(|| vec![Scope::default()], |it| matrix(it, evaluator));
        for scope in scopes {
            let name = match attribute("name") {
                Some(name) => match evaluator.written(name, &scope) {
                    // It stands on its label, whatever it is called.
                    Value::Scalar(_, text) => match text.known() {
                        Some(name) => Text::literal(name, block.name.span),
                        None => hole(&text.value, block.name.span),
                    },
                    other => as_hole(&other, block.name.span),
                },
                None => block.name.clone(),
            };
            let own = Own::read(name.clone(), block, evaluator, &scope);
            let own = if evaluator.is_exhausted() { Own::unknown(&name) } else { own };
            if name.hole().is_some() {
                self.own.push(own);
                continue;
            }
            let number = *self.by_name.entry(name.value).or_insert(self.own.len());
            match self.own.get_mut(number) {
                Some(earlier) => earlier.merge(own),
                None => self.own.push(own),
            }
        }
    }

    fn resolve(&self, own: &Own) -> Target {
        let own = self.with_bases(own, &mut Vec::new());
        let mut tags = own.tags.unwrap_or_default();
        let mut seen = rustc_hash::FxHashSet::default();
        tags.retain(|tag| tag.known().is_none_or(|known| !known.is_empty() && seen.insert(known.to_owned())));
        Target {
            name: own.name,
            tags,
            context: own.context,
            // An empty name is the default's.
            dockerfile: own.dockerfile.filter(|it| it.known() != Some("")),
            inline: own.inline,
            target: own.target,
            args: own.args.into_iter().collect(),
            other_args: own.other_args,
        }
    }

    /// A target over its bases, of which later ones count more. One that inherits from itself does so without.
    fn with_bases<'t>(&'t self, own: &'t Own, within: &mut Vec<&'t str>) -> Own {
        let mut target = Own::new(own.name.clone());
        within.push(&own.name.value);
        for name in &own.inherits {
            if within.contains(&name.value.as_str()) {
                continue;
            }
            let base = self.by_name.get(&name.value).and_then(|at| self.own.get(*at)).filter(|_| name.hole().is_none());
            let cost = base.map_or(0, |base| 1 + base.args.len() + base.tags.as_ref().map_or(0, Vec::len));
            let left = self.budget.get().checked_sub(cost).filter(|_| within.len() < MAX_INHERITS);
            target.merge(match base.zip(left) {
                Some((base, left)) => {
                    self.budget.set(left);
                    self.with_bases(base, within)
                }
                None => Own::unknown(name),
            });
        }
        within.pop();
        target.merge(own.clone());
        target.inherits.clear();
        target
    }
}

/// The variables of each target that a matrix makes. Of a matrix that is unknown one, whose variables are so too.
fn matrix(written: &Written, evaluator: &Evaluator) -> Vec<Scope> {
    let mut scopes = vec![Scope::default()];
    let Value::Map(entries) = evaluator.written(written, &Scope::default()) else { return scopes };
    for (name, values) in entries {
        let values = match values {
            Value::List(values) if values.len() * scopes.len() <= MAX_MATRIX => values,
            other => vec![Value::Unknown(as_hole(&other, Span::NOWHERE))],
        };
        scopes = values.iter().flat_map(|value| scopes.iter().map(|scope| scope.with(&name, value.clone()))).collect();
    }
    scopes
}
