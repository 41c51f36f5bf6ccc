//! Work in parts that do not wait for each other. The core starts no threads; who calls it may.

use std::sync::{Mutex, PoisonError};

/// Does work that has so many parts: each of them once, in any order.
pub type Workers<'w> = &'w dyn Fn(usize, &(dyn Fn(usize) + Sync));

/// Does one part after the other.
pub fn one_by_one(parts: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..parts).for_each(work);
}

/// So many items that take little each are one part of the work.
pub(crate) const AT_A_TIME: usize = 64;

/// Changes each item.
pub(crate) fn change<I: Send>(workers: Workers<'_>, items: &mut [I], change: impl Fn(&mut I) + Sync) {
    let parts: Vec<_> = items.chunks_mut(AT_A_TIME).map(Mutex::new).collect();
    workers(parts.len(), &|part| {
        if let Some(part) = parts.get(part) {
            part.lock().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(&change);
        }
    });
}

/// What is made of each item, in their order.
pub(crate) fn map<'i, I: Sync, T: Send>(
    workers: Workers<'_>,
    items: &'i [I],
    make: impl Fn(&'i I) -> T + Sync,
) -> Vec<T> {
    let places: Vec<_> = items.iter().map(|_| Mutex::new(None)).collect();
    workers(items.len(), &|part| {
        if let (Some(item), Some(place)) = (items.get(part), places.get(part)) {
            let new = make(item);
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(new);
        }
    });
    places.into_iter().filter_map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// The same of items that take little each.
pub(crate) fn map_small<'i, I: Sync, T: Send>(
    workers: Workers<'_>,
    items: &'i [I],
    make: impl Fn(&'i I) -> T + Sync,
) -> Vec<T> {
    let parts: Vec<_> = items.chunks(AT_A_TIME).collect();
    let several = map(workers, &parts, |part| part.iter().map(&make).collect::<Vec<_>>());
    several.into_iter().flatten().collect()
}
