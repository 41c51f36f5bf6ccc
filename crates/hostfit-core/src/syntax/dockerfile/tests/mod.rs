//! What the parser makes of inputs that show one rule of BuildKit's each.

mod expansion;
mod mutation;
mod refusals;
mod trees;

use super::{Dockerfile, Instruction, Keyword, parse};
use crate::source::{Source, SourceId};

/// Each instruction in a line: `first-last KEYWORD flags | arguments`, JSON elements in angle brackets.
fn show(text: &str) -> String {
    let source = Source::from_text(SourceId(0), "Dockerfile", text);
    let file = parse(source.id, &source.text);
    let line = |offset| source.position(offset).line;
    let lines = file.instructions.iter().map(|it| {
        let block = format!("{}-{}", line(it.block.start), line(it.block.end));
        format!("{block} {}{}", shown(it), heredocs(it, &source))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn shown(it: &Instruction) -> String {
    let mut shown = it.keyword.map_or("?", Keyword::name).to_owned();
    for flag in &it.flags {
        shown = format!("{shown} {}", flag.text.as_str());
    }
    let arguments = match (it.exec(), &it.trigger) {
        (Some(elements), _) => elements.iter().flat_map(|it| ["<", &it.value, ">"]).collect(),
        (None, Some(trigger)) => format!("({})", self::shown(trigger)),
        (None, None) => it.arguments.as_str().to_owned(),
    };
    format!("{shown} | {arguments}")
}

fn heredocs(it: &Instruction, source: &Source) -> String {
    let heredocs = it.heredocs.iter().map(|it| {
        let tabs = if it.strip_tabs { "-" } else { "" };
        let quoted = if it.expand { "" } else { "'" };
        format!(" <<{tabs}{quoted}{} {:?}", it.name, source.slice(it.body))
    });
    heredocs.collect()
}

fn errors(text: &str) -> Vec<String> {
    let source = Source::from_text(SourceId(0), "Dockerfile", text);
    let file: Dockerfile = parse(source.id, &source.text);
    let place = |error: &crate::syntax::SyntaxError| source.position(error.span.start).line;
    file.errors.iter().map(|error| format!("{}: {}", place(error), error.message)).collect()
}
