//! `docker-bake.hcl` and `docker-bake.json`: which image names the tree builds, and from which Dockerfile.
//!
//! Of HCL as much is read as bake files need: `target` and `variable` blocks with attributes that are text, lists or
//! mappings, and `${NAME}` in them. What else there is (functions, conditions, loops) gives holes: unknown, not wrong.

mod hcl;

use std::cell::Cell;

use rustc_hash::FxHashMap;

use super::compose::interpolate::fits;
use crate::{
    source::Source,
    syntax::{
        SyntaxError,
        yaml::{Node, Tree},
    },
    text::{Origin, Text},
};

/// The targets of a bake file.
#[derive(Debug, Default)]
pub struct File {
    /// In order.
    pub targets: Vec<Target>,
}

/// One target.
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
    /// The stage to build.
    pub target: Option<Text>,
    /// Build args.
    pub args: Vec<(String, Text)>,
}

/// A block of a bake file before variables are filled in and targets inherit.
#[derive(Debug)]
struct Block {
    /// `target` or `variable`.
    kind: String,
    name: Text,
    attributes: Vec<(String, Value)>,
}

/// The value of an attribute.
#[derive(Debug)]
enum Value {
    /// Text with holes for `${…}`.
    Text(Text),
    List(Vec<Text>),
    Map(Vec<(String, Text)>),
}

/// Targets that inherit from targets that inherit … beyond this depth are left as they are.
const MAX_INHERITS: usize = 16;

impl File {
    /// Reads a bake file, HCL or JSON by its content. What is not understood is no error.
    pub fn read(source: &Source) -> (Self, Vec<SyntaxError>) {
        let is_json = source.text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        let blocks = if is_json { json(source) } else { hcl::read(source) };
        let variables = variables(&blocks);
        let targets: FxHashMap<&str, &Block> = blocks
            .iter()
            .filter(|block| block.kind == "target")
            .map(|block| (block.name.value.as_str(), block))
            .collect();
        let resolver = Resolver { budget: Cell::new(MAX_BASES), variables: &variables, targets: &targets };
        let own = blocks.iter().filter(|block| block.kind == "target");
        (Self { targets: own.map(|block| resolver.target(block, MAX_INHERITS)).collect() }, Vec::new())
    }
}

fn variables(blocks: &[Block]) -> FxHashMap<&str, Text> {
    let mut variables = FxHashMap::default();
    for block in blocks.iter().filter(|block| block.kind == "variable") {
        let default = block.attributes.iter().find(|(name, _)| name == "default");
        if let Some((_, Value::Text(text))) = default {
            let text = fill(text, &variables);
            variables.insert(block.name.value.as_str(), text);
        }
    }
    variables
}

/// The same text with the holes of known variables filled.
fn fill(text: &Text, variables: &FxHashMap<&str, Text>) -> Text {
    let mut out = Text::empty(text.span);
    for (range, piece) in text.ranges() {
        let value = text.value.get(range).unwrap_or_default();
        match &piece.origin {
            Origin::Hole(name) => match variables.get(name.as_str()).filter(|known| fits(known, &out, text)) {
                Some(known) => out.push_variable(name, known, piece.used_at),
                None => out.push(value, piece.at, piece.used_at, piece.origin.clone()),
            },
            origin => out.push(value, piece.at, piece.used_at, origin.clone()),
        }
    }
    out
}

/// How often targets may inherit in one file: bases that name each other twice would go on for ever.
const MAX_BASES: usize = 20_000;

struct Resolver<'b> {
    budget: Cell<usize>,
    variables: &'b FxHashMap<&'b str, Text>,
    targets: &'b FxHashMap<&'b str, &'b Block>,
}

impl Resolver<'_> {
    /// A target with what it inherits, later ones of `inherits` over earlier ones and its own over all.
    fn target(&self, block: &Block, depth: usize) -> Target {
        let mut target = Target {
            name: block.name.clone(),
            tags: Vec::new(),
            context: None,
            dockerfile: None,
            target: None,
            args: Vec::new(),
        };
        let own = |wanted: &str| block.attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        if let Some(Value::List(bases)) = own("inherits").filter(|_| depth > 0) {
            for base in bases.iter().filter_map(|name| self.targets.get(name.value.as_str())) {
                let Some(left) = self.budget.get().checked_sub(1) else { break };
                self.budget.set(left);
                target.inherit(self.target(base, depth - 1));
            }
        }
        let text = |name: &str| match own(name) {
            Some(Value::Text(text)) => Some(fill(text, self.variables)),
            _ => None,
        };
        target.context = text("context").or(target.context);
        target.dockerfile = text("dockerfile").or(target.dockerfile);
        target.target = text("target").or(target.target);
        if let Some(Value::List(tags)) = own("tags") {
            target.tags = tags.iter().map(|tag| fill(tag, self.variables)).collect();
        }
        if let Some(Value::Map(args)) = own("args") {
            target.args.extend(args.iter().map(|(name, value)| (name.clone(), fill(value, self.variables))));
        }
        target
    }
}

impl Target {
    fn inherit(&mut self, base: Self) {
        self.context = base.context.or(self.context.take());
        self.dockerfile = base.dockerfile.or(self.dockerfile.take());
        self.target = base.target.or(self.target.take());
        if !base.tags.is_empty() {
            self.tags = base.tags;
        }
        self.args.extend(base.args);
    }
}

