//! A template of which nothing is known but what it says itself: what stands under a condition that is not known is
//! written as if that held, since the template is made for this case too, and it is noted which part that is.

use std::{ops::Range, rc::Rc};

use gotmpl::parse::{BranchNode, Expr, ListNode, Node};
use rustc_hash::FxHashMap;

use super::{
    exec::{Hole, Machine},
    guess::{Alone, Guess},
    source::Source,
};
use crate::{
    fault::{Run, Stop},
    text::{HoleId, Text},
    value::{Map, MapId, Value},
};

impl Machine<'_> {
    /// Renders a template with nothing known.
    pub(crate) fn render_alone(&mut self, name: &str) -> (Text, Vec<super::Use>, Option<&'static str>, Vec<Guess>) {
        let dot = self.new_hole(Hole {
            expression: ".".to_owned(),
            reason: "it is not known what the template is given".to_owned(),
            place: None,
        });
        self.alone = Some(Alone { dot, named: FxHashMap::default(), guesses: Vec::new(), open: Vec::new() });
        let (text, uses, stopped) = self.render(name, &Value::Hole(dot));
        let guesses = self.alone.take().map(|alone| alone.guesses).unwrap_or_default();
        (text, uses, stopped, guesses)
    }

    /// Whether what stands under a condition may be written as if it held: in the template itself, not in what it includes,
    /// whose text may become anything.
    pub(super) fn may_guess(&self) -> bool {
        self.includes == 0 && self.alone.is_some()
    }

    /// What is not known of `.`, called by the action that asks.
    pub(super) fn name(&mut self, hole: HoleId, at: usize, source: &Source) -> HoleId {
        if self.alone.as_ref().is_some_and(|alone| alone.dot == hole) { self.asked(at, source) } else { hole }
    }

    /// What the action at a place leaves unknown.
    pub(super) fn asked(&mut self, at: usize, source: &Source) -> HoleId {
        let key = (std::ptr::from_ref(source), at);
        if let Some(known) = self.alone.as_ref().and_then(|alone| alone.named.get(&key)) {
            return *known;
        }
        let range = source.action_at(at);
        let place = source.text.origin_of(range.clone()).places().first().copied();
        let action = source.text.as_str().get(range).unwrap_or_default();
        let expression = action.trim_start_matches("{{").trim_end_matches("}}").trim_matches('-').trim().to_owned();
        let reason = format!("`{expression}` is not known");
        let new = HoleId(crate::text::saturating_u32(self.holes.len()));
        self.holes.push(Hole { expression, reason, place });
        if let Some(alone) = &mut self.alone {
            alone.named.insert(key, new);
        }
        new
    }

    /// The same for a value that is about to be printed.
    pub(super) fn named(&mut self, value: Value, at: usize, source: &Source) -> Value {
        let Some(dot) = self.alone.as_ref().map(|alone| alone.dot) else { return value };
        match value {
            Value::Hole(hole) => Value::Hole(self.name(hole, at, source)),
            Value::Str(text) if text.holes().any(|hole| hole == dot) => {
                let new = self.name(dot, at, source);
                Value::Str(Rc::new(text.renamed(dot, new)))
            }
            other => other,
        }
    }

    /// Goes to the next line where what is not known is the value of the key before it: `labels:` and, on the next line,
    /// `{{- include "labels" . }}`.
    pub(super) fn open_value(&self, value: &Value, action: &Range<usize>, source: &Source, out: &mut Text) {
        if self.alone.is_none() || !matches!(value, Value::Hole(_)) || !out.as_str().ends_with(':') {
            return;
        }
        let (before, own) = source.text.as_str().split_at_checked(action.start).unwrap_or_default();
        let blank = before.get(before.trim_end().len()..).unwrap_or_default();
        let line = out.as_str().rsplit('\n').next().unwrap_or_default();
        let is_key = line.trim().split([' ', '"']).count() == 1;
        if own.starts_with("{{-") && blank.contains('\n') && is_key {
            let indent = line.len() - line.trim_start().len() + 2;
            out.push_given(&format!("\n{}", " ".repeat(indent)));
        }
    }

    /// Writes what stands under a condition that is not known as if it held. `inner` is what `.` is there.
    pub(super) fn guess(
        &mut self,
        branch: &BranchNode,
        hole: HoleId,
        inner: &Value,
        dot: &Value,
        source: &Source,
        out: &mut Text,
    ) -> Run<()> {
        let otherwise = branch.else_body.as_ref();
        // What fails reaches no cluster, and what leaves a loop leaves out the rest of it: then the condition does not hold.
        if ends(&branch.body) {
            self.forget(branch, hole);
            return otherwise.map_or(Ok(()), |otherwise| self.list(otherwise, dot, source, out));
        }
        if otherwise.is_some_and(ends) {
            let done = self.list(&branch.body, inner, source, out);
            self.forget(branch, hole);
            return done;
        }
        self.guessed(branch, hole, source, out, &mut |this, out| this.list(&branch.body, inner, source, out), dot)
    }

    /// The same for an item of a list that is not known.
    pub(super) fn guess_item(
        &mut self,
        range: &BranchNode,
        hole: HoleId,
        dot: &Value,
        source: &Source,
        out: &mut Text,
    ) -> Run<()> {
        if ends(&range.body) {
            self.unknown(range, hole, out);
            return self.used(source, source.action_at(range.pos.offset), out);
        }
        let item = Value::Hole(hole);
        let mut run = |this: &mut Self, out: &mut Text| {
            let mark = this.vars.len();
            for name in &range.pipe.decl {
                if range.pipe.is_assign {
                    this.assign(name, &item);
                } else {
                    this.vars.push((name.clone(), item.clone()));
                }
            }
            let done = this.list(&range.body, &item, source, out);
            this.vars.truncate(mark);
            match done {
                Err(Stop::Break | Stop::Continue) => Ok(()),
                other => other,
            }
        };
        self.guessed(range, hole, source, out, &mut run, dot)?;
        if range.pipe.is_assign {
            range.pipe.decl.iter().for_each(|name| self.assign(name, &item));
        }
        Ok(())
    }

    fn guessed(
        &mut self,
        branch: &BranchNode,
        hole: HoleId,
        source: &Source,
        out: &mut Text,
        run: &mut dyn FnMut(&mut Self, &mut Text) -> Run<()>,
        dot: &Value,
    ) -> Run<()> {
        // In a loop it may have been assigned to before.
        self.forget(branch, hole);
        let (start, mark) = (out.len(), out.mark());
        let starts_line = is_blank_line(out);
        let known = self.alone.as_ref().map_or(0, |alone| alone.guesses.len());
        let mut done = self.while_guessing(hole, |this| run(this, out));
        self.forget(branch, hole);
        let mut otherwise = None;
        if let Some(list) = branch.else_body.as_ref().filter(|_| done.is_ok()) {
            if is_blank_since(out, start) {
                done = self.while_guessing(hole, |this| this.list(list, dot, source, out));
            } else {
                let mut other = Text::default();
                // As in what is included: it is part of no output.
                self.includes += 1;
                done = self.while_guessing(hole, |this| this.list(list, dot, source, &mut other));
                self.includes -= 1;
                otherwise = Some(other);
            }
            self.forget(branch, hole);
        }
        let written = out.as_str().get(start..).into_iter().chain(otherwise.as_ref().map(Text::as_str));
        if done.is_ok() && !starts_line && !written.clone().all(goes_to_next_line) {
            // A part of a line is not known as a whole.
            out.reset(mark);
            self.unuse(start);
            if let Some(alone) = &mut self.alone {
                alone.guesses.truncate(known);
            }
            self.unknown(branch, hole, out);
            return self.used(source, source.action_at(branch.pos.offset), out);
        }
        if let Some(alone) = self.alone.as_mut().filter(|_| !is_blank_since(out, start)) {
            alone.guesses.push(Guess { range: start..out.len(), hole, otherwise });
        }
        done
    }

    fn while_guessing(&mut self, hole: HoleId, run: impl FnOnce(&mut Self) -> Run<()>) -> Run<()> {
        if let Some(alone) = &mut self.alone {
            alone.open.push(hole);
        }
        let mark = self.vars.len();
        let done = self.nested(run);
        self.vars.truncate(mark);
        if let Some(alone) = &mut self.alone {
            alone.open.pop();
        }
        done
    }

    /// Whether a mapping is about to be changed where it is not known that this happens: then it is not known what it holds.
    pub(crate) fn forgets(&mut self, map: MapId) -> bool {
        let Some(hole) = self.alone.as_ref().and_then(|alone| alone.open.last().copied()) else { return false };
        *self.heap.map_mut(map) = Map { gap: Some(hole), ..Map::default() };
        true
    }
}

/// Whether a branch fails, or leaves the loop around it.
fn ends(list: &ListNode) -> bool {
    list.nodes.iter().any(|node| match node {
        Node::Break(_) | Node::Continue(_) => true,
        Node::Action(action) => {
            let mut first = action.pipe.commands.iter().filter_map(|command| command.args.first());
            first.any(|expr| matches!(expr, Expr::Identifier(_, name) if name == "fail"))
        }
        _ => false,
    })
}

/// Whether the last line has nothing on it yet.
fn is_blank_line(out: &Text) -> bool {
    out.as_str().rsplit('\n').next().unwrap_or_default().trim().is_empty()
}

/// Whether a text that is written behind others of its line leaves that alone.
fn goes_to_next_line(text: &str) -> bool {
    let blank = text.len() - text.trim_start().len();
    text.trim_start().is_empty() || text.get(..blank).is_some_and(|blank| blank.contains('\n'))
}

/// Whether nothing was written since, not even what is not known.
fn is_blank_since(out: &Text, start: usize) -> bool {
    out.as_str().get(start..).is_some_and(|written| written.trim().is_empty()) && !out.has_hole_since(start)
}
