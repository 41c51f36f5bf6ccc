//! The tags that advice names where no fix writes one.

use crate::{
    rule::Cx,
    windows::{
        Build, Date,
        compat::{HostFacts, runs_on_all},
        image::Family,
    },
};

/// The days before the end of its support in which a release is not recommended any more.
const SOON: i64 = 180;

/// Whether a day has come, or will come within these days.
pub(super) fn is_soon(cx: &Cx, day: Date) -> bool {
    day.day_number() - cx.today.day_number() <= SOON
}

/// Returns the tag of each release whose images of `family` stay supported, from the oldest release, in backticks.
pub(super) fn supported(cx: &Cx, family: Family) -> Vec<String> {
    supported_releases(cx, family).into_iter().map(|(_, tag)| format!("`{tag}`")).collect()
}

/// The same of those that run on one of `hosts` at least; all of them where there are no hosts. With the builds.
pub(super) fn supported_on<'c>(cx: &Cx<'c>, family: Family, hosts: &[HostFacts]) -> Vec<(Build, &'c str)> {
    let mut all = supported_releases(cx, family);
    let runs = |build: Build| hosts.iter().any(|host| runs_on_all(build, &[*host]));
    if all.iter().any(|(build, _)| runs(*build)) {
        all.retain(|(build, _)| runs(*build));
    }
    all
}

fn supported_releases<'c>(cx: &Cx<'c>, family: Family) -> Vec<(Build, &'c str)> {
    let releases = &cx.config.releases;
    let current = releases
        .iter()
        .filter(|release| release.ltsc && release.image_end(Some(family)).is_some_and(|end| !is_soon(cx, end)));
    let mut tags: Vec<_> = current.filter_map(|it| Some((it.build, releases.tag_of(family, it.build)?))).collect();
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// Joins alternatives: `a`, `a or b`, `a, b or c`.
pub(super) fn one_of(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}
