use std::sync::LazyLock;

use hostfit_core::{
    check::{self, Report},
    config::Config,
    finding::{Edit, Finding, Fix, Related, Severity},
    front::{self, Outcome},
    model::{WorkloadId, WorkloadPart},
    rules,
    source::{Source, SourceId, Sources, Span},
    windows::Date,
};

use super::*;
use crate::terminal::Style;

mod formats;

pub(super) fn finding(span: Span) -> Finding {
    let identity = Some(Box::default());
    Finding { identity, ..Finding::new("some-fault", Severity::Error, span, "it does not run on host win") }
}

pub(super) fn sources(files: Vec<(&str, Vec<u8>)>) -> Sources {
    let source = |(id, (path, bytes)): (usize, (&str, Vec<u8>))| {
        Source::decode(SourceId(u32::try_from(id).expect("few")), path, bytes).expect("text")
    };
    Sources::new(files.into_iter().enumerate().map(source).collect())
}

/// The span of `needle` in the file with this number.
pub(super) fn at(sources: &Sources, id: u32, needle: &str) -> Span {
    let source = sources.get(SourceId(id)).expect("there");
    let start = source.text.find(needle).expect("in it");
    Span::new(SourceId(id), start..start + needle.len())
}

/// What the parts and the hosts of findings are of: `Deployment/web` with one container, the service `web`, two hosts.
fn checked() -> (Config, Report) {
    let texts = [
        (
            "hostfit.toml",
            "[[host]]\nname = \"win 1\"\nos = \"ltsc2022\"\n[[host]]\nname = \"win2\"\nos = \"ltsc2022\"\n",
        ),
        (
            "web.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  template:\n    spec:\n      containers:\n      \
             - { name: web, image: a }\n",
        ),
        (
            "job.yaml",
            "apiVersion: batch/v1\nkind: Job\nmetadata: { name: nightly }\nspec:\n  template:\n    spec:\n      containers:\n      - { image: a }\n",
        ),
        ("compose.yaml", "services:\n  web:\n    image: a\n"),
    ];
    let sources: Vec<_> =
        (0..).zip(texts).map(|(id, (path, text))| Source::from_text(SourceId(id), path, text)).collect();
    let config = Config::parse(&sources[0], &rules::ids()).expect("a configuration");
    let units = sources[1..].iter().filter_map(|source| match front::read(source) {
        Outcome::Unit(unit) => Some(unit),
        _ => None,
    });
    let units: Vec<_> = units.collect();
    let today = Date { year: 2026, month: 11, day: 21 };
    let report = check::check(&Sources::new(sources), &units, &config, today);
    (config, report)
}

/// One of the workloads, or its container.
pub(super) fn part(workload: u32, container: Option<u32>) -> WorkloadPart {
    WorkloadPart { workload: WorkloadId(workload), container }
}

pub(super) fn run<'a>(sources: &'a Sources, findings: &'a [Finding]) -> Run<'a> {
    static CHECKED: LazyLock<(Config, Report)> = LazyLock::new(checked);
    let (config, report) = &*CHECKED;
    Run {
        findings,
        suppressed: &[],
        has_baseline: false,
        sources,
        checked: &[SourceId(0)],
        skipped: &[],
        fail_on: Some(Severity::Warning),
        answers: report.answers(config),
        repository: None,
        category: "hostfit/",
        part: None,
        jobs: None,
    }
}

fn human(sources: &Sources, findings: &[Finding]) -> String {
    let mut out = Vec::new();
    let run = run(sources, findings);
    human::write(&run, Style { color: false, links: false, is_terminal: true, width: 100 }, &mut out).expect("written");
    String::from_utf8(out).expect("text")
}

fn json(sources: &Sources, findings: &[Finding]) -> serde_json::Value {
    let mut out = Vec::new();
    let run = run(sources, findings);
    json::write(&run, &mut out).expect("written");
    assert_eq!(out.last(), Some(&b'\n'));
    serde_json::from_slice(&out).expect("JSON")
}

#[test]
fn a_finding_shows_its_line_its_bytes_and_what_to_do() {
    let sources = sources(vec![
        ("deploy/web.yaml", b"kind: Pod\nspec:\n  image: web:1\n  nodeSelector: {}\n".to_vec()),
        ("web/Dockerfile", "\u{feff}# né\r\nFROM servercore:ltsc2019\r\n".as_bytes().to_vec()),
    ]);
    let mut finding = finding(at(&sources, 0, "web:1"));
    finding.related = vec![
        Related { span: at(&sources, 0, "nodeSelector"), message: "allows every build".to_owned() },
        Related { span: at(&sources, 1, "servercore:ltsc2019"), message: "built from here".to_owned() },
    ];
    let edits = vec![Edit { span: at(&sources, 1, "ltsc2019"), text: "ltsc2022".to_owned() }];
    let mut doubted = Fix { edits: edits.clone(), ..Fix::new("take the newest") };
    doubted.doubt("another one may be meant");
    finding.fixes = vec![Fix { edits, ..Fix::new("take ltsc2022") }, doubted];
    insta::assert_snapshot!(human(&sources, &[finding]));
}

