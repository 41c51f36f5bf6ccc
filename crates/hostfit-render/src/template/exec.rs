//! Runs the nodes of a template.

use std::{ops::Range, rc::Rc, sync::Arc};

use gotmpl::parse::{BranchNode, ListNode, Node, PipeNode, Pos, SmolStr, TemplateNode};
use rustc_hash::FxHashMap;

use super::{
    args::Args,
    guess::Alone,
    source::{Program, Source, Template, parse},
    unknown::{assigned, first_indent, put_hole, unless_only_a_hole, without_no_value},
};
use crate::{
    fault::{Budget, Fault, MAX_INCLUDES, MAX_OUTPUT, MAX_RANGE, Run, Stop, fail},
    print,
    text::{HoleId, Origin, Place, Text, saturating_u32},
    value::{Heap, Num, Value, count, object_entries},
};

/// How deep nodes and pipelines may nest over all templates that include each other: what a thread's stack holds.
const MAX_NESTING: usize = 600;

/// What could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The expression as it is written.
    pub expression: String,
    /// Why: in Helm's words where it is Helm that refuses.
    pub reason: String,
    /// Where the expression stands, if a file has it.
    pub place: Option<Place>,
}

/// A part of an output, and the template's bytes that wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// One past the last byte in the output; it starts where the use before it ends.
    pub end: u32,
    /// The literal or the whole `{{ … }}` of the template that is rendered.
    pub place: Place,
}

/// What becomes of a call with an argument that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holes {
    /// The result is not known.
    Spread,
    /// The function knows what to do.
    Keep,
}

/// A function.
pub(crate) struct Function {
    pub(crate) run: fn(&mut Machine<'_>, &Args) -> Run<Value>,
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) holes: Holes,
}

/// The functions by name.
pub(crate) type Functions = fn(&str) -> Option<&'static Function>;

/// What evaluates templates.
pub(crate) struct Machine<'p> {
    pub(crate) heap: Heap,
    pub(crate) holes: Vec<Hole>,
    pub(crate) budget: Budget,
    pub(crate) regexes: FxHashMap<String, Option<Rc<regex::Regex>>>,
    program: &'p Program,
    /// The functions by name.
    pub(super) functions: Functions,
    /// What `tpl` defines, innermost last.
    local: Vec<Program>,
    pub(super) vars: Vec<(SmolStr, Value)>,
    /// Where the variables of the running template begin.
    pub(super) frame: usize,
    pub(super) includes: usize,
    nesting: usize,
    uses: Vec<Use>,
    /// Nodes evaluated so far.
    nodes: u64,
    /// How many they were when the outermost `range` began.
    range_since: Option<u64>,
    /// Whether nothing is known but the template, and what was taken for true there.
    pub(super) alone: Option<Alone>,
    /// The first of the holes by where they are, and how many these are.
    by_place: FxHashMap<Option<Place>, Vec<usize>>,
    placed: usize,
}

impl<'p> Machine<'p> {
    pub(crate) fn new(program: &'p Program, functions: Functions, budget: Budget, heap: Heap) -> Self {
        Self {
            heap,
            holes: Vec::new(),
            budget,
            regexes: FxHashMap::default(),
            program,
            functions,
            local: Vec::new(),
            vars: Vec::new(),
            frame: 0,
            includes: 0,
            nesting: 0,
            uses: Vec::new(),
            nodes: 0,
            range_since: None,
            alone: None,
            by_place: FxHashMap::default(),
            placed: 0,
        }
    }

    /// Runs a template as Helm runs the file that it is.
    pub(crate) fn render(&mut self, name: &str, dot: &Value) -> (Text, Vec<Use>, Option<&'static str>) {
        let mut out = Text::default();
        self.uses.clear();
        let Some(template) = self.find(name) else { return (out, Vec::new(), None) };
        self.vars = vec![(SmolStr::new_static("$"), dot.clone())];
        self.frame = 0;
        let stopped = match self.list(&template.body, dot, &template.source, &mut out) {
            Err(Stop::Limit(limit)) => Some(limit),
            _ => None,
        };
        (out, std::mem::take(&mut self.uses), stopped)
    }

