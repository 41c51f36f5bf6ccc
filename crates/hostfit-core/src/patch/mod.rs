//! Edits of YAML and JSON in the text as it stands.
//!
//! Front ends ask, while they have the tree, where something stands: a [`Place`] or an [`Entry`]. Fixes ask those where
//! text goes in and which bytes come out. Where that is not certain there is no answer, and nothing is ever printed anew.

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
