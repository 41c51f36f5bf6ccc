//! The hosts of several classes, which many findings name: put together once.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::{
    fleet::HostId,
    judge::{ClassId, Table},
};

/// Every set of hosts that a finding of one fleet has named.
#[derive(Debug, Default)]
pub(crate) struct HostSets {
    ids: Memo<Arc<[HostId]>>,
    words: Memo<Arc<str>>,
}

type Memo<V> = Mutex<FxHashMap<Box<[ClassId]>, V>>;

/// Of how many classes a set is kept: where a fleet has very many, hardly two findings name the same.
const MAX_CLASSES: usize = 64;

impl HostSets {
    /// The hosts of these classes, each once, in the order of the fleet.
    pub(super) fn ids(&self, table: &Table, classes: impl IntoIterator<Item = ClassId>) -> Arc<[HostId]> {
        remember(&self.ids, sorted(classes), |classes| {
            let mut ids: Vec<_> = classes.iter().flat_map(|class| table.hosts(*class)).copied().collect();
            ids.sort_unstable();
            // The classes of several orchestrators have hosts in common.
            ids.dedup();
            ids.into()
        })
    }

    /// What a message calls them, which is always worded in one way.
    pub(super) fn words(
        &self,
        table: &Table,
        classes: impl IntoIterator<Item = ClassId>,
        wording: impl FnOnce(&[HostId]) -> String,
    ) -> Arc<str> {
        let word = |classes: &[ClassId]| wording(&self.ids(table, classes.iter().copied())).into();
        remember(&self.words, sorted(classes), word)
    }
}

fn sorted(classes: impl IntoIterator<Item = ClassId>) -> Vec<ClassId> {
    let mut classes: Vec<_> = classes.into_iter().collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

fn remember<V: Clone>(memo: &Memo<V>, classes: Vec<ClassId>, make: impl FnOnce(&[ClassId]) -> V) -> V {
    let known = || memo.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known().get(classes.as_slice()) {
        return known.clone();
    }
    let new = make(&classes);
    if classes.len() <= MAX_CLASSES {
        known().insert(classes.into(), new.clone());
    }
    new
}
