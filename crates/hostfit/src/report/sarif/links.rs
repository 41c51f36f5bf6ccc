//! Messages that lead to the related places: `[this decides the image's Windows](1)`.

use std::{borrow::Cow, fmt::Write};

use hostfit_core::finding::Related;

/// More links than these make a message unreadable; all places stay in the list.
const MOST: usize = 5;

/// The message, and behind it the links. Its own characters stay as they are.
pub(super) fn text<'a>(message: Cow<'a, str>, related: &[&Related]) -> Cow<'a, str> {
    if related.is_empty() {
        return message;
    }
    let escape = |label: &str| escaped(label, |char| matches!(char, '\\' | '[' | ']'));
    (message.into_owned() + &links(related, escape)).into()
}

/// The same as Markdown.
pub(super) fn markdown(message: &str, related: &[&Related]) -> String {
    inline(message) + &links(related, inline)
}

fn links(related: &[&Related], label: impl Fn(&str) -> String) -> String {
    let mut links = String::new();
    for (number, it) in related.iter().take(MOST).enumerate() {
        let before = if number == 0 { "; see " } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(links, "{before}[{}]({})", label(&it.message.replace('\n', " ")), number + 1);
    }
    links
}

/// What stands between backticks is code; of the rest every character that Markdown or HTML reads is escaped.
fn inline(text: &str) -> String {
    let mut markdown = String::new();
    let mut parts = text.split('`').peekable();
    let mut is_code = false;
    while let Some(part) = parts.next() {
        if is_code && parts.peek().is_some() && !part.trim().is_empty() {
            // A blank line would end the paragraph and the code with it.
            let _ = write!(markdown, "`{}`", part.replace(['\r', '\n'], " "));
            is_code = false;
            continue;
        }
        if is_code {
            markdown.push_str("\\`");
        }
        markdown +=
            &escaped(part, |char| char.is_ascii_punctuation() && !matches!(char, ',' | ';' | '\'' | '/' | '%' | '='));
        is_code = true;
    }
    markdown
}

fn escaped(text: &str, is_special: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if is_special(char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_code_and_the_rest_says_nothing_to_markdown() {
        let cases = [
            ("`web:1` is old", "`web:1` is old"),
            ("a <b> [c](d) *e*", r"a \<b\> \[c\]\(d\) \*e\*"),
            ("`<b>\n\n# x`", "`<b>  # x`"),
            ("one ` only", r"one \` only"),
            ("two `` here", r"two \`\` here"),
            ("`a` and `b`", "`a` and `b`"),
        ];
        for (text, expected) in cases {
            assert_eq!(inline(text), expected, "{text}");
        }
    }
}
