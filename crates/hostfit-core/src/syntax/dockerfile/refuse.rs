//! What BuildKit refuses, instruction by instruction.
//!
//! As `instructions/parse.go` and `instructions/bflag.go` of BuildKit do it, and the parts of `parser/line_parsers.go`
//! and `dockerfile2llb/convert.go` that fail whatever the build is given.

use std::ops::Range;

use super::{
    Dockerfile, Environment, Flag, Form, Instruction, Keyword, Value, Written, expand,
    flags::{self, Flags, is_duration},
    heredoc,
    instruction::mount_from,
    words::{self, BLANK},
};
use crate::{
    nearest::nearest,
    source::{SourceId, Span},
    syntax::SyntaxError,
};

/// Adds what is wrong with the instructions of `file`.
pub(super) fn refuse(source: SourceId, text: &str, file: &mut Dockerfile) {
    let mut errors = Vec::new();
    let mut broken_defaults = Vec::new();
    if file.instructions.is_empty() {
        let message = if text.is_empty() { "the Dockerfile cannot be empty" } else { "file with no instructions" };
        file.errors.push(SyntaxError::new(Span::at(source, 0), message));
        return;
    }
    let mut stage_seen = false;
    let mut outside_reported = false;
    let mut after_unknown = false;
    let mut in_conflict = false;
    for it in &file.instructions {
        let mut check = Check { it, escape: file.escape, errors: &mut errors };
        match it.keyword {
            // One slip, such as a missing continuation, makes many lines unknown: only the first one speaks.
            None if after_unknown => {}
            // Of a conflict that a merge left there the first mark speaks.
            None if in_conflict && matches!(conflict_mark(text, it), Some('=' | '>')) => {}
            None => check.unknown(text),
            Some(keyword) => {
                check.known(keyword);
                check.expands(keyword);
                if keyword == Keyword::Arg {
                    broken_defaults.extend(check.broken_defaults());
                }
            }
        }
        after_unknown = it.keyword.is_none();
        in_conflict |= conflict_mark(text, it) == Some('<');
        stage_seen |= it.keyword == Some(Keyword::From);
        let outside = !stage_seen && !matches!(it.keyword, Some(Keyword::Arg) | None);
        if outside && !outside_reported {
            outside_reported = true;
            let error = SyntaxError::new(it.keyword_span, "no build stage in current context");
            errors.push(error.help("write a `FROM` before it"));
        }
    }
    if !stage_seen && errors.is_empty() && file.errors.is_empty() {
        errors.push(SyntaxError::new(Span::at(source, 0), "dockerfile contains no stages to build"));
    }
    file.errors.append(&mut errors);
    file.broken_defaults = broken_defaults;
}

/// The character of the line that Git writes around the sides of a conflict: seven of it.
fn conflict_mark(text: &str, it: &Instruction) -> Option<char> {
    let word = text.get(it.keyword_span.range())?;
    ['<', '=', '>'].into_iter().find(|mark| word.len() == 7 && word.chars().all(|char| char == *mark))
}

struct Check<'c, 'a> {
    it: &'c Instruction<'a>,
    escape: char,
    errors: &'c mut Vec<SyntaxError>,
}

impl Check<'_, '_> {
    fn unknown(&mut self, text: &str) {
        let name = text.get(self.it.keyword_span.range()).unwrap_or_default();
        let name: String = name.chars().take(60).collect();
        let near = nearest(&name, Keyword::ALL.iter().map(|keyword| keyword.name()));
        let help = near.map(|near| format!("write `{near}`"));
        self.errors.push(SyntaxError {
            help,
            ..SyntaxError::new(self.it.keyword_span, format!("unknown instruction: {name}"))
        });
    }

    fn known(&mut self, keyword: Keyword) {
        match keyword {
            Keyword::From => self.from(),
            Keyword::Arg => self.arg(),
            Keyword::Env | Keyword::Label => self.pairs(keyword),
            Keyword::Add => self.sources(keyword, flags::ADD),
            Keyword::Copy => self.sources(keyword, flags::COPY),
            Keyword::Run => self.run(),
            Keyword::Cmd | Keyword::Entrypoint => self.flags(flags::NONE),
            Keyword::Maintainer | Keyword::User | Keyword::Workdir => {
                if self.it.arguments.is_empty() {
                    self.here(format!("{} requires exactly one argument", keyword.name()));
                }
                self.flags(flags::NONE);
            }
            // BuildKit never looks at flags here.
            Keyword::StopSignal => {
                if self.it.arguments.is_empty() {
                    self.here(format!("{} requires exactly one argument", keyword.name()));
                }
            }
            Keyword::Expose => {
                self.at_least_one(keyword, self.it.arguments.is_empty());
                self.flags(flags::NONE);
            }
            Keyword::Volume => self.volume(),
            Keyword::Shell => self.shell(),
            Keyword::Healthcheck => self.healthcheck(),
            Keyword::Onbuild => self.onbuild(),
        }
    }

