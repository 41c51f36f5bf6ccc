//! The text of a template, parsed.

use std::{borrow::Cow, ops::Range, rc::Rc, sync::Arc};

use gotmpl::{
    TemplateError,
    parse::{ListNode, Parser},
};
use rustc_hash::FxHashMap;

use super::tight;
use crate::text::Text;

/// One text that holds templates: a file, or what `tpl` was given.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its text.
    pub(crate) text: Arc<Text>,
    /// Every `{{ … }}`, in order.
    actions: Vec<Range<usize>>,
}

/// A template that can be run.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) source: Arc<Source>,
    pub(crate) body: Arc<ListNode>,
}

/// Why a template is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    /// The action that is refused.
    pub(crate) range: Range<usize>,
}

impl Source {
    /// The whole `{{ … }}` that has the byte at `offset`, or that byte alone.
    pub(crate) fn action_at(&self, offset: usize) -> Range<usize> {
        let at = self.actions.partition_point(|action| action.end <= offset);
        match self.actions.get(at) {
            Some(action) if action.start <= offset => action.clone(),
            _ => offset..(offset + 1).min(self.text.len()),
        }
    }

    /// Where a node of text stands: its position may be that of white space that was trimmed.
    pub(crate) fn literal(&self, offset: usize, literal: &str) -> Range<usize> {
        let rest = self.text.as_str().get(offset..).unwrap_or_default();
        let start = if rest.starts_with(literal) { offset } else { offset + (rest.len() - rest.trim_start().len()) };
        // Helm takes the mark off the files of a chart.
        let mark = if start == 0 && literal.starts_with(BOM) { BOM.len_utf8() } else { 0 };
        start + mark..start + literal.len()
    }

    /// The bytes of the string that begins with its quote at `offset`, without the quotes.
    pub(crate) fn string_at(&self, offset: usize) -> Range<usize> {
        let rest = self.text.as_str().as_bytes().get(offset..).unwrap_or_default();
        let end = string_end(rest).unwrap_or(rest.len());
        offset + 1..(offset + end).saturating_sub(1).max(offset + 1)
    }
}

/// How long the string is that `text` begins with, quotes included.
fn string_end(text: &[u8]) -> Option<usize> {
    let quote = *text.first()?;
    let mut at = 1;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' if quote != b'`' => at += 1,
            byte if byte == quote => return Some(at + 1),
            b'\n' if quote != b'`' => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The templates of a chart by name.
#[derive(Debug, Default)]
pub(crate) struct Program {
    templates: FxHashMap<Rc<str>, Template>,
}

impl Program {
    pub(crate) fn get(&self, name: &str) -> Option<&Template> {
        self.templates.get(name)
    }

    /// Adds the templates that a text defines, and itself under its name. As in Go, one without a body does not replace
    /// one that has it.
    pub(crate) fn add(&mut self, name: &str, parsed: &Parsed) {
        self.define(parsed);
        self.put(name, &parsed.whole);
    }

    /// Adds the templates that a text defines.
    pub(super) fn define(&mut self, parsed: &Parsed) {
        parsed.defines.iter().for_each(|(name, template)| self.put(name, template));
    }

    fn put(&mut self, name: &str, template: &Template) {
        if self.templates.contains_key(name) && template.body.is_empty_tree() {
            return;
        }
        self.templates.insert(Rc::from(name), template.clone());
    }
}

/// The byte order mark.
const BOM: char = '\u{feff}';

/// A text that was parsed.
#[derive(Clone, Debug)]
pub(crate) struct Parsed {
    /// What it is itself.
    pub(super) whole: Template,
    /// The templates that it defines, by name.
    defines: Vec<(String, Template)>,
}

pub(crate) fn parse(text: Arc<Text>) -> Result<Parsed, SyntaxError> {
    let (code, actions) = prepare(text.as_str());
    let parsed = Parser::new(&code, "{{", "}}").and_then(Parser::parse);
    let (body, defines) = match parsed {
        Ok((body, defines)) => (body, defines),
        Err(TemplateError::Parse { line, col, message, .. } | TemplateError::Lex { line, col, message, .. }) => {
            let at = offset(text.as_str(), line, col);
            let action = actions.iter().find(|action| action.start <= at && at <= action.end);
            return Err(SyntaxError { message, range: action.cloned().unwrap_or(at..at) });
        }
        Err(other) => return Err(SyntaxError { message: other.to_string(), range: 0..0 }),
    };
    drop(code);
    let source = Arc::new(Source { text, actions });
    let template = |mut body: ListNode| {
        tight::list(&mut body);
        Template { source: Arc::clone(&source), body: Arc::new(body) }
    };
    let defines = defines.into_iter().map(|it| (it.name.to_string(), template(it.body))).collect();
    Ok(Parsed { whole: template(body), defines })
}

/// The offset of a line and a column, which count from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    text.floor_char_boundary(start + column.saturating_sub(1))
}

