//! What the tool says of itself: every rule, so that alerts close where a run finds nothing any more.

use std::borrow::Cow;

use hostfit_core::{finding::Severity, rule::Rule, rules::pages};

use super::{
    level,
    model::{Configuration, Descriptor, RuleProperties, Text},
};

/// The kinds of notifications, by their places here.
pub(super) const NOTIFICATIONS: [(&str, &str, &str); 3] = [
    ("skipped-file", "SkippedFile", "A file was passed over, and why."),
    ("unreadable-file", "UnreadableFile", "A file could not be read."),
    ("results-cut", "ResultsCut", "There are more findings than a reader takes."),
];
pub(super) const SKIPPED: usize = 0;
pub(super) const UNREADABLE: usize = 1;
pub(super) const CUT: usize = 2;

pub(super) fn text(text: &'static str) -> Text<'static> {
    Text { text: Cow::Borrowed(text), markdown: None }
}

pub(super) fn notifications() -> Vec<Descriptor> {
    let descriptor = |&(id, name, about): &(&'static str, &str, &'static str)| Descriptor {
        id,
        name: name.to_owned(),
        short_description: text(about),
        full_description: text(about),
        help: text("The notification's message says which, and why."),
        help_uri: None,
        default_configuration: Configuration { level: if id == "skipped-file" { "note" } else { "warning" } },
        properties: None,
    };
    NOTIFICATIONS.iter().map(descriptor).collect()
}

pub(super) fn descriptor(rule: &Rule) -> Descriptor {
    let page = pages::body(rule);
    let first = page.split("\n\n").find(|it| !it.starts_with('#')).unwrap_or_default().replace('\n', " ");
    Descriptor {
        id: rule.id,
        name: name(rule),
        short_description: Text { text: Cow::Owned(sentence(rule.summary)), markdown: None },
        full_description: Text { text: Cow::Owned(first.clone()), markdown: Some(first) },
        help: Text { text: Cow::Owned(page.clone()), markdown: Some(page) },
        help_uri: Some(rule.url()),
        default_configuration: Configuration { level: level(rule.severity) },
        properties: Some(RuleProperties {
            tags: ["windows-containers", rule.check.subject()]
                .into_iter()
                .chain(rule.security_severity.map(|_| "security"))
                .collect(),
            // A rule says nothing where it doubts.
            precision: "high",
            problem_severity: match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
            security_severity: rule.security_severity,
        }),
    }
}

/// `BuildMismatch`, and `UnschedulablePlacement` where one word would be the id again: readers want both to differ.
fn name(rule: &Rule) -> String {
    let name = pascal_case(rule.id);
    if rule.id.contains('-') { name } else { name + &pascal_case(rule.check.subject()) }
}

fn pascal_case(id: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    id.split('-').map(capital).collect()
}

/// A summary as a sentence: its first letter large, unless it begins with code.
fn sentence(summary: &str) -> String {
    let mut chars = summary.chars();
    let first = chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default();
    if first.ends_with('.') { first } else { first + "." }
}