    fn find(&self, name: &str) -> Option<Template> {
        let local = self.local.iter().rev().find_map(|program| program.get(name));
        local.or_else(|| self.program.get(name)).cloned()
    }

    /// What is not known from here on, for the reason of a fault.
    pub(crate) fn hole(&mut self, fault: &Fault, range: Range<usize>, source: &Source) -> HoleId {
        if let Some(hole) = fault.hole {
            return hole;
        }
        let place = source.text.origin_of(range.clone()).places().first().copied();
        let action = source.text.as_str().get(range).unwrap_or_default();
        let expression = action.trim_start_matches("{{").trim_end_matches("}}").trim_matches('-').trim();
        self.new_hole(Hole { expression: expression.to_owned(), reason: fault.message.clone(), place })
    }

    pub(crate) fn new_hole(&mut self, hole: Hole) -> HoleId {
        for (at, known) in self.holes.iter().enumerate().skip(self.placed) {
            self.by_place.entry(known.place).or_default().push(at);
        }
        self.placed = self.holes.len();
        let there = self.by_place.get(&hole.place).into_iter().flatten();
        let known = there.copied().find(|at| self.holes.get(*at) == Some(&hole));
        let at = known.unwrap_or_else(|| {
            self.holes.push(hole);
            self.holes.len() - 1
        });
        HoleId(saturating_u32(at))
    }

    pub(super) fn nested<T>(&mut self, run: impl FnOnce(&mut Self) -> Run<T>) -> Run<T> {
        if self.nesting >= MAX_NESTING {
            return Err(Stop::Limit("templates nested too deep"));
        }
        self.nesting += 1;
        let done = run(self);
        self.nesting -= 1;
        done
    }

    pub(super) fn list(&mut self, list: &ListNode, dot: &Value, source: &Source, out: &mut Text) -> Run<()> {
        let mark = self.vars.len();
        let done = list.nodes.iter().try_for_each(|node| self.node(node, dot, source, out));
        self.vars.truncate(mark);
        done
    }

    fn node(&mut self, node: &Node, dot: &Value, source: &Source, out: &mut Text) -> Run<()> {
        self.count_node()?;
        match node {
            Node::Text(text) => {
                let range = source.literal(text.pos.offset, &text.text);
                self.budget.take(range.len())?;
                out.push_part(&source.text, range.clone());
                self.used(source, range, out)
            }
            Node::Action(action) => {
                let value = self.pipeline_or_hole(&action.pipe, dot, source)?;
                let value = self.named(value, action.pos.offset, source);
                if action.pipe.decl.is_empty() {
                    let range = source.action_at(action.pos.offset);
                    self.open_value(&value, &range, source, out);
                    match self.print(&value, out) {
                        Err(Stop::Fault(fault)) => put_hole(self.hole(&fault, range.clone(), source), out),
                        other => other?,
                    }
                    self.used(source, range, out)?;
                }
                Ok(())
            }
            Node::If(branch) => self.scoped(|this| this.nested(|this| this.branch(branch, dot, source, out, false))),
            Node::With(branch) => self.scoped(|this| this.nested(|this| this.branch(branch, dot, source, out, true))),
            Node::Range(range) => self.scoped(|this| this.nested(|this| this.range(range, dot, source, out))),
            Node::Template(template) => self.template(template, dot, source, out),
            Node::List(list) => self.list(list, dot, source, out),
            Node::Define(_) => Ok(()),
            Node::Break(_) => Err(Stop::Break),
            Node::Continue(_) => Err(Stop::Continue),
        }
    }

