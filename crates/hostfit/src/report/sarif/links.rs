//! Messages that lead to the related places: `[this decides the image's Windows](1)`.

use std::fmt::Write;

use hostfit_core::finding::{Message, Related};

/// More links than these make a message unreadable; all places stay in the list.
const MOST: usize = 5;

/// The headline with the links, and a line for each note and the help. Their own characters stay as they are.
pub(super) fn text(message: &Message, related: &[&Related]) -> String {
    let escape = |label: &str| escaped(label, |char| matches!(char, '\\' | '[' | ']'));
    let mut text = message.headline.clone() + &links(related, escape);
    message.lines().for_each(|(word, line)| text.extend(["\n", word, ": ", line]));
    text
}

/// The same as Markdown.
pub(super) fn markdown(message: &Message, related: &[&Related]) -> String {
    let mut text = inline(&message.headline) + &links(related, inline);
    message.lines().for_each(|(word, line)| text.extend(["\n\n**", word, ":** ", &inline(line)]));
    text
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
