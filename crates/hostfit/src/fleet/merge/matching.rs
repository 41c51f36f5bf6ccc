//! Which pool is which host of the file: by name, or else by what it is.

use std::collections::{BTreeMap, BTreeSet};

use hostfit_core::{
    fleet::{self, Host},
    windows::OsVersion,
};

use super::serves;
use crate::fleet::{
    pool::{HostOs, Pool},
    provider::POOL,
};

/// Who is who.
pub(super) struct Partners {
    /// The pool of each host.
    pub(super) of_hosts: Vec<Option<usize>>,
    /// Pools that have no host yet.
    pub(super) new: BTreeSet<usize>,
}

/// Finds for each host its pool. What fits several equally well is left alone.
pub(super) fn partners(hosts: &[Host], pools: &[Pool]) -> Partners {
    let mut partners = Partners { of_hosts: vec![None; hosts.len()], new: (0..pools.len()).collect() };
    let pools_by_name: BTreeMap<_, _> = pools.iter().enumerate().map(|(it, pool)| (&pool.name, (it, pool))).collect();
    for (host, own) in hosts.iter().zip(&mut partners.of_hosts) {
        let named =
            pools_by_name.get(&host.name).filter(|(_, pool)| serves(host, pool.orchestrator) && is_os(host, pool));
        if let Some((pool, _)) = named {
            partners.new.remove(pool);
            *own = Some(*pool);
        }
    }
    // Of those that no name joins there are few.
    let ways: [fn(&Host, &Pool) -> bool; 3] = [
        |host, pool| is_of_pool(host, pool) && is_version(host, pool, true),
        is_of_pool,
        |host, pool| is_version(host, pool, false) && carries_the_same(host, pool),
    ];
    for fits in ways {
        let fits = |host: &Host, pool: &Pool| serves(host, pool.orchestrator) && is_os(host, pool) && fits(host, pool);
        let free: Vec<_> =
            partners.of_hosts.iter().enumerate().filter(|(_, pool)| pool.is_none()).map(|(it, _)| it).collect();
        for &place in &free {
            let Some(host) = hosts.get(place) else { continue };
            let of_pool = |pool: &usize| pools.get(*pool).is_some_and(|pool| fits(host, pool));
            let mut candidates = partners.new.iter().copied().filter(|pool| of_pool(pool));
            let (Some(pool), None) = (candidates.next(), candidates.next()) else { continue };
            let rivals = free.iter().filter(|&&other| partners.of_hosts.get(other) == Some(&None));
            let is_rival =
                |other: &&usize| hosts.get(**other).zip(pools.get(pool)).is_some_and(|(host, pool)| fits(host, pool));
            if rivals.filter(is_rival).count() > 1 {
                continue;
            }
            partners.new.remove(&pool);
            if let Some(own) = partners.of_hosts.get_mut(place) {
                *own = Some(pool);
            }
        }
    }
    partners
}

fn is_os(host: &Host, pool: &Pool) -> bool {
    match (host.os, pool.os) {
        (fleet::HostOs::Linux, os) => os == Some(HostOs::Linux),
        (fleet::HostOs::Windows(_), os) => os != Some(HostOs::Linux),
    }
}

/// Whether a provider calls their pool the same.
fn is_of_pool(host: &Host, pool: &Pool) -> bool {
    POOL.iter().any(|key| {
        let imported = pool.labels.as_ref().and_then(|labels| labels.get(*key));
        let own = host.labels.iter().find(|(name, _)| name == key).map(|(_, value)| value);
        imported.is_some() && imported == own
    })
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
    let labels = |imported: &Option<std::collections::BTreeMap<String, String>>, own: &[(String, String)]| {
        imported.as_ref().is_none_or(|imported| {
            imported.len() == own.len() && own.iter().all(|(name, value)| imported.get(name) == Some(value))
        })
    };
    let taints = pool.taints.as_ref().is_none_or(|imported| {
        imported.len() == host.taints.len() && imported.iter().all(|taint| host.taints.contains(taint))
    });
    labels(&pool.labels, &host.labels) && labels(&pool.engine_labels, &host.engine_labels) && taints
}
