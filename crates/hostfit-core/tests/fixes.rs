//! Every safe fix that changes an image names a tag that the tables of published tags hold.
//!
//! Looks at all fixtures. A folder of real repositories is looked at by hand:
//! `HOSTFIT_CORPUS=FOLDER cargo test -p hostfit-core --test fixes -- --ignored --nocapture`.

#![allow(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and counts are printed"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[allow(dead_code, reason = "other tests show more")]
mod common;
#[path = "common/trees.rs"]
#[allow(dead_code, reason = "another test asks for other fleets")]
mod trees;

use std::{collections::BTreeSet, ops::Range};

use common::Run;
use hostfit_core::{finding::Edit, model::ImageUse, windows::image::is_published};
use trees::{Files, corpus, fixtures};

#[test]
fn safe_fixes_of_all_fixtures_name_published_tags() {
    let written = look_at_all(fixtures().into_iter());
    assert!(written > 30, "{written}");
}

#[test]
#[ignore = "reads a folder of repositories, HOSTFIT_CORPUS"]
fn safe_fixes_of_a_corpus_name_published_tags() {
    println!("{} references written by safe fixes", look_at_all(corpus()));
}

/// How many references safe fixes wrote.
fn look_at_all(trees: impl Iterator<Item = (String, Files)>) -> usize {
    let (mut written, mut wrong) = (0, Vec::new());
    for (name, files) in trees {
        let before = common::run(files.clone());
        let after = common::run(fixed(&before, files));
        let known: BTreeSet<_> = references(&before).collect();
        for (path, reference, tag) in references(&after).filter(|it| !known.contains(it)) {
            written += 1;
            if !is_published(&reference, &tag, &after.config.releases) {
                wrong.push(format!("{name}: {path}: {reference}:{tag}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    written
}

/// The files after all safe fixes, of which the first wins where two change the same bytes.
fn fixed(run: &Run, mut files: Files) -> Files {
    let safe = run.findings.iter().flat_map(|finding| &finding.fixes);
    let safe = safe.filter(|fix| fix.is_safe());
    let mut edits: Vec<&Edit> = Vec::new();
    for edit in safe.flat_map(|fix| &fix.edits) {
        let overlaps = |other: &&Edit| {
            let (one, other) = (edit.span, other.span);
            one.source == other.source && one.start <= other.end && other.start <= one.end
        };
        if !edits.iter().any(overlaps) {
            edits.push(edit);
        }
    }
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.span.source, edit.span.start)));
    for edit in edits {
        let source = run.sources.get(edit.span.source).unwrap();
        let (_, bytes) = files.iter_mut().find(|(path, _)| *path == source.path).unwrap();
        // What is not UTF-8 was decoded, so that offsets are others.
        if let Some(range) = bytes.get(edit.span.start as usize..edit.span.end as usize)
            && range == source.slice(edit.span).as_bytes()
        {
            bytes.splice(edit.span.start as usize..edit.span.end as usize, edit.text.bytes());
        }
    }
    files
}

/// The images without unknown parts, each as path, repository and tag.
fn references(run: &Run) -> impl Iterator<Item = (String, String, String)> {
    let part = |image: &ImageUse, at: Range<usize>| image.text.value.get(at).unwrap_or_default().to_owned();
    run.report.project.images.iter().filter(|image| image.text.hole().is_none()).map(move |image| {
        let reference = &image.identity.reference;
        let path = run.sources.get(image.text.span.source).unwrap().path.clone();
        let tag = reference.tag.clone().map_or_else(|| "latest".to_owned(), |at| part(image, at));
        (path, part(image, reference.name()), tag)
    })
}
