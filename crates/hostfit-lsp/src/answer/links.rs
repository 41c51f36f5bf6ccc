//! Document links: from the rule ids of ignore comments to their pages.

use hostfit_core::{
    rules,
    source::{SourceId, Span},
    suppress,
};

use super::View;

/// Bytes that lead to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The bytes.
    pub span: Span,
    /// The page.
    pub url: String,
    /// What it is about, plain text.
    pub tooltip: &'static str,
}

/// The links of a file, in the order of its comments.
pub fn links(view: &View<'_>, source: SourceId) -> Vec<Link> {
    let Some(text) = view.source(source) else { return Vec::new() };
    let named = suppress::named_rules(text, view.comments(source)).into_iter();
    named
        .filter_map(|(id, span)| {
            let rule = rules::find(id)?;
            Some(Link { span, url: rule.url(), tooltip: rule.summary })
        })
        .collect()
}
