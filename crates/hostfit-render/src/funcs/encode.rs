//! YAML, JSON, base64, and sums of texts.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Holes, Row, hash};
use crate::{
    fault::Run,
    object,
    template::{Args, Machine},
    text::{Origin, Text},
    value::{Map, Value},
    yaml::{self, Layout},
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("toYaml", to_yaml, 1, 1, Holes::Keep),
    ("mustToYaml", to_yaml, 1, 1, Holes::Keep),
    ("toYamlPretty", to_yaml, 1, 1, Holes::Keep),
    ("fromYaml", from_yaml, 1, 1, Holes::Keep),
    ("fromYamlArray", from_yaml_array, 1, 1, Holes::Keep),
    ("toJson", to_json, 1, 1, Holes::Keep),
    ("mustToJson", to_json, 1, 1, Holes::Keep),
    ("toRawJson", to_raw_json, 1, 1, Holes::Keep),
    ("mustToRawJson", to_raw_json, 1, 1, Holes::Keep),
    ("toPrettyJson", to_pretty_json, 1, 1, Holes::Keep),
    ("mustToPrettyJson", to_pretty_json, 1, 1, Holes::Keep),
    ("fromJson", from_yaml, 1, 1, Holes::Keep),
    ("mustFromJson", from_yaml, 1, 1, Holes::Keep),
    ("fromJsonArray", from_yaml_array, 1, 1, Holes::Keep),
    ("b64enc", b64enc, 1, 1, Holes::Spread),
    ("b64dec", b64dec, 1, 1, Holes::Spread),
    ("b32enc", b32enc, 1, 1, Holes::Spread),
    ("sha256sum", sha256sum, 1, 1, Holes::Spread),
    ("sha1sum", sha1sum, 1, 1, Holes::Spread),
    ("adler32sum", adler32sum, 1, 1, Holes::Spread),
];

fn to_yaml(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    match args.get(0) {
        Value::Hole(hole) => Ok(Value::Hole(*hole)),
        other => Ok(Value::text(yaml::yaml(&machine.heap, other)?)),
    }
}

/// The first document of a text.
fn document(machine: &mut Machine<'_>, args: &Args) -> Run<Result<Value, String>> {
    let text = args.text(0)?;
    machine.budget.step(1 + text.len() as u64 / 16)?;
    let documents = yaml::read(&text);
    if let Some(error) = documents.error {
        return Ok(Err(format!("error converting YAML to JSON: yaml: {}", error.message)));
    }
    let Some(root) = documents.roots.into_iter().next() else {
        return Ok(Ok(text.hole().map_or(Value::Nil, Value::Hole)));
    };
    machine.heap.visit(text.len() / 64)?;
    Ok(Ok(machine.heap.value(&root)))
}

fn from_yaml(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(match document(machine, args)? {
        Ok(Value::Nil) => machine.heap.new_map(Map::default()),
        Ok(value @ (Value::Map(_) | Value::Hole(_))) => value,
        Ok(other) => {
            let message = format!("json: cannot unmarshal {} into Go value of type map", other.kind_name());
            error_map(machine, &message)
        }
        Err(message) => error_map(machine, &message),
    })
}

fn error_map(machine: &mut Machine<'_>, message: &str) -> Value {
    let mut map = Map::default();
    map.put("Error", Value::given(message));
    machine.heap.new_map(map)
}

fn from_yaml_array(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(match document(machine, args)? {
        Ok(Value::Nil) => machine.heap.new_list(Vec::new()),
        Ok(value @ (Value::List(_) | Value::Hole(_))) => value,
        Ok(_) => {
            machine.heap.new_list(vec![Value::given("json: cannot unmarshal into Go value of type []interface {}")])
        }
        Err(message) => machine.heap.new_list(vec![Value::given(message)]),
    })
}

fn json(machine: &mut Machine<'_>, args: &Args, layout: Layout) -> Run<Value> {
    match args.get(0) {
        Value::Hole(hole) => Ok(Value::Hole(*hole)),
        other => Ok(Value::text(yaml::json(&machine.heap, other, layout)?)),
    }
}

fn to_json(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    json(machine, args, Layout::Compact)
}

fn to_raw_json(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    json(machine, args, Layout::Raw)
}

fn to_pretty_json(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    json(machine, args, Layout::Pretty)
}

/// A text that is made of another as a whole.
fn made(of: &Text, text: String) -> Text {
    Text::new(text, Origin::made([&of.origin()]))
}

fn b64enc(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    Ok(Value::text(object::base64(&*args.text(0)?)))
}

fn b64dec(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let written: String = text.as_str().chars().filter(|it| !matches!(it, '\n' | '\r')).collect();
    Ok(match STANDARD.decode(written) {
        Ok(bytes) => Value::text(made(&text, String::from_utf8_lossy(&bytes).into_owned())),
        Err(_) => Value::text(made(&text, "illegal base64 data at input byte 0".to_owned())),
    })
}

fn b32enc(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let text = args.text(0)?;
    let mut out = String::new();
    for chunk in text.as_str().as_bytes().chunks(5) {
        let bits = (0..5).fold(0_u64, |bits, at| (bits << 8) | u64::from(chunk.get(at).copied().unwrap_or(0)));
        let used = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            let letter = LETTERS.get(usize::try_from((bits >> (35 - 5 * at)) & 31).unwrap_or(0)).copied();
            out.push(if at < used { char::from(letter.unwrap_or(b'=')) } else { '=' });
        }
    }
    Ok(Value::text(made(&text, out)))
}

fn summed(machine: &mut Machine<'_>, args: &Args, sum: impl Fn(&[u8]) -> String) -> Run<Value> {
    let text = args.text(0)?;
    machine.budget.step(1 + text.len() as u64 / 64)?;
    Ok(Value::text(made(&text, sum(text.as_str().as_bytes()))))
}

fn sha256sum(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    summed(machine, args, hash::sha256)
}

fn sha1sum(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    summed(machine, args, hash::sha1)
}

fn adler32sum(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    summed(machine, args, |bytes| {
        let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
            let a = (a + u32::from(*byte)) % 65_521;
            (a, (b + a) % 65_521)
        });
        ((b << 16) | a).to_string()
    })
}