    fn from(&mut self) {
        let words = self.it.words();
        let text = self.it.arguments.as_str();
        let word = |at: usize| words.get(at).and_then(|range| text.get(range.clone())).unwrap_or_default();
        if words.len() == 3 && word(1).eq_ignore_ascii_case("as") {
            if !is_stage_name(word(2)) {
                let span = self.it.arguments.span(words.get(2).cloned().unwrap_or_default());
                let message = format!("invalid name for build stage: \"{}\"", word(2));
                self.advise(span, message, "start it with a letter, and use letters, digits, `-`, `_` and `.`");
            }
        } else if words.len() != 1 {
            let message = "FROM requires either one or three arguments".to_owned();
            // BuildKit reads a comment at the end of a line as more arguments.
            let comment = (1..words.len()).find(|at| word(*at).starts_with('#'));
            match comment.and_then(|at| text.get(words.get(at)?.start..)) {
                Some(comment) => {
                    let help =
                        format!("move `{comment}` to a line of its own above: a Dockerfile has no trailing comments");
                    self.advise(self.it.span, message, &help);
                }
                None => self.here(message),
            }
        }
        self.flags(flags::FROM);
        if let Some(base) = words.first() {
            self.lexes(&self.it.arguments.slice(base.clone()));
        }
        if let Some(platform) = self.it.flag("platform").and_then(Flag::value) {
            self.lexes(&platform);
        }
    }

    fn arg(&mut self) {
        let arguments = &self.it.arguments;
        let assignments = words::assignments(arguments.as_str(), self.escape);
        self.at_least_one(Keyword::Arg, assignments.is_empty());
        for it in assignments.into_iter().filter(|it| it.name.is_empty()) {
            self.error(arguments.span(it.name), "ARG names can not be blank".to_owned());
        }
    }

    /// The defaults that no value of any variable makes right, each with the name of its ARG.
    fn broken_defaults(&self) -> Vec<(String, SyntaxError)> {
        let arguments = &self.it.arguments;
        let broken = self.it.assignments(self.escape).into_iter().filter_map(|it| {
            let error = self.fails(&arguments.slice(it.value?))?;
            Some((arguments.slice(it.name).as_str().to_owned(), error))
        });
        broken.collect()
    }

    fn pairs(&mut self, keyword: Keyword) {
        let arguments = &self.it.arguments;
        let text = arguments.as_str();
        let words = words::quoted(text, self.escape);
        let word = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
        let old = words.first().is_some_and(|first| !word(first).contains('='));
        self.at_least_one(keyword, words.is_empty());
        if old {
            if !text.contains(BLANK) {
                self.here(format!("{} must have two arguments", keyword.name()));
            }
        } else if let Some(bad) = words.iter().find(|it| !word(it).contains('=')) {
            let message = format!("syntax error - can't find = in \"{}\"", word(bad));
            self.advise(arguments.span(bad.clone()), message, "write `NAME=VALUE`");
        } else if let Some(blank) = words.iter().find(|it| word(it).starts_with('=')) {
            self.error(arguments.span(blank.clone()), format!("{} names can not be blank", keyword.name()));
        }
        self.flags(flags::NONE);
    }

    fn sources(&mut self, keyword: Keyword, flags: Flags) {
        let words = self.it.words();
        let count = self.it.exec().map_or(words.len(), <[_]>::len);
        if count < 2 && self.it.form != Form::NotStrings {
            let name = keyword.name();
            let message = format!("{name} requires at least two arguments, but only one was provided");
            self.advise(self.it.span, message, "write the destination after the source");
        }
        self.flags(flags);
        let text = self.it.arguments.as_str();
        if let (Form::Shell, Some(last)) = (&self.it.form, words.last().filter(|_| count >= 2)) {
            let destination = text.get(last.clone()).unwrap_or_default();
            if matches!(heredoc::heredoc(destination), Ok(Some(_))) {
                let message = format!("{} cannot accept a heredoc as a destination", keyword.name());
                self.error(self.it.arguments.span(last.clone()), message);
            }
        }
        let from = self.it.flag("from").filter(|_| keyword == Keyword::Copy);
        if let Some((flag, from)) = from.and_then(|flag| Some((flag, flag.value()?)))
            && expand(&from, self.escape, &Nothing)
                .map_or(true, |text| text.value != from.as_str() || text.hole().is_some())
        {
            let message = "variable expansion is not supported for --from".to_owned();
            self.advise(
                flag.span,
                message,
                "define a stage with `FROM … AS NAME`, which expands variables, and copy from it",
            );
        }
    }

