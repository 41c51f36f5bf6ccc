//! Text in XML 1.0.

use hostfit_core::printable::{line, lines};

/// The value of an attribute, with its quotes: one line.
pub(super) fn attribute(value: &str) -> String {
    let mut quoted = String::with_capacity(value.len() + 2);
    quoted.push('"');
    for char in line(value).chars() {
        match char {
            '"' => quoted.push_str("&quot;"),
            char => push(&mut quoted, char),
        }
    }
    quoted.push('"');
    quoted
}

/// The text of an element.
pub(super) fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    lines(value).chars().for_each(|char| push(&mut escaped, char));
    escaped
}

fn push(escaped: &mut String, char: char) {
    match char {
        '&' => escaped.push_str("&amp;"),
        '<' => escaped.push_str("&lt;"),
        '>' => escaped.push_str("&gt;"),
        // A reader takes it for a line end, or for none.
        '\r' => escaped.push_str("&#13;"),
        char => escaped.push(char),
    }
}
