//! `[registry."HOST"]`: how `hostfit images --online` talks with a registry.

use serde_json::{Value, json};

use super::{
    ConfigError,
    key::{self, Key},
    reader::{Entry, Reader, shown},
};
use crate::source::{Source, Span};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "mirror",
        about: "The host that is asked instead, with the path before the repository there: \
                `mirror.contoso.com/docker-hub`.",
        value: mirror_schema,
    },
    Key {
        name: "ca",
        about: "A PEM file of certificates that are trusted beside those of the system, relative to this file.",
        value: key::text,
    },
    Key {
        name: "plain-http",
        about: "Whether the registry is asked over plain HTTP. Default: true for this machine's own addresses \
                (`localhost`) without `ca`, false for all others.",
        value: key::boolean,
    },
];

/// The sections of the user's own configuration.
const USER: &[Key] =
    &[Key { name: "registry", about: "How to talk with a registry, by its host and port.", value: schema }];

/// How to talk with a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    /// Host and port, in lowercase; `docker.io` is Docker Hub.
    pub host: String,
    /// Who is asked in its place: a host, and what stands before the repository there.
    pub mirror: Option<String>,
    /// A file of certificates as written, and its bytes.
    pub ca: Option<(String, Span)>,
    /// Whether the registry is asked over plain HTTP.
    pub plain_http: Option<bool>,
}

/// Reads the user's own configuration, which says how to talk with registries and nothing else.
///
/// # Errors
/// Every place that is invalid, with what to do.
pub fn of_user(source: &Source) -> Result<Vec<Registry>, Vec<ConfigError>> {
    let mut reader = Reader::new(source, &[]);
    let document = reader.document();
    let mut registries = Vec::new();
    for entry in reader.entries(&document) {
        match entry.key {
            "registry" => registries = section(&mut reader, &entry),
            _ => reader.unknown_key(&entry, reader.file_name(), USER),
        }
    }
    reader.finish(registries)
}

pub(super) fn section(reader: &mut Reader, section: &Entry) -> Vec<Registry> {
    let Some(table) = reader.table(section) else { return Vec::new() };
    let mut registries: Vec<Registry> = Vec::new();
    for entry in reader.entries(table) {
        let help = "write host and port, as in `[registry.\"registry.contoso.com:5000\"]`";
        let Some(host) = host(entry.key) else {
            reader.error(entry.key_span, format!("`{}` is not a registry", shown(entry.key)), Some(help.to_owned()));
            continue;
        };
        if registries.iter().any(|it| it.host == host) {
            reader.error(entry.key_span, format!("a second table for `{}`", shown(&host)), None);
            continue;
        }
        let Some(table) = reader.table(&entry) else { continue };
        let mut registry = Registry { host, mirror: None, ca: None, plain_http: None };
        for field in reader.entries(table) {
            match field.key {
                "mirror" => registry.mirror = mirror(reader, &field),
                "ca" => registry.ca = reader.text(&field).map(|(path, span)| (path.to_owned(), span)),
                "plain-http" => registry.plain_http = reader.boolean(&field),
                // In a bare key full stops make tables of tables.
                _ if matches!(field.value, toml::de::DeValue::Table(_)) => {
                    let message = format!("`{}` is not a key of a registry", shown(field.key));
                    reader.error(
                        field.key_span,
                        message,
                        Some(
                            "put the whole host in quotes, as in `[registry.\"registry.contoso.com:5000\"]`".to_owned(),
                        ),
                    );
                }
                _ => reader.unknown_key(&field, "[registry.\"…\"]", KEYS),
            }
        }
        registries.push(registry);
    }
    registries
}

/// A host with its port or without. Docker Hub has several.
fn host(text: &str) -> Option<String> {
    let host = text.to_ascii_lowercase();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    let holds = host.bytes().all(is_part) && host.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '[');
    let is_hub = matches!(&*host, "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com");
    holds.then(|| if is_hub { "docker.io".to_owned() } else { host })
}

fn mirror(reader: &mut Reader, field: &Entry) -> Option<String> {
    let (text, span) = reader.text(field)?;
    let plain = text.trim_end_matches('/').strip_prefix("https://").unwrap_or(text.trim_end_matches('/'));
    let (name, prefix) = plain.split_once('/').map_or((plain, None), |(name, prefix)| (name, Some(prefix)));
    let is_part = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'/');
    let is_path = prefix.is_none_or(|it| !it.is_empty() && it.bytes().all(is_part) && !it.contains("//"));
    if let Some(host) = host(name).filter(|_| is_path) {
        return Some(prefix.map_or_else(|| host.clone(), |prefix| format!("{host}/{prefix}")));
    }
    let help = "write host and path, as in `mirror.contoso.com/docker-hub`, and `plain-http = true` in a table of its own for \
                plain HTTP";
    reader.error(span, format!("`{}` is not a mirror", shown(text)), Some(help.to_owned()));
    None
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "propertyNames": { "pattern": r"^[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*$" },
        "additionalProperties": key::table(KEYS, &[]),
        "examples": [{ "registry.contoso.com": { "ca": "contoso.pem" }, "docker.io": { "mirror": "mirror.contoso.com/hub" } }],
    })
}

fn mirror_schema() -> Value {
    json!({ "type": "string", "pattern": r"^(https://)?[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*(/[a-z0-9._/-]+)?/*$" })
}
