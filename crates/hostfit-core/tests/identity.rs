//! What makes two findings of different runs the same one, and what does not.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[expect(dead_code, reason = "other tests show more")]
mod common;

use hostfit_core::{
    check::check,
    config::Config,
    finding::Finding,
    front::{self, Outcome},
    source::{Source, SourceId, Sources},
    windows::Date,
};

const POD: &str = include_str!("../../../fixtures/targets/pod.yaml");

const STAGES: &str = "\
FROM mcr.microsoft.com/windows/servercore:2022 AS a
FROM mcr.microsoft.com/windows/servercore:2022
";

fn findings(files: &[(&str, &[u8])]) -> Vec<Finding> {
    common::run(files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect()).findings
}

fn fingerprints(files: &[(&str, &[u8])]) -> Vec<String> {
    let found: Vec<_> = findings(files).iter().map(|it| it.fingerprint().unwrap()).collect();
    assert!(!found.is_empty());
    found
}

fn host(name: &str, os: &str, orchestrator: &str) -> String {
    format!("[[host]]\nname = \"{name}\"\nos = \"{os}\"\norchestrator = \"{orchestrator}\"\n")
}

fn utf16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn text_above_line_ends_and_encodings_change_nothing() {
    for (path, text) in [("pod.yaml", POD), ("Dockerfile", STAGES)] {
        let expected = fingerprints(&[(path, text.as_bytes())]);
        let crlf = text.replace('\n', "\r\n");
        let others = [
            format!("# why\n\n{text}").into_bytes(),
            format!("{text}\n# more\n").into_bytes(),
            crlf.clone().into_bytes(),
            format!("\u{feff}{crlf}").into_bytes(),
            utf16(text),
            utf16(&crlf),
        ];
        for bytes in others {
            assert_eq!(fingerprints(&[(path, &bytes)]), expected, "{:?}", String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn a_fleet_that_grows_changes_the_message_and_not_the_finding() {
    let fleet = host("win2022", "ltsc2022", "kubernetes") + &host("win2019", "ltsc2019", "kubernetes");
    let larger = fleet.clone() + &host("win2016", "ltsc2016", "kubernetes");
    let with = |fleet: &str| {
        let mut found = findings(&[("hostfit.toml", fleet.as_bytes()), ("pod.yaml", POD.as_bytes())]);
        found.retain(|finding| finding.rule == "missing-build-selector");
        found
    };
    let (small, large) = (with(&fleet), with(&larger));
    assert_eq!((small.len(), large.len()), (1, 1));
    assert_ne!(small[0].message, large[0].message);
    assert_ne!(small[0].hosts, large[0].hosts);
    assert_eq!(small[0].fingerprint(), large[0].fingerprint());
}

#[test]
fn another_image_workload_or_file_is_another_finding() {
    let base = fingerprints(&[("pod.yaml", POD.as_bytes())]);
    let image = POD.replace("servercore:ltsc2022", "nanoserver:ltsc2022");
    let name = POD.replace("name: web\nspec", "name: shop\nspec");
    for (path, text) in [("pod.yaml", image.as_str()), ("pod.yaml", &name), ("other.yaml", POD)] {
        let other = fingerprints(&[(path, text.as_bytes())]);
        assert!(base.iter().all(|it| !other.contains(it)), "{path} {text}");
    }
}

#[test]
fn what_is_missing_is_the_same_wherever_it_is_shown() {
    let fleet = host("win2022", "ltsc2022", "kubernetes") + &host("win2019", "ltsc2019", "kubernetes");
    let without = POD.replace("  nodeSelector:\n    kubernetes.io/os: windows\n", "");
    let pin = |pod: &str| {
        let all = findings(&[("hostfit.toml", fleet.as_bytes()), ("pod.yaml", pod.as_bytes())]);
        let found = all.into_iter().find(|it| it.rule == "missing-build-selector").unwrap();
        (found.span.len(), found.fingerprint())
    };
    let (on_key, on_image) = (pin(POD), pin(&without));
    assert_ne!(on_key.0, on_image.0);
    assert_eq!(on_key.1, on_image.1);
}

#[test]
fn equal_findings_are_counted() {
    let found = findings(&[("Dockerfile", STAGES.as_bytes())]);
    assert_eq!(
        found.iter().map(|it| (it.rule, it.ordinal)).collect::<Vec<_>>(),
        [("unknown-tag", 1), ("unknown-tag", 2)]
    );
    assert_eq!(found[0].identity, found[1].identity);
    assert_ne!(found[0].fingerprint(), found[1].fingerprint());
    let silenced = format!("# hostfit: ignore[unknown-tag]\n{STAGES}");
    let left = findings(&[("Dockerfile", silenced.as_bytes())]);
    assert_eq!(left.iter().map(Finding::fingerprint).collect::<Vec<_>>(), [found[1].fingerprint()]);
}

#[test]
fn identities_are_made_once_and_only_when_they_are_asked_for() {
    let source = Source::from_text(SourceId(0), "Dockerfile", STAGES);
    let Outcome::Unit(unit) = front::read(&source) else { panic!("a Dockerfile") };
    let (sources, units, config) = (Sources::new(vec![source]), [unit], Config::default());
    let mut report = check(&sources, &units, &config, Date { year: 2026, month: 11, day: 21 });
    assert_eq!(report.findings.iter().map(Finding::fingerprint).collect::<Vec<_>>(), [None, None]);
    report.identify(&sources, &units, &config);
    let found = report.findings.clone();
    assert!(found.iter().all(|it| it.identity.is_some()));
    // What is left counts as it did among all.
    report.findings.remove(0);
    report.identify(&sources, &units, &config);
    assert_eq!(report.findings, found[1..]);
}

#[test]
fn who_uses_a_dockerfile_is_no_part_of_its_findings() {
    let fleet = host("win2019", "ltsc2019", "docker");
    let dockerfile = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN x\n";
    let files: [(&str, &[u8]); 3] = [
        ("hostfit.toml", fleet.as_bytes()),
        ("shop/compose.yaml", b"services:\n  web:\n    image: contoso/web:1\n    build: ../web\n"),
        ("web/Dockerfile", dockerfile.as_bytes()),
    ];
    let before = findings(&files);
    assert_eq!(before.iter().map(|it| it.rule).collect::<Vec<_>>(), ["image-newer-than-host"]);
    let another = "services:\n  api:\n    image: contoso/api:1\n    build: ../web\n";
    let after = findings(&[&files[..], &[("api/compose.yaml", another.as_bytes())]].concat());
    assert_eq!(after.len(), 1);
    assert_eq!(before[0].fingerprint(), after[0].fingerprint());
    assert_eq!(
        before[0].identity.as_ref().unwrap().evidence.image.as_deref(),
        Some("mcr.microsoft.com/windows/servercore:ltsc2022")
    );
}
