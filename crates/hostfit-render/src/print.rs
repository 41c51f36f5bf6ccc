//! What Go's `fmt` prints of values.

use crate::{
    fault::{Fault, Run},
    text::{Origin, Text, UNKNOWN},
    value::{Heap, MAX_DEPTH, Value},
};

/// Appends what `{{ value }}` prints.
pub(crate) fn print(heap: &Heap, value: &Value, out: &mut Text) -> Run<()> {
    match value {
        Value::Nil => {
            // Helm takes it out of what it has rendered, and not before.
            out.push_given("<no value>");
            Ok(())
        }
        other => display(heap, other, out, 0),
    }
}

/// Appends what `%v` prints.
pub(crate) fn display(heap: &Heap, value: &Value, out: &mut Text, depth: usize) -> Run<()> {
    heap.visit_to_write(value, out)?;
    if depth > MAX_DEPTH {
        return Err(Fault::too_deep().into());
    }
    match value {
        Value::Nil => out.push_given("<nil>"),
        Value::Bool(is, origin) => out.push(if *is { "true" } else { "false" }, origin.clone()),
        Value::Num(num, origin) => out.push(&num.printed(), origin.clone()),
        Value::Str(text) => out.push_text(text),
        Value::List(list) => {
            out.push_given("[");
            for (at, item) in heap.list(*list).iter().enumerate() {
                if at > 0 {
                    out.push_given(" ");
                }
                display(heap, item, out, depth + 1)?;
            }
            out.push_given("]");
        }
        Value::Map(map) => {
            out.push_given("map[");
            for (at, (key, slot)) in heap.map(*map).slots.iter().enumerate() {
                if at > 0 {
                    out.push_given(" ");
                }
                out.push(key, slot.key.clone());
                out.push_given(":");
                display(heap, &slot.value, out, depth + 1)?;
            }
            out.push_given("]");
        }
        Value::Object(object) => out.push_given(&object.printed()),
        Value::Hole(hole) => out.push(UNKNOWN, Origin::Hole(*hole)),
    }
    Ok(())
}

/// `toString`: a string as it is, everything else as `%v`.
pub(crate) fn string(heap: &Heap, value: &Value) -> Run<Text> {
    let mut out = Text::default();
    display(heap, value, &mut out, 0)?;
    Ok(out)
}
