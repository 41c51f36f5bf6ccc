//! What functions and methods are called with.

use std::rc::Rc;

use crate::{
    fault::{Fault, Run, fail},
    text::Text,
    value::{Heap, ListId, Map, MapId, Num, Value},
};

/// What a function is called with.
pub(crate) struct Args {
    pub(crate) values: Vec<Value>,
}

impl Args {
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    pub(crate) fn get(&self, at: usize) -> &Value {
        self.values.get(at).unwrap_or(&Value::Nil)
    }

    /// All from `at` on.
    pub(crate) fn from(&self, at: usize) -> &[Value] {
        self.values.get(at..).unwrap_or_default()
    }

    /// A parameter that is a string in Go.
    pub(crate) fn text(&self, at: usize) -> Run<Rc<Text>> {
        match self.get(at) {
            Value::Str(text) => Ok(Rc::clone(text)),
            Value::Hole(hole) => Err(Fault::unknown(*hole).into()),
            Value::Nil => fail("invalid value; expected string"),
            other => fail(format!("wrong type for value; expected string; got {}", other.kind_name())),
        }
    }

    /// A parameter that is an `int` in Go.
    pub(crate) fn int(&self, at: usize) -> Run<i64> {
        match self.get(at) {
            Value::Num(Num::Int(it), _) => Ok(*it),
            Value::Hole(hole) => Err(Fault::unknown(*hole).into()),
            Value::Nil => fail("invalid value; expected int"),
            other => fail(format!("wrong type for value; expected int; got {}", other.kind_name())),
        }
    }

    /// A parameter that is a `bool` in Go.
    pub(crate) fn bool(&self, at: usize) -> Run<bool> {
        match self.get(at) {
            Value::Bool(is, _) => Ok(*is),
            Value::Hole(hole) => Err(Fault::unknown(*hole).into()),
            Value::Nil => fail("invalid value; expected bool"),
            other => fail(format!("wrong type for value; expected bool; got {}", other.kind_name())),
        }
    }

    /// A parameter that is a mapping in Go. What is nil is an empty one.
    pub(crate) fn map(&self, heap: &mut Heap, at: usize) -> Run<MapId> {
        match self.get(at) {
            Value::Map(map) => Ok(*map),
            Value::Nil => Ok(heap.add_map(Map::default())),
            Value::Hole(hole) => Err(Fault::unknown(*hole).into()),
            other => {
                fail(format!("wrong type for value; expected map[string]interface {{}}; got {}", other.kind_name()))
            }
        }
    }

    /// A list of any type.
    pub(crate) fn list(&self, at: usize, name: &str) -> Run<ListId> {
        match self.get(at) {
            Value::List(list) => Ok(*list),
            Value::Hole(hole) => Err(Fault::unknown(*hole).into()),
            other => fail(format!("cannot {name} on type {}", other.kind_name())),
        }
    }
}