    fn count_node(&mut self) -> Run<()> {
        self.budget.step(1)?;
        self.nodes += 1;
        if self.range_since.is_some_and(|since| self.nodes - since > MAX_RANGE) {
            return Err(Stop::Limit("a range evaluates over 100,000 nodes"));
        }
        Ok(())
    }

    /// Forgets the variables that `run` declares.
    fn scoped(&mut self, run: impl FnOnce(&mut Self) -> Run<()>) -> Run<()> {
        let mark = self.vars.len();
        let done = run(self);
        self.vars.truncate(mark);
        done
    }

    pub(super) fn used(&mut self, source: &Source, range: Range<usize>, out: &Text) -> Run<()> {
        if out.len() > MAX_OUTPUT {
            return Err(Stop::Limit("the output is over 8 MiB"));
        }
        if self.includes == 0
            && let Origin::Written(place) = source.text.origin_of(range)
        {
            self.uses.push(Use { end: saturating_u32(out.len()), place });
        }
        Ok(())
    }

    /// Forgets what wrote the bytes from `start` on, which were taken back.
    pub(super) fn unuse(&mut self, start: usize) {
        let kept = self.uses.partition_point(|used| used.end as usize <= start);
        self.uses.truncate(kept);
    }

    fn print(&mut self, value: &Value, out: &mut Text) -> Run<()> {
        match value {
            Value::Hole(hole) => put_hole(*hole, out),
            Value::Str(text) => {
                self.budget.take(text.cost())?;
                out.push_text(text);
            }
            other => {
                let mut printed = Text::default();
                print::print(&self.heap, other, &mut printed)?;
                self.budget.take(printed.cost())?;
                out.push_text(&printed);
            }
        }
        Ok(())
    }

    /// The value of a pipeline; a hole where it cannot be evaluated.
    pub(super) fn pipeline_or_hole(&mut self, pipe: &PipeNode, dot: &Value, source: &Source) -> Run<Value> {
        match self.pipeline(pipe, dot, source) {
            Err(Stop::Fault(fault)) => {
                let hole = Value::Hole(self.hole(&fault, source.action_at(pipe.pos.offset), source));
                // The value did not get as far as its variables.
                self.declare(pipe, &hole);
                Ok(hole)
            }
            other => other,
        }
    }

    fn branch(&mut self, branch: &BranchNode, dot: &Value, source: &Source, out: &mut Text, is_with: bool) -> Run<()> {
        let value = self.pipeline_or_hole(&branch.pipe, dot, source)?;
        if let Some(hole) = value.hole()
            && !value.is_certainly_true()
        {
            if self.may_guess() {
                let hole = self.asked(branch.pos.offset, source);
                return self.guess(branch, hole, if is_with { &value } else { dot }, dot, source, out);
            }
            self.unknown(branch, hole, out);
            return self.used(source, source.action_at(branch.pos.offset), out);
        }
        if self.is_true(&value) {
            self.list(&branch.body, if is_with { &value } else { dot }, source, out)
        } else if let Some(otherwise) = &branch.else_body {
            self.list(otherwise, dot, source, out)
        } else {
            Ok(())
        }
    }

    /// What a branch writes is not known, and neither are the variables that it assigns to.
    pub(super) fn unknown(&mut self, branch: &BranchNode, hole: HoleId, out: &mut Text) {
        self.forget(branch, hole);
        // Where the branch writes lines of its own, the one before is not part of what is unknown.
        let lists = [Some(&branch.body), branch.else_body.as_ref()];
        match lists.into_iter().flatten().find_map(first_indent) {
            Some(indent) => {
                out.push_given("\n");
                out.push_given(&" ".repeat(indent));
                out.push("", Origin::Hole(hole));
            }
            None => put_hole(hole, out),
        }
    }

