//! `[[release]]`: releases of Windows newer than this program.

use serde_json::{Value, json};

use super::{
    key::{self, Key},
    reader::{Entry, Reader, shown, suggestion_of},
};
use crate::windows::{Build, Date, HostKind, image::Family, release::Release, version};

pub(super) const KEYS: &[Key] = &[
    Key { name: "id", about: "Its name, which is also the tag of its base images: `ltsc2028`.", value: key::text },
    Key { name: "build", about: "Its build: the third field of `10.0.20348.2700`.", value: build_number_schema },
    Key { name: "title", about: "Its name in messages. Default: the id.", value: key::text },
    Key { name: "aliases", about: "Other names of it, published as tags too.", value: key::texts },
    Key { name: "kind", about: "Windows Server, or Windows 10 and 11.", value: || key::words(HostKind::NAMED) },
    Key {
        name: "families",
        about: "The base images that it has. Default, of a server: all but `windows`.",
        value: || json!({ "type": "array", "items": { "enum": Family::ALL.map(Family::name) } }),
    },
    Key { name: "image-support-end", about: "The last day on which its images are patched.", value: date_schema },
    Key { name: "host-support-end", about: "The last day on which its hosts are patched.", value: date_schema },
];

pub(super) fn rows(reader: &mut Reader, section: &Entry) -> Vec<Release> {
    let tables = reader.tables(section);
    let mut rows = Vec::new();
    for (table, span) in tables {
        let entries = reader.entries(table);
        for key in ["id", "build"] {
            if !entries.iter().any(|entry| entry.key == key) {
                reader.error(span, format!("a release without `{key}`"), None);
            }
        }
        rows.extend(row(reader, &entries));
    }
    rows
}

fn row(reader: &mut Reader, entries: &[Entry]) -> Option<Release> {
    let (mut id, mut build, mut families, mut image_end) = (None, None, None, None);
    let mut row = Release::custom("", Build(0));
    let mut title = None;
    for entry in entries {
        match entry.key {
            "id" => id = reader.text(entry).map(|(id, _)| id.to_owned()),
            "build" => build = build_number(reader, entry),
            "title" => title = reader.text(entry).map(|(title, _)| title.to_owned()),
            "aliases" => row.aliases = reader.texts(entry).into_iter().map(|(it, _)| it.to_owned().into()).collect(),
            "kind" => row.kind = reader.word(entry, HostKind::NAMED).unwrap_or(row.kind),
            "families" => families = Some(family_names(reader, entry)),
            "image-support-end" => image_end = date(reader, entry),
            "host-support-end" => row.host_end = date(reader, entry),
            _ => reader.unknown_key(entry, "[[release]]", KEYS),
        }
    }
    row.id = id?.into();
    row.build = build?;
    row.title = title.map_or_else(|| row.id.clone(), Into::into);
    // The full Windows image ended with 20H2; the others came with every server release since.
    let families = families.unwrap_or_else(|| match row.kind {
        HostKind::Server => vec![Family::ServerCore, Family::NanoServer, Family::Server],
        HostKind::Client => Vec::new(),
    });
    Some(families.into_iter().fold(row, |row, family| row.publishing(family, image_end)))
}

fn family_names(reader: &mut Reader, entry: &Entry) -> Vec<Family> {
    let mut families = Vec::new();
    for (name, span) in reader.texts(entry) {
        if let Some(family) = Family::by_name(name) {
            families.push(family);
            continue;
        }
        let known: Vec<_> = Family::ALL.iter().map(|family| family.name()).collect();
        let help = suggestion_of("families", name, &known);
        reader.error(span, format!("`{}` is not a family of base images", shown(name)), Some(help));
    }
    families
}

/// `2034-10-10`, in quotes or as a TOML date.
pub(super) fn date(reader: &mut Reader, entry: &Entry) -> Option<Date> {
    let raw = reader.raw(entry.span).trim_matches(['"', '\'']);
    let date = Date::parse(raw);
    if date.is_none() {
        reader.error(entry.span, format!("`{}` has to be a date written as YYYY-MM-DD", entry.key), None);
    }
    date
}

/// `20348`, or `"10.0.20348"`.
fn build_number(reader: &mut Reader, entry: &Entry) -> Option<Build> {
    let build = match entry.value {
        toml::de::DeValue::String(text) => version::build_number(text),
        toml::de::DeValue::Integer(_) => reader.number(entry, 1).and_then(|number| u16::try_from(number).ok()),
        _ => {
            reader.wrong_type(entry, "a build number");
            return None;
        }
    };
    if build.is_none() {
        let message = format!("`{}` is not a build number", shown(reader.raw(entry.span)));
        reader.error(
            entry.span,
            message,
            Some("write the third field of the version: `20348` of `10.0.20348.2700`".to_owned()),
        );
    }
    build.map(Build)
}

pub(super) fn schema() -> Value {
    key::tables(KEYS, &["id", "build"])
}

fn build_number_schema() -> Value {
    json!({
        "anyOf": [
            { "type": "integer", "minimum": 1, "maximum": u16::MAX },
            { "type": "string", "pattern": r"^(10\.0\.)?[0-9]{1,5}$" },
        ],
        "examples": [26100],
    })
}

/// A TOML date or a text; Taplo hands both over as texts.
fn date_schema() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$" })
}
