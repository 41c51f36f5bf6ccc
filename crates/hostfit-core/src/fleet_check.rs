//! What is wrong with a fleet itself, whatever runs on it: for people who ask what hostfit makes of it. Of that, the rules
//! `engine-refuses-host` and `unsupported-host` report what makes hosts fail or unsafe.

mod engine;
mod labels;
mod support;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashSet;

use self::labels::Pools;
use crate::{
    config::{Config, DeclaredFleet},
    finding::{Message, Severity},
    fleet::{Fleet, Host},
    source::Span,
    windows::Date,
};

pub use engine::engine_that_does_not_start;
pub use support::{End, Support, end_of_support};

/// A doubt about a fleet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// What kind it is of.
    pub kind: Kind,
    /// Whether it will surprise somebody, or is worth knowing only.
    pub severity: Severity,
    /// The bytes that decide it.
    pub span: Span,
    /// What is wrong, and what to do.
    pub message: Message,
}

/// The kinds of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The host's release is out of support, or its platform has retired it.
    ReleaseEnded,
    /// It will be within 180 days.
    ReleaseEnds,
    /// No known release has the build.
    UnknownRelease,
    /// A label says another operating system, build or revision than `os`.
    LabelContradicts,
    /// The engine does not do on this host what others rely on.
    EngineTooOld,
    /// The engine's project makes no fixes for this version any more.
    EngineEnded,
    /// Hosts of different builds say that they are of one pool.
    MixedPool,
    /// A target's file declares no host, so that nothing is judged against any.
    NoHosts,
}

impl Kind {
    /// `release-ended`: for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::ReleaseEnded => "release-ended",
            Self::ReleaseEnds => "release-ends",
            Self::UnknownRelease => "unknown-release",
            Self::LabelContradicts => "label-contradicts",
            Self::EngineTooOld => "engine-too-old",
            Self::EngineEnded => "engine-ended",
            Self::MixedPool => "mixed-pool",
            Self::NoHosts => "no-hosts",
        }
    }

    /// Whether a rule reports it too, so that `check` does not count it once more.
    pub fn has_rule(self) -> bool {
        matches!(self, Self::ReleaseEnded | Self::ReleaseEnds)
    }
}

/// What is wrong with each host of a fleet, in its order.
pub fn of_hosts<'f>(
    fleet: &'f Fleet,
    config: &'f Config,
    today: Date,
) -> impl Iterator<Item = (&'f Host, Vec<Problem>)> {
    let mut pools = Pools::default();
    fleet.hosts.iter().map(move |host| {
        let mut found: Vec<_> = support::check(host, &config.releases, today).into_iter().collect();
        found.extend(engine::check(host, today));
        found.extend(labels::contradictions(host, config));
        found.extend(pools.mixed(host));
        found.sort_by_key(|problem| (problem.span.source, problem.span.start));
        (host, found)
    })
}

/// What is wrong with a fleet as a whole.
pub fn of_fleet(fleet: &DeclaredFleet<'_>) -> Option<Problem> {
    let target = fleet.target.filter(|_| fleet.fleet.hosts.is_empty())?;
    let message =
        Message::new(format!("`{}` declares no host, so nothing in this target is checked against hosts", target.file))
            .help(format!("add `[[host]]` entries to `{}`", target.file));
    Some(Problem { kind: Kind::NoHosts, severity: Severity::Warning, span: target.span, message })
}

/// All that is wrong with any of the fleets. A file that is the fleet of two targets counts once.
pub fn all(config: &Config, today: Date) -> Vec<Problem> {
    let of = |fleet: DeclaredFleet<'_>| {
        let hosts = of_hosts(fleet.fleet, config, today).flat_map(|(_, problems)| problems);
        hosts.chain(of_fleet(&fleet)).collect::<Vec<_>>()
    };
    let file = |fleet: &DeclaredFleet<'_>| fleet.fleet.hosts.first().map(|host| host.os_span.source);
    let mut files = FxHashSet::default();
    let fleets = config.fleets().filter(|fleet| file(fleet).is_none_or(|file| files.insert(file)));
    let mut seen = FxHashSet::default();
    fleets.flat_map(of).filter(|problem| seen.insert(problem.clone())).collect()
}
