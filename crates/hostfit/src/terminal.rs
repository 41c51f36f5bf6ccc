//! What the terminal can do, decided once.

use std::io::{IsTerminal, Write, stderr, stdout};

use hostfit_core::printable::line;
use terminal_size::Width;
use textwrap::{Options, WordSeparator, WordSplitter, core::display_width};

use crate::args::Color;

/// How to write to one stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// With colours.
    pub(crate) color: bool,
    /// With links to click at.
    pub(crate) links: bool,
    /// Whether somebody looks at it.
    pub(crate) is_terminal: bool,
    /// Columns.
    pub(crate) width: usize,
}

/// The columns of what is not a terminal: programs that read lines want them whole.
const UNWRAPPED: usize = 1_000_000;

/// The columns of a terminal that does not say how many it has.
const USUAL: usize = 80;

impl Style {
    /// For a file.
    pub(crate) const FILE: Self = Self { color: false, links: false, is_terminal: false, width: UNWRAPPED };

    pub(crate) fn stdout(when: Color) -> Self {
        Self::new(when, stdout().is_terminal(), || terminal_size::terminal_size_of(stdout()).map(|(width, _)| width))
    }

    pub(crate) fn stderr(when: Color) -> Self {
        Self::new(when, stderr().is_terminal(), || terminal_size::terminal_size_of(stderr()).map(|(width, _)| width))
    }

    fn new(when: Color, is_terminal: bool, size: impl Fn() -> Option<Width>) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match when {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !dumb && !set("NO_COLOR"),
        };
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let own = || if is_terminal { size().map_or(USUAL, |Width(columns)| columns.into()) } else { UNWRAPPED };
        let width: usize = columns.unwrap_or_else(own);
        Self { color, links: color && is_terminal, is_terminal, width: width.max(40) }
    }
}

/// A blank where no line may end.
const TIED: char = '\u{e000}';

/// Longer code, such as an error of an engine, may go over several lines.
const MOST_TIED: usize = 40;

/// Returns a text in which short code between backticks has no blanks: a command in two lines cannot be copied.
fn tied(text: &str) -> String {
    let is_code = |number: usize, part: &str| number % 2 == 1 && part.len() <= MOST_TIED;
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(number, part)| {
        if is_code(number, part) { part.replace(' ', TIED.encode_utf8(&mut [0; 4])) } else { part.to_owned() }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// Returns the lines of a text. An image reference or a rule is never split: within one a line could begin with what a
/// log obeys.
pub(crate) fn wrapped(text: &str, width: usize, first: &str, rest: &str) -> String {
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(&tied(text), options).replace(TIED, " ")
}

/// Returns a text with blanks behind it up to a width.
pub(crate) fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(text))))
}

/// Writes a message to stderr. A reader that is gone fails no run.
pub(crate) fn say(text: &str) {
    let text = wrapped(&line(text), Style::stderr(Color::Never).width, "", "  ");
    let _ = writeln!(stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn commands_are_whole_and_long_code_is_not() {
        let text = "one two `hostfit images --unknown` three";
        assert_eq!(wrapped(text, 24, "", "  "), "one two\n  `hostfit images --unknown`\n  three");
        let text = "`the operating system of the container does not match` it`s";
        assert_eq!(wrapped(text, 40, "", "  "), "`the operating system of the container\n  does not match` it`s");
        assert_eq!(wrapped("a `b c", 6, "", ""), "a `b c");
    }
}
