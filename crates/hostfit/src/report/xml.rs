//! Text in XML 1.0.

use hostfit_core::printable::{line, lines};

/// The value of an attribute, with its quotes: one line.
pub(super) fn attribute(value: &str) -> String {
    attribute_of([line(value)])
}

/// The value of an attribute of several lines, with its quotes.
pub(super) fn attribute_of<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> String {
    let mut quoted = String::from("\"");
    for (number, line) in lines.into_iter().enumerate() {
        if number > 0 {
            quoted.push_str("&#10;");
        }
        for char in line.as_ref().chars() {
            match char {
                '"' => quoted.push_str("&quot;"),
                char => push(&mut quoted, char),
            }
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
