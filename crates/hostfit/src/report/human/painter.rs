//! One finding as rustc would show it: the headline, the lines with their labels, notes and help.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use hostfit_core::{
    finding::{Related, Severity},
    printable::line,
    source::{Sources, Span},
};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan, ThemeStyles};

use crate::{
    report::{snippet::Snippet, word},
    terminal::{Style, wrapped},
};

/// Renders parts of reports; keeps one [`Snippet`] for each file.
pub(super) struct Painter<'run> {
    sources: &'run Sources,
    style: Style,
    handler: GraphicalReportHandler,
    snippets: BTreeMap<u32, Snippet<'run>>,
}

/// One message with its places.
pub(super) struct Part<'a> {
    pub(super) severity: Severity,
    /// What stands in brackets behind the severity.
    pub(super) code: &'a str,
    pub(super) url: Option<String>,
    pub(super) headline: &'a str,
    pub(super) label: &'a str,
    pub(super) span: Span,
    pub(super) related: &'a [Related],
    /// What stands below, each with the word before it.
    pub(super) lines: Vec<(&'static str, &'a str)>,
}

/// Other places of the same file are shown in one picture if no more bytes than this lie between them.
const NEAR: u32 = 1000;

/// Of the places that take part in a finding, so many are shown.
const MOST_PLACES: usize = 10;

/// Miette wraps what is not in the frame, which is not left to it.
const UNWRAPPED: usize = 10_000;

impl<'run> Painter<'run> {
    pub(super) fn new(sources: &'run Sources, style: Style) -> Self {
        let mut theme = GraphicalTheme::unicode_nocolor();
        if style.color {
            theme.styles = ThemeStyles::ansi();
        }
        let handler = GraphicalReportHandler::new_themed(theme).with_width(UNWRAPPED).with_context_lines(1);
        Self { sources, style, handler: handler.with_urls(false), snippets: BTreeMap::new() }
    }

    /// Returns the lines of a message, and an empty one.
    pub(super) fn paint(&mut self, part: &Part) -> String {
        let mut text = self.head(part);
        let mut frames = Frames::default();
        let near = |related: &&Related| {
            related.span.source == part.span.source
                && related.span.start.abs_diff(part.span.start) < NEAR
                && part.span.len().max(related.span.len()) < NEAR as usize
        };
        let (mut labels, elsewhere): (Vec<_>, Vec<_>) = part.related.iter().partition(near);
        labels.truncate(MOST_PLACES);
        let labels: Vec<_> = labels.iter().map(|it| (it.span, it.message.as_str())).collect();
        frames.add(&self.snippet((part.span, part.label), &labels));
        for related in elsewhere.iter().take(MOST_PLACES) {
            frames.add(&self.snippet((related.span, &related.message), &[]));
        }
        text += &frames.text();
        for (word, line) in &part.lines {
            self.line(word, line, &mut text);
        }
        for nowhere in elsewhere.iter().take(MOST_PLACES).filter(|it| self.sources.get(it.span.source).is_none()) {
            self.line("note", &nowhere.message, &mut text);
        }
        if let more @ 1.. = elsewhere.len().saturating_sub(MOST_PLACES) {
            self.line("note", &format!("and {more} more places"), &mut text);
        }
        if let (Some(url), false) = (&part.url, self.style.is_terminal) {
            text.extend(["  docs: ", url, "\n"]);
        }
        text.push('\n');
        text
    }

    /// `error[missing-build-selector]: nothing keeps this pod off …`.
    fn head(&self, part: &Part) -> String {
        let severity = word(part.severity);
        let code = line(part.code);
        let headline = line(part.headline);
        let plain = format!("{severity}[{code}]: {headline}");
        let text = wrapped(&plain, self.style.width, "", "  ");
        if !self.style.color {
            return text + "\n";
        }
        let bold = anstyle::Style::new().bold();
        let colored = bold.fg_color(Some(color(part.severity).into()));
        let head = format!("{severity}[{code}]");
        // A code without blanks is never broken.
        let rest = text.strip_prefix(&head).unwrap_or(&text);
        let head = match &part.url {
            Some(url) if self.style.links => format!("{severity}[\u{1b}]8;;{url}\u{1b}\\{code}\u{1b}]8;;\u{1b}\\]"),
            _ => head,
        };
        format!("{colored}{head}{colored:#}{bold}{rest}{bold:#}\n")
    }

