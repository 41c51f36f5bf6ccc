//! The values that templates compute with. Every scalar knows where it was written.

use std::{cell::Cell, rc::Rc};

use crate::{
    fault::{Fault, MAX_OUTPUT, Run, Stop},
    node::{Data, Node},
    number,
    object::Object,
    slots::Slots,
    text::{HoleId, Origin, Text},
};

/// A number with the type that Go has for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Num {
    /// `int`: literals of templates, lengths.
    Int(i64),
    /// `int64`: what Sprig computes.
    Int64(i64),
    /// `float64`: every number of values.
    Float(f64),
}

impl Num {
    pub(crate) fn integer(self) -> Option<i64> {
        match self {
            Self::Int(it) | Self::Int64(it) => Some(it),
            Self::Float(_) => None,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "as Go's conversion")]
    pub(crate) fn float(self) -> f64 {
        match self {
            Self::Int(it) | Self::Int64(it) => it as f64,
            Self::Float(it) => it,
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        match self {
            Self::Int(it) | Self::Int64(it) => it == 0,
            Self::Float(it) => it == 0.0,
        }
    }

    /// As `%v` prints it.
    pub(crate) fn printed(self) -> String {
        match self {
            Self::Int(it) | Self::Int64(it) => it.to_string(),
            Self::Float(it) => number::printed(it),
        }
    }
}

/// A mapping on the [`Heap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MapId(u32);

/// A list on the [`Heap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListId(u32);

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Nil,
    Bool(bool, Origin),
    Num(Num, Origin),
    Str(Rc<Text>),
    List(ListId),
    Map(MapId),
    /// What has methods.
    Object(Rc<Object>),
    Hole(HoleId),
}

impl Value {
    pub(crate) fn text(text: Text) -> Self {
        Self::Str(Rc::new(text))
    }

    pub(crate) fn given(text: impl Into<String>) -> Self {
        Self::text(Text::given(text))
    }

    pub(crate) fn bool(is: bool) -> Self {
        Self::Bool(is, Origin::Given)
    }

    pub(crate) fn int(value: i64) -> Self {
        Self::Num(Num::Int(value), Origin::Given)
    }

    /// The first hole that is visible without looking into collections.
    pub(crate) fn hole(&self) -> Option<HoleId> {
        match self {
            Self::Hole(hole) => Some(*hole),
            Self::Str(text) => text.hole(),
            Self::Bool(_, origin) | Self::Num(_, origin) => match origin {
                Origin::Hole(hole) => Some(*hole),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is true whatever its holes are: a text that has more than holes.
    pub(crate) fn is_certainly_true(&self) -> bool {
        match self {
            Self::Str(text) => text
                .ranges()
                .any(|(range, piece)| !range.is_empty() && !matches!(piece.origin, Origin::Hole(_) | Origin::Made(_))),
            other => other.hole().is_none(),
        }
    }

    /// The name of its type in Go.
    pub(crate) fn type_name(&self, heap: &Heap) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(..) => "bool",
            Self::Num(Num::Int(_), _) => "int",
            Self::Num(Num::Int64(_), _) => "int64",
            Self::Num(Num::Float(_), _) => "float64",
            Self::Str(_) | Self::Hole(_) => "string",
            Self::List(list) => match heap.list_kind(*list) {
                Kind::Any => "[]interface {}",
                Kind::Strings => "[]string",
                Kind::Integers => "[]int",
            },
            Self::Map(map) => {
                if heap.map(*map).kind == Kind::Strings {
                    "map[string]string"
                } else {
                    "map[string]interface {}"
                }
            }
            Self::Object(object) => object.type_name(),
        }
    }

    /// The name of its kind in Go.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Self::Nil => "invalid",
            Self::Bool(..) => "bool",
            Self::Num(Num::Int(_), _) => "int",
            Self::Num(Num::Int64(_), _) => "int64",
            Self::Num(Num::Float(_), _) => "float64",
            Self::Str(_) | Self::Hole(_) => "string",
            Self::List(_) => "slice",
            Self::Map(_) => "map",
            Self::Object(object) => object.kind_name(),
        }
    }
}

/// What a collection may hold in Go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Any,
    Strings,
    Integers,
}

/// A value of a mapping, and where its key is written.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) key: Origin,
    pub(crate) value: Value,
}

/// A mapping. Go sorts keys wherever it walks over one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Map {
    pub(crate) slots: Slots<Slot>,
    pub(crate) kind: Kind,
    /// That it may have more entries.
    pub(crate) gap: Option<HoleId>,
}

