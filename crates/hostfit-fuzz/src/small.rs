//! What is read beside the files that are judged.

use hostfit_core::{
    baseline::Baseline,
    config::{Config, lock::Lock},
    diagnose::{self, explain::Tree},
    rules,
    source::{Source, SourceId, Span},
    text::Text,
    windows::{
        image::{self, Canonical},
        release::Releases,
        version,
    },
};

use crate::common;

/// As text; what is not text is not given to a reader of text.
fn source(path: &str, bytes: &[u8]) -> Option<Source> {
    Source::decode(SourceId(0), path, bytes.to_vec()).ok()
}

/// hostfit.toml and hostfit.lock: all that is wrong lies in the file, and a lock file that is written is read as the same.
pub(crate) fn config(bytes: &[u8]) {
    let Some(source) = source("hostfit.toml", bytes) else { return };
    for error in Config::parse(&source, &rules::ids()).err().into_iter().flatten() {
        assert!(source.text.get(error.span.range()).is_some(), "{:?}", error.span);
    }
    if let Ok(lock) = Lock::parse(&source) {
        let written = Source::from_text(SourceId(0), "hostfit.lock", lock.to_toml());
        let again = Lock::parse(&written).unwrap_or_else(|errors| panic!("{errors:?}\n{}", written.text));
        assert_eq!(again.to_toml(), *written.text);
    }
}

/// A baseline that is written is read as the same.
pub(crate) fn baseline(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(baseline) = Baseline::parse(text) else { return };
    let written = baseline.to_json().expect("JSON");
    let again = Baseline::parse(&written).unwrap_or_else(|error| panic!("{error:?}\n{written}"));
    assert_eq!(again.to_json().expect("JSON"), written);
}

/// An image's name: its parts lie in it.
pub(crate) fn reference(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for line in text.lines() {
        let releases = Releases::default();
        let _ = (Canonical::parse(line), version::parse(line, &releases));
        let text = Text::literal(line, Span::new(SourceId(0), 0..line.len()));
        let identity = image::identify(&text, &[], &releases);
        let reference = &identity.reference;
        let parts =
            reference.tag.iter().chain(&reference.digest).chain(&reference.registry).chain([&reference.repository]);
        for at in parts.chain(identity.version.iter().map(|(_, at)| at)) {
            assert!(line.get(at.clone()).is_some(), "{at:?} of {line:?}");
        }
    }
}

/// What people paste, beside a tree that may be meant.
pub(crate) fn diagnose(bytes: &[u8]) {
    let Some(pasted) = source("stdin", bytes) else { return };
    let run = common::run(common::files(&common::fixtures("demo")));
    let reading = diagnose::read(&pasted, &run.config.releases);
    let answers = run.report.answers(&run.config);
    let tree = Tree { report: &run.report, answers, sources: &run.sources, nodes: &reading.nodes, given: None };
    for incident in &reading.incidents {
        let _ = diagnose::explain(incident, tree);
    }
}

/// What registries answer.
pub(crate) fn registry(bytes: &[u8]) {
    hostfit_registry::fuzzing::answer(bytes);
}