    fn line(&self, word: &str, content: &str, text: &mut String) {
        let plain = wrapped(&line(content), self.style.width, &format!("  {word}: "), "        ");
        let bold = anstyle::Style::new().bold();
        match plain.strip_prefix("  ").and_then(|rest| rest.strip_prefix(word)) {
            // Writing to a string cannot fail.
            Some(rest) if self.style.color => _ = writeln!(text, "  {bold}{word}{bold:#}{rest}"),
            _ => text.extend([&*plain, "\n"]),
        }
    }

    /// The lines around a place, in frames.
    fn snippet(&mut self, main: (Span, &str), others: &[(Span, &str)]) -> String {
        let sources = self.sources;
        let snippet = match self.snippets.entry(main.0.source.0) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => match sources.get(main.0.source) {
                Some(source) => entry.insert(Snippet::new(source)),
                None => return String::new(),
            },
        };
        let mut text = String::new();
        // Writing to a string cannot fail, and what miette does not find is shown without its lines.
        let _ = self.handler.render_report(&mut text, &Picture { main, others, snippet });
        text
    }
}

fn color(severity: Severity) -> anstyle::AnsiColor {
    match severity {
        Severity::Error => anstyle::AnsiColor::Red,
        Severity::Warning => anstyle::AnsiColor::Yellow,
        Severity::Info => anstyle::AnsiColor::Cyan,
    }
}

/// The frames of one message, which miette draws apart from each other, with gutters of their own widths.
#[derive(Default)]
struct Frames(Vec<Vec<String>>);

const START: char = '╭';
const NEXT: char = '├';
const END: char = '╰';

impl Frames {
    /// Takes what stands in frames of what miette wrote.
    fn add(&mut self, text: &str) {
        let mut is_open = false;
        for line in text.lines() {
            // Miette indents all lines by one.
            let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
            let begins_with = |char| line.trim_start().starts_with(char);
            if begins_with(START) {
                self.0.push(Vec::new());
                is_open = true;
            }
            self.0.last_mut().filter(|_| is_open).into_iter().for_each(|frame| frame.push(line.to_owned()));
            is_open &= !begins_with(END);
        }
    }

    /// One frame with all lines.
    fn text(&self) -> String {
        let gutter = |frame: &Vec<String>| frame.first().and_then(|line| line.find(START)).unwrap_or(0);
        let widest = self.0.iter().map(gutter).max().unwrap_or(0);
        let mut text = String::new();
        for (number, frame) in self.0.iter().enumerate() {
            let indent = " ".repeat(widest - gutter(frame));
            let is_last = number + 1 == self.0.len();
            for (row, line) in frame.iter().enumerate() {
                let is_end = row + 1 == frame.len() && line.trim_start().starts_with(END);
                if is_end && !is_last {
                    continue;
                }
                text += &indent;
                match line.split_once(START).filter(|_| row == 0 && number > 0) {
                    Some((before, after)) => text.extend([before, NEXT.encode_utf8(&mut [0; 4]), after]),
                    None => text += line,
                }
                text.push('\n');
            }
        }
        text
    }
}

/// Places as miette wants them. What it says beside its frames is not used.
struct Picture<'a, 'run> {
    main: (Span, &'a str),
    others: &'a [(Span, &'a str)],
    snippet: &'a Snippet<'run>,
}

impl Diagnostic for Picture<'_, '_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.snippet)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = |(span, words): (Span, &str)| {
            let span = self.snippet.shown(span);
            let place = SourceSpan::new((span.start as usize).into(), span.len());
            let words = Some(line(words).into_owned()).filter(|words| !words.is_empty());
            (words, place)
        };
        let (words, place) = label(self.main);
        let main = LabeledSpan::new_primary_with_span(words, place);
        let others = self.others.iter().map(move |other| {
            let (words, place) = label(*other);
            LabeledSpan::new_with_span(words, place)
        });
        Some(Box::new(std::iter::once(main).chain(others)))
    }
}

impl fmt::Display for Picture<'_, '_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl fmt::Debug for Picture<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Picture<'_, '_> {}
