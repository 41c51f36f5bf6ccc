//! One instruction: keyword, flags, arguments.
//!
//! As BuildKit's `parser/split_command.go` and the dispatch of `parser/parser.go` do it.

use std::ops::Range;

use super::{
    Heredoc, Written,
    words::{self, Assignment, BLANK, Element, Form},
};
use crate::{source::Span, syntax::SyntaxError};

/// One instruction.
#[derive(Debug)]
pub struct Instruction<'a> {
    /// Which one; `None` for a word that is not a keyword.
    pub keyword: Option<Keyword>,
    /// The bytes of the keyword.
    pub keyword_span: Span,
    /// From the keyword to the last argument, heredoc bodies not included.
    pub span: Span,
    /// All its lines: comments in it and heredocs included, without the last line end.
    pub block: Span,
    /// The joined line without blanks around it.
    pub line: Written<'a>,
    /// `--name=value`, in order.
    pub flags: Vec<Flag<'a>>,
    /// What follows the flags, without blanks around it.
    pub arguments: Written<'a>,
    /// How the arguments are given. For HEALTHCHECK: those after `CMD`.
    pub form: Form,
    /// The heredocs of RUN, COPY and ADD, in order.
    pub heredocs: Vec<Heredoc>,
    /// What an ONBUILD holds; nothing if that is an ONBUILD again, which BuildKit refuses.
    pub trigger: Option<Box<Instruction<'a>>>,
}

/// `--name=value`.
#[derive(Debug)]
pub struct Flag<'a> {
    /// The bytes, quotes included.
    pub span: Span,
    /// Name and value, quotes and escapes taken away.
    pub text: Written<'a>,
}

impl<'a> Flag<'a> {
    /// Its name without `--`.
    pub fn name(&self) -> &str {
        let text = self.text.as_str();
        let name = text.split_once('=').map_or(text, |(name, _)| name);
        name.strip_prefix("--").unwrap_or(name)
    }

    /// What stands after `=`.
    pub fn value(&self) -> Option<Written<'a>> {
        let text = self.text.as_str();
        Some(self.text.slice(text.find('=')? + 1..text.len()))
    }
}

macro_rules! keywords {
    ($($keyword:ident = $name:literal,)+) => {
        /// The instructions there are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Keyword {
            $(#[doc = $name] $keyword,)+
        }

        impl Keyword {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$keyword),+];

            /// The instruction of that name, in any case.
            pub fn find(name: &str) -> Option<Self> {
                $(if name.eq_ignore_ascii_case($name) {
                    return Some(Self::$keyword);
                })+
                None
            }

            /// Its name, in upper case.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$keyword => $name,)+
                }
            }
        }
    };
}

keywords! {
    Run = "RUN",
    Copy = "COPY",
    From = "FROM",
    Arg = "ARG",
    Env = "ENV",
    Add = "ADD",
    Cmd = "CMD",
    Entrypoint = "ENTRYPOINT",
    Expose = "EXPOSE",
    Healthcheck = "HEALTHCHECK",
    Label = "LABEL",
    Maintainer = "MAINTAINER",
    Onbuild = "ONBUILD",
    Shell = "SHELL",
    StopSignal = "STOPSIGNAL",
    User = "USER",
    Volume = "VOLUME",
    Workdir = "WORKDIR",
}

impl Keyword {
    fn may_be_json(self) -> bool {
        matches!(
            self,
            Self::Add
                | Self::Cmd
                | Self::Copy
                | Self::Entrypoint
                | Self::Healthcheck
                | Self::Run
                | Self::Shell
                | Self::Volume
        )
    }
}

impl<'a> Instruction<'a> {
    /// The flag of that name.
    pub fn flag(&self, name: &str) -> Option<&Flag<'a>> {
        self.flags.iter().find(|flag| flag.name() == name)
    }

    /// The arguments between blanks, as ranges of [`Instruction::arguments`]: for FROM, EXPOSE, and ADD, COPY and
    /// VOLUME in their shell form.
    pub fn words(&self) -> Vec<Range<usize>> {
        words::between_blanks(self.arguments.as_str())
    }

    /// The words of an ARG, as ranges of [`Instruction::arguments`].
    pub fn assignments(&self, escape: char) -> Vec<Assignment> {
        words::assignments(self.arguments.as_str(), escape)
    }

    /// The names and values of ENV and LABEL, as ranges of [`Instruction::arguments`]: those of `name=value …`, or the
    /// one of `name value`, in which the value goes to the end of the line.
    pub fn settings(&self, escape: char) -> Vec<Range<usize>> {
        words::settings(self.arguments.as_str(), escape)
    }

    /// The elements of a JSON array, if the arguments are one.
    pub fn exec(&self) -> Option<&[Element]> {
        match &self.form {
            Form::Exec(elements) => Some(elements),
            Form::Shell | Form::NotStrings => None,
        }
    }

    pub(super) fn takes_heredocs(&self) -> bool {
        let it = match (&self.keyword, &self.trigger) {
            (Some(Keyword::Onbuild), Some(trigger)) => trigger,
            _ => self,
        };
        matches!(it.keyword, Some(Keyword::Add | Keyword::Copy | Keyword::Run)) && it.form == Form::Shell
    }
}