    fn run(&mut self) {
        self.flags(flags::RUN);
        for flag in &self.it.flags {
            let Some(value) = flag.value() else { continue };
            let value = value.as_str();
            let message = match flag.name() {
                "network" if !matches!(value, "default" | "none" | "host") => {
                    format!("invalid network mode \"{value}\"")
                }
                "security" if !matches!(value, "insecure" | "sandbox") => format!("security \"{value}\" is not valid"),
                "mount" if value.is_empty() => "failed to parse csv mounts: EOF".to_owned(),
                "mount" if !is_csv(value) => "failed to parse csv mounts: bare \" in non-quoted-field".to_owned(),
                "mount" if mount_from(value).is_some_and(|from| is_variable(value.get(from).unwrap_or_default())) => {
                    let message = "'from' doesn't support variable expansion".to_owned();
                    self.advise(flag.span, message, "define a stage with `FROM … AS NAME`, and mount from it");
                    continue;
                }
                _ => continue,
            };
            self.error(flag.span, message);
        }
    }

    fn volume(&mut self) {
        match &self.it.form {
            Form::Exec(elements) => {
                self.at_least_one(Keyword::Volume, elements.is_empty());
                if let Some(empty) = elements.iter().find(|it| it.value.trim().is_empty()) {
                    self.error(empty.span, "VOLUME specified can not be an empty string".to_owned());
                }
            }
            Form::Shell => self.at_least_one(Keyword::Volume, self.it.arguments.is_empty()),
            Form::NotStrings => {}
        }
        self.flags(flags::NONE);
    }

    fn shell(&mut self) {
        self.flags(flags::NONE);
        match &self.it.form {
            Form::Exec(elements) => self.at_least_one(Keyword::Shell, elements.is_empty()),
            Form::Shell if self.it.arguments.is_empty() => self.at_least_one(Keyword::Shell, true),
            Form::Shell => {
                self.error(self.it.arguments.whole(), "SHELL requires the arguments to be in JSON form".to_owned());
            }
            Form::NotStrings => {}
        }
    }

    fn healthcheck(&mut self) {
        let text = self.it.arguments.as_str();
        let rest = text.get(words::after_first(text)..).unwrap_or_default();
        let kind = text.split(char::is_whitespace).next().unwrap_or_default();
        self.at_least_one(Keyword::Healthcheck, text.is_empty());
        if text.is_empty() {
            return;
        }
        if kind.eq_ignore_ascii_case("NONE") {
            if !rest.is_empty() {
                self.here("HEALTHCHECK NONE takes no arguments".to_owned());
            }
            return;
        }
        self.flags(flags::HEALTHCHECK);
        if !kind.eq_ignore_ascii_case("CMD") {
            let message = format!("unknown type \"{}\" in HEALTHCHECK", kind.to_uppercase());
            self.advise(self.it.arguments.span(0..kind.len()), message, "write `CMD` or `NONE`");
        } else if rest.is_empty() || self.it.exec().is_some_and(<[_]>::is_empty) {
            self.here("missing command after HEALTHCHECK CMD".to_owned());
        }
        for flag in &self.it.flags {
            let Some(value) = flag.value().filter(|it| !it.is_empty()) else { continue };
            let value = value.as_str();
            match flag.name() {
                "retries" if value.parse::<i32>().is_ok_and(|it| it >= 0) => {}
                "interval" | "timeout" | "start-period" | "start-interval" if is_duration(value) => {}
                name => self.error(flag.span, format!("invalid value for --{name}: {value}")),
            }
        }
    }

    fn onbuild(&mut self) {
        self.at_least_one(Keyword::Onbuild, self.it.arguments.is_empty());
        self.flags(flags::NONE);
        let trigger = self.it.trigger.as_deref();
        match trigger.and_then(|it| it.keyword) {
            None if trigger.is_none() && !self.it.arguments.is_empty() => {
                self.here("chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed".to_owned());
            }
            Some(it @ (Keyword::Maintainer | Keyword::From)) => {
                self.here(format!("{} isn't allowed as an ONBUILD trigger", it.name()));
            }
            Some(it @ (Keyword::Env | Keyword::Label)) => {
                let Some(trigger) = trigger.filter(|it| !it.arguments.is_empty()) else { return };
                Check { it: trigger, escape: self.escape, errors: self.errors }.pairs(it);
            }
            _ => {}
        }
    }

    fn flags(&mut self, allowed: Flags) {
        let it = self.it;
        flags::check(&it.flags, allowed, &mut |span, message| self.error(span, message));
    }

