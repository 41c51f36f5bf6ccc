//! What a text becomes by edits, to see whether it is read as it is meant before they are offered.

use hostfit_core::{finding::Edit, fix, source::Source};

/// The text with edits made in it, which are in order.
pub(crate) fn edited(source: &Source, edits: &[&Edit]) -> Option<Source> {
    let text = Source::from_text(source.id, source.path.clone(), source.text.clone());
    let new = fix::edited(&text, text.text.as_bytes(), edits)?;
    Source::decode(source.id, source.path.clone(), new).ok()
}