    /// The variables that a branch assigns to are not known.
    pub(super) fn forget(&mut self, branch: &BranchNode, hole: HoleId) {
        let mut names = Vec::new();
        assigned(&branch.body, &mut names);
        if let Some(otherwise) = &branch.else_body {
            assigned(otherwise, &mut names);
        }
        for name in names {
            self.assign(&name, &Value::Hole(hole));
        }
    }

    fn range(&mut self, range: &BranchNode, dot: &Value, source: &Source, out: &mut Text) -> Run<()> {
        let bare = PipeNode { decl: Vec::new(), ..range.pipe.clone() };
        let value = self.pipeline_or_hole(&bare, dot, source)?;
        let pairs: Vec<(Value, Value)> = match &value {
            Value::Nil => Vec::new(),
            Value::List(list) => {
                let items = self.heap.list(*list).iter();
                items.enumerate().map(|(at, item)| (Value::int(count(at)), item.clone())).collect()
            }
            Value::Map(map) if self.heap.map(*map).gap.is_none() => {
                let map = self.heap.map(*map);
                let keys = map.keys();
                keys.into_iter().zip(map.slots.values().map(|slot| slot.value.clone())).collect()
            }
            Value::Object(object) => object_entries(object),
            Value::Num(Num::Int(until) | Num::Int64(until), _) if range.pipe.decl.len() < 2 => {
                return self.count_to(*until, range, dot, source, out);
            }
            other => {
                let fault = match (other, self.heap.hole_in(other)) {
                    (_, Some(hole)) => Fault::unknown(hole),
                    _ => Fault::new(format!("range cannot iterate over a {}", other.type_name(&self.heap))),
                };
                let hole = self.hole(&fault, source.action_at(range.pos.offset), source);
                if self.may_guess() {
                    let hole = self.asked(range.pos.offset, source);
                    return self.guess_item(range, hole, dot, source, out);
                }
                self.unknown(range, hole, out);
                return self.used(source, source.action_at(range.pos.offset), out);
            }
        };
        if pairs.is_empty() {
            return range.else_body.as_ref().map_or(Ok(()), |otherwise| self.list(otherwise, dot, source, out));
        }
        self.iterate(range, pairs.into_iter(), source, out)
    }

    fn count_to(&mut self, until: i64, range: &BranchNode, dot: &Value, source: &Source, out: &mut Text) -> Run<()> {
        if until <= 0 {
            return range.else_body.as_ref().map_or(Ok(()), |otherwise| self.list(otherwise, dot, source, out));
        }
        self.iterate(range, (0..until).map(|at| (Value::int(at), Value::int(at))), source, out)
    }

    fn iterate(
        &mut self,
        range: &BranchNode,
        pairs: impl Iterator<Item = (Value, Value)>,
        source: &Source,
        out: &mut Text,
    ) -> Run<()> {
        let is_outermost = self.range_since.is_none();
        if is_outermost {
            self.range_since = Some(self.nodes);
        }
        let mark = self.vars.len();
        let mut done = Ok(());
        for (key, value) in pairs {
            match (range.pipe.decl.as_slice(), range.pipe.is_assign) {
                ([item], true) => self.assign(item, &value),
                ([index, item], true) => {
                    self.assign(index, &key);
                    self.assign(item, &value);
                }
                ([item], false) => self.vars.push((item.clone(), value.clone())),
                ([index, item], false) => {
                    self.vars.push((index.clone(), key));
                    self.vars.push((item.clone(), value.clone()));
                }
                _ => {}
            }
            let ran = self.count_node().and_then(|()| self.list(&range.body, &value, source, out));
            self.vars.truncate(mark);
            match ran {
                Ok(()) | Err(Stop::Continue) => {}
                Err(Stop::Break) => break,
                Err(other) => {
                    done = Err(other);
                    break;
                }
            }
        }
        if is_outermost {
            self.range_since = None;
        }
        done
    }

