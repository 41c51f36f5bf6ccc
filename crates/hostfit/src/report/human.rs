//! For people: the source lines, the exact bytes underlined, and what to do.

mod painter;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use hostfit_core::{
    config::ConfigError,
    finding::{Finding, Message, Related, Severity},
    judge, phrase,
    printable::line,
    rule,
    source::{Sources, Span, rendered::Renderer},
};

use self::painter::{Painter, Part};
use super::{Run, word};
use crate::terminal::{Style, wrapped};

/// The rule that reports images of unknown Windows versions.
pub(crate) const UNKNOWN: &str = "undeclared-image-os";

/// Of one rule and severity, so many findings are shown whole.
const MOST_OF_RULE: usize = 20;

/// Where there are more, so many.
const FIRST_OF_RULE: usize = 10;

/// More infos about images of unknown Windows versions than this are one line, since one table answers all of them.
const MOST_UNKNOWN: usize = 5;

/// Writes the findings.
pub(crate) fn write(run: &Run, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut painter = Painter::new(run.sources, style);
    let mut counts: BTreeMap<(Reverse<Severity>, &str), (usize, usize)> = BTreeMap::new();
    for finding in run.findings {
        counts.entry((Reverse(finding.severity), finding.rule)).or_default().0 += 1;
    }
    for finding in run.findings {
        let Some((all, shown)) = counts.get_mut(&(Reverse(finding.severity), finding.rule)) else { continue };
        if is_folded(finding.severity, finding.rule, *all) {
            continue;
        }
        if *all <= MOST_OF_RULE || *shown < FIRST_OF_RULE {
            *shown += 1;
            out.write_all(of_finding(&mut painter, finding, run.answers).as_bytes())?;
        }
    }
    for ((severity, rule), (all, shown)) in counts.into_iter().filter(|(_, (all, shown))| shown < all) {
        let is_folded = is_folded(severity.0, rule, all);
        let severity = word(severity.0);
        let text = if is_folded {
            let images: BTreeSet<_> =
                run.findings.iter().filter(|it| it.rule == rule).filter_map(|it| it.image.as_deref()).collect();
            let images = number(images.len(), "image");
            format!("the Windows version of {images} is unknown; `hostfit images --unknown` lists them")
        } else {
            let more = number(all - shown, "more finding");
            format!("{more}; `hostfit check --select {rule} --format concise` lists them")
        };
        writeln!(out, "{}\n", wrapped(&format!("{severity}[{rule}]: {text}"), style.width, "", "  "))?;
    }
    Ok(())
}

fn is_folded(severity: Severity, rule: &str, count: usize) -> bool {
    severity == Severity::Info && rule == UNKNOWN && count > MOST_UNKNOWN
}

/// All of these findings, whatever their number.
pub(crate) fn text(sources: &Sources, findings: &[Finding], answers: judge::Answers, style: Style) -> String {
    let mut painter = Painter::new(sources, style);
    findings.iter().map(|finding| of_finding(&mut painter, finding, answers)).collect()
}

fn of_finding(painter: &mut Painter, finding: &Finding, answers: judge::Answers) -> String {
    let message = answers.message(finding);
    let is_help = |title: &&str| message.help.as_deref() == Some(*title);
    let fixes = finding.fixes.iter().map(|fix| fix.title.as_str()).filter(|title| !is_help(title));
    let found_in = found_in(finding);
    painter.paint(&Part {
        severity: finding.severity,
        code: finding.rule,
        url: Some(rule::url(finding.rule)),
        headline: &message.headline,
        label: &message.label,
        span: finding.span,
        related: &finding.related,
        lines: message
            .lines()
            .chain(fixes.map(|title| ("fix", title)))
            .chain(found_in.iter().map(|it| ("in", it.as_str())))
            .collect(),
    })
}

/// So many overlays are named beside the first.
const MOST_OVERLAYS: usize = 2;

/// The chart and the values with which something holds, where that is not the chart as it is, or the overlay.
fn found_in(finding: &Finding) -> Option<String> {
    let first = finding.rendered.first().filter(|first| first.distinction().is_some())?;
    let names: Vec<_> = finding.rendered.iter().map(|rendering| rendering.words()).collect();
    Some(match names.len() - 1 {
        0 => first.words(),
        1..=MOST_OVERLAYS if first.by == Renderer::Kustomize => phrase::and(&names),
        more => format!("{} and {}", first.words(), number(more, "more rendering")),
    })
}

