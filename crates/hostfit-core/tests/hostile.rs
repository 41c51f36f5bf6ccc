//! Odd encodings, empty and broken files, and input that is made to hurt: nothing panics, the
//! finding says what is wrong, and the files beside it are judged all the same.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

mod common;

use std::fmt::Write as _;

use common::Run;
use hostfit_core::{
    front::{self, Content, Outcome, Unit, wanted},
    source::{MAX_BYTES, NotText, Source, SourceId},
};

#[test]
fn encodings_empty_and_broken_files_give_the_findings_written_down() {
    let files = common::files(&common::fixtures("hostile"));
    let expected = files.iter().find(|(path, _)| path == "expected.txt").map(|(_, bytes)| bytes.clone()).unwrap();
    let expected: Vec<_> = String::from_utf8(expected).unwrap().lines().map(str::to_owned).collect();
    let files: Vec<_> = files.into_iter().filter(|(path, _)| !path.starts_with('.')).chain(env_files()).collect();
    let run = common::run(files);
    let difference = common::difference(&expected, &run.lines());
    assert!(
        difference.is_empty(),
        "- expected and not found, + found and not expected\n\n{difference}\n{}",
        run.show()
    );
    assert_eq!(
        run.passed_over,
        ["binary/Dockerfile: Binary", "comments-only/pod.yaml: none of ours", "empty/pod.yaml: none of ours"]
    );
}

/// Git ignores many people's `.env`, so that this one is not stored.
fn env_files() -> Vec<(String, Vec<u8>)> {
    vec![("empty/.env".into(), Vec::new())]
}

const NEIGHBOUR: &str = "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:latest\n";

/// Checks `text` beside a file with one finding, and gives what was found in it; the neighbour's finding has to be there.
fn beside_a_neighbour(path: &str, text: String) -> Run {
    let mut run = common::run(vec![(path.into(), text.into_bytes()), ("zzz/compose.yaml".into(), NEIGHBOUR.into())]);
    let path = |run: &Run, at: usize| run.sources.get(run.findings[at].span.source).unwrap().path.clone();
    let last = run.findings.len().checked_sub(1).unwrap_or_else(|| panic!("nothing found"));
    assert_eq!(path(&run, last), "zzz/compose.yaml");
    run.findings.pop();
    run
}

/// The messages of `syntax-error`; there must be no others.
fn syntax_errors(run: &Run) -> Vec<String> {
    assert!(run.findings.iter().all(|it| it.rule == "syntax-error"), "{:?}", run.lines());
    run.findings.iter().map(|it| it.message.headline.clone()).collect()
}

#[test]
fn nesting_beyond_128_levels_is_one_error_that_says_so() {
    let deep = 10_000;
    let (mut mappings, mut sequences) =
        ("services:\n  web:\n".to_owned(), "services:\n  web:\n    x:\n      ".to_owned());
    for level in 0..deep {
        writeln!(mappings, "{}a:", " ".repeat(4 + level)).unwrap();
        if mappings.len() > MAX_BYTES / 2 {
            break;
        }
    }
    sequences.push_str(&"- ".repeat(deep));
    let open = format!("services: {}", "[".repeat(deep));
    let closed = format!("services:\n  web:\n    ports: {}{}\n", "[".repeat(deep), "]".repeat(deep));
    let flow_mappings = format!("services:\n  web:\n    x: {}1{}\n", "{a: ".repeat(deep), "}".repeat(deep));
    let json = format!("{{\"services\": {{\"web\": {}{}}}}}", "[".repeat(deep), "]".repeat(deep));
    let pod = format!("apiVersion: v1\nkind: Pod\nspec: {}{}\n", "[".repeat(deep), "]".repeat(deep));
    for (path, text) in [
        ("compose.yaml", open),
        ("compose.yaml", closed),
        ("compose.yaml", flow_mappings),
        ("compose.yaml", mappings),
        ("compose.yaml", sequences),
        ("compose.yaml", json),
        ("pod.yaml", pod),
    ] {
        let start: String = text.chars().take(60).collect();
        let messages = syntax_errors(&beside_a_neighbour(path, text));
        assert_eq!(messages.len(), 1, "{start}: {messages:?}");
        assert!(messages[0].contains("128 levels"), "{start}: {messages:?}");
    }
}

#[test]
fn aliases_that_expand_without_end_are_one_error_that_says_so() {
    let mut laughs = "x-a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(laughs, "x-a{level}: &a{level} [{aliases}]").unwrap();
    }
    let mut merges = "x-m0: &m0 {a: 1}\n".to_owned();
    for level in 1..60 {
        writeln!(merges, "x-m{level}: &m{level} {{<<: [*m{0}, *m{0}], k{level}: *m{0}}}", level - 1).unwrap();
    }
    for bomb in [laughs, merges] {
        let messages =
            syntax_errors(&beside_a_neighbour("compose.yaml", format!("{bomb}services:\n  web:\n    image: a:1\n")));
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].contains("1,000,000"), "{messages:?}");
    }
}

