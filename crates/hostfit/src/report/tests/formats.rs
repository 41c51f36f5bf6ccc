//! Each format on files and messages that try to break it: one snapshot each, and what readers that are not ours make of it.

use hostfit_core::{
    finding::{Applicability, Edit, Fix, Related},
    fleet::HostId,
    suppress::{By, Suppressed},
};
use roxmltree::{Document, Node};

use super::*;

const HOSTILE_NAME: &str = "a b/c,d:e;f]%25\n\"'<&>é.yaml";
const HOSTILE_TEXT: &str =
    "`web:1`\u{1b}[31m 100%0A, a:b;c] \"'<&>\r\n::error::x ##vso[task.x]y ]]>\t[a](b) {0} \u{0}\u{9b}\u{fffe}é";

fn utf16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn hostile_sources() -> Sources {
    sources(vec![
        (HOSTILE_NAME, "# é😀\r\nimage: web:1\r\nname: x\r\n".as_bytes().to_vec()),
        ("-x/Dockerfile", "\u{feff}# é\nFROM \"é😀\" AS x # hostfit: ignore\n".as_bytes().to_vec()),
        ("../u16.yaml", utf16("# é😀\r\nimage: é😀x\r\n")),
    ])
}

/// Three findings, of which one has everything that a finding can have.
fn hostile_findings(sources: &Sources) -> Vec<Finding> {
    let mut error = finding(at(sources, 0, "web:1"));
    error.message = Message::new(HOSTILE_TEXT).note(HOSTILE_TEXT).help(HOSTILE_TEXT);
    error.related = vec![
        Related { span: at(sources, 1, "\"é😀\""), message: "built [here] by `x`".to_owned() },
        Related { span: at(sources, 2, "é😀x"), message: "used\nthere".to_owned() },
        Related { span: Span::NOWHERE, message: "given on the command line".to_owned() },
    ];
    let edit = |span, text: &str| Edit { span, text: text.to_owned() };
    let two = vec![edit(at(sources, 0, "image"), "img"), edit(at(sources, 0, "web:1"), "\"web:2\"")];
    let elsewhere = vec![edit(at(sources, 0, "web:1"), ""), edit(at(sources, 2, "é😀x"), "y")];
    error.fixes = vec![
        Fix { title: "rename it".to_owned(), applicability: Applicability::Safe, edits: two },
        Fix { title: "take `y`".to_owned(), applicability: Applicability::Unsafe, edits: elsewhere },
    ];
    error.workload(part(0, Some(0))).image("web:1").hosts([HostId(0), HostId(1)]);
    let mut warning = finding(at(sources, 1, "\"é😀\""));
    warning.severity = Severity::Warning;
    let mut info = finding(at(sources, 2, "é😀x\r\n"));
    info.severity = Severity::Info;
    info.workload(part(2, Some(0)));
    vec![error, warning, info]
}

fn suppressed(sources: &Sources) -> Vec<Suppressed> {
    let by = |reason: &str| By::Comment { span: at(sources, 1, "# hostfit: ignore"), reason: reason.to_owned() };
    let finding = finding(at(sources, 1, "FROM"));
    vec![Suppressed { finding: finding.clone(), by: by("our <mirror>") }, Suppressed { finding, by: By::Baseline }]
}

/// What a format makes of it all.
fn hostile(format: ReportFormat) -> String {
    let sources = hostile_sources();
    let (findings, suppressed) = (hostile_findings(&sources), suppressed(&sources));
    let skipped = |path: &str, reason: &'static str, advice: &str| Skipped {
        path: path.to_owned(),
        reason: reason.into(),
        line: None,
        advice: advice.to_owned(),
    };
    let skipped = [
        skipped("chart/a \"b\".yaml", "helm-template", "render it first"),
        skipped("locked.yaml", "unreadable", "Permission denied"),
    ];
    let repository = Repository {
        folder: "services/a b".to_owned(),
        uri: Some("https://github.com/contoso/shop".to_owned()),
        revision: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        branch: Some("main".to_owned()),
    };
    let checked = [SourceId(0), SourceId(1), SourceId(2)];
    let run = Run {
        suppressed: &suppressed,
        has_baseline: true,
        checked: &checked,
        skipped: &skipped,
        repository: Some(&repository),
        category: "hostfit/services/a b/",
        ..run(&sources, &findings)
    };
    written(format, &run)
}

