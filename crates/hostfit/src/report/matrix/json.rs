//! For programs: the shape is a promise.

use std::io::{self, Write};

use hostfit_core::matrix::{self, Cell, Column, Row};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::Page;
use crate::report::{
    json::{Rendered, path, range, write_value},
    rows::Rows,
};

#[derive(Serialize)]
struct Report<'a, R> {
    hosts: Vec<&'a str>,
    workloads: R,
}

#[derive(Serialize)]
struct Entry<'a> {
    workload: &'a str,
    path: &'a str,
    line: u32,
    namespace: Option<&'a str>,
    image: Option<&'a str>,
    state: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rendered: Vec<Rendered<'a>>,
    cells: ByHost<'a>,
}

/// A map by the names of hosts, in the order of the fleet.
struct ByHost<'a> {
    columns: &'a [Column<'a>],
    kinds: &'a [usize],
    /// The JSON of the cells of each kind.
    cells: Vec<Box<RawValue>>,
}

#[derive(Serialize)]
struct Answer {
    verdict: &'static str,
    why: String,
    rule: Option<&'static str>,
}

impl Answer {
    fn of(cell: &Cell<'_>, page: &Page<'_>) -> Self {
        Self { verdict: matrix::id(cell.verdict), why: cell.why(page.releases), rule: cell.rule() }
    }

    /// As it stands in the report.
    fn written(&self) -> serde_json::Result<Box<RawValue>> {
        // No string of JSON holds a line end.
        RawValue::from_string(serde_json::to_string_pretty(self)?.replace('\n', "\n        "))
    }
}

impl Serialize for ByHost<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cells = self.kinds.iter().filter_map(|kind| self.cells.get(*kind));
        serializer.collect_map(self.columns.iter().map(|column| &column.name).zip(cells))
    }
}

/// Writes the whole matrix, one row at a time.
pub(crate) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let columns = page.matrix.columns();
    let report = Report {
        hosts: columns.iter().map(|column| column.name.as_str()).collect(),
        workloads: Rows(page.matrix.rows(), |row| workload(row, page)),
    };
    write_value(&report, out)
}

fn workload<'a>(row: &'a Row<'a>, page: &Page<'a>) -> Entry<'a> {
    let cells = page.matrix.cells_of_kinds(row);
    // What is made of texts alone can always be written.
    let cells = cells.iter().map(|cell| Answer::of(cell, page).written().unwrap_or_default()).collect();
    Entry {
        workload: &row.workload,
        path: path(row.span, page.sources),
        line: range(row.span, page.sources).start.line,
        namespace: row.namespace,
        image: row.image.and_then(|image| page.project.reference(image)),
        state: row.state.id(),
        rendered: row.rendered.iter().map(|it| Rendered::from(&**it)).collect(),
        cells: ByHost { columns: page.matrix.columns(), kinds: page.matrix.kinds(), cells },
    }
}
