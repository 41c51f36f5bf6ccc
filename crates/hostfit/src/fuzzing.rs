//! Parts of the program as functions of bytes, for fuzz targets. Not for others: it changes as the parts do.

use clap::ValueEnum as _;
use hostfit_core::{
    config::Config,
    finding::{Edit, Finding, Severity},
    fix,
    judge::Answers,
    rules,
    source::{Source, SourceId, Sources},
};

use crate::{
    args::{Color, ReportFormat},
    commands::fleet::import::unfit_taints,
    fleet::{label::LabelSelection, machine::join, merge, pool, read::read, write},
    report::{self, Run},
    terminal::Style,
};

/// Writes findings in every format, and panics where one is not what its readers can take.
pub fn report(sources: &Sources, findings: &[Finding], answers: Answers<'_>) {
    let run = Run {
        findings,
        suppressed: &[],
        has_baseline: false,
        sources,
        checked: &[],
        skipped: &[],
        fail_on: Some(Severity::Warning),
        answers,
        repository: None,
        category: "hostfit/",
        part: None,
        jobs: None,
    };
    for format in ReportFormat::value_variants() {
        let mut out = Vec::new();
        assert!(report::write(*format, &run, Style::stdout(Color::Never), &mut out).is_ok());
        let text = String::from_utf8(out);
        assert!(text.is_ok(), "{format:?} is not UTF-8");
        let text = text.unwrap_or_default();
        let is_json = matches!(format, ReportFormat::Json | ReportFormat::Sarif | ReportFormat::Gitlab);
        if is_json {
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{format:?} is not JSON: {text}");
        }
        let odd = text.chars().find(|it| it.is_control() && !matches!(it, '\n' | '\r'));
        assert!(odd.is_none(), "{format:?} has {odd:?}: {text}");
    }
}

/// Reads outputs as `fleet import` does and writes them as hosts; panics unless what is written is a configuration, and
/// unless merging the same outputs into it changes nothing.
pub fn import(output: &str) {
    let Ok(mut outputs) = read(output, "stdin") else { return };
    outputs.finish(false);
    let Ok(selection) = LabelSelection::new([]) else { return };
    let mut machines = join(outputs.machines);
    unfit_taints(&mut machines);
    let pools = pool::pools(machines, &selection, false);
    let text = write::file(&pools, &outputs.kinds);
    let source = Source::from_text(SourceId(0), "hostfit.toml", text);
    let config = Config::parse(&source, &rules::ids());
    assert!(config.is_ok(), "{config:?}\n{}", source.text);
    let hosts = config.map(|config| config.fleet.hosts).unwrap_or_default();
    let listed = merge::Listed { pools: &pools, lists: &outputs.lists, prune: true };
    let merged = merge::merge(&source, &hosts, &listed);
    assert!(merged.is_ok(), "cannot be merged:\n{}", source.text);
    let edits = merged.map(|merged| merged.edits).unwrap_or_default();
    let edits: Vec<&Edit> = edits.iter().collect();
    let new = fix::edited(&source, source.text.as_bytes(), &edits).unwrap_or_default();
    assert_eq!(String::from_utf8_lossy(&new), *source.text, "the second import changes the first");
}
