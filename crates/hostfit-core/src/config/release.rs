//! `[[release]]`: releases of Windows newer than this program.

use super::reader::{Entry, Reader, shown};
use crate::windows::{Build, release::Release};

const KEYS: &[&str] = &["id", "build", "title"];

pub(super) fn rows(reader: &mut Reader, section: &Entry) -> Vec<Release> {
    let mut rows = Vec::new();
    for (table, span) in reader.tables(section) {
        let (mut id, mut build, mut title) = (None, None, None);
        let entries = reader.entries(table);
        for entry in &entries {
            match entry.key {
                "id" => id = reader.text(entry).map(|(id, _)| id.to_owned()),
                "build" => build = build_number(reader, entry),
                "title" => title = reader.text(entry).map(|(title, _)| title.to_owned()),
                _ => reader.unknown_key(entry, "[[release]]", KEYS),
            }
        }
        for key in ["id", "build"] {
            if !entries.iter().any(|entry| entry.key == key) {
                reader.error(span, format!("a release without `{key}`"), None);
            }
        }
        if let (Some(id), Some(build)) = (id, build) {
            let title = title.unwrap_or_else(|| id.clone());
            rows.push(Release { id: id.into(), build, title: title.into() });
        }
    }
    rows
}

/// `20348`, or `"10.0.20348"`.
fn build_number(reader: &mut Reader, entry: &Entry) -> Option<Build> {
    let build = match entry.value {
        toml::de::DeValue::String(text) => text.strip_prefix("10.0.").unwrap_or(text).parse().ok(),
        toml::de::DeValue::Integer(_) => reader.number(entry, 1).and_then(|number| u16::try_from(number).ok()),
        _ => {
            reader.wrong_type(entry, "a build number");
            return None;
        }
    };
    if build.is_none() {
        let message = format!("`{}` is no build number", shown(reader.raw(entry.span)));
        reader.error(entry.span, message, Some("the third field of `10.0.20348.2700`".to_owned()));
    }
    build.map(Build)
}
