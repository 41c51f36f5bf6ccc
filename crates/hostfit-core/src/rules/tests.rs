//! Runs every example of every rule's page, and every case of `fixtures/rules`.
//! Cases of `fixtures/rules/ID.md` look at their rule only.

#![allow(clippy::disallowed_methods, reason = "the pages of fixtures are files")]

mod targets;

use std::{fmt::Write, path::PathBuf};

use super::{
    RULES,
    examples::{Example, ExampleFile, examples},
};
use crate::{
    check::check,
    config::Config,
    finding::{Finding, Fix, Severity},
    fix::{self, Fixed, Which},
    front::{self, Outcome, Unit},
    rule::Rule,
    source::{Source, SourceId, Sources},
    windows::Date,
};

const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

/// A file of a case, its carets taken out.
#[test]
fn every_example_of_every_page_is_true() {
    let mut wrong = String::new();
    for rule in RULES {
        let cases = examples(rule.docs);
        for case in &cases {
            let (sources, findings) = run(case);
            // Old hosts are what many examples are about.
            let is_expected = |it: &&Finding| {
                it.rule == rule.id || it.rule == "unsupported-host" || case.also.iter().any(|id| id == it.rule)
            };
            let unexpected = findings.iter().filter(|it| !is_expected(it));
            for finding in unexpected {
                writeln!(
                    wrong,
                    "{}, {}: {} speaks too\n{}",
                    rule.id,
                    case.title,
                    finding.rule,
                    show(&sources, finding)
                )
                .unwrap();
            }
            expect(rule, case, &sources, &findings, &mut wrong);
        }
        let (bad, good) = (cases.iter().filter(|it| it.is_bad).count(), cases.iter().filter(|it| !it.is_bad).count());
        if bad == 0 || good == 0 {
            writeln!(wrong, "{}: wants a bad and a good example", rule.id).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_fixture_fires_or_is_silent() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/rules");
    let mut wrong = String::new();
    for rule in RULES {
        let page = std::fs::read_to_string(folder.join(format!("{}.md", rule.id))).unwrap_or_default();
        let cases = examples(&page);
        let mut shown = String::new();
        for case in &cases {
            let (sources, findings, config) = run_with_config(case);
            expect(rule, case, &sources, &findings, &mut wrong);
            writeln!(shown, "## {}\n", case.title).unwrap();
            for finding in findings.iter().filter(|it| it.rule == rule.id) {
                shown.push_str(&show_with_hosts(&sources, finding, &config.host_names(finding)));
            }
        }
        let (bad, good) = (cases.iter().filter(|it| it.is_bad).count(), cases.iter().filter(|it| !it.is_bad).count());
        if bad < 3 || good < 3 {
            writeln!(wrong, "{}: {bad} cases fire and {good} are silent; it wants three of each", rule.id).unwrap();
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(rule.id, shown);
        });
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_page_that_states_a_fact_names_its_source() {
    // These speak of the files themselves.
    const NO_FACTS: [&str; 3] = ["undeclared-image-os", "syntax-error", "unused-ignore"];
    for rule in RULES.iter().filter(|rule| !NO_FACTS.contains(&rule.id)) {
        let sources = rule.docs.split_once("## Sources").map(|(_, sources)| sources);
        assert!(sources.is_some_and(|it| it.contains("<https://")), "{}", rule.id);
    }
}

#[test]
fn a_rule_is_named_like_its_file() {
    let list = include_str!("mod.rs");
    for rule in RULES {
        assert!(list.contains(&format!("    &{}::RULE,\n", rule.id.replace('-', "_"))), "{}", rule.id);
    }
}

/// Every example and every case of `fixtures/rules`, fixed: nothing that had a fix is still found, no file is worse than
/// before, and fixing again changes nothing. What line ends and encoding the file has, makes no difference.
#[test]
fn fixes_change_what_they_say_and_nothing_else() {
    let mut wrong = String::new();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/rules");
    for rule in RULES {
        let page = std::fs::read_to_string(folder.join(format!("{}.md", rule.id))).unwrap_or_default();
        for case in examples(rule.docs).iter().chain(&examples(&page)) {
            let (sources, before) = run(case);
            let fixed = fix_all(case, utf8);
            let name = format!("{}, {}", rule.id, case.title);
            for left in fixed.report.findings.iter().filter(|it| !it.fixes.is_empty()) {
                writeln!(wrong, "{name}: still found\n{}", show(&fixed.sources, left)).unwrap();
            }
            for (path, severity) in worse(&sources, &before, &fixed) {
                writeln!(wrong, "{name}: {path} has more findings of {severity:?}").unwrap();
                fixed.report.findings.iter().for_each(|it| wrong.push_str(&show(&fixed.sources, it)));
            }
            if fixed.changed.is_empty() {
                continue;
            }
            let again = fix_again(case, &fixed);
            if !again.changed.is_empty() {
                writeln!(wrong, "{name}: fixing again changes more").unwrap();
            }
            let plain = texts(&fixed);
            for encode in [windows_lines, with_mark, utf16] {
                let other: Vec<_> =
                    texts(&fix_all(case, encode)).iter().map(|text| text.replace("\r\n", "\n")).collect();
                if other != plain {
                    writeln!(wrong, "{name}: depends on encoding or line ends\n{other:#?}\n{plain:#?}").unwrap();
                }
            }
            let crlf = fix_all(case, windows_lines);
            if texts(&crlf).iter().any(|text| text.replace("\r\n", "").contains('\n')) {
                writeln!(wrong, "{name}: mixes line ends").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What `missing-build-selector` adds names every build that runs the image, so that `overpinned-build` asks for no more.
#[test]
fn a_pin_that_a_fix_adds_is_not_overpinned() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/rules/missing-build-selector.md");
    for case in &examples(&std::fs::read_to_string(page).unwrap()) {
        let (_, before) = run(case);
        // What is left of a list that names builds was chosen.
        if before.iter().flat_map(|it| &it.fixes).all(|fix| fix.title.starts_with("remove")) {
            continue;
        }
        let fixed = fix_all(case, utf8);
        let over: Vec<_> = fixed.report.findings.iter().filter(|it| it.rule == "overpinned-build").collect();
        assert!(over.is_empty(), "{}: {over:#?}", case.title);
    }
}

/// The files of which more is wrong than before. A mended fault may uncover one that it hid: a name that can be pulled
/// now may still be that of an image which does not run; but one is no more than one.
fn worse(sources: &Sources, before: &[Finding], fixed: &Fixed) -> Vec<(String, Severity)> {
    let count = |sources: &Sources, findings: &[Finding], path: &str, least: Severity| {
        findings.iter().filter(|it| it.severity >= least && self::path(sources, it) == path).count()
    };
    let mut found = Vec::new();
    for source in fixed.sources.iter() {
        for least in [Severity::Warning, Severity::Error] {
            let now = count(&fixed.sources, &fixed.report.findings, &source.path, least);
            if now > count(sources, before, &source.path, least) {
                found.push((source.path.clone(), least));
            }
        }
    }
    found
}

fn utf8(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn windows_lines(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

fn with_mark(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").into_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn fix_all(case: &Example, encode: fn(&str) -> Vec<u8>) -> Fixed {
    let (sources, units, config) = read(case, encode);
    let original = |source: &Source| Some(encode(&case.files[source.id.0 as usize].text));
    fix::until_stable(
        sources,
        units,
        &config,
        TODAY,
        Which::All,
        |_, _, _| {},
        original,
        |sources, units| (sources, units),
    )
}

fn fix_again(case: &Example, fixed: &Fixed) -> Fixed {
    let files: Vec<_> = case
        .files
        .iter()
        .zip(texts(fixed))
        .map(|(file, text)| ExampleFile { path: file.path.clone(), text, marks: Vec::new() })
        .collect();
    let case =
        Example { title: case.title.clone(), is_bad: false, also: Vec::new(), files, config: case.config.clone() };
    fix_all(&case, utf8)
}

/// The texts of all files but the configuration, without byte order marks.
fn texts(fixed: &Fixed) -> Vec<String> {
    let files = fixed.sources.iter().filter(|source| source.path != "hostfit.toml");
    files.map(|source| source.text.trim_start_matches('\u{feff}').to_owned()).collect()
}

fn expect(rule: &Rule, case: &Example, sources: &Sources, findings: &[Finding], wrong: &mut String) {
    let own = findings.iter().filter(|it| it.rule == rule.id);
    let mut reported: Vec<_> =
        own.clone().map(|it| (path(sources, it), it.span.start as usize, it.span.end as usize)).collect();
    let marks = case
        .files
        .iter()
        .chain(&case.config)
        .flat_map(|file| file.marks.iter().map(|mark| (file.path.clone(), mark.0, mark.1)));
    let mut marked: Vec<_> = marks.collect();
    reported.sort();
    // Two workloads that fail on different hosts may share what they lack.
    reported.dedup();
    marked.sort();
    if reported != marked || case.is_bad == marked.is_empty() {
        let shown: String = own.map(|it| show(sources, it)).collect();
        writeln!(wrong, "{}, {}: marked {marked:?}, reported {reported:?}\n{shown}", rule.id, case.title).unwrap();
    }
}

fn run(case: &Example) -> (Sources, Vec<Finding>) {
    let (sources, findings, _) = run_with_config(case);
    (sources, findings)
}

/// The same, with the configuration that was judged by.
fn run_with_config(case: &Example) -> (Sources, Vec<Finding>, Config) {
    let (sources, units, config) = read(case, |text| text.as_bytes().to_vec());
    let report = check(&sources, &units, &config, TODAY);
    let config = report.config(&config).clone();
    (sources, report.findings, config)
}

/// The files of a case, as `encode` writes them.
fn read(case: &Example, encode: impl Fn(&str) -> Vec<u8>) -> (Sources, Vec<Unit>, Config) {
    let mut sources = Vec::new();
    for file in &case.files {
        let id = SourceId(u32::try_from(sources.len()).unwrap());
        sources.push(Source::decode(id, &*file.path, encode(&file.text)).unwrap());
    }
    let id = SourceId(u32::try_from(sources.len()).unwrap());
    let config =
        Source::from_text(id, "hostfit.toml", case.config.as_ref().map(|fleet| fleet.text.clone()).unwrap_or_default());
    let parsed = Config::parse(&config, &super::ids()).unwrap_or_else(|errors| panic!("{}: {errors:?}", case.title));
    sources.push(config);
    let units: Vec<_> = sources[..sources.len() - 1]
        .iter()
        .map(|source| match front::read(source) {
            Outcome::Unit(unit) => unit,
            other => panic!("{}: {} is {other:?}\n{}", case.title, source.path, *source.text),
        })
        .collect();
    (Sources::new(sources), units, parsed)
}

fn path(sources: &Sources, finding: &Finding) -> String {
    sources.get(finding.span.source).map(|it| it.path.clone()).unwrap_or_default()
}

/// The finding with its source line and what is underlined in it.
fn show(sources: &Sources, finding: &Finding) -> String {
    show_with_hosts(sources, finding, &[])
}

fn show_with_hosts(sources: &Sources, finding: &Finding, hosts: &[&str]) -> String {
    let source = sources.get(finding.span.source).unwrap();
    let at = source.position(finding.span.start);
    let line = source.line_span(finding.span.start);
    let text = source.slice(line);
    let before = source.text.get(line.start as usize..finding.span.start as usize).unwrap_or_default().chars().count();
    let marked = source.slice(finding.span).lines().next().unwrap_or_default().chars().count();
    let mut shown = format!(
        "{}:{}:{} {:?}[{}]: {}\n    {text}\n    {}{}\n",
        source.path,
        at.line,
        at.column,
        finding.severity,
        finding.rule,
        finding.message.headline,
        " ".repeat(before),
        format!("{} {}", "^".repeat(marked.max(1)), finding.message.label).trim_end(),
    );
    for (word, line) in finding.message.lines() {
        writeln!(shown, "    {word}: {line}").unwrap();
    }
    if !hosts.is_empty() {
        writeln!(shown, "    hosts: {}", hosts.join(", ")).unwrap();
    }
    for related in &finding.related {
        let other = sources.get(related.span.source).unwrap();
        let at = other.position(related.span.start);
        writeln!(
            shown,
            "    {}:{}:{} `{}`: {}",
            other.path,
            at.line,
            at.column,
            other.slice(related.span),
            related.message
        )
        .unwrap();
    }
    for fix in &finding.fixes {
        show_fix(sources, fix, &mut shown);
    }
    shown.push('\n');
    shown
}

/// What a fix is called, and the lines that it changes, as they are after it.
fn show_fix(sources: &Sources, fix: &Fix, shown: &mut String) {
    let certainty = if fix.is_safe() { "fix" } else { "unsafe fix" };
    writeln!(shown, "    {certainty}: {}", fix.title).unwrap();
    let mut files: Vec<_> = fix.edits.iter().map(|edit| edit.span.source).collect();
    files.dedup();
    for id in files {
        let source = sources.get(id).unwrap();
        let edits: Vec<_> = fix.edits.iter().filter(|edit| edit.span.source == id).collect();
        let mut sorted = edits.clone();
        sorted.sort_by_key(|edit| edit.span.start);
        let new = String::from_utf8(fix::edited(source, source.text.as_bytes(), &sorted).unwrap()).unwrap();
        let mut by_hand = source.text.clone();
        for edit in sorted.iter().rev() {
            by_hand.replace_range(edit.span.range(), &edit.text);
        }
        assert_eq!(new, by_hand);
        let (old, new): (Vec<_>, Vec<_>) = (source.text.lines().collect(), new.lines().collect());
        let before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let rest = old.len().min(new.len()) - before;
        let after = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        for line in &new[before..new.len() - after] {
            writeln!(shown, "    + {line}").unwrap();
        }
        if new.len() == before + after {
            old[before..old.len() - after].iter().for_each(|line| writeln!(shown, "    - {line}").unwrap());
        }
    }
}
