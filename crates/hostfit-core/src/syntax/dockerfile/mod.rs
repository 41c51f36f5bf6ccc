//! Dockerfiles, line by line as BuildKit's parser reads them.
//!
//! `parser/parser.go` of BuildKit is the model: physical lines join to logical ones, those become instructions, and an
//! instruction takes the heredoc bodies below it. Unlike BuildKit, which stops at the first fault, this gives every
//! instruction and every fault.

mod directive;
mod expand;
mod flags;
mod heredoc;
mod instruction;
mod output;
mod pattern;
mod refuse;
mod words;
mod written;

#[cfg(test)]
#[allow(clippy::string_slice, reason = "tests slice what they wrote themselves")]
mod tests;

use memchr::{memchr, memmem};

pub use self::{
    directive::{Directive, DirectiveKey},
    expand::{Environment, ExpandError, Value, expand, unescape},
    heredoc::Heredoc,
    instruction::{Flag, Instruction, Keyword, mount_from},
    words::{Assignment, Element, Form},
    written::Written,
};
use crate::{
    source::{SourceId, Span},
    syntax::SyntaxError,
};

/// A Dockerfile.
#[derive(Debug)]
pub struct Dockerfile<'a> {
    /// Parser directives, in order.
    pub directives: Vec<Directive>,
    /// The character that escapes and continues lines: `\`, or `` ` `` by directive.
    pub escape: char,
    /// Instructions, in order; unknown ones too.
    pub instructions: Vec<Instruction<'a>>,
    /// Comments, from `#` to the end of their line; parser directives too.
    pub comments: Vec<Span>,
    /// What BuildKit would refuse, in order.
    pub errors: Vec<SyntaxError>,
    /// Defaults of ARGs that BuildKit refuses when it comes to evaluate them, by the name of the ARG: it does not where the
    /// build sets that (`buildMetaArgs` and `dispatchArg` of dockerfile2llb).
    pub broken_defaults: Vec<(String, SyntaxError)>,
}

/// The longest line, without its line feed, that BuildKit's scanner takes (`bufio.MaxScanTokenSize`).
const MAX_LINE: usize = 65_535;

/// How many times the file's length the searches for the ends of heredocs may read in vain. BuildKit stops at the
/// first one.
const SEARCHES: usize = 4;

/// Reads a Dockerfile.
pub fn parse(source: SourceId, text: &str) -> Dockerfile<'_> {
    let mut parser = Parser::new(source, text);
    parser.run();
    let mut file = parser.file;
    refuse::refuse(source, text, &mut file);
    let syntax = file.directives.iter().find(|it| it.key == DirectiveKey::Syntax);
    if syntax.is_some_and(|it| !directive::is_dockerfile_frontend(&it.value)) {
        file.errors.clear();
        file.broken_defaults.clear();
    }
    file.errors.sort_by_key(|error| (error.span.start, error.span.end));
    file
}

struct Parser<'a> {
    source: SourceId,
    text: &'a str,
    /// Where the next line starts.
    at: usize,
    /// Up to where lines were measured: those that a heredoc's search gave back are read twice.
    measured: usize,
    /// How many bytes the searches for the ends of heredocs may still read in vain.
    search: usize,
    /// Whether a parser directive may still come.
    directives_open: bool,
    file: Dockerfile<'a>,
}

