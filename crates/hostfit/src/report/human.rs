//! For people: the source lines, the exact bytes underlined, and what to do.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fmt::{self, Write as _},
    io::{self, Write},
};

use hostfit_core::{
    config::ConfigError,
    finding::{Finding, Related, Severity},
    printable::line,
    rule,
    source::{Sources, Span},
};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, SourceSpan, ThemeStyles};
use textwrap::{WordSeparator, WordSplitter};

use super::{Run, snippet::Snippet, word};
use crate::terminal::Style;

/// Of one rule in one file, so many findings are shown: more of them say nothing new, and what is hostile has one for each
/// word.
const MOST_OF_RULE: usize = 50;

/// Of the places that take part in a finding, so many are shown.
const MOST_PLACES: usize = 10;

/// Writes the findings.
pub(crate) fn write(run: &Run, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut painter = Painter::new(run.sources, style);
    for of_file in run.findings.chunk_by(|a, b| a.span.source == b.span.source) {
        let mut counts: BTreeMap<(&str, Reverse<Severity>), usize> = BTreeMap::new();
        for finding in of_file {
            let count = counts.entry((finding.rule, Reverse(finding.severity))).or_default();
            *count += 1;
            if *count <= MOST_OF_RULE {
                out.write_all(painter.finding(finding, &run.answers.message(finding)).as_bytes())?;
            }
        }
        let path = of_file.first().map_or("", |finding| run.path(finding.span.source));
        for ((rule, severity), count) in counts.into_iter().filter(|(_, count)| *count > MOST_OF_RULE) {
            let (severity, more) = (word(severity.0), count - MOST_OF_RULE);
            writeln!(out, "{severity}[{rule}]: {more} more in {}; `--format json` has them all\n", line(path))?;
        }
    }
    Ok(())
}

/// `12 files checked: 3 errors, 1 warning, 2 infos; 2 skipped`.
pub(crate) fn summary(run: &Run) -> String {
    let counts: Vec<_> = [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .map(|severity| (severity, run.count(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| number(count, word(severity)))
        .collect();
    let found = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    let skipped = match run.skipped.len() {
        0 => String::new(),
        skipped => format!("; {skipped} skipped"),
    };
    format!("{} checked: {found}{skipped}", number(run.checked.len(), "file"))
}

/// `1 finding`, `2 findings`.
pub(crate) fn number(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The errors of a configuration file, each with its place.
pub(crate) fn config_errors(sources: &Sources, errors: &[ConfigError], style: Style) -> String {
    let mut painter = Painter::new(sources, style);
    let mut text = String::new();
    for error in errors {
        text += &painter.paint(&Part {
            code: Some("error[configuration]".to_owned()),
            url: None,
            severity: Severity::Error,
            message: &error.message,
            help: error.help.as_deref().map(|help| line(help).into_owned()),
            span: error.span,
            labels: Vec::new(),
        });
    }
    text
}

/// An answer to an error that somebody else printed.
pub(crate) struct Told<'a> {
    pub(crate) code: String,
    pub(crate) url: Option<String>,
    /// Whether the files are known to be wrong.
    pub(crate) is_certain: bool,
    pub(crate) message: &'a str,
    pub(crate) help: String,
    pub(crate) place: Option<&'a Related>,
    pub(crate) related: &'a [Related],
}

/// Renders answers.
pub(crate) struct Answers<'run>(Painter<'run>);

impl<'run> Answers<'run> {
    pub(crate) fn new(sources: &'run Sources, style: Style) -> Self {
        Self(Painter::new(sources, style))
    }

    pub(crate) fn paint(&mut self, told: &Told) -> String {
        let span = told.place.map_or(Span::NOWHERE, |it| it.span);
        let mut text = self.0.paint(&Part {
            code: Some(told.code.clone()),
            url: told.url.clone(),
            severity: if told.is_certain { Severity::Error } else { Severity::Warning },
            message: told.message,
            help: Some(told.help.clone()).filter(|it| !it.is_empty()),
            span,
            labels: Vec::new(),
        });
        for related in told.related {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text += &self.0.also(related);
        }
        text
    }
}

/// Renders parts of reports; keeps one [`Snippet`] for each file.
struct Painter<'run> {
    sources: &'run Sources,
    handler: GraphicalReportHandler,
    snippets: BTreeMap<u32, Snippet<'run>>,
}

/// One message with one place, and others near it.
struct Part<'a> {
    code: Option<String>,
    url: Option<String>,
    severity: Severity,
    message: &'a str,
    help: Option<String>,
    span: Span,
    labels: Vec<&'a Related>,
}