#[test]
fn a_file_over_8_mib_is_one_error_that_says_so() {
    let mut dockerfile = b"FROM mcr.microsoft.com/windows/servercore:ltsc2022\n".to_vec();
    let head = dockerfile.len();
    dockerfile.resize(100 * 1024 * 1024, b'#');
    let decoded = Source::decode(SourceId(0), "Dockerfile", dockerfile.clone());
    assert_eq!(decoded.err(), Some(NotText::TooLarge));

    // Its first bytes tell that it is ours.
    dockerfile.truncate(head);
    let source = Source::decode(SourceId(0), "Dockerfile", dockerfile).unwrap();
    let Outcome::Unit(unit) = front::read(&source) else { panic!("a Dockerfile") };
    let Unit { content, errors, .. } = wanted::too_large(&unit);
    assert!(!matches!(content, Content::Dockerfile(_)), "nothing of it is judged");
    assert_eq!(errors.len(), 1);
    assert!(errors[0].message.contains("8 MiB"), "{}", errors[0].message);
}

/// Nothing is asserted but that it ends, soon enough for a test run, without a panic.
#[test]
fn long_repetitive_input_ends() {
    const LENGTH: usize = 64 * 1024;
    let repeat = |unit: &str| unit.repeat(LENGTH / unit.len());
    let from = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n";
    let mut doubling = format!("ARG A0=xx\n{from}ARG A0\n");
    for level in 1..200 {
        writeln!(doubling, "ARG A{level}=${{A{0}}}${{A{0}}}", level - 1).unwrap();
    }
    let dockerfiles = [
        repeat(from),
        format!("{from}{}", repeat("RUN a \\\n")),
        format!("{from}{}", repeat("RUN <<A <<B\n")),
        format!("{from}{}", repeat("ARG A=${A:-${A:-")),
        format!("{from}LABEL a={}", repeat("\"'\\")),
        format!("{from}RUN {}", "[".repeat(LENGTH)),
        format!("{from}CMD {}", "[".repeat(60_000)),
        repeat("FROM a AS b\nCOPY --from=b x y\n"),
        doubling,
    ];
    for text in dockerfiles {
        common::run(vec![("Dockerfile".into(), text.into_bytes())]);
    }
    let service = "services:\n  web:\n    image: ";
    let yaml = [
        format!("services:\n{}", repeat("  - - -\n")),
        format!("services:\n{}", repeat("  \"\n")),
        format!("services:\n{}", repeat("  a: b: c\n")),
        format!("services:\n{}", repeat("  ? \n")),
        format!("services:\n{}", repeat("  !!a &b *c\n")),
        format!("services:\n{}", repeat("  a: \"b\"# c\n")),
        format!("services:\n{}", repeat("  a: \"b\n\tc\"\n")),
        format!("services:\n{}", repeat("  a: \"\\'\"\n")),
        format!("services:\n{}", repeat("  - [\n\t1,\n\t2]\n")),
        format!("services:\n{}", repeat("  a: b\n   \t\n")),
        format!("services: x\n{}", repeat("  \t\n")),
        format!("services:\n{}", repeat("  <<:\n  : a\n")),
        format!("services: {{a: [{}", repeat("b:, -, {c: d:}, ")),
        format!("services:\n{}", repeat("  \u{feff}a: \u{feff}b\u{85}")),
        format!("services:\n{}", repeat("  a: b\u{2028}---\u{2028}\u{feff}")),
        format!("{service}{}\n", repeat("${A:-")),
        format!("{service}{}\n", repeat("$")),
        format!("{service}{}\n", repeat("a/")),
        format!("{service}{}\n", repeat("a:")),
        format!("{service}x\n    depends_on: [{}]\n", repeat("web, ")),
        format!("services: {{{}}}\n", repeat("a: {image: b}, ")),
        repeat("---\napiVersion: v1\nkind: Pod\nspec: {containers: [{image: a}]}\n"),
        repeat("# hostfit: ignore[build-mismatch]\nservices: {}\n"),
        format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  tolerations: [{}]\n  containers: [{{image: a}}]\n",
            repeat("{operator: Exists}, ")
        ),
    ];
    for text in yaml {
        common::run(vec![("compose.yaml".into(), text.into_bytes())]);
    }
    for (path, text) in [
        ("docker-bake.hcl", repeat("target \"a\" { tags = [\"${\n")),
        ("docker-bake.hcl", "{".repeat(LENGTH)),
        ("daemon.json", "[".repeat(LENGTH)),
        (".env", repeat("A=${A}${A}\n")),
    ] {
        common::run(vec![(path.into(), text.into_bytes())]);
    }
}
