//! Definition: from an image to the Dockerfile that builds it, from a variable to what gives it its value, from a stage's
//! name to the stage, from a RuntimeClass's name to the object.

mod dockerfile;

use hostfit_core::{
    front::{Content, env},
    model::{BuildId, Placement},
    source::{Source, SourceId, Span},
    text::{Origin, Text},
};

use super::{View, charts, touches};

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The bytes that were asked about.
    pub origin: Span,
    /// The bytes that define it; several where several builds differ.
    pub targets: Vec<Span>,
}

impl Definition {
    /// None without targets. Each target is named once, what no file states not at all.
    fn new(origin: Span, targets: impl IntoIterator<Item = Span>) -> Option<Self> {
        let mut unique: Vec<Span> = Vec::new();
        for target in targets {
            if !target.is_nowhere() && !unique.contains(&target) && unique.len() < MAX_TARGETS {
                unique.push(target);
            }
        }
        (!unique.is_empty()).then_some(Self { origin, targets: unique })
    }
}

/// Nobody reads more of them.
const MAX_TARGETS: usize = 100;

/// What defines the thing at `offset`.
pub fn definition(view: &View<'_>, source: SourceId, offset: u32) -> Option<Definition> {
    let text = view.source(source)?;
    if let Some(tree) = view.dockerfile(text) {
        return dockerfile::definition(view, text, &tree, offset);
    }
    variable_of_image(view, source, offset)
        .or_else(|| variable_of_compose(view, text, offset))
        .or_else(|| image(view, source, offset))
        .or_else(|| runtime_class(view, source, offset))
        .or_else(|| value_of_chart(view, text, offset))
        .or_else(|| helper(view, text, offset))
        .or_else(|| rendered(view, source, offset))
}

/// From `.Values.x` to the key in each values file that states it.
fn value_of_chart(view: &View<'_>, source: &Source, offset: u32) -> Option<Definition> {
    let charts = view.charts?;
    let values = charts::values_at(&source.text, offset as usize)?;
    let stated = charts.ask(source, |all, chart, path| all.stated(chart, path, &values.keys, charts.kept));
    let targets = stated.into_iter().filter_map(|it| charts.span(it.key.or(it.at)?));
    Definition::new(Span::new(source.id, values.last), targets)
}

/// From `include "name"` to its `define`.
fn helper(view: &View<'_>, source: &Source, offset: u32) -> Option<Definition> {
    let charts = view.charts?;
    let (name, origin) = charts::included_at(&source.text, offset as usize)?;
    let found = charts.ask(source, |all, chart, _| all.definitions(chart, name));
    Definition::new(Span::new(source.id, origin), found.into_iter().filter_map(|place| charts.span(place)))
}

/// What defines the bytes that a chart yields from these.
fn rendered(view: &View<'_>, source: SourceId, offset: u32) -> Option<Definition> {
    charts::rendered_at(view, source, offset).find_map(|place| {
        let found = image(view, place.text, place.offset).or_else(|| runtime_class(view, place.text, place.offset))?;
        let targets = found.targets.into_iter().map(|target| view.sources.written(target));
        Definition::new(place.back(found.origin), targets)
    })
}

/// From a variable in an image reference to the bytes that state its value.
fn variable_of_image(view: &View<'_>, source: SourceId, offset: u32) -> Option<Definition> {
    let images = view.images_in(source).map(|(_, image)| &image.text);
    let pieces = images.filter(|text| touches(text.span, source, offset)).flat_map(|text| &text.pieces);
    let mut origin = None;
    let mut targets = Vec::new();
    for piece in pieces {
        let is_variable = matches!(piece.origin, Origin::Variable(_));
        if is_variable && touches(piece.used_at, source, offset) && piece.at != piece.used_at {
            origin.get_or_insert(piece.used_at);
            targets.push(piece.at);
        }
    }
    Definition::new(origin?, targets)
}

/// From `${NAME}` anywhere in a Compose file to the line of the `.env` file beside it.
fn variable_of_compose(view: &View<'_>, source: &Source, offset: u32) -> Option<Definition> {
    let unit = view.unit(source.id)?;
    if !matches!(unit.content, Content::Compose(_)) {
        return None;
    }
    let (name, origin) = variable_at(source, offset)?;
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_env = |file: &&Source| {
        let (other, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        other == folder && name == ".env"
    };
    let file = view.sources.iter().find(is_env)?;
    let Content::Env(variables) = &view.unit(file.id)?.content else { return None };
    let value: &Text = env::File::get(variables, name)?;
    Definition::new(origin, [value.span])
}

/// The name of the variable at `offset`, and the bytes of its whole use: `$NAME`, `${NAME}`, `${NAME:-default}`.
fn variable_at(source: &Source, offset: u32) -> Option<(&str, Span)> {
    let line = source.line_span(offset);
    let text = source.slice(line);
    let at = (offset - line.start) as usize;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    for (dollar, _) in text.match_indices('$') {
        if dollar > at {
            return None;
        }
        let is_escaped = text.as_bytes().get(..dollar)?.iter().rev().take_while(|byte| **byte == b'$').count() % 2 == 1;
        let rest = text.get(dollar + 1..)?;
        let (name_from, braced) = if rest.starts_with('{') { (dollar + 2, true) } else { (dollar + 1, false) };
        let len = text.as_bytes().get(name_from..)?.iter().take_while(|byte| is_name(byte)).count();
        let name_end = name_from + len;
        let end =
            if braced { text.get(name_end..)?.find('}').map_or(name_end, |at| name_end + at + 1) } else { name_end };
        if len > 0 && !is_escaped && (dollar..=end).contains(&at) {
            let span = Span::new(source.id, line.start as usize + dollar..line.start as usize + end);
            return Some((text.get(name_from..name_end)?, span));
        }
    }
    None
}

/// From an image to the `FROM` of the stage that makes it.
fn image(view: &View<'_>, source: SourceId, offset: u32) -> Option<Definition> {
    let images = view.images_in(source).filter(|(_, image)| touches(image.text.span, source, offset));
    let mut origin = None;
    let mut targets = Vec::new();
    for (_, image) in images {
        origin.get_or_insert(image.text.span);
        targets.extend(image.built_by.and_then(|build| final_stage(view, build)));
    }
    Definition::new(origin?, targets)
}

/// The `FROM` of the stage that makes the image of a build; where it has no such stage, the start of its file.
fn final_stage(view: &View<'_>, build: BuildId) -> Option<Span> {
    let build = view.project().build(build)?;
    let stage = build.final_stage.and_then(|number| build.stages.get(number as usize));
    Some(stage.map_or(Span::at(build.source, 0), |stage| stage.span))
}

/// From `runtimeClassName` to the name of the object.
fn runtime_class(view: &View<'_>, source: SourceId, offset: u32) -> Option<Definition> {
    let name = view.workloads_in(source).find_map(|workload| match &workload.placement {
        Placement::Kubernetes(pod) => {
            let (name, _) = pod.runtime_class.as_ref()?;
            touches(name.span, source, offset).then_some(name)
        }
        Placement::Swarm(_) | Placement::Anywhere => None,
    })?;
    let known = name.known()?;
    let classes = view.units.iter().flat_map(|unit| match &unit.content {
        Content::Kubernetes(file) => file.runtime_classes.as_slice(),
        _ => &[],
    });
    let called = classes.filter(|class| class.name.known() == Some(known));
    Definition::new(name.span, called.map(|class| class.name.span))
}
