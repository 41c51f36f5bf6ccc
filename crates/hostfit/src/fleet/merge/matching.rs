//! Which pool is which host of the file: by the name that a platform gives it, by its own name, or else by what it is.

use std::collections::{BTreeMap, BTreeSet};

use hostfit_core::{
    fleet::{self, Host},
    windows::OsVersion,
};

use super::serves;
use crate::fleet::{
    pool::{HostOs, Pool},
    provider::PoolName,
};

/// Who is who.
pub(super) struct Partners {
    /// The pool of each host.
    pub(super) of_hosts: Vec<Option<usize>>,
    /// Pools that have no host yet.
    pub(super) new: BTreeSet<usize>,
}

/// Finds for each host its pool. What fits several equally well is left alone, unless a label says that it is one pool.
pub(super) fn partners(hosts: &[Host], pools: &[Pool]) -> Partners {
    let own_names = hosts.iter().map(pool_name).collect();
    let mut matching = Matching { hosts, pools, own_names, partners: Partners::none(hosts.len(), pools.len()) };
    let by_name = groups(pools.iter().map(|pool| pool.name.as_str()));
    let names: Vec<_> = pools.iter().map(Pool::pool_name).collect();
    let by_label = groups(names.iter().map(|it| it.as_ref().map(|it| (it.by, it.name.as_str()))));
    let of = |group: Option<&Vec<usize>>| group.cloned().unwrap_or_default();
    let labelled = |host: usize, own: &[Option<PoolName>]| {
        of(own.get(host).and_then(Option::as_ref).and_then(|it| by_label.get(&Some((it.by, it.name.as_str())))))
    };
    let called = |host: usize| of(hosts.get(host).and_then(|it| by_name.get(it.name.as_str())));
    let is_named = |host: &Host, pool: &Pool| host.name == pool.name;
    let own = matching.own_names.clone();
    // Labels of people may part a pool; then names are but numbers.
    let is_like = |it: &Pair<'_>| is_version(it.host, it.pool, false) && carries_the_same(it.host, it.pool);
    matching.take(false, |host| labelled(host, &own), |it| it.is_of_pool && is_like(it));
    matching.take(true, |host| labelled(host, &own), |it| it.is_of_pool && is_named(it.host, it.pool));
    matching.take(false, |host| labelled(host, &own), |it| it.is_of_pool && is_version(it.host, it.pool, true));
    matching.take(true, |host| labelled(host, &own), |it| it.is_of_pool);
    matching.take(true, called, |it| !it.is_of_other);
    // Of those that no name joins there are few.
    let left: Vec<_> = matching.partners.new.iter().copied().collect();
    matching.take(false, |_| left.clone(), |it| !it.is_of_other && is_like(it));
    matching.partners
}

/// The places of equal things.
fn groups<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, Vec<usize>> {
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (place, key) in keys.enumerate() {
        groups.entry(key).or_default().push(place);
    }
    groups
}

impl Partners {
    fn none(hosts: usize, pools: usize) -> Self {
        Self { of_hosts: vec![None; hosts], new: (0..pools).collect() }
    }
}

/// A host and a pool that may belong together.
struct Pair<'p> {
    host: &'p Host,
    pool: &'p Pool,
    /// Whether the labels of both name one pool.
    is_of_pool: bool,
    /// Whether they name different pools.
    is_of_other: bool,
}

struct Matching<'m> {
    hosts: &'m [Host],
    pools: &'m [Pool],
    /// What the labels of the hosts say.
    own_names: Vec<Option<PoolName>>,
    partners: Partners,
}

impl Matching<'_> {
    /// Joins what fits. With `takes_first`, the first of several hosts or pools that fit is taken, else none.
    fn take(&mut self, takes_first: bool, candidates: impl Fn(usize) -> Vec<usize>, fits: impl Fn(&Pair<'_>) -> bool) {
        let mut found: Vec<(usize, Vec<usize>)> = Vec::new();
        let mut rivals: BTreeMap<usize, usize> = BTreeMap::new();
        for host in (0..self.hosts.len()).filter(|&host| self.partners.of_hosts.get(host) == Some(&None)) {
            let is_free = |pool: &usize| self.partners.new.contains(pool);
            let fits = |pool: &usize| self.pair(host, *pool).is_some_and(|pair| fits(&pair));
            let pools: Vec<_> = candidates(host).into_iter().filter(is_free).filter(fits).collect();
            for pool in &pools {
                *rivals.entry(*pool).or_default() += 1;
            }
            found.push((host, pools));
        }
        for (host, pools) in found {
            let mut free = pools.iter().copied().filter(|pool| self.partners.new.contains(pool));
            let (Some(pool), other) = (free.next(), free.next()) else { continue };
            let is_certain = other.is_none() && rivals.get(&pool).is_none_or(|rivals| *rivals < 2);
            if (takes_first || is_certain)
                && let Some(own) = self.partners.of_hosts.get_mut(host)
            {
                *own = Some(pool);
                self.partners.new.remove(&pool);
            }
        }
    }

    fn pair(&self, host: usize, pool: usize) -> Option<Pair<'_>> {
        let own_name = self.own_names.get(host)?.as_ref();
        let (host, pool) = (self.hosts.get(host)?, self.pools.get(pool)?);
        let imported = pool.pool_name();
        let both = own_name.zip(imported.as_ref());
        let pair = Pair {
            host,
            pool,
            is_of_pool: both.is_some_and(|(own, imported)| own.is(imported)),
            is_of_other: both.is_some_and(|(own, imported)| own.by == imported.by && !own.is(imported)),
        };
        let may_be = !pool.is_named_machine || host.name == pool.name;
        (may_be && serves(host, pool.orchestrator) && is_os(host, pool)).then_some(pair)
    }
}

/// The pool that the labels of a host name.
pub(super) fn pool_name(host: &Host) -> Option<PoolName> {
    PoolName::of(|key| host.labels.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str()))
}

fn is_os(host: &Host, pool: &Pool) -> bool {
    match (host.os, pool.os) {
        (fleet::HostOs::Linux, os) => os == Some(HostOs::Linux),
        (fleet::HostOs::Windows(_), os) => os != Some(HostOs::Linux),
    }
}

/// Whether their builds are the same, and with `exactly` their revisions too.
fn is_version(host: &Host, pool: &Pool, exactly: bool) -> bool {
    match (host.os, pool.os) {
        (fleet::HostOs::Windows(own), Some(HostOs::Windows(imported))) => {
            let revision = |it: OsVersion| it.revision.filter(|_| exactly);
            own.build == imported.build && revision(own) == revision(imported)
        }
        (fleet::HostOs::Linux, Some(HostOs::Linux)) => true,
        _ => false,
    }
}

/// Whether labels and taints are the same, as far as they are stated.
fn carries_the_same(host: &Host, pool: &Pool) -> bool {
    let labels = |imported: &Option<BTreeMap<String, String>>, own: &[(String, String)]| {
        imported.as_ref().is_none_or(|imported| {
            imported.len() == own.len() && own.iter().all(|(name, value)| imported.get(name) == Some(value))
        })
    };
    let taints = pool.taints.as_ref().is_none_or(|imported| {
        imported.len() == host.taints.len() && imported.iter().all(|taint| host.taints.contains(taint))
    });
    labels(&pool.labels, &host.labels) && labels(&pool.engine_labels, &host.engine_labels) && taints
}
