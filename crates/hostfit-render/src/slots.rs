//! The entries of a mapping, by key. Almost every mapping of values has a handful, for which a `BTreeMap` takes room for eleven.

use std::{collections::BTreeMap, rc::Rc};

/// Up to so many stand in order in one block, whose end moves with each insertion.
const FEW: usize = 32;

/// Values by key, in the order of the keys.
#[derive(Clone, Debug)]
pub(crate) struct Slots<V> {
    /// All of them, unless `many` has any.
    few: Vec<(Rc<str>, V)>,
    many: BTreeMap<Rc<str>, V>,
}

impl<V> Default for Slots<V> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<V> Slots<V> {
    /// None yet, and room for as many as will come.
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self { few: if count > FEW { Vec::new() } else { Vec::with_capacity(count) }, many: BTreeMap::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.few.is_empty() && self.many.is_empty()
    }

    /// Where a key stands among few, or would stand.
    fn place(&self, key: &str) -> Result<usize, usize> {
        self.few.binary_search_by(|(own, _)| (**own).cmp(key))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        match self.place(key) {
            Ok(at) => self.few.get(at).map(|(_, value)| value),
            Err(_) => self.many.get(key),
        }
    }

    /// Puts a value in the place of what its key had.
    pub(crate) fn insert(&mut self, key: Rc<str>, value: V) {
        if !self.many.is_empty() {
            self.many.insert(key, value);
            return;
        }
        match self.place(&key) {
            Ok(at) => {
                if let Some((_, old)) = self.few.get_mut(at) {
                    *old = value;
                }
            }
            Err(at) if self.few.len() < FEW => self.few.insert(at, (key, value)),
            Err(_) => {
                self.many = std::mem::take(&mut self.few).into_iter().collect();
                self.many.insert(key, value);
            }
        }
    }

    pub(crate) fn remove(&mut self, key: &str) {
        match self.place(key) {
            Ok(at) => drop(self.few.remove(at)),
            Err(_) => drop(self.many.remove(key)),
        }
    }

    pub(crate) fn retain(&mut self, is_kept: impl Fn(&V) -> bool) {
        self.few.retain(|(_, value)| is_kept(value));
        self.many.retain(|_, value| is_kept(value));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &V)> {
        self.few.iter().map(|(key, value)| (key, value)).chain(&self.many)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.few.iter_mut().map(|(_, value)| value).chain(self.many.values_mut())
    }
}

impl<V> FromIterator<(Rc<str>, V)> for Slots<V> {
    fn from_iter<I: IntoIterator<Item = (Rc<str>, V)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut slots = Self::with_capacity(entries.size_hint().0);
        entries.for_each(|(key, value)| slots.insert(key, value));
        slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_a_btree_map_has() {
        let mut slots = Slots::default();
        let mut model = BTreeMap::new();
        let mut random = 7_u32;
        for round in 0..4000_u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Up to more than a few, and down again.
            let most = if round % 1000 < 500 { 100 } else { 20 };
            let key: Rc<str> = (random >> 16).rem_euclid(most).to_string().into();
            if random.is_multiple_of(3) {
                slots.remove(&key);
                model.remove(&key);
            } else {
                slots.insert(Rc::clone(&key), round);
                model.insert(Rc::clone(&key), round);
            }
            if round % 500 == 499 {
                slots.retain(|value| value % 2 == 0);
                model.retain(|_, value| *value % 2 == 0);
            }
            assert_eq!(slots.get(&key), model.get(&key));
            assert_eq!((slots.len(), slots.is_empty()), (model.len(), model.is_empty()));
            assert!(slots.iter().eq(&model), "{round}");
            assert!(slots.values_mut().map(|it| &*it).eq(model.values()), "{round}");
        }
    }

    #[test]
    fn those_that_are_given_out_of_order_are_sorted() {
        let keys = |count: u32| (0..count).rev().map(|it| (Rc::from(format!("{it:03}")), it)).collect::<Slots<_>>();
        for count in [0, 1, 3, 32, 33, 100] {
            assert!(keys(count).values().copied().eq(0..count), "{count}");
        }
    }
}
