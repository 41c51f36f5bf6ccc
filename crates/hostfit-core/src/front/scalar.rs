//! Scalars of YAML as they are written.

use crate::{syntax::yaml::Node, text::Text};

/// A scalar that is not null, each escape of it by itself.
pub(super) fn text(node: Node<'_>) -> Option<Text> {
    let value = node.text()?;
    if node.is_as_written() {
        return Some(Text::literal(value, node.span()));
    }
    let mut text = Text::empty(node.span());
    for (piece, at) in node.pieces() {
        text.push_literal(&piece, at);
    }
    // Pieces that do not make up the value could not show where its parts are.
    Some(if text.value == value { text } else { Text::literal(value, node.span()) })
}
