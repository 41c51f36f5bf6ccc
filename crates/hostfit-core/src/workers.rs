//! Work in parts that do not wait for each other. The core starts no threads; who calls it may.

use std::sync::{Mutex, PoisonError};

/// Does work that has so many parts: each of them once, in any order.
pub type Workers<'w> = &'w dyn Fn(usize, &(dyn Fn(usize) + Sync));

/// Does one part after the other.
pub fn one_by_one(parts: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..parts).for_each(work);
}

/// Does both, perhaps at a time.
pub(crate) fn both(workers: Workers<'_>, one: impl FnOnce() + Send, other: impl FnOnce() + Send) {
    let (one, other) = (Mutex::new(Some(one)), Mutex::new(Some(other)));
    workers(2, &|part| match part {
        0 => run(&one),
        _ => run(&other),
    });
}

fn run(work: &Mutex<Option<impl FnOnce()>>) {
    let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(work) = work {
        work();
    }
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
