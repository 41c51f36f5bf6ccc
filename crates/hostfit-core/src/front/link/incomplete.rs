//! Names of images of which a chart leaves it to its users to state a part.

use crate::{model::ImageUse, source::Sources, windows::image::Fault};

/// Whether a name that no registry serves is put together from several values, of which one seems to be empty.
pub(super) fn is_incomplete(image: &ImageUse, sources: &Sources) -> bool {
    let Some(Fault::InvalidRepository { at, instead: None }) = image.identity.fault.as_deref() else { return false };
    let name = image.text.value.get(at.clone()).unwrap_or(&image.text.value);
    let whole = image.text.span;
    let span = if whole.len() == image.text.value.len() { whole.part(at.clone()) } else { whole };
    let is_composed = || sources.rendered(span.source).is_some_and(|it| it.literal(span.start..span.end).is_none());
    lacks_a_part(name) && is_composed()
}

/// Whether a name looks as if a part of it were empty: `contoso/-webhook`.
fn lacks_a_part(name: &str) -> bool {
    let is_separator = |it: char| "._-".contains(it);
    name.split('/').any(|part| part.is_empty() || part.starts_with(is_separator) || part.ends_with(is_separator))
}