/// Reads a joined line.
pub(super) fn read<'a>(line: &Written<'a>, escape: char, errors: &mut Vec<SyntaxError>) -> Instruction<'a> {
    let text = line.as_str();
    let start = text.len() - text.trim_start().len();
    let line = line.slice(start..start + text.trim().len());
    let text = line.as_str();
    let keyword_end = text.find(BLANK).unwrap_or(text.len());
    let name = text.get(..keyword_end).unwrap_or_default();
    let keyword = Keyword::find(name);

    let rest_start = text.len() - text.get(keyword_end..).unwrap_or_default().trim_start_matches(BLANK).len();
    let (flags, arguments_start) = flags(&line, rest_start, escape);
    let arguments = text.get(arguments_start..).unwrap_or_default();
    let arguments_start = text.len() - arguments.trim_start().len();
    let arguments = line.slice(arguments_start..text.len());
    let form = match keyword {
        Some(Keyword::Healthcheck) => words::form(&arguments, words::after_first(arguments.as_str())),
        Some(keyword) if keyword.may_be_json() => words::form(&arguments, 0),
        _ => Form::Shell,
    };
    if form == Form::NotStrings {
        let message = "when using JSON array syntax, arrays must be comprised of strings only";
        errors.push(SyntaxError::new(arguments.whole(), message));
    }
    let trigger = (keyword == Some(Keyword::Onbuild) && !arguments.is_empty() && !is_onbuild(arguments.as_str()))
        .then(|| Box::new(read(&arguments, escape, errors)));
    let (keyword_span, span) = (line.span(0..keyword_end), line.whole());
    Instruction {
        keyword,
        keyword_span,
        span,
        block: span,
        line,
        flags,
        arguments,
        form,
        heredocs: Vec::new(),
        trigger,
    }
}

fn is_onbuild(arguments: &str) -> bool {
    arguments.split(BLANK).next().and_then(Keyword::find) == Some(Keyword::Onbuild)
}

/// The flags that stand at `from`, and where they end.
fn flags<'a>(line: &Written<'a>, from: usize, escape: char) -> (Vec<Flag<'a>>, usize) {
    let text = line.as_str();
    let mut flags = Vec::new();
    let mut at = from;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let word_start = text.len() - rest.trim_start().len();
        if !text.get(word_start..).unwrap_or_default().starts_with("--") {
            return (flags, word_start);
        }
        let (parts, end) = flag_word(text, word_start, escape);
        let word = line.join(&parts);
        if word.as_str() == "--" {
            return (flags, end);
        }
        flags.push(Flag { span: line.span(word_start..end), text: word });
        at = end;
    }
}

/// The parts of a word without its quotes and escape characters, and where it ends.
fn flag_word(text: &str, start: usize, escape: char) -> (Vec<Range<usize>>, usize) {
    let mut parts = Vec::new();
    let mut part = start;
    let mut quote = None;
    let mut chars = text.get(start..).unwrap_or_default().char_indices().map(|(at, char)| (start + at, char));
    let mut cut = |parts: &mut Vec<Range<usize>>, at: usize, next: usize| {
        if part < at {
            parts.push(part..at);
        }
        part = next;
    };
    while let Some((at, char)) = chars.next() {
        match quote {
            None if char.is_whitespace() => {
                cut(&mut parts, at, at);
                return (parts, at);
            }
            None if matches!(char, '\'' | '"') => {
                quote = Some(char);
                cut(&mut parts, at, at + 1);
            }
            Some(open) if char == open => {
                quote = None;
                cut(&mut parts, at, at + 1);
            }
            _ if char == escape => {
                cut(&mut parts, at, at + 1);
                chars.next();
            }
            _ => {}
        }
    }
    cut(&mut parts, text.len(), text.len());
    (parts, text.len())
}

/// Where the value of `from=` stands in a `--mount`.
pub fn mount_from(mount: &str) -> Option<Range<usize>> {
    let mut start = 0;
    let mut found = None;
    for field in mount.split(',') {
        if let Some((key, value)) = field.split_once('=')
            && key.eq_ignore_ascii_case("from")
        {
            found = Some(start + key.len() + 1..start + key.len() + 1 + value.len());
        }
        start += field.len() + 1;
    }
    found
}
