//! Regular expressions: those of the `regex` crate are Go's, and as little can make them slow.

use std::rc::Rc;

use regex::{Regex, RegexBuilder};

use super::{Holes, Row};
use crate::{
    fault::{Run, Stop, fail},
    template::{Args, Machine},
    text::{Origin, Text},
    value::Value,
};

pub(super) const FUNCTIONS: &[Row] = &[
    ("regexMatch", is_match_or_not, 2, 2, Holes::Spread),
    ("mustRegexMatch", is_match, 2, 2, Holes::Spread),
    ("regexFind", find, 2, 2, Holes::Spread),
    ("mustRegexFind", find, 2, 2, Holes::Spread),
    ("regexFindAll", find_all, 3, 3, Holes::Spread),
    ("mustRegexFindAll", find_all, 3, 3, Holes::Spread),
    ("regexReplaceAll", replace_all, 3, 3, Holes::Spread),
    ("mustRegexReplaceAll", replace_all, 3, 3, Holes::Spread),
    ("regexReplaceAllLiteral", replace_all_literal, 3, 3, Holes::Spread),
    ("mustRegexReplaceAllLiteral", replace_all_literal, 3, 3, Holes::Spread),
    ("regexSplit", split, 3, 3, Holes::Spread),
    ("mustRegexSplit", split, 3, 3, Holes::Spread),
    ("regexQuoteMeta", quote_meta, 1, 1, Holes::Spread),
];

/// How much memory one expression may take when it is compiled.
const MAX_SIZE: usize = 1024 * 1024;

const REFUSED: &str = "error parsing regexp";

/// The expression, compiled once.
fn regex(machine: &mut Machine<'_>, pattern: &str, text: &Text) -> Run<Rc<Regex>> {
    machine.budget.step(1 + text.len() as u64 / 4)?;
    if let Some(known) = machine.regexes.get(pattern) {
        return known.clone().map_or_else(|| fail(REFUSED), Ok);
    }
    machine.budget.step(50 + pattern.len() as u64 * 10)?;
    // Go's `\z` and classes are the same; its `\Q…\E` is not known here and stays a hole.
    let compiled = RegexBuilder::new(pattern).size_limit(MAX_SIZE).dfa_size_limit(MAX_SIZE).build().ok().map(Rc::new);
    machine.regexes.insert(pattern.to_owned(), compiled.clone());
    compiled.map_or_else(|| fail(REFUSED), Ok)
}

fn is_match(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (pattern, text) = (args.text(0)?, args.text(1)?);
    Ok(Value::bool(regex(machine, pattern.as_str(), &text)?.is_match(text.as_str())))
}

/// As `mustRegexMatch`, but what is not an expression matches nothing.
fn is_match_or_not(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    match is_match(machine, args) {
        Err(Stop::Fault(fault)) if fault.message == REFUSED => Ok(Value::bool(false)),
        other => other,
    }
}

fn find(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (pattern, text) = (args.text(0)?, args.text(1)?);
    let found = regex(machine, pattern.as_str(), &text)?.find(text.as_str()).map(|it| it.range());
    Ok(Value::text(found.map(|range| text.part(range)).unwrap_or_default()))
}

/// How many matches Go gives for its `n`: all where it is negative.
fn limit(n: i64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

fn find_all(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (pattern, text, limit) = (args.text(0)?, args.text(1)?, limit(args.int(2)?));
    let regex = regex(machine, pattern.as_str(), &text)?;
    let found = regex.find_iter(text.as_str()).take(limit).map(|it| Value::text(text.part(it.range()))).collect();
    Ok(machine.heap.new_strings(found))
}

fn replaced(machine: &mut Machine<'_>, args: &Args, is_literal: bool) -> Run<Value> {
    let (pattern, text, replacement) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let regex = regex(machine, pattern.as_str(), &text)?;
    let mut out = Text::default();
    let mut from = 0;
    for found in regex.captures_iter(text.as_str()) {
        let Some(range) = found.get(0).map(|it| it.range()) else { continue };
        out.push_part(&text, from..range.start);
        if is_literal {
            out.push_text(&replacement);
        } else {
            let mut expanded = String::new();
            found.expand(replacement.as_str(), &mut expanded);
            let origins = [text.origin_of(range.clone()), replacement.origin()];
            out.push(&expanded, Origin::made(&origins));
        }
        machine.budget.take(out.len().saturating_sub(from).min(replacement.len() + range.len()))?;
        from = range.end;
    }
    out.push_part(&text, from..text.len());
    Ok(Value::text(out))
}

fn replace_all(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    replaced(machine, args, false)
}

fn replace_all_literal(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    replaced(machine, args, true)
}

fn split(machine: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let (pattern, text, limit) = (args.text(0)?, args.text(1)?, limit(args.int(2)?));
    let regex = regex(machine, pattern.as_str(), &text)?;
    let mut parts = Vec::new();
    let (mut from, mut end) = (0, 0);
    for found in regex.find_iter(text.as_str()) {
        if parts.len() + 1 >= limit {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(Value::text(text.part(from..end)));
        }
        from = found.end();
    }
    if limit > 0 && (end != text.len() || text.is_empty()) {
        parts.push(Value::text(text.part(from..text.len())));
    }
    Ok(machine.heap.new_strings(parts))
}

fn quote_meta(_: &mut Machine<'_>, args: &Args) -> Run<Value> {
    let text = args.text(0)?;
    let mut out = Text::default();
    for (at, it) in text.as_str().char_indices() {
        if "\\.+*?()|[]{}^$".contains(it) {
            out.push_given("\\");
        }
        out.push_part(&text, at..at + it.len_utf8());
    }
    Ok(Value::text(out))
}
