//! Several questions at a time, and not too many to one registry.

use std::{
    collections::HashMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// What is left to be done, and what is being done for whom.
struct State<R> {
    /// Places of the items that wait, with whom they are for; the first of them last.
    waiting: Vec<(usize, String)>,
    busy: HashMap<String, usize>,
    done: Vec<Option<R>>,
}

/// Does `work` for all items, `limits.0` at a time and `limits.1` for the same `key`; gives the results in their order.
pub(crate) fn run<T: Sync, R: Send>(
    items: &[T],
    key: impl Fn(&T) -> String,
    limits: (usize, usize),
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let waiting: Vec<_> = items.iter().map(key).enumerate().rev().collect();
    let state = Mutex::new(State { waiting, busy: HashMap::new(), done: items.iter().map(|_| None).collect() });
    let freed = Condvar::new();
    let worker = || {
        while let Some((place, key)) = take(&state, &freed, limits.1.max(1)) {
            let result = items.get(place).map(&work);
            let mut state = lock(&state);
            if let (Some(slot), Some(result)) = (state.done.get_mut(place), result) {
                *slot = Some(result);
            }
            if let Some(busy) = state.busy.get_mut(&key) {
                *busy -= 1;
            }
            drop(state);
            freed.notify_all();
        }
    };
    thread::scope(|scope| {
        for _ in 0..limits.0.clamp(1, items.len().max(1)) {
            scope.spawn(worker);
        }
    });
    let state = state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.done.into_iter().flatten().collect()
}

fn lock<R>(state: &Mutex<State<R>>) -> MutexGuard<'_, State<R>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next item whose key is not too busy; waits for one. None when nothing waits any more.
fn take<R>(state: &Mutex<State<R>>, freed: &Condvar, per_key: usize) -> Option<(usize, String)> {
    let mut state = lock(state);
    loop {
        if state.waiting.is_empty() {
            return None;
        }
        let is_free = |(_, key): &(usize, String)| state.busy.get(key).is_none_or(|busy| *busy < per_key);
        if let Some(at) = state.waiting.iter().rposition(is_free) {
            let (place, key) = state.waiting.remove(at);
            *state.busy.entry(key.clone()).or_default() += 1;
            return Some((place, key));
        }
        state = freed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use super::*;

    #[test]
    fn all_is_done_in_order_and_no_key_has_too_many() {
        let items: Vec<usize> = (0..60).collect();
        let (now, most) = ([AtomicUsize::new(0), AtomicUsize::new(0)], [AtomicUsize::new(0), AtomicUsize::new(0)]);
        let work = |item: &usize| {
            let of = item % 2;
            let busy = now[of].fetch_add(1, Ordering::SeqCst) + 1;
            most[of].fetch_max(busy, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(2));
            now[of].fetch_sub(1, Ordering::SeqCst);
            item * 10
        };
        let done = run(&items, |item| (item % 2).to_string(), (8, 3), work);
        assert_eq!(done, items.iter().map(|it| it * 10).collect::<Vec<_>>());
        for most in most {
            assert_eq!(most.load(Ordering::SeqCst), 3, "so many at a time, and so few");
        }
    }

    #[test]
    fn nothing_to_do_is_done() {
        assert_eq!(run(&[], |_: &u8| String::new(), (8, 4), |_| 1), [0; 0]);
    }
}
