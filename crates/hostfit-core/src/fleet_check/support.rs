//! When the support of a host's release ends.

use std::cmp::Ordering;

use super::{Kind, Problem};
use crate::{
    finding::Severity,
    fleet::Host,
    windows::{
        Date,
        platform::Retirement,
        release::{Release, Releases},
    },
};

/// From how many days before the end of support on it is reported.
const SOON: i64 = 180;

/// The end of a host's support.
#[derive(Clone, Copy, Debug)]
pub struct End<'r> {
    /// Its release.
    pub release: &'r Release,
    /// The last day of support.
    pub date: Date,
    /// The platform that ends it, where that is not Microsoft's own end.
    pub by: Option<&'static Retirement>,
    /// Whether that day is over.
    pub has_passed: bool,
    /// Whether the platform's node images are gone.
    pub is_deleted: bool,
}

/// The end of the support of a host that is over, or that comes within 180 days. Of Microsoft's and the platform's end the
/// earlier one.
pub fn end_of_support<'r>(host: &Host, releases: &'r Releases, today: Date) -> Option<End<'r>> {
    let version = host.windows()?;
    let release = releases.by_host(version.build, host.kind).or_else(|| releases.by_build(version.build))?;
    let retirement = host.platform.and_then(|platform| platform.retirement(version.build));
    let (date, by) = match (release.host_end, retirement) {
        (Some(own), Some(it)) if own <= it.end => (own, None),
        (_, Some(it)) => (it.end, Some(it)),
        (own, None) => (own?, None),
    };
    let has_passed = match date.cmp(&today) {
        Ordering::Less => true,
        _ if date.day_number() - today.day_number() <= SOON => false,
        _ => return None,
    };
    let is_deleted = by.and_then(|it| it.images_deleted).is_some_and(|day| day <= today);
    Some(End { release, date, by, has_passed, is_deleted })
}

impl End<'_> {
    /// In one sentence, of the host called `name`.
    pub fn message(&self, name: &str) -> String {
        let Self { release, date, by, has_passed, is_deleted } = self;
        let title = &release.title;
        match by {
            Some(Retirement { platform, images_deleted, .. }) => {
                let (platform, verb) = (platform.title(), if *has_passed { "retired" } else { "retires" });
                let delete = if *is_deleted { "deleted" } else { "deletes" };
                let deleted = images_deleted.map(|day| format!(" and {delete} its node images on {day}"));
                let deleted = deleted.unwrap_or_default();
                format!("{platform} {verb} {title}, the release of the host `{name}`, on {date}{deleted}")
            }
            None if *has_passed => {
                format!("{title}, the release of the host `{name}`, has been out of support since {date}")
            }
            None => format!("support of {title}, the release of the host `{name}`, ends on {date}"),
        }
    }
}

pub(super) fn check(host: &Host, releases: &Releases, today: Date) -> Option<Problem> {
    let version = host.windows()?;
    let problem = |kind, severity, message| Some(Problem { kind, severity, span: host.os_span, message });
    if releases.by_build(version.build).is_none() {
        let message = format!("no known release of Windows has build {}: is that what the host says?", version.build.0);
        return problem(Kind::UnknownRelease, Severity::Info, message);
    }
    let end = end_of_support(host, releases, today)?;
    let message = end.message(&host.name);
    if end.has_passed {
        problem(Kind::ReleaseEnded, Severity::Warning, message)
    } else {
        problem(Kind::ReleaseEnds, Severity::Info, message)
    }
}
