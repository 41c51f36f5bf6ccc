//! Which subcharts take part, and what a parent imports from them.

use super::{coalesce, live::Live, load::is_meant, metadata::Dependency};
use crate::{
    text::Text,
    value::{Heap, Map, MapId, Value},
};

impl<'c> Live<'c> {
    /// Leaves out the subcharts that are disabled, and imports values, as Helm does before it renders.
    ///
    /// # Errors
    /// As [`coalesce::values`].
    pub(super) fn process(&mut self, heap: &mut Heap, given: MapId) -> Result<(), String> {
        self.enable(heap, given, "")?;
        self.import(heap)
    }

    fn enable(&mut self, heap: &mut Heap, given: MapId, path: &str) -> Result<(), String> {
        if self.declared.is_empty() {
            return Ok(());
        }
        let all = std::mem::take(&mut self.subcharts);
        let is_declared = |it: &Live<'_>| self.declared.iter().any(|dependency| is_meant(dependency, it.chart));
        let mut subcharts: Vec<Live<'c>> = all.iter().filter(|it| !is_declared(it)).cloned().collect();
        for dependency in &self.declared {
            if let Some(found) = all.iter().find(|it| is_meant(dependency, it.chart)) {
                let mut subchart = found.clone();
                if !dependency.alias.is_empty() {
                    subchart.name = Text::given(&*dependency.alias);
                }
                subcharts.push(subchart);
            }
        }
        self.subcharts = subcharts;
        let values = coalesce::values(heap, self, given, false)?;
        let disabled: Vec<&str> = self
            .declared
            .iter()
            .filter(|dependency| !is_enabled(heap, dependency, values, path))
            .map(|dependency| dependency.key())
            .collect();
        self.subcharts.retain(|it| !disabled.contains(&it.name.as_str()));
        self.declared.retain(|it| !disabled.contains(&it.key()));
        for subchart in &mut self.subcharts {
            let path = format!("{path}{}.", subchart.name.as_str());
            subchart.enable(heap, values, &path)?;
        }
        Ok(())
    }

    fn import(&mut self, heap: &mut Heap) -> Result<(), String> {
        for subchart in &mut self.subcharts {
            subchart.import(heap)?;
        }
        if self.declared.is_empty() {
            return Ok(());
        }
        let none = heap.add_map(Map::default());
        let all = coalesce::values(heap, self, none, true)?;
        let imported = heap.add_map(Map::default());
        for dependency in &self.declared {
            for import in &dependency.imports {
                let path = format!("{}.{}", dependency.key(), import.child);
                let Some(table) = table(heap, all, &path) else { continue };
                let table = under(heap, &import.parent, table);
                coalesce::tables(heap, imported, table, true);
            }
        }
        let own = coalesce::copied(heap, all)?;
        coalesce::tables(heap, own, imported, true);
        self.values = own;
        Ok(())
    }
}

/// The mapping at a path with dots.
pub(super) fn table(heap: &Heap, map: MapId, path: &str) -> Option<MapId> {
    path.split('.').try_fold(map, |map, key| match heap.map(map).get(key) {
        Some(Value::Map(inner)) => Some(*inner),
        _ => None,
    })
}

/// A mapping that has `table` at a path with dots.
fn under(heap: &mut Heap, path: &str, table: MapId) -> MapId {
    if path == "." {
        return table;
    }
    path.rsplit('.').fold(table, |inner, key| {
        let mut map = Map::default();
        map.put(key, Value::Map(inner));
        heap.add_map(map)
    })
}

fn is_enabled(heap: &Heap, dependency: &Dependency, values: MapId, path: &str) -> bool {
    let (mut is_on, mut is_off) = (false, false);
    if let Some(tags) = table(heap, values, "tags") {
        for tag in &dependency.tags {
            match heap.map(tags).get(tag) {
                Some(Value::Bool(true, _)) => is_on = true,
                Some(Value::Bool(false, _)) => is_off = true,
                _ => {}
            }
        }
    }
    // The first condition that is a Boolean counts.
    let stated = dependency.condition.trim().split(',').filter(|it| !it.is_empty()).find_map(|condition| {
        let full = format!("{path}{condition}");
        let (map, key) = match full.rsplit_once('.') {
            Some((path, key)) => (table(heap, values, path)?, key),
            None => (values, &*full),
        };
        match heap.map(map).get(key) {
            Some(Value::Bool(is, _)) => Some(*is),
            _ => None,
        }
    });
    stated.unwrap_or(is_on || !is_off)
}