    /// The words that BuildKit expands when it comes to build the stage (`SupportsSingleWordExpansion`).
    fn expands(&mut self, keyword: Keyword) {
        let arguments = &self.it.arguments;
        let text = arguments.as_str();
        if !may_fail(text) {
            return;
        }
        match keyword {
            Keyword::Workdir | Keyword::User | Keyword::StopSignal => self.lexes(arguments),
            Keyword::Expose => self.lex_all(self.it.words()),
            Keyword::Env | Keyword::Label => {
                let assignments = self.it.assignments(self.escape);
                let old = assignments.first().is_some_and(|it| it.value.is_none());
                match text.find(BLANK).filter(|_| old) {
                    Some(end) => {
                        let rest = text.get(end..).unwrap_or_default().trim_start_matches(BLANK);
                        self.lex_all(vec![0..end, text.len() - rest.len()..text.len()]);
                    }
                    None => self.lex_all(assignments.into_iter().flat_map(|it| [Some(it.name), it.value]).flatten()),
                }
            }
            Keyword::Add | Keyword::Copy | Keyword::Volume => match &self.it.form {
                Form::Exec(elements) => {
                    for element in elements.iter().filter(|element| may_fail(&element.value)) {
                        let word = Written::new(element.span.source, &element.value, element.span.range().start);
                        if let Err(error) = expand(&word, self.escape, &Nothing) {
                            self.error(element.span, error.message);
                        }
                    }
                }
                Form::Shell => {
                    let is_heredoc = |word: &Range<usize>| {
                        let word = text.get(word.clone()).unwrap_or_default();
                        keyword != Keyword::Volume && matches!(heredoc::heredoc(word), Ok(Some(_)))
                    };
                    self.lex_all(self.it.words().into_iter().filter(|word| !is_heredoc(word)));
                }
                Form::NotStrings => {}
            },
            _ => {}
        }
    }

    fn lex_all(&mut self, words: impl IntoIterator<Item = Range<usize>>) {
        let text = self.it.arguments.as_str();
        for word in words {
            if text.get(word.clone()).is_some_and(may_fail) {
                self.lexes(&self.it.arguments.slice(word));
            }
        }
    }

    /// Reports a word that no value of any variable makes right.
    fn lexes(&mut self, word: &Written) {
        self.errors.extend(self.fails(word));
    }

    fn fails(&self, word: &Written) -> Option<SyntaxError> {
        let error = may_fail(word.as_str()).then(|| expand(word, self.escape, &Nothing).err()).flatten()?;
        Some(SyntaxError::new(error.span, error.message))
    }

    fn at_least_one(&mut self, keyword: Keyword, none: bool) {
        if none {
            self.here(format!("{} requires at least one argument", keyword.name()));
        }
    }

    fn here(&mut self, message: String) {
        self.error(self.it.span, message);
    }

    fn error(&mut self, span: Span, message: String) {
        self.errors.push(SyntaxError::new(span, message));
    }

    fn advise(&mut self, span: Span, message: String, help: &str) {
        self.errors.push(SyntaxError::new(span, message).help(help));
    }
}

/// Only quotes and variables can be broken.
fn may_fail(word: &str) -> bool {
    memchr::memchr3(b'$', b'"', b'\'', word.as_bytes()).is_some()
}

/// No variable has a value: what fails then always fails.
struct Nothing;

impl Environment for Nothing {
    fn value(&self, _: &str) -> Value<'_> {
        Value::Unset
    }

    fn spend(&self, _: usize) -> bool {
        true
    }
}

/// `^[a-z][a-z0-9-_.]*$`, once in lower case.
fn is_stage_name(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_alphabetic())
        && name.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.'))
}

/// One line of comma-separated values (`csvvalue.Fields`).
fn is_csv(text: &str) -> bool {
    let mut rest = text;
    loop {
        let Some(mut quoted) = rest.strip_prefix('"') else {
            let (field, next) = rest.split_once(',').map_or((rest, None), |(field, next)| (field, Some(next)));
            match next {
                _ if field.contains('"') => return false,
                Some(next) => rest = next,
                None => return true,
            }
            continue;
        };
        loop {
            let Some((_, after)) = quoted.split_once('"') else { return false };
            quoted = after;
            match quoted.strip_prefix('"') {
                Some(after) => quoted = after,
                None => break,
            }
        }
        match quoted.strip_prefix(',') {
            Some(next) => rest = next,
            None => return quoted.is_empty(),
        }
    }
}

/// BuildKit does not take a `$` at the very end for a variable.
fn is_variable(from: &str) -> bool {
    from.find('$').is_some_and(|at| at + 1 < from.len())
}