    fn template(&mut self, node: &TemplateNode, dot: &Value, source: &Source, out: &mut Text) -> Run<()> {
        let value = match &node.pipe {
            Some(pipe) => self.pipeline_or_hole(pipe, dot, source)?,
            None => Value::Nil,
        };
        let at = source.action_at(node.pos.offset);
        match self.run(&node.name, &value, out) {
            Err(Stop::Fault(fault)) => {
                let hole = self.hole(&fault, at.clone(), source);
                put_hole(hole, out);
            }
            other => other?,
        }
        self.used(source, at, out)
    }

    /// Runs a named template.
    pub(crate) fn run(&mut self, name: &str, dot: &Value, out: &mut Text) -> Run<()> {
        match self.find(name) {
            Some(template) => self.enter(&template, dot, out),
            None => fail(format!("include \"{name}\" is not in the tree")),
        }
    }

    fn enter(&mut self, template: &Template, dot: &Value, out: &mut Text) -> Run<()> {
        if self.includes >= MAX_INCLUDES {
            return Err(Stop::Limit("templates include each other over 128 levels deep"));
        }
        self.includes += 1;
        let (frame, mark) = (self.frame, self.vars.len());
        self.frame = mark;
        self.vars.push((SmolStr::new_static("$"), dot.clone()));
        let done = self.nested(|this| this.list(&template.body, dot, &template.source, out));
        self.vars.truncate(mark);
        self.frame = frame;
        self.includes -= 1;
        match done {
            // As Go, where the caller's loop does not see it.
            Err(Stop::Break | Stop::Continue) => Ok(()),
            other => other,
        }
    }

    /// `include`: what a named template writes.
    pub(crate) fn include(&mut self, name: &str, dot: &Value) -> Run<Value> {
        let mut out = Text::default();
        self.run(name, dot, &mut out)?;
        Ok(unless_only_a_hole(out))
    }

    /// `tpl`: what a text writes that is a template itself.
    pub(crate) fn tpl(&mut self, text: &Text, dot: &Value) -> Run<Value> {
        if !text.as_str().contains("{{") {
            return Ok(Value::text(text.clone()));
        }
        self.budget.step(1 + text.len() as u64 / 64)?;
        if self.includes >= MAX_INCLUDES {
            return Err(Stop::Limit("templates include each other over 128 levels deep"));
        }
        let parsed = parse(Arc::new(text.clone()))
            .map_err(|error| Fault::new(format!("cannot parse template: {}", error.message)))?;
        let mut program = Program::default();
        program.define(&parsed);
        self.local.push(program);
        let mut out = Text::default();
        let done = self.enter(&parsed.whole, dot, &mut out);
        self.local.pop();
        done?;
        Ok(unless_only_a_hole(without_no_value(out)))
    }

    pub(super) fn declare(&mut self, pipe: &PipeNode, value: &Value) {
        for name in &pipe.decl {
            if pipe.is_assign {
                self.assign(name, value);
            } else {
                self.vars.push((name.clone(), value.clone()));
            }
        }
    }

    pub(super) fn assign(&mut self, name: &str, value: &Value) {
        let frame = self.frame;
        let own = self.vars.get_mut(frame..).unwrap_or_default();
        if let Some((_, slot)) = own.iter_mut().rev().find(|(it, _)| it == name) {
            *slot = value.clone();
        }
    }

    /// Go's truth of a value.
    pub(crate) fn is_true(&self, value: &Value) -> bool {
        match value {
            Value::Nil => false,
            Value::Bool(is, _) => *is,
            Value::Num(num, _) => !num.is_zero(),
            Value::Str(text) => !text.is_empty(),
            Value::List(list) => !self.heap.list(*list).is_empty(),
            Value::Map(map) => !self.heap.map(*map).slots.is_empty() || self.heap.map(*map).gap.is_some(),
            Value::Object(object) => object.is_true(),
            Value::Hole(_) => true,
        }
    }
}

/// Where a node stands.
pub(super) fn offset(pos: Pos) -> usize {
    pos.offset
}
