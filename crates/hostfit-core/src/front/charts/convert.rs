//! What `hostfit-render` knows of a text, as the core has it.

use std::sync::Arc;

use hostfit_render::{Origin as From, Place, Text};

use crate::source::{
    SourceId, Span,
    rendered::{Origin, Piece, Rendered, Use},
};

/// The pieces of a text that have bytes; numbers of files stand as those of sources.
pub(super) fn pieces(text: &Text) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::with_capacity(text.pieces().len());
    let mut start = 0;
    for piece in text.pieces() {
        if piece.end > start {
            pieces.push(Piece { end: piece.end, origin: origin(&piece.origin) });
            start = piece.end;
        }
    }
    pieces.shrink_to_fit();
    pieces
}

fn origin(from: &From) -> Origin {
    match from {
        From::Written(place) => Origin::Written(span(*place)),
        From::Made(_) => Origin::Made(Arc::new(from.places().into_iter().map(span).collect())),
        From::Hole(hole) => Origin::Hole(hole.0),
        From::Setting(_) | From::Given => Origin::Given,
    }
}

fn span(place: Place) -> Span {
    Span { source: SourceId(place.file.0), start: place.start, end: place.end }
}

/// Who writes which part of a text.
pub(super) fn uses(uses: &[hostfit_render::Use]) -> Vec<Use> {
    uses.iter().map(|used| Use { end: used.end, at: span(used.place) }).collect()
}

/// The same with the ids of other sources.
pub(super) fn moved(rendered: Rendered, to: impl Fn(SourceId) -> SourceId) -> Rendered {
    let pieces = rendered.pieces.into_iter();
    let pieces = pieces.map(|piece| Piece { origin: piece.origin.moved(&to), ..piece }).collect();
    let uses = rendered.uses.into_iter();
    let uses = uses.map(|used| Use { at: Span { source: to(used.at.source), ..used.at }, ..used }).collect();
    let base = rendered.base.map(to);
    Rendered { pieces, uses, base, ..rendered }
}
