//! What templates print, compared with the answers of Helm.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

mod common;

use common::Files;

fn unescaped(field: &str) -> String {
    let mut value = String::new();
    let mut chars = field.chars();
    while let Some(next) = chars.next() {
        value.push(match next {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                other => other.expect("escaped"),
            },
            other => other,
        });
    }
    value
}

#[test]
fn templates_print_what_helm_prints() {
    let mut wrong = Vec::new();
    for row in include_str!("data/helm.tsv").lines().filter(|row| !row.starts_with("# ")) {
        let mut cells = row.split('\t').map(unescaped);
        let (template, verdict, answer) = (cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap());
        let files = [
            ("values.yaml", include_str!("data/values.yaml")),
            ("config/a.txt", "one\ntwo\n"),
            ("config/b.txt", "b"),
            ("templates/a.txt", &template),
        ];
        let (rendering, _) = Files::chart(&files).render();
        let is_known = rendering.holes.is_empty() && rendering.problems.is_empty();
        let printed = if is_known { format!("={}", common::output(&rendering)) } else { "-".to_owned() };
        let is_right = match &*verdict {
            "unknown" => !is_known,
            "accepted" => is_known && answer == "-",
            _ => printed == answer,
        };
        if !is_right {
            let why: Vec<_> = rendering.holes.iter().map(|hole| &hole.reason).collect();
            wrong.push(format!("{template}\n    {printed:?}\n not {answer:?} {why:?} {:?}", rendering.problems));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
