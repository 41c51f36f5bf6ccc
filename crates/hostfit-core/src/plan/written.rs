//! Edits of texts that were rendered, as edits of the files that these come from.

use std::sync::Arc;

use super::{Action, Item, Step, change};
use crate::{
    check::rendered::{Readers, move_edit},
    finding::Edit,
    model::Project,
    source::{Sources, Span, rendered::Rendering},
};

/// Why an edit of a chart or an overlay is left to a person.
const PUT_TOGETHER: &str = "no file states it in one place";

/// The same edits in files, each once.
pub(super) fn edits(edits: &[Edit], sources: &Sources) -> Vec<Edit> {
    let mut written: Vec<Edit> = Vec::new();
    for edit in edits.iter().filter_map(|edit| in_file(edit, sources)) {
        if !written.contains(&edit) {
            written.push(edit);
        }
    }
    written
}

fn in_file(edit: &Edit, sources: &Sources) -> Option<Edit> {
    match sources.rendered(edit.span.source) {
        Some(_) => move_edit(edit, sources),
        None => Some(edit.clone()),
    }
}

/// Leaves actions to a person whose edits no file can take, or that would change what the plan does not mean to. `known` are
/// the edits of the steps before.
pub(super) fn leave_to_a_person(actions: &mut [Action], known: &[Edit], sources: &Sources, project: &Project) {
    let is_rendered = |edit: &Edit| sources.rendered(edit.span.source).is_some();
    if !actions.iter().flat_map(|action| &action.edits).any(is_rendered) {
        return;
    }
    let readers = Readers::of(sources, project);
    let all: Vec<Edit> = actions.iter().flat_map(|action| &action.edits).chain(known).cloned().collect();
    let written = edits(&all, sources);
    for action in actions.iter_mut() {
        let why = action.edits.iter().filter(|edit| is_rendered(edit)).find_map(|edit| {
            let Some(own) = move_edit(edit, sources) else { return Some(PUT_TOGETHER.to_owned()) };
            let others = written.iter().filter(|other| other.span.source == own.span.source);
            if change::overlap(others) {
                return Some("charts and overlays that share this text need different ones".to_owned());
            }
            let same = all.iter().filter(|other| in_file(other, sources).as_ref() == Some(&own));
            let found: Vec<Arc<Rendering>> =
                same.filter_map(|it| sources.rendered(it.span.source)).flat_map(|it| it.renderings.clone()).collect();
            readers.doubt(own.span, &found, sources)
        });
        if let Some(why) = why {
            action.by_hand = Some(why);
            action.edits.clear();
        }
    }
}

/// Puts all places of a plan where the bytes are written.
pub(super) fn place(items: &mut [Item], steps: &mut [Step], sources: &Sources) {
    let written = |span: &mut Span| *span = sources.written(*span);
    for item in items {
        written(&mut item.span);
        item.write.iter_mut().for_each(|write| written(&mut write.place));
    }
    for step in steps {
        let mut placed: Vec<Action> = Vec::with_capacity(step.actions.len());
        for mut action in std::mem::take(&mut step.actions) {
            action.place.iter_mut().for_each(written);
            action.edits = edits(&action.edits, sources);
            // Several overlays of one base ask for the same.
            let is_same = |it: &&mut Action| {
                (&it.text, it.place, &it.by_hand) == (&action.text, action.place, &action.by_hand)
                    && it.edits == action.edits
            };
            match placed.iter_mut().find(is_same).filter(|_| action.place.is_some()) {
                Some(same) => same.items.extend(action.items),
                None => placed.push(action),
            }
        }
        step.actions = placed;
    }
}
