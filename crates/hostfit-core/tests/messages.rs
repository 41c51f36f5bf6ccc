//! Every finding of every fixture has the four parts in their form: a headline that stands alone, notes, and help.
//!
//! Names are what stands in backticks: they count for nothing in a headline's length, since hosts, images and keys are as
//! long as their owners made them. A headline has at most 100 characters beside them, no full stop and no advice.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[allow(dead_code, reason = "other tests show more")]
mod common;
#[allow(dead_code, reason = "other tests look at more")]
#[path = "common/trees.rs"]
mod trees;

use std::collections::{BTreeMap, BTreeSet};

use hostfit_core::finding::{Finding, Message};

/// The longest headline beside the names in it.
const MAX_CHARS: usize = 100;

/// What advice begins with.
const IMPERATIVES: &[&str] = &[
    "add", "allow", "build", "call", "change", "check", "choose", "compare", "complete", "correct", "create",
    "declare", "delete", "double", "drop", "enable", "escape", "fix", "give", "import", "indent", "install", "keep",
    "leave", "let", "lower", "make", "merge", "move", "name", "pin", "place", "publish", "pull", "put", "quote",
    "raise", "remove", "rename", "replace", "restrict", "run", "save", "say", "see", "select", "separate", "set",
    "specify", "split", "start", "state", "taint", "tolerate", "turn", "update", "upgrade", "use", "write",
];

/// The text without names: what stands in backticks, and in quotes where a builder's own words are repeated.
fn beside_names(text: &str) -> String {
    let plain: String = text.split('`').step_by(2).collect();
    match (plain.find('"'), plain.rfind('"')) {
        (Some(first), Some(last)) => plain[..first].to_owned() + &plain[last + 1..],
        _ => plain,
    }
}

/// Whether a text begins with an imperative. Instructions of Dockerfiles, such as `ADD`, are not words.
fn is_advice(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', ':']);
    first.chars().any(char::is_lowercase) && IMPERATIVES.contains(&&*first.to_lowercase())
}

/// What is wrong with the form of a message. `is_upstream` says that its headline repeats what a builder or a parser says,
/// which can be all that there is to say.
fn faults(message: &Message, is_upstream: bool) -> Vec<&'static str> {
    let headline = &message.headline;
    let plain = beside_names(headline);
    let help = message.help.as_deref().unwrap_or_default();
    let is_one_line = |text: &str| !text.contains('\n') && !text.ends_with('.');
    let checks = [
        (headline.is_empty() || headline.contains('\n'), "the headline is not one line"),
        (plain.chars().count() > MAX_CHARS, "the headline has more than 100 characters beside names"),
        (headline.ends_with('.'), "the headline ends with a full stop"),
        (plain.split([';', ':', '.', ',']).any(is_advice), "there is advice in the headline"),
        (plain.contains(';'), "the headline is a chain of sentences"),
        (message.notes.len() > 2, "there are more than two notes"),
        (!message.notes.iter().all(|note| is_one_line(note)), "a note is not one sentence without a full stop"),
        (message.notes.iter().any(|note| is_advice(note)), "a note gives advice"),
        (message.notes.contains(headline) || help == headline, "a fact stands in two parts"),
        (!is_upstream && message.notes.is_empty() && help.is_empty(), "there is neither a note nor help"),
        (!is_one_line(help), "the help is not one line without a full stop"),
        (!help.is_empty() && !is_advice(help), "the help is not in the imperative"),
    ];
    checks.into_iter().filter(|(is_wrong, _)| *is_wrong).map(|(_, what)| what).collect()
}

#[test]
fn findings_of_all_fixtures_have_their_form() {
    let (mut wrong, mut rules) = (BTreeMap::new(), BTreeSet::new());
    for (name, files) in trees::fixtures() {
        for Finding { rule, message, .. } in common::run(files).findings {
            rules.insert(rule);
            for what in faults(&message, rule == "syntax-error") {
                wrong.entry((what, rule, message.headline.clone())).or_insert_with(|| format!("{name}\n{message}"));
            }
        }
    }
    let shown: Vec<_> = wrong.iter().map(|((what, rule, _), text)| format!("{what}: {rule} in {text}")).collect();
    assert!(wrong.is_empty(), "{}", shown.join("\n\n"));
    let missing: Vec<_> = hostfit_core::rules::ids().into_iter().filter(|id| !rules.contains(id)).collect();
    assert!(missing.is_empty(), "no fixture has a finding of {missing:?}");
}

#[test]
fn what_is_not_in_form_is_found() {
    let good = Message::new(format!("`{}` has no `latest` tag", "a".repeat(200)))
        .note("the pull fails with `manifest unknown`")
        .help("write `a:1`");
    assert_eq!(faults(&good, false), [""; 0]);
    assert_eq!(faults(&Message::new("failed to process \"${X;}\": unsupported modifier"), true), [""; 0]);
    let planted = [
        (Message { headline: "`a` has no tag.".to_owned(), ..good.clone() }, "the headline ends with a full stop"),
        (Message { headline: "use `a:1`".to_owned(), ..good.clone() }, "there is advice in the headline"),
        (Message { headline: "Add a tag to `a`".to_owned(), ..good.clone() }, "there is advice in the headline"),
        (Message { headline: "`a` has no tag, add one".to_owned(), ..good.clone() }, "there is advice in the headline"),
        (
            Message { headline: format!("`a` {}", "b".repeat(100)), ..good.clone() },
            "the headline has more than 100 characters beside names",
        ),
        (Message { notes: vec!["add a tag".to_owned()], ..good.clone() }, "a note gives advice"),
        (
            Message { notes: vec!["it fails.".to_owned()], ..good.clone() },
            "a note is not one sentence without a full stop",
        ),
        (Message { help: Some("a tag is needed".to_owned()), ..good.clone() }, "the help is not in the imperative"),
        (
            Message { help: Some("write `a:1`.".to_owned()), ..good.clone() },
            "the help is not one line without a full stop",
        ),
        (Message { notes: Vec::new(), help: None, ..good.clone() }, "there is neither a note nor help"),
        (good.clone().note("one").note("two"), "there are more than two notes"),
    ];
    for (message, fault) in planted {
        assert_eq!(faults(&message, false), [fault], "{message}");
    }
    let chain = Message { headline: "`a` has no tag; use `a:1`".to_owned(), ..good };
    assert_eq!(faults(&chain, false), ["there is advice in the headline", "the headline is a chain of sentences"]);
}