/// A physical line without its line end, and where it starts.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Parser<'a> {
    fn new(source: SourceId, text: &'a str) -> Self {
        let file = Dockerfile {
            directives: Vec::new(),
            escape: '\\',
            instructions: Vec::new(),
            comments: Vec::new(),
            errors: Vec::new(),
            broken_defaults: Vec::new(),
        };
        let search = text.len().saturating_mul(SEARCHES);
        Self { source, text, at: 0, measured: 0, search, directives_open: true, file }
    }

    fn run(&mut self) {
        while let Some(line) = self.next_line() {
            let line = if line.start == 0 { line.without('\u{feff}') } else { line };
            let line = line.trim_start();
            if self.is_comment(line) {
                continue;
            }
            self.directives_open = false;
            let (part, continued) = cut_continuation(line.text, self.file.escape);
            if continued || !part.is_empty() {
                self.instruction(line, part, continued);
            }
        }
    }

    fn next_line(&mut self) -> Option<Line<'a>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let length = memchr(b'\n', rest.as_bytes());
        self.at = start + length.map_or(rest.len(), |length| length + 1);
        let text = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        if text.len() > MAX_LINE && start >= self.measured {
            self.error(start..start + text.len(), format!("line greater than max allowed size of {MAX_LINE}"));
        }
        self.measured = self.measured.max(self.at);
        Some(Line { text: text.trim_end_matches('\r'), start })
    }

    /// Takes note of a comment, a parser directive too.
    fn is_comment(&mut self, line: Line<'a>) -> bool {
        if !line.text.starts_with('#') {
            return false;
        }
        self.file.comments.push(Span::new(self.source, line.range()));
        if self.directives_open {
            self.directives_open = self.is_directive(line);
        }
        true
    }

    fn is_directive(&mut self, line: Line<'a>) -> bool {
        let Some((key, value)) = directive::directive(line.text) else { return false };
        let start = line.start + (line.text.trim_end().len() - value.len());
        let range = start..start + value.len();
        if self.file.directives.iter().any(|it| it.key == key) {
            self.error(line.range(), format!("only one {} parser directive can be used", key.name()));
            return true;
        }
        if key == DirectiveKey::Escape {
            match value {
                "\\" => self.file.escape = '\\',
                "`" => self.file.escape = '`',
                _ => {
                    let message = format!("invalid escape token '{value}' does not match ` or \\");
                    self.error(range.clone(), message);
                }
            }
        }
        let span = Span::new(self.source, range);
        self.file.directives.push(Directive { key, value: value.to_owned(), span });
        true
    }

    /// Joins the lines of an instruction, and reads it.
    fn instruction(&mut self, first: Line<'a>, part: &'a str, mut continued: bool) {
        let mut written = Written::new(self.source, part, first.start);
        while continued {
            let Some(line) = self.next_line() else { break };
            let trimmed = line.trim_start();
            if trimmed.text.is_empty() || self.is_comment(trimmed) {
                continue;
            }
            let part;
            (part, continued) = cut_continuation(line.text, self.file.escape);
            written.push(part, line.start);
        }
        let mut instruction = instruction::read(&written, self.file.escape, &mut self.file.errors);
        if instruction.takes_heredocs() && memmem::find(written.as_str().as_bytes(), b"<<").is_some() {
            match heredoc::announced(written.as_str()) {
                Ok(announced) => instruction.heredocs = self.heredocs(&announced, instruction.span),
                Err(message) => self.file.errors.push(SyntaxError::new(instruction.span, message)),
            }
        }
        instruction.block = Span::new(self.source, first.start..self.last_line_end());
        self.file.instructions.push(instruction);
    }

    /// The bodies of the heredocs that an instruction announces. BuildKit takes one that nothing ends to the end of
    /// the file; here it ends before the next line that plainly is an instruction, so that what follows is seen.
    fn heredocs(&mut self, announced: &[heredoc::Announced], instruction: Span) -> Vec<Heredoc> {
        let mut heredocs = Vec::new();
        for it in announced {
            let start = self.at;
            let end = self.heredoc_end(it);
            let body_end = end.unwrap_or_else(|| {
                self.search = self.search.saturating_sub(self.at - start);
                self.error(instruction.range(), "unterminated heredoc".to_owned());
                self.at = start + self.text.get(start..).map_or(0, up_to_an_instruction);
                self.at
            });
            heredocs.push(Heredoc {
                name: it.name.clone(),
                strip_tabs: it.strip_tabs,
                expand: it.expand,
                body: Span::new(self.source, start..body_end),
            });
            if end.is_none() {
                break;
            }
        }
        heredocs
    }

    /// Where the line that ends a heredoc starts; the place behind it is the next to be read.
    fn heredoc_end(&mut self, it: &heredoc::Announced) -> Option<usize> {
        let last = self.at.saturating_add(self.search);
        loop {
            let before = self.at;
            let line = self.next_line().filter(|line| line.start <= last)?;
            let ends = if it.strip_tabs { line.text.trim_start_matches('\t') } else { line.text };
            if ends == it.name {
                return Some(before);
            }
        }
    }

    fn last_line_end(&self) -> usize {
        self.text.get(..self.at).map_or(0, |text| text.trim_end_matches(['\r', '\n']).len())
    }

    fn error(&mut self, range: std::ops::Range<usize>, message: String) {
        self.file.errors.push(SyntaxError::new(Span::new(self.source, range), message));
    }
}

impl Line<'_> {
    fn range(self) -> std::ops::Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn trim_start(self) -> Self {
        let text = self.text.trim_start();
        Self { text, start: self.start + (self.text.len() - text.len()) }
    }

    fn without(self, prefix: char) -> Self {
        match self.text.strip_prefix(prefix) {
            Some(text) => Self { text, start: self.start + prefix.len_utf8() },
            None => self,
        }
    }
}

/// A line without its continuation, and whether it has one: an escape character, at most blanks after it, no other
/// escape character before it.
fn cut_continuation(line: &str, escape: char) -> (&str, bool) {
    match line.trim_end_matches([' ', '\t']).strip_suffix(escape) {
        Some(part) if !part.ends_with(escape) => (part, true),
        _ => (line, false),
    }
}

/// How many bytes stand before the first line that starts with the upper-case name of an instruction and a blank.
fn up_to_an_instruction(text: &str) -> usize {
    let starts = |line: &&str| {
        let keyword = line.split([' ', '\t']).next().unwrap_or_default();
        keyword.len() < line.trim_end().len() && Keyword::find(keyword).is_some_and(|it| it.name() == keyword)
    };
    text.split_inclusive('\n').take_while(|line| !starts(line)).map(str::len).sum()
}
