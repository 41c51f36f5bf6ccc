//! Renders a chart.

use std::{cmp::Ordering, rc::Rc, sync::Arc};

use super::{
    capabilities::KubeVersion,
    chart::{Chart, Template},
    coalesce,
    dependencies::table,
    live::Live,
    load::merge_maps,
};
use crate::{
    fault::Budget,
    funcs,
    node::{Data, Node},
    object::{Files, Object},
    problem::{Problem, ProblemKind},
    template::{Guess, Hole, Machine, Program, Use, without_no_value},
    text::{FileId, Place, Text},
    value::{Heap, Map, MapId, Value},
};

/// How a chart is rendered.
#[derive(Clone, Debug)]
pub struct Options {
    /// `.Release.Name`.
    pub release: String,
    /// `.Release.Namespace`.
    pub namespace: String,
    /// `.Capabilities.KubeVersion`.
    pub kube_version: KubeVersion,
    /// Whether `.Capabilities.APIVersions` has the kinds that the chart's own `crds` defines.
    pub own_kinds: bool,
    /// What takes the place of the chart's own `values.yaml`, later ones over earlier ones; none of them leaves it.
    pub defaults: Vec<Node>,
    /// Values over `values.yaml`, later ones over earlier ones. Each is a mapping.
    pub values: Vec<Node>,
}

impl Default for Options {
    /// What `helm template` does without options.
    fn default() -> Self {
        Self {
            release: "release-name".to_owned(),
            namespace: "default".to_owned(),
            kube_version: KubeVersion::default(),
            own_kinds: true,
            defaults: Vec::new(),
            values: Vec::new(),
        }
    }
}

/// What a chart gives with one set of values.
#[derive(Clone, Debug, Default)]
pub struct Rendering {
    /// The output of each template that is not a partial and not `NOTES.txt`, in the order of their names.
    pub manifests: Vec<Manifest>,
    /// What is not known, by [`HoleId`](crate::HoleId).
    pub holes: Vec<Hole>,
    /// What Helm would refuse, and limits that were reached.
    pub problems: Vec<Problem>,
}

/// The output of one template.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The template.
    pub template: FileId,
    /// As Helm names it: `shop/charts/db/templates/deployment.yaml`.
    pub name: String,
    /// The output.
    pub text: Text,
    /// Which part of the template wrote which part of it.
    pub uses: Vec<Use>,
    /// The limit that ended it early.
    pub stopped: Option<&'static str>,
    /// What is there only under conditions that are not known, in order of where it ends.
    pub guesses: Vec<Guess>,
}

/// A template of a chart or a subchart.
pub(super) struct Unit<'c> {
    name: String,
    base_path: String,
    pub(super) template: &'c Template,
    /// What `.` is in it.
    pub(super) values: MapId,
}

/// Renders a chart and its subcharts.
pub fn render(chart: &Chart, options: &Options) -> Rendering {
    render_onto(chart, options, Vec::new())
}

/// As [`render`]; what is not known is counted on from `holes`.
pub(crate) fn render_onto(chart: &Chart, options: &Options, holes: Vec<Hole>) -> Rendering {
    let mut heap = Heap::new(chart.bytes);
    let mut problems = Vec::new();
    let units = match prepared(chart, options, &mut heap) {
        Ok(units) => units,
        Err(message) => {
            problems.push(Problem::unreadable(message));
            return Rendering { holes, problems, ..Rendering::default() };
        }
    };
    let mut program = Program::default();
    for unit in &units {
        match unit.template.parsed() {
            Ok(parsed) => program.add(&unit.name, parsed),
            Err(error) => {
                let place = Some(Place::new(unit.template.file, error.range.clone()));
                problems.push(Problem::new(ProblemKind::Syntax, error.message.clone(), place));
            }
        }
    }
    let mut machine = Machine::new(&program, funcs::find, Budget::new(chart.bytes), heap);
    machine.holes = holes;
    let mut manifests = Vec::new();
    for unit in units.iter().filter(|unit| is_rendered(&unit.name)) {
        let mut template = Map::default();
        template.put("Name", Value::given(&*unit.name));
        template.put("BasePath", Value::given(&*unit.base_path));
        let template = machine.heap.new_map(template);
        machine.heap.map_mut(unit.values).put("Template", template);
        let (text, uses, stopped) = machine.render(&unit.name, &Value::Map(unit.values));
        if let Some(limit) = stopped {
            problems.push(Problem::limit(format!("{}: {limit}", unit.name)));
        }
        let text = without_no_value(text);
        manifests.push(Manifest {
            template: unit.template.file,
            name: unit.name.clone(),
            text,
            uses,
            stopped,
            guesses: Vec::new(),
        });
    }
    manifests.sort_by(|a, b| a.name.cmp(&b.name));
    let holes = machine.holes;
    Rendering { manifests, holes, problems }
}

