//! What `hostfit render` shows: what a chart or a kustomization yields, and where each line comes from.

use hostfit_render::{Data, FileTable, Hole, HoleId, Node, Origin, Place, Text, UNKNOWN, kustomize, yaml};
use serde_json::{Map, Number, Value};

use super::{Chart, Charts, one_line, sets};
use crate::source::rendered::{Renderer, Rendering};

/// Which sets of values are asked for.
#[derive(Clone, Debug)]
pub enum Asked {
    /// All that are judged.
    All,
    /// The chart's own values, with these files of the tree and these single values over them.
    One(Vec<String>, Vec<(String, Value)>),
}

/// What a chart yields with one set of values, or what a kustomization yields.
#[derive(Debug)]
pub struct Printed {
    /// Which chart and which values, or which kustomization.
    pub rendering: Rendering,
    /// What each template yields that yields something.
    pub documents: Vec<Document>,
    /// What is missing from it, or why there is nothing.
    pub problems: Vec<String>,
}

/// What one template yields, or one object of a kustomization.
#[derive(Debug)]
pub struct Document {
    /// The template, as Helm names it, or the file that the object was read from.
    pub name: String,
    /// Its lines, each with the file and the line that it comes from, if one states it.
    pub lines: Vec<(String, Option<(String, u32)>)>,
    /// The objects in it.
    pub objects: Vec<Value>,
}

impl Charts<'_> {
    /// Renders a chart, or builds a kustomization, to be shown.
    ///
    /// # Errors
    /// When it cannot be loaded; the file and why. When values are asked for that a kustomization does not have.
    pub fn print(&self, chart: &Chart, asked: &Asked) -> Result<Vec<Printed>, String> {
        let mut table = FileTable::default();
        if chart.by == Renderer::Kustomize {
            return match asked {
                Asked::One(files, settings) if !files.is_empty() || !settings.is_empty() => {
                    Err("a kustomization takes no values".to_owned())
                }
                _ => Ok(vec![self.print_building(chart, &mut table)?]),
            };
        }
        let loaded = hostfit_render::load(self.tree, &chart.folder, &mut table).map_err(|problem| problem.message)?;
        let sets = match asked {
            Asked::All => sets::of(self, chart).into_iter().take(super::MAX_SETS).collect(),
            Asked::One(files, settings) => vec![sets::Set::given(files, settings)],
        };
        let mut printed: Vec<_> = sets.iter().map(|set| self.printed(set, chart, &loaded, &mut table)).collect();
        if let (Asked::All, Some(set)) = (asked, self.switched_on(chart, &loaded)) {
            printed.push(self.printed(&set, chart, &loaded, &mut table));
        }
        Ok(printed)
    }

    /// The set that switches on what a chart has for Windows, where that is judged.
    fn switched_on(&self, chart: &Chart, loaded: &hostfit_render::Chart) -> Option<sets::Set> {
        let set = sets::all_windows(loaded)?;
        self.render(chart).is_switched_on().then_some(set)
    }

    fn printed(
        &self,
        set: &sets::Set,
        chart: &Chart,
        loaded: &hostfit_render::Chart,
        table: &mut FileTable,
    ) -> Printed {
        let shown = set.rendering(self, chart);
        let mut problems: Vec<_> = loaded.problems().into_iter().map(|problem| problem.message).collect();
        let rendering = match self.rendered(set, loaded, table) {
            Ok(rendering) => rendering,
            Err((path, reason)) => {
                problems.push(format!("{}: {reason}", (self.shown)(&path)));
                return Printed { rendering: shown, documents: Vec::new(), problems };
            }
        };
        problems.extend(rendering.problems.iter().map(|problem| problem.message.clone()));
        let documents = self.documents(&rendering, table, &|manifest| manifest.name.clone());
        Printed { rendering: shown, documents, problems }
    }

    fn print_building(&self, chart: &Chart, table: &mut FileTable) -> Result<Printed, String> {
        let options = kustomize::Options { without_definitions: false, ..super::kustomize::options() };
        let building = kustomize::build(self.tree, &chart.folder, table, &options);
        let problem = |problem: &hostfit_render::Problem| {
            let line = |at: &Place| self.line(table.path(at.file), at.start as usize);
            let at = problem.place.map(|at| ((self.shown)(table.path(at.file)), line(&at)));
            let place = at.map_or_else(String::new, |(path, line)| match line {
                Some(line) => format!("{path}:{line}: "),
                None => format!("{path}: "),
            });
            format!("{place}{}", one_line(&problem.message))
        };
        let problems: Vec<_> = building.rendering.problems.iter().map(problem).collect();
        if building.is_unknown {
            return Err(problems.last().cloned().unwrap_or_else(|| "nothing is known of it".to_owned()));
        }
        let name = |manifest: &hostfit_render::Manifest| (self.shown)(table.path(manifest.template));
        let documents = self.documents(&building.rendering, table, &name);
        Ok(Printed { rendering: self.rendering_of(chart, &building, table), documents, problems })
    }

    fn documents(
        &self,
        rendering: &hostfit_render::Rendering,
        table: &FileTable,
        name: &dyn Fn(&hostfit_render::Manifest) -> String,
    ) -> Vec<Document> {
        let manifests = rendering.manifests.iter().filter(|it| it.text.hole().is_some() || !is_blank(it.text.as_str()));
        let document = |manifest: &hostfit_render::Manifest| Document {
            name: name(manifest),
            lines: self.lines(manifest, &rendering.holes, table),
            objects: yaml::read(&manifest.text).roots.iter().map(|root| value(root, &rendering.holes)).collect(),
        };
        manifests.map(document).collect()
    }

    fn lines(
        &self,
        manifest: &hostfit_render::Manifest,
        holes: &[Hole],
        table: &FileTable,
    ) -> Vec<(String, Option<(String, u32)>)> {
        let text = &manifest.text;
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.as_str().split_inclusive('\n') {
            let range = start..start + line.len();
            start = range.end;
            let inner = range.start..range.start + line.trim_end_matches(['\n', '\r']).len();
            let mut shown = String::new();
            let mut places = Vec::new();
            for (part, origin) in text.origins(inner) {
                match &origin {
                    Origin::Hole(hole) => shown.push_str(&unknown(*hole, holes)),
                    _ => shown.push_str(text.as_str().get(part.clone()).unwrap_or_default()),
                }
                let is_blank = text.as_str().get(part).is_some_and(|part| part.trim().is_empty());
                places.extend(origin.places().into_iter().filter(|_| !is_blank));
            }
            let is_base =
                |file: hostfit_render::FileId| file == manifest.template || table.path(file).contains("templates/");
            // A value says more than the template that asks for it, and an overlay more than its base.
            let place = places.iter().find(|place| !is_base(place.file)).or_else(|| places.first());
            let at = place.and_then(|place| {
                let path = table.path(place.file);
                let line = self.line(path, place.start as usize).or_else(|| {
                    let before = table.archived(place.file)?.get(..place.start as usize)?;
                    u32::try_from(before.matches('\n').count() + 1).ok()
                });
                Some(((self.shown)(path), line?))
            });
            lines.push((shown, at));
        }
        lines
    }
}

