//! For pull requests and issues.

use std::io::{self, Write};

use hostfit_core::{plan::Class, printable::line};

use super::{Page, steps};

pub(crate) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## {}\n", line(&page.title()))?;
    writeln!(out, "- **Hosts:** {}", line(&page.hosts()))?;
    if let Some(deadline) = page.deadline() {
        writeln!(out, "- **Deadline:** {}", line(&deadline))?;
    }
    for class in Class::ALL {
        let items = page.of(class);
        if items.is_empty() {
            continue;
        }
        writeln!(out, "\n### {} ({})\n", sentence(class.title()), items.len())?;
        for item in items {
            let fleet = item.fleet.as_ref().map_or_else(String::new, |fleet| format!(" ({})", code(fleet)));
            let mut said = format!("{}, {}{fleet}", code(&page.place(item.span)), code(&item.workload));
            if class == Class::Unchanged {
                writeln!(out, "- {said}")?;
                continue;
            }
            if let Some(image) = &item.image {
                said = format!("{said}: {}", code(image));
            }
            if let Some(new) = &item.write {
                said = if new.is_base {
                    format!("{said} is built on {} in {}", code(&new.reference), code(&page.place(new.place)))
                } else {
                    format!("{said} becomes {}", code(&new.reference))
                };
            }
            if let Some(steps) = steps(&item.steps) {
                said = format!("{said} ({steps})");
            }
            writeln!(out, "- {said}\n  {}", line(&sentence(&item.why)))?;
            if let Some(declare) = &item.declare {
                writeln!(out, "  Add {} under `[images]`, or the release that it is", code(declare))?;
            }
        }
    }
    let mut phase = None;
    for step in &page.plan.steps {
        if phase != Some(step.phase) {
            phase = Some(step.phase);
            writeln!(out, "\n### {}\n", sentence(step.phase.title()))?;
        }
        writeln!(out, "- [ ] **{}. {}**", step.number, line(&step.title))?;
        for action in &step.actions {
            let place = action.place.map(|place| format!("{}: ", code(&page.place(place)))).unwrap_or_default();
            writeln!(out, "  - {place}{}", line(&super::said(action)))?;
        }
    }
    if !page.plan.left.is_empty() {
        writeln!(out, "\n### `hostfit check` will then report\n")?;
        for left in &page.plan.left {
            let place = code(&format!("{}:{}", left.path, left.start.line));
            writeln!(out, "- {place}: `{}`: {}", left.rule, line(&left.message))?;
        }
    }
    Ok(())
}

/// A name or a text of the user's, as code.
fn code(text: &str) -> String {
    let text = line(text);
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// With a capital at its start.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
