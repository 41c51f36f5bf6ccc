//! Lines with their places, and cells of tables, found by the columns of their header.

use crate::diagnose::message::log_prefix;

/// The lines of a text.
pub(super) struct Lines<'t> {
    lines: Vec<Line<'t>>,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// Without its end, a byte order mark, and what the log of a pipeline put before it.
    pub(super) text: &'t str,
    /// Where it begins.
    pub(super) start: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut start = 0;
        let lines = text.split_inclusive('\n').map(|whole| {
            let begin = start;
            start += whole.len();
            let line = whole.trim_end_matches(['\n', '\r']);
            let shown = line.strip_prefix('\u{feff}').unwrap_or(line);
            let shown = shown.get(log_prefix(shown)..).unwrap_or(shown);
            Line { text: shown, start: begin + line.len() - shown.len() }
        });
        Self { lines: lines.collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The line; an empty one behind the last.
    pub(super) fn get(&self, at: usize) -> Line<'t> {
        self.lines.get(at).copied().unwrap_or(Line { text: "", start: 0 })
    }
}

impl<'t> Line<'t> {
    pub(super) fn end(self) -> usize {
        self.start + self.text.len()
    }

    /// How many blanks it starts with.
    pub(super) fn indent(self) -> usize {
        self.text.len() - self.text.trim_start_matches([' ', '\t']).len()
    }

    /// `key: value`, blanks around both taken off.
    pub(super) fn entry(self) -> Option<(&'t str, &'t str)> {
        let (key, value) = self.text.split_once(':')?;
        let is_key = !key.trim().is_empty() && key.len() < 80;
        is_key.then(|| (key.trim(), value.trim()))
    }

    /// Whether a shell wrote it: `$ kubectl …`, `PS C:\> docker …`, `C:\Users>docker …`.
    pub(super) fn is_prompt(self) -> bool {
        let text = self.text.trim_start();
        let drive = text
            .as_bytes()
            .get(..3)
            .is_some_and(|it| it.first().is_some_and(u8::is_ascii_alphabetic) && it.ends_with(b":\\"));
        text.starts_with("$ ") || text.starts_with("PS ") || text.starts_with("```") || drive && text.contains('>')
    }
}

/// One column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// The characters before it.
    start: usize,
}

/// The columns of a header, whose names two blanks part.
pub(super) fn columns(header: &str) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let mut blanks = 2;
    for (at, char) in header.chars().enumerate() {
        if char == ' ' || char == '\t' {
            blanks += 1;
            continue;
        }
        if blanks >= 2 {
            columns.push(Column { name: String::new(), start: at });
        }
        if let Some(column) = columns.last_mut() {
            if blanks == 1 {
                column.name.push(' ');
            }
            column.name.push(char);
        }
        blanks = 0;
    }
    columns
}

/// The cells of a row under those columns; none if it is not aligned with them. The last one takes all that is left.
pub(super) fn cells<'t>(row: &'t str, columns: &[Column]) -> Option<Vec<&'t str>> {
    let mut starts = Vec::with_capacity(columns.len());
    let mut wanted = columns.iter().map(|it| it.start).peekable();
    for (number, (at, _)) in row.char_indices().enumerate() {
        if wanted.next_if_eq(&number).is_some() {
            starts.push(at);
        }
        if wanted.peek().is_none() {
            break;
        }
    }
    starts.resize(columns.len(), row.len());
    let ends = starts.iter().skip(1).copied().chain([row.len()]);
    let mut cells = Vec::with_capacity(columns.len());
    for (place, (start, end)) in starts.iter().zip(ends).enumerate() {
        let cell = row.get(*start..end)?;
        // A task of a service that failed before is set off under it.
        let is_set_off = cell.trim_start().starts_with("\\_");
        let is_aligned = place == 0 || cell.trim().is_empty() || is_set_off || !cell.starts_with(' ');
        let is_parted = place + 1 == columns.len() || cell.is_empty() || cell.ends_with(' ') || end == row.len();
        if !is_aligned || !is_parted {
            return None;
        }
        cells.push(cell.trim());
    }
    Some(cells)
}

/// The parts of a row that two blanks or more keep apart.
pub(super) fn parts(row: &str) -> Vec<&str> {
    row.split("  ").map(str::trim).filter(|it| !it.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_under_their_names_whatever_they_hold() {
        let header = columns("ID     NAME      DESIRED STATE   ERROR");
        assert_eq!(
            header.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
            ["ID", "NAME", "DESIRED STATE", "ERROR"]
        );
        let row = |text| cells(text, &header);
        assert_eq!(
            row("1      web.1     Running         \"no: x…\""),
            Some(vec!["1", "web.1", "Running", "\"no: x…\""])
        );
        assert_eq!(row("1       \\_ é.1   Running"), Some(vec!["1", "\\_ é.1", "Running", ""]));
        assert_eq!(row("1                Running"), Some(vec!["1", "", "Running", ""]));
        assert_eq!(row("1      web.1 Running   \"no\""), None);
    }
}
