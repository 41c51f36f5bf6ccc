//! Every rule is one file of this folder and one line of this list.

use crate::rule::Rule;

/// All rules, in the order of the documentation.
pub static RULES: &[&Rule] = &[];

/// The rule called `id`.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