fn written(format: ReportFormat, run: &Run) -> String {
    let mut out = Vec::new();
    write(format, run, Style::FILE, &mut out).expect("written");
    String::from_utf8(out).expect("UTF-8")
}

fn parsed(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn github() {
    insta::assert_snapshot!(hostile(ReportFormat::Github));
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(hostile(ReportFormat::Gitlab));
}

#[test]
fn azure() {
    insta::assert_snapshot!(hostile(ReportFormat::Azure));
}

#[test]
fn junit() {
    insta::assert_snapshot!(hostile(ReportFormat::Junit));
}

#[test]
fn checkstyle() {
    insta::assert_snapshot!(hostile(ReportFormat::Checkstyle));
}

#[test]
fn rdjson() {
    insta::assert_snapshot!(hostile(ReportFormat::Rdjson));
}

#[test]
fn sarif() {
    let mut log = parsed(&hostile(ReportFormat::Sarif));
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules");
    assert_eq!(rules.len(), hostfit_core::rules::RULES.len());
    // One that has all properties stands for all.
    rules.retain(|rule| rule["id"] == "retired-tag");
    insta::assert_snapshot!(serde_json::to_string_pretty(&log).expect("JSON"));
}

/// What no log obeys, and XML can hold.
fn expected(text: &str) -> String {
    hostfit_core::printable::line(text).into_owned()
}

fn elements<'a>(document: &'a Document, name: &'static str) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_tag_name(name)).collect()
}

#[test]
fn a_reader_of_xml_finds_every_file_line_and_message_in_checkstyle() {
    let text = hostile(ReportFormat::Checkstyle);
    let document = Document::parse(&text).expect("XML");
    let errors = elements(&document, "error");
    let found: Vec<_> = errors
        .iter()
        .map(|error| {
            let file = error.parent_element().and_then(|file| file.attribute("name")).expect("a file");
            let of = |name| error.attribute(name).expect("there");
            (file, of("line"), of("column"), of("severity"), of("message"))
        })
        .collect();
    let (name, message) = (expected(HOSTILE_NAME), expected(HOSTILE_TEXT));
    let plain = "it does not run on host win";
    assert_eq!(
        found,
        [
            (name.as_str(), "2", "8", "error", format!("{message}\nnote: {message}\nhelp: {message}").as_str()),
            ("-x/Dockerfile", "2", "6", "warning", plain),
            ("../u16.yaml", "2", "8", "info", plain),
        ]
    );
}

#[test]
fn a_reader_of_xml_finds_every_file_line_and_message_in_junit() {
    let text = hostile(ReportFormat::Junit);
    let document = Document::parse(&text).expect("XML");
    let case = |node: &Node| {
        let failure = node.children().find(|it| it.has_tag_name("failure"));
        let message = failure.and_then(|it| it.attribute("message")).map(ToOwned::to_owned);
        (node.attribute("file").expect("a file").to_owned(), node.attribute("line").map(ToOwned::to_owned), message)
    };
    let found: Vec<_> = elements(&document, "testcase").iter().map(case).collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        found,
        [
            ("-x/Dockerfile".to_owned(), some("2"), some("it does not run on host win")),
            ("../u16.yaml".to_owned(), some("2"), None),
            (expected(HOSTILE_NAME), some("2"), Some(expected(HOSTILE_TEXT))),
            ("chart/a \"b\".yaml".to_owned(), None, None),
            ("locked.yaml".to_owned(), None, None),
        ]
    );
    let info = elements(&document, "system-out").first().and_then(Node::text).expect("an info").to_owned();
    assert!(info.contains("it does not run on host win"), "{info}");
    let suites = elements(&document, "testsuites");
    let of = |name| suites[0].attribute(name).expect("there");
    assert_eq!((of("tests"), of("failures"), of("skipped")), ("5", "2", "2"));
}

#[test]
fn junit_fails_as_the_run_does() {
    let sources = hostile_sources();
    let findings = hostile_findings(&sources);
    for (fail_on, failures) in
        [(None, 0), (Some(Severity::Error), 1), (Some(Severity::Warning), 2), (Some(Severity::Info), 3)]
    {
        let run = Run { fail_on, ..run(&sources, &findings) };
        let text = written(ReportFormat::Junit, &run);
        assert_eq!(elements(&Document::parse(&text).expect("XML"), "failure").len(), failures);
    }
}

