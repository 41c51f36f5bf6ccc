//! The tags that advice names where no fix writes one.

use crate::{rule::Cx, windows::image::Family};

/// The days before the end of its support in which a release is not recommended any more.
const SOON: i64 = 180;

/// Returns the tag of each release whose images of `family` stay supported, from the oldest release, in backticks.
pub(super) fn supported(cx: &Cx, family: Family) -> Vec<String> {
    let releases = cx.config.releases.iter().filter(|release| release.ltsc);
    let current = releases.filter(|release| {
        release.image_end(Some(family)).is_some_and(|end| end.day_number() - cx.today.day_number() > SOON)
    });
    let mut tags: Vec<_> =
        current.filter_map(|it| Some((it.build, cx.config.releases.tag_of(family, it.build)?))).collect();
    tags.sort_unstable();
    tags.dedup();
    tags.into_iter().map(|(_, tag)| format!("`{tag}`")).collect()
}

/// Joins alternatives: `a`, `a or b`, `a, b or c`.
pub(super) fn one_of(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}
