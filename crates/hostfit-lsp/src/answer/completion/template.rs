//! Values and helpers in the actions of a template.

use hostfit_core::{
    front::charts::{Key, shorten},
    source::Span,
};

use super::{
    super::{View, charts},
    Item, ItemKind, Typing,
};

/// A longer value is cut.
const MAX_LENGTH: usize = 60;

/// None where no action of a template of a chart is typed.
pub(super) fn complete(view: &View<'_>, typing: &Typing<'_>) -> Option<Vec<Item>> {
    let (charts, file) = (view.charts?, typing.source);
    let text = file.text.as_str();
    let at = typing.offset as usize;
    text.get(..at).and_then(charts::in_action)?;
    if let Some(values) = charts::values_at(text, at) {
        let span = Span::new(file.id, values.last);
        let above = values.keys.split_last().map_or(&[][..], |(_, above)| above);
        let mut items: Vec<Item> = Vec::new();
        for key in charts.ask(file, |all, chart, path| all.keys(chart, path, above, charts.kept)) {
            if is_name(&key.name) && items.iter().all(|item| item.label != key.name) {
                items.push(item(key, span));
            }
        }
        return Some(items);
    }
    if let Some((_, range)) = charts::included_at(text, at) {
        let span = Span::new(file.id, range);
        let mut names = charts.ask(file, |all, chart, _| all.defined(chart));
        names.sort();
        names.dedup();
        return Some(names.into_iter().map(|name| helper(name, span)).collect());
    }
    (!charts.ask(file, |_, _, _| vec![()]).is_empty()).then(Vec::new)
}

/// Whether a key can be written behind a dot.
fn is_name(key: &str) -> bool {
    key.chars().all(|char| char.is_alphanumeric() || char == '_') && !key.starts_with(|char: char| char.is_numeric())
}

fn item(key: Key, span: Span) -> Item {
    Item {
        kind: if key.value.is_object() { ItemKind::Key } else { ItemKind::Value },
        detail: shorten(&key.value, MAX_LENGTH),
        ..helper(key.name, span)
    }
}

fn helper(name: String, span: Span) -> Item {
    Item {
        label: name.clone(),
        kind: ItemKind::Value,
        detail: String::new(),
        documentation: String::new(),
        span,
        text: name,
        is_deprecated: false,
    }
}
