//! When the support of a host's release ends.

use std::cmp::Ordering;

use super::{Kind, Problem};
use crate::{
    finding::{Message, Severity},
    fleet::Host,
    windows::{
        Date,
        platform::Retirement,
        release::{Release, Releases},
    },
};

/// From how many days before the end of support on it is reported.
const SOON: i64 = 180;

/// When the support of a host ends.
#[derive(Clone, Copy, Debug)]
pub struct Support<'r> {
    /// Its release.
    pub release: &'r Release,
    /// What its platform has announced, where it has.
    pub retirement: Option<&'static Retirement>,
}

impl<'r> Support<'r> {
    /// Of a Windows host of a known release.
    pub fn of(host: &Host, releases: &'r Releases) -> Option<Self> {
        let version = host.windows()?;
        let release = releases.by_host(version.build, host.kind).or_else(|| releases.by_build(version.build))?;
        Some(Self { release, retirement: host.platform.and_then(|platform| platform.retirement(version.build)) })
    }

    /// The last day: of Microsoft's and the platform's the earlier one, and the platform's announcement where that decides.
    pub fn end(&self) -> Option<(Date, Option<&'static Retirement>)> {
        match (self.release.host_end, self.retirement) {
            (Some(own), Some(it)) if own <= it.end => Some((own, None)),
            (_, Some(it)) => Some((it.end, Some(it))),
            (own, None) => Some((own?, None)),
        }
    }
}

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
    let support = Support::of(host, releases)?;
    let (date, by) = support.end()?;
    let has_passed = match date.cmp(&today) {
        Ordering::Less => true,
        _ if date.day_number() - today.day_number() <= SOON => false,
        _ => return None,
    };
    let is_deleted = by.and_then(|it| it.images_deleted).is_some_and(|day| day <= today);
    Some(End { release: support.release, date, by, has_passed, is_deleted })
}

impl End<'_> {
    /// What to say of the host called `name`.
    pub fn message(&self, name: &str) -> Message {
        let Self { release, date, by, has_passed, is_deleted } = self;
        let host = format!("the host `{name}` runs {}", release.title);
        let message = match by {
            Some(Retirement { platform, images_deleted, .. }) => {
                let (platform, verb) = (platform.title(), if *has_passed { "retired" } else { "retires" });
                let message = Message::new(format!("{host}, which {platform} {verb} on {date}"));
                let delete = if *is_deleted { "deleted" } else { "deletes" };
                match images_deleted {
                    Some(day) => message.note(format!("{platform} {delete} its node images on {day}")),
                    None => message,
                }
            }
            None if *has_passed => Message::new(format!("{host}, which has been out of support since {date}")),
            None => Message::new(format!("{host}, whose support ends on {date}")),
        };
        message.help("move the host to a supported release")
    }
}

pub(super) fn check(host: &Host, releases: &Releases, today: Date) -> Option<Problem> {
    let version = host.windows()?;
    let problem = |kind, severity, message: Message| Some(Problem { kind, severity, span: host.os_span, message });
    if releases.by_build(version.build).is_none() {
        let message = Message::new(format!("no known release of Windows has build {}", version.build.0))
            .help("check it against the output of `ver` on the host");
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
