//! Text for formats that are no JSON.

use std::borrow::Cow;

/// The text without characters that a terminal or a log obeys, and that XML 1.0 can't hold: each becomes U+FFFD. Line
/// ends and tabs stay.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(unprintable) {
        return text.into();
    }
    text.replace(unprintable, "\u{fffd}").into()
}

fn unprintable(char: char) -> bool {
    char.is_control() && !matches!(char, '\t' | '\n' | '\r') || matches!(char, '\u{fffe}' | '\u{ffff}')
}
