//! `[images]`: what hostfit cannot see by itself.

use std::{borrow::Cow, cmp::Reverse};

use serde_json::{Value, json};
use toml::de::{DeTable, DeValue};

use super::{
    key::{self, Key},
    reader::{Entry, Reader, shown},
};
use crate::{
    source::Span,
    text::Text,
    windows::{
        OsVersion,
        image::{Declared, DeclaredBuild, ImageRule, Variants},
        release::Releases,
        version,
    },
};

const KEYS: &[Key] = &[
    Key {
        name: "dockerfile",
        about: "The Dockerfile that such images are built from; relative to this file, in the same repository.",
        value: key::name,
    },
    Key { name: "target", about: "The stage that is built. Default: the last one.", value: key::name },
    Key {
        name: "build-args",
        about: "The build args that it is built with, on top of `[build-args]`.",
        value: key::pairs,
    },
];

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": {
            "anyOf": [
                key::os(),
                { "type": "array", "minItems": 1, "items": key::os() },
                key::table(KEYS, &["dockerfile"]),
            ],
        },
        "examples": [{
            "registry.contoso.com/web:*": "ltsc2022",
            "registry.contoso.com/tools/*": "linux",
            "registry.contoso.com/agent:*": ["ltsc2019", "ltsc2022", "linux"],
            "registry.contoso.com/worker:*": { "dockerfile": "src/worker/Dockerfile" },
        }],
    })
}

/// Every image is compared with each of them.
const MOST_OPEN: usize = 1000;
/// Each is looked up by what it matches.
const MOST: usize = 10_000;
/// The bytes of a pattern: the longest image reference has less.
const LONGEST: usize = 1000;

pub(super) fn rules(reader: &mut Reader, section: &Entry, releases: &Releases) -> Vec<ImageRule> {
    let Some(table) = reader.table(section) else { return Vec::new() };
    let mut rules = Vec::new();
    for entry in reader.entries(table) {
        if entry.key.len() > LONGEST {
            reader.error(entry.key_span, format!("a pattern of more than {LONGEST} bytes matches no image"), None);
            continue;
        }
        let (declared, span) = match entry.value {
            DeValue::Table(table) => (build(reader, &entry, table).map(Declared::Built), entry.span),
            DeValue::Array(_) => (platforms(reader, &entry, releases), entry.span),
            DeValue::String(_) => match platform(reader, &entry, releases) {
                Some((platform, span)) => (Some(platform.declared()), span),
                None => continue,
            },
            _ => {
                reader.wrong_type(&entry, "a string, a list of strings or a table");
                continue;
            }
        };
        rules.extend(declared.map(|declared| ImageRule { pattern: entry.key.to_owned(), declared, span }));
    }
    let open = rules.iter().filter(|rule| rule.pattern.contains('*')).count();
    reader.at_most(MOST_OPEN, open, "patterns with `*`", section.key_span);
    reader.at_most(MOST, rules.len(), "lines in [images]", section.key_span);
    rules
}

/// One platform of an image.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Platform {
    Linux,
    Windows(OsVersion),
}

impl Platform {
    fn declared(self) -> Declared {
        match self {
            Self::Linux => Declared::Linux,
            Self::Windows(version) => Declared::Windows(version),
        }
    }

    /// Whether an index cannot hold both as entries of their own. Two revisions of one build can stand in one.
    fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Windows(a), Self::Windows(b)) if a.build == b.build => {
                a.revision.is_none() || b.revision.is_none() || a.revision == b.revision
            }
            _ => self == other,
        }
    }
}

fn platform(reader: &mut Reader, entry: &Entry, releases: &Releases) -> Option<(Platform, Span)> {
    let (text, span) = reader.text(entry)?;
    if text.trim().eq_ignore_ascii_case("linux") {
        return Some((Platform::Linux, span));
    }
    let Some(version) = version::parse(text, releases) else {
        reader.not_an_os(text, span);
        return None;
    };
    Some((Platform::Windows(version), span))
}

