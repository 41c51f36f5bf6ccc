//! The rules' pages, with what the terminal shows for their examples.

use hostfit_core::{
    check::check,
    config::Config,
    finding::Finding,
    front::{self, Outcome},
    rule::Rule,
    rules::{
        self,
        examples::{Example, ExampleFile},
        pages,
    },
    source::{Source, SourceId, Sources},
    windows::Date,
};

use super::human;
use crate::terminal::Style;

/// Pages are the same whenever they are made.
const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

/// As wide as a page of GitHub shows code.
const STYLE: Style = Style { color: false, links: false, is_terminal: true, width: 110 };

/// Returns all files of `docs/rules`, by name.
pub fn rule_pages() -> Vec<(String, String)> {
    pages::all(&shown)
}

fn shown(rule: &Rule, example: &Example) -> String {
    let source = |(number, file): (u32, &ExampleFile)| Source::from_text(SourceId(number), &*file.path, &*file.text);
    let files: Vec<_> = (0..).zip(&example.files).map(source).collect();
    let units: Vec<_> = files
        .iter()
        .filter_map(|source| match front::read(source) {
            Outcome::Unit(unit) => Some(unit),
            _ => None,
        })
        .collect();
    let sources = Sources::new((0..).zip(example.files.iter().chain(&example.config)).map(source).collect());
    let config = example.config.as_ref().and_then(|_| sources.iter().last());
    // A test of the rules reads the same examples, and refuses errors.
    let config = config.and_then(|it| Config::parse(it, &rules::ids()).ok()).unwrap_or_default();
    let report = check(&sources, &units, &config, TODAY);
    let findings: Vec<Finding> = report.findings.iter().filter(|it| it.rule == rule.id).cloned().collect();
    human::text(&sources, &findings, report.answers(&config), STYLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps, for each rule, what the terminal shows for the case of its fixtures that has the most to show.
    #[test]
    fn the_screen_shows_fixtures_as_before() {
        for rule in rules::RULES {
            let path = format!("{}/../../fixtures/rules/{}.md", env!("CARGO_MANIFEST_DIR"), rule.id);
            let page = std::fs::read_to_string(path).expect("a page of fixtures");
            let cases = rules::examples::examples(&page);
            let shown =
                cases.iter().filter(|it| it.is_bad).map(|it| (it.title.trim_end_matches(" bad"), shown(rule, it)));
            let (title, text) = shown.max_by_key(|(_, text)| text.len()).expect("a case that fires");
            insta::with_settings!({ omit_expression => true, snapshot_path => "screen", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(rule.id, format!("## {title}\n\n{text}"));
            });
        }
    }
}