/// The text as `gotmpl` can be given it, as long as before, and where its actions are. Comments become empty strings,
/// since `gotmpl` trims behind those that trim before; a stray pipe before the end of an action, which Go accepts, is
/// blanked.
fn prepare(text: &str) -> (Cow<'_, str>, Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut actions = Vec::new();
    let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
    let mut from = 0;
    while let Some(start) = memchr::memmem::find(bytes.get(from..).unwrap_or_default(), b"{{").map(|at| at + from) {
        let inner = start + 2;
        let (end, is_comment) = match comment(bytes, inner) {
            Some((comment, end)) => {
                edits.push((comment, "\"\""));
                (end, true)
            }
            None => (action_end(bytes, inner), false),
        };
        let Some(end) = end else { break };
        if !is_comment && let Some(pipe) = stray_pipe(bytes, inner, end) {
            edits.push((pipe..pipe + 1, ""));
        }
        actions.push(start..end);
        from = end;
    }
    if edits.is_empty() {
        return (Cow::Borrowed(text), actions);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, replacement) in edits {
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(replacement);
        let old = text.get(range.clone()).unwrap_or_default();
        // Line ends stay, so that the lines of errors are right.
        let skipped = old.as_bytes().iter().skip(replacement.len());
        out.extend(skipped.map(|&byte| if byte == b'\n' { '\n' } else { ' ' }));
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    (Cow::Owned(out), actions)
}

/// The bytes of the comment that the action is, and the action's end.
fn comment(bytes: &[u8], inner: usize) -> Option<(Range<usize>, Option<usize>)> {
    let mut at = inner;
    if bytes.get(at) == Some(&b'-') && bytes.get(at + 1).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
    }
    bytes.get(at..)?.starts_with(b"/*").then_some(())?;
    let close = memchr::memmem::find(bytes.get(at + 2..)?, b"*/")? + at + 4;
    let rest = bytes.get(close..)?;
    let blank = rest.iter().take_while(|it| it.is_ascii_whitespace()).count();
    let rest = rest.get(blank..)?;
    let end = if rest.starts_with(b"-}}") && blank > 0 {
        close + blank + 3
    } else if rest.starts_with(b"}}") && blank == 0 {
        close + 2
    } else {
        // Go refuses it, and so will the parser.
        return None;
    };
    Some((at..close, Some(end)))
}

/// One past the `}}` of the action whose inner text begins at `at`.
fn action_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'}' if bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            b'"' | b'`' | b'\'' => at += string_end(bytes.get(at..)?)?,
            _ => at += 1,
        }
    }
}

fn stray_pipe(bytes: &[u8], inner: usize, end: usize) -> Option<usize> {
    let mut before = bytes.get(inner..end.checked_sub(2)?)?;
    if let [rest @ .., blank, b'-'] = before
        && blank.is_ascii_whitespace()
    {
        before = rest;
    }
    let before = before.trim_ascii_end();
    let pipe = (inner + before.len()).checked_sub(1)?;
    (before.last() == Some(&b'|') && !before.trim_ascii_start().starts_with(b"/*")).then_some(pipe)
}