#[test]
fn clean_runs_are_said_to_be_clean() {
    let sources = hostile_sources();
    let run = run(&sources, &[]);
    for format in [ReportFormat::Github, ReportFormat::Azure] {
        assert_eq!(written(format, &run), "");
    }
    assert_eq!(parsed(&written(ReportFormat::Gitlab, &run)), serde_json::json!([]));
    assert_eq!(parsed(&written(ReportFormat::Rdjson, &run))["diagnostics"], serde_json::json!([]));
    let text = written(ReportFormat::Junit, &run);
    let document = Document::parse(&text).expect("XML");
    assert_eq!((elements(&document, "testcase").len(), elements(&document, "failure").len()), (1, 0));
    let log = parsed(&written(ReportFormat::Sarif, &run));
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(log["runs"][0]["invocations"][0]["exitCode"], 0);
}

#[test]
fn regions_are_those_of_the_users_file() {
    let text = "# é😀\r\nFROM é😀x:1 \r\n";
    for bytes in [text.as_bytes().to_vec(), format!("\u{feff}{text}").into_bytes(), utf16(text)] {
        let sources = sources(vec![("Dockerfile", bytes.clone())]);
        let log = parsed(&written(ReportFormat::Sarif, &run(&sources, &[finding(at(&sources, 0, "é😀x:1"))])));
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        let of =
            |region: &str, key: &str| usize::try_from(place[region][key].as_u64().expect("a number")).expect("small");
        for region in ["region", "contextRegion"] {
            let snippet = place[region]["snippet"]["text"].as_str().expect("text");
            // What a reader would cut out of the file, by each of the three ways.
            let cut: Vec<char> = text.chars().skip(of(region, "charOffset")).take(of(region, "charLength")).collect();
            assert_eq!(cut.iter().collect::<String>(), snippet);
            let from = of(region, "byteOffset");
            let cut = &bytes[from..from + of(region, "byteLength")];
            let decoded = if bytes.starts_with(&[0xff, 0xfe]) {
                let units: Vec<_> = cut.chunks(2).map(|it| u16::from_le_bytes([it[0], it[1]])).collect();
                String::from_utf16(&units).expect("UTF-16")
            } else {
                String::from_utf8(cut.to_vec()).expect("UTF-8")
            };
            assert_eq!(decoded, snippet);
        }
        let line: Vec<char> = text.lines().nth(of("region", "startLine") - 1).expect("a line").chars().collect();
        let columns = of("region", "startColumn") - 1..of("region", "endColumn") - 1;
        assert_eq!(line[columns].iter().collect::<String>(), "é😀x:1");
    }
}

#[test]
fn places_at_the_edges_are_written_without_a_panic() {
    let long = format!("{{\"a\": \"{}\", \"image\": \"x:1\"}}", "é".repeat(10_000));
    let files: [&[u8]; 7] =
        [b"", b"\n", b"x:1", b"\r\n\r\nx:1", "\u{feff}".as_bytes(), "\u{feff}x:1\n".as_bytes(), long.as_bytes()];
    for bytes in files {
        let sources = sources(vec![("f", bytes.to_vec())]);
        let length = sources.get(SourceId(0)).expect("there").text.len();
        let places = [0..0, 0..length, length..length, length.saturating_sub(5)..length, 0..3, 5..90_000];
        let mut findings: Vec<_> = places.map(|range| finding(Span::new(SourceId(0), range))).into();
        findings.push(finding(Span::NOWHERE));
        let run = run(&sources, &findings);
        for format in [ReportFormat::Github, ReportFormat::Azure] {
            assert_eq!(written(format, &run).lines().count(), findings.len());
        }
        for format in [ReportFormat::Junit, ReportFormat::Checkstyle] {
            assert!(Document::parse(&written(format, &run)).is_ok());
        }
        assert_eq!(parsed(&written(ReportFormat::Gitlab, &run)).as_array().map(Vec::len), Some(findings.len()));
        assert!(parsed(&written(ReportFormat::Rdjson, &run)).is_object());
        let text = written(ReportFormat::Sarif, &run);
        assert!(parsed(&text).is_object() && text.len() < 250_000, "{}", text.len());
    }
}

#[test]
fn sarif_is_valid() {
    let schema = parsed(include_str!("../../../tests/schemas/sarif-2.1.0.json"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let log = parsed(&hostile(ReportFormat::Sarif));
    let errors: Vec<_> =
        validator.iter_errors(&log).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