/// Other places of the same file are shown in one picture if no more bytes than this lie between them.
const NEAR: u32 = 1000;

impl<'run> Painter<'run> {
    fn new(sources: &'run Sources, style: Style) -> Self {
        let mut theme = GraphicalTheme::unicode_nocolor();
        if style.color {
            theme.styles = ThemeStyles::ansi();
        }
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_context_lines(1)
            // A date or an image reference is never split at its hyphens.
            .with_break_words(false)
            .with_word_separator(WordSeparator::AsciiSpace)
            .with_word_splitter(WordSplitter::NoHyphenation)
            .with_links(style.links)
            .with_link_display_text("(docs)");
        let handler = if style.links { handler } else { handler.with_urls(false) };
        Self { sources, handler, snippets: BTreeMap::new() }
    }

    fn finding(&mut self, finding: &Finding, message: &str) -> String {
        let near = |related: &&Related| {
            related.span.source == finding.span.source
                && related.span.start.abs_diff(finding.span.start) < NEAR
                && finding.span.len().max(related.span.len()) < NEAR as usize
        };
        let (mut labels, elsewhere): (Vec<_>, Vec<_>) = finding.related.iter().partition(near);
        labels.truncate(MOST_PLACES);
        let mut text = self.paint(&Part {
            code: Some(format!("{}[{}]", word(finding.severity), finding.rule)),
            url: Some(rule::url(finding.rule)),
            severity: finding.severity,
            message,
            help: help(finding),
            span: finding.span,
            labels,
        });
        for related in elsewhere.iter().take(MOST_PLACES) {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text += &self.also(related);
        }
        if let more @ 1.. = elsewhere.len().saturating_sub(MOST_PLACES) {
            text.truncate(text.trim_end().len());
            let _ = writeln!(text, "\n  and {more} more places\n");
        }
        text
    }

    /// Another place that takes part.
    fn also(&mut self, related: &Related) -> String {
        self.paint(&Part {
            code: None,
            url: None,
            severity: Severity::Info,
            message: &related.message,
            help: None,
            span: related.span,
            labels: Vec::new(),
        })
    }

    fn paint(&mut self, part: &Part) -> String {
        let sources = self.sources;
        let snippet = match self.snippets.entry(part.span.source.0) {
            std::collections::btree_map::Entry::Occupied(entry) => Some(&*entry.into_mut()),
            std::collections::btree_map::Entry::Vacant(entry) => {
                sources.get(part.span.source).map(|source| &*entry.insert(Snippet::new(source)))
            }
        };
        let picture = Picture { part, snippet, message: line(part.message).into_owned() };
        let mut text = String::new();
        if self.handler.render_report(&mut text, &picture).is_err() {
            let _ = writeln!(text, "{}", picture.message);
        }
        text.push('\n');
        text
    }
}

fn help(finding: &Finding) -> Option<String> {
    let titles: Vec<_> = finding.fixes.iter().map(|fix| line(&fix.title)).collect();
    (!titles.is_empty()).then(|| titles.join("\n"))
}

/// A [`Part`] as miette wants it.
struct Picture<'a> {
    part: &'a Part<'a>,
    snippet: Option<&'a Snippet<'a>>,
    message: String,
}

impl Diagnostic for Picture<'_> {
    fn code<'s>(&'s self) -> Option<Box<dyn fmt::Display + 's>> {
        self.part.code.as_ref().map(|code| Box::new(code) as _)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.part.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn help<'s>(&'s self) -> Option<Box<dyn fmt::Display + 's>> {
        self.part.help.as_ref().map(|help| Box::new(help) as _)
    }

    fn url<'s>(&'s self) -> Option<Box<dyn fmt::Display + 's>> {
        self.part.url.as_ref().map(|url| Box::new(url) as _)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.snippet.map(|snippet| snippet as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let snippet = self.snippet?;
        let place = |span| {
            let span = snippet.shown(span);
            SourceSpan::new((span.start as usize).into(), span.len())
        };
        let main = LabeledSpan::new_primary_with_span(None, place(self.part.span));
        let others = self.part.labels.iter().map(move |related| {
            LabeledSpan::new_with_span(Some(line(&related.message).into_owned()), place(related.span))
        });
        Some(Box::new(std::iter::once(main).chain(others)))
    }
}

impl fmt::Display for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Picture<'_> {}
