//! What a template sees, for who asks while it is written.

use std::rc::Rc;

use super::{
    chart::Chart,
    render::{Options, prepared},
};
use crate::{
    node::{Data, Entry, Node},
    text::{FileId, Text},
    value::{Heap, MAX_DEPTH, Slot, Value},
};

impl Chart {
    /// Its templates, with those of its subcharts.
    pub fn templates(&self) -> Vec<(FileId, &Text)> {
        let own = self.templates.iter().map(|template| (template.file, &*template.text));
        own.chain(self.subcharts.iter().flat_map(Self::templates)).collect()
    }

    /// The chart among it and its subcharts that a template belongs to.
    fn of_template(&self, file: FileId) -> Option<&Self> {
        let is_own = self.templates.iter().any(|template| template.file == file);
        if is_own { Some(self) } else { self.subcharts.iter().find_map(|it| it.of_template(file)) }
    }
}

/// What `.Values` has under some keys in a template, with the last of the keys: that of its chart, or of the whole where a
/// library has it. Of a subchart that is switched off what its own `values.yaml` says. None where there is nothing.
pub fn seen(chart: &Chart, options: &Options, file: FileId, keys: &[&str]) -> Option<Entry> {
    let own = chart.of_template(file)?;
    let mut heap = Heap::new(chart.bytes);
    let prepared = prepared(chart, options, &mut heap).unwrap_or_default();
    // Of two subcharts with one template the first.
    let of_file = || prepared.iter().find(|unit| unit.template.file == file);
    let of_whole =
        || prepared.iter().find(|unit| chart.templates.iter().any(|template| template.file == unit.template.file));
    let top = |value| Entry { key: Text::default(), key_range: 0..0, value };
    let Some(unit) = (if own.is_library() { of_whole() } else { of_file() }) else {
        let mut entry = top(own.values().clone());
        for key in keys {
            entry = entry.value.entries().iter().find(|it| it.key.as_str() == *key)?.clone();
        }
        return Some(entry);
    };
    let mut last = Text::default();
    let mut value = heap.map(unit.values).get("Values")?;
    for key in keys {
        let Value::Map(map) = value else { return None };
        let slot = heap.map(*map).slots.get(key)?;
        last = Text::new(*key, slot.key.clone());
        value = &slot.value;
    }
    Some(Entry { key: last, ..top(node(&heap, value, 0)?) })
}

/// A value as YAML has it.
fn node(heap: &Heap, value: &Value, depth: usize) -> Option<Node> {
    if depth > MAX_DEPTH || heap.visit(0).is_err() {
        return None;
    }
    Some(Node::new(match value {
        Value::Nil | Value::Object(_) => Data::Null,
        Value::Bool(is, origin) => Data::Bool(*is, origin.clone()),
        Value::Num(number, origin) => Data::Number(number.float(), origin.clone()),
        Value::Str(text) => Data::String((**text).clone()),
        Value::Hole(hole) => Data::Hole(*hole),
        Value::List(list) => {
            Data::List(heap.list(*list).iter().map(|item| node(heap, item, depth + 1)).collect::<Option<_>>()?)
        }
        Value::Map(map) => {
            let slots = heap.map(*map).slots.iter();
            let entry = |(key, slot): (&Rc<str>, &Slot)| {
                let value = node(heap, &slot.value, depth + 1)?;
                Some(Entry { key: Text::new(&**key, slot.key.clone()), key_range: 0..0, value })
            };
            Data::Map(slots.map(entry).collect::<Option<_>>()?)
        }
    }))
}
