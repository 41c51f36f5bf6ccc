//! Tables of cases with the answers of upstream, for tests. They lie in `tests/data/upstream`.

use crate::text::{Origin, Text};

/// The fields of each row of a table as they are written; its first lines say who was asked.
pub(crate) fn cells(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().skip_while(|line| line.starts_with("# ") || *line == "#").map(|row| row.split('\t').collect())
}

/// The same, unescaped.
pub(crate) fn rows(table: &str) -> impl Iterator<Item = Vec<String>> {
    cells(table).map(|row| row.into_iter().map(unescaped).collect())
}

/// The text where nothing sets the variables that are unknown.
pub(crate) fn where_unset(text: &Text) -> String {
    let known = text.ranges().filter(|(_, piece)| !matches!(piece.origin, Origin::Hole(_)));
    known.filter_map(|(range, _)| text.value.get(range)).collect()
}

/// A longer table of the same form, which upstream was asked for by hand.
#[expect(clippy::disallowed_methods, reason = "a test alone asks")]
pub(crate) fn asked(name: &str) -> String {
    let folder = std::env::var("HOSTFIT_ORACLE").expect("HOSTFIT_ORACLE is the folder of the tables");
    std::fs::read_to_string(std::path::Path::new(&folder).join(name)).expect("a table")
}

fn unescaped(field: &str) -> String {
    let mut value = String::new();
    let mut chars = field.chars();
    while let Some(next) = chars.next() {
        value.push(match next {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                other => other.expect("escaped"),
            },
            other => other,
        });
    }
    value
}