/// A multi-platform image. A list of one entry means what the entry alone does.
fn platforms(reader: &mut Reader, entry: &Entry, releases: &Releases) -> Option<Declared> {
    let items = reader.items(entry);
    if items.is_empty() {
        let help = "write one entry for each platform of the image, as in `[\"ltsc2019\", \"ltsc2022\", \"linux\"]`";
        reader.error(entry.span, "the list of platforms is empty", Some(help.to_owned()));
        return None;
    }
    let mut platforms: Vec<(Platform, &str)> = Vec::new();
    let mut is_valid = true;
    for item in items {
        let Some((platform, span)) = platform(reader, &item, releases) else {
            is_valid = false;
            continue;
        };
        let text = reader.raw(span);
        if let Some((_, same)) = platforms.iter().find(|(other, _)| other.is_same(platform)) {
            let message = format!("`{}` and `{}` are the same platform", shown(same), shown(text));
            let help =
                "write one entry for each platform of the image, and several of one build only with their revisions";
            reader.error(span, message, Some(help.to_owned()));
            is_valid = false;
            continue;
        }
        platforms.push((platform, text));
    }
    match platforms.as_slice() {
        _ if !is_valid => None,
        [(only, _)] => Some(only.declared()),
        all => {
            let versions = all.iter().filter_map(|(platform, _)| match platform {
                Platform::Windows(version) => Some(*version),
                Platform::Linux => None,
            });
            let mut windows: Vec<_> = versions.collect();
            windows.sort_unstable_by_key(|version| Reverse((version.build, version.revision)));
            let linux = all.iter().any(|(platform, _)| *platform == Platform::Linux);
            Some(Declared::MultiPlatform(Variants { windows: Cow::Owned(windows), linux }))
        }
    }
}

/// `{ dockerfile = "src/worker/Dockerfile", target = "final", build-args = { WINDOWS_VERSION = "ltsc2025" } }`.
fn build(reader: &mut Reader, entry: &Entry, table: &DeTable) -> Option<DeclaredBuild> {
    let entries = reader.entries(table);
    let is_there = entries.iter().any(|entry| entry.key == "dockerfile");
    if !is_there && !reader.raw(entry.key_span).starts_with(['"', '\'']) {
        let help = "put the whole pattern in quotes, since TOML reads full stops in a bare key as tables".to_owned();
        reader.error(entry.key_span, format!("`{}` is not an image", shown(entry.key)), Some(help));
        return None;
    }
    if !is_there {
        let help =
            "name the Dockerfile that the image is built from, as in `{ dockerfile = \"src/worker/Dockerfile\" }`";
        reader.error(entry.span, "a build without `dockerfile`", Some(help.to_owned()));
    }
    let (mut dockerfile, mut target, mut build_args) = (None, None, Vec::new());
    for field in &entries {
        match field.key {
            "dockerfile" => dockerfile = path(reader, field),
            "target" => target = reader.filled(field).map(|(name, span)| Text::literal(name, span)),
            "build-args" => {
                let pair = |((name, value), span): ((String, String), _)| (name, Text::literal(value, span));
                build_args = reader.pairs(field).into_iter().map(pair).collect();
            }
            _ => reader.unknown_key(field, "[images]", KEYS),
        }
    }
    let (dockerfile, span) = dockerfile?;
    Some(DeclaredBuild { dockerfile, span, target, build_args })
}

/// A path in the repository, with `/`.
fn path(reader: &mut Reader, entry: &Entry) -> Option<(String, Span)> {
    let (text, span) = reader.filled(entry)?;
    let path = text.trim().replace('\\', "/");
    let is_elsewhere = path.starts_with(['/', '~']) || path.contains("://") || path.get(1..2) == Some(":");
    if is_elsewhere {
        let help = "write it relative to the folder of hostfit.toml, as in `src/worker/Dockerfile`".to_owned();
        reader.error(span, format!("`{}` is not a path in this repository", shown(text)), Some(help));
        return None;
    }
    Some((path.strip_prefix("./").unwrap_or(&path).to_owned(), span))
}
