//! The hosts as they will be, and until when they have to.

use std::sync::Arc;

use super::Plan;
use crate::{
    config::Config,
    fleet::{Fleet, FleetId, Host, HostId, HostOs, Orchestrator},
    fleet_check::Support,
    source::{Sources, Span},
    windows::{Build, Date, HostKind, OsVersion, node_label, release::Releases, respell::respelled},
};

/// What the hosts will be.
#[derive(Clone, Debug)]
pub enum Next {
    /// The same hosts with another release.
    Release {
        /// That release.
        to: Build,
        /// The release of those that move; none: all servers of older ones.
        from: Option<Build>,
    },
    /// Another fleet: a configuration that differs in its hosts only.
    Fleet(Box<Config>),
}

/// No declared host would move.
#[derive(Clone, Copy, Debug)]
pub struct NothingMoves {
    /// Where to; none: the other fleet has no Windows host.
    pub to: Option<Build>,
}

/// A host that moves, or goes.
#[derive(Clone, Debug)]
pub struct HostMove {
    /// What it is called.
    pub name: String,
    /// What its fleet is called, where there are several.
    pub fleet: Option<String>,
    /// The number of the fleet.
    pub id: (FleetId, HostId),
    /// The bytes of its `os`.
    pub span: Span,
    /// What places containers on it; none: it stands for all of them.
    pub orchestrator: Option<Orchestrator>,
    /// How many machines it is.
    pub count: u32,
    /// What it runs now.
    pub from: OsVersion,
    /// Whether it is declared in a file of the run: not a Node object.
    pub is_declared: bool,
}

/// Until when hosts have to move.
#[derive(Clone, Debug)]
pub struct Deadline {
    /// The day.
    pub date: Date,
    /// How many days are left; negative once it has passed.
    pub days_left: i64,
    /// What happens then.
    pub why: String,
    /// Where that is from.
    pub sources: Vec<&'static str>,
}

impl Next {
    /// The configuration with the hosts as they will be, and the release that they move to.
    pub(super) fn config(&self, present: &Config) -> Result<(Config, Build), NothingMoves> {
        match self {
            Self::Release { to, from } => {
                let mut config = present.clone();
                let releases = config.releases.clone();
                let change = |fleet: &mut Fleet| {
                    for host in fleet.hosts.iter_mut().filter(|host| moves_to(host, *to, *from)) {
                        change(host, *to, &releases);
                    }
                };
                change(&mut config.fleet);
                config.targets.iter_mut().for_each(|target| change(Arc::make_mut(&mut target.fleet)));
                Ok((config, *to))
            }
            Self::Fleet(config) => {
                let builds =
                    |config: &Config| -> Vec<Build> { windows(config).map(|(_, version)| version.build).collect() };
                let (old, new) = (builds(present), builds(config));
                let added = new.iter().filter(|build| !old.contains(build)).max();
                let to = added.or_else(|| new.iter().max()).copied();
                Ok((Config::clone(config), to.ok_or(NothingMoves { to: None })?))
            }
        }
    }

    /// Whether a host moves.
    fn moves(&self, host: &Host, future: &Config, to: Build) -> bool {
        match self {
            Self::Release { from, .. } => moves_to(host, to, *from),
            Self::Fleet(_) => {
                let stays = |other: &Host, build: Build| {
                    host.is_of(build) && other.orchestrator_or_docker() == host.orchestrator_or_docker()
                };
                host.windows().is_some() && !windows(future).any(|(other, version)| stays(other, version.build))
            }
        }
    }
}

fn windows(config: &Config) -> impl Iterator<Item = (&Host, OsVersion)> {
    let hosts = config.fleets().flat_map(|fleet| &fleet.fleet.hosts);
    hosts.filter_map(|host| Some((host, host.windows()?)))
}

/// Whether a host moves: one of the release asked for, or a server of any older one.
fn moves_to(host: &Host, to: Build, from: Option<Build>) -> bool {
    host.windows().is_some_and(|version| match from {
        Some(from) => version.build == from && from != to,
        None => version.build < to && host.kind == HostKind::Server,
    })
}

/// The same host on another release: labels that name the old one name the new one.
fn change(host: &mut Host, to: Build, releases: &Releases) {
    let Some(old) = host.windows() else { return };
    host.os = HostOs::Windows(OsVersion { build: to, revision: None });
    for (key, value) in host.labels.iter_mut().chain(&mut host.engine_labels) {
        let names_it = node_label::build_of(key, value, releases).is_some_and(|it| it.build == old.build);
        let new = || node_label::value_of(key, to, releases).or_else(|| respelled(value, old.build, to, releases));
        if let Some(new) = names_it.then(new).flatten() {
            *value = new;
        }
    }
}

/// The hosts that move, in the order of the fleets.
pub(super) fn moves(present: &Config, future: &Config, next: &Next, to: Build, sources: &Sources) -> Vec<HostMove> {
    let of = |host: &Host, fleet: &str, id| {
        let from = host.windows().filter(|_| next.moves(host, future, to))?;
        Some(HostMove {
            name: host.name.clone(),
            fleet: Some(fleet.to_owned()).filter(|name| !name.is_empty()),
            id,
            span: host.os_span,
            orchestrator: host.orchestrator,
            count: host.count,
            from,
            is_declared: host.places.name.is_some() && sources.get(host.os_span.source).is_some(),
        })
    };
    let fleets = present.fleets();
    let all = fleets.flat_map(|fleet| {
        let name = fleet.name.unwrap_or_default();
        fleet.fleet.numbered().filter_map(move |(id, host)| of(host, name, (fleet.id, id))).collect::<Vec<_>>()
    });
    all.collect()
}

/// The first day on which something ends for the hosts that move and has not ended yet; where all has, the last that did.
pub(super) fn deadline(present: &Config, hosts: &[HostMove], today: Date) -> Option<Deadline> {
    let mut days: Vec<Deadline> = Vec::new();
    let mut add = |date: Date, why: String, sources: &[&'static str]| {
        let days_left = date.day_number() - today.day_number();
        days.push(Deadline { date, days_left, why, sources: sources.to_vec() });
    };
    for host in hosts {
        let (fleet, id) = host.id;
        let host = present.fleet(fleet).and_then(|fleet| fleet.fleet.host(id));
        let Some(support) = host.and_then(|host| Support::of(host, &present.releases)) else { continue };
        let title = &support.release.title;
        if let Some(own) = support.release.host_end {
            let (of, verb) = (support.release.host_sources, if own < today { "ended" } else { "ends" });
            add(own, format!("Microsoft's support of {title} {verb}"), of);
        }
        if let Some(it) = support.retirement {
            let (platform, past) = (it.platform.title(), it.end < today);
            add(it.end, format!("{platform} {} {title}", if past { "retired" } else { "retires" }), it.sources);
            if let Some(day) = it.images_deleted {
                let verb = if day < today { "deleted" } else { "deletes" };
                add(day, format!("{platform} {verb} the node images of {title}"), it.sources);
            }
        }
    }
    days.sort_by_key(|it| it.date);
    let ahead = days.iter().position(|it| it.days_left >= 0);
    ahead.or(days.len().checked_sub(1)).and_then(|place| days.into_iter().nth(place))
}

impl Plan {
    /// The releases that the hosts leave, the oldest first.
    pub fn from(&self) -> Vec<Build> {
        let mut from: Vec<_> = self.hosts.iter().map(|host| host.from.build).collect();
        from.sort_unstable();
        from.dedup();
        from
    }
}
