//! Markdown for the terminal, as far as the rules' pages use it: headings, paragraphs, lists, tables and fenced code.

use crate::terminal::{Style, wrapped};

/// Returns the text without what only a renderer needs: number signs, fences, the sources' line breaks.
pub(crate) fn text(markdown: &str, style: Style) -> String {
    let mut page = Page { text: String::new(), paragraph: String::new(), style };
    let mut in_code = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            page.end_paragraph();
            in_code = !in_code;
        } else if in_code {
            page.line(format!("    {line}").trim_end());
        } else if line.trim().is_empty() {
            page.end_paragraph();
            page.gap();
        } else if let Some(heading) = heading(line) {
            page.end_paragraph();
            page.bold(heading);
        } else if is_item(line) || line.starts_with('|') {
            page.end_paragraph();
            page.paragraph += line;
        } else {
            if !page.paragraph.is_empty() {
                page.paragraph.push(' ');
            }
            page.paragraph += line.trim();
        }
    }
    page.end_paragraph();
    page.text
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    text.strip_prefix(' ').filter(|_| text.len() < line.len())
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let number = line.trim_start_matches(|char: char| char.is_ascii_digit());
    line.starts_with("- ") || number.len() < line.len() && number.starts_with(". ")
}

/// The bytes of what marks an item, up to its text.
fn mark(item: &str) -> usize {
    let indent = item.len() - item.trim_start().len();
    item.get(indent..).and_then(|item| item.find(' ')).map_or(0, |blank| indent + blank + 1)
}

struct Page {
    text: String,
    paragraph: String,
    style: Style,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text += line;
        self.text.push('\n');
    }

    /// One empty line, also where several stand in the source.
    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        if paragraph.is_empty() {
            return;
        }
        // What marks an item is never alone on a line.
        let (mark, text) = if is_item(&paragraph) { paragraph.split_at(mark(&paragraph)) } else { ("", &*paragraph) };
        let lines = wrapped(text, self.style.width, mark, &" ".repeat(mark.len()));
        self.line(&lines);
    }

    fn bold(&mut self, text: &str) {
        let bold = anstyle::Style::new().bold();
        if self.style.color { self.line(&format!("{bold}{text}{bold:#}")) } else { self.line(text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# one\n\nA paragraph of\ntwo lines with `a name`.\n\n\n- an item\n  that goes on\n- another\n\n```yaml\na:\n\n  # no heading\n```\n\n## Two\n\n#no-heading, 10.0 is no item\n";

    #[test]
    fn prose_is_joined_and_code_stays() {
        let expected = "one\n\nA paragraph of two lines with `a name`.\n\n- an item that goes on\n- another\n\n    a:\n\n      # no heading\n\nTwo\n\n#no-heading, 10.0 is no item\n";
        assert_eq!(text(PAGE, Style::FILE), expected);
    }

    #[test]
    fn prose_is_as_wide_as_the_terminal() {
        let text = text(PAGE, Style { width: 20, ..Style::FILE });
        assert!(
            text.starts_with("one\n\nA paragraph of two\nlines with `a name`.\n\n- an item that goes\n  on\n"),
            "{text}"
        );
    }
}
