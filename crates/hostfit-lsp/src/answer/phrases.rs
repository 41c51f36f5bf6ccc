//! Phrases that several answers share: support dates, and what happens to an image on a host.

use std::{cmp::Reverse, fmt::Write};

use hostfit_core::{
    fleet_check::Support,
    knowledge::hosts::OnHosts,
    phrase,
    placement::Allowed,
    windows::{
        Date, Isolation, OsVersion,
        compat::Verdict,
        image::Family,
        platform::Retirement,
        release::{Release, Releases},
    },
};

use super::{
    View,
    markdown::{code, plain},
};

/// Of more kinds of hosts than that the others are counted only.
const MAX_LINES: usize = 40;

/// Of more hosts in one line than that the others are counted only.
const MAX_NAMES: usize = 3;

/// From how many days before its end on a support date is shown with the days left.
const SOON: i64 = 180;

/// `Windows Server 2022 (10.0.20348.2700)`, in bold.
pub(super) fn version(version: OsVersion, releases: &Releases) -> String {
    match releases.by_build(version.build) {
        Some(release) => format!("**{}** ({version})", plain(&release.title)),
        None => format!("**{version}**"),
    }
}

/// The support of the images of a release: of `family`, or else the longest of them.
pub(super) fn image_support(release: &Release, family: Option<Family>, today: Date) -> Option<String> {
    let end = release.image_end(family)?;
    let images = match family {
        Some(family) => release.images_of(family),
        None => release.images.iter().find(|images| images.end == Some(end)),
    };
    Some(support(images.and_then(|images| images.mainstream_end), end, today))
}

/// The support of hosts of a release.
pub(super) fn host_support(release: &Release, today: Date) -> Option<String> {
    Some(support(release.host_mainstream_end, release.host_end?, today))
}

/// What a platform has announced of a release.
pub(super) fn retirement(of: &Retirement, today: Date) -> String {
    let platform = of.platform.title();
    let mut said = format!("Support by {platform} {}", until(of.end, today));
    if let Some(version) = of.not_offered_from {
        let _ = write!(said, "; not offered with Kubernetes {version} and later");
    }
    if let Some(day) = of.images_deleted {
        let deleted = if day < today { "deleted" } else { "to be deleted" };
        let _ = write!(said, "; node images {deleted} on {day}");
    }
    said + "."
}

/// Where the support dates of a host are from.
pub(super) fn sources(support: &Support<'_>) -> Option<String> {
    let of_platform = support.retirement.into_iter().flat_map(|it| it.sources);
    let all: Vec<_> = support.release.host_sources.iter().chain(of_platform).map(|it| format!("<{it}>")).collect();
    (!all.is_empty()).then(|| format!("Sources: {}", all.join(", ")))
}

fn support(mainstream: Option<Date>, end: Date, today: Date) -> String {
    match mainstream {
        Some(mainstream) => {
            format!("Mainstream support {}, extended support {}.", until(mainstream, today), until(end, today))
        }
        None => format!("Support {}.", until(end, today)),
    }
}

/// `until 2031-10-14`, `until 2027-01-11 (51 days left)`, `ended 2019-11-12`.
pub(super) fn until(end: Date, today: Date) -> String {
    let left = end.day_number() - today.day_number();
    match left {
        ..0 => format!("ended {end}"),
        0 => format!("until {end} (today)"),
        1 => format!("until {end} (1 day left)"),
        2..=SOON => format!("until {end} ({left} days left)"),
        _ => format!("until {end}"),
    }
}

/// One line of a list for all hosts that are alike.
pub(super) fn hosts(on: &[OnHosts<'_>], releases: &Releases) -> String {
    let mut lines: Vec<_> = on.iter().take(MAX_LINES).map(|it| format!("- {}", alike(it, releases))).collect();
    let more: usize = on.iter().skip(MAX_LINES).map(OnHosts::count).sum();
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    lines.join("\n")
}

/// What happens on the Windows hosts, one line for those of one release: the newest supported first.
pub(super) fn by_release(on: &[OnHosts<'_>], view: &View<'_>) -> String {
    let releases = &view.config().releases;
    let mut groups: Vec<((bool, Reverse<_>), String, String, usize)> = Vec::new();
    for on in on {
        let Some(version) = on.host.windows() else { continue };
        let release = releases.by_host(version.build, on.host.kind);
        let is_over = release.and_then(|it| it.host_end).is_some_and(|end| end < view.today);
        let (order, verdict) = ((is_over, Reverse(version.build)), verdict(on));
        let title = release.map_or_else(|| releases.title(version.build), |release| release.title.clone());
        match groups.iter_mut().find(|it| it.0 == order && it.1 == title && it.2 == verdict) {
            Some(group) => group.3 += on.count(),
            None => groups.push((order, title.into_owned(), verdict, on.count())),
        }
    }
    groups.sort_by_key(|(order, ..)| *order);
    let line = |((is_over, _), title, verdict, count): &((bool, Reverse<_>), String, String, usize)| {
        let noun = if *count == 1 { "host" } else { "hosts" };
        let support = if *is_over { ", out of support" } else { "" };
        format!("- {} ({count} {noun}{support}): {verdict}", plain(title))
    };
    groups.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn alike(on: &OnHosts<'_>, releases: &Releases) -> String {
    let names = names(on.hosts().map(|host| host.name.as_str()), on.count());
    let name = match on.host.windows() {
        Some(version) => format!("{names} ({version})"),
        None => names,
    };
    let name = on.fleet.map_or(name.clone(), |fleet| format!("{name} of {}", code(fleet)));
    let if_placed = match &on.allowed {
        Allowed::No(exclusion) => return format!("{name}: never placed there, excluded by {}", code(&exclusion.why)),
        Allowed::Unknown(_) => ", if it is placed there",
        Allowed::Yes => "",
    };
    // That something runs needs no reason.
    let why = match on.outcome.verdict {
        Verdict::Runs => String::new(),
        _ => format!(": {}", plain(&on.why(releases))),
    };
    format!("{name}: {}{if_placed}{why}", verdict(on))
}

/// `runs with process isolation`, `does not run`.
fn verdict(on: &OnHosts<'_>) -> String {
    let isolation = match on.outcome.isolation() {
        Some(Isolation::Process) => " with process isolation",
        Some(Isolation::Hyperv) => " with Hyper-V isolation",
        Some(Isolation::Default) | None => "",
    };
    match on.outcome.verdict {
        Verdict::Runs => format!("runs{isolation}"),
        Verdict::Preview => format!("runs{isolation}, as a preview"),
        Verdict::Risk => format!("may fail{isolation}"),
        Verdict::Blocked => format!("does not run{isolation}"),
        Verdict::Unknown => "not known".to_owned(),
    }
}

/// The first names, and how many more there are of `count`.
pub(super) fn names<'n>(names: impl Iterator<Item = &'n str>, count: usize) -> String {
    let mut shown: Vec<_> = names.take(MAX_NAMES).map(code).collect();
    if let Some(more) = count.checked_sub(MAX_NAMES).filter(|more| *more > 0) {
        shown.push(format!("{more} more"));
    }
    phrase::and(&shown)
}
