//! Expressions to values, as HCL evaluates them. What depends on the environment, on time or on something that is not
//! implemented is unknown; so is what HCL refuses.

mod template;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use hcl_edit::{
    Decorated, Ident,
    expr::{
        BinaryOp, BinaryOperator, Expression, ForExpr, FuncCall, Object, ObjectKey, Traversal, TraversalOperator,
        UnaryOp, UnaryOperator,
    },
};
use rustc_hash::FxHashMap;

use self::template::{Literals, is_plain};
use super::{
    functions::{self, integer},
    read::{Block, Place, Written, within_quotes},
    value::{Kind, Value, number, waiting},
};
use crate::{source::Span, text::Text};

/// What all expressions of a project may cost together.
const MAX_STEPS: usize = 1_000_000;

/// Variables and functions that use each other deeper than this are unknown.
const MAX_DEPTH: usize = 24;

/// Variables that stand for something within an expression, beside those of the files.
#[derive(Clone, Default)]
pub(super) struct Scope(FxHashMap<String, Value>);

impl Scope {
    /// The scope with one more variable.
    pub(super) fn with(&self, name: &str, value: Value) -> Self {
        let mut scope = self.clone();
        scope.0.insert(name.to_owned(), value);
        scope
    }
}

/// The variables and functions of the files that are read together.
pub(super) struct Evaluator<'f> {
    variables: FxHashMap<&'f str, &'f Block>,
    functions: FxHashMap<&'f str, &'f Block>,
    /// Variables that were asked for; none while one is evaluated.
    values: RefCell<FxHashMap<&'f str, Option<Value>>>,
    steps: Cell<usize>,
    depth: Cell<usize>,
}

impl<'f> Evaluator<'f> {
    /// Of blocks with one name the last counts, an attribute beside the blocks before all.
    pub(super) fn new(blocks: &(impl Iterator<Item = &'f Block> + Clone)) -> Self {
        let of = |kind: &'static str| {
            blocks.clone().filter(move |it| it.kind == kind).map(|it| (it.name.value.as_str(), it))
        };
        Self {
            variables: of("variable").chain(of("")).collect(),
            functions: of("function").collect(),
            values: RefCell::default(),
            steps: Cell::new(MAX_STEPS),
            depth: Cell::new(0),
        }
    }

