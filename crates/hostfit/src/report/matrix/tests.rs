use hostfit_core::source::{Source, SourceId, Sources, Span};

use super::{Shown, excerpt::Excerpt};

#[test]
fn the_page_has_a_mark_and_a_colour_for_all_that_a_cell_shows() {
    let (script, style) = (include_str!("script.js"), include_str!("style.css"));
    let (_, marks) = script.split_once("const MARKS = {").expect("marks");
    let (marks, _) = marks.split_once('}').expect("an end");
    for id in Shown::ALL.map(Shown::id) {
        assert!(marks.contains(&format!(" {id}: ")), "{id} has no mark");
        let has_colour = style.lines().any(|line| {
            line.split_once(" { --tone")
                .is_some_and(|(classes, _)| classes.split(", ").any(|class| class.strip_prefix('.') == Some(id)))
        });
        assert!(has_colour, "{id} has no colour");
    }
}

/// What the page gets for the bytes of `marked` in a file.
fn shown(text: &str, marked: &str) -> serde_json::Value {
    let start = text.find(marked).expect("part of it");
    let sources = Sources::new(vec![Source::from_text(SourceId(0), "a.yaml", text)]);
    let excerpt = Excerpt::of(Span::new(SourceId(0), start..start + marked.len()), &sources);
    serde_json::to_value(excerpt.expect("an excerpt")).expect("JSON")
}

#[test]
fn an_excerpt_is_the_marked_bytes_and_a_line_on_either_side() {
    let cases = [
        ("a\nb: c # d\ne\nf", "c", r#"{"line": 2, "first": 1, "lines": ["a", ["b: ", "c", " # d"], "e"]}"#),
        ("a\r\nb: c\r\ne\r\n", "c", r#"{"line": 2, "first": 1, "lines": ["a", ["b: ", "c", ""], "e"]}"#),
        ("\u{feff}b: c\n", "c", r#"{"line": 1, "first": 1, "lines": [["b: ", "c", ""]]}"#),
        ("\u{feff}a\nb: c", "c", r#"{"line": 2, "first": 1, "lines": ["a", ["b: ", "c", ""]]}"#),
        (
            "x\n\nb:\n  c\n\ny\n",
            "b:\n  c",
            r#"{"line": 3, "first": 2, "lines": ["", ["", "b:", ""], ["", "  c", ""], ""]}"#,
        ),
        ("a: \u{1b}[31m\u{202e}b\n", "b", r#"{"line": 1, "first": 1, "lines": [["a: ?[31m???", "b", ""]]}"#),
    ];
    for (text, marked, expected) in cases {
        let mut expected: serde_json::Value = serde_json::from_str(expected).expect("JSON");
        expected["path"] = "a.yaml".into();
        assert_eq!(shown(text, marked), expected, "{text:?}");
    }
}

#[test]
fn an_excerpt_of_long_lines_is_short() {
    let long = "é".repeat(100_000);
    for text in [format!("{long}b{long}\n"), format!("b{}", "\n".repeat(100_000)), format!("{long}\nb\n{long}")] {
        assert!(shown(&text, "b").to_string().len() < 2000);
    }
    let whole = format!("{long}\n{long}\n{long}\n{long}\n{long}\n{long}\n");
    assert!(shown(&whole, &whole).to_string().len() < 2000);
}
