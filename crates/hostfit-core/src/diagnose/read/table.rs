//! The tables of `docker service ps`, `docker stack ps` and `kubectl get events`.

use super::{
    Error, Incident, Object, Reporter, Sink,
    lines::{Column, Line, Lines, cells, columns, parts},
};
use crate::fleet::Orchestrator;

/// A table that is recognised by its header.
pub(super) struct Table {
    columns: Vec<Column>,
    is_swarm: bool,
}

/// The states that Swarm wants tasks to be in.
const DESIRED: [&str; 7] = ["Ready", "Running", "Shutdown", "Accepted", "Remove", "Complete", "Orphaned"];

/// The table of which this is the header.
pub(super) fn of(header: Line) -> Option<Table> {
    let has = |names: &[&str]| names.iter().all(|name| header.text.contains(name));
    let is_swarm = has(&["ID ", "NAME ", "IMAGE ", "DESIRED STATE", "CURRENT STATE", "ERROR"]);
    let is_events = has(&["REASON ", "OBJECT ", "MESSAGE"]);
    (is_swarm || is_events).then(|| Table { columns: columns(header.text), is_swarm })
}

/// The line behind the last row of the table with this header.
pub(super) fn end(lines: &Lines, header: usize) -> usize {
    let is_row = |line: Line| line.text.is_empty() || parts(line.text).len() >= 4 && !line.is_prompt();
    (header + 1..lines.len()).find(|at| !is_row(lines.get(*at))).unwrap_or(lines.len())
}

impl Table {
    pub(super) fn read(&self, sink: &mut Sink, lines: &Lines, header: usize, end: usize) {
        for at in header + 1..end {
            let line = lines.get(at);
            if self.is_swarm { self.task(sink, line) } else { self.event(sink, line) }
        }
    }

    fn cell<'t>(&self, cells: &[&'t str], name: &str) -> Option<&'t str> {
        let place = self.columns.iter().position(|it| it.name == name)?;
        cells.get(place).copied().filter(|it| !it.is_empty())
    }

    fn task(&self, sink: &mut Sink, line: Line) {
        let aligned = cells(line.text, &self.columns)
            .filter(|cells| self.cell(cells, "DESIRED STATE").is_some_and(|it| DESIRED.contains(&it)));
        let task = match aligned {
            Some(cells) => Task {
                name: self.cell(&cells, "NAME"),
                image: self.cell(&cells, "IMAGE"),
                node: self.cell(&cells, "NODE"),
                error: self.cell(&cells, "ERROR"),
            },
            None => Task::by_parts(&parts(line.text)),
        };
        let Some(error) = task.error else { return };
        let name = task.name.map(|it| it.trim_start_matches("\\_").trim());
        let object = Object {
            orchestrator: Some(Orchestrator::Swarm),
            service: name.map(|it| it.rsplit_once('.').map_or(it, |(service, _)| service).to_owned()),
            node: task.node.map(str::to_owned),
            image: task.image.map(str::to_owned),
            ..Object::default()
        };
        let Some(start) = line.text.find(error).map(|at| line.start + at) else { return };
        let span = sink.span(start, start + error.len());
        if sink.message(&object, span) || !is_cut(error) {
            return;
        }
        sink.push(Incident {
            error: Error::CutOff,
            span,
            message: error.trim_matches('"').to_owned(),
            object,
            image_version: None,
            host_version: None,
            isolation: None,
            reporter: Some(Reporter::Swarm),
            sandbox: false,
            times: 1,
        });
    }

    fn event(&self, sink: &mut Sink, line: Line) {
        let row = parts(line.text);
        let aligned = cells(line.text, &self.columns);
        let name = aligned.as_ref().and_then(|cells| self.cell(cells, "OBJECT"));
        let name = name.or_else(|| row.iter().copied().find(|it| it.contains('/') && !it.contains(' ')));
        let namespace = aligned.as_ref().and_then(|cells| self.cell(cells, "NAMESPACE"));
        let Some(message) = aligned.as_ref().and_then(|it| self.cell(it, "MESSAGE")).or(row.last().copied()) else {
            return;
        };
        let Some(start) = line.text.find(message).map(|at| line.start + at) else { return };
        let mut object = Object {
            orchestrator: Some(Orchestrator::Kubernetes),
            namespace: namespace.map(str::to_owned),
            ..Object::default()
        };
        if let Some((kind, name)) = name.and_then(|name| name.split_once('/')) {
            super::objects::set_subject(&mut object, kind, name);
        }
        let span = sink.span(start, line.end());
        sink.message(&object, span);
    }
}

/// What a row says.
struct Task<'t> {
    name: Option<&'t str>,
    image: Option<&'t str>,
    node: Option<&'t str>,
    error: Option<&'t str>,
}

impl<'t> Task<'t> {
    /// Of a row that is not aligned with its header: a column may be empty.
    fn by_parts(parts: &[&'t str]) -> Self {
        let state = parts.iter().position(|it| DESIRED.contains(it));
        let node = state.filter(|it| *it == 4).and_then(|_| parts.get(3).copied());
        let error = state.and_then(|it| parts.get(it + 2).copied());
        Self { name: parts.get(1).copied(), image: parts.get(2).copied(), node, error }
    }
}

/// Docker ends what it cuts with an ellipsis, which some consoles take for other letters.
fn is_cut(error: &str) -> bool {
    let error = error.trim_end_matches('"');
    ["\u{2026}", "...", "\u{e2}\u{20ac}\u{a6}", "\u{393}\u{c7}\u{aa}"].iter().any(|it| error.ends_with(it))
}