#[test]
fn offsets_and_columns_are_those_of_the_users_file() {
    let text = "# é😀\r\nFROM x:1\r\n";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let with_bom = format!("\u{feff}{text}").into_bytes();
    for (bytes, offset) in [(text.as_bytes().to_vec(), 15), (with_bom, 18), (utf16, 26)] {
        let sources = sources(vec![("Dockerfile", bytes)]);
        let findings = [finding(at(&sources, 0, "x:1"))];
        let range = &json(&sources, &findings)["findings"][0]["range"];
        assert_eq!(range["start"]["offset"], offset);
        assert_eq!((&range["start"]["line"], &range["start"]["column"]), (&2.into(), &6.into()));
        assert_eq!((&range["end"]["line"], &range["end"]["column"]), (&2.into(), &9.into()));
        let text = human(&sources, &findings);
        assert!(text.contains("[Dockerfile:2:6]"), "{text}");
        assert!(text.contains("2 │ FROM x:1\n  ·      ───\n"), "{text}");
    }
}

#[test]
fn every_key_of_a_finding_is_always_there() {
    let sources = sources(vec![("Dockerfile", b"FROM x:1\n".to_vec())]);
    let mut out = Vec::new();
    let findings = [finding(at(&sources, 0, "x:1"))];
    let skipped = [Skipped {
        path: "chart/templates/web.yaml".to_owned(),
        reason: "helm-template".into(),
        line: None,
        advice: String::new(),
    }];
    let run = Run { skipped: &skipped, ..run(&sources, &findings) };
    json::write(&run, &mut out).expect("written");
    insta::assert_snapshot!(String::from_utf8(out).expect("text"));
}

#[test]
fn escapes_in_a_file_never_reach_the_terminal() {
    let sources = sources(vec![("Docker\u{1b}file", "FROM \u{1b}[31mx\u{202e}:1\rlone\n".as_bytes().to_vec())]);
    let mut finding = finding(at(&sources, 0, ":1"));
    finding.message.headline = "image \u{1b}]0;title\u{7} of\r\u{9b}31m".to_owned();
    let text = human(&sources, &[finding]);
    assert!(!text.contains(|it: char| it.is_control() && it != '\n'), "{text:?}");
    assert!(text.contains("FROM ?[31mx???:1?lone"), "{text}");
}

#[test]
fn places_at_the_edges_are_shown_without_a_panic() {
    let long = format!("{{\"a\": \"{}\", \"image\": \"x:1\"}}", "é".repeat(100_000));
    let files: [&[u8]; 7] =
        [b"", b"\n", b"x:1", b"\r\n\r\nx:1", "\u{feff}".as_bytes(), "\u{feff}x:1\n".as_bytes(), long.as_bytes()];
    for bytes in files {
        let sources = sources(vec![("f", bytes.to_vec())]);
        let length = sources.get(SourceId(0)).expect("there").text.len();
        for range in [0..0, 0..length, length..length, length.saturating_sub(5)..length, 0..3] {
            let text = human(&sources, &[finding(Span::new(SourceId(0), range.clone()))]);
            assert!(text.contains("error[some-fault]"), "{range:?} {text}");
            assert!(text.len() < 3000, "{range:?} {}", text.len());
        }
    }
}

#[test]
fn a_place_in_a_very_long_line_is_underlined() {
    let long = format!("{{\"a\": \"{}\", \"image\": \"x:1\", {}}}", "é".repeat(10_000), " ".repeat(5000));
    let sources = sources(vec![("pod.json", long.into_bytes())]);
    let text = human(&sources, &[finding(at(&sources, 0, "x:1"))]);
    let lines: Vec<_> = text.lines().collect();
    let shown = lines.iter().position(|line| line.contains("x:1")).expect("shown");
    let column = |line: &str, what: &str| line.split_once(what).map(|(before, _)| before.chars().count());
    assert_eq!(column(lines[shown], "x:1"), column(lines[shown + 1], "───"), "{text}");
    assert!(text.contains("[pod.json:1:10"), "{text}");
}

#[test]
fn many_findings_of_one_rule_are_folded() {
    let sources = sources(vec![("a", b"x:1\n".to_vec()), ("b", b"x:1\n".to_vec())]);
    let of = |file: u32, count: usize| vec![finding(at(&sources, file, "x:1")); count];
    let text = human(&sources, &[of(0, 10), of(1, 10)].concat());
    assert_eq!((text.matches("error[some-fault]").count(), text.contains(" more ")), (20, false));
    let mut many = [of(0, 11), of(1, 10)].concat();
    // One of another severity is another heading.
    many.push(Finding { severity: Severity::Info, ..finding(at(&sources, 1, "x:1")) });
    let text = human(&sources, &many);
    let more =
        "\nerror[some-fault]: 11 more findings; `hostfit check --select some-fault --format concise` lists them\n\n";
    assert!(text.ends_with(more), "{text}");
    assert_eq!(text.matches("error[some-fault]").count(), 11);
    assert_eq!(text.matches("info[some-fault]").count(), 1);
}

#[test]
fn many_places_of_one_finding_are_folded() {
    let sources = sources(vec![("a", b"x:1\n".to_vec()), ("b", b"x:1\n".to_vec())]);
    let mut finding = finding(at(&sources, 0, "x:1"));
    finding.related = vec![Related { span: at(&sources, 1, "x:1"), message: "used here".to_owned() }; 1000];
    let text = human(&sources, &[finding]);
    assert_eq!(text.matches("used here").count(), 10);
    assert!(text.ends_with("\n  note: and 990 more places\n\n"), "{text}");
}

#[test]
fn counts_read_well() {
    let sources = sources(vec![("f", b"x".to_vec())]);
    let mut findings = vec![finding(Span::at(SourceId(0), 0)); 2];
    findings[1].severity = Severity::Warning;
    let run = run(&sources, &findings);
    assert_eq!(human::summary(&run), "1 error, 1 warning in 1 file");
    let none = Run { findings: &[], checked: &[], ..run };
    assert_eq!(human::summary(&none), "no findings in 0 files");
}
