//! The rules' pages as Markdown files, made of their doc comments.

use std::fmt::Write;

use super::{
    RULES,
    examples::{Example, examples, is_marks},
};
use crate::{finding::Severity, rule::Rule};

/// What the terminal shows for an example of a rule's page.
pub type Show<'s> = &'s dyn Fn(&Rule, &Example) -> String;

/// Returns all files of `docs/rules`, by name: a page for each rule, and the index.
pub fn all(show: Show) -> Vec<(String, String)> {
    let pages = RULES.iter().map(|rule| (format!("{}.md", rule.id), page(rule, show)));
    std::iter::once(("README.md".to_owned(), index())).chain(pages).collect()
}

const MADE: &str = "<!-- Made by `cargo xtask docs` out of crates/hostfit-core/src/rules. -->\n\n";

fn index() -> String {
    let mut index =
        format!("{MADE}# The rules of hostfit\n\n| rule | severity | what is wrong |\n| --- | --- | --- |\n");
    for rule in RULES {
        // Writing to a string cannot fail.
        let _ = writeln!(index, "| [`{0}`]({0}.md) | {1} | {2} |", rule.id, severity(rule), rule.summary);
    }
    index
}

fn page(rule: &Rule, show: Show) -> String {
    format!("{MADE}# `{}`\n\n{}: {}\n\n{}", rule.id, severity(rule), rule.summary, written(rule, Some(show)))
}

/// Returns what a page says below its title, with examples as people read them.
pub fn body(rule: &Rule) -> String {
    written(rule, None)
}

fn written(rule: &Rule, show: Option<Show>) -> String {
    let text = rule.page();
    let mut cases = show.map(|_| examples(&text)).unwrap_or_default().into_iter();
    let mut page = String::new();
    let mut fence: Option<Fence> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), &fence) {
            (Some(info), None) => {
                let opened = Fence::of(info);
                page += &opened.start();
                fence = Some(opened);
            }
            (Some(_), Some(closed)) => {
                page.push_str("```\n");
                let case = closed.ends_example().then(|| cases.next()).flatten();
                if let (Some(show), Some(case)) = (show, case.filter(|case| case.is_bad)) {
                    let shown = show(rule, &case);
                    let _ = write!(page, "\nhostfit prints:\n\n```text\n{}\n```\n", shown.trim_end());
                }
                fence = None;
            }
            (None, Some(_)) if is_marks(line) => {}
            (None, _) => {
                page.push_str(line);
                page.push('\n');
            }
        }
    }
    page
}

/// The start of a fence: `yaml bad web/compose.yaml`.
struct Fence<'p> {
    language: &'p str,
    kind: &'p str,
    name: Option<&'p str>,
}

impl<'p> Fence<'p> {
    fn of(info: &'p str) -> Self {
        let mut words = info.split_whitespace().filter(|word| !word.starts_with("also:"));
        Self { language: words.next().unwrap_or_default(), kind: words.next().unwrap_or_default(), name: words.next() }
    }

    fn ends_example(&self) -> bool {
        matches!(self.kind, "bad" | "good")
    }

    /// Its first line, and what it shows before that.
    fn start(&self) -> String {
        let name = self.name.map(|name| format!(" (`{name}`)")).unwrap_or_default();
        let says = match self.kind {
            "bad" => format!("Reported{name}:\n\n"),
            "good" => format!("Not reported{name}:\n\n"),
            "fleet" => "With this `hostfit.toml`:\n\n".to_owned(),
            "with" => format!("With another file{name}:\n\n"),
            _ => String::new(),
        };
        format!("{says}```{}\n", self.language)
    }
}

fn severity(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Info => "Info",
    }
}