    /// Whether there was time for all that was asked.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps.get() == 0
    }

    fn spend(&self, steps: usize) -> bool {
        let left = self.steps.get().saturating_sub(steps);
        self.steps.set(left);
        left > 0
    }

    /// The scope of one round of a loop, with its variables; none where there is no time for it.
    fn within_loop(
        &self,
        scope: &Scope,
        (key_var, key): (Option<&Decorated<Ident>>, Value),
        (value_var, value): (&Decorated<Ident>, Value),
    ) -> Option<Scope> {
        let mut scope = scope.with(value_var.as_str(), value);
        if let Some(name) = key_var {
            scope.0.insert(name.as_str().to_owned(), key);
        }
        self.spend(1 + scope.0.len()).then_some(scope)
    }

    /// The value of an attribute.
    pub(super) fn written(&self, written: &Written, scope: &Scope) -> Value {
        match written {
            Written::Expression(expression, place) => self.value(expression, place, scope),
            Written::Template(template, place) => self.template(template, Literals::Plain, place, scope),
            Written::Value(value) => value.clone(),
            Written::List(items) => Value::List(items.iter().map(|item| self.written(item, scope)).collect()),
            Written::Map(entries, at) => {
                let entries = entries.iter().map(|(key, value)| {
                    let key = self.written(key, scope).known().map(str::to_owned);
                    (key, self.written(value, scope))
                });
                map(entries).unwrap_or_else(|| Value::unknown("{…}", *at))
            }
        }
    }

    fn value(&self, expression: &Expression, place: &Place, scope: &Scope) -> Value {
        let at = place.span(expression);
        if !self.spend(1) {
            return Value::unknown("…", at);
        }
        let unknown = |what: &str| Value::unknown(what, at);
        match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(value) => {
                Value::Scalar(Kind::Bool, Text::literal(if *value.value() { "true" } else { "false" }, at))
            }
            Expression::Number(value) => {
                let written = value.as_repr().map_or_else(|| value.value().to_string(), |repr| repr.to_string());
                number(&written)
                    .map_or_else(|| unknown(&written), |it| Value::Scalar(Kind::Number, Text::literal(it, at)))
            }
            Expression::String(text) => {
                let range = hcl_edit::Span::span(text).unwrap_or_default();
                Value::text(place.literal(text.as_str(), within_quotes(range)))
            }
            Expression::StringTemplate(template) => self.template(template, Literals::Quoted, place, scope),
            Expression::HeredocTemplate(it) if !is_plain(&it.template, it.indent().is_some()) => {
                unknown(&format!("<<{}", it.delimiter.as_str()))
            }
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, Literals::Plain, place, scope),
            Expression::Parenthesis(inner) => self.value(inner.inner(), place, scope),
            Expression::Variable(name) => self.variable(name.as_str(), at, scope),
            Expression::Array(items) => Value::List(items.iter().map(|item| self.value(item, place, scope)).collect()),
            Expression::Object(object) => self.object(object, place, scope).unwrap_or_else(|| unknown("{…}")),
            Expression::Conditional(it) => {
                let [yes, no] = [&it.true_expr, &it.false_expr].map(|branch| self.value(branch, place, scope));
                match self.value(&it.cond_expr, place, scope).as_bool() {
                    Some(is_true) => chosen(is_true, yes, no).unwrap_or_else(|| unknown("… ? … : …")),
                    None => unknown("… ? … : …"),
                }
            }
            Expression::FuncCall(call) => self.call(call, place, at, scope),
            Expression::Traversal(traversal) => {
                self.traversal(traversal, place, scope).unwrap_or_else(|| unknown(&traversal_name(traversal)))
            }
            Expression::UnaryOp(operation) => self.unary(operation, place, at, scope).unwrap_or_else(|| unknown("…")),
            Expression::BinaryOp(operation) => self.binary(operation, place, at, scope).unwrap_or_else(|| unknown("…")),
            Expression::ForExpr(it) => self.each(it, place, scope).unwrap_or_else(|| unknown("[for …]")),
        }
    }

    fn variable(&self, name: &str, at: Span, scope: &Scope) -> Value {
        let local = scope.0.get(name).cloned();
        let is_local = local.is_some();
        match local.or_else(|| self.global(name)) {
            Some(value) if self.spend(value.size()) => match value.used_at(name, at) {
                Value::Scalar(kind, text) if text.value.is_empty() && !is_local => {
                    Value::Scalar(kind, waiting(name, at))
                }
                used => used,
            },
            _ => Value::unknown(name, at),
        }
    }

    /// The value of a variable of the files. Without a default it has none that the files state.
    fn global(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.values.borrow().get(name) {
            return value.clone();
        }
        let (name, block) = self.variables.get_key_value(name)?;
        let attribute = |wanted: &str| block.attributes.iter().find(|(name, _)| name == wanted).map(|(_, it)| it);
        let default = attribute("default")?;
        self.values.borrow_mut().insert(name, None);
        let value = self.deeper(|| self.written(default, &Scope::default()))?;
        let value = match attribute("type").filter(|_| !block.kind.is_empty()) {
            Some(Written::Expression(wanted, _)) => typed(value, wanted)?,
            // JSON has types as texts.
            Some(Written::Value(wanted)) => typed(value, &wanted.known()?.parse().ok()?)?,
            Some(_) => return None,
            None => value,
        };
        self.values.borrow_mut().insert(name, Some(value.clone()));
        Some(value)
    }

    fn deeper(&self, evaluate: impl FnOnce() -> Value) -> Option<Value> {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            return None;
        }
        self.depth.set(depth + 1);
        let value = evaluate();
        self.depth.set(depth);
        Some(value)
    }

    fn object(&self, object: &Object, place: &Place, scope: &Scope) -> Option<Value> {
        map(object.iter().map(|(key, value)| {
            let key = match key {
                ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
                ObjectKey::Expression(Expression::Null(_)) => Some("null".to_owned()),
                ObjectKey::Expression(key) => self.value(key, place, scope).known().map(str::to_owned),
            };
            (key, self.value(value.expr(), place, scope))
        }))
    }

    fn call(&self, call: &FuncCall, place: &Place, at: Span, scope: &Scope) -> Value {
        let name = call.name.name.as_str();
        let unknown = || Value::unknown(&format!("{name}(…)"), at);
        if call.name.is_namespaced() {
            return unknown();
        }
        let mut args: Vec<_> = call.args.iter().map(|arg| self.value(arg, place, scope)).collect();
        if call.args.expand_final() {
            let Some(Value::List(rest)) = args.pop() else { return unknown() };
            args.extend(rest);
        }
        if !self.spend(args.iter().map(Value::size).sum()) {
            return unknown();
        }
        if functions::is_builtin(name) {
            return functions::call(name, &args, at).unwrap_or_else(unknown);
        }
        let result = self.functions.get(name).and_then(|function| self.own_function(function, args));
        match result {
            Some(value) if self.spend(value.size()) => match value {
                Value::Unknown(_) => unknown(),
                value => value.used_at(name, at),
            },
            _ => unknown(),
        }
    }

    fn own_function(&self, function: &Block, args: Vec<Value>) -> Option<Value> {
        let attribute = |wanted: &str| function.attributes.iter().find(|(name, _)| name == wanted).map(|(_, it)| it);
        let mut params = Vec::new();
        match attribute("params")? {
            Written::Expression(Expression::Array(names), _) => {
                for name in names {
                    params.push(name.as_variable()?.as_str().to_owned());
                }
            }
            Written::List(names) => {
                for name in names {
                    let Written::Value(name) = name else { return None };
                    params.push(name.known()?.to_owned());
                }
            }
            _ => return None,
        }
        let mut args = args.into_iter();
        let mut scope = Scope::default();
        for param in params {
            scope.0.insert(param, args.next()?);
        }
        let rest: Vec<_> = args.collect();
        match attribute("variadic_params") {
            Some(Written::Expression(name, _)) => {
                scope.0.insert(name.as_variable()?.as_str().to_owned(), Value::List(rest));
            }
            Some(_) => return None,
            None if !rest.is_empty() => return None,
            None => {}
        }
        self.deeper(|| attribute("result").map_or(Value::Null, |result| self.written(result, &scope)))
    }

    fn traversal(&self, traversal: &Traversal, place: &Place, scope: &Scope) -> Option<Value> {
        let mut value = self.value(&traversal.expr, place, scope);
        for operator in &traversal.operators {
            value = match operator.value() {
                TraversalOperator::GetAttr(name) => entry(value, name.as_str())?,
                TraversalOperator::LegacyIndex(index) => item(value, usize::try_from(*index.value()).ok()?)?,
                TraversalOperator::Index(index) => {
                    let index = self.value(index, place, scope);
                    match value {
                        Value::List(_) => item(value, usize::try_from(index.as_integer()?).ok()?)?,
                        value => entry(value, index.known()?)?,
                    }
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => return None,
            };
        }
        Some(value)
    }

    fn unary(&self, operation: &UnaryOp, place: &Place, at: Span, scope: &Scope) -> Option<Value> {
        let value = self.value(&operation.expr, place, scope);
        match operation.operator.value() {
            UnaryOperator::Not => Some(Value::bool(!value.as_bool()?, at)),
            UnaryOperator::Neg => {
                let negated = match value.known()?.strip_prefix('-') {
                    Some(positive) => positive.to_owned(),
                    None => number(&format!("-{}", value.known()?))?,
                };
                Some(Value::made(Kind::Number, &number(&negated)?, at))
            }
        }
    }

    fn binary(&self, operation: &BinaryOp, place: &Place, at: Span, scope: &Scope) -> Option<Value> {
        let [left, right] = [&operation.lhs_expr, &operation.rhs_expr].map(|operand| self.value(operand, place, scope));
        let truth = |value| Some(Value::bool(value, at));
        match operation.operator.value() {
            BinaryOperator::Eq => truth(left.equals(&right)?),
            BinaryOperator::NotEq => truth(!left.equals(&right)?),
            BinaryOperator::And => truth(left.as_bool()? && right.as_bool()?),
            BinaryOperator::Or => truth(left.as_bool()? || right.as_bool()?),
            BinaryOperator::Less => truth(left.as_integer()? < right.as_integer()?),
            BinaryOperator::LessEq => truth(left.as_integer()? <= right.as_integer()?),
            BinaryOperator::Greater => truth(left.as_integer()? > right.as_integer()?),
            BinaryOperator::GreaterEq => truth(left.as_integer()? >= right.as_integer()?),
            BinaryOperator::Plus => integer(left.as_integer()?.checked_add(right.as_integer()?), at),
            BinaryOperator::Minus => integer(left.as_integer()?.checked_sub(right.as_integer()?), at),
            BinaryOperator::Mul => functions::product(&left, &right, at),
            BinaryOperator::Div | BinaryOperator::Mod => None,
        }
    }

    fn each(&self, it: &ForExpr, place: &Place, scope: &Scope) -> Option<Value> {
        let collection = self.value(&it.intro.collection_expr, place, scope);
        let mut items = Vec::new();
        let mut entries = BTreeMap::new();
        for (key, value) in iterate(collection, place.span(&it.intro.collection_expr))? {
            let scope = self.within_loop(scope, (it.intro.key_var.as_ref(), key), (&it.intro.value_var, value))?;
            if let Some(cond) = &it.cond
                && !self.value(&cond.expr, place, &scope).as_bool()?
            {
                continue;
            }
            let value = self.value(&it.value_expr, place, &scope);
            let Some(key) = &it.key_expr else {
                items.push(value);
                continue;
            };
            let key = self.value(key, place, &scope).known()?.to_owned();
            // HCL refuses a key that is there twice, unless it is to group them.
            if it.grouping || entries.insert(key, value).is_some() {
                return None;
            }
        }
        Some(if it.key_expr.is_some() { Value::Map(entries) } else { Value::List(items) })
    }
}

