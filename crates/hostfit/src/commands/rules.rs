//! `hostfit rules`.

use std::io::{self, BufWriter, Write, stdout};

use hostfit_core::{
    rule::Rule,
    rules::{Category, RULES},
};
use serde::Serialize;

use crate::{
    Exit,
    args::{Color, Format, Rules},
    error::Error,
    report,
    terminal::{Style, padded, wrapped},
};

#[derive(Serialize)]
struct Row {
    id: &'static str,
    severity: &'static str,
    category: &'static str,
    summary: &'static str,
    /// Whether some of its findings have fixes.
    fixable: bool,
    /// Whether it reports nothing where no host is declared.
    needs_fleet: bool,
    url: String,
}

impl Row {
    fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            severity: report::word(rule.severity),
            category: rule.category().name(),
            summary: rule.summary,
            fixable: rule.is_fixable(),
            needs_fleet: rule.needs_fleet(),
            url: rule.url(),
        }
    }
}

pub(crate) fn run(args: &Rules) -> Result<Exit, Error> {
    let rows: Vec<_> = RULES.iter().map(|rule| Row::of(rule)).collect();
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        Format::Json => report::json::write_value(&rows, &mut out)?,
        Format::Human => table(&rows, Style::stdout(Color::Auto), &mut out)?,
    }
    out.flush()?;
    Ok(Exit::Clean)
}

const LEGEND: &str = "fix: some of its findings can be fixed with `hostfit fix`. fleet: reports only where hosts are declared. `hostfit \
                      explain RULE` shows the page of a rule.";

/// Where less than this is left for the summaries, they stand below.
const LEAST: usize = 40;

fn table(rows: &[Row], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    let bold = anstyle::Style::new().bold();
    for (number, category) in Category::ALL.into_iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        if style.color {
            writeln!(out, "{gap}{bold}{}{bold:#}", category.name())?;
        } else {
            writeln!(out, "{gap}{}", category.name())?;
        }
        for row in rows.iter().filter(|row| row.category == category.name()) {
            let marks = [(row.fixable, "fix"), (row.needs_fleet, "fleet")];
            let marks: Vec<_> = marks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| mark).collect();
            let head = format!("  {}  {:7}  {:9}  ", padded(row.id, width), row.severity, marks.join(" "));
            if head.len() + LEAST > style.width {
                writeln!(out, "{}\n{}", head.trim_end(), wrapped(row.summary, style.width, "    ", "    "))?;
            } else {
                writeln!(out, "{}", wrapped(row.summary, style.width, &head, &" ".repeat(head.len())))?;
            }
        }
    }
    writeln!(out, "\n{}", wrapped(LEGEND, style.width, "", ""))
}
