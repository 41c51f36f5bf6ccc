//! Every answer at every byte of every fixture: none panics, and none takes long.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use hostfit_core::source::{Source, SourceId};

use super::Desk;
use crate::answer::{
    completion::complete, definition::definition, hover::hover, inlay::inlays, lens::lenses, links::links,
};

/// What one answer may take; several times that without optimization, on a machine with other work.
const LIMIT: Duration = if cfg!(debug_assertions) { Duration::from_millis(20) } else { Duration::from_millis(2) };

/// An answer and how long it took: what takes too long is asked again, since other work may have come between.
fn timed<T>(ask: impl Fn() -> T) -> (T, Duration) {
    let mut shortest = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        let answer = ask();
        shortest = shortest.min(start.elapsed());
        if shortest <= LIMIT {
            return (answer, shortest);
        }
    }
    (ask(), shortest)
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// A folder as a project of its own, with the demo's fleet where it has none.
fn desk(folder: &Path) -> Desk {
    let mut sources = Vec::new();
    let mut has_fleet = false;
    for path in files(folder) {
        let relative = path.strip_prefix(folder).expect("inside").to_str().expect("text").replace('\\', "/");
        has_fleet |= relative == "hostfit.toml";
        let id = SourceId(u32::try_from(sources.len()).expect("few"));
        sources.extend(Source::decode(id, relative, fs::read(&path).expect("a file")));
    }
    if !has_fleet {
        let id = SourceId(u32::try_from(sources.len()).expect("few"));
        let fleet = fs::read(fixtures().join("demo/hostfit.toml")).expect("a file");
        sources.extend(Source::decode(id, "hostfit.toml", fleet));
    }
    Desk::from_sources(sources, (SourceId(0), 0))
}

/// Asks everything at every byte of the files called so, also inside of characters and behind the end; gives the longest
/// that one answer took.
fn ask(desk: &Desk, is_asked: impl Fn(&str) -> bool) -> Duration {
    let view = desk.view();
    let mut longest = Duration::ZERO;
    for source in desk.sources.iter().filter(|source| is_asked(&source.path)) {
        let len = u32::try_from(source.text.len()).expect("small");
        for offset in (0..=len + 1).chain([u32::MAX]) {
            let (hovered, first) = timed(|| hover(&view, source.id, offset));
            let (defined, second) = timed(|| definition(&view, source.id, offset));
            let (completed, third) = timed(|| complete(&view, source.id, offset));
            longest = longest.max(first).max(second).max(third);
            let spans = hovered.iter().map(|it| it.span).chain(defined.iter().map(|it| it.origin));
            for span in spans.chain(completed.iter().map(|it| it.span)) {
                assert!(source.span().holds(span), "{} {offset}: {span:?}", source.path);
                assert!(source.text.get(span.range()).is_some(), "{} {offset}: {span:?}", source.path);
            }
        }
        let (_, first) = timed(|| lenses(&view, source.id));
        let (_, second) = timed(|| links(&view, source.id));
        let (_, third) = timed(|| inlays(&view, source.span()));
        longest = longest.max(first).max(second).max(third);
    }
    longest
}

#[test]
fn every_answer_is_given_at_every_byte_of_every_fixture() {
    let mut folders: Vec<_> = fs::read_dir(fixtures().join("seeds"))
        .expect("seeds")
        .map(|it| it.expect("an entry").path())
        .filter(|it| it.is_dir())
        .collect();
    folders.sort();
    folders.push(fixtures().join("demo"));
    assert!(folders.len() > 40);
    for folder in folders {
        let longest = ask(&desk(&folder), |_| true);
        assert!(longest <= LIMIT, "{}: {longest:?}", folder.display());
    }
}

/// The examples of `fixtures/rules` and those with every line cut off in its middle, as somebody types them.
#[test]
fn every_answer_is_given_in_what_does_not_parse() {
    let fleet = fs::read_to_string(fixtures().join("demo/hostfit.toml")).expect("a file");
    for page in files(&fixtures().join("rules")) {
        let text = fs::read_to_string(&page).expect("a page");
        for fence in text.split("```").skip(1).step_by(2) {
            let (info, body) = fence.split_once('\n').unwrap_or((fence, ""));
            let path = match info.split_whitespace().next() {
                Some("yaml") => "a.yaml",
                Some("json") => "daemon.json",
                Some("dockerfile") => "Dockerfile",
                _ => continue,
            };
            let middle = body.char_indices().nth(body.chars().count() / 2).map_or(0, |(at, _)| at);
            let cut = body.get(..middle).unwrap_or_default();
            for text in [body, cut] {
                ask(&Desk::of(&[("hostfit.toml", &fleet), (path, text)]), |asked| asked == path);
            }
        }
    }
}

/// A manifest of 5,000 lines, asked at some of its bytes.
#[test]
fn a_long_manifest_takes_no_longer() {
    let pod = |number: usize| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{number}\nspec:\n  template:\n    spec:\n      \
             nodeSelector:\n        kubernetes.io/os: windows\n      containers:\n      - name: web\n        image: \
             mcr.microsoft.com/windows/servercore:ltsc2022 # it\n---\n"
        )
    };
    let text: String = (0..400).map(pod).collect();
    let fleet = fs::read_to_string(fixtures().join("demo/hostfit.toml")).expect("a file");
    let desk = Desk::of(&[("hostfit.toml", &fleet), ("web.yaml", &text)]);
    let view = desk.view();
    for offset in (0..text.len()).step_by(997) {
        let offset = u32::try_from(offset).expect("small");
        let took = [
            timed(|| hover(&view, SourceId(1), offset)).1,
            timed(|| definition(&view, SourceId(1), offset)).1,
            timed(|| complete(&view, SourceId(1), offset)).1,
        ];
        assert!(took.iter().all(|took| *took <= LIMIT), "{offset}: {took:?}");
    }
}