impl Map {
    /// A mapping of slots.
    pub(crate) fn of(slots: impl IntoIterator<Item = (Rc<str>, Slot)>) -> Self {
        Self { slots: slots.into_iter().collect(), ..Self::default() }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.slots.get(key).map(|slot| &slot.value)
    }

    pub(crate) fn put(&mut self, key: &str, value: Value) {
        self.put_slot(Rc::from(key), Slot { key: Origin::Given, value });
    }

    pub(crate) fn put_slot(&mut self, key: Rc<str>, slot: Slot) {
        self.slots.insert(key, slot);
    }

    /// Appends each key as a text.
    pub(crate) fn keys(&self) -> Vec<Value> {
        self.slots.iter().map(|(key, slot)| Value::text(Text::new(&**key, slot.key.clone()))).collect()
    }
}

/// How deep values may nest. Go has no such limit, and no such values.
pub(crate) const MAX_DEPTH: usize = 200;

/// Where mappings and lists live: templates change mappings that others hold, and may make circles of them.
#[derive(Debug)]
pub(crate) struct Heap {
    maps: Vec<Map>,
    lists: Vec<(Vec<Value>, Kind)>,
    nothing: Map,
    visits: Cell<u64>,
    max_visits: u64,
}

/// How many nodes may be walked over, a string counting by its length: values that hold one another many times have no
/// end.
const MAX_VISITS: u64 = 4_000_000;
/// How many other nodes one that is copied counts for.
const COPY: usize = 8;
/// How much memory one text may take that values are written to.
const MAX_WRITTEN: usize = 4 * MAX_OUTPUT;

impl Heap {
    /// For a chart whose templates and values have so many bytes together.
    pub(crate) fn new(input: usize) -> Self {
        let units = input.div_ceil(1024 * 1024).max(1) as u64;
        let max_visits = MAX_VISITS.saturating_mul(units);
        Self { maps: Vec::new(), lists: Vec::new(), nothing: Map::default(), visits: Cell::new(0), max_visits }
    }

    /// Counts what it costs to write a value behind what is written already.
    pub(crate) fn visit_to_write(&self, value: &Value, out: &Text) -> Run<()> {
        if out.cost() > MAX_WRITTEN {
            return Err(Stop::Limit("it makes too much text to render"));
        }
        self.visit(if let Value::Str(text) = value { text.cost() / 64 } else { 0 })
    }

    /// Counts what a walk over values costs.
    pub(crate) fn visit(&self, bytes: usize) -> Run<()> {
        let visits = self.visits.get() + 1 + bytes as u64;
        self.visits.set(visits);
        if visits > self.max_visits { Err(Stop::Limit("it makes too much text to render")) } else { Ok(()) }
    }

    pub(crate) fn map(&self, id: MapId) -> &Map {
        self.maps.get(id.0 as usize).unwrap_or(&self.nothing)
    }

    pub(crate) fn map_mut(&mut self, id: MapId) -> &mut Map {
        self.maps.get_mut(id.0 as usize).unwrap_or(&mut self.nothing)
    }

    pub(crate) fn list(&self, id: ListId) -> &[Value] {
        self.lists.get(id.0 as usize).map_or(&[], |(items, _)| items)
    }

    pub(crate) fn list_kind(&self, id: ListId) -> Kind {
        self.lists.get(id.0 as usize).map_or(Kind::Any, |&(_, kind)| kind)
    }

    pub(crate) fn add_map(&mut self, map: Map) -> MapId {
        self.maps.push(map);
        MapId(crate::text::saturating_u32(self.maps.len() - 1))
    }

    pub(crate) fn new_map(&mut self, map: Map) -> Value {
        Value::Map(self.add_map(map))
    }

    pub(crate) fn new_list(&mut self, items: Vec<Value>) -> Value {
        self.new_list_of(items, Kind::Any)
    }

    pub(crate) fn new_strings(&mut self, items: Vec<Value>) -> Value {
        self.new_list_of(items, Kind::Strings)
    }

    pub(crate) fn new_list_of(&mut self, items: Vec<Value>, kind: Kind) -> Value {
        self.lists.push((items, kind));
        Value::List(ListId(crate::text::saturating_u32(self.lists.len() - 1)))
    }

    /// A value of its own for a node of YAML.
    pub(crate) fn value(&mut self, node: &Node) -> Value {
        match &node.data {
            Data::Null => Value::Nil,
            Data::Bool(is, origin) => Value::Bool(*is, origin.clone()),
            Data::Number(it, origin) => Value::Num(Num::Float(*it), origin.clone()),
            Data::String(text) => Value::text(text.clone()),
            Data::Hole(hole) => Value::Hole(*hole),
            Data::List(_) if !node.gaps.is_empty() => node.gaps.first().map_or(Value::Nil, |&hole| Value::Hole(hole)),
            Data::List(items) => {
                let items = items.iter().map(|item| self.value(item)).collect();
                self.new_list(items)
            }
            Data::Map(_) => {
                let map = self.map_of(node);
                self.new_map(map)
            }
        }
    }

