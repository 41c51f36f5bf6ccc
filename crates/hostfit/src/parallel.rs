//! Work on several threads, whose results have the order of what they were made of.

use std::{
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// How many threads work: as many as are asked for, or as there are cores.
fn threads(jobs: Option<u16>) -> usize {
    jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// What `one` makes of each item and its place, in their order. Where the system gives no more threads, fewer do the work.
pub(crate) fn map<I: Sync, T: Send>(jobs: Option<u16>, items: &[I], one: impl Fn((usize, &I)) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut made = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(place) else { return made };
            made.push((place, one((place, item))));
        }
    };
    let mut made = thread::scope(|scope| {
        let others =
            (1..threads(jobs).min(items.len())).map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok());
        let others: Vec<_> = others.collect();
        // This thread takes part, so that memory which it gives back later can be used again.
        let mut made = work();
        for other in others {
            made.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        made
    });
    made.sort_unstable_by_key(|(place, _)| *place);
    made.into_iter().map(|(_, made)| made).collect()
}

/// Does each of so many parts of some work once.
pub(crate) fn each(jobs: Option<u16>, parts: usize, work: &(dyn Fn(usize) + Sync)) {
    map(jobs, &vec![(); parts], |(part, ())| work(part));
}