/// Whether the output of a template reaches the cluster.
fn is_rendered(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    !base.starts_with('_') && base != "NOTES.txt"
}

/// The templates with the values that each sees, in the order in which Helm parses and runs them: deepest first, since some change values for others.
pub(super) fn prepared<'c>(chart: &'c Chart, options: &Options, heap: &mut Heap) -> Result<Vec<Unit<'c>>, String> {
    let mut add = |layers: &[Node]| {
        let mut over = Node::new(Data::Map(Vec::new()));
        for layer in layers {
            merge_maps(&mut over, layer.clone());
        }
        let over = heap.map_of(&over);
        heap.add_map(over)
    };
    let (given, defaults) = (add(&options.values), add(&options.defaults));
    let mut live = Live::new(heap, chart);
    if !options.defaults.is_empty() {
        live.values = defaults;
    }
    live.process(heap, given)?;
    let values = coalesce::values(heap, &live, given, false)?;
    let kinds = if options.own_kinds { kinds(chart) } else { Vec::new() };
    let capabilities = Rc::new(Object::Capabilities(Rc::new(options.kube_version.capabilities(kinds))));
    let mut top = Map::default();
    top.put("Release", release(options, heap));
    top.put("Capabilities", Value::Object(capabilities));
    top.put("Values", Value::Map(values));
    let top = heap.add_map(top);
    let mut units = Vec::new();
    collect(&live, None, "", top, heap, &mut units);
    units.sort_by(|a, b| order(&b.name, &a.name));
    Ok(units)
}

fn release(options: &Options, heap: &mut Heap) -> Value {
    let mut release = Map::default();
    release.put("Name", Value::given(&*options.release));
    release.put("Namespace", Value::given(&*options.namespace));
    release.put("IsUpgrade", Value::bool(false));
    release.put("IsInstall", Value::bool(true));
    release.put("Revision", Value::int(1));
    release.put("Service", Value::given("Helm"));
    heap.new_map(release)
}

fn kinds(chart: &Chart) -> Vec<String> {
    chart.kinds.iter().cloned().chain(chart.subcharts.iter().flat_map(kinds)).collect()
}

/// Paths of fewer parts first, then by name.
fn order(a: &str, b: &str) -> Ordering {
    let parts = |path: &str| path.matches('/').count();
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}

/// Collects the templates of a chart and its subcharts; gives what `.` is in them.
fn collect<'c>(
    live: &Live<'c>,
    parent: Option<&str>,
    path: &str,
    above: MapId,
    heap: &mut Heap,
    units: &mut Vec<Unit<'c>>,
) -> MapId {
    let path = if parent.is_some() { format!("{path}/charts/{}", live.name()) } else { live.name().to_owned() };
    let mut next = Map::default();
    for key in ["Release", "Capabilities"] {
        next.put(key, heap.map(above).get(key).cloned().unwrap_or(Value::Nil));
    }
    next.put("Chart", live.metadata().value(heap, parent.is_none()));
    let files = Files { files: Arc::clone(&live.chart.files), names: None };
    next.put("Files", Value::Object(Rc::new(Object::Files(files))));
    let values = match (parent, heap.map(above).get("Values").cloned()) {
        (None, Some(values)) => values,
        (Some(_), Some(Value::Map(values))) => match table(heap, values, live.name()) {
            Some(own) => Value::Map(own),
            None => heap.new_map(Map::default()),
        },
        _ => heap.new_map(Map::default()),
    };
    next.put("Values", values);
    let subcharts = heap.add_map(Map::default());
    next.put("Subcharts", Value::Map(subcharts));
    let next = heap.add_map(next);
    for subchart in &live.subcharts {
        let inner = collect(subchart, Some(live.name()), &path, next, heap, units);
        heap.map_mut(subcharts).put(subchart.name(), Value::Map(inner));
    }
    for template in &live.chart.templates {
        let base = template.name.rsplit('/').next().unwrap_or_default();
        if live.chart.is_library() && !base.starts_with('_') {
            continue;
        }
        units.push(Unit {
            name: format!("{path}/{}", template.name),
            base_path: format!("{path}/templates"),
            template,
            values: next,
        });
    }
    next
}
