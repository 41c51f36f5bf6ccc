//! Fields and methods.

use std::{rc::Rc, sync::Arc};

use gotmpl::parse::SmolStr;

use super::{args::Args, exec::Machine};
use crate::{
    fault::{Fault, Run, fail},
    glob,
    object::{Files, Object, base64},
    text::Text,
    value::{Kind, Map, Num, Value},
    yaml,
};

impl Machine<'_> {
    /// The fields of a value one after the other; the last one may be a method with arguments.
    pub(super) fn chain(&mut self, receiver: &Value, names: &[SmolStr], args: &Args) -> Run<Value> {
        let mut value = receiver.clone();
        let none = Args { values: Vec::new() };
        for (at, name) in names.iter().enumerate() {
            let is_last = at + 1 == names.len();
            if matches!(value, Value::Nil) {
                // What is nil from the start has fields that are nil; Go refuses those of a field that is nil.
                if at == 0 {
                    return Ok(Value::Nil);
                }
                return fail(format!("nil pointer evaluating interface {{}}.{name}"));
            }
            value = self.field(&value, name, if is_last { args } else { &none })?;
        }
        Ok(value)
    }

    fn field(&mut self, value: &Value, name: &str, args: &Args) -> Run<Value> {
        match value {
            Value::Map(map) => {
                if args.len() > 0 {
                    return fail(format!("{name} is not a method but has arguments"));
                }
                let map = self.heap.map(*map);
                Ok(match (map.get(name), map.gap, map.kind) {
                    (Some(value), ..) => value.clone(),
                    (None, Some(gap), _) => Value::Hole(gap),
                    (None, None, Kind::Strings) => Value::given(""),
                    (None, None, _) => Value::Nil,
                })
            }
            Value::Hole(hole) => Ok(Value::Hole(*hole)),
            Value::Object(object) => self.method(object, name, args),
            other => match other.hole() {
                Some(hole) => Err(Fault::unknown(hole).into()),
                None => fail(format!("cannot evaluate field {name} in type {}", other.type_name(&self.heap))),
            },
        }
    }

    fn method(&mut self, object: &Rc<Object>, name: &str, args: &Args) -> Run<Value> {
        let given = |text: &str| Ok(Value::given(text));
        match (&**object, name) {
            (Object::Capabilities(it), "KubeVersion") => Ok(Value::Object(Rc::new(Object::KubeVersion(Rc::clone(it))))),
            (Object::Capabilities(it), "APIVersions") => Ok(Value::Object(Rc::new(Object::ApiVersions(Rc::clone(it))))),
            (Object::Capabilities(_), "HelmVersion") => Ok(Value::Object(Rc::new(Object::HelmVersion))),
            (Object::ApiVersions(it), "Has") => {
                let asked = args.text(0)?;
                Ok(Value::bool(it.api_versions.iter().any(|version| version == asked.as_str())))
            }
            (Object::KubeVersion(it), "Version" | "GitVersion" | "String") => given(&it.version),
            (Object::KubeVersion(it), "Major") => given(&it.major),
            (Object::KubeVersion(it), "Minor") => given(&it.minor),
            (Object::HelmVersion, "Version") => given("v4.2"),
            (Object::HelmVersion, "GoVersion") => given("go1.25.0"),
            (Object::HelmVersion, "GitCommit" | "GitTreeState") => given(""),
            (Object::Files(files), _) => self.files(files, name, args),
            (Object::Semver(it), "Major") => Ok(number(it.major)),
            (Object::Semver(it), "Minor") => Ok(number(it.minor)),
            (Object::Semver(it), "Patch") => Ok(number(it.patch)),
            (Object::Semver(it), "Prerelease") => given(&it.pre),
            (Object::Semver(it), "Metadata") => given(&it.metadata),
            (Object::Semver(it), "Original") => given(&it.original),
            (Object::Semver(it), "String") => given(&it.to_string()),
            (Object::Time, "Unix" | "UnixNano" | "Year") => Ok(Value::int(0)),
            (Object::Time, "String" | "Format") => given(crate::object::TIME),
            _ => fail(format!("cannot evaluate field {name} in type {}", object.type_name())),
        }
    }

    fn files(&mut self, files: &Files, name: &str, args: &Args) -> Run<Value> {
        match name {
            "Get" | "GetBytes" => {
                let path = args.text(0)?;
                Ok(Value::text(files.get(path.as_str()).cloned().unwrap_or_default()))
            }
            "Lines" => {
                let path = args.text(0)?;
                let text = files.get(path.as_str()).cloned().unwrap_or_default();
                let mut lines = Vec::new();
                let mut at = 0;
                for line in text.as_str().split_inclusive('\n') {
                    let content = line.trim_end_matches('\n');
                    lines.push(Value::text(text.part(at..at + content.len())));
                    at += line.len();
                }
                Ok(self.heap.new_strings(lines))
            }
            "Glob" => {
                let pattern = args.text(0)?;
                let mut names = Vec::new();
                for (name, _) in files.iter() {
                    self.budget.step(1 + name.len() as u64 / 16)?;
                    if glob::matches(pattern.as_str(), name) {
                        names.push(name.to_owned());
                    }
                }
                let files = Files { files: Arc::clone(&files.files), names: Some(Rc::new(names)) };
                Ok(Value::Object(Rc::new(Object::Files(files))))
            }
            "AsConfig" | "AsSecrets" => {
                let mut map = Map { kind: Kind::Strings, ..Map::default() };
                for (path, text) in files.iter() {
                    let base = path.rsplit('/').next().unwrap_or_default();
                    let value = if name == "AsConfig" { text.clone() } else { base64(text) };
                    map.put(base, Value::text(value));
                }
                let map = self.heap.new_map(map);
                Ok(Value::text(yaml::yaml(&self.heap, &map)?))
            }
            // The map itself, as `index .Files "name"` or a field.
            other => match files.get(other) {
                Some(text) => Ok(Value::text(text.clone())),
                None => Ok(Value::text(Text::default())),
            },
        }
    }
}

/// A `uint64` of Go, which compares with every integer.
fn number(value: u64) -> Value {
    Value::Num(Num::Int64(i64::try_from(value).unwrap_or(i64::MAX)), crate::text::Origin::Given)
}
