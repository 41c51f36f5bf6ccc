//! What an editor asks of a chart: which values a template sees, where they are written, where a helper is defined.

use std::{collections::BTreeMap, ops::Range};

use hostfit_render::{Entry, FileTable, Node, Origin, Text, seen};
use serde_json::Value;

use super::{Chart, Charts, Kept, print, sets};
use crate::source::rendered::Rendering;

/// A place in a file of a chart: its path as [`Source::path`](crate::source::Source::path) has it, and the bytes.
pub type Place = (String, Range<usize>);

/// What one set of values states under some keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// The set.
    pub rendering: Rendering,
    /// The value.
    pub value: Value,
    /// Where the last of the keys is written, if a file has it.
    pub key: Option<Place>,
    /// Where the value is written; where its key is, of a list or a mapping.
    pub at: Option<Place>,
}

/// A key of values.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// As it is written.
    pub name: String,
    /// The value of the first set that has one.
    pub value: Value,
}

impl Charts<'_> {
    /// What each set of values that is judged states under some keys of `.Values`, as a template of the tree sees them; sets
    /// that state nothing left out.
    pub fn stated(&self, chart: &Chart, template: &str, keys: &[&str], kept: &Kept) -> Vec<Stated> {
        let mut table = FileTable::default();
        let found = self.entries(chart, template, keys, kept, &mut table);
        let place = |text: &Text| self.place(&text.origin(), &table);
        let stated = found.into_iter().map(|(rendering, entry)| {
            let key = place(&entry.key);
            let at = origin(&entry.value).and_then(|it| self.place(&it, &table)).or_else(|| key.clone());
            Stated { rendering, value: print::value(&entry.value, &[]), key, at }
        });
        stated.collect()
    }

    /// The keys below some keys of `.Values` in a template of the tree, of all sets of values and all values files of the
    /// chart, by name.
    pub fn keys(&self, chart: &Chart, template: &str, keys: &[&str], kept: &Kept) -> Vec<Key> {
        let mut table = FileTable::default();
        let mut found = BTreeMap::new();
        for (_, entry) in self.entries(chart, template, keys, kept, &mut table) {
            for entry in entry.value.entries() {
                let value = || print::value(&entry.value, &[]);
                found.entry(entry.key.as_str().to_owned()).or_insert_with(value);
            }
        }
        found.into_iter().map(|(name, value)| Key { name, value }).collect()
    }

    /// Where the templates of a chart and its subcharts define what `include` asks for.
    pub fn definitions(&self, chart: &Chart, name: &str) -> Vec<Place> {
        self.all_defined(chart).into_iter().filter(|(own, _)| own == name).map(|(_, place)| place).collect()
    }

    /// The names of what the templates of a chart and its subcharts define.
    pub fn defined(&self, chart: &Chart) -> Vec<String> {
        let mut names: Vec<_> = self.all_defined(chart).into_iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        names
    }

    fn all_defined(&self, chart: &Chart) -> Vec<(String, Place)> {
        let mut table = FileTable::default();
        let Ok(loaded) = hostfit_render::load(self.tree, &chart.folder, &mut table) else { return Vec::new() };
        let templates = loaded.templates();
        let found = templates.into_iter().flat_map(|(file, text)| {
            let path = (self.shown)(table.path(file));
            defined(text.as_str()).map(move |(name, range)| (name.to_owned(), (path.clone(), range)))
        });
        found.collect()
    }

    fn entries(
        &self,
        chart: &Chart,
        template: &str,
        keys: &[&str],
        kept: &Kept,
        table: &mut FileTable,
    ) -> Vec<(Rendering, Entry)> {
        let Ok(loaded) = hostfit_render::load(self.tree, &chart.folder, table) else { return Vec::new() };
        let mut all = sets::of(self, chart);
        // A values file that nothing deploys says what may be written nevertheless.
        for set in sets::own(self, chart) {
            if all.iter().all(|it| it.files != set.files) && !set.files.is_empty() {
                all.push(set);
            }
        }
        all.extend(sets::all_windows(&loaded).filter(|_| kept.is_switched_on(chart)));
        let file = table.id(template);
        let entry = |set: &sets::Set| {
            let options = set.options(self, &loaded, table).ok()?;
            Some((set.rendering(self, chart), seen(&loaded, &options, file, keys)?))
        };
        all.iter().filter_map(entry).collect()
    }

    fn place(&self, origin: &Origin, table: &FileTable) -> Option<Place> {
        let place = origin.places().into_iter().next()?;
        Some(((self.shown)(table.path(place.file)), place.range()))
    }
}

/// Where a scalar is written.
fn origin(node: &Node) -> Option<Origin> {
    match &node.data {
        hostfit_render::Data::Bool(_, origin) | hostfit_render::Data::Number(_, origin) => Some(origin.clone()),
        hostfit_render::Data::String(text) => Some(text.origin()),
        _ => None,
    }
}

/// The names that a template defines, with their bytes. It need not parse: it may be what is being typed.
fn defined(template: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    template.match_indices("{{").filter_map(|(at, open)| {
        let rest = template.get(at + open.len()..)?;
        let action = rest.trim_start_matches('-').trim_start();
        let after = action.strip_prefix("define").or_else(|| action.strip_prefix("block"))?.trim_start();
        let quote = after.chars().next().filter(|char| matches!(char, '"' | '`'))?;
        let inner = after.get(1..)?;
        let name = inner.get(..inner.find(quote)?)?;
        let start = template.len() - inner.len();
        (!name.contains('\n')).then_some((name, start..start + name.len()))
    })
}

/// A value in one line of at most so many characters.
pub fn shorten(value: &Value, most: usize) -> String {
    let whole = match value {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    if whole.chars().count() <= most {
        return whole;
    }
    let cut: String = whole.chars().take(most.saturating_sub(1)).collect();
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_found_in_what_does_not_parse() {
        let text = "{{- define \"a.b\" -}}\n{{ define `c` }}{{ if }}{{ block \"d\" . }}{{ definex }}{{ .Values.";
        let found: Vec<_> = defined(text).map(|(name, range)| (name, text.get(range).expect("its bytes"))).collect();
        assert_eq!(found, [("a.b", "a.b"), ("c", "c"), ("d", "d")]);
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(shorten(&Value::from("a\nb"), 5), "a b");
        assert_eq!(shorten(&serde_json::json!({"a": [1, 2, 3]}), 8), "{\"a\":[1…");
    }
}
