//! `[images]`: what hostfit cannot see by itself.

use serde_json::{Value, json};
use toml::de::DeValue;

use super::{
    key,
    reader::{Entry, Reader, shown},
};
use crate::windows::{Os, image::ImageRule, release::Releases, version};

pub(super) fn rules(reader: &mut Reader, section: &Entry, releases: &Releases) -> Vec<ImageRule> {
    let Some(table) = reader.table(section) else { return Vec::new() };
    let mut rules = Vec::new();
    for entry in reader.entries(table) {
        if matches!(entry.value, DeValue::Table(_)) {
            let help = "TOML reads full stops in a bare key as tables: put the whole pattern in quotes".to_owned();
            reader.error(entry.key_span, format!("`{}` is no image", shown(entry.key)), Some(help));
            continue;
        }
        let Some((value, span)) = reader.text(&entry) else { continue };
        let (os, version) = if value.trim().eq_ignore_ascii_case("linux") {
            (Os::Linux, None)
        } else if let Some(version) = version::parse(value, releases) {
            (Os::Windows, Some(version))
        } else {
            reader.not_an_os(value, span);
            continue;
        };
        rules.push(ImageRule { pattern: entry.key.to_owned(), os, version, span });
    }
    rules
}

pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": key::os(),
        "examples": [{ "registry.contoso.com/web:*": "ltsc2022", "registry.contoso.com/tools/*": "linux" }],
    })
}
