//! For the terminal.

use std::io::{self, Write};

use hostfit_core::{plan::Class, printable::line};

use super::{Page, of_fleet, said, steps};
use crate::terminal::{Style, wrapped};

pub(crate) fn write(page: &Page, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Text { out, width: style.width };
    text.line("", &page.title(), 0)?;
    text.line("  hosts      ", &page.hosts(), 13)?;
    if let Some(deadline) = page.deadline() {
        text.line("  deadline   ", &deadline, 13)?;
    }
    for class in Class::ALL {
        let items = page.of(class);
        if items.is_empty() {
            continue;
        }
        text.line("\n", &format!("{} ({})", class.title(), items.len()), 0)?;
        if class == Class::Unchanged {
            let names: Vec<_> =
                items.iter().map(|it| format!("{}{} ({})", it.workload, of_fleet(it), page.place(it.span))).collect();
            text.line("  ", &names.join(", "), 2)?;
            continue;
        }
        for item in items {
            text.line("  ", &format!("{}: {}{}", page.place(item.span), item.workload, of_fleet(item)), 4)?;
            if let Some(image) = &item.image {
                text.line("      image  ", image, 13)?;
            }
            if let Some(new) = &item.write {
                text.line("      write  ", &page.write(new), 13)?;
            }
            if let Some(declare) = &item.declare {
                text.line("      add    ", &format!("{declare} under [images], or the release that it is"), 13)?;
            }
            text.line("      why    ", &item.why, 13)?;
            if let Some(steps) = steps(&item.steps) {
                text.line("      in     ", &steps, 13)?;
            }
        }
    }
    let mut phase = None;
    for step in &page.plan.steps {
        if phase != Some(step.phase) {
            phase = Some(step.phase);
            text.line("\n", step.phase.title(), 0)?;
        }
        text.line(&format!("  {:>2}. ", step.number), &step.title, 6)?;
        for action in &step.actions {
            let place = action.place.map(|place| format!("{}: ", page.place(place))).unwrap_or_default();
            text.line("      - ", &format!("{place}{}", said(action)), 8)?;
        }
    }
    if !page.plan.left.is_empty() {
        text.line("\n", "`hostfit check` will then report", 0)?;
        for left in &page.plan.left {
            let said = format!("{}:{}: error[{}]: {}", left.path, left.start.line, left.rule, left.message);
            text.line("  ", &said, 4)?;
        }
    }
    Ok(())
}

struct Text<'w> {
    out: &'w mut dyn Write,
    width: usize,
}

impl Text<'_> {
    /// Writes a paragraph behind `label`, of which later lines are indented.
    fn line(&mut self, label: &str, of: &str, indent: usize) -> io::Result<()> {
        let (gap, label) = match label.strip_prefix('\n') {
            Some(label) => ("\n", label),
            None => ("", label),
        };
        let lines = wrapped(&line(of), self.width, label, &" ".repeat(indent));
        write!(self.out, "{gap}")?;
        lines.lines().try_for_each(|line| writeln!(self.out, "{}", line.trim_end()))
    }
}
