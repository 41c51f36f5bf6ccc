//! The published tag that comes nearest to one that was never published.

use std::cmp::Reverse;

use super::{
    identity::Doubt,
    official::{exact, version_of},
    retired_variant::{is_framework, is_moving},
    tags::{self, Row},
};
use crate::windows::release::Releases;

/// The tag of `repository` that comes nearest to `tag`, and what is different about it: of the same Windows if there is one,
/// else of the next one.
pub(super) fn nearest(repository: &str, tag: &str, releases: &Releases) -> Option<(String, Doubt)> {
    let (head, suffix) = tags::split(tag);
    let with = |suffix: &str| head_of(repository, head, suffix).map(|(head, doubt)| (tags::join(&head, suffix), doubt));
    with(suffix).or_else(|| {
        let others = variants(repository, suffix, releases);
        // `nanoserver` was that of Windows Server 2016, and is now called so.
        let found = || {
            others.iter().filter_map(|(is_same, suffix)| {
                let (tag, doubt) = with(suffix)?;
                Some((tag, if *is_same { doubt } else { Doubt::OtherRelease }, doubt))
            })
        };
        let same_version = found().find(|(.., doubt)| *doubt == Doubt::NoRevision);
        same_version.or_else(|| found().next()).map(|(tag, doubt, _)| (tag, doubt))
    })
}

/// The ends of tags of the same family, and whether they are of the same release of Windows: the newer ones from the oldest,
/// then the older ones from the newest.
fn variants(repository: &str, suffix: &str, releases: &Releases) -> Vec<(bool, &'static str)> {
    let (family, release) = suffix.split_once('-').unwrap_or((suffix, "ltsc2016"));
    let build_of = |name: &str| releases.by_name(name).map(|release| release.build);
    let Some(own) = build_of(release).filter(|_| !family.is_empty()) else { return Vec::new() };
    let of = |row: tags::Row| Some((build_of(row.suffix.strip_prefix(family)?.strip_prefix('-')?)?, row.suffix));
    let (mut newer, mut older): (Vec<_>, Vec<_>) =
        tags::rows(repository).filter_map(of).partition(|(it, _)| *it >= own);
    newer.sort_by_key(|(build, _)| *build);
    older.sort_by_key(|(build, _)| Reverse(*build));
    newer.into_iter().chain(older).map(|(build, suffix)| (build == own, suffix)).collect()
}

/// What comes nearest to `head` among the tags with this end.
fn head_of(repository: &str, head: &str, suffix: &str) -> Option<(String, Doubt)> {
    let rows: Vec<_> = tags::rows_of(repository, suffix).collect();
    let has = |head: &str| rows.iter().any(|row| row.group(head).is_some());
    let undated: Vec<_> = head.split('-').filter(|word| is_moving(word)).collect();
    let undated = undated.join("-");
    if has(&undated) {
        return Some((undated, Doubt::NoRevision));
    }
    let line = tags::line_of(&undated);
    // `4.7` of .NET Framework is older than `4.7.2`.
    if !is_framework(repository) && has(line) {
        return Some((line.to_owned(), Doubt::LaterVersion));
    }
    let asked = version_of(&undated)?;
    let heads = rows.iter().flat_map(Row::groups).flat_map(|group| group.heads().collect::<Vec<_>>());
    let lines = heads.filter(|head| head.as_str() == tags::line_of(head));
    let versions = lines.filter_map(|head| Some((exact(&head)?, head)));
    let best = match asked {
        // `2` was the newest of its kind.
        (major, u32::MAX) => versions.filter(|((own, _), _)| *own == major).max(),
        _ => versions.filter(|(own, _)| *own >= asked).min(),
    };
    best.map(|(_, head)| (head, Doubt::LaterVersion))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_of_the_same_windows_or_of_the_next() {
        for (repository, tag, expected, doubt) in [
            (
                "dotnet/framework/sdk",
                "4.7.2-20180814-windowsservercore-ltsc2016",
                "4.7.2-windowsservercore-ltsc2016",
                Doubt::NoRevision,
            ),
            (
                "dotnet/framework/aspnet",
                "4.7.1-windowsservercore-1709",
                "4.7.1-windowsservercore-ltsc2016",
                Doubt::OtherRelease,
            ),
            ("dotnet/core/aspnet", "2", "2.2", Doubt::LaterVersion),
            ("dotnet/core/aspnet", "1.1", "2.1", Doubt::LaterVersion),
            ("dotnet/core/sdk", "2.0-nanoserver-1709", "2.1-nanoserver-1709", Doubt::LaterVersion),
            ("dotnet/core/sdk", "1.1.2-nanoserver", "1.1-nanoserver-sac2016", Doubt::LaterVersion),
        ] {
            assert_eq!(nearest(repository, tag, &Releases::default()), Some((expected.to_owned(), doubt)), "{tag}");
        }
    }

    #[test]
    fn of_what_has_nothing_like_it_there_is_none() {
        for (repository, tag) in [
            ("mssql/server", "2017-latest"),
            ("dotnet/core/aspnet", "latest-nothing"),
            ("dotnet/core/sdk", "9.9"),
            ("dotnet/core/sdk", ""),
        ] {
            assert_eq!(nearest(repository, tag, &Releases::default()), None, "{tag}");
        }
    }
}
