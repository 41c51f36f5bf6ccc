//! `[[chart]]`: how the Helm charts of the repository are deployed.

use serde_json::{Value, json};
use toml::de::{DeTable, DeValue};

use super::{
    Named,
    key::{self, Key},
    overrides,
    reader::{Entry, Reader},
};
use crate::source::Span;

const KEYS: &[Key] = &[
    Key { name: "path", about: "The folder that holds `Chart.yaml`; relative to this file.", value: key::name },
    Key {
        name: "values",
        about: "Values files on top of the chart's own `values.yaml`, in this order; relative to this file.",
        value: key::texts,
    },
    Key {
        name: "set",
        about: "Single values on top of these, as `helm --set` takes them: `{ \"web.image.tag\" = \"ltsc2022\" }`.",
        value: settings,
    },
    Key { name: "release", about: "The name of the release. Default: the name of the chart.", value: key::name },
    Key { name: "namespace", about: "The namespace of the release. Default: `default`.", value: key::name },
    Key {
        name: "kube-version",
        about: "The version of Kubernetes that the chart is rendered for: `1.34`.",
        value: key::name,
    },
];

/// A chart, and one set of values that it is deployed with.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredChart {
    /// The folder, relative to `hostfit.toml`, with `/`.
    pub path: String,
    /// The bytes that name it.
    pub span: Span,
    /// The file that says so.
    pub file: String,
    /// The values files, relative to `hostfit.toml`, with `/`.
    pub values: Vec<Named>,
    /// Single values.
    pub set: Vec<Setting>,
    /// The name of the release.
    pub release: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// The version of Kubernetes.
    pub kube_version: Option<String>,
}

/// A single value.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its keys, with dots between.
    pub key: String,
    /// A string, a number or a Boolean.
    pub value: Value,
    /// The bytes of the value.
    pub span: Span,
}

pub(super) fn schema() -> Value {
    key::tables(KEYS, &["path"])
}

fn settings() -> Value {
    let scalar = ["string", "number", "boolean"];
    json!({ "type": "object", "additionalProperties": { "type": [scalar[0], scalar[1], scalar[2], "object"] } })
}

pub(super) fn rows(reader: &mut Reader, section: &Entry) -> Vec<DeclaredChart> {
    let tables = reader.tables(section);
    reader.at_most(overrides::MOST, tables.len(), "charts", section.key_span);
    let mut charts = Vec::new();
    for (table, span) in tables {
        charts.extend(row(reader, &reader.entries(table), span));
    }
    charts
}

fn row(reader: &mut Reader, entries: &[Entry], span: Span) -> Option<DeclaredChart> {
    let (mut path, mut values, mut set) = (None, Vec::new(), Vec::new());
    let (mut release, mut namespace, mut kube_version) = (None, None, None);
    for entry in entries {
        match entry.key {
            "path" => path = reader.filled(entry).map(|(text, span)| (plain(text), span)),
            "values" => {
                values = reader.texts(entry).into_iter().map(|(text, span)| Named::new(&plain(text), span)).collect();
            }
            "set" => {
                if let Some(table) = reader.table(entry) {
                    single_values(reader, table, "", &mut set);
                }
            }
            "release" => release = reader.filled(entry).map(|(text, _)| text.to_owned()),
            "namespace" => namespace = reader.filled(entry).map(|(text, _)| text.to_owned()),
            "kube-version" => kube_version = version(reader, entry),
            _ => reader.unknown_key(entry, "[[chart]]", KEYS),
        }
    }
    if !entries.iter().any(|entry| entry.key == "path") {
        let help = "name the folder that holds `Chart.yaml`, as in `path = \"charts/shop\"`";
        reader.error(span, "a chart without `path`", Some(help.to_owned()));
    }
    let (path, span) = path?;
    let file = reader.path().to_owned();
    Some(DeclaredChart { path, span, file, values, set, release, namespace, kube_version })
}

/// As paths are shown.
fn plain(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.strip_prefix("./").unwrap_or(&path).trim_end_matches('/').to_owned()
}

fn version(reader: &mut Reader, entry: &Entry) -> Option<String> {
    let (text, span) = reader.filled(entry)?;
    if hostfit_render::KubeVersion::parse(text).is_none() {
        let help = "write it as in `kube-version = \"1.34\"`";
        reader.error(
            span,
            format!("`{}` is not a version of Kubernetes", super::reader::shown(text)),
            Some(help.into()),
        );
    }
    Some(text.to_owned())
}

/// The values in a table; TOML reads `web.tag = 1` as a table in a table.
fn single_values(reader: &mut Reader, table: &DeTable<'_>, above: &str, set: &mut Vec<Setting>) {
    for entry in reader.entries(table) {
        let key = if above.is_empty() { entry.key.to_owned() } else { format!("{above}.{}", entry.key) };
        let (value, span) = match entry.value {
            DeValue::String(_) => match reader.text(&entry) {
                Some((text, span)) => (Value::from(text), span),
                None => continue,
            },
            DeValue::Boolean(value) => (Value::from(*value), entry.span),
            DeValue::Integer(number) => {
                let Ok(number) = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()) else {
                    reader.wrong_type(&entry, "a number that fits");
                    continue;
                };
                (Value::from(number), entry.span)
            }
            DeValue::Float(number) => match number.as_str().replace('_', "").parse::<f64>() {
                Ok(number) => (Value::from(number), entry.span),
                Err(_) => continue,
            },
            DeValue::Table(table) => {
                single_values(reader, table, &key, set);
                continue;
            }
            _ => {
                reader.wrong_type(&entry, "a string, a number or a Boolean");
                continue;
            }
        };
        set.push(Setting { key, value, span });
    }
}