/// Writes a line for each finding, which Vim's quickfix and other readers of compilers' output understand.
pub(crate) fn write_concise(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for finding in run.findings {
        let place = run.place(finding.span);
        let (path, start, severity) = (line(place.path), place.start, word(finding.severity));
        let headline = line(&finding.message.headline);
        writeln!(out, "{path}:{}:{}: {severity}[{}] {headline}", start.line, start.column, finding.rule)?;
    }
    Ok(())
}

/// ``4 errors, 1 warning in 9 files; 3 can be fixed with `hostfit fix`; 2 files skipped, 1 in part``.
pub(crate) fn summary(run: &Run) -> String {
    let counts: Vec<_> = [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .map(|severity| (severity, run.count(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| number(count, word(severity)))
        .collect();
    let found = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    let skipped: BTreeSet<_> = run.skipped.iter().map(|it| &*it.path).collect();
    let checked = run.checked.iter().filter_map(|id| run.sources.get(*id)).map(|source| &*source.path);
    // Of charts documents are skipped, and the rest is checked.
    let part = checked.filter(|path| skipped.contains(path)).count();
    let skipped = match (skipped.len() - part, part) {
        (0, 0) => String::new(),
        (whole, 0) => format!("; {} skipped", number(whole, "file")),
        (0, part) => format!("; {} skipped in part", number(part, "file")),
        (whole, part) => format!("; {} skipped, {part} in part", number(whole, "file")),
    };
    format!("{found} in {}{}{skipped}", number(run.checked.len(), "file"), fixable(run.findings))
}

/// How many can be fixed, and how.
fn fixable(findings: &[Finding]) -> String {
    let is_safe = |finding: &&Finding| finding.fixes.iter().any(hostfit_core::finding::Fix::is_safe);
    let (safe, any) =
        (findings.iter().filter(is_safe).count(), findings.iter().filter(|finding| !finding.fixes.is_empty()).count());
    match (safe, any - safe) {
        (0, 0) => String::new(),
        (safe, 0) => format!("; {safe} can be fixed with `hostfit fix`"),
        (0, other) => format!("; {other} can be fixed with `hostfit fix --unsafe`"),
        (safe, other) => format!("; {safe} can be fixed with `hostfit fix`, {other} more with `--unsafe`"),
    }
}

/// `1 finding`, `2 findings`.
pub(crate) fn number(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The errors of a configuration file, each with its place.
pub(crate) fn config_errors(sources: &Sources, errors: &[ConfigError], style: Style) -> String {
    let mut painter = Painter::new(sources, style);
    let part = |error: &ConfigError| {
        painter.paint(&Part {
            severity: Severity::Error,
            code: "configuration",
            url: None,
            headline: &error.message,
            label: "",
            span: error.span,
            related: &[],
            lines: error.help.iter().map(|help| ("help", help.as_str())).collect(),
        })
    };
    errors.iter().map(part).collect()
}

/// An answer to an error that somebody else printed.
pub(crate) struct Answer<'a> {
    pub(crate) code: &'static str,
    pub(crate) url: Option<String>,
    /// Whether the files are known to be wrong.
    pub(crate) is_certain: bool,
    pub(crate) message: &'a Message,
    /// What to do, the most likely first.
    pub(crate) help: &'a [String],
    pub(crate) place: Option<&'a Related>,
    pub(crate) related: &'a [Related],
}

/// Renders answers.
pub(crate) struct Answers<'run>(Painter<'run>);

impl<'run> Answers<'run> {
    pub(crate) fn new(sources: &'run Sources, style: Style) -> Self {
        Self(Painter::new(sources, style))
    }

    pub(crate) fn paint(&mut self, answer: &Answer) -> String {
        self.0.paint(&Part {
            severity: if answer.is_certain { Severity::Error } else { Severity::Warning },
            code: answer.code,
            url: answer.url.clone(),
            headline: &answer.message.headline,
            label: "",
            span: answer.place.map_or(Span::NOWHERE, |it| it.span),
            related: answer.related,
            lines: answer.message.lines().chain(answer.help.iter().map(|help| ("help", help.as_str()))).collect(),
        })
    }
}
