//! Edits of YAML and JSON in the text as it stands.
//!
//! Front ends ask, while they have the tree, where something stands: a [`Place`] or an [`Entry`]. Fixes ask those where
//! text goes in and which bytes come out. Where that is not certain it returns nothing, and it never reformats the rest.

use std::ops::Range;

mod append;
mod place;
mod prepend;
mod remove;
mod value;

pub use self::{
    append::Nested,
    place::{Field, Place, entry, field},
    remove::{Entry, items_removal},
    value::Value,
};

/// Returns a text in which other texts stand in place of these ranges, which come in order; none where one is outside, or
/// begins before the last one ends.
pub(crate) fn edited<'t>(text: &str, edits: impl IntoIterator<Item = (Range<usize>, &'t str)>) -> Option<String> {
    let (mut edited, mut at) = (String::with_capacity(text.len()), 0);
    for (range, new) in edits {
        edited.push_str(text.get(at..range.start)?);
        edited.push_str(new);
        at = range.end;
    }
    edited.push_str(text.get(at..)?);
    Some(edited)
}