    /// The entries of a node that is a mapping.
    pub(crate) fn map_of(&mut self, node: &Node) -> Map {
        let slots = Slots::with_capacity(node.entries().len());
        let mut map = Map { slots, gap: node.gaps.first().copied(), ..Map::default() };
        for entry in node.entries() {
            let value = self.value(&entry.value);
            map.put_slot(Rc::from(entry.key.as_str()), Slot { key: entry.key.origin(), value });
        }
        map
    }

    /// A copy of the value and of all that it holds.
    pub(crate) fn deep_copy(&mut self, value: &Value) -> Run<Value> {
        self.copy(value, 0)
    }

    fn copy(&mut self, value: &Value, depth: usize) -> Run<Value> {
        self.visit(COPY)?;
        if depth > MAX_DEPTH {
            return Err(Fault::too_deep().into());
        }
        Ok(match value {
            Value::List(list) => {
                let kind = self.list_kind(*list);
                let items = self.list(*list).to_vec();
                let items = items.iter().map(|item| self.copy(item, depth + 1)).collect::<Run<Vec<_>>>()?;
                self.new_list_of(items, kind)
            }
            Value::Map(map) => {
                let mut copy = self.map(*map).clone();
                for slot in copy.slots.values_mut() {
                    slot.value = self.copy(&slot.value, depth + 1)?;
                }
                self.new_map(copy)
            }
            other => other.clone(),
        })
    }

    /// The first hole in the value or in what it holds.
    pub(crate) fn hole_in(&self, value: &Value) -> Option<HoleId> {
        self.hole_at(value, 0)
    }

    fn hole_at(&self, value: &Value, depth: usize) -> Option<HoleId> {
        match value {
            _ if depth > MAX_DEPTH || self.visit(0).is_err() => None,
            Value::List(list) => self.list(*list).iter().find_map(|item| self.hole_at(item, depth + 1)),
            Value::Map(map) => {
                let map = self.map(*map);
                map.gap.or_else(|| map.slots.values().find_map(|slot| self.hole_at(&slot.value, depth + 1)))
            }
            other => other.hole(),
        }
    }

    /// `reflect.DeepEqual`; not known where a hole decides.
    pub(crate) fn deep_equal(&self, a: &Value, b: &Value) -> Run<bool> {
        self.equal(a, b, 0)
    }

    fn equal(&self, a: &Value, b: &Value, depth: usize) -> Run<bool> {
        self.visit(0)?;
        if depth > MAX_DEPTH {
            return Err(Fault::too_deep().into());
        }
        if let Some(hole) = a.hole().or_else(|| b.hole()) {
            return Err(Fault::unknown(hole).into());
        }
        Ok(match (a, b) {
            (Value::Nil, Value::Nil) => true,
            (Value::Bool(a, _), Value::Bool(b, _)) => a == b,
            (Value::Num(a, _), Value::Num(b, _)) => a == b,
            (Value::Str(a), Value::Str(b)) => a.as_str() == b.as_str(),
            (Value::List(a), Value::List(b)) => {
                let (x, y) = (self.list(*a), self.list(*b));
                if x.len() != y.len() || self.list_kind(*a) != self.list_kind(*b) {
                    return Ok(false);
                }
                for (x, y) in x.iter().zip(y) {
                    if !self.equal(x, y, depth + 1)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Map(a), Value::Map(b)) => {
                let (x, y) = (self.map(*a), self.map(*b));
                if x.slots.len() != y.slots.len() || x.kind != y.kind {
                    return Ok(false);
                }
                for ((key, x), (other, y)) in x.slots.iter().zip(y.slots.iter()) {
                    if key != other || !self.equal(&x.value, &y.value, depth + 1)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
            _ => false,
        })
    }
}

/// What `range` walks over.
pub(crate) fn object_entries(object: &Object) -> Vec<(Value, Value)> {
    match object {
        Object::Files(files) => {
            files.iter().map(|(name, text)| (Value::given(name), Value::text(text.clone()))).collect()
        }
        Object::ApiVersions(it) => {
            let versions = it.api_versions.iter().enumerate();
            versions.map(|(at, version)| (Value::int(count(at)), Value::given(version.as_str()))).collect()
        }
        _ => Vec::new(),
    }
}

/// A number of things as Go counts them.
pub(crate) fn count(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
