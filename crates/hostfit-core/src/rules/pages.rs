//! The rules' pages as Markdown files, made of their doc comments.

use std::fmt::Write;

use super::RULES;
use crate::{finding::Severity, rule::Rule};

/// All files of `docs/rules`, by name: a page for each rule, and the index.
pub fn all() -> Vec<(String, String)> {
    let pages = RULES.iter().map(|rule| (format!("{}.md", rule.id), page(rule)));
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

fn page(rule: &Rule) -> String {
    format!("{MADE}# `{}`\n\n{}: {}\n\n{}", rule.id, severity(rule), rule.summary, body(rule))
}

/// What a page says below its title, with examples as people read them.
pub fn body(rule: &Rule) -> String {
    let mut page = String::new();
    let mut in_fence = false;
    for line in rule.page().lines() {
        if let Some(info) = line.strip_prefix("```").filter(|_| !in_fence) {
            in_fence = true;
            page.push_str(&fence(info));
        } else {
            in_fence &= line != "```";
            page.push_str(line);
            page.push('\n');
        }
    }
    page
}

/// The start of a fence, with what its example shows before it: `yaml bad web/compose.yaml`.
fn fence(info: &str) -> String {
    let mut words = info.split_whitespace().filter(|word| !word.starts_with("also:"));
    let language = words.next().unwrap_or_default();
    let kind = words.next().unwrap_or_default();
    let name = words.next().map(|name| format!(" (`{name}`)")).unwrap_or_default();
    let says = match kind {
        "bad" => format!("Reported{name}, where the carets are:\n\n"),
        "good" => format!("Not reported{name}:\n\n"),
        "fleet" => "With this `hostfit.toml`:\n\n".to_owned(),
        "with" => format!("With another file{name}:\n\n"),
        _ => String::new(),
    };
    format!("{says}```{language}\n")
}

fn severity(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Error => "Error",
        Severity::Warning => "Warning",
        Severity::Info => "Info",
    }
}
