//! `[check]`: which rules are enabled, with which severity, and for which files.

use serde_json::{Value, json};

use super::{
    Config, FailOn, Named,
    key::{self, Key},
    reader::{Entry, Reader, shown, suggestion_of},
};
use crate::{finding::Severity, nearest::nearest, source::Span};

pub(super) const KEYS: &[Key] = &[
    Key { name: "select", about: "Only these rules.", value: key::rules },
    Key { name: "ignore", about: "Not these rules.", value: key::rules },
    Key {
        name: "exclude",
        about: "Files that are not checked: patterns as in a `.gitignore` in the folder of this file.",
        value: key::texts,
    },
    Key {
        name: "fail-on",
        about: "The lowest severity that fails the run. Default: `warning`.",
        value: || key::words(FAIL_ON),
    },
    Key {
        name: "severity",
        about: "Other severities than the rules' own: `{ unsupported-release = \"error\" }`.",
        value: key::severities,
    },
    Key {
        name: "baseline",
        about: "The file of accepted findings, from the folder of this file. `--baseline` takes its place.",
        value: key::name,
    },
    Key {
        name: "format",
        about: "How `hostfit check` prints findings. Default: `human`. `--format` takes its place.",
        value: || key::words(FORMATS),
    },
    Key {
        name: "output",
        about: "Files that `hostfit check` writes findings to: `[\"sarif=hostfit.sarif\"]`, from the folder of this file. \
                `--output` takes their place.",
        value: outputs_schema,
    },
];

/// The formats of findings, called as on the command line.
pub const FORMATS: &[(&str, &str)] = &[
    ("human", "human"),
    ("concise", "concise"),
    ("json", "json"),
    ("sarif", "sarif"),
    ("github", "github"),
    ("gitlab", "gitlab"),
    ("azure", "azure"),
    ("junit", "junit"),
    ("checkstyle", "checkstyle"),
    ("rdjson", "rdjson"),
];

pub(super) const SEVERITIES: &[(&str, Severity)] =
    &[("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];

const FAIL_ON: &[(&str, FailOn)] = &[
    ("error", FailOn::Severity(Severity::Error)),
    ("warning", FailOn::Severity(Severity::Warning)),
    ("info", FailOn::Severity(Severity::Info)),
    ("never", FailOn::Never),
];

pub(super) fn section(reader: &mut Reader, section: &Entry, config: &mut Config) {
    let Some(table) = reader.table(section) else { return };
    for entry in reader.entries(table) {
        match entry.key {
            "select" => config.rules.select = rule_ids(reader, &entry),
            "ignore" => config.rules.ignore = rule_ids(reader, &entry),
            "exclude" => config.exclude = globs(reader, &entry),
            "fail-on" => config.fail_on = reader.word(&entry, FAIL_ON),
            "severity" => config.severity = severities(reader, &entry),
            "baseline" => config.baseline_file = reader.filled(&entry).map(|(path, span)| Named::new(path, span)),
            "format" => config.format = reader.word(&entry, FORMATS),
            "output" => config.outputs = outputs(reader, &entry),
            _ => reader.unknown_key(&entry, "[check]", KEYS),
        }
    }
}

pub(super) fn rule_ids(reader: &mut Reader, entry: &Entry) -> Vec<String> {
    let ids = reader.texts(entry);
    ids.into_iter().filter(|(id, span)| is_rule(reader, id, *span)).map(|(id, _)| id.to_owned()).collect()
}

pub(super) fn severities(reader: &mut Reader, entry: &Entry) -> Vec<(String, Severity)> {
    let Some(table) = reader.table(entry) else { return Vec::new() };
    let mut severities = Vec::new();
    for entry in reader.entries(table) {
        let known = is_rule(reader, entry.key, entry.key_span);
        if let (true, Some(severity)) = (known, reader.word(&entry, SEVERITIES)) {
            severities.push((entry.key.to_owned(), severity));
        }
    }
    severities
}

fn is_rule(reader: &mut Reader, id: &str, span: Span) -> bool {
    if reader.rules.contains(&id) {
        return true;
    }
    let help = match nearest(id, reader.rules.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "list the rules with `hostfit rules`".to_owned(),
    };
    reader.error(span, format!("there is no rule `{}`", shown(id)), Some(help));
    false
}

/// The bytes of all patterns with wildcards of a file. What is made of them takes a thousand times as many.
const MOST_WILD: usize = 64 << 10;

/// Patterns as in a `.gitignore`, and as people on Windows write them: a backslash is a slash, on every system, so that a
/// file means the same to all who share it.
pub(super) fn globs(reader: &mut Reader, entry: &Entry) -> Vec<String> {
    let mut globs = Vec::new();
    for (glob, span) in reader.texts(entry) {
        let plain = glob.replace('\\', "/");
        // People write it; a `.gitignore` has no such thing.
        let plain = plain.strip_prefix("./").unwrap_or(&plain);
        if plain.contains(['*', '?', '[', '{']) {
            let before = reader.wild;
            reader.wild += plain.len();
            if before <= MOST_WILD && reader.wild > MOST_WILD {
                let message = format!("the patterns with wildcards have more than {MOST_WILD} bytes together");
                reader.error(entry.key_span, message, None);
            }
        }
        match globset::Glob::new(plain) {
            Ok(_) => globs.push(plain.to_owned()),
            Err(error) => {
                reader.error(span, format!("`{}` is not a pattern: {}", shown(glob), error.kind()), None);
            }
        }
    }
    globs
}

/// `FORMAT=FILE`, several times.
fn outputs(reader: &mut Reader, entry: &Entry) -> Vec<(&'static str, Named)> {
    let mut outputs = Vec::new();
    for (text, span) in reader.texts(entry) {
        let parts = text.split_once('=').filter(|(_, path)| !path.trim().is_empty());
        let format = parts.and_then(|(name, _)| FORMATS.iter().find(|(known, _)| *known == name));
        match (format, parts) {
            (Some((format, _)), Some((_, path))) => outputs.push((*format, Named::new(path, span))),
            (None, Some((name, _))) => {
                let known: Vec<_> = FORMATS.iter().map(|(name, _)| *name).collect();
                let help = suggestion_of("formats", name, &known);
                reader.error(span, format!("there is no format `{}`", shown(name)), Some(help));
            }
            _ => {
                let help = "write a format and a file, as in `sarif=hostfit.sarif`".to_owned();
                reader.error(span, format!("`{}` is not an output", shown(text)), Some(help));
            }
        }
    }
    outputs
}

fn outputs_schema() -> Value {
    let names: Vec<_> = FORMATS.iter().map(|(name, _)| *name).collect();
    let output = json!({ "type": "string", "pattern": format!(r"^({})=.*\S", names.join("|")) });
    json!({ "type": "array", "items": output })
}

pub(super) fn schema() -> Value {
    key::table(KEYS, &[])
}
