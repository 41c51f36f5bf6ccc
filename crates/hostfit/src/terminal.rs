//! What the terminal can do, decided once.

use std::io::{IsTerminal, stderr, stdout};

use crate::args::Color;

/// How to write to one stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    /// With colours.
    pub(crate) color: bool,
    /// With links to click at.
    pub(crate) links: bool,
    /// Columns.
    pub(crate) width: usize,
}

/// For everybody who does not look at a terminal, so that output is the same everywhere.
const WIDTH: usize = 120;

/// The columns that a table may take: those that the shell tells, else those of every terminal.
pub(crate) fn columns() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    told.unwrap_or(80).clamp(40, 1000)
}

impl Style {
    /// For a file.
    pub(crate) const FILE: Self = Self { color: false, links: false, width: WIDTH };

    pub(crate) fn stdout(when: Color) -> Self {
        Self::new(when, stdout().is_terminal())
    }

    pub(crate) fn stderr(when: Color) -> Self {
        Self::new(when, stderr().is_terminal())
    }

    fn new(when: Color, terminal: bool) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match when {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && !set("NO_COLOR"),
        };
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width = if terminal { columns.unwrap_or(WIDTH) } else { WIDTH };
        Self { color, links: color && terminal, width: width.clamp(40, WIDTH) }
    }
}