/// What a condition chooses. Both branches are made of one type.
fn chosen(is_true: bool, yes: Value, no: Value) -> Option<Value> {
    let (value, other) = if is_true { (yes, no) } else { (no, yes) };
    match (value, other) {
        (Value::Scalar(Kind::String, text), Value::Scalar(..) | Value::Null | Value::Unknown(_)) => {
            Some(Value::Scalar(Kind::String, text))
        }
        (Value::Scalar(_, text), Value::Scalar(Kind::String, _)) => Some(Value::Scalar(Kind::String, text)),
        (Value::Scalar(kind, text), Value::Scalar(other, _)) if kind == other => Some(Value::Scalar(kind, text)),
        (Value::Scalar(kind, text), Value::Null) => Some(Value::Scalar(kind, text)),
        (Value::Null, _) => Some(Value::Null),
        (value @ Value::List(_), Value::List(_) | Value::Null | Value::Unknown(_))
        | (value @ Value::Map(_), Value::Map(_) | Value::Null | Value::Unknown(_))
        | (value @ Value::Unknown(_), _) => Some(value),
        _ => None,
    }
}

/// A default, as the type of its variable makes it.
fn typed(value: Value, wanted: &Expression) -> Option<Value> {
    let kind = match wanted {
        Expression::Variable(name) if name.as_str() == "any" => return Some(value),
        Expression::Variable(name) => name.as_str(),
        Expression::FuncCall(call) => {
            let of = call.args.iter().next()?;
            return match (call.name.name.as_str(), value) {
                ("list", Value::List(items)) => {
                    items.into_iter().map(|item| typed(item, of)).collect::<Option<_>>().map(Value::List)
                }
                ("map", Value::Map(entries)) => {
                    let typed = entries.into_iter().map(|(key, value)| Some((key, typed(value, of)?)));
                    typed.collect::<Option<_>>().map(Value::Map)
                }
                (_, Value::Null) => Some(Value::Null),
                _ => None,
            };
        }
        _ => return None,
    };
    match (kind, value) {
        (_, Value::Null) => Some(Value::Null),
        ("string", Value::Scalar(_, text)) => Some(Value::Scalar(Kind::String, text)),
        ("number", Value::Scalar(Kind::Number, text)) => Some(Value::Scalar(Kind::Number, text)),
        ("bool", value) => {
            value.as_bool()?;
            let Value::Scalar(kind, text) = value else { return None };
            (kind == Kind::Bool || text.value.len() > 1).then_some(Value::Scalar(Kind::Bool, text))
        }
        _ => None,
    }
}

fn map(entries: impl Iterator<Item = (Option<String>, Value)>) -> Option<Value> {
    let entries = entries.map(|(key, value)| Some((key?, value)));
    entries.collect::<Option<_>>().map(Value::Map)
}

/// The keys and values of a collection, in the order of HCL.
fn iterate(collection: Value, at: Span) -> Option<Vec<(Value, Value)>> {
    match collection {
        Value::List(items) => {
            let numbered = (0_i64..).zip(items).map(|(number, item)| Some((integer(Some(number), at)?, item)));
            numbered.collect()
        }
        Value::Map(entries) => {
            Some(entries.into_iter().map(|(key, value)| (Value::made(Kind::String, &key, at), value)).collect())
        }
        _ => None,
    }
}

fn entry(value: Value, key: &str) -> Option<Value> {
    let Value::Map(mut entries) = value else { return None };
    entries.remove(key)
}

fn item(value: Value, index: usize) -> Option<Value> {
    let Value::List(items) = value else { return None };
    items.into_iter().nth(index)
}

fn traversal_name(traversal: &Traversal) -> String {
    let start = traversal.expr.as_variable().map_or("…", |name| name.as_str());
    format!("{start}.…")
}
