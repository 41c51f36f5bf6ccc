//! For programs: the shape is a promise.

use std::io::{self, Write};

use hostfit_core::matrix::{self, Cell, Column, Row};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::Page;
use crate::report::{
    json::{path, range, write_value},
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
    cells: ByHost<'a>,
}

/// A map by the names of hosts, in the order of the fleet.
struct ByHost<'a> {
    columns: &'a [Column<'a>],
    cells: Vec<Cell<'a>>,
    page: Page<'a>,
}

#[derive(Serialize)]
struct Answer {
    verdict: &'static str,
    why: String,
    rule: Option<&'static str>,
}

impl Serialize for ByHost<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.cells.len()))?;
        for (column, cell) in self.columns.iter().zip(&self.cells) {
            let answer =
                Answer { verdict: matrix::id(cell.verdict), why: cell.why(self.page.releases), rule: cell.rule() };
            map.serialize_entry(&column.name, &answer)?;
        }
        map.end()
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
    Entry {
        workload: &row.workload,
        path: path(row.span, page.sources),
        line: range(row.span, page.sources).start.line,
        namespace: row.namespace,
        image: row.image.and_then(|image| page.project.reference(image)),
        state: row.state.id(),
        cells: ByHost { columns: page.matrix.columns(), cells: page.matrix.cells(row), page: *page },
    }
}
