//! `dockerfile_inline`: a Dockerfile inside a Compose file. It is read from a source of its own, and every span that
//! comes back is moved to the bytes of the Compose file.

use crate::{
    front::dockerfile::{self, BuildArgs, Evaluated, FoundImage},
    model::{ImageId, Stage},
    source::{Source, SourceId, Span},
    text::{Origin, Text},
};

/// The id of the source that lives only as long as it is read.
const INLINE: SourceId = SourceId(u32::MAX - 1);

pub(super) fn evaluate(
    text: &Text,
    args: &BuildArgs,
    target: Option<&str>,
    add: &mut dyn FnMut(FoundImage) -> ImageId,
) -> Evaluated {
    let source = Source::from_text(INLINE, "Dockerfile", text.value.clone());
    let (file, ..) = dockerfile::File::read(&source);
    let mut add = |mut found: FoundImage| {
        relocate_text(text, &mut found.text);
        add(found)
    };
    let mut evaluated = file.evaluate(args, target, &mut add);
    evaluated.stages.iter_mut().for_each(|stage| relocate_stage(text, stage));
    // Edits of it would be of text that stands elsewhere, indented or escaped.
    evaluated.escape_directive = None;
    evaluated.stages.iter_mut().flat_map(|stage| &mut stage.not_json).for_each(|it| it.edits.clear());
    evaluated
}

fn relocate_stage(text: &Text, stage: &mut Stage) {
    stage.span = relocate(text, stage.span);
    if let Some((_, span)) = &mut stage.name {
        *span = relocate(text, *span);
    }
    if let Some(platform) = &mut stage.platform {
        relocate_text(text, platform);
    }
    let lost = stage.lost_backslashes.iter_mut().flat_map(|it| std::iter::once(&mut it.span).chain(&mut it.at));
    let not_json = stage.not_json.iter_mut().map(|it| &mut it.span);
    let programs = stage.programs.iter_mut().map(|it| &mut it.span);
    for span in stage.runs.iter_mut().chain(lost).chain(not_json).chain(programs) {
        *span = relocate(text, *span);
    }
}

fn relocate_text(inline: &Text, found: &mut Text) {
    let mut moved = Text::empty(relocate(inline, found.span));
    for (range, piece) in found.ranges() {
        let value = found.value.get(range).unwrap_or_default();
        let used_at = relocate(inline, piece.used_at);
        let part = inline.part(piece.at.range());
        match &piece.origin {
            _ if piece.at.source != INLINE || part.value != value => {
                moved.push(value, relocate(inline, piece.at), used_at, piece.origin.clone());
            }
            // What Compose filled in is written where its variable is.
            Origin::Literal => moved.append(&part),
            Origin::Variable(name) => moved.push_variable(name, &part, used_at),
            Origin::Hole(_) => moved.push(value, used_at, used_at, piece.origin.clone()),
        }
    }
    *found = moved;
}

fn relocate(text: &Text, span: Span) -> Span {
    if span.source == INLINE { text.used_at(span.range()) } else { span }
}
