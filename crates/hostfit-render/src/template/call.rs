//! Pipelines, commands and calls of functions.

use gotmpl::parse::{CommandNode, Expr, Number, PipeNode};

use super::{
    args::Args,
    exec::{Holes, Machine, offset},
    source::Source,
};
use crate::{
    fault::{Fault, Run, Stop, fail},
    text::{Origin, Text},
    value::{Num, Value},
};

impl Machine<'_> {
    pub(super) fn pipeline(&mut self, pipe: &PipeNode, dot: &Value, source: &Source) -> Run<Value> {
        let mut value = None;
        let last = pipe.commands.len().saturating_sub(1);
        for (at, command) in pipe.commands.iter().enumerate() {
            value = Some(match self.command(command, dot, source, value) {
                // What comes next may say how what is unknown is printed, as `nindent` does.
                Err(Stop::Fault(fault)) if at < last => {
                    Value::Hole(self.hole(&fault, source.action_at(offset(pipe.pos)), source))
                }
                other => other?,
            });
        }
        let value = value.unwrap_or(Value::Nil);
        self.declare(pipe, &value);
        Ok(value)
    }

    fn command(&mut self, command: &CommandNode, dot: &Value, source: &Source, last: Option<Value>) -> Run<Value> {
        let Some((first, args)) = command.args.split_first() else { return Ok(Value::Nil) };
        let has_args = !args.is_empty() || last.is_some();
        match first {
            Expr::Identifier(_, name) => self.function(name, args, dot, source, last),
            Expr::Field(_, names) => self.fields(dot, dot, names, args, source, last),
            Expr::Variable(_, name, names) => {
                let value = self.variable(name)?;
                if names.is_empty() {
                    return if has_args { fail("cannot give argument to non-function") } else { Ok(value) };
                }
                self.fields(dot, &value, names, args, source, last)
            }
            Expr::Chain(_, inner, names) => {
                let value = self.expression(inner, dot, source)?;
                self.fields(dot, &value, names, args, source, last)
            }
            Expr::Nil(_) => fail("nil is not a command"),
            _ if has_args => fail("cannot give argument to non-function"),
            other => self.expression(other, dot, source),
        }
    }

    fn fields(
        &mut self,
        dot: &Value,
        receiver: &Value,
        names: &[gotmpl::parse::SmolStr],
        args: &[Expr],
        source: &Source,
        last: Option<Value>,
    ) -> Run<Value> {
        let mut values = Vec::with_capacity(args.len() + 1);
        for arg in args {
            values.push(self.expression(arg, dot, source)?);
        }
        values.extend(last);
        self.chain(receiver, names, &Args { values })
    }

    fn variable(&self, name: &str) -> Run<Value> {
        let own = self.vars.get(self.frame..).unwrap_or_default();
        match own.iter().rev().find(|(it, _)| it == name) {
            Some((_, value)) => Ok(value.clone()),
            None => fail(format!("undefined variable: {name}")),
        }
    }

    fn expression(&mut self, expr: &Expr, dot: &Value, source: &Source) -> Run<Value> {
        let none = Args { values: Vec::new() };
        match expr {
            Expr::Dot(_) => Ok(dot.clone()),
            Expr::Field(_, names) => self.chain(dot, names, &none),
            Expr::Variable(_, name, names) => {
                let value = self.variable(name)?;
                self.chain(&value, names, &none)
            }
            Expr::Identifier(_, name) => self.function(name, &[], dot, source, None),
            Expr::String(pos, value) => {
                let range = source.string_at(offset(*pos));
                let is_verbatim = source.text.as_str().get(range.clone()) == Some(&**value);
                let text = if is_verbatim {
                    source.text.part(range)
                } else {
                    Text::new(&**value, Origin::made([&source.text.origin_of(range)]))
                };
                Ok(Value::text(text))
            }
            Expr::Number(pos, number) => {
                let at = offset(*pos);
                let len = source.text.as_str().get(at..).map_or(0, |rest| {
                    rest.find(|it: char| !(it.is_ascii_alphanumeric() || "+-._".contains(it))).unwrap_or(rest.len())
                });
                let origin = source.text.origin_of(at..at + len);
                match number {
                    Number::Int(it) => Ok(Value::Num(Num::Int(*it), origin)),
                    Number::Float(it) => Ok(Value::Num(Num::Float(*it), origin)),
                    Number::Uint(it) => fail(format!("{it} overflows int")),
                }
            }
            Expr::Bool(pos, is) => {
                let at = offset(*pos);
                let len = if *is { 4 } else { 5 };
                Ok(Value::Bool(*is, source.text.origin_of(at..at + len)))
            }
            Expr::Nil(_) => Ok(Value::Nil),
            Expr::Pipe(_, pipe) => self.nested(|this| this.pipeline(pipe, dot, source)),
            Expr::Chain(_, inner, names) => {
                let value = self.nested(|this| this.expression(inner, dot, source))?;
                self.chain(&value, names, &none)
            }
        }
    }

    fn function(&mut self, name: &str, args: &[Expr], dot: &Value, source: &Source, last: Option<Value>) -> Run<Value> {
        self.budget.step(1)?;
        if name == "and" || name == "or" {
            return self.and_or(name == "or", args, dot, source, last);
        }
        let Some(function) = (self.functions)(name) else { return fail(format!("function \"{name}\" is not known")) };
        let mut values = Vec::with_capacity(args.len() + 1);
        for arg in args {
            values.push(self.expression(arg, dot, source)?);
        }
        values.extend(last);
        if values.len() < function.min || values.len() > function.max {
            return fail(format!("wrong number of args for {name}: want {} got {}", function.min, values.len()));
        }
        if function.holes == Holes::Spread
            && let Some(hole) = values.iter().find_map(Value::hole)
        {
            return Err(Fault::unknown(hole).into());
        }
        let value = (function.run)(self, &Args { values })?;
        if let Value::Str(text) = &value {
            self.budget.take(text.cost())?;
        }
        Ok(value)
    }

    fn and_or(&mut self, is_or: bool, args: &[Expr], dot: &Value, source: &Source, last: Option<Value>) -> Run<Value> {
        if args.is_empty() && last.is_none() {
            return fail("wrong number of args for and: want at least 1 got 0");
        }
        let mut value = Value::Nil;
        for arg in args {
            value = self.expression(arg, dot, source)?;
            if let Some(hole) = value.hole()
                && !value.is_certainly_true()
            {
                return Ok(Value::Hole(hole));
            }
            if self.is_true(&value) == is_or {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }
}
