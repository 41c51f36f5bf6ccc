//! How long reading and judging a repository of 2,000 files takes, in one thread.

#![allow(missing_docs, reason = "a benchmark has no readers of its documentation")]

#[path = "tree.rs"]
mod tree;

use divan::{Bencher, counter::BytesCount, counter::ItemsCount};
use hostfit_core::{
    check::check,
    config::Config,
    front::{self, Outcome, Unit},
    source::{Source, SourceId, Sources},
    windows::Date,
};

const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

fn main() {
    divan::main();
}

fn sources() -> Vec<Source> {
    let files = (0..).zip(tree::files(&tree::FULL));
    files.map(|(id, (path, text))| Source::from_text(SourceId(id), path, text)).collect()
}

fn units(sources: &[Source]) -> Vec<Unit> {
    let read = |source| match front::read(source) {
        Outcome::Unit(unit) => Some(unit),
        Outcome::Skipped(_) | Outcome::NotOurs => None,
    };
    sources.iter().filter_map(read).collect()
}

#[divan::bench(sample_count = 10)]
fn read_2000_files(bencher: Bencher) {
    let sources = sources();
    let bytes: usize = sources.iter().map(|source| source.text.len()).sum();
    bencher.counter(BytesCount::new(bytes)).counter(ItemsCount::new(sources.len())).bench_local(|| units(&sources));
}

#[divan::bench(sample_count = 10)]
fn check_2000_files(bencher: Bencher) {
    let mut sources = sources();
    let units = units(&sources);
    assert_eq!(units.len(), sources.len(), "all of the tree is read");
    let id = SourceId(u32::try_from(sources.len()).unwrap_or(u32::MAX));
    let fleet = Source::from_text(id, "hostfit.toml", tree::FLEET);
    let config = Config::parse(&fleet, &[]).unwrap_or_default();
    assert!(!config.fleet.hosts.is_empty(), "the fleet is read");
    sources.push(fleet);
    let sources = Sources::new(sources);
    bencher.counter(ItemsCount::new(units.len())).bench_local(|| check(&sources, &units, &config, TODAY));
}