fn is_blank(text: &str) -> bool {
    text.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line == "---"
    })
}

/// What stands in the place of what is not known.
fn unknown(hole: HoleId, holes: &[Hole]) -> String {
    let expression = holes.get(hole.0 as usize).map(|hole| one_line(&hole.expression)).unwrap_or_default();
    format!("‹unknown: {expression}›")
}

/// A node as JSON.
pub(super) fn value(node: &Node, holes: &[Hole]) -> Value {
    match &node.data {
        Data::Null => Value::Null,
        Data::Bool(value, _) => Value::Bool(*value),
        Data::Number(number, _) => number_value(*number),
        Data::String(text) => Value::String(filled(text, holes)),
        Data::List(items) => {
            let own = items.iter().map(|item| value(item, holes));
            own.chain(node.gaps.iter().map(|hole| Value::String(unknown(*hole, holes)))).collect()
        }
        Data::Map(entries) => {
            let own = entries.iter().map(|entry| (filled(&entry.key, holes), value(&entry.value, holes)));
            let gaps = node.gaps.iter().map(|hole| (unknown(*hole, holes), Value::Null));
            Value::Object(own.chain(gaps).collect::<Map<_, _>>())
        }
        Data::Hole(hole) => Value::String(unknown(*hole, holes)),
    }
}

fn number_value(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number that fits")]
        return Value::from(number as i64);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

fn filled(text: &Text, holes: &[Hole]) -> String {
    let mut filled = String::new();
    for (range, piece) in text.ranges() {
        let part = text.as_str().get(range).unwrap_or_default();
        match &piece.origin {
            Origin::Hole(hole) if part == UNKNOWN || part.is_empty() => filled.push_str(&unknown(*hole, holes)),
            _ => filled.push_str(part),
        }
    }
    filled
}
