//! Text that nobody reads as Markdown.

use std::fmt::Write as _;

use hostfit_core::printable::line;

/// A code span: names and values, shown as they are, on one line.
pub(super) fn code(text: &str) -> String {
    let text = line(text);
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Plain text, in which nothing is markup.
pub(super) fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in line(text).chars() {
        match char {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' => _ = write!(escaped, "\\{char}"),
            _ => escaped.push(char),
        }
    }
    escaped
}

/// A sentence of a finding: what stands between backticks is code, and nothing else is markup.
pub(super) fn inline(text: &str) -> String {
    let mut parts = text.split('`');
    let mut markdown = plain(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        match parts.next() {
            Some(after) => markdown.extend([code(part), plain(after)]),
            None => markdown.extend(["\\`".to_owned(), plain(part)]),
        }
    }
    markdown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_of_a_sentence_make_code() {
        assert_eq!(inline("write `a*b` and *c*"), "write `a*b` and \\*c\\*");
        assert_eq!(inline("one ` alone"), "one \\` alone");
        assert_eq!(inline(""), "");
    }

    #[test]
    fn nothing_in_a_name_is_markup() {
        assert_eq!(code("win2022"), "`win2022`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a\nb\u{202e}"), "`a b???`");
        assert_eq!(code(""), "(empty)");
        assert_eq!(plain("*a* [b](c)"), "\\*a\\* \\[b\\](c)");
    }
}