fn json(source: &Source) -> Vec<Block> {
    let tree = Tree::parse(source);
    let mut blocks = Vec::new();
    for root in tree.documents() {
        for kind in ["variable", "target"] {
            for (name, body) in root.get(kind).into_iter().flat_map(Node::entries) {
                let Some(name) = text(name) else { continue };
                let attributes = body.entries().filter_map(|(key, node)| Some((key.text()?.to_owned(), value(node)?)));
                blocks.push(Block { kind: kind.to_owned(), name, attributes: attributes.collect() });
            }
        }
    }
    blocks
}

fn value(node: Node) -> Option<Value> {
    if node.is_sequence() {
        return Some(Value::List(node.items().filter_map(text).collect()));
    }
    if node.is_mapping() {
        let entries = node.entries().filter_map(|(key, value)| Some((key.text()?.to_owned(), text(value)?)));
        return Some(Value::Map(entries.collect()));
    }
    text(node).map(Value::Text)
}

fn text(node: Node) -> Option<Text> {
    let whole = node.text()?;
    let mut written = Text::empty(node.span());
    for (piece, at) in node.pieces() {
        written.push_literal(&piece, at);
    }
    let written = if written.value == whole { written } else { Text::literal(whole, node.span()) };
    Some(hcl::template(&written))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn read(text: &str) -> File {
        File::read(&Source::from_text(SourceId(0), "docker-bake.hcl", text)).0
    }

    const HCL: &str = r#"
        # A comment, and // another
        variable "TAG" { default = "ltsc2022" }
        variable "REGISTRY" {
          type = string
          default = "registry.contoso.com"
        }
        variable "NONE" {}
        function "tag" { params = [x] result = "${x}-y" }
        group "default" { targets = ["web", "api"] }
        target "_common" {
          context    = "src"
          args = { WINDOWS = "${TAG}", "QUOTED" = "x" }
        }
        target "web" {
          inherits = ["_common"]
          dockerfile = "web/Dockerfile"
          tags = ["${REGISTRY}/web:${TAG}", tag("a"), "x:${upper(TAG)}", NONE == "" ? "a" : "b"]
          args = {
            MORE: "1"
            WINDOWS = TAG
          }
          target = "final"
          contexts = { base = "target:base" }
        }
        target "api" { tags = ["api:1"] }
    "#;

    #[test]
    fn targets_inherit_and_variables_are_filled_in() {
        let file = read(HCL);
        let names: Vec<_> = file.targets.iter().map(|target| target.name.value.as_str()).collect();
        assert_eq!(names, ["_common", "web", "api"]);
        let web = &file.targets[1];
        assert_eq!(web.context.as_ref().and_then(Text::known), Some("src"));
        assert_eq!(web.dockerfile.as_ref().and_then(Text::known), Some("web/Dockerfile"));
        assert_eq!(web.target.as_ref().and_then(Text::known), Some("final"));
        let tags: Vec<_> = web.tags.iter().map(Text::known).collect();
        assert_eq!(tags, [Some("registry.contoso.com/web:ltsc2022"), None, None, None]);
        let args: Vec<_> = web.args.iter().map(|(name, value)| (name.as_str(), value.known())).collect();
        assert_eq!(
            args,
            [("WINDOWS", Some("ltsc2022")), ("QUOTED", Some("x")), ("MORE", Some("1")), ("WINDOWS", Some("ltsc2022"))]
        );
    }

    #[test]
    fn a_variable_is_located_at_its_default() {
        let file = read(HCL);
        let tag = &file.targets[1].tags[0];
        let at = tag.locate(tag.value.len() - 8..tag.value.len());
        assert_eq!(HCL.get(at.range()), Some("ltsc2022"));
        assert_eq!(HCL.get(tag.span.range()), Some("${REGISTRY}/web:${TAG}"));
    }

    #[test]
    fn json_says_the_same() {
        let file = read(
            r#"{"variable": {"TAG": {"default": "1809"}},
                "target": {"web": {"context": ".", "tags": ["web:${TAG}"], "args": {"A": "${TAG}"}}}}"#,
        );
        assert_eq!(file.targets[0].tags[0].known(), Some("web:1809"));
        assert_eq!(file.targets[0].args[0].1.known(), Some("1809"));
    }

    #[test]
    fn broken_input_loses_no_more_than_itself() {
        for text in ["target \"a", "target \"a\" { tags = [", "target \"a\" { tags = [\"x\" }", "}}}", "target {{{{"] {
            read(text);
        }
        let file = read("target \"a\" { tags = [ 1 + (2 ] }\ntarget \"b\" { tags = [\"b:1\"] }");
        assert!(file.targets.iter().any(|target| target.name.value == "a"));
        read(&"target \"a\" { x = [".repeat(10_000));
        read(&"{\"a\":[".repeat(10_000));
    }

    #[test]
    fn targets_that_inherit_from_each_other_end() {
        let names = "[\"a\",\"b\",\"a\",\"b\",\"a\",\"b\"]";
        let file = read(&format!("target \"a\" {{ inherits = {names} }} target \"b\" {{ inherits = {names} }}"));
        assert_eq!(file.targets.len(), 2);
    }
}
