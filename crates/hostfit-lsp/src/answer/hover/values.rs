//! Hover on `.Values.x.y` in a template: what it is with each set of values, and where that is written.

use hostfit_core::{
    front::charts::{Stated, shorten},
    source::{SourceId, Span},
};

use super::{
    super::{
        View, charts,
        markdown::{code, inline, plain},
    },
    Hover,
};

/// Of more different values than that the others are counted.
const MAX_VALUES: usize = 8;

/// The same of the sets of values that state one of them.
const MAX_SETS: usize = 5;

/// A longer value is cut.
const MAX_LENGTH: usize = 80;

pub(super) fn hover(view: &View<'_>, source: SourceId, offset: u32) -> Option<Hover> {
    let (file, charts) = (view.source(source)?, view.charts?);
    let values = charts::values_at(&file.text, offset as usize)?;
    let stated = charts.ask(file, |all, chart, path| all.stated(chart, path, &values.keys, charts.kept));
    if stated.is_empty() {
        return None;
    }
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for it in &stated {
        let value = value(view, it);
        let set = it.rendering.words();
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, sets)) if sets.contains(&set) => {}
            Some((_, sets)) => sets.push(set),
            None => groups.push((value, vec![set])),
        }
    }
    let mut lines: Vec<_> = groups.iter().take(MAX_VALUES).map(|(value, sets)| line(value, sets)).collect();
    if let Some(more) = groups.len().checked_sub(MAX_VALUES).filter(|more| *more > 0) {
        lines.push(format!("- and {more} more"));
    }
    let name = code(&format!(".Values.{}", values.keys.join(".")));
    let span = Span::new(source, values.whole);
    Some(Hover { span, markdown: format!("{name}\n\n{}", lines.join("\n")) })
}

/// The value, and the place of it.
fn value(view: &View<'_>, stated: &Stated) -> String {
    let value = code(&shorten(&stated.value, MAX_LENGTH));
    let at = stated.at.clone().and_then(|place| view.charts?.line(place));
    match at {
        Some(place) => format!("{value} ({})", plain(&place)),
        None => value,
    }
}

fn line(value: &str, sets: &[String]) -> String {
    let mut names: Vec<_> = sets.iter().take(MAX_SETS).map(|set| inline(set)).collect();
    if let Some(more) = sets.len().checked_sub(MAX_SETS).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    format!("- {value}: {}", names.join("; "))
}
