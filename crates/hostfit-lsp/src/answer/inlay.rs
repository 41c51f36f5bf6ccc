//! Inlay hints: what a reference with variables comes to, and the release that a tag stands for.

use hostfit_core::{
    knowledge,
    model::{ImageId, ImageUse},
    source::Span,
    text::Origin,
};

use super::{View, charts};

/// A word that the editor shows between the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inlay {
    /// The empty span where it stands.
    pub at: Span,
    /// Plain text.
    pub label: String,
    /// What kind of hint it is.
    pub kind: InlayKind,
}

/// Kinds of hints, so that each can be switched on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InlayKind {
    /// The reference that `${BASE}` comes to; several where several builds differ.
    Resolved,
    /// The title of the Windows release in the image.
    Release,
}

/// Of one reference that is evaluated more often than that, under different build args, the first are shown.
const MAX_VALUES: usize = 3;

/// The hints of the image references that touch `range`, in the order of the text.
pub fn inlays(view: &View<'_>, range: Span) -> Vec<Inlay> {
    let written = (0..).map(ImageId).zip(&view.project().images).filter_map(|(id, image)| {
        let at = charts::literal(view, image.text.span, range.source)?;
        let is_meant = image.is_named() && at.start <= range.end && range.start <= at.end;
        is_meant.then_some((id, image, at))
    });
    let hints = written.flat_map(|(id, image, at)| {
        let release = knowledge::of_image(view.project(), id).version.and_then(|version| {
            let release = view.config().releases.by_build(version.build)?;
            Some(release.title.to_string())
        });
        let at = Span { start: at.end, ..at };
        let hints = [(InlayKind::Resolved, resolved(image)), (InlayKind::Release, release)];
        hints.into_iter().filter_map(move |(kind, label)| Some((at, kind, label?)))
    });
    let mut hints: Vec<_> = hints.collect();
    hints.sort_by_key(|(at, kind, _)| (at.start, *kind));
    let same_place = hints.chunk_by(|(at, kind, _), (next_at, next_kind, _)| (at, kind) == (next_at, next_kind));
    same_place.filter_map(joined).collect()
}

/// One hint for all values that one place has under different build args.
fn joined(hints: &[(Span, InlayKind, String)]) -> Option<Inlay> {
    let (at, kind, _) = hints.first()?;
    let mut labels: Vec<&str> = Vec::new();
    for (_, _, label) in hints {
        if !labels.contains(&label.as_str()) && labels.len() <= MAX_VALUES {
            labels.push(label);
        }
    }
    if let Some(more) = labels.get_mut(MAX_VALUES) {
        *more = "…";
    }
    Some(Inlay { at: *at, label: labels.join(" | "), kind: *kind })
}

/// What a reference with variables comes to, if all of them are known.
fn resolved(image: &ImageUse) -> Option<String> {
    let has_variable = image.text.pieces.iter().any(|piece| matches!(piece.origin, Origin::Variable(_)));
    image.text.known().filter(|_| has_variable).map(str::to_owned)
}
