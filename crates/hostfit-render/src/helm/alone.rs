//! A template that lies in no chart.

use std::{ops::Range, sync::Arc};

use super::render::{Manifest, Rendering};
use crate::{
    fault::Budget,
    funcs,
    problem::{Problem, ProblemKind},
    template::{Function, Machine, Program, parse},
    text::{FileId, HoleId, Origin, Place, Text},
    value::Heap,
};

/// Renders a template that lies in no chart: of values, helpers and the cluster nothing is known. What stands under a
/// condition that is not known is rendered and is one of [`Manifest::guesses`].
///
/// # Errors
/// When it is not a template of Go, as those of other languages may be.
pub fn render_alone(file: FileId, text: Text) -> Result<Rendering, Problem> {
    const NAME: &str = "template";
    let bytes = text.len();
    let parsed = parse(Arc::new(text))
        .map_err(|error| Problem::new(ProblemKind::Syntax, error.message, Some(Place::new(file, error.range))))?;
    let mut program = Program::default();
    program.add(NAME, &parsed);
    let mut machine = Machine::new(&program, find, Budget::new(bytes), Heap::new(bytes));
    let (text, uses, stopped, guesses) = machine.render_alone(NAME);
    let text = without_lines_of_gaps(&text);
    let problems = stopped.map(Problem::limit).into_iter().collect();
    let manifest = Manifest { template: file, name: NAME.to_owned(), text, uses, stopped, guesses };
    Ok(Rendering { manifests: vec![manifest], holes: machine.holes, problems })
}

/// The functions, without those that ask the cluster, of which a chart assumes that it is empty.
fn find(name: &str) -> Option<&'static Function> {
    funcs::find(name).filter(|_| name != "lookup")
}

/// The text with blanks in the place of lines that are deeper than a gap before them: they are below something that is not
/// known, as where a helper ends in a key. It is as long as before.
fn without_lines_of_gaps(text: &Text) -> Text {
    let written = text.as_str();
    let mut hidden: Vec<(Range<usize>, HoleId)> = Vec::new();
    let mut until = 0;
    for (at, hole) in text.gaps() {
        let line_start = written.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
        let rest = written.get(at..).unwrap_or_default();
        let line_end = at + rest.find('\n').map_or(rest.len(), |it| it + 1);
        let is_alone = written.get(line_start..line_end).is_some_and(|line| line.trim().is_empty());
        if !is_alone || at < until {
            continue;
        }
        let mut end = line_end;
        for line in written.get(line_end..).unwrap_or_default().split_inclusive('\n') {
            let content = line.trim_start_matches(' ');
            if !content.trim().is_empty() {
                if line.len() - content.len() <= at - line_start {
                    break;
                }
                hidden.push((end..end + line.trim_end_matches(['\r', '\n']).len(), hole));
            }
            end += line.len();
        }
        until = end;
    }
    if hidden.is_empty() {
        return text.clone();
    }
    let mut out = Text::default();
    let mut from = 0;
    for (range, hole) in hidden {
        out.push_part(text, from..range.start);
        from = range.end;
        out.push(&" ".repeat(range.len()), Origin::Hole(hole));
    }
    out.push_part(text, from..text.len());
    out
}
