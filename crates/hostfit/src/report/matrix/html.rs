//! One page for a browser that needs nothing else: its style and its script are in it, and it may load nothing.

use std::io::{self, Write};

use hostfit_core::{matrix::Row, printable::line};

use super::{Page, Shown, UNDEPLOYED, data::Data};
use crate::report::{VERSION, human::number, json, xml};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// More cells than this are not written a second time for browsers without scripts.
const MOST_PLAIN: usize = 3000;

/// Writes the page.
pub(crate) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let mut rest = PAGE;
    while let Some((before, mark)) = rest.split_once("<!--hostfit:") {
        let Some((name, after)) = mark.split_once("-->") else { break };
        out.write_all(before.as_bytes())?;
        match name {
            "checked" => checked(page, out)?,
            "style" => out.write_all(STYLE.as_bytes())?,
            "script" => out.write_all(SCRIPT.as_bytes())?,
            "data" => serde_json::to_writer(Inert(&mut *out), &Data::new(page))?,
            "plain" => plain(page, out)?,
            _ => {}
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// Writes JSON so that nothing in it ends the element which it stands in. `<` is only in strings there.
struct Inert<'a>(&'a mut dyn Write);

impl Write for Inert<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'<') {
            match part.split_last() {
                Some((b'<', before)) => {
                    self.0.write_all(before)?;
                    self.0.write_all(b"\\u003c")?;
                }
                _ => self.0.write_all(part)?,
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The day and the commit that the page is about.
fn checked(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "Checked as of <time>{}</time>", page.as_of)?;
    match page.commit {
        Some(commit) => {
            let short = commit.get(..12).unwrap_or(commit);
            write!(out, ", checked-out commit <code title=\"{commit}\">{short}</code>")
        }
        None => Ok(()),
    }
}

/// The table, for browsers that run no scripts.
fn plain(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let (rows, columns) = (page.matrix.rows(), page.matrix.columns());
    let caption = format!("{} on {}", number(rows.len(), "workload"), number(columns.len(), "host"));
    if rows.len() * columns.len() > MOST_PLAIN {
        return write!(out, "<p>{caption}: enable scripts to see the table, or run <code>hostfit matrix</code>.</p>");
    }
    let text = |text: &str| xml::text(&line(text));
    write!(out, "<div class=\"plain\"><table><caption>{caption}</caption><thead><tr><th scope=\"col\">Workload</th>")?;
    for column in columns {
        write!(out, "<th scope=\"col\">{}</th>", text(&column.name))?;
    }
    write!(out, "</tr></thead>")?;
    let (deployed, others) = page.sections();
    plain_rows(page, &deployed, None, out)?;
    if !others.is_empty() {
        plain_rows(page, &others, Some(UNDEPLOYED), out)?;
    }
    write!(out, "</table></div><p>hostfit {VERSION}</p>")
}

fn plain_rows(page: &Page, rows: &[&Row], heading: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let text = |text: &str| xml::text(&line(text));
    write!(out, "<tbody>")?;
    if let Some(heading) = heading {
        let columns = page.matrix.columns().len() + 1;
        write!(out, "<tr><th scope=\"rowgroup\" colspan=\"{columns}\">{heading}</th></tr>")?;
    }
    let mut rows: Vec<_> = rows.iter().map(|row| (row, page.matrix.cells(row))).collect();
    rows.sort_by_cached_key(|(row, cells)| Shown::worst(cells.iter().map(|cell| Shown::of(cell, row))));
    for (row, cells) in rows {
        let path = json::path(row.span, page.sources);
        write!(out, "<tr><th scope=\"row\">{}<br>{}</th>", text(&row.workload), text(path))?;
        for cell in cells {
            let (shown, why) = (Shown::of(&cell, row), cell.why(page.releases));
            write!(out, "<td class=\"{}\"><b>{}</b>", shown.id(), shown.words())?;
            if !matches!(shown, Shown::Excluded | Shown::Inapplicable) {
                write!(out, "<br>{}", text(&why))?;
            }
            write!(out, "</td>")?;
        }
        write!(out, "</tr>")?;
    }
    write!(out, "</tbody>")
}
